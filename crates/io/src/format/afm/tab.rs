//! Force curves that afmformats exported as text.
//!
//! Known writer: afmformats (`AFMData.export_data`). Comments with the metadata as JSON between `BEGIN METADATA` and
//! `END METADATA`, a comment with the names of the columns, then values parted by tabs in SI units; segments are
//! numbers or, in older files, `False` and `True`. Source: the documentation of afmformats, files of version 0.13.
//!
//! Version 0.13 forgets to end the line of names, so the first values stand behind the last name: that record is lost
//! to every reader of such files, and is left out here as well, with a note in the metadata.

use crate::format::text::columns::within;
use crate::format::text::encoding;
use crate::format::text::number::{self, Mark};
use crate::{Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source};

const ID: &str = "afmformats-tab";
const BEGIN: &str = "BEGIN METADATA";
const END: &str = "END METADATA";

/// The reader.
pub struct AfmformatsTab;

static FORMAT: Format = Format {
    id: ID,
    name: "afmformats text",
    extensions: &["tab", "csv"],
    about: "One force curve in SI units, with its position and metadata.",
    reference: "https://afmformats.readthedocs.io",
};

impl Reader for AfmformatsTab {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = encoding::decode(source.head());
        if head.starts_with("# afmformats") || head.starts_with('#') && head.contains("# BEGIN METADATA") {
            95
        } else {
            0
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let text = encoding::decode(source.bytes());
        let mut metadata = Metadata::new();
        let mut json = None::<String>;
        let (mut names, mut names_line) = (String::new(), 0);
        let mut rows = Vec::new();
        for (i, line) in text.lines().enumerate() {
            let Some(remark) = line.strip_prefix('#').map(str::trim) else {
                if !line.trim().is_empty() {
                    rows.push((i + 1, line));
                }
                continue;
            };
            match (remark, json.as_mut()) {
                (BEGIN, _) => json = Some(String::new()),
                (END, Some(own)) => {
                    metadata.extend(entries(own, i + 1)?);
                    json = None;
                }
                (part, Some(own)) => {
                    own.push_str(part);
                    own.push('\n');
                }
                ("", None) => {}
                // The last remark before the values names the columns.
                (other, None) if rows.is_empty() => (names, names_line) = (other.to_string(), i + 1),
                _ => {}
            }
        }
        if names.starts_with("afmformats") || names.is_empty() {
            return Err(ReadError::new(ID, "no line names the columns").line(1).hint("export the curve again"));
        }
        let names = columns(&names, names_line, &mut metadata);
        within(ID, [rows.len(), names.len()], source.bytes().len(), limits)?;
        let mut values: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
        for (line, row) in rows {
            let mut cells = row.split('\t');
            for own in &mut values {
                let cell = cells.next().unwrap_or("").trim();
                own.push(value(cell).ok_or_else(|| {
                    ReadError::new(ID, format!("`{cell}` is no value of a curve")).line(line).hint("export it again")
                })?);
            }
        }
        let mut dataset = Dataset::new(ID, limits);
        let table = dataset.add_table(super::place("", metadata.clone()));
        for (name, values) in names.iter().zip(values) {
            dataset.push_column(table, name, super::unit(name), values)?;
        }
        dataset.metadata = metadata;
        dataset.finish()
    }
}

/// The JSON of the comments.
fn entries(json: &str, line: usize) -> Result<Metadata, ReadError> {
    let parsed: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).map_err(|e| {
        ReadError::new(ID, format!("the metadata are no JSON: {e}")).line(line).hint("export the curve again")
    })?;
    let plain = |v: serde_json::Value| match v {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(parsed.into_iter().map(|(k, v)| (k, plain(v))).collect())
}

/// The names; what stands behind the last one of them is noted.
fn columns(text: &str, line: usize, metadata: &mut Metadata) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for cell in text.split('\t').map(str::trim) {
        let start = cell.find(|c: char| c.is_ascii_digit() || c == '-').filter(|at| *at > 0);
        let glued = start.and_then(|at| Some((cell.get(..at)?, cell.get(at..)?)));
        match glued.filter(|(_, rest)| number::parse(rest, Mark::Point).is_some()) {
            Some((name, _)) => {
                metadata.push(("first record".into(), format!("left out: line {line} runs into it")));
                names.push(name.trim().to_string());
                break;
            }
            None => names.push(cell.to_string()),
        }
    }
    names
}

fn value(cell: &str) -> Option<f64> {
    match cell {
        "False" => Some(0.0),
        "True" => Some(1.0),
        other => number::parse(other, Mark::Point).or_else(|| number::is_missing(other).then_some(f64::NAN)),
    }
}
