//! The calibration: settings are read or refused with their place, trials are the same whatever their number, and what is
//! known to hold is said to hold.

use softspot::calibrate::score::Measure;
use softspot::calibrate::{Calibration, Outcome, Trials, calibrate, own_settings, read, stages};
use softspot::num::work::Work;
use softspot::stage::find;

use crate::common::{Study, softspot};

fn of(stage: &str, settings: &str, n: usize) -> Calibration {
    let entry = find(stage).unwrap();
    let settings = read(settings, entry).unwrap_or_else(|e| panic!("{e:#?}"));
    let scratch = tempfile::tempdir().unwrap();
    calibrate(entry, &settings, Trials { n, seed: 0 }, &Work::quiet(), scratch.path()).unwrap()
}

fn whole(o: &Outcome) {
    assert!(o.failures.is_empty() && !o.scores.is_empty(), "{}: {:?}", o.setting, o.failures);
}

#[test]
fn the_settings_that_come_with_the_program_are_read() {
    assert!(stages().count() > 10);
    for entry in stages() {
        let settings = read(own_settings(entry.doc.id).unwrap(), entry).unwrap_or_else(|e| panic!("{e:#?}"));
        assert!(!settings.is_empty());
    }
}

/// Those that take no long time are made once, whole.
#[test]
fn trials_go_through_their_stages() {
    for stage in ["indentation", "spectrum-fit", "orientation", "compare"] {
        of(stage, own_settings(stage).unwrap(), 2).outcomes.iter().for_each(whole);
    }
}

const SIMPLE: &str = "[[setting]]\nname = \"a\"\nsource = \"points\"\n\
    draw = { samples = [5, 9], rho = 0, error = [0.1, 0.5] }\n\
    [setting.stage.link]\nrun = \"link\"\ninput = \"given\"\npairs = [[\"given.x\", \"given.y\"]]\nresamples = 100\n";

/// p of permutations of samples without a correlation, n = 60: more than 9 below 0.05 have a chance of 0.2 % at 5 %.
#[test]
fn more_trials_extend_fewer_and_a_true_hypothesis_is_kept() {
    let key = |o: &Outcome| format!("{:?}", o.scores);
    let (few, same) = (of("link", SIMPLE, 20), of("link", SIMPLE, 20));
    assert_eq!(key(&few.outcomes[0]), key(&same.outcomes[0]));
    let many = of("link", SIMPLE, 60);
    let low = |c: &Calibration| match c.outcomes[0].score("spearman_p[given.x,given.y]").unwrap().measure {
        Measure::Test { hypothesis: true, low } => low,
        _ => panic!("no test"),
    };
    assert!(low(&few).of == 20 && low(&many).of == 60 && low(&few).count <= low(&many).count);
    assert!(low(&many).count <= 9, "{:?}", low(&many));
}

#[test]
fn wrong_settings_are_told_at_their_place() {
    let entry = find("link").unwrap();
    for (from, to, says) in [
        ("\"points\"", "\"point\"", "there is no source `point`"),
        ("samples = [5, 9]", "samples = [9, 5]", "`samples` runs from 9 to 5"),
        ("samples = [5, 9]", "sample = 5", "unknown field `sample`"),
        ("error = [0.1, 0.5]", "error = \"large\"", "a number, or two between which it is drawn"),
        ("name = \"a\"\n", "", "a setting without a name"),
        ("\"given\"", "\"gave\"", "there is no `gave`"),
        ("run = \"link\"", "run = \"compare\"", "no parameter `resamples`"),
        ("resamples = 100", "resample = 100", "no parameter `resample`"),
        ("[[setting]]", "[[settings]]", "unknown table `settings`"),
        ("[setting.stage.link]", "show = [\"spearmann\"]\n[setting.stage.link]", "has no metric `spearmann`"),
        ("[setting.stage.link]", "[setting.stage.given]", "a stage is named `given`"),
    ] {
        let text = SIMPLE.replace(from, to);
        assert_ne!(text, SIMPLE);
        let errors = read(&text, entry).err().unwrap_or_else(|| panic!("`{to}` is taken"));
        assert!(errors.iter().any(|d| d.message.contains(says)), "`{says}` is not said: {errors:#?}");
        assert!(errors.iter().any(|d| d.span.is_some() || !d.hints.is_empty()), "{errors:#?}");
    }
    let endless = "[[setting]]\nname = \"a\"\nsource = \"cascade\"\ndraw = { base = 2, levels = 3 }\n\
        [setting.stage.b]\nrun = \"box-counting\"\ninput = \"map\"\n";
    let errors = read(endless, find("box-counting").unwrap()).err().unwrap();
    assert!(errors[0].message.contains("take more levels"), "{errors:#?}");
    let none = read("", entry).err().unwrap();
    assert!(none[0].message.contains("no settings"));
}

#[test]
fn the_command_shows_settings_a_trial_and_a_chapter() {
    let study = Study::new();
    let list = softspot(&["calibrate", "link", "--list"]);
    list.exits(0);
    assert!(list.out.contains("[[setting]]") && list.out.contains("# Sources:"), "{}", list.out);
    study.write("mine.toml", SIMPLE).write("listed.toml", &list.out);
    let file = |name: &str| study.path(name).display().to_string();
    let chapter = softspot(&["calibrate", "link", "--settings", &file("mine.toml"), "--n", "4"]);
    chapter.exits(0);
    assert!(chapter.out.contains("## link") && chapter.out.contains("**a** (4 trials)"), "{}", chapter.out);
    let one = softspot(&["calibrate", "link", "--settings", &file("listed.toml"), "--trial", "2"]);
    one.exits(0);
    assert!(one.out.contains("trial 2") && one.out.contains("truth"), "{}", one.out);
    softspot(&["calibrate", "level"]).exits(2).says(&["there are no settings for `level`", "correlation"]);
    softspot(&["calibrate", "link", "--settings", &file("none.toml")]).exits(2).says(&["none.toml", "--list"]);
    softspot(&["calibrate", "all", "--list"]).exits(2).says(&["name one stage"]);
    softspot(&["calibrate", "link", "--n", "1"]).exits(2);
}
