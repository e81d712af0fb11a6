//! Three-dimensional scalar fields, in memory or read plane by plane.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use ndarray::{Array3, ArrayView3, CowArray, Ix3, s};

use crate::unit::Unit;

/// Voxels that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct VoxelError(pub String);

/// Where the numbers of a volume are.
pub trait Voxels: Send + Sync {
    /// Puts the planes of that range into `out`, which has just room for them, in C order and coherent SI; an invalid voxel
    /// is NaN.
    ///
    /// # Errors
    /// [`VoxelError`] where they cannot be read.
    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<(), VoxelError>;

    /// All of them, where they are in memory.
    fn held(&self) -> Option<ArrayView3<'_, f64>> {
        None
    }

    /// The file of labels that holds all of it, where there is one.
    fn stored(&self) -> Option<&Path> {
        None
    }
}

impl Voxels for Array3<f64> {
    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<(), VoxelError> {
        out.iter_mut().zip(&self.slice(s![range, .., ..])).for_each(|(o, v)| *o = *v);
        Ok(())
    }

    fn held(&self) -> Option<ArrayView3<'_, f64>> {
        Some(self.view())
    }
}

/// A scalar volume `[z, y, x]`; an invalid voxel is NaN.
#[derive(Clone)]
pub struct Volume {
    /// Voxels along z, y and x.
    pub shape: [usize; 3],
    /// The unit the file used; values are already SI.
    pub unit: Unit,
    /// What it is.
    pub quantity: String,
    /// Steps `[z, y, x]` in m, where the file or the definition tells.
    pub voxel: Option<[f64; 3]>,
    voxels: Arc<dyn Voxels>,
}

/// A volume without a voxel size where one is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the volume has no voxel size; give `pixel = [\"30 nm\", \"30 nm\", \"30 nm\"]` (z, y, x) with its input")]
pub struct NoVoxelSize;

impl Volume {
    /// One in memory.
    pub fn new(values: Array3<f64>, unit: Unit, quantity: &str, voxel: Option<[f64; 3]>) -> Volume {
        let (nz, ny, nx) = values.dim();
        Volume { shape: [nz, ny, nx], unit, quantity: quantity.into(), voxel, voxels: Arc::new(values) }
    }

    /// One whose numbers come from elsewhere.
    pub fn of(
        shape: [usize; 3],
        unit: Unit,
        quantity: &str,
        voxel: Option<[f64; 3]>,
        voxels: Arc<dyn Voxels>,
    ) -> Volume {
        Volume { shape, unit, quantity: quantity.into(), voxel, voxels }
    }

    /// Some of its planes, `[plane, y, x]`; a range beyond the volume is cut.
    ///
    /// # Errors
    /// [`VoxelError`] where they cannot be read.
    pub fn planes(&self, range: Range<usize>) -> Result<CowArray<'_, f64, Ix3>, VoxelError> {
        let end = range.end.min(self.shape[0]);
        let range = range.start.min(end)..end;
        if let Some(all) = self.voxels.held() {
            return Ok(all.slice_move(s![range, .., ..]).into());
        }
        let mut out = Array3::zeros((range.len(), self.shape[1], self.shape[2]));
        if let Some(numbers) = out.as_slice_mut() {
            self.voxels.read(range, numbers)?;
        }
        Ok(out.into())
    }

    /// A box of it, read plane by plane: whole planes of a large volume would take the memory of many such boxes.
    ///
    /// # Errors
    /// [`VoxelError`] where it cannot be read, or lies outside.
    pub fn part(&self, [z, y, x]: [Range<usize>; 3]) -> Result<Array3<f64>, VoxelError> {
        let inside = [&z, &y, &x].iter().zip(self.shape).all(|(r, n)| r.start <= r.end && r.end <= n);
        if !inside {
            return Err(VoxelError(format!("{z:?}, {y:?}, {x:?} lies outside of {:?} voxels", self.shape)));
        }
        let mut out = Array3::zeros((z.len(), y.len(), x.len()));
        for (k, mut to) in z.zip(out.outer_iter_mut()) {
            let plane = self.planes(k..k + 1)?;
            to.assign(&plane.slice(s![0, y.clone(), x.clone()]));
        }
        Ok(out)
    }

    /// All of it.
    ///
    /// # Errors
    /// [`VoxelError`] where it cannot be read.
    pub fn whole(&self) -> Result<CowArray<'_, f64, Ix3>, VoxelError> {
        self.planes(0..self.shape[0])
    }

    /// Where its numbers are.
    pub fn voxels(&self) -> &Arc<dyn Voxels> {
        &self.voxels
    }

    /// Whether it is in memory.
    pub fn held(&self) -> bool {
        self.voxels.held().is_some()
    }

    /// Number of voxels.
    pub fn len(&self) -> u64 {
        self.shape.iter().map(|n| *n as u64).product()
    }

    /// Whether it has no voxel.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Steps `[z, y, x]` in m.
    ///
    /// # Errors
    /// [`NoVoxelSize`] where neither file nor definition gave one.
    pub fn voxel_size(&self) -> Result<[f64; 3], NoVoxelSize> {
        self.voxel.ok_or(NoVoxelSize)
    }
}

impl std::fmt::Debug for Volume {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Volume").field("shape", &self.shape).field("quantity", &self.quantity).finish_non_exhaustive()
    }
}
