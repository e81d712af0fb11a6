//! `stress-relaxation`: decays in time, one step or two.

mod report;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::groups::Nulls;
use super::tables::DecayRate;
use super::{Cx, Doc, Index, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Profile, Scope, Stage, StageError};
use crate::data::{Artifact, Kind};
use crate::relax::gather::{MANY, record};
use crate::relax::transient::kww::ZeroTime;
use crate::relax::transient::relaxation::{Relaxation, Setting};
use crate::unit::quantity::Duration;

/// Describes stress relaxation.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct StressRelaxation {
    /// When the load was applied: `fitted`, or so long before the time 0 of the file.
    zero_time: Zero,
    /// Whether a part of the stress does not relax.
    baseline: bool,
    /// Half width of the window of the rate, in decades of time.
    window: f64,
    /// `profile` (`bootstrap` is taken for it): intervals by the profile of the sum of squares; `none`.
    uncertainty: Profile,
    /// Records in the likeness of the fit, beside which its misfit is judged.
    #[serde(flatten)]
    nulls: Nulls,
}

impl Default for StressRelaxation {
    fn default() -> StressRelaxation {
        StressRelaxation {
            zero_time: Zero::default(),
            baseline: true,
            window: 0.25,
            uncertainty: Profile::default(),
            nulls: Nulls::default(),
        }
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

impl Stage for StressRelaxation {
    const DOC: &'static Doc = &Doc {
        id: "stress-relaxation",
        version: 5,
        about: "A stretched exponential with profile intervals under noise that may remember, whose memory is estimated, and what half \
                a sampling interval of time zero does to it. A misfit is an answer: a sum of decays of any times must not describe the \
                record better than it describes records of the fit; else two stretched exponentials are fitted at once, and named two \
                steps, or a shoulder where the rate −d(σ/σ₀)/d ln t has one maximum, if they pass the same test. How repeated loadings \
                agree.",
        reference: "METHODS §11, §13, §14, §14a; S3 §7; S4 Fig. 1, 2; doi:10.1080/01621459.1977.10480998",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "transient",
            &[Kind::Spectrum],
            "",
            "time and stress, relaxation modulus or strain; one table a loading",
        )
        .columns(&["time", "stress"])],
        outputs: &[
            Output {
                name: "curve",
                kind: Kind::Table,
                unit: "",
                about: "data, the fit that stands, and its steps where there are two",
            },
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
            MetricDoc::new(
                "model_p",
                "",
                "p of one stretched exponential: its records gain as much by decays of any times",
            ),
            MetricDoc::new(
                "noise_correlation",
                "",
                "correlation of the noise of neighbouring points; 0 where none shows",
            ),
            MetricDoc::new("step_class", "", "one step, two steps, shoulder (two, of one maximum), or cannot be told"),
            MetricDoc::new("steps", "", "how many; missing where it cannot be told"),
            MetricDoc::new("tau_<step>", "s", "τ of each step by rising time").of(Index::Number(1, usize::MAX)),
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
        self.nulls.check()
    }

    fn metrics(&self) -> Vec<MetricDoc> {
        let shown = |m: &&MetricDoc| self.nulls.surrogates > 0 || m.name != "model_p";
        Self::DOC.metrics.iter().filter(shown).cloned().collect()
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let spectrum = inputs.spectrum(0)?;
        let rows = spectrum.parts.first().map_or(0..spectrum.rows(), |p| p.rows.clone());
        let (d, role, mut warnings) = record(spectrum, rows)?;
        if !(d.value[0].abs() > 0.0) {
            return Err(StageError::Failed("the first value is 0: nothing can be measured in parts of it".into()));
        }
        let stream = cx.stream.content(d.time.iter().chain(&d.value).copied());
        let found = Relaxation::of(&d, &self.setting(), &stream)?;
        let mut metrics = self.of_fit(&found);
        metrics.extend(self.of_steps(&found));
        metrics.push(report::reversibility(spectrum));
        warnings.extend(report::warnings(&found));
        let column = |k: usize| found.rate.iter().map(|r| r[k]).collect();
        let rate = DecayRate { time: column(0), rate: column(1), rate_error: column(2), units: Vec::new() };
        Ok(Outputs {
            artifacts: vec![
                ("curve", Artifact::Table(Arc::new(report::curve(&found, role)))),
                ("rate", Artifact::Table(Arc::new(rate.table()))),
            ],
            metrics,
            warnings,
        })
    }
}

impl StressRelaxation {
    fn setting(&self) -> Setting {
        Setting {
            baseline: self.baseline,
            zero: match self.zero_time {
                Zero::Rule(ZeroRule::Fitted) => ZeroTime::Free,
                Zero::Given(t) => ZeroTime::Given(t.0),
            },
            window: self.window * std::f64::consts::LN_10,
            most: MANY,
            surrogates: self.nulls.surrogates,
        }
    }
}
