//! What stages on volumes share: passes that can be interrupted, thresholds found without sorting, sets and their labels.

use std::sync::Arc;

use ndarray::s;
use rayon::prelude::*;

use super::{Cx, StageError, VolumeCost};
use crate::data::{LabelImage, Labels, Meaning, Volume};
use crate::io::{INVALID, LabelWriter};
use crate::reduce::lags::{Ball, Lags};
use crate::reduce::moments::{Moments, Summary};
use crate::reduce::ranks::{Digits, holding, ranked};
use crate::reduce::regions::{Key, Regions};
use crate::reduce::{Block, Drive, ReduceError, Reducer, Set, reduce};
use crate::spatial::covariance::{Covariance, Model, fit};
use crate::spatial::excursion::SetSurrogates;
use crate::spatial::regions::cut::{CutError, Rule, Side};
use crate::spatial::structure_function::Curve;
use crate::unit::Unit;

/// One pass of a stage over a volume, under a name of its own among the passes of the stage.
pub(super) fn pass<R: Reducer>(
    volume: &Volume,
    reducer: &R,
    name: &str,
    cx: &Cx<'_>,
) -> Result<R::Output, ReduceError> {
    let save = (!volume.held()).then(|| cx.scratch.join(format!("{}-{name}.partial", cx.key)));
    let progress = |done, total| cx.progress.step(done, total);
    let drive = Drive { memory: cx.memory, planes: None, cancelled: cx.cancelled, progress: &progress, save };
    reduce(volume, reducer, &drive)
}

/// Count, mean and range of a volume.
///
/// # Errors
/// Where no voxel is valid.
pub(super) fn moments(volume: &Volume, cx: &Cx<'_>) -> Result<Summary, StageError> {
    let summary = pass(volume, &Moments, "moments", cx)?;
    if summary.n == 0 {
        return Err(StageError::Failed("the volume has no valid voxel: all are missing or not finite".into()));
    }
    Ok(summary)
}

/// Order statistics, by ranks from 0.
pub(super) fn order_statistics(
    volume: &Volume,
    ranks: &[u64],
    name: &str,
    cx: &Cx<'_>,
) -> Result<Vec<crate::reduce::ranks::OrderStatistics>, StageError> {
    let mut run = |k: usize, digits: &Digits| pass(volume, digits, &format!("{name}-{k}"), cx);
    let found = ranked(ranks, &mut run)?;
    found.ok_or_else(|| StageError::Failed("the volume has no valid voxel".into()))
}

/// Quantiles by linear interpolation between order statistics (type 7).
pub(super) fn quantiles<const N: usize>(
    volume: &Volume,
    n: u64,
    q: [f64; N],
    cx: &Cx<'_>,
) -> Result<[f64; N], StageError> {
    let at = q.map(|q| q * (n - 1) as f64);
    let ranks: Vec<u64> = at.iter().flat_map(|h| [h.floor() as u64, h.ceil() as u64]).collect();
    let found = order_statistics(volume, &ranks, "quantiles", cx)?;
    let mut pairs = found.chunks_exact(2).zip(at);
    Ok(std::array::from_fn(|_| {
        pairs.next().map_or(f64::NAN, |(p, h)| p[0].value + (h - h.floor()) * (p[1].value - p[0].value))
    }))
}

/// Voxels beyond a threshold.
#[derive(Clone, Copy, Debug)]
pub(super) struct VoxelSet {
    /// Those at or beyond the threshold.
    pub set: Set,
    /// Value of the last voxel chosen.
    pub threshold: f64,
    /// Fraction of the valid voxels.
    pub fraction: f64,
}

/// Chooses voxels by the rules of [`crate::spatial::regions::cut`]: equal values go in or stay out together, whichever is
/// nearer to what is asked for.
pub(super) fn choose(
    volume: &Volume,
    summary: &Summary,
    rule: Rule,
    side: Side,
    cx: &Cx<'_>,
) -> Result<VoxelSet, StageError> {
    let n = summary.n;
    if summary.min == summary.max {
        return Err(StageError::of(CutError::Tied(n as usize)));
    }
    let low = side == Side::Low;
    // Of an order statistic: voxels beyond it, and from it on.
    let beyond = |r: &crate::reduce::ranks::OrderStatistics| if low { r.below } else { n - r.below - r.equal };
    let (threshold, count) = match rule {
        Rule::Pixels(p) => {
            let target = p * n as f64;
            let rank = (target.round() as u64).clamp(1, n);
            let found = order_statistics(volume, &[if low { rank - 1 } else { n - rank }], "threshold", cx)?;
            let at = found.first().copied().ok_or_else(|| StageError::of(CutError::Empty))?;
            let strictly = beyond(&at);
            let with = strictly + at.equal;
            match (with as f64 - target).abs() <= (strictly as f64 - target).abs() {
                true => (at.value, with),
                false if strictly == 0 => {
                    return Err(StageError::Failed(format!(
                        "{} of {n} valid voxels have the value {}, and none lies beyond it: {:.3} % of them cannot be \
                         chosen; take the other side, or `by = \"absolute\"` with a threshold",
                        at.equal,
                        at.value,
                        100.0 * p
                    )));
                }
                false => (last_beyond(volume, n, strictly, low, cx)?, strictly),
            }
        }
        Rule::Share(_) if low && summary.min < 0.0 => return Err(StageError::of(CutError::Negative)),
        Rule::Share(p) => {
            let mut run = |k: usize, digits: &Digits| pass(volume, digits, &format!("share-{k}"), cx);
            let found = holding([summary.min, summary.max], p, low, &mut run)?;
            let total = summary.mean * n as f64;
            let held = found.ok_or_else(|| StageError::of(CutError::Sum(format!("{total:e}"))))?;
            let strictly = beyond(&held.at);
            let (target, of_equal) = (p * held.total, held.at.value * held.at.equal as f64);
            let nearer = held.at.equal == 1 || held.beyond + of_equal - target <= target - held.beyond;
            match nearer {
                true => (held.at.value, strictly + held.at.equal),
                false => (last_beyond(volume, n, strictly, low, cx)?, strictly),
            }
        }
        Rule::Absolute(t) => {
            let set = Set::Beyond { threshold: t, side };
            let counts = pass(volume, &crate::reduce::box_counts::BoxCounts::voxels(set, volume.shape), "count", cx)?;
            (t, counts.voxels)
        }
    };
    if count == 0 || count == n {
        return Err(StageError::of(CutError::Nothing(count as usize, n as usize)));
    }
    Ok(VoxelSet { set: Set::Beyond { threshold, side }, threshold, fraction: count as f64 / n as f64 })
}

/// The value of the last of `count` voxels that lie strictly beyond another.
fn last_beyond(volume: &Volume, n: u64, count: u64, low: bool, cx: &Cx<'_>) -> Result<f64, StageError> {
    if count == 0 {
        return Err(StageError::of(CutError::Nothing(0, n as usize)));
    }
    let found = order_statistics(volume, &[if low { count - 1 } else { n - count }], "next", cx)?;
    found.first().map(|r| r.value).ok_or_else(|| StageError::of(CutError::Empty))
}

/// The covariance of the middle of a volume, with a nugget.
pub(super) struct PartCovariance {
    /// As fitted to the curves along the axes.
    pub covariance: Covariance,
    /// Correlation of direct neighbours and the number of their pairs.
    pub neighbour: [f64; 2],
}

/// Of at most 96 voxels a side in the middle of a volume: enough to say how many independent parts the whole has. `None`
/// where no covariance fits.
pub(super) fn part_covariance(volume: &Volume, cx: &Cx<'_>) -> Option<PartCovariance> {
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
    let curves = pass(&part, &Lags { max, set: None, ball: Ball::default() }, "part", cx).ok()?.whole();
    let pooled = Curve::pooled(curves.iter().zip(voxel).flat_map(|(c, step)| c.points(step)));
    let covariance = fit(&pooled, Model::SelfAffine, true, pooled.r.last().copied()?).ok()?.covariance;
    let total = covariance.sigma.powi(2) + covariance.noise.powi(2);
    let pairs: u64 = curves.iter().filter_map(|c| c.pairs.first()).sum();
    let first: Vec<f64> = curves.iter().filter_map(|c| c.h.first().copied()).filter(|h| h.is_finite()).collect();
    let neighbour = 1.0 - first.iter().sum::<f64>() / first.len().max(1) as f64 / (2.0 * total);
    Some(PartCovariance { covariance, neighbour: [neighbour, pairs as f64] })
}

/// Largest lag of the covariance of surrogates, in voxels.
const LAGS: usize = 48;

/// What [`set_surrogates`] and so many surrogates cost.
pub(super) fn set_cost(shape: [usize; 3], surrogates: usize) -> VolumeCost {
    let halo = (shape[0] / 4).clamp(1, LAGS);
    // Three axes of lags, and about a third of a second a surrogate of full size.
    let voxels: f64 = shape.iter().map(|n| (*n).min(128) as f64).product();
    VolumeCost { halo, nanoseconds: 0.4 * 3.0 * halo as f64, seconds: 1.5e-7 * voxels * surrogates as f64 }
}

/// Featureless sets in the likeness of one, or why there are none.
pub(super) fn set_surrogates(
    volume: &Volume,
    set: Set,
    voxel: [f64; 3],
    fraction: f64,
    cx: &Cx<'_>,
) -> Result<Result<SetSurrogates, String>, StageError> {
    let max = volume.shape.map(|n| if n == 1 { 0 } else { (n / 4).clamp(1, LAGS) });
    let curves = pass(volume, &Lags { max, set: Some(set), ball: Ball::default() }, "differences", cx)?.whole();
    let made = match SetSurrogates::new(fraction, volume.shape, voxel, &curves.map(|c| c.h)) {
        Ok(made) => made,
        Err(e) => return Ok(Err(e.to_string())),
    };
    // The middle of the volume, with what is invalid there.
    let side = made.shape();
    let from = [0, 1, 2].map(|k| (volume.shape[k] - side[k]) / 2);
    let window = volume.part([0, 1, 2].map(|k| from[k]..from[k] + side[k]))?;
    let valid = window.mapv(|v| !v.is_nan());
    if valid.iter().all(|v| *v) {
        return Ok(Ok(made));
    }
    if !valid.iter().any(|v| *v) {
        return Ok(Err("no surrogates can be made: the middle of the volume is invalid".into()));
    }
    Ok(Ok(made.masked(valid)))
}

/// Runs of invalid voxels of a plane: they are in no region, and not outside of all either.
fn invalid(plane: ndarray::ArrayView2<'_, f64>) -> Vec<[u32; 4]> {
    let mut out: Vec<[u32; 4]> = Vec::new();
    for (y, row) in plane.outer_iter().enumerate() {
        for x in row.iter().enumerate().filter(|(_, v)| v.is_nan()).map(|(x, _)| x as u32) {
            match out.last_mut().filter(|r| r[0] == y as u32 && r[2] == x) {
                Some(run) => run[2] = x + 1,
                None => out.push([y as u32, x, x + 1, INVALID]),
            }
        }
    }
    out
}

/// Writes the number of the region of every voxel, from 1, and 0 outside; invalid voxels stay invalid. Gives the volume of
/// them.
pub(super) fn write_labels(volume: &Volume, regions: &Regions, key: &Key, cx: &Cx<'_>) -> Result<Labels, StageError> {
    let [nz, ..] = volume.shape;
    let path = cx.scratch.join(format!("{}-labels.runs", cx.key));
    let fail = |e: std::io::Error| {
        StageError::Failed(format!(
            "{}: labels cannot be stored: {e}; make room there or choose another folder with --out",
            path.display()
        ))
    };
    let mut writer = LabelWriter::create(&path, volume.shape).map_err(fail)?;
    let drive = Drive { memory: cx.memory, ..Drive::simple() };
    let thick = if volume.held() { nz } else { drive.thickness(volume.shape, [0, 0])? };
    let ends: Vec<usize> = key.parts.iter().skip(1).map(|p| p.0).chain([nz]).collect();
    let parts: Vec<(usize, usize, u32)> = key.parts.iter().zip(ends).map(|(p, end)| (p.0, end, p.1)).collect();
    let mut at = 0;
    while at < parts.len() {
        if (cx.cancelled)() {
            return Err(StageError::Cancelled);
        }
        // As many parts as fit; at least one, which fitted when it was labelled.
        let from = parts[at].0;
        let n = parts[at..].iter().take_while(|p| p.1 - from <= thick).count().max(1);
        let group = &parts[at..at + n];
        let to = group[n - 1].1;
        let planes = volume.planes(from..to)?;
        let labelled: Vec<_> = group
            .par_iter()
            .map(|&(first, end, _)| {
                let values = planes.slice(s![first - from..end - from, .., ..]);
                regions.runs(&Block { values, first, own: first..end, shape: volume.shape }, |_, _, _, _| {}).0
            })
            .collect();
        for (runs, part) in labelled.iter().zip(group) {
            for z in 0..runs.planes() {
                let of = |r: &crate::spatial::regions::runs::Run| {
                    let region = key.regions.get((part.2 + r.region) as usize).copied().unwrap_or(0);
                    [r.y, r.first, r.end, region + 1]
                };
                let holes = match regions.holes {
                    true => invalid(planes.index_axis(ndarray::Axis(0), part.0 + z - from)),
                    false => Vec::new(),
                };
                writer.plane(runs.runs[runs.plane(z)].iter().map(of).chain(holes)).map_err(fail)?;
            }
        }
        at += n;
        cx.progress.step(to, nz);
    }
    let file = writer.finish().map_err(fail)?;
    let image = Volume::of(volume.shape, Unit::none(), "Region", volume.voxel, Arc::new(file));
    Ok(Labels { meaning: Meaning::Regions, image: LabelImage::Volume(Arc::new(image)) })
}
