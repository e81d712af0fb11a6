//! One page: its shape, the bound on what it can unfold to, and its numbers.

use ::tiff::decoder::DecodingResult;
use ::tiff::decoder::ifd::Value;
use ::tiff::tags::Tag;
use ::tiff::{ColorType, TiffError};

use crate::io::{Limits, Metadata, ReadError};

use super::{Decoder, ID};

/// Bytes that one byte of a compressed strip can unfold to: LZW's best case is near 2600, deflate's 1030.
const MAX_RATIO: usize = 4096;
/// Numbers of a tag that are worth listing.
const LISTED: usize = 16;

/// What a page's header tells.
#[derive(Clone, Debug)]
pub(in crate::io::format) struct Page {
    pub rows: usize,
    pub columns: usize,
    pub samples: usize,
    pub bits: u8,
    colours: usize,
    /// Pixels a unit along x and y.
    pub per_unit: Option<[f64; 2]>,
    /// Values that the whole file can unfold to.
    pub possible: usize,
    colour_type: ColorType,
}

/// An error of the decoder.
pub(in crate::io::format) fn broken(e: &TiffError) -> ReadError {
    let hint = match e {
        TiffError::UnsupportedError(_) => "save it as uncompressed grey TIFF",
        TiffError::LimitsExceeded => "the header is damaged, or the image is larger than the limit",
        _ => "the file is damaged or truncated; copy it again",
    };
    ReadError::new(ID, e.to_string()).hint(hint)
}

/// The image description of the current page.
pub(super) fn description(d: &mut Decoder<'_>) -> Option<String> {
    match d.find_tag(Tag::ImageDescription) {
        Ok(Some(Value::Ascii(text))) => Some(text),
        _ => None,
    }
}

/// Every tag of the current page but long lists.
pub(super) fn metadata(d: &mut Decoder<'_>) -> Metadata {
    let mut out: Metadata = d
        .tag_iter()
        .filter_map(Result::ok)
        .filter_map(|(tag, value)| {
            let name = match tag {
                Tag::Unknown(n) => format!("tag {n}"),
                known => format!("{known:?}"),
            };
            Some((name, text(&value)?))
        })
        .collect();
    out.sort();
    out
}

fn text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Ascii(t) => t.clone(),
        Value::Rational(n, d) => format!("{n}/{d}"),
        Value::SRational(n, d) => format!("{n}/{d}"),
        Value::Float(v) => v.to_string(),
        Value::Double(v) => v.to_string(),
        Value::Byte(v) => v.to_string(),
        Value::Short(v) => v.to_string(),
        Value::SignedByte(v) => v.to_string(),
        Value::SignedShort(v) => v.to_string(),
        Value::Signed(v) => v.to_string(),
        Value::SignedBig(v) => v.to_string(),
        Value::Unsigned(v) => v.to_string(),
        Value::UnsignedBig(v) => v.to_string(),
        Value::List(l) if l.len() > LISTED => format!("{} values", l.len()),
        Value::List(l) => l.iter().filter_map(text).collect::<Vec<_>>().join(" "),
        _ => return None,
    })
}

impl Page {
    /// Reads the header of the current page.
    pub(in crate::io::format) fn read(d: &mut Decoder<'_>, file: usize, limits: &Limits) -> Result<Page, ReadError> {
        let (width, height) = d.dimensions().map_err(|e| broken(&e))?;
        let colour_type = d.colortype().map_err(|e| broken(&e))?;
        let (samples, colours) = match colour_type {
            ColorType::Gray(_) => (1, 1),
            ColorType::GrayA(_) => (2, 1),
            ColorType::RGB(_) => (3, 3),
            ColorType::RGBA(_) => (4, 3),
            other => {
                return Err(ReadError::new(ID, format!("pixels of the kind {other:?} are not read"))
                    .hint("save the image as grey or RGB"));
            }
        };
        let bits = colour_type.bit_depth();
        if samples > 1 && (bits < 8 || d.find_tag_unsigned(Tag::PlanarConfiguration).ok().flatten() == Some(2u16)) {
            return Err(ReadError::new(ID, "colours in separate planes are not read").hint("save it as grey or RGB"));
        }
        let shape = [height as usize, width as usize, samples];
        let n = limits.count(ID, &shape)?;
        let compressed = d.find_tag_unsigned(Tag::Compression).ok().flatten().unwrap_or(1u16) != 1;
        let ratio = if compressed { MAX_RATIO } else { 1 };
        let possible = file.saturating_mul(ratio).saturating_mul(8) / usize::from(bits.max(1));
        if n > possible {
            return Err(ReadError::new(ID, format!("the header claims {shape:?} values, more than the file can hold"))
                .at(file)
                .hint("the file is truncated; copy it again"));
        }
        let per_unit = [Tag::XResolution, Tag::YResolution].map(|t| match d.find_tag(t) {
            Ok(Some(Value::Rational(n, m))) if n > 0 && m > 0 => Some(f64::from(n) / f64::from(m)),
            _ => None,
        });
        let per_unit = match per_unit {
            [Some(x), Some(y)] => Some([x, y]),
            _ => None,
        };
        Ok(Page { rows: shape[0], columns: shape[1], samples, bits, colours, per_unit, possible, colour_type })
    }

    /// Whether two pages can be planes of one volume.
    pub(super) fn alike(&self, other: &Page) -> bool {
        (self.rows, self.columns, self.colour_type) == (other.rows, other.columns, other.colour_type)
    }

    /// The numbers of the current page, row by row, samples together.
    pub(in crate::io::format) fn values(&self, d: &mut Decoder<'_>) -> Result<Vec<f64>, ReadError> {
        let values: Vec<f64> = match d.read_image().map_err(|e| broken(&e))? {
            DecodingResult::U8(v) if self.bits < 8 => self.unpack(&v),
            DecodingResult::U8(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::I8(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::U16(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::I16(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::U32(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::I32(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::U64(v) => v.into_iter().map(|v| v as f64).collect(),
            DecodingResult::I64(v) => v.into_iter().map(|v| v as f64).collect(),
            DecodingResult::F16(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::F32(v) => v.into_iter().map(f64::from).collect(),
            DecodingResult::F64(v) => v,
        };
        let n = self.rows * self.columns * self.samples;
        if values.len() != n {
            return Err(ReadError::new(ID, format!("{} values are stored where {n} belong", values.len())));
        }
        Ok(values)
    }

    /// Pixels of 1, 2 or 4 bits, each row starting at a byte.
    fn unpack(&self, packed: &[u8]) -> Vec<f64> {
        let bits = usize::from(self.bits);
        let row = (self.columns * bits).div_ceil(8);
        let mask = (1u16 << bits) - 1;
        let pixel = |line: &[u8], i: usize| {
            let shift = 8usize.checked_sub(bits + i * bits % 8)?;
            Some(f64::from(u16::from(*line.get(i * bits / 8)?) >> shift & mask))
        };
        packed.chunks_exact(row.max(1)).flat_map(|l| (0..self.columns).filter_map(move |i| pixel(l, i))).collect()
    }

    /// Rec. 709 weights on the stored numbers; alpha is left out.
    pub(super) fn luminance(&self, values: &[f64]) -> Vec<f64> {
        super::super::png::luminance(values, self.samples, self.colours)
    }
}
