//! What people write into file names because the instrument does not write it into the file: grid and pitch.

use softspot_data::unit::Quantity;

/// Rows and columns from `20x11` or `15×15` in a name; `None` where there is none, several, or a size such as
/// `5x5um`.
pub fn grid_of_name(name: &str) -> Option<[usize; 2]> {
    let chars: Vec<char> = name.chars().collect();
    let mut found = None;
    for (i, c) in chars.iter().enumerate() {
        if !matches!(c, 'x' | 'X' | '×') {
            continue;
        }
        let before: String = digits(chars[..i].iter().rev()).chars().rev().collect();
        let after = digits(chars[i + 1..].iter());
        let left = i.checked_sub(before.len() + 1).and_then(|j| chars.get(j));
        let right = chars.get(i + 1 + after.len());
        let (Ok(rows), Ok(columns)) = (before.parse::<usize>(), after.parse::<usize>()) else { continue };
        let part_of_more = |c: Option<&char>| c.is_some_and(|c| matches!(c, '.' | ',' | 'x' | 'X' | '×'));
        // A unit behind the second number makes it a size; a decimal or a third factor makes it something else.
        let unit = right.is_some_and(|c| c.is_alphabetic());
        let decimal = part_of_more(right) && chars.get(i + 2 + after.len()).is_some_and(char::is_ascii_digit);
        if part_of_more(left) || unit || decimal || rows == 0 || columns == 0 {
            return None;
        }
        if found.replace([rows, columns]).is_some() {
            return None;
        }
    }
    found
}

fn digits<'a>(chars: impl Iterator<Item = &'a char>) -> String {
    chars.take_while(|c| c.is_ascii_digit()).take(6).collect()
}

/// Distance of neighbours in m from `spacing5um`, `pitch_2µm` or `5 um pitch` in a name.
pub fn pitch_of_name(name: &str) -> Option<f64> {
    let lower = name.to_lowercase();
    for word in ["spacing", "pitch", "step"] {
        let Some(at) = lower.find(word) else { continue };
        let after = lower[at + word.len()..].trim_start_matches([' ', '_', '-', '=', ':']);
        // A number and letters up to the next separator behind it, or those right before it.
        let behind: String = after.chars().take_while(|c| !matches!(c, '_' | ' ' | '-' | ',')).collect();
        let parts: Vec<&str> = lower[..at].split(['_', '-', ',']).collect();
        let before = parts.iter().rev().find(|p| !p.trim().is_empty()).map_or("", |p| p.trim());
        for text in [behind.as_str(), before] {
            if let Ok(q) = Quantity::parse(text)
                && q.unit.si_symbol() == "m"
                && q.si > 0.0
            {
                return Some(q.si);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids() {
        for (name, grid) in [
            ("asmec_20x11", Some([20, 11])),
            ("zrti_15x15_25mN", Some([15, 15])),
            ("map2x2", Some([2, 2])),
            ("10×12 indents", Some([10, 12])),
            ("20x11.xlsx", Some([20, 11])),
            ("2x20x11", None),
            ("10x objective", None),
            ("scan 5x5um", None),
            ("2.5x2.5", None),
            ("4x4 of 5x5", None),
            ("0x3", None),
            ("max", None),
        ] {
            assert_eq!(grid_of_name(name), grid, "{name}");
        }
    }

    #[test]
    fn pitches() {
        for (name, pitch) in [
            ("s3_25mN_spacing5um", Some(5e-6)),
            ("pitch_2µm_a", Some(2e-6)),
            ("a_5 um pitch", Some(5e-6)),
            ("step=250nm", Some(250e-9)),
            ("spacing", None),
            ("pitch 5", None),
            ("5um", None),
        ] {
            let found = pitch_of_name(name);
            assert!(found.is_some() == pitch.is_some(), "{name}: {found:?}");
            assert!(found.zip(pitch).is_none_or(|(a, b)| (a / b - 1.0).abs() < 1e-12), "{name}: {found:?}");
        }
    }
}
