//! `arrhenius`: an activation energy from peak temperatures.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError, Uncertainty,
    check_resamples,
};
use crate::data::{Artifact, Cells, Column, Kind, Metric, Table, Warning};
use crate::relax::arrhenius::{Arrhenius as Law, arrhenius, bootstrap_factor};
use crate::relax::peaks::BetaClass;
use crate::relax::{GAS_CONSTANT, J_PER_MOL_PER_EV};
use crate::unit::Unit;

/// Fits f = f∞ exp(−E/RT).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arrhenius {
    /// Which peak of the table: `beta` or `alpha`.
    #[serde(default)]
    peak: Which,
    /// `bootstrap`: bootstrap-t of the residuals about the line; `none`.
    #[serde(default)]
    uncertainty: Uncertainty,
    /// Resamples of the bootstrap.
    #[serde(default = "resamples")]
    resamples: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Which {
    #[default]
    Beta,
    Alpha,
}

fn resamples() -> usize {
    2000
}

impl Which {
    fn name(self) -> &'static str {
        match self {
            Which::Beta => "beta",
            Which::Alpha => "alpha",
        }
    }
}

impl Stage for Arrhenius {
    const DOC: &'static Doc = &Doc {
        id: "arrhenius",
        version: 1,
        about: "ln f of the peaks against 1/T, each weighted by the error of its temperature: activation energy, prefactor and their correlation, \
                ratios to R T_g and R T_β. For `peak = \"alpha\"` the metrics are e_alpha and so on.",
        reference: "METHODS §11; S2 §3.2; S0 §2",
        scope: Scope::Sample,
        inputs: &[Port::new("peaks", &[Kind::Table], "", "the table of `spectrum-peaks`")],
        outputs: &[Output {
            name: "line",
            kind: Kind::Table,
            unit: "input",
            about: "peaks, their errors, the line and its band",
        }],
        metrics: &[
            MetricDoc { name: "e_beta", unit: "J/mol", about: "activation energy" },
            MetricDoc {
                name: "e_beta_particle",
                unit: "eV",
                about: "the same a particle (J in tables, eV where people read it)",
            },
            MetricDoc { name: "f_inf", unit: "Hz", about: "prefactor" },
            MetricDoc { name: "log10_f_inf", unit: "", about: "log₁₀ of it" },
            MetricDoc { name: "compensation", unit: "", about: "correlation of E and ln f∞" },
            MetricDoc {
                name: "e_beta_over_r_tg",
                unit: "",
                about: "E/(R T_g), with T_g of the sample's metadata; ≈ 26 ± 2 for β",
            },
            MetricDoc {
                name: "e_beta_over_r_t_beta",
                unit: "",
                about: "E/(R T_β) at the frequency nearest to 1 Hz; ≈ 33 ± 1 for β",
            },
        ],
        metadata: &["tg"],
        example: "run = \"arrhenius\"\ninput = \"relax\"\npeak = \"beta\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        check_resamples(self.uncertainty, self.resamples)
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let table = inputs.table(0)?;
        let name = self.peak.name();
        let column = |c: &str| {
            table.column(c).and_then(Column::numbers).ok_or_else(|| {
                StageError::Failed(format!(
                    "the table has no column `{c}`; connect the peaks of a `spectrum-peaks` stage"
                ))
            })
        };
        let (f, t, e) = (column("frequency")?, column(&format!("t_{name}"))?, column(&format!("t_{name}_error"))?);
        // The place of a shoulder is that of the flank taken off it; only maxima of their own move as the process does.
        let class = match table.column("beta_class").map(|c| &c.cells) {
            Some(Cells::Text(c)) if self.peak == Which::Beta => Some(c),
            _ => None,
        };
        let own = |i: usize| class.is_none_or(|c| c[i] == BetaClass::Peak.name());
        let used: Vec<usize> = (0..f.len()).filter(|i| f[*i] > 0.0 && t[*i] > 0.0 && own(*i)).collect();
        let without: usize = (0..f.len()).filter(|i| !own(*i)).count();
        let pick = |v: &[f64]| used.iter().map(|i| v[*i]).collect::<Vec<_>>();
        let (f, t, e) = (pick(&f), pick(&t), pick(&e));
        let law = match arrhenius(&f, &t, &e) {
            Ok(law) => law,
            Err(e) => {
                let shoulder = if without > 0 {
                    format!(
                        "; at {without} of {} frequencies the β relaxation has no maximum of its own, and a shoulder moves as the α flank does",
                        class.map_or(0, Vec::len)
                    )
                } else {
                    String::new()
                };
                return Ok(not_estimated(name, &format!("{e}{shoulder}")));
            }
        };
        let factor = match self.uncertainty {
            Uncertainty::None => None,
            Uncertainty::Bootstrap => Some(bootstrap_factor(&f, &t, &e, &law, self.resamples, cx.seed)),
        };
        let mut warnings = Vec::new();
        if law.energy_error * law.factor > 0.2 * law.energy {
            warnings.push(Warning::new(
                "loose-energy",
                format!(
                    "the interval of the activation energy is ± {:.0} %",
                    100.0 * law.energy_error * law.factor / law.energy
                ),
                "measure over a wider range of frequencies",
            ));
        }
        let near = (0..f.len()).min_by(|a, b| libm::log(f[*a]).abs().total_cmp(&libm::log(f[*b]).abs())).unwrap_or(0);
        let metrics = metrics(name, &law, factor, cx.sample.number("tg"), t[near]);
        let line = line(&f, &t, &e, &law, factor.unwrap_or(f64::NAN));
        Ok(Outputs { artifacts: vec![("line", Artifact::Table(Arc::new(line)))], metrics, warnings })
    }
}

/// A β relaxation without peaks has no energy: that is a result, not a failure.
fn not_estimated(name: &str, why: &str) -> Outputs {
    let metrics = Arrhenius::DOC.metrics.iter().map(|m| Metric::missing(&m.name.replace("beta", name), why));
    let hint = "measure at frequencies and temperatures where the peak stands free";
    Outputs { metrics: metrics.collect(), warnings: vec![Warning::new("no-energy", why, hint)], ..Outputs::default() }
}

fn metrics(name: &str, law: &Law, factor: Option<f64>, tg: Option<f64>, t_peak: f64) -> Vec<Metric> {
    let n = law.points as f64;
    let with = |metric: &str, v: f64, error: f64, unit: &str| {
        let m = Metric::number(metric, v, unit).n(n);
        factor.map_or_else(|| m.clone(), |k| m.clone().interval(v - k * error, v + k * error))
    };
    let (e, s) = (law.energy, law.energy_error);
    let (p, q) = (law.log10_prefactor, law.log10_prefactor_error);
    let reach = factor.map(|k| [libm::exp10(p - k * q), libm::exp10(p + k * q)]);
    let f_inf = Metric::number("f_inf", libm::exp10(p), "Hz").n(n);
    let f_inf = reach.map_or_else(|| f_inf.clone(), |[a, b]| f_inf.clone().interval(a, b));
    // One eV a particle, in J, for each J/mol.
    let particle = Unit::of("eV").scale / J_PER_MOL_PER_EV;
    let by_tg = format!("e_{name}_over_r_tg");
    vec![
        with(&format!("e_{name}"), e, s, "J/mol"),
        with(&format!("e_{name}_particle"), e * particle, s * particle, "eV"),
        f_inf,
        with("log10_f_inf", p, q, ""),
        Metric::number("compensation", law.correlation, "").n(n),
        match tg {
            Some(tg) if tg > 0.0 => with(&by_tg, e / (GAS_CONSTANT * tg), s / (GAS_CONSTANT * tg), ""),
            _ => Metric::missing(&by_tg, "the sample has no `tg`; add it, such as tg = \"461 K\""),
        },
        with(&format!("e_{name}_over_r_t_{name}"), e / (GAS_CONSTANT * t_peak), s / (GAS_CONSTANT * t_peak), ""),
    ]
}

/// Peaks first (with their errors), then the line on a fine grid of 1/T with its band.
fn line(f: &[f64], t: &[f64], e: &[f64], law: &Law, factor: f64) -> Table {
    let (low, high) = t.iter().fold((f64::INFINITY, 0.0f64), |(l, h), t| (l.min(*t), h.max(*t)));
    let grid: Vec<f64> =
        (0..=40).map(|i| 1.0 / high + (1.0 / low - 1.0 / high) * f64::from(i) / 40.0).map(|x| 1.0 / x).collect();
    let at = |t: f64| law.at(t);
    let band = |t: f64, side: f64| libm::exp(libm::log(at(t)) + side * factor * law.log_error_at(t));
    let fill = |n: usize| std::iter::repeat_n(f64::NAN, n);
    let (k, hz, none) = (Unit::of("K"), Unit::of("Hz"), grid.len());
    Table {
        columns: vec![
            Column::text(
                "kind",
                std::iter::repeat_n("peak".into(), t.len()).chain(std::iter::repeat_n("line".into(), none)).collect(),
            ),
            Column::number("temperature", &k, t.iter().copied().chain(grid.iter().copied())),
            Column::number("temperature_error", &k, e.iter().copied().chain(fill(none))),
            Column::number("frequency", &hz, f.iter().copied().chain(grid.iter().map(|t| at(*t)))),
            Column::number("band_low", &hz, fill(t.len()).chain(grid.iter().map(|t| band(*t, -1.0)))),
            Column::number("band_high", &hz, fill(t.len()).chain(grid.iter().map(|t| band(*t, 1.0)))),
        ],
    }
}
