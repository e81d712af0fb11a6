//! Kohlrausch, Williams & Watts: φ = exp[−(t/τ)^β], in frequency by series where they converge fast (Wuttke 2012,
//! doi:10.3390/a5040604) and between them by an integral along a ray of the complex plane, where it does not oscillate.

use num_complex::Complex64;

use super::{Model, ModelDoc, Shape};

/// The stretched exponential.
pub struct Kww;

impl Model for Kww {
    fn doc(&self) -> &'static ModelDoc {
        &ModelDoc {
            id: "kww",
            about: "the transform of exp[−(t/τ)^β]",
            reference: "doi:10.1039/tf9706600080; METHODS §11; S1 Fig. 9",
            shape: &[Shape { name: "kww_beta", low: 0.1, high: 1.0, starts: &[0.4, 0.7] }],
        }
    }

    fn susceptibility(&self, omega_tau: f64, shape: &[f64]) -> Complex64 {
        susceptibility(omega_tau, shape[0])
    }

    fn relaxation(&self, t: f64, shape: &[f64]) -> f64 {
        decay(t, shape[0])
    }
}

/// exp(−t^β), t in τ.
pub fn decay(t: f64, beta: f64) -> f64 {
    libm::exp(-libm::pow(t, beta))
}

/// Mean time over τ: ⟨τ⟩/τ = Γ(1/β)/β.
pub fn mean_time(beta: f64) -> f64 {
    libm::tgamma(1.0 / beta) / beta
}

/// Terms that a series may take.
const TERMS: usize = 60;
/// Relative size of the term at which a series ends.
const ENOUGH: f64 = 1e-13;

/// χ(ωτ) to 10⁻¹⁰ of its parts, for β of 0.1 to 1.
pub fn susceptibility(omega: f64, beta: f64) -> Complex64 {
    if beta > 1.0 - 1e-12 {
        return Complex64::new(1.0, -omega) / (1.0 + omega * omega);
    }
    slow(omega, beta).or_else(|| fast(omega, beta)).unwrap_or_else(|| along_ray(omega, beta))
}

/// Σ Γ(1+k/β)/k! (−iω)ᵏ: asymptotic, for small ω.
fn slow(omega: f64, beta: f64) -> Option<Complex64> {
    let mut parts = [0.0; 2];
    let mut last = f64::INFINITY;
    for k in 0..TERMS {
        let log = libm::lgamma(1.0 + k as f64 / beta) - libm::lgamma(1.0 + k as f64) + k as f64 * libm::log(omega);
        let size = libm::exp(log);
        if size > last && k > 1 {
            return None;
        }
        last = size;
        // (−i)ᵏ = 1, −i, −1, i.
        parts[k % 2] += if matches!(k % 4, 1 | 2) { -size } else { size };
        if k > 1 && size < ENOUGH * parts[1].abs() {
            return Some(Complex64::new(parts[0], parts[1]));
        }
    }
    None
}

/// Σ (−1)^{k+1} Γ(1+kβ)/k! (iω)^{−kβ}: convergent, for large ω.
fn fast(omega: f64, beta: f64) -> Option<Complex64> {
    let log = libm::log(omega);
    let mut sum = Complex64::new(0.0, 0.0);
    let mut first = 0.0;
    for k in 1..TERMS {
        let exponent = k as f64 * beta;
        let size = libm::exp(libm::lgamma(1.0 + exponent) - libm::lgamma(1.0 + k as f64) - exponent * log);
        if k == 1 {
            first = size;
        }
        // Terms above the first would cancel each other's digits.
        if size > first {
            return None;
        }
        let angle = -exponent * std::f64::consts::FRAC_PI_2;
        let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
        sum += Complex64::new(libm::cos(angle), libm::sin(angle)) * (sign * size);
        if size < ENOUGH * sum.im.abs() {
            return Some(sum);
        }
    }
    None
}

/// ∫ β t^{β−1} e^{−t^β − iωt} dt along t = u e^{−iπ/4}, u = s·exp(x − e^{−x}), by the trapezoid in x.
fn along_ray(omega: f64, beta: f64) -> Complex64 {
    const STEP: f64 = 1.0 / 12.0;
    const DEEP: f64 = 34.0;
    let quarter = std::f64::consts::FRAC_PI_4;
    let (sine, cosine) = (libm::sin(beta * quarter), libm::cos(beta * quarter));
    // sin π/4 = cos π/4.
    let side = std::f64::consts::FRAC_1_SQRT_2;
    let scale = 1.0 / (1.0 + omega);
    let longest = (DEEP / (omega * side)).min(libm::pow(DEEP / cosine, 1.0 / beta));
    let from = -libm::log(DEEP / beta);
    let to = libm::log(longest / scale) + 1.0;
    let mut sum = Complex64::new(0.0, 0.0);
    let count = ((to - from) / STEP).ceil() as usize;
    for i in 0..=count {
        let x = from + i as f64 * STEP;
        let left = libm::exp(-x);
        let log_u = libm::log(scale) + x - left;
        let u = libm::exp(log_u);
        let power = libm::exp(beta * log_u);
        let (re, im) = (-power * cosine - omega * u * side, power * sine - omega * u * side);
        if re < -745.0 {
            continue;
        }
        // β t^β du/u: the phase of t^β is −βπ/4.
        let size = beta * power * (1.0 + left) * libm::exp(re);
        let angle = im - beta * quarter;
        sum += Complex64::new(libm::cos(angle), libm::sin(angle)) * size;
    }
    sum * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_constants() {
        // ω_max τ, χ″_max, ⟨τ⟩/τ and the wing Γ(1+β) sin(πβ/2): independent integrals in double precision, six digits.
        for (beta, peak, height, mean, wing) in [
            (0.3, 0.6561, 0.16901, 9.2605, 0.4074),
            (0.5, 0.7370, 0.27349, 2.0, 0.6267),
            (0.7, 0.8329, 0.37060, 1.2658, 0.8096),
        ] {
            let loss = |w: f64| -susceptibility(w, beta).im;
            assert!((Kww.peak(&[beta]) - peak).abs() < 5e-5, "{beta}");
            assert!((loss(Kww.peak(&[beta])) - height).abs() < 5e-6, "{beta}");
            assert!((mean_time(beta) - mean).abs() < 5e-5);
            // Low frequencies: χ″ = ω⟨τ⟩; high ones: the wing.
            assert!((loss(1e-9) / (1e-9 * mean_time(beta)) - 1.0).abs() < 1e-8);
            let far = 1e12;
            assert!((loss(far) * libm::pow(far, beta) - wing).abs() < 1e-3 * wing + 5e-5, "{beta}");
        }
    }

    #[test]
    fn the_half_exponent_in_closed_form() {
        // β = ½: ∫ e^{−√t − iωt} dt in closed form is known by its Laplace transform at real p: 1/p − √π/(2p^{3/2})
        // e^{1/4p} erfc(1/(2√p)); here p runs along the ray p = iω, so the series and the ray are compared where they meet
        // instead, and with the transform of Debye as β goes to 1.
        for beta in [0.15, 0.3, 0.5, 0.7, 0.9, 0.97] {
            for k in -40..40 {
                let omega = libm::exp10(0.1 * f64::from(k));
                let ray = along_ray(omega, beta);
                for other in [slow(omega, beta), fast(omega, beta)].into_iter().flatten() {
                    let d = other - ray;
                    assert!(d.re.abs() < 1e-10 && d.im.abs() < 1e-10, "{beta} {omega}: {d}");
                }
            }
        }
        let d = susceptibility(0.7, 1.0 - 1e-9) - susceptibility(0.7, 1.0);
        assert!(d.re.abs() < 1e-8 && d.im.abs() < 1e-8);
    }

    #[test]
    fn the_ray_against_plain_sums() {
        // 1 − iω∫φe^{−iωt}dt by a plain sum over t for β = 0.8, where the decay is fast: Simpson over 4·10⁵ steps to t = 200.
        let (beta, n, end) = (0.8, 400_000usize, 200.0);
        for omega in [0.3, 1.0, 3.0] {
            let h = end / n as f64;
            let mut sum = Complex64::new(0.0, 0.0);
            for i in 0..=n {
                let t = i as f64 * h;
                let w = if i == 0 || i == n {
                    1.0
                } else if i % 2 == 1 {
                    4.0
                } else {
                    2.0
                };
                sum += Complex64::new(libm::cos(omega * t), -libm::sin(omega * t)) * (w * decay(t, beta) * h / 3.0);
            }
            let want = Complex64::new(1.0, 0.0) - Complex64::new(0.0, omega) * sum;
            let d = susceptibility(omega, beta) - want;
            // Simpson at the root of t at 0 errs by h^{1.8}: 2·10⁻⁶ times a few.
            assert!(d.re.abs() < 3e-6 && d.im.abs() < 3e-6, "{omega}: {d}");
        }
    }
}
