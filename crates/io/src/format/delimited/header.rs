//! The rows of names and units above a table.

use std::borrow::Cow;

use crate::format::text::{label, number};
use softspot_data::unit::Unit;

use super::dialect::{self, Dialect, Separator};
use super::stretches::{self, Grid, Line, LineKind};

/// Finds names and units above the rows of a table.
pub(super) fn find(grid: &mut Grid, lines: &[Line<'_>], dialect: Dialect) {
    let mut rows: Vec<Vec<Cow<'_, str>>> = Vec::new();
    let mut from = grid.rows.start;
    let mut gaps = 0;
    for (i, line) in lines.iter().enumerate().take(grid.rows.start).rev() {
        match line.kind {
            LineKind::Empty if gaps < 1 => gaps += 1,
            // `Result: Step strain` is no row of names, even over a narrow table.
            LineKind::Words if grid.columns > 2 && line.cells.len() <= 2 && stretches::is_setting(line) => break,
            LineKind::Words if rows.len() < 3 => {
                let cells = header_cells(line.text, dialect, grid.columns);
                let filled = cells.iter().filter(|c| !c.is_empty()).count();
                let span = cells.len();
                let wide = grid.columns == 1 || (span >= 2 && (span * 2 >= grid.columns || filled * 2 >= grid.columns));
                if !wide || span > grid.columns * 2 + 2 {
                    break;
                }
                rows.push(cells);
                from = i;
            }
            _ => break,
        }
    }
    rows.reverse();
    if rows.is_empty() {
        grid.header = comment_header(grid, lines, dialect);
        return;
    }
    grid.header_from = from;
    let first_is_count = first_column_counts(grid, lines, dialect);
    let widest = rows.iter().map(Vec::len).max().unwrap_or(0);
    // R leaves out the name of the column of row names.
    let nameless = rows.len() == 1 && widest + 1 == grid.columns && first_is_count;
    if let Some(row) = rows.first_mut().filter(|_| nameless) {
        row.insert(0, Cow::Borrowed("row"));
    }
    grid.header_width = rows.iter().map(Vec::len).max().unwrap_or(0);
    // A sentence between blanks is no row of names: which of its words would belong to which column?
    let tabs = lines.get(from).is_some_and(|l| l.text.contains('\t'));
    if dialect.separator == Separator::Blank && !tabs && grid.header_width > grid.columns {
        grid.header_width = 0;
        grid.header_from = grid.rows.start;
        return;
    }
    grid.columns = grid.columns.max(grid.header_width);
    grid.header = Some(names(&rows, grid.columns));
}

/// Whether the first column holds words or 1, 2, 3, …
fn first_column_counts(grid: &Grid, lines: &[Line<'_>], dialect: Dialect) -> bool {
    let rows = lines.get(grid.rows.clone()).unwrap_or_default();
    let mut all = true;
    for (i, l) in rows.iter().filter(|l| l.is_row()).enumerate() {
        let first = l.cells.first().map_or("", |c| c);
        let value = number::parse(first, dialect.mark);
        all &= value.is_none() || value == Some(i as f64 + 1.0);
    }
    all
}

/// Names in the last comment above the table, as `numpy.savetxt` writes them.
fn comment_header(grid: &Grid, lines: &[Line<'_>], dialect: Dialect) -> Option<Vec<(String, Unit)>> {
    let last = lines.get(..grid.rows.start)?.iter().rev().find(|l| l.kind != LineKind::Empty)?;
    let text = last.text.trim().trim_start_matches(['#', '%']).trim();
    if last.kind != LineKind::Comment || text.is_empty() {
        return None;
    }
    let cells = header_cells(text, dialect, grid.columns);
    // Netzsch: `##Temp./°C;Time/min;DSC/(mW/mg);Segment`.
    if last.text.trim_start().starts_with("##") && cells.len() == grid.columns {
        return Some(cells.iter().map(|c| slashed(c)).collect());
    }
    (cells.len() == grid.columns).then(|| names(&[cells], grid.columns))
}

/// `Time/min`, `DSC/(mW/mg)`: what follows the first slash, if it is a unit.
fn slashed(cell: &str) -> (String, Unit) {
    let found = cell.split_once('/').and_then(|(name, unit)| Some((name, label::unit_of(unit, name)?)));
    match found.filter(|(name, _)| !name.trim().is_empty()) {
        Some((name, unit)) => (name.trim().to_string(), unit),
        None => label::split(cell),
    }
}

/// The cells of a header row. Rows of numbers in columns of blanks often stand under names separated by tabs.
fn header_cells<'a>(text: &'a str, dialect: Dialect, columns: usize) -> Vec<Cow<'a, str>> {
    let tabs = dialect.separator == Separator::Blank && text.contains('\t');
    let mut cells = dialect::split(text, if tabs { Separator::Tab } else { dialect.separator });
    if dialect.separator == Separator::Blank && !tabs {
        cells = with_units(cells);
    }
    while cells.len() > columns && cells.last().is_some_and(|c| c.is_empty()) {
        cells.pop();
    }
    cells
}

/// `Time (s) Load (mN)` is two names, not four.
fn with_units(cells: Vec<Cow<'_, str>>) -> Vec<Cow<'_, str>> {
    let mut out: Vec<Cow<'_, str>> = Vec::new();
    for cell in cells {
        match out.last_mut().filter(|_| cell.starts_with(['(', '['])) {
            Some(name) => *name = Cow::Owned(format!("{name} {cell}")),
            None => out.push(cell),
        }
    }
    out
}

/// Names and units from one to three rows: groups, names, units, and what each column was measured at.
fn names(rows: &[Vec<Cow<'_, str>>], columns: usize) -> Vec<(String, Unit)> {
    let cell = |row: &[Cow<'_, str>], i: usize| row.get(i).map_or("", |c| c.trim()).to_string();
    let (conditions, rows) = match rows.split_last() {
        Some((last, above)) if above.last().is_some_and(|a| is_condition_row(last, a)) => (Some(last), above),
        _ => (None, rows),
    };
    let (units, above) = match rows.split_last() {
        Some((last, above)) if above.last().is_some_and(|a| is_unit_row(last, a)) => (Some(last), above),
        _ => (None, rows),
    };
    let (bottom, group) = match above {
        [.., group, bottom] => (bottom.as_slice(), Some(group)),
        [bottom] => (bottom.as_slice(), None),
        [] => (&[][..], None),
    };
    let mut current = String::new();
    let mut out: Vec<(String, Unit)> = (0..columns)
        .map(|i| {
            if let Some(g) = group.map(|g| cell(g, i)).filter(|g| !g.is_empty()) {
                current = g;
            }
            let (mut name, mut unit) = label::split(&cell(bottom, i));
            if let Some(text) = units.map(|u| cell(u, i)).filter(|t| !t.is_empty()) {
                unit = label::unit_of(&text, &name).unwrap_or_else(|| Unit::parse_or_keep(&text));
            }
            if let Some(text) = conditions.map(|c| cell(c, i)).filter(|t| !t.is_empty()) {
                match label::unit_of(&text, &name) {
                    Some(own) => unit = own,
                    None => name = format!("{name} ({text})"),
                }
            }
            if name.is_empty() {
                name = format!("column_{i}");
            }
            if current.is_empty() { (name, unit) } else { (format!("{current} / {name}"), unit) }
        })
        .collect();
    // `Depth (nm)` and `Depth (V)` are told apart by their units.
    let base: Vec<String> = out.iter().map(|(n, _)| n.clone()).collect();
    let mut seen = std::collections::BTreeSet::new();
    for (i, name) in base.iter().enumerate() {
        if !seen.insert(name.clone())
            && let Some(slot) = out.get_mut(i)
        {
            let full = cell(bottom, i);
            if !full.is_empty() && full != *name && group.is_none() {
                slot.0 = full;
            }
        }
    }
    out
}

/// A row in which some cells are conditions such as `4 Hz`, and the rest units.
fn is_condition_row(row: &[Cow<'_, str>], names: &[Cow<'_, str>]) -> bool {
    let name = |i: usize| names.get(i).map_or("", |n| n);
    let filled: Vec<(usize, &str)> =
        row.iter().enumerate().map(|(i, c)| (i, c.trim())).filter(|(_, c)| !c.is_empty()).collect();
    let conditions = filled.iter().filter(|(i, c)| label::is_condition(c, name(*i))).count();
    let units = filled.iter().filter(|(i, c)| label::unit_of(c, name(*i)).is_some()).count();
    conditions > 0 && conditions + units == filled.len()
}

/// A row in which the filled cells are units, at least one of them more than `-`.
fn is_unit_row(row: &[Cow<'_, str>], names: &[Cow<'_, str>]) -> bool {
    let filled: Vec<(usize, &str)> =
        row.iter().enumerate().map(|(i, c)| (i, c.trim())).filter(|(_, c)| !c.is_empty()).collect();
    let known = filled.iter().filter(|(i, c)| label::unit_of(c, names.get(*i).map_or("", |n| n)).is_some()).count();
    let telling = filled.iter().any(|(_, c)| !matches!(*c, "-" | "1"));
    !filled.is_empty() && telling && known * 3 >= filled.len() * 2
}
