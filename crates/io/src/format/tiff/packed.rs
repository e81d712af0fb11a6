//! Compressed strips and tiles: those that a window touches are decoded by the `tiff` crate.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use ::tiff::decoder::{Decoder, DecodingResult, Limits};
use ::tiff::tags::CompressionMethod;
use ::tiff::{TiffError, TiffUnsupportedError};

use crate::ReadError;
use crate::cursor::Endian;

use super::ID;
use super::directory::Header;
use super::page::Page;

/// The file as it would be if the page were its first, so that a decoder finds it without walking there.
struct Patches<'a> {
    bytes: &'a [u8],
    at: u64,
    patches: Vec<(usize, Vec<u8>)>,
}

impl Read for Patches<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let from = usize::try_from(self.at).unwrap_or(usize::MAX);
        let rest = self.bytes.get(from..).unwrap_or_default();
        let n = rest.len().min(out.len());
        let (Some(out), Some(rest)) = (out.get_mut(..n), rest.get(..n)) else { return Ok(0) };
        out.copy_from_slice(rest);
        for (at, patch) in &self.patches {
            for (i, byte) in patch.iter().enumerate() {
                if let Some(own) = (at + i).checked_sub(from).and_then(|i| out.get_mut(i)) {
                    *own = *byte;
                }
            }
        }
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Patches<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => (self.bytes.len() as u64).checked_add_signed(by),
        };
        self.at = at.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// An error of the decoder.
/// Ways of packing that other programs have.
const PACKINGS: [(u16, &str); 7] = [
    (34712, "JPEG 2000"),
    (34887, "LERC"),
    (34892, "lossy JPEG"),
    (34925, "LZMA"),
    (34927, "WebP"),
    (50001, "WebP"),
    (50002, "JPEG XL"),
];

fn broken(e: &TiffError) -> ReadError {
    if let TiffError::UnsupportedError(TiffUnsupportedError::UnsupportedCompressionMethod(
        CompressionMethod::Unknown(n),
    )) = e
    {
        let name = PACKINGS.iter().find(|(own, _)| own == n).map_or("an unknown method", |(_, name)| name);
        return ReadError::new(ID, format!("its pixels are packed by {name} ({n}), which is not read"))
            .hint("save it without compression, or with LZW, deflate or Zstandard");
    }
    let hint = match e {
        TiffError::UnsupportedError(_) => "save it as uncompressed grey TIFF",
        TiffError::LimitsExceeded => "the header is damaged, or the image is larger than the limit",
        _ => "the file is damaged or truncated; copy it again",
    };
    ReadError::new(ID, e.to_string()).hint(hint)
}

/// The numbers in a window of a page, in the order `[row, column, sample]`.
///
/// # Errors
/// [`ReadError`] if a strip is broken or packed in a way that is not read.
pub(super) fn read(
    page: &Page,
    bytes: &[u8],
    header: Header,
    rows: &Range<usize>,
    columns: &Range<usize>,
) -> Result<Vec<f64>, ReadError> {
    let mut patches = vec![(0, header.pointing_at(page.directory))];
    // The decoder would turn dark and bright; the numbers are wanted as they are stored.
    patches
        .extend(page.photometric.map(|at| (at, if header.endian == Endian::Little { vec![1, 0] } else { vec![0, 1] })));
    // The decoder throws away what reaches beyond the page, and stumbles there over streams that end with the tile.
    patches.extend(page.grown.iter().cloned());
    let mut limits = Limits::default();
    let [height, width] = page.chunk;
    let most = height.saturating_mul(width).saturating_mul(page.samples).saturating_mul(8);
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most.max(1 << 16);
    limits.ifd_value_size = bytes.len().max(1 << 20);
    let mut decoder = Decoder::new(Patches { bytes, at: 0, patches }).map_err(|e| broken(&e))?.with_limits(limits);
    let (w, h) = decoder.chunk_dimensions();
    if (w as usize, h as usize) != (width, height) && (h as usize) < page.rows {
        return Err(ReadError::new(ID, "a page has strips of two sizes").hint("the file is damaged; copy it again"));
    }
    let samples = page.samples;
    let line = columns.len() * samples;
    let mut out = vec![0.0; rows.len() * line];
    let across = page.columns.div_ceil(width);
    for down in rows.start / height..rows.end.div_ceil(height) {
        for right in columns.start / width..columns.end.div_ceil(width) {
            let (top, left) = (down * height, right * width);
            let (have_rows, have_columns) = match page.grown.is_empty() {
                true => (height.min(page.rows - top), width.min(page.columns - left)),
                false => (height, width),
            };
            let index = u32::try_from(down * across + right).unwrap_or(u32::MAX);
            let decoded = decoder.read_chunk(index).map_err(|e| broken(&e))?;
            let (values, line_of) = (Numbers { decoded, bits: page.bits }, have_columns * samples);
            if values.rows(line_of) != Some(have_rows) {
                let what = format!("strip {index} does not unfold to {have_rows} × {have_columns} pixels");
                return Err(ReadError::new(ID, what).hint("the file is damaged; copy it again"));
            }
            let from = columns.start.max(left);
            let n = columns.end.min(left + have_columns).saturating_sub(from) * samples;
            for row in rows.start.max(top)..rows.end.min(top + have_rows) {
                let target = (row - rows.start) * line + (from - columns.start) * samples;
                if let Some(to) = out.get_mut(target..target + n) {
                    values.copy(to, row - top, (from - left) * samples, line_of);
                }
            }
        }
    }
    Ok(out)
}

/// A strip as the decoder gives it, turned into numbers only where they are wanted.
struct Numbers {
    decoded: DecodingResult,
    bits: u8,
}

impl Numbers {
    /// Rows of `line` numbers in it; `None` where the last one is not whole.
    fn rows(&self, line: usize) -> Option<usize> {
        let packed = matches!(self.decoded, DecodingResult::U8(_)) && self.bits < 8;
        let line = if packed { self.packed_line(line) } else { line };
        let n = match &self.decoded {
            DecodingResult::U8(v) => v.len(),
            DecodingResult::I8(v) => v.len(),
            DecodingResult::U16(v) => v.len(),
            DecodingResult::I16(v) => v.len(),
            DecodingResult::U32(v) => v.len(),
            DecodingResult::I32(v) => v.len(),
            DecodingResult::U64(v) => v.len(),
            DecodingResult::I64(v) => v.len(),
            DecodingResult::F16(v) => v.len(),
            DecodingResult::F32(v) => v.len(),
            DecodingResult::F64(v) => v.len(),
        };
        (line > 0 && n.is_multiple_of(line)).then(|| n / line)
    }

    /// Bytes of a row of numbers of 1, 2 or 4 bits: each row starts at a byte.
    fn packed_line(&self, line: usize) -> usize {
        (line * usize::from(self.bits)).div_ceil(8)
    }

    /// Numbers of a row, from the one at `first` on, as many as `to` takes.
    fn copy(&self, to: &mut [f64], row: usize, first: usize, line: usize) {
        fn fill<T: Copy>(to: &mut [f64], own: &[T], number: impl Fn(T) -> f64) {
            to.iter_mut().zip(own).for_each(|(to, own)| *to = number(*own));
        }
        let at = row * line + first;
        macro_rules! fill {
            ($values:ident, $number:expr) => {
                fill(to, $values.get(at..).unwrap_or_default(), $number)
            };
        }
        match &self.decoded {
            DecodingResult::U8(v) if self.bits < 8 => {
                let from = row * self.packed_line(line);
                let packed = v.get(from..).unwrap_or_default();
                to.iter_mut().enumerate().for_each(|(i, to)| *to = few_bits(packed, self.bits, first + i));
            }
            DecodingResult::U8(v) => fill!(v, f64::from),
            DecodingResult::I8(v) => fill!(v, f64::from),
            DecodingResult::U16(v) => fill!(v, f64::from),
            DecodingResult::I16(v) => fill!(v, f64::from),
            DecodingResult::U32(v) => fill!(v, f64::from),
            DecodingResult::I32(v) => fill!(v, f64::from),
            DecodingResult::U64(v) => fill!(v, |x| x as f64),
            DecodingResult::I64(v) => fill!(v, |x| x as f64),
            DecodingResult::F16(v) => fill!(v, f64::from),
            DecodingResult::F32(v) => fill!(v, f64::from),
            DecodingResult::F64(v) => fill!(v, |x| x),
        }
    }
}

/// The `i`th number of a row of numbers of less than a byte, highest bits first.
fn few_bits(row: &[u8], bits: u8, i: usize) -> f64 {
    let bits = usize::from(bits);
    let byte = u16::from(row.get(i * bits / 8).copied().unwrap_or_default());
    let shift = 8usize.saturating_sub(bits + i * bits % 8);
    f64::from(byte >> shift & ((1 << bits) - 1))
}
