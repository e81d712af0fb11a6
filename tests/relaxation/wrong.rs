//! Columns, units and windows that cannot be: an error or a missing value with the reason, or a warning that names it.

use std::fmt::Write as _;

use crate::common::Study;

fn loss(rows: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut out = String::from("w,l\n");
    rows.into_iter().for_each(|(w, l)| {
        let _ = writeln!(out, "{w},{l}");
    });
    out
}

fn debye(w: f64, tau: f64) -> f64 {
    1e6 * w * tau / (1.0 + w * w * tau * tau)
}

fn grid(n: usize) -> impl Iterator<Item = f64> {
    (0..n).map(move |i| libm::exp10(-3.0 + 6.0 * i as f64 / (n - 1) as f64))
}

fn with(file: &str, columns: &str, stage: &str) -> Study {
    let study = Study::new();
    study.write("d.csv", file).definition(format!(
        "[pipeline]\nname = \"s\"\n[sample.A]\nd = {{ path = \"d.csv\", columns = {{ {columns} }} }}\n[stage.x]\ninput = \"d\"\n{stage}"
    ));
    study
}

const OMEGA: &str = "angular_frequency = { name = \"w\", unit = \"rad/s\" }, loss = { name = \"l\", unit = \"Pa\" }";

fn codes(study: &Study) -> Vec<String> {
    let record = study.record();
    record["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap().to_string()).collect()
}

#[test]
fn points_that_cannot_be_are_left_out_and_said() {
    // Negative and missing moduli, a frequency twice, no order.
    let mut rows: Vec<(f64, f64)> = grid(60).map(|w| (w, debye(w, 1.0))).collect();
    rows.swap(3, 40);
    rows.push(rows[10]);
    rows[20].1 = -5.0;
    rows[21].1 = 0.0;
    let study = with(&loss(rows), OMEGA, "run = \"spectrum-fit\"\nmodel = \"debye\"\n");
    study.run(&[]).exits(0);
    assert!((study.number("A", "x", "tau") - 1.0).abs() < 1e-6);
    for code in ["invalid-points", "unsorted", "duplicate-points"] {
        assert!(codes(&study).contains(&code.to_string()), "{code}");
    }
}

#[test]
fn too_little_to_determine_is_refused() {
    let few = loss(grid(5).map(|w| (w, debye(w, 1.0))));
    let none = loss(grid(20).map(|w| (w, -1.0)));
    for (file, stage, says) in [
        (&few, "run = \"spectrum-fit\"\n", "no temperature has 6 frequencies"),
        (&few, "run = \"relaxation-times\"\n", "no temperature has 6 frequencies"),
        (&none, "run = \"relaxation-times\"\n", "20 left out"),
        (
            &loss(grid(7).map(|w| (w, debye(w, 1.0)))),
            "run = \"spectrum-fit\"\nprocesses = 3\n",
            "do not determine 3 processes",
        ),
        (&loss(grid(30).map(|w| (w, debye(w, 1.0)))), "run = \"stress-relaxation\"\n", "no time column"),
        (&loss(grid(30).map(|w| (w, debye(w, 1.0)))), "run = \"master-curve\"\n", "needs a temperature column"),
        (&loss(grid(30).map(|w| (w, debye(w, 1.0)))), "run = \"quasi-point-defects\"\n", "storage and loss modulus"),
        (&loss(grid(30).map(|w| (w, debye(w, 1.0)))), "run = \"ageing\"\nmodel = \"double-well\"\n", "τ_β and G″max"),
    ] {
        with(file, OMEGA, stage).run(&[]).exits(1).says(&[says]);
    }
}

#[test]
fn parameters_that_make_no_sense_are_refused_before_anything_runs() {
    let file = loss(grid(30).map(|w| (w, debye(w, 1.0))));
    for (stage, says) in [
        ("run = \"spectrum-fit\"\nmodel = \"cole-davison\"\n", "models: debye, cole-cole, cole-davidson"),
        ("run = \"spectrum-fit\"\nprocesses = 0\n", "1 to 5 processes"),
        ("run = \"relaxation-times\"\nrange = [\"10 s\", \"1 s\"]\n", "the shorter first"),
        ("run = \"relaxation-times\"\nrange = [\"10 Hz\", \"1 s\"]\n", "not a time"),
        ("run = \"relaxation-times\"\nrule = \"magic\"\n", "magic"),
        (
            "run = \"relaxation-times\"\nstz = { poisson = 0.6, shear_modulus = \"19 GPa\", atomic_volume = \"16.6e-30 m^3\", temperature = \"298 K\", attempt_frequency = \"1e13 Hz\" }\n",
            "no Poisson's ratio",
        ),
        ("run = \"stress-relaxation\"\nzero_time = \"-1 s\"\n", "a time from 0 on"),
        ("run = \"stress-relaxation\"\nzero_time = \"free\"\n", "\\\"fitted\\\""),
    ] {
        let ran = with(&file, OMEGA, stage).check();
        ran.exits(2);
        assert!(ran.err.contains(&says.replace('\\', "")), "{stage}: {}", ran.err);
    }
}

#[test]
fn windows_that_do_not_cover_the_process_are_said() {
    // The peak lies three decades beyond the frequencies.
    let file = loss(grid(60).map(|w| (w, debye(w, 1e-6))));
    let study = with(&file, OMEGA, "run = \"spectrum-fit\"\nmodel = \"debye\"\n");
    study.run(&[]);
    let said = study.text("results.csv").contains("end of its interval")
        || codes(&study).iter().any(|c| c == "peak-outside" || c == "parameter-at-bound");
    assert!(said, "{:?}", codes(&study));
    let study = with(&file, OMEGA, "run = \"relaxation-times\"\nuncertainty = \"none\"\n");
    study.run(&[]).exits(0);
    assert!(codes(&study).contains(&"peak-at-edge".to_string()) || study.number("A", "x", "peaks") == 0.0);
    // A drift looks like a slow process: named at the edge, gone when it is asked for.
    let mut drift = String::from("t,e\n");
    (0..200).for_each(|i| {
        let t = libm::exp10(4.0 * f64::from(i) / 199.0);
        let _ = writeln!(drift, "{t},{}", 0.02 + 0.01 * libm::exp(-t / 30.0) - 2e-7 * t);
    });
    let columns = "time = { name = \"t\", unit = \"s\" }, strain = { name = \"e\", unit = \"\" }";
    let study = with(&drift, columns, "run = \"relaxation-times\"\nuncertainty = \"none\"\n");
    study.run(&[]).exits(0).says(&["drift = true"]);
    let study = with(&drift, columns, "run = \"relaxation-times\"\nuncertainty = \"none\"\ndrift = true\n");
    study.run(&[]).exits(0);
    assert!((study.number("A", "x", "drift") / -2e-7 - 1.0).abs() < 0.05);
    assert!((study.number("A", "x", "tau_1") / 30.0 - 1.0).abs() < 0.05);
}

#[test]
fn time_zero_and_repeated_loadings() {
    // S3 §7: fitted as if it began at 0, the decay of τ = 30 s reads more than 39 s; the warning says why.
    let mut file = String::from("t,s\n");
    (1..=150).for_each(|t| {
        let _ = writeln!(file, "{},{}", 6 * t, 1e8 * libm::exp(-((f64::from(6 * t) + 9.0) / 30.0).sqrt()));
    });
    let columns = "time = { name = \"t\", unit = \"s\" }, stress = { name = \"s\", unit = \"Pa\" }";
    let study = with(&file, columns, "run = \"stress-relaxation\"\nbaseline = false\n");
    study.run(&[]).exits(0).says(&["time zero"]);
    assert!(study.number("A", "x", "kww_tau") > 39.0);
    let study = with(&file, columns, "run = \"stress-relaxation\"\nbaseline = false\nzero_time = \"fitted\"\n");
    study.run(&[]).exits(0);
    assert!((study.number("A", "x", "kww_tau") / 30.0 - 1.0).abs() < 0.01);
    assert!((study.number("A", "x", "zero_time") - 9.0).abs() < 0.2);
    assert!(study.row("A", "x", "reversibility")["value"].is_empty());
}
