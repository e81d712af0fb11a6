//! Oliver and Pharr from a file of curves: stiffness, hardness, frame compliance, drift and creep that were put in.

use std::fmt::Write as _;

use crate::common::Study;

/// Time, load and depth of one indent of a pyramid whose unloading has a known stiffness, with a hold at a tenth of the
/// load, drift and the compliance of a frame.
fn indent(drift: f64, frame: f64) -> String {
    let (peak, deepest, left, m) = (10e-3, 250e-9, 160e-9, 1.4);
    let mut out = String::from("t (s),P (mN),h (nm)\n");
    let mut add = |t: f64, p: f64, h: f64| {
        let _ = writeln!(out, "{t},{},{}", p * 1e3, (h + frame * p + drift * t) * 1e9);
    };
    let back = |p: f64| left + (deepest - left) * libm::pow(p / peak, 1.0 / m);
    (0..500)
        .for_each(|i| add(0.02 * f64::from(i), peak * (f64::from(i) / 500.0).powi(2), deepest * f64::from(i) / 500.0));
    (0..100).for_each(|i| add(10.0 + 0.05 * f64::from(i), peak, deepest));
    (0..450).for_each(|i| {
        let p = peak * (1.0 - f64::from(i) / 500.0);
        add(15.0 + 0.02 * f64::from(i), p, back(p));
    });
    (0..600).for_each(|i| add(24.0 + 0.1 * f64::from(i), 0.1 * peak, back(0.1 * peak)));
    out
}

#[test]
fn hardness_modulus_and_drift() {
    let study = Study::new();
    study.write("i.csv", indent(0.05e-9, 3e-7)).definition(
        "[pipeline]\nname = \"s\"\n[sample.A]\ncurves = { path = \"i.csv\", columns = { time = \"t (s)\", load = \"P (mN)\", depth = \"h (nm)\" } }\n\
         [stage.op]\nrun = \"indentation\"\ninput = \"curves\"\nmodel = \"oliver-pharr\"\ncontact_point = \"zero\"\ndrift = \"hold\"\n\
         frame_compliance = \"0.3 nm/mN\"\npoisson = 0.35\n",
    );
    study.run(&[]).exits(0);
    let row = &study.table("op.points")[0];
    let cell = |c: &str| row[c].parse::<f64>().unwrap();
    // S = m P/(h_m − h_f); h_c = h_m − 0.75 P/S; A = 24.5 h_c²; E_r = √π S/(2β√A).
    let s = 1.4 * 10e-3 / 90e-9;
    let hc = 250e-9 - 0.75 * 10e-3 / s;
    let area = 24.5 * hc * hc;
    let er = std::f64::consts::PI.sqrt() / (2.0 * 1.034) * s / area.sqrt();
    assert!((cell("drift [m/s]") / 0.05e-9 - 1.0).abs() < 1e-6);
    for (column, want) in [("stiffness [N/m]", s), ("hardness [Pa]", 10e-3 / area), ("modulus [Pa]", er)] {
        assert!((cell(column) / want - 1.0).abs() < 1e-4, "{column}: {} {want}", cell(column));
    }
    // The indenter's share taken out: 1/E_r = 1/M + 1/M_i, E = M(1 − ν²).
    let diamond = 1141e9 / (1.0 - 0.07 * 0.07);
    let young = (1.0 - 0.35 * 0.35) / (1.0 / er - 1.0 / diamond);
    assert!((cell("young [Pa]") / young - 1.0).abs() < 1e-4);
}
