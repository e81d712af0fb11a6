//! What names of files say of a grid: instruments and people put its size and pitch there (`map_20x11_5um.xlsx`).

use crate::unit::Unit;

/// Rows or columns beyond which a number in a name is no grid.
const MOST: usize = 100_000;

/// Columns and rows that a name gives as `20x11`, `15×15`, `20 x 11`; `None` where there is no such thing, or several.
///
/// The order is as written. `2x20x11` (a volume, a magnification?) and `10x` (an objective) say nothing.
pub fn grid_of_name(name: &str) -> Option<[usize; 2]> {
    let stem = stem(name);
    let characters: Vec<char> = stem.chars().collect();
    let mut found: Option<[usize; 2]> = None;
    let mut at = 0;
    while at < characters.len() {
        let Some((chain, end)) = chain(&characters, at) else {
            at += 1;
            continue;
        };
        at = end;
        match chain[..] {
            // Three and more numbers: nobody can say which are the grid.
            [a, b] => {
                if found.is_some_and(|f| f != [a, b]) {
                    return None;
                }
                found = Some([a, b]);
            }
            [_] => {}
            _ => return None,
        }
    }
    found
}

/// The distance of neighbouring points in m that a name gives: `spacing5um`, `5 um pitch`, `pitch_2µm`, `step=500nm`.
///
/// A length alone (`5um`) may be anything and is `None`, as are two that differ.
pub fn pitch_of_name(name: &str) -> Option<f64> {
    const WORDS: [&str; 6] = ["pitch", "spacing", "stepsize", "step", "spaced", "distance"];
    let tokens = tokens(stem(name));
    let mut found: Option<f64> = None;
    for (i, token) in tokens.iter().enumerate() {
        if !matches!(token, Token::Word(w) if WORDS.contains(&w.to_lowercase().as_str())) {
            continue;
        }
        // `step size 5 um` has its word in two.
        let skip = usize::from(matches!(tokens.get(i + 1), Some(Token::Word(w)) if w.eq_ignore_ascii_case("size")));
        let behind = length(tokens.get(i + 1 + skip..).unwrap_or_default());
        let before = i.checked_sub(2).and_then(|from| length(tokens.get(from..i).unwrap_or_default()));
        let own = match (before, behind) {
            (Some(a), Some(b)) if a != b => return None,
            (a, b) => a.or(b),
        };
        if let Some(own) = own {
            if found.is_some_and(|f| f != own) {
                return None;
            }
            found = Some(own);
        }
    }
    found
}

/// The name without folders and without an extension, which begins with a letter: `5.0um` keeps its decimals.
fn stem(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.starts_with(char::is_alphabetic) => stem,
        _ => name,
    }
}

/// Numbers joined by `x` that begin here, and where they end. A number behind a letter (`B7`, `x2`) is none, behind a
/// word (`map20x11`) it is.
fn chain(characters: &[char], from: usize) -> Option<(Vec<usize>, usize)> {
    let digit = |i: usize| characters.get(i).filter(|c| c.is_ascii_digit());
    let before = |n: usize| from.checked_sub(n).and_then(|i| characters.get(i));
    let letter = |n: usize| before(n).is_some_and(|c| c.is_alphabetic());
    let inside = before(1).is_some_and(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    if digit(from).is_none() || inside || letter(1) && !(letter(2) && before(1) != Some(&'x')) {
        return None;
    }
    let mut out = Vec::new();
    let mut at = from;
    loop {
        let begin = at;
        while digit(at).is_some() {
            at += 1;
        }
        let number: String = characters.get(begin..at)?.iter().collect();
        out.push(number.parse().ok().filter(|n| (1..=MOST).contains(n))?);
        let blank = |i: usize| characters.get(i) == Some(&' ');
        let mark = at + usize::from(blank(at));
        let next = mark + 1 + usize::from(blank(mark + 1));
        let joined = matches!(characters.get(mark), Some('x' | 'X' | '×' | '*')) && digit(next).is_some();
        if !joined {
            break;
        }
        at = next;
    }
    // `20x11um` is a size in µm, `20x11.5` no grid; `20x11pts` and `20x11_…` are.
    let rest: String = characters.get(at..)?.iter().collect();
    let tail = rest.strip_prefix(' ').unwrap_or(&rest);
    let word: String = tail.chars().take_while(|c| c.is_alphabetic()).collect();
    let is_length = !word.is_empty() && Unit::parse(&word).is_ok_and(|u| u.same_dimension(&Unit::of("m")));
    let decimal = rest.starts_with(['.', ',']) && rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
    let out = if out.len() == 2 && (is_length || decimal) { vec![1] } else { out };
    Some((out, at))
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Word(String),
}

/// Numbers and words; everything else parts them.
fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let kind = |c: char| {
            if c.is_ascii_digit() {
                1
            } else if c.is_alphabetic() || c == 'µ' {
                2
            } else {
                0
            }
        };
        let inside = |(i, own): &(usize, char)| {
            let decimal = kind(c) == 1
                && matches!(own, '.' | ',')
                && rest.get(i + 1..).is_some_and(|r| r.starts_with(|d: char| d.is_ascii_digit()));
            kind(*own) == kind(c) && kind(c) != 0 || decimal
        };
        let end = rest.char_indices().find(|p| !inside(p)).map_or(rest.len(), |(i, _)| i).max(c.len_utf8());
        let (own, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        match kind(c) {
            1 => out.extend(own.replace(',', ".").parse().ok().map(Token::Number)),
            2 => out.push(Token::Word(own.to_string())),
            _ => {}
        }
        rest = behind;
    }
    out
}

/// A number and a unit of length.
fn length(tokens: &[Token]) -> Option<f64> {
    let [Token::Number(n), Token::Word(w), ..] = tokens else { return None };
    let unit = Unit::parse(w).ok().filter(|u| u.same_dimension(&Unit::of("m")))?;
    let si = unit.to_si(*n);
    (si > 0.0 && si < 1.0).then_some(si)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids() {
        for (name, grid) in [
            ("asmec_20x11.xlsx", Some([20, 11])),
            ("map 15×15 sample 3.xls", Some([15, 15])),
            ("MAP_10X10", Some([10, 10])),
            ("folder_3x3/map_20 x 11.txt", Some([20, 11])),
            ("1024x768.png", Some([1024, 768])),
            ("a_5x5_b_5x5.csv", Some([5, 5])),
            ("grid20x11.xlsx", Some([20, 11])),
            ("B7x3.xlsx", None),
            ("2x20x11.xlsx", None),
            ("10x objective.tif", None),
            ("5x5_6x6.csv", None),
            ("20x11um.csv", None),
            ("20x20 µm 5x5.csv", Some([5, 5])),
            ("2.5x3.csv", None),
            ("0x5", None),
            ("0x10ff", None),
            ("999999999999999999999x2", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(grid_of_name(name), grid, "{name}");
        }
    }

    #[test]
    fn pitches() {
        for (name, pitch) in [
            ("map_spacing5um.xlsx", Some(5e-6)),
            ("20x11 5 um pitch", Some(5e-6)),
            ("pitch_2µm.csv", Some(2e-6)),
            ("step=500nm", Some(500e-9)),
            ("Step size 1.5um", Some(1.5e-6)),
            ("spacing-0,5um.txt", Some(0.5e-6)),
            ("5um.csv", None),
            ("pitch.csv", None),
            ("pitch_5", None),
            ("pitch5s", None),
            ("pitch_2um_pitch_3um", None),
            ("", None),
        ] {
            let have = pitch_of_name(name);
            let same = match (have, pitch) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-12 * b,
                (a, b) => a == b,
            };
            assert!(same, "{name}: {have:?}");
        }
    }
}
