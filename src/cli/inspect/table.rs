//! The listing of one file: its tables and channels with units, sizes and ranges.

use std::collections::BTreeSet;
use std::path::Path;

use super::statistics;
use crate::data::Kind;
use crate::io::{Channel, Dataset, READERS, ReadError};
use crate::unit::{Unit, display};

/// Tables listed one by one.
const TABLES: usize = 12;
/// Columns of words that are named.
const WORDS: usize = 24;

/// The channels whose statistics a listing shows: of tables with the same columns and units, those of the first.
pub(super) fn worth_showing(dataset: &Dataset, all: bool) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let mut shown = vec![all || dataset.tables().len() <= 1; dataset.tables().len()];
    for (t, shown) in shown.iter_mut().enumerate().filter(|(_, s)| !**s) {
        let columns = dataset.columns_of(t).map(|(name, c)| (name, c.map(|c| c.unit.symbol.as_str())));
        *shown = seen.insert(columns.collect::<Vec<_>>());
    }
    let is_shown = |c: &Channel| c.table.is_none_or(|t| shown.get(t).copied().unwrap_or(true));
    (0..dataset.channels().len()).filter(|i| is_shown(&dataset.channels()[*i])).collect()
}

/// The whole listing, and why channels could not be read.
pub(super) fn table(path: &Path, dataset: &Dataset, chosen: &[usize], all: bool) -> (String, Vec<ReadError>) {
    let name = READERS.iter().map(|r| r.format()).find(|f| f.id == dataset.format()).map_or("", |f| f.name);
    let mut text = format!("{} ({}: {name})\n", path.display(), dataset.format());
    text.push_str(&tables(dataset, all));
    let mut rows = vec![["channel", "unit", "shape", "size", "min", "max", "mean", "std", ""].map(String::from)];
    let (mut large, mut unread) = (false, Vec::new());
    for i in chosen {
        let c = &dataset.channels()[*i];
        let skipped = !all && statistics::is_large(c);
        large |= skipped;
        let (s, error) = if skipped { Default::default() } else { statistics::tried(dataset, *i) };
        let number = |v: Option<f64>| v.map_or_else(|| "–".into(), |v| display::quantity(v, &c.unit));
        let shape: Vec<String> = c.shape.iter().map(ToString::to_string).collect();
        let unit = if c.unit.symbol.is_empty() { "–".to_string() } else { c.unit.symbol.clone() };
        let invalid = match (&error, s.invalid) {
            (Some(_), _) => "cannot be read".to_string(),
            (None, 0) => String::new(),
            (None, n) => format!("{n} missing"),
        };
        unread.extend(error);
        rows.push([
            c.name.clone(),
            unit,
            shape.join(" × "),
            size(c),
            number(s.min),
            number(s.max),
            number(s.mean),
            number(s.std),
            invalid,
        ]);
    }
    text.push_str(&aligned(&rows));
    text.push_str(&words(dataset));
    if large {
        text.push_str("  no statistics of channels this large; --all reads them\n");
    }
    text.push_str(&not_read(dataset));
    let n = dataset.metadata().len();
    text.push_str(&format!("  {n} header fields{}\n", if n > 0 { "; --json shows them" } else { "" }));
    (text, unread)
}

/// Parts of the file that the reader names and does not read.
fn not_read(dataset: &Dataset) -> String {
    const LISTED: usize = 12;
    let all = dataset.metadata().iter().filter(|(k, v)| v.starts_with("not read") || k.ends_with("not read"));
    let line = |(k, v): &(String, String)| {
        let (name, why) = (k.trim_end_matches("not read").trim_end_matches('/'), v.trim_start_matches("not read: "));
        format!("  not read: {name}: {why}\n")
    };
    let more = all.clone().count().saturating_sub(LISTED);
    let more = if more > 0 { format!("  … and {more} more; --json names them\n") } else { String::new() };
    all.take(LISTED).map(line).collect::<String>() + &more
}

/// Columns that hold no numbers.
fn words(dataset: &Dataset) -> String {
    let mut names: Vec<&str> = Vec::new();
    for table in 0..dataset.tables().len() {
        let words = dataset.columns_of(table).filter(|(_, c)| c.is_none()).map(|(name, _)| name);
        names.extend(words.filter(|n| names.len() < WORDS && !names.contains(n)).collect::<Vec<_>>());
    }
    let more = if names.len() >= WORDS { ", …" } else { "" };
    if names.is_empty() { String::new() } else { format!("  columns of words: {}{more}\n", names.join(", ")) }
}

/// Names, sizes and places of several tables.
fn tables(dataset: &Dataset, all: bool) -> String {
    let list = dataset.tables();
    if list.len() < 2 {
        return String::new();
    }
    let metre = Unit::of("m");
    let mut count = vec![(0usize, 0usize); list.len()];
    for c in dataset.channels().iter().filter(|c| c.kind == Kind::Table) {
        if let Some((columns, rows)) = c.table.and_then(|t| count.get_mut(t)) {
            *columns += 1;
            *rows = (*rows).max(c.elements());
        }
    }
    let mut rows = vec![["table", "columns", "rows", "at"].map(String::from)];
    let shown = if all { list.len() } else { TABLES };
    for (t, (columns, length)) in list.iter().zip(&count).take(shown) {
        let at = t.position.map(|p| p.map(|v| display::quantity(v, &metre)).join(", "));
        let cell = t.cell.map(|[r, c]| format!("row {r}, column {c}"));
        let at = [cell, at].into_iter().flatten().collect::<Vec<_>>().join("; ");
        rows.push([t.name.clone(), columns.to_string(), length.to_string(), at]);
    }
    let mut text = format!("  {} tables\n{}", list.len(), aligned(&rows));
    if list.len() > shown {
        text.push_str(&format!("  … and {} more; --all lists them\n", list.len() - shown));
    }
    text.push('\n');
    text
}

/// Columns padded to the same width. A line feed in a name would break the table.
pub(super) fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> =
        rows.iter().map(|r| std::array::from_fn(|i| r[i].replace('\n', "␊").replace('\t', "␉"))).collect();
    let mut widths = [0; N];
    for r in &rows {
        widths.iter_mut().zip(r).for_each(|(w, t)| *w = (*w).max(t.chars().count()));
    }
    let mut text = String::new();
    for r in &rows {
        let cells: Vec<String> =
            r.iter().zip(widths).map(|(t, w)| format!("{t}{}", " ".repeat(w - t.chars().count()))).collect();
        text.push_str(&format!("  {}\n", cells.join("  ").trim_end()));
    }
    text
}

fn size(c: &Channel) -> String {
    let m = Unit::of("m");
    c.physical_size
        .as_ref()
        .map_or_else(|| "–".into(), |s| s.iter().map(|v| display::quantity(*v, &m)).collect::<Vec<_>>().join(" × "))
}
