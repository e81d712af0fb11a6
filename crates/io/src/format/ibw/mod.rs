//! Igor binary wave, versions 1, 2, 3 and 5, either byte order.
//!
//! Known writers: Igor Pro, Asylum Research MFP-3D and Cypher. A file header (version, sizes, checksum), a wave header
//! (type, dimensions, scaling, units), the numbers with the first dimension fastest, then formula, note, long units and
//! 32-byte dimension labels. Source: WaveMetrics Technical Note 003 and its `IgorBin.h`.
//!
//! The first dimension is x. The second runs upwards, so rows are turned to put the top line first. A wave of three
//! dimensions with labelled layers is a set of images (Asylum), without labels a volume; a wave of two dimensions with
//! labelled columns is a table, without labels an image; a wave of one dimension is a column. A force curve of Asylum
//! has columns of force, heights, segment and time behind those of the file.

mod asylum;
mod force;
mod header;

use crate::cursor::Cursor;
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo};
use softspot_data::Kind;
use softspot_data::unit::Unit;

use super::text::encoding;
use header::Header;

const ID: &str = "ibw";
/// Bytes of one dimension label.
const LABEL: usize = 32;

/// The reader.
pub struct Ibw;

static FORMAT: Format = Format {
    id: ID,
    name: "Igor binary wave",
    extensions: &["ibw", "bwav"],
    about: "Images of Asylum Research, force curves and plain waves; real numbers only. Units of labelled layers follow \
            their names (Height m, Phase deg, Frequency Hz).",
    reference: "WaveMetrics Technical Note 003, Igor Binary Format",
};

impl Reader for Ibw {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        match header::recognise(source.head()) {
            (true, true) => 90,
            (true, false) if source.name().ends_with(".ibw") => 30,
            _ => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let header = header::read(bytes)?;
        let tail = Tail::read(bytes, &header)?;
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata = metadata(&header, &tail);
        let channels = channels(&header, &tail)?;
        if channels.iter().any(|c| c.kind == Kind::Table) {
            let place = force::place(&dataset.metadata);
            dataset.add_table(TableInfo { position: place, ..TableInfo::default() });
        }
        let mut columns = Vec::new();
        // Channels follow one another in the file.
        let mut at = header.data;
        for channel in channels {
            let block = Block::packed(ID, source, at, header.sample, header.endian, &channel.shape)?;
            at = at.saturating_add(channel.elements().saturating_mul(header.sample.size()));
            if channel.kind == Kind::Table {
                columns.push((channel.clone(), block.clone()));
            }
            dataset.push(channel, block.bottom_up())?;
        }
        let note = dataset.metadata.clone();
        if force::is_curve(&columns, &note) {
            force::push(&mut dataset, &columns, &note)?;
        }
        dataset.finish()
    }
}

/// What follows the numbers.
#[derive(Debug, Default)]
struct Tail {
    note: String,
    /// Long units of the data and the four dimensions; empty where the short one says all.
    long_units: Vec<String>,
    /// Labels of each dimension: its own, then one an element.
    labels: [Vec<String>; 4],
}

impl Tail {
    fn read(bytes: &[u8], header: &Header) -> Result<Tail, ReadError> {
        let mut c = Cursor::new(ID, bytes, header.endian);
        let mut tail = Tail::default();
        // A wave cut after its numbers is still whole in its numbers; the note is then lost.
        if header.after > bytes.len() {
            return Ok(tail);
        }
        c.seek(header.after)?;
        c.take(header.formula)?;
        tail.note = encoding::field(c.take(header.note)?);
        for n in header.long_units {
            tail.long_units.push(encoding::field(c.take(n)?).trim_matches(['\0', ' ']).to_string());
        }
        for (labels, n) in tail.labels.iter_mut().zip(header.labels) {
            *labels = c
                .take(n)?
                .chunks(LABEL)
                .map(|raw| {
                    let end = raw.iter().position(|b| *b == 0).unwrap_or(raw.len());
                    encoding::field(raw.get(..end).unwrap_or_default())
                })
                .collect();
        }
        Ok(tail)
    }

    /// The labels of a dimension's elements, if every element has one.
    fn elements(&self, dimension: usize, n: usize) -> Option<&[String]> {
        let labels = self.labels.get(dimension)?.get(1..1 + n)?;
        labels.iter().all(|l| !l.is_empty()).then_some(labels)
    }

    fn unit<'a>(&'a self, index: usize, short: &'a str) -> &'a str {
        self.long_units.get(index).map(String::as_str).filter(|u| !u.is_empty()).unwrap_or(short)
    }
}

fn channels(header: &Header, tail: &Tail) -> Result<Vec<Channel>, ReadError> {
    let unit = Unit::parse_or_keep(tail.unit(0, &header.data_unit));
    let name = if header.name.is_empty() { "wave".to_string() } else { header.name.clone() };
    match *header.dims.as_slice() {
        [n] => Ok(vec![Channel::column(0, name, unit, n)]),
        [x, y] => Ok(match tail.elements(1, y) {
            Some(labels) => layers(labels, &unit).into_iter().map(|(l, u)| Channel::column(0, l, u, x)).collect(),
            None => vec![Channel::map(name, unit, y, x).sized(physical_size(header, tail, 2))],
        }),
        [x, y, z] => Ok(match tail.elements(2, z) {
            Some(labels) => layers(labels, &unit)
                .into_iter()
                .map(|(name, unit)| Channel::map(name, unit, y, x).sized(physical_size(header, tail, 2)))
                .collect(),
            // One layer is an image.
            None if z == 1 => vec![Channel::map(name, unit, y, x).sized(physical_size(header, tail, 2))],
            None => vec![Channel::volume(name, unit, [z, y, x]).sized(physical_size(header, tail, 3))],
        }),
        _ => Err(ReadError::new(ID, format!("a wave of {} dimensions is not read", header.dims.len()))
            .hint("export its layers in Igor as waves of three dimensions")),
    }
}

/// Names and units of labelled layers: implied by the label where one of them is Asylum's, else the wave's.
fn layers(labels: &[String], unit: &Unit) -> Vec<(String, Unit)> {
    let known = labels.iter().any(|l| asylum::unit(l).is_some());
    labels
        .iter()
        .map(|l| {
            let unit = match asylum::unit(l).map(Unit::of) {
                // The wave says `nm` where the name says a length: the wave is right.
                Some(implied) if !implied.same_dimension(unit) => implied,
                None if known => Unit::none(),
                _ => unit.clone(),
            };
            (asylum::mend(l).to_string(), unit)
        })
        .collect()
}

/// Width, height (and depth) in m: the step times the number of pixels.
fn physical_size(header: &Header, tail: &Tail, n: usize) -> Option<Vec<f64>> {
    (0..n)
        .map(|d| {
            let unit = Unit::parse(tail.unit(d + 1, header.dim_units.get(d)?)).ok()?;
            let size = header.scaling.get(d)?.0.abs() * *header.dims.get(d)? as f64;
            (unit.is_length() && size.is_finite() && size > 0.0).then(|| unit.to_si(size))
        })
        .collect()
}

fn metadata(header: &Header, tail: &Tail) -> Metadata {
    let mut out: Metadata = vec![
        ("version".into(), header.version.to_string()),
        ("name".into(), header.name.clone()),
        ("data unit".into(), tail.unit(0, &header.data_unit).to_string()),
    ];
    for (d, n) in header.dims.iter().enumerate() {
        let (step, start) = header.scaling.get(d).copied().unwrap_or((1.0, 0.0));
        let unit = header.dim_units.get(d).map_or("", |u| tail.unit(d + 1, u));
        out.push((format!("dimension {d}"), format!("{n} points from {start} by {step} {unit}").trim_end().into()));
        if let Some(label) = tail.labels.get(d).and_then(|l| l.first()).filter(|l| !l.is_empty()) {
            out.push((format!("dimension {d} label"), label.clone()));
        }
    }
    for line in tail.note.split(['\r', '\n']).filter(|l| !l.trim().is_empty()) {
        out.push(match line.split_once(':') {
            Some((key, value)) => (key.trim().into(), value.trim().into()),
            None => ("note".into(), line.trim().into()),
        });
    }
    out
}
