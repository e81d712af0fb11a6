//! Where a power law begins: the smallest size whose tail lies nearest to its own power law (Kolmogorov–Smirnov).

use super::law::{Law, Name};
use super::tail::{Sizes, Tail};
use crate::num::random::Random;

/// Sizes that are tried as the smallest, spread evenly over the logarithm of the length of the tail.
const CANDIDATES: usize = 256;

/// A power law of the sizes from `x_min` on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// The smallest size.
    pub x_min: f64,
    /// Exponent of the density.
    pub alpha: f64,
    /// Sizes of at least `x_min`.
    pub n: usize,
    /// Largest distance between the distribution of the tail and the law's.
    pub distance: f64,
}

/// The power law of a tail, and its distance from it.
pub fn start(tail: &Tail<'_>) -> Option<Start> {
    let Law::Power { alpha } = Law::fit(Name::Power, tail)? else { return None };
    Some(Start { x_min: tail.x_min, alpha, n: tail.values.len(), distance: distance(tail, alpha, f64::INFINITY)? })
}

/// The start of least distance, among tails of at least `least` sizes. Of thousands of sizes 256 are tried.
///
/// `None` where there are fewer sizes, or none that differ.
pub fn search(sizes: &Sizes, least: usize) -> Option<Start> {
    let values = sizes.values();
    let n = values.len();
    if n < least.max(2) {
        return None;
    }
    let mut best: Option<Start> = None;
    let ratio = (least as f64 / n as f64).max(1.0 / n as f64);
    let mut last = f64::NAN;
    let tried = CANDIDATES.min(n - least + 1);
    for i in 0..tried {
        // Lengths of tails fall from n to `least`.
        let length = if tried == n - least + 1 {
            n - i
        } else {
            (n as f64 * libm::pow(ratio, i as f64 / (tried - 1) as f64)).round() as usize
        };
        let x_min = values[n - length.clamp(least, n)];
        if x_min == last {
            continue;
        }
        last = x_min;
        let tail = sizes.tail(x_min);
        let Some(Law::Power { alpha }) = Law::fit(Name::Power, &tail) else { continue };
        let limit = best.map_or(f64::INFINITY, |b| b.distance);
        if let Some(distance) = distance(&tail, alpha, limit).filter(|d| *d < limit) {
            best = Some(Start { x_min, alpha, n: tail.values.len(), distance });
        }
    }
    best
}

/// The largest distance between the tail and its power law; `None` as soon as it reaches `limit`.
fn distance(tail: &Tail<'_>, alpha: f64, limit: f64) -> Option<f64> {
    let n = tail.n();
    let law = Law::Power { alpha };
    let (mut worst, mut below) = (0.0f64, 0usize);
    let log_min = libm::log(tail.x_min);
    for group in tail.values.chunk_by(|a, b| a == b) {
        let x = group[0];
        let first = below;
        below += group.len();
        let distance = if tail.discrete {
            // Both rise at whole numbers only: compared behind this step, and where the law has come to before it.
            let [before, behind] = [x, x + 1.0].map(|x| 1.0 - law.survival(x, tail));
            (below as f64 / n - behind).abs().max((before - first as f64 / n).abs())
        } else {
            let at = -libm::expm1(-(alpha - 1.0) * (tail.logs[first] - log_min));
            (below as f64 / n - at).abs().max((at - first as f64 / n).abs())
        };
        worst = worst.max(distance);
        if worst >= limit {
            return None;
        }
    }
    Some(worst)
}

/// A size drawn from the power law of a start.
pub fn draw(start: &Start, discrete: bool, random: &mut Random) -> f64 {
    let u = random.uniform();
    let power = |from: f64| from * libm::pow(u, -1.0 / (start.alpha - 1.0));
    if !discrete {
        return power(start.x_min);
    }
    if start.x_min >= 6.0 {
        // The half a step that rounding is off is of second order there.
        return (power(start.x_min - 0.5) + 0.5).floor();
    }
    // Exact for small numbers: the first size whose survival falls below u.
    let empty = Sizes::new([start.x_min], true);
    let tail = empty.tail(start.x_min);
    let law = Law::Power { alpha: start.alpha };
    let survives = |k: f64| law.survival(k, &tail) > u;
    let (mut low, mut high) = (start.x_min, start.x_min + 1.0);
    while survives(high) && high < 1e15 {
        (low, high) = (high, 2.0 * high);
    }
    while high - low > 1.0 {
        let middle = (0.5 * (low + high)).floor();
        if survives(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Sizes as they would be if the start's power law held: its tail drawn, what lies below taken from the sizes
/// (semi-parametric bootstrap).
pub fn semiparametric(sizes: &Sizes, start: &Start, random: &mut Random) -> Sizes {
    let below = sizes.values().len() - start.n;
    let n = sizes.values().len();
    let drawn = (0..n).map(|_| {
        if random.below(n) < below { sizes.values()[random.below(below)] } else { draw(start, sizes.discrete, random) }
    });
    Sizes::new(drawn.collect::<Vec<_>>(), sizes.discrete)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pareto(n: usize, alpha: f64, seed: u64) -> Vec<f64> {
        let start = Start { x_min: 1.0, alpha, n, distance: 0.0 };
        let mut random = Random::named("pareto", seed);
        (0..n).map(|_| draw(&start, false, &mut random)).collect()
    }

    #[test]
    fn the_start_of_a_law_is_found_where_it_is() {
        // Uniform from 0.1 to 2, a power law from 2 on: x_min within the scatter of the search, always at or above 1.6.
        for seed in 0..10 {
            let mut random = Random::named("below", seed);
            let body = (0..2000).map(|_| 0.1 + 1.9 * random.uniform());
            let values: Vec<f64> = body
                .collect::<Vec<_>>()
                .into_iter()
                .chain(pareto(2000, 2.5, seed).into_iter().map(|v| 2.0 * v))
                .collect();
            let s = search(&Sizes::new(values, false), 50).unwrap();
            // The standard error of α of 500 sizes is 0.07; four of them.
            assert!(s.x_min > 1.6 && s.x_min < 8.0 && (s.alpha - 2.5).abs() < 0.3, "{s:?}");
        }
    }

    #[test]
    fn drawn_whole_numbers_have_the_exponent_they_were_drawn_with() {
        for (x_min, alpha) in [(1.0, 2.5), (3.0, 2.0), (8.0, 2.1)] {
            let start = Start { x_min, alpha, n: 0, distance: 0.0 };
            let mut random = Random::named("zeta", 4);
            let sizes = Sizes::new((0..20_000).map(|_| draw(&start, true, &mut random)).collect::<Vec<_>>(), true);
            let Some(Law::Power { alpha: found }) = Law::fit(Name::Power, &sizes.tail(x_min)) else { panic!() };
            // Standard error (α − 1)/√n ≈ 0.011 (less by the discreteness); four of them.
            assert!((found - alpha).abs() < 0.045, "{x_min} {alpha} {found}");
        }
    }

    #[test]
    fn few_or_equal_sizes_have_no_start() {
        assert_eq!(search(&Sizes::new([1.0; 80], false), 50), None);
        assert_eq!(search(&Sizes::new([], false), 50), None);
        assert_eq!(search(&Sizes::new([f64::NAN, -1.0, 0.0, f64::INFINITY], false), 1), None);
        assert!(search(&Sizes::new(pareto(50, 2.0, 0), false), 50).is_some());
    }
}
