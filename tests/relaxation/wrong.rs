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
    study.run(&[]).exits(0);
    // A Debye loss far below its peak is a straight line, which fixes neither time nor strength.
    assert!(codes(&study).contains(&"peak-outside".to_string()), "{:?}", codes(&study));
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

/// E′ and E″ against T of one frequency, in units of the caller's choice.
fn dma(shift: f64, keep: impl Fn(f64) -> bool) -> String {
    let phantom = softspot::phantom::Loss { frequencies: vec![1.0], ..softspot::phantom::Loss::default() };
    let mut out = String::from("T,s,l\n");
    for line in phantom.csv().unwrap().lines().skip(1) {
        let v: Vec<f64> = line.split(',').map(|v| v.parse().unwrap()).collect();
        if keep(v[1]) {
            let _ = writeln!(out, "{},{},{}", v[1] + shift, v[2], v[3]);
        }
    }
    out
}

fn peaks(file: &str) -> Study {
    let study = Study::new();
    study.write("d.csv", file).definition(
        "[pipeline]\nname = \"s\"\n[sample.A]\ntg = \"461 K\"\nd = { path = \"d.csv\", columns = { temperature = { name = \"T\", unit = \"K\" }, storage = { name = \"s\", unit = \"MPa\" }, loss = { name = \"l\", unit = \"MPa\" } } }\n[stage.x]\nrun = \"spectrum-peaks\"\ninput = \"d\"\n",
    );
    study
}

#[test]
fn temperatures_in_another_unit_and_gaps_are_named() {
    let study = peaks(&dma(0.0, |_| true));
    study.run(&[]).exits(0);
    assert!(!codes(&study).iter().any(|c| c == "tg-far-off" || c == "gaps"), "{:?}", codes(&study));
    // Degrees Celsius named K put T_α at half of T_g.
    let study = peaks(&dma(-273.15, |_| true));
    study.run(&[]).exits(0).says(&["T_g of this sample", "look like °C named K"]);
    let study = peaks(&dma(273.15, |_| true));
    study.run(&[]).exits(0).says(&["look like K named °C"]);
    // The β peak was left out of the run.
    let study = peaks(&dma(0.0, |t| !(330.0..380.0).contains(&t)));
    study.run(&[]).exits(0).says(&["no points from 329.5 to 380.0 K"]);
    // Of an α peak measured too coarsely T_α stays, and what needs its flank says why it is missing.
    let study = peaks(&dma(0.0, |t| !(455.0..=490.0).contains(&t)));
    study.run(&[]).exits(0).says(&["fewer than 5 points between 15 and 60 %"]);
    assert!((study.number("A", "x", "t_alpha") - 490.0).abs() < 6.0);
    assert!(study.row("A", "x", "beta_intensity")["value"].is_empty());
}

#[test]
fn a_frequency_under_the_name_of_the_other_is_refused() {
    for (header, role, remedy) in [
        ("f (Hz)", "angular_frequency", "write frequency = \"f (Hz)\""),
        ("w (rad/s)", "frequency", "write angular_frequency = \"w (rad/s)\""),
    ] {
        let file = loss(grid(60).map(|w| (w, debye(w, 1.0)))).replace("w,l", &format!("{header},l (Pa)"));
        let columns = format!("{role} = \"{header}\", loss = \"l (Pa)\"");
        with(&file, &columns, "run = \"spectrum-fit\"\nmodel = \"debye\"\n").run(&[]).exits(1).says(&[remedy]);
    }
}

#[test]
fn laws_of_activation_say_what_they_need() {
    let table = |rows: &[(f64, f64)]| {
        let mut out = String::from("q,T\n");
        rows.iter().for_each(|(q, t)| {
            let _ = writeln!(out, "{q},{t}");
        });
        out
    };
    let heating = "heating_rate = { name = \"q\", unit = \"K/min\" }, temperature = { name = \"T\", unit = \"K\" }";
    let frequency = "frequency = { name = \"q\", unit = \"Hz\" }, temperature = { name = \"T\", unit = \"K\" }";
    let rising = table(&[(1.0, 480.0), (4.0, 490.0), (16.0, 500.0), (64.0, 511.0), (256.0, 522.0)]);
    with(&rising, heating, "run = \"arrhenius\"\n").run(&[]).exits(1).says(&["law = \"kissinger\""]);
    with(&rising, frequency, "run = \"arrhenius\"\nlaw = \"kissinger\"\n")
        .run(&[])
        .exits(1)
        .says(&["heating_rate column"]);
    // Peaks that somebody else found, with no error of their own.
    let study = with(&rising, frequency, "run = \"arrhenius\"\npeak = \"alpha\"\n");
    study.run(&[]).exits(0);
    assert!(study.number("A", "x", "e_alpha") > 200e3);
    // Three points have no law of three parameters, and falling ones no activation: missing, with the reason.
    for (rows, says) in [
        (table(&[(1.0, 480.0), (4.0, 490.0), (16.0, 500.0)]), "need at least 4"),
        (table(&[(1.0, 520.0), (4.0, 510.0), (16.0, 500.0), (64.0, 490.0)]), "not thermally activated"),
    ] {
        let study = with(&rows, frequency, "run = \"arrhenius\"\nlaw = \"vft\"\n");
        study.run(&[]).exits(0);
        let row = study.row("A", "x", "fragility");
        assert!(row["value"].is_empty() && row["note"].contains(says), "{row:?}");
    }
}

#[test]
fn two_inputs_share_a_spectrum_where_they_can() {
    // One relaxation modulus by its decay, at short times, and by its moduli, at low frequencies: peaks of both windows.
    let truth = [(0.02, 1e8), (200.0, 3e8)];
    let mut time = String::from("t,e\n");
    (0..80).for_each(|i| {
        let t = 1e-3 * libm::pow(1e4, f64::from(i) / 79.0);
        let e: f64 = truth.iter().map(|(tau, m)| m * libm::exp(-t / tau)).sum();
        let _ = writeln!(time, "{t},{}", 5e8 + e);
    });
    let mut sweep = String::from("w,s,l\n");
    (0..60).for_each(|i| {
        let w = 1e-5 * libm::pow(1e5, f64::from(i) / 59.0);
        let part = |tau: f64, m: f64| {
            (m * (w * tau).powi(2) / (1.0 + (w * tau).powi(2)), m * w * tau / (1.0 + (w * tau).powi(2)))
        };
        let (s, l) = truth.iter().map(|(tau, m)| part(*tau, *m)).fold((5e8, 0.0), |a, p| (a.0 + p.0, a.1 + p.1));
        let _ = writeln!(sweep, "{w},{s},{l}");
    });
    let definition = |role: &str| {
        format!(
            "[pipeline]\nname = \"s\"\n[sample.A]\nd = {{ path = \"d.csv\", columns = {{ time = {{ name = \"t\", unit = \"s\" }}, {role} = {{ name = \"e\", unit = \"{}\" }} }} }}\nw = {{ path = \"w.csv\", columns = {{ angular_frequency = {{ name = \"w\", unit = \"rad/s\" }}, storage = {{ name = \"s\", unit = \"Pa\" }}, loss = {{ name = \"l\", unit = \"Pa\" }} }} }}\n[stage.x]\nrun = \"relaxation-times\"\ninput = [\"d\", \"w\"]\nuncertainty = \"none\"\n",
            if role == "strain" { "" } else { "Pa" }
        )
    };
    let study = Study::new();
    study.write("d.csv", &time).write("w.csv", &sweep).definition(definition("modulus"));
    study.run(&[]).exits(0);
    assert_eq!(study.number("A", "x", "peaks"), 2.0);
    for (k, (tau, m)) in truth.into_iter().enumerate() {
        assert!((study.number("A", "x", &format!("tau_{}", k + 1)) / tau - 1.0).abs() < 0.02);
        assert!((study.number("A", "x", &format!("c_{}", k + 1)) / m - 1.0).abs() < 0.02);
    }
    assert!((study.number("A", "x", "relaxed_modulus") / 5e8 - 1.0).abs() < 1e-3);
    // A strain is no modulus.
    study.definition(definition("strain"));
    study.run(&[]).exits(1).says(&["where it is a relaxation modulus"]);
}

#[test]
fn states_of_several_ages_are_not_taken_for_one() {
    let mut file = String::from("a,t,e\n");
    for age in [1e3, 1e4] {
        (0..40).for_each(|i| {
            let t = libm::pow(10.0, 0.1 * f64::from(i));
            let _ = writeln!(file, "{age},{t},{}", libm::exp(-t / age));
        });
    }
    let columns = "ageing_time = { name = \"a\", unit = \"s\" }, time = { name = \"t\", unit = \"s\" }, strain = { name = \"e\", unit = \"\" }";
    for stage in ["stress-relaxation", "spectrum-fit"] {
        with(&file, columns, &format!("run = \"{stage}\"\n")).run(&[]).exits(1).says(&["holds 2 ageing times"]);
    }
    let study = with(&file, columns, "run = \"relaxation-times\"\nuncertainty = \"none\"\n");
    study.run(&[]).exits(0);
    assert!(study.number("A", "x", "tracks") >= 1.0);
}

#[test]
fn one_broad_process_is_the_null_of_several_peaks() {
    use softspot::num::random::Random;
    use softspot::relax::model::havriliak_negami;
    // A Cole–Davidson loss ends at an edge that smoothing splits; two times two decades apart are two. 1 % noise.
    let made = |of: &dyn Fn(f64) -> f64| {
        let mut r = Random::named("null", 3);
        loss(grid(100).map(|w| (w, 1e6 * of(w) * (1.0 + 0.01 * r.normal()))))
    };
    let edge = made(&|w| -havriliak_negami(w, 1.0, 0.4).im);
    let two = made(&|w| (debye(w, 0.1) + debye(w, 10.0)) / 1e6);
    for (file, said) in [(edge, "yes"), (two, "no")] {
        let study = with(&file, OMEGA, "run = \"relaxation-times\"\nuncertainty = \"none\"\n");
        study.run(&[]).exits(0);
        assert!(study.number("A", "x", "peaks") > 1.0);
        assert_eq!(study.row("A", "x", "one_process")["value"], said);
        assert_eq!(codes(&study).contains(&"one-process".to_string()), said == "yes");
    }
}

#[test]
fn records_with_little_in_them_come_to_an_end() {
    let columns = "time = { name = \"t\", unit = \"s\" }, stress = { name = \"s\", unit = \"Pa\" }";
    let drawn = "run = \"stress-relaxation\"\nsurrogates = 40\n[stage.fig]\nrun = \"figure\"\ninput = [\"x\", \"x.rate\"]\nplot = [\"transient\", \"rate\"]\n";
    let table = |rows: &[[f64; 2]]| rows.iter().fold(String::from("t,s\n"), |out, [t, s]| format!("{out}{t},{s}\n"));
    // A first step that is most of the record; eight points over four decades, of which no window of the rate holds six.
    let gap = (0..16).map(|i| {
        let t = if i == 0 { 0.1 } else { 99.0 + f64::from(i) };
        [t, 100.0 - t.sqrt() + 0.1 * libm::sin(f64::from(7 * i))]
    });
    let few = (0..8).map(|i| {
        let t = libm::exp10(0.5 * f64::from(i));
        [t, 100.0 * libm::exp(-libm::sqrt(t / 30.0)) + libm::sin(f64::from(5 * i))]
    });
    for rows in [gap.collect::<Vec<_>>(), few.collect()] {
        let study = with(&table(&rows), columns, drawn);
        let ran = study.run(&[]);
        assert!(!ran.err.contains("internal error") && !ran.err.contains("panicked"), "{}", ran.err);
        assert!(study.row("A", "x", "model_p")["metric"] == "model_p");
    }
    let flat: Vec<[f64; 2]> = (1..30).map(|i| [f64::from(i), 5.0]).collect();
    with(&table(&flat), columns, "run = \"stress-relaxation\"\n").run(&[]).exits(1).says(&["the record is constant"]);
}
