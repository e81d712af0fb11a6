//! `spectrum-fit`: moduli against frequency, decays and creep against time, as a sum of relaxation processes.

mod hierarchical;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cx, Doc, Index, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Profile, Scope, Stage, StageError};
use crate::data::{Artifact, Column, Kind, Metric, Role, Spectrum, Table, Warning};
use crate::num::parallel::ordered;
use crate::relax::gather::{chosen, sweeps, transient};
use crate::relax::measured::{Background, Isotherm, Observations};
use crate::relax::model::{MODELS, Model, find};
use crate::relax::processes::{self, Bracket, Interval, ProcessFit};
use crate::relax::transient::Transient;
use crate::unit::Unit;
use crate::unit::quantity::Temperature;

/// Fits processes to an isotherm, a decay or a creep.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SpectrumFit {
    /// `debye`, `cole-cole`, `cole-davidson`, `kww`, `havriliak-negami`, or `auto`: the one of the lowest AICc; in time also
    /// `hierarchical`: a β process that opens the way to a correlated α process (S4 Eq. 2).
    #[serde(default = "havriliak_negami")]
    model: String,
    /// Processes of that model; several of `debye` are a Maxwell solid, in creep a Voigt solid.
    #[serde(default = "one")]
    processes: usize,
    /// `none`, `constant` (a loss of the instrument), `spring-pot` (A(iω)ⁿ, in time t⁻ⁿ or tⁿ), `flow` (straight in time, a loss that rises as ω).
    #[serde(default)]
    background: BackgroundName,
    /// Temperature whose isotherm is fitted where the table has several; the nearest is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    temperature: Option<Temperature>,
    /// `profile` (`bootstrap` is taken for it): intervals by the profile of the sum of squares; `none`.
    #[serde(default)]
    uncertainty: Profile,
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

fn havriliak_negami() -> String {
    "havriliak-negami".into()
}

fn one() -> usize {
    1
}

/// Most processes: more are a spectrum of relaxation times.
const MOST: usize = 5;
/// Relative residuals below are rounding.
const EXACT: f64 = 1e-6;
/// Lag-one correlation of residuals above which the model is not all there is.
const CORRELATED: f64 = 0.5;

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
        version: 2,
        about: "M* = M_u − Σ ΔM χ(ωτ) and a background, to storage and loss together or one of them, errors relative to each point; or \
                M_r + Σ ΔM φ(t/τ) to a decay and J₀ + Σ ΔJ [1 − φ(t/τ)] to a creep, errors alike: times, strengths and shapes with profile \
                intervals, models compared by AICc.",
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
        let of = |m: &MetricDoc| -> Vec<MetricDoc> {
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
        Self::DOC.metrics.iter().flat_map(of).collect()
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
        let fitted = |m: &dyn Model, interval| processes::fit(measured, m, self.processes, background, interval);
        let compared = ordered(models.len(), |i| fitted(models[i], Interval::Covariance));
        let score = |i: usize| compared[i].as_ref().map_or(f64::INFINITY, |f| f.aicc);
        let best = (0..models.len()).fold(0, |b, i| if score(i) < score(b) { i } else { b });
        let model = models[best];
        let fit = match self.uncertainty {
            Profile::Profile => fitted(model, Interval::Profile),
            Profile::None => compared[best].clone(),
        }?;
        self.warn(&measured, &fit, &mut warnings);
        let column = |f: &dyn Fn(&ProcessFit) -> f64| {
            compared.iter().map(|c| c.as_ref().map_or(f64::NAN, f)).collect::<Vec<f64>>()
        };
        let none = Unit::none();
        let table = Table {
            columns: vec![
                Column::text("model", models.iter().map(|m| m.doc().id.to_string()).collect()),
                Column::number("aicc", &none, column(&|f| f.aicc)),
                Column::number("residual", &none, column(&|f| f.residual)),
            ],
        };
        Ok(Outputs {
            artifacts: vec![
                ("curve", Artifact::Table(Arc::new(data.curve(&fit)))),
                ("processes", Artifact::Table(Arc::new(processes_table(model, &fit, &data.unit())))),
                ("models", Artifact::Table(Arc::new(table))),
            ],
            metrics: self.metrics(model, &data, &fit),
            warnings,
        })
    }
}

/// What is fitted.
enum Data {
    Frequency(Isotherm),
    Time(Transient, Role),
}

impl Data {
    fn measured(&self) -> Observations<'_> {
        match self {
            Data::Frequency(d) => Observations::Frequency(d),
            Data::Time(d, _) => Observations::transient(d),
        }
    }

    /// Unit of strengths in the tables.
    fn unit(&self) -> Unit {
        match self {
            Data::Frequency(_) => Unit::of("MPa"),
            Data::Time(_, role) => role.unit(),
        }
    }

    /// Data, fit and processes.
    fn curve(&self, fit: &ProcessFit) -> Table {
        let unit = self.unit();
        let mut columns = Vec::new();
        let mut push = |name: &str, v: &[f64]| {
            if !v.is_empty() {
                columns.push(Column::number(name, &unit, v.iter().copied()));
            }
        };
        match self {
            Data::Frequency(d) => {
                push("storage", &d.storage);
                push("loss", &d.loss);
                push("storage_fit", &fit.curve[0]);
                push("loss_fit", &fit.curve[1]);
                for (k, p) in fit.processes.iter().enumerate() {
                    push(&format!("loss_{}", k + 1), &p.curve[1]);
                }
                columns.insert(0, Column::number("angular_frequency", &Unit::of("rad/s"), d.omega.iter().copied()));
            }
            Data::Time(d, role) => {
                push(role.name(), &d.value);
                push("fit", &fit.curve[0]);
                for (k, p) in fit.processes.iter().enumerate() {
                    push(&format!("process_{}", k + 1), &p.curve[0]);
                }
                columns.insert(0, Column::number("time", &Unit::of("s"), d.time.iter().copied()));
            }
        }
        Table { columns }
    }
}

impl SpectrumFit {
    fn gathered(&self, s: &Spectrum) -> Result<(Data, Vec<Warning>), StageError> {
        if s.get(Role::Time).is_some() && s.frequency().is_none() {
            let rows = s.parts.first().map_or(0..s.rows(), |p| p.rows.clone());
            let (d, role, warnings) = transient(s, rows)?;
            return Ok((Data::Time(d, role), warnings));
        }
        if self.model == HIERARCHICAL {
            return Err(StageError::Failed(
                "the hierarchical model is one of time: the table has no time column".into(),
            ));
        }
        let (all, warnings) = sweeps(s)?;
        let sweep = chosen(&all, self.temperature.map(|t| t.0))?;
        Ok((Data::Frequency(sweep.isotherm.clone()), warnings))
    }

    fn warn(&self, measured: &Observations<'_>, fit: &ProcessFit, warnings: &mut Vec<Warning>) {
        let window = measured.window();
        for p in &fit.processes {
            if p.tau.0 < window[0] || p.tau.0 > window[1] {
                warnings.push(Warning::new(
                    "peak-outside",
                    format!("a process of τ = {:.2e} s lies outside of the times or frequencies measured", p.tau.0),
                    "its strength and shape are extrapolated; measure where it peaks",
                ));
            }
        }
        if !fit.at_bound.is_empty() {
            warnings.push(Warning::new(
                "parameter-at-bound",
                format!("{} at the end of what was sought", fit.at_bound.join(", ")),
                "the model has more parameters than the data determine: take a simpler one",
            ));
        }
        if fit.residual > EXACT && fit.whiteness > CORRELATED {
            warnings.push(Warning::new(
                "correlated-residuals",
                format!("neighbouring residuals are correlated by {:.2}: the model is not all there is", fit.whiteness),
                "intervals are too narrow; try `model = \"auto\"`, another process or a background",
            ));
        }
    }

    fn with(&self, name: &str, b: Bracket, unit: &Unit, n: f64) -> Metric {
        let m = Metric::with_unit(name, b.0, unit).n(n);
        if self.uncertainty == Profile::None { m } else { m.bounded(b.1) }
    }

    fn metrics(&self, model: &dyn Model, data: &Data, fit: &ProcessFit) -> Vec<Metric> {
        let n = data.measured().parts().iter().sum::<usize>() as f64;
        let (s, none, own) =
            (Unit::of("s"), Unit::none(), if let Data::Time(_, role) = data { role.unit() } else { Unit::of("Pa") });
        let with = |name: &str, b: Bracket, unit: &Unit| self.with(name, b, unit, n);
        let mut out = vec![Metric::text("model", model.doc().id)];
        for (k, p) in fit.processes.iter().enumerate() {
            let name = |s: &str| if fit.processes.len() == 1 { s.to_string() } else { format!("{s}_{}", k + 1) };
            out.push(with(&name("tau"), p.tau, &s));
            out.push(with(&name("delta_m"), p.strength, &own));
            for (shape, b) in model.doc().shape.iter().zip(&p.shape) {
                out.push(with(&name(shape.name), *b, &none));
            }
            let shape: Vec<f64> = p.shape.iter().map(|b| b.0).collect();
            let peak = model.peak(&shape) / (std::f64::consts::TAU * p.tau.0);
            out.push(Metric::number(&name("f_max"), peak, "Hz").n(n));
        }
        out.push(match (fit.level, data) {
            (Some(b), Data::Frequency(_)) => with("m_u", b, &own),
            (Some(b), Data::Time(..)) => with("level", b, &own),
            (None, _) => Metric::missing("m_u", "there is no storage modulus"),
        });
        if let Some((b, exponent)) = fit.background {
            // In its own unit: that of the data a power of time or frequency.
            out.push(with("background", b, &none).note("in the coherent unit of the data and seconds"));
            if self.background == BackgroundName::SpringPot {
                out.push(Metric::number("spring_pot_n", exponent, "").n(n));
            }
        }
        out.push(Metric::number("residual", fit.residual, "").n(n));
        out.push(Metric::number("aicc", fit.aicc, "").n(n));
        out
    }
}

fn processes_table(model: &dyn Model, fit: &ProcessFit, own: &Unit) -> Table {
    let number = |name: &str, unit: &Unit, of: &dyn Fn(usize) -> f64| {
        Column::number(name, unit, (0..fit.processes.len()).map(of))
    };
    let (s, none) = (Unit::of("s"), Unit::none());
    let p = &fit.processes;
    let mut columns = vec![number("process", &none, &|k| (k + 1) as f64)];
    let mut bracket = |name: &str, unit: &Unit, of: &dyn Fn(usize) -> Bracket| {
        columns.push(number(name, unit, &|k| of(k).0));
        columns.push(number(&format!("{name}_low"), unit, &|k| of(k).1[0]));
        columns.push(number(&format!("{name}_high"), unit, &|k| of(k).1[1]));
    };
    bracket("tau", &s, &|k| p[k].tau);
    bracket("delta_m", own, &|k| p[k].strength);
    for (j, shape) in model.doc().shape.iter().enumerate() {
        bracket(shape.name, &none, &|k| p[k].shape[j]);
    }
    Table { columns }
}
