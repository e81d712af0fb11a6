//! BMP: images of Windows, not packed.
//!
//! Known writers: Windows, cameras and electron microscopes, ImageJ. A head of 14 bytes, one of 12 or of 40 and more with
//! size and depth, a palette of blue, green and red, then lines padded to four bytes, the bottom one first unless the
//! height is negative. A resolution is taken as in PNG: where a pixel is smaller than 20 µm. Source: Microsoft,
//! "Bitmap Storage"; MS-WMF, 2.2.2.3 and following.

use super::png::{MICROSCOPE, luminance};
use crate::cursor::{Cursor, Endian};
use crate::{Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source, Store};
use softspot_data::unit::Unit;

const ID: &str = "bmp";
/// Sizes of the second head: of OS/2, of Windows and its later versions.
const HEADS: [u32; 7] = [12, 40, 52, 56, 64, 108, 124];
const FIRST: usize = 14;

/// The reader.
pub struct Bmp;

static FORMAT: Format = Format {
    id: ID,
    name: "BMP",
    extensions: &["bmp", "dib"],
    about: "Images of 1 to 8 bits by their palette, of 24 and 32 bits as luminance (Rec. 709); not packed.",
    reference: "https://learn.microsoft.com/windows/win32/gdi/bitmap-storage",
};

/// What the heads say.
struct Head {
    rows: usize,
    columns: usize,
    bottom_up: bool,
    /// Bits of a pixel.
    depth: usize,
    /// Byte of the first line.
    at: usize,
    /// Red, green, blue of a number.
    palette: Vec<[f64; 3]>,
    /// Pixels a metre.
    resolution: [i32; 2],
}

impl Reader for Bmp {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        let size = head.get(FIRST..).and_then(|h| h.first_chunk::<4>()).map(|b| u32::from_le_bytes(*b));
        if head.starts_with(b"BM") && size.is_some_and(|s| HEADS.contains(&s)) { 90 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let head = Head::of(source)?;
        limits.count(ID, &[head.rows, head.columns])?;
        let end = head.line().checked_mul(head.rows).and_then(|n| n.checked_add(head.at));
        if end.is_none_or(|end| end > source.bytes().len()) {
            let what = format!("the head claims {} × {} pixels, more than the file holds", head.columns, head.rows);
            return Err(ReadError::new(ID, what).at(source.bytes().len()).hint("the file is cut off; copy it again"));
        }
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata.push(("bits of a pixel".into(), head.depth.to_string()));
        let taken = head.resolution.iter().all(|n| u32::try_from(*n).is_ok_and(|n| n >= MICROSCOPE));
        let [x, y] = head.resolution;
        let use_ = if taken { "taken as the pixel size" } else { "not taken as the pixel size" };
        dataset.metadata.push(("resolution".into(), format!("{x} × {y} pixels a metre, {use_}")));
        let size = taken.then(|| vec![head.columns as f64 / f64::from(x), head.rows as f64 / f64::from(y)]);
        let grey = !head.palette.is_empty() && head.palette.iter().all(|[r, g, b]| r == g && g == b);
        let name = if grey { "grey" } else { "luminance" };
        let channel = Channel::map(name, Unit::none(), head.rows, head.columns).sized(size);
        let source = source.clone();
        dataset.push(channel, Store::whole(move || Ok(head.pixels(source.bytes(), grey))))?;
        dataset.finish()
    }
}

impl Head {
    fn of(source: &Source) -> Result<Head, ReadError> {
        let mut c = Cursor::new(ID, source.bytes(), Endian::Little);
        c.seek(10)?;
        let at = c.u32()? as usize;
        let own = c.u32()?;
        let old = own == 12;
        let (columns, height) = match old {
            true => (i64::from(c.u16()?), i64::from(c.u16()?)),
            false => (i64::from(c.i32()?), i64::from(c.i32()?)),
        };
        c.u16()?;
        let depth = usize::from(c.u16()?);
        let (mut packing, mut resolution, mut used) = (0, [0; 2], 0);
        if !old {
            packing = c.u32()?;
            c.u32()?;
            resolution = [c.i32()?, c.i32()?];
            used = c.u32()? as usize;
        }
        if !matches!((packing, depth), (0, 1 | 4 | 8 | 24 | 32)) {
            let what = format!("{depth} bits a pixel, packed by method {packing}, are not read");
            return Err(ReadError::new(ID, what).hint("save it as PNG or TIFF"));
        }
        let palette = match depth {
            24 | 32 => Vec::new(),
            _ => {
                c.seek(FIRST + own as usize)?;
                let all = 1 << depth;
                let (count, bytes) = (if used == 0 { all } else { used.min(all) }, if old { 3 } else { 4 });
                let list = c.take(count * bytes)?;
                list.chunks_exact(bytes).map(|p| [2, 1, 0].map(|i| f64::from(p[i]))).collect()
            }
        };
        let size = |n: i64| usize::try_from(n).ok().filter(|n| *n > 0);
        let (columns, rows) = size(columns).zip(size(height.abs())).ok_or_else(|| {
            ReadError::new(ID, format!("the head claims {columns} × {height} pixels"))
                .at(FIRST + 4)
                .hint("copy it again")
        })?;
        Ok(Head { rows, columns, bottom_up: height > 0, depth, at, palette, resolution })
    }

    /// Bytes of a line.
    fn line(&self) -> usize {
        self.columns.saturating_mul(self.depth).div_ceil(32).saturating_mul(4)
    }

    /// One number of each pixel, the top line first; a number that the palette does not have is invalid.
    fn pixels(&self, bytes: &[u8], grey: bool) -> Vec<f64> {
        let mut out = Vec::with_capacity(self.rows * self.columns);
        for row in 0..self.rows {
            let row = if self.bottom_up { self.rows - 1 - row } else { row };
            let line = bytes.get(self.at + row * self.line()..).unwrap_or_default();
            match self.depth {
                24 | 32 => {
                    let colours = line.chunks_exact(self.depth / 8).take(self.columns);
                    let rgb: Vec<f64> = colours.flat_map(|p| [2, 1, 0].map(|i| f64::from(p[i]))).collect();
                    out.extend(luminance(&rgb, 3, 3));
                }
                depth => out.extend((0..self.columns).map(|x| {
                    let bit = x * depth;
                    let byte = line.get(bit / 8).copied().unwrap_or(0);
                    let number = usize::from(byte >> (8 - depth - bit % 8)) & ((1 << depth) - 1);
                    match self.palette.get(number) {
                        Some([r, ..]) if grey => *r,
                        Some(rgb) => luminance(rgb, 3, 3).first().copied().unwrap_or(f64::NAN),
                        None => f64::NAN,
                    }
                })),
            }
        }
        out
    }
}
