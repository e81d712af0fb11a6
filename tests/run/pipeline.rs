//! Are results what the contract says, the same whenever and wherever they are made, and recomputed only as far as needed?

use std::collections::BTreeSet;

use crate::common::{DMA, Study, dma, map, outputs, rows, softspot, two_samples};
use serde_json::Value;
use softspot::io::write::gsf;

/// Three samples with a map and a spectrum each, every stage of the program.
fn study() -> Study {
    let study = Study::new();
    let mut samples = String::new();
    for (i, name) in ["a", "b", "c"].iter().enumerate() {
        study
            .field(&format!("{name}.gsf"), i as u64 + 1)
            .write(&format!("{name}.csv"), dma(&[0.5, 2.0, 8.0], i as u64));
        samples += &format!(
            "[sample.{name}]\ntg = \"{} K\"\nfrequency = {{ path = \"{name}.gsf\" }}\ndma = {{ path = \"{name}.csv\", {DMA} }}\n",
            450 + i
        );
    }
    study.definition(format!("[pipeline]\nname = \"s\"\nseed = 7\ntitle = \"A study\"\n{samples}{STAGES}"));
    study
}

const STAGES: &str = r#"
[stage.mask]
run = "mask"
input = "frequency"
outliers = 3
[stage.crop]
run = "crop"
input = "mask"
rows = [0, 40]
columns = [4, 44]
[stage.level]
run = "level"
input = "crop"
degree = [1, 1]
[stage.smooth]
run = "filter"
input = "level"
method = "gaussian"
sigma = "30 nm"
[stage.coarse]
run = "resample"
input = "level"
pixel = "41.66666666666667 nm"
[stage.cut]
run = "profile"
input = "level"
[stage.dist]
run = "distribution"
input = "level"
resamples = 40
[stage.corr]
run = "correlation"
input = "level"
resamples = 40
contact_radius = "10 nm"
[stage.contact]
run = "contact-resonance"
input = "frequency"
free_frequency = "300 kHz"
spring_constant = "40 N/m"
reference = { frequency = "1.1 MHz", modulus = "76 GPa" }
[stage.modulus]
run = "distribution"
input = "contact.modulus"
uncertainty = "none"
[stage.relax]
run = "spectrum-peaks"
input = "dma"
resamples = 40
[stage.act]
run = "arrhenius"
input = "relax"
resamples = 200
[stage.link]
run = "link"
input = ["dist", "corr", "relax"]
pairs = [["dist.span", "relax.t_alpha"], ["corr.xi", "tg"]]
resamples = 100
[stage.states]
run = "compare"
input = ["level", "dist"]
pairs = [["a", "b"]]
metrics = ["dist.span"]
[stage.fig-maps]
run = "figure"
input = ["level", "cut"]
plot = ["map", "profile"]
[stage.fig-hist]
run = "figure"
input = "level"
plot = "histogram"
[stage.fig-sf]
run = "figure"
input = "corr"
plot = "structure-function"
[stage.fig-loss]
run = "figure"
input = "relax.normalised"
plot = "loss"
[stage.fig-act]
run = "figure"
input = "act"
plot = "arrhenius"
[stage.fig-link]
run = "figure"
input = "link"
plot = "link"
[stage.report]
run = "report"
summary = "All stages"
overview = ["dist.span", "corr.xi"]
"#;

/// The same without the figures that take most of the time.
fn lean() -> Study {
    let study = study();
    let text = std::fs::read_to_string(study.path("study.toml")).unwrap();
    let keep = |part: &&str| !FIGURES[1..].iter().any(|f| part.starts_with(&format!("{f}]")));
    study.definition(text.split("[stage.").filter(keep).collect::<Vec<_>>().join("[stage."));
    study
}

const FIGURES: [&str; 6] = ["fig-maps", "fig-hist", "fig-sf", "fig-loss", "fig-act", "fig-link"];

fn columns(text: &str) -> Vec<String> {
    csv::Reader::from_reader(text.as_bytes()).headers().unwrap().iter().map(String::from).collect()
}

#[test]
fn one_run_of_every_stage_gives_sane_numbers_and_keeps_the_contract() {
    let study = study();
    study.run(&[]).exits(0);
    every_stage_gives_numbers_that_agree_with_what_went_in(&study);
    results_tables_record_archive_and_figures_keep_the_contract(&study);
}

fn every_stage_gives_numbers_that_agree_with_what_went_in(study: &Study) {
    for s in ["a", "b", "c"] {
        let n = |stage: &str, metric: &str| study.number(s, stage, metric);
        let within = |stage: &str, metric: &str, low: f64, high: f64| {
            let v = n(stage, metric);
            assert!((low..=high).contains(&v), "{s} {stage}.{metric} = {v:e}, not in {low:e} to {high:e}");
        };
        within("mask", "masked_fraction", 0.0, 0.02);
        within("level", "degrees_of_freedom", 3.0, 4.0);
        // A plane was taken off.
        within("dist", "mean", -1e-3, 1e-3);
        within("dist", "std", 80.0, 200.0);
        let span = n("dist", "p99") - n("dist", "p01");
        assert!((n("dist", "span") / span - 1.0).abs() < 1e-12);
        assert!(study.row(s, "dist", "span_relative")["note"].contains("levelled"));
        within("corr", "xi", 2e-8, 1.5e-7);
        within("corr", "alpha", 0.3, 1.0);
        within("corr", "r2", 0.9, 1.0);
        assert!((n("corr", "xi_null") / 1.04e-8 - 1.0).abs() < 0.01);
        let pixels = 40.0 / 48.0;
        assert!((n("corr", "window_over_xi") * n("corr", "xi") / (pixels * 1e-6) - 1.0).abs() < 1e-6);
        // The line ends at the centres of the outer pixels.
        assert!((n("cut", "length") / (39.0 / 48.0 * 1e-6) - 1.0).abs() < 1e-6);
        within("contact", "stiffness_ratio", 5.0, 60.0);
        within("contact", "tip_position", 1.0, 1.0);
        within("modulus", "median", 20e9, 80e9);
        within("relax", "t_alpha", 470.0, 510.0);
        within("relax", "t_beta", 335.0, 365.0);
        assert_eq!(study.row(s, "relax", "beta_class")["value"], "peak");
        within("act", "e_beta", 60e3, 110e3);
        let tg = 450.0 + f64::from(s.as_bytes()[0] - b'a');
        assert!((n("act", "e_beta_over_r_tg") * 8.314_462_618 * tg / n("act", "e_beta") - 1.0).abs() < 1e-9);
        // In coherent SI: a particle, in J.
        assert!((n("act", "e_beta_particle") * 6.022_140_76e23 / n("act", "e_beta") - 1.0).abs() < 1e-6);
    }
    let p = study.number("*", "link", "smallest_p[corr.xi,tg]");
    assert!((p - 1.0 / 3.0).abs() < 1e-12, "three samples can give no p below a third, not {p}");
    assert!(study.number("*", "link", "spearman[corr.xi,tg]").abs() <= 1.0);
    let difference = study.number("a → b", "states", "difference[dist.span]");
    let spans = study.number("b", "dist", "span") - study.number("a", "dist", "span");
    assert!((difference - spans).abs() < 1e-9 * spans.abs().max(1.0));
    let overlap = study.number("a → b", "states", "overlap[level]");
    assert!((0.3..=1.0).contains(&overlap), "{overlap}");
    // The maps that were derived have the shapes asked for.
    for (stage, shape) in [("crop", "40 × 40"), ("smooth", "40 × 40"), ("coarse", "20 × 20")] {
        let shown = softspot(&["inspect".into(), study.results(&format!("data/a/{stage}.gsf"))]);
        assert!(shown.exits(0).out.contains(shape), "{stage}: {}", shown.out);
    }
}

fn results_tables_record_archive_and_figures_keep_the_contract(study: &Study) {
    let text = study.text("results.csv");
    assert!(text.starts_with("sample,stage,metric,value,unit,ci_low,ci_high,n,note\n"));
    let rows = study.rows();
    let names: Vec<&str> = rows.iter().map(|r| r["sample"].as_str()).collect();
    let mut order: Vec<&str> = names.clone();
    order.dedup();
    assert_eq!(order[..4], ["a", "b", "c", "*"], "in the order of the definition");
    let mut stages: Vec<&str> = rows.iter().filter(|r| r["sample"] == "b").map(|r| r["stage"].as_str()).collect();
    stages.dedup();
    assert_eq!(stages, ["mask", "level", "cut", "dist", "corr", "contact", "modulus", "relax", "act"]);
    let classes = ["beta_class", "xi_verdict", "model"];
    for r in &rows {
        for c in ["value", "ci_low", "ci_high", "n"] {
            let cell = &r[c];
            if cell.is_empty() || c == "value" && classes.contains(&r["metric"].as_str()) {
                continue;
            }
            let v: f64 = cell.parse().unwrap_or_else(|_| panic!("{c} of {r:?}"));
            assert_eq!(softspot::pipeline::number(v), *cell, "shortest form that reads back");
        }
        assert!(!r["value"].is_empty() || !r["note"].is_empty(), "{r:?}");
        if let (Ok(low), Ok(high)) = (r["ci_low"].parse::<f64>(), r["ci_high"].parse::<f64>()) {
            assert!(low <= high, "{r:?}");
        }
    }
    let xi = study.row("a", "corr", "xi");
    assert_eq!((xi["unit"].as_str(), study.row("a", "dist", "std")["unit"].as_str()), ("m", "Hz"));
    for (table, wanted) in [
        ("corr", vec!["sample", "direction", "lag", "r [m]", "h [Hz^2]", "pairs"]),
        ("dist", vec!["sample", "value [Hz]"]),
        ("relax", vec!["sample", "frequency [Hz]", "t_alpha [K]"]),
        ("cut", vec!["sample", "distance [m]", "value [Hz]"]),
        ("link", vec!["sample", "x_metric", "y_metric"]),
    ] {
        let found = columns(&study.text(&format!("tables/{table}.csv")));
        assert_eq!(found[..wanted.len()], wanted, "{table}");
    }
    let directions: BTreeSet<String> = study.table("corr").iter().map(|r| r["direction"].clone()).collect();
    assert!(["radial", "fast", "slow"].iter().all(|d| directions.contains(*d)), "{directions:?}");
    let record = study.record();
    assert_eq!(record["softspot"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (
            record["pipeline"]["stage"]["dist"]["resamples"].as_u64(),
            record["pipeline"]["stage"]["corr"]["sectors"].as_u64()
        ),
        (Some(40), Some(8))
    );
    for key in ["inputs", "stages", "warnings"] {
        assert!(record[key].is_array(), "{key}");
    }
    let input = &record["inputs"][0];
    let bytes = std::fs::read(study.path("a.gsf")).unwrap();
    assert_eq!(
        (input["sample"].as_str(), input["role"].as_str(), input["path"].as_str()),
        (Some("a"), Some("frequency"), Some("a.gsf"))
    );
    assert_eq!(
        (input["bytes"].as_u64(), input["blake3"].as_str().unwrap().to_string()),
        (Some(bytes.len() as u64), blake3::hash(&bytes).to_hex().to_string())
    );
    assert!(record["peak_bytes"].as_u64().unwrap() > 1 << 20 && record["threads"].as_u64().unwrap() >= 1);
    for w in record["warnings"].as_array().unwrap() {
        assert!(["sample", "stage", "code", "message", "hint"].iter().all(|k| w[k].is_string()), "{w}");
    }
    for f in FIGURES {
        let read = |ext: &str| {
            std::fs::read(study.results(&format!("figures/{f}.{ext}"))).unwrap_or_else(|e| panic!("{f}.{ext}: {e}"))
        };
        assert!(
            read("svg").starts_with(b"<svg") && read("png").starts_with(b"\x89PNG") && read("pdf").starts_with(b"%PDF"),
            "{f}"
        );
    }
    let archive: Value = serde_json::from_str(&study.text("ro-crate-metadata.json")).unwrap();
    assert_eq!(archive["@context"], "https://w3id.org/ro/crate/1.1/context");
    let graph = archive["@graph"].as_array().unwrap();
    let root = graph.iter().find(|e| e["@id"] == "./").unwrap();
    let parts: BTreeSet<String> =
        root["hasPart"].as_array().unwrap().iter().map(|p| p["@id"].as_str().unwrap().to_string()).collect();
    let mut there: BTreeSet<String> = outputs(&study.path("results/s")).into_keys().collect();
    there.remove("ro-crate-metadata.json");
    there.insert("run.json".into());
    assert_eq!(parts, there, "the archive lists what there is, all of it");
    assert!(parts.iter().all(|p| graph.iter().any(|e| e["@id"] == **p && e["@type"] == "File")));
    let html = study.text("report.html");
    assert!(
        html.contains("A study")
            && html.contains("All stages")
            && !html.contains("src=\"http")
            && !html.contains("href=\"http")
    );
}

#[test]
fn the_same_study_gives_the_same_bytes_again_elsewhere_and_on_any_number_of_threads() {
    let first = study();
    first.run(&["--jobs", "1"]).exits(0);
    let wanted = outputs(&first.path("results/s"));
    let same = |study: &Study, what: &str| {
        let found = outputs(&study.path("results/s"));
        for (name, bytes) in &wanted {
            assert!(found.get(name) == Some(bytes), "{what}: {name} differs");
        }
        assert_eq!(found.len(), wanted.len(), "{what}");
    };
    first.run(&[]).exits(0);
    same(&first, "from the cache");
    assert!(first.cached().iter().all(|(.., cached)| *cached));
    first.run(&["--force", "--jobs", "4"]).exits(0);
    same(&first, "forced, four threads");
    assert!(first.cached().iter().all(|(.., cached)| !cached));
    let elsewhere = study();
    elsewhere.run(&["--jobs", "4"]).exits(0);
    same(&elsewhere, "in another folder");
    elsewhere.run(&["--out", &elsewhere.path("out").display().to_string()]).exits(0);
    assert!(outputs(&elsewhere.path("out")) == wanted, "with --out");
}

#[test]
fn a_change_recomputes_what_depends_on_it_and_nothing_else() {
    let study = lean();
    study.run(&[]).exits(0);
    let computed = |study: &Study| -> BTreeSet<(String, String)> {
        study.cached().into_iter().filter(|(.., cached)| !cached).map(|(s, stage, _)| (s, stage)).collect()
    };
    let set = |stages: &[&str], samples: &[&str]| -> BTreeSet<(String, String)> {
        stages.iter().flat_map(|st| samples.iter().map(|s| (s.to_string(), st.to_string()))).collect()
    };
    let all = ["a", "b", "c"];
    // A parameter.
    study.run(&["--set", "stage.cut.width=3"]).exits(0);
    let mut wanted = set(&["cut"], &all);
    wanted.extend(set(&["fig-maps"], &["*"]));
    assert_eq!(computed(&study), wanted);
    assert!(
        study.text("report.html").contains("--set stage.cut.width=3"),
        "the report shows what the command line changed"
    );
    // Metadata that two stages read: `arrhenius` for its ratios, `spectrum-peaks` to tell a T_α that cannot be.
    study.run(&["--set", "stage.cut.width=3"]).exits(0);
    study.run(&["--set", "stage.cut.width=3", "sample.b.tg=\"999 K\""]).exits(0);
    let found = computed(&study);
    assert!(set(&["act"], &["b"]).is_subset(&found) && set(&["link"], &["*"]).is_subset(&found), "{found:?}");
    let reads = |stage: &str| ["act", "relax"].contains(&stage);
    assert!(found.iter().all(|(s, stage)| s == "*" || s == "b" && reads(stage)), "{found:?}");
    // The content of a file, not its time.
    study.run(&[]).exits(0);
    let bytes = std::fs::read(study.path("c.gsf")).unwrap();
    study.write("c.gsf", &bytes);
    study.run(&[]).exits(0);
    assert!(computed(&study).is_empty(), "{:?}", computed(&study));
    study.field("c.gsf", 77);
    study.run(&[]).exits(0);
    let found = computed(&study);
    assert!(
        found.contains(&("c".into(), "level".into()))
            && found.iter().all(|(s, st)| s == "*" || s == "c" && st != "relax"),
        "{found:?}"
    );
    // The order of the text does not matter, the name of a stage neither.
    let text = std::fs::read_to_string(study.path("study.toml")).unwrap();
    study.definition(text.replace("degree = [1, 1]", "# why\ndegree   = [ 1, 1 ]"));
    study.run(&[]).exits(0);
    assert!(computed(&study).is_empty());
}

#[test]
fn only_runs_a_stage_with_what_it_needs() {
    let study = study();
    study.run(&["--only", "dist", "--quiet"]).exits(0);
    let stages: BTreeSet<String> = study.cached().into_iter().map(|(_, s, _)| s).collect();
    assert_eq!(stages.iter().map(String::as_str).collect::<Vec<_>>(), ["crop", "dist", "level", "mask"]);
    assert!(study.rows().iter().all(|r| ["mask", "level", "dist"].contains(&r["stage"].as_str())));
}

#[test]
fn files_of_an_older_definition_are_removed_and_those_of_the_user_are_not() {
    let study = Study::new();
    study.field("good.gsf", 1).field("bad.gsf", 2);
    let more = "[stage.cut]\nrun = \"profile\"\ninput = \"level\"\n[stage.fig]\nrun = \"figure\"\ninput = \"level\"\nplot = \"map\"\n";
    let text = two_samples("{ path = \"bad.gsf\" }");
    study.definition(format!("{text}{more}"));
    study.run(&[]).exits(0);
    let mine = study.results("figures/mine.svg");
    std::fs::write(&mine, "<svg/>").unwrap();
    for f in ["tables/cut.csv", "figures/fig.pdf", "data/bad/level.gsf"] {
        assert!(study.results(f).exists(), "{f}");
    }
    study.definition(text.replace("[sample.bad]", "[sample.other]"));
    study.run(&[]).exits(0);
    for f in ["tables/cut.csv", "figures/fig.pdf", "data/bad/level.gsf"] {
        assert!(!study.results(f).exists(), "{f}");
    }
    assert!(mine.exists() && study.results("data/other/level.gsf").exists());
}

#[test]
fn results_that_were_cut_or_deleted_are_written_again() {
    let study = Study::new();
    study.field("good.gsf", 1).field("bad.gsf", 2).definition(two_samples("{ path = \"bad.gsf\" }"));
    study.run(&[]).exits(0);
    let wanted = outputs(&study.path("results/s"));
    for name in wanted.keys() {
        std::fs::write(study.results(name), "cut").unwrap();
    }
    study.run(&[]).exits(0);
    assert!(outputs(&study.path("results/s")) == wanted, "cut");
    for name in wanted.keys() {
        std::fs::remove_file(study.results(name)).unwrap();
    }
    study.run(&[]).exits(0);
    assert!(outputs(&study.path("results/s")) == wanted, "deleted");
    assert!(study.cached().iter().all(|(.., cached)| *cached));
}

#[test]
fn wildcards_make_one_sample_for_each_match() {
    let study = Study::new();
    for (i, name) in ["one", "two", "3"].iter().enumerate() {
        study.field(&format!("batch/{name}/scan.gsf"), i as u64).field(&format!("batch/{name}/back.gsf"), i as u64 + 9);
    }
    study.write("batch/empty/notes.txt", "none").definition(
        "[pipeline]\nname = \"s\"\n[sample.\"s-*\"]\nstate = \"as cast\"\nfrequency = { path = \"batch/{}/scan.gsf\" }\nback = { path = \"batch/{}/back.gsf\" }\n\
         [stage.dist]\nrun = \"distribution\"\ninput = [\"frequency\", \"back\"]\nuncertainty = \"none\"\n",
    );
    study.run(&[]).exits(0);
    let names: BTreeSet<String> = study.rows().into_iter().map(|r| r["sample"].clone()).collect();
    assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), ["s-3", "s-one", "s-two"]);
    let inputs: Vec<String> =
        study.record()["inputs"].as_array().unwrap().iter().map(|i| i["path"].as_str().unwrap().to_string()).collect();
    assert!(inputs.contains(&"batch/one/scan.gsf".to_string()), "{inputs:?}");
}

#[test]
fn a_sample_that_fails_late_leaves_figures_and_links_to_the_others() {
    let study = lean();
    study.write("b.gsf", "broken");
    let ran = study.run(&[]);
    ran.exits(1).says(&["b", "b.gsf", "no table of numbers", "right file"]);
    assert!(study.number("b", "relax", "t_alpha") > 0.0, "its spectrum is whole");
    assert!(study.number("a", "corr", "xi") > 0.0 && study.number("c", "corr", "xi") > 0.0);
    assert!(study.results("figures/fig-maps.svg").exists());
    // Two samples are too few for a correlation: said, not computed.
    let row = study.row("*", "link", "spearman[corr.xi,tg]");
    assert!(row["value"].is_empty() && row["note"].contains("at least 3"), "{row:?}");
    let row = study.row("a → b", "states", "difference[dist.span]");
    assert!(row["value"].is_empty() && row["note"].contains("no such metric"), "{row:?}");
    // A table in place of a map is left out of a figure of the role itself.
    let bare = Study::new();
    bare.field("good.gsf", 1).write("bad.csv", "T (K),E (Pa)\n1,2\n3,4\n");
    let fig = "[stage.fig]\nrun = \"figure\"\ninput = \"frequency\"\nplot = \"map\"\n";
    bare.definition(format!("{}{fig}", two_samples("{ path = \"bad.csv\" }")));
    bare.run(&[]).exits(1).says(&["bad.csv", "is a table"]);
    assert!(bare.results("figures/fig.svg").exists());
}

#[test]
fn maps_of_different_quantities_share_no_colour_range() {
    let study = Study::new();
    let length = map((16, 16), "nm", |y, x| (y * x) as f64);
    study.field("good.gsf", 1).write("bad.gsf", gsf(&length));
    let fig = "[stage.fig]\nrun = \"figure\"\ninput = \"frequency\"\nplot = \"map\"\n";
    study.definition(format!("{}{fig}", two_samples("{ path = \"bad.gsf\" }")));
    study.run(&[]).exits(1).says(&["maps in Hz and in m", "share_range = false"]);
    study.definition(format!("{}{fig}share_range = false\n", two_samples("{ path = \"bad.gsf\" }")));
    study.run(&[]);
    assert!(study.results("figures/fig.svg").exists());
}

#[test]
fn samples_of_equal_content_share_their_work_and_keep_their_names() {
    let study = Study::new();
    study.field("good.gsf", 1).definition(two_samples("{ path = \"good.gsf\" }"));
    for jobs in ["1", "4"] {
        study.run(&["--force", "--jobs", jobs]).exits(0);
        assert_eq!(study.number("good", "dist", "std"), study.number("bad", "dist", "std"));
        let table = rows(&study.text("tables/dist.csv"));
        let (good, bad): (Vec<_>, Vec<_>) = table.iter().partition(|r| r["sample"] == "good");
        assert!(!good.is_empty() && good.len() == bad.len());
        assert!(study.results("data/good/level.gsf").exists() && study.results("data/bad/level.gsf").exists());
    }
}
