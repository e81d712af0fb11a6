//! What k classes make of values, for numbers of classes to be compared (METHODS §8).
//!
//! k classes always fit better than one: the criterion of Schwarz with the number n of independent patches weighs that,
//! ln(n)/2n a parameter. It takes a skewed phase for several Gaussian ones: how many classes there may be is settled by the
//! peaks of the distribution ([`super::peaks`]), and the criterion decides where those leave a choice.

use super::exact;
use super::features::{Features, classes};
use super::groups::{Group, standard};
use super::mixture::{self, Mixture, Points, Stop};
use crate::num::random::Stream;
use crate::num::sum::moments;

/// What k classes make of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// Mean log-likelihood of a value in the mixture; NaN where a component shrinks to a line.
    pub log_likelihood: f64,
    /// Mean squared distance from the centres of k-means, in units of the variance.
    pub inertia: f64,
    /// Least distance of neighbouring components (see [`Mixture::separation`]); NaN of one class.
    pub separation: f64,
}

/// Starts of k-means of several features.
const STARTS: usize = 2;

/// Measures of one feature for each number of classes; `None` of a constant.
pub fn measures(groups: &[Group], ks: &[usize]) -> Option<Vec<Measure>> {
    let groups = standard(groups)?;
    let points = Points::of_groups(&groups);
    let n: f64 = groups.iter().map(|g| g.n).sum();
    let measured = |k: usize| {
        let centres = exact::of_groups(&groups, k);
        let edges: Vec<f64> = centres.windows(2).map(|w| 0.5 * (w[0] + w[1])).collect();
        let class = |x: f64| edges.iter().filter(|e| **e < x).count();
        let squares = |g: &Group| g.n * ((g.mean() - centres[class(g.mean())]).powi(2) + g.variance());
        let inertia = groups.iter().map(squares).sum::<f64>() / n;
        let start = mixture::start(&points, |x| class(x[0]), centres.len());
        Measure::of(inertia, mixture::fit(&points, start, Stop::COARSE).as_ref())
    };
    Some(ks.iter().map(|k| measured(*k)).collect())
}

/// The same of several features, point by point; the features are taken as they are scaled, since principal components
/// brought to one variance would let noise count as much as what tells classes apart.
pub fn measures_of_several(columns: &[Vec<f64>], ks: &[usize], stream: &Stream) -> Option<Vec<Measure>> {
    let f = Features::of(columns, false).ok()?;
    let points = Points::of_rows(&f.rows, f.features);
    let measured = |k: usize| {
        let c = classes(&f, k, STARTS, stream).ok()?;
        let mut labels = c.labels.iter();
        let start = mixture::start(&points, |_| labels.next().copied().unwrap_or(0), k);
        Some(Measure::of(c.inertia / f.rows.len() as f64, mixture::fit(&points, start, Stop::COARSE).as_ref()))
    };
    ks.iter().map(|k| measured(*k)).collect()
}

impl Measure {
    fn of(inertia: f64, m: Option<&Mixture>) -> Measure {
        let separation = m.and_then(Mixture::separation).unwrap_or(f64::NAN);
        Measure { log_likelihood: m.map_or(f64::NAN, |m| m.log_likelihood), inertia, separation }
    }
}

/// One number of classes among those compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Classes.
    pub k: usize,
    /// Mean log-likelihood of a value above that of one class.
    pub gain: f64,
    /// −2 ln L + p ln n of so many independent patches, above that of one class: the lowest is the criterion's choice.
    pub bic: f64,
    /// Gap statistic against the surrogates (Tibshirani, Walther & Hastie 2001, doi:10.1111/1467-9868.00293), inertias in
    /// units of that of one class; NaN without surrogates.
    pub gap: f64,
    /// Its standard error.
    pub gap_error: f64,
}

/// Candidates, of which one class is the first.
///
/// `surrogates` holds the measures of featureless fields, possibly none; `independent` is the number of independent
/// patches, `parameters` that of a component's parameters.
pub fn candidates(
    ks: &[usize],
    of: &[Measure],
    surrogates: &[Vec<Measure>],
    independent: f64,
    parameters: f64,
) -> Vec<Candidate> {
    let n = independent.max(2.0);
    let candidate = |(i, k): (usize, &usize)| {
        let gain = of[i].log_likelihood - of[0].log_likelihood;
        let shrink = |m: &[Measure]| libm::log(m[i].inertia / m[0].inertia);
        let logs: Vec<f64> = surrogates.iter().map(|s| shrink(s)).collect();
        let spread = moments(&logs);
        let (gap, gap_error) = match logs.is_empty() {
            false => (spread.mean - shrink(of), spread.std * (1.0 + 1.0 / logs.len() as f64).sqrt()),
            true => (f64::NAN, f64::NAN),
        };
        let bic = parameters * libm::log(n) * (k - 1) as f64 - 2.0 * n * gain;
        Candidate { k: *k, gain, bic, gap, gap_error }
    };
    ks.iter().enumerate().map(candidate).collect()
}

/// The candidate of the lowest criterion among those of `from` to `to` classes.
pub fn chosen(candidates: &[Candidate], from: usize, to: usize) -> Option<usize> {
    let within = candidates.iter().filter(|c| (from..=to).contains(&c.k) && c.bic.is_finite());
    within.min_by(|a, b| a.bic.total_cmp(&b.bic)).map(|c| c.k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::segment::groups::Groups;

    const KS: [usize; 4] = [1, 2, 3, 4];

    /// Two levels at ±3 about 1: the criterion says two, and the inertia falls to 1/(9 + 1), of one feature and of two.
    #[test]
    fn the_criterion_and_what_is_constant() {
        let mut r = Random::named("two", 0);
        let mut v: Vec<f64> = (0..5000).map(|i| f64::from(i % 2) * 6.0 + r.normal()).collect();
        v.sort_unstable_by(f64::total_cmp);
        let m = measures(&Groups::of(&v, 512).unwrap().groups, &KS).unwrap();
        let c = candidates(&KS, &m, &[], 5000.0, 3.0);
        assert_eq!((chosen(&c, 1, 4), chosen(&c, 3, 3), chosen(&c, 5, 9)), (Some(2), Some(3), None));
        assert!(c[0].gain == 0.0 && c[1].gap.is_nan());
        assert!((m[1].inertia - 0.1).abs() < 0.01);
        assert!(measures(&[Group::one(1.0)], &KS).is_none());
        let mut r = Random::named("two", 1);
        let columns = [0, 1].map(|f| (0..1024).map(|i| f64::from(i % 2 * f) * 6.0 + r.normal()).collect::<Vec<_>>());
        let m = measures_of_several(&columns, &KS, &Stream::named("x")).unwrap();
        assert_eq!(chosen(&candidates(&KS, &m, &[], 1024.0, 6.0), 1, 4), Some(2));
    }
}
