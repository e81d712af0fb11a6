//! Park Systems images and curves (formerly PSIA): TIFF whose page is a coloured preview and whose numbers are in private tags.
//!
//! Known writers: XEP, XEI and SmartScan of XE and NX instruments. Tag 50432 is a magic number, 50433 the version
//! (0x01000001: sixteen-bit integers; 0x01000002: the type is in the header), 50434 the numbers, 50435 a structure of
//! fixed offsets, all little-endian. A value is gain · (stored · scale + offset) in the unit of the header; the gain may
//! be negative. The bottom line comes first. Sources: Gwyddion's `psia.c`; a file of SmartScan (version 1.0.2).

mod curves;

use crate::cursor::{Cursor, Endian, Sample};
use crate::format::tiff::private::{self, Tags, Vendor};
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source};
use softspot_data::unit::Unit;

const ID: &str = "park";

const VERSION: u16 = 50433;
const DATA: u16 = 50434;
const HEADER: u16 = 50435;
const COMMENT: u16 = 50436;
/// Kinds of a file.
const IMAGE: i64 = 0;
const CURVES: i64 = 2;

/// The fields of the header in their order; a field of text holds that many UTF-16 characters.
#[derive(Clone, Copy)]
enum Field {
    Integer,
    Number,
    Text(usize),
}

const FIELDS: &[(&str, Field)] = &[
    ("image type", Field::Integer),
    ("source", Field::Text(32)),
    ("mode", Field::Text(8)),
    ("low pass strength", Field::Number),
    ("auto flatten", Field::Integer),
    ("AC track", Field::Integer),
    ("columns", Field::Integer),
    ("rows", Field::Integer),
    ("angle", Field::Number),
    ("sine scan", Field::Integer),
    ("overscan rate", Field::Number),
    ("forward", Field::Integer),
    ("scan up", Field::Integer),
    ("swap XY", Field::Integer),
    ("width (µm)", Field::Number),
    ("height (µm)", Field::Number),
    ("x offset (µm)", Field::Number),
    ("y offset (µm)", Field::Number),
    ("scan rate", Field::Number),
    ("setpoint", Field::Number),
    ("setpoint unit", Field::Text(8)),
    ("tip bias", Field::Number),
    ("sample bias", Field::Number),
    ("gain", Field::Number),
    ("z scale", Field::Number),
    ("z offset", Field::Number),
    ("unit", Field::Text(8)),
    ("minimum", Field::Integer),
    ("maximum", Field::Integer),
    ("average", Field::Integer),
    ("compression", Field::Integer),
    ("logarithmic", Field::Integer),
    ("square", Field::Integer),
];
/// What version 1.0.2 adds.
const LATER: &[(&str, Field)] = &[
    ("z servo gain", Field::Number),
    ("z scanner range", Field::Number),
    ("xy voltage mode", Field::Text(8)),
    ("z voltage mode", Field::Text(8)),
    ("xy servo mode", Field::Text(8)),
    ("data type", Field::Integer),
];

/// The reader.
pub struct Park;

static FORMAT: Format = Format {
    id: ID,
    name: "Park Systems / PSIA",
    extensions: &["tiff", "tif"],
    about: "The image of a file, of integers or floats; curves at points or on a grid, a table each. No line profiles.",
    reference: "Gwyddion's psia.c, and files of SmartScan",
};

impl Reader for Park {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if private::vendor(source.bytes()) == Some(Vendor::Park) { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let directories = private::all(source.bytes()).map_err(|e| ReadError { format: ID.into(), ..e })?;
        let directory = directories.iter().find(|d| d.has(DATA) || d.has(HEADER));
        let directory = directory.ok_or_else(|| {
            ReadError::new(ID, "the file has neither data nor header tag").hint("copy the file again")
        })?;
        let header = Header::read(directory)?;
        let mut dataset = Dataset::new(ID, limits);
        match header.integer("image type") {
            Some(IMAGE) => {
                let (channel, block) = header.image(source, directory, limits)?;
                dataset.push(channel, block)?;
            }
            Some(CURVES) => {
                // The image on which the curves were placed may be there.
                if let Ok((channel, block)) = header.image(source, directory, limits) {
                    dataset.push(channel, block)?;
                }
                curves::push(&mut dataset, source, directory, limits)?;
            }
            _ => {
                return Err(ReadError::new(ID, "this Park file is a line profile, which no public source describes")
                    .hint("export the profile as text from XEI"));
            }
        }
        dataset.metadata.extend(header.metadata);
        if let Some(comment) = directory.text(COMMENT).filter(|c| !c.is_empty()) {
            dataset.metadata.push(("comment".into(), comment));
        }
        dataset.finish()
    }
}

/// The header, field by field.
struct Header {
    version: u32,
    metadata: Metadata,
}

impl Header {
    fn read(directory: &Tags<'_>) -> Result<Header, ReadError> {
        let version = directory.number(VERSION).unwrap_or(0.0) as u32;
        let raw = directory.raw(HEADER).ok_or_else(|| {
            ReadError::new(ID, "the file ends before its header (tag 50435)")
                .at(directory.end())
                .hint("copy the file again")
        })?;
        let mut c = Cursor::new(ID, raw, Endian::Little);
        let mut metadata: Metadata = vec![("version".into(), format!("{version:#010x}"))];
        let later = if version > 0x0100_0001 { LATER } else { &[] };
        for (name, field) in FIELDS.iter().chain(later) {
            let value = match field {
                Field::Integer => c.i32()?.to_string(),
                Field::Number => c.f64()?.to_string(),
                Field::Text(n) => text(c.take(2 * n)?),
            };
            metadata.push(((*name).into(), value));
        }
        Ok(Header { version, metadata })
    }

    fn text(&self, name: &str) -> &str {
        self.metadata.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v)
    }

    fn integer(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.text(name).parse().ok().filter(|v: &f64| v.is_finite())
    }

    fn image(&self, source: &Source, tags: &Tags<'_>, limits: &Limits) -> Result<(Channel, Block), ReadError> {
        let size = |name| self.integer(name).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let shape = [size("rows"), size("columns")];
        let n = limits.count(ID, &shape)?;
        let data = tags
            .at(DATA)
            .ok_or_else(|| ReadError::new(ID, "the file has no numbers (tag 50434)").hint("copy the file again"))?;
        let bytes = tags.raw(DATA).map_or(0, <[u8]>::len);
        if bytes == 0 || !bytes.is_multiple_of(n) {
            let what =
                format!("{shape:?} pixels do not fit {bytes} bytes: the header claims more than the file can hold");
            return Err(ReadError::new(ID, what).at(data).hint("the file is truncated; copy it again"));
        }
        let stated = self.integer("data type").unwrap_or(0);
        let sample = match (bytes / n, stated) {
            (2, _) => Sample::I16,
            (4, 1) => Sample::I32,
            (4, _) => Sample::F32,
            (8, _) => Sample::F64,
            (other, _) => {
                let what =
                    format!("{other} bytes a pixel of data type {stated} (version {:#x}) are not known", self.version);
                return Err(ReadError::new(ID, what).hint("export the image as text from XEI"));
            }
        };
        let gain = self.number("gain").unwrap_or(1.0);
        let scale = self.number("z scale").filter(|s| *s != 0.0).unwrap_or(1.0);
        let offset = self.number("z offset").unwrap_or(0.0);
        let block = Block::packed(ID, source, data, sample, Endian::Little, &shape)?
            .bottom_up()
            .scaled(gain * scale, gain * offset);
        let unit = match self.text("unit") {
            // The oldest instruments wrote none: heights in micrometres.
            "" => Unit::of("µm"),
            unit => Unit::parse_or_keep(unit),
        };
        let micrometre = Unit::of("µm");
        let length = |name| self.number(name).map(|v| micrometre.to_si(v.abs()));
        let physical = length("width (µm)").zip(length("height (µm)")).map(|(w, h)| vec![w, h]);
        let source = Some(self.text("source")).filter(|s| !s.is_empty()).unwrap_or("image");
        let name = match self.integer("forward") {
            Some(0) => format!("{source} backward"),
            _ => source.to_string(),
        };
        Ok((Channel::map(name, unit, shape[0], shape[1]).sized(physical), block))
    }
}

/// A text of two bytes a letter, filled with zeros.
fn text(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|u| u16::from_le_bytes(*u)).take_while(|u| *u != 0);
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect();
    text.trim().to_string()
}
