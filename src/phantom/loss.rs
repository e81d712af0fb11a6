//! A dynamic mechanical spectrum: an α process that follows Vogel–Fulcher–Tammann, a β process that follows Arrhenius.

use std::f64::consts::{LN_10, TAU};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{PhantomError, parse, write};
use crate::num::random::Random;
use crate::relax::GAS_CONSTANT;
use crate::relax::model::havriliak_negami;
use crate::unit::quantity::{Pressure, Temperature};

/// Parameters of a spectrum.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Loss {
    /// Glass transition: τ_α = 100 s.
    pub tg: Temperature,
    /// Fragility m of the α process.
    pub fragility: f64,
    /// Exponents of Havriliak–Negami for the α process.
    pub alpha_shape: [f64; 2],
    /// Strength of the α process.
    pub alpha_strength: Pressure,
    /// Strength of the β process; 0 for none.
    pub beta_strength: Pressure,
    /// Temperature at which the β process peaks at 1 Hz.
    pub t_beta: Temperature,
    /// Its activation energy, kJ/mol.
    pub e_beta: f64,
    /// Its Cole–Cole exponent, (0, 1].
    pub beta_shape: f64,
    /// Unrelaxed modulus.
    pub modulus: Pressure,
    /// Constant instrument loss.
    pub background: Pressure,
    /// First and last temperature and step, K.
    pub temperatures: [f64; 3],
    /// Frequencies, Hz.
    pub frequencies: Vec<f64>,
    /// Relative noise of both moduli.
    pub noise: f64,
    /// Seed.
    pub seed: u64,
}

impl Default for Loss {
    fn default() -> Loss {
        Loss {
            tg: Temperature(461.0),
            fragility: 40.0,
            alpha_shape: [0.95, 0.41],
            alpha_strength: Pressure(3e9),
            beta_strength: Pressure(0.5e9),
            t_beta: Temperature(350.0),
            e_beta: 83.0,
            beta_shape: 0.45,
            modulus: Pressure(35e9),
            background: Pressure(0.0),
            temperatures: [290.0, 530.0, 0.5],
            frequencies: vec![0.5, 1.0, 2.0, 4.0, 8.0, 16.0],
            noise: 0.003,
            seed: 0,
        }
    }
}

/// log₁₀ of the VFT prefactor over a second; with τ(T_g) = 100 s it leaves fragility as the only parameter.
const LOG_TAU_0: f64 = -14.0;

impl Loss {
    /// E* = E′ + iE″ at temperature (K) and frequency (Hz), Pa, without noise.
    pub fn modulus_at(&self, t: f64, f: f64) -> [f64; 2] {
        let omega = TAU * f;
        let span = 2.0 - LOG_TAU_0;
        let t0 = self.tg.0 * (1.0 - span / self.fragility);
        let mut e = [self.modulus.0, self.background.0];
        if t > t0 {
            let tau = libm::exp10((LOG_TAU_0 + span * (self.tg.0 - t0) / (t - t0)).min(200.0));
            let chi = havriliak_negami(omega * tau, self.alpha_shape[0], self.alpha_shape[1]);
            e[0] -= self.alpha_strength.0 * chi.re;
            e[1] -= self.alpha_strength.0 * chi.im;
        }
        // The peak of a Cole–Cole process is at ωτ = 1.
        let tau = libm::exp(1e3 * self.e_beta / GAS_CONSTANT * (1.0 / t - 1.0 / self.t_beta.0)) / TAU;
        let chi = havriliak_negami(omega * tau, self.beta_shape, 1.0);
        e[0] -= self.beta_strength.0 * chi.re;
        e[1] -= self.beta_strength.0 * chi.im;
        e
    }

    /// log₁₀ of the β prefactor f∞ in Hz.
    pub fn log10_f_inf(&self) -> f64 {
        1e3 * self.e_beta / (GAS_CONSTANT * self.t_beta.0 * LN_10)
    }

    /// Frequency (Hz), temperature (K), storage and loss modulus (Pa) of every point, with noise.
    ///
    /// # Errors
    /// [`PhantomError`] for parameters that make no sense.
    pub fn rows(&self, random: &mut Random) -> Result<Vec<[f64; 4]>, PhantomError> {
        let [first, last, step] = self.temperatures;
        let count = (last - first) / step;
        if !(first > 0.0 && step > 0.0 && (1.0..1e6).contains(&count)) {
            return Err(PhantomError::Parameters("temperatures are first, last and step in K, all positive".into()));
        }
        if self.fragility <= 2.0 - LOG_TAU_0 || self.frequencies.iter().any(|f| !(*f > 0.0)) {
            return Err(PhantomError::Parameters("fragility lies above 16 and frequencies are positive".into()));
        }
        let mut out = Vec::new();
        for f in &self.frequencies {
            for i in 0..=(count + 1e-9) as usize {
                let t = first + i as f64 * step;
                let [storage, loss] = self.modulus_at(t, *f);
                // The storage modulus is large and smooth: its relative noise is a tenth.
                let (a, b) = (0.1 * self.noise * random.normal(), self.noise * random.normal());
                out.push([*f, t, storage * (1.0 + a), loss * (1.0 + b)]);
            }
        }
        Ok(out)
    }

    /// The table as CSV: frequency, temperature, storage and loss modulus.
    ///
    /// # Errors
    /// [`PhantomError`] for parameters that make no sense.
    pub fn csv(&self) -> Result<String, PhantomError> {
        let rows = self.rows(&mut Random::named("phantom loss", self.seed))?;
        let mut out = String::from("f (Hz),T (K),E' (MPa),E'' (MPa)\n");
        for [f, t, storage, loss] in rows {
            out.push_str(&format!("{f},{t},{:.1},{:.5}\n", storage / 1e6, loss / 1e6));
        }
        Ok(out)
    }

    pub(super) fn truth(&self) -> String {
        let text = toml::to_string(self).unwrap_or_default();
        format!("# Truth of the table beside; log10 of the beta prefactor in Hz: {:.4}\n{text}", self.log10_f_inf())
    }
}

pub(super) fn defaults() -> String {
    toml::to_string(&Loss::default()).unwrap_or_default()
}

pub(super) fn make(out: &Path, parameters: &str) -> Result<Vec<String>, PhantomError> {
    let loss: Loss = parse(parameters)?;
    write(out, loss.csv()?.as_bytes(), &loss.truth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beta_peak_is_where_its_parameters_say() {
        let p = Loss { alpha_strength: Pressure(0.0), noise: 0.0, ..Loss::default() };
        for f in [0.5, 1.0, 16.0] {
            let t = 1e3 * p.e_beta / GAS_CONSTANT / (p.log10_f_inf() * LN_10 - libm::log(f));
            let at = |t: f64| p.modulus_at(t, f)[1];
            assert!(at(t) > at(t - 1.0) && at(t) > at(t + 1.0), "{f}");
        }
        assert!(
            (p.modulus_at(350.0, 1.0)[1] / 0.5e9 - 0.5 * libm::tan(0.45 * std::f64::consts::FRAC_PI_4)).abs() < 1e-12
        );
    }
}
