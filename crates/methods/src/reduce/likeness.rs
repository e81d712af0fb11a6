//! The covariance of a volume or of a set in it, and featureless sets in its likeness.

use super::lags::{Ball, Lags};
use super::passes::Passes;
use super::{Block, ReduceError, Reducer, Set};
use crate::num::random::Stream;
use crate::spatial::covariance::{Covariance, Model, fit};
use crate::spatial::excursion::SetSurrogates;
use crate::spatial::regions::cut::Side;
use crate::spatial::structure_function::Curve;
use ndarray::Array3;
use softspot_data::Volume;

/// The covariance of the middle of a volume, with a nugget.
pub struct PartCovariance {
    /// As fitted to the curves along the axes.
    pub covariance: Covariance,
    /// Correlation of direct neighbours and the number of their pairs.
    pub neighbour: [f64; 2],
}

/// Of at most 96 voxels a side in the middle of a volume: enough to say how many independent parts the whole has. `None`
/// where no covariance fits.
pub fn part_covariance(volume: &Volume, passes: &Passes<'_>) -> Option<PartCovariance> {
    const SIDE: usize = 96;
    let voxel = volume.voxel?;
    let middle = |k: usize| {
        let n = volume.shape[k].min(SIDE);
        let from = (volume.shape[k] - n) / 2;
        from..from + n
    };
    let part = volume.part([0, 1, 2].map(middle)).ok()?;
    let part = Volume::new(part, volume.unit.clone(), "part", Some(voxel));
    let max = part.shape.map(|n| (n / 4).min(n - 1));
    let curves = passes.run(&part, &Lags { max, set: None, ball: Ball::default() }, "part").ok()?.whole();
    let pooled = Curve::pooled(curves.iter().zip(voxel).flat_map(|(c, step)| c.points(step)));
    let covariance = fit(&pooled, Model::SelfAffine, true, pooled.r.last().copied()?).ok()?.covariance;
    let total = covariance.sigma.powi(2) + covariance.noise.powi(2);
    let pairs: u64 = curves.iter().filter_map(|c| c.pairs.first()).sum();
    let first: Vec<f64> = curves.iter().filter_map(|c| c.h.first().copied()).filter(|h| h.is_finite()).collect();
    let neighbour = 1.0 - first.iter().sum::<f64>() / first.len().max(1) as f64 / (2.0 * total);
    Some(PartCovariance { covariance, neighbour: [neighbour, pairs as f64] })
}

/// Largest lag of the covariance of surrogates of a volume, in voxels.
pub const LAGS: usize = 48;
/// Of a map.
const LAGS_OF_MAP: usize = 128;

/// Featureless sets in the likeness of one (METHODS §13), of at most `side` voxels along an axis; or why there are none.
///
/// # Errors
/// [`ReduceError`] where the volume cannot be gone through.
pub fn set_surrogates(
    volume: &Volume,
    set: Set,
    voxel: [f64; 3],
    fraction: f64,
    side: usize,
    stream: &Stream,
    passes: &Passes<'_>,
) -> Result<Result<SetSurrogates, String>, ReduceError> {
    let flat = volume.shape.contains(&1);
    let most = if flat { LAGS_OF_MAP } else { LAGS };
    let max = volume.shape.map(|n| if n == 1 { 0 } else { (n / 4).clamp(1, most) });
    let curves = passes.run(volume, &Lags { max, set: Some(set), ball: Ball::default() }, "differences")?.whole();
    let made = match SetSurrogates::new(fraction, volume.shape, voxel, &curves.map(|c| c.h), side) {
        Ok(made) => made,
        Err(e) => return Ok(Err(e.to_string())),
    };
    // The middle of the volume, with what is invalid there.
    let sides = made.shape();
    let from = [0, 1, 2].map(|k| (volume.shape[k] - sides[k]) / 2);
    let window = volume.part([0, 1, 2].map(|k| from[k]..from[k] + sides[k]))?;
    let valid = window.mapv(|v| !v.is_nan());
    if !valid.iter().any(|v| *v) {
        return Ok(Err("no surrogates can be made: the middle of the volume is invalid".into()));
    }
    let made = if valid.iter().all(|v| *v) { made } else { made.masked(valid) };
    let differ = |z: &Array3<f64>, threshold: f64, max: [usize; 3]| {
        let set = Set::Beyond { threshold, side: Side::High };
        let lags = Lags { max, set: Some(set), ball: Ball::default() };
        lags.finish(lags.map(&Block::whole(z.view()))).whole().map(|c| c.h)
    };
    made.with_errors(stream, &passes.work, differ).map(Ok).map_err(|_| ReduceError::Cancelled)
}
