//! Who feeds reducers: blocks as large as the memory allows, each shared among threads, partials merged in order.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ndarray::{ArrayView3, s};
use rayon::prelude::*;

use super::{Block, Reducer};
use softspot_data::{Volume, VoxelError};

/// Bytes of memory that a voxel of a block takes: the number, what a reader makes of it, what a reducer keeps beside it.
const BYTES_A_VOXEL: u64 = 16;

/// Time between two stored partials.
const SAVE_EVERY: Duration = Duration::from_secs(20);

/// How a volume is gone through.
pub struct Drive<'a> {
    /// Bytes that blocks may take.
    pub memory: u64,
    /// Planes of a block instead, whatever they take.
    pub planes: Option<usize>,
    /// Asked between blocks; true ends the work.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told how many planes of how many are done.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
    /// Where partials are kept so that an interrupted run goes on: a file of its own for each pass.
    pub save: Option<PathBuf>,
}

/// A pass that did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReduceError {
    /// Numbers that cannot be read.
    #[error(transparent)]
    Voxels(#[from] VoxelError),
    /// A block of the least thickness does not fit.
    #[error(
        "one block of this volume takes {need}, and the memory allowed is {budget}; allow more with --memory {need}"
    )]
    Budget {
        /// What is needed.
        need: String,
        /// What may be taken.
        budget: String,
    },
    /// A partial that cannot be stored.
    #[error(
        "{path}: the state of the run cannot be stored: {what}; make room there or choose another folder with --out"
    )]
    Save {
        /// The file.
        path: String,
        /// What the system said.
        what: String,
    },
    /// The user ended it.
    #[error("interrupted")]
    Cancelled,
}

/// A partial on disk: how far it goes, and what it is.
#[derive(serde::Serialize, serde::Deserialize)]
struct Checkpoint<P> {
    /// Planes that are in it.
    planes: usize,
    /// What is known of them.
    partial: P,
}

impl Drive<'_> {
    /// With all memory, no end and no place for partials.
    pub fn simple() -> Drive<'static> {
        Drive { memory: u64::MAX, planes: None, cancelled: &|| false, progress: &|_, _| {}, save: None }
    }

    /// Planes of a block of a volume of that shape, which is read with `halo` planes around each.
    ///
    /// # Errors
    /// [`ReduceError::Budget`] if not even one plane fits.
    pub fn thickness(&self, shape: [usize; 3], halo: [usize; 2]) -> Result<usize, ReduceError> {
        if let Some(planes) = self.planes {
            return Ok(planes.max(1));
        }
        let plane = (shape[1] as u64).saturating_mul(shape[2] as u64).saturating_mul(BYTES_A_VOXEL).max(1);
        let halo = (halo[0] + halo[1]).min(shape[0].saturating_sub(1)) as u64;
        let fit = self.memory / plane;
        if fit <= halo {
            let need = (halo + 1).saturating_mul(plane);
            return Err(ReduceError::Budget { need: bytes(need), budget: format!("{} bytes", self.memory) });
        }
        Ok(usize::try_from(fit - halo).unwrap_or(usize::MAX))
    }
}

/// Bytes in words that `--memory` understands.
pub(crate) fn bytes(n: u64) -> String {
    const GIB: f64 = (1u64 << 30) as f64;
    let n = n as f64;
    if n >= GIB {
        // Rounded up, so that what is asked for is enough.
        format!("{:.1}GiB", (n / GIB * 10.0).ceil() / 10.0)
    } else {
        format!("{:.0}MiB", (n / f64::from(1 << 20)).ceil())
    }
}

/// Runs a reducer over a volume.
///
/// # Errors
/// [`ReduceError`] where a block does not fit, cannot be read, or the user ended it.
pub fn reduce<R: Reducer>(volume: &Volume, reducer: &R, drive: &Drive<'_>) -> Result<R::Output, ReduceError> {
    let [nz, ..] = volume.shape;
    let halo = reducer.halo();
    // What is in memory needs no blocks.
    let thick = if volume.held() && drive.planes.is_none() { nz } else { drive.thickness(volume.shape, halo)? };
    let (mut at, mut total) = match drive.save.as_deref().and_then(load::<R>) {
        Some(saved) if saved.planes <= nz => (saved.planes, saved.partial),
        _ => (0, reducer.empty()),
    };
    let fresh = at < nz;
    let mut saved = Instant::now();
    // Used again for every block: fresh memory is slow to touch.
    let mut memory: Vec<f64> = Vec::new();
    let mut there = 0..0usize;
    let save = |at: usize, total: R::Partial| -> Result<R::Partial, ReduceError> {
        let Some(path) = &drive.save else { return Ok(total) };
        store::<R>(path, at, total)
    };
    while at < nz {
        if (drive.cancelled)() {
            if at > 0 {
                save(at, total)?;
            }
            return Err(ReduceError::Cancelled);
        }
        let end = nz.min(at.saturating_add(thick));
        let (from, to) = (at.saturating_sub(halo[0]), nz.min(end.saturating_add(halo[1])));
        let planes = match volume.voxels().held() {
            Some(all) => all.slice_move(s![from..to, .., ..]),
            None => {
                // Planes that the block before had as well stay; the others follow them.
                let plane = volume.shape[1] * volume.shape[2];
                let kept = there.end.saturating_sub(from).min(to - from);
                let keep = (there.end - kept - there.start) * plane..(there.end - there.start) * plane;
                memory.copy_within(keep, 0);
                memory.resize((to - from) * plane, 0.0);
                // The last planes may have been there as what lies behind the block before.
                if kept < to - from {
                    volume.voxels().read(from + kept..to, &mut memory[kept * plane..])?;
                }
                there = from..to;
                let shape = (to - from, volume.shape[1], volume.shape[2]);
                ArrayView3::from_shape(shape, &memory).map_err(|e| VoxelError(e.to_string()))?
            }
        };
        // Where the block is cut among threads changes nothing: that is the law of reducers.
        // Thin shares look at the planes around them once more each, so they are thin only where threads would be idle.
        let (threads, n) = (rayon::current_num_threads(), end - at);
        let share = n.div_ceil(4 * threads).max((halo[0] + halo[1]).min(n.div_ceil(threads))).max(1);
        let parts: Vec<R::Partial> = (at..end)
            .step_by(share)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|first| {
                let last = end.min(first + share);
                let (low, high) = (first.saturating_sub(halo[0]), nz.min(last + halo[1]));
                let values = planes.slice(s![low - from..high - from, .., ..]);
                reducer.map(&Block { values, first: low, own: first..last, shape: volume.shape })
            })
            .collect();
        total = parts.into_iter().fold(total, |left, right| reducer.merge(left, right));
        at = end;
        (drive.progress)(at, nz);
        if at < nz && saved.elapsed() > SAVE_EVERY {
            total = save(at, total)?;
            saved = Instant::now();
        }
    }
    // Kept until who asked for it has stored what follows from this pass and the ones after it.
    let total = if fresh { save(nz, total)? } else { total };
    Ok(reducer.finish(total))
}

/// A stored partial, if there is one and it is whole.
fn load<R: Reducer>(path: &Path) -> Option<Checkpoint<R::Partial>> {
    let bytes = std::fs::read(path).ok()?;
    let (hash, body) = bytes.split_at_checked(32)?;
    if blake3::hash(body).as_bytes() != hash {
        return None;
    }
    postcard::from_bytes(body).ok()
}

/// Stores a partial beside and renames, and gives it back.
fn store<R: Reducer>(path: &Path, planes: usize, partial: R::Partial) -> Result<R::Partial, ReduceError> {
    let fail = |what: String| ReduceError::Save { path: path.display().to_string(), what };
    let saved = Checkpoint { planes, partial };
    let body = postcard::to_stdvec(&saved).map_err(|e| fail(e.to_string()))?;
    let beside = path.with_extension("part");
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut all = blake3::hash(&body).as_bytes().to_vec();
        all.extend_from_slice(&body);
        std::fs::write(&beside, all)?;
        std::fs::rename(&beside, path)
    };
    write().map_err(|e| {
        let _ = std::fs::remove_file(&beside);
        fail(e.to_string())
    })?;
    Ok(saved.partial)
}
