//! Images of dissipated energy, and what is to be known of their pixels (METHODS §4).

use ndarray::{Array2, Zip};

use super::energy::{Drive, Errors};
use crate::num::sum::{mean, moments};

/// Half of a 95 % interval in standard errors.
const NORMAL: f64 = 1.959_964;

/// Energy of every pixel, with means and counts; invalid pixels are NaN.
#[derive(Clone, Debug)]
pub struct EnergyImage {
    /// Dissipated energy a cycle, J.
    pub energy: Array2<f64>,
    /// Its standard error from what is known of the cantilever, J.
    pub error: Array2<f64>,
    /// Energy over that of the set point.
    pub normalised: Array2<f64>,
    /// Elastic force, N.
    pub force: Array2<f64>,
    /// Mean energy, J.
    pub mean: f64,
    /// 95 % interval of the mean: what is wrong with the cantilever is wrong with all pixels alike.
    pub interval: [f64; 2],
    /// Mean of the normalised energy, and of the force.
    pub mean_normalised: f64,
    /// Mean elastic force, N.
    pub mean_force: f64,
    /// Pixels with a phase and an amplitude.
    pub valid: usize,
    /// Pixels without.
    pub invalid: usize,
    /// Valid pixels above the free amplitude.
    pub above: usize,
    /// Valid pixels with a negative amplitude.
    pub below: usize,
    /// Valid pixels with a lag outside of 0° to 180°.
    pub outside: usize,
    /// Valid pixels with a negative energy.
    pub negative: usize,
}

impl EnergyImage {
    /// Of amplitudes in m and lags in degrees, of the same shape; energies are normalised by that of the set point, m.
    /// `None` where no pixel has both.
    pub fn of(
        amplitude: &Array2<f64>,
        lag: &Array2<f64>,
        drive: &Drive,
        errors: &Errors,
        setpoint: f64,
    ) -> Option<EnergyImage> {
        let image = |f: &dyn Fn(f64, f64) -> f64| Zip::from(amplitude).and(lag).map_collect(|a, p| f(*a, *p));
        let energy = image(&|a, p| drive.energy(a, p));
        let force = image(&|a, p| if a.is_finite() { drive.elastic_force(p) } else { f64::NAN });
        let normalised = energy.mapv(|e| drive.normalised(e, setpoint));
        let valid: Vec<f64> = energy.iter().copied().filter(|e| e.is_finite()).collect();
        if valid.is_empty() {
            return None;
        }
        let both = |is: &dyn Fn(f64, f64) -> bool| {
            amplitude.iter().zip(lag).filter(|(a, p)| a.is_finite() && p.is_finite() && is(**a, **p)).count()
        };
        let finite = |v: &Array2<f64>| mean(&v.iter().copied().filter(|v| v.is_finite()).collect::<Vec<_>>());
        let mean = moments(&valid).mean;
        // The mean moves by the mean of the changes.
        let changes = [0, 1, 2, 3].map(|k| finite(&image(&|a, p| drive.changes(a, p, errors)[k])));
        let half = NORMAL * changes.iter().map(|c| c * c).sum::<f64>().sqrt();
        Some(EnergyImage {
            error: image(&|a, p| drive.error(a, p, errors)),
            mean,
            interval: [mean - half, mean + half],
            mean_normalised: finite(&normalised),
            mean_force: finite(&force),
            valid: valid.len(),
            invalid: energy.len() - valid.len(),
            above: both(&|a, _| a > drive.free_amplitude),
            below: both(&|a, _| a < 0.0),
            outside: both(&|_, p| !(0.0..=180.0).contains(&p)),
            negative: valid.iter().filter(|e| **e < 0.0).count(),
            energy,
            normalised,
            force,
        })
    }

    /// Share of the valid pixels that a count is.
    pub fn share(&self, count: usize) -> f64 {
        count as f64 / self.valid as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    const DRIVE: Drive =
        Drive { spring_constant: 26.0, quality_factor: 420.0, free_amplitude: 20e-9, frequency_ratio: 1.0 };

    #[test]
    fn pixels_are_counted_and_their_energies_are_those_of_single_pixels() {
        let amplitude = array![[9e-9, 21e-9, -1e-9], [9e-9, f64::NAN, 9e-9]];
        let lag = array![[60.0, 60.0, 60.0], [190.0, 60.0, f64::NAN]];
        let errors = Errors { spring_constant: 0.1, ..Errors::default() };
        let found = EnergyImage::of(&amplitude, &lag, &DRIVE, &errors, 9e-9).unwrap();
        assert_eq!((found.valid, found.invalid), (4, 2));
        assert_eq!((found.above, found.below, found.outside), (1, 1, 1));
        assert_eq!(found.energy[[0, 0]], DRIVE.energy(9e-9, 60.0));
        assert_eq!(found.negative, found.energy.iter().filter(|e| **e < 0.0).count());
        // k alone is uncertain: the mean is known to 10 % (1.96 standard errors to each side).
        let half = 0.5 * (found.interval[1] - found.interval[0]);
        assert!((half / (0.1 * found.mean.abs()) / 1.959_964 - 1.0).abs() < 1e-6);
        assert!((found.mean_normalised / DRIVE.normalised(found.mean, 9e-9) - 1.0).abs() < 1e-12);
        let none = array![[f64::NAN]];
        assert!(EnergyImage::of(&none, &none, &DRIVE, &errors, 9e-9).is_none());
    }
}
