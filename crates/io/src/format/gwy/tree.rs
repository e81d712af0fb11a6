//! The serialised object tree of a Gwyddion file, without copying its arrays.
//!
//! An object is a NUL-terminated type name, a 32-bit size, and components up to that size: NUL-terminated name, one
//! character of type (`b` `c` `i` `q` `d` `s` `o`, capitals for arrays with a 32-bit count), value; little endian.
//! Under the magic `GWYO` the items of a `GwyContainer` are instead a 32-bit GLib type number, name and value.

use crate::cursor::{Cursor, Endian};
use crate::format::text::encoding;
use crate::{Limits, ReadError};

use super::ID;

/// Objects inside objects: Gwyddion writes four levels.
const MAX_DEPTH: usize = 24;

/// A typed record.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub kind: String,
    pub at: usize,
    pub items: Vec<(String, Item)>,
}

/// One component.
#[derive(Debug)]
pub(super) enum Item {
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(String),
    Object(Object),
    Objects(Vec<Object>),
    Texts(Vec<String>),
    /// Doubles left in the file.
    Doubles {
        at: usize,
        count: usize,
    },
    /// Any other array: only its length is of interest.
    Other {
        count: usize,
    },
}

impl Object {
    pub(super) fn get(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Item::Int(v) => Some(*v),
            _ => None,
        }
    }

    pub(super) fn double(&self, name: &str) -> Option<f64> {
        match self.get(name)? {
            Item::Double(v) => Some(*v),
            _ => None,
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Item::Text(v) => Some(v),
            _ => None,
        }
    }

    pub(super) fn object(&self, name: &str) -> Option<&Object> {
        match self.get(name)? {
            Item::Object(v) => Some(v),
            _ => None,
        }
    }
}

/// The walk over a file's bytes.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    old: bool,
    /// Components that may still come: a bound on memory, far above real files.
    left: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(bytes: &'a [u8], old: bool, limits: &Limits) -> Walk<'a> {
        Walk { bytes, old, left: limits.channels.saturating_mul(8) }
    }

    /// The object that starts at an offset.
    pub(super) fn root(&mut self, at: usize) -> Result<Object, ReadError> {
        let mut c = Cursor::new(ID, self.bytes, Endian::Little);
        c.seek(at)?;
        self.object(&mut c, 0)
    }

    fn object(&mut self, c: &mut Cursor<'a>, depth: usize) -> Result<Object, ReadError> {
        if depth > MAX_DEPTH {
            return Err(c.fail("objects are nested too deeply"));
        }
        let at = c.position();
        let kind = encoding::field(c.c_string()?);
        let size = c.u32()? as usize;
        let start = c.position();
        if size > c.remaining() {
            return Err(c
                .fail(&format!("the file is truncated: `{kind}` claims {size} bytes, {} are left", c.remaining()))
                .hint("copy the file again"));
        }
        let end = start + size;
        // The inner cursor ends with the object, so that no component can reach beyond it.
        let mut inner = Cursor::new(ID, self.bytes.get(..end).unwrap_or_default(), Endian::Little);
        inner.seek(start)?;
        let mut items = Vec::new();
        let by_number = self.old && kind == "GwyContainer";
        while inner.position() < end {
            self.left = self.left.checked_sub(1).ok_or_else(|| inner.fail("the file has too many components"))?;
            items.push(if by_number { self.numbered(&mut inner, depth)? } else { self.component(&mut inner, depth)? });
        }
        c.seek(end)?;
        Ok(Object { kind, at, items })
    }

    fn component(&mut self, c: &mut Cursor<'a>, depth: usize) -> Result<(String, Item), ReadError> {
        let name = encoding::field(c.c_string()?);
        let here = c.position();
        let item = match c.u8()? {
            b'b' => Item::Bool(c.u8()? != 0),
            b'c' => Item::Int(i64::from(c.u8()?)),
            b'i' => Item::Int(i64::from(c.i32()?)),
            b'q' => Item::Int(c.i64()?),
            b'd' => Item::Double(c.f64()?),
            b's' => Item::Text(encoding::field(c.c_string()?)),
            b'o' => Item::Object(self.object(c, depth + 1)?),
            b'C' => array(c, 1)?,
            b'I' => array(c, 4)?,
            b'Q' => array(c, 8)?,
            b'D' => {
                let Item::Other { count } = array(c, 8)? else { return Err(c.fail("an array has no length")) };
                Item::Doubles { at: c.position() - count * 8, count }
            }
            b'S' => {
                let n = c.u32()?;
                let mut out = Vec::new();
                for _ in 0..n {
                    out.push(encoding::field(c.c_string()?));
                }
                Item::Texts(out)
            }
            b'O' => {
                let n = c.u32()?;
                let mut out = Vec::new();
                for _ in 0..n {
                    self.left = self.left.checked_sub(1).ok_or_else(|| c.fail("the file has too many components"))?;
                    out.push(self.object(c, depth + 1)?);
                }
                Item::Objects(out)
            }
            other => {
                return Err(ReadError::new(ID, format!("`{name}` has the unknown component type {other:#04x}"))
                    .at(here)
                    .hint("the file is damaged; save it again in Gwyddion"));
            }
        };
        Ok((name, item))
    }

    fn numbered(&mut self, c: &mut Cursor<'a>, depth: usize) -> Result<(String, Item), ReadError> {
        let here = c.position();
        let kind = c.u32()?;
        let name = encoding::field(c.c_string()?);
        // GLib's fundamental types, shifted by two bits.
        let item = match kind >> 2 {
            3 | 4 => Item::Int(i64::from(c.u8()?)),
            5 => Item::Bool(c.u8()? != 0),
            6 | 7 => Item::Int(i64::from(c.i32()?)),
            10 | 11 => Item::Int(c.i64()?),
            15 => Item::Double(c.f64()?),
            16 => Item::Text(encoding::field(c.c_string()?)),
            20 => Item::Object(self.object(c, depth + 1)?),
            _ => {
                return Err(ReadError::new(ID, format!("`{name}` has the unknown value type {kind}"))
                    .at(here)
                    .hint("the file is damaged; save it again in Gwyddion"));
            }
        };
        Ok((name, item))
    }
}

/// Steps over an array.
fn array(c: &mut Cursor<'_>, size: usize) -> Result<Item, ReadError> {
    let count = c.u32()? as usize;
    let bytes = count.checked_mul(size).ok_or_else(|| c.fail("an array is too long"))?;
    c.take(bytes)?;
    Ok(Item::Other { count })
}
