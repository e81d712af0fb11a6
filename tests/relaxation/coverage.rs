//! Do intervals hold the truth as often as they say, and are numbers as near as that? Trials of the program's own settings.

use super::common::calibrated::{answers, calibrated, estimate, finds, holds};
use super::common::many;

/// β processes from 340 to 405 K at 0.3, 1 and 3 % noise. `spectrum-peaks` 2 gave a shoulder an intensity 28 % too small whose
/// interval held the truth in none, and a temperature 5.6 % too low; 3 held T_β in 89 % at 0.3 % noise.
#[test]
fn heights_and_places_of_beta_processes() {
    let c = calibrated("spectrum-peaks", many(6, 200));
    c.outcomes.iter().for_each(holds);
    for o in c.outcomes.iter().filter(|o| o.setting.contains("β peaks") || o.setting.contains("shoulders")) {
        let (place, height) = (estimate(o, "t_beta"), estimate(o, "beta_intensity"));
        assert!(place.bias[0].abs() < 0.003 && height.bias[0].abs() < 0.03, "{}: {place:?} {height:?}", o.setting);
        // At 3 % noise no fit tells two fifths of them apart, and they have no number.
        assert!(5 * height.given.count > 2 * height.given.of, "{}: {height:?}", o.setting);
    }
    answers(c.outcomes.last().unwrap(), "beta_class", 0.95);
}

/// Six frequencies over a factor of 32. `arrhenius` 2 had intervals four times too wide at 3 % noise.
#[test]
fn energies_of_beta_processes() {
    let c = calibrated("arrhenius", many(16, 400));
    c.outcomes.iter().for_each(holds);
    for o in &c.outcomes {
        let e = estimate(o, "e_beta");
        assert!(e.bias[0].abs() < 0.01 && e.width < 2.5, "{}: {e:?}", o.setting);
    }
}

/// Relative noise and an instrument's floor. `spectrum-fit` 3 held τ, α, γ in 39 to 76 %, τ 9 to 14 % too long.
#[test]
fn processes_under_noise_with_a_floor() {
    let c = calibrated("spectrum-fit", many(60, 400));
    c.outcomes.iter().for_each(holds);
    for o in &c.outcomes {
        assert!(estimate(o, "tau").bias[0].abs() < 0.02, "{:?}", estimate(o, "tau"));
    }
}

/// Noise white or remembering: `stress-relaxation` 3 held τ, β and time zero in 47 to 62 %, and found a second step in 37 to
/// 42 %; of two steps whose rate has one maximum it gave a time without an interval.
#[test]
fn decays_of_one_step_and_of_two() {
    let c = calibrated("stress-relaxation", many(10, 400));
    c.outcomes.iter().for_each(holds);
    let [one, zero, two] = [0, 1, 2].map(|k| &c.outcomes[k]);
    answers(one, "step_class", 0.95);
    answers(zero, "step_class", 0.95);
    answers(two, "step_class", 0.9);
    finds(two, "model_p", 0.99);
}

/// Two and three single times in a recovery.
#[test]
fn peaks_of_relaxation_times() {
    let c = calibrated("relaxation-times", many(4, 200));
    c.outcomes.iter().for_each(holds);
    c.outcomes.iter().for_each(|o| answers(o, "peaks", 0.95));
}
