//! Labels of a volume, written as runs.

use std::sync::Arc;

use ndarray::s;
use rayon::prelude::*;

use super::{Cx, StageError};
use crate::data::{LabelImage, Labels, Meaning, Volume};
use crate::io::{INVALID, LabelWriter};
use crate::reduce::regions::{Key, Regions};
use crate::reduce::{Block, Drive};
use crate::unit::Unit;

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
                let run_of = |r: &crate::spatial::regions::runs::Run| {
                    let region = key.regions.get((part.2 + r.region) as usize).copied().unwrap_or(0);
                    [r.y, r.first, r.end, region + 1]
                };
                let holes = match regions.holes {
                    true => invalid(planes.index_axis(ndarray::Axis(0), part.0 + z - from)),
                    false => Vec::new(),
                };
                writer.plane(runs.runs[runs.plane(z)].iter().map(run_of).chain(holes)).map_err(fail)?;
            }
        }
        at += n;
        cx.progress.step(to, nz);
    }
    let file = writer.finish().map_err(fail)?;
    let image = Volume::of(volume.shape, Unit::none(), "Region", volume.voxel, Arc::new(file));
    Ok(Labels { meaning: Meaning::Regions, image: LabelImage::Volume(Arc::new(image)) })
}
