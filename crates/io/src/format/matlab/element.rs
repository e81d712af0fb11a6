//! The elements of a file: tags, packed elements, matrices and what they hold.

use std::io::Read;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::ZlibDecoder;

use super::ID;
use crate::cursor::{Cursor, Endian, Sample};
use crate::{Limits, ReadError, Source};

const HEAD: usize = 128;
/// Kinds of elements.
const MATRIX: u32 = 14;
const PACKED: u32 = 15;
/// Classes of matrices.
const CELL: u8 = 1;
const STRUCTURE: u8 = 2;
const CHARACTERS: u8 = 4;
/// Strings, tables and dates of newer versions, whose contents are in an element of their own.
const OPAQUE: u8 = 17;
const NUMBERS: std::ops::RangeInclusive<u8> = 6..=15;
/// Structures within structures.
const DEPTH: usize = 16;
/// Letters of a text that is kept.
const LETTERS: usize = 4096;
/// Deflate cannot do better.
const MAX_RATIO: usize = 1100;

/// A variable of the file, or a field of one.
pub(super) struct Variable {
    pub name: String,
    /// As MATLAB shows it: rows, columns, pages.
    pub shape: Vec<usize>,
    pub content: Content,
}

/// What a variable holds.
pub(super) enum Content {
    Numbers(Numbers),
    /// Words, or why it is not read.
    Words(String),
}

/// Where numbers are, in the unpacked bytes of the element of that number.
#[derive(Clone)]
pub(super) struct Numbers {
    element: usize,
    range: Range<usize>,
    sample: Sample,
}

/// A top-level element: its kind, and its bytes in the file.
#[derive(Clone)]
struct Element {
    kind: u32,
    range: Range<usize>,
}

/// The number of a packed element, and its bytes.
type Unpacked = (usize, Arc<Vec<u8>>);

/// An opened file.
#[derive(Clone)]
pub(super) struct File {
    source: Source,
    endian: Endian,
    limits: Limits,
    elements: Arc<Vec<Element>>,
    /// The packed element that was read last: the fields of a structure are read one after the other.
    last: Arc<Mutex<Option<Unpacked>>>,
}

/// The bytes of an element: those of the file, or unpacked ones.
enum Bytes<'a> {
    Stored(&'a [u8]),
    Unpacked(Arc<Vec<u8>>),
}

impl std::ops::Deref for Bytes<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Stored(bytes) => bytes,
            Bytes::Unpacked(bytes) => bytes,
        }
    }
}

/// A tag, and where its data are.
struct Tag {
    kind: u32,
    range: Range<usize>,
}

impl File {
    /// Finds the elements.
    ///
    /// # Errors
    /// [`ReadError`] where the file is cut or damaged.
    pub(super) fn open(source: &Source, limits: &Limits) -> Result<File, ReadError> {
        let bytes = source.bytes();
        let endian = if bytes.get(126..128) == Some(b"MI") { Endian::Big } else { Endian::Little };
        let mut c = Cursor::new(ID, bytes, endian);
        c.seek(HEAD)?;
        let mut elements = Vec::new();
        // Where the contents of objects are, which no one describes.
        let objects = |at: usize| match endian {
            Endian::Little => bytes.get(116..124).is_some_and(|b| b == (at as u64).to_le_bytes()),
            Endian::Big => bytes.get(116..124).is_some_and(|b| b == (at as u64).to_be_bytes()),
        };
        while c.remaining() > 0 {
            let at = c.position();
            let tag = tag(&mut c)?;
            if elements.len() >= limits.channels {
                let what = format!("the file holds more than the limit of {} variables", limits.channels);
                return Err(ReadError::new(ID, what).hint("the file is damaged, or it must be split"));
            }
            // Packed elements are not padded.
            let length = tag.range.len();
            let padded = if tag.kind == PACKED { length } else { length.next_multiple_of(8) };
            let next = tag.range.start.saturating_add(padded);
            c.seek(next.min(bytes.len()))?;
            if !objects(at) {
                elements.push(Element { kind: tag.kind, range: tag.range });
            }
        }
        Ok(File { source: source.clone(), endian, limits: *limits, elements: Arc::new(elements), last: Arc::default() })
    }

    /// The text with which the file begins.
    pub(super) fn head(&self) -> String {
        let text = self.source.bytes().get(..116).unwrap_or_default();
        String::from_utf8_lossy(text).trim_end_matches(['\0', ' ']).to_string()
    }

    /// All variables, in the order of the file.
    ///
    /// # Errors
    /// [`ReadError`] where one is damaged.
    pub(super) fn variables(&self) -> Result<Vec<Variable>, ReadError> {
        let mut out = Vec::new();
        for i in 0..self.elements.len() {
            let bytes = match self.unpacked(i) {
                Ok(bytes) => bytes,
                // One that is damaged does not hide the others.
                Err(e) if self.elements.len() > 1 => {
                    let words = format!("not read: {}", e.what);
                    out.push(Variable {
                        name: format!("variable {}", i + 1),
                        shape: Vec::new(),
                        content: Content::Words(words),
                    });
                    continue;
                }
                Err(e) => return Err(e),
            };
            let mut c = Cursor::new(ID, &bytes, self.endian);
            let tag = tag(&mut c)?;
            if tag.kind == MATRIX {
                self.matrix(&mut Walk { element: i, bytes: &bytes, out: &mut out }, tag.range, None, 0)?;
            }
        }
        Ok(out)
    }

    /// The numbers of a variable, as they are stored.
    ///
    /// # Errors
    /// [`ReadError`] where they are damaged.
    pub(super) fn numbers(&self, numbers: &Numbers) -> Result<Vec<f64>, ReadError> {
        let bytes = self.unpacked(numbers.element)?;
        let own = bytes.get(numbers.range.clone()).unwrap_or_default();
        Ok(numbers.sample.decode(own, self.endian, 1.0, 0.0))
    }

    /// The bytes of an element, with its tag.
    fn unpacked(&self, element: usize) -> Result<Bytes<'_>, ReadError> {
        let all = self.source.bytes();
        let Some(e) = self.elements.get(element) else { return Ok(Bytes::Stored(&[])) };
        if e.kind != PACKED {
            // A matrix that is not packed keeps the tag before it.
            return Ok(Bytes::Stored(all.get(e.range.start - 8..e.range.end).unwrap_or_default()));
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = last.as_ref().filter(|(n, _)| *n == element) {
            return Ok(Bytes::Unpacked(Arc::clone(bytes)));
        }
        let own = all.get(e.range.clone()).unwrap_or_default();
        let most = own.len().saturating_mul(MAX_RATIO).min(usize::try_from(self.limits.inflated).unwrap_or(usize::MAX));
        let mut out = Vec::new();
        ZlibDecoder::new(own).take(most as u64 + 1).read_to_end(&mut out).map_err(|why| {
            ReadError::new(ID, format!("a packed variable cannot be unpacked: {why}"))
                .at(e.range.start)
                .hint("the file is damaged; copy it again")
        })?;
        if out.len() > most {
            let what = format!("a packed variable unfolds to more than the limit of {most} bytes");
            return Err(ReadError::new(ID, what).at(e.range.start).hint("save it as version 7.3"));
        }
        let bytes = Arc::new(out);
        *last = Some((element, Arc::clone(&bytes)));
        Ok(Bytes::Unpacked(bytes))
    }

    fn matrix(
        &self,
        walk: &mut Walk<'_>,
        range: Range<usize>,
        given: Option<&str>,
        depth: usize,
    ) -> Result<(), ReadError> {
        let bytes = walk.bytes.get(..range.end).unwrap_or_default();
        let mut c = Cursor::new(ID, bytes, self.endian);
        c.seek(range.start)?;
        let name = |own: &str| given.map_or(own.to_string(), |g| g.to_string());
        if range.is_empty() {
            walk.words(&name(""), "empty");
            return Ok(());
        }
        let flags = part(&mut c)?;
        let [class, marks] = match (bytes.get(flags.range.clone()), self.endian) {
            (Some([class, marks, ..]), Endian::Little) | (Some([_, _, marks, class, ..]), Endian::Big) => {
                [*class, *marks]
            }
            _ => return Err(c.fail("an array has no flags").hint("the file is damaged; copy it again")),
        };
        if class == OPAQUE {
            let named = part(&mut c)?;
            let own = String::from_utf8_lossy(bytes.get(named.range).unwrap_or_default()).into_owned();
            walk.words(&name(&own), "not read: a string, table or other object");
            return Ok(());
        }
        let dims = part(&mut c)?;
        let dims = Sample::I32.decode(bytes.get(dims.range).unwrap_or_default(), self.endian, 1.0, 0.0);
        let shape: Vec<usize> = dims.iter().map(|n| n.max(0.0) as usize).collect();
        let named = part(&mut c)?;
        let own = String::from_utf8_lossy(bytes.get(named.range).unwrap_or_default()).into_owned();
        let name = name(&own);
        let count = shape.iter().try_fold(1usize, |a, b| a.checked_mul(*b)).unwrap_or(usize::MAX);
        match class {
            _ if count == 0 => walk.words(&name, "empty"),
            STRUCTURE if count == 1 && depth < DEPTH => {
                let length = part(&mut c)?;
                let length = Sample::I32.decode(bytes.get(length.range).unwrap_or_default(), self.endian, 1.0, 0.0);
                let length = length.first().map_or(0, |n| n.max(0.0) as usize).max(1);
                let names = part(&mut c)?;
                let names: Vec<String> = bytes
                    .get(names.range)
                    .unwrap_or_default()
                    .chunks(length)
                    .map(|n| String::from_utf8_lossy(n.split(|b| *b == 0).next().unwrap_or_default()).into_owned())
                    .collect();
                for field in names {
                    let inner = part(&mut c)?;
                    if inner.kind == MATRIX {
                        self.matrix(walk, inner.range, Some(&format!("{name}.{field}")), depth + 1)?;
                    }
                }
            }
            STRUCTURE => walk.words(&name, "not read: an array of structures"),
            CELL => walk.words(&name, "not read: cells"),
            CHARACTERS => {
                let text = part(&mut c)?;
                let letters = sample(text.kind).filter(|_| count <= LETTERS).map(|s| {
                    let codes = s.decode(bytes.get(text.range.clone()).unwrap_or_default(), self.endian, 1.0, 0.0);
                    lines(&codes, shape.first().copied().unwrap_or(1))
                });
                // Kind 16 is UTF-8.
                let utf8 = || String::from_utf8_lossy(bytes.get(text.range.clone()).unwrap_or_default()).into_owned();
                walk.words(&name, &letters.unwrap_or_else(utf8));
            }
            class if NUMBERS.contains(&class) && marks & 8 == 0 => {
                let data = part(&mut c)?;
                let Some(sample) = sample(data.kind) else {
                    walk.words(&name, "not read: numbers of an unknown kind");
                    return Ok(());
                };
                if data.range.len() / sample.size() != count {
                    let what =
                        format!("`{name}` of {shape:?} elements has {} numbers", data.range.len() / sample.size());
                    return Err(c.fail(&what).hint("the file is damaged; copy it again"));
                }
                self.limits.count(ID, &shape)?;
                if count == 1 {
                    let one = sample.decode(bytes.get(data.range).unwrap_or_default(), self.endian, 1.0, 0.0);
                    walk.words(&name, &one.first().map(f64::to_string).unwrap_or_default());
                    return Ok(());
                }
                let numbers = Numbers { element: walk.element, range: data.range, sample };
                walk.out.push(Variable { name, shape, content: Content::Numbers(numbers) });
            }
            class if NUMBERS.contains(&class) => walk.words(&name, "not read: complex numbers"),
            _ => walk.words(&name, "not read: a sparse array, an object or a function"),
        }
        Ok(())
    }
}

/// Letters that are stored column by column, as lines.
pub(in crate::format) fn lines(codes: &[f64], rows: usize) -> String {
    let letter = |v: &f64| char::from_u32(*v as u32);
    let line = |r: usize| codes.iter().skip(r).step_by(rows.max(1)).filter_map(letter).collect::<String>();
    (0..rows.max(1)).map(line).collect::<Vec<_>>().join(", ")
}

/// The variables found in one element.
struct Walk<'a> {
    element: usize,
    bytes: &'a [u8],
    out: &'a mut Vec<Variable>,
}

impl Walk<'_> {
    fn words(&mut self, name: &str, words: &str) {
        let content = Content::Words(words.to_string());
        self.out.push(Variable { name: name.to_string(), shape: Vec::new(), content });
    }
}

/// The numbers of a kind of element.
fn sample(kind: u32) -> Option<Sample> {
    Some(match kind {
        1 => Sample::I8,
        2 => Sample::U8,
        3 => Sample::I16,
        4 | 17 => Sample::U16,
        5 => Sample::I32,
        6 | 18 => Sample::U32,
        7 => Sample::F32,
        9 => Sample::F64,
        12 => Sample::I64,
        13 => Sample::U64,
        _ => return None,
    })
}

/// The tag here; of a short element kind, length and data share eight bytes.
fn tag(c: &mut Cursor<'_>) -> Result<Tag, ReadError> {
    let first = c.u32()?;
    let (kind, length) = match first >> 16 {
        0 => (first, c.u32()? as usize),
        short => (first & 0xffff, short as usize),
    };
    let start = c.position();
    c.take(length)?;
    Ok(Tag { kind, range: start..start + length })
}

/// The element here, and the place behind its padding.
fn part(c: &mut Cursor<'_>) -> Result<Tag, ReadError> {
    let begin = c.position();
    let tag = tag(c)?;
    let end = begin + (tag.range.end - begin).next_multiple_of(8);
    c.seek(end.min(c.position() + c.remaining()))?;
    Ok(tag)
}
