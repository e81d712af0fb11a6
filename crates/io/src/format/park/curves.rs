//! Curves of Park instruments: force over distance, current over voltage and alike, at points or on a grid.
//!
//! Tag 50438 is a structure of fixed offsets: eight slots of channels, the points of a curve in both directions together,
//! the number of curves, and from byte 1208 on the place of each; version 1 ends before the grid. Tag 50439 holds curve
//! after curve, channel after channel. Sources: Park's own `pspylib`, AtomicJ, and a port of SmartAnalysis, which agree on
//! all but what is said at its place.

use std::sync::Arc;

use super::{HEADER, ID};
use crate::cursor::{Cursor, Endian, Sample};
use crate::dataset::{Columns, Curve};
use crate::format::tiff::private::Tags;
use crate::{Dataset, Limits, ReadError, Source};
use softspot_data::unit::Unit;

const CURVES: u16 = 50438;
const NUMBERS: u16 = 50439;
/// Channels that have a slot, and bytes of each.
const SLOTS: usize = 8;
const SLOT: usize = 96;
/// Byte where the header of version 1 ends, and where the places of curves begin.
const FIRST_END: usize = 936;
const PLACES: usize = 1208;
const PLACE: usize = 12;
const MICRO: f64 = 1e-6;

/// A channel of all curves.
struct Channel {
    name: String,
    unit: Unit,
    gain: f64,
    offset: f64,
}

/// What a column is made of.
#[derive(Clone, Copy)]
enum Recipe {
    /// A channel: its number, factor and offset.
    Channel(usize, f64, f64),
    /// 0 in the first half of a curve, 1 in the second.
    Segment,
}

/// The header, read where it is asked for.
struct Header<'a>(&'a [u8]);

impl Header<'_> {
    fn cursor(&self, at: usize) -> Result<Cursor<'_>, ReadError> {
        let mut c = Cursor::new(ID, self.0, Endian::Little);
        c.seek(at)?;
        Ok(c)
    }

    fn count(&self, at: usize) -> Result<usize, ReadError> {
        Ok(usize::try_from(self.cursor(at)?.i32()?).unwrap_or(0))
    }

    /// A number that is positive, where the header is so long.
    fn positive(&self, at: usize) -> Option<f64> {
        self.cursor(at).ok()?.f64().ok().filter(|v| v.is_finite() && *v > 0.0)
    }

    fn text(&self, at: usize, letters: usize) -> Result<String, ReadError> {
        Ok(super::text(self.cursor(at)?.take(2 * letters)?))
    }

    fn channels(&self) -> Result<Vec<Channel>, ReadError> {
        let n = self.count(768)?;
        if n == 0 || n > SLOTS {
            return Err(self.cursor(768)?.fail(&format!("curves of {n} channels")));
        }
        (0..n)
            .map(|i| {
                let at = i * SLOT;
                let offset = self.cursor(808 + 8 * i)?.f64()?;
                Ok(Channel {
                    name: self.text(at, 32)?,
                    unit: Unit::parse_or_keep(&self.text(at + 64, 8)?),
                    gain: self.cursor(at + 80)?.f64()?,
                    offset: if offset.is_finite() { offset } else { 0.0 },
                })
            })
            .collect()
    }

    /// Where a curve was measured, in m.
    fn place(&self, curve: usize) -> Option<[f64; 2]> {
        let mut c = self.cursor(PLACES.checked_add(curve.checked_mul(PLACE)?)?).ok()?;
        let place = [c.f32().ok()?, c.f32().ok()?].map(|v| f64::from(v) * MICRO);
        place.iter().all(|v| v.is_finite()).then_some(place)
    }
}

/// Adds the curves of a file.
pub(super) fn push(dataset: &mut Dataset, source: &Source, tags: &Tags<'_>, limits: &Limits) -> Result<(), ReadError> {
    let missing = |what: &str| ReadError::new(ID, format!("the file ends before {what}")).hint("copy the file again");
    let header = Header(tags.raw(CURVES).ok_or_else(|| missing("the header of its curves (tag 50438)"))?);
    let start = tags.at(NUMBERS).ok_or_else(|| missing("the numbers of its curves (tag 50439)"))?;
    let bytes = tags.raw(NUMBERS).map_or(0, <[u8]>::len);
    let channels = header.channels()?;
    let (points, curves) = (header.count(776)?, header.count(780)?);
    limits.count(ID, &[curves, channels.len(), points])?;
    let stated = if header.0.len() > PLACES { header.count(1108).ok() } else { None };
    // The type of the numbers is that of the curves, else of the image, else what their length leaves.
    let of_image = tags.raw(HEADER).and_then(|h| h.get(348..352)?.first_chunk::<4>().map(|b| u32::from_le_bytes(*b)));
    let sample = match (bytes / (curves * channels.len() * points), stated.or(of_image.map(|v| v as usize))) {
        (2, _) => Sample::I16,
        (4, Some(2)) => Sample::F32,
        (4, _) => Sample::I32,
        (other, _) => {
            let what = format!("{curves} curves of {points} points do not fit {bytes} bytes: {other} a number");
            return Err(ReadError::new(ID, what).at(start).hint("the file is truncated; copy it again"));
        }
    };
    note(dataset, &header, &channels, points);
    let grid = grid(&header, curves);
    let own = (0..curves).map(|i| {
        let position = header.place(i);
        Curve { number: i, length: points, cell: grid.as_ref().map(|g| g.cell(i)), position }
    });
    let own: Vec<Curve> = own.collect();
    let (columns, made) = columns(&header, &channels);
    let (source, n) = (source.clone(), channels.len());
    let values: Arc<Columns> = Arc::new(move |curve, column| match made.get(column) {
        Some(Recipe::Segment) => Ok((0..points).map(|i| f64::from(u8::from(i >= points / 2))).collect()),
        Some(Recipe::Channel(channel, factor, offset)) => {
            let mut c = Cursor::new(ID, source.bytes(), Endian::Little);
            c.seek(start + (curve * n + channel) * points * sample.size())?;
            Ok(sample.decode(c.take(points * sample.size())?, Endian::Little, *factor, *offset))
        }
        None => Ok(Vec::new()),
    });
    dataset.push_curves(limits, &columns, own, values)
}

fn note(dataset: &mut Dataset, header: &Header<'_>, channels: &[Channel], points: usize) {
    let mut add = |key: &str, value: String| dataset.metadata.push((key.into(), value));
    add("points of a curve", points.to_string());
    for (key, at, unit) in [("spring constant", 976, "N/m"), ("sensitivity", 984, "V/µm")] {
        if let Some(v) = header.positive(at) {
            add(key, format!("{v} {unit}"));
        }
    }
    for channel in channels.iter().filter(|c| c.offset != 0.0) {
        let what = format!("{} {} is added; Park's pspylib leaves it out", channel.offset, channel.unit.symbol);
        add(&format!("offset of {}", channel.name), what);
    }
}

/// The columns of all curves: a force from volts, the half of the curve, the channels.
fn columns(header: &Header<'_>, channels: &[Channel]) -> (Vec<(String, Unit)>, Vec<Recipe>) {
    let mut columns = Vec::new();
    let mut made = Vec::new();
    let newton = header.positive(976).zip(header.positive(984)).map(|(k, volts)| k * MICRO / volts);
    let named = |c: &Channel| ["Force", "Vertical (A-B)"].contains(&c.name.as_str());
    let volts = channels.iter().position(|c| named(c) && c.unit.symbol == "V");
    if let Some((newton, i)) = newton.filter(|_| header.0.len() > FIRST_END).zip(volts)
        && let Some(channel) = channels.get(i)
    {
        columns.push(("force".into(), Unit::of("N")));
        made.push(Recipe::Channel(i, newton * channel.gain, newton * channel.offset));
    }
    columns.push(("segment".into(), Unit::none()));
    made.push(Recipe::Segment);
    for (i, channel) in channels.iter().enumerate() {
        let name = if channel.name.is_empty() { format!("channel {}", i + 1) } else { channel.name.clone() };
        columns.push((name, channel.unit.clone()));
        made.push(Recipe::Channel(i, channel.gain, channel.offset));
    }
    (columns, made)
}

/// A grid of curves, line by line, each from left to right.
struct Grid {
    rows: usize,
    columns: usize,
    /// Whether the first line is the lowest: as the places say, else so.
    upwards: bool,
}

impl Grid {
    fn cell(&self, curve: usize) -> [usize; 2] {
        let (line, column) = (curve / self.columns, curve % self.columns);
        [if self.upwards { self.rows.saturating_sub(1 + line) } else { line }, column]
    }
}

fn grid(header: &Header<'_>, curves: usize) -> Option<Grid> {
    let columns = header.count(FIRST_END).ok().filter(|n| *n > 0 && header.0.len() > FIRST_END)?;
    if header.count(804).ok()? == 0 || !curves.is_multiple_of(columns) {
        return None;
    }
    let heights = header.place(0).zip(header.place(curves - 1));
    let upwards = heights.is_none_or(|(first, last)| first[1] <= last[1]);
    Some(Grid { rows: curves / columns, columns, upwards })
}
