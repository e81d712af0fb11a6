//! Dissipated energy a cycle, from amplitude and phase.
//!
//! Source: Cleveland et al. 1998, doi:10.1063/1.121434; METHODS §4.

use std::f64::consts::PI;

/// The cantilever and how it is driven.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drive {
    /// Spring constant k, N/m.
    pub spring_constant: f64,
    /// Quality factor Q.
    pub quality_factor: f64,
    /// Free amplitude A₀, m.
    pub free_amplitude: f64,
    /// Drive over resonance frequency, ω/ω₀.
    pub frequency_ratio: f64,
}

/// Standard errors of what is known of the cantilever: the same for every pixel of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Errors {
    /// Of the spring constant, relative.
    pub spring_constant: f64,
    /// Of the quality factor, relative.
    pub quality_factor: f64,
    /// Of the free amplitude, relative.
    pub free_amplitude: f64,
    /// Of the zero of the phase, degrees.
    pub phase: f64,
}

fn radians(degrees: f64) -> f64 {
    degrees * PI / 180.0
}

impl Drive {
    /// π k A A₀/Q: the energy that the drive could put in, J.
    fn scale(&self, amplitude: f64) -> f64 {
        PI * self.spring_constant * amplitude * self.free_amplitude / self.quality_factor
    }

    /// E_dis in J a cycle at an amplitude in m and a lag in degrees; negative where noise or a wrong zero of the phase
    /// make it so.
    pub fn energy(&self, amplitude: f64, lag: f64) -> f64 {
        self.scale(amplitude) * self.reduced(amplitude / self.free_amplitude, lag)
    }

    /// sin φ − (ω/ω₀)(A/A₀).
    pub fn reduced(&self, amplitude_ratio: f64, lag: f64) -> f64 {
        libm::sin(radians(lag)) - self.frequency_ratio * amplitude_ratio
    }

    /// The lag in degrees at which that energy is lost where the tip is repelled (φ < 90°).
    pub fn lag(&self, amplitude: f64, energy: f64) -> f64 {
        let sine = energy / self.scale(amplitude) + self.frequency_ratio * amplitude / self.free_amplitude;
        libm::asin(sine.clamp(-1.0, 1.0)) * 180.0 / PI
    }

    /// E_dis Q/(π k A_sp A₀) of an energy in J.
    pub fn normalised(&self, energy: f64, setpoint: f64) -> f64 {
        energy / self.scale(setpoint)
    }

    /// The mean elastic force F₀ cos φ with F₀ = k A₀/Q, N.
    pub fn elastic_force(&self, lag: f64) -> f64 {
        self.spring_constant * self.free_amplitude / self.quality_factor * libm::cos(radians(lag))
    }

    /// What one standard error of k, Q, A₀ and the zero of the phase changes E_dis by, J, to first order, with its sign.
    /// A₀ stands before the bracket and in it: there it drops out.
    pub fn changes(&self, amplitude: f64, lag: f64, errors: &Errors) -> [f64; 4] {
        let (scale, energy) = (self.scale(amplitude), self.energy(amplitude, lag));
        [
            energy * errors.spring_constant,
            -energy * errors.quality_factor,
            scale * libm::sin(radians(lag)) * errors.free_amplitude,
            scale * libm::cos(radians(lag)) * radians(errors.phase),
        ]
    }

    /// Standard error of E_dis, J: the changes of independent errors together.
    pub fn error(&self, amplitude: f64, lag: f64, errors: &Errors) -> f64 {
        self.changes(amplitude, lag, errors).iter().map(|p| p * p).sum::<f64>().sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    const DRIVE: Drive =
        Drive { spring_constant: 26.0, quality_factor: 420.0, free_amplitude: 20e-9, frequency_ratio: 1.0 };

    #[test]
    fn nothing_is_lost_at_an_elastic_sample() {
        // Without losses sin φ = A/A₀.
        for ratio in [0.1, 0.5, 0.9] {
            let lag = libm::asin(ratio) * 180.0 / PI;
            assert!(DRIVE.energy(ratio * 20e-9, lag).abs() < 1e-30);
        }
        // All that the drive puts in at φ = 90° is π k A A₀/Q (1 − A/A₀).
        let full = PI * 26.0 * 10e-9 * 20e-9 / 420.0 * 0.5;
        assert!((DRIVE.energy(10e-9, 90.0) / full - 1.0).abs() < 1e-12);
        assert!((DRIVE.normalised(full, 10e-9) - 0.5).abs() < 1e-12);
        assert!((DRIVE.lag(9e-9, DRIVE.energy(9e-9, 61.0)) - 61.0).abs() < 1e-9);
        assert!(DRIVE.elastic_force(90.0).abs() < 1e-20 && DRIVE.elastic_force(45.0) > 0.0);
    }

    /// The first-order error against the spread of 4,000 drives with the errors drawn at random: the standard error of
    /// such a spread is 1.1 %, so 5 % is no chance (false alarm < 1e-5); second order adds about 1 %.
    #[test]
    fn errors_are_those_of_drawn_parameters() {
        let errors = Errors { spring_constant: 0.1, quality_factor: 0.05, free_amplitude: 0.02, phase: 1.0 };
        let mut random = Random::named("error of the energy", 0);
        for (amplitude, lag) in [(9e-9, 60.0), (15e-9, 80.0)] {
            let drawn: Vec<f64> = (0..4000)
                .map(|_| {
                    let d = Drive {
                        spring_constant: 26.0 * (1.0 + 0.1 * random.normal()),
                        quality_factor: 420.0 * (1.0 + 0.05 * random.normal()),
                        free_amplitude: 20e-9 * (1.0 + 0.02 * random.normal()),
                        ..DRIVE
                    };
                    d.energy(amplitude, lag + random.normal())
                })
                .collect();
            let spread = crate::num::sum::moments(&drawn).std;
            let error = DRIVE.error(amplitude, lag, &errors);
            assert!((error / spread - 1.0).abs() < 0.05, "{error} against {spread}");
        }
    }
}
