//! `spectrum-fit`: moduli against frequency as a sum of relaxation processes.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Column, Kind, Metric, Table, Warning};
use crate::num::fft::ordered;
use crate::relax::gather::{Sweep, chosen, sweeps};
use crate::relax::isotherm::{self, Background, Bracket, Fitted, Interval};
use crate::relax::model::{MODELS, Model, find};
use crate::unit::Unit;
use crate::unit::quantity::Temperature;

/// Fits processes to an isotherm.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SpectrumFit {
    /// `debye`, `cole-cole`, `cole-davidson`, `kww`, `havriliak-negami`, or `auto`: the one of the lowest AICc.
    #[serde(default = "havriliak_negami")]
    model: String,
    /// Processes of that model; several of `debye` are a Maxwell solid.
    #[serde(default = "one")]
    processes: usize,
    /// `none`, `constant` (a loss of the instrument), `spring-pot` (A(iω)ⁿ).
    #[serde(default)]
    background: BackgroundName,
    /// Temperature whose isotherm is fitted where the table has several; the nearest is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    temperature: Option<Temperature>,
    /// `profile` (`bootstrap` is taken for it): intervals by the profile of the sum of squares; `none`.
    #[serde(default)]
    uncertainty: Profiled,
}

/// How intervals of fits are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Profiled {
    /// By the profile of the sum of squares.
    #[default]
    #[serde(alias = "bootstrap")]
    Profile,
    /// Not at all.
    None,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum BackgroundName {
    #[default]
    None,
    Constant,
    SpringPot,
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

impl Stage for SpectrumFit {
    const DOC: &'static Doc = &Doc {
        id: "spectrum-fit",
        version: 1,
        about: "M* = M_u − Σ ΔM χ(ωτ) and a background, to storage and loss together or one of them, errors relative to each point: times, \
                strengths and shapes with profile intervals, models compared by AICc.",
        reference: "METHODS §11; S1 Fig. 8, 9",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "spectrum",
            &[Kind::Spectrum, Kind::Table],
            "",
            "frequency and storage or loss modulus, or both; temperature where there are several",
        )],
        outputs: &[
            Output {
                name: "curve",
                kind: Kind::Table,
                unit: "",
                about: "data, fit and each process against frequency",
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
            MetricDoc { name: "model", unit: "", about: "the model" },
            MetricDoc {
                name: "tau",
                unit: "s",
                about: "relaxation time; of several processes `tau_1` …, by rising time",
            },
            MetricDoc { name: "delta_m", unit: "Pa", about: "strength; of several `delta_m_1` …" },
            MetricDoc {
                name: "hn_alpha",
                unit: "",
                about: "shape of Havriliak–Negami; so `hn_gamma`, `cc_alpha`, `cd_gamma`, `kww_beta`",
            },
            MetricDoc { name: "f_max", unit: "Hz", about: "frequency at which the loss of the process peaks" },
            MetricDoc { name: "m_u", unit: "Pa", about: "unrelaxed modulus" },
            MetricDoc { name: "residual", unit: "", about: "root mean square of the relative residuals" },
            MetricDoc { name: "aicc", unit: "", about: "criterion of Akaike, for comparison on the same data" },
        ],
        metadata: &[],
        example: "run = \"spectrum-fit\"\ninput = \"isotherm\"\nmodel = \"havriliak-negami\"\nbackground = \"constant\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if self.model != "auto" && find(&self.model).is_none() {
            let names: Vec<&str> = MODELS.iter().map(|m| m.doc().id).collect();
            let list = names.join(", ");
            return Err(ParamError::new("model", format!("there is no model `{}`; models: {list}, auto", self.model)));
        }
        if !(1..=MOST).contains(&self.processes) {
            return Err(ParamError::new(
                "processes",
                format!("1 to {MOST} processes; `relaxation-times` takes any number"),
            ));
        }
        Ok(())
    }

    fn run(&self, inputs: &Inputs<'_>, _: &Cx<'_>) -> Result<Outputs, StageError> {
        let (all, mut warnings) = sweeps(&*inputs.spectrum_or_table(0)?).map_err(StageError::of)?;
        let sweep = chosen(&all, self.temperature.map(|t| t.0)).map_err(StageError::of)?;
        let models: Vec<&dyn Model> = match find(&self.model) {
            Some(m) => vec![m],
            None => MODELS.to_vec(),
        };
        let background = match self.background {
            BackgroundName::None => Background::None,
            BackgroundName::Constant => Background::Constant,
            BackgroundName::SpringPot => Background::SpringPot,
        };
        let fitted = |m: &dyn Model, interval| isotherm::fit(&sweep.isotherm, m, self.processes, background, interval);
        let compared = ordered(models.len(), |i| fitted(models[i], Interval::Covariance));
        let score = |i: usize| compared[i].as_ref().map_or(f64::INFINITY, |f| f.aicc);
        let best = (0..models.len()).fold(0, |b, i| if score(i) < score(b) { i } else { b });
        let model = models[best];
        let fit = match self.uncertainty {
            Profiled::Profile => fitted(model, Interval::Profile),
            Profiled::None => compared[best].clone(),
        }
        .map_err(StageError::of)?;
        self.warn(sweep, &fit, &mut warnings);
        let column =
            |f: &dyn Fn(&Fitted) -> f64| compared.iter().map(|c| c.as_ref().map_or(f64::NAN, f)).collect::<Vec<f64>>();
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
                ("curve", Artifact::Table(Arc::new(curve(sweep, &fit)))),
                ("processes", Artifact::Table(Arc::new(processes(model, &fit)))),
                ("models", Artifact::Table(Arc::new(table))),
            ],
            metrics: self.metrics(model, sweep, &fit),
            warnings,
        })
    }
}

impl SpectrumFit {
    fn warn(&self, sweep: &Sweep, fit: &Fitted, warnings: &mut Vec<Warning>) {
        let omega = &sweep.isotherm.omega;
        let window = [1.0 / omega[omega.len() - 1], 1.0 / omega[0]];
        for p in &fit.processes {
            if p.tau.0 < window[0] || p.tau.0 > window[1] {
                warnings.push(Warning::new(
                    "peak-outside",
                    format!("a process of τ = {:.2e} s lies outside of the frequencies measured", p.tau.0),
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

    fn metrics(&self, model: &dyn Model, sweep: &Sweep, fit: &Fitted) -> Vec<Metric> {
        let n = (sweep.isotherm.storage.len() + sweep.isotherm.loss.len()) as f64;
        let with = |name: &str, b: Bracket, unit: &str| {
            let m = Metric::number(name, b.0, unit).n(n);
            let known = self.uncertainty == Profiled::Profile;
            match (b.1[0].is_finite(), b.1[1].is_finite()) {
                _ if !known => m,
                (true, true) => m.interval(b.1[0], b.1[1]),
                _ => m.note("the data leave one end of its interval open"),
            }
        };
        let mut out = vec![Metric::text("model", model.doc().id)];
        for (k, p) in fit.processes.iter().enumerate() {
            let name = |s: &str| if fit.processes.len() == 1 { s.to_string() } else { format!("{s}_{}", k + 1) };
            out.push(with(&name("tau"), p.tau, "s"));
            out.push(with(&name("delta_m"), p.strength, "Pa"));
            for (s, b) in model.doc().shape.iter().zip(&p.shape) {
                out.push(with(&name(s.name), *b, ""));
            }
            let shape: Vec<f64> = p.shape.iter().map(|b| b.0).collect();
            let peak = model.peak(&shape) / (std::f64::consts::TAU * p.tau.0);
            out.push(Metric::number(&name("f_max"), peak, "Hz").n(n));
        }
        out.push(match fit.unrelaxed {
            Some(b) => with("m_u", b, "Pa"),
            None => Metric::missing("m_u", "there is no storage modulus"),
        });
        out.push(Metric::number("residual", fit.residual, "").n(n));
        out.push(Metric::number("aicc", fit.aicc, "").n(n));
        out
    }
}

/// Data, fit and processes.
fn curve(sweep: &Sweep, fit: &Fitted) -> Table {
    let d = &sweep.isotherm;
    let pa = Unit::of("MPa");
    let mut columns = vec![Column::number("angular_frequency", &Unit::of("rad/s"), d.omega.iter().copied())];
    let mut push = |name: &str, v: &[f64]| {
        if !v.is_empty() {
            columns.push(Column::number(name, &pa, v.iter().copied()));
        }
    };
    push("storage", &d.storage);
    push("loss", &d.loss);
    push("storage_fit", &fit.curve[0]);
    push("loss_fit", &fit.curve[1]);
    for (k, p) in fit.processes.iter().enumerate() {
        push(&format!("loss_{}", k + 1), &p.curve[1]);
    }
    Table { columns }
}

fn processes(model: &dyn Model, fit: &Fitted) -> Table {
    let number = |name: &str, unit: &str, of: &dyn Fn(usize) -> f64| {
        Column::number(name, &Unit::of(unit), (0..fit.processes.len()).map(of))
    };
    let p = &fit.processes;
    let mut columns = vec![number("process", "", &|k| (k + 1) as f64)];
    let mut bracket = |name: &str, unit: &str, of: &dyn Fn(usize) -> Bracket| {
        columns.push(number(name, unit, &|k| of(k).0));
        columns.push(number(&format!("{name}_low"), unit, &|k| of(k).1[0]));
        columns.push(number(&format!("{name}_high"), unit, &|k| of(k).1[1]));
    };
    bracket("tau", "s", &|k| p[k].tau);
    bracket("delta_m", "MPa", &|k| p[k].strength);
    for (j, s) in model.doc().shape.iter().enumerate() {
        bracket(s.name, "", &|k| p[k].shape[j]);
    }
    Table { columns }
}
