//! The order in which people count: `slice_2` before `slice_10`.

use std::cmp::Ordering;

/// Compares names by their words and their numbers; names that differ only in leading zeros by length.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a, b);
    while let (Some(p), Some(q)) = (x.chars().next(), y.chars().next()) {
        if p.is_ascii_digit() && q.is_ascii_digit() {
            let (m, n);
            (m, x) = number(x);
            (n, y) = number(y);
            // Without leading zeros the longer is the larger.
            let order = m.len().cmp(&n.len()).then_with(|| m.cmp(n));
            if order != Ordering::Equal {
                return order;
            }
            continue;
        }
        if p != q {
            return p.cmp(&q);
        }
        (x, y) = (x.get(p.len_utf8()..).unwrap_or(""), y.get(q.len_utf8()..).unwrap_or(""));
    }
    x.len().cmp(&y.len()).then_with(|| a.cmp(b))
}

/// The digits at the beginning without leading zeros, and the rest.
fn number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (digits.trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count() {
        let mut names = ["a10", "a9", "b", "a09", "a1.tif", "a1_2", "a", "a10b", "a1_10", "é2", "é10"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["a", "a1.tif", "a1_2", "a1_10", "a09", "a9", "a10", "a10b", "b", "é2", "é10"]);
    }
}
