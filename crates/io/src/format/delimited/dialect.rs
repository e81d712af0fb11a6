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

/// Separator and decimal mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub separator: Separator,
    pub mark: Mark,
}

/// In order of preference where two explain a file equally well.
const DIALECTS: &[Dialect] = &[
    Dialect { separator: Separator::Tab, mark: Mark::Point },
    Dialect { separator: Separator::Tab, mark: Mark::Comma },
    Dialect { separator: Separator::Semicolon, mark: Mark::Point },
    Dialect { separator: Separator::Semicolon, mark: Mark::Comma },
    Dialect { separator: Separator::Comma, mark: Mark::Point },
    Dialect { separator: Separator::Bar, mark: Mark::Point },
    Dialect { separator: Separator::Bar, mark: Mark::Comma },
    Dialect { separator: Separator::Blank, mark: Mark::Point },
    Dialect { separator: Separator::Blank, mark: Mark::Comma },
];

/// Every separator but blanks.
const SEPARATORS: [char; 4] = ['\t', ';', '|', ','];

/// Lines that vote.
const VOTERS: usize = 5000;

impl Dialect {
    /// The dialect of these lines, with the separator that the file declares, if it does.
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a str> + Clone, declared: Option<Separator>) -> Dialect {
        let score = |d: &Dialect| -> i64 {
            lines
                .clone()
                .take(VOTERS)
                .map(|line| {
                    let (mut good, mut bad) = (0i64, 0i64);
                    for cell in split(line, d.separator) {
                        if number::parse(&cell, d.mark).is_some() {
                            good += 1;
                        } else if !number::is_missing(&cell) {
                            bad += 1;
                        }
                    }
                    // Words cost, but columns of words do not outvote the lines that hold numbers at all.
                    4 * (good - bad).max(0) + i64::from(good > 0)
                })
                .sum()
        };
        let mut best = (DIALECTS[0], i64::MIN);
        for d in DIALECTS.iter().filter(|d| declared.is_none_or(|s| s == d.separator)) {
            let s = score(d);
            if s > best.1 {
                best = (*d, s);
            }
        }
        best.0
    }
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
    SEPARATORS.into_iter().any(|at| {
        let mut counts = lines.clone().map(|l| l.matches(at).count());
        let above = (at == ',').then(|| names.matches(at).count());
        let even = counts.next().is_some_and(|n| n > 0 && above.is_none_or(|m| m == n) && counts.all(|m| m == n));
        even && lines.clone().flat_map(|l| l.split(at)).any(is_grouped)
            && lines.clone().flat_map(|l| l.split(at)).all(|c| !c.trim().contains(char::is_whitespace) || is_grouped(c))
    })
}

/// `1 234`, `-12 345.6`: one to three digits, then groups of three.
fn is_grouped(cell: &str) -> bool {
    let cell = cell.trim().trim_start_matches(['+', '-', '−']);
    let whole = cell.split(['.', ',']).next().unwrap_or_default();
    let mut groups = whole.split(char::is_whitespace);
    let digits = |g: &str| g.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next().is_some_and(|g| (1..=3).contains(&g.len()) && digits(g) && !g.starts_with('0'));
    let rest: Vec<&str> = groups.collect();
    first && !rest.is_empty() && rest.iter().all(|g| g.len() == 3 && digits(g))
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
        Separator::Blank => return line.split_whitespace().map(Cow::Borrowed).collect(),
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
        ] {
            assert_eq!(Dialect::of(text.lines(), None), Dialect { separator, mark }, "{text}");
        }
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
