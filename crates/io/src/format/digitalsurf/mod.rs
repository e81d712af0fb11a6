//! Digital Surf surfaces and profiles (`.sur`, `.pro`): MountainsMap, SPIP, and the instruments that write for them.
//!
//! A file is one or more objects: a header of 512 bytes, a comment, a private zone, then integers of 16 or 32 bits,
//! the top line first. The signature is `DIGITAL SURF`, or `DSCOMPRESSED` where the integers are packed in zlib
//! streams behind a table of their lengths. A value is integer · z step + z offset in the unit of the z step; the
//! integer `z min − 2` is a point that was not measured, where the header says that there are such points. The flags
//! `inverted` and `levelled` tell what was done to the surface before; nothing is undone.
//!
//! Sources: the specification "SURF format 1995" of Digital Surf, Gwyddion's and RosettaSciIO's documentation, and a
//! file of a cathodoluminescence microscope, whose offset is the mean of its values: it is added to the integers as
//! they are, not to their distance from `z min`.

mod header;
mod packed;

use crate::cursor::{Endian, Sample};
use crate::{
    Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store, TableInfo, Window,
};
use softspot_data::unit::Unit;

use header::Header;
use packed::Streams;

const ID: &str = "digitalsurf";
const PLAIN: &[u8] = b"DIGITAL SURF";
const PACKED: &[u8] = b"DSCOMPRESSED";
/// Objects that would be too many.
const MOST: usize = 4096;

/// What becomes of an object.
enum As {
    Map,
    /// A table: abscissa, and one column a line.
    Table,
    /// Rows, columns, and a spectrum at every point.
    Volume,
    Refused,
}

/// Types of which a file has but one object. Old programs kept something else where the count of channels is now.
const SINGLE: &[i16] = &[1, 2, 3, 10, 20, 21];

/// Types of objects.
const KINDS: &[(i16, &str, As)] = &[
    (1, "profile", As::Table),
    (2, "surface", As::Map),
    (3, "binary image", As::Map),
    (4, "series of profiles", As::Table),
    (5, "series of surfaces", As::Map),
    (6, "meridian disc", As::Refused),
    (7, "multilayer profile", As::Table),
    (8, "multilayer surface", As::Map),
    (9, "parallel disc", As::Refused),
    (10, "intensity image", As::Map),
    (11, "intensity surface", As::Map),
    (12, "RGB image", As::Map),
    (13, "RGB surface", As::Map),
    (14, "force curve", As::Refused),
    (15, "series of force curves", As::Refused),
    (16, "RGB and intensity surface", As::Map),
    (17, "contour profile", As::Refused),
    (18, "series of RGB images", As::Map),
    (20, "spectrum", As::Table),
    (21, "hyperspectral map", As::Volume),
];

fn is_signature(bytes: &[u8]) -> bool {
    bytes.starts_with(PLAIN) || bytes.starts_with(PACKED)
}

/// The reader.
pub struct DigitalSurf;

static FORMAT: Format = Format {
    id: ID,
    name: "Digital Surf surface or profile",
    extensions: &["sur", "pro"],
    about: "Surfaces, series, multilayer surfaces and images as maps, profiles and spectra as tables, hyperspectral maps.",
    reference: "Digital Surf, SURF file format specification",
};

impl Reader for DigitalSurf {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if is_signature(source.head()) { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let first = Header::read(source.bytes(), 0)?;
        let kind = KINDS.iter().find(|(code, _, _)| *code == first.kind);
        let Some((_, name, how)) = kind.filter(|k| !matches!(k.2, As::Refused)) else {
            let name = kind.map_or_else(|| format!("number {}", first.kind), |k| k.1.to_string());
            return Err(ReadError::new(ID, format!("objects of the type {name} are not read"))
                .at(18)
                .hint("save it in Mountains as a surface, a profile or as text"));
        };
        if first.order != 0 {
            return Err(ReadError::new(ID, "the file is of the byte order of old Macintosh computers")
                .at(12)
                .hint("save it anew in Mountains"));
        }
        let count = |n: i16| usize::try_from(n).unwrap_or(1).max(1);
        let objects = count(first.objects).saturating_mul(count(first.channels));
        if objects > MOST {
            return Err(ReadError::new(
                ID,
                format!("the header claims {objects} objects, more than the limit of {MOST}"),
            )
            .at(14)
            .hint("the header is damaged; copy the file again"));
        }
        let mut dataset = Dataset::new(ID, limits);
        let mut metadata = Metadata::new();
        metadata.push(("object".into(), (*name).into()));
        let mut at = 0;
        let single = objects == 1 || SINGLE.contains(&first.kind);
        for i in 0..objects {
            if i > 0 && single && !is_signature(source.bytes().get(at..).unwrap_or_default()) {
                break;
            }
            let header = Header::read(source.bytes(), at)?;
            let object = Object::new(source, header, at, how, single, limits)?;
            at = object.end;
            let prefix = if objects > 1 { format!("object {}/", i + 1) } else { String::new() };
            metadata.extend(object.header.fields.iter().map(|(k, v)| (format!("{prefix}{k}"), v.clone())));
            object.push(&mut dataset, how)?;
        }
        dataset.metadata = metadata;
        dataset.finish()
    }
}

/// One object of the file.
struct Object {
    header: Header,
    shape: Vec<usize>,
    store: Numbers,
    end: usize,
}

enum Numbers {
    Plain(Block),
    Packed(Streams),
}

impl Object {
    fn new(
        source: &Source,
        header: Header,
        at: usize,
        how: &As,
        single: bool,
        limits: &Limits,
    ) -> Result<Object, ReadError> {
        let wrong = |what: String| ReadError::new(ID, what).at(at).hint("the header is damaged; copy the file again");
        let dimension = |n: i32, name: &str| usize::try_from(n).map_err(|_| wrong(format!("{n} {name}")));
        let mut shape = vec![dimension(header.rows, "lines")?, dimension(header.columns, "points a line")?];
        if matches!(how, As::Volume) {
            shape.push(dimension(header.depth, "points of a spectrum")?);
        }
        let sample = match header.bits {
            16 => Sample::I16,
            32 => Sample::I32,
            other => return Err(wrong(format!("{other} bits a point are not known"))),
        };
        let bytes = limits.count(ID, &shape)?.saturating_mul(sample.size());
        let length = source.bytes().len();
        let mut start = at.saturating_add(header::SIZE + header.comment + header.private);
        // Some writers leave nonsense in the sizes of the zones; the numbers are at the end all the same.
        if !header.compressed && single && start.saturating_add(bytes) > length {
            start = length.checked_sub(bytes).filter(|s| *s >= header::SIZE).unwrap_or(start);
        }
        let step = header.step[2];
        let [scale, offset] = [if step.is_finite() && step != 0.0 { step } else { 1.0 }, header.offset[2]];
        let missing = (header.special == 1).then(|| f64::from(header.lowest) - 2.0);
        let (store, end) = if header.compressed {
            let streams = Streams::read(source, start, bytes, limits)?;
            let end = streams.end();
            (Numbers::Packed(streams.meaning(sample, scale, offset, missing)), end)
        } else {
            let block = Block::packed(ID, source, start, sample, Endian::Little, &shape)?.scaled(scale, offset);
            let block = missing.into_iter().fold(block, Block::missing);
            (Numbers::Plain(block), start.saturating_add(bytes))
        };
        Ok(Object { header, shape, store, end })
    }

    fn name(&self) -> &str {
        [&self.header.name, &self.header.axis[2]].into_iter().find(|n| !n.is_empty()).map_or("surface", |n| n)
    }

    /// Width and height in m, where both axes are lengths.
    fn size(&self) -> Option<Vec<f64>> {
        let length = |axis: usize, n: usize| {
            let unit = Unit::parse(self.header.unit.get(axis)?).ok()?;
            let step = *self.header.step.get(axis)?;
            unit.is_length().then(|| unit.to_si(step.abs()) * n as f64)
        };
        Some(vec![length(0, *self.shape.get(1)?)?, length(1, *self.shape.first()?)?])
    }

    fn push(self, dataset: &mut Dataset, how: &As) -> Result<(), ReadError> {
        let unit = Unit::parse_or_keep(&self.header.unit[2]);
        match (how, self.shape.as_slice()) {
            (As::Table, &[lines, points]) => self.table(dataset, &unit, lines, points),
            (As::Volume, &[rows, columns, depth]) => {
                let channel = Channel::volume(self.name(), unit, [rows, columns, depth]);
                let (step, from, axis, unit) = self.header.spectral.clone();
                dataset.push(channel, self.store.into_store())?;
                let table = dataset.add_table(TableInfo::default());
                let axis = if axis.is_empty() { "T" } else { &axis };
                let values = (0..depth).map(|i| from + step * i as f64).collect();
                dataset.push_column(table, axis, Unit::parse_or_keep(&unit), values)
            }
            (_, &[rows, columns]) => {
                let channel = Channel::map(self.name(), unit, rows, columns).sized(self.size());
                dataset.push(channel, self.store.into_store())
            }
            _ => Ok(()),
        }
    }

    fn table(self, dataset: &mut Dataset, unit: &Unit, lines: usize, points: usize) -> Result<(), ReadError> {
        let h = &self.header;
        let table = dataset.add_table(TableInfo::named(self.name()));
        let text = |s: &String, usual: &str| if s.is_empty() { usual.to_string() } else { s.clone() };
        let x = (0..points).map(|i| h.offset[0] + h.step[0] * i as f64).collect();
        dataset.push_column(table, &text(&h.axis[0], "X"), Unit::parse_or_keep(&h.unit[0]), x)?;
        let name = text(&h.axis[2], "Z");
        let mut values = match &self.store {
            Numbers::Plain(block) => block.window(&Window::whole(&self.shape))?,
            Numbers::Packed(streams) => streams.numbers()?,
        };
        for line in 0..lines {
            let rest = values.split_off(points.min(values.len()));
            let name = if lines > 1 { format!("{name} {}", line + 1) } else { name.clone() };
            dataset.push_column(table, &name, unit.clone(), std::mem::replace(&mut values, rest))?;
        }
        Ok(())
    }
}

impl Numbers {
    fn into_store(self) -> Store {
        match self {
            Numbers::Plain(block) => block.into(),
            Numbers::Packed(streams) => Store::whole(move || streams.numbers()),
        }
    }
}
