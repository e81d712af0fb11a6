//! JSON Schema of a definition, for editors.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::input::InputDef;
use crate::stage::{STAGES, Scope};

/// The schema, draft 2020-12.
pub fn schema() -> Value {
    let mut generator: SchemaGenerator = SchemaSettings::draft2020_12().into_generator();
    let input = generator.subschema_for::<InputDef>();
    let stages: Vec<Value> = STAGES
        .iter()
        .map(|entry| {
            let mut schema = entry.schema(&mut generator).to_value();
            let doc = entry.doc;
            let many = json!({ "type": "array", "items": { "type": "string" } });
            let name = json!({ "type": "string" });
            let by_port = json!({
                "type": "object",
                "additionalProperties": false,
                "properties": doc.inputs.iter().map(|p| {
                    let value = if p.repeated { json!({ "anyOf": [name, many] }) } else { name.clone() };
                    (p.name.to_string(), value)
                }).collect::<serde_json::Map<_, _>>(),
            });
            let several = doc.inputs.len() > 1 || doc.inputs.iter().any(|p| p.repeated);
            let input = match (doc.scope, several) {
                (Scope::Study, _) => json!({ "anyOf": [name, many] }),
                (Scope::Sample, true) => json!({ "anyOf": [name, many, by_port] }),
                (Scope::Sample, false) => json!({ "anyOf": [name, by_port] }),
            };
            close(&mut schema);
            if let Some(o) = schema.as_object_mut() {
                o.insert("description".into(), json!(doc.about));
                let properties = o.entry("properties").or_insert_with(|| json!({}));
                if let Some(p) = properties.as_object_mut() {
                    p.insert("run".into(), json!({ "const": doc.id, "description": doc.about }));
                    p.insert("input".into(), input);
                }
                let required = o.entry("required").or_insert_with(|| json!([]));
                if let Some(r) = required.as_array_mut() {
                    r.insert(0, json!("run"));
                    if doc.inputs.iter().any(|p| !p.optional) {
                        r.insert(1, json!("input"));
                    }
                }
            }
            schema
        })
        .collect();
    let mut definitions = generator.take_definitions(true);
    definitions.values_mut().for_each(close);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "softspot pipeline",
        "type": "object",
        "required": ["pipeline", "sample", "stage"],
        "additionalProperties": false,
        "properties": {
            "pipeline": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": false,
                "properties": {
                    "name": { "type": "string", "description": "Name of the pipeline and of its results folder." },
                    "seed": { "type": "integer", "minimum": 0, "default": 0, "description": "Seed of all random streams." },
                    "title": { "type": "string", "description": "Title of the study." },
                    "date": { "type": "string", "description": "Date for the archive's metadata, YYYY-MM-DD." },
                    "license": { "type": "string", "description": "Licence of the results, for the archive's metadata." }
                }
            },
            "sample": {
                "type": "object",
                "description": "Samples by id; `*` in the id and {} in a path make one for each match.",
                "additionalProperties": {
                    "type": "object",
                    "description": "Inputs by role, and metadata: text, numbers, quantities.",
                    "additionalProperties": { "anyOf": [input, { "type": ["string", "number", "boolean"] }] }
                }
            },
            "stage": {
                "type": "object",
                "description": "Stages by name.",
                "additionalProperties": { "oneOf": stages }
            }
        },
        "$defs": definitions
    })
}

/// An object takes what it names and no more: flattened groups leave that open.
fn close(schema: &mut Value) {
    if let Some(o) = schema.as_object_mut().filter(|o| o.contains_key("properties")) {
        o.entry("additionalProperties").or_insert(json!(false));
    }
}
