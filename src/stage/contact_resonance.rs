//! `contact-resonance`: from a frequency map to contact stiffness and modulus.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Connections, Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::contact::beam::{Cantilever, tip_position};
use crate::contact::hertz::{Geometry, reduced, sample_modulus};
use crate::data::{Artifact, Kind, Map, Metric, Warning};
use crate::num::quantile::median;
use crate::unit::Unit;
use crate::unit::quantity::{Frequency, Pressure, SpringConstant};

/// Turns contact-resonance frequencies into stiffness and modulus.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct ContactResonance {
    /// Free resonance of the mode.
    free_frequency: Frequency,
    /// Spring constant of the cantilever.
    spring_constant: SpringConstant,
    /// A second mode measured on the reference: the tip position at which both give one stiffness is used.
    #[serde(default)]
    second_mode: Option<SecondMode>,
    /// A sample of known modulus measured with the same tip and force.
    reference: Reference,
    /// The mode and the tip.
    #[serde(flatten)]
    probe: Probe,
}

/// The mode and the tip, as they mostly are.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Probe {
    /// Flexural mode, 1 to 5.
    mode: usize,
    /// Position of the tip, L₁/L in (0.5, 1].
    tip_position: f64,
    /// `sphere` (m = 3/2) or `flat-punch` (m = 1).
    contact: Geometry,
    /// Indentation modulus of the tip, E/(1−ν²); silicon ⟨100⟩ unless given.
    tip_modulus: Pressure,
}

impl Default for Probe {
    fn default() -> Probe {
        Probe { mode: 1, tip_position: 1.0, contact: Geometry::Sphere, tip_modulus: Pressure(165e9) }
    }
}

/// The reference measurement.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reference {
    /// Contact resonance on the reference, in the same mode.
    frequency: Frequency,
    /// Indentation modulus of the reference, E/(1−ν²).
    modulus: Pressure,
}

/// A second mode on the reference.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SecondMode {
    /// Its number.
    mode: usize,
    /// Its free resonance.
    free_frequency: Frequency,
    /// Its contact resonance on the reference.
    frequency: Frequency,
}

/// Below this a mode hardly feels the contact (METHODS §14).
const INSENSITIVE: f64 = 0.05;

impl Stage for ContactResonance {
    const DOC: &'static Doc = &Doc {
        id: "contact-resonance",
        version: 1,
        about: "Contact stiffness from the characteristic equation of a cantilever whose tip rests on a spring, and the indentation modulus against \
                a reference sample. A frequency outside (free, pinned) fails the sample: it is no contact resonance of that mode.",
        reference: "METHODS §3; Rabe, doi:10.1007/3-540-27453-7_2",
        scope: Scope::Sample,
        inputs: &[Port::new("frequency", &[Kind::Map], "Hz", "map of the contact resonance, Hz, not levelled")],
        outputs: &[
            Output { name: "modulus", kind: Kind::Map, unit: "Pa", about: "indentation modulus, Pa" },
            Output { name: "stiffness", kind: Kind::Map, unit: "N/m", about: "contact stiffness k*, N/m" },
            Output { name: "reduced_modulus", kind: Kind::Map, unit: "Pa", about: "E* of tip and sample, Pa" },
        ],
        metrics: &[
            MetricDoc::new("stiffness_ratio", "", "median of k*/k_c"),
            MetricDoc::new("sensitivity", "", "d ln f/d ln k* at the median"),
            MetricDoc::new(
                "modulus_per_frequency",
                "",
                "d ln E*/d ln f at the median: what one per cent of frequency is in modulus",
            ),
            MetricDoc::new("tip_position", "", "L₁/L used"),
            MetricDoc::new("invalid_fraction", "", "share of pixels softer than the tip allows"),
        ],
        metadata: &[],
        example: "run = \"contact-resonance\"\ninput = \"frequency\"\nmode = 1\nfree_frequency = \"300 kHz\"\nspring_constant = \"40 N/m\"\n\
                  contact = \"sphere\"\nreference = { frequency = \"1.1 MHz\", modulus = \"76 GPa\" }\ntip_modulus = \"165 GPa\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if !(1..=5).contains(&self.probe.mode) {
            return Err(ParamError::new("mode", "modes 1 to 5 are known"));
        }
        if !(self.probe.tip_position > 0.5 && self.probe.tip_position <= 1.0) {
            return Err(ParamError::new("tip_position", "L₁/L lies above 0.5 and is at most 1"));
        }
        for (key, v) in [
            ("free_frequency", self.free_frequency.0),
            ("spring_constant", self.spring_constant.0),
            ("tip_modulus", self.probe.tip_modulus.0),
            ("reference", self.reference.modulus.0),
        ] {
            if !(v > 0.0) {
                return Err(ParamError::new(key, "a positive quantity is wanted"));
            }
        }
        if let Some(s) = self.second_mode
            && (!(1..=5).contains(&s.mode) || s.mode == self.probe.mode)
        {
            return Err(ParamError::new("second_mode", "another mode than `mode` is wanted, 1 to 5"));
        }
        let c = self.cantilever().map_err(|e| ParamError::new("second_mode", e))?;
        c.stiffness(self.reference.frequency.0)
            .map_err(|e| ParamError::new("reference", format!("{e}; check mode and free frequency")))?;
        Ok(())
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        match self.second_mode {
            Some(_) => vec![ParamError::new("tip_position", "`second_mode` determines it")],
            None => Vec::new(),
        }
    }

    fn run(&self, inputs: &Inputs<'_>, _cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let map = inputs.map(0)?;
        if !map.unit.same_dimension(&Unit::of("Hz")) {
            return Err(StageError::Failed(format!(
                "the input is in {}, not a frequency; give `unit = \"Hz\"` with the input if the file has none",
                map.unit.in_words()
            )));
        }
        if let Some(step) = map.levelling.first() {
            return Err(StageError::Failed(format!(
                "the map was levelled ({step}): its frequencies are no longer contact resonances; take the input before levelling"
            )));
        }
        let c = self.cantilever().map_err(StageError::Failed)?;
        let k_reference = c.stiffness(self.reference.frequency.0)? * self.spring_constant.0;
        let e_reference = reduced(self.reference.modulus.0, self.probe.tip_modulus.0);
        let mut outside = None;
        let stiffness = map.values.mapv(|f| {
            if !f.is_finite() {
                return f64::NAN;
            }
            c.stiffness(f).map(|k| k * self.spring_constant.0).unwrap_or_else(|e| {
                outside.get_or_insert(e);
                f64::NAN
            })
        });
        if let Some(e) = outside {
            return Err(StageError::Failed(format!("{e}; mask such pixels, or check mode and free frequency")));
        }
        let m = self.probe.contact.exponent();
        let e_star = stiffness.mapv(|k| e_reference * libm::pow(k / k_reference, m));
        let modulus = e_star.mapv(|e| sample_modulus(e, self.probe.tip_modulus.0));
        let mut valid: Vec<f64> = map.valid();
        let n = valid.len() as f64;
        if valid.is_empty() {
            return Err(StageError::Failed("the map has no valid pixel".into()));
        }
        let middle = median(&mut valid);
        let sensitivity = c.sensitivity(middle);
        let invalid = modulus.iter().filter(|v| v.is_nan()).count() as f64 - (map.values.len() as f64 - n);
        let ratio = c.stiffness(middle)?;
        let mut warnings = Vec::new();
        if sensitivity < INSENSITIVE {
            warnings.push(Warning::new(
                "insensitive-mode",
                format!(
                    "mode {} changes by {sensitivity:.3} of a relative change of stiffness at k*/k_c = {ratio:.0}",
                    self.probe.mode
                ),
                "use a higher mode: it still feels so stiff a contact",
            ));
        }
        if invalid > 0.0 {
            warnings.push(Warning::new(
                "stiffer-than-the-tip",
                format!("{invalid} pixels have a reduced modulus above that of the tip and no modulus of their own"),
                "check the reference and the modulus of the tip",
            ));
        }
        let out = |values, unit: &str, quantity: &str| {
            let map = Map { unit: Unit::of(unit), quantity: quantity.into(), ..map.with_values(values) };
            Artifact::Map(Arc::new(map))
        };
        Ok(Outputs {
            artifacts: vec![
                ("modulus", out(modulus, "Pa", "Indentation modulus")),
                ("stiffness", out(stiffness, "N/m", "Contact stiffness")),
                ("reduced_modulus", out(e_star, "Pa", "Reduced modulus")),
            ],
            metrics: vec![
                Metric::number("stiffness_ratio", ratio, "").n(n),
                Metric::number("sensitivity", sensitivity, "").n(n),
                Metric::number("modulus_per_frequency", m / sensitivity, "").n(n),
                Metric::number("tip_position", c.tip, ""),
                Metric::number("invalid_fraction", invalid / n, "").n(n),
            ],
            warnings,
        })
    }
}

impl ContactResonance {
    fn cantilever(&self) -> Result<Cantilever, String> {
        let free = self.free_frequency.0;
        let tip = match self.second_mode {
            None => self.probe.tip_position,
            Some(s) => tip_position(
                (self.probe.mode, free, self.reference.frequency.0),
                (s.mode, s.free_frequency.0, s.frequency.0),
            )
            .ok_or("no tip position in [0.7, 1] gives both modes one contact stiffness; check the four frequencies")?,
        };
        Ok(Cantilever { mode: self.probe.mode, free, tip })
    }
}
