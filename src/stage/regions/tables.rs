//! Tables of regions.

use crate::spatial::regions::body::Body;
use crate::spatial::regions::census::SurrogateRegions;
use crate::spatial::regions::shape::Region;
use crate::spatial::regions::summary::Extent;
use crate::stage::tables::{BodyRows, BodySurrogates, RegionRows, RegionSurrogates};
use crate::unit::Unit;

/// Rows of the table of regions: a volume may have millions of regions of a few voxels.
pub(super) const LISTED: usize = 500_000;
/// Rows that regions of surrogates may take, of maps.
const LISTED_SURROGATES: usize = 100_000;

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// Regions of the first surrogates, as many as are listed, with the number of their surrogate.
fn listed<R>(made: &SurrogateRegions<R>, most: usize) -> Vec<(f64, &R)> {
    let mut out: Vec<(f64, &R)> = Vec::new();
    for (i, regions) in made.regions.iter().enumerate() {
        if !out.is_empty() && out.len() + regions.len() > most {
            break;
        }
        out.extend(regions.iter().map(|r| (i as f64, r)));
    }
    out
}

pub(super) fn region_rows(regions: &[Region], unit: &Unit) -> RegionRows {
    // Whole ones first: what the border cuts has no shape of its own.
    let mut regions: Vec<&Region> = regions.iter().collect();
    regions.sort_by_key(|r| r.border);
    let column = |f: fn(&Region) -> f64| regions.iter().map(|r| f(r)).collect::<Vec<f64>>();
    RegionRows {
        id: column(|r| r.id as f64),
        pixels: column(|r| r.pixels as f64),
        area: column(|r| r.area),
        r_eq: column(|r| r.r_eq),
        x: column(|r| r.centroid[0]),
        y: column(|r| r.centroid[1]),
        mean: column(|r| r.mean),
        sum: column(|r| r.sum),
        d_max: column(|r| r.d_max),
        d_min: column(|r| r.d_min),
        aspect_ratio: column(|r| r.aspect_ratio),
        axis_major: column(|r| r.axes[0]),
        axis_minor: column(|r| r.axes[1]),
        inclination: column(|r| r.inclination),
        border: column(|r| flag(r.border)),
        hole: column(|r| flag(r.hole)),
        spans: column(|r| flag(r.spans)),
        units: vec![unit.clone()],
    }
}

pub(super) fn region_surrogates(made: &SurrogateRegions<Region>) -> RegionSurrogates {
    let rows = listed(made, LISTED_SURROGATES);
    let column = |f: fn(&Region) -> f64| rows.iter().map(|r| f(r.1)).collect::<Vec<f64>>();
    RegionSurrogates {
        surrogate: rows.iter().map(|r| r.0).collect(),
        pixels: column(|r| r.pixels as f64),
        r_eq: column(|r| r.r_eq),
        d_max: column(|r| r.d_max),
        d_min: column(|r| r.d_min),
        inclination: column(|r| r.inclination),
        border: column(|r| flag(r.border)),
        spans: column(|r| flag(r.spans)),
        units: Vec::new(),
    }
}

pub(super) fn body_rows(bodies: &[Body], unit: &Unit) -> BodyRows {
    let mut bodies: Vec<&Body> = bodies.iter().collect();
    if bodies.len() > LISTED {
        bodies.sort_by_key(|b| (std::cmp::Reverse(b.voxels), b.id));
        bodies.truncate(LISTED);
        bodies.sort_by_key(|b| b.id);
    }
    bodies.sort_by_key(|b| b.border);
    let column = |f: fn(&Body) -> f64| bodies.iter().map(|b| f(b)).collect::<Vec<f64>>();
    BodyRows {
        id: column(|b| b.id as f64),
        pixels: column(|b| b.voxels as f64),
        volume: column(|b| b.volume),
        r_eq: column(|b| b.r_eq),
        x: column(|b| b.centroid[0]),
        y: column(|b| b.centroid[1]),
        z: column(|b| b.centroid[2]),
        mean: column(|b| b.mean),
        sum: column(|b| b.sum),
        d_max: column(|b| b.axes[0]),
        d_min: column(|b| b.axes[2]),
        aspect_ratio: column(Extent::aspect_ratio),
        axis_middle: column(|b| b.axes[1]),
        inclination: column(|b| libm::asin(b.direction[2].clamp(-1.0, 1.0)).to_degrees()),
        direction_x: column(|b| b.direction[0]),
        direction_y: column(|b| b.direction[1]),
        direction_z: column(|b| b.direction[2]),
        surface: column(|b| b.surface),
        border: column(|b| flag(b.border)),
        hole: column(|b| flag(b.hole)),
        spans: column(|b| flag(b.spans)),
        units: vec![unit.clone()],
    }
}

pub(super) fn body_surrogates(made: &SurrogateRegions<Body>) -> BodySurrogates {
    let rows = listed(made, LISTED);
    let column = |f: fn(&Body) -> f64| rows.iter().map(|r| f(r.1)).collect::<Vec<f64>>();
    BodySurrogates {
        surrogate: rows.iter().map(|r| r.0).collect(),
        pixels: column(|b| b.voxels as f64),
        r_eq: column(|b| b.r_eq),
        d_max: column(|b| b.axes[0]),
        d_min: column(|b| b.axes[2]),
        direction_x: column(|b| b.direction[0]),
        direction_y: column(|b| b.direction[1]),
        direction_z: column(|b| b.direction[2]),
        border: column(|b| flag(b.border)),
        spans: column(|b| flag(b.spans)),
        units: Vec::new(),
    }
}
