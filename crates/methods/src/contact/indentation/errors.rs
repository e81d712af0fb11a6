//! Errors of an indentation: noise of the load beside that of the depth, and residuals that remember.

use nalgebra::{DMatrix, DVector};

use super::curve::Curve;
use crate::num::quantile::mad;
use crate::num::random::Random;
use crate::num::separable::project;
use crate::num::serial::memory;
use crate::num::student::student;
use crate::num::sum::dot;

/// Standard deviation of white noise on a smooth course, by differences of second and of fourth order.
fn noise(v: &[f64]) -> f64 {
    let combination = |weights: &[f64]| {
        let size = dot(weights, weights).sqrt();
        let mut all: Vec<f64> = v.windows(weights.len()).map(|w| dot(w, weights) / size).collect();
        if all.is_empty() { 0.0 } else { 1.4826 * mad(&mut all) }
    };
    combination(&[1.0, -2.0, 1.0]).min(combination(&[1.0, -4.0, 6.0, -4.0, 1.0]))
}

/// Part of the noise of the depth below which that of the load, as it shows in depths, says nothing.
const LITTLE: f64 = 0.3;
/// Loads below so many standard deviations of their noise tell no depth: the power of 2/3 of a noisy load is biased.
const LOW: f64 = 6.0;

/// One over the error of each depth, 1 at the largest load: of a curve in units of its largest load and depth, in which the
/// depth goes with the power of 2/3 of the load.
pub(super) fn weights(c: &Curve) -> Vec<f64> {
    let Some([load, depth]) = both(c) else { return vec![1.0; c.len()] };
    let slope = |p: f64| 2.0 / 3.0 / libm::cbrt(p);
    let error = |p: f64| libm::hypot(depth, slope(p) * load);
    c.load.iter().map(|p| if *p > LOW * load { error(1.0) / error(*p) } else { 0.0 }).collect()
}

/// Noise of load and depth of such a curve, where that of the load says something.
fn both(c: &Curve) -> Option<[f64; 2]> {
    let (load, depth) = (noise(&c.load), noise(&c.depth));
    (load > 0.0 && 2.0 / 3.0 * load > LITTLE * depth && LOW * load < 0.5).then_some([load, depth])
}

/// Draws by which noise of the load is carried through a model: their number times the points, and its ends.
const DRAWS: (usize, [usize; 2]) = (100_000, [40, 200]);

/// Covariance of the parameters by noise of depth and load, point by point; nothing where that of the load says nothing.
/// `depths` are those of a model for other loads, `moved` the parameters' answer to changes of the depths.
pub(super) fn of_load(
    c: &Curve,
    depths: impl Fn(&Curve) -> Vec<f64>,
    moved: impl Fn(&[f64]) -> DVector<f64>,
) -> Option<DMatrix<f64>> {
    let [load, depth] = both(c)?;
    let own = depths(c);
    let draws = (DRAWS.0 / c.len()).clamp(DRAWS.1[0], DRAWS.1[1]);
    let mut sum: Option<DMatrix<f64>> = None;
    for k in 0..draws {
        let mut r = Random::named("noise of the load", k as u64);
        let noisy = Curve { load: c.load.iter().map(|p| p + load * r.normal()).collect(), ..c.clone() };
        let change: Vec<f64> = depths(&noisy).iter().zip(&own).map(|(a, b)| a - b + depth * r.normal()).collect();
        let by = moved(&change);
        let square = &by * by.transpose();
        sum = Some(sum.map_or(square.clone(), |s| s + square));
    }
    sum.map(|s| s / draws as f64)
}

/// The larger variance of either covariance, with the correlations of the first.
pub(super) fn larger(of: DMatrix<f64>, other: &DMatrix<f64>) -> DMatrix<f64> {
    let grown = |i: usize| {
        let ratio = other[(i, i)] / of[(i, i)];
        if ratio > 1.0 { ratio.sqrt() } else { 1.0 }
    };
    DMatrix::from_fn(of.nrows(), of.ncols(), |i, j| of[(i, j)] * grown(i) * grown(j))
}

/// Points on which the memory of residuals is estimated.
const THINNED: usize = 500;
/// Standard errors of a lag-one correlation from which on residuals remember.
const SURE: f64 = 2.0;
/// Standard errors of a 95 % interval of a normal estimate.
const NORMAL: f64 = 1.959_964;

/// (JᵀJ)⁻¹ and the covariance of the parameters of weighted least squares. Of residuals that do not remember as by Newey & West
/// (1987, doi:10.2307/1913610), whatever their spread; else by the covariance of an autoregressive part beside white noise,
/// estimated with the freedom of the fit taken off, and widened by what that estimate is sure of.
pub(super) fn covariance(jacobian: &[Vec<f64>], rest: &[f64], weight: &[f64]) -> Option<(DMatrix<f64>, DMatrix<f64>)> {
    let rows: Vec<usize> = (0..rest.len()).filter(|i| weight[*i] > 0.0).collect();
    let subset = |v: &[f64]| rows.iter().map(|i| v[*i]).collect::<Vec<f64>>();
    let (jacobian, rest) = (jacobian.iter().map(|c| subset(c)).collect::<Vec<_>>(), subset(rest));
    let (p, n) = (jacobian.len(), rest.len());
    if n <= p {
        return None;
    }
    let normal = DMatrix::from_fn(p, p, |a, b| dot(&jacobian[a], &jacobian[b]));
    let inverse = normal.cholesky()?.inverse();
    let next = dot(&rest[1..], &rest[..n - 1]) / dot(&rest, &rest).max(f64::MIN_POSITIVE);
    let serial = if next * (n as f64).sqrt() > SURE { remembering(&jacobian, &rest, &inverse) } else { None };
    let covariance = match serial {
        Some(c) => c,
        None => newey_west(&jacobian, &rest, &inverse),
    };
    Some((inverse, covariance))
}

fn newey_west(jacobian: &[Vec<f64>], rest: &[f64], inverse: &DMatrix<f64>) -> DMatrix<f64> {
    let (p, n) = (jacobian.len(), rest.len());
    // A point that the fit follows by itself leaves no residual of its own: each is divided by what it keeps (HC3 of
    // MacKinnon & White 1985, doi:10.1016/0304-4076(85)90158-7).
    let kept = |i: usize| {
        let row = DVector::from_iterator(p, jacobian.iter().map(|c| c[i]));
        (1.0 - row.dot(&(inverse * &row))).max(1e-3)
    };
    let rest: Vec<f64> = rest.iter().enumerate().map(|(i, r)| r / kept(i)).collect();
    let scores: Vec<Vec<f64>> = jacobian.iter().map(|c| c.iter().zip(&rest).map(|(j, r)| j * r).collect()).collect();
    let reach = (4.0 * libm::pow(n as f64 / 100.0, 2.0 / 9.0)).floor() as usize;
    let mut middle = DMatrix::zeros(p, p);
    for lag in 0..=reach.min(n - 1) {
        let weight = 1.0 - lag as f64 / (reach + 1) as f64;
        for a in 0..p {
            for b in 0..p {
                let product = dot(&scores[a][..n - lag], &scores[b][lag..]);
                middle[(a, b)] += weight * product;
                if lag > 0 {
                    middle[(b, a)] += weight * product;
                }
            }
        }
    }
    inverse * middle * inverse * (n as f64 / (n - p) as f64)
}

/// The covariance under residuals that remember; `None` where a model of them finds that they do not.
fn remembering(jacobian: &[Vec<f64>], rest: &[f64], inverse: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let (p, n) = (jacobian.len(), rest.len());
    let step = n.div_ceil(THINNED);
    let thin = |v: &[f64]| v.iter().copied().step_by(step).collect::<Vec<f64>>();
    let few = thin(rest);
    let places: Vec<f64> = (0..few.len()).map(|i| i as f64).collect();
    let columns: Vec<Vec<f64>> = jacobian.iter().map(|c| thin(c)).collect();
    let found = memory(&places, &columns, &few)?;
    let noise = found.of_points(&places);
    let white: Vec<Vec<f64>> = columns.iter().map(|c| noise.whitened(c)).collect();
    let (_, left) = project(&white, &noise.whitened(&few))?;
    let freedom = (few.len() - p) as f64;
    let variance = dot(&left, &left) / freedom;
    // Between neighbours of all points.
    let link = libm::exp(-1.0 / (found.length * step as f64));
    let mut middle = DMatrix::zeros(p, p);
    for a in 0..p {
        // Σⱼ φ^|i−j| of a column by what comes from either side.
        let mut spread = jacobian[a].clone();
        let (mut before, mut after) = (0.0, 0.0);
        for i in 0..n {
            spread[i] += before;
            before = link * (before + jacobian[a][i]);
        }
        for i in (0..n).rev() {
            spread[i] += after;
            after = link * (after + jacobian[a][i]);
        }
        for b in 0..p {
            let own = dot(&jacobian[a], &jacobian[b]);
            middle[(a, b)] = variance * ((1.0 - found.share) * own + found.share * dot(&spread, &jacobian[b]));
        }
    }
    let wide = student(noise.certainty(freedom)) / NORMAL;
    Some(inverse * middle * inverse * (wide * wide))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::indentation::kelvin::two_thirds;
    use crate::num::random::Random;

    #[test]
    fn the_noise_of_a_ramp() {
        let mut r = Random::named("ramp", 0);
        let smooth: Vec<f64> = (0..400).map(|i| two_thirds(f64::from(i) / 400.0)).collect();
        let noisy: Vec<f64> = smooth.iter().map(|v| v + 1e-2 * r.normal()).collect();
        // Of 400 values the median deviation is known to 6 %; four of that.
        assert!((noise(&noisy) / 1e-2 - 1.0).abs() < 0.25 && noise(&smooth) < 1e-5);
    }
}
