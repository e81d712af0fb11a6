//! `stress-relaxation`: decays in time, one step or two.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tables::{DecayCurve, DecayRate};
use super::{Cx, Doc, Index, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Profile, Scope, Stage, StageError};
use crate::data::{Artifact, Kind, Metric, Spectrum, Warning};
use crate::relax::gather::transient;
use crate::relax::model::kww::mean_time;
use crate::relax::processes::Bracket;
use crate::relax::transient::{Step, StretchedExponential, Transient, ZeroTime, steps};
use crate::unit::quantity::Duration;

/// Describes stress relaxation.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StressRelaxation {
    /// When the load was applied: `fitted`, or so long before the time 0 of the file.
    zero_time: Zero,
    /// Whether a part of the stress does not relax.
    baseline: bool,
    /// Half width of the window of the rate, in decades of time.
    window: f64,
    /// `profile` (`bootstrap` is taken for it): intervals by the profile of the sum of squares; `none`.
    uncertainty: Profile,
}

impl Default for StressRelaxation {
    fn default() -> StressRelaxation {
        StressRelaxation { zero_time: Zero::default(), baseline: true, window: 0.25, uncertainty: Profile::default() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`zero_time` is \"fitted\" or a time such as \"0.1 s\"")]
enum Zero {
    Rule(ZeroRule),
    Given(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum ZeroRule {
    Fitted,
}

impl Default for Zero {
    fn default() -> Zero {
        Zero::Given(Duration(0.0))
    }
}

/// Change of τ with time zero above which METHODS §14 warns.
const SENSITIVE: f64 = 0.1;
/// Residuals below this part of the amplitude are rounding.
const EXACT: f64 = 1e-6;
/// Lag-one correlation of residuals above which one stretched exponential is not all there is.
const CORRELATED: f64 = 0.5;

impl Stage for StressRelaxation {
    const DOC: &'static Doc = &Doc {
        id: "stress-relaxation",
        version: 3,
        about: "A stretched exponential with profile intervals and what half a sampling interval of time zero does to it; the rate \
                −d(σ/σ₀)/d ln t and its maxima, one step or two; the share of the faster step; how repeated loadings agree.",
        reference: "METHODS §11, §14; S3 §7; S4 Fig. 1, 2",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "transient",
            &[Kind::Spectrum],
            "",
            "time and stress, relaxation modulus or strain; one table a loading",
        )
        .columns(&["time", "stress"])],
        outputs: &[
            Output { name: "curve", kind: Kind::Table, unit: "", about: "data and fit" },
            Output { name: "rate", kind: Kind::Table, unit: "", about: "−d(σ/σ₀)/d ln t with its error" },
        ],
        metrics: &[
            MetricDoc::new("kww_tau", "s", "τ of B + A exp[−((t + t₀)/τ)^β]"),
            MetricDoc::new("kww_beta", "", "its exponent"),
            MetricDoc::new("kww_mean_time", "s", "⟨τ⟩ = Γ(1/β) τ/β"),
            MetricDoc::new("relaxed", "", "A/(A + B): the part that relaxes"),
            MetricDoc::new("zero_time", "s", "t₀"),
            MetricDoc::new(
                "kww_tau_shift",
                "",
                "relative change of τ for a time zero off by half of the first interval",
            ),
            MetricDoc::new("steps", "", "maxima of the rate"),
            MetricDoc::new("tau_<step>", "s", "time of the maximum; steps count by rising time")
                .of(Index::Number(1, usize::MAX)),
            MetricDoc::new("beta_step", "", "share of the faster of two steps"),
            MetricDoc::new(
                "reversibility",
                "",
                "decay of the last loading over that of the first, both by the same time",
            ),
        ],
        metadata: &[],
        example: "run = \"stress-relaxation\"\ninput = \"stress\"\nzero_time = \"fitted\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if let Zero::Given(t) = self.zero_time
            && !(t.0 >= 0.0)
        {
            return Err(ParamError::new("zero_time", "a time from 0 on, before the time 0 of the file, or \"fitted\""));
        }
        if !(self.window >= 0.05 && self.window <= 1.0) {
            return Err(ParamError::new("window", "0.05 to 1 decades to each side"));
        }
        Ok(())
    }

    fn run(&self, inputs: &Inputs<'_>, _: &Cx<'_>) -> Result<Outputs, StageError> {
        let spectrum = inputs.spectrum(0)?;
        let rows = spectrum.parts.first().map_or(0..spectrum.rows(), |p| p.rows.clone());
        let (d, role, mut warnings) = transient(spectrum, rows)?;
        if !(d.value[0].abs() > 0.0) {
            return Err(StageError::Failed("the first value is 0: nothing can be measured in parts of it".into()));
        }
        let zero = match self.zero_time {
            Zero::Rule(ZeroRule::Fitted) => ZeroTime::Free,
            Zero::Given(t) => ZeroTime::Given(t.0),
        };
        let mut fit = d.kww(self.baseline, zero)?;
        // What goes on relaxing below 0 has no level within the window.
        if fit.baseline.is_some_and(|b| b.0 * fit.amplitude.0 < 0.0) {
            fit = d.kww(false, zero)?;
        }
        let shift = d.sensitivity(&fit, fit.baseline.is_some());
        let rate = d.rate(self.window * std::f64::consts::LN_10);
        let found = steps(&rate);
        warn(&d, &fit, shift, &found, &mut warnings);
        let mut metrics = self.of_fit(&d, &fit, shift, found.len());
        metrics.extend(self.of_steps(&d, &found));
        metrics.push(reversibility(spectrum));
        let curve = DecayCurve { time: d.time.clone(), fit: fit.curve.clone(), ..DecayCurve::of_data(role, &d.value) };
        let column = |k: usize| rate.iter().map(|r| r[k]).collect();
        let rate = DecayRate { time: column(0), rate: column(1), rate_error: column(2), units: Vec::new() };
        Ok(Outputs {
            artifacts: vec![
                ("curve", Artifact::Table(Arc::new(curve.table()))),
                ("rate", Artifact::Table(Arc::new(rate.table()))),
            ],
            metrics,
            warnings,
        })
    }
}

impl StressRelaxation {
    fn with(&self, name: &str, b: Bracket, unit: &str, n: f64) -> Metric {
        let m = Metric::number(name, b.0, unit).n(n);
        if self.uncertainty == Profile::None { m } else { m.bounded(b.1) }
    }

    fn of_fit(&self, d: &Transient, f: &StretchedExponential, shift: f64, found: usize) -> Vec<Metric> {
        let n = d.points();
        let note = if found > 1 { "one stretched exponential over more than one step" } else { "" };
        let total = f.amplitude.0 + f.baseline.map_or(0.0, |b| b.0);
        let time = [f.tau.1[0], f.tau.1[1]].map(|t| t * mean_time(f.beta.0));
        vec![
            self.with("kww_tau", f.tau, "s", n).note(note),
            self.with("kww_beta", f.beta, "", n).note(note),
            self.with("kww_mean_time", (f.tau.0 * mean_time(f.beta.0), time), "s", n).note("interval of τ at this β"),
            Metric::number("relaxed", f.amplitude.0 / total, "").n(n),
            match self.zero_time {
                Zero::Given(t) => Metric::number("zero_time", t.0, "s").note("given"),
                Zero::Rule(_) => self.with("zero_time", f.zero, "s", n),
            },
            Metric::number("kww_tau_shift", shift, "").n(n),
        ]
    }

    fn of_steps(&self, d: &Transient, found: &[Step]) -> Vec<Metric> {
        let n = d.points();
        let mut out = vec![Metric::number("steps", found.len() as f64, "").n(n)];
        for (k, s) in found.iter().take(2).enumerate() {
            let name = format!("tau_{}", k + 1);
            let edge = if s.at_edge { "at the edge of the time window: the step may lie beyond" } else { "" };
            out.push(Metric::number(&name, s.time, "s").n(n).note(edge));
        }
        let two = match found {
            [a, b, ..] => d.two_steps([a.time, b.time], self.baseline).or_else(|| d.two_steps([a.time, b.time], false)),
            _ => None,
        };
        out.push(match (two, found.len()) {
            (Some((share, _)), _) => self.with("beta_step", share, "", n),
            (None, 0 | 1) => Metric::missing("beta_step", "the rate has one maximum: there is one step"),
            (None, _) => Metric::missing("beta_step", "two stretched exponentials do not fit"),
        });
        out
    }
}

fn warn(d: &Transient, f: &StretchedExponential, shift: f64, found: &[Step], warnings: &mut Vec<Warning>) {
    if shift > SENSITIVE {
        warnings.push(Warning::new(
            "time-zero",
            format!("τ moves by {:.0} % if time zero is off by half of the first interval", 100.0 * shift),
            "record the loading itself, or set `zero_time = \"fitted\"`",
        ));
    }
    let end = d.time[d.time.len() - 1];
    if f.tau.0 > end || f.tau.0 < d.time[0] {
        warnings.push(Warning::new(
            "peak-at-edge",
            format!("τ = {:.2e} s lies outside of the times measured ({:.2e} to {end:.2e} s)", f.tau.0, d.time[0]),
            "it is an extrapolation: measure longer, or earlier",
        ));
    }
    if !f.at_bound.is_empty() {
        warnings.push(Warning::new(
            "parameter-at-bound",
            format!("{} at the end of what was sought", f.at_bound.join(", ")),
            "the decay does not determine it",
        ));
    }
    let noisy = f.residual > EXACT * f.amplitude.0.abs();
    if noisy && found.len() < 2 && f.whiteness > CORRELATED {
        warnings.push(Warning::new(
            "correlated-residuals",
            format!(
                "neighbouring residuals are correlated by {:.2}: one stretched exponential is not all there is",
                f.whiteness
            ),
            "intervals are too narrow; `relaxation-times` assumes no function",
        ));
    }
}

/// Decay of the last loading over that of the first, by the last time that both have.
fn reversibility(s: &Spectrum) -> Metric {
    const NAME: &str = "reversibility";
    let [first, .., last] = s.parts.as_slice() else {
        return Metric::missing(NAME, "there is one loading; give each its table for how they agree");
    };
    let decay = |p: &crate::data::Part| transient(s, p.rows.clone()).ok().map(|t| t.0);
    let (Some(a), Some(b)) = (decay(first), decay(last)) else {
        return Metric::missing(NAME, "a loading has too few points");
    };
    let end = a.time[a.time.len() - 1].min(b.time[b.time.len() - 1]);
    let decay = |d: &Transient| {
        let at = d.time.partition_point(|t| *t <= end * (1.0 + 1e-9)) - 1;
        1.0 - d.value[at] / d.value[0]
    };
    Metric::number(NAME, decay(&b) / decay(&a), "").n(s.parts.len() as f64)
}
