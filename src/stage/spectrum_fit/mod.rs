//! `spectrum-fit`: moduli against frequency, decays and creep against time, as a sum of relaxation processes.

mod data;
mod hierarchical;
mod report;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::data::Data;
use super::{Cx, Doc, Index, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Profile, Scope, Stage, StageError};
use crate::data::{Artifact, Kind};
use crate::relax::measured::Background;
use crate::relax::model::{MODELS, Model, find};
use crate::relax::processes::{self, Interval, compare};
use crate::unit::quantity::Temperature;

/// Fits processes to an isotherm, a decay or a creep.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SpectrumFit {
    /// `debye`, `cole-cole`, `cole-davidson`, `kww`, `havriliak-negami`, or `auto`: the one of the lowest AICc; in time also
    /// `hierarchical`: a β process that opens the way to a correlated α process (S4 Eq. 2).
    model: String,
    /// Processes of that model; several of `debye` are a Maxwell solid, in creep a Voigt solid.
    processes: usize,
    /// `none`, `constant` (a loss of the instrument), `spring-pot` (A(iω)ⁿ, in time t⁻ⁿ or tⁿ), `flow` (straight in time, a loss that rises as ω).
    background: BackgroundName,
    /// Temperature whose isotherm is fitted where the table has several; the nearest is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<Temperature>,
    /// `profile` (`bootstrap` is taken for it): intervals by the profile of the sum of squares; `none`.
    uncertainty: Profile,
}

impl Default for SpectrumFit {
    fn default() -> SpectrumFit {
        SpectrumFit {
            model: "havriliak-negami".into(),
            processes: 1,
            background: BackgroundName::default(),
            temperature: None,
            uncertainty: Profile::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum BackgroundName {
    #[default]
    None,
    Constant,
    SpringPot,
    Flow,
}

/// Most processes: more are a spectrum of relaxation times.
const MOST: usize = 5;
/// Name of the model that is no sum of processes.
const HIERARCHICAL: &str = "hierarchical";

/// Endings of what each of so many processes has.
fn endings(processes: usize) -> Vec<String> {
    if processes == 1 { vec![String::new()] } else { (1..=processes).map(|k| format!("_{k}")).collect() }
}

/// One process, or any of several.
const PROCESS: Index = Index::Name(|| endings(1).into_iter().chain(endings(MOST)).collect());

/// Shape parameters of the processes of these models.
fn shapes(models: &[&dyn Model], processes: usize) -> Vec<String> {
    let names = models.iter().flat_map(|m| m.doc().shape).map(|s| s.name);
    let ends =
        if processes == MOST { endings(1).into_iter().chain(endings(MOST)).collect() } else { endings(processes) };
    names.flat_map(|n| ends.iter().map(move |end| format!("{n}{end}")).collect::<Vec<_>>()).collect()
}

impl Stage for SpectrumFit {
    const DOC: &'static Doc = &Doc {
        id: "spectrum-fit",
        version: 4,
        about: "M* = M_u − Σ ΔM χ(ωτ) and a background, to storage and loss together or one of them, under noise with a relative part and a \
                floor, which are estimated; or \
                M_r + Σ ΔM φ(t/τ) to a decay and J₀ + Σ ΔJ [1 − φ(t/τ)] to a creep, errors alike: times, strengths and shapes with profile \
                intervals, models compared by AICc. A sum of processes whose residuals are correlated is rejected, and its numbers have no interval.",
        reference: "METHODS §11; S1 Fig. 8, 9; S4 Eq. 1, 2",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "spectrum",
            &[Kind::Spectrum, Kind::Table],
            "",
            "frequency and storage or loss modulus, or both, temperature where there are several; or time and stress, modulus or strain",
        ).columns(&["frequency", "storage", "loss"])],
        outputs: &[
            Output {
                name: "curve",
                kind: Kind::Table,
                unit: "",
                about: "data, fit and each process against frequency or time",
            },
            Output { name: "processes", kind: Kind::Table, unit: "", about: "one row a process" },
            Output {
                name: "models",
                kind: Kind::Table,
                unit: "",
                about: "AICc and residual of every model that was compared",
            },
        ],
        metrics: &[
            MetricDoc::new("model", "", "the model"),
            MetricDoc::new("tau<_process>", "s", "relaxation time; several processes count by rising time").of(PROCESS),
            MetricDoc::new("delta_m<_process>", "data", "strength").of(PROCESS),
            MetricDoc::new("<shape>", "", "shape of the process").of(Index::Name(|| shapes(MODELS, MOST))),
            MetricDoc::new("f_max<_process>", "Hz", "frequency at which the loss of the process peaks").of(PROCESS),
            MetricDoc::new("m_u", "Pa", "unrelaxed modulus, of moduli against frequency"),
            MetricDoc::new("level", "data", "where a decay ends or a creep begins, of data against time"),
            MetricDoc::new("background", "data", "strength of the background"),
            MetricDoc::new("spring_pot_n", "", "exponent of a spring-pot as background"),
            MetricDoc::new("tau_beta", "s", "of `hierarchical`: time of the β process"),
            MetricDoc::new("tau_alpha", "s", "of `hierarchical`: time of the correlated α process"),
            MetricDoc::new("chi", "", "of `hierarchical`: correlation χ, from 0 (order) to 1 (disorder)"),
            MetricDoc::new("beta_strength", "", "of `hierarchical`: A_β E, the β compliance over that at once"),
            MetricDoc::new("alpha_strength", "", "of `hierarchical`: A E, the α compliance over that at once"),
            MetricDoc::new("t0", "s", "of `hierarchical`: t₀ that makes τ_α of τ_β and χ (S4 Eq. 1)"),
            MetricDoc::new("residual", "", "root mean square of the relative residuals"),
            MetricDoc::new("residual_correlation", "", "lag-one correlation of the residuals, of the loss where there is one"),
            MetricDoc::new("model_p", "", "p of the model: that its residuals are independent"),
            MetricDoc::new("noise_relative", "", "relative part of the noise of the loss, or of the storage modulus alone"),
            MetricDoc::new("noise_floor", "data", "its floor"),
            MetricDoc::new("aicc", "", "criterion of Akaike, for comparison on the same data"),
        ],
        metadata: &[],
        example: "run = \"spectrum-fit\"\ninput = \"isotherm\"\nmodel = \"havriliak-negami\"\nbackground = \"constant\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if self.model == HIERARCHICAL && (self.processes > 1 || self.background != BackgroundName::None) {
            return Err(ParamError::new(
                "model",
                "`hierarchical` is whole: it takes no more processes and no background",
            ));
        }
        if self.model != "auto" && self.model != HIERARCHICAL && find(&self.model).is_none() {
            let names: Vec<&str> = MODELS.iter().map(|m| m.doc().id).collect();
            let list = names.join(", ");
            let what = format!("there is no model `{}`; models: {list}, {HIERARCHICAL}, auto", self.model);
            return Err(ParamError::new("model", what));
        }
        if !(1..=MOST).contains(&self.processes) {
            return Err(ParamError::new(
                "processes",
                format!("1 to {MOST} processes; `relaxation-times` takes any number"),
            ));
        }
        Ok(())
    }

    fn metrics(&self) -> Vec<MetricDoc> {
        let models: Vec<&dyn Model> = find(&self.model).map_or_else(|| MODELS.to_vec(), |m| vec![m]);
        let hierarchical = [
            "model",
            "tau_beta",
            "tau_alpha",
            "chi",
            "beta_strength",
            "alpha_strength",
            "t0",
            "level",
            "residual",
            "aicc",
        ];
        let family = |m: &MetricDoc| -> Vec<MetricDoc> {
            let own = hierarchical.contains(&&*m.name);
            match (&*m.name, self.model == HIERARCHICAL) {
                (_, true) => {
                    if own {
                        vec![m.clone()]
                    } else {
                        Vec::new()
                    }
                }
                ("<shape>", _) => shapes(&models, self.processes).into_iter().map(|n| m.named(n)).collect(),
                (family, _) if family.ends_with("<_process>") => {
                    endings(self.processes).iter().map(|end| m.named(m.name.replace("<_process>", end))).collect()
                }
                ("background", _) if self.background == BackgroundName::None => Vec::new(),
                ("spring_pot_n", _) if self.background != BackgroundName::SpringPot => Vec::new(),
                ("tau_beta" | "tau_alpha" | "chi" | "beta_strength" | "alpha_strength" | "t0", _) => Vec::new(),
                _ => vec![m.clone()],
            }
        };
        Self::DOC.metrics.iter().flat_map(family).collect()
    }

    fn run(&self, inputs: &Inputs<'_>, _: &Cx<'_>) -> Result<Outputs, StageError> {
        let spectrum = inputs.spectrum_or_table(0)?;
        let (data, mut warnings) = self.gathered(&spectrum)?;
        if self.model == HIERARCHICAL {
            return self.hierarchical(&data, warnings);
        }
        let measured = data.measured();
        let background = match (self.background, &data) {
            (BackgroundName::None, _) => Background::None,
            (BackgroundName::SpringPot, _) => Background::SpringPot,
            (BackgroundName::Constant, Data::Frequency(_)) => Background::Constant,
            (BackgroundName::Flow, _) => Background::Flow,
            (BackgroundName::Constant, _) => {
                return Err(StageError::Failed(
                    "in time the level is fitted in any case: `background` is none, spring-pot or flow".into(),
                ));
            }
        };
        let models: Vec<&dyn Model> = match find(&self.model) {
            Some(m) => vec![m],
            None => MODELS.to_vec(),
        };
        let compared = compare(measured, &models, self.processes, background);
        let model = models[compared.best];
        let fit = match self.uncertainty {
            Profile::Profile => processes::fit(measured, model, self.processes, background, Interval::Profile),
            Profile::None => compared.fits[compared.best].clone(),
        }?;
        self.warn(&measured, &fit, &mut warnings);
        let table = report::models(&models, &compared.fits);
        Ok(Outputs {
            artifacts: vec![
                ("curve", Artifact::Table(Arc::new(data.curve(&fit)))),
                ("processes", Artifact::Table(Arc::new(report::processes(model, &fit, &data.unit())))),
                ("models", Artifact::Table(Arc::new(table))),
            ],
            metrics: self.rows(model, &data, &fit),
            warnings,
        })
    }
}
