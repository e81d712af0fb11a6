//! Phase, amplitude, regions and sizes that make no sense: said, counted, never dropped without a word.

use crate::common::{Study, map};
use softspot::io::write::gsf;

/// 64² pixels: a lag of 60° ± 5°, an amplitude of 9 nm ± 0.1 nm, both rough.
fn images(study: &Study) {
    let rough = |y: usize, x: usize, k: f64| libm::sin(0.7 * x as f64 + k) * libm::cos(0.5 * y as f64 + 0.3 * k);
    study
        .write("phase.gsf", gsf(&map((64, 64), "deg", |y, x| 60.0 + 5.0 * rough(y, x, 1.0))))
        .write("amp.gsf", gsf(&map((64, 64), "m", |y, x| 9e-9 + 1e-10 * rough(y, x, 2.0))))
        .write("small.gsf", gsf(&map((32, 32), "m", |y, x| 9e-9 + 1e-10 * rough(y, x, 2.0))))
        .write("volts.gsf", gsf(&map((64, 64), "V", |y, x| 1.0 + rough(y, x, 3.0))))
        .write("flat.gsf", gsf(&map((64, 64), "V", |_, _| 2.0)))
        .write(
            "blob.gsf",
            gsf(&map((64, 64), "V", |y, x| if (30..36).contains(&y) && (20..30).contains(&x) { 2.0 } else { 1.0 })),
        );
}

const DRIVE: &str = "spring_constant = \"26 N/m\"\nquality_factor = 420\nfree_amplitude = \"20 nm\"\n";

fn study(phase: &str, amplitude: &str, stage: &str) -> Study {
    let study = Study::new();
    images(&study);
    study.definition(format!(
        "[pipeline]\nname = \"s\"\n[sample.A]\nphase = {{ path = \"{phase}\" }}\namplitude = {{ path = \"{amplitude}\" }}\n\
         [stage.diss]\nrun = \"dissipation\"\ninput = {{ phase = \"phase\", amplitude = \"amplitude\" }}\n{stage}"
    ));
    study
}

#[test]
fn a_phase_needs_its_convention() {
    study("phase.gsf", "amp.gsf", DRIVE).run(&[]).exits(1).says(&["no `convention`", "shift-from-resonance"]);
    let lag = format!("{DRIVE}convention = \"lag\"\n");
    study("phase.gsf", "amp.gsf", &lag).run(&[]).exits(0);
    study("phase.gsf\", convention = \"lead", "amp.gsf", &lag).run(&[]).exits(1).says(&[
        "`lead`",
        "`lag`",
        "which is it",
    ]);
    study("phase.gsf", "amp.gsf", &format!("{DRIVE}convention = \"mine\"\n")).check().exits(2).says(&["mine"]);
    // Under the wrong one the lag is none at all.
    let wrong = format!("{DRIVE}convention = \"lead\"\n");
    study("phase.gsf", "amp.gsf", &wrong).run(&[]).exits(1).says(&["outside of 0° to 180°"]);
    study("volts.gsf\", convention = \"lag", "amp.gsf", DRIVE).run(&[]).exits(1).says(&["`convention` is for a phase"]);
}

#[test]
fn the_cantilever_is_checked() {
    for (stage, exit, says) in [
        ("quality_factor = 420\nfree_amplitude = \"20 nm\"\nconvention = \"lag\"\n", 2, "needs `spring_constant`"),
        ("spring_constant = \"26 N\"\nquality_factor = 420\nfree_amplitude = \"20 nm\"\n", 2, "spring constant"),
        ("spring_constant = \"26 N/m\"\nfree_amplitude = \"20 nm\"\nconvention = \"lag\"\n", 1, "no quality factor"),
        ("spring_constant = \"26 N/m\"\nquality_factor = -1\nfree_amplitude = \"20 nm\"\n", 2, "positive"),
        (
            "spring_constant = \"26 N/m\"\nquality_factor = 420\nfree_amplitude = \"5 nm\"\nsetpoint = \"9 nm\"\n",
            2,
            "above the free",
        ),
        (
            "spring_constant = \"26 N/m\"\nquality_factor = 420\nfree_amplitude = \"5 nm\"\nconvention = \"lag\"\n",
            1,
            "above the free amplitude in 100 %",
        ),
    ] {
        study("phase.gsf", "amp.gsf", stage).run(&[]).exits(exit).says(&[says]);
    }
    let lag = format!("{DRIVE}convention = \"lag\"\n");
    study("phase.gsf", "small.gsf", &lag).run(&[]).exits(1).says(&["differ in size"]);
    study("phase.gsf", "volts.gsf", &lag).run(&[]).exits(1).says(&["takes m"]);
    study("phase.gsf", "amp.gsf", &format!("{lag}input = {{ faze = \"phase\" }}\n")).check().exits(2).says(&[]);
}

fn regions(stage: &str, file: &str) -> Study {
    let study = Study::new();
    images(&study);
    let surrogates = if stage.contains("surrogates") { "" } else { "surrogates = 40\n" };
    study.definition(format!(
        "[pipeline]\nname = \"s\"\n[sample.A]\nmap = {{ path = \"{file}\" }}\n[stage.top]\nrun = \"regions\"\ninput = \"map\"\n\
         {surrogates}{stage}[stage.law]\nrun = \"cluster-sizes\"\ninput = \"top\"\nresamples = 40\n"
    ));
    study
}

#[test]
fn regions_that_cannot_be_cut_are_said() {
    for (stage, file, exit, says) in [
        ("", "flat.gsf", 1, "same value"),
        ("by = \"absolute\"\nthreshold = \"9 V\"\n", "volts.gsf", 1, "chooses 0 of 4096"),
        ("by = \"absolute\"\nthreshold = \"1 nm\"\n", "volts.gsf", 1, "does not go with a map in `V`"),
        ("by = \"absolute\"\n", "volts.gsf", 2, "needs a threshold"),
        ("threshold = \"1 V\"\n", "volts.gsf", 2, "by = \"absolute\""),
        ("top = \"120 %\"\n", "volts.gsf", 2, "between 0 and 1"),
        ("connectivity = 5\n", "volts.gsf", 2, "4 or 8"),
        ("connectivity = 18\n", "volts.gsf", 1, "18 neighbours are those of a voxel"),
        ("surrogates = 3\n", "volts.gsf", 2, "surrogates"),
    ] {
        let study = regions(stage, file);
        study.run(&[]).exits(exit).says(&[says]);
    }
}

#[test]
fn one_region_has_a_shape_and_no_law() {
    let study = regions("by = \"absolute\"\nthreshold = \"1.5 V\"\n", "blob.gsf");
    study.run(&[]).exits(0).says(&[]);
    assert_eq!(study.number("A", "top", "count"), 1.0);
    // 10 × 6 pixels of 10 nm: the diagonal over the height.
    let want = 136f64.sqrt() / 6.0;
    assert!((study.number("A", "top", "aspect_ratio") - want).abs() < 1e-9);
    for (stage, metric, why) in
        [("top", "orientation_p", "fewer than two"), ("law", "alpha", "1 sizes"), ("law", "preferred", "needs 50")]
    {
        let row = study.row("A", stage, metric);
        assert!(row["value"].is_empty() && row["note"].contains(why), "{metric}: {row:?}");
    }
}

#[test]
fn sizes_of_a_table() {
    let study = Study::new();
    let many: String = (1..200).map(|i| format!("{}\n", 1.0 + 5.0 / f64::from(i))).collect();
    study
        .write("good.csv", format!("size,image\n{}", many.replace('\n', ",1\n")))
        .write("same.csv", format!("size\n{}", "2\n".repeat(80)))
        .write("few.csv", "size\n1\n2\n3\n")
        .write("bad.csv", format!("size\n-1\n0\n{many}"));
    let run = |file: &str, columns: &str, unit: &str, more: &str| {
        study.definition(format!(
            "[pipeline]\nname = \"s\"\n[sample.A]\nsizes = {{ path = \"{file}\", columns = {{ {columns} }}{unit} }}\n\
             [stage.law]\nrun = \"cluster-sizes\"\ninput = \"sizes\"\nresamples = 40\n{more}"
        ));
        study.run(&[])
    };
    let nm = ", unit = \"nm\"";
    run("bad.csv", "size = \"size\"", nm, "").exits(0);
    assert!(study.row("A", "law", "alpha")["note"].contains("2 without a positive size"));
    run("good.csv", "size = \"size\", image = \"image\"", "", "").exits(0);
    for file in ["same.csv", "few.csv"] {
        run(file, "size = \"size\"", nm, "").exits(0);
        let note = study.row("A", "law", "preferred")["note"].clone();
        assert!(note.contains("do not determine a law") || note.contains("are equal"), "{file}: {note}");
    }
    run("good.csv", "size = \"size\"", nm, "x_min = \"1 eV\"\n").exits(1).says(&["does not go with sizes in `nm`"]);
    run("good.csv", "size = \"size\"", nm, "x_min = \"-1 nm\"\n").exits(2).says(&["positive"]);
    run("good.csv", "size = \"size\"", ", unit = \"s\"", "").exits(1).says(&["no size"]);
    run("good.csv", "storage = \"size\"", ", unit = \"Pa\"", "").exits(2).says(&["takes a table", "size = \"…\""]);
}

#[test]
fn a_series_of_set_points() {
    let study = Study::new();
    // sin φ − A/A₀ = 0.3 − (A/A₀ − 0.5)².
    let rows: String = (2..9)
        .map(|i| {
            let r = f64::from(i) * 0.1;
            format!("{r},{}\n", libm::asin((r + 0.3 - (r - 0.5) * (r - 0.5)).min(1.0)).to_degrees())
        })
        .collect();
    study.write("series.csv", format!("ratio,phase\n{rows}")).write("short.csv", "ratio,phase\n0.1,40\n0.2,50\n");
    let run = |file: &str, input: &str, more: &str| {
        study.definition(format!(
            "[pipeline]\nname = \"s\"\n[sample.A]\nseries = {{ path = \"{file}\", {input} }}\n\
             [stage.curve]\nrun = \"dissipation-curve\"\ninput = \"series\"\n{more}"
        ));
        study.run(&[])
    };
    let columns = "columns = { amplitude = \"ratio\", phase = { name = \"phase\", unit = \"deg\" } }";
    run("series.csv", columns, "").exits(1).says(&["needs a `convention`"]);
    let input = format!("{columns}, convention = \"lag\"");
    run("series.csv", &input, "").exits(0);
    assert!((study.number("A", "curve", "peak_ratio") - 0.5).abs() < 1e-9);
    assert!((study.number("A", "curve", "peak_energy") - 0.3).abs() < 1e-9);
    run("short.csv", &input, "").exits(1).says(&["2 rows", "5 different set points"]);
    run("series.csv", &input, "free_amplitude = \"20 nm\"\n").exits(1).says(&["they are ratios"]);
}

/// Maps too small for surrogates keep the rest, with the reason in the rows of the null.
#[test]
fn small_maps_and_constant_ones() {
    for (rows, columns) in [(8, 8), (16, 16), (24, 24), (31, 31), (20, 200), (2, 50)] {
        let study = Study::new();
        let value = |y: usize, x: usize| libm::sin(0.9 * x as f64) + libm::cos(0.7 * y as f64) + 0.01 * x as f64;
        study.write("m.gsf", gsf(&map((rows, columns), "V", value)));
        study.definition(
            "[pipeline]\nname = \"s\"\n[sample.A]\nmap = { path = \"m.gsf\" }\n[stage.top]\nrun = \"regions\"\ninput = \"map\"\n\
             top = \"20 %\"\nmin_pixels = 2\nsurrogates = 40\n[stage.law]\nrun = \"cluster-sizes\"\n\
             input = { sizes = \"top\", surrogates = \"top.surrogates\" }\nresamples = 40\n",
        );
        study.run(&[]).exits(0);
        assert!(study.number("A", "top", "count") > 0.0, "{rows} {columns}");
        assert!(!study.row("A", "law", "alpha_p")["note"].is_empty());
        study.definition(
            "[pipeline]\nname = \"s\"\n[sample.A]\nmap = { path = \"m.gsf\" }\n[stage.pattern]\nrun = \"pattern\"\ninput = \"map\"\n\
             surrogates = 40\n",
        );
        let ran = study.run(&[]);
        assert!(!ran.err.contains("internal error"), "{rows} {columns}: {}", ran.err);
    }
    let study = Study::new();
    study.write("m.gsf", gsf(&map((80, 80), "V", |_, _| 0.1)));
    study.definition(
        "[pipeline]\nname = \"s\"\n[sample.A]\nmap = { path = \"m.gsf\" }\n[stage.pattern]\nrun = \"pattern\"\ninput = \"map\"\n",
    );
    study.run(&[]).exits(1).says(&["no pattern"]);
}
