//! Numbers of regions of a volume as runs along x in a file: a few bytes a region's row instead of four a voxel.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use softspot_data::{VoxelError, Voxels};

const MAGIC: &[u8; 16] = b"softspot runs 1\n";
/// Number that stands for invalid voxels.
pub const INVALID: u32 = u32::MAX;
/// Row, first voxel, one past the last, number of the region: 32 bits each.
const RUN: usize = 16;

/// Writes planes one after the other.
pub struct LabelWriter {
    file: BufWriter<File>,
    path: PathBuf,
    shape: [usize; 3],
    /// Where each plane begins.
    planes: Vec<u64>,
    at: u64,
}

impl LabelWriter {
    /// A new file for a volume of that shape.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(path: &Path, shape: [usize; 3]) -> std::io::Result<LabelWriter> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        file.write_all(MAGIC)?;
        for n in shape {
            file.write_all(&(n as u64).to_le_bytes())?;
        }
        Ok(LabelWriter { file, path: path.to_path_buf(), shape, planes: Vec::new(), at: 40 })
    }

    /// The runs of the next plane: row, first voxel, one past the last, number of the region from 1, or [`INVALID`].
    ///
    /// # Errors
    /// What the system says.
    pub fn plane(&mut self, runs: impl Iterator<Item = [u32; 4]>) -> std::io::Result<()> {
        self.planes.push(self.at);
        for run in runs {
            for v in run {
                self.file.write_all(&v.to_le_bytes())?;
            }
            self.at += RUN as u64;
        }
        Ok(())
    }

    /// Writes where the planes are and opens the file for reading.
    ///
    /// # Errors
    /// What the system says; planes that are missing.
    pub fn finish(mut self) -> std::io::Result<LabelFile> {
        if self.planes.len() != self.shape[0] {
            return Err(std::io::Error::other("planes of labels are missing"));
        }
        self.planes.push(self.at);
        for at in &self.planes {
            self.file.write_all(&at.to_le_bytes())?;
        }
        self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_data()?;
        LabelFile::open(&self.path)
    }
}

/// Labels that are read from their file plane by plane.
pub struct LabelFile {
    file: Mutex<File>,
    path: PathBuf,
    shape: [usize; 3],
    planes: Vec<u64>,
}

impl LabelFile {
    /// Opens a file of [`LabelWriter`].
    ///
    /// # Errors
    /// What the system says; a file that is none.
    pub fn open(path: &Path) -> std::io::Result<LabelFile> {
        let wrong = || std::io::Error::other("this is no file of labels");
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut head = [0u8; 40];
        file.read_exact(&mut head)?;
        if &head[..16] != MAGIC {
            return Err(wrong());
        }
        let number = |k: usize| {
            let bytes: [u8; 8] = head[16 + 8 * k..24 + 8 * k].try_into().unwrap_or_default();
            u64::from_le_bytes(bytes)
        };
        let shape = [number(0), number(1), number(2)];
        let index = shape[0].checked_add(1).and_then(|n| n.checked_mul(8)).filter(|n| n + 40 <= length);
        let index = index.ok_or_else(wrong)?;
        file.seek(SeekFrom::Start(length - index))?;
        let mut bytes = vec![0u8; usize::try_from(index).map_err(|_| wrong())?];
        file.read_exact(&mut bytes)?;
        let planes: Vec<u64> = bytes.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b)).collect();
        if planes.first() != Some(&40) || planes.last() != Some(&(length - index)) || !planes.is_sorted() {
            return Err(wrong());
        }
        let shape = shape.map(|n| n as usize);
        Ok(LabelFile { file: Mutex::new(file), path: path.to_path_buf(), shape, planes })
    }

    /// Voxels along z, y and x.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    fn read(&self, planes: Range<usize>) -> std::io::Result<(Vec<u8>, Vec<usize>)> {
        let (from, to) = (self.planes[planes.start], self.planes[planes.end]);
        let mut bytes = vec![0u8; (to - from) as usize];
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut bytes)?;
        let starts = self.planes[planes.start..=planes.end].iter().map(|at| (at - from) as usize).collect();
        Ok((bytes, starts))
    }
}

impl Voxels for LabelFile {
    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<(), VoxelError> {
        let [_, ny, nx] = self.shape;
        let fail = |what: String| VoxelError(format!("{}: {what}; run again with --force", self.path.display()));
        let (bytes, starts) = self.read(range.clone()).map_err(|e| fail(e.to_string()))?;
        out.par_chunks_mut((ny * nx).max(1)).enumerate().try_for_each(|(z, plane)| {
            plane.fill(0.0);
            for run in bytes[starts[z]..starts[z + 1]].as_chunks::<RUN>().0 {
                let word = |k: usize| u32::from_le_bytes([run[k], run[k + 1], run[k + 2], run[k + 3]]);
                let (y, first, end, region) = (word(0) as usize, word(4) as usize, word(8) as usize, word(12));
                if y >= ny || first > end || end > nx {
                    return Err(fail("labels lie outside of the volume".into()));
                }
                let value = if region == INVALID { f64::NAN } else { f64::from(region) };
                plane[y * nx + first..y * nx + end].fill(value);
            }
            Ok(())
        })
    }

    fn stored(&self) -> Option<&Path> {
        Some(&self.path)
    }
}
