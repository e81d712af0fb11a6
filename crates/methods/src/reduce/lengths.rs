//! Correlation lengths of a volume: its structure function along the axes, and in all directions up to a lag (METHODS §10).

use super::ReduceError;
use super::lags::{Ball, Lags, Sums};
use super::passes::{Passes, VolumeError};
use crate::num::fit::FitError;
use crate::num::resample::jackknife;
use crate::spatial::covariance::{CovarianceFit, Model, fit, fit_direction};
use crate::spatial::lengths::{LengthError, Lengths, Reading, noise_helps};
use crate::spatial::structure_function::Curve;
use softspot_data::{NoVoxelSize, Volume};

/// Lags along an axis unless `r_max` asks for more.
pub const LAGS: usize = 64;
/// Distance in all directions unless another is asked for, in voxels.
const RADIAL: f64 = 8.0;
/// Parts of a volume that an interval needs, and correlation lengths that each must be thick.
const PARTS: usize = 5;
const THICK: f64 = 4.0;

/// Lengths of a volume that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VolumeLengthError {
    /// Lengths need a voxel.
    #[error("{0}")]
    Voxel(#[from] NoVoxelSize),
    /// A fit beyond the volume.
    #[error("{0}")]
    Length(#[from] LengthError),
    /// Numbers that cannot be had.
    #[error("{0}")]
    Volume(#[from] VolumeError),
    /// All of one value.
    #[error("the volume is constant: it has no correlation length")]
    Constant,
    /// The model does not fit.
    #[error("{0}")]
    Fit(#[from] FitError),
}

impl From<ReduceError> for VolumeLengthError {
    fn from(e: ReduceError) -> VolumeLengthError {
        VolumeLengthError::Volume(e.into())
    }
}

/// Lengths of a volume and the curves they were taken from.
#[derive(Clone, Debug)]
pub struct VolumeLengths {
    /// The lengths, along x, y and z.
    pub lengths: Lengths,
    /// H in all directions, as far as it was measured.
    pub radial: Curve,
    /// H along x, y and z.
    pub axes: [Curve; 3],
    /// What was fitted: all directions, and the axes beyond.
    pub pooled: Curve,
    /// Why there is no interval, where one was wanted.
    pub no_interval: Option<String>,
    /// As it was read in the end: `auto` takes white noise in where the volume has some.
    pub reading: Reading,
}

/// Curves and fits of some planes.
struct Part {
    radial: Curve,
    /// Along z, y and x.
    axes: [Curve; 3],
    pooled: Curve,
    fitted: CovarianceFit,
    /// Along x, y and z, m.
    lengths: [f64; 3],
}

impl VolumeLengths {
    /// Measures a volume; `radial` is the largest lag in all directions, m, eight voxels unless given, and `jackknifed`
    /// asks for intervals.
    ///
    /// # Errors
    /// [`VolumeLengthError`].
    pub fn of(
        volume: &Volume,
        reading: &Reading,
        radial: Option<f64>,
        jackknifed: bool,
        passes: &Passes<'_>,
    ) -> Result<VolumeLengths, VolumeLengthError> {
        let voxel = volume.voxel_size()?;
        let axes = [0, 1, 2];
        let sides = axes.map(|k| volume.shape[k] as f64 * voxel[k]);
        let window = axes.iter().filter(|k| volume.shape[**k] > 1).map(|k| sides[*k]).fold(f64::INFINITY, f64::min);
        let r_max = reading.r_max.unwrap_or(window / 4.0);
        if r_max > sides.iter().map(|s| s * s).sum::<f64>().sqrt() {
            return Err(LengthError::Range(format!("{r_max:e}"), "volume").into());
        }
        let step = voxel.iter().copied().fold(f64::INFINITY, f64::min);
        let reach = if reading.r_max.is_some() { r_max } else { (window / 2.0).min(LAGS as f64 * step) };
        let r_max = r_max.min(reach.max(step * 4.0));
        let max = axes.map(|k| ((reach / voxel[k] + 1e-9).floor() as usize).min(volume.shape[k] - 1));
        let ball = radial.unwrap_or(RADIAL * step).min(window / 2.0);
        let summary = passes.moments(volume)?;
        if summary.min == summary.max {
            return Err(VolumeLengthError::Constant);
        }
        let sums = passes.run(volume, &Lags { max, set: None, ball: Ball::new(ball, voxel) }, "lags")?;
        let mut reading = *reading;
        let mut whole = Part::of(&reading, &sums, voxel, r_max, |_| true)?;
        if reading.model == Model::Auto && !reading.noise && noise_helps(&whole.pooled, r_max) {
            reading.noise = true;
            whole = Part::of(&reading, &sums, voxel, r_max, |_| true)?;
        }
        let intervals = match jackknifed {
            true => whole.intervals(&reading, &sums, voxel, r_max),
            false => Err(None),
        };
        let (voxels, c) = (summary.n as f64, whole.fitted.covariance);
        let [xi, sigma, alpha, x, y, z] = *intervals.as_ref().unwrap_or(&[[f64::NAN; 2]; 6]);
        let lengths = Lengths {
            covariance: c,
            unbiased: false,
            intervals: intervals.is_ok().then_some([xi, sigma, alpha, [f64::NAN; 2]]),
            axes: whole.lengths.into(),
            axis_intervals: intervals.is_ok().then(|| vec![x, y, z]),
            r_max,
            window,
            steps: [step, voxel.iter().copied().fold(0.0, f64::max)],
            independent: (voxels * voxel.iter().product::<f64>() / c.correlation_volume()).clamp(1.0, voxels),
            fitted: whole.fitted,
        };
        let [of_z, of_y, of_x] = whole.axes;
        Ok(VolumeLengths {
            lengths,
            radial: whole.radial,
            axes: [of_x, of_y, of_z],
            pooled: whole.pooled,
            no_interval: intervals.err().flatten(),
            reading,
        })
    }
}

impl Part {
    /// Of the planes that are `taken`.
    fn of(
        reading: &Reading,
        sums: &Sums,
        voxel: [f64; 3],
        r_max: f64,
        taken: impl Fn(usize) -> bool + Copy,
    ) -> Result<Part, FitError> {
        let along = sums.of(taken);
        let axes = [0, 1, 2].map(|k| Curve::pooled(along[k].points(voxel[k])));
        let radial = Curve::pooled(sums.radial(taken).into_iter().map(|(r, h, pairs)| [r, h, pairs as f64]));
        // The fit takes all directions as far as they were measured, and the axes beyond.
        let end = radial.r.last().copied().unwrap_or(0.0);
        let beyond = axes.iter().flat_map(Curve::points).filter(|p| p[0] > end);
        let pooled = Curve::pooled(radial.points().chain(beyond));
        let fitted = fit(&pooled, reading.model, reading.noise, r_max)?;
        let length = |k: usize| fit_direction(&axes[k], &fitted.covariance, r_max).map_or(f64::NAN, |c| c.xi);
        let lengths = [length(2), length(1), length(0)];
        Ok(Part { radial, axes, pooled, fitted, lengths })
    }

    /// ξ, σ, α, ξ along x, y, z, on the log scale but for α.
    fn logs(&self) -> [f64; 6] {
        let (c, [x, y, z]) = (self.fitted.covariance, self.lengths);
        let mut out = [c.xi, c.sigma, c.alpha, x, y, z].map(libm::log);
        out[2] = c.alpha;
        out
    }

    /// 95 % intervals by leaving out one part of the planes after the other (jackknife), or why there are none.
    fn intervals(
        &self,
        reading: &Reading,
        sums: &Sums,
        voxel: [f64; 3],
        r_max: f64,
    ) -> Result<[[f64; 2]; 6], Option<String>> {
        let thick = (THICK * self.fitted.covariance.xi / voxel[0]).ceil().max(1.0) as usize;
        let parts = (sums.planes() / thick).min(20);
        if parts < PARTS {
            let why = format!("no interval: {parts} parts of {THICK} correlation lengths along z, {PARTS} are needed");
            return Err(Some(why));
        }
        let part = |z: usize| z * parts / sums.planes();
        let full = self.logs();
        let mut without: [Vec<f64>; 6] = Default::default();
        for left in 0..parts {
            let rest = Part::of(reading, sums, voxel, r_max, |z| part(z) != left);
            let rest = rest.map_err(|e| Some(format!("no interval: {e}")))?;
            without.iter_mut().zip(rest.logs()).for_each(|(all, v)| all.push(v));
        }
        Ok(std::array::from_fn(|k| {
            let ends = jackknife(full[k], &without[k]);
            if k == 2 { ends.map(|v| v.clamp(0.0, 1.0)) } else { ends.map(libm::exp) }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Stream;
    use crate::spatial::covariance::{Covariance, Model};
    use crate::spatial::field::VolumeSimulator;
    use softspot_data::unit::Unit;

    /// A simulated volume has the length it was made with, within what so few correlation volumes tell: 96·52² voxels hold
    /// about 96·52²/(5·3³) ≈ 2000 independent parts, and ξ scatters by about 2 %.
    #[test]
    fn a_simulated_volume_has_its_length() {
        let made = Covariance { sigma: 1.0, xi: 3e-9, alpha: 1.0, noise: 0.0 };
        let simulator = VolumeSimulator::new([96, 52, 52], [1e-9; 3], &made);
        let [values, _] = simulator.pair(&mut Stream::named("volume").replicate(0));
        let volume = Volume::new(values, Unit::none(), "t", Some([1e-9; 3]));
        let reading = Reading { model: Model::SelfAffine, noise: false, r_max: None };
        let found = VolumeLengths::of(&volume, &reading, None, true, &Passes::simple()).unwrap();
        let lengths = &found.lengths;
        assert!((lengths.covariance.xi / 3e-9 - 1.0).abs() < 0.1, "{:e}", lengths.covariance.xi);
        assert!(lengths.axes.iter().all(|xi| (xi / 3e-9 - 1.0).abs() < 0.15), "{:?}", lengths.axes);
        assert!(lengths.intervals.is_some() && found.no_interval.is_none());
    }

    #[test]
    fn constant_volumes_and_fits_beyond_are_errors() {
        let volume = Volume::new(ndarray::Array3::ones((8, 8, 8)), Unit::none(), "t", Some([1e-9; 3]));
        let reading = Reading { model: Model::Gaussian, noise: false, r_max: None };
        let found = VolumeLengths::of(&volume, &reading, None, false, &Passes::simple());
        assert_eq!(found.unwrap_err(), VolumeLengthError::Constant);
        let reading = Reading { r_max: Some(1.0), ..reading };
        let found = VolumeLengths::of(&volume, &reading, None, false, &Passes::simple());
        assert!(matches!(found, Err(VolumeLengthError::Length(LengthError::Range(..)))));
    }
}
