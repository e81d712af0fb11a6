//! `spectrum-peaks`: α and β relaxation in E″(T).

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError, Uncertainty,
    check_resamples,
};
use crate::data::{Artifact, Column, Kind, Metric, Table, Warning};
use crate::relax::loss::{LossCurve, loss_curves};
use crate::relax::peaks::{Beta, BetaClass, Peak, Peaks, peaks};
use crate::relax::resample::{PeakIntervals, intervals};
use crate::unit::Unit;
use crate::unit::quantity::Frequency;

/// Finds the α peak and what exceeds it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SpectrumPeaks {
    /// Frequency whose curve the metrics describe; the one nearest to it is used.
    #[serde(default = "one_hertz")]
    frequency: Frequency,
    /// `bootstrap`: the smoothed curve with fresh noise, analysed again; `none`.
    #[serde(default)]
    uncertainty: Uncertainty,
    /// Resamples of the bootstrap.
    #[serde(default = "resamples")]
    resamples: usize,
}

fn one_hertz() -> Frequency {
    Frequency(1.0)
}

fn resamples() -> usize {
    100
}

impl Stage for SpectrumPeaks {
    const DOC: &'static Doc = &Doc {
        id: "spectrum-peaks",
        version: 2,
        about: "α, β and β′ peaks of the loss modulus at every frequency of the table; E″/E″max against T/T_α; the excess over the extrapolated α \
                flank as β intensity, over E″max and over E_u, and its class: peak (a maximum of its own), shoulder (the slope of ln E″ against \
                −1/T dips), wing (excess beyond noise), none. A maximum below 0.55 T_α is β′.",
        reference: "METHODS §11; S2 §3.2, Fig. 2; S1 §2.3",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "spectrum",
            &[Kind::Spectrum],
            "",
            "temperature and loss modulus, storage modulus for E_u; several frequencies allowed",
        )
        .columns(&["temperature", "loss"])],
        outputs: &[
            Output {
                name: "peaks", kind: Kind::Table, unit: "input", about: "T_α, T_β and T_β′ of each frequency"
            },
            Output {
                name: "normalised",
                kind: Kind::Table,
                unit: "input",
                about: "T/T_α and E″/E″max at the reference frequency, with the α flank",
            },
            Output {
                name: "curve",
                kind: Kind::Table,
                unit: "input",
                about: "E′, E″, α flank and β excess against T at the reference frequency",
            },
        ],
        metrics: &[
            MetricDoc::new("frequency", "Hz", "the frequency described"),
            MetricDoc::new("t_alpha", "K", "temperature of the α peak"),
            MetricDoc::new("e_loss_max", "Pa", "its height E″max"),
            MetricDoc::new("t_beta", "K", "temperature of the β peak or shoulder, α subtracted"),
            MetricDoc::new("beta_intensity", "", "largest excess over the α flank, over E″max"),
            MetricDoc::new("beta_area", "", "∫ excess dT/(E″max T_α)"),
            MetricDoc::new("beta_class", "", "peak, shoulder, wing or none"),
            MetricDoc::new("t_beta_prime", "K", "temperature of the fast β′ peak"),
            MetricDoc::new("beta_prime_intensity", "", "its height over E″max"),
            MetricDoc::new("e_u", "Pa", "unrelaxed modulus: E′ at the lowest temperatures"),
            MetricDoc::new("beta_intensity_absolute", "", "largest excess over the α flank, over E_u"),
            MetricDoc::new("alpha_intensity_absolute", "", "E″max over E_u"),
        ],
        metadata: &["tg"],
        example: "run = \"spectrum-peaks\"\ninput = \"dma\"\nfrequency = \"1 Hz\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if !(self.frequency.0 > 0.0) {
            return Err(ParamError::new("frequency", "a positive frequency is wanted, such as \"1 Hz\""));
        }
        check_resamples(self.uncertainty, self.resamples)
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let (curves, mut warnings) = loss_curves(inputs.spectrum(0)?)?;
        let distance = |c: &LossCurve| libm::log(c.frequency / self.frequency.0).abs();
        // A table without frequencies has one curve, at a distance of NaN.
        let chosen =
            (0..curves.len()).min_by(|a, b| distance(&curves[*a]).total_cmp(&distance(&curves[*b]))).unwrap_or(0);
        let reference = &curves[chosen];
        let found: Vec<Result<Peaks, _>> = curves.iter().map(peaks).collect();
        let main = found[chosen].as_ref().map_err(StageError::of)?;
        if reference.frequency.is_nan() {
            warnings.push(Warning::new(
                "no-frequency",
                "the table has no frequency column",
                "name it in `columns`; an activation energy needs it",
            ));
        }
        if main.alpha_at_edge {
            warnings.push(Warning::new(
                "peak-at-edge",
                format!("E″ is highest at the last temperature measured, {:.1} K", main.alpha.temperature),
                "measure beyond the α peak: E″max and every normalised value rest on it",
            ));
        }
        if let Err(why) = &main.beta {
            warnings.push(Warning::new("no-flank", why.to_string(), "T_α and E″max stand"));
        }
        warnings.extend(cx.sample.number("tg").and_then(|tg| far_off(main.alpha.temperature, tg)));
        warnings.extend(gaps(reference));
        let interval = (self.uncertainty == Uncertainty::Bootstrap)
            .then(|| intervals(reference, main, self.resamples, &cx.stream.role("resample")))
            .flatten();
        if let (Some(i), Some(class)) = (interval.as_ref().filter(|i| i.same_class < 0.9), main.class()) {
            warnings.push(Warning::new(
                "class-unsure",
                format!(
                    "with fresh noise the β class stays `{}` in {:.0} % of the curves only",
                    class.name(),
                    100.0 * i.same_class
                ),
                "reduce the noise of the measurement before building on the class",
            ));
        }
        let metrics = metrics(reference, main, interval.as_ref());
        Ok(Outputs {
            artifacts: vec![
                ("peaks", Artifact::Table(Arc::new(peak_table(&curves, &found)))),
                ("normalised", Artifact::Table(Arc::new(normalised(reference, main)))),
                ("curve", Artifact::Table(Arc::new(moduli(reference, main)))),
            ],
            metrics,
            warnings,
        })
    }
}

/// T_α/T_g of glasses: at frequencies of DMA the peak lies within a tenth above T_g.
const NEAR_TG: [f64; 2] = [0.85, 1.3];
/// 0 °C, K.
const ICE: f64 = 273.15;

/// A T_α that cannot be that of a glass of this T_g.
fn far_off(t_alpha: f64, tg: f64) -> Option<Warning> {
    let near = |t: f64| (NEAR_TG[0]..NEAR_TG[1]).contains(&(t / tg));
    if !(tg > 0.0) || near(t_alpha) {
        return None;
    }
    let hint = match () {
        () if near(t_alpha + ICE) => {
            "the temperatures look like °C named K: columns = { temperature = { name = \"…\", unit = \"°C\" } }"
        }
        () if near(t_alpha - ICE) => "the temperatures look like K named °C: check the unit of the column",
        () => "check the unit of the temperatures and `tg` of the sample",
    };
    Some(Warning::new("tg-far-off", format!("T_α = {t_alpha:.1} K is {:.2} T_g of this sample", t_alpha / tg), hint))
}

/// Steps of temperature many times the usual one: what lies between is not seen.
fn gaps(curve: &LossCurve) -> Option<Warning> {
    const WIDE: f64 = 8.0;
    const OF_RANGE: f64 = 0.05;
    let t = &curve.temperature;
    let range = t[t.len() - 1] - t[0];
    let mut steps: Vec<f64> = t.windows(2).map(|w| w[1] - w[0]).collect();
    let usual = crate::num::quantile::quantile(&mut steps, 0.5);
    let wide = t.windows(2).filter(|w| w[1] - w[0] > (WIDE * usual).max(OF_RANGE * range));
    let list: Vec<String> = wide.map(|w| format!("{:.1} to {:.1} K", w[0], w[1])).collect();
    (!list.is_empty()).then(|| {
        let hint = "a peak or a class in a gap is a guess; measure there";
        Warning::new("gaps", format!("no points from {}", list.join(", ")), hint)
    })
}

fn metrics(curve: &LossCurve, p: &Peaks, i: Option<&PeakIntervals>) -> Vec<Metric> {
    let n = curve.temperature.len() as f64;
    let with = |m: Metric, i: Option<[f64; 2]>| i.map_or_else(|| m.clone(), |[a, b]| m.clone().interval(a, b)).n(n);
    let frequency = if curve.frequency.is_finite() {
        Metric::number("frequency", curve.frequency, "Hz")
    } else {
        Metric::missing("frequency", "the table has no frequency column")
    };
    let edge = if p.alpha_at_edge { "the α peak may lie beyond the range measured" } else { "" };
    let mut out = vec![
        frequency,
        with(Metric::number("t_alpha", p.alpha.temperature, "K").note(edge), i.map(|i| i.alpha)),
        Metric::number("e_loss_max", p.alpha.height, "Pa").n(n).note(edge),
    ];
    let unrelaxed = curve.unrelaxed();
    match &p.beta {
        Ok(b) => out.extend(of_beta(b, p.alpha.height, unrelaxed, i, &with)),
        Err(why) => {
            let names = ["t_beta", "beta_intensity", "beta_area", "beta_class", "beta_intensity_absolute"];
            out.extend(names.map(|m| Metric::missing(m, &why.to_string())));
        }
    }
    match p.beta_prime {
        Some(f) => {
            out.push(with(Metric::number("t_beta_prime", f.temperature, "K"), i.and_then(|i| i.beta_prime)));
            out.push(Metric::number("beta_prime_intensity", f.height / p.alpha.height, "").n(n));
        }
        None => {
            let why = "there is no maximum below 0.55 T_α";
            out.extend(["t_beta_prime", "beta_prime_intensity"].map(|m| Metric::missing(m, why)));
        }
    }
    match unrelaxed {
        Some(e) => {
            out.push(Metric::number("e_u", e, "Pa"));
            out.push(Metric::number("alpha_intensity_absolute", p.alpha.height / e, "").n(n).note(edge));
        }
        None => out.extend(["e_u", "alpha_intensity_absolute"].map(|m| Metric::missing(m, NO_STORAGE))),
    }
    out
}

const NO_STORAGE: &str = "the table has no storage modulus";

fn of_beta(
    b: &Beta,
    alpha: f64,
    unrelaxed: Option<f64>,
    i: Option<&PeakIntervals>,
    with: &dyn Fn(Metric, Option<[f64; 2]>) -> Metric,
) -> Vec<Metric> {
    let t_beta = b.peak.map_or_else(
        || {
            Metric::missing(
                "t_beta",
                &format!("the β relaxation is of class `{}`: it has no temperature of its own", b.class.name()),
            )
        },
        |peak| {
            let shoulder = if b.class == BetaClass::Shoulder {
                "a shoulder: its temperature depends on the α flank taken off"
            } else {
                ""
            };
            with(Metric::number("t_beta", peak.temperature, "K").note(shoulder), i.and_then(|i| i.beta))
        },
    );
    let agree = i.map_or_else(String::new, |i| format!("{:.0} % of the resampled curves agree", 100.0 * i.same_class));
    let none = if b.class == BetaClass::None { "no excess beyond noise" } else { "" };
    let intensity = i.and_then(|i| i.intensity);
    vec![
        t_beta,
        with(Metric::number("beta_intensity", b.intensity, "").note(none), intensity),
        with(Metric::number("beta_area", b.area.max(0.0), ""), i.and_then(|i| i.area)),
        with(Metric::text("beta_class", b.class.name()).note(&agree), None),
        match unrelaxed {
            Some(e) => {
                let m = Metric::number("beta_intensity_absolute", b.intensity * alpha / e, "").note(none);
                with(m, intensity.map(|i| i.map(|v| v * alpha / e)))
            }
            None => Metric::missing("beta_intensity_absolute", NO_STORAGE),
        },
    ]
}

fn peak_table<E>(curves: &[LossCurve], found: &[Result<Peaks, E>]) -> Table {
    let column = |name: &str, unit: &str, f: &dyn Fn(&LossCurve, Option<&Peaks>) -> f64| {
        Column::number(name, &Unit::of(unit), curves.iter().zip(found).map(|(c, p)| f(c, p.as_ref().ok())))
    };
    let of = |p: Option<Peak>, f: fn(Peak) -> f64| p.map_or(f64::NAN, f);
    let beta = |p: Option<&Peaks>, f: fn(Peak) -> f64| of(p.and_then(Peaks::beta_peak), f);
    let fast = |p: Option<&Peaks>, f: fn(Peak) -> f64| of(p.and_then(|p| p.beta_prime), f);
    let intensity = |p: Option<&Peaks>| p.and_then(|p| p.beta.as_ref().ok()).map_or(f64::NAN, |b| b.intensity);
    Table {
        columns: vec![
            column("frequency", "Hz", &|c, _| c.frequency),
            column("t_alpha", "K", &|_, p| p.map_or(f64::NAN, |p| p.alpha.temperature)),
            column("t_alpha_error", "K", &|_, p| p.map_or(f64::NAN, |p| p.alpha.error)),
            column("e_loss_max", "Pa", &|_, p| p.map_or(f64::NAN, |p| p.alpha.height)),
            column("t_beta", "K", &|_, p| beta(p, |b| b.temperature)),
            column("t_beta_error", "K", &|_, p| beta(p, |b| b.error)),
            column("t_beta_displacement", "K", &|_, p| {
                p.and_then(|p| p.beta.as_ref().ok()).map_or(f64::NAN, |b| b.displacement)
            }),
            column("beta_height", "Pa", &|_, p| beta(p, |b| b.height)),
            column("beta_intensity", "", &|_, p| intensity(p)),
            Column::text(
                "beta_class",
                found
                    .iter()
                    .map(|p| p.as_ref().ok().and_then(Peaks::class).map_or("", BetaClass::name).to_string())
                    .collect(),
            ),
            column("t_beta_prime", "K", &|_, p| fast(p, |b| b.temperature)),
            column("t_beta_prime_error", "K", &|_, p| fast(p, |b| b.error)),
            column("beta_prime_height", "Pa", &|_, p| fast(p, |b| b.height)),
        ],
    }
}

/// The α flank, Pa; NaN where there is none.
fn flank(curve: &LossCurve, p: &Peaks) -> Vec<f64> {
    p.beta.as_ref().map_or_else(|_| vec![f64::NAN; curve.loss.len()], |b| b.background.clone())
}

fn normalised(curve: &LossCurve, p: &Peaks) -> Table {
    let none = Unit::none();
    let over = |v: &[f64], by: f64| v.iter().map(|v| v / by).collect::<Vec<_>>();
    Table {
        columns: vec![
            Column::number("t_over_t_alpha", &none, over(&curve.temperature, p.alpha.temperature)),
            Column::number("e_loss_over_max", &none, over(&curve.loss, p.alpha.height)),
            Column::number("alpha_flank", &none, over(&flank(curve, p), p.alpha.height)),
            Column::number("temperature", &Unit::of("K"), curve.temperature.iter().copied()),
        ],
    }
}

fn moduli(curve: &LossCurve, p: &Peaks) -> Table {
    let (mpa, flank) = (Unit::of("MPa"), flank(curve, p));
    let mut columns = vec![Column::number("temperature", &Unit::of("K"), curve.temperature.iter().copied())];
    if curve.storage.iter().any(|s| s.is_finite()) {
        columns.push(Column::number("storage", &mpa, curve.storage.iter().copied()));
    }
    columns.push(Column::number("loss", &mpa, curve.loss.iter().copied()));
    columns.push(Column::number("alpha_flank", &mpa, flank.iter().copied()));
    columns.push(Column::number("excess", &mpa, curve.loss.iter().zip(&flank).map(|(l, f)| l - f)));
    Table { columns }
}
