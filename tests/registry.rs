//! Is every extension registered once, documented, and does its example parse?

use std::collections::BTreeSet;

use std::path::Path;

use softspot::io::{READERS, Source};
use softspot::phantom::KINDS;
use softspot::pipeline::{prepare, schema};
use softspot::stage::figure::PLOTS;
use softspot::stage::{NOT_YET, STAGES, Scope};

fn unique<'a>(ids: impl IntoIterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        assert!(seen.insert(id), "`{id}` is registered twice");
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "`{id}`");
    }
}

#[test]
fn ids_are_unique() {
    unique(STAGES.iter().map(|e| e.doc.id).chain(NOT_YET.iter().copied()));
    unique(READERS.iter().map(|r| r.format().id));
    unique(PLOTS.iter().map(|p| p.doc().id));
    unique(KINDS.iter().map(|k| k.id));
}

#[test]
fn stages_are_documented() {
    for e in STAGES {
        let d = e.doc;
        assert!(d.about.len() > 40 && d.reference.len() > 5 && d.version > 0, "{}", d.id);
        assert!(d.metrics.iter().all(|m| !m.about.is_empty()), "{}", d.id);
        assert!(d.inputs.iter().all(|p| !p.about.is_empty() && !p.kinds.is_empty()), "{}", d.id);
        let names: BTreeSet<_> = d.metrics.iter().map(|m| m.name).collect();
        assert_eq!(names.len(), d.metrics.len(), "{}: a metric is listed twice", d.id);
        // Every parameter has a text: it is what `softspot stages NAME` prints.
        let mut generator = schemars::SchemaGenerator::default();
        let schema = e.schema(&mut generator).to_value();
        for (name, p) in schema["properties"].as_object().into_iter().flatten() {
            let direct = p["description"].as_str().is_some_and(|t| t.len() > 10);
            assert!(direct, "{}: parameter `{name}` has no documentation", d.id);
        }
    }
}

#[test]
fn examples_parse_and_check() {
    for e in STAGES {
        let d = e.doc;
        // Stages that the example names as input, made of the simplest that has the right output.
        let head = "[pipeline]\nname = \"x\"\n[sample.A]\ntg = \"461 K\"\nfrequency = { path = \"none.gsf\" }\ndma = { path = \"none.csv\", columns = { temperature = \"T\", loss = \"L\" } }\n[sample.\"Pd as cast\"]\nfrequency = { path = \"none.gsf\" }\n[sample.\"Pd annealed\"]\nfrequency = { path = \"none.gsf\" }\n";
        let around = [
            ("level", "run = \"level\"\ninput = \"frequency\"\n"),
            ("dist", "run = \"distribution\"\ninput = \"level\"\n"),
            ("corr", "run = \"correlation\"\ninput = \"level\"\n"),
            ("cut", "run = \"profile\"\ninput = \"level\"\n"),
            ("relax", "run = \"spectrum-peaks\"\ninput = \"dma\"\n"),
        ];
        let mut text = head.to_string();
        for (name, body) in around {
            text.push_str(&format!("[stage.{name}]\n{body}"));
        }
        text.push_str(&format!("[stage.example]\n{}", d.example));
        let plan = prepare(&text, std::path::Path::new("."), &[]).unwrap_or_else(|e| panic!("{}: {e:#?}", d.id));
        assert!(plan.stages.iter().any(|s| s.def.name == "example" && s.doc().id == d.id));
    }
}

#[test]
fn the_schema_knows_every_stage() {
    let text = schema().to_string();
    for e in STAGES {
        assert!(text.contains(&format!("\"const\":\"{}\"", e.doc.id)), "{}", e.doc.id);
    }
}

#[test]
fn formats_and_plots_are_documented() {
    for r in READERS {
        let f = r.format();
        assert!(f.about.len() > 20 && f.reference.len() > 5 && !f.extensions.is_empty(), "{}", f.id);
        assert_eq!(r.sniff(&Source::from_bytes(Path::new("x.bin"), Vec::new())), 0, "{} takes an empty file", f.id);
    }
    for p in PLOTS {
        assert!(p.doc().about.len() > 10);
    }
    let study = STAGES.iter().filter(|e| e.doc.scope == Scope::Study).count();
    assert_eq!(study, 4);
}
