//! Exact permutation tests of few samples.

use crate::num::random::Stream;

/// Up to this many samples every permutation is visited.
const ENUMERATED: usize = 10;
/// Permutations drawn for more samples.
const DRAWN: u64 = 99_999;

/// A two-sided permutation p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PValue {
    /// Twice the share of permutations at least as far out as the data on their side.
    pub p: f64,
    /// The smallest p these samples could give, whatever the order of one side.
    pub smallest: f64,
    /// Whether all permutations were visited.
    pub exact: bool,
}

/// Two-sided p: twice the smaller tail of statistic(x, permuted y), so that n samples never give less than 2/n!; exact
/// up to [`ENUMERATED`] samples, else from a named stream of 99 999 draws.
pub fn p_value(x: &[f64], y: &[f64], statistic: fn(&[f64], &[f64]) -> f64, stream: &Stream) -> PValue {
    let mut tails = Tails::new(statistic(x, y));
    let mut permuted = y.to_vec();
    if y.len() <= ENUMERATED {
        each_permutation(&mut permuted, |p| tails.count(statistic(x, p)));
        return PValue { p: tails.p(), smallest: tails.smallest(), exact: true };
    }
    // The data themselves are one permutation.
    tails.count(statistic(x, y));
    let mut random = stream.role("permutation").replicate(0);
    for _ in 0..DRAWN {
        for i in (1..permuted.len()).rev() {
            permuted.swap(i, random.below(i + 1));
        }
        tails.count(statistic(x, &permuted));
    }
    PValue { p: tails.p(), smallest: 2.0 / tails.total as f64, exact: false }
}

/// How many permutations lie beyond the data on either side, and at the ends.
struct Tails {
    observed: f64,
    total: u64,
    above: u64,
    below: u64,
    /// Largest and smallest value with how often they occur.
    ends: [(f64, u64); 2],
}

impl Tails {
    /// A permutation that gives the same value but for rounding counts as equal.
    const SAME: f64 = 1e-9;

    fn new(observed: f64) -> Tails {
        Tails { observed, total: 0, above: 0, below: 0, ends: [(f64::NEG_INFINITY, 0), (f64::NEG_INFINITY, 0)] }
    }

    fn count(&mut self, v: f64) {
        self.total += 1;
        self.above += u64::from(v >= self.observed - Self::SAME);
        self.below += u64::from(v <= self.observed + Self::SAME);
        for ((end, n), v) in self.ends.iter_mut().zip([v, -v]) {
            if v > *end + Self::SAME {
                (*end, *n) = (v, 0);
            }
            *n += u64::from(v >= *end - Self::SAME);
        }
    }

    fn p(&self) -> f64 {
        (2.0 * self.above.min(self.below) as f64 / self.total as f64).min(1.0)
    }

    fn smallest(&self) -> f64 {
        (2.0 * self.ends[0].1.min(self.ends[1].1) as f64 / self.total as f64).min(1.0)
    }
}

/// Heap's algorithm: all n! orders, each once.
fn each_permutation(values: &mut [f64], mut visit: impl FnMut(&[f64])) {
    let n = values.len();
    let mut c = vec![0; n];
    visit(values);
    let mut i = 1;
    while i < n {
        if c[i] < i {
            values.swap(if i % 2 == 0 { 0 } else { c[i] }, i);
            visit(values);
            c[i] += 1;
            i = 1;
        } else {
            c[i] = 0;
            i += 1;
        }
    }
}

/// A sample's value with its 95 % interval, if it has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurement {
    /// The value.
    pub value: f64,
    /// Its interval.
    pub interval: Option<[f64; 2]>,
}

impl Measurement {
    /// Standard deviation of its error; 0 without an interval.
    pub fn error(&self) -> f64 {
        self.interval.map_or(0.0, |[low, high]| (high - low).max(0.0) / (2.0 * 1.96))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::rank::{kendall, spearman};

    #[test]
    fn three_samples_give_no_p_below_a_third() {
        let p = p_value(&[1.0, 2.0, 3.0], &[0.1, 0.2, 0.9], spearman, &Stream::named("t"));
        assert_eq!((p.p, p.smallest, p.exact), (2.0 / 6.0, 2.0 / 6.0, true));
    }

    #[test]
    fn pearson_of_three_gives_no_less_than_its_ranks() {
        // |r| of one order alone can be the largest of six; two-sided that is still two tails of one in six.
        let p = p_value(&[1.0, 2.0, 10.0], &[0.1, 0.3, 0.9], crate::link::rank::pearson, &Stream::named("t"));
        assert!(p.p >= 1.0 / 3.0 - 1e-12 && p.smallest >= 1.0 / 3.0 - 1e-12, "{p:?}");
    }

    #[test]
    fn five_samples_as_in_tables() {
        // Exact two-sided p of ρ = 0.6 at n = 5 is 0.35 (any table of Spearman's ρ); of τ = 0.4, 0.483.
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        let y = [2.0, 1.0, 5.0, 3.0, 4.0];
        assert!((spearman(&x, &y) - 0.6).abs() < 1e-12);
        assert!((p_value(&x, &y, spearman, &Stream::named("t")).p - 0.35).abs() < 1e-12);
        assert!((kendall(&x, &y) - 0.4).abs() < 1e-12);
        assert!((p_value(&x, &y, kendall, &Stream::named("t")).p - 58.0 / 120.0).abs() < 1e-12);
    }

    #[test]
    fn drawn_permutations_agree_with_the_exact_ones() {
        let x: Vec<f64> = (0..10).map(f64::from).collect();
        let y = [3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0, 6.0, 5.5, 3.5];
        let exact = p_value(&x, &y, spearman, &Stream::named("t")).p;
        let (x2, y2): (Vec<f64>, Vec<f64>) =
            (x.iter().chain(&[10.0]).copied().collect(), y.iter().chain(&[4.2]).copied().collect());
        let drawn = p_value(&x2, &y2, spearman, &Stream::named("t"));
        assert!(!drawn.exact && drawn.p > 0.0 && (drawn.p - exact).abs() < 0.2);
    }
}
