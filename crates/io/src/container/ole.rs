//! OLE compound files: streams in storages, as in a file system.

use std::io::{Cursor, Read};
use std::sync::Mutex;

use super::Shared;
use crate::{ReadError, Source};

const SIGNATURE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// Streams that are listed.
const ENTRIES: usize = 200_000;

/// Whether it is a compound file.
pub(crate) fn is_compound(source: &Source) -> bool {
    source.head().starts_with(SIGNATURE)
}

/// An opened file; its directory is read once.
pub(crate) struct Compound {
    format: &'static str,
    /// Bytes of the whole file: no stream is longer.
    length: u64,
    file: Mutex<cfb::CompoundFile<Cursor<Shared>>>,
}

impl Compound {
    /// Reads the directory.
    ///
    /// # Errors
    /// [`ReadError`] if it is broken.
    pub(crate) fn open(format: &'static str, source: &Source) -> Result<Compound, ReadError> {
        let file = cfb::CompoundFile::open(Cursor::new(Shared(source.clone()))).map_err(|e| {
            ReadError::new(format, format!("the compound file is broken: {e}"))
                .at(source.bytes().len())
                .hint("copy the file again")
        })?;
        Ok(Compound { format, length: source.bytes().len() as u64, file: Mutex::new(file) })
    }

    /// Paths of the streams, joined by `/`, in the order of the directory.
    pub(crate) fn names(&self) -> Vec<String> {
        let file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let path = |e: cfb::Entry| e.path().to_string_lossy().trim_start_matches('/').to_string();
        file.walk().take(ENTRIES).filter(cfb::Entry::is_stream).map(path).collect()
    }

    /// All bytes of a stream; `None` where there is none of that path.
    ///
    /// # Errors
    /// [`ReadError`] if it is broken.
    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let fail = |e: std::io::Error| {
            ReadError::new(self.format, format!("the stream `{path}` cannot be read: {e}")).hint("copy the file again")
        };
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !file.is_stream(path) {
            return Ok(None);
        }
        let stream = file.open_stream(path).map_err(fail)?;
        if stream.len() > self.length {
            let what = format!("the stream `{path}` claims {} bytes in a file of {}", stream.len(), self.length);
            return Err(ReadError::new(self.format, what).hint("the file is damaged; copy it again"));
        }
        let mut out = Vec::new();
        let length = self.length;
        stream.take(length).read_to_end(&mut out).map_err(fail)?;
        Ok(Some(out))
    }

    /// Bytes of a stream by its directory entry; `None` where there is none of that path.
    pub(crate) fn length(&self, path: &str) -> Option<u64> {
        let file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.entry(path).ok().filter(cfb::Entry::is_stream).map(|e| e.len())
    }
}
