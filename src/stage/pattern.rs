//! `pattern`: the power spectrum of a map and how it depends on direction.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::null::{NO_VALUE, Side, rows, surrogate_note};
use super::{
    Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError, check_surrogates,
};
use crate::data::{Artifact, Column, Kind, Map, Metric, Table};
use crate::num::quantile::quantiles;
use crate::spatial::null::Null;
use crate::spatial::pattern::{Pattern as Spectrum, pattern};
use crate::spatial::surrogates::{Kind as Likeness, Surrogates};
use crate::unit::Unit;
use crate::unit::quantity::Length;

/// Tells isotropic patterns from others.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pattern {
    /// Longest wavelength that counts for the harmonics; half of the shorter side unless given.
    #[serde(default)]
    longest: Option<Length>,
    /// Shortest wavelength that counts for the harmonics; four pixels unless given.
    #[serde(default)]
    shortest: Option<Length>,
    /// Isotropic surrogates; 0 for none.
    #[serde(default = "super::two_hundred")]
    surrogates: usize,
}

impl Stage for Pattern {
    const DOC: &'static Doc = &Doc {
        id: "pattern",
        version: 1,
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

    fn check(&self) -> Result<(), ParamError> {
        for (key, length) in [("longest", self.longest), ("shortest", self.shortest)] {
            if length.is_some_and(|l| !(l.0 > 0.0)) {
                return Err(ParamError::new(key, "a positive wavelength is wanted, such as \"20 nm\""));
            }
        }
        if self.longest.zip(self.shortest).is_some_and(|(l, s)| l.0 <= s.0) {
            return Err(ParamError::new("longest", "it is not longer than `shortest`"));
        }
        check_surrogates(self.surrogates)
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
        let of = |z: &ndarray::Array2<f64>| pattern(z.view(), pixel, band);
        let found = of(&map.values).ok_or_else(|| {
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
        let mut band_of_null = Vec::new();
        let mut warnings = Vec::new();
        if self.surrogates > 0 {
            let made = match Surrogates::new(map, Likeness::Isotropic) {
                Ok(s) => {
                    let read = |z: &ndarray::Array2<f64>| of(z).map(|p| (p.harmonics.map(|h| h.strength), p.radial));
                    let all =
                        s.each(self.surrogates, &cx.stream, true, cx.cancelled, read).ok_or(StageError::Cancelled)?;
                    let all: Vec<_> = all.into_iter().flatten().collect();
                    let (note, warning) = surrogate_note(&s, all.len());
                    warnings.extend(warning);
                    Ok((all, note))
                }
                Err(e) => Err(e.to_string()),
            };
            for (k, name) in ["c_2", "c_4"].iter().enumerate() {
                let value = found.harmonics[k].strength;
                let (null, note) = match &made {
                    Ok((all, note)) => (Null::of(value, all.iter().map(|a| a.0[k])).ok_or(NO_VALUE), note.as_str()),
                    Err(why) => (Err(why.as_str()), ""),
                };
                metrics.extend(rows(name, "", value, null, Side::Above, note));
            }
            if let Ok((all, _)) = &made {
                band_of_null = (0..found.k.len())
                    .map(|i| {
                        let mut v: Vec<f64> = all.iter().filter_map(|a| a.1.get(i).copied()).collect();
                        quantiles(&mut v, [0.025, 0.975])
                    })
                    .collect();
            }
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
        let table = table(&found, &band_of_null, &unit);
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

fn table(found: &Spectrum, null: &[[f64; 2]], unit: &Unit) -> Table {
    let bound = |k: usize| (0..found.k.len()).map(move |i| null.get(i).map_or(f64::NAN, |b| b[k]));
    Table {
        columns: vec![
            Column::number("k", &Unit::of("1/m"), found.k.iter().copied()),
            Column::number("power", unit, found.radial.iter().copied()),
            Column::number("null_low", unit, bound(0)),
            Column::number("null_high", unit, bound(1)),
            Column::number("modes", &Unit::none(), found.modes.iter().copied()),
        ],
    }
}
