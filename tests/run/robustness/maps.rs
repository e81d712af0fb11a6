//! Maps that hold nothing, too little, or holes.

use crate::common::{LEVEL_AND_DIST, Ran, Row, Study, bad_input, fails_alone, field, map, two_samples};
use softspot::data::Map;
use softspot::io::write::{gsf, npy_map};

/// Every stage that takes a map.
const ALL: &str = r#"
[stage.mask]
run = "mask"
input = "frequency"
outliers = 6
scars = 5
[stage.filter]
run = "filter"
input = "frequency"
method = "gaussian"
sigma = "15 nm"
[stage.median]
run = "filter"
input = "frequency"
method = "median"
radius = 2
[stage.coarse]
run = "resample"
input = "frequency"
pixel = "20 nm"
[stage.level]
run = "level"
input = "frequency"
degree = [2, 2]
[stage.rows]
run = "level"
input = "frequency"
method = "rows"
degree = 1
[stage.cut]
run = "profile"
input = "frequency"
[stage.dist]
run = "distribution"
input = "frequency"
resamples = 40
[stage.corr]
run = "correlation"
input = "frequency"
noise = true
model = "auto"
resamples = 40
[stage.corr-rows]
run = "correlation"
input = "rows"
resamples = 40
[stage.fig]
run = "figure"
input = ["frequency", "dist", "cut", "corr"]
plot = ["map", "histogram", "profile", "structure-function"]
"#;

/// Runs every map stage on one map.
fn through_all(m: &Map) -> (Study, Ran) {
    let study = Study::new();
    let head = "[pipeline]\nname = \"s\"\n[sample.a]\nfrequency = { path = \"a.gsf\" }\n";
    let stages = ALL.replace("input = [\"frequency\", \"dist\"", "input = [\"frequency\", \"frequency\"");
    study.write("a.gsf", gsf(m)).definition(format!("{head}{stages}"));
    let ran = study.run(&[]);
    (study, ran)
}

/// Nothing crashed, every row has either a finite number, a text, or a reason.
#[track_caller]
fn is_sane(study: &Study, ran: &Ran) -> Vec<Row> {
    assert!(ran.status == 0 || ran.status == 1, "{}", ran.err);
    ran.says(&[]);
    let rows = study.rows();
    for r in &rows {
        assert!(!r["value"].is_empty() || !r["note"].is_empty(), "no value and no reason: {r:?}");
        for c in ["value", "ci_low", "ci_high", "n"] {
            let odd = ["nan", "inf", "-inf"].contains(&r[c].to_lowercase().as_str());
            assert!(!odd, "{r:?}");
        }
        assert!(!r["note"].contains("internal error"), "{r:?}");
    }
    rows
}

#[test]
fn maps_smaller_than_any_lag_range_give_reasons_and_no_crash() {
    for shape in [(1, 1), (1, 40), (40, 1), (2, 2), (3, 3), (5, 5)] {
        let m = map(shape, "Hz", |y, x| 1e6 + ((y * 7 + x * 13) % 11) as f64);
        let (study, ran) = through_all(&m);
        let rows = is_sane(&study, &ran);
        let mean = rows.iter().find(|r| r["stage"] == "dist" && r["metric"] == "mean");
        assert!(mean.is_some_and(|r| !r["value"].is_empty()), "{shape:?}: a mean can always be told\n{}", ran.err);
    }
}

#[test]
fn a_constant_map_has_a_mean_and_no_correlation_length() {
    let (study, ran) = through_all(&map((24, 24), "Hz", |_, _| 1e6));
    is_sane(&study, &ran);
    assert_eq!(study.number("a", "dist", "mean"), 1e6);
    assert_eq!(study.number("a", "dist", "std"), 0.0);
    let xi = study.row("a", "corr", "xi");
    assert!(xi["value"].is_empty() && xi["note"].contains("constant"), "{xi:?}");
}

#[test]
fn invalid_pixels_take_no_part_and_a_map_of_them_fails_alone() {
    let whole = field(48, 5);
    let mut holes = whole.clone();
    holes.values.iter_mut().step_by(7).for_each(|v| *v = f64::NAN);
    holes.values[[3, 3]] = f64::INFINITY;
    holes.values[[4, 4]] = f64::NEG_INFINITY;
    let (study, ran) = through_all(&holes);
    is_sane(&study, &ran);
    let valid: Vec<f64> = holes.values.iter().map(|v| f64::from(*v as f32)).filter(|v| v.is_finite()).collect();
    let mean = valid.iter().sum::<f64>() / valid.len() as f64;
    assert!((study.number("a", "dist", "mean") - mean).abs() < 1e-9 * mean, "neither NaN nor infinity counts");
    let mut few = whole.clone();
    few.values.iter_mut().enumerate().for_each(|(i, v)| {
        if i % 100 != 0 {
            *v = f64::NAN
        }
    });
    let (study, ran) = through_all(&few);
    is_sane(&study, &ran);
    let mut none = whole;
    none.values.fill(f64::NAN);
    bad_input("bad.gsf", &gsf(&none), "{ path = \"bad.gsf\" }", &["bad.gsf", "no valid value"]);
}

#[test]
fn huge_and_tiny_values_do_not_overflow() {
    for scale in [1e30, 1e-30] {
        let m = map((24, 24), "Hz", |y, x| scale * (1.0 + 0.1 * libm::sin((y * 5 + x * x) as f64)));
        let (study, ran) = through_all(&m);
        is_sane(&study, &ran);
    }
}

#[test]
fn the_length_in_metres_does_not_depend_on_the_shape_of_the_pixels() {
    // One isotropic field on square pixels, and every second of its columns on pixels twice as wide.
    let square = field(128, 11);
    let step = square.pixel.unwrap()[0];
    let values = ndarray::Array2::from_shape_fn((128, 64), |(y, x)| square.values[[y, 2 * x]]);
    let wide = Map { pixel: Some([step, 2.0 * step]), ..square.with_values(values) };
    let study = Study::new();
    study.write("good.gsf", gsf(&square)).write("bad.gsf", gsf(&wide));
    let stage = "[stage.corr]\nrun = \"correlation\"\ninput = \"frequency\"\nuncertainty = \"none\"\n";
    study.definition(two_samples("{ path = \"bad.gsf\" }").replace(LEVEL_AND_DIST, stage));
    study.run(&[]).exits(0);
    for metric in ["xi", "xi_fast", "xi_slow"] {
        let (a, b) = (study.number("good", "corr", metric), study.number("bad", "corr", metric));
        assert!((a / b - 1.0).abs() < 0.2 && (3e-8..1.2e-7).contains(&a), "{metric}: {a:e} and {b:e}");
    }
    let rows = study.table("corr");
    let fast = rows.iter().find(|r| r["sample"] == "bad" && r["direction"] == "fast" && r["lag"] == "3").unwrap();
    assert!((fast["r [m]"].parse::<f64>().unwrap() / (6.0 * step) - 1.0).abs() < 1e-6);
}

#[test]
fn a_map_without_pixel_size_says_how_to_give_it() {
    let study = Study::new();
    study.field("good.gsf", 1).write("bad.npy", npy_map(&field(48, 2)));
    let stage = "[stage.corr]\nrun = \"correlation\"\ninput = \"frequency\"\nuncertainty = \"none\"\n";
    study.definition(two_samples("{ path = \"bad.npy\", unit = \"Hz\" }").replace(LEVEL_AND_DIST, stage));
    let ran = study.run(&[]);
    fails_alone(&study, &ran, &["no pixel size", "pixel = [", "row step, column step"]);
    // What needs no length is still told.
    study.definition(two_samples("{ path = \"bad.npy\", unit = \"Hz\" }"));
    study.run(&[]).exits(0);
    assert!(study.number("bad", "dist", "span") > 0.0);
}

#[test]
fn a_topography_is_no_contact_resonance() {
    let study = Study::new();
    study.field("good.gsf", 1).write("bad.gsf", gsf(&map((16, 16), "m", |y, x| 1e-9 * (y + x) as f64)));
    let stage = "[stage.contact]\nrun = \"contact-resonance\"\ninput = \"frequency\"\nfree_frequency = \"300 kHz\"\n\
                 spring_constant = \"40 N/m\"\nreference = { frequency = \"1.1 MHz\", modulus = \"76 GPa\" }\n\
                 [stage.dist]\nrun = \"distribution\"\ninput = \"contact\"\nuncertainty = \"none\"\n";
    study.definition(two_samples("{ path = \"bad.gsf\" }").replace(LEVEL_AND_DIST, stage));
    // Units are checked across stages before anything runs.
    study.check().exits(2).says(&["sample `bad`", "`frequency` has `m`", "takes Hz", "input = \"frequency\""]);
    let ran = study.run(&[]);
    fails_alone(&study, &ran, &["in `m`", "not a frequency"]);
    // A frequency below the free one is no contact resonance either.
    study.write("bad.gsf", gsf(&map((16, 16), "Hz", |_, x| 2e5 + x as f64)));
    let ran = study.run(&[]);
    fails_alone(&study, &ran, &["check mode and free frequency"]);
}
