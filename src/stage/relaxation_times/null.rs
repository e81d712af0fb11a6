//! The null of several peaks: one broad process, of which any smoothing may make several where its sides differ.

use super::RelaxationTimes;
use super::equations::{Equations, Points};
use crate::relax::measured::{Background, Observations};
use crate::relax::model::find;
use crate::relax::processes::{Interval, fit};
use crate::relax::times::Smooth;

/// Models of one process: the one contains Debye, Cole–Cole and Cole–Davidson, the other is none of them.
const MODELS: [&str; 2] = ["havriliak-negami", "kww"];

impl RelaxationTimes {
    /// Variance of the residuals about the better of the models over that about the spectrum; `None` where the errors of the
    /// two are not alike, or no model fits.
    pub(super) fn one_process(&self, made: &Equations, s: &Smooth) -> Option<f64> {
        if made.relative == made.in_time() {
            return None;
        }
        let measured = match made.points.as_ref()? {
            Points::Time { data, .. } => Observations::transient(data),
            Points::Frequency(d) => Observations::Frequency(d),
        };
        let background = if self.drift && made.in_time() { Background::Flow } else { Background::None };
        let rows = made.problem.points() as f64;
        let residual = |name: &str| {
            let f = fit(measured, find(name)?, 1, background, Interval::Covariance).ok()?;
            Some(f.residual.powi(2) * rows / f.freedom)
        };
        let least = MODELS.iter().filter_map(|m| residual(m)).reduce(f64::min)?;
        Some(least / s.noise(&made.problem).powi(2))
    }
}
