//! A few of many things, evenly through all of them but at no fixed distance: of a map, a fixed one picks a few columns.

/// Rising indices of at most `most` of `n` things: one of each of as many equal stretches, at a place within it that
/// follows the golden ratio; all of them where `n` is no more.
pub fn spread(n: usize, most: usize) -> Vec<usize> {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    if n <= most {
        return (0..n).collect();
    }
    let stretch = n as f64 / most as f64;
    let place = |i: usize| {
        let within = (i as f64 * GOLDEN).fract();
        (((i as f64 + within) * stretch) as usize).min(n - 1)
    };
    (0..most).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rising_and_through_all_columns() {
        let picked = spread(512 * 512, 1024);
        assert!(picked.len() == 1024 && picked.windows(2).all(|w| w[0] < w[1]));
        // Of 512 columns about 1 − e⁻² are met by 1024 indices; a fixed distance would meet two.
        let columns: std::collections::BTreeSet<usize> = picked.iter().map(|i| i % 512).collect();
        assert!(columns.len() > 400, "{}", columns.len());
        assert_eq!(spread(3, 5), [0, 1, 2]);
        assert_eq!(spread(0, 5), [0; 0]);
    }
}
