//! Classes of several maps.

use super::Setting;
use super::features::{self, Classes, Features};
use super::mixture::{self, Points, Stop};
use super::neighbours::{Pixels, smooth};
use super::segmentation::{MixtureFit, NoInterval, SegmentError, Segmentation};
use super::verdict::Verdict;
use super::{resampled, silhouette};
use crate::num::random::Stream;
use crate::num::spread::spread;
use softspot_data::Map;

/// Points that a mixture of several features is fitted to.
const FITTED: usize = 1 << 15;
/// Points whose distances make the silhouette.
const POINTS: usize = 2000;

pub(super) fn classes(
    setting: &Setting,
    maps: &[&Map],
    verdict: &Verdict,
    stream: &Stream,
) -> Result<Segmentation, SegmentError> {
    let (k, first) = (verdict.k, maps[0]);
    let columns: Vec<Vec<f64>> = maps.iter().map(|m| m.values.iter().copied().collect()).collect();
    let f = Features::of(&columns, setting.scale)?;
    let whole = features::classes(&f, k, setting.starts, stream)?;
    let d = f.features;
    let pixel: Vec<usize> = (0..first.values.len()).filter(|i| columns.iter().all(|c| c[*i].is_finite())).collect();
    let mixed = if setting.mixture && k > 1 { deconvolved(&f, &whole, k) } else { None };
    let mut flat = vec![f64::NAN; first.values.len()];
    pixel.iter().zip(&whole.labels).for_each(|(p, l)| flat[*p] = *l as f64);
    let mut centres = whole.centres.clone();
    if setting.neighbours > 0.0 && k > 1 {
        let mut rows = vec![f64::NAN; flat.len() * d];
        for (p, row) in pixel.iter().zip(f.rows.chunks_exact(d)) {
            rows[p * d..(p + 1) * d].copy_from_slice(row);
        }
        smooth(&Pixels { shape: first.shape(), rows: &rows, features: d }, &mut flat, &mut centres, setting.neighbours);
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
    found.inertia = if setting.scale { inertia } else { inertia * f.scale[0] * f.scale[0] };
    if setting.scale {
        found.scaled = true;
    }
    found.others = (1..d).map(|i| (0..k).map(|c| f.restore(i, centres[c * d + i])).collect()).collect();
    let thin = f.thinned(POINTS);
    let own: Vec<usize> = spread(f.len(), POINTS).into_iter().map(|i| labels[i]).collect();
    found.silhouette = silhouette::of_points(&thin, d, &own, k);
    found.silhouette_of = Some(own.len());
    found.sorted = pixel.iter().map(|p| columns[0][*p]).collect();
    found.sorted.sort_unstable_by(f64::total_cmp);
    if setting.neighbours > 0.0 {
        found.no_interval = Some(NoInterval::Neighbours);
    } else if let Some(resamples) = setting.resamples {
        found.resample(verdict, first, |blocks| {
            resampled::of_several(&f, &pixel, &whole, blocks, resamples, &stream.role("resample"))
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
