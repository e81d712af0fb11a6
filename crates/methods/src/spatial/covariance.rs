//! The covariance models of a rough field and their fit to a structure function (METHODS §2).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::function::gamma::gamma;

use super::structure_function::Curve;
use crate::num::fit::{FitError, Parameter, least_squares};

/// C(r) = σ² exp[−(r/ξ)^{2α}] + σₙ² δ(r), so H(r) = 2σ² {1 − exp[−(r/ξ)^{2α}]} + 2σₙ² for r > 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Covariance {
    /// Standard deviation of the correlated part, in the map's SI unit.
    pub sigma: f64,
    /// Lateral correlation length, m.
    pub xi: f64,
    /// Roughness exponent in (0, 1].
    pub alpha: f64,
    /// Standard deviation of the uncorrelated part.
    pub noise: f64,
}

/// Which exponents a fit may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// α free in (0, 1].
    #[default]
    SelfAffine,
    /// α = 1.
    Gaussian,
    /// α = 1/2.
    Exponential,
    /// Of the three, the one with the smallest AICc.
    Auto,
}

impl Model {
    /// Its name in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Model::SelfAffine => "self-affine",
            Model::Gaussian => "gaussian",
            Model::Exponential => "exponential",
            Model::Auto => "auto",
        }
    }

    /// The one that gave this exponent.
    pub fn chosen(self, alpha: f64) -> Model {
        match self {
            Model::Auto if alpha == 1.0 => Model::Gaussian,
            Model::Auto if alpha == 0.5 => Model::Exponential,
            Model::Auto => Model::SelfAffine,
            model => model,
        }
    }

    fn fixed_alpha(self) -> Option<f64> {
        match self {
            Model::Gaussian => Some(1.0),
            Model::Exponential => Some(0.5),
            Model::SelfAffine | Model::Auto => None,
        }
    }
}

impl Covariance {
    /// Correlated part of the covariance at distance `r` (m).
    pub fn correlated(&self, r: f64) -> f64 {
        self.sigma * self.sigma * decay(r, self.xi, self.alpha)
    }

    /// Structure function at `r` > 0 (m).
    pub fn structure(&self, r: f64) -> f64 {
        2.0 * self.sigma * self.sigma * (1.0 - decay(r, self.xi, self.alpha)) + 2.0 * self.noise * self.noise
    }

    /// ∫ C/σ² along a line, m: 2 ξ Γ(1 + 1/(2α)), between √π ξ (Gaussian) and 2 ξ (exponential).
    pub fn correlation_length(&self) -> f64 {
        2.0 * self.xi * gamma(1.0 + 0.5 / self.alpha)
    }

    /// ∫ C/σ² over the plane, m²: the area of one independent patch, π ξ² Γ(1 + 1/α).
    pub fn correlation_area(&self) -> f64 {
        std::f64::consts::PI * self.xi * self.xi * gamma(1.0 + 1.0 / self.alpha)
    }

    /// ∫ C/σ² over space, m³: the volume of one independent part, (4π/3) ξ³ Γ(1 + 3/(2α)).
    pub fn correlation_volume(&self) -> f64 {
        4.0 / 3.0 * std::f64::consts::PI * self.xi.powi(3) * gamma(1.0 + 1.5 / self.alpha)
    }

    /// Distance at which the correlation has fallen to `level` (of 1), m.
    pub fn reach(&self, level: f64) -> f64 {
        self.xi * libm::pow(-libm::log(level), 0.5 / self.alpha)
    }
}

fn decay(r: f64, xi: f64, alpha: f64) -> f64 {
    if r <= 0.0 {
        return 1.0;
    }
    libm::exp(-libm::exp(2.0 * alpha * libm::log(r / xi)))
}

/// A model fitted to a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CovarianceFit {
    /// Its parameters.
    pub covariance: Covariance,
    /// Coefficient of determination of H over the fitted lags.
    pub r2: f64,
    /// Sum of the squares of the weighted residuals.
    pub chi2: f64,
    /// Corrected Akaike criterion of the weighted residuals; lags are correlated, so it ranks and does not test.
    pub aicc: f64,
    /// Lags used.
    pub points: usize,
}

/// Smallest exponent a fit may return.
const ALPHA_MIN: f64 = 0.05;

/// Fits `model` to the lags r ≤ `r_max`.
///
/// Residuals are relative to H and weighted by 1/√r: the lags of the plateau are many and say the same thing, and
/// counting them equally per logarithm of r keeps them from outvoting the rise.
///
/// # Errors
/// [`FitError`] if fewer lags than parameters lie below `r_max`.
pub fn fit(curve: &Curve, model: Model, noise: bool, r_max: f64) -> Result<CovarianceFit, FitError> {
    if model == Model::Auto {
        let three = [Model::Gaussian, Model::Exponential, Model::SelfAffine];
        let fits: Vec<CovarianceFit> = three.iter().filter_map(|m| fit(curve, *m, noise, r_max).ok()).collect();
        return fits
            .into_iter()
            .min_by(|a, b| a.aicc.total_cmp(&b.aicc))
            .ok_or_else(|| FitError("no model fits: too few lags".into()));
    }
    let points = Points::new(curve, r_max);
    let free = 2 + usize::from(model.fixed_alpha().is_none()) + usize::from(noise);
    points.enough(free)?;
    let (plateau, rise) = points.guess();
    let mut parameters =
        vec![Parameter::new(0.5 * libm::log(plateau / 2.0), f64::NEG_INFINITY, f64::INFINITY), points.log_xi(rise)];
    if model.fixed_alpha().is_none() {
        parameters.push(Parameter::new(0.75, ALPHA_MIN, 1.0));
    }
    if noise {
        // As a share of the smallest H/2, which it cannot exceed by much.
        parameters.push(Parameter::new(0.3, 0.0, 2.0));
    }
    let floor = points.h.iter().copied().fold(f64::INFINITY, f64::min).max(0.0) / 2.0;
    let covariance = |p: &[f64]| Covariance {
        sigma: libm::exp(p[0]),
        xi: libm::exp(p[1]),
        alpha: model.fixed_alpha().unwrap_or_else(|| p[2]),
        noise: if noise { (p[p.len() - 1] * floor).max(0.0).sqrt() } else { 0.0 },
    };
    let fit = least_squares(&parameters, points.h.len(), |p, out| points.residuals(&covariance(p), out))?;
    Ok(points.judge(covariance(&fit.parameters), fit.chi2, free))
}

/// Fits ξ and σ with the exponent and the noise of `of` kept: for one direction of a field.
///
/// # Errors
/// [`FitError`] as for [`fit`].
pub fn fit_direction(curve: &Curve, of: &Covariance, r_max: f64) -> Result<Covariance, FitError> {
    let points = Points::new(curve, r_max);
    points.enough(2)?;
    let (plateau, rise) = points.guess();
    let start = [
        Parameter::new(0.5 * libm::log((plateau / 2.0).max(f64::MIN_POSITIVE)), f64::NEG_INFINITY, f64::INFINITY),
        points.log_xi(rise),
    ];
    let with = |p: &[f64]| Covariance { sigma: libm::exp(p[0]), xi: libm::exp(p[1]), ..*of };
    let fit = least_squares(&start, points.h.len(), |p, out| points.residuals(&with(p), out))?;
    Ok(with(&fit.parameters))
}

/// Fits ξ alone: for an angular sector, whose few pairs do not determine σ too.
///
/// # Errors
/// [`FitError`] as for [`fit`].
pub fn fit_length(curve: &Curve, of: &Covariance, r_max: f64) -> Result<f64, FitError> {
    let points = Points::new(curve, r_max);
    points.enough(1)?;
    let start = points.log_xi(of.xi);
    let with = |p: &[f64]| Covariance { xi: libm::exp(p[0]), ..*of };
    let fit = least_squares(&[start], points.h.len(), |p, out| points.residuals(&with(p), out))?;
    Ok(libm::exp(fit.parameters[0]))
}

/// The lags of a curve that a fit uses.
struct Points {
    log_r: Vec<f64>,
    h: Vec<f64>,
    weight: Vec<f64>,
}

impl Points {
    fn new(curve: &Curve, r_max: f64) -> Points {
        let keep = |i: &usize| curve.r[*i] <= r_max * (1.0 + 1e-9) && curve.h[*i] > 0.0;
        let chosen: Vec<usize> = (0..curve.r.len()).filter(keep).collect();
        let h: Vec<f64> = chosen.iter().map(|i| curve.h[*i]).collect();
        let first = chosen.first().map_or(1.0, |i| curve.r[*i]);
        let weight = chosen.iter().map(|i| (first / curve.r[*i]).sqrt() / curve.h[*i]).collect();
        Points { log_r: chosen.iter().map(|i| libm::log(curve.r[*i])).collect(), h, weight }
    }

    fn enough(&self, parameters: usize) -> Result<(), FitError> {
        if self.h.len() <= parameters {
            return Err(FitError(format!(
                "{} lags do not determine {parameters} parameters; the map is too small for the lag range",
                self.h.len()
            )));
        }
        Ok(())
    }

    /// Plateau and the distance at which H reaches 1 − 1/e of it.
    fn guess(&self) -> (f64, f64) {
        let n = self.h.len();
        let mut last: Vec<f64> = self.h[n - n.div_ceil(3)..].to_vec();
        let plateau = crate::num::quantile::median(&mut last);
        let at = self.h.iter().position(|h| *h >= 0.632 * plateau).unwrap_or(n - 1);
        (plateau, libm::exp(self.log_r[at]))
    }

    /// ln ξ from a hundredth of the first lag to a hundred times the last.
    fn log_xi(&self, start: f64) -> Parameter {
        let (low, high) = (self.log_r[0], self.log_r[self.log_r.len() - 1]);
        Parameter::new(libm::log(start), low - 4.6, high + 4.6)
    }

    fn residuals(&self, c: &Covariance, out: &mut [f64]) {
        let (log_xi, variance, nugget) = (libm::log(c.xi), c.sigma * c.sigma, c.noise * c.noise);
        for (i, o) in out.iter_mut().enumerate() {
            let rise = -libm::expm1(-libm::exp(2.0 * c.alpha * (self.log_r[i] - log_xi)));
            *o = (self.h[i] - 2.0 * (variance * rise + nugget)) * self.weight[i];
        }
    }

    fn judge(&self, covariance: Covariance, chi2: f64, free: usize) -> CovarianceFit {
        let n = self.h.len();
        let mean = crate::num::sum::mean(&self.h);
        let (mut rss, mut tss) = (0.0, 0.0);
        for (log_r, h) in self.log_r.iter().zip(&self.h) {
            rss += (h - covariance.structure(libm::exp(*log_r))).powi(2);
            tss += (h - mean).powi(2);
        }
        let (nf, k) = (n as f64, free as f64 + 1.0);
        let small = if nf > k + 1.0 { 2.0 * k * (k + 1.0) / (nf - k - 1.0) } else { f64::INFINITY };
        let aicc = nf * libm::log((chi2 / nf).max(f64::MIN_POSITIVE)) + 2.0 * k + small;
        CovarianceFit { covariance, r2: 1.0 - rss / tss, chi2, aicc, points: n }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve_of(c: &Covariance, n: usize) -> Curve {
        let r: Vec<f64> = (1..=n).map(|i| i as f64 * 2e-9).collect();
        Curve { lag: (1..=n).collect(), h: r.iter().map(|r| c.structure(*r)).collect(), pairs: vec![1.0; n], r }
    }

    #[test]
    fn an_exact_curve_gives_its_parameters_back() {
        for alpha in [0.3, 0.5, 0.8, 1.0] {
            let truth = Covariance { sigma: 300.0, xi: 40e-9, alpha, noise: 0.0 };
            let got = fit(&curve_of(&truth, 100), Model::SelfAffine, false, 1.0).unwrap();
            assert!((got.covariance.xi / truth.xi - 1.0).abs() < 1e-5, "{alpha}: {got:?}");
            assert!((got.covariance.alpha - alpha).abs() < 1e-5 && (got.covariance.sigma / 300.0 - 1.0).abs() < 1e-5);
            assert!(got.r2 > 1.0 - 1e-9);
        }
        let truth = Covariance { sigma: 1.0, xi: 40e-9, alpha: 0.8, noise: 0.2 };
        let got = fit(&curve_of(&truth, 100), Model::SelfAffine, true, 1.0).unwrap().covariance;
        assert!((got.noise - 0.2).abs() < 1e-3 && (got.alpha - 0.8).abs() < 1e-3, "{got:?}");
    }

    #[test]
    fn auto_names_the_model_that_made_the_curve() {
        for alpha in [0.5, 1.0] {
            let truth = Covariance { sigma: 1.0, xi: 30e-9, alpha, noise: 0.0 };
            let mut curve = curve_of(&truth, 80);
            curve.h.iter_mut().enumerate().for_each(|(i, h)| *h *= 1.0 + 0.01 * libm::sin(i as f64 * 2.4));
            let got = fit(&curve, Model::Auto, false, 1.0).unwrap().covariance;
            assert!((got.alpha - alpha).abs() < 0.03, "{got:?}");
        }
    }

    #[test]
    fn the_correlation_area_is_the_integral() {
        for alpha in [0.5, 0.8, 1.0] {
            let c = Covariance { sigma: 1.0, xi: 2.0, alpha, noise: 0.0 };
            let step = 1e-3;
            let area: f64 = (0..60_000)
                .map(|i| (f64::from(i) + 0.5) * step)
                .map(|r| std::f64::consts::TAU * r * c.correlated(r) * step)
                .sum();
            assert!((area / c.correlation_area() - 1.0).abs() < 1e-5, "{alpha}");
        }
    }

    #[test]
    fn too_few_lags_are_an_error() {
        let truth = Covariance { sigma: 1.0, xi: 30e-9, alpha: 0.5, noise: 0.0 };
        assert!(fit(&curve_of(&truth, 2), Model::SelfAffine, false, 1.0).is_err());
        assert!(fit(&curve_of(&truth, 50), Model::Auto, false, 1e-12).is_err());
    }
}
