//! Images and volumes of Gatan's DigitalMicrograph: `.dm3`, `.dm4`.
//!
//! A tree of tags whose structure is big-endian and whose values are in the order that the header names. `ImageList` holds
//! images: `ImageData/Data`, `Dimensions`, and `Calibrations` with the step and unit of each axis and of the values.
//! Source: the descriptions of the format by C. Boothroyd and by G. Jefferis, and the files of public test sets. Version 4
//! has lengths of eight bytes where version 3 has four. A thumbnail in colours is left out.

use std::collections::BTreeMap;

use crate::cursor::{Cursor, Endian, Sample};
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source};
use softspot_data::unit::Unit;

const ID: &str = "dm";
/// Levels of tags.
const DEPTH: usize = 32;
/// Tags of a file; real ones have some thousands.
const TAGS: usize = 1 << 20;
/// Bytes of the names of all tags, each with those of the groups around it.
const NAMES: usize = 64 << 20;
/// Bytes of a text that is kept.
const TEXT: usize = 4096;

/// The reader.
pub struct Dm;

static FORMAT: Format = Format {
    id: ID,
    name: "DigitalMicrograph",
    extensions: &["dm3", "dm4"],
    about: "Images and volumes of versions 3 and 4 with the size of their pixels and the unit of their values.",
    reference: "C. Boothroyd, DM3 and DM4 file formats",
};

impl Reader for Dm {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        let order = |at: usize| head.get(at..at + 4).is_some_and(|o| matches!(o, [0, 0, 0, 0 | 1]));
        match head.get(..4) {
            Some([0, 0, 0, 3]) if order(8) && head.get(12).is_some_and(|b| *b < 2) => 80,
            Some([0, 0, 0, 4]) if order(12) && head.get(16).is_some_and(|b| *b < 2) => 80,
            _ => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let mut c = Cursor::new(ID, source.bytes(), Endian::Big);
        let version = c.u32()?;
        let long = version == 4;
        if long {
            c.u64().map(drop)?
        } else {
            c.u32().map(drop)?
        }
        let endian = if c.u32()? == 1 { Endian::Little } else { Endian::Big };
        let mut tree = Tree { c, long, endian, names: 0, tags: Vec::new() };
        tree.directory("", 0)?;
        let tags = tree.tags;
        let mut dataset = Dataset::new(ID, limits);
        let mut images: BTreeMap<usize, Vec<&(String, Value)>> = BTreeMap::new();
        for tag in &tags {
            let own = tag.0.strip_prefix("/ImageList/").and_then(|rest| rest.split_once('/')?.0.parse().ok());
            images.entry(own.unwrap_or(usize::MAX)).or_default().push(tag);
        }
        images.remove(&usize::MAX);
        for (i, own) in images {
            image(&mut dataset, source, &own, &format!("/ImageList/{i}/"), endian)?;
        }
        for (key, value) in &tags {
            let text = match value {
                Value::Number(v) => v.to_string(),
                Value::Text(t) => t.clone(),
                Value::Array(_) => continue,
            };
            dataset.metadata.push((key.trim_start_matches('/').to_string(), text));
        }
        dataset.finish().map_err(|e| e.hint("it holds no image of real numbers; export one as TIFF"))
    }
}

/// Adds one image, if its numbers are real ones.
fn image(
    dataset: &mut Dataset,
    source: &Source,
    tags: &[&(String, Value)],
    prefix: &str,
    endian: Endian,
) -> Result<(), ReadError> {
    let find = |key: &str| tags.iter().find(|t| t.0.strip_prefix(prefix) == Some(key)).map(|t| &t.1);
    let number = |key: &str| match find(key) {
        Some(Value::Number(v)) => Some(*v),
        _ => None,
    };
    let text = |key: &str| match find(key) {
        Some(Value::Text(t)) => t.trim().to_string(),
        _ => String::new(),
    };
    let (Some(Value::Array(data)), Some(kind)) = (find("ImageData/Data"), number("ImageData/DataType")) else {
        return Ok(());
    };
    let sample = match kind as i64 {
        1 => Sample::I16,
        2 => Sample::F32,
        6 => Sample::U8,
        7 => Sample::I32,
        9 => Sample::I8,
        10 => Sample::U16,
        11 => Sample::U32,
        12 => Sample::F64,
        14 => Sample::Bool,
        39 => Sample::I64,
        40 => Sample::U64,
        other => {
            dataset
                .metadata
                .push((format!("{prefix}not read"), format!("numbers of type {other}: colours or complex")));
            return Ok(());
        }
    };
    // x, y, z.
    let axes: Vec<usize> =
        (0..).map_while(|d| number(&format!("ImageData/Dimensions/{d}"))).map(|n| n as usize).collect();
    let elements = axes.iter().try_fold(sample.size(), |a, b| a.checked_mul(*b));
    if elements != Some(data.length) {
        let what = format!("an image of {axes:?} elements has {} bytes", data.length);
        return Err(ReadError::new(ID, what).at(data.start).hint("the file is damaged; copy it again"));
    }
    let step = |d: usize| {
        let unit = Unit::parse(&text(&format!("ImageData/Calibrations/Dimension/{d}/Units"))).ok()?;
        let step = number(&format!("ImageData/Calibrations/Dimension/{d}/Scale"))?.abs();
        unit.is_length().then(|| unit.to_si(step))
    };
    let size = |n: usize| (0..n).map(|d| Some(step(d)? * axes[d] as f64)).collect::<Option<Vec<f64>>>();
    let unit = Unit::parse_or_keep(&text("ImageData/Calibrations/Brightness/Units"));
    let scale = number("ImageData/Calibrations/Brightness/Scale").filter(|s| *s != 0.0 && s.is_finite()).unwrap_or(1.0);
    let origin = number("ImageData/Calibrations/Brightness/Origin").filter(|o| o.is_finite()).unwrap_or(0.0);
    let name = text("Name");
    let name = if name.is_empty() { "image".to_string() } else { name };
    let channel = match *axes.as_slice() {
        [n] => {
            let table = dataset.add_table(crate::TableInfo::named(name.clone()));
            Channel::column(table, name, unit, n)
        }
        [x, y] => Channel::map(name, unit, y, x).sized(size(2)),
        [x, y, z] => Channel::volume(name, unit, [z, y, x]).sized(size(3)),
        _ => {
            dataset.metadata.push((format!("{prefix}not read"), format!("{} axes", axes.len())));
            return Ok(());
        }
    };
    // Value = scale · (stored − origin).
    let block = Block::packed(ID, source, data.start, sample, endian, &channel.shape)?;
    dataset.push(channel, block.scaled(scale, -scale * origin))
}

/// What a tag holds.
enum Value {
    Number(f64),
    Text(String),
    Array(Data),
}

/// Where an array lies.
struct Data {
    start: usize,
    length: usize,
}

struct Tree<'a> {
    c: Cursor<'a>,
    long: bool,
    endian: Endian,
    /// Bytes of names so far.
    names: usize,
    tags: Vec<(String, Value)>,
}

impl Tree<'_> {
    /// A length: of four bytes, or of eight in version 4.
    fn length(&mut self) -> Result<usize, ReadError> {
        let n = if self.long { self.c.u64()? } else { u64::from(self.c.u32()?) };
        usize::try_from(n).map_err(|_| self.c.fail("a tag is longer than any file"))
    }

    fn directory(&mut self, path: &str, depth: usize) -> Result<(), ReadError> {
        let (_sorted, _open) = (self.c.u8()?, self.c.u8()?);
        let count = self.length()?;
        for place in 0..count {
            let kind = self.c.u8()?;
            let length = usize::from(self.c.u16()?);
            let name = String::from_utf8_lossy(self.c.take(length)?).into_owned();
            let name = if name.is_empty() { place.to_string() } else { name };
            let path = format!("{path}/{name}");
            if self.long {
                self.c.u64()?;
            }
            self.names = self.names.saturating_add(path.len());
            if self.tags.len() >= TAGS || depth > DEPTH || self.names > NAMES {
                return Err(self.c.fail("the tags have no end").hint("the file is damaged; copy it again"));
            }
            match kind {
                20 => self.directory(&path, depth + 1)?,
                21 => self.value(path)?,
                other => {
                    let what = format!("a tag of kind {other}");
                    return Err(self.c.fail(&what).hint("the file is damaged; copy it again"));
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, path: String) -> Result<(), ReadError> {
        if self.c.take(4)? != b"%%%%" {
            return Err(self.c.fail("a tag has no mark").hint("the file is damaged; copy it again"));
        }
        let count = self.length()?;
        if count > self.c.remaining() / 4 {
            return Err(self.c.fail("a tag is described by more numbers than the file holds"));
        }
        let info = (0..count).map(|_| self.length()).collect::<Result<Vec<usize>, _>>()?;
        match *info.as_slice() {
            [kind] => {
                let sample = sample(kind).ok_or_else(|| self.c.fail("a value of an unknown kind"))?;
                let bytes = self.c.take(sample.size())?;
                let value = sample.decode(bytes, self.endian, 1.0, 0.0).first().copied().unwrap_or(f64::NAN);
                self.tags.push((path, Value::Number(value)));
            }
            [20, kind, n] if sample(kind).is_some() => {
                let size = sample(kind).map_or(1, Sample::size);
                let length = n.checked_mul(size).ok_or_else(|| self.c.fail("an array is longer than any file"))?;
                let start = self.c.position();
                let bytes = self.c.take(length)?;
                // Words are arrays of UTF-16.
                if kind == 4 && !path.ends_with("/Data") && length <= TEXT {
                    let (pairs, _) = bytes.as_chunks::<2>();
                    let unit = |p: &[u8; 2]| {
                        if self.endian == Endian::Little { u16::from_le_bytes(*p) } else { u16::from_be_bytes(*p) }
                    };
                    let words = String::from_utf16_lossy(&pairs.iter().map(unit).collect::<Vec<u16>>());
                    self.tags.push((path, Value::Text(words)));
                } else {
                    self.tags.push((path, Value::Array(Data { start, length })));
                }
            }
            [18, n] => {
                self.c.take(n)?;
            }
            // Records, and arrays of records: nothing that is asked for.
            [15, ref fields @ ..] => self.skip(fields, 1)?,
            [20, 15, ref fields @ .., n] => self.skip(fields, n)?,
            _ => return Err(self.c.fail("a tag of an unknown form").hint("the file is damaged; copy it again")),
        }
        Ok(())
    }

    /// Goes behind so many records: the length of their name, the number of fields, then name and kind of each.
    fn skip(&mut self, fields: &[usize], n: usize) -> Result<(), ReadError> {
        let kinds = fields.get(2..).unwrap_or_default().iter().skip(1).step_by(2);
        let size: usize = kinds.map(|k| sample(*k).map_or(0, Sample::size)).sum();
        let bytes = size.checked_mul(n).ok_or_else(|| self.c.fail("an array is longer than any file"))?;
        self.c.take(bytes).map(drop)
    }
}

/// The numbers of a kind of value.
fn sample(kind: usize) -> Option<Sample> {
    Some(match kind {
        2 => Sample::I16,
        3 => Sample::I32,
        4 => Sample::U16,
        5 => Sample::U32,
        6 => Sample::F32,
        7 => Sample::F64,
        8 => Sample::U8,
        9 | 10 => Sample::I8,
        11 => Sample::I64,
        12 => Sample::U64,
        _ => return None,
    })
}
