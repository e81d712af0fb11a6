//! The threshold of a volume, found by order statistics without sorting: which voxels belong to regions.

use super::box_counts::BoxCounts;
use super::moments::Summary;
use super::passes::{Passes, VolumeError};
use super::ranks::{Digits, OrderStatistics, holding};
use super::{ReduceError, Set};
use crate::spatial::regions::cut::{CutError, Rule, Side};
use softspot_data::Volume;

/// A threshold that cannot be found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ThresholdError {
    /// Numbers that cannot be had.
    #[error("{0}")]
    Volume(#[from] VolumeError),
    /// As of a map.
    #[error("{0}")]
    Cut(#[from] CutError),
    /// The asked fraction ends within the extreme value itself.
    #[error(
        "{equal} of {n} valid voxels have the value {value}, and none lies beyond it: {percent:.3} % of them cannot be \
         chosen; take the other side, or `by = \"absolute\"` with a threshold"
    )]
    Bulk {
        /// Voxels of the extreme value.
        equal: u64,
        /// Valid voxels.
        n: u64,
        /// The value.
        value: f64,
        /// What was asked for, %.
        percent: f64,
    },
}

impl From<ReduceError> for ThresholdError {
    fn from(e: ReduceError) -> ThresholdError {
        ThresholdError::Volume(e.into())
    }
}

/// Voxels beyond a threshold.
#[derive(Clone, Copy, Debug)]
pub struct VoxelSet {
    /// Those at or beyond the threshold.
    pub set: Set,
    /// Value of the last voxel chosen.
    pub threshold: f64,
    /// Fraction of the valid voxels.
    pub fraction: f64,
}

/// Chooses voxels by the rules of [`crate::spatial::regions::cut`]: equal values go in or stay out together, whichever is
/// nearer to what is asked for.
///
/// # Errors
/// [`ThresholdError`].
pub fn choose(
    volume: &Volume,
    summary: &Summary,
    rule: Rule,
    side: Side,
    passes: &Passes<'_>,
) -> Result<VoxelSet, ThresholdError> {
    let n = summary.n;
    if summary.min == summary.max {
        return Err(CutError::Tied(n as usize).into());
    }
    let low = side == Side::Low;
    // Of an order statistic: voxels beyond it, and from it on.
    let beyond = |r: &OrderStatistics| if low { r.below } else { n - r.below - r.equal };
    let (threshold, count) = match rule {
        Rule::Pixels(p) => {
            let target = p * n as f64;
            let rank = (target.round() as u64).clamp(1, n);
            let found = passes.order_statistics(volume, &[if low { rank - 1 } else { n - rank }], "threshold")?;
            let at = found.first().copied().ok_or(CutError::Empty)?;
            let strictly = beyond(&at);
            let with = strictly + at.equal;
            match (with as f64 - target).abs() <= (strictly as f64 - target).abs() {
                true => (at.value, with),
                false if strictly == 0 => {
                    return Err(ThresholdError::Bulk { equal: at.equal, n, value: at.value, percent: 100.0 * p });
                }
                false => (last_beyond(volume, n, strictly, low, passes)?, strictly),
            }
        }
        Rule::Share(_) if low && summary.min < 0.0 => return Err(CutError::Negative.into()),
        Rule::Share(p) => {
            let mut run = |k: usize, digits: &Digits| passes.run(volume, digits, &format!("share-{k}"));
            let found = holding([summary.min, summary.max], p, low, &mut run)?;
            let total = summary.mean * n as f64;
            let held = found.ok_or_else(|| CutError::Sum(format!("{total:e}")))?;
            let strictly = beyond(&held.at);
            let (target, of_equal) = (p * held.total, held.at.value * held.at.equal as f64);
            let nearer = held.at.equal == 1 || held.beyond + of_equal - target <= target - held.beyond;
            match nearer {
                true => (held.at.value, strictly + held.at.equal),
                false => (last_beyond(volume, n, strictly, low, passes)?, strictly),
            }
        }
        Rule::Absolute(t) => {
            let set = Set::Beyond { threshold: t, side };
            let counts = passes.run(volume, &BoxCounts::voxels(set, volume.shape), "count")?;
            (t, counts.voxels)
        }
    };
    if count == 0 || count == n {
        return Err(CutError::Nothing(count as usize, n as usize).into());
    }
    Ok(VoxelSet { set: Set::Beyond { threshold, side }, threshold, fraction: count as f64 / n as f64 })
}

/// The value of the last of `count` voxels that lie strictly beyond another.
fn last_beyond(volume: &Volume, n: u64, count: u64, low: bool, passes: &Passes<'_>) -> Result<f64, ThresholdError> {
    if count == 0 {
        return Err(CutError::Nothing(0, n as usize).into());
    }
    let found = passes.order_statistics(volume, &[if low { count - 1 } else { n - count }], "next")?;
    Ok(found.first().map(|r| r.value).ok_or(CutError::Empty)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::regions::cut::cut;
    use ndarray::{Array3, Axis};
    use softspot_data::unit::Unit;

    /// A volume of one plane is cut as the map is, ties and all.
    #[test]
    fn a_plane_is_cut_as_a_map() {
        let passes = Passes::simple();
        for values in [7usize, 40, 4000] {
            let plane = Array3::from_shape_fn((1, 30, 40), |(_, y, x)| ((y * 40 + x) * 7919 % values) as f64);
            let map = plane.index_axis(Axis(0), 0).to_owned();
            let volume = Volume::new(plane, Unit::none(), "t", None);
            let summary = passes.moments(&volume).unwrap();
            for side in [Side::High, Side::Low] {
                for rule in [Rule::Pixels(0.31), Rule::Share(0.2), Rule::Absolute(3.0)] {
                    let (map, volume) = (cut(map.view(), rule, side), choose(&volume, &summary, rule, side, &passes));
                    let (map, volume) = (map.unwrap(), volume.unwrap());
                    let what = format!("{values} values, {rule:?}, {side:?}");
                    assert_eq!(map.threshold, volume.threshold, "{what}");
                    assert!((map.fraction - volume.fraction).abs() < 1e-12, "{what}");
                }
            }
        }
    }

    #[test]
    fn a_constant_volume_has_no_threshold() {
        let volume = Volume::new(Array3::ones((2, 3, 4)), Unit::none(), "t", None);
        let summary = Passes::simple().moments(&volume).unwrap();
        let found = choose(&volume, &summary, Rule::Pixels(0.1), Side::High, &Passes::simple());
        assert_eq!(found.unwrap_err(), ThresholdError::Cut(CutError::Tied(24)));
    }
}
