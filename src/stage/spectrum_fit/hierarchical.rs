//! The hierarchical model: a creep by its compliance, a decay by the relaxation that the compliance makes.

use std::sync::Arc;

use super::data::Data;
use super::{HIERARCHICAL, SpectrumFit};
use crate::data::{Artifact, Metric, Warning};
use crate::relax::model::hierarchical::{Fit, fit, zero_time};
use crate::relax::processes::Bracket;
use crate::stage::tables::DecayCurve;
use crate::stage::{Outputs, Profile, StageError};
use crate::unit::Unit;

impl SpectrumFit {
    pub(super) fn hierarchical(&self, data: &Data, mut warnings: Vec<Warning>) -> Result<Outputs, StageError> {
        let Data::Time(d, role) = data else {
            return Err(StageError::Failed("the hierarchical model is one of time".into()));
        };
        let f = fit(d, d.rises(), self.uncertainty == Profile::Profile)?;
        if !f.at_bound.is_empty() {
            warnings.push(Warning::new(
                "parameter-at-bound",
                format!("{} at the end of what was sought", f.at_bound.join(", ")),
                "these data do not determine every parameter: a sum of processes has fewer",
            ));
        }
        let curve = DecayCurve { time: d.time.clone(), fit: f.curve.clone(), ..DecayCurve::of_data(*role, &d.value) };
        Ok(Outputs {
            artifacts: vec![("curve", Artifact::Table(Arc::new(curve.table())))],
            metrics: self.of_hierarchical(&f, d.points, &role.unit()),
            warnings,
        })
    }

    fn of_hierarchical(&self, f: &Fit, n: f64, unit: &Unit) -> Vec<Metric> {
        let (s, none) = (Unit::of("s"), Unit::none());
        let with = |name: &str, b: Bracket, unit: &Unit| self.with(name, b, unit, n);
        vec![
            Metric::text("model", HIERARCHICAL),
            with("tau_beta", f.tau_beta, &s),
            with("tau_alpha", f.tau_alpha, &s),
            with("chi", f.chi, &none),
            with("beta_strength", f.beta_strength, &none),
            with("alpha_strength", f.alpha_strength, &none),
            Metric::number("t0", zero_time(f.tau_beta.0, f.tau_alpha.0, f.chi.0), "s").n(n),
            with("level", f.scale, unit),
            Metric::number("residual", f.residual, "").n(n),
            Metric::number("aicc", f.aicc, "").n(n),
        ]
    }
}
