//! What the layouts of certain programs say beyond their cells.
//!
//! NanoSuite and InView write a sheet of inputs with one row a test (`Test`, `X Test Position`, `Y Test Position`), and
//! a sheet `Test 001` for the curve of each: a curve gets the position of its test.

use super::table::{Column, Content};
use crate::unit::Unit;

/// Names of the columns of a test's position.
const POSITION: [&[&str]; 2] = [
    &["x test position", "x position", "x", "x location", "stage x", "x pos"],
    &["y test position", "y position", "y", "y location", "stage y", "y pos"],
];

/// Number of a test, and where it was made in m: from the first table that has both.
pub(super) fn positions<'a>(tables: impl Iterator<Item = &'a [Column]>) -> Vec<(u64, [f64; 2])> {
    for columns in tables {
        let find = |names: &[&str]| columns.iter().find(|c| names.contains(&c.name.to_lowercase().as_str()));
        let (Some(test), Some(x), Some(y)) = (find(&["test", "test number"]), find(POSITION[0]), find(POSITION[1]))
        else {
            continue;
        };
        let length = |c: &Column| c.unit.same_dimension(&Unit::of("m"));
        let (Content::Numbers(tests), Content::Numbers(xs), Content::Numbers(ys)) = (&test.cells, &x.cells, &y.cells)
        else {
            continue;
        };
        if !(length(x) && length(y)) {
            continue;
        }
        let all = tests.iter().zip(xs.iter().zip(ys));
        return all
            .filter(|(n, (x, y))| **n >= 0.0 && **n < 1e9 && x.is_finite() && y.is_finite())
            .map(|(n, (a, b))| (*n as u64, [x.unit.to_si(*a), y.unit.to_si(*b)]))
            .collect();
    }
    Vec::new()
}

/// `Test 001`, `Test 12`.
pub(super) fn test_number(name: &str) -> Option<u64> {
    name.trim().strip_prefix("Test ").and_then(|n| n.trim().parse().ok())
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
    }
}
