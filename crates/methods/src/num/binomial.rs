//! Tails of the binomial distribution.

use statrs::distribution::{Binomial, DiscreteCDF};

/// Chance of at most `count` of `n` where each has the chance `p`; NaN where `p` is none.
pub fn at_most(count: usize, n: usize, p: f64) -> f64 {
    Binomial::new(p, n as u64).map_or(f64::NAN, |b| b.cdf(count as u64))
}

/// Chance of at least `count`.
pub fn at_least(count: usize, n: usize, p: f64) -> f64 {
    if count == 0 { 1.0 } else { 1.0 - at_most(count - 1, n, p) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_of_small_numbers() {
        // Of six at 5 %: none 0.95⁶, at least two 1 − 0.95⁶ − 6 · 0.05 · 0.95⁵.
        assert!((at_most(0, 6, 0.05) - 0.735_091_890_625).abs() < 1e-12);
        assert!((at_least(2, 6, 0.05) - 0.032_773_828_125).abs() < 1e-12);
        assert_eq!((at_least(0, 6, 0.05), at_most(6, 6, 0.05)), (1.0, 1.0));
    }
}
