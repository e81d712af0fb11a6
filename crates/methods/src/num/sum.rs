//! Sums whose rounding does not depend on the number of threads, and moments built on them.

/// Below this length a block is summed with eight running sums.
const BLOCK: usize = 512;

/// From this length on, halves are summed on different threads: where a sum is cut depends on its length alone.
const PARALLEL: usize = 1 << 17;

/// Pairwise sum: error grows with log n, the order is fixed by the length alone.
pub fn sum(values: &[f64]) -> f64 {
    pairwise(values, &|v| v)
}

/// Pairwise sum of `f` of each value.
fn pairwise(values: &[f64], f: &(impl Fn(f64) -> f64 + Sync)) -> f64 {
    if values.len() <= BLOCK {
        return lanes(values, f);
    }
    let (a, b) = values.split_at((values.len() / 2).next_multiple_of(BLOCK));
    if values.len() < PARALLEL {
        return pairwise(a, f) + pairwise(b, f);
    }
    let (a, b) = rayon::join(|| pairwise(a, f), || pairwise(b, f));
    a + b
}

/// Sum of products, in the same fixed order.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (ca, ra) = a[..n].as_chunks::<8>();
    let (cb, rb) = b[..n].as_chunks::<8>();
    let mut acc = [0.0; 8];
    for (x, y) in ca.iter().zip(cb) {
        for i in 0..8 {
            acc[i] += x[i] * y[i];
        }
    }
    let tail: f64 = ra.iter().zip(rb).map(|(x, y)| x * y).sum();
    fold(acc) + tail
}

fn lanes(values: &[f64], f: &impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut acc = [0.0; 8];
    for c in chunks {
        for i in 0..8 {
            acc[i] += f(c[i]);
        }
    }
    fold(acc) + rest.iter().map(|v| f(*v)).sum::<f64>()
}

fn fold(a: [f64; 8]) -> f64 {
    ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))
}

/// Mean; NaN for no value.
pub fn mean(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

/// Mean and central moments of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Arithmetic mean.
    pub mean: f64,
    /// Population standard deviation (ddof 0).
    pub std: f64,
    /// m₃/σ³; NaN for a constant.
    pub skewness: f64,
    /// m₄/σ⁴ − 3; NaN for a constant.
    pub kurtosis: f64,
}

/// Two-pass moments.
pub fn moments(values: &[f64]) -> Moments {
    let n = values.len() as f64;
    let (mean, m2) = mean_and_variance(values);
    let std = m2.sqrt();
    let third = pairwise(values, &|v| {
        let d = v - mean;
        d * d * d
    });
    let fourth = pairwise(values, &|v| {
        let d = (v - mean) * (v - mean);
        d * d
    });
    Moments { mean, std, skewness: third / n / (m2 * std), kurtosis: fourth / n / (m2 * m2) - 3.0 }
}

/// Mean and population variance, in two passes.
pub fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let first = mean(values);
    // One correction step removes the rounding of the first mean.
    let mean = first + pairwise(values, &|v| v - first) / n;
    (mean, pairwise(values, &|v| (v - mean) * (v - mean)) / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sum_keeps_its_digits() {
        // 0.1 is not a binary fraction; a running sum of 2^22 of them is wrong in the tenth digit.
        let v = vec![0.1; 1 << 22];
        let exact = 0.1 * (1u64 << 22) as f64;
        // At most 64 additions in a lane and 16 levels above it: (64 + 16) half-ulps.
        assert!((sum(&v) / exact - 1.0).abs() < 80.0 * f64::EPSILON / 2.0);
    }

    #[test]
    fn moments_of_a_known_sample() {
        // 0, 1, …, 9: mean 4.5, variance 8.25, kurtosis −1.2242 (closed form −6(n²+1)/5(n²−1)).
        let v: Vec<f64> = (0..10).map(|i| 1e6 + f64::from(i)).collect();
        let m = moments(&v);
        assert!((m.mean - 1e6 - 4.5).abs() < 1e-9);
        assert!((m.std - 8.25f64.sqrt()).abs() < 1e-9);
        assert!(m.skewness.abs() < 1e-9);
        assert!((m.kurtosis + 6.0 * 101.0 / (5.0 * 99.0)).abs() < 1e-9);
    }

    #[test]
    fn dot_equals_sum_of_products() {
        let a: Vec<f64> = (0..1003).map(f64::from).collect();
        assert_eq!(dot(&a, &a), (0..1003u64).map(|i| i * i).sum::<u64>() as f64);
    }
}
