//! `ageing`: flow units that heal, or the asymmetric double well.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tables::DecayCurve;
use super::{Cx, Doc, Inputs, MetricDoc, Output, Outputs, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Column, Kind, Metric, Role, Table};
use crate::relax::defects::{double_well, flow_units};
use crate::relax::gather::transient;
use crate::relax::processes::Bracket;
use crate::unit::Unit;

/// Describes ageing.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ageing {
    /// `flow-units`: modulus against ageing time; `double-well`: relaxation time against the height of the loss peak, one row
    /// a state of ageing.
    #[serde(default)]
    model: Model,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Model {
    #[default]
    FlowUnits,
    DoubleWell,
}

impl Stage for Ageing {
    const DOC: &'static Doc = &Doc {
        id: "ageing",
        version: 3,
        about: "Flow units: M(t) = M∞/(1 + c), c = [a/(t + b)]^β, with profile intervals. Double well: slope of ln τ_β against ln G″max, −U/Δ \
                (≈ −2).",
        reference: "METHODS §11; S1 Eq. 4.1; S4",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "states",
            &[Kind::Spectrum],
            "",
            "time and modulus; or for `double-well` time (τ_β) and loss (G″max)",
        )
        .columns(&["time", "modulus"])],
        outputs: &[Output { name: "curve", kind: Kind::Table, unit: "", about: "data and fit" }],
        metrics: &[
            MetricDoc::new("m_inf", "Pa", "modulus without flow units"),
            MetricDoc::new("flow_a", "s", "a"),
            MetricDoc::new("flow_b", "s", "b"),
            MetricDoc::new("flow_beta", "", "β"),
            MetricDoc::new("concentration_first", "", "c at the first time"),
            MetricDoc::new("concentration_last", "", "c at the last time"),
            MetricDoc::new("well_slope", "", "d ln τ_β/d ln G″max"),
            MetricDoc::new("well_r2", "", "R² of that line"),
        ],
        metadata: &[],
        example: "run = \"ageing\"\ninput = \"states\"\nmodel = \"flow-units\"\n",
    };

    fn metrics(&self) -> Vec<MetricDoc> {
        let of_well = |m: &&MetricDoc| m.name.starts_with("well_") == (self.model == Model::DoubleWell);
        Self::DOC.metrics.iter().filter(of_well).cloned().collect()
    }

    fn run(&self, inputs: &Inputs<'_>, _: &Cx<'_>) -> Result<Outputs, StageError> {
        let s = inputs.spectrum(0)?;
        let with = |name: &str, b: Bracket, unit: &str, n: f64| Metric::number(name, b.0, unit).n(n).bounded(b.1);
        match self.model {
            Model::FlowUnits => {
                let (d, role, warnings) = transient(s, 0..s.rows())?;
                if role != Role::Modulus {
                    return Err(StageError::Failed(
                        "flow units are read off a modulus: columns = { modulus = \"…\" }".into(),
                    ));
                }
                let f = flow_units(&d)?;
                let n = d.points;
                let rows = DecayCurve {
                    time: d.time.clone(),
                    fit: f.curve.clone(),
                    units: vec![Unit::of("GPa")],
                    ..DecayCurve::of_data(role, &d.value)
                };
                let table = rows.table();
                let metrics = vec![
                    with("m_inf", f.modulus, "Pa", n),
                    with("flow_a", f.a, "s", n),
                    with("flow_b", f.b, "s", n),
                    with("flow_beta", f.beta, "", n),
                    Metric::number("concentration_first", f.concentration[0], "").n(n),
                    Metric::number("concentration_last", f.concentration[1], "").n(n),
                ];
                Ok(Outputs { artifacts: vec![("curve", Artifact::Table(Arc::new(table)))], metrics, warnings })
            }
            Model::DoubleWell => {
                let (Some(tau), Some(loss)) = (s.get(Role::Time), s.get(Role::Loss)) else {
                    return Err(StageError::Failed(
                        "the double well needs τ_β and G″max of each state: columns = { time = \"…\", loss = \"…\" }"
                            .into(),
                    ));
                };
                let sound: Vec<(f64, f64)> =
                    loss.iter().zip(tau).filter(|(l, t)| **l > 0.0 && **t > 0.0).map(|(l, t)| (*l, *t)).collect();
                let (x, y): (Vec<f64>, Vec<f64>) = sound.into_iter().unzip();
                let (slope, r2) = double_well(&x, &y)?;
                let n = x.len() as f64;
                let table = Table {
                    columns: vec![
                        Column::number("loss", &Unit::of("MPa"), x.iter().copied()),
                        Column::number("tau", &Unit::of("s"), y.iter().copied()),
                    ],
                };
                let metrics = vec![with("well_slope", slope, "", n), Metric::number("well_r2", r2, "").n(n)];
                Ok(Outputs {
                    artifacts: vec![("curve", Artifact::Table(Arc::new(table)))],
                    metrics,
                    warnings: Vec::new(),
                })
            }
        }
    }
}
