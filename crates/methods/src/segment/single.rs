//! Classes of one map.

use super::Setting;
use super::exact::{Partition, partition};
use super::groups::Groups;
use super::mixture::{self, Points, Stop};
use super::neighbours::{Pixels, smooth};
use super::segmentation::{MixtureFit, NoInterval, SegmentError, Segmentation};
use super::verdict::Verdict;
use super::{resampled, silhouette};
use crate::num::random::Stream;
use crate::num::spread::spread;
use softspot_data::Map;

/// Groups of a mixture whose parameters are reported: the widths within are a thousandth of a component's.
const GROUPS: usize = 1 << 14;
/// Points whose distances to all others make a silhouette where classes are no ranges of values.
const POINTS: usize = 2000;

pub(super) fn classes(
    setting: &Setting,
    map: &Map,
    verdict: &Verdict,
    stream: &Stream,
) -> Result<Segmentation, SegmentError> {
    let (k, valid) = (verdict.k, map.valid());
    let p = partition(&valid, k)?;
    let labels = map.values.mapv(|v| if v.is_finite() { p.class(v) as f64 } else { f64::NAN });
    let mut sorted = valid;
    sorted.sort_unstable_by(f64::total_cmp);
    let mixed = if setting.mixture && k > 1 { deconvolved(&sorted, &p) } else { None };
    if setting.neighbours > 0.0 && k > 1 {
        return Ok(with_neighbours(setting, map, &p, labels, mixed));
    }
    let mut found = Segmentation::of(map, labels, p.centres.clone(), None);
    found.inertia = p.inertia;
    found.silhouette = silhouette::of_one(&sorted, &p.edges);
    found.sorted = sorted;
    if let Some(resamples) = setting.resamples {
        found.resample(verdict, map, |blocks| {
            resampled::of_one(map.values.view(), &p, mixed.as_ref(), blocks, resamples, &stream.role("resample"))
        });
    }
    found.mixed = mixed;
    Ok(found)
}

/// The mixture that begins with the classes.
pub(super) fn deconvolved(sorted: &[f64], p: &Partition) -> Option<MixtureFit> {
    let g = Groups::of(sorted, GROUPS)?;
    let points = Points::of_groups(&g.groups);
    let start = mixture::start(&points, |x| p.class(g.restore(x[0])), p.centres.len());
    let m = mixture::fit(&points, start, Stop::CLOSE)?;
    let components = m.components.iter().map(|c| [c.weight, g.restore(c.mean[0]), c.std() * g.scale]).collect();
    Some(MixtureFit {
        components,
        separation: m.separation().unwrap_or(f64::NAN),
        overlap: m.overlap(),
        modes: Some(m.modes()),
        converged: m.converged,
    })
}

fn with_neighbours(
    setting: &Setting,
    map: &Map,
    p: &Partition,
    mut labels: ndarray::Array2<f64>,
    mixed: Option<MixtureFit>,
) -> Segmentation {
    let rows: Vec<f64> = map.values.iter().copied().collect();
    let mut centres = p.centres.clone();
    if let Some(l) = labels.as_slice_mut() {
        smooth(&Pixels { shape: map.shape(), rows: &rows, features: 1 }, l, &mut centres, setting.neighbours);
    }
    let mut found = Segmentation::of(map, labels, centres, mixed);
    let pairs = map.values.iter().zip(&found.labels).filter(|(v, l)| v.is_finite() && l.is_finite());
    let pairs: Vec<(f64, usize)> = pairs.map(|(v, l)| (*v, *l as usize)).collect();
    found.inertia = pairs.iter().map(|(v, l)| (v - found.centres[*l]).powi(2)).sum();
    let thin: Vec<(f64, usize)> = spread(pairs.len(), POINTS).into_iter().map(|i| pairs[i]).collect();
    let (values, own): (Vec<f64>, Vec<usize>) = thin.into_iter().unzip();
    found.silhouette = silhouette::of_points(&values, 1, &own, found.centres.len());
    found.silhouette_of = Some(own.len());
    found.no_interval = Some(NoInterval::Neighbours);
    found.sorted = pairs.into_iter().map(|p| p.0).collect();
    found.sorted.sort_unstable_by(f64::total_cmp);
    found
}
