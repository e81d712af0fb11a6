//! Files of force maps and fast force maps of Asylum Research: `.ARDF`, images and curves with their notes.
//!
//! Little-endian records, each with a checksum, its size and a tag; tables of records point to images (`IMAG`) and volumes
//! of curves (`VOLM`). Lines are counted from the lowest. Sources: readers that others have published (M. Poss, ARDF to
//! Matlab; R. Sheridan, magic-afm; Gwyddion's ardf; hystorian), compared with one another.

mod record;
mod volume;

use crate::cursor::{Endian, Sample};
use crate::format::text::encoding;
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store};
use softspot_data::unit::Unit;

use record::{HEAD, Record, TABLE, Table};

const ID: &str = "ardf";
/// Entries of a note that are kept.
const NOTES: usize = 4096;

/// The reader.
pub struct Ardf;

static FORMAT: Format = Format {
    id: ID,
    name: "Asylum Research force map",
    extensions: &["ardf"],
    about: "Images as maps; curves of force maps and fast force maps, a table each: force, heights, segment, channels.",
    reference: "https://www.mathworks.com/matlabcentral/fileexchange/80212-ardf-to-matlab",
};

impl Reader for Ardf {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if source.head().get(8..12) == Some(b"ARDF") { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let files = Table::expect(bytes, HEAD, b"FTOC")?;
        let texts = Table::expect(bytes, files.end(), b"TTOC")?;
        let mut dataset = Dataset::new(ID, limits);
        for pointer in texts.used().take(1) {
            dataset.metadata = note(bytes, pointer.long(HEAD + 8)?)?;
        }
        let mut volumes = 0;
        for pointer in files.used() {
            let at = pointer.long(HEAD)?;
            // An image or a volume that is damaged hides no other.
            let (what, done) = match &pointer.tag {
                b"IMAG" => ("image", image(&mut dataset, source, at)),
                b"VOLM" => {
                    volumes += 1;
                    ("curves", volume::push(&mut dataset, source, at, volumes, limits))
                }
                _ => continue,
            };
            if let Err(e) = done {
                dataset.metadata.push((format!("{what} at byte {at}"), format!("not read: {}", e.what)));
            }
        }
        let left_out = dataset.metadata.iter().find(|(_, v)| v.starts_with("not read"));
        let left_out = left_out.map(|(k, v)| format!(" ({k} is {v})")).unwrap_or_default();
        dataset.finish().map_err(|e| {
            let what = format!("{}{left_out}", e.what);
            ReadError { what, ..e }
        })
    }
}

/// The entries of a note: `Key: value`, parted by carriage returns.
fn note(bytes: &[u8], at: usize) -> Result<Metadata, ReadError> {
    let record = Record::expect(bytes, at, b"TEXT")?;
    let mut c = record.cursor(HEAD + 4)?;
    let length = c.u32()? as usize;
    let text = encoding::field(c.take(length)?);
    let lines = text.split(['\r', '\n']).filter_map(|l| l.split_once(':'));
    // Lines of the feedback's program are no settings.
    let entries = lines.filter(|(k, _)| !k.contains("@Line")).take(NOTES);
    Ok(entries.map(|(k, v)| (k.trim().to_string(), v.trim().to_string())).collect())
}

/// A number of a note without its unit.
fn number(note: &Metadata, key: &str) -> Option<f64> {
    let (_, value) = note.iter().find(|(k, _)| k == key)?;
    value.parse().ok().filter(|v: &f64| v.is_finite())
}

/// A length that an axis has from its step and the unit of it.
fn length(step: f64, n: usize, unit: &str) -> Option<f64> {
    let unit = Unit::parse(unit).ok().filter(Unit::is_length)?;
    Some(unit.to_si(step.abs()) * n as f64)
}

/// Adds an image.
fn image(dataset: &mut Dataset, source: &Source, at: usize) -> Result<(), ReadError> {
    let bytes = source.bytes();
    let texts = Table::expect(bytes, Table::expect(bytes, at, b"IMAG")?.end(), b"TTOC")?;
    let definition = Record::expect(bytes, texts.end(), b"IDEF")?;
    let mut c = definition.cursor(HEAD)?;
    let (points, lines) = (c.u32()? as usize, c.u32()? as usize);
    let mut c = definition.cursor(40)?;
    let steps = [c.f64()?, c.f64()?];
    let units = [definition.text(56, 32)?, definition.text(88, 32)?];
    let (name, unit) = (definition.text(120, 32)?, definition.text(152, 32)?);
    let rows = Table::expect(bytes, definition.end(), b"IBOX")?;
    if rows.stride != HEAD + 4 * points || rows.slots < lines || lines == 0 {
        let what = format!("image `{name}` of {lines} lines of {points} points has a table of other numbers");
        return Err(ReadError::new(ID, what).at(rows.at).hint("the file is damaged; copy it again"));
    }
    let start = rows.at + TABLE + HEAD;
    let strides = [rows.stride as isize, 4];
    let block = Block::strided(ID, source, start, Sample::F32, Endian::Little, &[lines, points], &strides)?;
    let block = block.bottom_up();
    // Lines that were not measured are slots of zeros. Row 0 is the last one.
    let measured: Vec<bool> =
        (0..lines).rev().map(|i| matches!(Record::at(bytes, rows.slot(i)), Ok(Some(_)))).collect();
    let size = length(steps[0], points, &units[0]).zip(length(steps[1], lines, &units[1]));
    let channel =
        Channel::map(if name.is_empty() { "image" } else { &name }, Unit::parse_or_keep(&unit), lines, points)
            .sized(size.map(|(x, y)| vec![x, y]));
    dataset.push(channel, Store::of_rows(block, measured))
}
