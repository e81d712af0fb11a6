//! Two states of one material: differences of metrics, overlap of distributions, Kolmogorov–Smirnov distance.

use super::permutation::Measurement;
use crate::num::quantile::quantiles;

/// Difference b − a and ratio b/a with 95 % intervals where both sides have one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// b − a.
    pub difference: Measurement,
    /// b/a; `None` unless both are positive.
    pub ratio: Option<Measurement>,
}

/// Independent intervals combined side by side: in the sum for the difference, on the log scale for the ratio.
pub fn difference(a: Measurement, b: Measurement) -> Difference {
    let reach = |f: fn(f64) -> f64| -> Option<[f64; 2]> {
        let ([al, ah], [bl, bh]) = (a.interval?, b.interval?);
        let (va, vb) = (f(a.value), f(b.value));
        let low = libm::hypot(vb - f(bl), f(ah) - va);
        let high = libm::hypot(f(bh) - vb, va - f(al));
        Some([vb - va - low, vb - va + high])
    };
    let positive = a.value > 0.0 && b.value > 0.0;
    let ratio = positive.then(|| Measurement {
        value: b.value / a.value,
        interval: reach(libm::log).map(|i| i.map(libm::exp)).filter(|i| i.iter().all(|v| v.is_finite())),
    });
    Difference { difference: Measurement { value: b.value - a.value, interval: reach(|v| v) }, ratio }
}

/// Largest distance of two empirical distribution functions, 0 to 1; it sorts both samples.
pub fn kolmogorov_smirnov(a: &mut [f64], b: &mut [f64]) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let (mut i, mut j, mut d) = (0, 0, 0.0f64);
    while i < a.len() && j < b.len() {
        let v = a[i].min(b[j]);
        while i < a.len() && a[i] <= v {
            i += 1;
        }
        while j < b.len() && b[j] <= v {
            j += 1;
        }
        d = d.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    d
}

/// Asymptotic p of a Kolmogorov–Smirnov distance for `na` and `nb` independent values (Stephens' correction).
pub fn kolmogorov_p(d: f64, na: f64, nb: f64) -> f64 {
    let n = (na * nb / (na + nb)).sqrt();
    let x = (n + 0.12 + 0.11 / n) * d;
    if x < 0.2 {
        return 1.0;
    }
    let sum: f64 = (1..=100)
        .map(f64::from)
        .map(|k| if k as i32 % 2 == 1 { 1.0 } else { -1.0 } * libm::exp(-2.0 * k * k * x * x))
        .sum();
    (2.0 * sum).clamp(0.0, 1.0)
}

/// Overlap ∫ min(p, q) of two samples by a common histogram (Freedman–Diaconis bins of the pooled values).
pub fn overlap(a: &[f64], b: &[f64]) -> f64 {
    let mut pooled: Vec<f64> = a.iter().chain(b).copied().collect();
    let [low, q1, q3, high] = quantiles(&mut pooled, [0.0, 0.25, 0.75, 1.0]);
    let width = 2.0 * (q3 - q1) / libm::cbrt(pooled.len() as f64);
    if !(width > 0.0 && high > low) {
        return if low == high { 1.0 } else { f64::NAN };
    }
    let bins = (((high - low) / width).ceil() as usize).clamp(1, 4096);
    let count = |v: &[f64]| {
        let mut c = vec![0.0; bins];
        for x in v {
            c[(((x - low) / (high - low) * bins as f64) as usize).min(bins - 1)] += 1.0 / v.len() as f64;
        }
        c
    };
    count(a).iter().zip(count(b)).map(|(p, q)| p.min(q)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    #[test]
    fn distances_of_scipy() {
        // scipy.stats.ks_2samp: D = 0.4 for these; kstwobign.sf(1.0) = 0.26999967, sf(1.5) = 0.02221797.
        let d = kolmogorov_smirnov(&mut [1.0, 2.0, 3.0, 4.0, 5.0], &mut [2.5, 3.5, 4.5, 6.0, 7.0]);
        assert!((d - 0.4).abs() < 1e-12);
        // With 1e12 values the correction is nil.
        let n = (1e12f64 / 2.0).sqrt();
        assert!((kolmogorov_p(1.0 / n, 1e12, 1e12) - 0.269_999_67).abs() < 1e-6);
        assert!((kolmogorov_p(1.5 / n, 1e12, 1e12) - 0.022_217_97).abs() < 1e-6);
    }

    #[test]
    fn overlap_of_two_gaussians() {
        // Two unit Gaussians two apart overlap by 2Φ(−1) = 0.3173; 20 000 values each give about ±0.01.
        let mut r = Random::named("overlap", 0);
        let a: Vec<f64> = (0..20_000).map(|_| r.normal()).collect();
        let b: Vec<f64> = (0..20_000).map(|_| 2.0 + r.normal()).collect();
        assert!((overlap(&a, &b) - 0.3173).abs() < 0.02);
        assert!(overlap(&a, &a) > 0.999_999);
    }

    #[test]
    fn differences_carry_both_intervals() {
        let d = difference(
            Measurement { value: 10.0, interval: Some([7.0, 13.0]) },
            Measurement { value: 20.0, interval: Some([16.0, 24.0]) },
        );
        assert_eq!(d.difference.interval, Some([5.0, 15.0]));
        let r = d.ratio.unwrap();
        assert_eq!(r.value, 2.0);
        assert!(r.interval.unwrap()[0] > 1.0 && r.interval.unwrap()[0] < 1.6);
    }
}
