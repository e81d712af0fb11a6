//! The study `pipelines/la60ni15al25-relaxation.toml`: what went into the phantoms comes out, and the controls stay single.

use std::path::Path;

use softspot::data::Value;

#[test]
fn what_went_in_comes_out() {
    let dir = tempfile::tempdir().unwrap();
    let kind = softspot::phantom::KINDS.iter().find(|k| k.id == "la60ni15al25-relaxation").unwrap();
    kind.make(&dir.path().join("la60ni15al25-relaxation"), "").unwrap();
    let definition = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/la60ni15al25-relaxation.toml");
    let text = std::fs::read_to_string(definition).unwrap();
    // Twins of the master curve, which nothing below asks for, take longest.
    let overrides = ["stage.master-times.uncertainty=\"none\"", "stage.broad-times.resamples=40"].map(String::from);
    let run = crate::common::run_whole(&text, dir.path(), &overrides, &dir.path().join("out"));
    let value = |sample: &str, stage: &str, metric: &str| run.row(sample, stage, metric).unwrap().metric.clone();
    let number = |sample: &str, stage: &str, metric: &str| match value(sample, stage, metric).value {
        Value::Number(v) => v,
        other => panic!("{sample} {stage} {metric}: {other:?}"),
    };
    let holds = |sample: &str, stage: &str, metric: &str, truth: f64| {
        let [low, high] = value(sample, stage, metric).interval.unwrap();
        assert!(low <= truth && truth <= high, "{sample} {stage} {metric}: {low:e} {high:e}");
    };
    let (la, zr, al) = ("La60Ni15Al25", "Zr50Cu40Al10", "Al86.8Ni3.7Y9.5");
    holds(la, "arr", "e_beta", 83e3);
    assert_eq!((number(la, "relax", "steps"), number(zr, "relax", "steps")), (2.0, 1.0));
    assert!(
        (number(la, "relax", "beta_step") - 0.05).abs() < 0.002
            && (number(la, "relax", "tau_1") / 6.0 - 1.0).abs() < 0.2
    );
    holds(zr, "relax", "kww_tau", 900.0);
    holds(zr, "relax", "kww_beta", 0.55);
    assert!((number(zr, "relax", "relaxed") - 0.85).abs() < 0.005);
    for (metric, truth) in [("m_inf", 35e9), ("flow_a", 20.0), ("flow_b", 300.0), ("flow_beta", 0.5)] {
        // A 95 % interval misses in one of twenty; the value is near in any case.
        assert!((number(la, "age", metric) / truth - 1.0).abs() < 0.05, "{metric}");
    }
    // χ runs through the β peak below T_g: there is no one χ of this glass, and none is given.
    let chi = value(la, "chi", "chi_glass");
    assert!(chi.value == Value::Missing && chi.note.contains("not steady"), "{chi:?}");
    // Fragility 40, crystallisation of 190 kJ/mol, the hierarchical creep.
    holds(la, "arr-alpha", "fragility", 40.0);
    holds(la, "crystals", "e_kissinger", 190e3);
    for (metric, truth) in [("tau_beta", 5.0), ("tau_alpha", 2e4), ("chi", 0.4)] {
        holds(la, "hierarchy", metric, truth);
    }
    // Zones of 15 to 19 atoms, one atom from peak to peak; noise of 10⁻⁵ leaves the fractions to a few parts in a thousand.
    assert_eq!(number(al, "times", "peaks"), 5.0);
    for (k, fraction) in [0.010, 0.014, 0.018, 0.025, 0.032].into_iter().enumerate() {
        assert!((number(al, "times", &format!("stz_n_{}", k + 1)) - 15.0 - k as f64).abs() < 0.01);
        assert!((number(al, "times", &format!("stz_fraction_{}", k + 1)) / fraction - 1.0).abs() < 0.005);
    }
    assert!((number(al, "times", "stz_slope") - 1.0).abs() < 0.001);
    // Ageing slows every zone and takes from the slowest as t^−0.1.
    assert_eq!(number(al, "tracks", "tracks"), 3.0);
    assert!((number(al, "tracks", "c_trend_3") + 0.1).abs() < 0.002 && number(al, "tracks", "c_trend_1").abs() < 0.002);
    // A modulus 0.5 % stiffer a decade: d ln τ/d ln t ≈ 0.005 (ΔF/kT − 1)/ln 10 of 15 to 19 atoms.
    for (k, barrier) in [(1, 35.1), (2, 39.8), (3, 44.4)] {
        let want = 0.005 * (barrier - 1.0) / std::f64::consts::LN_10;
        assert!((number(al, "tracks", &format!("tau_trend_{k}")) / want - 1.0).abs() < 0.03, "{k}");
    }
    assert!((number(al, "times", "baseline") / 0.02 - 1.0).abs() < 0.01);
    // One broad process stays one, and the model is found.
    assert_eq!(number("broad", "broad-times", "peaks"), 1.0);
    assert_eq!(value("broad", "broad-fit", "model").value, Value::Text("cole-cole".into()));
    assert!((number("broad", "broad-fit", "cc_alpha") - 0.6).abs() < 0.005);
    // Energies of 0.85 to 1.26 eV superpose on one curve, whose slope is none of a process alone; the stage says so.
    assert_eq!(value(al, "master", "superposes").value, Value::Text("yes".into()));
    // S3 §6 reads 1.25 eV off spectra of 0.85 to 1.26 eV: within 2 %, what the window leaves.
    assert!(number(al, "master", "shift_r2") > 0.99);
    assert!((number(al, "master", "shift_energy") / 1.25 / 96_485.3 - 1.0).abs() < 0.02);
    assert!(run.warnings.iter().any(|w| w.stage == "master" && w.code == "not-one-energy"));
    for f in [
        "loss",
        "moduli",
        "arrhenius",
        "chi",
        "steps",
        "times",
        "zones",
        "tracks",
        "creep",
        "broad",
        "master",
        "ageing",
    ] {
        assert!(dir.path().join(format!("out/figures/fig-{f}.svg")).is_file(), "{f}");
    }
}

/// The same sweeps side by side and one below the other are one spectrum.
#[test]
fn columns_at_several_frequencies_are_one_spectrum() {
    let frequencies = [1.0, 2.0, 4.0, 8.0];
    let loss = |t: f64, f: f64| {
        let alpha = (t - 480.0 - 10.0 * libm::log10(f)) / 14.0;
        5e9 * libm::exp(-alpha * alpha) + 2e7
    };
    let temperatures: Vec<f64> = (0..150).map(|i| 250.0 + 2.0 * f64::from(i)).collect();
    let (mut wide, mut long) = ("T (K)".to_string(), "T (K),f (Hz),E'' (Pa)\n".to_string());
    frequencies.iter().for_each(|f| wide += &format!(",\"E'' (Pa, {f} Hz)\""));
    for t in &temperatures {
        wide += &format!("\n{t}");
        frequencies.iter().for_each(|f| wide += &format!(",{}", loss(*t, *f)));
    }
    for f in frequencies {
        temperatures.iter().for_each(|t| long += &format!("{t},{f},{}\n", loss(*t, f)));
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("wide.csv"), wide).unwrap();
    std::fs::write(dir.path().join("long.csv"), long).unwrap();
    let list: Vec<String> = frequencies.iter().map(|f| format!("\"E'' ({f} Hz)\"")).collect();
    let text = format!(
        "[pipeline]\nname = \"w\"\n[sample.wide]\ndma = {{ path = \"wide.csv\", columns = {{ temperature = \"T\", loss = [{}] }} }}\n\
         [sample.long]\ndma = {{ path = \"long.csv\", columns = {{ temperature = \"T\", frequency = \"f\", loss = \"E''\" }} }}\n\
         [stage.peak]\nrun = \"spectrum-peaks\"\ninput = \"dma\"\nuncertainty = \"none\"\n",
        list.join(", ")
    );
    let run = crate::common::run_whole(&text, dir.path(), &[], &dir.path().join("out"));
    let value = |sample: &str| run.row(sample, "peak", "t_alpha").unwrap().metric.value.clone();
    assert!(matches!(value("wide"), Value::Number(t) if (t - 480.0).abs() < 0.5), "{:?}", value("wide"));
    assert_eq!(value("wide"), value("long"));
    let lost = text.replace("E'' (8 Hz)", "E'' (9 Hz)");
    let plan = softspot::pipeline::prepare(&lost, dir.path(), &[]).unwrap();
    assert!(plan.problems[0].message.contains("no column `E'' (9 Hz)`"), "{:?}", plan.problems);
}
