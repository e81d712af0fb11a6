//! Directories of a TIFF file, walked in its mapped bytes: cheap for stacks of thousands of pages.

use std::collections::BTreeSet;

use ::tiff::tags::Tag;

use crate::cursor::{Cursor, Endian};
use crate::{Metadata, ReadError};

use super::ID;

/// Numbers of a tag that are worth listing.
const LISTED: u64 = 16;
/// Bytes of a text that are kept.
const TEXT: usize = 1 << 20;
/// Tags from here on belong to whoever asked for the number.
const PRIVATE: u16 = 0x8000;

/// Byte order, width of offsets, and where the first directory is.
#[derive(Clone, Copy, Debug)]
pub(in crate::format) struct Header {
    pub endian: Endian,
    /// BigTIFF: offsets of eight bytes.
    pub big: bool,
    first: u64,
}

/// A tag: its type, how many values, where they are.
#[derive(Clone, Copy, Debug)]
pub(in crate::format) struct Entry {
    /// Number of the tag.
    pub tag: u16,
    pub kind: u16,
    pub count: u64,
    /// Byte of the first value.
    pub at: usize,
}

/// The tags of one page.
#[derive(Clone, Debug)]
pub(in crate::format) struct Directory {
    pub at: u64,
    entries: Vec<Entry>,
}

impl Header {
    /// Reads the first bytes of a file.
    ///
    /// # Errors
    /// [`ReadError`] if they are no TIFF header.
    pub(in crate::format) fn read(bytes: &[u8]) -> Result<Header, ReadError> {
        let endian = if bytes.starts_with(b"MM") { Endian::Big } else { Endian::Little };
        let mut c = Cursor::new(ID, bytes, endian);
        c.seek(2)?;
        match c.u16()? {
            42 => Ok(Header { endian, big: false, first: u64::from(c.u32()?) }),
            43 if c.u16()? == 8 && c.u16()? == 0 => Ok(Header { endian, big: true, first: c.u64()? }),
            _ => Err(c.fail("no TIFF header").hint("the file is damaged; copy it again")),
        }
    }

    /// The header as it would be if a directory were the first.
    pub(in crate::format) fn pointing_at(self, directory: u64) -> Vec<u8> {
        let order = |little: &[u8]| -> Vec<u8> {
            match self.endian {
                Endian::Little => little.to_vec(),
                Endian::Big => little.iter().rev().copied().collect(),
            }
        };
        let mark: &[u8] = if self.endian == Endian::Little { b"II" } else { b"MM" };
        if self.big {
            return [mark, &order(&[43, 0]), &order(&[8, 0]), &[0, 0], &order(&directory.to_le_bytes())].concat();
        }
        [mark, &order(&[42, 0]), &order(&(directory as u32).to_le_bytes())].concat()
    }

    /// All directories of the chain.
    ///
    /// # Errors
    /// [`ReadError`] if one is broken or there are more than `most`.
    pub(in crate::format) fn directories(self, bytes: &[u8], most: usize) -> Result<Vec<Directory>, ReadError> {
        let mut out = Vec::new();
        let mut seen = BTreeSet::new();
        let mut next = self.first;
        // Directories that lie in each other would cost the square of the file.
        let mut left = bytes.len() / 12;
        while next != 0 {
            // A chain that runs in a circle ends where it began.
            if !seen.insert(next) {
                break;
            }
            if out.len() >= most {
                return Err(ReadError::new(ID, format!("the file has more pages than the limit of {most}"))
                    .hint("split the stack"));
            }
            let (directory, after) = self.directory(bytes, next)?;
            left = left.checked_sub(directory.entries.len()).ok_or_else(|| {
                ReadError::new(ID, "the pages have more tags together than the file can hold")
                    .at(usize::try_from(next).unwrap_or(usize::MAX))
                    .hint("the file is damaged; copy it again")
            })?;
            out.push(directory);
            next = after;
        }
        if out.is_empty() {
            return Err(ReadError::new(ID, "the file has no page").hint("the file is damaged; copy it again"));
        }
        Ok(out)
    }

    /// The first directory, and where the next one is.
    ///
    /// # Errors
    /// [`ReadError`] if it is broken.
    pub(in crate::format) fn first_directory(self, bytes: &[u8]) -> Result<(Directory, u64), ReadError> {
        self.directory(bytes, self.first)
    }

    fn directory(self, bytes: &[u8], at: u64) -> Result<(Directory, u64), ReadError> {
        let mut c = Cursor::new(ID, bytes, self.endian);
        let here = usize::try_from(at).unwrap_or(usize::MAX);
        c.seek(here).map_err(|e| e.hint("the file is truncated; copy it again"))?;
        let n = if self.big { c.u64()? } else { u64::from(c.u16()?) };
        let (size, inline) = if self.big { (20, 8) } else { (12, 4) };
        if n.saturating_mul(size) > c.remaining() as u64 {
            return Err(c
                .fail("the file is truncated: a page has more tags than there are bytes")
                .hint("copy it again"));
        }
        let mut entries = Vec::with_capacity(n as usize);
        for _ in 0..n {
            let (tag, kind) = (c.u16()?, c.u16()?);
            let count = if self.big { c.u64()? } else { u64::from(c.u32()?) };
            let own = c.position();
            let value = if self.big { c.u64()? } else { u64::from(c.u32()?) };
            let fits = width(kind).checked_mul(count).is_some_and(|n| n <= inline);
            let at = if fits { own } else { usize::try_from(value).unwrap_or(usize::MAX) };
            entries.push(Entry { tag, kind, count, at });
        }
        let next = if self.big { c.u64()? } else { u64::from(c.u32()?) };
        Ok((Directory { at, entries }, next))
    }
}

/// Bytes of a value of that type; 0 of an unknown one.
fn width(kind: u16) -> u64 {
    match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 0,
    }
}

impl Entry {
    /// Bytes of all its values; `None` of an unknown type.
    pub(in crate::format) fn bytes(&self) -> Option<u64> {
        width(self.kind).checked_mul(self.count).filter(|_| width(self.kind) > 0)
    }

    /// The bytes of one integer of its type; `None` where it does not fit.
    pub(in crate::format) fn encoded(&self, value: u64, endian: Endian) -> Option<Vec<u8>> {
        let mut bytes = match self.kind {
            3 => u16::try_from(value).ok()?.to_le_bytes().to_vec(),
            4 => u32::try_from(value).ok()?.to_le_bytes().to_vec(),
            16 => value.to_le_bytes().to_vec(),
            _ => return None,
        };
        if endian == Endian::Big {
            bytes.reverse();
        }
        Some(bytes)
    }

    fn cursor<'a>(&self, bytes: &'a [u8], endian: Endian, i: u64) -> Option<Cursor<'a>> {
        let at = width(self.kind).checked_mul(i)?.checked_add(self.at as u64)?;
        let mut c = Cursor::new(ID, bytes, endian);
        c.seek(usize::try_from(at).ok()?).ok()?;
        (i < self.count).then_some(c)
    }

    /// Value `i`, if it is an unsigned integer.
    pub(in crate::format) fn unsigned(&self, bytes: &[u8], endian: Endian, i: u64) -> Option<u64> {
        let mut c = self.cursor(bytes, endian, i)?;
        match self.kind {
            1 | 7 => c.u8().ok().map(u64::from),
            3 => c.u16().ok().map(u64::from),
            4 | 13 => c.u32().ok().map(u64::from),
            16 | 18 => c.u64().ok(),
            _ => None,
        }
    }

    /// Value `i` as text.
    fn shown(&self, bytes: &[u8], endian: Endian, i: u64) -> Option<String> {
        let mut c = self.cursor(bytes, endian, i)?;
        match self.kind {
            5 => Some(format!("{}/{}", c.u32().ok()?, c.u32().ok()?)),
            6 => c.u8().ok().map(|v| (v as i8).to_string()),
            8 => c.i16().ok().map(|v| v.to_string()),
            9 => c.i32().ok().map(|v| v.to_string()),
            10 => Some(format!("{}/{}", c.i32().ok()?, c.i32().ok()?)),
            11 => c.f32().ok().map(|v| v.to_string()),
            12 => c.f64().ok().map(|v| v.to_string()),
            17 => c.i64().ok().map(|v| v.to_string()),
            _ => self.unsigned(bytes, endian, i).map(|v| v.to_string()),
        }
    }

    fn text(&self, bytes: &[u8]) -> Option<String> {
        let end = self.at.checked_add(usize::try_from(self.count).ok()?.min(TEXT))?;
        let raw = bytes.get(self.at..end)?;
        let raw = raw.split(|b| *b == 0).next().unwrap_or_default();
        // Old ImageJ writes Latin-1.
        Some(match std::str::from_utf8(raw) {
            Ok(t) => t.to_string(),
            Err(_) => raw.iter().map(|b| char::from(*b)).collect(),
        })
    }
}

impl Directory {
    /// The entry of a tag.
    pub(in crate::format) fn find(&self, tag: Tag) -> Option<Entry> {
        self.entry(tag.to_u16())
    }

    /// The entry of a tag's number.
    pub(in crate::format) fn entry(&self, id: u16) -> Option<Entry> {
        self.entries.iter().find(|e| e.tag == id).copied()
    }

    /// Whether it has a private tag.
    pub(in crate::format) fn has(&self, tag: u16) -> bool {
        self.entry(tag).is_some()
    }

    /// A text.
    pub(in crate::format) fn text(&self, bytes: &[u8], tag: Tag) -> Option<String> {
        self.find(tag).filter(|e| e.kind == 2)?.text(bytes)
    }

    /// The first standard tag whose values lie outside of the file.
    pub(in crate::format) fn cut_off(&self, bytes: &[u8]) -> Option<Entry> {
        let outside = |e: &Entry| e.bytes().is_some_and(|n| n.saturating_add(e.at as u64) > bytes.len() as u64);
        self.entries.iter().find(|e| e.tag < PRIVATE && outside(e)).copied()
    }

    /// A positive ratio.
    pub(in crate::format) fn ratio(&self, bytes: &[u8], endian: Endian, tag: Tag) -> Option<f64> {
        let mut c = self.find(tag).filter(|e| e.kind == 5)?.cursor(bytes, endian, 0)?;
        let (n, d) = (c.u32().ok()?, c.u32().ok()?);
        (n > 0 && d > 0).then(|| f64::from(n) / f64::from(d))
    }

    /// Every tag but long lists, by name.
    pub(in crate::format) fn metadata(&self, bytes: &[u8], endian: Endian) -> Metadata {
        let mut out: Metadata = self
            .entries
            .iter()
            .filter_map(|e| {
                let name = match Tag::from_u16_exhaustive(e.tag) {
                    Tag::Unknown(n) => format!("tag {n}"),
                    known => format!("{known:?}"),
                };
                let value = match e.kind {
                    2 => e.text(bytes)?,
                    _ if e.count > LISTED => format!("{} values", e.count),
                    _ => (0..e.count).filter_map(|i| e.shown(bytes, endian, i)).collect::<Vec<_>>().join(" "),
                };
                Some((name, value))
            })
            .collect();
        out.sort();
        out
    }
}
