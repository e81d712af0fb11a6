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
    let mut unknown = Vec::new();
    known.check(&table, &schema, &mut unknown);
    if !unknown.is_empty() {
        errors.extend(unknown.into_iter().map(|d| d.hint(lists.clone())));
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
        let other = |key: &Spanned<_>| {
            let mut rest = table.clone();
            rest.remove(key);
            parse(rest).err().is_none_or(|e| e.message() != error.message())
        };
        if let Some((key, value)) = table.iter().find(|(k, _)| other(k)) {
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
    /// Names that a table has and the schema has not, in tables within it as well.
    fn check(&self, table: &DeTable<'_>, schema: &Value, errors: &mut Vec<Diagnostic>) {
        let Some(properties) = self.properties(schema) else { return };
        for (key, value) in table {
            match (properties.get(&**key.get_ref()), value.get_ref()) {
                (None, _) => {
                    let what = format!("`{}` has no parameter `{}`", self.stage, key.get_ref());
                    let d = Diagnostic::new("unknown-key", what).at(key.span());
                    errors.push(d.suggest(key.get_ref(), properties.keys().map(String::as_str)));
                }
                (Some(schema), DeValue::Table(inner)) => self.check(inner, schema, errors),
                _ => {}
            }
        }
    }

    /// The properties of an object; `None` where a table may be several things, or anything.
    fn properties<'a>(&'a self, schema: &'a Value) -> Option<&'a serde_json::Map<String, Value>> {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            return self.properties(self.definitions.get(name.rsplit('/').next()?)?);
        }
        if let Some(any) = schema.get("anyOf").and_then(Value::as_array) {
            let mut objects = any.iter().filter_map(|s| self.properties(s));
            return objects.next().filter(|_| objects.next().is_none());
        }
        schema.get("properties")?.as_object()
    }
}
