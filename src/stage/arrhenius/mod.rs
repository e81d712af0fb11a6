//! `arrhenius`: activation energies, fragility and Kissinger's energy from what moves with temperature.

mod curved;
mod points;
mod table;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::points::{Points, RateKind};
use self::table::{Rows, grid, table};
use super::{
    Connections, Cx, Doc, Index, Inputs, Intervals, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage,
    StageError, Uncertainty,
};
use crate::data::{Artifact, Kind, Metric, Warning};
use crate::relax::arrhenius::{Arrhenius as Line, arrhenius, bootstrap_factor, displaced};
use crate::relax::{GAS_CONSTANT, J_PER_MOL_PER_EV};
use crate::unit::Unit;

/// Fits a law of activation.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Arrhenius {
    /// Which peak of a table of `spectrum-peaks`: `beta`, `alpha` or `beta-prime`.
    peak: Which,
    /// `arrhenius`: f = f∞ exp(−E/RT); `vft`: τ = τ₀ exp[B/(T − T₀)], of peaks or shifts; `kissinger`: ln(q/T²) against 1/T.
    law: Law,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<2000>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Which {
    #[default]
    Beta,
    Alpha,
    BetaPrime,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Law {
    #[default]
    Arrhenius,
    Vft,
    Kissinger,
}

impl Which {
    fn name(self) -> &'static str {
        match self {
            Which::Beta => "beta",
            Which::Alpha => "alpha",
            Which::BetaPrime => "beta_prime",
        }
    }
}

/// What an energy may be that of: the peaks, and the law of heating rates.
const PEAKS: Index = Index::Name(|| {
    [Which::Beta, Which::Alpha, Which::BetaPrime]
        .map(|w| w.name().into())
        .into_iter()
        .chain([KISSINGER.into()])
        .collect()
});

/// Name of the energy of Kissinger's law.
const KISSINGER: &str = "kissinger";

/// Number of the metrics of a straight line, which come before those of `law = "vft"`.
const STRAIGHT: usize = 7;

impl Stage for Arrhenius {
    const DOC: &'static Doc = &Doc {
        id: "arrhenius",
        version: 3,
        about: "ln f of the peaks against 1/T, each weighted by the error of its temperature: activation energy, prefactor and their correlation, \
                ratios to R T_g and R T_β. For another peak the metrics are e_alpha and so on. `law = \"vft\"`, of α peaks or of \
                `master.shifts`: T₀, fragility, the energy of the liquid at T_g, and whether the points are curved at all. \
                `law = \"kissinger\"`, of a table of heating rates and temperatures: e_kissinger and its prefactor. Intervals and bands come from the scatter about the law (Student's or bootstrap-t, profiles of T₀ and m).",
        reference: "METHODS §11; S2 §3.2; S0 §2; doi:10.1021/ac60131a045",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "peaks",
            &[Kind::Table, Kind::Spectrum],
            "",
            "the table of `spectrum-peaks`, the shifts of `master-curve`, or temperatures with frequencies or heating rates",
        )
        .tables(&["spectrum-peaks.peaks", "master-curve.shifts"])],
        outputs: &[Output {
            name: "line",
            kind: Kind::Table,
            unit: "input",
            about: "peaks, their errors, the line and its band",
        }],
        metrics: &[
            MetricDoc::new("e_<peak>", "J/mol", "activation energy").of(PEAKS),
            MetricDoc::new("e_<peak>_particle", "eV", "the same a particle (J in tables, eV where people read it)")
                .of(PEAKS),
            MetricDoc::new("f_inf", "Hz", "prefactor; of Kissinger's law the rate k₀"),
            MetricDoc::new("log10_f_inf", "", "log₁₀ of it"),
            MetricDoc::new("compensation", "", "correlation of E and ln f∞"),
            MetricDoc::new("e_<peak>_over_r_tg", "", "E/(R T_g), with T_g of the sample's metadata; ≈ 26 ± 2 for β")
                .of(PEAKS),
            MetricDoc::new(
                "e_<peak>_over_r_t_<peak>",
                "",
                "E/(R T) of the peak at the frequency nearest to 1 Hz; ≈ 33 ± 1 for β",
            )
            .of(PEAKS),
            MetricDoc::new("vft_t0", "K", "T₀; Arrhenius' law where it is 0"),
            MetricDoc::new("vft_b", "K", "B"),
            MetricDoc::new("curved", "", "`yes` where the interval of T₀ excludes 0, or `not shown`"),
            MetricDoc::new("log10_tau0", "", "log₁₀ of τ₀ in s"),
            MetricDoc::new("fragility_tg", "K", "T_g of the fragility"),
            MetricDoc::new("fragility", "", "m = d log₁₀ τ/d(T_g/T) at T_g"),
            MetricDoc::new("e_liquid", "J/mol", "m R T_g ln 10"),
            MetricDoc::new("e_liquid_particle", "eV", "the same a particle"),
            MetricDoc::new("wlf_c1", "", "C₁ of Williams, Landel and Ferry, of shifts"),
            MetricDoc::new("wlf_c2", "K", "C₂"),
        ],
        metadata: &["tg"],
        example: "run = \"arrhenius\"\ninput = \"relax\"\npeak = \"alpha\"\nlaw = \"vft\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        self.intervals.check()
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        let mut out = self.intervals.idle();
        if self.law == Law::Kissinger {
            out.push(ParamError::new("peak", "rates of heating are those of one peak"));
        }
        out
    }

    fn metrics(&self) -> Vec<MetricDoc> {
        let (straight, curved) = Self::DOC.metrics.split_at(STRAIGHT);
        let named = |name: &str| straight.iter().map(|m| m.named(m.name.replace("<peak>", name))).collect();
        match self.law {
            Law::Vft => curved.to_vec(),
            Law::Arrhenius => named(self.peak.name()),
            Law::Kissinger => named(KISSINGER),
        }
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let points = self.points(inputs)?;
        Ok(match self.law {
            Law::Vft => self.vft(&points, cx),
            Law::Arrhenius => self.straight(&points, self.peak.name(), cx),
            Law::Kissinger => self.straight(&points, KISSINGER, cx),
        })
    }
}

/// Metrics of a straight line.
fn names(name: &str) -> [String; 7] {
    let e = format!("e_{name}");
    [
        e.clone(),
        format!("{e}_particle"),
        "f_inf".into(),
        "log10_f_inf".into(),
        "compensation".into(),
        format!("{e}_over_r_tg"),
        format!("{e}_over_r_t_{name}"),
    ]
}

impl Arrhenius {
    /// What has no law has none: that is a result, not a failure.
    fn missing(&self, why: &str) -> Outputs {
        let hint = "measure at frequencies and temperatures where the peak stands free";
        Outputs {
            metrics: self.metrics().iter().map(|m| Metric::missing(&m.name, why)).collect(),
            warnings: vec![Warning::new("no-energy", why, hint)],
            ..Outputs::default()
        }
    }

    /// A line of ln f, or of ln(q/T²), against 1/T.
    fn straight(&self, p: &Points, name: &str, cx: &Cx<'_>) -> Outputs {
        let t = &p.temperature;
        // What of the rate depends on temperature by itself.
        let by = |t: f64| if p.measured == RateKind::HeatingRate { t * t } else { 1.0 };
        let f: Vec<f64> = p.rate.iter().zip(t).map(|(f, t)| f / by(*t)).collect();
        let law = match arrhenius(&f, t, &p.error) {
            Ok(law) => law,
            Err(e) => return self.missing(&format!("{e}{}", p.left_out)),
        };
        let factor = match self.intervals.uncertainty {
            Uncertainty::None => None,
            Uncertainty::Bootstrap => {
                Some(bootstrap_factor(&f, t, &p.error, &law, self.intervals.resamples, &cx.stream.role("resample")))
            }
        };
        let systematic = displaced(&f, t, &p.error, &p.displacement, &law);
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
        let grid = grid(t);
        let at = |t: f64, side: f64| {
            let wide = if side == 0.0 { 0.0 } else { side * factor.unwrap_or(f64::NAN) * law.log_error_at(t) };
            libm::exp(libm::log(law.at(t)) + wide) * by(t)
        };
        let line: Vec<f64> = grid.iter().map(|t| at(*t, 0.0)).collect();
        let band: Vec<[f64; 2]> = grid.iter().map(|t| [at(*t, -1.0), at(*t, 1.0)]).collect();
        let rows = Rows { points: p, grid: &grid, law: &line, band: &band };
        Outputs {
            artifacts: vec![("line", Artifact::Table(Arc::new(table(&rows).table())))],
            metrics: metrics(name, p, &law, Spread { factor, systematic }, cx.sample.number("tg")),
            warnings,
        }
    }
}

/// What intervals are made of.
#[derive(Clone, Copy)]
struct Spread {
    /// Standard errors of a 95 % interval; `None` where none are asked for.
    factor: Option<f64>,
    /// Standard error of E (J/mol) and of log₁₀ f∞ that all points share.
    systematic: [f64; 2],
}

impl Spread {
    /// Half width of an interval about a value of this standard error.
    fn half(&self, error: f64, shared: f64) -> Option<f64> {
        self.factor.map(|k| libm::hypot(k * error, 1.96 * shared))
    }
}

fn metrics(name: &str, p: &Points, law: &Line, spread: Spread, tg: Option<f64>) -> Vec<Metric> {
    let n = law.points as f64;
    let [shared, shared_prefactor] = spread.systematic;
    // Energies in other units, by a factor.
    let with = |metric: &str, by: f64, unit: &str| {
        let v = law.energy * by;
        let m = Metric::number(metric, v, unit).n(n);
        let half = spread.half(law.energy_error, shared).map(|h| h * by);
        half.map_or_else(|| m.clone(), |h| m.clone().interval(v - h, v + h))
    };
    let near = |f: &f64| libm::log(*f).abs();
    let at = (0..p.rate.len()).min_by(|a, b| near(&p.rate[*a]).total_cmp(&near(&p.rate[*b]))).unwrap_or(0);
    let t_peak = p.temperature[at];
    // ln(q/T²) = ln(k₀ R/E) − E/RT.
    let rate = if p.measured == RateKind::HeatingRate { libm::log10(law.energy / GAS_CONSTANT) } else { 0.0 };
    let q = law.log10_prefactor + rate;
    let ends = spread.half(law.log10_prefactor_error, shared_prefactor).map(|h| [q - h, q + h]);
    let bounded = |m: Metric, ends: Option<[f64; 2]>| ends.map_or_else(|| m.clone(), |[a, b]| m.clone().interval(a, b));
    let f_inf = bounded(Metric::number("f_inf", libm::exp10(q), "Hz").n(n), ends.map(|e| e.map(libm::exp10)));
    let log10_f_inf = bounded(Metric::number("log10_f_inf", q, "").n(n), ends);
    // One eV a particle, in J, for each J/mol.
    let particle = Unit::of("eV").scale / J_PER_MOL_PER_EV;
    let [energy, in_ev, _, _, _, by_tg, by_peak] = names(name);
    vec![
        with(&energy, 1.0, "J/mol"),
        with(&in_ev, particle, "eV"),
        f_inf,
        log10_f_inf,
        Metric::number("compensation", law.correlation, "").n(n),
        match tg {
            Some(tg) if tg > 0.0 => with(&by_tg, 1.0 / (GAS_CONSTANT * tg), ""),
            _ => Metric::missing(&by_tg, "the sample has no `tg`; add it, such as tg = \"461 K\""),
        },
        with(&by_peak, 1.0 / (GAS_CONSTANT * t_peak), ""),
    ]
}
