//! JSON of TRIOS (TA Instruments: rheometers and DMA), as its program writes it since 2022.
//!
//! `Results/Processed` has `ColumnHeaders` (an object: key to `DisplayName`, `ValueType` and `Unit/Name`), `Rows`
//! (objects by these keys) and `ResultsSteps` (`Id` and `Name`); a row names its step under `Results Step Id`. Every step is a
//! table. A quantity exported in two units is two columns, which then have their unit in the name. Everything else is
//! metadata, flattened: `Sample/Density` is `1000 g/cm³`.
//!
//! Knowledge: the schema <https://software.tainstruments.com/schemas/TRIOSJSONExportSchema>, the tests of `tadatakit`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::format::text::{encoding, number};
use crate::{Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo};
use softspot_data::unit::Unit;

const ID: &str = "trios-json";
const SCHEMA: &[u8] = b"TRIOSJSONExportSchema";
/// Where a row names its step.
const STEP: &str = "Results Step Id";
/// Bytes up to which a document is taken into memory whole.
const LARGEST: usize = 512 << 20;
/// Entries of metadata, and bytes of each.
const ENTRIES: usize = 10_000;
const ENTRY: usize = 4096;

/// The reader.
pub struct TriosJson;

static FORMAT: Format = Format {
    id: ID,
    name: "TRIOS JSON",
    extensions: &["json"],
    about: "The rows of results, a table a step, with names and units; sample, procedure and instrument as metadata.",
    reference: "https://software.tainstruments.com/schemas/TRIOSJSONExportSchema",
};

impl Reader for TriosJson {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        if !start.starts_with(b"{") {
            return 0;
        }
        let has = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|w| w == word);
        // The schema stands at the beginning, but members of an object may come in any order.
        let far = source.bytes().get(..source.bytes().len().min(1 << 20)).unwrap_or_default();
        match has(head, SCHEMA) {
            true => 95,
            false if has(far, b"\"ColumnHeaders\"") && has(far, b"\"Rows\"") => 80,
            false => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let length = source.bytes().len();
        if length > LARGEST || length as u64 > limits.inflated {
            let what = format!("the document has {length} bytes, more than the limit of {LARGEST}");
            return Err(ReadError::new(ID, what).hint("export fewer steps into one file"));
        }
        let text = encoding::decode(source.bytes());
        let document: Value = serde_json::from_str(&text).map_err(|e| {
            ReadError::new(ID, format!("the JSON is broken: {e}"))
                .line(e.line())
                .hint("export the file again from TRIOS, or copy it again")
        })?;
        let mut dataset = Dataset::new(ID, limits);
        let results = document.get("Results").and_then(Value::as_object).ok_or_else(|| no_rows("`Results`"))?;
        for (kind, set) in results {
            let (Some(headers), Some(rows)) = (set.get("ColumnHeaders"), set.get("Rows").and_then(Value::as_array))
            else {
                continue;
            };
            let columns = columns(headers);
            let index: BTreeMap<&str, usize> = columns.iter().enumerate().map(|(i, c)| (c.key.as_str(), i)).collect();
            for step in steps(set, rows) {
                let name = if kind == "Processed" { step.name.clone() } else { format!("{kind} / {}", step.name) };
                push(&mut dataset, name, &step, &columns, &index)?;
            }
        }
        if dataset.channels().is_empty() {
            return Err(no_rows("`Results`"));
        }
        flatten("", &document, &mut dataset.metadata);
        dataset.finish()
    }
}

fn no_rows(what: &str) -> ReadError {
    ReadError::new(ID, format!("there are no rows of numbers under {what}")).hint("export the results with their data")
}

/// A column of the result.
struct Column {
    key: String,
    name: String,
    unit: Unit,
}

/// Columns in the order of the headers. A name that comes twice has its unit behind it.
fn columns(headers: &Value) -> Vec<Column> {
    let entries: Vec<(&str, &Value)> = match headers {
        Value::Object(o) => o.iter().map(|(k, v)| (k.as_str(), v)).collect(),
        // A list of headers names its keys itself.
        Value::Array(a) => a.iter().filter_map(|v| Some((text(v, &["Key", "Id", "Name"])?, v))).collect(),
        _ => Vec::new(),
    };
    let display = |key: &str, v: &Value| text(v, &["DisplayName", "Name"]).unwrap_or(key).to_string();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    entries.iter().for_each(|(k, v)| *count.entry(display(k, v)).or_default() += 1);
    let mut out = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let written = value.get("Unit").and_then(unit_name).unwrap_or("").trim();
        let mut name = display(key, value);
        if count.get(&name).is_some_and(|n| *n > 1) && !written.is_empty() {
            name = format!("{name} ({written})");
        }
        out.push(Column { key: key.to_string(), name, unit: Unit::parse_or_keep(written) });
    }
    out
}

fn text<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|k| value.get(*k)?.as_str())
}

/// `{"Name": "MPa"}` or `"MPa"`.
fn unit_name(unit: &Value) -> Option<&str> {
    unit.as_str().or_else(|| text(unit, &["Name", "Symbol"]))
}

/// The rows of one step.
struct Step<'a> {
    id: String,
    name: String,
    rows: Vec<&'a Map<String, Value>>,
}

/// Rows by step, in the order of the steps; rows of no step in one of their own.
fn steps<'a>(set: &Value, rows: &'a [Value]) -> Vec<Step<'a>> {
    let mut out: Vec<Step<'a>> = Vec::new();
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    let listed = set.get("ResultsSteps").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for step in listed {
        let Some(id) = text(step, &["Id"]) else { continue };
        index.entry(id).or_insert(out.len());
        let name = text(step, &["Name", "DisplayName"]).unwrap_or(id).to_string();
        out.push(Step { id: id.to_string(), name, rows: Vec::new() });
    }
    for row in rows.iter().filter_map(Value::as_object) {
        let id = row.get(STEP).and_then(Value::as_str).unwrap_or("");
        let at = *index.entry(id).or_insert(out.len());
        if at == out.len() {
            out.push(Step { id: id.to_string(), name: id.to_string(), rows: Vec::new() });
        }
        if let Some(step) = out.get_mut(at) {
            step.rows.push(row);
        }
    }
    out.retain(|s| !s.rows.is_empty());
    out
}

fn push(
    dataset: &mut Dataset,
    name: String,
    step: &Step<'_>,
    columns: &[Column],
    index: &BTreeMap<&str, usize>,
) -> Result<(), ReadError> {
    let used: BTreeSet<&str> = step.rows.iter().flat_map(|r| r.keys().map(String::as_str)).collect();
    let cells: usize = step.rows.iter().map(|r| r.len()).sum();
    if step.rows.len().saturating_mul(used.len()) > cells.saturating_mul(16).max(1 << 16) {
        let what = format!("the rows of step `{name}` have too little in common to be a table");
        return Err(ReadError::new(ID, what).hint("export the steps into files of their own"));
    }
    let metadata = if step.id.is_empty() { Metadata::new() } else { vec![("Id".into(), step.id.clone())] };
    let table = dataset.add_table(TableInfo { metadata, ..TableInfo::named(name) });
    // Only what the step has is looked at: a file may list many columns and have many steps.
    let mut own: Vec<usize> = used.iter().filter_map(|k| index.get(k).copied()).collect();
    own.sort_unstable();
    own.dedup();
    let unknown = used.iter().filter(|k| !index.contains_key(*k));
    let unknown: Vec<Column> =
        unknown.map(|k| Column { key: (*k).into(), name: (*k).into(), unit: Unit::none() }).collect();
    for column in own.iter().filter_map(|i| columns.get(*i)).chain(&unknown) {
        if column.key == STEP {
            continue;
        }
        let cells: Vec<Option<&Value>> = step.rows.iter().map(|r| r.get(&column.key)).collect();
        let values: Option<Vec<f64>> = cells.iter().map(|c| value(*c)).collect();
        match values {
            Some(values) if values.iter().any(|v| v.is_finite()) => {
                dataset.push_column(table, &column.name, column.unit.clone(), values)?;
            }
            // Nothing was measured.
            Some(_) => {}
            None => {
                let words = cells.iter().map(|c| c.map(shown).unwrap_or_default()).collect();
                dataset.push_words(table, &column.name, words);
            }
        }
    }
    Ok(())
}

/// A number; NaN where there is none; `None` for words.
fn value(cell: Option<&Value>) -> Option<f64> {
    match cell {
        None | Some(Value::Null) => Some(f64::NAN),
        Some(Value::Number(n)) => Some(n.as_f64().unwrap_or(f64::NAN)),
        Some(Value::String(s)) if number::is_missing(s) || s.eq_ignore_ascii_case("infinity") => Some(f64::NAN),
        Some(Value::String(s)) => number::parse(s, number::Mark::Point),
        Some(_) => None,
    }
}

fn shown(value: &Value) -> String {
    let mut text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
    if text.len() > ENTRY {
        let at = (0..=ENTRY).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.truncate(at);
        text.push('…');
    }
    text
}

/// Everything but the rows as `path/to/key` and value. The parser bounds how deep it goes.
fn flatten(path: &str, value: &Value, out: &mut Metadata) {
    if out.len() >= ENTRIES || path.len() > ENTRY {
        return;
    }
    let below = |key: &str| if path.is_empty() { key.to_string() } else { format!("{path}/{key}") };
    match value {
        Value::Object(o) => match (o.get("Value"), o.get("Unit").and_then(unit_name)) {
            // A quantity.
            (Some(v), unit) if o.len() <= 2 && !v.is_object() && !v.is_array() => {
                let text = format!("{} {}", shown(v), unit.unwrap_or(""));
                out.push((path.to_string(), text.trim().to_string()));
            }
            _ => {
                for (k, v) in o.iter().filter(|(k, _)| !matches!(k.as_str(), "Rows" | "ColumnHeaders")) {
                    flatten(&below(k), v, out);
                }
            }
        },
        Value::Array(a) => {
            let one = a.len() == 1;
            for (i, v) in a.iter().enumerate() {
                flatten(&if one { path.to_string() } else { below(&(i + 1).to_string()) }, v, out);
            }
        }
        Value::Null => {}
        other => out.push((path.to_string(), shown(other))),
    }
}
