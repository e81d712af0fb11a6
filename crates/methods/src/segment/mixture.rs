//! Gaussian mixtures by expectation and maximisation, started from the classes of k-means (METHODS §8).
//!
//! One feature goes in as groups of neighbouring values, whose spread within enters the widths: the result rests on no
//! bins. Several features have full covariances.

use nalgebra::{DMatrix, DVector};

use super::groups::Group;
use crate::num::parallel::ordered;

/// What a mixture is fitted to: points in standard units.
#[derive(Clone, Debug)]
pub struct Points {
    /// Coordinates, point by point.
    x: Vec<f64>,
    features: usize,
    /// How many values a point stands for.
    weight: Vec<f64>,
    /// Their variance about the point, for one feature.
    within: Vec<f64>,
}

impl Points {
    /// Of one feature.
    pub fn of_groups(groups: &[Group]) -> Points {
        Points {
            x: groups.iter().map(Group::mean).collect(),
            features: 1,
            weight: groups.iter().map(|g| g.n).collect(),
            within: groups.iter().map(Group::variance).collect(),
        }
    }

    /// Of several features, point by point.
    pub fn of_rows(rows: &[f64], features: usize) -> Points {
        let n = rows.len() / features.max(1);
        Points { x: rows.to_vec(), features, weight: vec![1.0; n], within: vec![0.0; n] }
    }

    /// Mean share of the components that are not the most likely one: the overlap of a mixture of several features.
    pub fn overlap(&self, m: &Mixture) -> Option<f64> {
        let shapes: Option<Vec<Shape<'_>>> = m.components.iter().map(|c| Shape::of(c, self.features)).collect();
        let shapes = shapes?;
        let mut shares = vec![0.0; shapes.len()];
        let total: f64 = self.weight.iter().sum();
        let mut of_point = |x: &[f64]| {
            responsibilities(&shapes, x, &mut shares);
            1.0 - shares.iter().copied().fold(0.0, f64::max)
        };
        Some(self.rows().map(|(x, w, _)| w * of_point(x)).sum::<f64>() / total)
    }

    fn len(&self) -> usize {
        self.weight.len()
    }

    fn rows(&self) -> impl Iterator<Item = (&[f64], f64, f64)> {
        self.range(0, self.len())
    }

    fn range(&self, from: usize, to: usize) -> impl Iterator<Item = (&[f64], f64, f64)> {
        let (to, d) = (to.min(self.len()), self.features);
        let x = self.x[from * d..to * d].chunks_exact(d);
        x.zip(&self.weight[from..to]).zip(&self.within[from..to]).map(|((x, w), v)| (x, *w, *v))
    }

    /// Log-likelihood and weighted sums of each component over a range of points.
    fn expected(&self, shapes: &[Shape<'_>], from: usize, to: usize) -> (f64, Vec<Sums>) {
        let mut sums: Vec<Sums> = shapes.iter().map(|_| Sums::new(self.features)).collect();
        let mut shares = vec![0.0; shapes.len()];
        let mut likelihood = 0.0;
        for (x, weight, within) in self.range(from, to) {
            likelihood += weight * responsibilities(shapes, x, &mut shares);
            for (s, r) in sums.iter_mut().zip(&shares) {
                s.add(x, weight * r, within);
            }
        }
        (likelihood, sums)
    }
}

/// One Gaussian of a mixture.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Share of the values.
    pub weight: f64,
    /// Centre.
    pub mean: Vec<f64>,
    /// Covariance, row by row.
    pub covariance: Vec<f64>,
}

impl Component {
    /// Standard deviation of the first feature.
    pub fn std(&self) -> f64 {
        self.covariance[0].sqrt()
    }

    /// Density of its share along the first feature.
    pub fn density(&self, x: f64) -> f64 {
        let z = (x - self.mean[0]) / self.std();
        self.weight / (self.std() * std::f64::consts::TAU.sqrt()) * libm::exp(-0.5 * z * z)
    }

    /// Share of all values that are its own and at most `x`, along the first feature.
    pub fn below(&self, x: f64) -> f64 {
        self.weight * 0.5 * libm::erfc((self.mean[0] - x) / (self.std() * std::f64::consts::SQRT_2))
    }
}

/// A fitted mixture.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    /// The Gaussians by rising first coordinate.
    pub components: Vec<Component>,
    /// Mean log-likelihood of a value.
    pub log_likelihood: f64,
    /// Whether the likelihood had come to rest.
    pub converged: bool,
}

/// How long a fit may take, and when it is done.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    /// Most rounds.
    pub rounds: usize,
    /// Gain of the mean log-likelihood in a round below which it rests.
    pub gain: f64,
}

impl Stop {
    /// For parameters that are reported.
    pub const CLOSE: Stop = Stop { rounds: 2000, gain: 1e-10 };
    /// For likelihoods that are compared with those of surrogates fitted alike.
    pub const COARSE: Stop = Stop { rounds: 50, gain: 1e-6 };
}

/// Points of a band.
const BAND: usize = 4096;
/// Least width of a Gaussian in units of the whole: of equal values the likelihood would have no bound.
const NARROWEST: f64 = 1e-3;

/// Fits as many Gaussians as `start` has classes: for each, the share, mean and covariance to begin with.
///
/// `None` where a covariance is singular.
pub fn fit(points: &Points, start: Vec<Component>, stop: Stop) -> Option<Mixture> {
    let total: f64 = points.weight.iter().sum();
    let mut components = start;
    let mut last = f64::NEG_INFINITY;
    let mut converged = false;
    for _ in 0..stop.rounds {
        let shapes: Option<Vec<Shape>> = components.iter().map(|c| Shape::of(c, points.features)).collect();
        let shapes = shapes?;
        // Bands of their own, merged in order: the same sums on any number of threads.
        let bands = ordered(points.len().div_ceil(BAND), |b| points.expected(&shapes, b * BAND, (b + 1) * BAND));
        let mut sums: Vec<Sums> = components.iter().map(|_| Sums::new(points.features)).collect();
        let mut likelihood = 0.0;
        for (own, of_band) in bands {
            likelihood += own;
            sums.iter_mut().zip(&of_band).for_each(|(s, b)| s.merge(b));
        }
        likelihood /= total;
        if likelihood - last < stop.gain {
            converged = true;
            last = last.max(likelihood);
            break;
        }
        last = likelihood;
        for (c, s) in components.iter_mut().zip(&sums) {
            s.finish(c, total);
        }
    }
    components.sort_by(|a, b| a.mean[0].total_cmp(&b.mean[0]));
    last.is_finite().then_some(Mixture { components, log_likelihood: last, converged })
}

/// A component ready to be evaluated: the inverse of its Cholesky factor, and the logarithm before the exponent.
struct Shape<'a> {
    mean: &'a [f64],
    inverse: Vec<f64>,
    log: f64,
}

impl Shape<'_> {
    fn of(c: &Component, d: usize) -> Option<Shape<'_>> {
        let constant = libm::log(c.weight.max(f64::MIN_POSITIVE)) - 0.5 * d as f64 * libm::log(std::f64::consts::TAU);
        if d == 1 {
            let s = c.covariance[0].sqrt();
            return (s > 0.0).then(|| Shape { mean: &c.mean, inverse: vec![1.0 / s], log: constant - libm::log(s) });
        }
        let factor = DMatrix::from_row_slice(d, d, &c.covariance).cholesky()?.l();
        let log_det: f64 = (0..d).map(|i| libm::log(factor[(i, i)])).sum();
        let inverse = factor.solve_lower_triangular(&DMatrix::identity(d, d))?;
        Some(Shape { mean: &c.mean, inverse: inverse.transpose().as_slice().to_vec(), log: constant - log_det })
    }

    fn log_density(&self, x: &[f64]) -> f64 {
        let d = x.len();
        let mut square = 0.0;
        for i in 0..d {
            let z: f64 = (0..=i).map(|j| self.inverse[i * d + j] * (x[j] - self.mean[j])).sum();
            square += z * z;
        }
        self.log - 0.5 * square
    }
}

/// Shares of the components in a point, and the logarithm of its density.
fn responsibilities(shapes: &[Shape<'_>], x: &[f64], out: &mut [f64]) -> f64 {
    out.iter_mut().zip(shapes).for_each(|(o, s)| *o = s.log_density(x));
    let top = out.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for o in out.iter_mut() {
        *o = libm::exp(*o - top);
        sum += *o;
    }
    out.iter_mut().for_each(|o| *o /= sum);
    top + libm::log(sum)
}

/// Weighted sums of one component.
struct Sums {
    weight: f64,
    x: Vec<f64>,
    xx: Vec<f64>,
}

impl Sums {
    fn new(d: usize) -> Sums {
        Sums { weight: 0.0, x: vec![0.0; d], xx: vec![0.0; d * d] }
    }

    #[inline]
    fn add(&mut self, x: &[f64], weight: f64, within: f64) {
        self.weight += weight;
        let d = x.len();
        for i in 0..d {
            self.x[i] += weight * x[i];
            for j in 0..d {
                self.xx[i * d + j] += weight * x[i] * x[j];
            }
        }
        self.xx[0] += weight * within;
    }

    fn merge(&mut self, other: &Sums) {
        let add = |a: &mut [f64], b: &[f64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        self.weight += other.weight;
        add(&mut self.x, &other.x);
        add(&mut self.xx, &other.xx);
    }

    /// The parameters of most likelihood; an empty component keeps its own.
    fn finish(&self, c: &mut Component, total: f64) {
        c.weight = self.weight / total;
        if !(self.weight > f64::MIN_POSITIVE) {
            return;
        }
        let d = c.mean.len();
        for i in 0..d {
            c.mean[i] = self.x[i] / self.weight;
        }
        for i in 0..d {
            for j in 0..d {
                c.covariance[i * d + j] = self.xx[i * d + j] / self.weight - c.mean[i] * c.mean[j];
            }
            let v = &mut c.covariance[i * d + i];
            *v = v.max(NARROWEST * NARROWEST);
        }
    }
}

/// Classes to begin with: share, mean and covariance of the points of each label.
pub fn start(points: &Points, mut label: impl FnMut(&[f64]) -> usize, k: usize) -> Vec<Component> {
    let d = points.features;
    let total: f64 = points.weight.iter().sum();
    let mut sums: Vec<Sums> = (0..k).map(|_| Sums::new(d)).collect();
    for (x, w, within) in points.rows() {
        sums[label(x).min(k - 1)].add(x, w, within);
    }
    let unit = DMatrix::<f64>::identity(d, d);
    let blank = Component { weight: 0.0, mean: vec![0.0; d], covariance: unit.as_slice().to_vec() };
    sums.iter()
        .map(|s| {
            let mut c = blank.clone();
            s.finish(&mut c, total);
            // Of a class on a line or of one point the covariance is singular: a little roundness lets it move.
            for i in 0..d {
                c.covariance[i * d + i] += 1e-4;
            }
            c
        })
        .collect()
}

impl Mixture {
    /// Share of the values whose most likely component is another than their own: the overlap area, along the first
    /// feature of a mixture of one.
    pub fn overlap(&self) -> f64 {
        const STEPS: usize = 20_000;
        let (low, high) = self.reach();
        let width = (high - low) / STEPS as f64;
        let at = |i: usize| {
            let x = low + (i as f64 + 0.5) * width;
            let all = self.components.iter().map(|c| c.density(x));
            let (sum, top) = all.fold((0.0, 0.0f64), |(s, t), d| (s + d, t.max(d)));
            sum - top
        };
        (0..STEPS).map(at).sum::<f64>() * width
    }

    /// Peaks of the density along the first feature of a mixture of one.
    pub fn modes(&self) -> usize {
        const STEPS: usize = 20_000;
        let (low, high) = self.reach();
        let density = |i: usize| {
            let x = low + (high - low) * i as f64 / STEPS as f64;
            self.components.iter().map(|c| c.density(x)).sum::<f64>()
        };
        let d: Vec<f64> = (0..=STEPS).map(density).collect();
        d.windows(3).filter(|w| w[1] > w[0] && w[1] >= w[2]).count().max(1)
    }

    /// Where the density is not negligible.
    fn reach(&self) -> (f64, f64) {
        let end = |side: f64| self.components.iter().map(move |c| c.mean[0] + side * 9.0 * c.std());
        (end(-1.0).fold(f64::INFINITY, f64::min), end(1.0).fold(f64::NEG_INFINITY, f64::max))
    }

    /// Distance of neighbouring centres in units of the root mean square of both widths, the least (Ashman's D over √2 …
    /// 2 is where two equal Gaussians begin to show two peaks).
    pub fn separation(&self) -> Option<f64> {
        let pair = |w: &[Component]| {
            let d = w[0].mean.len();
            let pooled: Vec<f64> = w[0].covariance.iter().zip(&w[1].covariance).map(|(a, b)| 0.5 * (a + b)).collect();
            let difference = DVector::from_iterator(d, w[0].mean.iter().zip(&w[1].mean).map(|(a, b)| b - a));
            let solved = DMatrix::from_row_slice(d, d, &pooled).cholesky()?.solve(&difference);
            Some(difference.dot(&solved).sqrt())
        };
        let all: Option<Vec<f64>> = self.components.windows(2).map(pair).collect();
        all?.into_iter().min_by(f64::total_cmp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::segment::groups::Groups;

    fn one(weight: f64, mean: f64, std: f64) -> Component {
        Component { weight, mean: vec![mean], covariance: vec![std * std] }
    }

    #[test]
    fn two_gaussians_are_found_again() {
        // 40 000 values: standard errors of the means below 0.012, of the widths below 0.01 (σ/√(2 n)), of the shares
        // below 0.003; five of each.
        let mut r = Random::named("mixture", 0);
        let mut v: Vec<f64> =
            (0..40_000).map(|i| if i % 4 == 0 { -3.0 + 0.7 * r.normal() } else { 1.0 + 1.2 * r.normal() }).collect();
        v.sort_unstable_by(f64::total_cmp);
        let g = Groups::of(&v, 8192).unwrap();
        let p = Points::of_groups(&g.groups);
        let m = fit(&p, start(&p, |x| usize::from(x[0] > 0.0), 2), Stop::CLOSE).unwrap();
        assert!(m.converged);
        for (c, want) in m.components.iter().zip([[0.25, -3.0, 0.7], [0.75, 1.0, 1.2]]) {
            let got = [c.weight, g.restore(c.mean[0]), c.std() * g.scale];
            let near = [0.015, 0.06, 0.05];
            assert!((0..3).all(|i| (got[i] - want[i]).abs() < near[i]), "{got:?}");
        }
        assert_eq!(m.modes(), 2);
        // Groups stand for their values: four times as many change the centres by less than a thousandth of a width.
        let fine = Groups::of(&v, 32_768).unwrap();
        let p = Points::of_groups(&fine.groups);
        let n = fit(&p, start(&p, |x| usize::from(x[0] > 0.0), 2), Stop::CLOSE).unwrap();
        for (a, b) in m.components.iter().zip(&n.components) {
            assert!((a.mean[0] - b.mean[0]).abs() < 1e-3 * a.std(), "{a:?} {b:?}");
        }
    }

    #[test]
    fn overlap_and_peaks_in_closed_form() {
        // Two equal Gaussians at ±d: the share on the wrong side is Φ(−d/σ); one peak up to d = σ.
        let pair = |d: f64| Mixture {
            components: vec![one(0.5, -d, 1.0), one(0.5, d, 1.0)],
            log_likelihood: 0.0,
            converged: true,
        };
        for d in [0.5, 1.0, 2.0] {
            let want = 0.5 * libm::erfc(d / std::f64::consts::SQRT_2);
            assert!((pair(d).overlap() - want).abs() < 1e-6);
            assert!((pair(d).separation().unwrap() - 2.0 * d).abs() < 1e-12);
        }
        assert_eq!((pair(0.95).modes(), pair(1.05).modes()), (1, 2));
        let c = one(0.3, 1.0, 2.0);
        assert!((c.below(1.0) - 0.15).abs() < 1e-15 && (c.below(1e3) - 0.3).abs() < 1e-15);
    }

    #[test]
    fn correlated_features() {
        // Two clouds in two features, correlated at 0.6 and −0.6: covariances to 0.05 (standard error 0.012 of 10 000).
        let mut r = Random::named("cloud", 1);
        let mut rows = Vec::new();
        for i in 0..20_000 {
            let s = if i % 2 == 0 { 1.0 } else { -1.0 };
            let (a, b) = (r.normal(), r.normal());
            rows.extend([2.5 * s + a, s * 0.6 * a + 0.8 * b]);
        }
        let p = Points::of_rows(&rows, 2);
        let m = fit(&p, start(&p, |x| usize::from(x[0] > 0.0), 2), Stop::CLOSE).unwrap();
        for (c, sign) in m.components.iter().zip([-1.0, 1.0]) {
            assert!((c.mean[0] - 2.5 * sign).abs() < 0.06 && (c.weight - 0.5).abs() < 0.02, "{c:?}");
            assert!((c.covariance[1] - 0.6 * sign).abs() < 0.05 && (c.covariance[0] - 1.0).abs() < 0.07, "{c:?}");
        }
        let flat = Points::of_rows(&[1.0; 20], 2);
        assert!(fit(&flat, start(&flat, |_| 0, 1), Stop::COARSE).is_some());
    }
}
