//! Sizes of a known law.

use std::sync::Arc;

use serde::Deserialize;

use super::{Source, Trial};
use crate::calibrate::number::{Number, Word};
use crate::calibrate::truth::{NOTHING, Truth};
use crate::data::{Artifact, Column, Role, Table};
use crate::num::random::Random;
use crate::spatial::sizes::draw::Draw;
use crate::spatial::sizes::law::Law;
use crate::unit::Unit;

/// A law of sizes.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Family {
    /// x^−α.
    PowerLaw,
    /// x^−α exp(−x/R).
    CutoffPowerLaw,
    /// The whole log-normal law, of median `scale`.
    LogNormal,
    /// exp(−x/R).
    Exponential,
    /// exp(−x²/2R²).
    HalfNormal,
}

/// Parameters of sizes, in nm.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Sizes {
    law: Word<Family>,
    n: Number,
    /// Exponent of power laws, width of the log-normal one.
    shape: Number,
    /// R, or the median.
    scale: Number,
    /// Smallest size of all laws but the log-normal one.
    smallest: Number,
    /// Whether sizes are whole numbers.
    whole: Word<bool>,
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes {
            law: Word::Value(Family::PowerLaw),
            n: Number::Value(1000.0),
            shape: Number::Between([1.8, 3.0]),
            scale: Number::Value(20.0),
            smallest: Number::Value(1.0),
            whole: Word::Value(false),
        }
    }
}

impl Sizes {
    /// Whether some trial may have a power law.
    fn is_power(&self) -> bool {
        let power = |of: &Family| matches!(of, Family::PowerLaw | Family::CutoffPowerLaw);
        match &self.law {
            Word::Value(of) => power(of),
            Word::OneOf(all) => all.iter().any(power),
        }
    }
}

impl Source for Sizes {
    fn check(&self) -> Result<(), String> {
        self.n.within("n", 10.0, 1e6)?;
        self.shape.within("shape", if self.is_power() { 1.05 } else { 0.1 }, 5.0)?;
        self.scale.within("scale", 1e-3, 1e9)?;
        self.smallest.within("smallest", 1e-3, 1e9)
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let (of, n) = (self.law.draw(random)?, self.n.draw(random).round() as usize);
        let (shape, scale) = (self.shape.draw(random), self.scale.draw(random));
        let (smallest, whole) = (self.smallest.draw(random), self.whole.draw(random)?);
        let smallest = if whole { smallest.ceil() } else { smallest };
        // Laws are of sizes in parts of the smallest.
        let part = scale / smallest;
        let (law, name) = match of {
            Family::PowerLaw => (Law::Power { alpha: shape }, "power-law"),
            Family::CutoffPowerLaw => (Law::Cutoff { alpha: shape, cutoff: part }, "cutoff-power-law"),
            Family::LogNormal => (Law::LogNormal { mu: libm::log(scale), sigma: shape }, "log-normal"),
            Family::Exponential => (Law::Exponential { scale: part }, "exponential"),
            Family::HalfNormal => (Law::HalfNormal { sigma: part }, "half-normal"),
        };
        let draw = Draw::new(&law, smallest, whole);
        let values: Vec<f64> = (0..n)
            .map(|_| match of {
                Family::LogNormal if whole => (scale * libm::exp(shape * random.normal())).ceil(),
                Family::LogNormal => scale * libm::exp(shape * random.normal()),
                _ => draw.one(random),
            })
            .collect();
        let mut truths = vec![Truth::word("preferred", name)];
        match of {
            Family::PowerLaw | Family::CutoffPowerLaw => truths.push(Truth::number("alpha", shape)),
            _ => truths.push(Truth::word("cutoff", NOTHING)),
        }
        if of == Family::CutoffPowerLaw {
            truths.push(Truth::number("cutoff", scale * 1e-9));
        }
        let column = Column::number(Role::Size.name(), &Unit::of("nm"), values.iter().map(|v| v * 1e-9));
        Ok(Trial::of("sizes", Artifact::Table(Arc::new(Table { columns: vec![column] })), truths))
    }
}
