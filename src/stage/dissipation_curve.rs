//! `dissipation-curve`: dissipation against set point.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tables::EnergyCurve as EnergyRows;
use super::{Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Kind, Metric, Role};
use crate::tapping::curve::{EnergyCurve, LEAST, Peak};
use crate::tapping::energy::Drive;
use crate::unit::Unit;
use crate::unit::quantity::Length;

/// Energy against set point, and its derivative.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DissipationCurve {
    /// Free amplitude A₀; not wanted where the amplitudes are ratios already.
    free_amplitude: Option<Length>,
    /// Drive over resonance frequency, ω/ω₀.
    frequency_ratio: f64,
}

impl Default for DissipationCurve {
    fn default() -> DissipationCurve {
        DissipationCurve { free_amplitude: None, frequency_ratio: 1.0 }
    }
}

impl Stage for DissipationCurve {
    const DOC: &'static Doc = &Doc {
        id: "dissipation-curve",
        version: 1,
        about: "E* = sin φ − (ω/ω₀)(A/A₀) over a series of set points, its derivative (a parabola through the five nearest), and where it \
                peaks.",
        reference: "METHODS §4; S1 Fig. 37, 39",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "series",
            &[Kind::Curves],
            "",
            "a table with the columns amplitude (a length, or A/A₀ without a unit) and phase, with its `convention`",
        )
        .columns(&["amplitude", "phase"])],
        outputs: &[Output {
            name: "curve",
            kind: Kind::Table,
            unit: "",
            about: "A/A₀, E* and dE*/d(A/A₀), by rising set point",
        }],
        metrics: &[
            MetricDoc::new("peak_ratio", "", "A/A₀ of the highest E*"),
            MetricDoc::new("peak_energy", "", "the highest E*"),
            MetricDoc::new("rise_ratio", "", "A/A₀ of the steepest rise"),
            MetricDoc::new("rise", "", "dE*/d(A/A₀) there"),
            MetricDoc::new("fall_ratio", "", "A/A₀ of the steepest fall"),
            MetricDoc::new("fall", "", "dE*/d(A/A₀) there"),
        ],
        metadata: &[],
        example: "run = \"dissipation-curve\"\ninput = \"series\"\nfree_amplitude = \"20 nm\"\nfrequency_ratio = 1.0\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if self.free_amplitude.is_some_and(|a| !(a.0 > 0.0)) {
            return Err(ParamError::new("free_amplitude", "a positive length is wanted"));
        }
        if !(self.frequency_ratio > 0.0 && self.frequency_ratio.is_finite()) {
            return Err(ParamError::new("frequency_ratio", "a positive number is wanted"));
        }
        Ok(())
    }

    fn run(&self, inputs: &Inputs<'_>, _cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let fail = |what: String| StageError::Failed(what);
        let series = inputs.curves(0)?;
        let (Some(amplitude), Some(lag)) = (series.series(Role::Amplitude), series.get(Role::Phase)) else {
            return Err(fail(
                "the series needs `amplitude` and `phase`: columns = { amplitude = \"…\", phase = \"…\" }".into(),
            ));
        };
        let is_ratio = amplitude.unit.same_dimension(&Unit::none());
        let free = match (self.free_amplitude, is_ratio) {
            (None, true) => 1.0,
            (Some(a), false) if amplitude.unit.is_length() => a.0,
            (Some(_), true) => {
                return Err(fail("the amplitudes have no unit, they are ratios: leave `free_amplitude` out".into()));
            }
            (None, false) => return Err(fail("amplitudes with a unit need `free_amplitude`".into())),
            (Some(_), false) => {
                let what = "the amplitudes are no lengths; divide them by the free one and leave the unit out";
                return Err(fail(what.into()));
            }
        };
        let drive = Drive {
            spring_constant: 1.0,
            quality_factor: 1.0,
            free_amplitude: free,
            frequency_ratio: self.frequency_ratio,
        };
        let pairs: Vec<(f64, f64)> =
            amplitude.values.iter().zip(lag).map(|(a, p)| (a / free, drive.reduced(a / free, *p))).collect();
        let given = pairs.len();
        let outside = pairs.iter().filter(|p| !(p.0 > 0.0)).count();
        let above = pairs.iter().filter(|p| p.0 > 1.0).count();
        let mut note = Vec::new();
        if outside > 0 {
            note.push(format!("{outside} rows without a positive amplitude are left out"));
        }
        if above > 0 {
            note.push(format!("{above} set points lie above the free amplitude and are kept"));
        }
        let note = note.join("; ");
        let curve = EnergyCurve::new(pairs.into_iter().filter(|p| p.0 > 0.0)).ok_or_else(|| {
            fail(format!("{given} rows do not give {LEAST} different set points, which a derivative needs"))
        })?;
        let n = curve.ratio.len() as f64;
        let pair = |names: [&str; 2], found: Option<Peak>| match found {
            Some(p) => names
                .iter()
                .zip([p.at, p.height])
                .map(|(name, v)| Metric::number(name, v, "").n(n).note(&note))
                .collect(),
            None => names
                .iter()
                .map(|name| Metric::missing(name, "no maximum inside of the series: measure more set points"))
                .collect::<Vec<_>>(),
        };
        let [rise, fall] = curve.steepest();
        let mut metrics = pair(["peak_ratio", "peak_energy"], curve.peak());
        metrics.extend(pair(["rise_ratio", "rise"], rise));
        metrics.extend(pair(["fall_ratio", "fall"], fall));
        let (ratio, energy, derivative) = (curve.ratio, curve.energy, curve.derivative);
        let table = EnergyRows { ratio, energy, derivative, units: Vec::new() }.table();
        Ok(Outputs { artifacts: vec![("curve", Artifact::Table(Arc::new(table)))], metrics, ..Outputs::default() })
    }
}
