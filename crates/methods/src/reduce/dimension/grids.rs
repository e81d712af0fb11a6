//! What is counted, in which boxes, from where.

use super::Setting;
use crate::reduce::box_counts::{BoxCounts, Counts as Boxes};
use crate::reduce::grid::Grid;
use crate::reduce::{Block, Reducer, Set};
use crate::spatial::fractal::{Counts, Scaling};
use crate::spatial::regions::cut::Side;

/// Edges of boxes in voxels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// 1, 2, 4, ….
    Dyadic,
    /// 1, 2, 3, ….
    All,
    /// These, rising.
    List(Vec<usize>),
}

/// Where boxes begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Offsets {
    /// At the first voxel.
    #[default]
    Origin,
    /// At several places: the mean of the counts.
    Mean,
    /// At several places: the least count.
    Minimum,
}

/// What a box must hold to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// A voxel of the set.
    #[default]
    Phase,
    /// A voxel of the set and one beside it.
    Boundary,
}

/// Sizes and places of all boxes of a set.
#[derive(Clone, Debug)]
pub struct Grids {
    /// Edges in voxels, rising.
    pub sizes: Vec<usize>,
    /// Grids of each size, the first at the origin.
    pub grids: Vec<Vec<Grid>>,
    counted: Counted,
    least: bool,
    /// Sizes are all whole numbers: neighbours then differ by how they fit, not by how the set scales.
    all: bool,
    /// Dimension of the space.
    space: usize,
}

impl Grids {
    /// Of the sizes that fit into a volume of that shape.
    pub fn new(setting: &Setting, shape: [usize; 3], space: usize) -> Grids {
        let longest = shape.iter().copied().max().unwrap_or(1);
        let fit = |s: &usize| *s <= longest;
        let sizes: Vec<usize> = match &setting.sizes {
            Sizes::List(list) => list.iter().copied().filter(fit).collect(),
            Sizes::All => (1..=longest).collect(),
            Sizes::Dyadic => std::iter::successors(Some(1usize), |s| s.checked_mul(2)).take_while(fit).collect(),
        };
        // A box of one voxel is never on both sides of a boundary.
        let sizes: Vec<usize> = sizes.into_iter().filter(|s| setting.counted == Counted::Phase || *s > 1).collect();
        let places = if setting.offsets == Offsets::Origin { 1 } else { setting.places };
        let grids_of = |s: &usize| (0..places.min(*s)).map(|k| Grid { size: *s, offset: offset(k, *s) }).collect();
        Grids {
            grids: sizes.iter().map(grids_of).collect(),
            sizes,
            counted: setting.counted,
            least: setting.offsets == Offsets::Minimum,
            all: setting.sizes == Sizes::All,
            space,
        }
    }

    /// The reducer over all grids, in order.
    pub fn reducer(&self, set: Set, shape: [usize; 3]) -> BoxCounts {
        let boundary = self.counted == Counted::Boundary;
        BoxCounts { set, grids: self.grids.iter().flatten().copied().collect(), boundary, shape }
    }

    /// Counts by size: of the origin, the mean, or the least; and all boxes there are.
    pub fn counts(&self, boxes: &Boxes, shape: [usize; 3]) -> Counts {
        let mut at = 0;
        let mut counts = Vec::with_capacity(self.sizes.len());
        for grids in &self.grids {
            let totals: Vec<u64> = (at..at + grids.len()).map(|k| boxes.total(k)).collect();
            at += grids.len();
            counts.push(match self.least {
                true => totals.iter().copied().min().unwrap_or(0) as f64,
                false => totals.iter().sum::<u64>() as f64 / totals.len() as f64,
            });
        }
        let most = |s: &usize| (0..3).map(|k| Grid::at_origin(*s).count(k, shape[k]) as f64).product();
        Counts {
            sizes: self.sizes.iter().map(|s| *s as f64).collect(),
            counts,
            most: self.sizes.iter().map(most).collect(),
            sign: -1.0,
            space: self.space as f64 - if self.counted == Counted::Boundary { 1.0 } else { 0.0 },
        }
    }

    /// Counts of a field cut at a threshold.
    pub fn of_field(&self, field: &ndarray::Array3<f64>, threshold: f64) -> Counts {
        let (nz, ny, nx) = field.dim();
        let shape = [nz, ny, nx];
        let reducer = self.reducer(Set::Beyond { threshold, side: Side::High }, shape);
        let partial = reducer.map(&Block::whole(field.view()));
        self.counts(&reducer.finish(partial), shape)
    }

    /// The plateau of local slopes; of all sizes only those that double are looked at.
    pub fn plateau(&self, counts: &Counts) -> Option<Scaling> {
        if !self.all {
            return counts.plateau();
        }
        let kept: Vec<usize> = (0..self.sizes.len()).filter(|k| self.sizes[*k].is_power_of_two()).collect();
        let picked = |v: &[f64]| kept.iter().map(|k| v[*k]).collect();
        let doubling = Counts {
            sizes: picked(&counts.sizes),
            counts: picked(&counts.counts),
            most: picked(&counts.most),
            ..counts.clone()
        };
        doubling.plateau().map(|s| Scaling { range: s.range.map(|k| kept[k]), ..s })
    }
}

/// Places of grids spread evenly (Weyl's sequence of the powers of the root of x⁴ = x + 1).
fn offset(k: usize, size: usize) -> [usize; 3] {
    const STEP: [f64; 3] = [0.819_172_513_396_164_4, 0.671_043_606_703_789_3, 0.549_700_477_901_970_3];
    STEP.map(|s| ((k as f64 * s).fract() * size as f64) as usize % size)
}
