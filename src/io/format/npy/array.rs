//! One NPY array: its header and its numbers, wherever the bytes come from.

use crate::io::cursor::{Endian, Sample};
use crate::io::{Limits, ReadError};

use super::ID;
use super::literal::{self, Literal};

/// Bytes of the magic, the version, and the longer of the two length fields.
pub(super) const PREFIX: usize = 12;
/// Headers are padded to 64 bytes; the limit is far above those of large compound types.
const MAX_HEADER: usize = 1 << 20;

/// A number inside an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Plain(Sample),
    Half,
    Bool,
}

/// One field of an element; a plain array has one with an empty name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub name: String,
    pub offset: usize,
    pub number: Number,
    pub endian: Endian,
}

/// A parsed header.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub fields: Vec<Field>,
    /// Bytes of one element.
    pub size: usize,
    pub shape: Vec<usize>,
    pub fortran: bool,
    /// Where the numbers start.
    pub data: usize,
    pub header: String,
}

/// Length of magic and header together, from the first [`PREFIX`] bytes.
pub(super) fn header_end(start: &[u8]) -> Result<usize, ReadError> {
    let fail = |what: &str| ReadError::new(ID, what).at(0).hint("the file is damaged or no NumPy array");
    if !start.starts_with(b"\x93NUMPY") {
        return Err(fail("the array does not start with the NumPy magic"));
    }
    let (from, length) = match (start.get(6), start.get(8..12)) {
        (Some(1), Some(&[a, b, ..])) => (10, usize::from(u16::from_le_bytes([a, b]))),
        (Some(2 | 3), Some(&[a, b, c, d])) => (12, u32::from_le_bytes([a, b, c, d]) as usize),
        (None, _) | (_, None) => return Err(fail("the file is truncated in its header")),
        (Some(v), _) => return Err(fail(&format!("version {v} of the NumPy format is unknown"))),
    };
    if length > MAX_HEADER {
        return Err(fail(&format!("the header claims {length} bytes")));
    }
    Ok(from + length)
}

/// Parses magic and header.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Result<Array, ReadError> {
    let end = header_end(bytes)?;
    let from = if bytes.get(6) == Some(&1) { 10 } else { 12 };
    let raw = bytes
        .get(from..end)
        .ok_or_else(|| ReadError::new(ID, "the file is truncated in its header").at(bytes.len()))?;
    let text = String::from_utf8_lossy(raw).trim().to_string();
    let fail = |what: String| ReadError::new(ID, what).at(from);
    let dict = literal::parse(&text).ok_or_else(|| fail("the header is no Python dictionary".into()))?;
    let shape = dict.get("shape").and_then(Literal::list).and_then(|l| {
        l.iter().map(|v| if let Literal::Int(n) = v { usize::try_from(*n).ok() } else { None }).collect()
    });
    let shape: Vec<usize> = shape.ok_or_else(|| fail("the header has no shape".into()))?;
    let Some(Literal::Bool(fortran)) = dict.get("fortran_order") else {
        return Err(fail("the header has no fortran_order".into()));
    };
    let descr = dict.get("descr").ok_or_else(|| fail("the header has no descr".into()))?;
    let mut fields = Vec::new();
    let size = element(descr, "", 0, &mut fields, 0).map_err(fail)?;
    if fields.is_empty() || fields.len() > limits.channels {
        return Err(fail("the element type has no field of numbers, or too many".into()));
    }
    limits.count(ID, &shape)?;
    Ok(Array { fields, size, shape, fortran: *fortran, data: end, header: text })
}

/// Lays out one element type; returns its size.
fn element(descr: &Literal, name: &str, at: usize, out: &mut Vec<Field>, depth: usize) -> Result<usize, String> {
    if depth > 4 {
        return Err("the element type is nested too deeply".into());
    }
    match descr {
        Literal::Text(code) => scalar(code, name, at, out),
        Literal::List(items) => {
            let mut size = 0usize;
            for item in items {
                let (label, inner) = match item.list() {
                    Some([label, inner]) => (label, inner),
                    _ => return Err("a field of the element type is itself an array, which is not read".into()),
                };
                let label = match label {
                    Literal::Text(t) => t.clone(),
                    // A pair of title and name.
                    Literal::List(l) => l.last().and_then(Literal::text).unwrap_or("").to_string(),
                    _ => String::new(),
                };
                // Nameless fields are the padding of aligned records.
                if label.is_empty() && inner.text().is_some_and(|t| t.contains('V')) {
                    size = size.saturating_add(width(inner.text().unwrap_or(""))?);
                    continue;
                }
                let full = if name.is_empty() { label } else { format!("{name}.{label}") };
                let start = at.checked_add(size).ok_or("the element type is too large")?;
                size = size
                    .checked_add(element(inner, &full, start, out, depth + 1)?)
                    .filter(|s| *s < 1 << 24)
                    .ok_or("the element type is too large")?;
            }
            Ok(size)
        }
        _ => Err("the element type is not understood".into()),
    }
}

fn width(code: &str) -> Result<usize, String> {
    let digits = code.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok().filter(|n| *n < 1 << 20).ok_or_else(|| format!("the element type `{code}` is not understood"))
}

fn scalar(code: &str, name: &str, at: usize, out: &mut Vec<Field>) -> Result<usize, String> {
    let endian = if code.starts_with('>') { Endian::Big } else { Endian::Little };
    let kind = code.trim_start_matches(['<', '>', '|', '=']);
    let mut push = |name: String, offset: usize, number: Number| {
        out.push(Field { name, offset, number, endian });
    };
    let plain = match kind {
        "b1" | "?" => Some(Number::Bool),
        "i1" => Some(Number::Plain(Sample::I8)),
        "u1" => Some(Number::Plain(Sample::U8)),
        "i2" => Some(Number::Plain(Sample::I16)),
        "u2" => Some(Number::Plain(Sample::U16)),
        "i4" => Some(Number::Plain(Sample::I32)),
        "u4" => Some(Number::Plain(Sample::U32)),
        "i8" => Some(Number::Plain(Sample::I64)),
        "u8" => Some(Number::Plain(Sample::U64)),
        "f2" => Some(Number::Half),
        "f4" => Some(Number::Plain(Sample::F32)),
        "f8" => Some(Number::Plain(Sample::F64)),
        _ => None,
    };
    if let Some(number) = plain {
        push(name.to_string(), at, number);
        return Ok(number.size());
    }
    let half = match kind {
        "c8" => Number::Plain(Sample::F32),
        "c16" => Number::Plain(Sample::F64),
        _ => {
            let what = match kind.chars().next() {
                Some('O') => "Python objects",
                Some('S' | 'U') => "text",
                Some('M' | 'm') => "dates",
                Some('V') => "raw bytes",
                _ => "numbers this program does not know",
            };
            return Err(format!("the array holds {what} (`{code}`); save it as numbers (`astype(float)`)"));
        }
    };
    let join = |part: &str| if name.is_empty() { part.to_string() } else { format!("{name} ({part})") };
    push(join("real"), at, half);
    push(join("imaginary"), at + half.size(), half);
    Ok(2 * half.size())
}

impl Number {
    pub(super) fn size(self) -> usize {
        match self {
            Number::Plain(s) => s.size(),
            Number::Half => 2,
            Number::Bool => 1,
        }
    }
}

impl Array {
    /// Elements, already checked against the limits.
    pub(super) fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Bytes of the numbers.
    pub(super) fn bytes(&self) -> Option<usize> {
        self.count().checked_mul(self.size)
    }

    /// One field of the elements, in C order.
    pub(super) fn decode(&self, bytes: &[u8], field: &Field, scale: f64, offset: f64) -> Vec<f64> {
        let width = field.number.size();
        let own: Vec<u8>;
        let packed = if width == self.size {
            bytes
        } else {
            own = bytes
                .chunks_exact(self.size)
                .filter_map(|e| e.get(field.offset..field.offset + width))
                .flatten()
                .copied()
                .collect();
            &own
        };
        let values = match field.number {
            Number::Plain(sample) => sample.decode(packed, field.endian, scale, offset),
            Number::Bool => packed.iter().map(|b| f64::from(u8::from(*b != 0)) * scale + offset).collect(),
            Number::Half => {
                let (pairs, _) = packed.as_chunks::<2>();
                let bits = |p: &[u8; 2]| match field.endian {
                    Endian::Little => u16::from_le_bytes(*p),
                    Endian::Big => u16::from_be_bytes(*p),
                };
                pairs.iter().map(|p| half(bits(p)) * scale + offset).collect()
            }
        };
        if self.fortran && self.shape.len() > 1 { self.transpose(&values) } else { values }
    }

    /// From the first index fastest to the last index fastest.
    fn transpose(&self, values: &[f64]) -> Vec<f64> {
        let mut strides = Vec::with_capacity(self.shape.len());
        let mut step = 1usize;
        for n in &self.shape {
            strides.push(step);
            step = step.saturating_mul(*n);
        }
        let mut index = vec![0usize; self.shape.len()];
        let mut from = 0usize;
        let mut out = Vec::with_capacity(values.len());
        for _ in 0..values.len() {
            out.push(values.get(from).copied().unwrap_or(f64::NAN));
            for ((i, n), s) in index.iter_mut().zip(&self.shape).zip(&strides).rev() {
                *i += 1;
                from += s;
                if *i < *n {
                    break;
                }
                from -= s * n;
                *i = 0;
            }
        }
        out
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
