//! Quantiles by selection: linear in n, safe for the ties that masks and saturated channels have.

/// The quantiles `q` (each in [0, 1]) by linear interpolation between order statistics (Hyndman & Fan type 7, as numpy).
///
/// NaN for no value. `values` is reordered.
pub fn quantiles<const N: usize>(values: &mut [f64], q: [f64; N]) -> [f64; N] {
    q.map(|q| quantile(values, q))
}

/// One quantile; see [`quantiles`].
pub fn quantile(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let h = q.clamp(0.0, 1.0) * (values.len() - 1) as f64;
    let k = h.floor() as usize;
    let (_, low, above) = values.select_nth_unstable_by(k, f64::total_cmp);
    let low = *low;
    let fraction = h - k as f64;
    if fraction == 0.0 {
        return low;
    }
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    low + fraction * (high - low)
}

/// The median; NaN for no value. `values` is reordered.
pub fn median(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

/// Median absolute deviation from the median, unscaled. `values` is overwritten.
pub fn mad(values: &mut [f64]) -> f64 {
    let m = median(values);
    for v in values.iter_mut() {
        *v = (*v - m).abs();
    }
    median(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_seven() {
        // numpy.quantile([1, 2, 4, 8, 16], [0, .1, .5, .9, 1]) = [1, 1.4, 4, 12.8, 16]
        let mut v = [16.0, 1.0, 8.0, 2.0, 4.0];
        let got = quantiles(&mut v, [0.0, 0.1, 0.5, 0.9, 1.0]);
        for (g, w) in got.iter().zip([1.0, 1.4, 4.0, 12.8, 16.0]) {
            assert!((g - w).abs() < 1e-12, "{got:?}");
        }
        assert!(quantile(&mut [], 0.5).is_nan());
    }

    #[test]
    fn ties_are_no_trouble() {
        let mut v: Vec<f64> = (0..1_000_000).map(|i| f64::from(i % 2)).collect();
        assert_eq!(quantile(&mut v, 0.25), 0.0);
        assert_eq!(quantile(&mut v, 0.75), 1.0);
        assert_eq!(mad(&mut v), 0.5);
    }

    /// `ndarray-stats`, an independent implementation, on values without many ties (which it cannot take): the same number
    /// but for the rounding of one product.
    #[test]
    fn another_implementation_agrees() {
        use ndarray_stats::Quantile1dExt;
        use ndarray_stats::interpolate::Linear;
        use noisy_float::types::n64;
        let mut random = crate::num::random::Random::named("quantile", 0);
        for n in [1, 2, 7, 100, 1001] {
            let mut v: Vec<f64> = (0..n).map(|_| random.normal()).collect();
            let mut other: ndarray16::Array1<_> = v.iter().map(|v| n64(*v)).collect();
            for q in [0.0, 0.025, 0.3, 0.5, 0.975, 1.0] {
                let want: f64 = other.quantile_mut(n64(q), &Linear).unwrap().raw();
                assert!((quantile(&mut v, q) - want).abs() < 1e-14, "{n} {q}");
            }
        }
    }
}
