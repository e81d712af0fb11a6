//! How a file separates cells and marks decimals, found by what makes most of its cells numbers.

use std::borrow::Cow;

use crate::io::format::text::number::{self, Mark};

/// What stands between cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::io::format) enum Separator {
    Tab,
    Semicolon,
    Comma,
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
    Dialect { separator: Separator::Blank, mark: Mark::Point },
    Dialect { separator: Separator::Blank, mark: Mark::Comma },
];

/// Lines that vote.
const VOTERS: usize = 5000;

impl Dialect {
    /// The dialect of these lines.
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Dialect {
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
        for d in DIALECTS {
            let s = score(d);
            if s > best.1 {
                best = (*d, s);
            }
        }
        best.0
    }
}

/// The cells of a line; quotes around a cell are taken off, doubled ones inside halved.
pub(in crate::io::format) fn split(line: &str, separator: Separator) -> Vec<Cow<'_, str>> {
    let at = match separator {
        Separator::Tab => '\t',
        Separator::Semicolon => ';',
        Separator::Comma => ',',
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
        ] {
            assert_eq!(Dialect::of(text.lines()), Dialect { separator, mark }, "{text}");
        }
    }

    #[test]
    fn quotes() {
        assert_eq!(split("\"a, b\",c,\"d \"\"e\"\"\"", Separator::Comma), ["a, b", "c", "d \"e\""]);
        assert_eq!(split("G'\tG\"\tT", Separator::Tab), ["G'", "G\"", "T"]);
        assert_eq!(split("\"open,1", Separator::Comma), ["\"open", "1"]);
        assert_eq!(split("", Separator::Comma), [""]);
    }
}
