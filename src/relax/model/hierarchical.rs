//! The compliance of a glass whose β process opens the way to a correlated α process, and the way from compliance to
//! relaxation (S4 Eq. 1, 2; METHODS §11).

/// Parameters of [`compliance`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hierarchical {
    /// Modulus at once, Pa.
    pub modulus: f64,
    /// Strength of the β process, 1/Pa.
    pub beta_strength: f64,
    /// Its time, s.
    pub tau_beta: f64,
    /// Strength of the α process, 1/Pa.
    pub alpha_strength: f64,
    /// Its time, s.
    pub tau_alpha: f64,
    /// Correlation χ, from 0 (order) to 1 (disorder).
    pub chi: f64,
}

impl Hierarchical {
    /// J(t) = 1/E + A_β(1 − e^{−t/τ_β}) + A{1 − exp[−(t/τ_α)^χ/χ]} + A t/τ_α, 1/Pa.
    pub fn compliance(&self, t: f64) -> f64 {
        let beta = -libm::expm1(-t / self.tau_beta);
        let x = t / self.tau_alpha;
        let alpha = -libm::expm1(-libm::pow(x, self.chi) / self.chi);
        1.0 / self.modulus + self.beta_strength * beta + self.alpha_strength * (alpha + x)
    }
}

/// τ_α = (τ_β/t₀^{1−χ})^{1/χ}, s (S4 Eq. 1).
pub fn tau_alpha(tau_beta: f64, t0: f64, chi: f64) -> f64 {
    libm::pow(tau_beta / libm::pow(t0, 1.0 - chi), 1.0 / chi)
}

/// E at the middles of the steps of rising `times` (s, from above 0) from J(t): `∫ E(t−s) J(s) ds = t`, step by step
/// (Hopkins & Hamming 1957, doi:10.1063/1.1722885). Returns `(time, E)`.
pub fn relaxation(compliance: impl Fn(f64) -> f64, times: &[f64]) -> Vec<(f64, f64)> {
    let mut at = vec![0.0];
    at.extend_from_slice(times);
    let mut out: Vec<(f64, f64)> = Vec::with_capacity(times.len());
    for n in 1..at.len() {
        let end = at[n];
        // ∫J up to the distance of each earlier time.
        let f: Vec<f64> = (0..n).map(|i| integral(&compliance, end - at[i])).collect();
        let before: f64 = (0..n - 1).map(|i| out[i].1 * (f[i] - f[i + 1])).sum();
        out.push((0.5 * (at[n - 1] + end), (end - before) / f[n - 1]));
    }
    out
}

/// ∫₀ᵗ J, with steps that crowd where J rises as a small power of time.
fn integral(compliance: &impl Fn(f64) -> f64, t: f64) -> f64 {
    const HALVES: usize = 24;
    let h = 1.0 / (2 * HALVES) as f64;
    let sum: f64 = (0..=2 * HALVES)
        .map(|i| {
            let v = i as f64 * h;
            let weight = if i == 0 || i == 2 * HALVES {
                1.0
            } else if i % 2 == 1 {
                4.0
            } else {
                2.0
            };
            // s = t v⁴.
            weight * 4.0 * v * v * v * compliance(t * v * v * v * v)
        })
        .sum();
    t * sum * h / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_solid_there_and_back() {
        // J = 1/E + A(1 − e^{−t/τ}) relaxes as E = 1/(1/E+A) + … e^{−t/τ_r}, τ_r = τ/(1 + AE): closed form.
        let (e, a, tau) = (2.0, 0.5, 3.0);
        let times: Vec<f64> = (0..240).map(|i| libm::exp10(-2.0 + f64::from(i) / 60.0)).collect();
        let low = 1.0 / (1.0 / e + a);
        for (t, got) in relaxation(|t| 1.0 / e + a * (1.0 - libm::exp(-t / tau)), &times) {
            let want = low + (e - low) * libm::exp(-t * (1.0 + a * e) / tau);
            // Steps of 4 %: E within a step is taken as constant.
            assert!((got / want - 1.0).abs() < 2e-3, "{t}: {got} {want}");
        }
    }

    #[test]
    fn limits_of_the_hierarchical_compliance() {
        let h = Hierarchical {
            modulus: 30e9,
            beta_strength: 2e-12,
            tau_beta: 5.0,
            alpha_strength: 1e-11,
            tau_alpha: 1e4,
            chi: 0.4,
        };
        assert!((h.compliance(0.0) * 30e9 - 1.0).abs() < 1e-12);
        // Long after: 1/E + A_β + A + A t/τ_α.
        let t = 1e9;
        assert!((h.compliance(t) / (1.0 / 30e9 + 2e-12 + 1e-11 * (1.0 + t / 1e4)) - 1.0).abs() < 1e-9);
        // χ = 1 makes both times one.
        assert!((tau_alpha(7.0, 1e-12, 1.0) - 7.0).abs() < 1e-12);
        assert!((tau_alpha(1e-4, 1e-13, 0.5) / (1e-8 / 1e-13) - 1.0).abs() < 1e-9);
    }
}
