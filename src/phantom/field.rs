//! A map of known correlation length, roughness, spread and tilt.

use std::path::Path;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{PhantomError, parse, write};
use crate::data::Map;
use crate::io::write::gsf;
use crate::num::random::Random;
use crate::spatial::covariance::Covariance;
use crate::spatial::field::Simulator;
use crate::unit::quantity::Length;
use crate::unit::{Quantity, Unit};

/// Parameters of a field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Field {
    /// Name of the channel.
    pub quantity: String,
    /// Rows and columns.
    pub shape: [usize; 2],
    /// Physical width; pixels are square.
    pub width: Length,
    /// Mean value with its unit.
    pub mean: String,
    /// Span p99 − p01 of the correlated part, 4.653 standard deviations.
    pub span: String,
    /// Correlation length.
    pub xi: Length,
    /// Roughness exponent, (0, 1].
    pub alpha: f64,
    /// Standard deviation of white noise.
    pub noise: String,
    /// Rise of a plane from left to right and from top to bottom.
    pub tilt: [String; 2],
    /// Seed.
    pub seed: u64,
}

impl Default for Field {
    fn default() -> Field {
        Field {
            quantity: "Frequency".into(),
            shape: [512, 512],
            width: Length(1e-6),
            mean: "1.05 MHz".into(),
            span: "0.7 kHz".into(),
            xi: Length(40e-9),
            alpha: 0.8,
            noise: "0 Hz".into(),
            tilt: ["0 Hz".into(), "0 Hz".into()],
            seed: 0,
        }
    }
}

/// Standard deviations between the 1 % and the 99 % quantile of a Gaussian.
const SPAN: f64 = 4.652_695_748_081_682;

impl Field {
    /// The map.
    ///
    /// # Errors
    /// [`PhantomError`] for parameters that make no sense.
    pub fn map(&self) -> Result<Map, PhantomError> {
        let wrong = |what: String| PhantomError::Parameters(what);
        let mean = Quantity::parse(&self.mean).map_err(wrong)?;
        let same = |text: &str| -> Result<f64, PhantomError> {
            let q = Quantity::parse(text).map_err(wrong)?;
            if q.unit.same_dimension(&mean.unit) {
                Ok(q.si)
            } else {
                Err(wrong(format!("`{text}` is not in the unit of the mean")))
            }
        };
        let [rows, columns] = self.shape;
        if !(2..=8192).contains(&rows) || !(2..=8192).contains(&columns) {
            return Err(wrong(format!("a map of {rows} × {columns} pixels; 2 to 8192 a side can be made")));
        }
        if !(self.xi.0 > 0.0 && self.width.0 > 0.0 && self.alpha > 0.0 && self.alpha <= 1.0) {
            return Err(wrong("xi and width are positive, alpha lies in (0, 1]".into()));
        }
        let step = self.width.0 / columns as f64;
        let covariance =
            Covariance { sigma: same(&self.span)? / SPAN, xi: self.xi.0, alpha: self.alpha, noise: same(&self.noise)? };
        let simulator = Simulator::new(self.shape, [step, step], &covariance);
        let [field, _] = simulator.pair(&mut Random::named("phantom field", self.seed));
        let tilt = [same(&self.tilt[0])?, same(&self.tilt[1])?];
        let values = Array2::from_shape_fn((rows, columns), |(y, x)| {
            let plane = tilt[0] * (x as f64 / columns as f64 - 0.5) + tilt[1] * (y as f64 / rows as f64 - 0.5);
            mean.si + field[[y, x]] + plane
        });
        let unit = Unit::si(mean.unit.dimension);
        Ok(Map {
            values,
            unit,
            quantity: self.quantity.clone(),
            pixel: Some([step, step]),
            levelling: Vec::new(),
            convention: None,
        })
    }

    /// The truth as TOML.
    pub(super) fn truth(&self) -> String {
        let text = toml::to_string(self).unwrap_or_default();
        format!("# Truth of the map beside: C(r) = sigma^2 exp[-(r/xi)^(2 alpha)], sigma = span / {SPAN:.6}\n{text}")
    }
}

pub(super) fn defaults() -> String {
    toml::to_string(&Field::default()).unwrap_or_default()
}

pub(super) fn make(out: &Path, parameters: &str) -> Result<Vec<String>, PhantomError> {
    let field: Field = parse(parameters)?;
    write(out, &gsf(&field.map()?), &field.truth())
}
