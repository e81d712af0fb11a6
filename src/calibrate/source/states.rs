//! Two maps of one material in two states.

use serde::Deserialize;

use super::map::{field, map};
use super::{SampleData, Source, Trial};
use crate::calibrate::number::Number;
use crate::calibrate::truth::Truth;
use crate::num::random::Random;

/// Parameters of two maps; lengths in pixels.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct States {
    side: Number,
    xi: Number,
    alpha: Number,
    /// Standard deviation after over that before.
    spread: Number,
    /// Log-normal values exp(s z) of both where it is above 0.
    s: Number,
}

impl Default for States {
    fn default() -> States {
        States {
            side: Number::Value(128.0),
            xi: Number::Between([4.0, 8.0]),
            alpha: Number::Between([0.5, 1.0]),
            spread: Number::Value(1.0),
            s: Number::Value(0.0),
        }
    }
}

impl Source for States {
    fn check(&self) -> Result<(), String> {
        self.side.within("side", 32.0, 2048.0)?;
        self.xi.within("xi", 0.5, 512.0)?;
        self.alpha.within("alpha", 0.05, 1.0)?;
        self.spread.within("spread", 0.1, 10.0)?;
        self.s.within("s", 0.0, 2.0)
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let side = self.side.draw(random).round() as usize;
        let (xi, alpha) = (self.xi.draw(random), self.alpha.draw(random));
        let (spread, s) = (self.spread.draw(random), self.s.draw(random));
        let mut one = |factor: f64| {
            let z = field([side, side], xi, alpha, 1.0, random);
            let values = z.mapv(|v| factor * if s > 0.0 { libm::exp(s * v) } else { v });
            SampleData { artifacts: vec![("map", map(values))], metrics: Vec::new() }
        };
        let samples = vec![("before".into(), one(1.0)), ("after".into(), one(spread))];
        let same = spread == 1.0;
        let mut truths = vec![Truth::number("spread_ratio[map]", spread), Truth::hypothesis("spread_p[map]", same)];
        truths.extend(same.then(|| Truth::hypothesis("ks_p[map]", true)));
        Ok(Trial { samples, truths })
    }
}
