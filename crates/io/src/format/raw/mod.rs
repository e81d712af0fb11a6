//! Raw numbers described by a header of text, in the same file or in one beside it.

mod bare;
mod header;
mod metaimage;
mod nrrd;
mod vol;

pub use bare::{Layout, open_bare};
pub use metaimage::MetaImage;
pub use nrrd::Nrrd;
pub use vol::Vol;

use std::io::Read;
use std::path::{Component, Path};

use bzip2::read::MultiBzDecoder;
use flate2::read::{MultiGzDecoder, ZlibDecoder};

use crate::cursor::{Endian, Sample};
use crate::{Block, Channel, Dataset, Limits, ReadError, Source, Store, TableInfo, Window};
use softspot_data::unit::Unit;

/// Deflate cannot do better; a claim beyond it is a lie.
const MAX_RATIO: usize = 1100;
/// Bzip2 can: a block of 900,000 equal bytes takes some 40.
const MAX_RATIO_BZIP2: usize = 25_000;
/// Components of a pixel, and files of a list.
const MOST: usize = 4096;

/// How the numbers are packed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Packing {
    None,
    Gzip,
    Zlib,
    Bzip2,
    /// Two digits of base 16 a byte.
    Hex,
    /// Written in words.
    Text,
}

/// What a header tells of its numbers.
struct Numbers {
    format: &'static str,
    /// Elements along each axis, the fastest first.
    sizes: Vec<usize>,
    /// Numbers of one element.
    components: usize,
    /// Whether all first numbers stand before all second ones; else those of an element are next to one another.
    planar: bool,
    sample: Sample,
    endian: Endian,
    packing: Packing,
    /// Files of equal length that follow one another along the slowest axis; or one.
    files: Vec<Source>,
    /// Byte of the first number; `None` where the numbers are the last of the file.
    skip: Option<usize>,
    /// Bytes before the first number once the stream is unpacked.
    skip_inside: usize,
    /// Distance of elements along each axis in m, the fastest first; of the first two, where others have none.
    steps: Option<Vec<f64>>,
    unit: Unit,
}

impl Numbers {
    /// Adds a channel a component: a column, a map, or a volume whose first axis joins all slower ones; the files that
    /// hold the numbers become companions.
    fn push(self, dataset: &mut Dataset, limits: &Limits) -> Result<(), ReadError> {
        let too_many = || {
            ReadError::new(
                self.format,
                format!("the header claims {:?} elements, more than the file can hold", self.sizes),
            )
            .hint("the header is damaged, or the file with the numbers is truncated: copy both again")
        };
        if self.sizes.is_empty() || self.sizes.contains(&0) || !(1..=MOST).contains(&self.components) {
            let what = format!("the header gives {:?} elements of {} numbers", self.sizes, self.components);
            return Err(ReadError::new(self.format, what).hint("the header is damaged; copy it again"));
        }
        let count = self.sizes.iter().try_fold(self.components, |a, b| a.checked_mul(*b)).ok_or_else(too_many)?;
        let bytes = count.checked_mul(self.sample.size()).ok_or_else(too_many)?;
        let files = self.files.len();
        let slow = self.sizes.last().copied().unwrap_or(1);
        if files == 0 || slow % files != 0 {
            let what = format!("the header names {files} files for {slow} slices");
            return Err(ReadError::new(self.format, what).hint("every file must hold as many slices"));
        }
        let (ratio, least) = match self.packing {
            Packing::None => (1, 0),
            Packing::Gzip | Packing::Zlib => (MAX_RATIO, 64),
            Packing::Bzip2 => (MAX_RATIO_BZIP2, 64),
            Packing::Hex => (1, 0),
            // A digit and a blank are two bytes of text, and up to eight as a number.
            Packing::Text => (self.sample.size(), 64),
        };
        let have = self.files.iter().map(|f| f.bytes().len()).sum::<usize>();
        if bytes > have.saturating_mul(ratio).saturating_add(least)
            || self.packing != Packing::None && bytes as u64 > limits.inflated
        {
            return Err(too_many());
        }
        // [z…, y, x] as shape: a volume at most.
        let shape: Vec<usize> = match *self.sizes.as_slice() {
            [x] => vec![x],
            [x, y] => vec![y, x],
            [x, y, ref rest @ ..] => vec![rest.iter().product(), y, x],
            [] => return Err(too_many()),
        };
        dataset.companions.extend(self.files.iter().map(|f| f.path().to_path_buf()));
        // Where slower axes were joined, or have no length, planes have no distance.
        let known = if self.sizes.len() == shape.len() { shape.len() } else { 2 };
        let steps = self.steps.as_ref().and_then(|s| s.get(..known.min(s.len())));
        let size = steps.filter(|s| s.len() == shape.len() || s.len() == 2 && shape.len() == 3);
        let size = size.map(|s| s.iter().zip(&self.sizes).map(|(step, n)| step * *n as f64).collect::<Vec<_>>());
        let components = self.components;
        let unit = self.unit.clone();
        let parts = std::sync::Arc::new(Parts { numbers: self, shape: shape.clone(), part: bytes / files });
        // What is not packed is found missing now.
        if parts.numbers.packing == Packing::None {
            (0..files).try_for_each(|i| parts.block(i, 0).map(|_| ()))?;
        }
        for c in 0..components {
            let name = if components == 1 { String::new() } else { format!(" {}", c + 1) };
            let channel = match *shape.as_slice() {
                [n] => {
                    let table = if c == 0 { dataset.add_table(TableInfo::default()) } else { 0 };
                    Channel::column(table, format!("values{name}"), unit.clone(), n)
                }
                [rows, columns] => {
                    Channel::map(format!("image{name}"), unit.clone(), rows, columns).sized(size.clone())
                }
                [z, y, x] => Channel::volume(format!("volume{name}"), unit.clone(), [z, y, x]).sized(size.clone()),
                _ => continue,
            };
            if files == 1 && parts.numbers.packing == Packing::None {
                dataset.push(channel, parts.block(0, c)?)?;
                continue;
            }
            let parts = std::sync::Arc::clone(&parts);
            dataset.push(channel, Store::windowed(move |w| parts.window(c, w)))?;
        }
        Ok(())
    }
}

/// Numbers in one or several files.
struct Parts {
    numbers: Numbers,
    shape: Vec<usize>,
    /// Bytes of numbers in one file.
    part: usize,
}

impl Parts {
    /// One component in one file.
    fn block(&self, file: usize, component: usize) -> Result<Block, ReadError> {
        let n = &self.numbers;
        let source = n.files.get(file).ok_or_else(|| ReadError::new(n.format, "there is no such file"))?;
        let (source, at) = match n.packing {
            Packing::None => {
                let behind = source.bytes().len().saturating_sub(self.part);
                (source.clone(), n.skip.unwrap_or(behind))
            }
            _ => (self.unpacked(source)?, 0),
        };
        let (sample, endian) =
            if n.packing == Packing::Text { (Sample::F64, Endian::Little) } else { (n.sample, n.endian) };
        let mut shape = self.shape.clone();
        if let Some(first) = shape.first_mut() {
            *first /= n.files.len();
        }
        let (before, mut step) = match n.planar {
            true => (shape.iter().product::<usize>().saturating_mul(component), sample.size()),
            false => (component, n.components.saturating_mul(sample.size())),
        };
        let at = at.saturating_add(before.saturating_mul(sample.size()));
        let mut strides = vec![0isize; shape.len()];
        for (stride, n) in strides.iter_mut().zip(&shape).rev() {
            *stride = isize::try_from(step).unwrap_or(isize::MAX);
            step = step.saturating_mul(*n);
        }
        let block = Block::strided(n.format, &source, at, sample, endian, &shape, &strides);
        block.map_err(|e| e.in_file(source.path()))
    }

    /// The bytes of the numbers.
    fn unpacked(&self, source: &Source) -> Result<Source, ReadError> {
        let n = &self.numbers;
        let packed = source.bytes().get(n.skip.unwrap_or(0)..).unwrap_or_default();
        // One byte more: the checksum is looked at where the stream ends.
        let most = self.part.saturating_add(n.skip_inside) as u64 + 1;
        let done = match n.packing {
            Packing::Gzip => all(MultiGzDecoder::new(packed).take(most)),
            Packing::Zlib => all(ZlibDecoder::new(packed).take(most)),
            Packing::Bzip2 => all(MultiBzDecoder::new(packed).take(most)),
            Packing::Hex => hexadecimal(packed, self.part),
            _ => self.words(packed),
        };
        let out = done.map_err(|e| {
            ReadError::new(n.format, format!("the numbers cannot be unpacked: {e}"))
                .hint("copy the file again")
                .in_file(source.path())
        })?;
        let out = out.get(n.skip_inside.min(out.len())..).unwrap_or_default();
        let length = if n.packing == Packing::Text { out.len() } else { self.part.min(out.len()) };
        Ok(Source::from_bytes(source.path(), out.get(..length).unwrap_or_default().to_vec()))
    }

    /// The bytes of doubles that are written in words.
    fn words(&self, text: &[u8]) -> std::io::Result<Vec<u8>> {
        let text = String::from_utf8_lossy(text);
        let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty());
        let mut out = Vec::new();
        for word in words.take(self.part / self.numbers.sample.size()) {
            let v: f64 = word.parse().map_err(|_| std::io::Error::other(format!("`{word}` is no number")))?;
            out.extend(v.to_le_bytes());
        }
        Ok(out)
    }

    fn window(&self, component: usize, window: &Window) -> Result<Vec<f64>, ReadError> {
        let per_file = self.shape.first().copied().unwrap_or(1) / self.numbers.files.len().max(1);
        let [slow, rest @ ..] = window.ranges() else { return Err(ReadError::new(self.numbers.format, "no axes")) };
        let mut out = Vec::with_capacity(window.shape().iter().product());
        for file in slow.start / per_file.max(1)..slow.end.div_ceil(per_file.max(1)) {
            let first = file * per_file;
            let own = slow.start.max(first) - first..slow.end.min(first + per_file) - first;
            let part = Window::new([&[own], rest].concat());
            out.append(&mut self.block(file, component)?.window(&part)?);
        }
        Ok(out)
    }
}

fn all(mut reader: impl Read) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    reader.read_to_end(&mut out)?;
    Ok(out)
}

/// Bytes of two digits each, with blanks and lines between them.
fn hexadecimal(text: &[u8], most: usize) -> std::io::Result<Vec<u8>> {
    let mut digits = text.iter().filter(|b| !b.is_ascii_whitespace()).take(most.saturating_mul(2));
    let digit = |b: &u8| {
        let value = char::from(*b).to_digit(16).map(|d| d as u8);
        value.ok_or_else(|| std::io::Error::other(format!("`{}` is no digit of base 16", char::from(*b))))
    };
    let mut out = Vec::with_capacity(most.min(text.len() / 2));
    while let (Some(high), Some(low)) = (digits.next(), digits.next()) {
        out.push(digit(high)? << 4 | digit(low)?);
    }
    Ok(out)
}

/// The file that a header names, which must lie in its folder.
///
/// # Errors
/// [`ReadError`] if the name leads elsewhere, or the file cannot be read.
fn companion(format: &'static str, header: &Path, name: &str) -> Result<Source, ReadError> {
    let own = name.trim().trim_matches('"');
    let path = Path::new(own);
    let inside = path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    if own.is_empty() || !inside || own.contains(['\\', ':']) {
        return Err(ReadError::new(format, format!("the header names `{own}`, which is not in its folder"))
            .hint("put the file with the numbers beside its header and correct the name in it"));
    }
    let path = header.parent().unwrap_or(Path::new("")).join(path);
    let source = Source::open(&path).map_err(|e| ReadError { format: format.into(), ..e })?;
    if source.is_folder() {
        return Err(ReadError::new(format, format!("the header names `{own}`, which is a folder"))
            .hint("name the file with the numbers in the header"));
    }
    Ok(source)
}
