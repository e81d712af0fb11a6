//! The curves of a map: `VDEF`, channels, and behind a pointer for each line the sets of its points.
//!
//! Force is deflection times spring constant; heights fall towards the sample, as in waves of the same maker (`ibw`). Where
//! two directions were recorded the file has two volumes, whose sets lie in one chain, line by line.

use std::sync::Arc;

use super::record::{HEAD, Record, Table};
use super::{ID, length, number};
use crate::cursor::{Cursor, Endian, Sample};
use crate::dataset::{Columns, Curve};
use crate::{Dataset, Limits, ReadError, Source};
use softspot_data::unit::Unit;

/// Channels of a curve.
const CHANNELS: usize = 64;
/// Bytes of a `VDAT` before its numbers.
const NUMBERS: usize = 56;

/// Derived columns, the channels that they are made of, and the sign.
const HEIGHTS: [(&str, &str); 2] = [("height (piezo)", "Raw"), ("height (measured)", "ZSnsr")];

/// Where the numbers of a channel of a curve are.
#[derive(Clone, Copy, Debug, Default)]
struct Numbers {
    at: usize,
    n: usize,
}

/// A curve, channel by channel.
struct Points {
    channels: Vec<Numbers>,
    /// The last point of each segment.
    ends: Vec<usize>,
}

/// What a column is made of.
#[derive(Clone, Copy, Debug)]
enum Recipe {
    /// A channel, times a factor.
    Channel(usize, f64),
    Segment,
}

/// Adds the curves of a volume.
pub(super) fn push(
    dataset: &mut Dataset,
    source: &Source,
    at: usize,
    index: usize,
    limits: &Limits,
) -> Result<(), ReadError> {
    let bytes = source.bytes();
    let texts = Table::expect(bytes, Table::expect(bytes, at, b"VOLM")?.end(), b"TTOC")?;
    let definition = Record::expect(bytes, texts.end(), b"VDEF")?;
    let mut c = definition.cursor(HEAD)?;
    let (points, lines) = (c.u32()? as usize, c.u32()? as usize);
    limits.count(ID, &[lines, points])?;
    let mut c = definition.cursor(48)?;
    let (steps, step) = ([c.f64()?, c.f64()?], c.f64()?);
    let units = [definition.text(72, 32)?, definition.text(104, 32)?];
    let segments: Vec<String> =
        definition.text(168, 32)?.split(';').filter(|s| !s.is_empty()).map(str::to_string).collect();
    let mut channels = Vec::new();
    let mut next = definition.end();
    while let Some(record) = Record::at(bytes, next)?.filter(|r| &r.tag == b"VCHN") {
        channels.push((record.text(16, 32)?, Unit::parse_or_keep(&record.text(48, 32)?)));
        next = record.end();
        if channels.len() > CHANNELS {
            return Err(ReadError::new(ID, "a curve of more channels than are believed").at(next));
        }
    }
    let extra = Record::expect(bytes, next, b"XDEF")?;
    let table = Table::expect(bytes, extra.end(), b"VTOC")?;
    let (mut curves, mut own) = (Vec::new(), Vec::new());
    for slot in table.used() {
        let mut at = slot.long(32)?;
        for _ in 0..points {
            let Some((curve, numbers, end)) = set(bytes, at, channels.len(), segments.len())? else { break };
            let [line, point] = curve;
            if line < lines && point < points {
                let length = numbers.channels.iter().map(|c| c.n).min().unwrap_or(0);
                let place = |step: f64, i: usize, unit: &str| length_at(step, i, unit);
                let position = place(steps[0], point, &units[0]).zip(place(steps[1], line, &units[1]));
                curves.push(Curve {
                    number: line * points + point,
                    length,
                    cell: Some([lines - 1 - line, point]),
                    position: position.map(|(x, y)| [x, y]),
                });
                own.push(numbers);
            }
            at = end;
        }
    }
    if curves.len() < lines * points {
        let what = format!("{} of {} were measured", curves.len(), lines * points);
        dataset.metadata.push((format!("curves of volume {index}"), what));
    }
    dataset.metadata.push((format!("segments of volume {index}"), segments.join(", ")));
    dataset.metadata.push((format!("time of a sample of volume {index}"), format!("{step} s")));
    let size = length(steps[0], points, &units[0]).zip(length(steps[1], lines, &units[1]));
    if let Some((x, y)) = size {
        dataset.metadata.push((format!("size of volume {index}"), format!("{x} m × {y} m")));
    }
    let (columns, made) = columns(&channels, number(&dataset.metadata, "SpringConstant"));
    let source = source.clone();
    let values: Arc<Columns> = Arc::new(move |at, column| {
        let (Some(points), Some(made)) = (own.get(at), made.get(column)) else { return Ok(Vec::new()) };
        let n = points.channels.iter().map(|c| c.n).min().unwrap_or(0);
        match made {
            Recipe::Segment => Ok((0..n).map(|i| points.ends.iter().filter(|e| **e < i).count() as f64).collect()),
            Recipe::Channel(i, factor) => {
                let numbers = points.channels.get(*i).copied().unwrap_or_default();
                let mut c = Cursor::new(ID, source.bytes(), Endian::Little);
                c.seek(numbers.at)?;
                Ok(Sample::F32.decode(c.take(4 * n)?, Endian::Little, *factor, 0.0))
            }
        }
    });
    dataset.push_curves(limits, &columns, curves, values)
}

fn length_at(step: f64, i: usize, unit: &str) -> Option<f64> {
    length(step, 1, unit).map(|own| own * (i as f64 + 0.5))
}

/// The columns of all curves: what is derived, then the channels.
fn columns(channels: &[(String, Unit)], spring_constant: Option<f64>) -> (Vec<(String, Unit)>, Vec<Recipe>) {
    let find = |name: &str| channels.iter().position(|(n, _)| n == name);
    let mut columns = Vec::new();
    let mut made = Vec::new();
    let mut add = |name: &str, unit: Unit, m: Recipe| {
        columns.push((name.to_string(), unit));
        made.push(m);
    };
    if let Some((i, k)) =
        find("Defl").filter(|i| channels.get(*i).is_some_and(|c| c.1.is_length())).zip(spring_constant)
    {
        add("force", Unit::of("N"), Recipe::Channel(i, k));
    }
    for (name, channel) in HEIGHTS {
        if let Some((i, (_, unit))) = find(channel).and_then(|i| Some((i, channels.get(i)?))) {
            add(name, unit.clone(), Recipe::Channel(i, -1.0));
        }
    }
    add("segment", Unit::none(), Recipe::Segment);
    for (i, (name, unit)) in channels.iter().enumerate() {
        add(name, unit.clone(), Recipe::Channel(i, 1.0));
    }
    (columns, made)
}

/// The set of a point: its line and point, where its numbers are, and the byte behind it. `None` where there is no set.
fn set(
    bytes: &[u8],
    at: usize,
    channels: usize,
    segments: usize,
) -> Result<Option<([usize; 2], Points, usize)>, ReadError> {
    if at >= bytes.len() {
        return Ok(None);
    }
    let Some(set) = Record::at(bytes, at)?.filter(|r| &r.tag == b"VSET") else { return Ok(None) };
    let mut c = set.cursor(20)?;
    let place = [c.u32()? as usize, c.u32()? as usize];
    let mut points = Points { channels: vec![Numbers::default(); channels], ends: Vec::new() };
    let mut end = set.end();
    while end < bytes.len() {
        let Some(record) = Record::at(bytes, end)? else { break };
        match &record.tag {
            b"VNAM" | b"XDAT" => {}
            b"VDAT" => data(&record, &mut points, segments)?,
            _ => break,
        }
        end = record.end();
    }
    Ok(Some((place, points, end)))
}

/// The numbers of one channel.
fn data(record: &Record<'_>, points: &mut Points, segments: usize) -> Result<(), ReadError> {
    let mut c = record.cursor(28)?;
    let (n, channel) = (c.u32()? as usize, c.u32()? as usize);
    let words = [c.i32()?, c.i32()?, c.i32()?, c.i32()?, c.i32()?];
    if record.size < NUMBERS || n > (record.size - NUMBERS) / 4 {
        return Err(c.fail("a curve of more points than its record has"));
    }
    if let Some(own) = points.channels.get_mut(channel) {
        *own = Numbers { at: record.at + NUMBERS, n };
    }
    if points.ends.is_empty() {
        // Ends rise, and one that is not an end closes the list; the last segment ends with the curve.
        let mut last = 0;
        for word in words.into_iter().skip(1) {
            let Some(end) = usize::try_from(word).ok().filter(|e| *e > last && *e < n) else { break };
            points.ends.push(end);
            last = end;
        }
        points.ends.truncate(segments.max(1));
        points.ends.retain(|e| *e + 1 < n);
    }
    Ok(())
}
