//! A Kelvin solid under a load that rises at one rate, at even times (S1 Eq. 3.9): `y = h^{3/2} = A [t − τ(1 − e^{−t/τ})]`.
//!
//! A enters linearly, and all that τ changes are sums over powers of e^{−Δ/τ}: those of the data by Horner's rule, those
//! of the model by doubling. A fit is a handful of passes of two multiplications a point.

/// The best A and τ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// A in the unit of y over that of the step: C Ṗ/G.
    pub slope: f64,
    /// τ in the unit of the step.
    pub relaxation: f64,
    /// Root mean square of the residuals of y.
    pub residual: f64,
}

/// Rounds within which the fit settles or is given up.
const ROUNDS: usize = 40;
/// Relative step of τ at which it has settled: far below any error, far above the rounding of the sums.
const SETTLED: f64 = 1e-7;
/// Longest step of ln τ.
const STRIDE: f64 = 0.7;

/// Least squares of `y[i]`, in any unit, at the times `i·step` in s, i = 0, 1, …; `None` where no τ between a fifth of a step and thirty times
/// the length fits best.
pub fn fit(y: &[f64], step: f64) -> Option<Ramp> {
    let n = y.len();
    if n < 4 || !(step > 0.0) {
        return None;
    }
    let of_y = Moments::of(y);
    let bounds = [0.2, 30.0 * n as f64];
    let mut tau = start(y).clamp(0.5, n as f64);
    for _ in 0..ROUNDS {
        let s = Sums::at(y, &of_y, tau);
        let slope = s.yg / s.gg;
        let own = s.dd - s.gd * s.gd / s.gg;
        let move_tau = (s.yd - slope * s.gd) / (slope * own);
        if !(slope > 0.0 && own > 0.0 && move_tau.is_finite()) {
            return None;
        }
        let stride = (move_tau / tau).clamp(-STRIDE, STRIDE);
        tau *= if stride.abs() < 0.01 { 1.0 + stride } else { libm::exp(stride) };
        if !(bounds[0]..=bounds[1]).contains(&tau) {
            return None;
        }
        if stride.abs() < SETTLED {
            let residual = ((of_y.yy - slope * s.yg) / n as f64).max(0.0).sqrt();
            return Some(Ramp { slope: slope / step, relaxation: tau * step, residual });
        }
    }
    None
}

/// Late on y = A(t − τ): where the line through the last half meets zero.
fn start(y: &[f64]) -> f64 {
    let half = y.len() / 2;
    let late = &y[half..];
    let n = late.len() as f64;
    let middle = half as f64 + 0.5 * (n - 1.0);
    let mean = late.iter().sum::<f64>() / n;
    let product: f64 = late.iter().enumerate().map(|(i, v)| ((half + i) as f64 - middle) * v).sum();
    let slope = product / (n * (n * n - 1.0) / 12.0);
    if slope > 0.0 { middle - mean / slope } else { 1.0 }
}

/// Sums over the data that τ does not change.
struct Moments {
    y: f64,
    ty: f64,
    yy: f64,
}

impl Moments {
    fn of(y: &[f64]) -> Moments {
        let (mut sums, mut at) = ([[0.0f64; LANES]; 3], 0.0);
        let (body, tail) = y.split_at(y.len() - y.len() % LANES);
        for chunk in body.chunks_exact(LANES) {
            for l in 0..LANES {
                sums[0][l] += chunk[l];
                sums[1][l] += (at + l as f64) * chunk[l];
                sums[2][l] += chunk[l] * chunk[l];
            }
            at += LANES as f64;
        }
        let mut out = sums.map(|s| s.iter().sum::<f64>());
        for (l, v) in tail.iter().enumerate() {
            out = [out[0] + v, out[1] + (at + l as f64) * v, out[2] + v * v];
        }
        Moments { y: out[0], ty: out[1], yy: out[2] }
    }
}

/// Products of y, the response g of A = 1 and its derivative d by τ.
struct Sums {
    yg: f64,
    yd: f64,
    gg: f64,
    gd: f64,
    dd: f64,
}

impl Sums {
    fn at(y: &[f64], of_y: &Moments, tau: f64) -> Sums {
        let n = y.len();
        let x = libm::exp(-1.0 / tau);
        let [ye, tye] = weighted(y, x);
        let [s00, s10, s20] = powers(n, 1.0);
        let [s01, s11, s21] = powers(n, x);
        let [s02, s12, s22] = powers(n, x * x);
        // g = t − τ + τe and d = −1 + e + te/τ, with e = xᵗ.
        Sums {
            yg: of_y.ty - tau * of_y.y + tau * ye,
            yd: -of_y.y + ye + tye / tau,
            gg: s20 - 2.0 * tau * (s10 - s11) + tau * tau * (s00 - 2.0 * s01 + s02),
            gd: -s10 + s21 / tau + s12 + tau * (s00 - 2.0 * s01 + s02),
            dd: s00 - 2.0 * s01 + s02 + 2.0 * (s12 - s11) / tau + s22 / (tau * tau),
        }
    }
}

/// Numbers that go side by side.
const LANES: usize = 8;

/// Σ yᵢ xⁱ and Σ i yᵢ xⁱ, by Horner's rule in x⁸ for eight remainders of i.
fn weighted(y: &[f64], x: f64) -> [f64; 2] {
    let far = x * x * (x * x);
    let far = far * far;
    let (body, tail) = y.split_at(y.len() - y.len() % LANES);
    let (mut value, mut slope) = ([0.0f64; LANES], [0.0f64; LANES]);
    value[..tail.len()].copy_from_slice(tail);
    for chunk in body.chunks_exact(LANES).rev() {
        for l in 0..LANES {
            slope[l] = slope[l] * far + value[l];
            value[l] = value[l] * far + chunk[l];
        }
    }
    let (mut out, mut power) = ([0.0; 2], 1.0);
    for l in 0..LANES {
        out[0] += power * value[l];
        out[1] += power * (LANES as f64 * far * slope[l] + l as f64 * value[l]);
        power *= x;
    }
    out
}

/// Σ iᵖ xⁱ over i < n for p = 0, 1, 2, by doubling n: no term is ever subtracted.
fn powers(n: usize, x: f64) -> [f64; 3] {
    let (mut sums, mut m, mut power) = ([0.0f64; 3], 0.0f64, 1.0f64);
    for bit in (0..usize::BITS - n.leading_zeros()).rev() {
        let [s0, s1, s2] = sums;
        sums = [s0 + power * s0, s1 + power * (s1 + m * s0), s2 + power * (s2 + 2.0 * m * s1 + m * m * s0)];
        (m, power) = (2.0 * m, power * power);
        if n >> bit & 1 == 1 {
            sums = [sums[0] + power, sums[1] + m * power, sums[2] + m * m * power];
            (m, power) = (m + 1.0, power * x);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    #[test]
    fn sums_as_by_adding_up() {
        for (n, x) in [(1usize, 0.3), (7, 0.9), (1000, 0.999), (1000, 1.0), (129, 1e-9)] {
            let by_hand = |p: i32| (0..n).map(|i| (i as f64).powi(p) * libm::pow(x, i as f64)).sum::<f64>();
            let got = powers(n, x);
            (0..3)
                .for_each(|p| assert!((got[p] - by_hand(p as i32)).abs() <= 1e-12 * by_hand(p as i32), "{n} {x} {p}"));
            let y: Vec<f64> = (0..n).map(|i| 1.0 + (i % 5) as f64).collect();
            let sum = |p: i32| (0..n).map(|i| (i as f64).powi(p) * y[i] * libm::pow(x, i as f64)).sum::<f64>();
            let got = weighted(&y, x);
            (0..2).for_each(|p| assert!((got[p] - sum(p as i32)).abs() <= 1e-11 * sum(p as i32), "{n} {x} {p}"));
        }
    }

    #[test]
    fn what_went_in_comes_out_with_the_least_spread() {
        // Noise 5·10⁻⁴ of the largest value, τ from a fiftieth to twice the length. The errors of least squares from its
        // own derivatives: deviations in their units have mean 0 ± 0.14 and variance 1 ± 0.2 over 200 curves (three standard
        // errors 0.21 and 0.3 each).
        let n = 1000;
        for tau in [0.02, 0.1, 0.4, 2.0] {
            let clean = |t: f64| 3.0 * (t - tau * (1.0 - libm::exp(-t / tau)));
            let step = 1.0 / (n - 1) as f64;
            let sigma = 5e-4 * clean(1.0);
            let s = Sums::at(&vec![0.0; n], &Moments { y: 0.0, ty: 0.0, yy: 0.0 }, tau / step);
            let error = sigma / step / (3.0 * (s.dd - s.gd * s.gd / s.gg).sqrt()) * step;
            let pulls: Vec<f64> = (0..200)
                .map(|k| {
                    let mut r = Random::named("ramp", k);
                    let y: Vec<f64> = (0..n).map(|i| clean(i as f64 * step) + sigma * r.normal()).collect();
                    let f = fit(&y, step).unwrap();
                    assert!((f.residual / sigma - 1.0).abs() < 0.15);
                    (f.relaxation - tau) / error
                })
                .collect();
            let m = crate::num::sum::moments(&pulls);
            assert!(m.mean.abs() < 0.21 && (m.std.powi(2) - 1.0).abs() < 0.3, "{tau}: {} {}", m.mean, m.std);
        }
    }

    #[test]
    fn what_has_no_relaxation_time_has_none() {
        let line: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(fit(&line, 1.0), None);
        assert_eq!(fit(&[1.0; 50], 1.0).filter(|r| r.relaxation < 100.0), None);
        assert_eq!(fit(&[0.0, 1.0], 1.0), None);
    }
}
