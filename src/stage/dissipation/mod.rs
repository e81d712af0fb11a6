//! `dissipation`: the energy that a vibrating tip leaves in the sample, from phase and amplitude.

mod report;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::data::{Kind, Map, PhaseConvention, Role};
use crate::tapping::energy::{Drive, Errors};
use crate::tapping::tune::{Resonance, resonance};
use crate::unit::Unit;
use crate::unit::quantity::{Angle, Fraction, Frequency, Length, SpringConstant};

/// Turns phase and amplitude of a tapping-mode image into dissipated energy.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Dissipation {
    /// Spring constant of the cantilever.
    spring_constant: SpringConstant,
    /// Quality factor; from a tune curve on the port `tune` unless given.
    #[serde(default)]
    quality_factor: Option<f64>,
    /// Free amplitude A₀.
    free_amplitude: Length,
    /// Set point of the amplitude: the amplitude everywhere where there is no image of it, and what the energy is
    /// normalised with; the mean of the amplitude image unless given.
    #[serde(default)]
    setpoint: Option<Length>,
    /// Drive over resonance frequency, ω/ω₀.
    #[serde(default)]
    frequency_ratio: Option<f64>,
    /// Drive frequency, which with a tune curve gives ω/ω₀.
    #[serde(default)]
    drive_frequency: Option<Frequency>,
    /// Convention of the phase, where the input does not say it.
    #[serde(default)]
    convention: Option<PhaseConvention>,
    /// Standard errors.
    #[serde(flatten)]
    errors: ErrorsOfSettings,
}

/// How well the cantilever is known.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct ErrorsOfSettings {
    /// Standard error of the spring constant.
    spring_constant_error: Fraction,
    /// Standard error of the quality factor.
    quality_factor_error: Fraction,
    /// Standard error of the free amplitude.
    free_amplitude_error: Fraction,
    /// Standard error of the zero of the phase.
    phase_error: Angle,
}

impl Default for ErrorsOfSettings {
    fn default() -> ErrorsOfSettings {
        ErrorsOfSettings {
            spring_constant_error: Fraction(0.1),
            quality_factor_error: Fraction(0.02),
            free_amplitude_error: Fraction(0.02),
            phase_error: Angle(1.0),
        }
    }
}

impl ErrorsOfSettings {
    fn errors(&self) -> Errors {
        Errors {
            spring_constant: self.spring_constant_error.0,
            quality_factor: self.quality_factor_error.0,
            free_amplitude: self.free_amplitude_error.0,
            phase: self.phase_error.0,
        }
    }
}

impl Stage for Dissipation {
    const DOC: &'static Doc = &Doc {
        id: "dissipation",
        version: 1,
        about: "Energy dissipated in a cycle of tapping mode, E = (π k A A₀/Q) [sin φ − (ω/ω₀)(A/A₀)], in J and normalised by that of the set point, \
                and the elastic force k A₀ cos φ/Q. The convention of the phase is never guessed; negative energies are kept and counted.",
        reference: "METHODS §4; S1 Eq. 3.10; Cleveland et al., doi:10.1063/1.121434",
        scope: Scope::Sample,
        inputs: &[
            Port::new("phase", &[Kind::Map], "deg", "phase image with its `convention`"),
            Port::new("amplitude", &[Kind::Map], "m", "amplitude image; the set point everywhere where there is none")
                .optional(),
            Port::new("tune", &[Kind::Spectrum], "", "tune curve with the columns frequency and amplitude, for Q")
                .columns(&["frequency", "amplitude"])
                .optional(),
        ],
        outputs: &[
            Output { name: "energy", kind: Kind::Map, unit: "J", about: "dissipated energy a cycle" },
            Output { name: "normalised", kind: Kind::Map, unit: "", about: "E* = E Q/(π k A_sp A₀)" },
            Output { name: "force", kind: Kind::Map, unit: "N", about: "elastic force k A₀ cos φ/Q" },
            Output {
                name: "error",
                kind: Kind::Map,
                unit: "J",
                about: "standard error of the energy from k, Q, A₀ and the zero of the phase",
            },
        ],
        metrics: &[
            MetricDoc::new(
                "energy",
                "J",
                "mean energy; the interval is that of k, Q, A₀ and the zero of the phase together",
            ),
            MetricDoc::new("normalised", "", "mean of E*"),
            MetricDoc::new("force", "N", "mean elastic force"),
            MetricDoc::new("negative_fraction", "", "share of pixels with negative energy"),
            MetricDoc::new("quality_factor", "", "Q used"),
            MetricDoc::new("frequency_ratio", "", "ω/ω₀ used"),
            MetricDoc::new("setpoint", "m", "A_sp used"),
        ],
        metadata: &[],
        example: "run = \"dissipation\"\ninput = { phase = \"phase\", amplitude = \"amplitude\" }\nspring_constant = \"26 N/m\"\n\
                  quality_factor = 420\nfree_amplitude = \"20 nm\"\nsetpoint = \"9 nm\"\nphase_error = \"0.5 deg\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        let positive = [
            ("spring_constant", Some(self.spring_constant.0)),
            ("quality_factor", self.quality_factor),
            ("free_amplitude", Some(self.free_amplitude.0)),
            ("setpoint", self.setpoint.map(|s| s.0)),
            ("frequency_ratio", self.frequency_ratio),
            ("drive_frequency", self.drive_frequency.map(|f| f.0)),
        ];
        for (key, value) in positive {
            if value.is_some_and(|v| !(v > 0.0 && v.is_finite())) {
                return Err(ParamError::new(key, "a positive number is wanted"));
            }
        }
        if self.setpoint.is_some_and(|s| s.0 > self.free_amplitude.0) {
            return Err(ParamError::new(
                "setpoint",
                "the set point lies above the free amplitude: the tip would not tap",
            ));
        }
        if self.frequency_ratio.is_some() && self.drive_frequency.is_some() {
            return Err(ParamError::new("drive_frequency", "give `frequency_ratio` or `drive_frequency`, not both"));
        }
        let e = self.errors.errors();
        let errors = [
            ("spring_constant_error", e.spring_constant),
            ("quality_factor_error", e.quality_factor),
            ("free_amplitude_error", e.free_amplitude),
            ("phase_error", e.phase),
        ];
        for (key, value) in errors {
            if !(value >= 0.0) {
                return Err(ParamError::new(key, "a standard error is not negative"));
            }
        }
        Ok(())
    }

    fn run(&self, inputs: &Inputs<'_>, _cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let phase = inputs.map(0)?;
        let fail = |what: String| StageError::Failed(what);
        if !phase.unit.same_dimension(&Unit::of("deg")) {
            let unit = phase.unit.in_words();
            return Err(fail(format!("the phase is in {unit}, not an angle; give `unit = \"deg\"` with the input")));
        }
        let convention = match (phase.convention, self.convention) {
            (Some(a), Some(b)) if a != b => {
                return Err(fail(format!("the input says `{}` and the stage `{}`: which is it?", report::name(a), report::name(b))));
            }
            (a, b) => a.or(b).ok_or_else(|| {
                fail(
                    "the phase has no `convention`, and energy cannot be had from a guess: say `lag` (90° at the free \
                     resonance), `lead`, `shift-from-resonance` (0° there, positive where repelled) or `lag-from-resonance` \
                     with the input"
                        .into(),
                )
            })?,
        };
        if let Some(step) = phase.levelling.first() {
            let what = format!("the phase was levelled ({step}): its zero is lost; take the input before levelling");
            return Err(fail(what));
        }
        let amplitude = inputs.get(1).map(|_| inputs.map(1)).transpose()?;
        if let Some(a) = amplitude {
            let steps = |m: &Map| m.pixel.unwrap_or([f64::NAN; 2]);
            let apart = steps(a).iter().zip(steps(phase)).any(|(a, b)| (a / b - 1.0).abs() > 1e-6);
            if a.shape() != phase.shape() || apart {
                return Err(fail("phase and amplitude differ in size: they are not of one scan".into()));
            }
            if let Some(step) = a.levelling.first() {
                return Err(fail(format!(
                    "the amplitude was levelled ({step}): its zero is lost; take the input before levelling"
                )));
            }
        }
        let tune = inputs.get(2).map(|_| self.tune(inputs)).transpose()?;
        let drive = self.drive(tune.as_ref())?;
        let mean = amplitude.map(|a| crate::num::sum::mean(&a.valid()));
        let setpoint = self.setpoint.map(|s| s.0).or(mean).ok_or_else(|| {
            fail(
                "neither an amplitude image nor a `setpoint` is given: connect one or write setpoint = \"9 nm\"".into(),
            )
        })?;
        if !(setpoint > 0.0) {
            let what = format!("the amplitude is {setpoint:e} m on average: no set point; check its unit and its zero");
            return Err(fail(what));
        }
        self.report(phase, amplitude, convention, &drive, setpoint, tune)
    }
}

impl Dissipation {
    fn tune(&self, inputs: &Inputs<'_>) -> Result<Resonance, StageError> {
        let curve = inputs.spectrum(2)?;
        let (Some(frequency), Some(amplitude)) = (curve.frequency(), curve.get(Role::Amplitude)) else {
            return Err(StageError::Failed(
                "the tune curve needs the columns `frequency` and `amplitude`: columns = { frequency = \"…\", amplitude = \"…\" }"
                    .into(),
            ));
        };
        resonance(&frequency, amplitude).map_err(StageError::of)
    }

    fn drive(&self, tune: Option<&Resonance>) -> Result<Drive, StageError> {
        let quality_factor = self.quality_factor.or(tune.map(|t| t.quality_factor)).ok_or_else(|| {
            StageError::Failed(
                "there is no quality factor: give `quality_factor`, or a tune curve on the port `tune`".into(),
            )
        })?;
        let ratio = match (self.frequency_ratio, self.drive_frequency, tune) {
            (Some(r), ..) => r,
            (None, Some(f), Some(t)) => f.0 / t.frequency,
            (None, Some(_), None) => {
                let what = "`drive_frequency` needs a tune curve for the resonance; give `frequency_ratio` instead";
                return Err(StageError::Failed(what.into()));
            }
            (None, None, _) => 1.0,
        };
        Ok(Drive {
            spring_constant: self.spring_constant.0,
            quality_factor,
            free_amplitude: self.free_amplitude.0,
            frequency_ratio: ratio,
        })
    }
}
