//! One NPY array: its header and its numbers, wherever the bytes come from.

use std::io::Read;

use crate::cursor::{Endian, Sample};
use crate::{Block, Limits, ReadError, Source, Window, entry_name};

use super::ID;
use super::literal::{self, Literal};

/// Bytes of the magic, the version, and the longer of the two length fields.
pub(super) const PREFIX: usize = 12;
/// Headers are padded to 64 bytes; the limit is far above those of large compound types.
const MAX_HEADER: usize = 1 << 20;

/// One field of an element; a plain array has one with an empty name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub name: String,
    pub offset: usize,
    pub sample: Sample,
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
        (None, _) | (_, None) => return Err(fail("the file is truncated in its header").hint("copy it again")),
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
    let raw = bytes.get(from..end).ok_or_else(|| {
        ReadError::new(ID, "the file is truncated in its header").at(bytes.len()).hint("copy it again")
    })?;
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
    let size = element(descr, "", 0, &mut fields, 0)
        .map_err(|what| fail(what).hint("save it anew as an array of numbers: `numpy.save(path, a.astype(float))`"))?;
    if fields.is_empty() || fields.len() > limits.channels {
        return Err(fail("the element type has no field of numbers, or too many".into()));
    }
    let bytes = shape.iter().try_fold(size, |a, n| a.checked_mul(*n));
    if shape.contains(&0) || bytes.is_none() {
        let what = format!(
            "the header gives an array of {shape:?} elements: a dimension is zero, or it is more than the file can hold"
        );
        return Err(fail(what).hint("nothing was saved, or the header is damaged; save the array again"));
    }
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
                let full = entry_name(name, ".", &label);
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
    let mut push = |name: String, offset: usize, sample: Sample| {
        out.push(Field { name, offset, sample, endian });
    };
    let plain = match kind {
        "b1" | "?" => Some(Sample::Bool),
        "i1" => Some(Sample::I8),
        "u1" => Some(Sample::U8),
        "i2" => Some(Sample::I16),
        "u2" => Some(Sample::U16),
        "i4" => Some(Sample::I32),
        "u4" => Some(Sample::U32),
        "i8" => Some(Sample::I64),
        "u8" => Some(Sample::U64),
        "f2" => Some(Sample::F16),
        "f4" => Some(Sample::F32),
        "f8" => Some(Sample::F64),
        _ => None,
    };
    if let Some(number) = plain {
        push(name.to_string(), at, number);
        return Ok(number.size());
    }
    let half = match kind {
        "c8" => Sample::F32,
        "c16" => Sample::F64,
        _ => {
            let what = match kind.chars().next() {
                Some('O') => "Python objects",
                Some('S' | 'U') => "text",
                Some('M' | 'm') => "dates",
                Some('V') => "raw bytes",
                _ => "numbers this program does not know",
            };
            return Err(format!("the array holds {what} (`{code}`)"));
        }
    };
    let join = |part: &str| if name.is_empty() { part.to_string() } else { format!("{name} ({part})") };
    push(join("real"), at, half);
    push(join("imaginary"), at + half.size(), half);
    Ok(2 * half.size())
}

impl Array {
    /// Elements.
    pub(super) fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Bytes of the numbers.
    pub(super) fn bytes(&self) -> Option<usize> {
        self.count().checked_mul(self.size)
    }

    /// Where one field of the elements lies in a source that holds the array from its first byte on.
    ///
    /// # Errors
    /// [`ReadError`] if the source ends before the array.
    pub(super) fn block(&self, source: &Source, field: &Field) -> Result<Block, ReadError> {
        // A number alone is a column of one.
        let shape = if self.shape.is_empty() { &[1][..] } else { &self.shape };
        self.strided(source, field, shape, &self.strides())
    }

    /// The map at index 0 of all axes but the first two.
    ///
    /// # Errors
    /// As [`Array::block`].
    pub(super) fn first_map(&self, source: &Source, field: &Field) -> Result<Block, ReadError> {
        let (shape, strides) = (&self.shape, self.strides());
        self.strided(source, field, shape.get(..2).unwrap_or(shape), strides.get(..2).unwrap_or(&strides))
    }

    fn strided(&self, source: &Source, field: &Field, shape: &[usize], strides: &[isize]) -> Result<Block, ReadError> {
        Block::strided(ID, source, self.data + field.offset, field.sample, field.endian, shape, strides)
    }

    /// Bytes from one element to the next along each axis.
    fn strides(&self) -> Vec<isize> {
        let mut strides = vec![0isize; self.shape.len().max(1)];
        let mut step = self.size;
        let mut lay = |stride: &mut isize, n: usize| {
            *stride = step as isize;
            step = step.saturating_mul(n).min(isize::MAX as usize);
        };
        if self.fortran {
            strides.iter_mut().zip(&self.shape).for_each(|(s, n)| lay(s, *n));
        } else {
            strides.iter_mut().zip(&self.shape).rev().for_each(|(s, n)| lay(s, *n));
        }
        strides
    }

    /// The shape as it is shown.
    pub(super) fn shown(&self) -> Vec<usize> {
        match *self.shape.as_slice() {
            [] => vec![1],
            [rows, columns, ref rest @ ..] if rest.len() > 1 => vec![rows, columns, rest.iter().product()],
            ref all => all.to_vec(),
        }
    }

    /// A window of the array as it is shown, whose last axis joins all from the third on.
    ///
    /// # Errors
    /// As [`Array::block`].
    pub(super) fn joined(&self, source: &Source, field: &Field, window: &Window) -> Result<Vec<f64>, ReadError> {
        let block = self.block(source, field)?;
        let (4.., [rows, columns, last]) = (self.shape.len(), window.ranges()) else { return block.window(window) };
        let rest = self.shape.get(2..).unwrap_or_default();
        let mut out = vec![0.0; window.shape().iter().product()];
        for (k, joined) in last.clone().enumerate() {
            let mut index = joined;
            let mut ranges: Vec<_> = rest
                .iter()
                .rev()
                .map(|n| {
                    let i = index % n;
                    index /= n;
                    i..i + 1
                })
                .collect();
            ranges.extend([columns.clone(), rows.clone()]);
            ranges.reverse();
            let plane = block.window(&Window::new(ranges))?;
            out.iter_mut().skip(k).step_by(last.len()).zip(plane).for_each(|(to, v)| *to = v);
        }
        Ok(out)
    }

    /// As [`Array::joined`], from the bytes of an array in C order as they come, of which no more is kept than asked for.
    ///
    /// # Errors
    /// [`ReadError`] if they end before the window does.
    pub(super) fn streamed(&self, mut bytes: impl Read, field: &Field, window: &Window) -> Result<Vec<f64>, ReadError> {
        let shown = self.shown();
        let mut out = Vec::with_capacity(window.shape().iter().product());
        let (mut at, mut run) = (0u64, Vec::new());
        let mut failed = None;
        window.runs(|index, n| {
            if failed.is_some() {
                return;
            }
            let first = index.iter().zip(&shown).fold(0u64, |a, (i, n)| a * *n as u64 + *i as u64);
            let from = self.data as u64 + first * self.size as u64;
            let mut take = || {
                std::io::copy(&mut bytes.by_ref().take(from - at), &mut std::io::sink())?;
                run.resize(n * self.size, 0);
                bytes.read_exact(&mut run)
            };
            failed = take().err();
            at = from + (n * self.size) as u64;
            for element in run.chunks_exact(self.size) {
                field.sample.extend(
                    &mut out,
                    element.get(field.offset..field.offset + field.sample.size()).unwrap_or_default(),
                    field.endian,
                    1.0,
                    0.0,
                );
            }
        });
        match failed {
            Some(e) => Err(ReadError::new(ID, format!("the numbers cannot be read: {e}"))
                .hint("the file is damaged; copy it again")),
            None => Ok(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two fields an element, 2 × 3 × 2 × 5 elements; the second field counts them in C order.
    fn counted(fortran: bool) -> (Array, Vec<u8>) {
        let shape = vec![2, 3, 2, 5];
        let place = |i: usize| {
            let (a, b, c, d) = (i / 30, i / 10 % 3, i / 5 % 2, i % 5);
            if fortran { a + 2 * (b + 3 * (c + 2 * d)) } else { i }
        };
        let mut bytes = vec![0u8; 7 + 60 * 3];
        for i in 0..60 {
            bytes[7 + 3 * place(i) + 1..][..2].copy_from_slice(&(i as u16).to_be_bytes());
        }
        let second = Field { name: "b".into(), offset: 1, sample: Sample::U16, endian: Endian::Big };
        (Array { fields: vec![second], size: 3, shape, fortran, data: 7, header: String::new() }, bytes)
    }

    #[test]
    fn joined_axes_in_either_order_and_as_a_stream() {
        let window = Window::new([0..2, 1..3, 3..8]);
        let want: Vec<f64> = [0, 1]
            .into_iter()
            .flat_map(|a| [1, 2].into_iter().flat_map(move |b| (3..8).map(move |k| f64::from(30 * a + 10 * b + k))))
            .collect();
        for fortran in [false, true] {
            let (array, bytes) = counted(fortran);
            let source = Source::from_bytes(std::path::Path::new("a"), bytes.clone());
            let field = &array.fields[0];
            assert_eq!(array.joined(&source, field, &window).unwrap(), want, "fortran {fortran}");
            let first = array.first_map(&source, field).unwrap();
            assert_eq!(first.window(&Window::whole(&[2, 3])).unwrap(), [0., 10., 20., 30., 40., 50.]);
            if !fortran {
                assert_eq!(array.streamed(&bytes[..], field, &window).unwrap(), want);
                let e = array.streamed(&bytes[..90], field, &window).unwrap_err();
                assert!(e.what.contains("cannot be read"), "{e}");
            }
        }
    }
}
