//! Classes of one map.

use super::report::{MixtureFit, Segmentation};
use super::verdict::Verdict;
use super::{Segment, Uncertainty};
use crate::data::Map;
use crate::num::spread::spread;
use crate::segment::exact::{Partition, partition};
use crate::segment::groups::Groups;
use crate::segment::mixture::{self, Points, Stop};
use crate::segment::neighbours::{Pixels, smooth};
use crate::segment::{resampled, silhouette};
use crate::spatial::blocks::Blocks;
use crate::stage::{Cx, StageError};

/// Groups of a mixture whose parameters are reported: the widths within are a thousandth of a component's.
const GROUPS: usize = 1 << 14;
/// Points whose distances to all others make a silhouette where classes are no ranges of values.
const POINTS: usize = 2000;

pub(super) fn classes(
    stage: &Segment,
    map: &Map,
    k: usize,
    verdict: &Verdict,
    cx: &Cx<'_>,
) -> Result<Segmentation, StageError> {
    let valid = map.valid();
    let p = partition(&valid, k)?;
    let labels = map.values.mapv(|v| if v.is_finite() { p.class(v) as f64 } else { f64::NAN });
    let mut sorted = valid;
    sorted.sort_unstable_by(f64::total_cmp);
    let mixed = if stage.mixture && k > 1 { deconvolved(&sorted, &p) } else { None };
    if stage.neighbours > 0.0 && k > 1 {
        return Ok(with_neighbours(stage, map, &p, labels, mixed));
    }
    let mut found = Segmentation::of(map, labels, p.centres.clone(), mixed);
    found.inertia = p.inertia;
    found.silhouette = silhouette::of_one(&sorted, &p.edges);
    found.sorted = sorted;
    if stage.uncertainty == Uncertainty::Bootstrap {
        found.resample(verdict, map, |blocks| {
            resampled::of_one(map.values.view(), &p, blocks, stage.resamples, &cx.stream.role("resample"))
        });
    }
    Ok(found)
}

/// The mixture that begins with the classes.
fn deconvolved(sorted: &[f64], p: &Partition) -> Option<MixtureFit> {
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
    stage: &Segment,
    map: &Map,
    p: &Partition,
    mut labels: ndarray::Array2<f64>,
    mixed: Option<MixtureFit>,
) -> Segmentation {
    let rows: Vec<f64> = map.values.iter().copied().collect();
    let mut centres = p.centres.clone();
    if let Some(l) = labels.as_slice_mut() {
        smooth(&Pixels { shape: map.shape(), rows: &rows, features: 1 }, l, &mut centres, stage.neighbours);
    }
    let mut found = Segmentation::of(map, labels, centres, mixed);
    let pairs = map.values.iter().zip(&found.labels).filter(|(v, l)| v.is_finite() && l.is_finite());
    let pairs: Vec<(f64, usize)> = pairs.map(|(v, l)| (*v, *l as usize)).collect();
    found.inertia = pairs.iter().map(|(v, l)| (v - found.centres[*l]).powi(2)).sum();
    let thin: Vec<(f64, usize)> = spread(pairs.len(), POINTS).into_iter().map(|i| pairs[i]).collect();
    let (values, own): (Vec<f64>, Vec<usize>) = thin.into_iter().unzip();
    found.silhouette = silhouette::of_points(&values, 1, &own, found.centres.len());
    found.silhouette_note = format!("of {} pixels", own.len());
    found.no_interval = "no interval: blocks do not keep the neighbours that decide the classes".into();
    found.sorted = pairs.into_iter().map(|p| p.0).collect();
    found.sorted.sort_unstable_by(f64::total_cmp);
    found
}

/// Runs the resampling where enough blocks fit.
impl Segmentation {
    pub(super) fn resample(
        &mut self,
        verdict: &Verdict,
        map: &Map,
        make: impl FnOnce(&Blocks) -> Vec<resampled::Resample>,
    ) {
        let blocks = verdict.patches.as_ref().zip(map.pixel).and_then(|(p, pixel)| {
            let xi = p.covariance.xi.max(0.25 * pixel[0].min(pixel[1]));
            Blocks::of(map.shape(), [xi / pixel[0], xi / pixel[1]], p.covariance.alpha)
        });
        match blocks {
            None => self.no_interval = "no interval: fewer than 30 blocks of four correlation lengths fit".into(),
            Some(b) => {
                self.resamples = make(&b);
                self.blocks = Some(b);
            }
        }
    }
}
