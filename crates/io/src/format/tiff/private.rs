//! Private tags, in which instruments hide their numbers; and whose file it is, told before anything is decoded.

use crate::ReadError;
use crate::cursor::Sample;
use crate::format::text::encoding;

use super::directory::{Directory, Entry, Header};
use super::page::Page;

/// Directories looked at; a scan has a few dozen channels.
const MOST: usize = 4096;

/// The tags of one page, with the bytes their values lie in.
#[derive(Clone, Debug)]
pub(in crate::format) struct Tags<'a> {
    bytes: &'a [u8],
    header: Header,
    directory: Directory,
}

/// Whose private tags a TIFF has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Vendor {
    Jpk,
    Park,
}

/// Park's `MagicNumber` tag and what stands in it.
pub(in crate::format) const PARK_MAGIC: (u16, f64) = (50432, 0x0E03_1301 as f64);

/// Whose file it is by its first directory; `None` for plain TIFF and anything else.
pub(in crate::format) fn vendor(bytes: &[u8]) -> Option<Vendor> {
    let header = Header::read(bytes).ok()?;
    let (directory, _) = header.first_directory(bytes).ok()?;
    let first = Tags { bytes, header, directory };
    if first.number(PARK_MAGIC.0) == Some(PARK_MAGIC.1) {
        return Some(Vendor::Park);
    }
    // File format version and extent of the grid; or, where there is no thumbnail, a channel with its slots.
    let jpk = first.has(0x8000) && first.has(0x8042) && first.has(0x8043) || first.has(0x8050) && first.has(0x8080);
    jpk.then_some(Vendor::Jpk)
}

/// Every page's tags.
///
/// # Errors
/// [`ReadError`] if the chain of directories is broken.
pub(in crate::format) fn all(bytes: &[u8]) -> Result<Vec<Tags<'_>>, ReadError> {
    let header = Header::read(bytes)?;
    let directories = header.directories(bytes, MOST)?;
    Ok(directories.into_iter().map(|directory| Tags { bytes, header, directory }).collect())
}

impl<'a> Tags<'a> {
    /// The byte at which the file ends.
    pub(in crate::format) fn end(&self) -> usize {
        self.bytes.len()
    }

    /// The page that these tags describe.
    ///
    /// # Errors
    /// [`ReadError`] if its pixels are of a kind that is not read, or more than the file can hold.
    pub(in crate::format) fn page(&self) -> Result<Page, ReadError> {
        Page::read(&self.directory, self.header, self.bytes)
    }

    /// Byte order and width of offsets.
    pub(in crate::format) fn header(&self) -> Header {
        self.header
    }

    pub(in crate::format) fn has(&self, id: u16) -> bool {
        self.directory.has(id)
    }

    fn entry(&self, id: u16) -> Option<Entry> {
        self.directory.entry(id)
    }

    /// Byte of the first value of an entry.
    pub(in crate::format) fn at(&self, id: u16) -> Option<usize> {
        self.entry(id).map(|e| e.at)
    }

    /// The bytes of an entry; `None` where they lie outside of the file.
    pub(in crate::format) fn raw(&self, id: u16) -> Option<&'a [u8]> {
        let entry = self.entry(id)?;
        let n = usize::try_from(entry.bytes()?).ok()?;
        self.bytes.get(entry.at..entry.at.checked_add(n)?)
    }

    /// The first number of an entry.
    pub(in crate::format) fn number(&self, id: u16) -> Option<f64> {
        let sample = match self.entry(id)?.kind {
            1 | 7 => Sample::U8,
            3 => Sample::U16,
            4 => Sample::U32,
            6 => Sample::I8,
            8 => Sample::I16,
            9 => Sample::I32,
            11 => Sample::F32,
            12 => Sample::F64,
            _ => return None,
        };
        let first = self.raw(id)?.get(..sample.size())?;
        sample.decode(first, self.header.endian, 1.0, 0.0).first().copied()
    }

    /// A text, up to its end or its first NUL.
    pub(in crate::format) fn text(&self, id: u16) -> Option<String> {
        self.entry(id).filter(|e| e.kind == 2)?;
        let raw = self.raw(id)?;
        let end = raw.iter().position(|b| *b == 0).unwrap_or(raw.len());
        Some(encoding::field(raw.get(..end)?).trim().to_string())
    }

    /// An entry as people read it: a text, or its first number where it has but one.
    pub(in crate::format) fn shown(&self, id: u16) -> Option<String> {
        let entry = self.entry(id)?;
        match entry.kind {
            2 => self.text(id),
            _ if entry.count == 1 => self.number(id).map(|v| v.to_string()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_place_and_elsewhere() {
        let mut b = b"MM\0*\0\0\0\x08".to_vec();
        b.extend([0, 3]);
        b.extend([0xc5, 0x00, 0, 4, 0, 0, 0, 1, 0x0e, 0x03, 0x13, 0x01]);
        b.extend([0x80, 0x50, 0, 2, 0, 0, 0, 6, 0, 0, 0, 50]);
        b.extend([0x80, 0x51, 0, 8, 0, 0, 0, 1, 0xff, 0xff, 0, 0]);
        b.extend([0, 0, 0, 0]);
        b.extend(b"Phase\0");
        let d = all(&b).unwrap();
        assert_eq!(d.len(), 1);
        assert_eq!(d[0].text(0x8050).unwrap(), "Phase");
        assert_eq!((d[0].number(0x8051), d[0].number(0x8050)), (Some(-1.0), None));
        assert_eq!(vendor(&b), Some(Vendor::Park));
        assert!(all(&b[..20]).is_err() && all(b"II*\0").is_err());
    }
}
