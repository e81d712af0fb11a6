//! Parameters of a stage as the definition gives them, with the place of what is wrong.

use std::ops::Range;

use schemars::SchemaGenerator;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::definition::from_toml;
use crate::diagnostic::Diagnostic;
use crate::stage::{Entry, Instance};

/// Reads the parameters of a stage.
pub(super) fn parameters_of(
    entry: &Entry,
    table: DeTable<'_>,
    span: Range<usize>,
    errors: &mut Vec<Diagnostic>,
) -> Option<Instance> {
    let lists = format!("`softspot stages {}` lists its parameters", entry.doc.id);
    let mut generator = SchemaGenerator::default();
    let schema = entry.schema(&mut generator).to_value();
    let known = Known { definitions: generator.take_definitions(true), stage: entry.doc.id };
    let mut wrong = Vec::new();
    known.check(&table, span.clone(), &schema, &mut wrong);
    if !wrong.is_empty() {
        errors.extend(wrong.into_iter().map(|d| d.hint(lists.clone())));
        return None;
    }
    let parse =
        |table: DeTable<'_>| entry.parse(ValueDeserializer::from(Spanned::new(span.clone(), DeValue::Table(table))));
    let error = match parse(table.clone()) {
        Ok(instance) => return Some(instance),
        Err(e) => e,
    };
    let mut d = from_toml(&error).hint(lists);
    // The parameters of a group lose their place: it is that of the one without which the error is another.
    let placed = |at: Range<usize>| {
        table.iter().any(|(k, v)| k.span() == at || v.span().start <= at.start && at.end <= v.span().end)
    };
    if !error.span().is_some_and(placed) {
        // One that must be there is of no group, and gives another error by being left out.
        let required = schema.get("required").and_then(Value::as_array);
        let of_group = |key: &str| required.is_none_or(|r| !r.iter().any(|name| name == key));
        let other = |key: &Spanned<_>| {
            let mut rest = table.clone();
            rest.remove(key);
            parse(rest).err().is_none_or(|e| e.message() != error.message())
        };
        if let Some((key, value)) = table.iter().find(|(k, _)| of_group(k.get_ref()) && other(k)) {
            d.message = format!("{}: {}", key.get_ref(), d.message);
            d = d.at(value.span());
        }
    }
    errors.push(d);
    None
}

/// Parameters that a stage has, as its schema says: of shared groups as well, which no deserializer can tell from others.
struct Known {
    definitions: serde_json::Map<String, Value>,
    stage: &'static str,
}

impl Known {
    /// Names that a table has and the schema has not, in tables within it as well; names that it must have; lists that are
    /// too long, which no deserializer of a fixed length minds.
    fn check(&self, table: &DeTable<'_>, at: Range<usize>, schema: &Value, errors: &mut Vec<Diagnostic>) {
        let Some(object) = self.object(schema) else { return };
        let none = serde_json::Map::new();
        let properties = object.get("properties").and_then(Value::as_object).unwrap_or(&none);
        for (key, value) in table {
            match properties.get(&**key.get_ref()) {
                None => {
                    let what = format!("`{}` has no parameter `{}`", self.stage, key.get_ref());
                    let d = Diagnostic::new("unknown-key", what).at(key.span());
                    errors.push(d.suggest(key.get_ref(), properties.keys().map(String::as_str)));
                }
                Some(schema) => self.value(key.get_ref(), value, schema, errors),
            }
        }
        let required = object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in required.filter(|name| !table.iter().any(|(k, _)| &**k.get_ref() == *name)) {
            let about = properties.get(name).and_then(|p| p.get("description")).and_then(Value::as_str);
            let d = Diagnostic::new("missing-key", format!("`{}` needs `{name}`", self.stage)).at(at.clone());
            errors.push(d.hint(about.unwrap_or("add it").to_string()));
        }
    }

    /// What is wrong within a value.
    fn value(&self, key: &str, value: &Spanned<DeValue<'_>>, schema: &Value, errors: &mut Vec<Diagnostic>) {
        match value.get_ref() {
            DeValue::Table(inner) => self.check(inner, value.span(), schema, errors),
            DeValue::Array(list) => {
                let Some(array) = self.array(schema) else { return };
                let most = array.get("maxItems").and_then(Value::as_u64).map_or(usize::MAX, |n| n as usize);
                if list.len() > most {
                    let what = format!("{key}: {} values where there are {most}", list.len());
                    errors.push(Diagnostic::new("parameter", what).at(value.span()));
                }
                if let Some(items) = array.get("items") {
                    list.iter().for_each(|v| self.value(key, v, items, errors));
                }
            }
            _ => {}
        }
    }

    /// The schema of a list; `None` where there are several such, or none.
    fn array<'a>(&'a self, schema: &'a Value) -> Option<&'a Value> {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            return self.array(self.definitions.get(name.rsplit('/').next()?)?);
        }
        if let Some(any) = schema.get("anyOf").and_then(Value::as_array) {
            let mut arrays = any.iter().filter_map(|s| self.array(s));
            return arrays.next().filter(|_| arrays.next().is_none());
        }
        (schema.get("items").is_some() || schema.get("maxItems").is_some()).then_some(schema)
    }

    /// The schema of an object; `None` where a table may be several things, or anything.
    fn object<'a>(&'a self, schema: &'a Value) -> Option<&'a serde_json::Map<String, Value>> {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            return self.object(self.definitions.get(name.rsplit('/').next()?)?);
        }
        if let Some(any) = schema.get("anyOf").and_then(Value::as_array) {
            let mut objects = any.iter().filter_map(|s| self.object(s));
            return objects.next().filter(|_| objects.next().is_none());
        }
        let open = schema.get("properties").is_some() || schema.get("type").is_some_and(|t| t == "object");
        schema.as_object().filter(|_| open)
    }
}
