//! Where the tables of a text file are: their rows of numbers, the rows of names and units above, and the rest.

use std::borrow::Cow;
use std::ops::Range;

use crate::ReadError;
use crate::format::text::{columns, label, number, number::Mark};
use softspot_data::unit::Unit;

use super::dialect::{self, Dialect, Separator};
use super::header;
use super::labview;
use super::names;
use super::{ID, TABLE_COLUMNS};

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
    /// Mean, deviation and the like of the rows above; a setting between names and rows.
    Aside,
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
    /// One of several maps.
    pub map: bool,
    /// The first value and the step of a first column that is named but empty.
    pub times: Option<(f64, f64)>,
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
        let numbers = cells.iter().filter(|c| dialect.number(c).is_some()).count();
        let width = cells.len();
        // An empty last cell is a separator at the end of the line.
        while cells.last().is_some_and(|c| c.is_empty()) {
            cells.pop();
        }
        // A file may have millions of lines.
        cells.shrink_to_fit();
        let kind = match numbers {
            0 if cells.is_empty() => LineKind::Empty,
            0 => LineKind::Words,
            n => LineKind::Numbers(n),
        };
        Line { number, text, cells, width, kind }
    }

    /// Whether one of these cells is neither number nor missing.
    fn has_word(&self, range: Range<usize>, dialect: Dialect) -> bool {
        let word = |c: &Cow<'_, str>| dialect.number(c).is_none() && !number::is_missing(c);
        self.cells.iter().take(range.end).skip(range.start).any(word)
    }

    /// The words behind a row of numbers that has more cells than the table has columns.
    pub(super) fn remark(&self, width: usize, dialect: Dialect) -> Option<&[Cow<'a, str>]> {
        let number = |c: &Cow<'_, str>| dialect.number(c).is_some() || number::is_missing(c);
        let (row, rest) = self.cells.split_at_checked(width)?;
        let words = rest.first().is_some_and(|c| !number(c)) && row.iter().all(number);
        (words && width > 0).then_some(rest)
    }

    /// Whether it is a row of the table.
    pub(super) fn is_row(&self) -> bool {
        matches!(self.kind, LineKind::Numbers(_))
    }
}

/// `#…`, `//…`, and `% …` as MATLAB and COMSOL write it; a cell that is `%` alone is a unit.
fn is_comment(trimmed: &str) -> bool {
    trimmed.starts_with('#')
        || trimmed.starts_with("//")
        || trimmed.strip_prefix('%').is_some_and(|r| r.starts_with([' ', '%']) && r.len() > 1)
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
    /// One of several maps.
    map: bool,
}

/// Finds the tables.
pub(super) fn find(text: &str) -> Result<Layout<'_>, ReadError> {
    let mut texts = dialect::lines(text);
    let declared = texts.first().and_then(|(_, l)| dialect::declared(l));
    if declared.is_some() {
        texts.remove(0);
    }
    let declared = declared.or_else(|| labview::declared(&texts));
    let candidates = texts.iter().map(|(_, l)| *l).filter(|l| !is_comment(l.trim()));
    let dialect = of_one_column(&texts, Dialect::of(candidates, declared));
    let mut lines: Vec<Line<'_>> = texts.into_iter().map(|(i, l)| Line::new(i, l, dialect)).collect();
    labview::part_heads(&mut lines);
    let runs: Vec<Run> = runs(&lines).into_iter().flat_map(|run| parted(&lines, run)).collect();
    let Some(main) = runs.iter().copied().reduce(|a, b| if b.numbers > a.numbers { b } else { a }) else {
        return Err(ReadError::new(ID, "no table of numbers is found in the text")
            .line(1)
            .hint("is it the right file? rows of numbers are wanted, with or without a line of names above them"));
    };
    if dialect.contradicted {
        let line = rows_of(&lines, main).next().map_or(1, |l| l.number);
        let what = "points and commas both stand in the numbers: which of them is the decimal mark?";
        return Err(ReadError::new(ID, what)
            .line(line)
            .hint("write all numbers with one decimal mark, without group marks"));
    }
    if rows_of(&lines, main).all(is_setting) {
        return Err(ReadError::new(ID, "the text holds settings (`key = value`), no table")
            .line(1)
            .hint("rows of numbers are wanted; name the file that holds the measured values"));
    }
    let above = lines.get(..main.from).unwrap_or_default().iter().rfind(|l| l.kind == LineKind::Words);
    let names = above.map_or("", |l| l.text);
    let rows = || rows_of(&lines, main).map(|l| l.text);
    let doubtful = match dialect.separator {
        Separator::Blank => dialect::groups_by_blanks(names, rows()),
        // Decimal commas between blanks, or groups between commas: names that are parted by commas would tell.
        Separator::Comma => !names.contains(',') && rows().all(|l| l.trim().contains(' ') && !l.contains(", ")),
        _ => false,
    };
    if doubtful {
        let line = rows_of(&lines, main).next().map_or(1, |l| l.number);
        return Err(ReadError::new(
            ID,
            "the blanks in the numbers could group thousands (`1 234,5`) or separate columns",
        )
        .line(line)
        .hint("write the numbers without thousands separators"));
    }
    let largest = grid(&lines, main, dialect);
    let mut tables = Vec::new();
    for run in runs {
        if run.from == main.from {
            push(&mut tables, largest.clone());
            continue;
        }
        if run.settings && run.from < main.from || rows_of(&lines, run).all(is_setting) {
            continue;
        }
        let grid = grid(&lines, run, dialect);
        // Few numbers are a table if their names say so: those of the largest table again, or names of their own; or if they
        // go on with the table above, below a line of words.
        let same = grid.header.is_some() && grid.header == largest.header;
        let words = lines.get(..run.from).unwrap_or_default().iter().rfind(|l| l.kind == LineKind::Words);
        let goes_on = grid.header.is_none()
            && !words.is_some_and(|l| columns::is_statistic(l.text))
            && tables.last().is_some_and(|t: &Grid| t.header.is_some() && t.columns == grid.columns)
            && !rows_of(&lines, run).any(|l| l.has_word(0..1, dialect));
        let named = grid.header.is_some() && grid.columns >= 2;
        let units = grid.header.iter().flatten().any(|(_, u)| !u.symbol.is_empty() && !u.opaque);
        let many = run.numbers.saturating_mul(10) >= main.numbers;
        if same || goes_on || run.map || named && (units || run.rows >= 2) || run.rows >= 3 && many {
            push(&mut tables, grid);
        }
    }
    for grid in &mut tables {
        let rows = lines.get_mut(grid.rows.clone()).unwrap_or_default();
        if dialect.separator == Separator::Blank {
            place(rows, usual_width(rows))?;
        }
        if grid.header.is_none() {
            names::numbered(grid, rows, dialect);
        }
        set_aside_settings(rows, dialect);
        if grid.header.is_some() {
            set_aside_statistics(rows);
        } else {
            let own = rows.iter().filter(|l| l.is_row());
            grid.columns =
                own.map(|l| l.remark(grid.columns, dialect).map_or(l.cells.len(), |_| grid.columns)).max().unwrap_or(0);
        }
    }
    let layout = Layout { lines, dialect, tables };
    for grid in &layout.tables {
        let width = usual_width(layout.lines.get(grid.rows.clone()).unwrap_or_default());
        let widest = width.max(grid.header.as_ref().map_or(0, |_| grid.header_width));
        if let Some(line) = torn(&layout, grid, width) {
            return Err(ReadError::new(
                ID,
                "there are more cells than names: decimal commas beside commas between columns?",
            )
            .line(line)
            .hint("write decimal points, put the numbers in quotes, or separate columns by semicolons"));
        }
        let foreign = |l: &&Line<'_>| l.has_word(widest..usize::MAX, dialect) && l.remark(width, dialect).is_none();
        if let Some(l) = layout.table(grid).find(foreign) {
            let what = format!("a row of {} cells stands in a table of {widest} columns", l.cells.len());
            return Err(ReadError::new(ID, what).line(l.number).hint("a remark behind the numbers? Put `#` before it"));
        }
    }
    Ok(layout)
}

/// Rows at the beginning or the end of a table that begin with a word where nearly all others begin with a number are settings
/// of the columns, `Rate;5;Rate;7`, or results.
fn set_aside_settings(rows: &mut [Line<'_>], dialect: Dialect) {
    /// Settings above the rows, and results below.
    const MOST: usize = 20;
    let all: Vec<usize> = rows.iter().enumerate().filter(|(_, l)| l.is_row()).map(|(i, _)| i).collect();
    let width = usual_width(rows);
    let word =
        |c: &Cow<'_, str>| dialect.number(c).is_none() && !number::is_missing(c) && c.contains(char::is_alphabetic);
    // A label of a specimen is no setting: what is one names a property, repeats, or fills fewer cells than the rows.
    let is_word = |i: &usize| {
        let Some(line) = rows.get(*i).filter(|l| l.cells.first().is_some_and(word)) else { return false };
        let several = line.cells.iter().filter(|c| word(c)).count() > 1 && line.cells.len() > 2;
        let short = width > 2 && line.cells.len() < width;
        several || short || line.cells.first().is_some_and(|c| columns::is_property(c))
    };
    let above = all.iter().take(MOST).take_while(|i| is_word(i)).count();
    let below = all.iter().rev().take(MOST).take_while(|i| is_word(i)).count();
    let Some(rest) = all.get(above..all.len().saturating_sub(below)) else { return };
    // Where words are no exception they are a column.
    let labels = |i: &&usize| rows.get(**i).and_then(|l| l.cells.first()).is_some_and(word);
    if above + below > rest.len() || rest.iter().filter(labels).count() * 10 > rest.len() {
        return;
    }
    let aside: Vec<usize> = all.iter().take(above).chain(all.iter().rev().take(below)).copied().collect();
    for i in aside {
        rows.get_mut(i).into_iter().for_each(|l| l.kind = LineKind::Aside);
    }
}

/// A run as the maps in it, where there are several.
fn parted(lines: &[Line<'_>], run: Run) -> Vec<Run> {
    let above = lines.get(..run.from).unwrap_or_default().iter().rfind(|l| l.kind != LineKind::Empty);
    let named = above.is_some_and(|l| l.kind == LineKind::Words);
    let wide = !named && usual_width(lines.get(run.from..run.to).unwrap_or_default()) > TABLE_COLUMNS;
    let begins = super::export::begins(lines, run.from, run.to, wide);
    if begins.is_empty() {
        return vec![run];
    }
    let ends = begins.iter().copied().chain([run.to]);
    let parts = std::iter::once(run.from).chain(begins.iter().copied()).zip(ends);
    let part = |(from, to): (usize, usize)| {
        let rows = || lines.get(from..to).unwrap_or_default().iter().filter(|l| l.is_row());
        let numbers = rows().map(|l| if let LineKind::Numbers(n) = l.kind { n } else { 0 }).sum();
        let last = lines.get(from..to).and_then(|l| l.iter().rposition(Line::is_row)).map_or(to, |i| from + i + 1);
        Run { from, to: last, rows: rows().count(), numbers, map: true, ..run }
    };
    parts.map(part).collect()
}

/// Adds a table; below a line of words the segments of one table go on with its names.
fn push(tables: &mut Vec<Grid>, mut grid: Grid) {
    if let Some(last) = tables.last().filter(|t| grid.header.is_none() && !grid.map && t.columns == grid.columns) {
        grid.header.clone_from(&last.header);
    }
    tables.push(grid);
}

/// The dialect of one column of decimal commas, which commas would tear in two: `F (N)` over `1,5`.
fn of_one_column(lines: &[(usize, &str)], dialect: Dialect) -> Dialect {
    let plain = || lines.iter().map(|(_, l)| l.trim()).filter(|l| !l.is_empty() && !is_comment(l));
    let is_row = |l: &str| l.split(',').count() == 2 && number::parse(l, Mark::Comma).is_some();
    let mut rows = plain().skip_while(|l| !is_row(l)).peekable();
    let above = plain().take_while(|l| !is_row(l)).last().unwrap_or_default();
    let named = !above.contains(',') && !label::split(above).1.symbol.is_empty();
    let one = dialect.separator == Separator::Comma && named && rows.peek().is_some() && rows.all(is_row);
    if one { Dialect { separator: Separator::Tab, mark: Mark::Comma, ..dialect } } else { dialect }
}

/// Puts the cells of rows that are too short into their columns, where these have a fixed width.
///
/// # Errors
/// [`ReadError`] where the columns do not tell which number is missing, and longer rows follow.
fn place(rows: &mut [Line<'_>], columns: usize) -> Result<(), ReadError> {
    if !rows.iter().any(|l| l.is_row() && l.cells.len() < columns) {
        return Ok(());
    }
    let full: Vec<Vec<(usize, usize)>> =
        rows.iter().filter(|l| l.is_row() && l.cells.len() == columns).map(|l| header::spans(l.text)).collect();
    let Some(first) = full.first().filter(|f| f.len() == columns) else { return Ok(()) };
    let fixed = |edge: fn(&(usize, usize)) -> usize| full.iter().all(|f| f.iter().map(edge).eq(first.iter().map(edge)));
    let edges: [Option<Vec<usize>>; 2] = [
        fixed(|s| s.1).then(|| first.iter().map(|s| s.1).collect()),
        fixed(|s| s.0).then(|| first.iter().map(|s| s.0).collect()),
    ];
    let last = rows.iter().rposition(|l| l.is_row() && l.cells.len() == columns).unwrap_or(0);
    for (i, row) in rows.iter_mut().enumerate().filter(|(_, l)| l.is_row() && l.cells.len() < columns) {
        let own = header::spans(row.text);
        let at = |edges: &Vec<usize>, pick: fn(&(usize, usize)) -> usize| -> Option<Vec<usize>> {
            own.iter().map(|s| edges.iter().position(|e| *e == pick(s))).collect()
        };
        let right = edges[0].as_ref().and_then(|e| at(e, |s| s.1));
        let places = right.or_else(|| edges[1].as_ref().and_then(|e| at(e, |s| s.0)));
        match places.filter(|p| p.len() == row.cells.len() && p.is_sorted_by(|a, b| a < b)) {
            Some(places) => {
                let mut cells = vec![Cow::Borrowed(""); columns];
                row.cells.drain(..).zip(places).for_each(|(cell, at)| cells[at] = cell);
                row.cells = cells;
            }
            None if i < last => {
                let what = format!("a row of {} cells stands in a table of {columns} columns", row.cells.len());
                return Err(ReadError::new(ID, what)
                    .line(row.number)
                    .hint("which number is missing? Write `nan` in its place, or separate columns by tabs or commas"));
            }
            None => {}
        }
    }
    Ok(())
}

/// The first line of a table between commas whose whole numbers outnumber its names: `t,F` over `0,1,5`.
fn torn(layout: &Layout<'_>, grid: &Grid, width: usize) -> Option<usize> {
    // Separators at the end of a line make no cell.
    let filled = layout.table(grid).map(|l| l.cells.len()).max().unwrap_or(0).min(width);
    let wide = layout.dialect.separator == Separator::Comma && grid.header_width > 0 && filled > grid.header_width;
    let whole = |l: &Line<'_>| {
        let foreign = |c: &Cow<'_, str>| layout.dialect.number(c).is_none() && !number::is_missing(c);
        l.cells.iter().all(|c| !c.contains('.')) && !l.cells.iter().skip(grid.header_width).any(foreign)
    };
    (wide && layout.table(grid).all(whole)).then(|| layout.table(grid).next().map(|l| l.number)).flatten()
}

/// Rows that begin with `Mean`, `Std Dev` and the like, where they are few among rows of results, are none of them.
fn set_aside_statistics(rows: &mut [Line<'_>]) {
    let is_statistic =
        |l: &Line<'_>| l.is_row() && l.cells.len() > 1 && l.cells.first().is_some_and(|c| columns::is_statistic(c));
    let all: Vec<bool> = rows.iter().filter(|l| l.is_row()).map(is_statistic).collect();
    // Few among results, or all that stands below them.
    let (found, first) = (all.iter().filter(|s| **s).count(), all.iter().position(|s| *s).unwrap_or(0));
    let below = first > 1 && all.get(first..).unwrap_or_default().iter().all(|s| *s);
    if found * 2 >= all.len() && !below {
        return;
    }
    // What stands above all results is a result by that name.
    let results = rows.iter_mut().filter(|l| l.is_row()).skip_while(|l| is_statistic(l));
    for row in results.filter(|l| is_statistic(l)) {
        row.kind = LineKind::Aside;
    }
}

/// A run of rows with the header above it.
fn grid(lines: &[Line<'_>], run: Run, dialect: Dialect) -> Grid {
    let width = usual_width(lines.get(run.from..run.to).unwrap_or_default());
    let from = begin(lines, run, width, dialect);
    let rows = lines.get(from..run.to).unwrap_or_default();
    let own = |l: &Line<'_>| l.remark(width, dialect).map_or(l.cells.len(), |_| width);
    let columns = rows.iter().map(own).max().unwrap_or(0);
    let (header, times) = (None, None);
    let mut grid =
        Grid { rows: from..run.to, columns, header, header_from: from, header_width: 0, map: run.map, times };
    header::find(&mut grid, lines, dialect);
    labview::complete(&mut grid, lines, dialect);
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

/// Lines with words among more cells than the table has columns, right above it, are settings and no rows. A remark behind
/// the numbers takes no row.
fn begin(lines: &[Line<'_>], run: Run, width: usize, dialect: Dialect) -> usize {
    let first = lines.get(run.from..run.to.min(run.from + 10)).unwrap_or_default();
    let last = first.iter().rposition(|l| l.is_row() && l.width > width && l.has_word(0..width, dialect));
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
                    None => out.push(Run { from: i, to: i + 1, rows: 1, numbers: n, settings: word, map: false }),
                }
                (open, gap, width, setting) = (true, false, line.width, set);
            }
            // A comment between rows does not end a table.
            LineKind::Comment | LineKind::Aside => {}
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

    /// Rows of statistics and settings among the rows of a table.
    pub(super) fn asides(&self, grid: &Grid) -> impl Iterator<Item = &Line<'a>> {
        let lines = self.lines.get(grid.rows.clone()).unwrap_or_default().iter();
        lines.filter(|l| l.kind == LineKind::Aside)
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
