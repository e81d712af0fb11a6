//! The voxels of a channel, read from the file as they are asked for.

use std::ops::Range;
use std::path::PathBuf;

use rayon::prelude::*;

use super::{Dataset, Window};
use softspot_data::unit::Unit;
use softspot_data::{VoxelError, Voxels};

/// Numbers that one thread looks through at a time.
const PART: usize = 1 << 16;

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
    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<(), VoxelError> {
        let fail = |what: String| VoxelError(format!("planes {} to {}: {what}", range.start, range.end));
        let shape = match self.dataset.channels().get(self.channel).map(|c| c.shape.as_slice()) {
            Some(&[_, ny, nx]) => [ny, nx],
            _ => return Err(fail(format!("{}: there is no such volume", self.path.display()))),
        };
        let window = Window::new([range.clone(), 0..shape[0], 0..shape[1]]);
        let read = self.dataset.window_into(self.channel, &window, out);
        read.map_err(|e| fail(e.in_file(&self.path).to_string()))?;
        self.dataset.release();
        out.par_chunks_mut(PART).for_each(|part| {
            if let Some(unit) = &self.unit {
                part.iter_mut().for_each(|v| *v = unit.to_si(*v));
            }
            // Not finite is not valid.
            part.iter_mut().for_each(|v| *v = if v.is_finite() { *v } else { f64::NAN });
        });
        Ok(())
    }
}
