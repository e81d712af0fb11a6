//! Classes of several maps.

use super::report::{MixtureFit, Segmentation};
use super::verdict::Verdict;
use super::{Segment, Uncertainty};
use crate::data::Map;
use crate::num::spread::spread;
use crate::segment::features::{self, Classes, Features};
use crate::segment::mixture::{self, Points, Stop};
use crate::segment::neighbours::{Pixels, smooth};
use crate::segment::{resampled, silhouette};
use crate::stage::{Cx, StageError};
use crate::unit::Unit;

/// Points that a mixture of several features is fitted to.
const FITTED: usize = 1 << 15;
/// Points whose distances make the silhouette.
const POINTS: usize = 2000;

pub(super) fn classes(
    stage: &Segment,
    maps: &[&Map],
    k: usize,
    verdict: &Verdict,
    cx: &Cx<'_>,
) -> Result<Segmentation, StageError> {
    let first = maps[0];
    let columns: Vec<Vec<f64>> = maps.iter().map(|m| m.values.iter().copied().collect()).collect();
    let f = Features::of(&columns, stage.scale)?;
    let whole = features::classes(&f, k, stage.starts, &cx.stream)?;
    let d = f.features;
    let pixel: Vec<usize> = (0..first.values.len()).filter(|i| columns.iter().all(|c| c[*i].is_finite())).collect();
    let mixed = if stage.mixture && k > 1 { deconvolved(&f, &whole, k) } else { None };
    let mut flat = vec![f64::NAN; first.values.len()];
    pixel.iter().zip(&whole.labels).for_each(|(p, l)| flat[*p] = *l as f64);
    let mut centres = whole.centres.clone();
    if stage.neighbours > 0.0 && k > 1 {
        let mut rows = vec![f64::NAN; flat.len() * d];
        for (p, row) in pixel.iter().zip(f.rows.chunks_exact(d)) {
            rows[p * d..(p + 1) * d].copy_from_slice(row);
        }
        smooth(&Pixels { shape: first.shape(), rows: &rows, features: d }, &mut flat, &mut centres, stage.neighbours);
    }
    let labels: Vec<usize> = pixel.iter().map(|p| flat[*p] as usize).collect();
    let squares = f
        .rows
        .chunks_exact(d)
        .zip(&labels)
        .map(|(row, l)| row.iter().zip(&centres[l * d..]).map(|(a, b)| (a - b) * (a - b)).sum::<f64>());
    let inertia: f64 = squares.sum();
    let shape = first.values.dim();
    let labels_map = ndarray::Array2::from_shape_vec(shape, flat)?;
    let of_first = (0..k).map(|c| f.restore(0, centres[c * d])).collect();
    let mut found = Segmentation::of(first, labels_map, of_first, mixed);
    // In the unit of the first map where all share it.
    found.inertia = if stage.scale { inertia } else { inertia * f.scale[0] * f.scale[0] };
    if stage.scale {
        found.inertia_unit = Unit::none();
        found.inertia_note = "in units of the variance of each map".into();
    }
    found.others = (1..d).map(|i| (0..k).map(|c| f.restore(i, centres[c * d + i])).collect()).collect();
    let thin = f.thinned(POINTS);
    let own: Vec<usize> = spread(f.len(), POINTS).into_iter().map(|i| labels[i]).collect();
    found.silhouette = silhouette::of_points(&thin, d, &own, k);
    found.silhouette_note = format!("of {} pixels", own.len());
    found.sorted = pixel.iter().map(|p| columns[0][*p]).collect();
    found.sorted.sort_unstable_by(f64::total_cmp);
    if stage.neighbours > 0.0 {
        found.no_interval = "no interval: blocks do not keep the neighbours that decide the classes".into();
    } else if stage.uncertainty == Uncertainty::Bootstrap {
        found.resample(verdict, first, |blocks| {
            resampled::of_several(&f, &pixel, &whole, blocks, stage.resamples, &cx.stream.role("resample"))
        });
    }
    Ok(found)
}

fn deconvolved(f: &Features, whole: &Classes, k: usize) -> Option<MixtureFit> {
    let points = Points::of_rows(&f.thinned(FITTED), f.features);
    let taken = spread(f.len(), FITTED);
    let mut labels = taken.iter().map(|i| whole.labels[*i]);
    let start = mixture::start(&points, |_| labels.next().unwrap_or(0), k);
    let m = mixture::fit(&points, start, Stop::CLOSE)?;
    let components = m.components.iter().map(|c| [c.weight, f.restore(0, c.mean[0]), c.std() * f.scale[0]]).collect();
    Some(MixtureFit {
        components,
        separation: m.separation().unwrap_or(f64::NAN),
        overlap: points.overlap(&m)?,
        modes: None,
        converged: m.converged,
    })
}
