//! Where the table of a text file is: its rows of numbers, the rows of names and units above, and the rest.

use std::borrow::Cow;

use crate::io::ReadError;
use crate::io::format::text::{label, number, number::Mark};
use crate::unit::Unit;

use super::ID;
use super::dialect::{self, Dialect, Separator};

/// A line of the file.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// From 1.
    pub number: usize,
    pub text: &'a str,
    pub cells: Vec<Cow<'a, str>>,
    /// Cells with the empty ones at the end.
    width: usize,
    kind: LineKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineKind {
    Empty,
    Comment,
    Words,
    Numbers(usize),
}

/// The one table of a file.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub lines: Vec<Line<'a>>,
    /// Rows of the table, as indices of lines; comments between them are left out.
    pub rows: std::ops::Range<usize>,
    pub columns: usize,
    /// Names and units, if there is a header.
    pub header: Option<Vec<(String, Unit)>>,
    /// Lines that belong to the header.
    header_from: usize,
    header_width: usize,
    dialect: Dialect,
}

impl<'a> Line<'a> {
    fn new(number: usize, text: &'a str, dialect: Dialect) -> Line<'a> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Line { number, text, cells: Vec::new(), width: 0, kind: LineKind::Empty };
        }
        if is_comment(trimmed) {
            return Line { number, text, cells: Vec::new(), width: 0, kind: LineKind::Comment };
        }
        let mut cells = dialect::split(text, dialect.separator);
        let numbers = cells.iter().filter(|c| number::parse(c, dialect.mark).is_some()).count();
        let width = cells.len();
        // An empty last cell is a separator at the end of the line.
        while cells.last().is_some_and(|c| c.is_empty()) {
            cells.pop();
        }
        let kind = match numbers {
            0 if cells.is_empty() => LineKind::Empty,
            0 => LineKind::Words,
            n => LineKind::Numbers(n),
        };
        Line { number, text, cells, width, kind }
    }

    /// Whether a cell from the `from`-th on is neither number nor missing.
    fn has_word(&self, from: usize, dialect: Dialect) -> bool {
        let word = |c: &Cow<'_, str>| number::parse(c, dialect.mark).is_none() && !number::is_missing(c);
        self.cells.iter().skip(from).any(word)
    }

    /// Whether it is a row of the table.
    pub(super) fn is_row(&self) -> bool {
        matches!(self.kind, LineKind::Numbers(_))
    }
}

/// `#…`, and `% …` as MATLAB and COMSOL write it; a cell that is `%` alone is a unit.
fn is_comment(trimmed: &str) -> bool {
    trimmed.starts_with('#') || trimmed.strip_prefix('%').is_some_and(|r| r.starts_with([' ', '%']) && r.len() > 1)
}

/// A run of rows of numbers.
#[derive(Clone, Copy, Debug)]
struct Run {
    from: usize,
    to: usize,
    rows: usize,
    numbers: usize,
    /// Every row starts with a word: settings rather than data.
    settings: bool,
}

/// Finds the table.
pub(super) fn find(text: &str) -> Result<Layout<'_>, ReadError> {
    let candidates = text.lines().filter(|l| !is_comment(l.trim()));
    let dialect = Dialect::of(candidates);
    let lines: Vec<Line<'_>> = text.lines().enumerate().map(|(i, l)| Line::new(i + 1, l, dialect)).collect();
    let runs = runs(&lines);
    let Some(mut main) = runs.iter().copied().reduce(|a, b| if b.numbers > a.numbers { b } else { a }) else {
        return Err(ReadError::new(ID, "no table of numbers is found in the text")
            .line(1)
            .hint("is it the right file? rows of numbers are wanted, with or without a line of names above them"));
    };
    for other in runs.iter().filter(|r| r.from != main.from) {
        let minor = other.rows < 3 || other.numbers * 10 < main.numbers;
        if !(minor || other.settings && other.from < main.from) {
            let later = other.from.max(main.from);
            let line = lines.get(later).map_or(1, |l| l.number);
            return Err(ReadError::new(ID, "the file holds more than one table; a second one starts here")
                .line(line)
                .hint("split it into one file a table"));
        }
    }
    if rows_of(&lines, main).all(is_setting) {
        return Err(ReadError::new(ID, "the text holds settings (`key = value`), no table").line(1));
    }
    let width = usual_width(lines.get(main.from..main.to).unwrap_or_default());
    main.from = begin(&lines, main, width, dialect);
    let rows = lines.get(main.from..main.to).unwrap_or_default();
    let columns = rows.iter().map(|l| l.cells.len()).max().unwrap_or(0);
    let mut layout = Layout {
        lines,
        rows: main.from..main.to,
        columns,
        header: None,
        header_from: main.from,
        header_width: 0,
        dialect,
    };
    layout.find_header();
    let widest = width.max(layout.header.as_ref().map_or(0, |_| layout.header_width));
    if let Some(l) = layout.table().find(|l| l.has_word(widest, dialect)) {
        let what = format!("a row of {} cells stands in a table of {widest} columns", l.cells.len());
        return Err(ReadError::new(ID, what).line(l.number).hint("a remark behind the numbers? Put `#` before it"));
    }
    Ok(layout)
}

fn rows_of<'l, 'a>(lines: &'l [Line<'a>], run: Run) -> impl Iterator<Item = &'l Line<'a>> {
    lines.get(run.from..run.to).unwrap_or_default().iter().filter(|l| l.is_row())
}

/// `key = 5`, `key: 5`.
fn is_setting(line: &Line<'_>) -> bool {
    let word = line.cells.first().is_some_and(|c| c.starts_with(char::is_alphabetic));
    word && line.cells.iter().take(2).any(|c| c.ends_with(['=', ':']))
}

/// The number of cells that most rows have.
fn usual_width(lines: &[Line<'_>]) -> usize {
    let mut count: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    lines.iter().filter(|l| l.is_row()).for_each(|l| *count.entry(l.width).or_default() += 1);
    count.into_iter().max_by_key(|(_, n)| *n).map_or(0, |(w, _)| w)
}

/// Lines with words and more cells than the table has columns, right above it, are settings and no rows.
fn begin(lines: &[Line<'_>], run: Run, width: usize, dialect: Dialect) -> usize {
    let first = lines.get(run.from..run.to.min(run.from + 10)).unwrap_or_default();
    let last = first.iter().rposition(|l| l.is_row() && l.width > width && l.has_word(0, dialect));
    // A remark far down is not what a table begins with.
    last.map(|at| run.from + at + 1).filter(|from| run.to - from > from - run.from).unwrap_or(run.from)
}

/// Runs of rows. Blank lines alone do not end one while the rows keep their width: instruments part segments so.
fn runs(lines: &[Line<'_>]) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    let (mut open, mut gap, mut width) = (false, false, 0);
    for (i, line) in lines.iter().enumerate() {
        match line.kind {
            LineKind::Numbers(n) => {
                let word = line.cells.first().is_some_and(|c| c.chars().any(char::is_alphabetic));
                let goes_on = open && (!gap || line.width == width);
                match out.last_mut().filter(|_| goes_on) {
                    Some(run) => {
                        run.to = i + 1;
                        run.rows += 1;
                        run.numbers += n;
                        run.settings &= word;
                    }
                    None => out.push(Run { from: i, to: i + 1, rows: 1, numbers: n, settings: word }),
                }
                (open, gap, width) = (true, false, line.width);
            }
            // A comment between rows does not end a table.
            LineKind::Comment => {}
            LineKind::Empty => gap = true,
            LineKind::Words => open = false,
        }
    }
    out
}

impl<'a> Layout<'a> {
    /// The decimal mark.
    pub(super) fn mark(&self) -> Mark {
        self.dialect.mark
    }

    /// The rows of the table.
    pub(super) fn table(&self) -> impl Iterator<Item = &Line<'a>> + Clone {
        self.lines.get(self.rows.clone()).unwrap_or_default().iter().filter(|l| l.is_row())
    }

    /// Lines outside of table and header.
    pub(super) fn rest(&self) -> impl Iterator<Item = &Line<'a>> {
        let (from, to) = (self.header_from, self.rows.end);
        self.lines
            .iter()
            .enumerate()
            .filter(move |(i, l)| (*i < from || *i >= to || l.kind == LineKind::Comment) && l.kind != LineKind::Empty)
            .map(|(_, l)| l)
    }

    fn find_header(&mut self) {
        let dialect = self.dialect;
        let mut rows: Vec<Vec<Cow<'a, str>>> = Vec::new();
        let mut from = self.rows.start;
        let mut gaps = 0;
        for (i, line) in self.lines.iter().enumerate().take(self.rows.start).rev() {
            match line.kind {
                LineKind::Empty if gaps < 1 => gaps += 1,
                LineKind::Words if rows.len() < 3 => {
                    let cells = header_cells(line.text, dialect, self.columns);
                    let filled = cells.iter().filter(|c| !c.is_empty()).count();
                    let span = cells.len();
                    let wide =
                        self.columns == 1 || (span >= 2 && (span * 2 >= self.columns || filled * 2 >= self.columns));
                    if !wide || span > self.columns * 2 + 2 {
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
            self.header = self.comment_header(dialect);
            return;
        }
        self.header_from = from;
        let first_is_count = self.first_column_counts(dialect);
        let widest = rows.iter().map(Vec::len).max().unwrap_or(0);
        // R leaves out the name of the column of row names.
        let nameless = rows.len() == 1 && widest + 1 == self.columns && first_is_count;
        if let Some(row) = rows.first_mut().filter(|_| nameless) {
            row.insert(0, Cow::Borrowed("row"));
        }
        self.header_width = rows.iter().map(Vec::len).max().unwrap_or(0);
        self.columns = self.columns.max(self.header_width);
        self.header = Some(names(&rows, self.columns));
    }

    /// Whether the first column holds words or 1, 2, 3, …
    fn first_column_counts(&self, dialect: Dialect) -> bool {
        let mut all = true;
        for (i, l) in self.table().enumerate() {
            let first = l.cells.first().map_or("", |c| c);
            let value = number::parse(first, dialect.mark);
            all &= value.is_none() || value == Some(i as f64 + 1.0);
        }
        all
    }

    /// Names in the last comment above the table, as `numpy.savetxt` writes them.
    fn comment_header(&self, dialect: Dialect) -> Option<Vec<(String, Unit)>> {
        let last = self.lines.get(..self.rows.start)?.iter().rev().find(|l| l.kind != LineKind::Empty)?;
        let text = last.text.trim().trim_start_matches(['#', '%']).trim();
        if last.kind != LineKind::Comment || text.is_empty() {
            return None;
        }
        let cells = header_cells(text, dialect, self.columns);
        (cells.len() == self.columns).then(|| names(&[cells], self.columns))
    }
}

/// The cells of a header row. Rows of numbers in columns of blanks often stand under names separated by tabs.
fn header_cells<'a>(text: &'a str, dialect: Dialect, columns: usize) -> Vec<Cow<'a, str>> {
    let tabs = dialect.separator == Separator::Blank && text.contains('\t');
    let mut cells = dialect::split(text, if tabs { Separator::Tab } else { dialect.separator });
    while cells.len() > columns && cells.last().is_some_and(|c| c.is_empty()) {
        cells.pop();
    }
    cells
}

/// Names and units from one to three rows: groups, names, units.
fn names(rows: &[Vec<Cow<'_, str>>], columns: usize) -> Vec<(String, Unit)> {
    let cell = |row: &[Cow<'_, str>], i: usize| row.get(i).map_or("", |c| c.trim()).to_string();
    let (units, above) = match rows.split_last() {
        Some((last, above)) if !above.is_empty() && is_unit_row(last, above.last().map_or(&[], |r| r)) => {
            (Some(last), above)
        }
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

/// A row in which the filled cells are units, at least one of them more than `-`.
fn is_unit_row(row: &[Cow<'_, str>], names: &[Cow<'_, str>]) -> bool {
    let filled: Vec<(usize, &str)> =
        row.iter().enumerate().map(|(i, c)| (i, c.trim())).filter(|(_, c)| !c.is_empty()).collect();
    let known = filled.iter().filter(|(i, c)| label::unit_of(c, names.get(*i).map_or("", |n| n)).is_some()).count();
    let telling = filled.iter().any(|(_, c)| !matches!(*c, "-" | "1"));
    !filled.is_empty() && telling && known * 3 >= filled.len() * 2
}
