//! Trials of known truth, as `softspot calibrate` makes them, held against what is promised.

use softspot::calibrate::score::{Estimate, Measure, Share};
use softspot::calibrate::{Calibration, Outcome, Trials, calibrate, own_settings, read};
use softspot::num::binomial::{at_least, at_most};
use softspot::num::work::Work;
use softspot::stage::find;

use super::many;

/// Chance by which what holds may fail here; the seed is fixed, and it is that of the page: these are its first trials.
const CHANCE: f64 = 0.001;

/// The program's own settings of a stage, with so many trials.
#[track_caller]
pub fn calibrated(stage: &str, n: usize) -> Calibration {
    let entry = find(stage).unwrap();
    let settings = read(own_settings(stage).unwrap(), entry).unwrap_or_else(|e| panic!("{e:#?}"));
    let scratch = tempfile::tempdir().unwrap();
    let done = calibrate(entry, &settings, Trials { n, seed: 0 }, &Work::quiet(), scratch.path()).unwrap();
    println!("{}", softspot::calibrate::page::chapter(&done));
    done
}

/// Asserts of every interval that it is not too narrow and of every true hypothesis that it is not rejected too often: of few
/// trials at 95 and 5 %, of all (`SOFTSPOT_DEEP=1`) at 92 and 8 %.
#[track_caller]
pub fn holds(o: &Outcome) {
    assert!(o.failures.is_empty() && !o.scores.is_empty(), "{}: {:?}", o.setting, o.failures);
    let [covered, alarms] = [many(95, 92), many(5, 8)].map(|p| p as f64 / 100.0);
    for s in &o.scores {
        let likely = match &s.measure {
            Measure::Estimate(Estimate { covered: Share { count, of }, guide: false, .. }) if *of > 0 => {
                at_most(*count, *of, covered)
            }
            Measure::Test { hypothesis: true, low: Share { count, of } } if *of > 0 => at_least(*count, *of, alarms),
            _ => continue,
        };
        assert!(likely > CHANCE, "{}: {s:?}", o.setting);
    }
}

/// The score of a number.
#[track_caller]
pub fn estimate<'a>(o: &'a Outcome, of: &str) -> &'a Estimate {
    match &o.score(of).unwrap_or_else(|| panic!("{}: no {of}", o.setting)).measure {
        Measure::Estimate(e) => e,
        other => panic!("{of}: {other:?}"),
    }
}

/// Asserts that an answer is right in most trials: chance breaks it in 0.1 % at a true share of `share`.
#[track_caller]
pub fn answers(o: &Outcome, of: &str, share: f64) {
    match &o.score(of).unwrap_or_else(|| panic!("{}: no {of}", o.setting)).measure {
        Measure::Answer { right, .. } => {
            assert!(at_most(right.count, right.of, share) > CHANCE, "{}: {right:?}", o.setting)
        }
        other => panic!("{of}: {other:?}"),
    }
}

/// Asserts that a false hypothesis is rejected: chance breaks it in 0.1 % at a power of `power`.
#[track_caller]
pub fn finds(o: &Outcome, of: &str, power: f64) {
    match &o.score(of).unwrap_or_else(|| panic!("{}: no {of}", o.setting)).measure {
        Measure::Test { hypothesis: false, low } => {
            assert!(at_most(low.count, low.of, power) > CHANCE, "{}: {low:?}", o.setting);
        }
        other => panic!("{of}: {other:?}"),
    }
}
