//! `pattern`: the power spectrum of a map and how it depends on direction.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::null::{NO_VALUE, Side, field_note, likeness, rows};
use super::tables::RadialSpectrum;
use super::{Cx, Doc, Inputs, MetricDoc, Nulls, Output, Outputs, ParamError, Port, Scope, Stage, StageError};
use crate::data::{Artifact, Kind, Map, Metric, Table};
use crate::spatial::null::Null;
use crate::spatial::pattern::{Pattern as Spectrum, PatternNull, pattern, pattern_null};
use crate::unit::Unit;
use crate::unit::quantity::Length;

/// Tells isotropic patterns from others.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Pattern {
    /// Longest wavelength that counts for the harmonics; half of the shorter side unless given.
    longest: Option<Length>,
    /// Shortest wavelength that counts for the harmonics; four pixels unless given.
    shortest: Option<Length>,
    /// Featureless counterparts.
    #[serde(flatten)]
    nulls: Nulls,
}

impl Stage for Pattern {
    const DOC: &'static Doc = &Doc {
        id: "pattern",
        version: 3,
        about: "2-D power spectrum through a Hann window, its radial mean, and its second and fourth angular harmonics c_m = |Σ P e^{imθ}|/Σ P, \
                each against isotropic surrogates of the map.",
        reference: "METHODS §5, §13; S1 Fig. 42",
        scope: Scope::Sample,
        inputs: &[Port::new("map", &[Kind::Map], "", "the map, levelled or not")],
        outputs: &[
            Output {
                name: "radial",
                kind: Kind::Table,
                unit: "",
                about: "frequency, power, null band and modes of each ring",
            },
            Output {
                name: "power",
                kind: Kind::Map,
                unit: "",
                about: "power over its maximum with zero frequency in the middle; its pixels are frequencies and have no length",
            },
        ],
        metrics: &[
            MetricDoc::new("c_2", "", "second harmonic: 0 isotropic, 1 a line").null(),
            MetricDoc::new("angle_2", "deg", "direction of most power; structures lie across it"),
            MetricDoc::new("c_4", "", "fourth harmonic: 0 isotropic, 1 a cross").null(),
            MetricDoc::new("angle_4", "deg", "direction of an arm of the cross"),
        ],
        metadata: &[],
        example: "run = \"pattern\"\ninput = \"map\"\nlongest = \"100 nm\"\nsurrogates = 200\n",
    };

    fn metrics(&self) -> Vec<MetricDoc> {
        self.nulls.metrics(Self::DOC.metrics)
    }

    fn check(&self) -> Result<(), ParamError> {
        for (key, length) in [("longest", self.longest), ("shortest", self.shortest)] {
            if length.is_some_and(|l| !(l.0 > 0.0)) {
                return Err(ParamError::new(key, "a positive wavelength is wanted, such as \"20 nm\""));
            }
        }
        if self.longest.zip(self.shortest).is_some_and(|(l, s)| l.0 <= s.0) {
            return Err(ParamError::new("longest", "it is not longer than `shortest`"));
        }
        self.nulls.check()
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let map = inputs.map(0)?;
        let pixel = map.pixel_size()?;
        let [height, width] = map.shape();
        let side = (height as f64 * pixel[0]).min(width as f64 * pixel[1]);
        let longest = self.longest.map_or(side / 2.0, |l| l.0);
        let shortest = self.shortest.map_or(4.0 * pixel[0].max(pixel[1]), |l| l.0);
        if !(longest > shortest) {
            return Err(StageError::Failed(format!(
                "no wavelength lies between {shortest:e} m and {longest:e} m: the map is too small"
            )));
        }
        let band = [1.0 / longest, 1.0 / shortest];
        let found = pattern(map.values.view(), pixel, band).ok_or_else(|| {
            StageError::Failed("the map has no pattern: fewer than 8 pixels a side, or all values are the same".into())
        })?;
        if !found.harmonics[0].strength.is_finite() {
            return Err(StageError::Failed(format!(
                "no frequency of this map has a wavelength between {shortest:e} m and {longest:e} m; widen the range"
            )));
        }
        let mut metrics = Vec::new();
        for (h, m) in found.harmonics.iter().zip(["2", "4"]) {
            metrics.push(Metric::number(&format!("c_{m}"), h.strength, ""));
            metrics.push(Metric::number(&format!("angle_{m}"), h.angle, "deg"));
        }
        let null = match self.nulls.surrogates {
            0 => None,
            n => Some(pattern_null(map, pixel, band, n, &cx.stream, &cx.work())?.map_err(|e| e.to_string())),
        };
        let mut warnings = Vec::new();
        if let Some(null) = &null {
            metrics.extend(null_rows(&found, null.as_ref().map_err(String::as_str)));
            let fitted = null.as_ref().ok().and_then(|n| n.fitted.as_ref());
            warnings.extend(fitted.and_then(|f| likeness(f, "map")));
        }
        let unit = density(&map.unit);
        // Relative to the highest: densities in SI lie below what the 32-bit floats of a file can hold.
        let top = found.power.iter().copied().fold(0.0, f64::max);
        let power = Map {
            unit: Unit::none(),
            quantity: "Power over its maximum".into(),
            pixel: None,
            levelling: Vec::new(),
            convention: None,
            values: found.power.mapv(|p| p / top),
        };
        let table = table(&found, null.and_then(Result::ok), unit);
        Ok(Outputs {
            artifacts: vec![("radial", Artifact::Table(Arc::new(table))), ("power", Artifact::Map(Arc::new(power)))],
            metrics,
            warnings,
        })
    }
}

/// (unit)² m², as text where the unit is one of its own.
fn density(unit: &Unit) -> Unit {
    let text = if unit.symbol.is_empty() { "nm^2".to_string() } else { format!("({})^2*nm^2", unit.symbol) };
    Unit::parse(&text).unwrap_or_else(|_| Unit { symbol: text, opaque: true, ..Unit::none() })
}

/// The harmonics beside those of surrogates.
fn null_rows(found: &Spectrum, null: Result<&PatternNull, &str>) -> Vec<Metric> {
    let note = null.map_or(String::new(), |n| field_note(n.fitted.as_ref(), n.strengths.len()));
    let null_of = |(k, name): (usize, &str)| {
        let value = found.harmonics[k].strength;
        let null = null.and_then(|n| Null::of(value, n.strengths.iter().map(|s| s[k])).ok_or(NO_VALUE));
        rows(name, "", value, null, Side::Above, &note)
    };
    ["c_2", "c_4"].into_iter().enumerate().flat_map(null_of).collect()
}

fn table(found: &Spectrum, null: Option<PatternNull>, unit: Unit) -> Table {
    let band = null.map(|n| n.radial).unwrap_or_default();
    let end = |side: usize| (0..found.k.len()).map(|i| band.get(i).map_or(f64::NAN, |b| b[side])).collect();
    let (null_low, null_high) = (end(0), end(1));
    RadialSpectrum {
        k: found.k.clone(),
        power: found.radial.clone(),
        null_low,
        null_high,
        modes: found.modes.clone(),
        units: vec![unit],
    }
    .table()
}
