//! Random cascades: sets of known dimension.

use ndarray::Array2;
use serde::Deserialize;

use super::map::map;
use super::{Source, Trial};
use crate::calibrate::number::Number;
use crate::calibrate::truth::Truth;
use crate::num::random::Random;

/// Parameters of a cascade in the plane: each square is parted into `base`² and keeps each part with a chance.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Cascade {
    base: Number,
    levels: Number,
    dimension: Number,
}

impl Default for Cascade {
    fn default() -> Cascade {
        Cascade { base: Number::Value(2.0), levels: Number::Value(8.0), dimension: Number::Between([1.4, 1.85]) }
    }
}

/// Pixels that a cascade must keep: one that died out has no dimension.
const LEAST: f64 = 200.0;
/// Cascades that may die out one after the other.
const ATTEMPTS: usize = 100;

impl Source for Cascade {
    fn check(&self) -> Result<(), String> {
        self.base.within("base", 2.0, 4.0)?;
        self.levels.within("levels", 3.0, 10.0)?;
        self.dimension.within("dimension", 1.2, 2.0)?;
        let [[b_least, b], [l_least, l]] = [self.base.ends(), self.levels.ends()];
        if libm::pow(b.round(), l.round()) > 2048.0 {
            return Err(format!("{b} to the power of {l} pixels a side are more than 2048"));
        }
        let expected = libm::pow(b_least.round(), l_least.round() * self.dimension.ends()[0]);
        match expected >= 2.0 * LEAST {
            true => Ok(()),
            false => Err(format!(
                "the smallest cascade keeps {expected:.0} pixels on average, and fewer than {:.0} tell no dimension: take more levels",
                2.0 * LEAST
            )),
        }
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let (b, levels) = (self.base.draw(random).round() as usize, self.levels.draw(random).round() as usize);
        let d = self.dimension.draw(random);
        let kept = libm::pow(b as f64, d - 2.0);
        for _ in 0..ATTEMPTS {
            let mut set = Array2::from_elem((1, 1), 1.0);
            for _ in 0..levels {
                let side = set.nrows() * b;
                set = Array2::from_shape_fn((side, side), |(y, x)| {
                    f64::from(u8::from(set[[y / b, x / b]] > 0.0 && random.uniform() < kept))
                });
            }
            if set.sum() >= LEAST {
                return Ok(Trial::of("map", map(set), vec![Truth::number("d_f", d)]));
            }
        }
        Err(format!("{ATTEMPTS} cascades of dimension {d:.2} died out"))
    }
}
