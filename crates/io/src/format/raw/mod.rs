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

use flate2::read::{GzDecoder, ZlibDecoder};

use crate::cursor::{Endian, Sample};
use crate::{Block, Channel, Dataset, Limits, ReadError, Source, Store, TableInfo, Window};
use softspot_data::unit::Unit;

/// Deflate cannot do better; a claim beyond it is a lie.
const MAX_RATIO: usize = 1100;
/// Components of a pixel, and files of a list.
const MOST: usize = 4096;

/// How the numbers are packed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Packing {
    None,
    Gzip,
    Zlib,
    /// Written in words.
    Text,
}

/// What a header tells of its numbers.
struct Numbers {
    format: &'static str,
    /// Elements along each axis, the fastest first.
    sizes: Vec<usize>,
    /// Numbers of one element, next to one another.
    components: usize,
    sample: Sample,
    endian: Endian,
    packing: Packing,
    /// Files of equal length that follow one another along the slowest axis; or one.
    files: Vec<Source>,
    /// Byte of the first number; `None` where the numbers are the last of the file.
    skip: Option<usize>,
    /// Distance of elements along each axis in m, the fastest first.
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
        let size = self.steps.as_ref().filter(|s| s.len() == self.sizes.len() && s.len() == shape.len());
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
        let at = at.saturating_add(component * sample.size());
        let mut shape = self.shape.clone();
        if let Some(first) = shape.first_mut() {
            *first /= n.files.len();
        }
        let mut step = n.components.saturating_mul(sample.size());
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
        let mut out = Vec::new();
        // One byte more: the checksum is looked at where the stream ends.
        let most = self.part as u64;
        let done = match n.packing {
            Packing::Gzip => GzDecoder::new(packed).take(most + 1).read_to_end(&mut out),
            Packing::Zlib => ZlibDecoder::new(packed).take(most + 1).read_to_end(&mut out),
            _ => {
                let text = String::from_utf8_lossy(packed);
                let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty());
                for word in words.take(self.part / n.sample.size()) {
                    let v: f64 = word.parse().map_err(|_| {
                        ReadError::new(n.format, format!("`{word}` is no number"))
                            .hint("the file is damaged; copy it again")
                    })?;
                    out.extend(v.to_le_bytes());
                }
                Ok(out.len())
            }
        };
        done.map_err(|e| {
            ReadError::new(n.format, format!("the numbers cannot be unpacked: {e}"))
                .hint("copy the file again")
                .in_file(source.path())
        })?;
        if n.packing != Packing::Text {
            out.truncate(self.part);
        }
        Ok(Source::from_bytes(source.path(), out))
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
