//! Regions of a volume: found plane by plane, whatever its size.

use std::sync::Arc;

use super::{COMPARED, FEW, Regions};
use crate::data::{Artifact, Column, Metric, Table, Volume, Warning};
use crate::reduce::regions::Regions as Reducer;
use crate::reduce::{Block, Reducer as _, Set};
use crate::spatial::null::Null;
use crate::spatial::regions::body::{Body, Sums};
use crate::spatial::regions::cut::Side;
use crate::spatial::regions::summary::WholeRegions;
use crate::stage::null::{NO_VALUE, likeness, rows};
use crate::stage::volume::{VoxelSet, choose, moments, pass, set_surrogates, write_labels};
use crate::stage::{Cx, Outputs, StageError, Uncertainty};
use crate::unit::Unit;

/// Rows of the table: a volume may have millions of regions of a few voxels.
const LISTED: usize = 500_000;

/// A quantity of a region.
pub(super) type Quantity = fn(&Body) -> f64;

/// The quantities whose mean over regions is reported.
const MEANS: [(&str, &str, Quantity); 4] = [
    ("aspect_ratio", "", Body::aspect_ratio),
    ("r_eq", "nm", |b| b.r_eq),
    ("d_max", "nm", |b| b.axes[0]),
    ("d_min", "nm", |b| b.axes[2]),
];

/// Finds and measures the regions of a volume.
pub(super) fn run(stage: &Regions, volume: &Volume, cx: &Cx<'_>) -> Result<Outputs, StageError> {
    let voxel = volume.voxel_size()?;
    let connectivity = stage.of_volume();
    let rule = stage.rule(&volume.unit)?;
    let summary = moments(volume, cx)?;
    let chosen = choose(volume, &summary, rule, stage.side, cx)?;
    let holes = summary.n < volume.len();
    let reducer = Reducer { set: chosen.set, connectivity, range: [summary.min, summary.max], holes };
    let found = pass(volume, &reducer, "regions", cx)?.ok_or_else(|| {
        StageError::Failed(
            "there are more than four thousand million regions: that is noise; filter the volume, or choose a larger \
             fraction"
                .into(),
        )
    })?;
    let bodies = described(&found.regions, voxel, volume.shape);
    let measured = WholeRegions::new(&bodies, &volume.shape, stage.min_pixels);
    let mut warnings: Vec<Warning> = stage.tied(chosen.fraction, "voxels").into_iter().collect();
    let extent: f64 = summary.n as f64 * voxel.iter().product::<f64>();
    let mut metrics = metrics(stage, volume, &chosen, &bodies, &measured, summary.n as f64, extent, cx);
    if let Some(b) = bodies.iter().find(|b| b.spans) {
        warnings.push(Warning::new(
            "spanning-region",
            format!("region {} spans the volume with {} voxels and is left out of the means", b.id, b.voxels),
            "choose a smaller fraction, or a larger volume",
        ));
    }
    if measured.count() < FEW {
        warnings.push(Warning::new(
            "few-regions",
            format!(
                "{} whole regions of at least {} voxels: their means are uncertain",
                measured.count(),
                stage.min_pixels
            ),
            "take a larger volume, or several, and pool them",
        ));
    }
    let mut table_of_surrogates = Table::default();
    if stage.surrogates > 0 {
        match set_surrogates(volume, chosen.set, voxel, chosen.fraction, cx)? {
            Err(why) => metrics.extend(missing(&why)),
            Ok(made) => {
                let of = |z: &ndarray::Array3<f64>, threshold: f64| {
                    let set = Set::Beyond { threshold, side: Side::High };
                    let reducer = Reducer { set, connectivity, range: [-9.0, 9.0], holes };
                    let found = reducer.finish(reducer.map(&Block::whole(z.view())));
                    let bodies = found.map_or_else(Vec::new, |f| described(&f.regions, voxel, made.shape()));
                    let m = WholeRegions::new(&bodies, &made.shape(), stage.min_pixels);
                    ([m.mean(Body::aspect_ratio), m.mean(|b| b.r_eq)], bodies)
                };
                let all = made.each(stage.surrogates, &cx.stream, cx.cancelled, of).ok_or(StageError::Cancelled)?;
                let sides = made.shape().map(|n| n.to_string()).join(" × ");
                let c = &made.fitted.covariance;
                let note = format!(
                    "{} surrogates of {sides} voxels, ξ = {:.3e} m, α = {:.2}, isotropic",
                    all.len(),
                    c.xi,
                    c.alpha
                );
                warnings.extend(likeness(&made.fitted, "set"));
                for (k, (name, unit, of)) in MEANS.iter().take(2).enumerate() {
                    let value = measured.mean(of);
                    let null = Null::of(value, all.iter().map(|f| f.0[k])).ok_or(NO_VALUE);
                    metrics.extend(rows(name, unit, value, null, COMPARED[k].2, &note));
                }
                table_of_surrogates = of_surrogates(all.iter().map(|f| f.1.as_slice()));
            }
        }
    }
    let labels = write_labels(volume, &reducer, &found.key, cx)?;
    let table = list(&bodies, &volume.unit);
    if bodies.len() > LISTED {
        warnings.push(Warning::new(
            "regions-not-listed",
            format!("the table holds the {LISTED} largest of {} regions", bodies.len()),
            "the labels hold them all; metrics are of all",
        ));
    }
    Ok(Outputs {
        artifacts: vec![
            ("regions", Artifact::Table(Arc::new(table))),
            ("labels", Artifact::Labels(Arc::new(labels))),
            ("surrogates", Artifact::Table(Arc::new(table_of_surrogates))),
        ],
        metrics,
        warnings,
    })
}

/// What each region is.
fn described(found: &[(Sums, f64)], voxel: [f64; 3], shape: [usize; 3]) -> Vec<Body> {
    found.iter().enumerate().map(|(i, (sums, sum))| Body::new(i + 1, sums, *sum, voxel, shape)).collect()
}

/// Rows of metrics without a null.
fn missing(why: &str) -> Vec<Metric> {
    COMPARED.iter().take(2).flat_map(|(name, unit, tail)| rows(name, unit, f64::NAN, Err(why), *tail, "")).collect()
}

/// The regions of the first surrogates.
fn of_surrogates<'a>(all: impl Iterator<Item = &'a [Body]>) -> Table {
    let mut rows: Vec<(usize, &Body)> = Vec::new();
    for (i, bodies) in all.enumerate() {
        if !rows.is_empty() && rows.len() + bodies.len() > LISTED {
            break;
        }
        rows.extend(bodies.iter().map(|b| (i, b)));
    }
    let (none, nm) = (Unit::none(), Unit::of("nm"));
    let column =
        |name: &str, unit: &Unit, of: fn(&(usize, &Body)) -> f64| Column::number(name, unit, rows.iter().map(of));
    Table {
        columns: vec![
            column("surrogate", &none, |r| r.0 as f64),
            column("pixels", &none, |r| r.1.voxels as f64),
            column("r_eq", &nm, |r| r.1.r_eq),
            column("d_max", &nm, |r| r.1.axes[0]),
            column("d_min", &nm, |r| r.1.axes[2]),
            column("direction_x", &none, |r| r.1.direction[0]),
            column("direction_y", &none, |r| r.1.direction[1]),
            column("direction_z", &none, |r| r.1.direction[2]),
            column("border", &none, |r| f64::from(u8::from(r.1.border))),
            column("spans", &none, |r| f64::from(u8::from(r.1.spans))),
        ],
    }
}

#[allow(clippy::too_many_arguments)]
fn metrics(
    stage: &Regions,
    volume: &Volume,
    chosen: &VoxelSet,
    bodies: &[Body],
    measured: &WholeRegions<'_, Body>,
    valid: f64,
    extent: f64,
    cx: &Cx<'_>,
) -> Vec<Metric> {
    let n = measured.count() as f64;
    let left = measured.left_out(stage.min_pixels, "voxels");
    let mut out = vec![
        Metric::with_unit("threshold", chosen.threshold, &volume.unit),
        Metric::number("fraction", chosen.fraction, "").n(valid),
        Metric::number("count", bodies.len() as f64, ""),
        Metric::number("density", bodies.len() as f64 / extent, "1/µm^3").n(bodies.len() as f64),
    ];
    for (name, unit, of) in MEANS {
        let m = match measured.count() {
            0 => Metric { unit: Unit::of(unit), ..Metric::missing(name, "no whole region is large enough") },
            _ => Metric::number(name, measured.mean(of), unit).n(n),
        };
        let interval = match stage.uncertainty {
            Uncertainty::Bootstrap => measured.interval(of, &cx.stream.role("resample").role(name), stage.resamples),
            Uncertainty::None => None,
        };
        out.push(interval.map_or(m.clone(), |[low, high]| m.interval(low, high)).note(&left));
    }
    out.push(Metric::missing(
        "orientation_p",
        "directions in space are compared with a load by the stage `orientation`",
    ));
    let spans = bodies.iter().any(|b| b.spans);
    out.push(Metric::number("percolates", f64::from(u8::from(spans)), ""));
    out
}

/// The table of regions: whole ones first; the largest where there are very many.
fn list(bodies: &[Body], unit: &Unit) -> Table {
    let mut bodies: Vec<&Body> = bodies.iter().collect();
    if bodies.len() > LISTED {
        bodies.sort_by_key(|b| (std::cmp::Reverse(b.voxels), b.id));
        bodies.truncate(LISTED);
        bodies.sort_by_key(|b| b.id);
    }
    bodies.sort_by_key(|b| b.border);
    let nm = Unit::of("nm");
    let none = Unit::none();
    let column =
        |name: &str, unit: &Unit, of: fn(&Body) -> f64| Column::number(name, unit, bodies.iter().map(|b| of(b)));
    Table {
        columns: vec![
            column("id", &none, |b| b.id as f64),
            column("pixels", &none, |b| b.voxels as f64),
            column("volume", &Unit::of("nm^3"), |b| b.volume),
            column("r_eq", &nm, |b| b.r_eq),
            column("x", &nm, |b| b.centroid[0]),
            column("y", &nm, |b| b.centroid[1]),
            column("z", &nm, |b| b.centroid[2]),
            column("mean", unit, |b| b.mean),
            column("sum", unit, |b| b.sum),
            column("d_max", &nm, |b| b.axes[0]),
            column("d_min", &nm, |b| b.axes[2]),
            column("aspect_ratio", &none, Body::aspect_ratio),
            column("axis_middle", &nm, |b| b.axes[1]),
            column("inclination", &Unit::of("deg"), |b| libm::asin(b.direction[2].clamp(-1.0, 1.0)).to_degrees()),
            column("direction_x", &none, |b| b.direction[0]),
            column("direction_y", &none, |b| b.direction[1]),
            column("direction_z", &none, |b| b.direction[2]),
            column("surface", &Unit::of("nm^2"), |b| b.surface),
            column("border", &none, |b| f64::from(u8::from(b.border))),
            column("hole", &none, |b| f64::from(u8::from(b.hole))),
            column("spans", &none, |b| f64::from(u8::from(b.spans))),
        ],
    }
}
