//! Do the definitions of `tests/maps/real/` run on real instrument files, and do their numbers make sense?
//!
//! Uses the shared data folder beside the checkout (or `SOFTSPOT_SHARED`); says so and returns where it is absent.

use std::path::{Path, PathBuf};

use crate::common::many;
use softspot::data::Value;
use softspot::pipeline::Run;

fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("SOFTSPOT_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let data = root.join("data");
    if data.join("spm").is_dir() {
        return Some(data);
    }
    eprintln!("shared data absent: {}", data.display());
    None
}

/// Runs `tests/real/NAME.toml` on the shared data.
fn run_definition(name: &str, data: &Path, out: &Path) -> Run {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/maps/real/{name}.toml"));
    let mut overrides: Vec<String> = Vec::new();
    if name == "volume" && many(0, 1) == 0 {
        overrides
            .extend(["boxes", "pore-boxes", "pore-regions", "body-boxes"].map(|s| format!("stage.{s}.surrogates=0")));
    }
    crate::common::run_whole(&std::fs::read_to_string(file).unwrap(), data, &overrides, out)
}

fn number(run: &Run, sample: &str, stage: &str, metric: &str) -> f64 {
    let row = run.row(sample, stage, metric).unwrap_or_else(|| panic!("{sample} {stage} {metric}"));
    match row.metric.value {
        Value::Number(v) => v,
        _ => panic!("{sample} {stage} {metric}: {}", row.metric.note),
    }
}

/// Real dissipation: noise between scan lines draws regions out along them, far beyond any featureless field, and the
/// program says where that comes from.
#[test]
fn regions_of_a_real_dissipation_map() {
    let Some(data) = shared() else { return };
    let out = tempfile::tempdir().unwrap();
    let run = run_definition("dissipation", &data, &out.path().join("d"));
    let number = |stage: &str, metric: &str| number(&run, "pfqnm", stage, metric);
    assert!((number("top", "fraction") - 0.05).abs() < 1e-4 && number("top", "count") > 500.0);
    assert!(number("top", "aspect_ratio") > 1.5 * number("top", "aspect_ratio_null"));
    assert!(run.warnings.iter().any(|w| w.code == "along-scan-lines"), "{:#?}", run.warnings);
    // Whatever the law, regions three pixels long are no power law.
    assert_ne!(run.row("pfqnm", "law", "preferred").unwrap().metric.value, Value::Text("power-law".into()));
    let labels = out.path().join("d/data/pfqnm/top.labels.tif");
    let opened = softspot::io::open(&labels, None, &softspot::io::Limits::default()).unwrap();
    assert_eq!(opened.channels()[0].shape, [512, 512]);
    assert!(out.path().join("d/figures/fig.svg").is_file());
}

/// Cement paste, a shell, the pores of sandstone: numbers of the manifest, the fraction asked for, and no fractal but by a
/// plateau.
#[test]
fn real_volumes() {
    let Some(data) = shared() else { return };
    let out = tempfile::tempdir().unwrap();
    let run = run_definition("volume", &data, &out.path().join("v"));
    let number = |sample: &str, stage: &str, metric: &str| number(&run, sample, stage, metric);
    assert!((number("cement", "grey", "mean") / 90.134_179_115_295_41 - 1.0).abs() < 1e-12);
    assert!((number("cement", "grey", "std") / 19.128_304_025_342_054 - 1.0).abs() < 1e-12);
    assert!((number("cement", "dark", "fraction") - 0.1).abs() < 0.01 && number("cement", "dark", "count") > 1000.0);
    assert!((number("berea", "pore-boxes", "fraction") - 0.198_715_25).abs() < 1e-12);
    assert!((number("berea", "pore-regions", "fraction") - 0.198_715_25).abs() < 1e-12);
    assert_eq!(number("berea", "pore-regions", "percolates"), 1.0);
    for (sample, stage) in [("cement", "boxes"), ("berea", "pore-boxes")] {
        let d = &run.row(sample, stage, "d_f").unwrap().metric;
        assert_eq!(d.value, Value::Missing, "{sample}");
        assert!(d.note.contains("no scaling range"));
    }
    for file in ["data/cement/dark.labels.zarr/.zattrs", "figures/fig-slices.svg", "figures/fig-body.svg"] {
        assert!(out.path().join("v").join(file).is_file(), "{file}");
    }
}

/// A grid of a Zr–Ti glass as its instrument evaluated it, and force curves with a hold.
#[test]
fn real_indentation() {
    let Some(data) = shared() else { return };
    let out = tempfile::tempdir().unwrap();
    let run = run_definition("indentation", &data, &out.path().join("i"));
    // The instrument's own statistics in the file: mean 133 193.742 MPa over 225 points, 5 µm apart.
    assert_eq!(number(&run, "zrti", "grid", "good"), 225.0);
    assert!((number(&run, "zrti", "dist", "mean") / 133_193.742e6 - 1.0).abs() < 1e-6);
    // Force over hardness is the projected area: 25 mN over 9.7 GPa, a radius of 0.9 µm; 5 µm are far enough apart.
    assert!((number(&run, "zrti", "grid", "pitch_over_radius") - 5.2).abs() < 0.2);
    assert!(!run.warnings.iter().any(|w| w.code == "overlapping-indents"));
    // Modulus and hardness of 225 points spread in one peak each: one glass, which a Gaussian null took for classes.
    assert_eq!(number(&run, "zrti", "classes", "k"), 1.0);
    assert!(number(&run, "zrti", "classes", "k_p") > 0.05);
    // What the standard linear solid leaves of the creep remembers over most of the record: its modulus is known to a factor.
    for (sample, stage, most) in
        [("creep", "hertz", 0.3), ("creep", "solid", 2.0), ("relaxation", "kelvin", 0.3), ("relaxation", "dmt", 0.3)]
    {
        assert_eq!(number(&run, sample, stage, "good"), 1.0, "{sample} {stage}");
        assert!(number(&run, sample, stage, "modulus_error") < most, "{sample} {stage}");
    }
    for figure in ["fig-grid", "fig-creep", "fig-relaxation"] {
        assert!(out.path().join(format!("i/figures/{figure}.svg")).is_file(), "{figure}");
    }
}

/// Twenty frequency sweeps of a melt and a stress relaxation: numbers where the data have them, and warnings where not.
#[test]
fn real_relaxation() {
    let Some(data) = shared() else { return };
    let out = tempfile::tempdir().unwrap();
    let run = run_definition("relaxation", &data, &out.path().join("r"));
    assert_eq!(number(&run, "sweeps", "master", "temperatures"), 20.0);
    // 17 frequencies over 4 decades at 20 temperatures reach over 14 decades; shifts fall with temperature as they must.
    assert!((number(&run, "sweeps", "master", "decades") - 14.4).abs() < 0.5);
    assert!(number(&run, "sweeps", "master", "shift_energy") > 50e3);
    let said = |sample: &str, code: &str| run.warnings.iter().any(|w| w.sample == sample && w.code == code);
    // Towards the glass transition the shifts bend: no straight line, and no warning of one.
    assert!(said("sweeps", "no-superposition") && !said("sweeps", "not-one-energy"));
    // A record that begins after most of the decay: τ lies before it, and time zero decides what it is.
    assert!(said("ps160", "time-zero") && said("ps160", "peak-at-edge"));
    // A polymer's spectrum is neither one stretched exponential nor two.
    let steps = &run.row("ps160", "relax", "steps").unwrap().metric;
    assert!(steps.value == Value::Missing && steps.note.contains("neither one nor two"), "{}", steps.note);
    assert!(number(&run, "ps160", "times", "peaks") >= 1.0);
    // The shifts follow Vogel, Fulcher and Tammann; without a T_g in the definition there is no fragility.
    assert!(number(&run, "sweeps", "wlf", "wlf_c2") > 50.0 && number(&run, "sweeps", "wlf", "vft_t0") > 100.0);
    assert_eq!(run.row("sweeps", "wlf", "fragility").unwrap().metric.value, Value::Missing);
    // A ramp through melting at 0 °C, a third noise: a peak with a wide interval, and no flank to part a β relaxation from.
    assert!((number(&run, "ramp", "peaks", "t_alpha") - 268.0).abs() < 10.0);
    assert!(said("ramp", "no-flank"));
    assert_eq!(run.row("ramp", "peaks", "beta_intensity").unwrap().metric.value, Value::Missing);
    assert!((number(&run, "ramp", "peaks", "e_u") / 1.86e9 - 1.0).abs() < 0.02);
    for figure in ["fig-master", "fig-relax", "fig-ramp", "fig-wlf"] {
        assert!(out.path().join(format!("r/figures/{figure}.svg")).is_file(), "{figure}");
    }
}

#[test]
fn three_instruments_in_one_definition() {
    let Some(data) = shared() else { return };
    let out = tempfile::tempdir().unwrap();
    let run = run_definition("afm", &data, &out.path().join("afm"));
    // Dissipation: an electron-volt a cycle or so, and units that say so.
    let ev = 1.602_176_634e-19;
    let std = number(&run, "dissipation", "dist", "std");
    assert!((0.5 * ev..5.0 * ev).contains(&std), "{std:e}");
    assert_eq!(run.row("dissipation", "dist", "std").unwrap().metric.unit.symbol, "eV");
    // The grains of the Nanoscope image are some tens of nanometres wide, ten pixels or so.
    let xi = number(&run, "nanoscope-height", "corr", "xi");
    assert!((8e-9..25e-9).contains(&xi), "{xi:e}");
    let row = run.row("nanoscope-height", "corr", "xi").unwrap();
    let [low, high] = row.metric.interval.unwrap();
    assert!(low < xi && xi < high);
    // A PeakForce map scanned fast has lines that hardly know each other; the program must say so.
    assert!(run.warnings.iter().any(|w| w.sample == "dissipation" && w.code == "line-noise"), "{:#?}", run.warnings);
    for f in ["fig-dissipation", "fig-phase", "fig-height", "fig-structure", "fig-histogram"] {
        assert!(out.path().join(format!("afm/figures/{f}.pdf")).is_file(), "{f}");
    }
    let html = std::fs::read_to_string(out.path().join("afm/report.html")).unwrap();
    assert!(html.contains("line-noise") && html.contains("data:image/svg+xml"));
}
