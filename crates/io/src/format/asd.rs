//! Movies of high-speed atomic force microscopes: `.asd` of the Ando group and RIBM, versions 0, 1 and 2.
//!
//! Little-endian, no magic: a header, all frames of the first channel, all of the second. A frame is a header of its own and
//! lines of 16-bit numbers, the first of them the lowest. Sources: the header library libasd, the viewers of the Uchihashi
//! laboratory, and how the sizes of published files add up. A converter's range that these sources scale differently gives
//! the stored numbers, and says so.

use encoding_rs::{SHIFT_JIS, UTF_16BE, UTF_16LE};

use crate::cursor::{Cursor, Endian, Sample};
use crate::format::text::encoding;
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source};
use softspot_data::unit::Unit;

const ID: &str = "asd";
/// Bytes of a frame's header.
const FRAME: usize = 32;
/// Pixels of a side, and bytes of a text, that are believed.
const SIDE: usize = 1 << 14;
const TEXT: usize = 1 << 20;

/// The reader.
pub struct Asd;

static FORMAT: Format = Format {
    id: ID,
    name: "High-speed AFM movie",
    extensions: &["asd"],
    about: "Topography, error and phase as volumes of frames; versions 0, 1 and 2. A number 0, no recording, is missing.",
    reference: "https://github.com/ToruNiina/libasd",
};

/// What a channel shows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Quantity {
    Topography,
    Error,
    Phase,
}

impl Quantity {
    fn of(tag: &[u8]) -> Option<Quantity> {
        Some(match tag {
            b"TP" => Quantity::Topography,
            b"ER" => Quantity::Error,
            b"PH" => Quantity::Phase,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Quantity::Topography => "Topography",
            Quantity::Error => "Error",
            Quantity::Phase => "Phase",
        }
    }
}

/// What the header tells.
struct Header {
    channels: Vec<Quantity>,
    /// Frames, lines, points.
    shape: [usize; 3],
    /// Of a frame, in m.
    size: [f64; 2],
    /// Byte of the first frame.
    start: usize,
    /// Code of the converter's range, and its bits.
    range: u32,
    bits: i32,
    /// nm a volt of topography and of the error, degrees a volt.
    per_volt: [f64; 3],
    metadata: Metadata,
}

impl Reader for Asd {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        // Without a magic the sizes must fit: whole frames, of which the last may be cut.
        match Header::read(source.bytes()) {
            Ok(h) if h.frame() + h.start <= source.bytes().len() => 85,
            _ => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let header = Header::read(source.bytes())?;
        let [frames, rows, columns] = header.shape;
        limits.count(ID, &header.shape)?;
        let mut dataset = Dataset::new(ID, limits);
        let mut whole = source.bytes().len().saturating_sub(header.start) / header.frame();
        for (i, quantity) in header.channels.iter().enumerate() {
            // A file that is cut loses its last frames, those of the second channel first.
            let own = frames.min(whole);
            whole -= own;
            if own < frames {
                let what = format!("{own} of {frames} frames: the file ends before the others");
                dataset.metadata.push((format!("frames of {}", quantity.name()), what));
            }
            if own == 0 {
                continue;
            }
            let at = header.start + i * frames * header.frame() + FRAME;
            let strides = [header.frame(), 2 * columns, 2].map(|s| s as isize);
            let block = Block::strided(ID, source, at, Sample::U16, Endian::Little, &[own, rows, columns], &strides)?;
            let (unit, scale, offset) = header.scale(*quantity, &mut dataset.metadata);
            let channel =
                Channel::volume(quantity.name(), unit, [own, rows, columns]).sized(Some(header.size.to_vec()));
            dataset.push(channel, block.bottom_up().missing(0.0).scaled(scale, offset))?;
        }
        dataset.metadata.extend(header.metadata);
        dataset.finish()
    }
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Header, ReadError> {
        let mut c = Cursor::new(ID, bytes, Endian::Little);
        match c.i32()? {
            0 => Header::first(&mut c),
            version @ (1 | 2) => Header::later(&mut c, version),
            _ => Err(c.fail("the version is none of 0, 1 and 2")),
        }
    }

    /// Bytes of a frame.
    fn frame(&self) -> usize {
        FRAME + 2 * self.shape[1] * self.shape[2]
    }

    /// Version 0.
    fn first(c: &mut Cursor<'_>) -> Result<Header, ReadError> {
        let channels = channels([c.take(2)?, c.take(2)?], c)?;
        // The size of the header that is stored ends before the comment.
        c.i32()?;
        frame_header(c)?;
        let [operator, gap, comment] = [length(c)?, length(c)?, length(c)?];
        let [columns, rows] = [c.i16()?, c.i16()?].map(i32::from);
        let [x, y] = [c.i16()?, c.i16()?].map(i32::from);
        let time = f64::from(c.f32()?);
        let [constant, gain] = [f64::from(c.f32()?), f64::from(c.f32()?)];
        let (range, bits) = (c.u32()?, c.i32()?);
        c.seek(63)?;
        let year = c.i16()?;
        let date = c.take(5)?.to_vec();
        c.seek(95)?;
        let frames = c.i32()?;
        c.seek(105)?;
        let operator = UTF_16BE.decode_without_bom_handling(c.take(operator)?).0.into_owned();
        let [sensor, phase] = [f64::from(c.f32()?), f64::from(c.f32()?)];
        let direction = c.i32()?;
        c.take(gap)?;
        let comment = UTF_16BE.decode_without_bom_handling(c.take(comment)?).0.into_owned();
        let (shape, size) = frame(c, [frames, rows, columns], [x, y])?;
        let mut metadata = common(0, time, direction, &operator, &comment);
        if let [month, day, hour, minute, second] = date[..] {
            metadata.push(("date".into(), format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")));
        }
        Ok(Header {
            channels,
            shape,
            size,
            start: c.position(),
            range,
            bits,
            per_volt: [constant * gain, sensor, phase],
            metadata,
        })
    }

    /// Versions 1 and 2.
    fn later(c: &mut Cursor<'_>, version: i32) -> Result<Header, ReadError> {
        let start = length(c)?;
        frame_header(c)?;
        let page = c.i32()?;
        let [operator, comment] = [length(c)?, length(c)?];
        let channels = {
            let [first, second] = [c.take(4)?, c.take(4)?];
            channels([first.get(..2).unwrap_or_default(), second.get(..2).unwrap_or_default()], c)?
        };
        // Frames when it was recorded, and those that were kept.
        c.i32()?;
        let frames = c.i32()?;
        let direction = c.i32()?;
        c.i32()?;
        let [columns, rows, x, y] = [c.i32()?, c.i32()?, c.i32()?, c.i32()?];
        c.seek(69)?;
        let date = [c.i32()?, c.i32()?, c.i32()?, c.i32()?, c.i32()?, c.i32()?];
        c.seek(101)?;
        let time = f64::from(c.f32()?);
        let [sensor, phase] = [f64::from(c.f32()?), f64::from(c.f32()?)];
        c.seek(133)?;
        let (range, bits) = (c.u32()?, c.i32()?);
        c.seek(157)?;
        let [constant, gain] = [f64::from(c.f32()?), f64::from(c.f32()?)];
        let words = |b: &[u8]| match page {
            932 => SHIFT_JIS.decode_without_bom_handling(b).0.into_owned(),
            1200 => UTF_16LE.decode_without_bom_handling(b).0.into_owned(),
            _ => encoding::decode(b).into_owned(),
        };
        let (operator, comment) = (words(c.take(operator)?), words(c.take(comment)?));
        if start < c.position() {
            return Err(c.fail("the frames begin within the header"));
        }
        let (shape, size) = frame(c, [frames, rows, columns], [x, y])?;
        let mut metadata = common(version, time, direction, &operator, &comment);
        let [year, month, day, hour, minute, second] = date;
        metadata.push(("date".into(), format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")));
        let per_volt = [constant * gain, sensor, phase];
        Ok(Header { channels, shape, size, start, range, bits, per_volt, metadata })
    }

    /// Unit, scale and offset of the stored numbers of a channel.
    fn scale(&self, quantity: Quantity, notes: &mut Metadata) -> (Unit, f64, f64) {
        let levels = f64::from(self.bits).exp2();
        let bipolar = |volts: f64| (-2.0 * volts / levels, volts);
        let (slope, offset) = match self.range {
            0x1_0000 => bipolar(1.0),
            0x2_0000 => bipolar(2.5),
            0x4_0000 => bipolar(5.0),
            // Data that a viewer changed; their sign is that of the height.
            0x80_0000 => (160.0 / levels, -80.0),
            code => {
                let what = format!("numbers as stored: sources disagree on the converter's range {code}");
                notes.push((format!("scale of {}", quantity.name()), what));
                return (Unit::none(), 1.0, 0.0);
            }
        };
        let [topography, error, phase] = self.per_volt;
        let (factor, unit) = match quantity {
            Quantity::Topography => (topography, "nm"),
            Quantity::Error => (-error, "nm"),
            Quantity::Phase => (-phase, "deg"),
        };
        if factor == 0.0 || !factor.is_finite() {
            let what = "in volts: the file has no sensitivity".to_string();
            notes.push((format!("scale of {}", quantity.name()), what));
            return (Unit::of("V"), slope, offset);
        }
        (Unit::of(unit), slope * factor, offset * factor)
    }
}

/// The channels of two tags, of which the second may be none.
fn channels(tags: [&[u8]; 2], c: &Cursor<'_>) -> Result<Vec<Quantity>, ReadError> {
    let [first, second] = tags;
    let first = Quantity::of(first).ok_or_else(|| c.fail("the first channel is none of TP, ER and PH"))?;
    match Quantity::of(second) {
        Some(second) => Ok(vec![first, second]),
        None if second == [0, 0] => Ok(vec![first]),
        None => Err(c.fail("the second channel is none of TP, ER and PH")),
    }
}

fn frame_header(c: &mut Cursor<'_>) -> Result<(), ReadError> {
    match c.i32()? {
        32 => Ok(()),
        _ => Err(c.fail("a frame has no header of 32 bytes")),
    }
}

/// The length of a text or a gap.
fn length(c: &mut Cursor<'_>) -> Result<usize, ReadError> {
    let n = c.i32()?;
    usize::try_from(n).ok().filter(|n| *n <= TEXT).ok_or_else(|| c.fail(&format!("a text of {n} bytes")))
}

/// The shape of the movie, and the size of a frame in m.
fn frame(c: &Cursor<'_>, shape: [i32; 3], nm: [i32; 2]) -> Result<([usize; 3], [f64; 2]), ReadError> {
    let count = |n: i32| usize::try_from(n).ok().filter(|n| *n > 0);
    let [Some(frames), Some(rows), Some(columns)] = shape.map(count) else {
        return Err(c.fail(&format!("the header gives {shape:?} frames, lines and points")));
    };
    if rows > SIDE || columns > SIDE {
        return Err(c.fail(&format!("the header gives {rows} lines of {columns} points")));
    }
    Ok(([frames, rows, columns], nm.map(|n| f64::from(n) * 1e-9)))
}

fn common(version: i32, time: f64, direction: i32, operator: &str, comment: &str) -> Metadata {
    let mut out = vec![
        ("version".to_string(), version.to_string()),
        ("axes".into(), "time, y, x".into()),
        ("time of a frame".into(), format!("{time} ms")),
        ("scan direction".into(), direction.to_string()),
    ];
    for (key, text) in [("operator", operator), ("comment", comment)] {
        let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        if !text.is_empty() {
            out.push((key.into(), text.into()));
        }
    }
    out
}
