//! Bounded nonlinear least squares (MINPACK's Levenberg–Marquardt through `rmpfit`).

use rmpfit::{MPConfig, MPError, MPFitter, MPPar, MPResult, MPSuccess};

/// One parameter: start and bounds.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Where to start; moved inside the bounds.
    pub start: f64,
    /// Smallest value.
    pub low: f64,
    /// Largest value.
    pub high: f64,
}

impl Parameter {
    /// A parameter.
    pub fn new(start: f64, low: f64, high: f64) -> Parameter {
        Parameter { start: start.clamp(low, high), low, high }
    }
}

/// What a fit found.
#[derive(Clone, Debug)]
pub struct Fit {
    /// Best parameters.
    pub parameters: Vec<f64>,
    /// One standard error each, residuals taken as independent with unit variance; 0 at a bound.
    pub errors: Vec<f64>,
    /// Sum of squared residuals.
    pub chi2: f64,
    /// Whether a stopping rule other than the iteration limit was met.
    pub converged: bool,
}

/// A fit that could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fit failed: {0}")]
pub struct FitError(pub String);

struct Problem<F> {
    residuals: F,
    points: usize,
    bounds: Vec<MPPar>,
    config: MPConfig,
}

impl<F: Fn(&[f64], &mut [f64])> MPFitter for Problem<F> {
    fn eval(&mut self, params: &[f64], deviates: &mut [f64]) -> MPResult<()> {
        (self.residuals)(params, deviates);
        Ok(())
    }

    fn number_of_points(&self) -> usize {
        self.points
    }

    fn config(&self) -> &MPConfig {
        &self.config
    }

    fn parameters(&self) -> &[MPPar] {
        &self.bounds
    }
}

/// Minimises Σ residual², `residuals(parameters, out)` filling `points` numbers.
///
/// # Errors
/// [`FitError`] if there are fewer points than parameters or a residual is not finite.
pub fn least_squares(
    parameters: &[Parameter],
    points: usize,
    residuals: impl Fn(&[f64], &mut [f64]),
) -> Result<Fit, FitError> {
    let bounds = parameters
        .iter()
        .map(|p| MPPar {
            limited_low: p.low.is_finite(),
            limited_up: p.high.is_finite(),
            limit_low: p.low,
            limit_up: p.high,
            ..MPPar::default()
        })
        .collect();
    let config = MPConfig { max_iter: 300, no_finite_check: false, ..MPConfig::new() };
    let mut x: Vec<f64> = parameters.iter().map(|p| p.start).collect();
    let status = Problem { residuals, points, bounds, config }.mpfit(&mut x).map_err(|e| {
        FitError(match e {
            MPError::Nan => "the model or the data are not finite".into(),
            MPError::Empty | MPError::DoF => {
                format!("{points} points do not determine {} parameters", parameters.len())
            }
            other => format!("{other:?}"),
        })
    })?;
    Ok(Fit {
        parameters: x,
        errors: status.xerror,
        chi2: status.best_norm,
        converged: !matches!(status.success, MPSuccess::NotDone | MPSuccess::MaxIter),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_is_recovered_with_its_error() {
        // y = 3 e^{-x/2} exactly: parameters to 1e-8, and the error of a linear model is its closed form.
        let x: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.1).collect();
        let fit = least_squares(&[Parameter::new(1.0, 0.0, 10.0), Parameter::new(1.0, 0.1, 10.0)], 50, |p, out| {
            for (o, x) in out.iter_mut().zip(&x) {
                *o = 3.0 * libm::exp(-x / 2.0) - p[0] * libm::exp(-x / p[1]);
            }
        })
        .unwrap();
        assert!((fit.parameters[0] - 3.0).abs() < 1e-8 && (fit.parameters[1] - 2.0).abs() < 1e-8);
        let mean = least_squares(&[Parameter::new(0.0, f64::NEG_INFINITY, f64::INFINITY)], 50, |p, out| {
            out.iter_mut().zip(&x).for_each(|(o, x)| *o = x - p[0]);
        })
        .unwrap();
        assert!((mean.errors[0] - 1.0 / 50f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn bounds_are_kept_and_nonsense_is_said() {
        let p = [Parameter::new(0.5, 0.0, 1.0)];
        let fit = least_squares(&p, 4, |p, out| out.fill(p[0] - 3.0)).unwrap();
        assert_eq!(fit.parameters[0], 1.0);
        assert!(least_squares(&p, 4, |_, out| out.fill(f64::NAN)).is_err());
        assert!(least_squares(&p, 0, |_, _| ()).is_err());
    }
}
