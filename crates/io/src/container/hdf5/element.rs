//! Element types: what a number of an array is, and where it lies in a record.

use hdf5_reader::error::{Error, Result};
use hdf5_reader::{ByteOrder, Datatype, H5Type, dtype_element_size};

use crate::cursor::{Endian, Sample};

/// What the elements of an array are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Element {
    /// Numbers; a truth value is 0 or 1.
    Number,
    /// Records, with the numbers in them; complex numbers are records of `r` and `i`.
    Record(Vec<Field>),
    /// Words.
    Text,
    /// References, raw bytes, lists of varying length.
    Other,
}

/// A number in a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// As the file calls it.
    pub name: String,
    pub(super) offset: usize,
    pub(super) sample: Sample,
    pub(super) endian: Endian,
}

impl Element {
    /// Of a stored type.
    pub(super) fn of(datatype: &Datatype) -> Element {
        match datatype {
            Datatype::String { .. } => Element::Text,
            Datatype::VarLen { base, .. } if base.is_vlen_string_base() => Element::Text,
            Datatype::Compound { fields, .. } => Element::Record(
                fields
                    .iter()
                    .filter_map(|f| {
                        let (sample, endian) = number(&f.datatype)?;
                        let offset = usize::try_from(f.byte_offset).ok()?;
                        Some(Field { name: f.name.clone(), offset, sample, endian })
                    })
                    .collect(),
            ),
            other if number(other).is_some() => Element::Number,
            _ => Element::Other,
        }
    }
}

/// The number that a stored type is.
fn number(datatype: &Datatype) -> Option<(Sample, Endian)> {
    let endian = |order: &ByteOrder| match order {
        ByteOrder::LittleEndian => Endian::Little,
        ByteOrder::BigEndian => Endian::Big,
    };
    Some(match datatype {
        Datatype::FixedPoint { size, signed, byte_order } => {
            let sample = match (size, signed) {
                (1, false) => Sample::U8,
                (1, true) => Sample::I8,
                (2, false) => Sample::U16,
                (2, true) => Sample::I16,
                (4, false) => Sample::U32,
                (4, true) => Sample::I32,
                (8, false) => Sample::U64,
                (8, true) => Sample::I64,
                _ => return None,
            };
            (sample, endian(byte_order))
        }
        Datatype::FloatingPoint { size, byte_order } => {
            let sample = match size {
                2 => Sample::F16,
                4 => Sample::F32,
                8 => Sample::F64,
                _ => return None,
            };
            (sample, endian(byte_order))
        }
        Datatype::Bitfield { size, byte_order } => {
            let sample = match size {
                1 => Sample::U8,
                2 => Sample::U16,
                4 => Sample::U32,
                8 => Sample::U64,
                _ => return None,
            };
            (sample, endian(byte_order))
        }
        Datatype::Enum { base, .. } if matches!(**base, Datatype::FixedPoint { .. }) => return number(base),
        _ => return None,
    })
}

/// The bits of a stored integer that are its number: those of a camera of 12 bits lie anywhere in two bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bits {
    offset: u32,
    precision: u32,
    signed: bool,
}

impl Bits {
    /// Of a stored type, and the bytes of its message; `None` where all bits count.
    ///
    /// # Errors
    /// What of them cannot be read.
    pub(super) fn of(datatype: &Datatype, message: &[u8]) -> std::result::Result<Option<Bits>, String> {
        let class = message.first().map(|b| b & 15);
        if let (Datatype::FloatingPoint { size, .. }, Some(1)) = (datatype, class) {
            // Where exponent and mantissa stand, how many bits they have, the bias.
            let known: &[u8] = match size {
                2 => &[0, 0, 16, 0, 10, 5, 0, 10, 15, 0, 0, 0],
                4 => &[0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0],
                8 => &[0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0],
                _ => return Ok(None),
            };
            return match message.get(8..20) {
                Some(own) if own != known => {
                    Err(format!("numbers with a fraction in {size} bytes that are not IEEE's"))
                }
                _ => Ok(None),
            };
        }
        let (Datatype::FixedPoint { size, signed, .. }, Some(0)) = (datatype, class) else { return Ok(None) };
        let at = |i: usize| message.get(i..i + 2).map(|b| u32::from(b[0]) | u32::from(b[1]) << 8);
        let (Some(offset), Some(precision)) = (at(8), at(10)) else { return Ok(None) };
        let width = u32::from(*size) * 8;
        if offset == 0 && precision == width {
            return Ok(None);
        }
        if width > 32 || precision == 0 || offset + precision > width {
            return Err(format!("integers of {precision} bits from bit {offset} on in {size} bytes"));
        }
        Ok(Some(Bits { offset, precision, signed: *signed }))
    }

    /// The number in a word of up to four bytes.
    pub(super) fn take(self, word: f64) -> f64 {
        let shifted = ((word as i64) << (64 - self.precision - self.offset)) as u64;
        match self.signed {
            true => (shifted as i64 >> (64 - self.precision)) as f64,
            false => (shifted >> (64 - self.precision)) as f64,
        }
    }
}

/// Any stored number as a double.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(pub f64);

fn mismatch(datatype: &Datatype) -> Error {
    Error::TypeMismatch { expected: "a number".into(), actual: format!("{datatype:?}") }
}

impl H5Type for Number {
    fn hdf5_type() -> Datatype {
        f64::hdf5_type()
    }

    fn from_bytes(bytes: &[u8], datatype: &Datatype) -> Result<Number> {
        let (sample, endian) = number(datatype).ok_or_else(|| mismatch(datatype))?;
        let one = bytes.get(..sample.size()).unwrap_or_default();
        sample.decode(one, endian, 1.0, 0.0).first().map(|v| Number(*v)).ok_or_else(|| mismatch(datatype))
    }

    fn element_size(datatype: &Datatype) -> usize {
        number(datatype).map(|n| n.0.size()).or_else(|| dtype_element_size(datatype).ok()).unwrap_or(8)
    }

    fn decode_vec(raw: &[u8], datatype: &Datatype, count: usize) -> Option<Result<Vec<Number>>> {
        let (sample, endian) = number(datatype)?;
        let bytes = raw.get(..count.checked_mul(sample.size())?)?;
        Some(Ok(sample.decode(bytes, endian, 1.0, 0.0).into_iter().map(Number).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_a_word() {
        let twelve = |offset, signed| Bits { offset, precision: 12, signed };
        assert_eq!(twelve(0, true).take(f64::from(0x0fff)), -1.0);
        assert_eq!(twelve(0, false).take(f64::from(0x0fff)), 4095.0);
        // The word of a signed type is itself signed.
        assert_eq!(twelve(4, true).take(f64::from(-32240)), -2015.0);
        assert_eq!(twelve(4, false).take(f64::from(0x1230)), f64::from(0x123));
        assert_eq!(twelve(2, false).take(f64::from(132)), 33.0);
    }
}
