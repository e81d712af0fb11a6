//! How a chunk is stored: its axes turned, its numbers as bytes or as a shard of smaller chunks, the bytes packed.

use std::ops::Range;

use ndarray::{ArrayD, IxDyn};
use serde_json::Value;

use super::ID;
use super::grid::{Grid, Number, Piece, Request};
use super::node::sizes;
use crate::container::packing;
use crate::cursor::Endian;
use crate::{Source, Window, block::Block};

/// Bytes of what is unpacked at most: of a chunk that is no shard.
pub(super) const MOST: u64 = 1 << 30;
/// Chunks of a shard.
const CHUNKS: usize = 1 << 22;

/// The codecs of a chunk.
pub(super) struct Chain {
    /// Axis of the array that stands at each place of what is stored, the slowest first.
    order: Vec<usize>,
    form: Form,
    /// In the order in which they were applied.
    packing: Vec<Packing>,
}

enum Form {
    Numbers(Endian),
    Shard(Box<Shard>),
}

/// Smaller chunks one behind the other, and an index of where each lies.
struct Shard {
    grid: Grid,
    /// The index stands before the chunks.
    index_first: bool,
    endian: Endian,
    checksum: bool,
}

/// A codec that makes bytes of bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Packing {
    Gzip,
    Zlib,
    Zstandard,
    Blosc,
    Lz4,
    Bzip2,
    Crc32c,
    Shuffle(usize),
}

impl Packing {
    fn of(name: &str, settings: Option<&Value>) -> Option<Packing> {
        Some(match name.strip_prefix("numcodecs.").unwrap_or(name) {
            "gzip" => Packing::Gzip,
            "zlib" => Packing::Zlib,
            "zstd" => Packing::Zstandard,
            "blosc" => Packing::Blosc,
            "lz4" => Packing::Lz4,
            "bz2" => Packing::Bzip2,
            "crc32c" if is_last(settings) => Packing::Crc32c,
            "shuffle" => {
                let size = settings.and_then(|s| s.get("elementsize")).map_or(Some(4), Value::as_u64)?;
                Packing::Shuffle(usize::try_from(size).ok().filter(|n| (1..=256).contains(n))?)
            }
            _ => return None,
        })
    }

    fn unpack(self, data: &[u8], most: usize) -> Option<Vec<u8>> {
        match self {
            Packing::Gzip => packing::gzip(data, most),
            Packing::Zlib => packing::zlib(data, most),
            Packing::Zstandard => packing::zstandard(data, most),
            Packing::Blosc => packing::blosc(data, most),
            Packing::Lz4 => {
                // The length stands before the block.
                let (length, block) = data.split_first_chunk::<4>()?;
                packing::lz4(block, usize::try_from(u32::from_le_bytes(*length)).ok().filter(|n| *n <= most)?)
            }
            Packing::Bzip2 => packing::bzip2(data, most),
            Packing::Crc32c => checked(data).map(<[u8]>::to_vec),
            Packing::Shuffle(size) => Some(packing::unshuffle(data, size)),
        }
    }
}

/// A checksum may be said to stand first, which is not read.
fn is_last(settings: Option<&Value>) -> bool {
    settings.and_then(|s| s.get("location")).and_then(Value::as_str).is_none_or(|at| at == "end")
}

/// What stands before its checksum; `None` where they do not agree.
fn checked(data: &[u8]) -> Option<&[u8]> {
    let (own, sum) = data.split_last_chunk::<4>()?;
    (packing::crc32c(own) == u32::from_le_bytes(*sum)).then_some(own)
}

/// A codec that changes numbers before they are written, but need not be undone: it only rounds them.
fn only_rounds(name: &str, settings: Option<&Value>) -> bool {
    let get = |key: &str| settings.and_then(|s| s.get(key));
    match name.strip_prefix("numcodecs.").unwrap_or(name) {
        "bitround" => true,
        "quantize" => get("astype").is_none() || get("astype") == get("dtype"),
        _ => false,
    }
}

fn unknown(name: &str) -> String {
    format!("the codec `{name}` is not read; write it with gzip, zstd or blosc, or without compression")
}

impl Chain {
    /// From the metadata of version 2.
    ///
    /// # Errors
    /// What is not read.
    pub(super) fn of_v2(
        own: &serde_json::Map<String, Value>,
        chunk: &[usize],
        endian: Endian,
    ) -> Result<Chain, String> {
        let mut order: Vec<usize> = (0..chunk.len()).collect();
        match own.get("order").and_then(Value::as_str) {
            Some("F") => order.reverse(),
            Some("C") | None => {}
            Some(other) => return Err(format!("the order `{other}` is not read")),
        }
        let mut packing = Vec::new();
        let filters = own.get("filters").and_then(Value::as_array).into_iter().flatten();
        for codec in filters.chain(own.get("compressor").filter(|c| !c.is_null())) {
            let name = codec.get("id").and_then(Value::as_str).unwrap_or_default();
            if !only_rounds(name, Some(codec)) {
                packing.push(Packing::of(name, Some(codec)).ok_or_else(|| unknown(name))?);
            }
        }
        Ok(Chain { order, form: Form::Numbers(endian), packing })
    }

    /// From the list of codecs of version 3.
    ///
    /// # Errors
    /// What is not read.
    pub(super) fn of_v3(codecs: Option<&Value>, chunk: &[usize], number: Number) -> Result<Chain, String> {
        let mut order: Vec<usize> = (0..chunk.len()).collect();
        let mut form = None;
        let mut packing = Vec::new();
        for codec in codecs.and_then(Value::as_array).into_iter().flatten() {
            let name = codec.as_str().or_else(|| codec.get("name")?.as_str()).unwrap_or_default();
            let settings = codec.get("configuration");
            let get = |key: &str| settings.and_then(|s| s.get(key));
            match (name, &form) {
                ("transpose", None) => {
                    let own = turn(get("order"), order.len()).ok_or("its axes are turned in no known way")?;
                    order = own.iter().filter_map(|i| order.get(*i).copied()).collect();
                }
                ("bytes" | "endian", None) => form = Some(Form::Numbers(endian(get("endian"), number.sample.size())?)),
                ("sharding_indexed", None) => {
                    let stored: Vec<usize> = order.iter().filter_map(|i| chunk.get(*i).copied()).collect();
                    form = Some(Form::Shard(Box::new(Shard::of(&get, &stored, number)?)));
                }
                (name, None) if only_rounds(name, settings) => {}
                (name, Some(_)) => packing.push(Packing::of(name, settings).ok_or_else(|| unknown(name))?),
                (name, None) => return Err(unknown(name)),
            }
        }
        Ok(Chain { order, form: form.ok_or("no codec makes bytes of its numbers")?, packing })
    }

    /// Bytes of the largest part of a chunk that must be in memory at once.
    pub(super) fn largest(&self, chunk: &[usize], number: Number) -> Option<u64> {
        match &self.form {
            Form::Shard(shard) if self.packing.is_empty() => shard.grid.chain.largest(&shard.grid.chunk, number),
            _ => chunk.iter().try_fold(number.size() as u64, |a, n| a.checked_mul(*n as u64)),
        }
    }

    /// A window of a chunk, in C order.
    ///
    /// # Errors
    /// What is wrong with the chunk.
    pub(super) fn window(
        &self,
        mut piece: Piece,
        chunk: &[usize],
        window: &[Range<usize>],
        request: Request,
    ) -> Result<Vec<f64>, String> {
        let number = request.number;
        let size = chunk.iter().fold(number.size(), |a, n| a.saturating_mul(*n));
        // A packed form of it that is packed once more may be a little longer than the numbers.
        let most = size.saturating_add(size / 8 + 4096);
        for packing in self.packing.iter().rev() {
            let bytes = packing.unpack(piece.bytes(), most).ok_or_else(|| format!("packed by {packing:?}, damaged"))?;
            piece = Piece::whole(Source::from_bytes(piece.source.path(), bytes));
        }
        match &self.form {
            Form::Numbers(endian) => {
                if piece.range.len() != size {
                    return Err(format!("{} bytes for numbers of {size}", piece.range.len()));
                }
                let mut strides = vec![0isize; chunk.len()];
                let mut step = number.size();
                for axis in self.order.iter().rev() {
                    strides[*axis] = step as isize;
                    step *= chunk[*axis];
                }
                let at = piece.range.start + request.part * number.sample.size();
                Block::strided(ID, &piece.source, at, number.sample, *endian, chunk, &strides)
                    .and_then(|block| block.window(&Window::new(window.iter().cloned())))
                    .map_err(|e| e.what)
            }
            Form::Shard(shard) => {
                let turned = |of: &[Range<usize>]| -> Vec<Range<usize>> {
                    self.order.iter().filter_map(|i| of.get(*i).cloned()).collect()
                };
                let stored: Vec<usize> = self.order.iter().map(|i| chunk[*i]).collect();
                let ranges = turned(window);
                let values = shard.read(&piece, &stored, &ranges, request)?;
                if self.order.is_sorted() {
                    return Ok(values);
                }
                // Axis `order[i]` of the window is axis i of what was read.
                let mut back = vec![0; self.order.len()];
                self.order.iter().enumerate().for_each(|(i, axis)| back[*axis] = i);
                let shape: Vec<usize> = ranges.iter().map(Range::len).collect();
                let read = ArrayD::from_shape_vec(IxDyn(&shape), values).map_err(|e| e.to_string())?;
                Ok(read.permuted_axes(IxDyn(&back)).iter().copied().collect())
            }
        }
    }
}

impl Shard {
    fn of<'a>(get: &dyn Fn(&str) -> Option<&'a Value>, shard: &[usize], number: Number) -> Result<Shard, String> {
        let chunk = sizes(get("chunk_shape")).filter(|c| c.len() == shard.len() && !c.contains(&0));
        let chunk = chunk.ok_or("its shards are of no size")?;
        let count = shard.iter().zip(&chunk).try_fold(1usize, |a, (s, c)| a.checked_mul(s / c));
        if count.is_none_or(|n| n > CHUNKS) || shard.iter().zip(&chunk).any(|(s, c)| !s.is_multiple_of(*c)) {
            return Err(format!("its shards of {shard:?} elements do not hold a fit number of chunks of {chunk:?}"));
        }
        let (mut form, mut checksum) = (None, false);
        for codec in get("index_codecs").and_then(Value::as_array).into_iter().flatten() {
            let name = codec.as_str().or_else(|| codec.get("name")?.as_str()).unwrap_or_default();
            match name {
                "bytes" | "endian" => form = Some(endian(codec.get("configuration").and_then(|c| c.get("endian")), 8)?),
                "crc32c" if form.is_some() && !checksum => checksum = true,
                _ => return Err(format!("the index of its shards, by `{name}`, is not read")),
            }
        }
        let index_first = match get("index_location").and_then(Value::as_str) {
            Some("start") => true,
            Some("end") | None => false,
            Some(other) => return Err(format!("the index of its shards, at `{other}`, is not read")),
        };
        let endian = form.ok_or("the index of its shards is not described")?;
        let chain = Chain::of_v3(get("codecs"), &chunk, number)?;
        Ok(Shard { grid: Grid { chunk, chain }, index_first, endian, checksum })
    }

    fn read(
        &self,
        piece: &Piece,
        shard: &[usize],
        window: &[Range<usize>],
        request: Request,
    ) -> Result<Vec<f64>, String> {
        const BROKEN: &str = "the index of a shard is damaged";
        let counts: Vec<usize> = shard.iter().zip(&self.grid.chunk).map(|(s, c)| s / c).collect();
        let length = counts.iter().product::<usize>() * 16 + if self.checksum { 4 } else { 0 };
        let all = piece.range.len();
        let from = if self.index_first { Some(0) } else { all.checked_sub(length) };
        let index = from.and_then(|from| piece.part(from..from + length)).ok_or(BROKEN)?;
        let entries = if self.checksum { checked(index.bytes()).ok_or(BROKEN)? } else { index.bytes() };
        self.grid.read(window, request, &|place| {
            let i = place.iter().zip(&counts).fold(0, |at, (i, n)| at * n + i);
            let word = |k: usize| {
                let bytes = entries.get(8 * k..)?.first_chunk::<8>()?;
                Some(if self.endian == Endian::Little {
                    u64::from_le_bytes(*bytes)
                } else {
                    u64::from_be_bytes(*bytes)
                })
            };
            let (at, n) = word(2 * i).zip(word(2 * i + 1)).ok_or(BROKEN)?;
            if (at, n) == (u64::MAX, u64::MAX) {
                return Ok(None);
            }
            let end = at.checked_add(n).and_then(|e| usize::try_from(e).ok()).ok_or(BROKEN)?;
            piece.part(at as usize..end).map(Some).ok_or_else(|| BROKEN.to_string())
        })
    }
}

/// The order of bytes; numbers of one byte need none.
fn endian(said: Option<&Value>, size: usize) -> Result<Endian, String> {
    match said.and_then(Value::as_str) {
        Some("little") => Ok(Endian::Little),
        Some("big") => Ok(Endian::Big),
        None if size == 1 => Ok(Endian::Little),
        _ => Err("the order of its bytes is not said".into()),
    }
}

/// A permutation of axes; drafts of version 3 wrote letters.
fn turn(order: Option<&Value>, axes: usize) -> Option<Vec<usize>> {
    match order?.as_str() {
        Some("C") => return Some((0..axes).collect()),
        Some("F") => return Some((0..axes).rev().collect()),
        _ => {}
    }
    let own = sizes(order)?;
    let mut sorted = own.clone();
    sorted.sort_unstable();
    sorted.into_iter().eq(0..axes).then_some(own)
}
