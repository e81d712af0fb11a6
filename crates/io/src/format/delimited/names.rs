//! Names of columns that stand in no row of words: in a numbered list, or as numbers in the first row.

use std::borrow::Cow;

use crate::format::text::label;
use softspot_data::unit::Unit;

use super::TABLE_COLUMNS;
use super::dialect::{Dialect, Separator};
use super::stretches::{Grid, Line, LineKind};

/// Names that are numbers: the first row of a table without names, where it begins with a word, or with nothing, above numbers:
/// `Wavelength (nm),400,410`.
pub(super) fn numbered(grid: &mut Grid, rows: &mut [Line<'_>], dialect: Dialect) {
    let number = |c: &Cow<'_, str>| dialect.number(c).is_some();
    let mut all = rows.iter().filter(|l| l.is_row());
    let Some(first) = all.next() else { return };
    let cells = first.cells.clone();
    let Some((corner, names)) = cells.split_first() else { return };
    let empty = corner.trim().is_empty();
    let word = !number(corner) && corner.contains(char::is_alphabetic) && names.len() > 1;
    let below: Vec<bool> = all.map(|l| l.cells.len() == grid.columns && l.cells.iter().all(number)).collect();
    let plain = below.len() > 1 && below.iter().all(|b| *b) && names.iter().all(number);
    // `0,1,2` above numbers of which none is whole throughout a row: names that pandas counted.
    let plain_digits = cells.iter().all(|c| c.trim().bytes().all(|b| b.is_ascii_digit()));
    let many = cells.len() > 5 || cells.len() > 2 && below.len() >= 10;
    let counted = many && plain_digits && dialect.separator == Separator::Comma && {
        let begin = dialect.number(corner).filter(|v| matches!(*v, 0.0 | 1.0));
        begin.is_some_and(|b| cells.iter().enumerate().all(|(i, c)| dialect.number(c) == Some(b + i as f64)))
    };
    let fractions = |l: &Line<'_>| l.cells.iter().any(|c| dialect.number(c).is_some_and(|v| v.fract() != 0.0));
    if counted && below.len() > 1 && rows.iter().filter(|l| l.is_row()).skip(1).all(fractions) {
        if let Some(first) = rows.iter_mut().find(|l| l.is_row()) {
            first.kind = LineKind::Aside;
        }
        if cells.len() <= TABLE_COLUMNS {
            grid.header = Some(cells.iter().map(|c| (c.to_string(), Unit::none())).collect());
            grid.header_width = grid.columns;
        }
        return;
    }
    if !plain || names.len() + 1 != grid.columns || !(empty || word) {
        return;
    }
    if let Some(first) = rows.iter_mut().find(|l| l.is_row()) {
        first.kind = LineKind::Aside;
    }
    if empty && names.len() > TABLE_COLUMNS {
        // A map with its axes: along the first row and the first column.
        grid.columns -= 1;
        rows.iter_mut().filter(|l| l.is_row()).for_each(|l| drop(l.cells.remove(0)));
    } else {
        let name = |c: &Cow<'_, str>| (c.to_string(), Unit::none());
        let (corner, unit) = label::split(corner);
        let corner = if corner.is_empty() { "row".to_string() } else { corner };
        grid.header = Some(std::iter::once((corner, unit)).chain(names.iter().map(name)).collect());
        grid.header_width = grid.columns;
    }
}

/// Words that number the signals of a file, whose names stand in a list: `Sig1<tab>Time (min)`, `Column 2: Load (mN)`.
const LISTED: &[&str] = &["sig", "signal", "column", "col", "channel", "ch", "field", "variable", "var"];

/// A line of a list of names.
struct Entry<'a> {
    number: usize,
    label: &'a str,
    /// Whether a word says that columns are numbered here: `Column 2: Load (mN)`, but not `# 2: Load (mN)`.
    keyed: bool,
}

/// Names in a list above the table, one for each of its columns, as Universal Analysis of TA Instruments writes them.
pub(super) fn listed(grid: &Grid, lines: &[Line<'_>]) -> Option<Vec<(String, Unit)>> {
    /// Lines above a table that are looked through.
    const ABOVE: usize = 1000;
    let above = lines.get(grid.rows.start.saturating_sub(ABOVE)..grid.rows.start)?;
    [true, false].into_iter().find_map(|keyed| {
        let mut out: Vec<Entry<'_>> = Vec::new();
        for entry in above.iter().filter_map(entry).filter(|e| e.keyed == keyed) {
            if out.last().is_some_and(|last| entry.number != last.number + 1) {
                out.clear();
            }
            out.push(entry);
        }
        let whole = out.first()?.number <= 1 && out.len() == grid.columns && (keyed || are_names(&out));
        whole.then(|| out.iter().map(|e| label::split(e.label)).collect())
    })
}

/// A line of such a list, if it is one: `Sig2<tab>Time`, or in a comment or behind a bracket only its number.
fn entry<'a>(line: &Line<'a>) -> Option<Entry<'a>> {
    let text = line.text.trim();
    let bare = text.trim_start_matches(['#', '%']).trim_start();
    keyed(bare).or_else(|| numbered_name(bare, bare.len() < text.len()))
}

fn keyed(text: &str) -> Option<Entry<'_>> {
    let (key, label) = text.split_once(['\t', ':', '=', ';', ','])?;
    let word = key.trim_end().trim_end_matches(|c: char| c.is_ascii_digit());
    let number = key.trim_end().strip_prefix(word).and_then(|n| n.parse::<usize>().ok())?;
    let word = word.trim_end_matches([' ', '_', '#', '.']).to_ascii_lowercase();
    let label = label.trim();
    (LISTED.contains(&word.as_str()) && !label.is_empty()).then_some(Entry { number, label, keyed: true })
}

/// `1: Time (s)`, `2. Load (mN)`, `3 Depth (nm)` of a comment; `(1) Time (s)`, `[2] Load (mN)` of any line.
fn numbered_name(text: &str, comment: bool) -> Option<Entry<'_>> {
    let inner = text.strip_prefix(['(', '[']);
    let digits = inner.unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit())?;
    let (number, rest) = digits.split_at_checked(end)?;
    let rest = match inner {
        Some(_) => rest.strip_prefix([')', ']'])?,
        None if comment => rest,
        None => return None,
    };
    let label = rest.trim_start_matches([':', '.', '=', ')', '-']).trim();
    let apart = label.len() < rest.len() && label.starts_with(char::is_alphabetic);
    apart.then_some(Entry { number: number.parse().ok()?, label, keyed: false })
}

/// Whether a list that only counts names columns: `# 1. sample annealed` is one of remarks, `# 1 mm` a setting.
fn are_names(entries: &[Entry<'_>]) -> bool {
    let own = |e: &Entry<'_>| label::unit_of(e.label, "").is_none();
    let units = entries.iter().filter(|e| !label::split(e.label).1.symbol.is_empty()).count();
    let distinct: std::collections::BTreeSet<&str> = entries.iter().map(|e| e.label).collect();
    entries.len() > 1 && distinct.len() == entries.len() && units * 2 >= entries.len() && entries.iter().all(own)
}

/// Whether a line belongs to such a list.
pub(super) fn is_listed(line: &Line<'_>) -> bool {
    entry(line).is_some()
}
