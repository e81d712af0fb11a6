//! What regions say, as rows, tables and warnings: of maps and of volumes alike.

use std::sync::Arc;

use super::nulls::{Comparison, means, nulls};
use super::tables::{LISTED, body_rows, body_surrogates, region_rows, region_surrogates};
use super::{By, Regions};
use crate::data::{Artifact, Labels, Metric, Table, Warning};
use crate::num::random::Stream;
use crate::spatial::regions::body::Body;
use crate::spatial::regions::census::Census;
use crate::spatial::regions::shape::Region;
use crate::spatial::regions::summary::{Extent, WholeRegions};
use crate::stage::Outputs;
use crate::stage::null::Side;
use crate::unit::Unit;

/// p of uniform directions, and degrees from the fast axis, within which lines are to be suspected.
const SURE: f64 = 1e-3;
const ALONG: f64 = 5.0;
/// Regions below which means say little (METHODS §14).
const FEW: usize = 30;
/// Metrics, tables and warnings of a census.
pub(super) struct Report {
    metrics: Vec<Metric>,
    warnings: Vec<Warning>,
    regions: Table,
    surrogates: Table,
}

impl Report {
    pub(super) fn outputs(self, labels: Labels) -> Outputs {
        Outputs {
            artifacts: vec![
                ("regions", Artifact::Table(Arc::new(self.regions))),
                ("labels", Artifact::Labels(Arc::new(labels))),
                ("surrogates", Artifact::Table(Arc::new(self.surrogates))),
            ],
            metrics: self.metrics,
            warnings: self.warnings,
        }
    }
}

/// How a map or a volume is spoken of.
pub(super) struct Words {
    pixels: &'static str,
    pub(super) map: &'static str,
    density: &'static str,
    larger: &'static str,
}

const MAP: Words =
    Words { pixels: "pixels", map: "map", density: "1/µm^2", larger: "scan a larger area, or several, and pool them" };
const VOLUME: Words = Words {
    pixels: "voxels",
    map: "volume",
    density: "1/µm^3",
    larger: "take a larger volume, or several, and pool them",
};

/// A number of one region.
type Quantity<R> = fn(&R) -> f64;

/// A number of all whole regions.
pub(super) type Statistic<R> = fn(&WholeRegions<'_, R>) -> f64;

/// Of a map.
pub(super) fn of_map(stage: &Regions, unit: &Unit, found: &Census<Region>, stream: &Stream) -> Report {
    let whole = found.whole();
    let mut metrics = counted(stage, unit, found, &MAP, stream);
    let p = whole.orientation_p();
    metrics.push(match p.is_nan() {
        true => Metric::missing("orientation_p", "fewer than two whole regions have a direction"),
        false => Metric::number("orientation_p", p, "").n(whole.count() as f64),
    });
    metrics.push(percolates(found));
    let mut warnings = warnings(stage, found, &MAP);
    let direction = whole.direction();
    if whole.count() > 1 && p < SURE && direction.abs() < ALONG {
        warnings.push(Warning::new(
            "along-scan-lines",
            format!(
                "regions lie along the scan lines ({direction:.0}° on average): noise between lines draws them out"
            ),
            "level by rows, mask bad lines or filter across the lines before the regions are cut",
        ));
    }
    let mut compared: Vec<Comparison<Region>> = means().into();
    compared[0].beside = Some(|w| w.alignment());
    compared.push(Comparison::of("orientation_p", "", Side::Below, |w| w.orientation_p()));
    let made = nulls(found, &compared, &MAP, &mut metrics, &mut warnings);
    let surrogates = made.map_or_else(Table::default, |m| region_surrogates(m).table());
    Report { metrics, warnings, regions: region_rows(&found.regions, unit).table(), surrogates }
}

/// Of a volume.
pub(super) fn of_volume(stage: &Regions, unit: &Unit, found: &Census<Body>, stream: &Stream) -> Report {
    let mut metrics = counted(stage, unit, found, &VOLUME, stream);
    let why = "directions in space are compared with a load by the stage `orientation`";
    metrics.push(Metric::missing("orientation_p", why));
    metrics.push(percolates(found));
    let mut warnings = warnings(stage, found, &VOLUME);
    let made = nulls(found, &means(), &VOLUME, &mut metrics, &mut warnings);
    if found.regions.len() > LISTED {
        warnings.push(Warning::new(
            "regions-not-listed",
            format!("the table holds the {LISTED} largest of {} regions", found.regions.len()),
            "the labels hold them all; metrics are of all",
        ));
    }
    let surrogates = made.map_or_else(Table::default, |m| body_surrogates(m).table());
    Report { metrics, warnings, regions: body_rows(&found.regions, unit).table(), surrogates }
}

/// Threshold, counts and means.
fn counted<R: Extent>(stage: &Regions, unit: &Unit, found: &Census<R>, words: &Words, stream: &Stream) -> Vec<Metric> {
    let (whole, count) = (found.whole(), found.regions.len() as f64);
    let left = whole.left_out(found.min_pixels, words.pixels);
    let mut out = vec![
        Metric::with_unit("threshold", found.threshold, unit),
        Metric::number("fraction", found.fraction, "").n(found.valid),
        Metric::number("count", count, ""),
        match found.count_interval().filter(|_| stage.intervals.count().is_some()) {
            Some([low, high]) => {
                let d = Metric::number("density", count / found.extent, words.density).n(count);
                d.interval(low / found.extent, high / found.extent)
            }
            None => Metric::number("density", count / found.extent, words.density).n(count),
        },
    ];
    let means: [(&str, &str, Quantity<R>); 4] = [
        ("aspect_ratio", "", R::aspect_ratio),
        ("r_eq", "nm", R::r_eq),
        ("d_max", "nm", R::d_max),
        ("d_min", "nm", R::d_min),
    ];
    for (name, unit, of) in means {
        let m = match whole.count() {
            0 => Metric { unit: Unit::of(unit), ..Metric::missing(name, "no whole region is large enough") },
            n => Metric::number(name, whole.mean(of), unit).n(n as f64),
        };
        let resamples = stage.intervals.count();
        let ends = resamples.and_then(|n| whole.interval(of, &stream.role("resample").role(name), n));
        out.push(ends.map_or(m.clone(), |[low, high]| m.interval(low, high)).note(&left));
    }
    out
}

fn percolates<R: Extent>(found: &Census<R>) -> Metric {
    Metric::number("percolates", f64::from(u8::from(found.spanning().is_some())), "")
}

fn warnings<R: Extent>(stage: &Regions, found: &Census<R>, words: &Words) -> Vec<Warning> {
    let mut out = Vec::new();
    let (n, pixels, map) = (found.whole().count(), words.pixels, words.map);
    if n < FEW {
        let what = format!("{n} whole regions of at least {} {pixels}: their means are uncertain", found.min_pixels);
        out.push(Warning::new("few-regions", what, words.larger));
    }
    if let Some(r) = found.spanning() {
        out.push(Warning::new(
            "spanning-region",
            format!("region {} spans the {map} with {} {pixels} and is left out of the means", r.id(), r.size()),
            format!("choose a smaller fraction, or a larger {map}"),
        ));
    }
    // Equal values decide how many are chosen.
    let wanted = if stage.by == By::Pixels { stage.top.0 } else { found.fraction };
    if (found.fraction / wanted - 1.0).abs() > 0.1 {
        let [is, was] = [found.fraction, wanted].map(|f| 100.0 * f);
        out.push(Warning::new(
            "tied-threshold",
            format!("equal values at the threshold: {is:.3} % of the {pixels} are chosen, not {was:.3} %"),
            "there are few different values; take the data with more bits",
        ));
    }
    out
}
