//! The records that an ARDF file is made of, and the tables among them.

use super::ID;
use crate::cursor::{Cursor, Endian};
use crate::{ReadError, format::text::encoding};

/// Bytes before the content of a record: checksum, size, tag, flags.
pub(super) const HEAD: usize = 16;
/// Bytes before the slots of a table.
pub(super) const TABLE: usize = 32;
/// Slots of a table.
const SLOTS: usize = 1 << 24;

/// A record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    /// Where it begins.
    pub at: usize,
    /// Bytes of it.
    pub size: usize,
    pub tag: [u8; 4],
}

impl<'a> Record<'a> {
    /// The record at a place; `None` where a slot of zeros is.
    ///
    /// # Errors
    /// [`ReadError`] if the file ends before it.
    pub(super) fn at(bytes: &'a [u8], at: usize) -> Result<Option<Record<'a>>, ReadError> {
        let mut c = Cursor::new(ID, bytes, Endian::Little);
        c.seek(at)?;
        c.u32()?;
        let size = c.u32()? as usize;
        let tag = *c.take(4)?.first_chunk::<4>().unwrap_or(&[0; 4]);
        if tag == [0; 4] {
            return Ok(None);
        }
        c.seek(at)?;
        if size < HEAD || c.remaining() < size {
            let what = format!("a record `{}` of {size} bytes", String::from_utf8_lossy(&tag));
            return Err(c.fail(&what));
        }
        Ok(Some(Record { bytes, at, size, tag }))
    }

    /// The record that must be there.
    ///
    /// # Errors
    /// [`ReadError`] if another one is.
    pub(super) fn expect(bytes: &'a [u8], at: usize, tag: &[u8; 4]) -> Result<Record<'a>, ReadError> {
        let found = Record::at(bytes, at)?;
        found.filter(|r| &r.tag == tag).ok_or_else(|| {
            let name = |t: &[u8]| String::from_utf8_lossy(t).into_owned();
            let what = match found {
                Some(r) => format!("a record `{}` stands where `{}` should", name(&r.tag), name(tag)),
                None => format!("nothing stands where a record `{}` should", name(tag)),
            };
            ReadError::new(ID, what).at(at).hint("the file is damaged; copy it again")
        })
    }

    /// Behind the record.
    pub(super) fn end(&self) -> usize {
        self.at + self.size
    }

    /// Its content from a byte of the record on.
    pub(super) fn cursor(&self, from: usize) -> Result<Cursor<'a>, ReadError> {
        let mut c = Cursor::new(ID, self.bytes.get(..self.end()).unwrap_or_default(), Endian::Little);
        c.seek(self.at + from)?;
        Ok(c)
    }

    /// A text of fixed length, filled with zeros.
    pub(super) fn text(&self, from: usize, length: usize) -> Result<String, ReadError> {
        let raw = self.cursor(from)?.take(length)?;
        let end = raw.iter().position(|b| *b == 0).unwrap_or(raw.len());
        Ok(encoding::field(raw.get(..end).unwrap_or_default()).trim().to_string())
    }

    /// A pointer or a count of eight bytes.
    pub(super) fn long(&self, from: usize) -> Result<usize, ReadError> {
        let raw = self.cursor(from)?.take(8)?;
        let value = raw.first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b));
        Ok(usize::try_from(value).unwrap_or(usize::MAX))
    }
}

/// A table: slots of equal length, the unused ones zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    pub at: usize,
    pub slots: usize,
    pub stride: usize,
}

impl<'a> Table<'a> {
    /// The table that must be there.
    ///
    /// # Errors
    /// [`ReadError`] if another record is, or the file ends before its slots.
    pub(super) fn expect(bytes: &'a [u8], at: usize, tag: &[u8; 4]) -> Result<Table<'a>, ReadError> {
        let head = Record::expect(bytes, at, tag)?;
        let mut c = head.cursor(HEAD + 8)?;
        let (slots, stride) = (c.u32()? as usize, c.u32()? as usize);
        let table = Table { bytes, at, slots, stride };
        if stride < HEAD || slots > SLOTS || table.end() > bytes.len() {
            let what = format!("a table `{}` of {slots} slots of {stride} bytes", String::from_utf8_lossy(tag));
            return Err(c.fail(&what));
        }
        Ok(table)
    }

    /// Behind its last slot.
    pub(super) fn end(&self) -> usize {
        self.at + TABLE + self.slots * self.stride
    }

    /// Where a slot begins.
    pub(super) fn slot(&self, i: usize) -> usize {
        self.at + TABLE + i * self.stride
    }

    /// The slots in use.
    pub(super) fn used(self) -> impl Iterator<Item = Record<'a>> {
        (0..self.slots).filter_map(move |i| Record::at(self.bytes, self.slot(i)).ok().flatten())
    }
}
