//! Pixels at an extreme value that many share: what an instrument or a program cut off (METHODS §0).

use std::ops::Range;

/// Share of the pixels from which on an extreme value is saturation.
const LEAST: f64 = 0.005;
/// Distinct values up to which each is a level of its own and none is saturation.
pub const LEVELS: usize = 8;

/// Shares of the pixels at the ends of the range of values, 0 where they are no saturation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Saturation {
    /// At the lowest value.
    pub low: f64,
    /// At the highest value.
    pub high: f64,
}

/// Runs of equal values.
pub(crate) fn runs(sorted: &[f64]) -> Vec<Range<usize>> {
    let mut at = 0;
    let lengths = sorted.chunk_by(|a, b| a == b).map(<[f64]>::len);
    lengths
        .map(|n| {
            at += n;
            at - n..at
        })
        .collect()
}

impl Saturation {
    /// Of values by rising size: 0.5 % or more at one end, and more than at the next value.
    pub fn of(sorted: &[f64]) -> Saturation {
        Saturation::of_runs(&runs(sorted), sorted.len())
    }

    pub(crate) fn of_runs(runs: &[Range<usize>], n: usize) -> Saturation {
        let share = |end: &Range<usize>, next: &Range<usize>| {
            let share = end.len() as f64 / n as f64;
            if end.len() > next.len() && share >= LEAST { share } else { 0.0 }
        };
        match runs {
            [first, second, .., last_but_one, last] if runs.len() > LEVELS => {
                Saturation { low: share(first, second), high: share(last, last_but_one) }
            }
            _ => Saturation::default(),
        }
    }

    /// Whether either end is cut off.
    pub fn is_any(&self) -> bool {
        self.low > 0.0 || self.high > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_off_values_are_saturation_and_levels_are_not() {
        let cut: Vec<f64> = (0..1000).map(|i| (f64::from(i) * 0.1).max(20.0)).collect();
        let s = Saturation::of(&cut);
        assert!((s.low - 0.201).abs() < 1e-12 && s.high == 0.0 && s.is_any());
        // Two levels are two levels; the ends of a digitized ramp hold no more than their neighbours.
        let two: Vec<f64> = (0..100).map(|i| f64::from(u8::from(i > 70))).collect();
        let ramp: Vec<f64> = (0..1000).map(|i| f64::from(i / 50)).collect();
        assert!(!Saturation::of(&two).is_any() && !Saturation::of(&ramp).is_any());
    }
}
