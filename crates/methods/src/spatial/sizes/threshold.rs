//! Where a power law begins: the smallest size whose tail lies nearest to its own power law (Kolmogorov–Smirnov), of all
//! sizes there are.

use super::law::{Law, Name};
use super::tail::{Sizes, Tail};
use crate::num::random::Random;

/// Sizes at which a start is asked first.
const WITNESSES: usize = 4;
/// Starts that are tried first.
const COARSE: usize = 64;
/// Smallest whole number from which on the exponent of whole numbers is that of a continuous law to [`SLACK`].
const EXACT_FROM: f64 = 10.0;
/// What the approximate exponent of whole numbers may move the law's share by there: its relative error is below 1 % from 10
/// on (Clauset, Shalizi & Newman, Eq. 3.7) and falls as the square, and |dS/dα| is at most 1/(e(α − 1)).
const SLACK: f64 = 0.01;

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
    let law = Law::fit(Name::Power, tail)?;
    let Law::Power { alpha } = law else { return None };
    Some(Start { x_min: tail.x_min, alpha, n: tail.values.len(), distance: distance(tail, &law, f64::INFINITY).0 })
}

/// The start of least distance among all tails of at least `least` sizes.
///
/// A few starts give a distance that is hard to beat. Any other is then asked first at the size where the last one lay
/// farthest from its law: where it lies as far there, it is no better anywhere, and costs one power.
///
/// `None` where there are fewer sizes, or none that differ.
pub fn search(sizes: &Sizes, least: usize) -> Option<Start> {
    let values = sizes.values();
    let n = values.len();
    if n < least.max(2) {
        return None;
    }
    // First index of each size that begins a tail long enough.
    let begins = |i: &usize| *i == 0 || values[i - 1] != values[*i];
    let starts: Vec<usize> = (0..=n - least).filter(begins).collect();
    let sums = suffix_sums(sizes.logs());
    let mut search = Search { sizes, sums, limit: f64::INFINITY, best: None, witnesses: [n; WITNESSES], next: 0 };
    let step = (starts.len() / COARSE).max(1);
    for from in starts.iter().step_by(step) {
        search.ask(*from);
    }
    if step > 1 {
        for from in &starts {
            search.ask(*from);
        }
    }
    start(&sizes.tail(values[search.best?]))
}

/// Sums of the logarithms from each index on.
fn suffix_sums(logs: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; logs.len() + 1];
    for i in (0..logs.len()).rev() {
        sums[i] = sums[i + 1] + logs[i];
    }
    sums
}

/// A search for the best start.
struct Search<'a> {
    sizes: &'a Sizes,
    sums: Vec<f64>,
    /// Least distance so far, and the index of its start.
    limit: f64,
    best: Option<usize>,
    /// Indices of the sizes at which the last starts lay far from their laws.
    witnesses: [usize; WITNESSES],
    next: usize,
}

impl Search<'_> {
    /// Takes the tail from an index on if it is nearer to its law than all before.
    fn ask(&mut self, from: usize) {
        if self.witnesses.iter().any(|at| self.refuted(from, *at)) {
            return;
        }
        let found = if self.sizes.discrete { self.of_whole_numbers(from) } else { self.of_numbers(from) };
        let Some((distance, at)) = found else { return };
        self.witnesses[self.next] = at;
        self.next = (self.next + 1) % WITNESSES;
        if distance < self.limit {
            (self.limit, self.best) = (distance, Some(from));
        }
    }

    /// Distance of a tail from its law, or one beyond the limit, and the index of the size where it is.
    fn of_whole_numbers(&self, from: usize) -> Option<(f64, usize)> {
        let tail = self.sizes.tail(self.sizes.values()[from]);
        let law = Law::fit(Name::Power, &tail)?;
        let (distance, at) = distance(&tail, &law, self.limit);
        Some((distance, from + at))
    }

    /// The same of numbers that are no whole ones, by the sums at hand.
    fn of_numbers(&self, from: usize) -> Option<(f64, usize)> {
        let logs = &self.sizes.logs()[from..];
        let (n, first) = (logs.len() as f64, logs[0]);
        let slope = n / (self.sums[from] - n * first);
        if !(slope > 0.0 && slope.is_finite()) {
            return None;
        }
        let (mut worst, mut place) = (0.0f64, 0);
        for (i, log) in logs.iter().enumerate() {
            // Of equal sizes the first and the last say it all; those between lie between.
            let law = -libm::expm1(-slope * (log - first));
            let distance = (law - i as f64 / n).abs().max(((i + 1) as f64 / n - law).abs());
            let tied = (i > 0 && logs[i - 1] == *log) || logs.get(i + 1) == Some(log);
            let distance = if tied { self.tied(logs, i, law) } else { distance };
            if distance > worst {
                (worst, place) = (distance, i);
            }
            if worst >= self.limit {
                break;
            }
        }
        Some((worst, from + place))
    }

    /// Distance at a size that there are several of: before the first and behind the last.
    fn tied(&self, logs: &[f64], i: usize, law: f64) -> f64 {
        let n = logs.len() as f64;
        let before = logs.partition_point(|l| *l < logs[i]) as f64 / n;
        let behind = logs.partition_point(|l| *l <= logs[i]) as f64 / n;
        (law - before).abs().max((behind - law).abs())
    }

    /// Whether the tail lies beyond the limit at a witness already.
    fn refuted(&self, from: usize, witness: usize) -> bool {
        let (values, logs) = (self.sizes.values(), self.sizes.logs());
        let n = (values.len() - from) as f64;
        if witness <= from || witness >= values.len() || !self.limit.is_finite() {
            return false;
        }
        // What lies below the witness, and the law's share there.
        let below = (witness - from) as f64 / n;
        let (first, at, slack) = match self.sizes.discrete {
            false => (logs[from], logs[witness], 0.0),
            true if values[from] < EXACT_FROM => return false,
            // Whole numbers follow the law from half a number before on, and the exponent is off by little.
            true => {
                let slack = SLACK * (EXACT_FROM / values[from]).powi(2);
                (libm::log(values[from] - 0.5), libm::log(values[witness] - 0.5), slack)
            }
        };
        let slope = n / (self.sums[from] - n * first);
        let law = -libm::expm1(-slope * (at - first));
        (below - law).abs() - slack >= self.limit
    }
}

/// The largest distance between the distribution of a tail and that of a law, or one of at least `limit`; and the index in
/// the tail of the size where it is.
pub(super) fn distance(tail: &Tail<'_>, law: &Law, limit: f64) -> (f64, usize) {
    let n = tail.n();
    let (mut worst, mut place, mut below) = (0.0f64, 0, 0usize);
    let log_min = libm::log(tail.x_min);
    let share = law.share(tail);
    for group in tail.values.chunk_by(|a, b| a == b) {
        let x = group[0];
        let first = below;
        below += group.len();
        let distance = if tail.discrete {
            // Both rise at whole numbers only: compared at the sizes that there are, as Clauset, Shalizi & Newman do.
            (share(x, libm::log(x) - log_min) - first as f64 / n).abs()
        } else {
            let at = share(x, tail.logs[first] - log_min);
            (below as f64 / n - at).abs().max((at - first as f64 / n).abs())
        };
        if distance > worst {
            (worst, place) = (distance, first);
        }
        if worst >= limit {
            break;
        }
    }
    (worst, place)
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

    /// The search finds what asking every start finds: for sizes of laws and mixtures, whole numbers or not.
    #[test]
    fn the_search_is_that_over_all_sizes() {
        for seed in 0..4 {
            let mut random = Random::named("exact", seed);
            let spread = 0.3 + 0.3 * seed as f64;
            let body: Vec<f64> = (0..500).map(|_| 30.0 * libm::exp(spread * random.normal())).collect();
            let mixed: Vec<f64> =
                body.into_iter().chain(pareto(300, 2.2, seed).into_iter().map(|v| 20.0 * v)).collect();
            for discrete in [false, true] {
                let values = mixed.iter().map(|v| if discrete { v.ceil() } else { *v });
                let sizes = Sizes::new(values, discrete);
                let found = search(&sizes, 50).unwrap();
                let all = sizes.values()[..=sizes.values().len() - 50].to_vec();
                let every = all.iter().filter_map(|x| start(&sizes.tail(*x)));
                let best = every.reduce(|a, b| if b.distance < a.distance { b } else { a }).unwrap();
                assert!((found.distance / best.distance - 1.0).abs() < 1e-9, "{seed} {discrete}: {found:?} {best:?}");
            }
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
