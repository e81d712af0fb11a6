//! Where a number of a map stands among those of its surrogates (METHODS §13).

use crate::num::quantile::quantiles;

/// Where a number stands among those of surrogates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Null {
    /// Median over surrogates.
    pub median: f64,
    /// What 95 % of the surrogates lie between.
    pub band: [f64; 2],
    /// Share of surrogates at least as high, (1 + k)/(1 + n).
    pub above: f64,
    /// Share of surrogates at most as high.
    pub below: f64,
    /// Surrogates that gave a number.
    pub n: usize,
}

impl Null {
    /// Below this p a claim stands.
    pub const LEVEL: f64 = 0.05;
    /// Numbers of surrogates without which nothing is said.
    pub const FEWEST: usize = 20;

    /// Of the numbers that surrogates gave; `None` where fewer than [`Null::FEWEST`] gave one.
    pub fn of(value: f64, surrogates: impl IntoIterator<Item = f64>) -> Option<Null> {
        let mut v: Vec<f64> = surrogates.into_iter().filter(|v| v.is_finite()).collect();
        let n = v.len();
        if n < Null::FEWEST || !value.is_finite() {
            return None;
        }
        let p = |k: usize| (1 + k) as f64 / (1 + n) as f64;
        let above = p(v.iter().filter(|s| **s >= value).count());
        let below = p(v.iter().filter(|s| **s <= value).count());
        let [median, low, high] = quantiles(&mut v, [0.5, 0.025, 0.975]);
        Some(Null { median, band: [low, high], above, below, n })
    }

    /// Whether a claim of that p stands.
    pub fn stands(p: f64) -> bool {
        p < Null::LEVEL
    }

    /// p of both sides: twice the smaller, at most 1.
    pub fn both(&self) -> f64 {
        (2.0 * self.above.min(self.below)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_count_the_map_itself() {
        let null = Null::of(5.0, (0..99).map(f64::from)).unwrap();
        assert_eq!((null.n, null.above, null.below), (99, 95.0 / 100.0, 7.0 / 100.0));
        assert!(Null::of(5.0, [1.0; 19]).is_none() && Null::of(f64::NAN, [1.0; 50]).is_none());
        assert_eq!(null.both(), 14.0 / 100.0);
    }
}
