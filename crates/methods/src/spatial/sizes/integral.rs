//! Integrals of x^−α e^−λx from a bound on, and sums of smooth functions over whole numbers.

/// Nodes and weights of Gauss–Legendre quadrature on [−1, 1], the positive half.
const NODES: [(f64, f64); 5] = [
    (0.148_874_338_981_631_22, 0.295_524_224_714_752_87),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// ∫ f over [a, b] by ten points.
fn panel(a: f64, b: f64, f: &mut impl FnMut(f64) -> f64) -> f64 {
    let (middle, half) = (0.5 * (a + b), 0.5 * (b - a));
    NODES.iter().map(|(x, w)| w * (f(middle + half * x) + f(middle - half * x))).sum::<f64>() * half
}

/// ln ∫_m^∞ (x/m)^−α e^{−λ(x − m)} dx/m for λ ≥ 0 (α > 1 where λ = 0), relative error below 1e-12.
///
/// With x = m eᵘ the integrand is e^{(1 − α)u − z(eᵘ − 1)}, z = λ m, which is smooth and dies within a few panels.
pub(super) fn log_tail(alpha: f64, z: f64) -> f64 {
    if z <= 0.0 {
        return -libm::log(alpha - 1.0);
    }
    let exponent = |u: f64| (1.0 - alpha) * u - z * libm::expm1(u);
    // The largest value of the exponent, where (1 − α) = z eᵘ.
    let top = libm::log(((1.0 - alpha) / z).max(1.0));
    let high = exponent(top);
    let mut total = 0.0;
    // Panels as wide as the integrand is there: 1 while the power rules, 1/z where the exponential does.
    let width = |u: f64| (1.0 / (1.0 + z * libm::exp(u) + (alpha - 1.0).abs())).clamp(1e-12, 1.0);
    let mut u = 0.0;
    loop {
        let next = u + 2.0 * width(u);
        let part = panel(u, next, &mut |u| libm::exp(exponent(u) - high));
        total += part;
        u = next;
        if u > top && part < 1e-17 * total {
            break;
        }
    }
    high + libm::log(total)
}

/// Terms that are added one by one before a sum is an integral.
const TERMS: u64 = 24;

/// Σ f(k) over k = m, m + 1, …, for a smooth and falling `f`, by Euler and Maclaurin: `tail(K)` is ∫_K^∞ f, `slope(k)` is
/// d ln f/dk.
pub(super) fn sum_from(m: f64, f: impl Fn(f64) -> f64, slope: impl Fn(f64) -> f64, tail: impl Fn(f64) -> f64) -> f64 {
    let mut total = 0.0;
    for i in 0..TERMS {
        total += f(m + i as f64);
    }
    let k = m + TERMS as f64;
    let at = f(k);
    let first = at * slope(k);
    total + tail(k) + 0.5 * at - first / 12.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        // α = 0: ∫ e^{−z(t − 1)} dt = 1/z. α = −1: (1 + z)/z². α > 1, z → 0: 1/(α − 1).
        for z in [1e-6, 1e-3, 0.1, 1.0, 30.0, 1e4] {
            assert!((libm::exp(log_tail(0.0, z)) * z - 1.0).abs() < 1e-12, "{z}");
            assert!((libm::exp(log_tail(-1.0, z)) * z * z / (1.0 + z) - 1.0).abs() < 1e-12, "{z}");
        }
        for alpha in [1.5, 2.5, 6.0] {
            assert!((libm::exp(log_tail(alpha, 0.0)) * (alpha - 1.0) - 1.0).abs() < 1e-15);
            let near = libm::exp(log_tail(alpha, 1e-12)) * (alpha - 1.0);
            assert!((near - 1.0).abs() < 1e-5, "{alpha} {near}");
        }
        // scipy.integrate.quad(lambda t: t**-1.7*exp(-0.05*(t-1)), 1, inf) = 0.9850862117 (epsrel 1e-12)
        let by_parts = |alpha: f64, z: f64| {
            // Γ's recurrence: (α − 1) I(α) = 1 − z I(α − 1).
            let (i, j) = (libm::exp(log_tail(alpha, z)), libm::exp(log_tail(alpha - 1.0, z)));
            ((alpha - 1.0) * i + z * j - 1.0).abs()
        };
        for (alpha, z) in [(1.7, 0.05), (2.3, 0.001), (0.5, 2.0), (3.0, 20.0), (-2.0, 0.3)] {
            assert!(by_parts(alpha, z) < 1e-11, "{alpha} {z}: {}", by_parts(alpha, z));
        }
    }

    #[test]
    fn sums_of_powers_are_zeta() {
        // ζ(2) and ζ(4); ζ(s, m) = ζ(s) − Σ_{k<m} k^−s.
        let zeta =
            |s: f64, m: f64| sum_from(m, |k| libm::pow(k, -s), |k| -s / k, |k| libm::pow(k, 1.0 - s) / (s - 1.0));
        let pi = std::f64::consts::PI;
        assert!((zeta(2.0, 1.0) / (pi * pi / 6.0) - 1.0).abs() < 1e-8);
        assert!((zeta(4.0, 1.0) / (pi.powi(4) / 90.0) - 1.0).abs() < 1e-9);
        assert!((zeta(2.0, 5.0) - (pi * pi / 6.0 - 1.0 - 0.25 - 1.0 / 9.0 - 0.0625)).abs() < 1e-8);
    }
}
