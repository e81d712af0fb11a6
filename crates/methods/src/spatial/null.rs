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

    /// The same with another number beside it: `above` is then the share of surrogates of which the one number or the other
    /// stands out as much as of the map, so that a claim may rest on either. A map or a surrogate without one of the two has
    /// no part in it.
    pub fn beside(self, [value, other]: [f64; 2], surrogates: &[[f64; 2]]) -> Null {
        let mut all = vec![[value, other]];
        all.extend(surrogates.iter().copied().filter(|s| s.iter().all(|v| v.is_finite())));
        if !(value.is_finite() && other.is_finite()) || all.len() <= Null::FEWEST {
            return self;
        }
        let rank = |k: usize, v: f64| all.iter().filter(|a| a[k] >= v).count();
        let least: Vec<usize> = all.iter().map(|[a, b]| rank(0, *a).min(rank(1, *b))).collect();
        let as_far = least.iter().filter(|l| **l <= least[0]).count();
        Null { above: as_far as f64 / all.len() as f64, ..self }
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

    /// A number that stands out alone stands out beside one that does not; two that do not are judged together: of 99
    /// surrogates whose two numbers run against each other, nine have a rank of five or less in one of both.
    #[test]
    fn two_numbers_are_one_claim() {
        let others: Vec<[f64; 2]> = (0..99).map(|i| [f64::from(i), f64::from(98 - i)]).collect();
        let above = |v: [f64; 2]| Null::of(v[0], others.iter().map(|o| o[0])).unwrap().beside(v, &others).above;
        assert_eq!(above([200.0, 0.0]), 2.0 / 100.0);
        assert_eq!(above([0.0, 200.0]), 2.0 / 100.0);
        assert_eq!(above([50.0, 50.0]), 99.0 / 100.0);
        assert_eq!(above([94.5, 0.0]), 10.0 / 100.0);
        assert_eq!(above([94.5, f64::NAN]), 5.0 / 100.0);
    }
}
