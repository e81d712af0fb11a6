//! Indentation reports of CSM Instruments, now Anton Paar, as text.
//!
//! A report is one block a quantity, one line an indent: `HIT (O&P)<tab>Data : 1<tab>8796,963`, the unit in brackets
//! where the second line begins, then the instrument's own statistics (`Mean`, `Std Dev`, …). `--.--` is a missing value;
//! decimals follow the language of Windows. Several reports in a file begin with `New Report` each. Known from reports of
//! the NHT; the stage position is in the blocks `X` and `Y`.

use std::collections::BTreeSet;

use crate::{Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo};
use softspot_data::unit::Unit;

use super::text::number::{self, Mark};
use super::text::{columns, encoding, label};

const ID: &str = "csm";

/// The reader.
pub struct Csm;

static FORMAT: Format = Format {
    id: ID,
    name: "CSM / Anton Paar indentation report",
    extensions: &["txt"],
    about: "One table a report: a column a quantity, a row an indent; the report's statistics as metadata.",
    reference: "reports written by the indentation program of the NHT",
};

impl Reader for Csm {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let text = encoding::decode(source.head());
        let mut last = None;
        for line in text.lines() {
            let number = Entry::of(line).and_then(|e| e.indent);
            if number.is_some() && last.is_some() && number == last {
                return 90;
            }
            last = number.and_then(|n| n.checked_add(1));
        }
        0
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let text = encoding::lines(source.bytes());
        let mark = columns::mark(text.lines().filter_map(Entry::of).map(|e| e.value));
        let mut dataset = Dataset::new(ID, limits);
        let mut reports = vec![Report::default()];
        for (i, line) in text.lines().enumerate() {
            if line.trim() == "New Report" && reports.last().is_some_and(|r| !r.blocks.is_empty()) {
                reports.push(Report::default());
            }
            if let Some(report) = reports.last_mut() {
                report.line(line, i + 1, mark)?;
            }
        }
        reports.retain(|r| !r.blocks.is_empty());
        let alone = reports.len() == 1;
        for report in reports {
            report.put(&mut dataset, alone)?;
        }
        dataset.finish().map_err(|e| e.hint("is it an indentation report? `Data : 1` begins its blocks"))
    }
}

/// A line of a block.
struct Entry<'a> {
    /// Name of the quantity or its unit; empty further down.
    head: &'a str,
    label: &'a str,
    /// Number of the indent, if it is none of the statistics.
    indent: Option<usize>,
    value: &'a str,
}

impl<'a> Entry<'a> {
    fn of(line: &'a str) -> Option<Entry<'a>> {
        let mut cells = line.split('\t').map(str::trim);
        let (head, label, value) = (cells.next()?, cells.next()?, cells.next()?);
        if label.is_empty() || value.is_empty() || cells.any(|c| !c.is_empty()) {
            return None;
        }
        let indent = label.split_once(':').filter(|(word, _)| word.trim().chars().all(char::is_alphabetic));
        Some(Entry { head, label, indent: indent.and_then(|(_, n)| n.trim().parse().ok()), value })
    }
}

/// One quantity of all indents.
struct Block {
    name: String,
    unit: Unit,
    /// Number of the indent and its value.
    values: Vec<(usize, f64)>,
}

#[derive(Default)]
struct Report {
    sample: String,
    blocks: Vec<Block>,
    metadata: Metadata,
}

impl Report {
    fn line(&mut self, line: &str, number: usize, mark: Mark) -> Result<(), ReadError> {
        let Some(entry) = Entry::of(line) else {
            let text = line.trim();
            if self.blocks.is_empty() && line.starts_with('\t') && !text.is_empty() {
                self.sample = text.to_string();
                self.metadata.push(("Sample".into(), text.into()));
            } else if !text.is_empty() && text != "New Report" && text.chars().any(|c| c != '-') {
                self.metadata.push((format!("line {number}"), text.into()));
            }
            return Ok(());
        };
        let unit = entry.head.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let starts = !entry.head.is_empty() && unit.is_none() || self.blocks.is_empty();
        if starts && entry.indent.is_some() {
            self.blocks.push(Block { name: entry.head.into(), unit: Unit::none(), values: Vec::new() });
        }
        let Some(block) = self.blocks.last_mut() else {
            self.metadata.push((entry.label.into(), entry.value.into()));
            return Ok(());
        };
        // `Nu` is the letter of Poisson's ratio and no unit.
        if let Some(unit) = unit.filter(|u| !matches!(u.trim(), "" | "Nu" | "nu" | "-")) {
            block.unit = label::unit_of(unit, &block.name).unwrap_or_else(|| Unit::parse_or_keep(unit));
        }
        let Some(indent) = entry.indent else {
            self.metadata.push((format!("{}: {}", block.name, entry.label), entry.value.into()));
            return Ok(());
        };
        let value = match number::parse(entry.value, mark) {
            Some(v) => v,
            None if number::is_missing(entry.value) => f64::NAN,
            None => {
                let what = format!("`{}` of indent {indent} is no number: `{}`", block.name, entry.value);
                return Err(ReadError::new(ID, what)
                    .line(number)
                    .hint("export the report again without thousands separators"));
            }
        };
        if block.values.last().is_some_and(|(last, _)| *last >= indent) {
            let what = format!("indent {indent} of `{}` stands behind a later one", block.name);
            return Err(ReadError::new(ID, what).line(number).hint("the report is damaged; export it again"));
        }
        block.values.push((indent, value));
        Ok(())
    }

    /// Adds the report as a table.
    fn put(mut self, dataset: &mut Dataset, alone: bool) -> Result<(), ReadError> {
        let indents: BTreeSet<usize> = self.blocks.iter().flat_map(|b| b.values.iter().map(|(i, _)| *i)).collect();
        let filled = |b: &Block| b.values.iter().any(|(_, v)| !v.is_nan());
        for block in self.blocks.iter().filter(|b| !filled(b)) {
            self.metadata.push((block.name.clone(), "no value of any indent".into()));
        }
        let mut info = TableInfo::named(self.sample);
        if alone {
            dataset.metadata = self.metadata;
        } else {
            info.metadata = self.metadata;
        }
        let table = dataset.add_table(info);
        // Indents that were switched off are left out of every block: then their numbers matter.
        if indents.iter().next_back().is_some_and(|last| *last != indents.len()) {
            dataset.push_column(table, "Data", Unit::none(), indents.iter().map(|i| *i as f64).collect())?;
        }
        for block in self.blocks.into_iter().filter(|b| filled(b)) {
            let mut own = block.values.iter().peekable();
            let value = |i: &usize| own.next_if(|(own, _)| own == i).map_or(f64::NAN, |(_, v)| *v);
            let values = indents.iter().map(value).collect();
            dataset.push_column(table, &block.name, block.unit, values)?;
        }
        Ok(())
    }
}
