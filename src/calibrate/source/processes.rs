//! A recovery of several single relaxation times.

use serde::Deserialize;

use super::{Source, Trial};
use crate::calibrate::number::Number;
use crate::calibrate::series::{log_grid, spectrum};
use crate::calibrate::truth::Truth;
use crate::data::Role;
use crate::num::random::Random;

/// Parameters of a sum of exponentials, of areas about 0.01 each, over a level of 0.02.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Processes {
    points: Number,
    count: Number,
    /// Decade of the shortest time, s.
    shortest: Number,
    /// Decades between neighbours.
    apart: Number,
    /// Noise over the whole strain.
    noise: Number,
}

impl Default for Processes {
    fn default() -> Processes {
        Processes {
            points: Number::Value(300.0),
            count: Number::Value(3.0),
            shortest: Number::Between([0.8, 1.5]),
            apart: Number::Between([1.3, 1.8]),
            noise: Number::Value(5e-4),
        }
    }
}

/// Decades from one second that are recorded.
const DECADES: f64 = 7.0;

impl Source for Processes {
    fn check(&self) -> Result<(), String> {
        self.points.within("points", 20.0, 1e5)?;
        self.count.within("count", 1.0, 6.0)?;
        self.shortest.within("shortest", 0.3, 6.0)?;
        self.apart.within("apart", 0.3, 5.0)?;
        self.noise.within("noise", 0.0, 0.5)?;
        let last = self.shortest.ends()[1] + (self.count.ends()[1] - 1.0) * self.apart.ends()[1];
        match last < DECADES - 0.5 {
            true => Ok(()),
            false => Err(format!("the longest time, 10^{last} s, lies beyond the record of 10^{DECADES} s")),
        }
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let n = self.points.draw(random).round() as usize;
        let count = self.count.draw(random).round() as usize;
        let (shortest, apart) = (self.shortest.draw(random), self.apart.draw(random));
        let noise = self.noise.draw(random);
        let peaks: Vec<[f64; 2]> = (0..count)
            .map(|k| [libm::exp10(shortest + apart * k as f64), 0.01 * (0.7 + 0.6 * random.uniform())])
            .collect();
        let time = log_grid(0.0, DECADES, n);
        let whole: f64 = 0.02 + peaks.iter().map(|p| p[1]).sum::<f64>();
        let strain = time
            .iter()
            .map(|t| {
                let left: f64 = peaks.iter().map(|[tau, c]| c * libm::exp(-t / tau)).sum();
                0.02 + left + noise * whole * random.normal()
            })
            .collect();
        let mut truths = vec![Truth::word("peaks", &count.to_string()), Truth::number("baseline", 0.02)];
        for (k, [tau, c]) in peaks.iter().enumerate() {
            truths.push(Truth::number(&format!("tau_{}", k + 1), *tau));
            truths.push(Truth::number(&format!("c_{}", k + 1), *c));
        }
        Ok(Trial::of("data", spectrum(vec![(Role::Time, time), (Role::Strain, strain)]), truths))
    }
}
