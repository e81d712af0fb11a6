//! WSxM images and curves (`.stp`, `.top`, `.cur`, …; Nanotec Electronica, WSxM solutions).
//!
//! A text header of `[section]` and `key: value` lines up to `[Header end]`, whose stated size is often wrong. Behind
//! it an image has its numbers, little-endian 16-bit integers, 32-bit or 64-bit floats, from the bottom right pixel to
//! the top left one. What they mean follows from `Z Amplitude`, the difference of the highest and the lowest value;
//! floats are in its unit already. Curves have columns of text: abscissa and ordinate of every line.
//!
//! Spectroscopy images, movies and files of curves go beyond that: see `spectra`.
//!
//! Sources: WSxM's documentation of its formats, files of version 5.0 (Develop 8.4, 10.0).

mod spectra;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::cursor::{Endian, Sample};
use crate::format::text::{encoding, number};
use crate::{
    Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo, Window,
    entry_name,
};
use softspot_data::unit::Unit;

const ID: &str = "wsxm";
const MAGIC: &[u8] = b"WSxM file copyright";
const END: &[u8] = b"[Header end]";
/// Bytes of a header that would be too long.
const LONGEST: usize = 16 << 20;
/// A difference of the stated amplitude that is its rounding.
const ROUNDED: f64 = 1e-4;

/// The reader.
pub struct Wsxm;

static FORMAT: Format = Format {
    id: ID,
    name: "WSxM image or curve",
    extensions: &["stp", "top", "tom", "ch1", "ch2", "ch3", "ch4", "adh", "cur", "curves", "gsi", "mpp"],
    about: "Images with their amplitude and size, spectroscopy images and movies as volumes, curves as tables.",
    reference: "Horcas et al., Rev. Sci. Instrum. 78, 013705 (2007); WSxM manual, file formats",
};

impl Reader for Wsxm {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        match head.starts_with(MAGIC) {
            true => 100,
            // Exports of its numbers as text are tables.
            false if head.windows(5).take(200).any(|w| w == b"ASCII") => 0,
            false if head.starts_with(b"WSxM file") => 80,
            false => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let head = bytes.get(..bytes.len().min(LONGEST)).unwrap_or_default();
        let end = head.windows(END.len()).position(|w| w == END).ok_or_else(|| {
            ReadError::new(ID, "the header has no `[Header end]`")
                .at(head.len())
                .hint("the file is cut; copy it again from the instrument")
        })?;
        let header = Header::parse(&encoding::field(head.get(..end).unwrap_or_default()));
        let start = behind(bytes, end + END.len());
        let has = |key: &str| header.get(&format!("General Info/{key}")).is_some();
        let mut dataset = Dataset::new(ID, limits);
        if has("Number of points per ramp") {
            spectra::ramps(&mut dataset, source, start, &header)?;
        } else if has("Number of Frames") {
            spectra::movie(&mut dataset, source, start, &header)?;
        } else if has("Number of rows") || header.kind.contains("Image file") {
            let name = header.get("General Info/Acquisition channel").unwrap_or("Image");
            let end = map(&mut dataset, source, start, &header, name)?;
            spectra::curves(&mut dataset, source, end, header.sample()?, limits)?;
        } else if header.kind.to_ascii_lowercase().contains("curve file") {
            curves(&mut dataset, bytes.get(start..).unwrap_or_default(), &header, limits)?;
        } else {
            return Err(ReadError::new(ID, format!("WSxM files of the kind `{}` are not read", header.kind))
                .hint("open it in WSxM and save its images (.stp) or curves (.cur) one by one"));
        }
        dataset.metadata = header.entries;
        dataset.finish()
    }
}

/// What kind of file it is, and `section/key` with its value.
struct Header {
    kind: String,
    entries: Metadata,
    index: BTreeMap<String, usize>,
}

impl Header {
    fn parse(text: &str) -> Header {
        let mut section = String::new();
        let mut entries = Metadata::new();
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                section = name.to_string();
            } else if let Some((key, value)) = line.split_once(':') {
                entries.push((entry_name(&section, "/", key.trim()), value.trim().to_string()));
            }
        }
        // The first of a name counts.
        let index = entries.iter().enumerate().rev().map(|(i, (k, _))| (k.clone(), i)).collect();
        Header { kind: text.lines().nth(1).unwrap_or("").trim().to_string(), entries, index }
    }

    fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.entries.get(*self.index.get(key)?)?;
        Some(value.as_str()).filter(|v| !v.is_empty())
    }

    fn count(&self, key: &str) -> Result<usize, ReadError> {
        let text = self.get(key).unwrap_or("");
        let n = text.split_whitespace().next().and_then(|t| t.parse().ok());
        n.ok_or_else(|| {
            ReadError::new(ID, format!("`{key}: {text}` is not a whole number"))
                .hint("the header is damaged; copy the file again")
        })
    }

    /// A number and its unit.
    fn value(&self, key: &str) -> Option<(f64, &str)> {
        let text = self.get(key)?;
        let (value, unit) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        Some((decimal(value)?, unit.trim()))
    }

    /// Rows and columns.
    fn shape(&self) -> Result<[usize; 2], ReadError> {
        Ok([self.count("General Info/Number of rows")?, self.count("General Info/Number of columns")?])
    }

    fn sample(&self) -> Result<Sample, ReadError> {
        match self.get("General Info/Image Data Type").unwrap_or("short").to_ascii_lowercase().as_str() {
            "short" | "integer" => Ok(Sample::I16),
            "float" => Ok(Sample::F32),
            "double" => Ok(Sample::F64),
            other => Err(ReadError::new(ID, format!("numbers of the type `{other}` are not known"))
                .hint("save the image as .stp in WSxM")),
        }
    }

    /// Difference of the highest and the lowest value, and the unit of values.
    fn amplitude(&self) -> (Option<f64>, Unit) {
        match self.value("General Info/Z Amplitude") {
            // What phases are given in.
            Some((value, "Pi")) => (Some(value * 180.0), Unit::of("deg")),
            Some((value, unit)) => (Some(value), Unit::parse_or_keep(unit)),
            None if matches!(self.sample(), Ok(Sample::F32 | Sample::F64)) => (None, Unit::of("nm")),
            None => (None, Unit::none()),
        }
    }

    fn is_inverted(&self) -> bool {
        self.get("General Info/Channel is inverted").is_some_and(|v| v.eq_ignore_ascii_case("yes"))
    }

    /// Name and unit of an axis of curves: `Bias [#x]`, and a unit of its own.
    fn axis(&self, n: &str) -> (String, Unit) {
        let text = self.get(&format!("General Info/{n} axis text")).unwrap_or(n);
        let name = text.split_once('[').map_or(text, |(name, _)| name).trim();
        (name.to_string(), Unit::parse_or_keep(self.get(&format!("General Info/{n} axis unit")).unwrap_or("")))
    }

    /// Width and height in m.
    fn size(&self) -> Option<Vec<f64>> {
        let length = |key: &str| {
            let (value, unit) = self.value(key)?;
            let unit = Unit::parse(unit).ok()?;
            unit.is_length().then(|| unit.to_si(value.abs()))
        };
        let width = length("Control/X Amplitude")?;
        Some(vec![width, length("Control/Y Amplitude").unwrap_or(width)])
    }
}

fn decimal(text: &str) -> Option<f64> {
    number::parse(text, number::Mark::Point).or_else(|| number::parse(text, number::Mark::Comma))
}

/// Where the line of the end mark ends.
fn behind(bytes: &[u8], at: usize) -> usize {
    at + match bytes.get(at..) {
        Some([b'\r', b'\n', ..]) => 2,
        Some([b'\n' | b'\r', ..]) => 1,
        _ => 0,
    }
}

/// The image that begins at `start`; gives where it ends.
fn map(dataset: &mut Dataset, source: &Source, start: usize, header: &Header, name: &str) -> Result<usize, ReadError> {
    let [rows, columns] = header.shape()?;
    let sample = header.sample()?;
    let block = Block::packed(ID, source, start, sample, Endian::Little, &[rows, columns])?;
    let (amplitude, unit) = header.amplitude();
    let (low, high) = extremes(&block, rows, columns)?;
    let scale = match amplitude {
        None => 1.0,
        Some(_) if high <= low && sample != Sample::I16 => 1.0,
        // A flat image of counts: how high it lies is not in the file.
        Some(_) if high <= low => 0.0,
        Some(a) => match a.abs() / (high - low) {
            s if sample != Sample::I16 && (s - 1.0).abs() < ROUNDED => 1.0,
            s => s,
        },
    };
    let backward = header.get("General Info/X scanning direction").is_some_and(|d| d.eq_ignore_ascii_case("backward"));
    let name = if backward { format!("{name} backward") } else { name.to_string() };
    let channel = Channel::map(name, unit, rows, columns).sized(header.size());
    dataset.push(channel, block.bottom_up().right_to_left().scaled(scale, 0.0))?;
    Ok(start + rows * columns * sample.size())
}

/// Lowest and highest number stored, line by line so that a large image takes no memory.
fn extremes(block: &Block, rows: usize, columns: usize) -> Result<(f64, f64), ReadError> {
    let mut out = (f64::INFINITY, f64::NEG_INFINITY);
    for row in 0..rows {
        for v in block.window(&Window::new([row..row + 1, 0..columns]))? {
            if v.is_finite() {
                out = (out.0.min(v), out.1.max(v));
            }
        }
    }
    Ok(out)
}

fn curves(dataset: &mut Dataset, bytes: &[u8], header: &Header, limits: &Limits) -> Result<(), ReadError> {
    let lines = header.count("General Info/Number of lines")?;
    let points = header.count("General Info/Number of points")?;
    let wanted = limits.count(ID, &[points, lines, 2])?;
    if wanted > bytes.len() {
        let what = format!("the header claims {lines} curves of {points} points, more than the file can hold");
        return Err(ReadError::new(ID, what).hint("the file is cut; copy it again"));
    }
    let text: Cow<'_, str> = encoding::decode(bytes);
    let mut columns: Vec<Vec<f64>> = vec![Vec::with_capacity(points); lines * 2];
    let mut cells = text.split_whitespace();
    for i in 0..wanted {
        let cell = cells.next().unwrap_or("");
        let value = decimal(cell).ok_or_else(|| {
            let what =
                if cell.is_empty() { "the curves end early".to_string() } else { format!("`{cell}` is not a number") };
            ReadError::new(ID, format!("point {}: {what}", i / (lines * 2) + 1)).hint("the file is cut; copy it again")
        })?;
        if let Some(column) = columns.get_mut(i % (lines * 2)) {
            column.push(value);
        }
    }
    let (x, y) = (header.axis("X"), header.axis("Y"));
    let kind = header.kind.trim_end_matches("curve file").trim();
    let mut columns = columns.into_iter();
    let mut line = 0;
    while let (Some(abscissa), Some(ordinate)) = (columns.next(), columns.next()) {
        line += 1;
        let table = dataset.add_table(TableInfo::named(format!("{kind} {line}")));
        dataset.push_column(table, &x.0, x.1.clone(), abscissa)?;
        dataset.push_column(table, &y.0, y.1.clone(), ordinate)?;
    }
    Ok(())
}
