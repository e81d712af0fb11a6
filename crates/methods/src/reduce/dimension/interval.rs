//! How far a dimension may be off: layers of boxes drawn again.

use super::grids::{Grids, Offsets};
use super::{Dimension, Setting};
use crate::num::quantile::quantile;
use crate::num::random::Stream;
use crate::num::resample::GAUSS;
use crate::num::student::student;
use crate::reduce::box_counts::Counts as Boxes;
use crate::spatial::fractal::Scaling;
use crate::spatial::fractal::moments::dimension;

/// Layers of boxes that an interval needs.
const LAYERS: usize = 4;

/// 95 % interval by resampling layers as thick as the largest box of the fit, which hold whole boxes of all sizes; or why
/// there is none.
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
        let logs: Vec<f64> = counts.iter().map(|n| libm::log(*n)).collect();
        dimension(sizes, &logs).map_or(f64::NAN, |d| -d)
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
    Ok([0.025, 0.975].map(|p| s.d + wider * (quantile(&mut drawn, p) - middle)))
}
