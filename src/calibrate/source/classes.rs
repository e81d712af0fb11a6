//! Phases at several levels.

use serde::Deserialize;

use super::map::{field, map};
use super::{Source, Trial};
use crate::calibrate::number::{Number, Word};
use crate::calibrate::truth::Truth;
use crate::num::normal::quantile;
use crate::num::random::Random;

/// What blurs the phases.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Blur {
    /// White noise.
    White,
    /// A field as correlated as the phases are large.
    Correlated,
}

/// Parameters of phases; lengths in pixels.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Classes {
    side: Number,
    k: Number,
    /// Steps between levels over the width of a class.
    apart: Number,
    xi: Number,
    /// Share of the lowest class over that of each other.
    lowest: Number,
    blur: Word<Blur>,
}

impl Default for Classes {
    fn default() -> Classes {
        Classes {
            side: Number::Value(128.0),
            k: Number::Value(3.0),
            apart: Number::Value(4.0),
            xi: Number::Between([4.0, 8.0]),
            lowest: Number::Between([0.6, 1.6]),
            blur: Word::Value(Blur::White),
        }
    }
}

impl Source for Classes {
    fn check(&self) -> Result<(), String> {
        self.side.within("side", 32.0, 2048.0)?;
        self.k.within("k", 2.0, 6.0)?;
        self.apart.within("apart", 0.1, 100.0)?;
        self.xi.within("xi", 0.5, 256.0)?;
        self.lowest.within("lowest", 0.01, 100.0)
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let side = self.side.draw(random).round() as usize;
        let (k, apart) = (self.k.draw(random).round() as usize, self.apart.draw(random));
        let (xi, lowest) = (self.xi.draw(random), self.lowest.draw(random));
        let blur = self.blur.draw(random)?;
        let all = lowest + (k - 1) as f64;
        let share = |c: usize| if c == 0 { lowest / all } else { 1.0 / all };
        let cuts: Vec<f64> = (1..k).map(|c| quantile((0..c).map(share).sum())).collect();
        let phases = field([side, side], xi, 1.0, 1.0, random);
        let noise = match blur {
            Blur::White => phases.mapv(|_| random.normal()),
            Blur::Correlated => field([side, side], xi, 1.0, 1.0, random),
        };
        let level = |z: f64| apart * cuts.iter().filter(|c| z > **c).count() as f64;
        let mut z = phases.mapv(level);
        z += &noise;
        let mut truths = vec![Truth::word("k", &k.to_string())];
        truths.extend(["k_p", "separation_p"].map(|p| Truth::hypothesis(p, false)));
        for c in 0..k {
            truths.push(Truth::number(&format!("gmm_weight_{c}"), share(c)));
            truths.push(Truth::number(&format!("gmm_mean_{c}"), apart * c as f64));
            truths.push(Truth::number(&format!("gmm_std_{c}"), 1.0));
        }
        Ok(Trial::of("map", map(z), truths))
    }
}
