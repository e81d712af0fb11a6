//! Statistics of volumes of any size: map over ranges of planes, merge, finish (METHODS §10).
//!
//! A block is a range of whole planes, so that parts only ever meet at one plane. Sums of numbers are kept plane by plane
//! and added in the order of planes when all are there; counts are whole numbers. A result therefore does not depend on
//! where the blocks end, on their number, or on who worked on them: in memory, on disk, on other machines.

pub mod block_means;
pub mod box_counts;
pub mod box_masses;
pub mod census;
pub mod describe;
pub mod dimension;
mod drive;
mod fixed;
pub mod grid;
pub mod histogram;
pub mod lacunarity;
pub mod lags;
pub mod lengths;
pub mod likeness;
pub mod mass_radius;
pub mod moments;
pub mod parts;
pub mod passes;
pub mod profile;
pub mod ranks;
pub mod regions;
mod set;
pub mod threshold;

use std::ops::Range;

use ndarray::{ArrayView3, Axis};
use serde::{Serialize, de::DeserializeOwned};

pub use drive::{Drive, ReduceError, reduce};
pub use set::Set;

/// Some planes of a volume.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// Numbers `[plane, y, x]`: the planes of the block and those around it that the reducer asked for.
    pub values: ArrayView3<'a, f64>,
    /// Plane of the volume that comes first in `values`.
    pub first: usize,
    /// Planes that are the block's own.
    pub own: Range<usize>,
    /// Shape of the whole volume.
    pub shape: [usize; 3],
}

impl<'a> Block<'a> {
    /// A whole volume as one block.
    pub fn whole(values: ArrayView3<'a, f64>) -> Block<'a> {
        let (nz, ny, nx) = values.dim();
        Block { values, first: 0, own: 0..nz, shape: [nz, ny, nx] }
    }

    /// A plane of the volume, row by row; it must be among [`Block::values`].
    pub fn plane(&self, z: usize) -> ndarray::ArrayView2<'a, f64> {
        self.values.index_axis_move(Axis(0), z - self.first)
    }

    /// Planes of the volume that are there, the ones around the block among them.
    pub fn there(&self) -> Range<usize> {
        self.first..self.first + self.values.len_of(Axis(0))
    }
}

/// A statistic in three steps. What [`Reducer::merge`] makes of partials does not depend on how they are bracketed, and
/// [`Reducer::empty`] changes nothing.
pub trait Reducer: Sync {
    /// What is known of some planes; it may be stored and sent.
    type Partial: Serialize + DeserializeOwned + Send;
    /// The result.
    type Output;

    /// Its name in the documentation and in stored partials.
    const ID: &'static str;

    /// Planes that are wanted before and behind a block.
    fn halo(&self) -> [usize; 2] {
        [0, 0]
    }

    /// Of no plane.
    fn empty(&self) -> Self::Partial;

    /// Of a block.
    fn map(&self, block: &Block<'_>) -> Self::Partial;

    /// Of two ranges of planes that follow each other.
    fn merge(&self, left: Self::Partial, right: Self::Partial) -> Self::Partial;

    /// Of all planes.
    fn finish(&self, total: Self::Partial) -> Self::Output;
}

/// A reducer in a sentence.
#[derive(Clone, Copy, Debug)]
pub struct ReducerDoc {
    /// Its id.
    pub id: &'static str,
    /// What it gives.
    pub about: &'static str,
}

const fn doc<R: Reducer>(about: &'static str) -> ReducerDoc {
    ReducerDoc { id: R::ID, about }
}

/// Every reducer.
pub static REDUCERS: &[ReducerDoc] = &[
    doc::<moments::Moments>("count, mean, central moments and range"),
    doc::<ranks::Digits>("order statistics: exact, by the digits of numbers"),
    doc::<histogram::Histogram>("counts in equal bins"),
    doc::<lags::Lags>("structure function along the axes"),
    doc::<box_counts::BoxCounts>("occupied boxes of many sizes"),
    doc::<box_masses::BoxMasses>("how many voxels of a set boxes hold"),
    doc::<lacunarity::Lacunarity>("moments of the mass of gliding boxes"),
    doc::<regions::Regions>("connected regions with volume, axes, extent, surface"),
    doc::<mass_radius::MassRadius>("mass of a region within distances of its voxels"),
    doc::<profile::Profile>("mean by distance from an axis, a centre or a face"),
    doc::<block_means::BlockMeans>("means over blocks of some size"),
];
