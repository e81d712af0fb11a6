//! How many classes there are, one allowed (METHODS §8, §13).
//!
//! k classes always fit better than one. What a further class must gain is taken from correlated Gaussian fields in the
//! likeness of the map, which have one class and whose histograms are lumpy where few patches are independent: the
//! penalty of a class is the gain a class that only 5 % of those fields exceed. That is the information criterion
//! of Schwarz with a penalty that knows correlation; without surrogates it is ln(n)/2n a parameter with the number n of
//! independent patches.

use super::exact;
use super::features::{Features, classes};
use super::groups::Groups;
use super::mixture::{self, Mixture, Points, Stop};
use crate::num::quantile::quantile;
use crate::num::random::Stream;
use crate::num::spread::spread;
use crate::spatial::null::Null;

/// What k classes make of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// Mean log-likelihood of a value in the mixture.
    pub log_likelihood: f64,
    /// Mean squared distance from the centres of k-means, in units of the variance.
    pub inertia: f64,
    /// Least distance of neighbouring components (see [`Mixture::separation`]); NaN of one class.
    pub separation: f64,
}

/// Groups that values are brought to before they are compared: maps and surrogates alike.
const GROUPS: usize = 512;

/// Points that several features are thinned to, and starts of their k-means.
const POINTS: usize = 1024;
const STARTS: usize = 4;

/// Measures of one feature for each number of classes; `None` of a constant.
pub fn measures(mut values: Vec<f64>, ks: &[usize]) -> Option<Vec<Measure>> {
    values.sort_unstable_by(f64::total_cmp);
    let g = Groups::of(&values, GROUPS)?;
    let points = Points::of_groups(&g.groups);
    let n: f64 = g.groups.iter().map(|g| g.n).sum();
    let measured = |k: usize| {
        let centres = exact::of_groups(&g.groups, k);
        let edges: Vec<f64> = centres.windows(2).map(|w| 0.5 * (w[0] + w[1])).collect();
        let class = |x: f64| edges.iter().filter(|e| **e < x).count();
        let squares = |g: &super::groups::Group| g.n * ((g.mean() - centres[class(g.mean())]).powi(2) + g.variance());
        let inertia = g.groups.iter().map(squares).sum::<f64>() / n;
        let start = mixture::start(&points, |x| class(x[0]), centres.len());
        Some(Measure::of(inertia, &mixture::fit(&points, start, Stop::COARSE)?))
    };
    ks.iter().map(|k| measured(*k)).collect()
}

/// Which of `n` points are taken of several features.
pub fn taken(n: usize) -> Vec<usize> {
    spread(n, POINTS)
}

/// The same of several features, thinned to a thousand points; the features are taken as they are scaled, since principal
/// components brought to one variance would let noise count as much as what tells classes apart.
pub fn measures_of_several(columns: &[Vec<f64>], ks: &[usize], stream: &Stream) -> Option<Vec<Measure>> {
    let taken = taken(columns.first()?.len());
    let thin: Vec<Vec<f64>> = columns.iter().map(|c| taken.iter().map(|i| c[*i]).collect()).collect();
    let f = Features::of(&thin, false).ok()?;
    let points = Points::of_rows(&f.rows, f.features);
    let measured = |k: usize| {
        let c = classes(&f, k, STARTS, stream).ok()?;
        let mut labels = c.labels.iter();
        let start = mixture::start(&points, |_| labels.next().copied().unwrap_or(0), k);
        Some(Measure::of(c.inertia / f.rows.len() as f64, &mixture::fit(&points, start, Stop::COARSE)?))
    };
    ks.iter().map(|k| measured(*k)).collect()
}

impl Measure {
    fn of(inertia: f64, m: &Mixture) -> Measure {
        let separation = m.separation().unwrap_or(f64::NAN);
        Measure { log_likelihood: m.log_likelihood, inertia, separation }
    }
}

/// One number of classes among those compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Classes.
    pub k: usize,
    /// Mean log-likelihood of a value above that of one class.
    pub gain: f64,
    /// That less what so many classes must gain: the highest is chosen.
    pub score: f64,
    /// −2 ln L + p ln n of so many independent patches, above that of one class: the lowest is the criterion's choice.
    pub bic: f64,
    /// Gap statistic against the surrogates (Tibshirani, Walther & Hastie 2001, doi:10.1111/1467-9868.00293), inertias in
    /// units of that of one class; NaN without surrogates.
    pub gap: f64,
    /// Its standard error.
    pub gap_error: f64,
}

/// The choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Classes chosen.
    pub k: usize,
    /// All that were compared, from one class on.
    pub candidates: Vec<Candidate>,
    /// Where the best gain a class stands among surrogates.
    pub null: Option<Null>,
    /// What the surrogates themselves would answer.
    pub answers: Vec<usize>,
}

/// Gains a further class, from the second candidate on.
fn gains(ks: &[usize], m: &[Measure]) -> Vec<f64> {
    ks.iter().zip(m).skip(1).map(|(k, v)| (v.log_likelihood - m[0].log_likelihood) / (k - 1) as f64).collect()
}

fn best(ks: &[usize], m: &[Measure]) -> f64 {
    gains(ks, m).into_iter().fold(f64::NEG_INFINITY, f64::max)
}

/// The number of classes of the highest gain less penalties.
fn answer(ks: &[usize], m: &[Measure], penalty: f64) -> usize {
    let score = |i: usize| m[i].log_likelihood - penalty * (ks[i] - 1) as f64;
    let top = (1..ks.len()).fold(0, |top, i| if score(i) > score(top) { i } else { top });
    ks[top]
}

/// Chooses among numbers of classes, of which 1 is the first; `of` holds the measure of each.
///
/// `surrogates` holds the measures of featureless fields, possibly none; `independent` is the number of independent
/// patches, `parameters` that of a component's parameters.
pub fn choose(ks: &[usize], of: &[Measure], surrogates: &[Vec<Measure>], independent: f64, parameters: f64) -> Choice {
    let n = independent.max(2.0);
    let schwarz = parameters * libm::log(n) / (2.0 * n);
    let mut null_gains: Vec<f64> = surrogates.iter().map(|s| best(ks, s)).filter(|g| g.is_finite()).collect();
    let null = Null::of(best(ks, of), null_gains.iter().copied());
    let penalty = match null {
        Some(_) => quantile(&mut null_gains, 1.0 - Null::LEVEL),
        None => schwarz,
    };
    let candidate = |(i, k): (usize, &usize)| {
        let gain = of[i].log_likelihood - of[0].log_likelihood;
        let shrink = |m: &[Measure]| libm::log(m[i].inertia / m[0].inertia);
        let logs: Vec<f64> = surrogates.iter().map(|s| shrink(s)).collect();
        let moments = crate::num::sum::moments(&logs);
        let (gap, gap_error) = match null {
            Some(_) => (moments.mean - shrink(of), moments.std * (1.0 + 1.0 / logs.len() as f64).sqrt()),
            None => (f64::NAN, f64::NAN),
        };
        let further = (k - 1) as f64;
        Candidate {
            k: *k,
            gain,
            score: gain - penalty * further,
            bic: 2.0 * n * (schwarz * further - gain),
            gap,
            gap_error,
        }
    };
    Choice {
        k: answer(ks, of, penalty),
        candidates: ks.iter().enumerate().map(candidate).collect(),
        null,
        answers: surrogates.iter().map(|s| answer(ks, s, penalty)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::parallel::ordered;
    use crate::num::random::Random;
    use crate::spatial::covariance::Covariance;
    use crate::spatial::field::Simulator;

    const KS: [usize; 6] = [1, 2, 3, 4, 5, 6];
    const SIDE: usize = 96;

    fn nulls(sim: &Simulator, n: u64, name: &str) -> Vec<Vec<Measure>> {
        let made = ordered(n as usize / 2, |i| {
            sim.pair(&mut Random::named(name, i as u64)).map(|z| measures(z.iter().copied().collect(), &KS))
        });
        made.into_iter().flatten().flatten().collect()
    }

    #[test]
    fn one_gaussian_field_is_one_class_and_three_levels_are_three() {
        // 40 fields each, the surrogates of their known covariance. One class: the level of the test is 5 %, four or
        // fewer answers of 40 other than 1 in 95 % of all runs (binomial); three levels lie 3.5 widths apart.
        for xi in [3.0, 9.0] {
            let c = Covariance { sigma: 1.0, xi, alpha: 1.0, noise: 0.0 };
            let sim = Simulator::new([SIDE, SIDE], [1.0, 1.0], &c);
            let surrogates = nulls(&sim, 100, "surrogates of choice");
            let independent = (SIDE * SIDE) as f64 / c.correlation_area();
            let fields: Vec<_> = ordered(20, |i| sim.pair(&mut Random::named("fields of choice", i as u64)))
                .into_iter()
                .flatten()
                .collect();
            let answer = |v: Vec<f64>| choose(&KS, &measures(v, &KS).unwrap(), &surrogates, independent, 3.0).k;
            let ones = ordered(fields.len(), |i| answer(fields[i].iter().copied().collect()));
            let right = ones.iter().filter(|k| **k == 1).count();
            assert!(right >= 36, "ξ = {xi}: {right} of 40 answered 1: {ones:?}");
            let threes = ordered(fields.len(), |i| {
                let mut r = Random::named("levels", i as u64);
                let level = |z: f64| {
                    if z < -0.77 {
                        -7.0
                    } else if z < 0.6 {
                        0.0
                    } else {
                        8.0
                    }
                };
                answer(fields[i].iter().map(|z| level(*z) + 2.0 * r.normal()).collect())
            });
            let right = threes.iter().filter(|k| **k == 3).count();
            assert!(right >= 36, "ξ = {xi}: {right} of 40 answered 3: {threes:?}");
        }
    }

    #[test]
    fn the_criterion_without_surrogates_and_what_is_constant() {
        let mut r = Random::named("two", 0);
        let v: Vec<f64> = (0..5000).map(|i| f64::from(i % 2) * 6.0 + r.normal()).collect();
        let m = measures(v, &KS[..4]).unwrap();
        let c = choose(&KS[..4], &m, &[], 5000.0, 3.0);
        assert_eq!((c.k, c.null, c.answers.len()), (2, None, 0));
        let least = c.candidates.iter().min_by(|a, b| a.bic.total_cmp(&b.bic)).unwrap();
        assert!(least.k == 2 && c.candidates[0].gain == 0.0 && c.candidates[1].gap.is_nan());
        // Inertia of two equal levels at ±3 about 1: 1/(9 + 1).
        assert!((m[1].inertia - 0.1).abs() < 0.01);
        assert!(measures(vec![1.0; 9], &KS).is_none());
        // Two features see the same, with six parameters a component.
        let mut r = Random::named("two", 1);
        let columns = [0, 1].map(|f| (0..4000).map(|i| f64::from(i % 2 * f) * 6.0 + r.normal()).collect::<Vec<_>>());
        let m = measures_of_several(&columns, &KS[..3], &Stream::named("x")).unwrap();
        assert_eq!(choose(&KS[..3], &m, &[], 4000.0, 6.0).k, 2);
    }
}
