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
use crate::relax::peaks::{BetaClass, Peaks, peaks};
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
        version: 1,
        about: "α and β peaks of the loss modulus at every frequency of the table; E″/E″max against T/T_α; the excess over the extrapolated α flank \
                as β intensity, and its class: peak, shoulder, wing or none.",
        reference: "METHODS §11; S2 §3.2, Fig. 2",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "spectrum",
            &[Kind::Spectrum],
            "",
            "temperature and loss modulus, several frequencies allowed",
        )],
        outputs: &[
            Output { name: "peaks", kind: Kind::Table, unit: "input", about: "T_α and T_β of each frequency" },
            Output {
                name: "normalised",
                kind: Kind::Table,
                unit: "input",
                about: "T/T_α and E″/E″max at the reference frequency, with the α flank",
            },
        ],
        metrics: &[
            MetricDoc { name: "frequency", unit: "Hz", about: "the frequency described" },
            MetricDoc { name: "t_alpha", unit: "K", about: "temperature of the α peak" },
            MetricDoc { name: "e_loss_max", unit: "Pa", about: "its height E″max" },
            MetricDoc { name: "t_beta", unit: "K", about: "temperature of the β peak or shoulder, α subtracted" },
            MetricDoc { name: "beta_intensity", unit: "", about: "largest excess over the α flank, over E″max" },
            MetricDoc { name: "beta_area", unit: "", about: "∫ excess dT/(E″max T_α)" },
            MetricDoc { name: "beta_class", unit: "", about: "peak, shoulder, wing or none" },
        ],
        metadata: &[],
        example: "run = \"spectrum-peaks\"\ninput = \"dma\"\nfrequency = \"1 Hz\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if !(self.frequency.0 > 0.0) {
            return Err(ParamError::new("frequency", "a positive frequency is wanted, such as \"1 Hz\""));
        }
        check_resamples(self.uncertainty, self.resamples)
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let (curves, mut warnings) = loss_curves(inputs.spectrum(0)?).map_err(StageError::of)?;
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
        let interval = (self.uncertainty == Uncertainty::Bootstrap)
            .then(|| intervals(reference, main, self.resamples, cx.seed))
            .flatten();
        if let Some(i) = interval.as_ref().filter(|i| i.same_class < 0.9) {
            warnings.push(Warning::new(
                "class-unsure",
                format!(
                    "with fresh noise the β class stays `{}` in {:.0} % of the curves only",
                    main.class.name(),
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
            ],
            metrics,
            warnings,
        })
    }
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
    let t_beta = p.beta.map_or_else(
        || {
            Metric::missing(
                "t_beta",
                &format!("the β relaxation is of class `{}`: it has no temperature of its own", p.class.name()),
            )
        },
        |b| {
            let shoulder = if p.class == BetaClass::Shoulder {
                "a shoulder: its temperature depends on the α flank taken off"
            } else {
                ""
            };
            with(Metric::number("t_beta", b.temperature, "K").note(shoulder), i.and_then(|i| i.beta))
        },
    );
    let class = Metric::text("beta_class", p.class.name())
        .n(n)
        .note(&i.map_or_else(String::new, |i| format!("{:.0} % of the resampled curves agree", 100.0 * i.same_class)));
    let none = if p.class == BetaClass::None { "no excess beyond noise" } else { "" };
    vec![
        frequency,
        with(Metric::number("t_alpha", p.alpha.temperature, "K").note(edge), i.map(|i| i.alpha)),
        Metric::number("e_loss_max", p.alpha.height, "Pa").n(n).note(edge),
        t_beta,
        with(Metric::number("beta_intensity", p.intensity, "").note(none), i.map(|i| i.intensity)),
        with(Metric::number("beta_area", p.area.max(0.0), ""), i.map(|i| i.area)),
        class,
    ]
}

fn peak_table<E>(curves: &[LossCurve], found: &[Result<Peaks, E>]) -> Table {
    let column = |name: &str, unit: &str, f: &dyn Fn(&LossCurve, Option<&Peaks>) -> f64| {
        Column::number(name, &Unit::of(unit), curves.iter().zip(found).map(|(c, p)| f(c, p.as_ref().ok())))
    };
    let beta = |p: Option<&Peaks>, f: fn(&crate::relax::peaks::Peak) -> f64| {
        p.and_then(|p| p.beta.as_ref()).map_or(f64::NAN, f)
    };
    Table {
        columns: vec![
            column("frequency", "Hz", &|c, _| c.frequency),
            column("t_alpha", "K", &|_, p| p.map_or(f64::NAN, |p| p.alpha.temperature)),
            column("t_alpha_error", "K", &|_, p| p.map_or(f64::NAN, |p| p.alpha.error)),
            column("e_loss_max", "Pa", &|_, p| p.map_or(f64::NAN, |p| p.alpha.height)),
            column("t_beta", "K", &|_, p| beta(p, |b| b.temperature)),
            column("t_beta_error", "K", &|_, p| beta(p, |b| b.error)),
            column("beta_height", "Pa", &|_, p| beta(p, |b| b.height)),
            column("beta_intensity", "", &|_, p| p.map_or(f64::NAN, |p| p.intensity)),
            Column::text(
                "beta_class",
                found.iter().map(|p| p.as_ref().map_or("", |p| p.class.name()).to_string()).collect(),
            ),
        ],
    }
}

fn normalised(curve: &LossCurve, p: &Peaks) -> Table {
    let none = Unit::none();
    let over = |v: &[f64], by: f64| v.iter().map(|v| v / by).collect::<Vec<_>>();
    Table {
        columns: vec![
            Column::number("t_over_t_alpha", &none, over(&curve.temperature, p.alpha.temperature)),
            Column::number("e_loss_over_max", &none, over(&curve.loss, p.alpha.height)),
            Column::number("alpha_flank", &none, over(&p.background, p.alpha.height)),
            Column::number("temperature", &Unit::of("K"), curve.temperature.iter().copied()),
        ],
    }
}
