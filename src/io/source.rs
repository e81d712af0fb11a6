//! The bytes of a file, held in memory or mapped.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ReadError;

/// Files above this size are mapped instead of read.
const MAP_FROM: u64 = 1 << 20;

enum Bytes {
    Owned(Vec<u8>),
    Mapped(memmap2::Mmap),
}

/// A file's bytes; cheap to clone.
#[derive(Clone)]
pub struct Source {
    path: PathBuf,
    bytes: Arc<Bytes>,
}

impl Source {
    /// Opens a file.
    ///
    /// # Errors
    /// [`ReadError`] if it does not exist, is a folder, or cannot be read.
    pub fn open(path: &Path) -> Result<Source, ReadError> {
        let fail = |e: std::io::Error| unreadable(path, &e);
        let length = regular(path)?;
        let bytes = if length >= MAP_FROM {
            map(path).map_err(fail)?
        } else {
            Bytes::Owned(std::fs::read(path).map_err(fail)?)
        };
        Ok(Source { path: path.to_path_buf(), bytes: Arc::new(bytes) })
    }

    /// Bytes that are in memory already, under a name for messages.
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Source {
        Source { path: path.to_path_buf(), bytes: Arc::new(Bytes::Owned(bytes)) }
    }

    /// Where they come from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        match &*self.bytes {
            Bytes::Owned(v) => v,
            Bytes::Mapped(m) => m,
        }
    }
}

/// Length of a regular file: what is no file (a pipe, a device) might never end and is not opened.
///
/// # Errors
/// [`ReadError`] if it does not exist, cannot be reached, or is no file.
pub(crate) fn regular(path: &Path) -> Result<u64, ReadError> {
    let meta = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    if meta.is_dir() {
        return Err(ReadError::new("", "is a folder, not a file").in_file(path).hint("name a file in it"));
    }
    if !meta.is_file() {
        let hint = "save the data as a file and name that";
        return Err(ReadError::new("", "is not a regular file").in_file(path).hint(hint));
    }
    Ok(meta.len())
}

/// What the system said of a file, with the remedy.
pub(crate) fn unreadable(path: &Path, e: &std::io::Error) -> ReadError {
    let hint = match e.kind() {
        std::io::ErrorKind::NotFound if path.to_string_lossy().contains("{}") => {
            "`{}` stands for what matches only where the sample's name has a `*`"
        }
        std::io::ErrorKind::NotFound => "check the path; it is relative to the definition",
        std::io::ErrorKind::PermissionDenied => "ask for the right to read it",
        _ => "check the path and what it leads to",
    };
    ReadError::new("", format!("cannot be read: {e}")).in_file(path).hint(hint)
}

#[allow(unsafe_code)]
fn map(path: &Path) -> std::io::Result<Bytes> {
    let file = File::open(path)?;
    // SAFETY: the map is read-only and private to this process. A file that another program shortens while it is
    // mapped would end the process; instrument files are written once, and results are never mapped.
    let mapped = unsafe { memmap2::MmapOptions::new().map(&file)? };
    Ok(Bytes::Mapped(mapped))
}
