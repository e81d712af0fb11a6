//! A bounds-checked reader over bytes: every read names its offset when it fails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ReadError;

/// Byte order of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Endian {
    /// Least significant byte first, as nearly every computer of today writes.
    #[default]
    Little,
    /// Most significant byte first.
    Big,
}

/// A position in a byte slice.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    endian: Endian,
    format: &'static str,
}

macro_rules! number {
    ($name:ident, $type:ty, $n:literal) => {
        #[doc = concat!("Reads one ", stringify!($type), ".")]
        ///
        /// # Errors
        /// [`ReadError`] past the end.
        pub fn $name(&mut self) -> Result<$type, ReadError> {
            let raw: [u8; $n] = self.take($n)?.try_into().map_err(|_| self.fail("short read"))?;
            Ok(match self.endian {
                Endian::Little => <$type>::from_le_bytes(raw),
                Endian::Big => <$type>::from_be_bytes(raw),
            })
        }
    };
}

impl<'a> Cursor<'a> {
    /// At the start of `bytes`.
    pub fn new(format: &'static str, bytes: &'a [u8], endian: Endian) -> Cursor<'a> {
        Cursor { bytes, at: 0, endian, format }
    }

    /// Where it is.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Bytes left.
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Goes to an offset.
    ///
    /// # Errors
    /// [`ReadError`] past the end.
    pub fn seek(&mut self, at: usize) -> Result<(), ReadError> {
        if at > self.bytes.len() {
            let what = format!("the file ends at {} before offset {at}", self.bytes.len());
            return Err(self.fail(&what).hint("it is cut or damaged; copy it again from the instrument"));
        }
        self.at = at;
        Ok(())
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// [`ReadError`] past the end.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], ReadError> {
        let end = self.at.checked_add(n).filter(|e| *e <= self.bytes.len());
        let Some(end) = end else {
            let what = format!("the file is truncated: {n} bytes wanted, {} left", self.remaining());
            return Err(self.fail(&what).hint("copy it again from the instrument"));
        };
        let out = &self.bytes[self.at..end];
        self.at = end;
        Ok(out)
    }

    /// Bytes up to a NUL, which is consumed.
    ///
    /// # Errors
    /// [`ReadError`] if there is no NUL.
    pub fn c_string(&mut self) -> Result<&'a [u8], ReadError> {
        let rest = &self.bytes[self.at..];
        let n = rest
            .iter()
            .position(|b| *b == 0)
            .ok_or_else(|| self.fail("a string has no end").hint("the file is damaged; copy it again"))?;
        self.at += n + 1;
        Ok(&rest[..n])
    }

    /// An error here.
    pub fn fail(&self, what: &str) -> ReadError {
        ReadError::new(self.format, what).at(self.at)
    }

    number!(u8, u8, 1);
    number!(u16, u16, 2);
    number!(i16, i16, 2);
    number!(u32, u32, 4);
    number!(i32, i32, 4);
    number!(u64, u64, 8);
    number!(i64, i64, 8);
    number!(f32, f32, 4);
    number!(f64, f64, 8);
}

/// Type of the numbers in a binary block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Sample {
    /// Zero or not: read as 0 or 1.
    Bool,
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    /// IEEE 754 binary16.
    F16,
    F32,
    F64,
}

impl Sample {
    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Sample::Bool | Sample::U8 | Sample::I8 => 1,
            Sample::U16 | Sample::I16 | Sample::F16 => 2,
            Sample::U32 | Sample::I32 | Sample::F32 => 4,
            Sample::U64 | Sample::I64 | Sample::F64 => 8,
        }
    }

    /// Decodes bytes and applies `scale · x + offset`; a rest that is no whole number is ignored.
    pub fn decode(self, bytes: &[u8], endian: Endian, scale: f64, offset: f64) -> Vec<f64> {
        let mut out = vec![0.0; bytes.len() / self.size()];
        self.fill(&mut out, bytes, endian, scale, offset);
        out
    }

    /// As [`Sample::decode`], behind what `out` holds already.
    pub fn extend(self, out: &mut Vec<f64>, bytes: &[u8], endian: Endian, scale: f64, offset: f64) {
        let from = out.len();
        out.resize(from + bytes.len() / self.size(), 0.0);
        self.fill(out.get_mut(from..).unwrap_or_default(), bytes, endian, scale, offset);
    }

    /// As [`Sample::decode`], into `out`, as far as it and the bytes go.
    pub fn fill(self, out: &mut [f64], bytes: &[u8], endian: Endian, scale: f64, offset: f64) {
        let identity = scale == 1.0 && offset == 0.0;
        macro_rules! run {
            ($n:literal, $little:expr, $big:expr) => {{
                let (chunks, _) = bytes.as_chunks::<$n>();
                let pairs = out.iter_mut().zip(chunks);
                match (endian, identity) {
                    (Endian::Little, true) => pairs.for_each(|(v, c)| *v = ($little)(*c)),
                    (Endian::Big, true) => pairs.for_each(|(v, c)| *v = ($big)(*c)),
                    (Endian::Little, false) => pairs.for_each(|(v, c)| *v = ($little)(*c) * scale + offset),
                    (Endian::Big, false) => pairs.for_each(|(v, c)| *v = ($big)(*c) * scale + offset),
                }
            }};
            ($type:ty, $n:literal) => {
                run!($n, |c| <$type>::from_le_bytes(c) as f64, |c| <$type>::from_be_bytes(c) as f64)
            };
        }
        match self {
            Sample::Bool => {
                run!(1, |c: [u8; 1]| f64::from(u8::from(c[0] != 0)), |c: [u8; 1]| f64::from(u8::from(c[0] != 0)))
            }
            Sample::U8 => run!(u8, 1),
            Sample::I8 => run!(i8, 1),
            Sample::U16 => run!(u16, 2),
            Sample::I16 => run!(i16, 2),
            Sample::U32 => run!(u32, 4),
            Sample::I32 => run!(i32, 4),
            Sample::U64 => run!(u64, 8),
            Sample::I64 => run!(i64, 8),
            Sample::F16 => run!(2, |c| half(u16::from_le_bytes(c)), |c| half(u16::from_be_bytes(c))),
            Sample::F32 => run!(f32, 4),
            Sample::F64 => run!(f64, 8),
        }
    }
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let mantissa = f64::from(bits & 0x3ff);
    sign * match exponent {
        0 => mantissa * (-24f64).exp2(),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        e => (1.0 + mantissa / 1024.0) * f64::from(e - 15).exp2(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x7bff, 65504.0),
            (0x3555, 0.333_251_953_125),
        ] {
            assert_eq!(half(bits), value, "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan() && half(0xfc00) == f64::NEG_INFINITY);
    }
}
