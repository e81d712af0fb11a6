//! OLE compound files (Microsoft's MS-CFB): a file system of sectors with streams as its files.
//!
//! Written by hand, because what reads instrument files must survive any bytes: every chain of sectors is bounded by
//! the number of sectors that there are, every sector by the end of the file, and the order of the directory's tree,
//! which many writers get wrong, is not relied on. [`Compound::pieces`] says where a stream lies, so that large ones
//! need no copy.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::io::{ReadError, Source};

/// What every compound file begins with.
const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// Streams below that many bytes lie in the mini stream.
const SMALL: u64 = 4096;
/// Bytes of a sector of the mini stream.
const MINI: usize = 64;
/// Numbers from here on are marks, no sectors.
const MARKS: u32 = 0xffff_fffa;
/// Bytes of an entry of the directory.
const ENTRY: usize = 128;
/// Storages in storages beyond which a file is hostile.
const DEPTH: usize = 32;

/// Whether it is a compound file.
pub(in crate::io) fn is_compound(source: &Source) -> bool {
    source.head().starts_with(MAGIC)
}

/// One stream: its path, its first sector, its length.
struct Stream {
    path: String,
    first: u32,
    length: u64,
}

/// An opened compound file; its tables are read once.
pub(in crate::io) struct Compound {
    format: &'static str,
    source: Source,
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    /// Where the mini stream lies in the file.
    mini: Vec<Range<usize>>,
    streams: Vec<Stream>,
}

/// An entry of the directory.
struct Entry {
    name: String,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    first: u32,
    length: u64,
}

impl Compound {
    /// Reads header, allocation tables and directory.
    ///
    /// # Errors
    /// [`ReadError`] if it is no compound file or a broken one.
    pub(in crate::io) fn open(format: &'static str, source: &Source) -> Result<Compound, ReadError> {
        let bytes = source.bytes();
        if !bytes.starts_with(MAGIC) || bytes.len() < 512 {
            return Err(broken(format, "it is no OLE compound file, or its header is cut").at(bytes.len().min(512)));
        }
        let sector = match u16_at(bytes, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            _ => return Err(broken(format, "the OLE header gives sectors of an unknown size").at(30)),
        };
        let mut file = Compound {
            format,
            source: source.clone(),
            sector,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini: Vec::new(),
            streams: Vec::new(),
        };
        file.fat = file.allocation_table()?;
        let entries = file.entries(u32_at(bytes, 48).unwrap_or(MARKS))?;
        if let Some(root) = entries.first() {
            let small = u32_at(bytes, 60).unwrap_or(MARKS);
            if small < MARKS && root.first < MARKS {
                // A damaged table of small streams leaves the large ones readable.
                let table = file.chain(small, usize::MAX).unwrap_or_default();
                file.mini_fat = file.words(&table);
                file.mini = file.chain(root.first, usize::MAX).unwrap_or_default();
            }
            file.streams = streams(&entries, root.child);
        }
        Ok(file)
    }

    /// Paths of the streams, parts parted by `/`.
    pub(in crate::io) fn names(&self) -> Vec<String> {
        self.streams.iter().map(|s| s.path.clone()).collect()
    }

    /// Length of a stream in bytes, by its directory entry.
    pub(in crate::io) fn length(&self, path: &str) -> Option<u64> {
        self.find(path).map(|s| s.length)
    }

    /// Where the bytes of a stream lie in the file, in their order; neighbours are joined.
    ///
    /// # Errors
    /// [`ReadError`] if there is no such stream, or the file ends before the stream does.
    pub(in crate::io) fn pieces(&self, path: &str) -> Result<Vec<Range<usize>>, ReadError> {
        let stream = self
            .find(path)
            .ok_or_else(|| ReadError::new(self.format, format!("there is no stream `{path}` in the file")))?;
        let file = self.source.bytes().len();
        let length = usize::try_from(stream.length).ok().filter(|n| *n <= file);
        let Some(length) = length else {
            let what = format!("the stream `{path}` claims {} bytes, the file has {file}", stream.length);
            return Err(broken(self.format, what));
        };
        // No more than the file has may come out of it, however its sectors are chained.
        let pieces = if stream.length < SMALL && !self.mini.is_empty() {
            self.mini_chain(stream.first, length)
        } else {
            self.chain(stream.first, length)?
        };
        let have: usize = pieces.iter().map(|p| p.len()).sum();
        if have < length {
            return Err(broken(self.format, format!("the stream `{path}` has {have} of its {length} bytes")).at(file));
        }
        Ok(pieces)
    }

    /// All bytes of a stream, `None` where there is none of that path; never more than the file has.
    ///
    /// # Errors
    /// As [`Compound::pieces`].
    pub(in crate::io) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        if self.find(path).is_none() {
            return Ok(None);
        }
        let pieces = self.pieces(path)?;
        let mut out = Vec::with_capacity(pieces.iter().map(|p| p.len()).sum());
        pieces.into_iter().for_each(|p| out.extend(self.source.bytes().get(p).unwrap_or_default()));
        Ok(Some(out))
    }

    fn find(&self, path: &str) -> Option<&Stream> {
        self.streams.iter().find(|s| s.path == path)
    }

    /// The bytes of a sector; fewer where the file ends in it.
    fn place(&self, sector: u32) -> Option<Range<usize>> {
        let from = (sector as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = self.source.bytes().len();
        (from < end).then(|| from..(from + self.sector).min(end))
    }

    /// Sectors that the file has room for: no chain is longer.
    fn room(&self) -> usize {
        self.source.bytes().len() / self.sector + 1
    }

    /// The table of which sector follows which.
    fn allocation_table(&self) -> Result<Vec<u32>, ReadError> {
        let bytes = self.source.bytes();
        let mut tables: Vec<u32> = (0..109).filter_map(|i| u32_at(bytes, 76 + 4 * i)).collect();
        let mut next = u32_at(bytes, 68).unwrap_or(MARKS);
        let mut steps = 0;
        while next < MARKS {
            steps += 1;
            let place = self.place(next).filter(|_| steps <= self.room());
            let place = place.ok_or_else(|| broken(self.format, "the list of allocation tables is broken").at(68))?;
            let mut words = self.words(std::slice::from_ref(&place));
            next = if words.len() * 4 == self.sector { words.pop().unwrap_or(MARKS) } else { MARKS };
            tables.extend(words);
        }
        let mut seen = BTreeSet::new();
        let mut fat = Vec::new();
        for table in tables.into_iter().filter(|t| *t < MARKS) {
            // Padding with zeros is met in files of some writers; a table does not come twice.
            if let Some(place) = self.place(table).filter(|_| seen.insert(table)) {
                fat.extend(self.words(std::slice::from_ref(&place)));
            }
        }
        Ok(fat)
    }

    fn words(&self, places: &[Range<usize>]) -> Vec<u32> {
        let mut out = Vec::new();
        for place in places {
            let (words, _) = self.source.bytes().get(place.clone()).unwrap_or_default().as_chunks::<4>();
            out.extend(words.iter().map(|w| u32::from_le_bytes(*w)));
        }
        out
    }

    /// Where a chain of sectors lies, up to `most` bytes.
    fn chain(&self, first: u32, most: usize) -> Result<Vec<Range<usize>>, ReadError> {
        let (mut out, mut have, mut steps, mut sector) = (Vec::new(), 0, 0, first);
        while sector < MARKS && have < most {
            steps += 1;
            if steps > self.room() {
                return Err(broken(self.format, "a chain of sectors runs in a circle"));
            }
            // What lies behind the end is missing; whoever wants it says so.
            let Some(place) = self.place(sector) else { break };
            let place = place.start..place.end.min(place.start.saturating_add(most - have));
            have += place.len();
            join(&mut out, place);
            sector = self.fat.get(sector as usize).copied().unwrap_or(MARKS);
        }
        Ok(out)
    }

    /// As [`Compound::chain`] for a small stream, whose sectors are parts of the mini stream.
    fn mini_chain(&self, first: u32, most: usize) -> Vec<Range<usize>> {
        let (mut out, mut have, mut sector) = (Vec::new(), 0, first);
        // Every step adds bytes, so that a circle ends with `most`, which is small.
        while sector < MARKS && have < most {
            let Some(place) = self.mini_place(sector as usize * MINI) else { break };
            let place = place.start..place.end.min(place.start.saturating_add(most - have));
            have += place.len();
            join(&mut out, place);
            sector = self.mini_fat.get(sector as usize).copied().unwrap_or(MARKS);
        }
        out
    }

    /// Sectors are multiples of mini sectors: none is parted.
    fn mini_place(&self, mut offset: usize) -> Option<Range<usize>> {
        for piece in &self.mini {
            if offset < piece.len() {
                let from = piece.start + offset;
                return Some(from..piece.end.min(from + MINI));
            }
            offset -= piece.len();
        }
        None
    }

    fn entries(&self, first: u32) -> Result<Vec<Entry>, ReadError> {
        let mut raw = Vec::new();
        for piece in self.chain(first, usize::MAX)? {
            raw.extend(self.source.bytes().get(piece).unwrap_or_default());
        }
        Ok(raw.chunks_exact(ENTRY).map(|e| entry(e, self.sector)).collect())
    }
}

fn entry(e: &[u8], sector: usize) -> Entry {
    let length = usize::from(u16_at(e, 64).unwrap_or(0)).saturating_sub(2).min(64);
    let units: Vec<u16> = (0..length / 2).filter_map(|i| u16_at(e, 2 * i)).collect();
    let word = |at: usize| u32_at(e, at).unwrap_or(MARKS);
    // The upper half of the length is noise in files of small sectors.
    let high = if sector == 512 { 0 } else { u64::from(u32_at(e, 124).unwrap_or(0)) };
    Entry {
        name: String::from_utf16_lossy(&units),
        kind: e.get(66).copied().unwrap_or(0),
        left: word(68),
        right: word(72),
        child: word(76),
        first: word(116),
        length: high << 32 | u64::from(word(120)),
    }
}

/// The streams below an entry, in the order of the tree, which is that of the names' lengths.
fn streams(entries: &[Entry], root: u32) -> Vec<Stream> {
    enum Step {
        Visit(u32, String, usize),
        Take(u32, String, usize),
    }
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    let mut todo = vec![Step::Visit(root, String::new(), 0)];
    while let Some(step) = todo.pop() {
        match step {
            Step::Visit(i, folder, depth) => {
                let Some(e) = entries.get(i as usize) else { continue };
                if seen.insert(i) {
                    todo.push(Step::Visit(e.right, folder.clone(), depth));
                    todo.push(Step::Take(i, folder.clone(), depth));
                    todo.push(Step::Visit(e.left, folder, depth));
                }
            }
            Step::Take(i, folder, depth) => {
                let Some(e) = entries.get(i as usize) else { continue };
                let path = if folder.is_empty() { e.name.clone() } else { format!("{folder}/{}", e.name) };
                match e.kind {
                    2 => out.push(Stream { path, first: e.first, length: e.length }),
                    1 if depth < DEPTH => todo.push(Step::Visit(e.child, path, depth + 1)),
                    _ => {}
                }
            }
        }
    }
    out
}

/// Adds a range, joined to the last one where they touch.
fn join(out: &mut Vec<Range<usize>>, place: Range<usize>) {
    match out.last_mut().filter(|l| l.end == place.start) {
        Some(last) => last.end = place.end,
        None => out.push(place),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk::<2>().map(|b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|b| u32::from_le_bytes(*b))
}

fn broken(format: &str, what: impl Into<String>) -> ReadError {
    ReadError::new(format, what).hint("copy the file again from the instrument")
}
