//! One page: its shape, the bound on what it can unfold to, where its strips are.

use ::tiff::tags::Tag;

use crate::cursor::{Endian, Sample};
use crate::{Block, ReadError, Source, Window};

use super::directory::{Directory, Entry, Header};
use super::{ID, packed};

/// Bytes that one byte of a compressed strip can unfold to: LZW's best case is near 2600, deflate's 1030.
const MAX_RATIO: usize = 4096;

/// What a page's header tells.
#[derive(Clone, Debug)]
pub(in crate::format) struct Page {
    pub rows: usize,
    pub columns: usize,
    pub samples: usize,
    pub bits: u8,
    /// 1 unsigned, 2 signed, 3 float.
    kind: u64,
    pub colours: usize,
    /// Pixels a unit along x and y.
    pub per_unit: Option<[f64; 2]>,
    /// Values that the whole file can unfold to.
    pub possible: usize,
    /// Rows and columns of a strip or tile.
    pub chunk: [usize; 2],
    /// Byte of its directory.
    pub directory: u64,
    /// Where a page of dark on bright, or of palette indices, says so: read as numbers, it is neither.
    pub photometric: Option<usize>,
    /// Offsets of the strips of an uncompressed page.
    strips: Option<Entry>,
    /// Byte of the first number where they follow one another without a gap.
    pub data: Option<usize>,
    /// Bytes of the directory that make the page end with its last tiles, where those reach beyond it.
    pub grown: Vec<(usize, Vec<u8>)>,
    /// Colours in planes of their own.
    planar: bool,
}

impl Page {
    /// Reads the header of a page.
    ///
    /// # Errors
    /// [`ReadError`] if its pixels are of a kind that is not read, or more than the file can hold.
    pub(in crate::format) fn read(d: &Directory, header: Header, bytes: &[u8]) -> Result<Page, ReadError> {
        let endian = header.endian;
        let value = |tag: Tag, i: u64| d.find(tag).and_then(|e| e.unsigned(bytes, endian, i));
        let size = |tag: Tag| value(tag, 0).and_then(|v| usize::try_from(v).ok());
        let wrong = |what: String| ReadError::new(ID, what).at(usize::try_from(d.at).unwrap_or(usize::MAX));
        if let Some(e) = d.cut_off(bytes) {
            let what = format!("the {} values of tag {} lie outside of the file", e.count, e.tag);
            return Err(wrong(what).hint("the file is truncated; copy it again"));
        }
        // ImageDepth of SGI: several planes in one page.
        if let Some(planes) = size(Tag::Unknown(32_997)).filter(|n| *n > 1) {
            let what = format!("a page of {planes} planes (ImageDepth) is not read");
            return Err(wrong(what).hint("save the volume with a page for each plane"));
        }
        let (Some(rows), Some(columns)) = (size(Tag::ImageLength), size(Tag::ImageWidth)) else {
            return Err(wrong("a page has no size".into()).hint("the file is damaged; copy it again"));
        };
        let samples = size(Tag::SamplesPerPixel).unwrap_or(1);
        let all = |tag: Tag, default: u64| {
            let first = value(tag, 0).unwrap_or(default);
            let n = d.find(tag).map_or(0, |e| e.count).min(16);
            (1..n).all(|i| value(tag, i) == Some(first)).then_some(first)
        };
        let (bits, kind) = (all(Tag::BitsPerSample, 1), all(Tag::SampleFormat, 1));
        let (Some(bits @ 1..=64), Some(kind @ 1..=4)) = (bits, kind) else {
            return Err(
                wrong("samples of different or unknown types are not read".into()).hint("save it as grey or RGB")
            );
        };
        if !bits.is_multiple_of(8) && value(Tag::FillOrder, 0) == Some(2) {
            return Err(wrong("pixels that begin with the last bit of a byte (FillOrder 2) are not read".into())
                .hint("save it as 8-bit grey"));
        }
        let photometric = value(Tag::PhotometricInterpretation, 0).unwrap_or(1);
        let colours = match (photometric, samples) {
            (0 | 1 | 3, _) => 1,
            (2, 3..) => 3,
            _ => {
                return Err(wrong(format!("pixels of the kind {photometric} with {samples} samples are not read"))
                    .hint("save the image as grey or RGB"));
            }
        };
        let compressed = value(Tag::Compression, 0).unwrap_or(1) != 1;
        let ratio = if compressed { MAX_RATIO } else { 1 };
        let possible = bytes.len().saturating_mul(ratio).saturating_mul(8) / bits as usize;
        let n = rows.checked_mul(columns).and_then(|n| n.checked_mul(samples));
        if n == Some(0) {
            return Err(wrong(format!("the header gives {rows} × {columns} × {samples} values: a dimension is zero"))
                .hint("the file is damaged; copy it again"));
        }
        if n.is_none_or(|n| n > possible) {
            let what = format!("the header claims {rows} × {columns} × {samples} values, more than the file can hold");
            return Err(wrong(what).hint("the file is truncated; copy it again"));
        }
        let tiled = d.find(Tag::TileWidth).is_some() || d.find(Tag::TileOffsets).is_some();
        let chunk = if tiled {
            [size(Tag::TileLength).unwrap_or(0), size(Tag::TileWidth).unwrap_or(0)]
        } else {
            [size(Tag::RowsPerStrip).unwrap_or(rows).min(rows), columns]
        };
        if chunk.contains(&0) || chunk[0].checked_mul(chunk[1]).is_none_or(|n| n > possible.max(1 << 22)) {
            return Err(wrong(format!("strips of {chunk:?} pixels")).hint("the file is damaged; copy it again"));
        }
        let planar = samples > 1 && value(Tag::PlanarConfiguration, 0) == Some(2);
        let per_unit = [Tag::XResolution, Tag::YResolution].map(|t| d.ratio(bytes, endian, t));
        let mut page = Page {
            rows,
            columns,
            samples,
            bits: bits as u8,
            kind: if kind == 4 { 1 } else { kind },
            colours,
            per_unit: per_unit[0].zip(per_unit[1]).map(|(x, y)| [x, y]),
            possible,
            chunk,
            directory: d.at,
            photometric: d
                .find(Tag::PhotometricInterpretation)
                .filter(|_| photometric != 1 && colours == 1)
                .map(|e| e.at),
            strips: None,
            data: None,
            grown: Vec::new(),
            planar,
        };
        if !compressed && !tiled && (page.sample().is_some() || page.is_packed()) {
            page.strips = d.find(Tag::StripOffsets);
            page.data = page.sample().and_then(|_| page.contiguous(bytes, endian));
        }
        let whole = page.rows.is_multiple_of(chunk[0]) && page.columns.is_multiple_of(chunk[1]);
        if tiled && !whole {
            let sides = [(Tag::ImageLength, page.rows, chunk[0]), (Tag::ImageWidth, page.columns, chunk[1])];
            let grow = |(tag, n, tile): (Tag, usize, usize)| {
                let entry = d.find(tag)?;
                Some((entry.at, entry.encoded(n.checked_next_multiple_of(tile)? as u64, endian)?))
            };
            page.grown = sides.into_iter().map(grow).collect::<Option<_>>().unwrap_or_default();
        }
        if planar && page.data.is_none() {
            return Err(wrong("compressed colours in separate planes are not read".into())
                .hint("save it with the colours of a pixel together"));
        }
        Ok(page)
    }

    /// Whether two pages can be planes of one volume.
    pub(in crate::format) fn alike(&self, other: &Page) -> bool {
        let key = |p: &Page| (p.rows, p.columns, p.samples, p.bits, p.kind, p.colours);
        key(self) == key(other)
    }

    /// The type of its numbers, where they fill whole bytes.
    pub(in crate::format) fn sample(&self) -> Option<Sample> {
        Some(match (self.bits, self.kind) {
            (8, 1) => Sample::U8,
            (8, 2) => Sample::I8,
            (16, 1) => Sample::U16,
            (16, 2) => Sample::I16,
            (16, 3) => Sample::F16,
            (32, 1) => Sample::U32,
            (32, 2) => Sample::I32,
            (32, 3) => Sample::F32,
            (64, 1) => Sample::U64,
            (64, 2) => Sample::I64,
            (64, 3) => Sample::F64,
            _ => return None,
        })
    }

    /// Whether its numbers fill more than a byte and less than two, as those of cameras do: one behind the other, the
    /// first bit first, every row from a byte of its own on.
    fn is_packed(&self) -> bool {
        matches!((self.bits, self.kind, self.planar), (9..=15, 1, false))
    }

    /// Bytes of the page where nothing is compressed.
    pub(in crate::format) fn bytes(&self) -> usize {
        let line = self.columns.saturating_mul(self.samples).saturating_mul(usize::from(self.bits)).div_ceil(8);
        self.rows.saturating_mul(line)
    }

    /// Where the numbers begin, if every strip begins where the one before it ends.
    fn contiguous(&self, bytes: &[u8], endian: Endian) -> Option<usize> {
        let strips = self.strips?;
        let planes = if self.planar { self.samples } else { 1 };
        let [rows, _] = self.chunk;
        let line = self.bytes() / self.rows / planes;
        let first = strips.unsigned(bytes, endian, 0)?;
        let mut expected = first;
        let mut i = 0;
        for _ in 0..planes {
            for row in (0..self.rows).step_by(rows) {
                if strips.unsigned(bytes, endian, i)? != expected {
                    return None;
                }
                expected = expected.checked_add((rows.min(self.rows - row) * line) as u64)?;
                i += 1;
            }
        }
        usize::try_from(first).ok()
    }

    /// The numbers in a window of rows and columns, all samples together in the order `[row, column, sample]`.
    ///
    /// # Errors
    /// [`ReadError`] if they are broken.
    pub(in crate::format) fn window(
        &self,
        source: &Source,
        header: Header,
        window: &Window,
    ) -> Result<Vec<f64>, ReadError> {
        let [rows, columns] = window.ranges() else {
            return Err(ReadError::new(ID, "a page has rows and columns"));
        };
        if let Some(block) = self.block(source, header.endian)? {
            return block.window(&Window::new([rows.clone(), columns.clone(), 0..self.samples]));
        }
        if let (Some(strips), true) = (self.strips, self.is_packed()) {
            return self.bits(source, header, strips, rows, columns);
        }
        let (Some(strips), Some(sample)) = (self.strips, self.sample()) else {
            return packed::read(self, source.bytes(), header, rows, columns);
        };
        let pixel = sample.size() * self.samples;
        let mut out = Vec::with_capacity(rows.len() * columns.len() * self.samples);
        for row in rows.clone() {
            let (strip, inner) = (row / self.chunk[0], row % self.chunk[0]);
            let at = strips.unsigned(source.bytes(), header.endian, strip as u64);
            let from =
                at.and_then(|at| usize::try_from(at).ok()?.checked_add((inner * self.columns + columns.start) * pixel));
            let line = from.and_then(|from| source.bytes().get(from..from.checked_add(columns.len() * pixel)?));
            let line = line.ok_or_else(|| truncated(source, row))?;
            sample.extend(&mut out, line, header.endian, 1.0, 0.0);
        }
        Ok(out)
    }

    /// A window of numbers that fill no whole bytes.
    fn bits(
        &self,
        source: &Source,
        header: Header,
        strips: Entry,
        rows: &std::ops::Range<usize>,
        columns: &std::ops::Range<usize>,
    ) -> Result<Vec<f64>, ReadError> {
        let width = usize::from(self.bits);
        let length = (self.columns * self.samples * width).div_ceil(8);
        let mut out = Vec::with_capacity(rows.len() * columns.len() * self.samples);
        for row in rows.clone() {
            let at = strips.unsigned(source.bytes(), header.endian, (row / self.chunk[0]) as u64);
            let from = at.and_then(|at| usize::try_from(at).ok()?.checked_add(row % self.chunk[0] * length));
            let line = from.and_then(|from| source.bytes().get(from..from.checked_add(length)?));
            let line = line.ok_or_else(|| truncated(source, row))?;
            for i in columns.start * self.samples..columns.end * self.samples {
                let bit = i * width;
                let three = line.iter().skip(bit / 8).chain(std::iter::repeat(&0)).take(3);
                let word = three.fold(0u32, |a, b| a << 8 | u32::from(*b));
                out.push(f64::from(word >> (24 - bit % 8 - width) & ((1 << width) - 1)));
            }
        }
        Ok(out)
    }

    /// Where the numbers `[row, column, sample]` are, if they follow one another in the file.
    ///
    /// # Errors
    /// [`ReadError`] if the file ends before them.
    pub(in crate::format) fn block(&self, source: &Source, endian: Endian) -> Result<Option<Block>, ReadError> {
        let (Some(at), Some(sample)) = (self.data, self.sample()) else { return Ok(None) };
        let shape = [self.rows, self.columns, self.samples];
        let size = sample.size();
        let strides = if self.planar {
            [self.columns * size, size, self.rows * self.columns * size]
        } else {
            [self.columns * self.samples * size, self.samples * size, size]
        };
        let strides = strides.map(|s| s as isize);
        Block::strided(ID, source, at, sample, endian, &shape, &strides).map(Some)
    }

    /// Rec. 709 weights on the stored numbers; alpha is left out.
    pub(in crate::format) fn luminance(&self, values: &[f64]) -> Vec<f64> {
        super::super::png::luminance(values, self.samples, self.colours)
    }
}

fn truncated(source: &Source, row: usize) -> ReadError {
    ReadError::new(ID, format!("the file is truncated: line {row} lies outside of it"))
        .at(source.bytes().len())
        .hint("copy it again")
}
