//! The distribution of a map's values: moments, quantiles, histogram and its Gaussian (METHODS §3).

use crate::num::fit::{Parameter, least_squares};
use crate::num::quantile::quantiles;
use crate::num::sum::moments;

/// Moments and quantiles, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Mean.
    pub mean: f64,
    /// Population standard deviation.
    pub std: f64,
    /// Median.
    pub median: f64,
    /// Interquartile range.
    pub iqr: f64,
    /// 1 % quantile.
    pub p01: f64,
    /// 99 % quantile.
    pub p99: f64,
    /// Skewness; NaN for a constant.
    pub skewness: f64,
    /// Excess kurtosis; NaN for a constant.
    pub kurtosis: f64,
}

impl Summary {
    /// Of nothing.
    pub(super) const NONE: Summary = Summary {
        mean: f64::NAN,
        std: f64::NAN,
        median: f64::NAN,
        iqr: f64::NAN,
        p01: f64::NAN,
        p99: f64::NAN,
        skewness: f64::NAN,
        kurtosis: f64::NAN,
    };

    /// p99 − p01: the "fluctuation over the region" of S2.
    pub fn span(&self) -> f64 {
        self.p99 - self.p01
    }
}

/// Of the valid values; `None` for no value. `values` is reordered.
pub fn summary(values: &mut [f64]) -> Option<Summary> {
    if values.is_empty() {
        return None;
    }
    // Moments first: selection reorders, and the order of a sum is part of its bytes.
    let m = moments(values);
    let [p01, q1, median, q3, p99] = quantiles(values, [0.01, 0.25, 0.5, 0.75, 0.99]);
    Some(Summary {
        mean: m.mean,
        std: m.std,
        median,
        iqr: q3 - q1,
        p01,
        p99,
        skewness: m.skewness,
        kurtosis: m.kurtosis,
    })
}

/// Equal bins over the whole range.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Lower end of the first bin.
    pub low: f64,
    /// Width of a bin.
    pub width: f64,
    /// Values in each.
    pub counts: Vec<u64>,
}

/// Bins by Freedman & Diaconis, at least 5 and at most 200; `None` for a constant or no value. `values` is reordered.
pub fn histogram(values: &mut [f64]) -> Option<Histogram> {
    let ends = quantiles(values, [0.0, 0.25, 0.75, 1.0]);
    let (width, bins) = bins(ends, values.len() as u64)?;
    let low = ends[0];
    let mut counts = vec![0; bins];
    for v in values.iter() {
        counts[(((v - low) / width) as usize).min(bins - 1)] += 1;
    }
    Some(Histogram { low, width, counts })
}

/// Width and number of bins by the rule of Freedman & Diaconis for `n` values with that minimum, quartiles and maximum, at
/// least 5 and at most 200; `None` for a constant.
pub fn bins([low, q1, q3, high]: [f64; 4], n: u64) -> Option<(f64, usize)> {
    if !(high > low) {
        return None;
    }
    let rule = 2.0 * (q3 - q1) / libm::cbrt(n as f64);
    let bins = if rule > 0.0 { ((high - low) / rule).ceil().clamp(5.0, 200.0) as usize } else { 200 };
    Some(((high - low) / bins as f64, bins))
}

impl Histogram {
    /// Middle of bin `i`.
    pub fn centre(&self, i: usize) -> f64 {
        self.low + (i as f64 + 0.5) * self.width
    }

    /// Probability density in bin `i`.
    pub fn density(&self, i: usize) -> f64 {
        let n: u64 = self.counts.iter().sum();
        self.counts[i] as f64 / (n as f64 * self.width)
    }
}

/// A Gaussian fitted to a histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian {
    /// Centre.
    pub mean: f64,
    /// Full width at half maximum.
    pub fwhm: f64,
    /// Share of the values under it; 1 for a sample that is one Gaussian.
    pub weight: f64,
}

/// FWHM of a Gaussian in standard deviations, 2√(2 ln 2).
const FWHM: f64 = 2.354_820_045_030_949_3;

/// Least squares of a free Gaussian on the densities of the histogram; `None` where it does not converge.
pub fn gaussian(histogram: &Histogram, start: &Summary) -> Option<Gaussian> {
    let bins = histogram.counts.len();
    let density: Vec<f64> = (0..bins).map(|i| histogram.density(i) * start.std).collect();
    let x: Vec<f64> = (0..bins).map(|i| (histogram.centre(i) - start.mean) / start.std).collect();
    let parameters =
        [Parameter::new(0.0, -10.0, 10.0), Parameter::new(1.0, 0.01, 100.0), Parameter::new(1.0, 0.0, 10.0)];
    let norm = (std::f64::consts::TAU).sqrt();
    let fit = least_squares(&parameters, bins, |p, out| {
        for (o, (x, d)) in out.iter_mut().zip(x.iter().zip(&density)) {
            let z = (x - p[0]) / p[1];
            *o = d - p[2] / (p[1] * norm) * libm::exp(-0.5 * z * z);
        }
    })
    .ok()?;
    let [m, s, w] = [fit.parameters[0], fit.parameters[1], fit.parameters[2]];
    fit.converged.then_some(Gaussian { mean: start.mean + m * start.std, fwhm: FWHM * s * start.std, weight: w })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    #[test]
    fn a_normal_sample_has_its_numbers() {
        // 100 000 independent values; five standard errors (false alarm 6e-7 a line).
        let mut r = Random::named("distribution", 0);
        let mut v: Vec<f64> = (0..100_000).map(|_| 1.05e6 + 70.0 * r.normal()).collect();
        let s = summary(&mut v).unwrap();
        assert!((s.mean - 1.05e6).abs() < 5.0 * 70.0 / 316.2);
        assert!((s.std / 70.0 - 1.0).abs() < 5.0 / 447.0);
        // Span of a Gaussian: 2 × 2.326348 σ; its standard error here is about 0.75 σ·√(2·0.01/1e5)/0.0267 ≈ 1.2 % of σ.
        assert!((s.span() / 70.0 - 4.652_696).abs() < 0.06);
        let h = histogram(&mut v).unwrap();
        let g = gaussian(&h, &s).unwrap();
        assert!(
            (g.fwhm / (FWHM * 70.0) - 1.0).abs() < 0.02
                && (g.mean - s.mean).abs() < 2.0
                && (g.weight - 1.0).abs() < 0.02
        );
        assert_eq!(h.counts.iter().sum::<u64>(), 100_000);
    }

    #[test]
    fn constants_and_nothing() {
        assert!(summary(&mut []).is_none());
        assert!(histogram(&mut [2.0; 9]).is_none());
        let s = summary(&mut [2.0; 9]).unwrap();
        assert_eq!((s.std, s.span(), s.median), (0.0, 0.0, 2.0));
        assert!(s.kurtosis.is_nan());
    }
}
