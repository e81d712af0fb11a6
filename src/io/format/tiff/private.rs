//! Private tags, in which instruments hide their numbers or how to read them: whose they are, and what stands in them.

use ::tiff::tags::Tag;

use crate::io::ReadError;

use super::ID;
use super::directory::{Directory, Header};

/// Whose private tags a TIFF has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::io::format) enum Vendor {
    Jpk,
    Park,
}

/// Park's `MagicNumber` tag and what stands in it.
const PARK_MAGIC: (u16, f64) = (50432, 0x0E03_1301 as f64);

/// Whose file it is by its first page; `None` for plain TIFF and anything else.
pub(in crate::io::format) fn vendor(bytes: &[u8]) -> Option<Vendor> {
    if !bytes.starts_with(b"II") && !bytes.starts_with(b"MM") {
        return None;
    }
    let header = Header::read(bytes).ok()?;
    let first = header.first_directory(bytes)?;
    let tags = Tags { bytes, header, directory: &first };
    if tags.number(PARK_MAGIC.0) == Some(PARK_MAGIC.1) {
        return Some(Vendor::Park);
    }
    // File format version and extent of the grid; or, where there is no thumbnail, a channel with its slots.
    let jpk = tags.has(0x8000) && tags.has(0x8042) && tags.has(0x8043) || tags.has(0x8050) && tags.has(0x8080);
    jpk.then_some(Vendor::Jpk)
}

/// Refuses files whose numbers are elsewhere than in their pages.
pub(super) fn refuse(bytes: &[u8]) -> Result<(), ReadError> {
    let (whose, id) = match vendor(bytes) {
        None => return Ok(()),
        Some(Vendor::Jpk) => ("a JPK image, whose scaling is", "jpk"),
        Some(Vendor::Park) => ("a Park Systems image, whose values are", "park"),
    };
    Err(ReadError::new(ID, format!("{whose} in private tags")).hint(format!("leave out the format, or say `{id}`")))
}

/// The tags of one page by their numbers.
#[derive(Clone, Copy)]
pub(in crate::io::format) struct Tags<'a> {
    pub bytes: &'a [u8],
    pub header: Header,
    pub directory: &'a Directory,
}

impl<'a> Tags<'a> {
    pub(in crate::io::format) fn has(&self, id: u16) -> bool {
        self.directory.has(id)
    }

    /// The first number of an entry.
    pub(in crate::io::format) fn number(&self, id: u16) -> Option<f64> {
        self.directory.find(tag(id))?.number(self.bytes, self.header.endian)
    }

    /// A text without blanks around it.
    pub(in crate::io::format) fn text(&self, id: u16) -> Option<String> {
        Some(self.directory.text(self.bytes, tag(id))?.trim().to_string())
    }

    /// Where the values of an entry begin, and their bytes; `None` where they lie outside of the file.
    pub(in crate::io::format) fn raw(&self, id: u16) -> Option<(usize, &'a [u8])> {
        let entry = self.directory.find(tag(id))?;
        Some((entry.at, self.bytes.get(entry.at..entry.at.checked_add(entry.length()?)?)?))
    }
}

fn tag(id: u16) -> Tag {
    Tag::from_u16_exhaustive(id)
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
        let header = Header::read(&b).unwrap();
        let directory = header.first_directory(&b).unwrap();
        let tags = Tags { bytes: &b, header, directory: &directory };
        assert_eq!((tags.text(0x8050).unwrap().as_str(), tags.raw(0x8050).unwrap().0), ("Phase", 50));
        assert_eq!((tags.number(0x8051), tags.number(0x8052)), (Some(-1.0), None));
        assert_eq!((vendor(&b), vendor(&b[..20]), vendor(b"II*\0")), (Some(Vendor::Park), None, None));
        assert!(refuse(&b).is_err());
    }
}
