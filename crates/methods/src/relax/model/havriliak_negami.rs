//! Havriliak & Negami (1967, doi:10.1016/0032-3861(67)90021-3) and what it contains: Debye, Cole–Cole, Cole–Davidson.

use num_complex::Complex64;

use super::{Model, ModelDoc, Shape};

/// Havriliak–Negami susceptibility χ = 1/[1 + (iωτ)^α]^γ; Cole–Cole for γ = 1, Cole–Davidson for α = 1, Debye for both.
///
/// `omega_tau` > 0. The loss of a modulus M_u − ΔM χ is −ΔM Im χ.
pub fn havriliak_negami(omega_tau: f64, alpha: f64, gamma: f64) -> Complex64 {
    let size = libm::pow(omega_tau, alpha);
    let angle = alpha * std::f64::consts::FRAC_PI_2;
    let base = Complex64::new(1.0 + size * libm::cos(angle), size * libm::sin(angle));
    let (modulus, argument) = (libm::hypot(base.re, base.im), libm::atan2(base.im, base.re));
    let (m, a) = (libm::pow(modulus, -gamma), -gamma * argument);
    Complex64::new(m * libm::cos(a), m * libm::sin(a))
}

/// φ(t/τ) of Havriliak–Negami: the inverse Laplace transform of (1 − χ)/s by the midpoint rule on a parabola about the cut
/// (Weideman & Trefethen 2007, doi:10.1090/S0025-5718-07-01945-X). Of Cole–Cole it is the Mittag-Leffler function E_α(−t^α),
/// the decay of a fractional element.
pub fn decay(t: f64, alpha: f64, gamma: f64) -> f64 {
    // Nodes on one side of the real axis; the error falls as 2.85^{−N}.
    const NODES: usize = 22;
    if !(t > 0.0) {
        return 1.0;
    }
    let (h, mu) = (3.0 / NODES as f64, std::f64::consts::PI / 12.0 * NODES as f64 / t);
    let term = |k: usize| {
        let u = h * (k as f64 + 0.5);
        let s = Complex64::new(mu * (1.0 - u * u), 2.0 * mu * u);
        let slope = Complex64::new(-2.0 * mu * u, 2.0 * mu);
        let (size, angle) = (libm::exp(s.re * t), s.im * t);
        let growth = Complex64::new(size * libm::cos(angle), size * libm::sin(angle));
        growth * ((Complex64::new(1.0, 0.0) - laplace(s, alpha, gamma)) / s) * slope
    };
    // One side by symmetry.
    let sum: f64 = (0..NODES).map(|k| term(k).im).sum();
    h / std::f64::consts::PI * sum
}

/// χ at iωτ = s.
fn laplace(s: Complex64, alpha: f64, gamma: f64) -> Complex64 {
    let base = Complex64::new(1.0, 0.0) + power(s, alpha);
    power(base, -gamma)
}

fn power(z: Complex64, n: f64) -> Complex64 {
    let size = libm::pow(libm::hypot(z.re, z.im), n);
    let angle = n * libm::atan2(z.im, z.re);
    Complex64::new(size * libm::cos(angle), size * libm::sin(angle))
}

/// One relaxation time.
pub struct Debye;
/// A symmetric distribution of times.
pub struct ColeCole;
/// A distribution that ends at τ.
pub struct ColeDavidson;
/// Both.
pub struct HavriliakNegami;

impl Model for Debye {
    fn doc(&self) -> &'static ModelDoc {
        &ModelDoc {
            id: "debye", about: "one relaxation time, a Maxwell element", reference: "METHODS §11", shape: &[]
        }
    }

    fn susceptibility(&self, omega_tau: f64, _: &[f64]) -> Complex64 {
        Complex64::new(1.0, -omega_tau) / (1.0 + omega_tau * omega_tau)
    }

    fn relaxation(&self, t: f64, _: &[f64]) -> f64 {
        libm::exp(-t)
    }

    fn peak(&self, _: &[f64]) -> f64 {
        1.0
    }
}

impl Model for ColeCole {
    fn doc(&self) -> &'static ModelDoc {
        &ModelDoc {
            id: "cole-cole",
            about: "a symmetric distribution of times; the fractional Zener element",
            reference: "doi:10.1063/1.1750906; METHODS §11",
            shape: &[Shape { name: "cc_alpha", low: 0.05, high: 1.0, starts: &[0.4, 0.7] }],
        }
    }

    fn susceptibility(&self, omega_tau: f64, shape: &[f64]) -> Complex64 {
        havriliak_negami(omega_tau, shape[0], 1.0)
    }

    fn relaxation(&self, t: f64, shape: &[f64]) -> f64 {
        decay(t, shape[0], 1.0)
    }

    fn peak(&self, _: &[f64]) -> f64 {
        1.0
    }
}

impl Model for ColeDavidson {
    fn doc(&self) -> &'static ModelDoc {
        &ModelDoc {
            id: "cole-davidson",
            about: "times that end at τ, with a power law on the side of high frequencies",
            reference: "doi:10.1063/1.1748105; METHODS §11",
            shape: &[Shape { name: "cd_gamma", low: 0.05, high: 1.0, starts: &[0.3, 0.6] }],
        }
    }

    fn susceptibility(&self, omega_tau: f64, shape: &[f64]) -> Complex64 {
        havriliak_negami(omega_tau, 1.0, shape[0])
    }

    fn relaxation(&self, t: f64, shape: &[f64]) -> f64 {
        decay(t, 1.0, shape[0])
    }

    fn peak(&self, shape: &[f64]) -> f64 {
        libm::tan(std::f64::consts::FRAC_PI_2 / (1.0 + shape[0]))
    }
}

impl Model for HavriliakNegami {
    fn doc(&self) -> &'static ModelDoc {
        &ModelDoc {
            id: "havriliak-negami",
            about: "power laws on both sides of the peak: α below, αγ above",
            reference: "doi:10.1016/0032-3861(67)90021-3; METHODS §11; S1 Fig. 8",
            shape: &[
                Shape { name: "hn_alpha", low: 0.05, high: 1.0, starts: &[0.6, 0.9] },
                Shape { name: "hn_gamma", low: 0.05, high: 3.0, starts: &[0.4, 0.9] },
            ],
        }
    }

    fn susceptibility(&self, omega_tau: f64, shape: &[f64]) -> Complex64 {
        havriliak_negami(omega_tau, shape[0], shape[1])
    }

    fn relaxation(&self, t: f64, shape: &[f64]) -> f64 {
        decay(t, shape[0], shape[1])
    }

    fn peak(&self, shape: &[f64]) -> f64 {
        let [a, g] = [shape[0], shape[1]];
        let at = |x: f64| libm::sin(std::f64::consts::FRAC_PI_2 * a * x / (1.0 + g));
        libm::pow(at(1.0) / at(g), 1.0 / a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debye_and_the_peak_of_havriliak_negami() {
        let d = havriliak_negami(1.0, 1.0, 1.0);
        assert!((d.re - 0.5).abs() < 1e-15 && (d.im + 0.5).abs() < 1e-15);
        // α 0.95, γ 0.41: the loss peaks at ωτ = 2.15406 with χ″ = 0.29509 (closed form).
        let loss = |w: f64| -havriliak_negami(w, 0.95, 0.41).im;
        assert!((loss(2.154_06) - 0.295_09).abs() < 1e-5);
        assert!(loss(2.1) < loss(2.154_06) && loss(2.2) < loss(2.154_06));
        assert!((HavriliakNegami.peak(&[0.95, 0.41]) - 2.154_06).abs() < 1e-5);
    }

    #[test]
    fn decays_meet_their_closed_forms() {
        for i in -12..9 {
            let t = libm::exp(f64::from(i));
            // Debye; Cole–Cole of ½ is exp(t) erfc(√t); Cole–Davidson is Γ(γ, t)/Γ(γ).
            assert!((decay(t, 1.0, 1.0) - libm::exp(-t)).abs() < 1e-9, "{t}");
            if t < 500.0 {
                assert!((decay(t, 0.5, 1.0) - libm::exp(t) * libm::erfc(t.sqrt())).abs() < 1e-9, "{t}");
            }
            for gamma in [0.3, 0.7] {
                let want = statrs::function::gamma::gamma_ur(gamma, t);
                assert!((decay(t, 1.0, gamma) - want).abs() < 1e-8, "{t} {gamma}");
            }
        }
        assert_eq!(decay(0.0, 0.7, 0.6), 1.0);
    }

    #[test]
    fn wings_and_width_of_havriliak_negami() {
        // Slopes 0.95 and 0.95·0.41 = 0.3895 six decades away; full width at half height 1.896 decades.
        let loss = |x: f64| libm::log10(-havriliak_negami(libm::exp10(x), 0.95, 0.41).im);
        assert!((loss(-6.0) - loss(-7.0) - 0.95).abs() < 1e-4);
        assert!((loss(7.0) - loss(8.0) - 0.3895).abs() < 1e-4);
        let half = libm::log10(0.5 * 0.295_09);
        let cross = |mut a: f64, mut b: f64| {
            for _ in 0..60 {
                let m = 0.5 * (a + b);
                if (loss(m) > half) == (loss(a) > half) { a = m } else { b = m }
            }
            a
        };
        let width = cross(0.3, 4.0) - cross(-4.0, 0.3);
        assert!((width - 1.896).abs() < 1e-3, "{width}");
    }
}
