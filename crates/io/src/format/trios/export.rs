//! Text exports of TRIOS (TA Instruments): plain text and LIMS.
//!
//! Both are sections begun by `[name]`, of lines `key<tab>value`, and one section `[step]` for each step of the test.
//! - plain text: title, names, units, rows of numbers up to an empty line;
//! - LIMS (`TA Instruments LIMS export format version`): `Step name`, `Number of points`, `Variables`, `Units`,
//!   `Data point` begin the lines.
//!
//! UTF-8 or UTF-16; tabs, or commas and semicolons in CSV exports. Columns of words (`Termination reason`) are kept as
//! words, columns without any value are left out. Known from exports of TRIOS 5 for DHR, ARES-G2.

use std::borrow::Cow;

use crate::format::delimited::dialect::{self, Separator};
use crate::{Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo, entry_name};
use softspot_data::unit::Unit;

use crate::format::text::number::Mark;
use crate::format::text::{columns, encoding, label};

const ID: &str = "trios-text";
/// Sections that only TRIOS writes.
const OWN: &[&str] = &["[Parameters: File Parameters]", "[File Parameters]", "[Procedure: Steps]"];

/// The reader.
pub struct TriosText;

static FORMAT: Format = Format {
    id: ID,
    name: "TRIOS text and LIMS export",
    extensions: &["txt", "csv"],
    about: "A table a step of the test; file, instrument and geometry parameters as metadata.",
    reference: "exports of TRIOS 5 (TA Instruments)",
};

impl Reader for TriosText {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn folder_of_curves(&self) -> bool {
        true
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let text = encoding::decode(source.head());
        let has = |f: &dyn Fn(&str) -> bool| text.lines().any(|l| f(l.trim()));
        if has(&|l| OWN.contains(&l)) || has(&|l| l.starts_with("TA Instruments LIMS export")) {
            return 90;
        }
        85 * Confidence::from(has(&is_step))
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let text = encoding::lines(source.bytes());
        let mut dataset = Dataset::new(ID, limits);
        let mut steps: Vec<Step<'_>> = Vec::new();
        let mut section = String::new();
        for (i, line) in text.lines().enumerate() {
            let trimmed = line.trim();
            if is_step(trimmed) {
                steps.push(Step::default());
                section = "step".into();
            } else if let Some(name) = trimmed.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
                section = name.trim().into();
            } else if let Some(step) = steps.last_mut().filter(|_| section == "step") {
                step.line(line, i + 1)?;
            } else if let Some((key, value)) = pair(line) {
                let key = match (key, dataset.metadata.last()) {
                    ("", Some((above, _))) => above.clone(),
                    _ => entry_name(&section, " / ", key),
                };
                dataset.metadata.push((key, value.to_string()));
            }
        }
        let cells = steps.iter().flat_map(|s| s.rows.iter().flatten()).map(|c| c.as_ref());
        let mark = columns::mark(cells);
        let mut padded = 0usize;
        for step in steps.into_iter().filter(|s| !s.rows.is_empty()) {
            padded = padded.saturating_add(step.rows.len().saturating_mul(step.names.len()));
            columns::within(ID, [padded, 1], source.bytes().len(), limits)?;
            step.put(&mut dataset, mark)?;
        }
        dataset.finish().map_err(|e| e.hint("export the steps of the test with their data points"))
    }
}

fn is_step(line: &str) -> bool {
    line.eq_ignore_ascii_case("[step]")
}

/// `key<tab>value`; the key is empty where the line goes on with the one above.
fn pair(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_end();
    let (key, value) = line.split_once('\t').or_else(|| line.split_once(',')).unwrap_or((line, ""));
    let (key, value) = (key.trim(), value.trim());
    (!key.is_empty() || !value.is_empty()).then_some((key, value))
}

/// One step of the test.
#[derive(Default)]
struct Step<'a> {
    title: String,
    metadata: Metadata,
    separator: Option<Separator>,
    names: Vec<Cow<'a, str>>,
    units: Option<Vec<Cow<'a, str>>>,
    rows: Vec<Vec<Cow<'a, str>>>,
}

impl<'a> Step<'a> {
    fn line(&mut self, line: &'a str, number: usize) -> Result<(), ReadError> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let separator = *self.separator.get_or_insert_with(|| separator(line));
        let mut cells = dialect::split(line, separator);
        let first = cells.first().map(|c| c.to_string()).unwrap_or_default();
        let rest = |mut cells: Vec<Cow<'a, str>>| {
            cells.remove(0);
            cells
        };
        match first.as_str() {
            "Step name" => self.title = cells.get(1).map(|c| c.to_string()).unwrap_or_default(),
            "Variables" => self.names = rest(cells),
            "Units" => self.units = Some(rest(cells)),
            "Data point" => self.row(rest(cells), number)?,
            "Number of points" => self.metadata.extend(pair(line).map(|(k, v)| (k.to_string(), v.to_string()))),
            _ if cells.len() == 1 && self.names.is_empty() => {
                // The separator is seen in the line of names.
                self.separator = None;
                match self.title.is_empty() {
                    true => self.title = first.trim().to_string(),
                    false => self.metadata.push((format!("line {number}"), first)),
                }
            }
            _ if self.names.is_empty() => self.names = cells,
            _ if self.units.is_none() => {
                // The units of the last columns may be empty.
                cells.resize_with(self.names.len().max(cells.len()), Default::default);
                self.units = Some(cells);
            }
            _ => self.row(cells, number)?,
        }
        Ok(())
    }

    fn row(&mut self, mut cells: Vec<Cow<'a, str>>, number: usize) -> Result<(), ReadError> {
        while cells.len() > self.names.len() && cells.last().is_some_and(|c| c.is_empty()) {
            cells.pop();
        }
        if cells.len() > self.names.len() {
            let what = format!("a row of {} cells stands under {} names", cells.len(), self.names.len());
            return Err(ReadError::new(ID, what).line(number).hint("the export is damaged; export the test again"));
        }
        self.rows.push(cells);
        Ok(())
    }

    fn put(self, dataset: &mut Dataset, mark: Mark) -> Result<(), ReadError> {
        let said = self.metadata.iter().find(|(k, _)| k == "Number of points").and_then(|(_, n)| n.parse().ok());
        if said.is_some_and(|n: usize| n > self.rows.len()) {
            let what = format!("`{}` has {} of {} points", self.title, self.rows.len(), said.unwrap_or(0));
            return Err(ReadError::new(ID, what).hint("the file is cut; export the test again"));
        }
        let title = if self.title.is_empty() { "step".to_string() } else { self.title };
        let table = dataset.add_table(TableInfo { metadata: self.metadata, ..TableInfo::named(title) });
        let units = self.units.unwrap_or_default();
        for (c, name) in self.names.iter().enumerate().filter(|(_, n)| !n.is_empty()) {
            let unit = match units.get(c).map(|u| u.trim()).filter(|u| !u.is_empty()) {
                // The strain constant multiplies angles in radians; it is no angle and stays as it is.
                Some(text @ "1/rad") => Unit { symbol: text.into(), opaque: true, ..Unit::none() },
                Some(text) => label::unit_of(text, name).unwrap_or_else(|| Unit::parse_or_keep(text)),
                None => Unit::none(),
            };
            let cells: Vec<&str> = self.rows.iter().map(|r| r.get(c).map_or("", |c| c.as_ref())).collect();
            columns::push(dataset, table, name, unit, &cells, mark)?;
        }
        Ok(())
    }
}

/// What stands between the cells of a line.
fn separator(line: &str) -> Separator {
    match () {
        _ if line.contains('\t') => Separator::Tab,
        _ if line.contains(';') => Separator::Semicolon,
        _ => Separator::Comma,
    }
}
