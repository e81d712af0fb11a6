//! The voxels of a channel, read from the file as they are asked for.

use std::ops::Range;
use std::path::PathBuf;

use ndarray::{Array3, CowArray, Ix3};

use super::{Dataset, Window};
use crate::data::{VoxelError, Voxels};
use crate::unit::Unit;

/// A channel of three dimensions of an opened file.
pub struct FileVoxels {
    /// The file.
    pub dataset: Dataset,
    /// Its channel.
    pub channel: usize,
    /// Unit of the numbers where the file has none.
    pub unit: Option<Unit>,
    /// Where the file is, for messages.
    pub path: PathBuf,
}

impl Voxels for FileVoxels {
    fn planes(&self, range: Range<usize>) -> Result<CowArray<'_, f64, Ix3>, VoxelError> {
        let fail = |what: String| VoxelError(format!("planes {} to {}: {what}", range.start, range.end));
        let shape = match self.dataset.channels().get(self.channel).map(|c| c.shape.as_slice()) {
            Some(&[_, ny, nx]) => [range.len(), ny, nx],
            _ => return Err(fail(format!("{}: there is no such volume", self.path.display()))),
        };
        let window = Window::new([range.clone(), 0..shape[1], 0..shape[2]]);
        let read = self.dataset.window(self.channel, &window);
        let mut values = read.map_err(|e| fail(e.in_file(&self.path).to_string()))?;
        self.dataset.release();
        for v in &mut values {
            if let Some(unit) = &self.unit {
                *v = unit.to_si(*v);
            }
            // Not finite is not valid.
            if !v.is_finite() {
                *v = f64::NAN;
            }
        }
        let values = Array3::from_shape_vec(shape, values).map_err(|e| fail(e.to_string()))?;
        Ok(values.into())
    }
}
