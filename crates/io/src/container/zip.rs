//! Zip archives, stored or deflated, with bounds on what they unfold to.

use std::io::{Cursor, Read};
use std::sync::Mutex;

use ::zip::{CompressionMethod, ZipArchive};

use super::Shared;
use crate::{Limits, ReadError, Source};

/// Deflate cannot do better; a claim beyond it is a lie.
const MAX_RATIO: u64 = 1100;

/// An opened archive; its directory is read once.
pub(crate) struct Archive {
    format: &'static str,
    zip: Mutex<ZipArchive<Cursor<Shared>>>,
}

impl Archive {
    /// Reads the directory.
    ///
    /// # Errors
    /// [`ReadError`] if it is broken.
    pub(crate) fn open(format: &'static str, source: &Source) -> Result<Archive, ReadError> {
        let zip = ZipArchive::new(Cursor::new(Shared(source.clone()))).map_err(|e| {
            ReadError::new(format, format!("the zip archive is broken: {e}"))
                .at(source.bytes().len())
                .hint("copy the file again")
        })?;
        Ok(Archive { format, zip: Mutex::new(zip) })
    }

    /// Names of the members, in the order of the directory.
    pub(crate) fn names(&self) -> Vec<String> {
        self.with(|zip| {
            // A name that is no text keeps its place, so that an index stays an index.
            zip.file_names().map(|n| n.map(std::borrow::Cow::into_owned).unwrap_or_default()).collect()
        })
    }

    /// The first `most` bytes of a member, or all that it has.
    ///
    /// # Errors
    /// [`ReadError`] if it is broken, encrypted, or packed by a method that is not read.
    pub(crate) fn start(&self, member: usize, most: usize) -> Result<Vec<u8>, ReadError> {
        self.with(|zip| {
            let entry = zip.by_index(member).map_err(|e| self.broken(&e))?;
            let mut out = Vec::new();
            entry.take(most as u64).read_to_end(&mut out).map_err(|e| self.broken(&e))?;
            Ok(out)
        })
    }

    /// Where a member lies in the file as it is; `None` where it is packed.
    ///
    /// # Errors
    /// [`ReadError`] if there is no such member.
    pub(crate) fn stored(&self, member: usize) -> Result<Option<usize>, ReadError> {
        self.with(|zip| {
            let entry = zip.by_index(member).map_err(|e| self.broken(&e))?;
            let plain = entry.compression() == CompressionMethod::Stored && !entry.encrypted();
            Ok(entry.data_start().filter(|_| plain).and_then(|at| usize::try_from(at).ok()))
        })
    }

    /// Hands the unfolded bytes of a member over as they come.
    ///
    /// # Errors
    /// As [`Archive::start`], and what `f` says.
    pub(crate) fn stream<T>(
        &self,
        member: usize,
        f: impl FnOnce(&mut dyn Read) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.with(|zip| f(&mut zip.by_index(member).map_err(|e| self.broken(&e))?))
    }

    fn broken(&self, e: &dyn std::fmt::Display) -> ReadError {
        ReadError::new(self.format, format!("a member of the zip archive cannot be read: {e}"))
            .hint("copy the file again")
    }

    /// All bytes of a member.
    ///
    /// # Errors
    /// As [`Archive::start`], and if it claims more than deflate can do or than the limit.
    pub(crate) fn read(&self, member: usize, limits: &Limits) -> Result<Vec<u8>, ReadError> {
        let size = self.size(member)?;
        if size > limits.inflated {
            let what = format!("a member of the zip archive unfolds to {size} bytes, more than the limit");
            return Err(ReadError::new(self.format, what));
        }
        // One byte more: the checksum is looked at where the member ends.
        let out = self.start(member, usize::try_from(size).unwrap_or(usize::MAX).saturating_add(1))?;
        if out.len() as u64 != size {
            let what = format!("a member of the zip archive has {} bytes, its directory says {size}", out.len());
            return Err(ReadError::new(self.format, what).hint("copy the file again"));
        }
        Ok(out)
    }

    /// Bytes of a member when unfolded, checked against what deflate can do.
    ///
    /// # Errors
    /// [`ReadError`] if there is no such member, or its claim is a lie.
    pub(crate) fn size(&self, member: usize) -> Result<u64, ReadError> {
        let (size, packed) = self.with(|zip| {
            let entry = zip.by_index_raw(member).map_err(|e| {
                ReadError::new(self.format, format!("the zip archive is broken: {e}")).hint("copy the file again")
            })?;
            Ok((entry.size(), entry.compressed_size()))
        })?;
        if size > packed.saturating_mul(MAX_RATIO).saturating_add(64) {
            let what = format!("a member of the zip archive claims {size} bytes in {packed}");
            return Err(ReadError::new(self.format, what).hint("the file is damaged; copy it again"));
        }
        Ok(size)
    }

    fn with<T>(&self, f: impl FnOnce(&mut ZipArchive<Cursor<Shared>>) -> T) -> T {
        // A panic while it was held would have poisoned it; the directory is not changed by reading.
        let mut zip = self.zip.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        f(&mut zip)
    }
}
