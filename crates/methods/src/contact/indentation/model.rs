//! The models: what each predicts for a load history.

use super::adhesion::{dmt, jkr};
use super::curve::Curve;
use super::kelvin::{self, two_thirds};
use super::ting;

/// How a spherical contact responds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Elastic: h^{3/2} = C P/G.
    Hertz,
    /// Elastic with adhesion outside of the contact (small, stiff).
    Dmt,
    /// Elastic with adhesion within the contact (large, soft).
    Jkr,
    /// Anelastic: J = (1 − e^{−t/t_c})/G.
    Kelvin,
    /// Elastic and anelastic: J = 1/G_I + (1 − e^{−t/τ})/G_II.
    StandardLinearSolid,
}

impl Model {
    /// Parameters that do not enter linearly: their names; all are positive and sought by their logarithm.
    pub fn sought(self) -> &'static [&'static str] {
        match self {
            Model::Hertz | Model::Dmt | Model::Jkr => &[],
            Model::Kelvin => &["relaxation_time"],
            Model::StandardLinearSolid => &["relaxation_time", "ratio"],
        }
    }

    /// Whether a hold and an unloading tell it something.
    pub fn has_time(self) -> bool {
        !self.sought().is_empty()
    }

    /// h of every sample for G = C and those parameters. `pull_off` is the largest adhesive force, N.
    pub fn response(self, c: &Curve, sought: &[f64], pull_off: f64) -> Vec<f64> {
        let each = |f: &dyn Fn(f64) -> f64| c.load.iter().map(|p| f(*p)).collect();
        match (self, sought) {
            (Model::Kelvin, [time]) => kelvin::response(c, *time),
            (Model::StandardLinearSolid, [time, ratio]) => ting::response(c, *ratio, *time),
            (Model::Dmt, _) => each(&|p| dmt(p, pull_off)),
            (Model::Jkr, _) => each(&|p| jkr(p, pull_off)),
            _ => each(&two_thirds),
        }
    }

    /// Where each parameter is sought, in its own SI unit, for a curve of that duration and step in s.
    pub fn bounds(self, step: f64, duration: f64) -> Vec<[f64; 2]> {
        let time = [step / 5.0, 30.0 * duration];
        match self {
            Model::Kelvin => vec![time],
            Model::StandardLinearSolid => vec![time, [1e-3, 1e3]],
            _ => Vec::new(),
        }
    }
}
