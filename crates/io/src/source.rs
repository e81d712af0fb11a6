//! The bytes of a file, held in memory or mapped; or a folder that is one dataset.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::{ReadError, container};

/// Files above this size are mapped instead of read.
const MAP_FROM: u64 = 1 << 20;
/// Mapped files above this size do not stay in memory behind a reader of parts.
const RELEASE_FROM: usize = 256 << 20;
/// Bytes that [`Source::head`] gives.
const HEAD: usize = 16 * 1024;
/// Files of a folder that are listed.
const ENTRIES: usize = 100_000;

enum Bytes {
    Owned(Vec<u8>),
    Mapped(memmap2::Mmap),
    /// Names of what the folder holds, sorted.
    Folder(Vec<String>),
}

struct Inner {
    path: PathBuf,
    bytes: Bytes,
    members: OnceLock<Vec<String>>,
}

/// A file's bytes, or a folder's entries; cheap to clone.
#[derive(Clone)]
pub struct Source(Arc<Inner>);

impl Source {
    /// Opens a file or a folder.
    ///
    /// # Errors
    /// [`ReadError`] if it does not exist, is neither, or cannot be read.
    pub fn open(path: &Path) -> Result<Source, ReadError> {
        let fail = |e: std::io::Error| unreadable(path, &e);
        if path.is_dir() {
            return Ok(Source::new(path, Bytes::Folder(entries(path).map_err(fail)?)));
        }
        let length = regular(path)?;
        let bytes = if length >= MAP_FROM {
            map(path).map_err(fail)?
        } else {
            Bytes::Owned(std::fs::read(path).map_err(fail)?)
        };
        Ok(Source::new(path, bytes))
    }

    /// Bytes that are in memory already, under a name for messages.
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Source {
        Source::new(path, Bytes::Owned(bytes))
    }

    fn new(path: &Path, bytes: Bytes) -> Source {
        Source(Arc::new(Inner { path: path.to_path_buf(), bytes, members: OnceLock::new() }))
    }

    /// Where they come from.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The file's name in lower case.
    pub fn name(&self) -> String {
        self.0.path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default()
    }

    /// All bytes; none of a folder.
    pub fn bytes(&self) -> &[u8] {
        match &self.0.bytes {
            Bytes::Owned(v) => v,
            Bytes::Mapped(m) => m,
            Bytes::Folder(_) => &[],
        }
    }

    /// Gives memory back that holds pages of a mapped file which were read; they are read anew when they are wanted.
    pub fn release(&self) {
        if let Bytes::Mapped(m) = &self.0.bytes
            && m.len() >= RELEASE_FROM
        {
            unload(m);
        }
    }

    /// The first 16 KiB.
    pub fn head(&self) -> &[u8] {
        let bytes = self.bytes();
        &bytes[..bytes.len().min(HEAD)]
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        matches!(self.0.bytes, Bytes::Folder(_))
    }

    /// Names of what a folder holds, sorted; none of a file.
    pub fn entries(&self) -> &[String] {
        match &self.0.bytes {
            Bytes::Folder(names) => names,
            _ => &[],
        }
    }

    /// Names of what is packed in the file: members of a zip archive, streams of an OLE file, links in the root of an
    /// HDF5 file. Empty for other files and for broken ones.
    pub fn members(&self) -> &[String] {
        self.0.members.get_or_init(|| container::members(self))
    }
}

fn entries(path: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)?.take(ENTRIES) {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Length of a regular file: what is no file (a pipe, a device) might never end and is not opened.
///
/// # Errors
/// [`ReadError`] if it does not exist, cannot be reached, or is no file.
pub fn regular(path: &Path) -> Result<u64, ReadError> {
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
pub fn unreadable(path: &Path, e: &std::io::Error) -> ReadError {
    let hint = match e.kind() {
        std::io::ErrorKind::NotFound if path.to_string_lossy().contains("{}") => {
            "`{}` stands for what matches only where the sample's name has a `*`"
        }
        std::io::ErrorKind::NotFound => "check the path; one in a definition is relative to the definition's folder",
        std::io::ErrorKind::PermissionDenied => "ask for the right to read it",
        _ => "check the path and what it leads to",
    };
    ReadError::new("", format!("cannot be read: {e}")).in_file(path).hint(hint)
}

#[cfg(unix)]
#[allow(unsafe_code)]
fn unload(map: &memmap2::Mmap) {
    // SAFETY: nobody writes to the map, so its pages are those of the file, now and when they are read again. Where the
    // system does not follow the advice nothing is lost.
    let _ = unsafe { map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
}

#[cfg(not(unix))]
fn unload(_: &memmap2::Mmap) {}

#[allow(unsafe_code)]
fn map(path: &Path) -> std::io::Result<Bytes> {
    let file = File::open(path)?;
    // SAFETY: the map is read-only and private to this process. A file that another program shortens while it is
    // mapped would end the process; instrument files are written once, and results are never mapped.
    let mapped = unsafe { memmap2::MmapOptions::new().map(&file)? };
    Ok(Bytes::Mapped(mapped))
}
