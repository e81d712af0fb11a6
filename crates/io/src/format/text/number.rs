//! Numbers as instruments print them: exact, or not a number at all.

/// The decimal mark of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Mark {
    /// `1.5`
    Point,
    /// `1,5`
    Comma,
}

/// Parses one cell: sign, digits, one decimal mark, exponent (`e`, `E` or Fortran's `D`). Thousands may be grouped where the
/// group mark can be nothing else: `1 012,5`, `1'012.5`, `1.012,5`, `1,300,000`.
///
/// Units and words are not numbers, nor is `1,300` where the point is the decimal mark.
pub(in crate::format) fn parse(cell: &str, mark: Mark) -> Option<f64> {
    plain(cell.trim(), mark).or_else(|| grouped(cell, mark, false))
}

/// What groups thousands beyond doubt, whatever the decimal mark.
const GROUPS: [char; 6] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'];

/// A number with its thousands grouped: one to three digits, then groups of three. A point or comma between them counts
/// where a decimal mark or another group follows, or where the file is known to group so.
pub(in crate::format) fn grouped(cell: &str, mark: Mark, known: bool) -> Option<f64> {
    let cell = cell.trim();
    let (decimal, other) = if mark == Mark::Point { ('.', ',') } else { (',', '.') };
    if !cell.contains(GROUPS) && !cell.contains(other) {
        return None;
    }
    let digits = cell.trim_start_matches(['+', '-', '−']);
    let (whole, fraction) = digits.split_once(decimal).map_or((digits, None), |(w, f)| (w, Some(f)));
    let group = whole.chars().find(|c| !c.is_ascii_digit()).filter(|c| GROUPS.contains(c) || *c == other)?;
    let all = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(group);
    let first = groups.next().filter(|g| g.len() <= 3 && all(g) && !g.starts_with('0'))?;
    let rest: Vec<&str> = groups.collect();
    let clear = group != other || known || fraction.is_some() || rest.len() > 1;
    if !clear || !rest.iter().all(|g| g.len() == 3 && all(g)) || !fraction.is_none_or(all) {
        return None;
    }
    let sign = if cell.starts_with(['-', '−']) { "-" } else { "" };
    format!("{sign}{first}{}.{}", rest.concat(), fraction.unwrap_or("0")).parse().ok()
}

/// A number without groups.
fn plain(cell: &str, mark: Mark) -> Option<f64> {
    let first = cell.chars().next()?;
    if !(first.is_ascii_digit() || matches!(first, '+' | '-' | '−' | '–' | '.' | ',')) {
        return None;
    }
    let mut out = String::with_capacity(cell.len());
    let (mut digits, mut marks, mut exponent) = (0, 0, false);
    for (i, c) in cell.char_indices() {
        match c {
            '0'..='9' => {
                digits += 1;
                out.push(c);
            }
            '+' | '-' | '−' | '–' if i == 0 || out.ends_with('e') => out.push(if c == '+' { '+' } else { '-' }),
            '.' | ',' if !exponent && marks == 0 && (c == '.') == (mark == Mark::Point) => {
                marks += 1;
                out.push('.');
            }
            'e' | 'E' | 'd' | 'D' if !exponent && digits > 0 => {
                exponent = true;
                out.push('e');
            }
            _ => return None,
        }
    }
    if digits == 0 {
        return None;
    }
    out.parse::<f64>().ok().filter(|v| v.is_finite())
}

/// Whether a cell says that there is no value.
pub(in crate::format) fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    cell.is_empty()
        || cell.chars().all(|c| matches!(c, '-' | '.' | '*' | '?'))
        || matches!(
            cell.to_ascii_lowercase().as_str(),
            "nan" | "-nan" | "n/a" | "#n/a" | "na" | "null" | "none" | "inf" | "-inf" | "+inf" | "infinity" | "-infinity" | "+infinity"
        )
        // What spreadsheets show: `#DIV/0!`, `#NAME?`.
        || cell.starts_with('#') && cell.ends_with(['!', '?'])
        // What Microsoft's library prints: 1.#QNAN, -1.#IND00, 1.#INF00.
        || cell.trim_start_matches(['+', '-']).starts_with("1.#")
}

/// Whether a decimal comma could as well group thousands: three digits behind it, one to three before, no leading zero.
pub(in crate::format) fn may_group_thousands(cell: &str) -> bool {
    let cell = cell.trim().trim_start_matches(['+', '-', '−']);
    let Some((before, after)) = cell.split_once(',') else { return false };
    (1..=3).contains(&before.len())
        && !before.starts_with('0')
        && after.len() == 3
        && after.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_or_nothing() {
        for (cell, mark, value) in [
            ("1.5", Mark::Point, Some(1.5)),
            (" 8.000877e-005", Mark::Point, Some(8.000877e-5)),
            ("0.00000000000000E+0000", Mark::Point, Some(0.0)),
            ("-1,5", Mark::Comma, Some(-1.5)),
            ("−3", Mark::Point, Some(-3.0)),
            ("–2.5", Mark::Point, Some(-2.5)),
            (".5", Mark::Point, Some(0.5)),
            ("5.", Mark::Point, Some(5.0)),
            ("1D3", Mark::Point, Some(1000.0)),
            ("1.300.000,5", Mark::Comma, Some(1_300_000.5)),
            ("-1,300,000", Mark::Point, Some(-1_300_000.0)),
            ("1.300", Mark::Comma, None),
            ("1,300", Mark::Point, None),
            ("1 300", Mark::Point, Some(1300.0)),
            ("1\u{a0}012,5", Mark::Comma, Some(1012.5)),
            ("1'012.5", Mark::Point, Some(1012.5)),
            ("1\u{202f}012\u{202f}345,5", Mark::Comma, Some(1_012_345.5)),
            ("0 300", Mark::Point, None),
            ("1 30", Mark::Point, None),
            ("1 300'000", Mark::Point, None),
            ("1 300,", Mark::Comma, None),
            ("12.05.2024", Mark::Comma, None),
            ("1_000", Mark::Point, None),
            ("0x10", Mark::Point, None),
            ("1e", Mark::Point, None),
            ("e5", Mark::Point, None),
            ("-", Mark::Point, None),
            ("1e999", Mark::Point, None),
            ("5 %", Mark::Point, None),
            ("12:30", Mark::Point, None),
            ("0.1234567890123456789", Mark::Point, Some(0.123_456_789_012_345_68)),
        ] {
            assert_eq!(parse(cell, mark), value, "{cell}");
        }
        assert_eq!(grouped("1.300", Mark::Comma, true), Some(1300.0));
        assert!(is_missing("--.--") && is_missing("NaN") && !is_missing("0"));
        assert!(may_group_thousands("1,300") && !may_group_thousands("0,300") && !may_group_thousands("8796,963"));
    }
}
