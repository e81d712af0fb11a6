//! Passes over one volume: each under a name of its own, so that an interrupted piece of work goes on where it was.

use std::path::Path;

use super::moments::{Moments, Summary};
use super::ranks::{Digits, OrderStatistics, ranked};
use super::{Drive, ReduceError, Reducer, reduce};
use crate::num::work::Work;
use softspot_data::Volume;

/// How the passes of one piece of work go through volumes.
#[derive(Clone, Copy)]
pub struct Passes<'a> {
    /// Bytes that blocks may take.
    pub memory: u64,
    /// Whether to end, and whom to tell.
    pub work: Work<'a>,
    /// Folder of stored partials and the beginning of their names; without it none is stored.
    pub save: Option<(&'a Path, &'a str)>,
}

/// A volume that no statistic can be had of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VolumeError {
    /// A pass that did not come to its end.
    #[error("{0}")]
    Pass(#[from] ReduceError),
    /// Nothing in it is valid.
    #[error("the volume has no valid voxel: all are missing or not finite")]
    Empty,
}

impl Passes<'_> {
    /// With all memory, no end and no place for partials.
    pub fn simple() -> Passes<'static> {
        Passes { memory: u64::MAX, work: Work::quiet(), save: None }
    }

    /// One pass; `name` tells it from the others of the same work.
    ///
    /// # Errors
    /// [`ReduceError`].
    pub fn run<R: Reducer>(&self, volume: &Volume, reducer: &R, name: &str) -> Result<R::Output, ReduceError> {
        let save = self.save.filter(|_| !volume.held());
        let save = save.map(|(folder, begin)| folder.join(format!("{begin}-{name}.partial")));
        let progress = |done, total| self.work.progress.step(done, total);
        let drive =
            Drive { memory: self.memory, planes: None, cancelled: self.work.cancelled, progress: &progress, save };
        reduce(volume, reducer, &drive)
    }

    /// Count, mean and range.
    ///
    /// # Errors
    /// [`VolumeError::Empty`] where no voxel is valid.
    pub fn moments(&self, volume: &Volume) -> Result<Summary, VolumeError> {
        let summary = self.run(volume, &Moments, "moments")?;
        if summary.n == 0 { Err(VolumeError::Empty) } else { Ok(summary) }
    }

    /// Order statistics, by ranks from 0.
    ///
    /// # Errors
    /// [`VolumeError::Empty`] where no voxel is valid.
    pub fn order_statistics(
        &self,
        volume: &Volume,
        ranks: &[u64],
        name: &str,
    ) -> Result<Vec<OrderStatistics>, VolumeError> {
        let mut run = |k: usize, digits: &Digits| self.run(volume, digits, &format!("{name}-{k}"));
        ranked(ranks, &mut run)?.ok_or(VolumeError::Empty)
    }

    /// Quantiles of `n` valid voxels by linear interpolation between order statistics (type 7 of Hyndman & Fan,
    /// doi:10.1080/00031305.1996.10473566).
    ///
    /// # Errors
    /// [`VolumeError::Empty`] where no voxel is valid.
    pub fn quantiles<const N: usize>(&self, volume: &Volume, n: u64, q: [f64; N]) -> Result<[f64; N], VolumeError> {
        let at = q.map(|q| q * n.saturating_sub(1) as f64);
        let ranks: Vec<u64> = at.iter().flat_map(|h| [h.floor() as u64, h.ceil() as u64]).collect();
        let found = self.order_statistics(volume, &ranks, "quantiles")?;
        let mut pairs = found.chunks_exact(2).zip(at);
        Ok(std::array::from_fn(|_| {
            pairs.next().map_or(f64::NAN, |(p, h)| p[0].value + (h - h.floor()) * (p[1].value - p[0].value))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;
    use softspot_data::unit::Unit;

    #[test]
    fn quantiles_are_those_of_the_sorted_numbers() {
        // A permutation of 0 … 503 by a step that has no factor in common with 504.
        let values = Array3::from_shape_fn((8, 7, 9), |(z, y, x)| ((z * 63 + y * 9 + x) * 25 % 504) as f64);
        let volume = Volume::new(values, Unit::none(), "t", None);
        let passes = Passes::simple();
        let m = passes.moments(&volume).unwrap();
        assert_eq!((m.n, m.min, m.max), (504, 0.0, 503.0));
        let found = passes.quantiles(&volume, m.n, [0.0, 0.25, 0.5, 1.0]).unwrap();
        assert_eq!(found, [0.0, 0.25 * 503.0, 0.5 * 503.0, 503.0]);
    }

    #[test]
    fn a_volume_without_a_valid_voxel_is_an_error() {
        let volume = Volume::new(Array3::from_elem((2, 3, 4), f64::NAN), Unit::none(), "t", None);
        assert_eq!(Passes::simple().moments(&volume).unwrap_err(), VolumeError::Empty);
        assert_eq!(Passes::simple().quantiles(&volume, 0, [0.5]).unwrap_err(), VolumeError::Empty);
    }
}
