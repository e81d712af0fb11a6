//! Correlation of a field by distance with one or two lengths and a nugget: of what leaves a set above a level, of unit
//! variance (METHODS §13), and beside a covariance of one length, to see what it lacks (METHODS §14a).

use super::covariance::{Covariance, CovarianceFit};
use super::structure_function::Curve;
use crate::num::fit::{FitError, Parameter, least_squares};

/// ρ(r) = (1 − n) {(1 − w) exp[−(r/ξ)^{2α}] + w exp[−(r/qξ)^{2α}]} for r > 0, and 1 at r = 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Correlogram {
    /// Of the field.
    variance: f64,
    /// The shorter length, m.
    pub(super) xi: f64,
    /// Roughness exponent in (0, 1].
    pub(super) alpha: f64,
    /// Share n of white noise.
    nugget: f64,
    /// Share w of the longer length in the rest, and how many times the shorter one it is.
    longer: [f64; 2],
    /// Sum of the squares of the weighted residuals, and the corrected Akaike criterion of it.
    pub(super) chi2: f64,
    pub(super) aicc: f64,
}

/// What a fit may use besides one length and an exponent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    /// White noise.
    pub(super) nugget: bool,
    /// A second length.
    pub(super) longer: bool,
    /// A variance other than 1.
    pub(super) variance: bool,
}

/// Smallest exponent.
const ALPHA: f64 = 0.05;
/// Times that the longer length is the shorter one.
const TIMES: [f64; 2] = [2.0, 64.0];
/// What AICc must fall by for a further part: lags say the same thing many times over.
pub(super) const BETTER: f64 = 6.0;

impl Correlogram {
    /// At a distance in metres.
    pub(super) fn at(&self, r: f64) -> f64 {
        if r <= 0.0 { 1.0 } else { (1.0 - self.nugget) * self.correlated(libm::log(r / self.xi)) }
    }

    /// Of the part without white noise, at a logarithm of the distance in ξ.
    fn correlated(&self, log_r: f64) -> f64 {
        let decay = |l: f64| libm::exp(-libm::exp(2.0 * self.alpha * l));
        let [share, times] = self.longer;
        if share > 0.0 { (1.0 - share) * decay(log_r) + share * decay(log_r - libm::log(times)) } else { decay(log_r) }
    }

    /// Distance at which the correlation has fallen to `level`, m.
    pub(super) fn reach(&self, level: f64) -> f64 {
        let times = if self.longer[0] > 0.0 { self.longer[1] } else { 1.0 };
        times * self.xi * libm::pow(-libm::log(level), 0.5 / self.alpha)
    }

    /// Of unit variance, fitted to H = 2 (1 − ρ) at distances up to `r_max`, with the parts that describe it better.
    ///
    /// # Errors
    /// [`FitError`] of too few lags.
    pub(super) fn fit(curve: &Curve, r_max: f64) -> Result<Correlogram, FitError> {
        let mut best = Correlogram::fit_with(curve, r_max, Parts::default())?;
        for (nugget, longer) in [(true, false), (false, true), (true, true)] {
            let other = Correlogram::fit_with(curve, r_max, Parts { nugget, longer, variance: false });
            best = other.ok().filter(|o| o.aicc < best.aicc - BETTER).unwrap_or(best);
        }
        Ok(best)
    }

    /// Fitted to H = 2 σ² (1 − ρ) at distances up to `r_max` with these parts.
    ///
    /// # Errors
    /// [`FitError`] of too few lags.
    pub(super) fn fit_with(curve: &Curve, r_max: f64, parts: Parts) -> Result<Correlogram, FitError> {
        let Parts { nugget, longer, variance } = parts;
        let kept: Vec<[f64; 2]> = curve
            .points()
            .filter(|p| p[0] <= r_max * (1.0 + 1e-9) && p[1] > 0.0)
            .map(|[r, h, _]| [libm::log(r), h])
            .collect();
        let free = 2 + usize::from(nugget) + 2 * usize::from(longer) + usize::from(variance);
        let (Some(first), Some(last)) = (kept.first(), kept.last()) else {
            return Err(FitError("no lag of the set is within the range".into()));
        };
        if kept.len() <= free {
            return Err(FitError(format!("{} lags do not determine {free} parameters", kept.len())));
        }
        let most = if variance { kept.iter().map(|p| p[1]).fold(0.0, f64::max) } else { 2.0 };
        // Where the rise reaches 1 − 1/e.
        let at = kept.iter().find(|p| p[1] > 0.632 * most).unwrap_or(last)[0];
        let mut parameters = vec![
            Parameter::new(at - if longer { 1.0 } else { 0.0 }, first[0] - 4.6, last[0] + 4.6),
            Parameter::new(0.75, ALPHA, 1.0),
        ];
        if nugget {
            parameters.push(Parameter::new(0.2 * (first[1] / most).min(1.0), 0.0, 0.95));
        }
        if longer {
            parameters.push(Parameter::new(0.5, 0.0, 1.0));
            parameters.push(Parameter::new(2.0, libm::log(TIMES[0]), libm::log(TIMES[1])));
        }
        let second = parameters.len();
        if variance {
            parameters.push(Parameter::new(libm::log(0.5 * most), f64::NEG_INFINITY, f64::INFINITY));
        }
        let correlogram = |p: &[f64]| Correlogram {
            variance: if variance { libm::exp(p[second]) } else { 1.0 },
            xi: libm::exp(p[0]),
            alpha: p[1],
            nugget: if nugget { p[2] } else { 0.0 },
            longer: if longer { [p[second - 2], libm::exp(p[second - 1])] } else { [0.0, 1.0] },
            chi2: 0.0,
            aicc: 0.0,
        };
        // Relative to H, and each logarithm of the distance counts alike: the lags of the plateau are many.
        let fit = least_squares(&parameters, kept.len(), |p, out| {
            let c = correlogram(p);
            for (o, [log_r, h]) in out.iter_mut().zip(&kept) {
                let rho = (1.0 - c.nugget) * c.correlated(log_r - p[0]);
                *o = (h - 2.0 * c.variance * (1.0 - rho)) / h * libm::exp(0.5 * (first[0] - log_r));
            }
        })?;
        let (n, k) = (kept.len() as f64, free as f64 + 1.0);
        let small = if n > k + 1.0 { 2.0 * k * (k + 1.0) / (n - k - 1.0) } else { f64::INFINITY };
        let aicc = n * libm::log((fit.chi2 / n).max(f64::MIN_POSITIVE)) + 2.0 * k + small;
        Ok(Correlogram { chi2: fit.chi2, aicc, ..correlogram(&fit.parameters) })
    }

    /// What it must be, if a field of it reads as `read`: as far on the other side.
    pub(super) fn mirrored(&self, read: &Correlogram) -> Correlogram {
        let times = |a: f64, b: f64| a * (a / b).clamp(0.25, 4.0);
        Correlogram {
            xi: times(self.xi, read.xi),
            alpha: (2.0 * self.alpha - read.alpha).clamp(ALPHA, 1.0),
            nugget: (2.0 * self.nugget - read.nugget).clamp(0.0, 0.95),
            longer: [
                (2.0 * self.longer[0] - read.longer[0]).clamp(0.0, 1.0),
                times(self.longer[1], read.longer[1]).clamp(1.0, 2.0 * TIMES[1]),
            ],
            ..*self
        }
    }

    /// The two lengths, m, and the share of the longer one in the correlated variance; `None` of one length.
    pub(super) fn lengths(&self) -> Option<([f64; 2], f64)> {
        let [share, times] = self.longer;
        (share > 0.0).then_some(([self.xi, self.xi * times], share))
    }

    /// Of these two lengths, m, and that share of the longer one, else the same.
    pub(super) fn with_lengths(&self, [short, long]: [f64; 2], share: f64) -> Correlogram {
        Correlogram { xi: short, longer: [share, (long / short).max(1.0)], ..*self }
    }

    /// Standard deviation of the field, white noise and all.
    pub(super) fn sigma(&self) -> f64 {
        self.variance.sqrt()
    }

    /// As a covariance, the length that of the larger part, with how well it describes a curve up to `r_max`.
    pub(super) fn as_covariance(&self, curve: &Curve, r_max: f64) -> CovarianceFit {
        let kept: Vec<[f64; 3]> = curve.points().filter(|p| p[0] <= r_max * (1.0 + 1e-9)).collect();
        let mean = kept.iter().map(|p| p[1]).sum::<f64>() / kept.len() as f64;
        let (mut rss, mut tss) = (0.0, 0.0);
        for [r, h, _] in &kept {
            rss += (h - 2.0 * (1.0 - self.at(*r))).powi(2);
            tss += (h - mean).powi(2);
        }
        let covariance = Covariance {
            sigma: (1.0 - self.nugget).sqrt(),
            xi: self.xi * if self.longer[0] > 0.5 { self.longer[1] } else { 1.0 },
            alpha: self.alpha,
            noise: self.nugget.sqrt(),
        };
        CovarianceFit { covariance, r2: 1.0 - rss / tss, chi2: self.chi2, aicc: self.aicc, points: kept.len() }
    }

    /// Fitted with the same parts as this one.
    pub(super) fn refit(&self, curve: &Curve, r_max: f64) -> Result<Correlogram, FitError> {
        Correlogram::fit_with(
            curve,
            r_max,
            Parts { nugget: self.nugget > 0.0, longer: self.longer[0] > 0.0, variance: false },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact curves of one length, with white noise, and of two lengths give their parameters back, and no part that is not
    /// there.
    #[test]
    fn parts_that_are_there_are_found() {
        let one =
            Correlogram { variance: 1.0, xi: 6.0, alpha: 0.5, nugget: 0.0, longer: [0.0, 1.0], chi2: 0.0, aicc: 0.0 };
        let noisy = Correlogram { nugget: 0.2, alpha: 0.8, ..one };
        let two = Correlogram { xi: 3.0, alpha: 1.0, longer: [0.4, 8.0], ..one };
        for made in [one, noisy, two] {
            let curve = Curve::pooled((1..=64).map(|k| [f64::from(k), 2.0 * (1.0 - made.at(f64::from(k))), 1.0]));
            let found = Correlogram::fit(&curve, 64.0).unwrap();
            let near = |a: f64, b: f64| (a - b).abs() < 1e-3 * b.max(0.1);
            assert!(near(found.xi, made.xi) && near(found.alpha, made.alpha), "{found:?} of {made:?}");
            assert!((1..80).all(|r| (found.at(f64::from(r)) - made.at(f64::from(r))).abs() < 1e-4), "{found:?}");
            assert!(found.as_covariance(&curve, 64.0).r2 > 1.0 - 1e-6);
            // Read as it is, it stays as it is; read too long, it is made shorter.
            assert!(near(found.mirrored(&found).xi, found.xi));
            let long = Correlogram { xi: 1.2 * made.xi, alpha: made.alpha - 0.1, ..found };
            let mirrored = found.mirrored(&long);
            assert!(near(mirrored.xi, found.xi / 1.2) && mirrored.alpha > found.alpha.min(0.95));
            assert!(found.at(found.reach(0.01)) <= 0.0101 && found.at(0.0) == 1.0);
        }
        assert!(Correlogram::fit(&Curve::pooled([[1.0, 0.5, 1.0], [2.0, 0.7, 1.0]]), 2.0).is_err());
        assert!(Correlogram::fit(&Curve::pooled([]), 2.0).is_err());
    }
}
