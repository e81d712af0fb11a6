//! How much boxes and balls hold: generalised dimensions, lacunarity, the mass within a distance.

use super::{NO_RANGE, Setting};
use crate::reduce::box_counts::BoxCounts;
use crate::reduce::box_masses::BoxMasses;
use crate::reduce::grid::Grid;
use crate::reduce::histogram::Histogram;
use crate::reduce::lacunarity::Lacunarity;
use crate::reduce::mass_radius::MassRadius;
use crate::reduce::passes::{Passes, VolumeError};
use crate::reduce::{ReduceError, Set};
use crate::spatial::fractal::moments::{correlation, dimension, information};
use crate::spatial::fractal::{Counts, DECADE, Scaling};
use softspot_data::Volume;

/// Largest gliding box: larger ones hardly differ from each other.
pub const GLIDING: usize = 32;
/// Places from which the mass of the largest region is counted, and the largest radius.
const SEEDS: usize = 48;
const RADIUS: usize = 40;

/// Lacunarity of gliding boxes of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gliding {
    /// Edge in voxels.
    pub size: usize,
    /// ⟨m²⟩/⟨m⟩².
    pub lacunarity: f64,
    /// Places of the box.
    pub places: u64,
}

/// The dimension of the mass within a distance.
#[derive(Clone, Debug, PartialEq)]
pub struct MassDimension {
    /// The dimension.
    pub d: f64,
    /// Number of the region, the largest.
    pub region: usize,
    /// First and last radius of the fit, voxels.
    pub radii: [f64; 2],
    /// Voxels around which the mass was counted.
    pub seeds: usize,
}

/// D₁ and D₂ over the sizes of a fit, `None` where masses do not scale; and the number of sizes.
pub(super) fn generalised(
    volume: &Volume,
    sizes: &[usize],
    passes: &Passes<'_>,
) -> Result<[Option<f64>; 2], ReduceError> {
    let grids = sizes.iter().map(|s| Grid::at_origin(*s)).collect();
    let reducer = BoxMasses { set: Set::NonZero, grids, shape: volume.shape };
    let masses = passes.run(volume, &reducer, "masses")?;
    let masses: Vec<Vec<(u64, u64)>> = masses.into_iter().map(|m| m.into_iter().collect()).collect();
    let x: Vec<f64> = sizes.iter().map(|s| *s as f64).collect();
    let mean_dimension =
        |mean: fn(&[(u64, u64)]) -> f64| dimension(&x, &masses.iter().map(|m| mean(m)).collect::<Vec<_>>());
    Ok([mean_dimension(information), mean_dimension(correlation)])
}

/// Lacunarity of the sizes that are at most a quarter of the shortest side.
pub(super) fn lacunarity(volume: &Volume, sizes: &[usize], passes: &Passes<'_>) -> Result<Vec<Gliding>, ReduceError> {
    let most = (shortest(volume) / 4).min(GLIDING);
    let sizes: Vec<usize> = sizes.iter().copied().filter(|s| *s > 1 && *s <= most).collect();
    if sizes.is_empty() {
        return Ok(Vec::new());
    }
    let reducer = Lacunarity { set: Set::NonZero, sizes: sizes.clone(), shape: volume.shape };
    let found = passes.run(volume, &reducer, "lacunarity")?;
    let gliding = |(size, m): (usize, &crate::reduce::lacunarity::Mass)| Gliding {
        size,
        lacunarity: m.lacunarity(),
        places: m.places,
    };
    Ok(sizes.into_iter().zip(&found).map(gliding).collect())
}

fn shortest(volume: &Volume) -> usize {
    volume.shape.iter().copied().filter(|n| *n > 1).min().unwrap_or(1)
}

/// Mass within a distance of voxels of the largest region, of numbers of regions; or why there is no dimension of it.
pub(super) fn mass_radius(
    volume: &Volume,
    space: usize,
    setting: &Setting,
    passes: &Passes<'_>,
) -> Result<Result<MassDimension, String>, VolumeError> {
    if !setting.regions {
        return Ok(Err("the input holds no numbers of regions".into()));
    }
    let none = |why: &str| Ok(Err(why.to_string()));
    let reach = (shortest(volume) / 4).min(RADIUS);
    if (reach as f64) < 2.0 * DECADE {
        return none("the volume is too small: radii up to a quarter of its side are less than a decade");
    }
    let count = passes.moments(volume)?.max as usize;
    let sizes = passes.run(volume, &Histogram { low: -0.5, width: 1.0, bins: count + 1 }, "sizes")?;
    let largest = (1..=count).max_by_key(|k| (sizes[*k], usize::MAX - k)).unwrap_or(1);
    let set = Set::Region(largest as u32);
    let grid = BoxCounts { set, grids: vec![Grid::at_origin(1)], boundary: false, shape: volume.shape };
    let planes = passes.run(volume, &grid, "planes")?;
    let seeds = seeds(volume, set, &planes.boxes[0], reach)?;
    if seeds.len() < SEEDS / 4 {
        return none("too few voxels of the largest region lie far enough from the border");
    }
    let radii: Vec<u32> = (2..=reach as u32).collect();
    let reducer = MassRadius { set, seeds: seeds.clone(), radii: radii.clone() };
    let masses = passes.run(volume, &reducer, "mass-radius")?;
    let n = masses.len() as f64;
    let total = planes.voxels as f64;
    if masses.iter().any(|m| m.last().is_none_or(|last| *last as f64 > 0.5 * total)) {
        return none("the largest region is hardly larger than the radii");
    }
    let mean = |k: usize| masses.iter().map(|m| m[k] as f64).sum::<f64>() / n;
    let counts = Counts {
        sizes: radii.iter().map(|r| f64::from(*r)).collect(),
        counts: (0..radii.len()).map(mean).collect(),
        most: vec![f64::INFINITY; radii.len()],
        sign: 1.0,
        space: space as f64,
    };
    let dimension_of = |s: Scaling| MassDimension {
        d: s.d,
        region: largest,
        radii: s.range.map(|k| counts.sizes[k]),
        seeds: seeds.len(),
    };
    Ok(counts.plateau().map(dimension_of).ok_or_else(|| NO_RANGE.to_string()))
}

/// Voxels of a region spread evenly over it, at least `reach` from the border.
fn seeds(volume: &Volume, set: Set, planes: &[u64], reach: usize) -> Result<Vec<[usize; 3]>, ReduceError> {
    let [nz, ny, nx] = volume.shape;
    let inner = |i: usize, n: usize| n == 1 || (i >= reach && i + reach < n);
    let total: u64 = planes.iter().enumerate().filter(|(z, _)| inner(*z, nz)).map(|p| p.1).sum();
    let place = |k: usize| (k as u64 * 2 + 1) * total / (2 * SEEDS as u64);
    let mut out = Vec::new();
    let (mut passed, mut next) = (0u64, 0usize);
    for (z, n) in planes.iter().enumerate().filter(|(z, _)| inner(*z, nz)) {
        let mut wanted = Vec::new();
        while next < SEEDS && place(next) < passed + n {
            wanted.push(place(next) - passed);
            next += 1;
        }
        passed += n;
        if wanted.is_empty() {
            continue;
        }
        let plane = volume.planes(z..z + 1)?;
        let here: Vec<[usize; 3]> =
            plane.indexed_iter().filter(|(_, v)| set.has(**v)).map(|((_, y, x), _)| [z, y, x]).collect();
        let far = |s: &&[usize; 3]| inner(s[1], ny) && inner(s[2], nx);
        out.extend(wanted.iter().filter_map(|k| here.get(*k as usize)).filter(far).copied());
    }
    Ok(out)
}
