//! Stress relaxation of one step or two.

use serde::Deserialize;

use super::{Source, Trial};
use crate::calibrate::number::{Number, Word};
use crate::calibrate::series::{log_grid, spectrum};
use crate::calibrate::truth::Truth;
use crate::data::Role;
use crate::num::random::Random;
use crate::relax::model::kww::decay;

/// How the noise of points goes together.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Memory {
    /// Not at all.
    White,
    /// From point to point.
    Points,
    /// Over 30 s.
    Seconds,
    /// From point to point, with white noise.
    Mixed,
}

/// Parameters of a decay B + A exp[−((t + t₀)/τ)^β] of 100 MPa.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Decay {
    points: Number,
    /// Decades of the first and the last time, s.
    first: Number,
    last: Number,
    log_tau: Number,
    beta: Number,
    /// Share that does not relax.
    level: Number,
    /// Share of a faster step, 0 for none, with its time and exponent.
    fast: Number,
    fast_log_tau: Number,
    fast_beta: Number,
    /// Standard deviation over the whole stress.
    noise: Number,
    memory: Word<Memory>,
    /// Correlation of neighbours where noise remembers from point to point.
    link: Number,
}

impl Default for Decay {
    fn default() -> Decay {
        let given = Number::Value;
        Decay {
            points: Number::Between([120.0, 320.0]),
            first: given(-1.0),
            last: given(4.0),
            log_tau: Number::Between([1.3, 2.8]),
            beta: Number::Between([0.45, 0.85]),
            level: given(0.2),
            fast: given(0.0),
            fast_log_tau: given(0.8),
            fast_beta: given(0.9),
            noise: given(0.008),
            memory: Word::Value(Memory::White),
            link: Number::Between([0.5, 0.9]),
        }
    }
}

impl Source for Decay {
    fn check(&self) -> Result<(), String> {
        self.points.within("points", 10.0, 1e6)?;
        self.first.within("first", -9.0, 12.0)?;
        self.last.within("last", self.first.ends()[1] + 0.5, 15.0)?;
        self.log_tau.within("log_tau", -9.0, 15.0)?;
        self.beta.within("beta", 0.1, 1.0)?;
        self.level.within("level", 0.0, 0.99)?;
        self.fast.within("fast", 0.0, 0.99)?;
        self.fast_log_tau.within("fast_log_tau", -9.0, 15.0)?;
        self.fast_beta.within("fast_beta", 0.1, 1.0)?;
        self.noise.within("noise", 0.0, 1.0)?;
        self.link.within("link", 0.0, 0.999)
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let n = self.points.draw(random).round() as usize;
        let time = log_grid(self.first.draw(random), self.last.draw(random), n);
        let (tau, beta) = (libm::exp10(self.log_tau.draw(random)), self.beta.draw(random));
        let (level, fast) = (self.level.draw(random), self.fast.draw(random));
        let (tau_1, beta_1) = (libm::exp10(self.fast_log_tau.draw(random)), self.fast_beta.draw(random));
        let (noise, memory) = (self.noise.draw(random), self.memory.draw(random)?);
        let link = self.link.draw(random);
        let mut x = random.normal();
        let stress = (0..n).map(|i| {
            let along = match memory {
                Memory::White => 0.0,
                Memory::Seconds if i > 0 => libm::exp((time[i - 1] - time[i]) / 30.0),
                _ => link,
            };
            x = along * x + (1.0 - along * along).sqrt() * random.normal();
            let e = if memory == Memory::Mixed { 0.8 * x + 0.6 * random.normal() } else { x };
            let whole = fast * decay(time[i] / tau_1, beta_1) + (1.0 - fast) * decay(time[i] / tau, beta);
            1e8 * (level + (1.0 - level) * whole + noise * e)
        });
        let stress = stress.collect();
        let one = fast == 0.0;
        let mut truths = vec![Truth::hypothesis("model_p", one)];
        if one {
            truths.push(Truth::word("step_class", "one step"));
            truths.push(Truth::number("kww_tau", tau));
            truths.push(Truth::number("kww_beta", beta));
            truths.push(Truth::number("relaxed", 1.0 - level));
        } else {
            truths.push(Truth::word("step_class", "two steps|shoulder"));
            truths.push(Truth::number("tau_1", tau_1.min(tau)));
            truths.push(Truth::number("tau_2", tau_1.max(tau)));
            truths.push(Truth::number("beta_step", if tau_1 < tau { fast } else { 1.0 - fast }));
        }
        Ok(Trial::of("transient", spectrum(vec![(Role::Time, time), (Role::Stress, stress)]), truths))
    }
}
