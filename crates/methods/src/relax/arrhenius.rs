//! f = f∞ exp(−E/RT) through peak temperatures at several frequencies (METHODS §11).

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::GAS_CONSTANT;
use crate::num::quantile::quantile;
use crate::num::random::Stream;

/// An activation energy with its prefactor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrhenius {
    /// E, J/mol.
    pub energy: f64,
    /// One standard error of E, J/mol.
    pub energy_error: f64,
    /// log₁₀ (f∞ / Hz).
    pub log10_prefactor: f64,
    /// One standard error of it.
    pub log10_prefactor_error: f64,
    /// Correlation of E and ln f∞: near 1, so that neither is known without the other (compensation).
    pub correlation: f64,
    /// Student's factor of a 95 % interval.
    pub factor: f64,
    /// Temperatures used.
    pub points: usize,
    /// Weighted mean of 1/T, 1/K, about which slope and height are independent.
    mean_inverse: f64,
    /// One standard error of ln f there.
    height_error: f64,
}

impl Arrhenius {
    /// The law at a temperature (K), Hz.
    pub fn at(&self, temperature: f64) -> f64 {
        libm::exp(self.log10_prefactor * std::f64::consts::LN_10 - self.energy / (GAS_CONSTANT * temperature))
    }

    /// One standard error of ln f on the line at a temperature (K).
    pub fn log_error_at(&self, temperature: f64) -> f64 {
        let d = 1.0 / temperature - self.mean_inverse;
        libm::hypot(self.height_error, d * self.energy_error / GAS_CONSTANT)
    }
}

/// Peaks that give no energy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArrheniusError {
    /// Too few.
    #[error("{0} different peaks; an activation energy with an interval needs at least 3")]
    TooFew(usize),
    /// All at one temperature, or moving the wrong way.
    #[error("the peak does not move to higher temperature with frequency: it is no thermally activated relaxation")]
    NotActivated,
}

/// Fits ln f against 1/T; each point weighs by its `error` (K, one standard error) where all have one.
///
/// # Errors
/// [`ArrheniusError`].
pub fn arrhenius(frequency: &[f64], temperature: &[f64], error: &[f64]) -> Result<Arrhenius, ArrheniusError> {
    let n = frequency.len();
    // A peak that is listed twice is one.
    let mut distinct: Vec<[u64; 2]> =
        frequency.iter().zip(temperature).map(|(f, t)| [f.to_bits(), t.to_bits()]).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 3 {
        return Err(ArrheniusError::TooFew(distinct.len()));
    }
    let x: Vec<f64> = temperature.iter().map(|t| 1.0 / t).collect();
    let y: Vec<f64> = frequency.iter().map(|f| libm::log(*f)).collect();
    // An error in T is one in 1/T; along the line it is an error in ln f with a common factor E/R.
    let known = error.iter().all(|e| e.is_finite() && *e > 0.0);
    let w: Vec<f64> = (0..n).map(|i| if known { (x[i] * x[i] * error[i]).powi(-2) } else { 1.0 }).collect();
    let total: f64 = w.iter().sum();
    let mean = |v: &[f64]| v.iter().zip(&w).map(|(v, w)| v * w).sum::<f64>() / total;
    let (mx, my) = (mean(&x), mean(&y));
    let (mut sxx, mut sxy) = (0.0, 0.0);
    for i in 0..n {
        sxx += w[i] * (x[i] - mx) * (x[i] - mx);
        sxy += w[i] * (x[i] - mx) * (y[i] - my);
    }
    let slope = sxy / sxx;
    if !(slope < 0.0) {
        return Err(ArrheniusError::NotActivated);
    }
    let rss: f64 = (0..n).map(|i| w[i] * (y[i] - my - slope * (x[i] - mx)).powi(2)).sum();
    // The scatter about the line scales the errors: that of a peak position is known only up to the model of its top.
    let s2 = rss / (n as f64 - 2.0);
    let slope_error = (s2 / sxx).sqrt();
    let intercept_error = (s2 * (1.0 / total + mx * mx / sxx)).sqrt();
    let factor = StudentsT::new(0.0, 1.0, n as f64 - 2.0).map_or(f64::NAN, |t| t.inverse_cdf(0.975));
    Ok(Arrhenius {
        energy: -slope * GAS_CONSTANT,
        energy_error: slope_error * GAS_CONSTANT,
        log10_prefactor: (my - slope * mx) / std::f64::consts::LN_10,
        log10_prefactor_error: intercept_error / std::f64::consts::LN_10,
        correlation: mx / (sxx / total + mx * mx).sqrt(),
        factor,
        points: n,
        mean_inverse: mx,
        height_error: (s2 / total).sqrt(),
    })
}

/// By how much E (J/mol) and log₁₀ f∞ move where all temperatures are displaced together, each by its own: what one cause does
/// to all of them does not average out. Nothing where no displacements are known.
pub fn displaced(frequency: &[f64], temperature: &[f64], error: &[f64], by: &[f64], law: &Arrhenius) -> [f64; 2] {
    if by.len() != temperature.len() {
        return [0.0; 2];
    }
    let known = |d: &f64| if d.is_finite() { *d } else { 0.0 };
    let moved: Vec<f64> = temperature.iter().zip(by).map(|(t, d)| t + known(d)).collect();
    match arrhenius(frequency, &moved, error) {
        Ok(other) => [other.energy - law.energy, other.log10_prefactor - law.log10_prefactor].map(f64::abs),
        Err(_) => [0.0; 2],
    }
}

/// Half width of a 95 % interval of E in standard errors, by bootstrap-t: new temperatures scattered about the line as
/// the observed ones are, fitted again, each deviation over its own error. For Gaussian scatter it meets Student's factor.
pub fn bootstrap_factor(
    f: &[f64],
    t: &[f64],
    error: &[f64],
    law: &Arrhenius,
    resamples: usize,
    stream: &Stream,
) -> f64 {
    let known = error.iter().all(|e| e.is_finite() && *e > 0.0);
    let on_line: Vec<f64> = f
        .iter()
        .map(|f| law.energy / GAS_CONSTANT / (law.log10_prefactor * std::f64::consts::LN_10 - libm::log(*f)))
        .collect();
    let scale = |i: usize| if known { error[i] } else { t[i] * t[i] };
    let freedom = t.len() as f64 - 2.0;
    let rss: f64 = (0..t.len()).map(|i| ((t[i] - on_line[i]) / scale(i)).powi(2)).sum();
    let scatter = (rss / freedom).sqrt();
    let mut deviations: Vec<f64> = (0..resamples)
        .filter_map(|i| {
            let mut random = stream.replicate(i);
            let new: Vec<f64> = (0..t.len()).map(|i| on_line[i] + scatter * scale(i) * random.normal()).collect();
            let fit = arrhenius(f, &new, error).ok()?;
            let d = ((fit.energy - law.energy) / fit.energy_error).abs();
            d.is_finite().then_some(d)
        })
        .collect();
    // Exact peaks have no scatter: the interval has no width, whatever its factor.
    if deviations.len() * 2 < resamples { law.factor } else { quantile(&mut deviations, 0.95) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    #[test]
    fn exact_peaks_give_the_energy_back() {
        let f = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
        let (e, a) = (83_000.0, 12.571_920_739_698_855);
        let t: Vec<f64> =
            f.iter().map(|f: &f64| e / GAS_CONSTANT / (a * std::f64::consts::LN_10 - libm::log(*f))).collect();
        let fit = arrhenius(&f, &t, &[f64::NAN; 6]).unwrap();
        assert!((fit.energy / e - 1.0).abs() < 1e-10 && (fit.log10_prefactor - a).abs() < 1e-8);
        assert!(fit.energy_error / e < 1e-9 && fit.correlation > 0.99);
        // Student, 4 degrees of freedom: tables give 2.776.
        assert!((fit.factor - 2.776_445).abs() < 1e-5);
    }

    #[test]
    fn intervals_cover() {
        // 400 sets of 6 peaks with 0.3 K error: the 95 % interval holds the truth in 92.5 to 97.5 % (±2.3 sd; false alarm 2 %).
        let f = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
        let mut covered = 0;
        let mut r = crate::num::random::Random::named("arrhenius", 1);
        for _ in 0..400 {
            let t: Vec<f64> =
                f.iter().map(|f: &f64| 83e3 / GAS_CONSTANT / (28.9 - libm::log(*f)) + 0.3 * r.normal()).collect();
            let fit = arrhenius(&f, &t, &[0.3; 6]).unwrap();
            covered += usize::from((fit.energy - 83e3).abs() <= fit.factor * fit.energy_error);
        }
        assert!((370..=390).contains(&covered), "{covered}");
    }

    #[test]
    fn bootstrap_t_meets_student() {
        let f = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
        let mut r = Random::named("bootstrap-t", 1);
        let t: Vec<f64> =
            f.iter().map(|f: &f64| 83e3 / GAS_CONSTANT / (28.9 - libm::log(*f)) + 0.2 * r.normal()).collect();
        let law = arrhenius(&f, &t, &[0.2; 6]).unwrap();
        // 4000 resamples: the 95 % quantile of |t₄| has a standard error near 0.05; four of them.
        let factor = bootstrap_factor(&f, &t, &[0.2; 6], &law, 4000, &Stream::named("x"));
        assert!((factor - law.factor).abs() < 0.2, "{factor} {}", law.factor);
        assert!((law.at(t[2]) / 2.0 - 1.0).abs() < 0.1 && law.log_error_at(t[2]) < law.log_error_at(300.0));
    }

    #[test]
    fn too_few_or_backwards_is_an_error() {
        assert_eq!(arrhenius(&[1.0, 2.0], &[300.0, 310.0], &[0.1; 2]), Err(ArrheniusError::TooFew(2)));
        assert_eq!(arrhenius(&[1.0, 2.0, 4.0], &[320.0, 310.0, 300.0], &[0.1; 3]), Err(ArrheniusError::NotActivated));
    }
}
