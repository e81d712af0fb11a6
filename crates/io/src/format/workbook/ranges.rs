//! Where the tables of a sheet are: runs of rows with numbers, side by side or one below the other.
//!
//! A sheet is first parted at blank columns, where the parts are of different length or repeat their names. In a part,
//! a run of rows with numbers goes on over blank rows and over rows of few words (`END`, `Cycle 2`), until new names
//! come. What belongs to no table is metadata.

use std::collections::BTreeMap;

use softspot_data::unit::Unit;

use super::cell::{Cell, Row, Sheet};
use super::header;
use crate::format::text::columns;
use crate::format::text::number::Mark;

/// Columns up to which numbers without names are a table.
pub(super) const MAP_COLUMNS: usize = 8;
/// Parts that a sheet may have.
const MOST_PARTS: usize = 64;

/// One table of a sheet.
#[derive(Debug)]
pub(super) struct Grid<'a> {
    /// A line of words above its names.
    pub title: Option<String>,
    /// Its rows; some may hold no number.
    pub rows: Vec<View<'a>>,
    /// Columns of the sheet.
    pub columns: Vec<u32>,
    /// Names and units of the columns.
    pub header: Option<Vec<(String, Unit)>>,
}

/// The cells of a row in a part of the sheet.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    /// From 0.
    pub number: u32,
    /// Never empty.
    pub cells: &'a [(u32, Cell)],
}

impl<'a> View<'a> {
    pub(super) fn get(&self, column: u32) -> Option<&'a Cell> {
        let at = self.cells.binary_search_by_key(&column, |(c, _)| *c).ok()?;
        self.cells.get(at).map(|(_, cell)| cell)
    }

    /// The words with which the row begins.
    pub(super) fn first_word(&self) -> Option<&'a str> {
        self.cells.first().and_then(|(_, c)| c.words())
    }

    /// Whether it holds a number.
    pub(super) fn has_number(&self, mark: Mark) -> bool {
        self.cells.iter().any(|(_, c)| c.is_number(mark))
    }

    /// Cells with words, `None` and `-` among them.
    pub(super) fn texts(&self, mark: Mark) -> usize {
        self.cells.iter().filter(|(_, c)| c.words().is_some() && !c.is_number(mark)).count()
    }

    /// `Poisson's ratio | 0.18 | -`, `Values: | 5 | 6`: a word and few values.
    fn is_setting(&self, mark: Mark) -> bool {
        let Some((_, first)) = self.cells.first() else { return false };
        let word = first.words().is_some() && first.value(mark).is_none();
        word && (self.cells.len() <= 3 || first.words().is_some_and(|w| w.ends_with([':', '='])))
    }
}

/// What is in a sheet.
#[derive(Default)]
pub(super) struct SheetParts<'a> {
    /// Tables of measured numbers.
    pub tables: Vec<Grid<'a>>,
    /// Settings under names of their own.
    pub settings: Vec<Grid<'a>>,
    /// Rows outside of both.
    pub rest: Vec<View<'a>>,
}

/// The tables of a sheet, and the rows outside of them.
pub(super) fn find(sheet: &Sheet, mark: Mark) -> SheetParts<'_> {
    let mut found = SheetParts::default();
    for part in parts(sheet, mark) {
        let rows: Vec<View<'_>> = sheet.rows.iter().filter_map(|r| view(r, part)).collect();
        in_part(&rows, mark, &mut found);
    }
    found.rest.sort_by_key(|r| (r.number, r.cells.first().map(|(c, _)| *c)));
    found
}

fn view(row: &Row, (from, to): (u32, u32)) -> Option<View<'_>> {
    let begin = row.cells.partition_point(|(c, _)| *c < from);
    let end = row.cells.partition_point(|(c, _)| *c < to);
    let cells = row.cells.get(begin..end).filter(|c| !c.is_empty())?;
    Some(View { number: row.number, cells })
}

/// Rows with numbers in a stretch of columns, first and last, and the names right above.
struct Extent<'a> {
    columns: (u32, u32),
    rows: Option<(u32, u32)>,
    names: Vec<&'a str>,
}

/// Stretches of columns that are looked at for themselves, `from..to`.
fn parts(sheet: &Sheet, mark: Mark) -> Vec<(u32, u32)> {
    let mut used: Vec<u32> = Vec::new();
    for row in &sheet.rows {
        used.extend(row.cells.iter().map(|(c, _)| *c));
        // Rows repeat their columns: keep what is sorted short.
        if used.len() > 1 << 16 {
            used.sort_unstable();
            used.dedup();
        }
    }
    used.sort_unstable();
    used.dedup();
    let mut stretches: Vec<(u32, u32)> = Vec::new();
    for column in used {
        match stretches.last_mut().filter(|s| s.1 == column) {
            Some(last) => last.1 = column + 1,
            None => stretches.push((column, column + 1)),
        }
    }
    // Tables side by side are few; a sheet full of gaps is looked at as a whole.
    if let (true, [first, .., last]) = (stretches.len() > MOST_PARTS, stretches.as_slice()) {
        return vec![(first.0, last.1)];
    }
    let extents: Vec<Extent<'_>> = stretches.into_iter().map(|s| extent(sheet, s, mark)).collect();
    let mut out: Vec<(u32, u32)> = Vec::new();
    let mut last: Option<&Extent<'_>> = None;
    for own in &extents {
        let apart = match (last.and_then(|l| l.rows), own.rows) {
            (Some(a), Some(b)) => a.1 != b.1 || last.is_some_and(|l| own.names.len() > 1 && l.names == own.names),
            // Words beside a table are remarks or names of its rows: they stay with it.
            _ => false,
        };
        match out.last_mut().filter(|_| !apart) {
            Some(part) => part.1 = own.columns.1,
            None => out.push(own.columns),
        }
        if own.rows.is_some() {
            last = Some(own);
        }
    }
    out
}

fn extent(sheet: &Sheet, columns: (u32, u32), mark: Mark) -> Extent<'_> {
    let mut rows: Option<(u32, u32)> = None;
    let mut names = Vec::new();
    for view in sheet.rows.iter().filter_map(|r| view(r, columns)) {
        if view.has_number(mark) {
            rows = Some((rows.map_or(view.number, |r| r.0), view.number));
        } else if rows.is_none() && view.cells.len() > 1 {
            names = view.cells.iter().filter_map(|(_, c)| c.words()).collect();
        }
    }
    Extent { columns, rows, names }
}

/// Finds the tables in the rows of one part.
fn in_part<'a>(rows: &[View<'a>], mark: Mark, found: &mut SheetParts<'a>) {
    // Rows from here on belong to no table yet.
    let mut free = 0;
    let mut at = 0;
    while let Some(begin) = (at..rows.len()).find(|i| rows.get(*i).is_some_and(|r| r.has_number(mark))) {
        let first = rows.get(begin);
        let names = header::above(rows, free, begin, mark).filter(|n| !first.is_some_and(|r| is_detail(r, n, mark)));
        let end = end_of_run(rows, begin, &names, mark);
        at = end;
        // A label between names and numbers belongs to the table.
        let run = rows.get(names.as_ref().map_or(begin, |n| n.rows.end)..end).unwrap_or_default();
        // Settings between the names and the numbers: `Rate | 5 | Rate | 7`.
        let kept = names.as_ref().map_or(0, |_| leading_settings(run, mark));
        let (between, run) = run.split_at_checked(kept).unwrap_or((&[], run));
        found.rest.extend(between);
        // One row of a word and few values under words is `Operator | Smith`, `Mass | 12.5`.
        let alone = run.len() == 1 && run.iter().all(|r| r.is_setting(mark)) && run.iter().all(|r| r.cells.len() < 3);
        let names = names.filter(|n| !alone || n.has_units());
        // `Operator | Smith` above `Mass | 12.5`, and the names of the table below.
        let pairs = |n: &header::Names| {
            let next = rows.get(end).map(|_| end).and_then(|e| (e..rows.len()).find(|i| rows[*i].has_number(mark)));
            let below = next.and_then(|next| header::above(rows, end, next, mark)).is_some_and(|n| n.has_units());
            !n.has_units() && n.rows.len() == 1 && below && run.iter().all(|r| r.is_setting(mark) && r.cells.len() == 2)
        };
        if names.as_ref().is_some_and(pairs) {
            continue;
        }
        let settings = is_settings(run, names.as_ref(), mark);
        if settings && names.is_none() {
            continue;
        }
        let header_from = names.as_ref().map_or(begin, |n| n.rows.start);
        let before = rows.get(free..header_from).unwrap_or_default();
        let title = before.last().filter(|r| names.is_some() && is_title(r, rows.get(header_from))).copied();
        found.rest.extend(before.get(..before.len() - usize::from(title.is_some())).unwrap_or_default());
        let grid = grid(run, names, title.and_then(|t| t.first_word()), mark, &mut found.rest);
        if settings { &mut found.settings } else { &mut found.tables }.push(grid);
        free = end;
    }
    found.rest.extend(rows.get(free..).unwrap_or_default());
}

/// Whether a row goes on with the settings above it, which are no names: `Mass: | 12.5` under `Operator: | Smith`.
fn is_detail(row: &View<'_>, names: &header::Names, mark: Mark) -> bool {
    let colon = row.first_word().is_some_and(|w| w.ends_with([':', '=']));
    let same = row.cells.first().map(|c| c.0) == names.columns.first().map(|c| c.0);
    let several = names.rows.len() > 1 && row.cells.len() < 4;
    row.is_setting(mark) && same && !names.has_units() && (colon || several)
}

/// One cell of words, no setting, at most one blank row above the names.
fn is_title(row: &View<'_>, names: Option<&View<'_>>) -> bool {
    let words = row.first_word().filter(|_| row.cells.len() == 1);
    let plain = words.is_some_and(|w| !(w.contains(" = ") || w.contains(": ")));
    plain && names.is_some_and(|n| n.number - row.number <= 2)
}

/// Rows that say how something was measured rather than what: without names, or under `Parameter | Value | Unit`.
fn is_settings(run: &[View<'_>], names: Option<&header::Names>, mark: Mark) -> bool {
    let colons = |r: &View<'_>| r.first_word().is_some_and(|w| w.ends_with([':', '=']));
    let Some(names) = names else { return run.iter().all(|r| r.is_setting(mark)) };
    let value =
        names.columns.len() <= 4 && names.columns.iter().skip(1).any(|(_, n, _)| n.eq_ignore_ascii_case("value"));
    run.iter().all(colons)
        || value && run.iter().all(|r| r.first_word().is_some_and(|w| w.contains(char::is_alphabetic)))
}

/// Rows at the beginning of a run that hold words where nearly all others hold numbers.
fn leading_settings(run: &[View<'_>], mark: Mark) -> usize {
    /// Settings above the rows.
    const MOST: usize = 10;
    let word =
        |row: &View<'_>, c: u32| row.get(c).is_some_and(|cell| cell.words().is_some() && cell.value(mark).is_none());
    let is_setting = |i: usize| {
        let (Some(row), Some(below)) = (run.get(i), run.get(i + 1..)) else { return false };
        let last = below.get(MOST.min(below.len() / 2)..).unwrap_or_default();
        // A label of a specimen is no setting: what is one names a property, repeats, or fills fewer cells than the rows.
        let width = below.iter().map(|r| r.cells.len()).max().unwrap_or(0);
        let words = row.texts(mark);
        let property = row.first_word().is_some_and(columns::is_property);
        let telling = property || words > 1 && row.cells.len() > 2 || width > 2 && row.cells.len() < width;
        let setting = |(c, _): &&(u32, Cell)| telling && word(row, *c) && row.has_number(mark);
        let Some((first, _)) = row.cells.first().filter(setting) else { return false };
        let numbers = below.iter().filter(|r| r.get(*first).is_some_and(|c| c.is_number(mark))).count();
        numbers * 10 >= below.len() * 8 && !last.iter().any(|r| word(r, *first))
    };
    let settings = (0..run.len().min(MOST)).take_while(|i| is_setting(*i)).count();
    if settings * 2 >= run.len() { 0 } else { settings }
}

/// Whether a row of a word and numbers is one of a table with a note beside it: the rows that follow at once have the same
/// numbers, and nothing where the word stands.
fn is_noted(rows: &[View<'_>], at: usize, mark: Mark) -> bool {
    let numbers =
        |r: &View<'_>| -> Vec<u32> { r.cells.iter().filter(|(_, c)| c.is_number(mark)).map(|(c, _)| *c).collect() };
    let Some(row) = rows.get(at) else { return false };
    let follows =
        rows.get(at + 1..).unwrap_or_default().iter().zip(row.number + 1..).take_while(|(r, n)| r.number == *n);
    let plain = follows.map(|(r, _)| r).find(|r| !r.is_setting(mark));
    plain.is_some_and(|r| numbers(r) == numbers(row) && r.cells.len() == numbers(r).len())
}

/// Where the run that begins at a row ends.
fn end_of_run(rows: &[View<'_>], begin: usize, names: &Option<header::Names>, mark: Mark) -> usize {
    let width = |i: usize| rows.get(i).map_or(0, |r| r.cells.len());
    let settings =
        rows.get(begin).is_some_and(|r| r.is_setting(mark)) && names.is_none() && !is_noted(rows, begin, mark);
    let mut end = begin + 1;
    let mut i = end;
    while let Some(row) = rows.get(i) {
        let gap = rows.get(i - 1).is_some_and(|last| row.number > last.number + 1);
        if row.has_number(mark) {
            // A result in words and one number below a table, or numbers below settings, or another map.
            let map = names.is_none() && width(begin) > MAP_COLUMNS && width(begin) != row.cells.len();
            let other = gap && (map || row.is_setting(mark) && row.cells.len() <= 2 && width(begin) > 2);
            if other || settings && !row.is_setting(mark) {
                break;
            }
            i += 1;
            end = i;
            continue;
        }
        let next = (i..rows.len()).find(|n| rows.get(*n).is_some_and(|r| r.has_number(mark)));
        let between = rows.get(i..next.unwrap_or(rows.len())).unwrap_or_default();
        match next {
            Some(next) if !settings && !is_new_table(rows, i, next, names, mark) => {
                i = next;
                end = i;
            }
            Some(_) => {
                // `END` right below the table is its last row, where a blank row follows.
                let below = between.iter().zip(i..).take_while(|(r, n)| {
                    r.cells.len() == 1 && rows.get(n - 1).is_some_and(|last| r.number == last.number + 1)
                });
                let stop = i + below.count();
                let parted = match (rows.get(stop), rows.get(stop - 1)) {
                    (Some(next), Some(last)) => next.number > last.number + 1,
                    _ => false,
                };
                if parted && !settings {
                    end = stop;
                }
                break;
            }
            // Words that follow at once end the table (`END`); what follows later is a remark.
            None => {
                let mut last = rows.get(i - 1).map_or(0, |r| r.number);
                for row in between.iter().take_while(|_| !settings) {
                    if row.number > last + 1 {
                        break;
                    }
                    last = row.number;
                    end += 1;
                }
                break;
            }
        }
    }
    end
}

/// Whether the rows of words before row `next` are the names of a new table rather than words within one.
fn is_new_table(rows: &[View<'_>], from: usize, next: usize, names: &Option<header::Names>, mark: Mark) -> bool {
    let Some(new) = header::above(rows, from, next, mark) else { return false };
    let Some(first) = rows.get(new.rows.start) else { return false };
    let before = rows.get(new.rows.start.saturating_sub(1));
    let gap = before.is_some_and(|b| first.number > b.number + 1);
    let titled = new.rows.start > from;
    let same = names.as_ref().is_some_and(|n| n.columns == new.columns);
    same || new.has_units() || gap || titled
}

fn grid<'a>(
    run: &[View<'a>],
    names: Option<header::Names>,
    title: Option<&str>,
    mark: Mark,
    rest: &mut Vec<View<'a>>,
) -> Grid<'a> {
    let mut columns: Vec<u32> = names.iter().flat_map(|n| n.columns.iter().map(|(c, _, _)| *c)).collect();
    // Words without a name are remarks, unless most rows have one: labels of the rows.
    let mut labels: BTreeMap<u32, usize> = BTreeMap::new();
    for row in run {
        for (c, cell) in row.cells {
            match cell {
                cell if names.is_none() || cell.is_number(mark) => columns.push(*c),
                _ => *labels.entry(*c).or_default() += 1,
            }
        }
        if columns.len() > 1 << 16 {
            columns.sort_unstable();
            columns.dedup();
        }
    }
    columns.extend(labels.into_iter().filter(|(_, n)| *n * 2 > run.len()).map(|(c, _)| c));
    columns.sort_unstable();
    columns.dedup();
    for row in run {
        let foreign = |(c, _): &(u32, Cell)| columns.binary_search(c).is_err();
        // Remarks to the right of the table.
        if let Some(at) = row.cells.iter().position(foreign)
            && row.cells.get(at..).unwrap_or_default().iter().all(foreign)
        {
            rest.push(View { number: row.number, cells: row.cells.get(at..).unwrap_or_default() });
        }
    }
    let header = names.map(|n| n.of(&columns));
    Grid { title: title.map(str::to_string), rows: run.to_vec(), columns, header }
}
