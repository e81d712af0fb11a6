//! Image file directories of classic TIFF as they stand in the bytes: for the private tags in which instruments hide
//! their numbers, and to tell whose file it is before anything is decoded.

use crate::io::cursor::{Cursor, Endian, Sample};
use crate::io::format::text::encoding;

/// Directories looked at; a scan has a few dozen channels.
const MOST: usize = 4096;

/// One entry of a directory.
#[derive(Clone, Copy, Debug)]
pub(in crate::io::format) struct Tag {
    pub id: u16,
    kind: u16,
    pub count: usize,
    /// Byte of its first value.
    pub at: usize,
}

/// The tags of one page.
#[derive(Clone, Debug)]
pub(in crate::io::format) struct Directory<'a> {
    bytes: &'a [u8],
    endian: Endian,
    tags: Vec<Tag>,
}

/// Whose private tags a TIFF has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::io::format) enum Vendor {
    Jpk,
    Park,
}

/// Park's `MagicNumber` tag and what stands in it.
pub(in crate::io::format) const PARK_MAGIC: (u16, f64) = (50432, 0x0E03_1301 as f64);

/// Whose file it is by its first directory; `None` for plain TIFF and anything else.
pub(in crate::io::format) fn vendor(bytes: &[u8]) -> Option<Vendor> {
    let first = directories(bytes, 1).pop()?;
    if first.number(PARK_MAGIC.0) == Some(PARK_MAGIC.1) {
        return Some(Vendor::Park);
    }
    // File format version and extent of the grid; or, where there is no thumbnail, a channel with its slots.
    let jpk = first.has(0x8000) && first.has(0x8042) && first.has(0x8043) || first.has(0x8050) && first.has(0x8080);
    jpk.then_some(Vendor::Jpk)
}

/// Every directory, as far as they make sense.
pub(in crate::io::format) fn all(bytes: &[u8]) -> Vec<Directory<'_>> {
    directories(bytes, MOST)
}

fn directories(bytes: &[u8], most: usize) -> Vec<Directory<'_>> {
    let endian = match bytes.get(..4) {
        Some(b"II*\0") => Endian::Little,
        Some(b"MM\0*") => Endian::Big,
        _ => return Vec::new(),
    };
    let mut out: Vec<Directory<'_>> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut c = Cursor::new(super::ID, bytes, endian);
    let mut next = c.seek(4).and_then(|()| c.u32()).unwrap_or(0);
    // A chain that returns to itself ends there.
    while next != 0 && out.len() < most && seen.insert(next) {
        let Some((tags, after)) = tags(&mut c, next as usize) else { break };
        out.push(Directory { bytes, endian, tags });
        next = after;
    }
    out
}

fn tags(c: &mut Cursor<'_>, at: usize) -> Option<(Vec<Tag>, u32)> {
    c.seek(at).ok()?;
    let n = c.u16().ok()?;
    let mut tags = Vec::new();
    for _ in 0..n {
        let (id, kind, count) = (c.u16().ok()?, c.u16().ok()?, c.u32().ok()? as usize);
        let inline = c.position();
        let pointer = c.u32().ok()? as usize;
        let Some(size) = size(kind) else { continue };
        let at = if count.saturating_mul(size) <= 4 { inline } else { pointer };
        tags.push(Tag { id, kind, count, at });
    }
    // A last directory without the pointer behind it is whole all the same.
    Some((tags, c.u32().unwrap_or(0)))
}

fn size(kind: u16) -> Option<usize> {
    Some(match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 => 4,
        5 | 10 | 12 => 8,
        _ => return None,
    })
}

impl<'a> Directory<'a> {
    /// The entry of that number.
    pub(in crate::io::format) fn tag(&self, id: u16) -> Option<Tag> {
        self.tags.iter().find(|t| t.id == id).copied()
    }

    pub(in crate::io::format) fn has(&self, id: u16) -> bool {
        self.tag(id).is_some()
    }

    /// The bytes of an entry; `None` where they lie outside of the file.
    pub(in crate::io::format) fn raw(&self, id: u16) -> Option<&'a [u8]> {
        let tag = self.tag(id)?;
        let n = tag.count.checked_mul(size(tag.kind)?)?;
        self.bytes.get(tag.at..tag.at.checked_add(n)?)
    }

    /// The first number of an entry.
    pub(in crate::io::format) fn number(&self, id: u16) -> Option<f64> {
        let kind = self.tag(id)?.kind;
        let sample = match kind {
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
        sample.decode(first, self.endian, 1.0, 0.0).first().copied()
    }

    /// A text, up to its end or its first NUL.
    pub(in crate::io::format) fn text(&self, id: u16) -> Option<String> {
        if self.tag(id)?.kind != 2 {
            return None;
        }
        let raw = self.raw(id)?;
        let end = raw.iter().position(|b| *b == 0).unwrap_or(raw.len());
        Some(encoding::field(raw.get(..end)?).trim().to_string())
    }

    /// An entry as people read it: a text, or its first number where it has but one.
    pub(in crate::io::format) fn shown(&self, tag: &Tag) -> Option<String> {
        match tag.kind {
            2 => self.text(tag.id),
            _ if tag.count == 1 => self.number(tag.id).map(|v| v.to_string()),
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
        // The next directory is this one again.
        b.extend([0, 0, 0, 8]);
        b.extend(b"Phase\0");
        let d = all(&b);
        assert_eq!(d.len(), 1);
        assert_eq!(d[0].text(0x8050).unwrap(), "Phase");
        assert_eq!((d[0].number(0x8051), d[0].number(0x8050)), (Some(-1.0), None));
        assert_eq!(vendor(&b), Some(Vendor::Park));
        assert!(all(&b[..20]).is_empty() && all(b"II*\0").is_empty());
    }
}
