//! Moduli against frequency.

use serde::Deserialize;

use super::{Source, Trial};
use crate::calibrate::number::Number;
use crate::calibrate::series::{log_grid, spectrum};
use crate::calibrate::truth::Truth;
use crate::data::Role;
use crate::num::random::Random;
use crate::relax::model::havriliak_negami;

/// Parameters of a Havriliak–Negami process of 2 GPa below 30 GPa, against angular frequency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Response {
    points: Number,
    /// Decades of ωτ at both ends.
    first: Number,
    last: Number,
    log_tau: Number,
    alpha: Number,
    gamma: Number,
    /// Relative noise of the loss.
    noise: Number,
    /// Floor of the noise of the loss over its maximum.
    floor: Number,
    /// Noise of the storage modulus over that of the loss.
    storage: Number,
}

impl Default for Response {
    fn default() -> Response {
        let given = Number::Value;
        Response {
            points: Number::Between([41.0, 91.0]),
            first: given(-4.0),
            last: given(4.0),
            log_tau: Number::Between([-1.0, 1.0]),
            alpha: Number::Between([0.5, 0.95]),
            gamma: Number::Between([0.4, 0.9]),
            noise: given(0.01),
            floor: given(0.005),
            storage: given(0.1),
        }
    }
}

impl Source for Response {
    fn check(&self) -> Result<(), String> {
        self.points.within("points", 8.0, 1e5)?;
        self.first.within("first", -12.0, 12.0)?;
        self.last.within("last", self.first.ends()[1] + 0.5, 15.0)?;
        self.log_tau.within("log_tau", -12.0, 12.0)?;
        self.alpha.within("alpha", 0.05, 1.0)?;
        self.gamma.within("gamma", 0.05, 1.0)?;
        self.noise.within("noise", 0.0, 1.0)?;
        self.floor.within("floor", 0.0, 1.0)?;
        self.storage.within("storage", 0.0, 10.0)
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let n = self.points.draw(random).round() as usize;
        let x = log_grid(self.first.draw(random), self.last.draw(random), n);
        let tau = libm::exp10(self.log_tau.draw(random));
        let (alpha, gamma) = (self.alpha.draw(random), self.gamma.draw(random));
        let (noise, floor) = (self.noise.draw(random), self.floor.draw(random));
        let storage_noise = self.storage.draw(random);
        let (unrelaxed, strength) = (30e9, 2e9);
        let chi: Vec<_> = x.iter().map(|x| havriliak_negami(*x, alpha, gamma)).collect();
        let top = chi.iter().map(|c| -c.im).fold(0.0, f64::max);
        // Relative to each point, and a floor that all share.
        let error = |v: f64, whole: f64, part: f64, r: &mut Random| {
            v * (1.0 + part * noise * r.normal()) + whole * part * floor * r.normal()
        };
        let (mut storage, mut loss) = (Vec::new(), Vec::new());
        for c in &chi {
            loss.push(error(-strength * c.im, strength * top, 1.0, random));
            storage.push(error(unrelaxed - strength * c.re, strength * top, storage_noise, random));
        }
        let omega = x.iter().map(|x| x / tau).collect();
        let columns = vec![(Role::AngularFrequency, omega), (Role::Storage, storage), (Role::Loss, loss)];
        let truths = vec![
            Truth::number("tau", tau),
            Truth::number("hn_alpha", alpha),
            Truth::number("hn_gamma", gamma),
            Truth::number("delta_m", strength),
            Truth::number("m_u", unrelaxed),
            Truth::hypothesis("model_p", true),
        ];
        Ok(Trial::of("spectrum", spectrum(columns), truths))
    }
}
