//! Is every extension registered once, documented, and does its example parse?

use std::collections::BTreeSet;

use std::path::Path;

use softspot::io::{READERS, Source};
use softspot::phantom::KINDS;
use softspot::pipeline::{prepare, schema};
use softspot::stage::figure::PLOTS;
use softspot::stage::{STAGES, Scope};

fn unique<'a>(ids: impl IntoIterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        assert!(seen.insert(id), "`{id}` is registered twice");
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "`{id}`");
    }
}

#[test]
fn ids_are_unique() {
    unique(STAGES.iter().map(|e| e.doc.id));
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
        let names: BTreeSet<_> = d.metrics.iter().map(|m| &*m.name).collect();
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

/// The words for how far a result may be relied on are explained where people look for them.
#[test]
fn verdicts_are_explained() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verdicts.md")).unwrap();
    for s in softspot::data::Standing::ALL {
        let row = format!("| {} | {} |", s.words(), s.meaning());
        assert!(page.contains(&row), "docs/verdicts.md lacks\n{row}");
    }
}

/// The page of calibration is of the versions that there are: a stage whose numbers change is calibrated again
/// (`softspot calibrate all`).
#[test]
fn calibration_is_of_these_versions() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/calibration.md")).unwrap();
    for e in softspot::calibrate::stages() {
        let chapter = format!("## {} {}\n", e.doc.id, e.doc.version);
        assert!(page.contains(&chapter), "docs/calibration.md has no chapter `{}`", chapter.trim());
    }
    assert!(page.starts_with(softspot::calibrate::page::HEAD), "the head of docs/calibration.md is another");
}

/// Parameters can be written down and read again: a stage is run again with more surrogates that way.
#[test]
fn parameters_are_read_as_they_are_written() {
    for e in STAGES {
        let mut table: toml::Table = e.doc.example.parse().unwrap();
        table.retain(|key, _| !["run", "input"].contains(&key));
        let parse = |text: &str| e.parse(toml::de::ValueDeserializer::parse(text).unwrap()).unwrap().parameters();
        let once = parse(&toml::Value::Table(table).to_string());
        let again = toml::Value::try_from(without_nulls(once.clone())).unwrap();
        assert_eq!(once, parse(&again.to_string()), "{}", e.doc.id);
    }
}

/// What TOML has no word for is left out.
fn without_nulls(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(o) => {
            o.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_nulls(v))).collect()
        }
        other => other,
    }
}

#[test]
fn examples_parse_and_check() {
    for e in STAGES {
        let d = e.doc;
        // Samples that examples of study stages name, and stages that examples name as input, made of the simplest that
        // has the right output; what else is named is a role of the samples, of a file that is not there.
        let mut head =
            String::from("[pipeline]\nname = \"x\"\n[sample.\"Pd as cast\"]\nfrequency = { path = \"none.gsf\" }\n");
        head += "[sample.\"Pd annealed\"]\nfrequency = { path = \"none.gsf\" }\n[sample.A]\ntg = \"461 K\"\n";
        let around = [
            ("level", "run = \"level\"\ninput = \"frequency\"\n"),
            ("dist", "run = \"distribution\"\ninput = \"level\"\n"),
            ("corr", "run = \"correlation\"\ninput = \"level\"\n"),
            ("cut", "run = \"profile\"\ninput = \"level\"\n"),
            ("top", "run = \"regions\"\ninput = \"level\"\n"),
            ("low", "run = \"regions\"\ninput = \"ct\"\nside = \"low\"\n"),
            ("relax", "run = \"spectrum-peaks\"\ninput = \"dma\"\n"),
        ];
        let mut roles: BTreeSet<String> = ["frequency", "ct", "dma"].map(String::from).into();
        let table: toml::Table = d.example.parse().unwrap();
        let names: Vec<&toml::Value> = match table.get("input") {
            Some(toml::Value::Array(list)) => list.iter().collect(),
            Some(toml::Value::Table(ports)) => ports.values().collect(),
            other => other.into_iter().collect(),
        };
        let names = names.into_iter().flat_map(|v| v.as_array().cloned().unwrap_or_else(|| vec![v.clone()]));
        let first = |v: toml::Value| v.as_str().map(|s| s.split('.').next().unwrap_or_default().to_string());
        roles.extend(names.filter_map(first).filter(|n| !around.iter().any(|(name, _)| name == n)));
        let role = |r: &String| format!("{r} = {{ path = \"none.gsf\" }}\n");
        let mut text = head + &roles.iter().map(role).collect::<String>();
        for (name, body) in around {
            text.push_str(&format!("[stage.{name}]\n{body}"));
        }
        text.push_str(&format!("[stage.example]\n{}", d.example));
        let plan = prepare(&text, std::path::Path::new("."), &[]).unwrap_or_else(|e| panic!("{}: {e:#?}", d.id));
        // What a result is stored under and what `run.json` records: every parameter after defaults. One that cannot be
        // written down would leave nothing, and two definitions would share a result.
        let stage = plan.stages.iter().find(|s| s.def.name == "example").unwrap();
        let parameters = match &stage.def.instance {
            softspot::stage::Instance::Sample(s) => s.parameters(),
            softspot::stage::Instance::Study(s) => s.parameters(),
        };
        assert!(parameters.is_object(), "{}: parameters cannot be written down", d.id);
        // Without each of its lines in turn, where the stage does without it: a default has to be written down as well.
        for left in d.example.lines().filter(|l| !l.starts_with("run") && !l.starts_with("input")) {
            let rest: String = d.example.lines().filter(|l| *l != left).map(|l| format!("{l}\n")).collect();
            let Ok(plan) = prepare(&text.replace(d.example, &rest), std::path::Path::new("."), &[]) else { continue };
            let stage = plan.stages.iter().find(|s| s.def.name == "example").unwrap();
            let parameters = match &stage.def.instance {
                softspot::stage::Instance::Sample(s) => s.parameters(),
                softspot::stage::Instance::Study(s) => s.parameters(),
            };
            assert!(parameters.is_object(), "{}: the default of `{left}` cannot be written down", d.id);
        }
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

/// The README's table of formats, from the registry.
fn format_table() -> String {
    let mut text = String::from("| format | id | files | what is read |\n| --- | --- | --- | --- |\n");
    for r in READERS {
        let f = r.format();
        let files: Vec<String> = f.extensions.iter().map(|e| format!("`.{e}`")).collect();
        text.push_str(&format!("| {} | `{}` | {} | {} |\n", f.name, f.id, files.join(" "), f.about));
    }
    text
}

/// Set `SOFTSPOT_WRITE_README=1` to write the table anew.
#[test]
fn the_readme_lists_every_format() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- formats -->\n").expect("a place for the table");
    let (table, after) = rest.split_once("<!-- /formats -->").expect("the end of the table");
    if std::env::var_os("SOFTSPOT_WRITE_README").is_some() {
        let new = format!("{before}<!-- formats -->\n{}<!-- /formats -->{after}", format_table());
        std::fs::write(&path, new).unwrap();
    } else {
        assert!(table == format_table(), "SOFTSPOT_WRITE_README=1 cargo test --test house registry writes it");
    }
}

#[test]
fn every_format_has_its_section_and_its_fuzz_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_to_string(root.join("docs/formats.md")).unwrap();
    let manifest = std::fs::read_to_string(root.join("fuzz/Cargo.toml")).unwrap();
    for id in READERS.iter().map(|r| r.format().id) {
        assert!(docs.lines().any(|l| l.starts_with('#') && l.contains(&format!("`{id}`"))), "docs/formats.md: {id}");
        let target = root.join("fuzz/fuzz_targets").join(format!("{id}.rs"));
        assert!(target.is_file() && manifest.contains(&format!("name = \"{id}\"\n")), "no fuzz target for {id}");
    }
}
