//! Where the tables of a text file are: their rows of numbers, the rows of names and units above, and the rest.

use std::borrow::Cow;
use std::ops::Range;

use crate::ReadError;
use crate::format::text::{columns, number, number::Mark};
use softspot_data::unit::Unit;

use super::ID;
use super::dialect::{self, Dialect, Separator};
use super::header;

/// A line of the file.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// From 1.
    pub number: usize,
    pub text: &'a str,
    pub cells: Vec<Cow<'a, str>>,
    /// Cells with the empty ones at the end.
    width: usize,
    pub kind: LineKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    Empty,
    Comment,
    Words,
    Numbers(usize),
    /// Mean, deviation and the like of the rows above.
    Statistic,
}

/// The lines of a file and the tables in it.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub lines: Vec<Line<'a>>,
    pub dialect: Dialect,
    /// In file order.
    pub tables: Vec<Grid>,
}

/// Where a table is.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// Rows of the table, as indices of lines; comments between them are left out.
    pub rows: Range<usize>,
    pub columns: usize,
    /// Names and units, if there is a header.
    pub header: Option<Vec<(String, Unit)>>,
    /// The first line that belongs to the header.
    pub header_from: usize,
    pub header_width: usize,
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

/// Finds the tables.
pub(super) fn find(text: &str) -> Result<Layout<'_>, ReadError> {
    let mut texts = dialect::lines(text);
    let declared = texts.first().and_then(|(_, l)| dialect::declared(l));
    if declared.is_some() {
        texts.remove(0);
    }
    let candidates = texts.iter().map(|(_, l)| *l).filter(|l| !is_comment(l.trim()));
    let dialect = Dialect::of(candidates, declared);
    let mut lines: Vec<Line<'_>> = texts.iter().map(|(i, l)| Line::new(*i, l, dialect)).collect();
    let runs = runs(&lines);
    let Some(main) = runs.iter().copied().reduce(|a, b| if b.numbers > a.numbers { b } else { a }) else {
        return Err(ReadError::new(ID, "no table of numbers is found in the text")
            .line(1)
            .hint("is it the right file? rows of numbers are wanted, with or without a line of names above them"));
    };
    if rows_of(&lines, main).all(is_setting) {
        return Err(ReadError::new(ID, "the text holds settings (`key = value`), no table")
            .line(1)
            .hint("rows of numbers are wanted; name the file that holds the measured values"));
    }
    let above = lines.get(..main.from).unwrap_or_default().iter().rfind(|l| l.kind == LineKind::Words);
    let names = above.map_or("", |l| l.text);
    if dialect.separator == Separator::Blank && dialect::groups_by_blanks(names, rows_of(&lines, main).map(|l| l.text))
    {
        let line = rows_of(&lines, main).next().map_or(1, |l| l.number);
        return Err(ReadError::new(
            ID,
            "the blanks in the numbers could group thousands (`1 234`) or separate columns",
        )
        .line(line)
        .hint("write the numbers without thousands separators"));
    }
    let largest = grid(&lines, main, dialect);
    let mut tables = Vec::new();
    for run in runs {
        if run.from == main.from {
            tables.push(largest.clone());
            continue;
        }
        if run.settings && run.from < main.from || rows_of(&lines, run).all(is_setting) {
            continue;
        }
        let grid = grid(&lines, run, dialect);
        // Few numbers are a table if their names say so: those of the largest table again, or names of their own.
        let same = grid.header.is_some() && grid.header == largest.header;
        let named = grid.header.is_some() && grid.columns >= 2;
        let units = grid.header.iter().flatten().any(|(_, u)| !u.symbol.is_empty() && !u.opaque);
        let many = run.numbers.saturating_mul(10) >= main.numbers;
        if same || named && units || run.rows >= 3 && (many || named) {
            tables.push(grid);
        }
    }
    for grid in tables.iter().filter(|g| g.header.is_some()) {
        set_aside_statistics(lines.get_mut(grid.rows.clone()).unwrap_or_default());
    }
    let layout = Layout { lines, dialect, tables };
    for grid in &layout.tables {
        let width = usual_width(layout.lines.get(grid.rows.clone()).unwrap_or_default());
        let widest = width.max(grid.header.as_ref().map_or(0, |_| grid.header_width));
        if let Some(l) = layout.table(grid).find(|l| l.has_word(widest, dialect)) {
            let what = format!("a row of {} cells stands in a table of {widest} columns", l.cells.len());
            return Err(ReadError::new(ID, what).line(l.number).hint("a remark behind the numbers? Put `#` before it"));
        }
    }
    Ok(layout)
}

/// Rows that begin with `Mean`, `Std Dev` and the like, where they are few among rows of results, are none of them.
fn set_aside_statistics(rows: &mut [Line<'_>]) {
    let is_statistic =
        |l: &Line<'_>| l.is_row() && l.cells.len() > 1 && l.cells.first().is_some_and(|c| columns::is_statistic(c));
    let all = rows.iter().filter(|l| l.is_row()).count();
    if rows.iter().filter(|l| is_statistic(l)).count() * 2 >= all {
        return;
    }
    for row in rows.iter_mut().filter(|l| is_statistic(l)) {
        row.kind = LineKind::Statistic;
    }
}

/// A run of rows with the header above it.
fn grid(lines: &[Line<'_>], run: Run, dialect: Dialect) -> Grid {
    let width = usual_width(lines.get(run.from..run.to).unwrap_or_default());
    let from = begin(lines, run, width, dialect);
    let rows = lines.get(from..run.to).unwrap_or_default();
    let columns = rows.iter().map(|l| l.cells.len()).max().unwrap_or(0);
    let mut grid = Grid { rows: from..run.to, columns, header: None, header_from: from, header_width: 0 };
    header::find(&mut grid, lines, dialect);
    grid
}

fn rows_of<'l, 'a>(lines: &'l [Line<'a>], run: Run) -> impl Iterator<Item = &'l Line<'a>> + Clone {
    lines.get(run.from..run.to).unwrap_or_default().iter().filter(|l| l.is_row())
}

/// `key = 5`, `key: 5`.
pub(super) fn is_setting(line: &Line<'_>) -> bool {
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
/// A setting among rows that are none (`Interval: 2`) ends one.
fn runs(lines: &[Line<'_>]) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    let (mut open, mut gap, mut width, mut setting) = (false, false, 0, false);
    for (i, line) in lines.iter().enumerate() {
        match line.kind {
            LineKind::Numbers(n) => {
                let word = line.cells.first().is_some_and(|c| c.chars().any(char::is_alphabetic));
                let set = is_setting(line);
                let goes_on = open && (!gap || line.width == width) && set == setting;
                match out.last_mut().filter(|_| goes_on) {
                    Some(run) => {
                        run.to = i + 1;
                        run.rows += 1;
                        run.numbers += n;
                        run.settings &= word;
                    }
                    None => out.push(Run { from: i, to: i + 1, rows: 1, numbers: n, settings: word }),
                }
                (open, gap, width, setting) = (true, false, line.width, set);
            }
            // A comment between rows does not end a table.
            LineKind::Comment | LineKind::Statistic => {}
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

    /// The rows of a table.
    pub(super) fn table(&self, grid: &Grid) -> impl Iterator<Item = &Line<'a>> + Clone {
        self.lines.get(grid.rows.clone()).unwrap_or_default().iter().filter(|l| l.is_row())
    }

    /// Rows of statistics among the rows of a table.
    pub(super) fn statistics(&self, grid: &Grid) -> impl Iterator<Item = &Line<'a>> {
        let lines = self.lines.get(grid.rows.clone()).unwrap_or_default().iter();
        lines.filter(|l| l.kind == LineKind::Statistic)
    }

    /// Lines outside of tables and headers, by what they belong to: the file (what stands above the first table and
    /// below the last), then each table after the first.
    pub(super) fn rest(&self) -> Vec<Vec<&Line<'a>>> {
        let mut out: Vec<Vec<&Line<'a>>> = vec![Vec::new(); self.tables.len().max(1)];
        let mut from = 0;
        let mut take = |owner: usize, range: Range<usize>, only_comments: bool| {
            let lines = self.lines.get(range).unwrap_or_default().iter();
            let wanted = lines.filter(|l| match l.kind {
                LineKind::Empty => false,
                LineKind::Comment => true,
                _ => !only_comments,
            });
            if let Some(out) = out.get_mut(owner) {
                out.extend(wanted);
            }
        };
        for (i, grid) in self.tables.iter().enumerate() {
            take(i, from..grid.header_from, false);
            take(i, grid.header_from..grid.rows.end, true);
            from = grid.rows.end;
        }
        take(0, from..self.lines.len(), false);
        out
    }
}
