//! Sizes drawn from any law, from its smallest size on.

use super::law::Law;
use super::tail::Sizes;
use crate::num::random::Random;

/// Points of the table that draws are read off.
const NODES: usize = 512;
/// Whole numbers that are tabulated one by one.
const SINGLE: usize = 64;
/// Survival beyond which nothing is drawn.
const NOTHING: f64 = 1e-15;

/// Draws from a law by its survival, tabulated over the logarithm of the size.
pub struct Draw {
    discrete: bool,
    /// Sizes, rising, with the logarithm of the chance of at least each.
    table: Vec<(f64, f64)>,
}

impl Draw {
    /// From `x_min` on.
    pub fn new(law: &Law, x_min: f64, discrete: bool) -> Draw {
        let only = Sizes::new([x_min], discrete);
        let tail = only.tail(x_min);
        let log_survival = |x: f64| libm::log(law.survival(x, &tail).max(1e-300));
        // Where there is nothing any more.
        let mut end = if discrete { x_min + SINGLE as f64 } else { x_min * 1.01 };
        while law.survival(end, &tail) > NOTHING && end < x_min * 1e30 {
            end = x_min + 2.0 * (end - x_min);
        }
        let (singles, from) = match discrete {
            true => ((0..SINGLE).map(|k| x_min + k as f64).collect(), x_min + SINGLE as f64),
            false => (Vec::new(), x_min),
        };
        let ratio = libm::log(end / from) / (NODES - 1) as f64;
        let spread = (0..NODES).map(|i| from * libm::exp(ratio * i as f64));
        let spread = spread.map(|x| if discrete { x.round() } else { x });
        let mut table: Vec<(f64, f64)> = Vec::new();
        for x in singles.into_iter().chain(spread) {
            if table.last().is_none_or(|(last, _)| x > *last) {
                let at = log_survival(x);
                table.push((x, table.last().map_or(0.0, |(_, last)| at.min(*last))));
            }
        }
        Draw { discrete, table }
    }

    /// One size.
    pub fn one(&self, random: &mut Random) -> f64 {
        let u = libm::log(random.uniform().max(1e-300));
        // The last size that is reached with at least that chance.
        let next = self.table.partition_point(|(_, s)| *s > u).max(1);
        let (low, at) = self.table[next - 1];
        let Some((high, beyond)) = self.table.get(next).copied() else { return low };
        if beyond == at {
            return low;
        }
        let x = low * libm::exp((u - at) / (beyond - at) * libm::log(high / low));
        if self.discrete { x.floor().max(low) } else { x }
    }

    /// So many.
    pub fn sizes(&self, n: usize, random: &mut Random) -> Sizes {
        Sizes::new((0..n).map(|_| self.one(random)).collect::<Vec<_>>(), self.discrete)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    /// The distribution of 40,000 drawn sizes lies within 1.95/√n of the law's (Kolmogorov: false alarm 1e-3 each).
    #[test]
    fn drawn_sizes_follow_their_law() {
        let laws = [
            Law::Power { alpha: 2.3 },
            Law::Cutoff { alpha: 1.7, cutoff: 30.0 },
            Law::Cutoff { alpha: -1.0, cutoff: 2.0 },
            Law::LogNormal { mu: 1.0, sigma: 1.2 },
            Law::LogNormal { mu: -3.0, sigma: 1.5 },
            Law::Exponential { scale: 5.0 },
            Law::HalfNormal { sigma: 4.0 },
        ];
        for (k, law) in laws.iter().enumerate() {
            for (discrete, x_min) in [(false, 1.0), (false, 7e-9), (true, 1.0), (true, 12.0)] {
                let n = 40_000;
                let mut random = Random::named("draws", k as u64);
                let sizes = Draw::new(law, x_min, discrete).sizes(n, &mut random);
                let tail = sizes.tail(x_min);
                let mut worst = 0.0f64;
                let mut below = 0;
                for group in tail.values.chunk_by(|a, b| a == b) {
                    let law_below = 1.0 - law.survival(group[0], &tail);
                    worst = worst.max((law_below - below as f64 / n as f64).abs());
                    below += group.len();
                }
                assert!(worst < 1.95 / (n as f64).sqrt(), "{law:?} {discrete} {x_min}: {worst}");
            }
        }
    }
}
