//! The rows of names and units above a table.

use std::collections::BTreeMap;

use crate::format::text::{label, number::Mark};
use softspot_data::unit::Unit;

use super::ranges::View;

/// Rows of a header: groups, names, units.
const MOST: usize = 3;

/// Words in the place of a unit that say that there is none.
const NO_UNIT: &[&str] = &["none", "integer", "index", "n/a", "-", "--", "1", "[-]", "(-)", "[]", "()", "unitless"];

/// What stands above a table.
#[derive(Debug)]
pub(super) struct Names {
    /// The first of its rows, and the row behind the last of them.
    pub rows: std::ops::Range<usize>,
    /// Column, name and unit.
    pub columns: Vec<(u32, String, Unit)>,
    /// Whether units have a row of their own.
    pub unit_row: bool,
}

impl Names {
    /// Whether there is a unit anywhere.
    pub(super) fn has_units(&self) -> bool {
        self.unit_row || self.columns.iter().any(|(_, _, unit)| !unit.symbol.is_empty())
    }

    /// Names and units of these columns.
    pub(super) fn of(self, columns: &[u32]) -> Vec<(String, Unit)> {
        let mut named = self.columns.into_iter().peekable();
        let mut out = Vec::with_capacity(columns.len());
        for (i, column) in columns.iter().enumerate() {
            let own = named.next_if(|(c, _, _)| c == column);
            out.push(own.map_or_else(|| (format!("column_{i}"), Unit::none()), |(_, name, unit)| (name, unit)));
        }
        out
    }
}

/// The header of the table whose first number stands in row `begin`, from the rows behind `floor`.
pub(super) fn above(rows: &[View<'_>], floor: usize, begin: usize, mark: Mark) -> Option<Names> {
    // A label may stand between names and numbers: `Cycle 1`.
    let label = |i: usize| rows.get(i).is_some_and(|r| r.cells.len() == 1);
    let skipped = begin.checked_sub(1).filter(|i| *i > floor && label(*i) && !label(i - 1));
    directly_above(rows, floor, begin, begin, mark)
        .or_else(|| directly_above(rows, floor, skipped?, begin, mark).filter(|n| n.rows.len() > 1))
}

/// The header whose last row is the one before `end`.
fn directly_above(rows: &[View<'_>], floor: usize, end: usize, begin: usize, mark: Mark) -> Option<Names> {
    // The first rows say how wide the table is; one alone may have gaps.
    let width = rows.get(begin..)?.iter().take(3).map(|r| r.cells.len()).max().unwrap_or(0);
    let mut from = end;
    let mut named = false;
    let mut below = rows.get(end)?.number;
    // A row of conditions may stand below the units, or in their place.
    let mut conditions = 0;
    while from > floor && end - from < MOST + conditions {
        let row = rows.get(from - 1)?;
        // One blank row may stand between names and numbers, none within the names.
        let blank = if from == end { 2 } else { 1 };
        if below - row.number > blank || row.texts(mark) != row.cells.len() {
            break;
        }
        let higher = from.checked_sub(2).filter(|i| *i >= floor).and_then(|i| rows.get(i));
        let names_above = || rows.get(floor..from - 1).unwrap_or_default().iter().rev().take(2);
        if from == end && names_above().any(|h| is_names(h, width, mark) && is_condition_row(row, h)) {
            (conditions, below) = (1, row.number);
            from -= 1;
            continue;
        }
        let units = from + conditions == end && higher.is_some_and(|h| is_names(h, width, mark) && is_unit_row(row, h));
        if !(units || is_names(row, width, mark)) {
            break;
        }
        // `Operator | Smith` above the names is a setting, no group of columns.
        if named && is_adjacent(row) {
            break;
        }
        named |= !units;
        below = row.number;
        from -= 1;
    }
    let header = rows.get(from..end).filter(|h| !h.is_empty())?;
    Some(names(header, from, width))
}

fn is_adjacent(row: &View<'_>) -> bool {
    matches!(row.cells, [(a, _), (b, _)] if a + 1 == *b)
}

/// Whether a row of words is wide enough to name the columns of a table.
fn is_names(row: &View<'_>, width: usize, mark: Mark) -> bool {
    let words = row.texts(mark);
    let (Some((first, _)), Some((last, _))) = (row.cells.first(), row.cells.last()) else { return false };
    let span = (last - first) as usize + 1;
    words > 0 && (width == 1 || words > 1 && (words * 2 >= width || span * 2 >= width))
}

/// Whether the words of a row are units of the names above. `h | F | h | F` below `Loading | | Unloading |` are names.
fn is_unit_row(row: &View<'_>, names: &View<'_>) -> bool {
    let name = |c: u32| names.get(c).and_then(|c| c.words()).unwrap_or_default();
    let known = |(c, cell): &&(u32, super::cell::Cell)| {
        !name(*c).is_empty() && unit(cell.words().unwrap_or_default(), name(*c)).is_some()
    };
    let known = row.cells.iter().filter(known).count();
    let telling = row.cells.iter().any(|(_, c)| !NO_UNIT.contains(&c.words().unwrap_or_default()));
    telling && known * 3 >= row.cells.len() * 2
}

/// A unit in a cell of its own.
fn unit(text: &str, name: &str) -> Option<Unit> {
    if NO_UNIT.contains(&text.to_lowercase().as_str()) {
        return Some(Unit::none());
    }
    label::unit_of(text, name)
}

/// Whether the words of a row are conditions of the columns such as `4 Hz`, and the rest units.
fn is_condition_row(row: &View<'_>, names: &View<'_>) -> bool {
    let name = |c: u32| names.get(c).and_then(|c| c.words()).unwrap_or_default();
    let words = |cell: &super::cell::Cell| cell.words().unwrap_or_default().to_string();
    let conditions = row.cells.iter().filter(|(c, w)| label::is_condition(&words(w), name(*c))).count();
    let units = row.cells.iter().filter(|(c, w)| unit(&words(w), name(*c)).is_some()).count();
    conditions > 0 && conditions + units == row.cells.len()
}

fn text<'a>(row: Option<&View<'a>>, column: u32) -> &'a str {
    row.and_then(|r| r.get(column)).and_then(|c| c.words()).unwrap_or_default()
}

/// Names and units from one to three rows.
fn names(rows: &[View<'_>], from: usize, width: usize) -> Names {
    let all = rows.len();
    let (conditions, rows) = match rows.split_last() {
        Some((last, above)) if above.iter().rev().take(2).any(|a| is_condition_row(last, a)) => (Some(last), above),
        _ => (None, rows),
    };
    // Names, units, comments: Origin's order. Comments that tell columns apart stay in the names.
    let (units, above, comments) = match rows {
        [names, units, comments] if is_unit_row(units, names) && !is_unit_row(comments, units) => {
            (Some(units), std::slice::from_ref(names), Some(comments))
        }
        [above @ .., last] if above.last().is_some_and(|a| is_unit_row(last, a)) => (Some(last), above, None),
        _ => (None, rows, None),
    };
    let differ = |c: &&View<'_>| c.cells.iter().any(|(_, own)| c.first_word() != own.words());
    let comments = comments.filter(differ);
    let (bottom, group) = match above {
        [.., group, bottom] => (Some(bottom), Some(group)),
        [bottom] => (Some(bottom), None),
        [] => (None, None),
    };
    let labels = labels(bottom, width);
    let mut columns: Vec<u32> = labels.keys().copied().collect();
    columns.extend(units.iter().flat_map(|r| r.cells.iter().map(|(c, _)| *c)));
    columns.sort_unstable();
    columns.dedup();
    let mut groups = group.map(|g| g.cells).unwrap_or_default().iter().peekable();
    let mut current = "";
    let mut out = Vec::with_capacity(columns.len());
    for (i, c) in columns.iter().enumerate() {
        // A group holds until the next one begins: its cells are merged.
        while let Some((_, g)) = groups.next_if(|(own, _)| own <= c) {
            current = g.words().unwrap_or_default();
        }
        let label = labels.get(c).map(String::as_str).unwrap_or_default();
        // Names with units above names of samples: `Load (mN)` over `sample A`.
        let (group, of_group) = label::split(current);
        let (mut name, mut own) = label::split(label);
        if own.symbol.is_empty() {
            own = of_group;
        }
        let written = text(units, *c);
        if !written.is_empty() {
            // `Tan(delta)` with a unit of its own keeps its brackets.
            name = label.to_string();
            own = unit(written, &name).unwrap_or_else(|| Unit::parse_or_keep(bare(written)));
        }
        let comment = text(comments, *c);
        if !comment.is_empty() {
            name = format!("{name} ({comment})");
        }
        let condition = text(conditions, *c);
        if !condition.is_empty() {
            match unit(condition, &name) {
                Some(u) => own = u,
                None => name = format!("{name} ({condition})"),
            }
        }
        name = match (group.is_empty(), name.is_empty()) {
            (true, true) => format!("column_{i}"),
            (true, false) => name,
            (false, true) => group,
            (false, false) => format!("{group} / {name}"),
        };
        out.push((*c, name, own, label));
    }
    // `A(nm^2)` and `A` are told apart as they are written.
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    out.iter().for_each(|o| *count.entry(o.1.clone()).or_default() += 1);
    let columns = out
        .into_iter()
        .map(|(c, name, unit, label)| {
            let full = count.get(&name).is_some_and(|n| *n > 1) && !label.is_empty() && current.is_empty();
            (c, if full { label.to_string() } else { name }, unit)
        })
        .collect();
    Names { rows: from..from + all, columns, unit_row: units.is_some() }
}

/// The words that name the columns. InView cuts a name at its `;`, so that all names behind it stand one column too far
/// to the right: where there are more names than columns, `Correction? (1-Y` and `0-N)` are joined again.
fn labels(row: Option<&View<'_>>, width: usize) -> BTreeMap<u32, String> {
    let mut out: BTreeMap<u32, String> = BTreeMap::new();
    let cells = row.map(|r| r.cells).unwrap_or_default();
    let mut shift = 0;
    let open = |t: &str| t.matches('(').count() > t.matches(')').count();
    for (c, cell) in cells {
        // Lines of a cell are one name.
        let words = cell.words().unwrap_or_default().replace(['\n', '\r', '\t'], " ");
        let too_many = cells.len() - shift as usize > width && words.matches(')').count() > words.matches('(').count();
        match out.get_mut(&(c - shift).wrapping_sub(1)).filter(|last| too_many && open(last)) {
            Some(last) => {
                *last = format!("{last}; {words}");
                shift += 1;
            }
            None => drop(out.insert(c - shift, words)),
        }
    }
    out
}

/// Without brackets.
fn bare(text: &str) -> &str {
    let inner = |open: char, close: char| text.strip_prefix(open).and_then(|t| t.strip_suffix(close));
    inner('[', ']').or_else(|| inner('(', ')')).unwrap_or(text).trim()
}
