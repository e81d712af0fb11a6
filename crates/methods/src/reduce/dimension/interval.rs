//! How far a dimension may be off: layers of boxes drawn again.

use super::grids::{Grids, Offsets};
use super::{Dimension, Setting};
use crate::num::linear::weighted_line;
use crate::num::quantile::quantile;
use crate::num::random::Stream;
use crate::num::resample::GAUSS;
use crate::num::student::student;
use crate::reduce::box_counts::Counts as Boxes;
use crate::spatial::fractal::Scaling;

/// Layers of boxes that an interval needs.
const LAYERS: usize = 4;

/// Largest addition c to the size of a box, in voxels, and its steps.
const ADDITION: (f64, usize) = (1.5, 30);
/// Counts above the square of this weigh alike: 3 % is what boxes that do not fit the set's own scales differ by.
const CERTAIN: f64 = 30.0;

/// D of N ∝ (ε + c)^{−D}: boxes that hardly exceed a voxel are fewer than the power law of larger ones has it, since the set
/// has nothing smaller than a voxel. Counts weigh by √N.
fn of_finite_voxels(sizes: &[f64], counts: &[f64]) -> f64 {
    let logs: Vec<f64> = counts.iter().map(|n| libm::log(*n)).collect();
    let weights: Vec<f64> = counts.iter().map(|n| n.sqrt().min(CERTAIN).powi(2)).collect();
    let mut best = (f64::INFINITY, f64::NAN);
    for k in 0..=ADDITION.1 {
        let c = ADDITION.0 * k as f64 / ADDITION.1 as f64;
        let x: Vec<f64> = sizes.iter().map(|s| libm::log(s + c)).collect();
        if let Some(line) = weighted_line(&x, &logs, &weights)
            && line.chi2 < best.0 * (1.0 - 1e-9)
        {
            best = (line.chi2, -line.slope);
        }
    }
    best.1
}

/// 95 % interval by resampling layers as thick as the largest box of the fit, which hold whole boxes of all sizes; or why
/// there is none. It lies about the dimension without what voxels make small boxes lack, and reaches to the one that is
/// reported.
pub(super) fn interval(
    of: &Dimension,
    s: &Scaling,
    grids: &Grids,
    boxes: &Boxes,
    planes: usize,
    setting: &Setting,
    stream: &Stream,
) -> Result<[f64; 2], String> {
    if setting.offsets != Offsets::Origin {
        return Err("no interval: counts of several grids do not add up layer by layer".into());
    }
    let enough = |k: &usize| planes / grids.sizes[*k] >= LAYERS;
    // Where the largest boxes leave too few layers, the scatter is that of the smaller ones.
    let last = (s.range[0]..=s.range[1]).rev().find(enough).filter(|k| *k >= s.range[0] + 2);
    let Some(last) = last else {
        return Err(format!("no interval: fewer than {LAYERS} layers of boxes of three sizes"));
    };
    let thick = grids.sizes[last];
    let layers = planes / thick;
    // Counts of every size of the fit in every layer, from the grids at the origin.
    let mut grid = 0;
    let mut by_size: Vec<Vec<f64>> = Vec::new();
    for (k, of_size) in grids.grids.iter().enumerate() {
        if (s.range[0]..=last).contains(&k) {
            let by_plane = &boxes.boxes[grid];
            let layer = |l: usize| by_plane[l * thick..(l + 1) * thick].iter().sum::<u64>() as f64;
            by_size.push((0..layers).map(layer).collect());
        }
        grid += of_size.len();
    }
    let sizes = &of.counts.sizes[s.range[0]..=last];
    let slope = |drawn: &[usize]| -> f64 {
        let counts: Vec<f64> = by_size.iter().map(|n| drawn.iter().map(|l| n[*l]).sum()).collect();
        of_finite_voxels(sizes, &counts)
    };
    let all: Vec<usize> = (0..layers).collect();
    let middle = slope(&all);
    let stream = stream.role("layers");
    let resamples = setting.resamples.unwrap_or(0);
    let mut drawn: Vec<f64> = (0..resamples)
        .map(|i| {
            let mut random = stream.replicate(i);
            slope(&(0..layers).map(|_| random.below(layers)).collect::<Vec<_>>())
        })
        .filter(|d| d.is_finite())
        .collect();
    if drawn.len() * 2 < resamples {
        return Err("no interval: most layers hold nothing".into());
    }
    // Resampled sums vary too little by the second factor, and few layers more than a Gaussian says.
    let n = layers as f64;
    let wider = student(n - 1.0) / GAUSS * (n / (n - 1.0)).sqrt();
    let fit = s.range[0]..=s.range[1];
    let centre = of_finite_voxels(&of.counts.sizes[fit.clone()], &of.counts.counts[fit]);
    let [low, high] = [0.025, 0.975].map(|p| centre + wider * (quantile(&mut drawn, p) - middle));
    Ok([low.min(s.d), high.max(s.d)])
}
