//! The study `pipelines/vit105-indentation.toml`: what went into the phantoms comes out, traps are named, and one Gaussian
//! is one class.

use std::path::Path;

use softspot::data::Value;

#[test]
fn what_went_in_comes_out() {
    let dir = tempfile::tempdir().unwrap();
    let kind = softspot::phantom::KINDS.iter().find(|k| k.id == "vit105-indentation").unwrap();
    kind.make(&dir.path().join("vit105-indentation"), "").unwrap();
    let definition = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/vit105-indentation.toml");
    let text = std::fs::read_to_string(definition).unwrap();
    // Fewer surrogates and resamples than the study has; the p of what stands is 1/41.
    let overrides: Vec<String> = [
        "stage.fit-classes.surrogates=40",
        "stage.grid-classes.surrogates=40",
        "stage.grid-classes.k_max=4",
        "stage.classes.surrogates=40",
        "stage.classes.resamples=40",
    ]
    .map(String::from)
    .into();
    let run = crate::common::run_whole(&text, dir.path(), &overrides, &dir.path().join("out"));
    let number = |sample: &str, stage: &str, metric: &str| match run.row(sample, stage, metric).unwrap().metric.value {
        Value::Number(v) => v,
        ref other => panic!("{sample} {stage} {metric}: {other:?}"),
    };
    // Of 121 places one was never measured; three are plastic, one has no contact, one a time twice.
    for (metric, count) in
        [("points", 120.0), ("good", 115.0), ("plastic", 3.0), ("no_contact", 1.0), ("damaged", 1.0), ("missing", 1.0)]
    {
        assert_eq!(number("vit105", "fit", metric), count, "{metric}");
    }
    // The truth beside the file: means over the good points, G to 0.5 % and t_c to 2 %.
    let truth = std::fs::read_to_string(dir.path().join("vit105-indentation/vit105-indentation.truth.toml")).unwrap();
    let value_of = |key: &str| -> f64 {
        let line = truth.lines().find(|l| l.starts_with(key)).unwrap();
        line.split('"').nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    let (g, t) = (value_of("modulus_mean") * 1e9, value_of("relaxation_time_mean") * 1e-3);
    assert!((number("vit105", "modulus", "mean") / g - 1.0).abs() < 0.005);
    assert!((number("vit105", "time", "mean") / t - 1.0).abs() < 0.02);
    assert!((number("vit105", "viscosity", "mean") / (g * t) - 1.0).abs() < 0.02);
    // 100 nm against two contact radii of 232 nm.
    assert!((number("vit105", "fit", "pitch_over_radius") - 0.43).abs() < 0.01);
    let warned = |code: &str| run.warnings.iter().any(|w| w.stage == "fit" && w.code == code);
    assert!(warned("overlapping-indents") && warned("points-left-out"));
    let page = std::fs::read_to_string(dir.path().join("out/report.html")).unwrap();
    assert!(page.contains("below two contact radii"));
    // Classes: one where one Gaussian went in, three where three did.
    for (sample, stage, k) in [
        ("vit105", "fit-classes", 1.0),
        ("control", "classes", 1.0),
        ("phases", "classes", 3.0),
        ("composite", "grid-classes", 3.0),
    ] {
        assert_eq!(number(sample, stage, "k"), k, "{sample}");
    }
    for (class, centre) in [88e9, 95e9, 103e9].into_iter().enumerate() {
        let got = number("phases", "classes", &format!("gmm_mean_{class}"));
        assert!((got / centre - 1.0).abs() < 2e-3, "{got:e}");
    }
    assert!(number("phases", "classes", "stability") > 0.95 && number("phases", "classes", "k_p") < 0.05);
    for file in ["figures/fig-curves", "figures/fig-maps", "figures/fig-classes", "figures/fig-composite"] {
        assert!(dir.path().join(format!("out/{file}.svg")).is_file(), "{file}");
    }
    let labels = dir.path().join("out/data/phases/classes.tif");
    let opened = softspot::io::open(&labels, None, &softspot::io::Limits::default()).unwrap();
    assert_eq!(opened.channels()[0].shape, [256, 256]);
}
