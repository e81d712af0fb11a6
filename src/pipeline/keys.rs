//! Content-addressed keys: what a result depends on, in canonical form, hashed.

use serde_json::{Value, json};

use crate::stage::{Doc, Meta};

/// Key of a stage's result: kind, version, parameters after defaults, keys of the inputs, seed, the metadata it reads.
pub(super) fn stage_key(doc: &Doc, parameters: &Value, inputs: &[String], seed: u64, metadata: &Meta) -> String {
    let read: serde_json::Map<String, Value> = metadata
        .iter()
        .filter(|(k, _)| doc.metadata.contains(&k.as_str()))
        .map(|(k, v)| (k.clone(), Value::String(v.canonical())))
        .collect();
    hash(&json!({
        "stage": doc.id,
        "version": doc.version,
        "parameters": parameters,
        "inputs": inputs,
        "seed": seed,
        "metadata": read,
    }))
}

/// Key of an input: the file's content and what is taken of it.
pub(super) fn input_key(content: &str, input: &super::InputDef) -> String {
    // Where the file lies does not matter, what it holds does.
    hash(&json!({ "content": content, "input": without(input, &["path", "phantom"]) }))
}

/// What a large volume is to its random streams: the files' content and which numbers of it are taken, not what they are
/// called.
pub(super) fn volume_content(content: &str, input: &super::InputDef) -> String {
    hash(&json!({ "content": content, "input": without(input, &["path", "phantom", "format", "unit", "quantity"]) }))
}

fn without(input: &super::InputDef, keys: &[&str]) -> Value {
    let mut taken = serde_json::to_value(input).unwrap_or_default();
    if let Some(o) = taken.as_object_mut() {
        keys.iter().for_each(|k| drop(o.remove(*k)));
    }
    taken
}

/// BLAKE3 of the canonical text: keys sorted, numbers in shortest form.
pub(super) fn hash(value: &Value) -> String {
    blake3::hash(canonical(value).as_bytes()).to_hex().to_string()
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Object(o) => {
            let mut keys: Vec<&String> = o.keys().collect();
            keys.sort();
            let inner: Vec<String> =
                keys.iter().map(|k| format!("{}:{}", Value::String((*k).clone()), canonical(&o[*k]))).collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(a) => format!("[{}]", a.iter().map(canonical).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_keys_does_not_matter_and_values_do() {
        let a: Value = serde_json::from_str(r#"{"b": [1, 2.5], "a": {"y": null, "x": "µ"}}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"a": {"x": "µ", "y": null}, "b": [1, 2.5]}"#).unwrap();
        assert_eq!(hash(&a), hash(&b));
        assert_ne!(hash(&a), hash(&json!({"a": {"x": "µ", "y": null}, "b": [1, 2.6]})));
    }
}
