//! How a file separates cells and marks decimals, found by what makes most of its cells numbers.

use std::borrow::Cow;

use crate::format::text::number::{self, Mark};

/// What stands between cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Separator {
    Tab,
    Semicolon,
    Comma,
    Bar,
    /// Any run of white space.
    Blank,
}

/// How cells are separated, and how their numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub separator: Separator,
    pub mark: Mark,
    /// Whether points or commas group thousands somewhere beyond doubt.
    pub groups: bool,
    /// Whether more cells would be numbers if the other mark were the decimal one and this one grouped thousands.
    pub contradicted: bool,
}

/// In order of preference where two explain a file equally well.
const DIALECTS: &[(Separator, Mark)] = &[
    (Separator::Tab, Mark::Point),
    (Separator::Tab, Mark::Comma),
    (Separator::Semicolon, Mark::Point),
    (Separator::Semicolon, Mark::Comma),
    (Separator::Comma, Mark::Point),
    // Decimal commas in quotes.
    (Separator::Comma, Mark::Comma),
    (Separator::Bar, Mark::Point),
    (Separator::Bar, Mark::Comma),
    (Separator::Blank, Mark::Point),
    (Separator::Blank, Mark::Comma),
];

/// Every separator but blanks.
const SEPARATORS: [char; 4] = ['\t', ';', '|', ','];

/// Lines that vote, and bytes of them.
const VOTERS: usize = 5000;
const VOTED: usize = 4 << 20;

/// How well a dialect explains lines.
#[derive(Clone, Copy)]
struct Fit {
    score: i64,
    /// Lines with a number that are parted into the same cells, two at least, all of them numbers or missing.
    whole: bool,
    /// Lines with a number, two at least, are parted into the same cells, and what is no number among them is words.
    even: bool,
    groups: bool,
    /// The score where `1,300` and `1.300` count as grouped.
    grouped: i64,
}

impl Dialect {
    /// The dialect of these lines, with the separator that the file declares, if it does.
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a str> + Clone, declared: Option<Separator>) -> Dialect {
        let mut best: Option<(Dialect, Fit)> = None;
        let mut grouped = Vec::new();
        for &(separator, mark) in DIALECTS.iter().filter(|d| declared.is_none_or(|s| s == d.0)) {
            let fit = fit(lines.clone(), separator, mark);
            let dialect = Dialect { separator, mark, groups: fit.groups, contradicted: false };
            grouped.push((separator, mark, fit.grouped));
            // Blanks may stand in numbers that another separator parts: `300,5;1 012,5`, and numbers in names that tabs part:
            // `Grid 0001 LC`.
            let parted = |d: Dialect, f: Fit| f.whole && d.is_clear() || f.even && d.separator == Separator::Tab;
            let blanks = separator == Separator::Blank && best.is_some_and(|(d, f)| parted(d, f));
            // Of two that explain as much, the one that groups somewhere beyond doubt.
            let better = |b: Fit| fit.score > b.score || fit.score == b.score && fit.groups && !b.groups;
            if !blanks && best.is_none_or(|(_, b)| better(b)) {
                best = Some((dialect, fit));
            }
        }
        let none = Dialect { separator: Separator::Tab, mark: Mark::Point, groups: false, contradicted: false };
        let Some((mut dialect, fit)) = best else { return none };
        // Points and commas that could each group thousands: nothing here says which – but between commas the points of numbers
        // without quotes are decimal.
        let better = |m: Mark| {
            let score =
                grouped.iter().find(|(s, own, _)| *s == dialect.separator && *own == m).map_or(0, |(.., score)| *score);
            score > fit.score && !fit.groups && dialect.separator != Separator::Blank
        };
        match (better(Mark::Point), better(Mark::Comma)) {
            (true, false) if dialect.separator == Separator::Comma => {
                (dialect.mark, dialect.groups) = (Mark::Point, true)
            }
            (false, false) => {}
            _ => dialect.contradicted = true,
        }
        dialect
    }

    /// Whether its separator is no part of numbers.
    fn is_clear(&self) -> bool {
        !matches!(self.separator, Separator::Comma | Separator::Blank)
    }

    /// A cell as a number.
    pub(super) fn number(&self, cell: &str) -> Option<f64> {
        number::parse(cell, self.mark).or_else(|| number::grouped(cell, self.mark, true).filter(|_| self.groups))
    }
}

fn fit<'a>(lines: impl Iterator<Item = &'a str>, separator: Separator, mark: Mark) -> Fit {
    let mut out = Fit { score: 0, whole: true, even: true, groups: false, grouped: 0 };
    let mut width = None;
    let mut count = 0usize;
    let mut left = VOTED;
    for line in lines.take(VOTERS) {
        // What a long line says, its begin says.
        let end = (0..=left.min(line.len())).rev().find(|i| line.is_char_boundary(*i)).unwrap_or(0);
        let line = line.get(..end).unwrap_or_default();
        left -= end;
        let (mut good, mut bad, mut cells, mut known, mut torn) = (0i64, 0i64, 0usize, 0i64, false);
        for cell in split(line, separator) {
            cells += 1;
            if number::parse(&cell, mark).is_some() {
                good += 1;
                let other = if mark == Mark::Point { ',' } else { '.' };
                out.groups |= cell.contains(other);
            } else if !number::is_missing(&cell) {
                bad += 1;
                known += i64::from(number::grouped(&cell, mark, true).is_some());
                // `1.0 2.0`, `70.1 ± 0.2`: numbers that another separator parts.
                let is_number = |w: Option<&str>| w.is_some_and(|w| number::parse(w, mark).is_some());
                torn |= is_number(cell.split_whitespace().next()) && is_number(cell.split_whitespace().next_back());
            }
        }
        if good > 0 {
            count += 1;
            let alike = cells > 1 && *width.get_or_insert(cells) == cells;
            out.whole &= bad == 0 && alike;
            out.even &= alike && !torn;
        }
        // Words cost, but columns of words do not outvote the lines that hold numbers at all.
        out.score += 4 * (good - bad).max(0) + i64::from(good > 0);
        out.grouped += 4 * (good - bad + 2 * known).max(0) + i64::from(good + known > 0);
    }
    out.whole &= width.is_some();
    out.even &= count > 1;
    out
}

/// The separator that a first line `sep=;` declares, as spreadsheets write it.
pub(super) fn declared(line: &str) -> Option<Separator> {
    let line = line.trim_start_matches('\u{feff}').trim_matches(['\r', '\n', '"']);
    match line.get(..4)?.eq_ignore_ascii_case("sep=").then(|| line.get(4..))?? {
        "\t" => Some(Separator::Tab),
        ";" => Some(Separator::Semicolon),
        "," => Some(Separator::Comma),
        "|" => Some(Separator::Bar),
        _ => None,
    }
}

/// Whether another separator than blanks divides every line equally, and blanks divide its cells as groups of thousands
/// do: `1 234,2`. Commas, which may as well be decimal, count only under as many in the line of names.
pub(super) fn groups_by_blanks<'a>(names: &str, lines: impl Iterator<Item = &'a str> + Clone) -> bool {
    let grouped = |c: &str| [Mark::Point, Mark::Comma].iter().any(|m| number::grouped(c, *m, false).is_some());
    SEPARATORS.into_iter().any(|at| {
        let mut counts = lines.clone().map(|l| l.matches(at).count());
        let above = (at == ',').then(|| names.matches(at).count());
        let even = counts.next().is_some_and(|n| n > 0 && above.is_none_or(|m| m == n) && counts.all(|m| m == n));
        let cells = || lines.clone().flat_map(|l| l.split(at));
        even && cells().any(grouped) && cells().all(|c| !c.trim().contains(char::is_whitespace) || grouped(c))
    })
}

/// Lines with their numbers, counted from 1; line breaks inside of a quoted cell do not end one.
pub(super) fn lines(text: &str) -> Vec<(usize, &str)> {
    /// Lines that a cell may span.
    const MOST: usize = 8;
    let mut out = Vec::new();
    let mut starts: Vec<usize> = vec![0];
    starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1));
    let line = |from: usize, to: usize| {
        let end = starts.get(to).copied().unwrap_or(text.len());
        starts.get(from).and_then(|s| text.get(*s..end)).unwrap_or_default().trim_end_matches(['\n', '\r'])
    };
    let mut i = 0;
    while i < starts.len() {
        let mut next = i + 1;
        if leaves_open(line(i, next)) {
            // What holds separators before the closing quote is rather rows of numbers behind a stray quote.
            let plain = |n: &usize| {
                let last = line(*n - 1, *n);
                *n <= starts.len() && !last.split('"').next().unwrap_or_default().contains(SEPARATORS)
            };
            let mut ends = (next + 1..=i + MOST).take_while(plain);
            next = ends.find(|n| !leaves_open(line(i, *n))).unwrap_or(next);
        }
        out.push((i + 1, line(i, next)));
        i = next;
    }
    // The end of the last line begins no other.
    if out.last().is_some_and(|(_, l)| l.is_empty()) {
        out.pop();
    }
    out
}

/// Whether a quote that begins a cell is not closed.
fn leaves_open(text: &str) -> bool {
    let mut rest = text;
    loop {
        let cell = rest.trim_start_matches(' ');
        let next = |from: &str| from.find(SEPARATORS).map(|at| at + 1);
        let Some(mut inner) = cell.strip_prefix('"') else {
            match next(cell) {
                Some(at) => rest = cell.get(at..).unwrap_or_default(),
                None => return false,
            }
            continue;
        };
        loop {
            let Some(end) = inner.find('"') else { return true };
            inner = inner.get(end + 1..).unwrap_or_default();
            match inner.strip_prefix('"') {
                Some(doubled) => inner = doubled,
                None => break,
            }
        }
        match next(inner) {
            Some(at) => rest = inner.get(at..).unwrap_or_default(),
            None => return false,
        }
    }
}

/// The cells of a line; quotes around a cell are taken off, doubled ones inside halved.
pub(in crate::format) fn split(line: &str, separator: Separator) -> Vec<Cow<'_, str>> {
    let at = match separator {
        Separator::Tab => '\t',
        Separator::Semicolon => ';',
        Separator::Comma => ',',
        Separator::Bar => '|',
        // No-break blanks group thousands.
        Separator::Blank => {
            let blank = |c: char| c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}');
            return line.split(blank).filter(|c| !c.trim().is_empty()).map(|c| Cow::Borrowed(c.trim())).collect();
        }
    };
    if !line.contains('"') {
        return line.split(at).map(|c| Cow::Borrowed(c.trim())).collect();
    }
    let mut out = Vec::new();
    let mut rest = line;
    loop {
        let (cell, after) = quoted(rest, at).unwrap_or_else(|| match rest.split_once(at) {
            Some((cell, after)) => (Cow::Borrowed(cell.trim()), Some(after)),
            None => (Cow::Borrowed(rest.trim()), None),
        });
        out.push(cell);
        match after {
            Some(after) => rest = after,
            None => return out,
        }
    }
}

/// A quoted cell and what follows its separator; `None` where the quotes do not enclose the cell.
fn quoted(text: &str, at: char) -> Option<(Cow<'_, str>, Option<&str>)> {
    let inner = text.trim_start_matches(' ').strip_prefix('"')?;
    let mut from = 0;
    loop {
        let end = from + inner.get(from..)?.find('"')?;
        let after = inner.get(end + 1..)?;
        if after.starts_with('"') {
            from = end + 2;
            continue;
        }
        let cell = inner.get(..end)?;
        let cell = if cell.contains("\"\"") { Cow::Owned(cell.replace("\"\"", "\"")) } else { Cow::Borrowed(cell) };
        let after = after.trim_start_matches(' ');
        return match after.strip_prefix(at) {
            Some(next) => Some((cell, Some(next))),
            None if after.is_empty() => Some((cell, None)),
            None => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects() {
        for (text, separator, mark) in [
            ("1.5\t2.5\n3\t4", Separator::Tab, Mark::Point),
            ("1,5\t2,5\n3\t4", Separator::Tab, Mark::Comma),
            ("1,5;2,5", Separator::Semicolon, Mark::Comma),
            ("1.5, 2.5, 3", Separator::Comma, Mark::Point),
            ("a,b\n1,2", Separator::Comma, Mark::Point),
            ("  1.5   2.5", Separator::Blank, Mark::Point),
            ("1,5 2,5", Separator::Blank, Mark::Comma),
            ("1.5|2.5", Separator::Bar, Mark::Point),
            ("300,5;1 012,5\n301,5;1 013,5", Separator::Semicolon, Mark::Comma),
            ("1 012\t2\n45\t3", Separator::Tab, Mark::Point),
            ("\"300,5\",\"1,25\"\n300,\"1,5\"", Separator::Comma, Mark::Comma),
            ("1,5 2\u{a0}345,5", Separator::Blank, Mark::Comma),
            ("\"1,012.5\",3", Separator::Comma, Mark::Point),
            ("Quad 0000 LC\t89.9\t1000\nQuad 0001 LC\t93.9\t1250", Separator::Tab, Mark::Point),
            ("1.0 2.0 3.0\t4.0\n1.5 2.5 3.5\t4.5", Separator::Blank, Mark::Point),
            ("1\t70.1 ± 0.2\n2\t71.0 ± 0.3", Separator::Blank, Mark::Point),
        ] {
            let found = Dialect::of(text.lines(), None);
            assert_eq!((found.separator, found.mark), (separator, mark), "{text}");
        }
        let found = Dialect::of("1.012,5;1.013\n0,5;1".lines(), None);
        assert_eq!((found.groups, found.number("1.013")), (true, Some(1013.0)));
        let found = Dialect::of("0.5,\"1,074\"\n1.0,\"2,074\"".lines(), None);
        assert_eq!((found.mark, found.number("1,074")), (Mark::Point, Some(1074.0)));
        assert!(Dialect::of("0,5;1.013\n0,6;2,5".lines(), None).contradicted);
        assert!(Dialect::of("1,500;1.013\n2,500;1.014".lines(), None).contradicted);
    }

    #[test]
    fn declared_separators_and_grouped_thousands() {
        assert_eq!(declared("\u{feff}sep=;\r"), Some(Separator::Semicolon));
        assert_eq!((declared("\"sep=,\""), declared("sep=é"), declared("é")), (Some(Separator::Comma), None, None));
        for (text, grouped) in [
            ("x,y\n1 234,2\n2 345,3", true),
            ("x\n1 234\t2\n45\t3", true),
            ("x,y,z\n1,5 2,5\n1,5 2,5", false),
            ("x y\n1,5 234\n1,5 235", false),
            ("\n1 234\n2 345", false),
            ("\n0 123;1\n0 124;2", false),
        ] {
            let (names, rows) = text.split_once('\n').unwrap();
            assert_eq!(groups_by_blanks(names, rows.lines()), grouped, "{text}");
        }
    }

    #[test]
    fn line_breaks_in_quotes() {
        let text = "\"Load\n(mN)\",\"a \"\"b\nc\"\r\n1,2\n\"open\n3,4\nG\tG\"\n";
        assert_eq!(
            lines(text),
            [(1, "\"Load\n(mN)\",\"a \"\"b\nc\""), (4, "1,2"), (5, "\"open"), (6, "3,4"), (7, "G\tG\""),]
        );
        assert_eq!(lines("a\n\nb"), [(1, "a"), (2, ""), (3, "b")]);
        assert_eq!(lines(""), []);
    }

    #[test]
    fn quotes() {
        assert_eq!(split("\"a, b\",c,\"d \"\"e\"\"\"", Separator::Comma), ["a, b", "c", "d \"e\""]);
        assert_eq!(split("G'\tG\"\tT", Separator::Tab), ["G'", "G\"", "T"]);
        assert_eq!(split("\"open,1", Separator::Comma), ["\"open", "1"]);
        assert_eq!(split("", Separator::Comma), [""]);
    }
}
