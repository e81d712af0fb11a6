//! Featureless fields as maps.

use std::sync::Arc;

use ndarray::Array2;
use serde::Deserialize;

use super::{Source, Trial};
use crate::calibrate::number::{Number, Word};
use crate::calibrate::truth::{Known, Truth};
use crate::data::{Artifact, Map};
use crate::num::normal::quantile;
use crate::num::random::Random;
use crate::num::sum::Moments;
use crate::spatial::covariance::Covariance;
use crate::spatial::field::Simulator;
use crate::spatial::whittle::bounds;
use crate::unit::Unit;

/// Pixel of a map, m.
pub(super) const PIXEL: f64 = 1e-9;

/// What becomes of Gaussian values.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Marginal {
    /// They stay.
    Gaussian,
    /// exp(s z).
    LogNormal,
    /// Two plateaus, tanh(z/s).
    Bimodal,
    /// Cut off at ±1/s.
    Clipped,
    /// In steps of s/2.
    Stepped,
}

impl Marginal {
    /// The value of a standard normal one.
    pub(super) fn of(self, z: f64, s: f64) -> f64 {
        match self {
            Marginal::Gaussian => z,
            Marginal::LogNormal => libm::exp(s * z),
            Marginal::Bimodal => libm::tanh(z / s),
            Marginal::Clipped => z.clamp(-1.0 / s, 1.0 / s),
            Marginal::Stepped => (2.0 * z / s).round() * 0.5 * s,
        }
    }

    /// Moments of `wide` times the values: of the log-normal law in closed form, else by the midpoint rule over z.
    fn moments(self, s: f64, wide: f64) -> Moments {
        if self == Marginal::LogNormal {
            let w = libm::exp(s * s);
            return Moments {
                mean: wide * w.sqrt(),
                std: wide * (w * (w - 1.0)).sqrt(),
                skewness: (w + 2.0) * (w - 1.0).sqrt(),
                kurtosis: w.powi(4) + 2.0 * w.powi(3) + 3.0 * w.powi(2) - 6.0,
            };
        }
        const STEPS: usize = 40_000;
        const REACH: f64 = 8.5;
        let step = 2.0 * REACH / STEPS as f64;
        let all: Vec<[f64; 2]> = (0..STEPS)
            .map(|k| (k as f64 + 0.5) * step - REACH)
            .map(|z| [wide * self.of(z, s), libm::exp(-0.5 * z * z) * step / std::f64::consts::TAU.sqrt()])
            .collect();
        let mean: f64 = all.iter().map(|[v, p]| v * p).sum();
        let central = |k: i32| -> f64 { all.iter().map(|[v, p]| (v - mean).powi(k) * p).sum() };
        let std = central(2).sqrt();
        Moments { mean, std, skewness: central(3) / std.powi(3), kurtosis: central(4) / std.powi(4) - 3.0 }
    }
}

/// Parameters of a field; lengths in pixels, noise and slope in standard deviations of the field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Field {
    rows: Number,
    columns: Number,
    xi: Number,
    alpha: Number,
    /// Length of a second field over that of the first; 0 for none.
    second: Number,
    /// Share of its variance.
    share: Number,
    marginal: Word<Marginal>,
    /// How far from Gaussian.
    s: Number,
    noise: Number,
    /// Offsets of lines.
    lines: Number,
    /// Rise of a plane from edge to edge.
    tilt: Number,
    /// Share of the pixels without a value.
    holes: Number,
    /// How much longer along x.
    stretch: Number,
}

impl Default for Field {
    fn default() -> Field {
        let given = Number::Value;
        Field {
            rows: given(128.0),
            columns: given(128.0),
            xi: Number::Between([4.0, 10.0]),
            alpha: given(1.0),
            second: given(0.0),
            share: given(0.5),
            marginal: Word::Value(Marginal::Gaussian),
            s: given(0.5),
            noise: given(0.0),
            lines: given(0.0),
            tilt: given(0.0),
            holes: given(0.0),
            stretch: given(1.0),
        }
    }
}

/// A map of these values.
pub(super) fn map(values: Array2<f64>) -> Artifact {
    Artifact::Map(Arc::new(Map {
        values,
        unit: Unit::none(),
        quantity: "Value".into(),
        pixel: Some([PIXEL; 2]),
        levelling: Vec::new(),
        convention: None,
    }))
}

/// One field of unit variance; `xi` in pixels.
pub(super) fn field(shape: [usize; 2], xi: f64, alpha: f64, stretch: f64, random: &mut Random) -> Array2<f64> {
    let c = Covariance { sigma: 1.0, xi, alpha, noise: 0.0 };
    let [z, _] = Simulator::new(shape, [1.0, 1.0 / stretch], &c).pair(random);
    z
}

impl Source for Field {
    fn check(&self) -> Result<(), String> {
        self.rows.within("rows", 32.0, 2048.0)?;
        self.columns.within("columns", 32.0, 2048.0)?;
        self.xi.within("xi", 0.5, 1024.0)?;
        self.alpha.within("alpha", 0.05, 1.0)?;
        if self.second != Number::Value(0.0) {
            self.second.within("second", 1.5, 100.0)?;
        }
        self.share.within("share", 0.01, 0.99)?;
        self.s.within("s", 1e-2, 2.0)?;
        self.noise.within("noise", 0.0, 100.0)?;
        self.lines.within("lines", 0.0, 100.0)?;
        self.tilt.within("tilt", 0.0, 1000.0)?;
        self.holes.within("holes", 0.0, 0.9)?;
        self.stretch.within("stretch", 0.2, 5.0)
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let shape = [&self.rows, &self.columns].map(|n| n.draw(random).round() as usize);
        let (xi, alpha) = (self.xi.draw(random), self.alpha.draw(random));
        let (second, share) = (self.second.draw(random), self.share.draw(random));
        let (marginal, s) = (self.marginal.draw(random)?, self.s.draw(random));
        let (noise, lines) = (self.noise.draw(random), self.lines.draw(random));
        let (tilt, angle) = (self.tilt.draw(random), std::f64::consts::TAU * random.uniform());
        let (holes, stretch) = (self.holes.draw(random), self.stretch.draw(random));
        let two = second > 0.0;
        let mut z = field(shape, xi, alpha, stretch, random);
        if two {
            let long = field(shape, second * xi, alpha, stretch, random);
            z.zip_mut_with(&long, |a, b| *a = (1.0 - share).sqrt() * *a + share.sqrt() * b);
        }
        let spread = marginal.moments(s, 1.0).std;
        let offsets: Vec<f64> = (0..shape[0]).map(|_| lines * random.normal()).collect();
        let hidden = field(shape, 4.0, 1.0, 1.0, random);
        let least = quantile(holes.max(1e-12));
        let (along, across) = (libm::cos(angle) / shape[1] as f64, libm::sin(angle) / shape[0] as f64);
        z.indexed_iter_mut().for_each(|((y, x), v)| {
            let slope = tilt * (along * x as f64 + across * y as f64);
            *v = marginal.of(*v, s) + spread * (noise * random.normal() + offsets[y] + slope);
            if hidden[[y, x]] < least {
                *v = f64::NAN;
            }
        });
        let plain = marginal == Marginal::Gaussian;
        let even = stretch == 1.0 && lines == 0.0;
        let mut truths =
            vec![Truth::hypothesis("std_p", false), Truth::hypothesis("span_p", false), Truth::word("d_f", "nothing")];
        if even {
            truths.push(Truth::hypothesis("model_p", !two && noise == 0.0));
        }
        if marginal != Marginal::Bimodal {
            truths.push(Truth::word("k", "1"));
            // How far classes lie apart is asked only where there are several.
            truths.push(Truth::hypothesis("k_p", true));
        }
        for p in ["anisotropy_p", "aspect_ratio_p", "orientation_p", "orientation_p_p", "order_p", "c_2_p"] {
            truths.push(Truth::hypothesis(p, even));
        }
        if even {
            let more = ["r_eq_p", "quadrupole_p", "c_4_p", "alpha_p", "preferred_p"];
            truths.extend(more.map(|p| Truth::hypothesis(p, true)));
        } else if lines == 0.0 {
            truths.push(Truth::number("anisotropy", stretch.max(1.0 / stretch)));
        }
        if plain && two {
            truths.push(Truth::number("xi_short", xi * PIXEL));
            truths.push(Truth::number("xi_long", second * xi * PIXEL));
            truths.push(Truth::number("share_long", share));
        } else if plain && even {
            let c = Covariance { sigma: 1.0, xi, alpha, noise };
            let known = ["xi", "sigma", "alpha"].into_iter().zip([xi * PIXEL, 1.0, alpha]);
            let least = bounds(shape, &c, alpha < 1.0, noise > 0.0);
            truths.extend(known.zip(least).filter(|((name, _), _)| *name != "alpha" || alpha < 1.0).map(
                |((name, v), least)| Truth {
                    of: name.into(),
                    known: least.map_or(Known::Number(v), |b| Known::Bounded(v, b * v)),
                },
            ));
            if noise > 0.0 {
                truths.push(Truth::number("noise", noise));
            }
        } else if even && !two {
            truths.push(Truth::number("sigma", spread));
        }
        // What the material is like, without noise: with it, where its sum with the field is Gaussian.
        if noise == 0.0 || plain {
            let wide = if plain { (1.0 + noise * noise).sqrt() } else { 1.0 };
            let m = marginal.moments(s, wide);
            let at = |p: f64| wide * marginal.of(quantile(p), s);
            truths.extend([
                Truth::number("mean", if m.mean.abs() < 1e-6 { 0.0 } else { m.mean }),
                Truth::number("std", m.std),
                Truth::number("median", at(0.5)),
                Truth::number("iqr", at(0.75) - at(0.25)),
                Truth::number("p01", at(0.01)),
                Truth::number("p99", at(0.99)),
                Truth::number("span", at(0.99) - at(0.01)),
                Truth::number("skewness", if m.skewness.abs() < 1e-6 { 0.0 } else { m.skewness }),
                Truth::number("kurtosis", if plain { 0.0 } else { m.kurtosis }),
            ]);
        }
        Ok(Trial::of("map", map(z), truths))
    }
}
