//! Does every stage print the metrics that it declares, and no others?

use std::collections::BTreeMap;

use softspot::data::Value;
use softspot::stage::STAGES;

use crate::common::every_stage::{folder, whole, whole_rows};

#[test]
fn every_stage_prints_what_it_declares() {
    let folder = folder();
    let text = whole();
    let plan = softspot::pipeline::prepare(&text, &folder.path(""), &[]).unwrap();
    // What a single use declares is all that it prints.
    let mut undeclared = Vec::new();
    let mut printed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in whole_rows() {
        let stage = plan.stages.iter().find(|s| s.def.name == row.stage).unwrap();
        let name = row.metric.name.as_str();
        if !stage.def.instance.metrics().iter().any(|m| m.is(name)) {
            undeclared.push(format!("{} ({}): {name}", row.stage, stage.doc().id));
        }
        printed.entry(stage.doc().id).or_default().push(name);
        assert!(row.metric.value != Value::Missing || !row.metric.note.is_empty(), "{} {name}: no reason", row.stage);
    }
    assert!(undeclared.is_empty(), "printed and not declared:\n{}", undeclared.join("\n"));
    // And of what a kind declares, each is printed by one of its uses: the rows of a null as well.
    let mut absent = Vec::new();
    for e in STAGES {
        assert!(plan.stages.iter().any(|s| s.doc().id == e.doc.id), "{} does not run here", e.doc.id);
        let names = printed.get(e.doc.id).map_or(&[][..], |n| n);
        for doc in e.doc.metrics {
            if !names.iter().any(|n| doc.is(n)) {
                absent.push(format!("{}: {}", e.doc.id, doc.name));
            }
            for end in doc.nulls {
                let row = |n: &&&str| n.ends_with(&format!("_{end}")) && doc.is(n);
                if names.iter().filter(row).count() == 0 {
                    absent.push(format!("{}: {}_{end}", e.doc.id, doc.name));
                }
            }
        }
    }
    assert!(absent.is_empty(), "declared and never printed:\n{}", absent.join("\n"));
}
