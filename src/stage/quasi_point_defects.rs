//! `quasi-point-defects`: how correlated the motion of atoms is, temperature by temperature.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tables::Chi;
use super::{Cx, Doc, Inputs, MetricDoc, Output, Outputs, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Kind, Metric};
use crate::num::student::student;
use crate::relax::defects::{Correlation, correlation};
use crate::relax::gather::sweeps;

/// Reads χ off the frequency dependence of the loss tangent.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuasiPointDefects {}

impl Stage for QuasiPointDefects {
    const DOC: &'static Doc = &Doc {
        id: "quasi-point-defects",
        version: 2,
        about: "χ = −d ln tan δ/d ln ω at every temperature: 0 of perfect order, 1 of none; steady in the glass, rising above T_g.",
        reference: "METHODS §11; S1 Eq. 4.10, 4.11, Fig. 64–66",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "sweeps",
            &[Kind::Spectrum],
            "",
            "temperature, at least six frequencies, storage and loss modulus (or loss tangent)",
        )
        .columns(&["temperature", "frequency", "storage", "loss"])],
        outputs: &[Output {
            name: "chi",
            kind: Kind::Table,
            unit: "",
            about: "χ against temperature with its interval",
        }],
        metrics: &[
            MetricDoc::new("temperatures", "", "temperatures with a χ"),
            MetricDoc::new(
                "chi_glass",
                "",
                "mean χ below 0.9 T_g, weighted by its errors; none where χ is not steady there",
            ),
            MetricDoc::new("chi_at_tg", "", "χ at the temperature nearest to T_g"),
            MetricDoc::new("chi_max", "", "largest χ"),
        ],
        metadata: &["tg"],
        example: "run = \"quasi-point-defects\"\ninput = \"dma\"\n",
    };

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let (all, warnings) = sweeps(inputs.spectrum(0)?)?;
        let found = correlation(&all);
        if found.is_empty() {
            return Err(StageError::Failed(
                "no temperature has storage and loss modulus at six frequencies: χ is a slope against frequency".into(),
            ));
        }
        let half = |c: &Correlation| student(c.n as f64 - 2.0) * c.chi[1];
        let column = |f: &dyn Fn(&Correlation) -> f64| found.iter().map(f).collect::<Vec<f64>>();
        let rows = Chi {
            temperature: column(&|c| c.temperature),
            chi: column(&|c| c.chi[0]),
            chi_low: column(&|c| c.chi[0] - half(c)),
            chi_high: column(&|c| c.chi[0] + half(c)),
            units: Vec::new(),
        };
        let table = rows.table();
        let whole = |name: &str, c: &Correlation, note: &str| {
            Metric::number(name, c.chi[0], "").interval(c.chi[0] - half(c), c.chi[0] + half(c)).n(c.n as f64).note(note)
        };
        let top = found.iter().max_by(|a, b| a.chi[0].total_cmp(&b.chi[0]));
        let no_tg = "the sample has no `tg`; add it, such as tg = \"461 K\"";
        let mut metrics = vec![Metric::number("temperatures", found.len() as f64, "")];
        match cx.sample.number("tg") {
            None => metrics.extend(["chi_glass", "chi_at_tg"].map(|m| Metric::missing(m, no_tg))),
            Some(tg) => {
                metrics.push(glass(&found, tg));
                let near =
                    found.iter().min_by(|a, b| (a.temperature - tg).abs().total_cmp(&(b.temperature - tg).abs()));
                metrics.push(match near.filter(|c| (c.temperature - tg).abs() < 0.02 * tg) {
                    Some(c) => whole("chi_at_tg", c, &format!("at {:.1} K", c.temperature)),
                    None => Metric::missing("chi_at_tg", "no temperature within 2 % of T_g was measured"),
                });
            }
        }
        metrics.extend(top.map(|c| whole("chi_max", c, &format!("at {:.1} K", c.temperature))));
        Ok(Outputs { artifacts: vec![("chi", Artifact::Table(Arc::new(table)))], metrics, warnings })
    }
}

/// Scatter about the mean, in units of the errors squared, above which χ is not one number.
const UNSTEADY: f64 = 4.0;

/// Mean below 0.9 T_g, where χ is steady there; its interval from the scatter of the temperatures.
fn glass(found: &[Correlation], tg: f64) -> Metric {
    const NAME: &str = "chi_glass";
    let below: Vec<&Correlation> = found.iter().filter(|c| c.temperature < 0.9 * tg && c.chi[1] > 0.0).collect();
    if below.len() < 3 {
        return Metric::missing(NAME, "fewer than three temperatures below 0.9 T_g");
    }
    let weight: f64 = below.iter().map(|c| c.chi[1].powi(-2)).sum();
    let mean = below.iter().map(|c| c.chi[0] * c.chi[1].powi(-2)).sum::<f64>() / weight;
    let n = below.len() as f64;
    let excess = below.iter().map(|c| ((c.chi[0] - mean) / c.chi[1]).powi(2)).sum::<f64>() / (n - 1.0);
    if excess > UNSTEADY {
        let why = "χ is not steady below 0.9 T_g: a β relaxation lies there, and a mean would be none of the glass";
        return Metric::missing(NAME, why);
    }
    let scatter = below.iter().map(|c| (c.chi[0] - mean).powi(2) * c.chi[1].powi(-2)).sum::<f64>() / weight / (n - 1.0);
    let half = student(n - 1.0) * scatter.sqrt();
    Metric::number(NAME, mean, "").interval(mean - half, mean + half).n(n)
}
