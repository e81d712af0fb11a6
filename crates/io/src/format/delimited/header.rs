//! The rows of names and units above a table.

use std::borrow::Cow;

use crate::format::text::label;
use softspot_data::unit::Unit;

use super::dialect::{self, Dialect, Separator};
use super::labview;
use super::names;
use super::stretches::{self, Grid, Line, LineKind};

/// Comments that may stand between names and numbers.
const REMARKS: usize = 4;

/// Finds names and units above the rows of a table.
pub(super) fn find(grid: &mut Grid, lines: &[Line<'_>], dialect: Dialect) {
    // A list counts where nothing but a mark stands between it and the numbers.
    let last = lines.get(..grid.rows.start).and_then(|l| l.iter().rfind(|l| !matches!(l.kind, LineKind::Empty)));
    let bare = last.is_none_or(|l| l.kind == LineKind::Comment || l.cells.len() < 2 || names::is_listed(l));
    if let Some(header) = bare.then(|| names::listed(grid, lines)).flatten() {
        grid.header = Some(header);
        return;
    }
    let mut rows: Vec<Vec<Cow<'_, str>>> = Vec::new();
    // The text of each row, and the line where it stands.
    let (mut texts, mut at) = (Vec::new(), Vec::new());
    let (mut gaps, mut remarks) = (0, 0);
    // Rows above are parted as the lowest one, but a comment may hold the units.
    let (mut parting, mut units) = (None, None);
    for (i, line) in lines.iter().enumerate().take(grid.rows.start).rev() {
        match line.kind {
            // A blank line may stand above the numbers, or above the units.
            LineKind::Empty if gaps < 1 && (rows.is_empty() || rows.len() == 1 && rows.iter().all(|r| is_units(r))) => {
                gaps += 1;
            }
            LineKind::Comment if rows.is_empty() && remarks < REMARKS => {
                remarks += 1;
                units = units.or_else(|| Some(plain(line.text))).filter(|_| remarks == 1);
            }
            // `-----` under the names.
            LineKind::Words if rows.is_empty() && !line.text.contains(char::is_alphanumeric) => {}
            LineKind::Words if labview::is_mark(line) => break,
            // `Result: Step strain` is no row of names, even over a narrow table.
            LineKind::Words if grid.columns > 2 && line.cells.len() <= 2 && stretches::is_setting(line) => break,
            LineKind::Words if rows.len() < 3 => {
                let (cells, own) = header_cells(line.text, dialect, grid.columns, parting);
                let filled = cells.iter().filter(|c| !c.is_empty()).count();
                let span = cells.len();
                let wide = grid.columns == 1 || (span >= 2 && (span * 2 >= grid.columns || filled * 2 >= grid.columns));
                // Below a comment only names for all columns are names: the comment may be them.
                if !wide || span > grid.columns * 2 + 2 || remarks > 0 && rows.is_empty() && span != grid.columns {
                    break;
                }
                if let Some(units) = units.take() {
                    let (units, _) = header_cells(units, dialect, grid.columns, Some(own));
                    if units.len() == span && is_unit_row(&units, &cells) {
                        rows.push(units);
                        texts.push("");
                        at.push(i);
                    }
                }
                parting = Some(own);
                rows.push(cells);
                texts.push(line.text);
                at.push(i);
            }
            _ => break,
        }
    }
    rows.reverse();
    texts.reverse();
    at.reverse();
    if dialect.separator == Separator::Blank {
        align(&mut rows, &texts);
    }
    if rows.is_empty() {
        grid.header = comment_header(grid, lines, dialect);
        return;
    }
    let above = titles(&rows, grid.columns);
    rows.drain(..above);
    at.drain(..above.min(at.len()));
    let from = at.first().copied().unwrap_or(grid.rows.start);
    grid.header_from = from;
    let units = rows.iter().flatten().any(|c| !label::split(c).1.symbol.is_empty());
    let first_is_count = first_column_counts(grid, lines, dialect, units);
    let widest = rows.iter().map(Vec::len).max().unwrap_or(0);
    // R leaves out the name of the column of row names; words behind the last name are remarks.
    let full =
        |l: &Line<'_>| l.cells.len() == grid.columns && l.cells.last().is_some_and(|c| dialect.number(c).is_some());
    let mut own = lines.get(grid.rows.clone()).unwrap_or_default().iter().filter(|l| l.is_row());
    let nameless = rows.len() == 1 && widest + 1 == grid.columns && first_is_count && own.all(full);
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

/// Rows above the names that are titles or settings: as many words as names, no two alike, which the units do not go with; or
/// words in the first cell alone.
fn titles(rows: &[Vec<Cow<'_, str>>], columns: usize) -> usize {
    let with_units = |i: usize| {
        let own = rows.get(i).is_some_and(|r| r.iter().any(|c| !label::split(c).1.symbol.is_empty()));
        own || rows.get(i).zip(rows.get(i + 1)).is_some_and(|(names, units)| is_unit_row(units, names))
    };
    let alone = |r: &Vec<Cow<'_, str>>| columns > 1 && r.iter().skip(1).all(|c| c.trim().is_empty());
    let first = rows.iter().take(rows.len().saturating_sub(1)).take_while(|r| alone(r)).count();
    let Some(names) = (first..rows.len()).find(|i| with_units(*i)) else { return first };
    let title = |r: &Vec<Cow<'_, str>>| {
        // Names of their own, which the units go with: `Time,Load` over `X,Y`.
        let goes = |u: &Vec<Cow<'_, str>>| {
            u.iter().zip(r).any(|(u, n)| {
                label::usual(n).is_some_and(|own| label::unit_of(u, n).is_some_and(|u| u.same_dimension(&own)))
            })
        };
        is_full(r, columns) && !rows.get(names..).unwrap_or_default().iter().any(goes)
    };
    let own = rows.get(names).is_some_and(|n| is_full(n, columns));
    let above = rows.get(first..names).unwrap_or_default();
    if own && !above.is_empty() && above.iter().all(title) { names } else { first }
}

/// Whether the first column holds words or 1, 2, 3, …; or 0, 1, 2, … below names without units.
fn first_column_counts(grid: &Grid, lines: &[Line<'_>], dialect: Dialect, units: bool) -> bool {
    let rows = || lines.get(grid.rows.clone()).unwrap_or_default().iter().filter(|l| l.is_row());
    let first: Vec<Option<f64>> = rows().map(|l| dialect.number(l.cells.first().map_or("", |c| c))).collect();
    let clear = dialect.separator != Separator::Comma || rows().any(|l| l.cells.iter().any(|c| c.contains('.')));
    let counts = |begin: f64| first.iter().enumerate().all(|(i, v)| v.is_none_or(|v| v == i as f64 + begin));
    // Ten rows that count from zero are an index, whatever the names.
    counts(1.0) || clear && counts(0.0) && (!units || first.len() >= 10)
}

/// Moves the cells of a row below the names they stand under, where columns have a fixed width and not every one has a cell.
fn align(rows: &mut [Vec<Cow<'_, str>>], texts: &[&str]) {
    for i in 1..rows.len() {
        let (Some(above), Some(own)) = (texts.get(i - 1), texts.get(i)) else { continue };
        let (names, cells) = (spans(above), spans(own));
        let wanted = |rows: &[Vec<Cow<'_, str>>], i: usize| rows.get(i).map(Vec::len);
        if cells.len() >= names.len()
            || wanted(rows, i - 1) != Some(names.len())
            || wanted(rows, i) != Some(cells.len())
        {
            continue;
        }
        let under = |c: &(usize, usize)| {
            let edge = names.iter().position(|n| n.1 == c.1).or_else(|| names.iter().position(|n| n.0 == c.0));
            let over = edge.or_else(|| names.iter().position(|n| c.0 < n.1 && n.0 < c.1));
            over.or_else(|| (0..names.len()).min_by_key(|i| names[*i].1.abs_diff(c.1)))
        };
        let Some(places) = cells.iter().map(under).collect::<Option<Vec<usize>>>() else { continue };
        if !places.is_sorted_by(|a, b| a < b) {
            continue;
        }
        if let Some(row) = rows.get_mut(i) {
            let mut out = vec![Cow::Borrowed(""); names.len()];
            row.drain(..).zip(places).for_each(|(cell, at)| out[at] = cell);
            *row = out;
        }
    }
}

/// Where the words of a line begin and end, in characters.
pub(super) fn spans(text: &str) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    let mut last = ' ';
    for (i, c) in text.chars().enumerate() {
        match (last.is_whitespace(), c.is_whitespace()) {
            (true, false) => out.push((i, i + 1)),
            (false, false) => out.iter_mut().last().into_iter().for_each(|s| s.1 = i + 1),
            _ => {}
        }
        last = c;
    }
    out
}

/// Names in the last comment above the table, as `numpy.savetxt` writes them, or names and units in the last two.
fn comment_header(grid: &Grid, lines: &[Line<'_>], dialect: Dialect) -> Option<Vec<(String, Unit)>> {
    let above = lines.get(..grid.rows.start)?.iter().rev().filter(|l| l.kind != LineKind::Empty);
    let comments: Vec<Vec<Cow<'_, str>>> = above
        .take_while(|l| l.kind == LineKind::Comment)
        .take(REMARKS)
        .map(|l| header_cells(behind_key(plain(l.text)), dialect, grid.columns, None).0)
        .collect();
    // `# ------` parts names and numbers; `Value units: m` and `1 Hz` are settings, whatever the number of their words.
    let is_names = |c: &Vec<Cow<'_, str>>| {
        let quantity = matches!(c.as_slice(), [v, u] if dialect.number(v).is_some() && label::unit_of(u, "").is_some());
        let setting = quantity || c.iter().any(|c| c.ends_with([':', '：']));
        c.len() == grid.columns && !setting && c.iter().any(|c| c.contains(char::is_alphanumeric))
    };
    let comments: Vec<Vec<Cow<'_, str>>> = comments.into_iter().filter(is_names).collect();
    // A remark may have as many words as there are columns: names with units come first.
    let with_units = |c: &Vec<Cow<'_, str>>| c.iter().any(|c| !label::split(c).1.symbol.is_empty());
    let prose = |c: &Vec<Cow<'_, str>>| c.iter().any(|c| PROSE.contains(&c.to_lowercase().as_str()));
    let pair = comments.windows(2).find(|w| matches!(w, [units, above] if is_unit_row(units, above)));
    if let Some([units, above]) = pair {
        return Some(names(&[above.clone(), units.clone()], grid.columns));
    }
    let found = comments.iter().find(|c| with_units(c)).or_else(|| comments.iter().find(|c| !prose(c)))?;
    Some(names(std::slice::from_ref(found), grid.columns))
}

/// Words of sentences, which name no column.
const PROSE: &[&str] = &[
    "on", "at", "in", "of", "the", "and", "is", "are", "with", "for", "by", "from", "to", "all", "run", "measured",
    "sample", "this", "was", "good",
];

/// The names behind `columns:`, the units behind `units:`.
fn behind_key(text: &str) -> &str {
    const KEYS: &[&str] = &["columns", "column names", "fields", "names", "header", "units"];
    let pair =
        text.split_once(':').filter(|(k, v)| KEYS.contains(&k.trim().to_lowercase().as_str()) && !v.trim().is_empty());
    pair.map_or(text, |(_, rest)| rest.trim())
}

/// A comment without its mark.
fn plain(text: &str) -> &str {
    text.trim().trim_start_matches(['#', '%', '/']).trim()
}

/// How the cells of a header row are parted.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Parting {
    By(Separator),
    /// Blanks, units taken to the name before them.
    Words,
    /// Two blanks or more.
    Gaps,
    /// Blanks behind a closing bracket.
    Units,
}

/// The cells of a header row, which may be parted otherwise than the rows: names separated by tabs or commas often stand over
/// numbers between blanks. Without a `given` parting it is the first that gives a name a column.
fn header_cells<'a>(
    text: &'a str,
    dialect: Dialect,
    columns: usize,
    given: Option<Parting>,
) -> (Vec<Cow<'a, str>>, Parting) {
    let parted = |parting: Parting| {
        let mut cells = match parting {
            Parting::By(separator) => rejoined(dialect::split(text, separator), columns),
            Parting::Words => with_units(dialect::split(text, Separator::Blank)),
            Parting::Gaps => text.split("  ").map(str::trim).filter(|c| !c.is_empty()).map(Cow::Borrowed).collect(),
            Parting::Units => behind_brackets(text),
        };
        while cells.len() > columns && cells.last().is_some_and(|c| c.is_empty()) {
            cells.pop();
        }
        cells
    };
    if let Some(given) = given {
        return (parted(given), given);
    }
    let blank = dialect.separator == Separator::Blank;
    let own = if blank { Parting::Words } else { Parting::By(dialect.separator) };
    let marks = [(Separator::Tab, '\t'), (Separator::Semicolon, ';'), (Separator::Bar, '|'), (Separator::Comma, ',')];
    let marks =
        marks.into_iter().filter(|(s, c)| *s != dialect.separator && text.contains(*c)).map(|(s, _)| Parting::By(s));
    let named =
        |c: &Cow<'_, str>| c.starts_with(|c: char| c.is_alphabetic() || matches!(c, '(' | '[' | '%' | '°' | '*'));
    let whole = |cells: &[Cow<'_, str>]| cells.len() == columns && columns > 1 && cells.iter().all(named);
    let fits = |p: &Parting| whole(&parted(*p));
    // Over blanks a mark between the names counts first: `Time (s), Load (mN)`.
    let found = match blank {
        true => marks.chain([Parting::Words, Parting::Gaps, Parting::Units]).find(fits),
        false if parted(own).len() == columns => None,
        false => marks.chain([Parting::Gaps, Parting::Units]).find(fits),
    };
    // Names over numbers between tabs stay in their columns.
    let tabs = blank && text.contains('\t');
    let parting = found.unwrap_or(if tabs { Parting::By(Separator::Tab) } else { own });
    (parted(parting), parting)
}

/// `E' (MPa, 1 Hz)` between commas: a name goes on where its bracket is open, if that makes as many names as columns.
fn rejoined(cells: Vec<Cow<'_, str>>, columns: usize) -> Vec<Cow<'_, str>> {
    let open = |t: &str| t.matches(['(', '[']).count() > t.matches([')', ']']).count();
    if cells.len() <= columns || !cells.iter().any(|c| open(c)) {
        return cells;
    }
    let mut out: Vec<Cow<'_, str>> = Vec::new();
    for cell in &cells {
        match out.last_mut().filter(|last| open(last)) {
            Some(last) => *last = Cow::Owned(format!("{last}, {cell}")),
            None => out.push(cell.clone()),
        }
    }
    if out.len() == columns { out } else { cells }
}

/// `Storage modulus (Pa) Angular frequency (rad/s)`: a name ends with its unit.
fn behind_brackets(text: &str) -> Vec<Cow<'_, str>> {
    let mut out = Vec::new();
    let mut rest = text.trim();
    while let Some(at) = rest.find([')', ']']).map(|at| at + 1) {
        let (cell, next) = rest.split_at(at);
        if !next.starts_with(char::is_whitespace) {
            break;
        }
        out.push(Cow::Borrowed(cell.trim()));
        rest = next.trim_start();
    }
    if !rest.is_empty() {
        out.push(Cow::Borrowed(rest));
    }
    out
}

/// `Time (s) Load (mN)` is two names, not four.
fn with_units(cells: Vec<Cow<'_, str>>) -> Vec<Cow<'_, str>> {
    let mut out: Vec<Cow<'_, str>> = Vec::new();
    for cell in cells {
        // Units in a row of their own belong to no cell before them.
        match out.last_mut().filter(|last| cell.starts_with(['(', '[']) && !last.starts_with(['(', '['])) {
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
    // Names, units, comments: Origin's order.
    let (units, above, comments) = match rows {
        [names, units, comments] if is_unit_row(units, names) && !is_unit_row(comments, units) => {
            (Some(units), std::slice::from_ref(names), Some(comments))
        }
        [above @ .., last] if above.iter().any(|a| is_unit_row(last, a)) => (Some(last), above, None),
        _ => (None, rows, None),
    };
    // Comments count where they tell columns apart.
    let comments = comments.filter(|c| c.iter().any(|own| !own.is_empty() && c.first().is_some_and(|f| f != own)));
    let (bottom, group) = match above {
        [.., group, bottom] => (bottom.as_slice(), Some(group)),
        [bottom] => (bottom.as_slice(), None),
        [] => (&[][..], None),
    };
    // Where `(max)` and `(mean)` stand beside it, `(min)` is a minimum.
    let statistics = bottom.iter().any(|c| ["(max)", "(mean)", "(avg)"].iter().any(|s| c.to_lowercase().ends_with(s)));
    let mut current = (String::new(), Unit::none());
    let mut out: Vec<(String, Unit)> = (0..columns)
        .map(|i| {
            if let Some(g) = group.map(|g| cell(g, i)).filter(|g| !g.is_empty()) {
                // Names with units above names of samples: `Load (mN)` over `sample A`.
                current = label::split(&g);
            }
            let (mut name, mut unit) = match cell(bottom, i) {
                own if statistics && own.to_lowercase().ends_with("(min)") => (own, Unit::none()),
                own => label::split(&own),
            };
            if unit.symbol.is_empty() {
                unit = current.1.clone();
            }
            if let Some(text) = units.map(|u| cell(u, i)).filter(|t| !t.is_empty()) {
                unit = label::unit_of(&text, &name).unwrap_or_else(|| Unit::parse_or_keep(&text));
            }
            if let Some(text) = conditions.map(|c| cell(c, i)).filter(|t| !t.is_empty()) {
                match label::unit_of(&text, &name) {
                    Some(own) => unit = own,
                    None => name = format!("{name} ({text})"),
                }
            }
            if let Some(text) = comments.map(|c| cell(c, i)).filter(|t| !t.is_empty()) {
                name = format!("{name} ({text})");
            }
            let group = current.0.as_str();
            match (group.is_empty(), name.is_empty()) {
                (true, true) => (format!("column_{i}"), unit),
                (true, false) => (name, unit),
                (false, true) => (group.to_string(), unit),
                (false, false) => (format!("{group} / {name}"), unit),
            }
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

/// Whether all words of a row are units, whatever they belong to.
fn is_units(row: &[Cow<'_, str>]) -> bool {
    let unit = |c: &str| label::unit_of(c, "").is_some() && (c.chars().count() > 1 || c == "-");
    row.iter().map(|c| c.trim()).filter(|c| !c.is_empty()).all(unit)
}

/// Whether every column has a cell, no two of them alike.
fn is_full(row: &[Cow<'_, str>], columns: usize) -> bool {
    let distinct: std::collections::BTreeSet<&str> = row.iter().map(|c| c.trim()).filter(|c| !c.is_empty()).collect();
    distinct.len() == columns
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
    // Letters that are names as often as units: one of them at least belongs to its name.
    let strong = |(i, c): &(usize, &str)| {
        let name = names.get(*i).map_or("", |n| n);
        let unit = label::unit_of(c, name);
        unit.is_some_and(|u| c.chars().count() > 1 || label::usual(name).is_some_and(|own| own.same_dimension(&u)))
    };
    // `all in nm` is a sentence.
    if filled.iter().any(|(_, c)| PROSE.contains(&c.to_lowercase().as_str())) {
        return false;
    }
    let telling = filled.iter().filter(|(_, c)| !matches!(*c, "-" | "1")).any(strong);
    !filled.is_empty() && telling && known * 3 >= filled.len() * 2
}
