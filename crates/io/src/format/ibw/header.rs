//! The fixed-size headers of an Igor binary wave, versions 1, 2, 3 and 5.

use crate::ReadError;
use crate::cursor::{Cursor, Endian, Sample};
use crate::format::text::encoding;

use super::ID;

/// Everything the two headers tell.
#[derive(Debug)]
pub(super) struct Header {
    pub version: u16,
    pub endian: Endian,
    pub name: String,
    pub sample: Sample,
    /// Sizes of the dimensions, the first varying fastest; at least one, none of them zero.
    pub dims: Vec<usize>,
    /// Step and start of each dimension.
    pub scaling: [(f64, f64); 4],
    pub data_unit: String,
    pub dim_units: [String; 4],
    /// Where the numbers start.
    pub data: usize,
    /// Where what follows the numbers starts.
    pub after: usize,
    pub formula: usize,
    pub note: usize,
    /// Bytes of long units of data and dimensions (version 5).
    pub long_units: [usize; 5],
    /// Bytes of labels of each dimension (version 5).
    pub labels: [usize; 4],
}

/// Bytes that the checksum covers: the file header and the wave header before the data.
fn checked_length(version: u16) -> Option<usize> {
    match version {
        1 => Some(8 + 110),
        2 => Some(16 + 110),
        3 => Some(20 + 110),
        5 => Some(64 + 320),
        _ => None,
    }
}

/// Version and byte order from the first two bytes: a version is a small number, so its high byte is zero.
fn version(bytes: &[u8]) -> Option<(u16, Endian)> {
    match *bytes.first_chunk::<2>()? {
        [0, v] => Some((u16::from(v), Endian::Big)),
        [v, 0] => Some((u16::from(v), Endian::Little)),
        _ => None,
    }
}

/// Whether these bytes start an Igor wave: a known version, and its sixteen-bit checksum adds up to zero.
pub(super) fn recognise(head: &[u8]) -> (bool, bool) {
    let Some((v, endian)) = version(head) else { return (false, false) };
    let Some(n) = checked_length(v) else { return (false, false) };
    let Some(checked) = head.get(..n) else { return (false, false) };
    let (words, _) = checked.as_chunks::<2>();
    let sum = words.iter().fold(0u16, |a, w| {
        a.wrapping_add(match endian {
            Endian::Little => u16::from_le_bytes(*w),
            Endian::Big => u16::from_be_bytes(*w),
        })
    });
    (true, sum == 0)
}

pub(super) fn read(bytes: &[u8]) -> Result<Header, ReadError> {
    let (version, endian) = version(bytes).filter(|(v, _)| checked_length(*v).is_some()).ok_or_else(|| {
        ReadError::new(ID, "the first two bytes are no version (1, 2, 3 or 5) of an Igor binary wave")
            .at(0)
            .hint("the file is damaged; copy it again")
    })?;
    let mut c = Cursor::new(ID, bytes, endian);
    c.seek(2)?;
    if version == 5 { five(&mut c, endian) } else { older(&mut c, version, endian) }
}

fn older(c: &mut Cursor<'_>, version: u16, endian: Endian) -> Result<Header, ReadError> {
    let wave_size = size(c)?;
    let (note, formula) = match version {
        1 => (0, 0),
        2 => {
            let note = size(c)?;
            c.take(4)?;
            (note, 0)
        }
        _ => {
            let note = size(c)?;
            let formula = size(c)?;
            c.take(4)?;
            (note, formula)
        }
    };
    c.take(2)?;
    let wave = c.position();
    let kind = c.u16()?;
    c.take(4)?;
    let name = text(c.take(20)?);
    c.take(2 + 2 + 4)?;
    let data_unit = text(c.take(4)?);
    let x_unit = text(c.take(4)?);
    let n = size(c)?;
    c.take(2)?;
    let (step, start) = (c.f64()?, c.f64()?);
    c.seek(wave + 110)?;
    let mut scaling = [(1.0, 0.0); 4];
    scaling[0] = (step, start);
    let mut dim_units: [String; 4] = Default::default();
    dim_units[0] = x_unit;
    Ok(Header {
        version,
        endian,
        name,
        sample: sample(c, kind)?,
        dims: vec![n],
        scaling,
        data_unit,
        dim_units,
        data: wave + 110,
        // Sixteen bytes of padding follow the numbers of version 2; the wave size counts them.
        after: wave.checked_add(wave_size).ok_or_else(|| c.fail("the wave is too long"))?,
        formula,
        note,
        long_units: [0; 5],
        labels: [0; 4],
    })
}

fn five(c: &mut Cursor<'_>, endian: Endian) -> Result<Header, ReadError> {
    c.take(2)?;
    let wave_size = size(c)?;
    let formula = size(c)?;
    let note = size(c)?;
    let mut long_units = [0; 5];
    for s in &mut long_units {
        *s = size(c)?;
    }
    let mut labels = [0; 4];
    for s in &mut labels {
        *s = size(c)?;
    }
    let wave = 64;
    c.seek(wave + 12)?;
    let points = size(c)?;
    let kind = c.u16()?;
    c.seek(wave + 28)?;
    let name = text(c.take(32)?);
    c.seek(wave + 68)?;
    let mut dims = Vec::new();
    let mut ended = false;
    for _ in 0..4 {
        let n = size(c)?;
        ended |= n == 0;
        if !ended {
            dims.push(n);
        }
    }
    let product = dims.iter().try_fold(1usize, |a, n| a.checked_mul(*n));
    if dims.is_empty() {
        dims.push(points);
    } else if product != Some(points) {
        return Err(c.fail(&format!("the wave has {points} points, but its dimensions are {dims:?}")));
    }
    let mut scaling = [(1.0, 0.0); 4];
    for s in &mut scaling {
        s.0 = c.f64()?;
    }
    for s in &mut scaling {
        s.1 = c.f64()?;
    }
    let data_unit = text(c.take(4)?);
    let mut dim_units: [String; 4] = Default::default();
    for u in &mut dim_units {
        *u = text(c.take(4)?);
    }
    c.seek(wave + 320)?;
    Ok(Header {
        version: 5,
        endian,
        name,
        sample: sample(c, kind)?,
        dims,
        scaling,
        data_unit,
        dim_units,
        data: wave + 320,
        after: wave.checked_add(wave_size).ok_or_else(|| c.fail("the wave is too long"))?,
        formula,
        note,
        long_units,
        labels,
    })
}

/// A 32-bit size, which is never negative.
fn size(c: &mut Cursor<'_>) -> Result<usize, ReadError> {
    let v = c.i32()?;
    usize::try_from(v).map_err(|_| c.fail(&format!("a size in the header is negative ({v})")))
}

/// A fixed-length string up to its first NUL.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    encoding::field(bytes.get(..end).unwrap_or_default()).trim().to_string()
}

/// The number type: one bit each for complex, 4-byte and 8-byte floats, and integers of 1, 2, 4, 8 bytes; unsigned.
fn sample(c: &Cursor<'_>, kind: u16) -> Result<Sample, ReadError> {
    let unsigned = kind & 0x40 != 0;
    Ok(match (kind & !0x40, unsigned) {
        (2, false) => Sample::F32,
        (4, false) => Sample::F64,
        (8, false) => Sample::I8,
        (8, true) => Sample::U8,
        (16, false) => Sample::I16,
        (16, true) => Sample::U16,
        (32, false) => Sample::I32,
        (32, true) => Sample::U32,
        (0x80, false) => Sample::I64,
        (0x80, true) => Sample::U64,
        (0, _) => return Err(c.fail("this is a text wave, which holds no numbers")),
        (k, _) if k & 1 == 1 => {
            return Err(c.fail("complex waves are not read").hint("save real and imaginary part as two waves in Igor"));
        }
        (k, _) => return Err(c.fail(&format!("the number type {k} is unknown"))),
    })
}
