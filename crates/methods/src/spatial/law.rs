//! A distribution as a function of the normal score: that of a map, with the tails that a window of few patches does not
//! show.

use super::distribution::{Summary, summary};
use crate::num::linear::line;
use crate::num::normal;

/// A shifted log-normal law – the Gaussian is one – fitted between the scores that the patches of a map reach, and what the
/// map has beside it there; beyond, that stays as it is at the end.
#[derive(Clone, Debug)]
pub(super) struct Law {
    /// Bend g of (e^{gz} − 1)/g, 0 of a Gaussian.
    pub(super) bend: f64,
    /// Line through it: value at the median, and slope.
    line: [f64; 2],
    /// Scores up to which the map is read.
    limit: f64,
    /// What the map has beside the fitted law, at equal steps of the score up to the limit.
    beside: Vec<f64>,
    /// Values at equal steps of the score up to [`REACH`].
    values: Vec<f64>,
}

/// Scores that a law reaches to.
const REACH: f64 = 5.0;
/// Patches that a tail needs beyond a score to be read off a map.
const TAIL: f64 = 5.0;
/// Steps of the score on either side.
const STEPS: usize = 500;
/// Scores at which a law is fitted, on either side.
const FITTED: usize = 50;
/// Largest bend.
const BEND: f64 = 1.5;
/// Quantiles that a summary is made of.
const LEVELS: usize = 8192;

impl Law {
    /// Of values by rising size that so many patches make.
    pub(super) fn of(sorted: &[f64], patches: f64) -> Law {
        let limit = (-normal::quantile((TAIL / patches).clamp(1e-4, 0.3))).max(0.5);
        let (bend, line) = fit(sorted, limit);
        let beside = (0..=2 * FITTED).map(|i| {
            let z = limit * (i as f64 / FITTED as f64 - 1.0);
            at_score(sorted, z) - line[0] - line[1] * bent(bend, z)
        });
        let law = Law { bend, line, limit, beside: beside.collect(), values: Vec::new() };
        law.bent(bend)
    }

    /// Scores up to which the map is read.
    pub(super) fn limit(&self) -> f64 {
        self.limit
    }

    /// The bend that values would be given.
    pub(super) fn bend_of(&self, sorted: &[f64]) -> f64 {
        fit(sorted, self.limit).0
    }

    /// The same with another bend.
    pub(super) fn bent(&self, bend: f64) -> Law {
        let bend = bend.clamp(-BEND, BEND);
        let value = |i: usize| {
            let z = REACH * (i as f64 / STEPS as f64 - 1.0);
            self.line[0] + self.line[1] * bent(bend, z) + between(&self.beside, self.limit, z)
        };
        Law { bend, values: (0..=2 * STEPS).map(value).collect(), ..self.clone() }
    }

    /// Value of a score.
    pub(super) fn at(&self, z: f64) -> f64 {
        between(&self.values, REACH, z)
    }

    /// Of the law itself.
    pub(super) fn summary(&self) -> Summary {
        summary(&mut self.levels()).unwrap_or(Summary::NONE)
    }

    /// Its values at evenly spaced shares.
    pub(super) fn levels(&self) -> Vec<f64> {
        (0..LEVELS).map(|i| self.at(normal::quantile((i as f64 + 0.5) / LEVELS as f64))).collect()
    }
}

/// How far a distribution is from a Gaussian between −limit and limit: root mean square of what its quantiles are off the
/// line through them, in its slope.
pub(super) fn departure(sorted: &[f64], limit: f64) -> f64 {
    let z: Vec<f64> = (0..=2 * FITTED).map(|i| limit * (i as f64 / FITTED as f64 - 1.0)).collect();
    let x: Vec<f64> = z.iter().map(|z| at_score(sorted, *z)).collect();
    line(&z, &x).map_or(f64::NAN, |l| (l.chi2 / z.len() as f64).sqrt() / l.slope)
}

/// A law of zero mean and unit variance, and which scores make values of a given correlation.
pub(super) struct Standard {
    law: Law,
    mean: f64,
    std: f64,
    /// Correlation of values at equal steps of that of scores, 0 to 1.
    correlation: Vec<f64>,
}

impl Standard {
    /// Hermite orders of the correlation.
    const ORDERS: usize = 24;

    pub(super) fn of(law: Law) -> Standard {
        // Coefficients of the law in Hermite polynomials of unit norm, by the midpoint rule: correlations are Σ c² ρᵏ.
        let mut c = [0.0; Standard::ORDERS];
        let steps = 2 * STEPS;
        let width = 2.0 * REACH / steps as f64;
        for i in 0..steps {
            let z = (i as f64 + 0.5) * width - REACH;
            let weight = law.at(z) * libm::exp(-0.5 * z * z) * width / std::f64::consts::TAU.sqrt();
            let (mut before, mut now) = (0.0, 1.0);
            for (k, c) in c.iter_mut().enumerate() {
                *c += weight * now;
                let next = (z * now - (k as f64).sqrt() * before) / ((k + 1) as f64).sqrt();
                (before, now) = (now, next);
            }
        }
        let summary = law.summary();
        let total: f64 = c[1..].iter().map(|c| c * c).sum();
        let at = |rho: f64| c[1..].iter().rev().fold(0.0, |s, c| (s + c * c) * rho) / total;
        let correlation = (0..=STEPS).map(|i| at(i as f64 / STEPS as f64)).collect();
        Standard { law, mean: summary.mean, std: summary.std, correlation }
    }

    /// Value of a score.
    pub(super) fn at(&self, z: f64) -> f64 {
        (self.law.at(z) - self.mean) / self.std
    }

    /// Correlation of scores whose values have the correlation `rho`, of 0 to 1.
    pub(super) fn of_scores(&self, rho: f64) -> f64 {
        let after = self.correlation.partition_point(|r| *r < rho).clamp(1, STEPS);
        let [low, high] = [self.correlation[after - 1], self.correlation[after]];
        let part = if high > low { ((rho - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        ((after - 1) as f64 + part) / STEPS as f64
    }

    /// The same with another bend.
    pub(super) fn bent(&self, bend: f64) -> Standard {
        let law = self.law.bent(bend);
        let summary = law.summary();
        Standard { law, mean: summary.mean, std: summary.std, correlation: self.correlation.clone() }
    }
}

fn bent(g: f64, z: f64) -> f64 {
    if g.abs() < 1e-6 { z } else { libm::expm1(g * z) / g }
}

/// Between equal steps from −reach to reach, the ends beyond.
fn between(values: &[f64], reach: f64, z: f64) -> f64 {
    let last = values.len() - 1;
    let at = (0.5 * (z / reach + 1.0)).clamp(0.0, 1.0) * last as f64;
    let i = (at as usize).min(last - 1);
    values[i] + (at - i as f64) * (values[i + 1] - values[i])
}

/// Value at a score.
fn at_score(sorted: &[f64], z: f64) -> f64 {
    let n = sorted.len();
    let at = (normal::below(z) * n as f64 - 0.5).clamp(0.0, (n - 1) as f64);
    let i = (at as usize).min(n.saturating_sub(2));
    let next = sorted[(i + 1).min(n - 1)];
    sorted[i] + (at - i as f64) * (next - sorted[i])
}

/// Bend and line of least squares between −limit and limit: for each bend the line is linear, the bend by golden section.
fn fit(sorted: &[f64], limit: f64) -> (f64, [f64; 2]) {
    let z: Vec<f64> = (0..=2 * FITTED).map(|i| limit * (i as f64 / FITTED as f64 - 1.0)).collect();
    let x: Vec<f64> = z.iter().map(|z| at_score(sorted, *z)).collect();
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let score = |g: f64| {
        let u: Vec<f64> = z.iter().map(|z| bent(g, *z)).collect();
        let (mu, mx) = (mean(&u), mean(&x));
        let (mut ux, mut uu) = (0.0, 0.0);
        for (u, x) in u.iter().zip(&x) {
            ux += (u - mu) * (x - mx);
            uu += (u - mu) * (u - mu);
        }
        let line = [mx - ux / uu * mu, ux / uu];
        (u.iter().zip(&x).map(|(u, x)| (x - line[0] - line[1] * u).powi(2)).sum::<f64>(), line)
    };
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    let (mut low, mut high) = (-BEND, BEND);
    while high - low > 1e-4 {
        let (p, q) = (high - golden * (high - low), low + golden * (high - low));
        if score(p).0 < score(q).0 { high = q } else { low = p }
    }
    let g = 0.5 * (low + high);
    (g, score(g).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(n: usize, f: impl Fn(f64) -> f64) -> Vec<f64> {
        (0..n).map(|i| f(normal::quantile((i as f64 + 0.5) / n as f64))).collect()
    }

    /// Quantiles of a Gaussian have no bend, those of a log-normal law its shape, upright or turned; mean and standard
    /// deviation by their closed forms, to what 8192 levels cut off the tails.
    #[test]
    fn laws_of_closed_form() {
        for s in [0.0, 0.4, -0.8] {
            let shape = |z: f64| 3.0 + 2.0 * bent(s, z);
            let law = Law::of(&values(20_000, shape), 1e4);
            assert!((law.bend - s).abs() < 1e-3, "{s}: {}", law.bend);
            let e = libm::exp(s * s);
            let (mean, std) = if s == 0.0 {
                (3.0, 2.0)
            } else {
                (3.0 + 2.0 * (e.sqrt() - 1.0) / s, 2.0 * (e * (e - 1.0)).sqrt() / s.abs())
            };
            let found = law.summary();
            assert!((found.mean / mean - 1.0).abs() < 2e-3 && (found.std / std - 1.0).abs() < 2e-2, "{s}: {found:?}");
        }
    }

    /// Correlations of log-normal values: (e^{s²ρ} − 1)/(e^{s²} − 1); of a Gaussian ρ. A Gaussian does not depart from itself.
    #[test]
    fn correlations_of_values_and_of_scores() {
        for s in [0.0, 0.5, 0.8] {
            let sorted = values(20_000, |z| bent(s, z));
            let standard = Standard::of(Law::of(&sorted, 1e4));
            for rho in [0.0, 0.1, 0.5, 0.9, 1.0] {
                let of_values = if s == 0.0 { rho } else { libm::expm1(s * s * rho) / libm::expm1(s * s) };
                assert!((standard.of_scores(of_values) - rho).abs() < 0.01, "{s} {rho}");
            }
            let far = departure(&sorted, 2.0);
            assert!(if s == 0.0 { far < 1e-3 } else { far > 0.1 }, "{s}: {far}");
            let mean = sorted.iter().map(|v| standard.at(normal::quantile(normal::below(*v)))).sum::<f64>();
            assert!(s > 0.0 || (mean / 20_000.0).abs() < 1e-3);
        }
    }

    /// Few patches show no tail: a law of 100 is read up to the score beyond which five lie, and goes on as it is there.
    #[test]
    fn tails_that_no_patch_shows() {
        let capped = values(20_000, |z| z.min(3.5));
        let law = Law::of(&capped, 100.0);
        assert!((law.limit - 1.6449).abs() < 1e-3);
        assert!((law.at(4.5) - 4.5).abs() < 0.02 && (law.at(-9.0) + REACH).abs() < 0.02);
        // Another bend keeps value and slope at the median.
        let other = law.bent(0.5);
        let slope = |l: &Law| (l.at(0.02) - l.at(-0.02)) / 0.04;
        assert!((other.at(0.0) - law.at(0.0)).abs() < 1e-3 && (slope(&other) - slope(&law)).abs() < 0.02);
        assert!((law.bend_of(&values(500, |z| libm::exp(0.3 * z))) - 0.3).abs() < 0.01);
    }
}
