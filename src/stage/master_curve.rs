//! `master-curve`: isotherms laid over each other.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tables::{ModulusCurve, Shifts};
use super::{
    Connections, Cx, Doc, Inputs, Intervals, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError,
    Uncertainty,
};
use crate::data::{Artifact, Kind, Metric, Table, Warning};
use crate::num::student::student;
use crate::relax::gather::{Sweep, sweeps};
use crate::relax::master::{Master, Method, energy, superpose};
use crate::unit::quantity::Temperature;

/// Makes a master curve.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct MasterCurve {
    /// Temperature that is not shifted; the middle one unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Temperature>,
    /// `overlap`: least squared distance of the logarithms; `closed-form`: area between curves that rise or fall throughout;
    /// `arc-length`: the shortest path through the points of both.
    method: MethodName,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<200>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum MethodName {
    #[default]
    Overlap,
    ClosedForm,
    ArcLength,
}

/// Misfit in units of the noise, and relative distance, above which one shift does not do.
const MISFIT: f64 = 4.0;
const DISTANCE: f64 = 0.01;
/// R² from which a plot of shifts looks straight: what follows Vogel and Fulcher stays below over a decade and more.
const STRAIGHT: f64 = 0.99;

impl Stage for MasterCurve {
    const DOC: &'static Doc = &Doc {
        id: "master-curve",
        version: 2,
        about: "Horizontal shifts ln a_T of isotherms onto a reference with their errors, whether one shift does, and what slope they have against \
                1/T – which is no proof of one energy: a distribution of energies superposes as well. Errors of the shifts: fresh noise on every isotherm.",
        reference: "METHODS §11; S3 §6, Fig. 9; doi:10.1122/1.3503529",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "sweeps",
            &[Kind::Spectrum],
            "",
            "temperature, frequency and storage or loss modulus, or both",
        )
        .columns(&["temperature", "frequency", "loss"])],
        outputs: &[
            Output {
                name: "curve",
                kind: Kind::Table,
                unit: "",
                about: "moduli against reduced angular frequency; `relaxation-times` and `spectrum-fit` take it",
            },
            Output { name: "shifts", kind: Kind::Table, unit: "", about: "a_T of each temperature" },
        ],
        metrics: &[
            MetricDoc::new("temperatures", "", "isotherms"),
            MetricDoc::new("reference", "K", "temperature that is not shifted"),
            MetricDoc::new("decades", "", "decades of reduced frequency"),
            MetricDoc::new(
                "misfit",
                "",
                "mean squared distance of neighbours over the overlap in units of what their noise explains",
            ),
            MetricDoc::new("distance", "", "relative distance of neighbours over the overlap, root mean square"),
            MetricDoc::new("superposes", "", "`yes` or `no`"),
            MetricDoc::new("shift_energy", "J/mol", "slope of ln a_T against 1/T times R"),
            MetricDoc::new("shift_r2", "", "R² of that line"),
        ],
        metadata: &[],
        example: "run = \"master-curve\"\ninput = \"sweeps\"\nreference = \"433 K\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        self.intervals.check()
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        self.intervals.idle()
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let (all, mut warnings) = sweeps(inputs.spectrum(0)?)?;
        if all.iter().any(|s| s.temperature.is_nan()) {
            return Err(StageError::Failed(
                "a master curve needs a temperature column: columns = { temperature = \"…\" }".into(),
            ));
        }
        let reference = match self.reference {
            None => all.len() / 2,
            Some(t) => {
                let far = |i: &usize| (all[*i].temperature - t.0).abs();
                let at = (0..all.len()).min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(0);
                if far(&at) > 5.0 {
                    return Err(StageError::Failed(format!(
                        "no isotherm lies within 5 K of the reference {} K: {:.1} to {:.1} K were measured",
                        t.0,
                        all[0].temperature,
                        all[all.len() - 1].temperature
                    )));
                }
                at
            }
        };
        let method = match self.method {
            MethodName::Overlap => Method::Overlap,
            MethodName::ClosedForm => Method::ClosedForm,
            MethodName::ArcLength => Method::ArcLength,
        };
        let resamples = if self.intervals.uncertainty == Uncertainty::Bootstrap { self.intervals.resamples } else { 0 };
        let m = superpose(&all, reference, method, resamples, &cx.stream.role("resample"))?;
        let good = m.misfit < MISFIT || m.distance < DISTANCE;
        if !good {
            warnings.push(Warning::new(
                "no-superposition",
                format!(
                    "neighbouring isotherms lie {:.1} % apart after the shift, {:.0} times what noise explains",
                    100.0 * m.distance,
                    m.misfit
                ),
                "one shift does not do: processes of different energy, or a transition, lie in the range",
            ));
        }
        let slope = energy(&m);
        if slope.is_some_and(|s| s.r2 > STRAIGHT) {
            warnings.push(Warning::new(
                "not-one-energy",
                "the shifts lie on a straight Arrhenius line; a distribution of activation energies gives the same (S3 §6)",
                "take `relaxation-times` of single isotherms before naming one energy",
            ));
        }
        Ok(Outputs {
            artifacts: vec![
                ("curve", Artifact::Table(Arc::new(curve(&all, &m)))),
                ("shifts", Artifact::Table(Arc::new(shifts(&m)))),
            ],
            metrics: metrics(&all, &m, good),
            warnings,
        })
    }
}

fn metrics(all: &[Sweep], m: &Master, good: bool) -> Vec<Metric> {
    let n = all.len() as f64;
    let ends = all.iter().zip(&m.shift).flat_map(|(s, shift)| {
        let w = &s.isotherm.omega;
        [w[0], w[w.len() - 1]].map(|w| libm::log10(w) + shift[0] / std::f64::consts::LN_10)
    });
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let mut out = vec![
        Metric::number("temperatures", n, ""),
        Metric::number("reference", m.temperature[m.reference], "K"),
        Metric::number("decades", high - low, ""),
        Metric::number("misfit", m.misfit, "").n(m.pairs),
        Metric::number("distance", m.distance, "").n(m.pairs),
        Metric::text("superposes", if good { "yes" } else { "no" }),
    ];
    match energy(m) {
        Some(e) => {
            let half = student(n - 2.0) * e.energy[1];
            let note = "a slope of shifts; a distribution of energies has one as well";
            out.push(
                Metric::number("shift_energy", e.energy[0], "J/mol")
                    .interval(e.energy[0] - half, e.energy[0] + half)
                    .n(n)
                    .note(note),
            );
            out.push(Metric::number("shift_r2", e.r2, "").n(n));
        }
        None => out.extend(["shift_energy", "shift_r2"].map(|m| Metric::missing(m, "fewer than three temperatures"))),
    }
    out
}

fn curve(all: &[Sweep], m: &Master) -> Table {
    // Temperature, reduced frequency, storage, loss by rising reduced frequency.
    let mut rows: Vec<[f64; 4]> = Vec::new();
    for (s, shift) in all.iter().zip(&m.shift) {
        let d = &s.isotherm;
        for (i, w) in d.omega.iter().enumerate() {
            let cell = |v: &[f64]| v.get(i).copied().unwrap_or(f64::NAN);
            rows.push([s.temperature, w * libm::exp(shift[0]), cell(&d.storage), cell(&d.loss)]);
        }
    }
    rows.sort_by(|a, b| a[1].total_cmp(&b[1]));
    let column = |k: usize| rows.iter().map(|r| r[k]).collect::<Vec<f64>>();
    let measured = |k: usize| if rows.iter().any(|r| r[k].is_finite()) { column(k) } else { Vec::new() };
    let rows = ModulusCurve {
        measured_at: column(0),
        angular_frequency: column(1),
        storage: measured(2),
        loss: measured(3),
        ..ModulusCurve::default()
    };
    rows.table()
}

fn shifts(m: &Master) -> Table {
    let factor = |side: f64| m.shift.iter().map(move |s| libm::exp(s[0] + side * 1.96 * s[1])).collect();
    let rows = Shifts {
        temperature: m.temperature.clone(),
        a_t: factor(0.0),
        a_t_low: factor(-1.0),
        a_t_high: factor(1.0),
        ln_a_t: m.shift.iter().map(|s| s[0]).collect(),
        ln_a_t_error: m.shift.iter().map(|s| s[1]).collect(),
        units: Vec::new(),
    };
    rows.table()
}
