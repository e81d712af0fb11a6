//! Moduli of an α and a β process against temperature.

use serde::Deserialize;

use super::{Source, Trial};
use crate::calibrate::number::Number;
use crate::calibrate::series::spectrum;
use crate::calibrate::truth::Truth;
use crate::data::Role;
use crate::num::random::Random;
use crate::phantom::Loss;
use crate::unit::quantity::{Pressure, Temperature};

/// Parameters of an α process with T_g = 461 K and a β process, at six frequencies from 0.5 to 16 Hz.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Spectrum {
    fragility: Number,
    /// Exponent γ of the α process.
    gamma: Number,
    /// Strength of the β process, GPa; the α process has 3.
    beta: Number,
    /// Temperature at which it peaks at 1 Hz, K.
    t_beta: Number,
    /// kJ/mol.
    e_beta: Number,
    /// Cole–Cole exponent.
    shape: Number,
    /// Relative noise.
    noise: Number,
    /// Step of temperature, K.
    step: Number,
    /// Frequency whose peaks are described, Hz.
    frequency: Number,
}

impl Default for Spectrum {
    fn default() -> Spectrum {
        Spectrum {
            fragility: Number::Between([35.0, 55.0]),
            gamma: Number::Between([0.35, 0.55]),
            beta: Number::Between([0.2, 0.7]),
            t_beta: Number::Between([340.0, 370.0]),
            e_beta: Number::Between([75.0, 100.0]),
            shape: Number::Between([0.35, 0.65]),
            noise: Number::Value(0.01),
            step: Number::Value(1.0),
            frequency: Number::Value(4.0),
        }
    }
}

/// Where a curve is highest between 290 and 530 K, and how high.
fn highest(f: impl Fn(f64) -> f64) -> [f64; 2] {
    let all = (0..4800).map(|k| 290.0 + 0.05 * f64::from(k)).map(|t| [t, f(t)]);
    all.fold([0.0; 2], |a, b| if b[1] > a[1] { b } else { a })
}

impl Source for Spectrum {
    fn check(&self) -> Result<(), String> {
        self.fragility.within("fragility", 20.0, 200.0)?;
        self.gamma.within("gamma", 0.1, 1.0)?;
        self.beta.within("beta", 0.0, 3.0)?;
        self.t_beta.within("t_beta", 300.0, 450.0)?;
        self.e_beta.within("e_beta", 20.0, 300.0)?;
        self.shape.within("shape", 0.1, 1.0)?;
        self.noise.within("noise", 0.0, 0.5)?;
        self.step.within("step", 0.1, 10.0)?;
        self.frequency.within("frequency", 0.5, 16.0)
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let p = Loss {
            fragility: self.fragility.draw(random),
            alpha_shape: [0.95, self.gamma.draw(random)],
            beta_strength: Pressure(1e9 * self.beta.draw(random)),
            t_beta: Temperature(self.t_beta.draw(random)),
            e_beta: self.e_beta.draw(random),
            beta_shape: self.shape.draw(random),
            temperatures: [290.0, 530.0, self.step.draw(random)],
            noise: self.noise.draw(random),
            ..Loss::default()
        };
        let frequency = self.frequency.draw(random);
        let rows = p.rows(random).map_err(|e| e.to_string())?;
        let column = |k: usize| rows.iter().map(|r| r[k]).collect();
        let columns = vec![
            (Role::Frequency, column(0)),
            (Role::Temperature, column(1)),
            (Role::Storage, column(2)),
            (Role::Loss, column(3)),
        ];
        let [t_alpha, top] = highest(|t| p.modulus_at(t, frequency)[1]);
        let without = Loss { beta_strength: Pressure(0.0), ..p.clone() };
        let [own, _] = highest(|t| without.modulus_at(t, frequency)[1]);
        if (t_alpha - own).abs() > 15.0 || !(300.0..520.0).contains(&own) {
            return Err(format!(
                "the highest maximum, at {t_alpha:.0} K, is not that of α, at {own:.0} K: take a weaker β process"
            ));
        }
        let mut truths = vec![Truth::number("t_alpha", t_alpha)];
        if p.beta_strength.0 > 0.0 {
            let alone = Loss { alpha_strength: Pressure(0.0), ..p.clone() };
            let [t_beta, height] = highest(|t| alone.modulus_at(t, frequency)[1]);
            truths.push(Truth::number("t_beta", t_beta));
            truths.push(Truth::number("beta_intensity", height / top));
            truths.push(Truth::number("e_beta", 1e3 * p.e_beta));
            truths.push(Truth::number("log10_f_inf", p.log10_f_inf()));
        } else {
            truths.push(Truth::word("beta_class", "none"));
        }
        Ok(Trial::of("spectrum", spectrum(columns), truths))
    }
}
