//! The regions of a volume beyond a threshold, and the same of featureless sets (METHODS §5, §10, §13).

use softspot_data::{NoVoxelSize, Volume};

use super::likeness::set_surrogates;
use super::passes::{Passes, VolumeError};
use super::regions::{Key, Regions};
use super::threshold::{ThresholdError, choose};
use super::{Block, ReduceError, Reducer, Set};
use crate::num::random::Stream;
use crate::num::work::Cancelled;
use crate::spatial::regions::body::{Body, Sums};
use crate::spatial::regions::census::{Census, Selection, SurrogateRegions};
use crate::spatial::regions::cut::Side;
use crate::spatial::regions::runs::Connectivity;

/// Largest side of a surrogate of a volume: larger ones say no more of shapes, and take their time.
pub const SIDE: usize = 128;

/// A volume without regions.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum VolumeCensusError {
    /// Lengths need a voxel.
    #[error("{0}")]
    Voxel(#[from] NoVoxelSize),
    /// Numbers that cannot be had.
    #[error("{0}")]
    Volume(#[from] VolumeError),
    /// No threshold.
    #[error("{0}")]
    Threshold(#[from] ThresholdError),
    /// More regions than numbers.
    #[error(
        "there are more than four thousand million regions: that is noise; filter the volume, or choose a larger fraction"
    )]
    Countless,
    /// The user ended it.
    #[error("{0}")]
    Cancelled(#[from] Cancelled),
}

impl From<ReduceError> for VolumeCensusError {
    fn from(e: ReduceError) -> VolumeCensusError {
        VolumeCensusError::Volume(e.into())
    }
}

/// The regions of a volume, with what their labels are written by.
pub struct VolumeCensus {
    /// The regions.
    pub census: Census<Body>,
    /// How they were found.
    pub reducer: Regions,
    /// Their numbers in each part.
    pub key: Key,
}

/// Finds and measures the regions of a volume plane by plane, whatever its size, and of so many featureless sets.
///
/// # Errors
/// [`VolumeCensusError`].
pub fn census(
    volume: &Volume,
    selection: &Selection,
    connectivity: Connectivity,
    surrogates: usize,
    stream: &Stream,
    passes: &Passes<'_>,
) -> Result<VolumeCensus, VolumeCensusError> {
    let voxel = volume.voxel_size()?;
    let summary = passes.moments(volume)?;
    let chosen = choose(volume, &summary, selection.rule, selection.side, passes)?;
    let holes = summary.n < volume.len();
    let reducer = Regions { set: chosen.set, connectivity, range: [summary.min, summary.max], holes };
    let found = passes.run(volume, &reducer, "regions")?.ok_or(VolumeCensusError::Countless)?;
    let mut out = Census {
        threshold: chosen.threshold,
        fraction: chosen.fraction,
        valid: summary.n as f64,
        extent: summary.n as f64 * voxel.iter().product::<f64>(),
        regions: bodies(&found.regions, voxel, volume.shape),
        window: volume.shape.to_vec(),
        sides: [2, 1, 0].map(|a| volume.shape[a] as f64 * voxel[a]).to_vec(),
        min_pixels: selection.min_pixels,
        surrogates: None,
    };
    if surrogates > 0 {
        let made = match set_surrogates(volume, chosen.set, voxel, chosen.fraction, SIDE, stream, passes)? {
            Err(why) => Err(why),
            Ok(made) => {
                let read = |z: &ndarray::Array3<f64>, threshold: f64| {
                    let set = Set::Beyond { threshold, side: Side::High };
                    let reducer = Regions { set, connectivity, range: [-9.0, 9.0], holes };
                    let found = reducer.finish(reducer.map(&Block::whole(z.view())));
                    found.map_or_else(Vec::new, |f| bodies(&f.regions, voxel, made.shape()))
                };
                let regions = made.each(surrogates, stream, &passes.work, read)?;
                Ok(SurrogateRegions { regions, window: made.shape().to_vec(), fitted: Some(made.fitted) })
            }
        };
        out.surrogates = Some(made);
    }
    Ok(VolumeCensus { census: out, reducer, key: found.key })
}

/// What each region is.
fn bodies(found: &[(Sums, f64)], voxel: [f64; 3], shape: [usize; 3]) -> Vec<Body> {
    found.iter().enumerate().map(|(i, (sums, sum))| Body::new(i + 1, sums, *sum, voxel, shape)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::regions::cut::Rule;
    use ndarray::Array3;
    use softspot_data::unit::Unit;

    /// Two balls are two bodies of their voxels; at the threshold that the rule of fractions gives.
    #[test]
    fn balls_are_found_as_they_were_drawn() {
        let inside = |p: [usize; 3], c: [f64; 3], r: f64| {
            p.iter().zip(c).map(|(p, c)| (*p as f64 - c).powi(2)).sum::<f64>() <= r * r
        };
        let mut drawn = 0u64;
        let values = Array3::from_shape_fn((24, 30, 40), |(z, y, x)| {
            let p = [z, y, x];
            let ball = inside(p, [10.0, 10.0, 10.0], 5.0) || inside(p, [12.0, 18.0, 28.0], 7.0);
            drawn += u64::from(ball);
            let small = 1e-6 * ((z * 30 + y) * 40 + x) as f64;
            if ball { 5.0 + small } else { small }
        });
        let volume = Volume::new(values, Unit::none(), "t", Some([1e-9; 3]));
        let rule = Rule::Pixels(drawn as f64 / volume.len() as f64);
        let selection = Selection { rule, side: Side::High, min_pixels: 8 };
        let cut_with = |n| {
            census(&volume, &selection, Connectivity::TwentySix, n, &Stream::named("c"), &Passes::simple()).unwrap()
        };
        let found = cut_with(40).census;
        assert_eq!(found.regions.iter().map(|b| b.voxels).sum::<u64>(), drawn);
        assert_eq!((found.regions.len(), found.whole().count()), (2, 2));
        assert_eq!(found.surrogates.unwrap().unwrap().regions.len(), 40);
    }
}
