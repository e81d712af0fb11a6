//! The compliance of a glass whose β process opens the way to a correlated α process, the way from compliance to relaxation,
//! and fits of both (S4 Eq. 1, 2; METHODS §11).

use statrs::function::gamma::{gamma, gamma_lr};

use super::super::processes::{Bracket, NoFit};
use super::super::transient::Transient;
use crate::num::separable::Separable;
use crate::num::student::student;

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

    /// ∫₀ᵗ J, s/Pa, in closed form: the correlated part by the incomplete gamma function.
    pub fn integral(&self, t: f64) -> f64 {
        let beta = t + self.tau_beta * libm::expm1(-t / self.tau_beta);
        let x = t / self.tau_alpha;
        let (a, v) = (1.0 / self.chi, libm::pow(x, self.chi) / self.chi);
        // ∫₀ˣ exp(−u^χ/χ) du.
        let left = libm::pow(self.chi, a - 1.0) * gamma(a) * if v > 0.0 { gamma_lr(a, v) } else { 0.0 };
        let alpha = t - self.tau_alpha * left + 0.5 * self.tau_alpha * x * x;
        t / self.modulus + self.beta_strength * beta + self.alpha_strength * alpha
    }
}

/// τ_α = (τ_β/t₀^{1−χ})^{1/χ}, s (S4 Eq. 1).
pub fn tau_alpha(tau_beta: f64, t0: f64, chi: f64) -> f64 {
    libm::pow(tau_beta / libm::pow(t0, 1.0 - chi), 1.0 / chi)
}

/// t₀ of the same relation, s: τ_β = t₀^{1−χ} τ_α^χ.
pub fn zero_time(tau_beta: f64, tau_alpha: f64, chi: f64) -> f64 {
    libm::pow(tau_beta / libm::pow(tau_alpha, chi), 1.0 / (1.0 - chi))
}

/// E at the middles of the steps of rising `times` (s, from above 0) from ∫₀ᵗ J: `∫ E(t−s) J(s) ds = t`, step by step
/// (Hopkins & Hamming 1957, doi:10.1063/1.1722885). Returns `(time, E)`.
pub fn relaxation(integral: impl Fn(f64) -> f64, times: &[f64]) -> Vec<(f64, f64)> {
    let mut at = vec![0.0];
    at.extend_from_slice(times);
    let mut out: Vec<(f64, f64)> = Vec::with_capacity(times.len());
    for n in 1..at.len() {
        let end = at[n];
        // ∫J up to the distance of each earlier time.
        let f: Vec<f64> = (0..n).map(|i| integral(end - at[i])).collect();
        let before: f64 = (0..n - 1).map(|i| out[i].1 * (f[i] - f[i + 1])).sum();
        out.push((0.5 * (at[n - 1] + end), (end - before) / f[n - 1]));
    }
    out
}

/// A fitted model; strengths are parts of the compliance at once.
#[derive(Clone, Debug)]
pub struct Fit {
    /// Value at once: of a decay its start, of a creep its step.
    pub scale: Bracket,
    /// τ_β, s.
    pub tau_beta: Bracket,
    /// τ_α, s.
    pub tau_alpha: Bracket,
    /// χ.
    pub chi: Bracket,
    /// A_β E.
    pub beta_strength: Bracket,
    /// A E.
    pub alpha_strength: Bracket,
    /// Fitted values.
    pub curve: Vec<f64>,
    /// Root mean square of the residuals over the standard deviation of the data.
    pub residual: f64,
    /// Criterion of Akaike.
    pub aicc: f64,
    /// Parameters at the end of what was sought.
    pub at_bound: Vec<&'static str>,
}

/// How far beyond the times measured a time may lie, as a factor.
const BEYOND: f64 = 30.0;
/// Strengths that are sought, in parts of the compliance at once.
const STRENGTHS: [f64; 2] = [1e-4, 1e2];
/// χ that is sought.
const CHI: [f64; 2] = [0.1, 0.95];

/// The model of unit value at once.
fn model(p: &[f64]) -> Hierarchical {
    Hierarchical {
        modulus: 1.0,
        tau_beta: libm::exp(p[0]),
        tau_alpha: libm::exp(p[1]),
        chi: p[2],
        beta_strength: libm::exp(p[3]),
        alpha_strength: libm::exp(p[4]),
    }
}

/// Steps a decade and at most in which a relaxation is computed before it is read off at the times of the data: E within a
/// step counts as constant, which leaves less than a thousandth.
const STEPS: (f64, f64) = (40.0, 320.0);

/// E(t)/E(0) at rising times.
fn relaxed(h: &Hierarchical, time: &[f64]) -> Vec<f64> {
    let (first, last) = (time[0] / 30.0, time[time.len() - 1] * 1.1);
    let count = (STEPS.0 * libm::log10(last / first)).min(STEPS.1).ceil();
    let at: Vec<f64> = (0..=count as usize).map(|i| first * libm::pow(last / first, i as f64 / count)).collect();
    let e = relaxation(|t| h.integral(t), &at);
    time.iter()
        .map(|t| {
            let k = e.partition_point(|(u, _)| u < t).clamp(1, e.len() - 1);
            let (a, b) = (e[k - 1], e[k]);
            let part = libm::log(t / a.0) / libm::log(b.0 / a.0);
            a.1 + part * (b.1 - a.1)
        })
        .collect()
}

/// Fits a creep (`rising`) or a decay; intervals by profiles of a creep if asked for, else from the covariance.
///
/// # Errors
/// [`NoFit`] where the points do not determine the six parameters.
pub fn fit(d: &Transient, rising: bool, profiled: bool) -> Result<Fit, NoFit> {
    let t = &d.time;
    let window = [t[0], t[t.len() - 1]].map(libm::log);
    let time = [window[0] - libm::log(BEYOND), window[1] + libm::log(BEYOND)];
    let strength = STRENGTHS.map(libm::log);
    let bounds = [time, time, CHI, strength, strength];
    let columns = |p: &[f64]| {
        let h = model(p);
        let clean: Vec<f64> = if rising { t.iter().map(|t| h.compliance(*t)).collect() } else { relaxed(&h, t) };
        vec![d.weighted(&clean)]
    };
    let place = |part: f64| window[0] + part * (window[1] - window[0]);
    let mut starts = Vec::new();
    for (beta, alpha) in [(0.2, 0.6), (0.2, 0.9), (0.4, 0.9), (0.5, 1.1)] {
        for chi in [0.3, 0.6] {
            for (b, a) in [(0.05, 0.3), (0.3, 0.3), (0.05, 2.0)] {
                starts.push(vec![place(beta), place(alpha), chi, libm::log(b), libm::log(a)]);
            }
        }
    }
    let data = d.weighted(&d.value);
    let s = Separable { data: &data, columns, bounds: &bounds };
    let f = s.solve(&starts).map_err(|e| NoFit(e.to_string()))?;
    let q = student(f.freedom);
    let ends = |i: usize| match profiled && rising {
        true => s.profile(&f, i),
        false => [-1.0, 1.0].map(|side| f.sought[i] + side * q * f.error(1 + i)),
    };
    let bracket = |i: usize| (libm::exp(f.sought[i]), ends(i).map(libm::exp));
    let names = ["tau_beta", "tau_alpha", "chi", "beta_strength", "alpha_strength"];
    let spread = crate::num::sum::moments(&d.value).std;
    Ok(Fit {
        scale: (f.linear[0], [-1.0, 1.0].map(|side| f.linear[0] + side * q * f.error(0))),
        tau_beta: bracket(0),
        tau_alpha: bracket(1),
        chi: (f.sought[2], ends(2)),
        beta_strength: bracket(3),
        alpha_strength: bracket(4),
        residual: (f.chi2 / t.len() as f64).sqrt() / spread,
        aicc: f.aicc(),
        curve: d.fitted(&f.rest),
        at_bound: names.into_iter().zip(&f.at_bound).filter(|n| *n.1).map(|n| n.0).collect(),
    })
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
        for (t, got) in relaxation(|t| t / e + a * (t + tau * libm::expm1(-t / tau)), &times) {
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
        assert!((zero_time(1e-4, tau_alpha(1e-4, 1e-13, 0.4), 0.4) / 1e-13 - 1.0).abs() < 1e-9);
        // The integral is that of the compliance: Simpson's rule in v, t = v⁴, over 400 steps.
        let end = 3e3;
        let sum: f64 = (0..=800)
            .map(|i| {
                let v = f64::from(i) / 800.0;
                let w = if i == 0 || i == 800 { 1.0 } else { 2.0 + 2.0 * f64::from(i % 2) };
                w * 4.0 * v * v * v * h.compliance(end * v * v * v * v)
            })
            .sum();
        assert!((h.integral(end) / (end * sum / 2400.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn creep_and_relaxation_find_their_parameters() {
        // Noise of 3·10⁻⁴ of the value at once: every parameter in four of its standard errors (Student at 95 % is two).
        let h = Hierarchical {
            modulus: 1.0,
            beta_strength: 0.06,
            tau_beta: 5.0,
            alpha_strength: 0.4,
            tau_alpha: 2e4,
            chi: 0.4,
        };
        let time: Vec<f64> = (0..150).map(|i| 0.5 * libm::pow(1e5, f64::from(i) / 149.0)).collect();
        let mut r = crate::num::random::Random::named("hierarchical", 0);
        let e = relaxed(&h, &time);
        for rising in [true, false] {
            let clean = |i: usize| if rising { h.compliance(time[i]) } else { e[i] };
            let value = (0..150).map(|i| 2e8 * (clean(i) + 3e-4 * r.normal())).collect();
            let f = fit(&Transient::new(time.clone(), value), rising, true).unwrap();
            let value =
                [(f.tau_beta, 5.0), (f.tau_alpha, 2e4), (f.beta_strength, 0.06), (f.alpha_strength, 0.4), (f.chi, 0.4)];
            for (k, ((v, [low, high]), truth)) in value.into_iter().enumerate() {
                let (a, b) = (libm::log(low / v), libm::log(high / v));
                let off = libm::log(truth / v);
                assert!(2.0 * a <= off && off <= 2.0 * b, "{rising} {k}: {v} {low} {high}");
                assert!(b - a < 1.5, "{rising} {k}: {v} {low} {high}");
            }
            assert!((f.scale.0 / 2e8 - 1.0).abs() < 5e-3 && f.at_bound.is_empty());
        }
    }
}
