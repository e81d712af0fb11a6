//! Shear transformation zones from relaxation times (S3 Eq. 1, 2, 6, 9; METHODS §11).

/// Boltzmann's constant, J/K.
pub const BOLTZMANN: f64 = 1.380_649e-23;
/// One electron-volt, J.
pub const ELECTRON_VOLT: f64 = 1.602_176_634e-19;

/// What the volume of a zone is computed from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zone {
    /// Poisson's ratio ν.
    pub poisson: f64,
    /// Shear modulus μ, Pa.
    pub shear_modulus: f64,
    /// Temperature, K.
    pub temperature: f64,
    /// Attempt frequency ν_G, Hz.
    pub attempt_frequency: f64,
    /// Transformation strain γ_T.
    pub strain: f64,
    /// Dilatancy β̄.
    pub dilatancy: f64,
    /// Shear resistance over modulus, σ̄/μ.
    pub resistance: f64,
}

impl Zone {
    /// γ_c = [2(4−5ν)/15(1−ν)] γ_T: the part of the strain that the surroundings keep.
    fn constrained_strain(&self) -> f64 {
        2.0 * (4.0 - 5.0 * self.poisson) / (15.0 * (1.0 - self.poisson)) * self.strain
    }

    /// ΔF/Ω, Pa: `{[(7−5ν)/30(1−ν) + 2(1+ν)β̄²/9(1−ν)] γ_T + ½ σ̄/μ} μ γ_T`.
    fn energy_density(&self) -> f64 {
        let v = self.poisson;
        let elastic =
            (7.0 - 5.0 * v) / (30.0 * (1.0 - v)) + 2.0 * (1.0 + v) * self.dilatancy.powi(2) / (9.0 * (1.0 - v));
        (elastic * self.strain + 0.5 * self.resistance) * self.shear_modulus * self.strain
    }

    /// ΔF, J, of a zone of volume Ω, m³.
    pub fn energy(&self, volume: f64) -> f64 {
        self.energy_density() * volume
    }

    /// τ, s, of a zone of volume Ω: `3kT/[2μ(1+ν) ν_G γ_c γ_T Ω] exp(ΔF/kT)`.
    pub fn time(&self, volume: f64) -> f64 {
        let kt = BOLTZMANN * self.temperature;
        let rate = 2.0 * self.shear_modulus * (1.0 + self.poisson) * self.attempt_frequency;
        3.0 * kt / (rate * self.constrained_strain() * self.strain * volume) * libm::exp(self.energy(volume) / kt)
    }

    /// The volume Ω, m³, of a zone that relaxes in τ, by Newton's rule on ln τ; τ rises with Ω above kT/(ΔF/Ω), where the
    /// search is. `None` for times below the least.
    pub fn volume(&self, tau: f64) -> Option<f64> {
        let kt = BOLTZMANN * self.temperature;
        let unit = kt / self.energy_density();
        let least = self.time(unit);
        if !(tau > least) || !tau.is_finite() {
            return None;
        }
        // ln τ = ln τ₁ + (x − 1) − ln x, x = ΔF/kT.
        let target = libm::log(tau / least);
        let mut x = 1.0 + target + libm::log1p(target);
        for _ in 0..60 {
            let step = (x - 1.0 - libm::log(x) - target) / (1.0 - 1.0 / x);
            x -= step;
            if step.abs() < 1e-14 * x {
                break;
            }
        }
        Some(x * unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AL: Zone = Zone {
        poisson: 0.324,
        shear_modulus: 19e9,
        temperature: 298.0,
        attempt_frequency: 1e13,
        strain: 0.2,
        dilatancy: 1.0,
        resistance: 0.025,
    };

    #[test]
    fn numbers_of_the_aluminium_glass() {
        // S3: ν = 0.324, γ_c/γ_T = 0.4694; n = 14 … 21 atoms of 16.6·10⁻³⁰ m³ have ΔF ≈ 0.84 … 1.26 eV.
        assert!((AL.constrained_strain() / 0.2 - 0.4694).abs() < 1e-4);
        for (n, ev) in [(14.0, 0.84), (21.0, 1.26)] {
            assert!((AL.energy(n * 16.6e-30) / ELECTRON_VOLT - ev).abs() < 0.005);
        }
    }

    #[test]
    fn volumes_give_their_times_back() {
        for n in [5.0, 14.0, 21.0, 40.0] {
            let volume = n * 16.6e-30;
            assert!((AL.volume(AL.time(volume)).unwrap() / volume - 1.0).abs() < 1e-12, "{n}");
        }
        assert_eq!(AL.volume(1e-30), None);
        assert_eq!(AL.volume(f64::NAN), None);
    }
}
