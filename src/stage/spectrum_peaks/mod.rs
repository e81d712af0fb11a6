//! `spectrum-peaks`: α and β relaxation in E″(T).

mod report;
mod tables;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Connections, Cx, Doc, Inputs, Intervals, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError,
};
use crate::data::{Artifact, Kind};
use crate::relax::loss::{LossCurve, loss_curves};
use crate::relax::peaks::{Peaks, peaks};
use crate::relax::resample::intervals;
use crate::unit::quantity::Frequency;

/// Finds the α peak and what exceeds it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct SpectrumPeaks {
    /// Frequency whose curve the metrics describe; the one nearest to it is used.
    frequency: Frequency,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<200>,
}

impl Default for SpectrumPeaks {
    fn default() -> SpectrumPeaks {
        SpectrumPeaks { frequency: Frequency(1.0), intervals: Intervals::default() }
    }
}

impl Stage for SpectrumPeaks {
    const DOC: &'static Doc = &Doc {
        id: "spectrum-peaks",
        version: 4,
        about: "α, β and β′ peaks of the loss modulus at every frequency of the table; E″/E″max against T/T_α. The class of the β relaxation: \
                peak (a maximum of its own), shoulder (the slope of ln E″ against −1/T dips), wing (excess beyond noise over the extrapolated \
                α flank), none. Place and height of a peak or a shoulder come from a fit of the α flank and a symmetric β process at once; its \
                height over E″max, or the largest excess of a wing, is the β intensity. A maximum below 0.55 T_α is β′; what lies above the onset of crystallisation (E′ rises again, or the \
                highest maximum does not move with frequency) is no α process. Intervals: of the fit, \
                with what it leaves and what another form of β gives; of the rest the smoothed curve with fresh noise, analysed again.",
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
            MetricDoc::new("t_beta", "K", "temperature of the β process of a peak or shoulder"),
            MetricDoc::new(
                "beta_intensity",
                "",
                "height of the β process, of a wing the largest excess over the α flank; over E″max",
            ),
            MetricDoc::new("beta_area", "", "∫ excess dT/(E″max T_α)"),
            MetricDoc::new("beta_class", "", "peak, shoulder, wing or none"),
            MetricDoc::new("t_beta_prime", "K", "temperature of the fast β′ peak"),
            MetricDoc::new("beta_prime_intensity", "", "its height over E″max"),
            MetricDoc::new(
                "t_x",
                "K",
                "where crystallisation begins: E′ rises again, or a maximum above α stays with frequency",
            ),
            MetricDoc::new("e_u", "Pa", "unrelaxed modulus: E′ at the lowest temperatures"),
            MetricDoc::new("beta_intensity_absolute", "", "the same height over E_u"),
            MetricDoc::new("alpha_intensity_absolute", "", "E″max over E_u"),
        ],
        metadata: &["tg"],
        example: "run = \"spectrum-peaks\"\ninput = \"dma\"\nfrequency = \"1 Hz\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if !(self.frequency.0 > 0.0) {
            return Err(ParamError::new("frequency", "a positive frequency is wanted, such as \"1 Hz\""));
        }
        self.intervals.check()
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        self.intervals.idle()
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
        let resamples = self.intervals.count();
        let interval = resamples.and_then(|n| intervals(reference, main, n, &cx.stream.role("resample")));
        warnings.extend(report::warnings(reference, main, interval.as_ref(), cx.sample.number("tg")));
        let metrics = report::metrics(reference, main, interval.as_ref());
        Ok(Outputs {
            artifacts: vec![
                ("peaks", Artifact::Table(Arc::new(tables::peaks(&curves, &found).table()))),
                ("normalised", Artifact::Table(Arc::new(tables::normalised(reference, main).table()))),
                ("curve", Artifact::Table(Arc::new(tables::moduli(reference, main).table()))),
            ],
            metrics,
            warnings,
        })
    }
}
