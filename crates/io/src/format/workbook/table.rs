//! From the tables of a sheet to columns of numbers and words.

use super::cell::Cell;
use super::ranges::{self, Grid, View};
use crate::format::text::columns;
use crate::format::text::number::Mark;
use softspot_data::unit::Unit;

/// A column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    pub unit: Unit,
    pub cells: Content,
}

/// The cells of a column, one for each row.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// In the file's unit; NaN where there is none.
    Numbers(Vec<f64>),
    Words(Vec<String>),
}

/// A table of numbers.
pub(super) struct Table<'a> {
    pub columns: Vec<Column>,
    /// What to tell people of it.
    pub notes: Vec<(String, String)>,
    /// The rows of statistics, if there are any.
    pub summary: Vec<View<'a>>,
}

/// Whether a row holds statistics of the rows above: `Mean`, `Std. Dev.`, `% COV`.
fn is_summary(row: &View<'_>) -> bool {
    let Some(word) = row.first_word() else { return false };
    row.cells.len() > 1 && columns::is_statistic(word)
}

/// Rows of statistics, where they are few among rows of results.
pub(super) fn summary<'a>(grid: &Grid<'a>) -> Vec<View<'a>> {
    let rows: Vec<View<'a>> = grid.rows.iter().filter(|r| is_summary(r)).copied().collect();
    let wide = || grid.rows.iter().filter(|r| r.cells.len() > 1);
    // Few among results, or all that stands below them.
    let first = wide().position(is_summary).unwrap_or(0);
    let below = first > 1 && wide().skip(first).all(is_summary);
    if rows.len() < wide().count() || below { rows } else { Vec::new() }
}

/// The columns of a table, with or without its rows of statistics. `None` where the words would take too much memory.
pub(super) fn columns<'a>(grid: &Grid<'a>, mark: (Mark, bool), whole: bool, budget: &mut usize) -> Option<Table<'a>> {
    let summary = summary(grid);
    let without = !whole && !summary.is_empty();
    let rows: Vec<&View<'a>> = grid.rows.iter().filter(|r| !(without && is_summary(r))).collect();
    let mut out = Table { columns: Vec::new(), notes: Vec::new(), summary };
    for (i, c) in grid.columns.iter().enumerate() {
        let (name, unit) = match grid.header.as_ref().and_then(|h| h.get(i)) {
            Some(h) => h.clone(),
            None => (format!("column_{i}"), Unit::none()),
        };
        let mut cells = content(&rows, *c, mark, &name, &mut out.notes);
        // Cells that show `5 %` hold 0.05, which the `%` of a head would divide again.
        if let (Numbers::Some(values), true) = (&mut cells, unit.symbol.trim() == "%") {
            let shown = |r: &&View<'_>| matches!(r.get(*c), Some(Cell::Percent(_)));
            values.iter_mut().zip(&rows).filter(|(_, r)| shown(r)).for_each(|(v, _)| *v *= 100.0);
        }
        match cells {
            Numbers::Empty => {}
            Numbers::Some(values) => out.columns.push(Column { name, unit, cells: Content::Numbers(values) }),
            Numbers::Words => {
                let shown = |r: &&View<'_>| r.get(*c).map(Cell::show).unwrap_or_default();
                let mut words = Vec::with_capacity(rows.len());
                for word in rows.iter().map(shown) {
                    *budget = budget.checked_sub(word.len() + size_of::<String>())?;
                    words.push(word);
                }
                out.columns.push(Column { name, unit: Unit::none(), cells: Content::Words(words) });
            }
        }
    }
    Some(out)
}

enum Numbers {
    Empty,
    Some(Vec<f64>),
    Words,
}

/// Numbers, if no row of data has words in that column. The words of a row without any number (`END`) and of rows of
/// statistics are labels, which leave the column one of numbers.
fn content(
    rows: &[&View<'_>],
    column: u32,
    mark: (Mark, bool),
    name: &str,
    notes: &mut Vec<(String, String)>,
) -> Numbers {
    let mut values = Vec::with_capacity(rows.len());
    let (mut numbers, mut labels, mut doubtful) = (0usize, 0usize, None);
    let mut word = None;
    for row in rows {
        let Some(cell) = row.get(column) else {
            values.push(f64::NAN);
            continue;
        };
        match cell.value(mark.0) {
            Some(v) => {
                numbers += usize::from(cell.is_number(mark.0));
                if !mark.1 && matches!(cell, Cell::Text(t) if t.contains(',')) {
                    doubtful.get_or_insert((row.number, cell.show()));
                }
                values.push(v);
            }
            None if is_summary(row) || !row.has_number(mark.0) => {
                labels += 1;
                values.push(f64::NAN);
            }
            None => {
                word.get_or_insert((row.number, cell.show()));
                values.push(f64::NAN);
            }
        }
    }
    if numbers == 0 {
        return if word.is_some() || labels > 0 { Numbers::Words } else { Numbers::Empty };
    }
    let why = match (word, doubtful) {
        (Some((row, text)), _) => format!("row {} holds `{text}`", row + 1),
        (None, Some((row, text))) => {
            format!("row {}: the comma of `{text}` could be a decimal mark or group thousands", row + 1)
        }
        (None, None) => return Numbers::Some(values),
    };
    notes.push((format!("{name}: kept as text"), why));
    Numbers::Words
}

/// Numbers in a rectangle, without names: a map, row 0 on top.
pub(super) fn matrix(grid: &Grid<'_>, mark: Mark) -> Option<Vec<f64>> {
    let columns = grid.columns.len();
    if grid.header.is_some() || columns <= ranges::MAP_COLUMNS || grid.rows.len() < 2 {
        return None;
    }
    let full = grid.rows.iter().all(|r| r.cells.len() == columns);
    let values = full.then(|| grid.rows.iter().flat_map(|r| r.cells.iter()).map(|(_, c)| c.value(mark)))?;
    values.collect()
}
