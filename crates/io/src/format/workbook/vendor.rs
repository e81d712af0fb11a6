//! What the layouts of certain programs say beyond their cells.
//!
//! NanoSuite and InView write a sheet of inputs with one row a test (`Test`, `X Test Position`, `Y Test Position`), and
//! a sheet `Test 001` for the curve of each: a curve gets the position of its test.

use std::collections::BTreeMap;

use super::table::{Column, Content};

/// Names of the columns of a test's position.
const POSITION: [&[&str]; 2] = [
    &["x test position", "x position", "x", "x location", "stage x", "x pos"],
    &["y test position", "y position", "y", "y location", "stage y", "y pos"],
];

/// Number of a test, and where it was made in m: from the first table that has both.
pub(super) fn positions<'a>(tables: impl Iterator<Item = &'a [Column]>) -> BTreeMap<u64, [f64; 2]> {
    for columns in tables {
        let Some([x, y]) = position_columns(columns) else { continue };
        let find = |names: &[&str]| {
            let own = columns.iter().find(|c| names.contains(&c.name.to_lowercase().as_str()))?;
            match &own.cells {
                Content::Numbers(values) => Some((values, &own.unit)),
                Content::Words(_) => None,
            }
        };
        let all = [&["test", "test number"][..], &[&x.to_lowercase()], &[&y.to_lowercase()]].map(find);
        let [Some((tests, _)), Some((xs, x)), Some((ys, y))] = all else { continue };
        return tests
            .iter()
            .zip(xs.iter().zip(ys))
            .filter(|(n, (x, y))| **n >= 0.0 && **n < 1e9 && x.is_finite() && y.is_finite())
            .map(|(n, (a, b))| (*n as u64, [x.to_si(*a), y.to_si(*b)]))
            .collect();
    }
    BTreeMap::new()
}

/// `Test 001`, `Test 12`, `Test 3 Tagged`.
pub(super) fn test_number(name: &str) -> Option<u64> {
    name.trim().strip_prefix("Test ")?.split_whitespace().next()?.parse().ok()
}

/// The names of the columns that hold where the rows of a table were measured.
pub(super) fn position_columns(columns: &[Column]) -> Option<[&str; 2]> {
    let length = |c: &&Column| matches!(c.cells, Content::Numbers(_)) && c.unit.is_length();
    let find = |names: &[&str]| columns.iter().filter(length).find(|c| names.contains(&c.name.to_lowercase().as_str()));
    Some([&find(POSITION[0])?.name, &find(POSITION[1])?.name])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_tests() {
        assert_eq!(test_number("Test 001"), Some(1));
        assert_eq!(test_number("Test 12"), Some(12));
        assert_eq!(test_number("Tests"), None);
        assert_eq!(test_number("Test 1a"), None);
        assert_eq!(test_number("Test 3 Tagged"), Some(3));
    }
}
