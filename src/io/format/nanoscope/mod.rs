//! Nanoscope III to 9 images of Digital Instruments, Veeco and Bruker (`.000` … `.999`, `.spm`).
//!
//! A text header of `\*section` and `\Key: value` lines, then little-endian integers at `Data offset`, bottom line
//! first. A value is raw · hard value / 2^bits · sensitivity, the hard value and the name of the sensitivity standing in
//! `@N:Z scale`; before version 4.3 `Z scale` holds a length and the counts it stands for. From version 9.2 the data
//! have four bytes whatever `Bytes/pixel` says: the data length decides. Force curves and force volumes are refused.
//! Source: NanoScope Software user guide (file formats), and files of versions 5.31 and 8.15.

mod header;

use crate::data::{Artifact, Kind};
use crate::io::cursor::{Endian, Sample};
use crate::io::{Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source};
use crate::unit::Unit;

use super::array;
use header::Section;

const ID: &str = "nanoscope";

/// The reader.
pub struct Nanoscope;

static FORMAT: Format = Format {
    id: ID,
    name: "Bruker / Veeco Nanoscope",
    extensions: &["spm", "000", "001", "002", "003", "004", "005", "006", "007", "008", "009"],
    about: "Images of versions 3 to 9, two and four bytes a pixel; force curves and force volumes are refused.",
    reference: "NanoScope Software 8.10 User Guide, appendix on file formats",
};

impl Reader for Nanoscope {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, head: &[u8], _name: &str) -> Confidence {
        let starts: [&[u8]; 4] = [b"\\*File list", b"\\*Force file list", b"?*File list", b"?*Force file list"];
        if starts.iter().any(|s| head.starts_with(s)) { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Box<dyn Dataset>, ReadError> {
        let bytes = source.bytes();
        if bytes.first() == Some(&b'?') {
            return Err(ReadError::new(ID, "this is a Nanoscope file exported as text")
                .hint("give the binary file that the instrument wrote"));
        }
        let sections = header::sections(bytes);
        let is_image = |s: &&Section| {
            let name = s.name.to_ascii_lowercase();
            name.ends_with("image list") && !name.contains("force")
        };
        let mut blocks = Vec::new();
        for section in sections.iter().filter(is_image) {
            blocks.push(block(bytes, section, &sections, limits)?);
            if blocks.len() > limits.channels {
                return Err(ReadError::new(ID, "the file has more images than the limit"));
            }
        }
        if blocks.is_empty() {
            let force = sections.iter().any(|s| s.name.to_ascii_lowercase().contains("force"));
            return Err(if force {
                ReadError::new(ID, "a Nanoscope force curve or force volume: there is no image in it")
                    .hint("export the curves as text in NanoScope Analysis")
            } else {
                ReadError::new(ID, "the header has no image section (`\\*Ciao image list`)")
                    .at(bytes.len().min(1 << 16))
                    .hint("the header is damaged or cut; copy the file again")
            });
        }
        name_directions(&mut blocks);
        let mut metadata = Metadata::new();
        let mut image = 0;
        for section in &sections {
            let name = if is_image(&section) {
                image += 1;
                format!("{} {image}", section.name)
            } else {
                section.name.clone()
            };
            metadata.extend(section.entries.iter().map(|(k, v)| (format!("{name}/{k}"), v.clone())));
        }
        let (mut channels, blocks): (Vec<_>, Vec<_>) = blocks.into_iter().map(|b| (b.channel.clone(), b)).unzip();
        array::make_unique(&mut channels);
        Ok(Box::new(File { source: source.clone(), channels, blocks, metadata }))
    }
}

/// One image in the file.
struct Block {
    channel: Channel,
    start: usize,
    sample: Sample,
    /// A raw count in the channel's unit.
    count: f64,
    retrace: bool,
}

fn block(bytes: &[u8], section: &Section, all: &[Section], limits: &Limits) -> Result<Block, ReadError> {
    let name = section.get("Image Data").map_or("Image", header::selected).to_string();
    let wanted = |key: &str| {
        section.number(key).ok_or_else(|| ReadError::new(ID, format!("image `{name}` has no `{key}` in its header")))
    };
    let columns = wanted("Samps/line")?;
    let rows = section.number("Number of lines").or_else(|| elsewhere(all, "Lines")?.split(' ').next()?.parse().ok());
    let rows = rows.ok_or_else(|| ReadError::new(ID, format!("image `{name}` has no `Number of lines`")))?;
    let shape = [rows, columns];
    let n = limits.count(ID, &shape)?;
    let start = wanted("Data offset")?;
    let stated = section.number("Bytes/pixel").unwrap_or(2);
    let length = section.number("Data length");
    let sample = match (length.map(|l| (l / n, l % n)), stated) {
        (Some((2, 0)), _) | (None, 2) => Sample::I16,
        (Some((4, 0)), _) | (None, 4) => Sample::I32,
        (Some((1, 0)), 1) | (None, 1) => Sample::I8,
        (Some(_), _) => {
            return Err(ReadError::new(
                ID,
                format!("image `{name}` of {rows} × {columns} pixels does not fit its {} bytes", length.unwrap_or(0)),
            )
            .at(start));
        }
        (None, b) => return Err(ReadError::new(ID, format!("{b} bytes a pixel are not known"))),
    };
    let end = n.checked_mul(sample.size()).and_then(|l| l.checked_add(start));
    if end.is_none_or(|e| e > bytes.len()) {
        return Err(ReadError::new(ID, format!("the file is truncated in image `{name}`"))
            .at(bytes.len())
            .hint("copy the file again from the instrument"));
    }
    let (count, unit) = scale(section, all, sample, &name)?;
    let physical_size = scan_size(section, all);
    let channel = Channel { name, kind: Kind::Map, unit, shape: shape.to_vec(), physical_size };
    let retrace = section.get("Line direction").is_some_and(|d| d.trim().eq_ignore_ascii_case("retrace"));
    Ok(Block { channel, start, sample, count, retrace })
}

/// A key in whatever section has it.
fn elsewhere<'a>(all: &'a [Section], key: &str) -> Option<&'a str> {
    all.iter().find_map(|s| s.get(key))
}

/// The value of one count, and its unit.
fn scale(section: &Section, all: &[Section], sample: Sample, name: &str) -> Result<(f64, Unit), ReadError> {
    let full = match sample.size() {
        1 => 256.0,
        2 => 65_536.0,
        _ => 4_294_967_296.0,
    };
    let text = section.get("Z scale").ok_or_else(|| {
        ReadError::new(ID, format!("image `{name}` has no `Z scale`, so its values have no unit"))
            .hint("files older than NanoScope III are not read")
    })?;
    let z = header::scaled(text)
        .ok_or_else(|| ReadError::new(ID, format!("image `{name}`: `Z scale: {text}` is not a scaled value")))?;
    if let Some(counts) = z.counts {
        return Ok((z.value / counts, Unit::parse_or_keep(&z.unit)));
    }
    let sensitivity = z.soft.as_deref().and_then(|soft| elsewhere(all, soft)).and_then(header::scaled);
    Ok(match sensitivity {
        Some(s) => (z.value / full * s.value, header::product(&s.unit, &z.unit)),
        // Without its sensitivity the value stays what the converter saw: a voltage.
        None => (z.value / full, Unit::parse_or_keep(&z.unit)),
    })
}

/// Width and height in m: `Scan size: 1.5 0.75 ~m` of the image, or the one number of the scan with the aspect ratio.
fn scan_size(section: &Section, all: &[Section]) -> Option<Vec<f64>> {
    let text = section.get("Scan size").or_else(|| elsewhere(all, "Scan size"))?;
    let parts: Vec<&str> = text.split_whitespace().collect();
    let (width, height, unit) = match parts.as_slice() {
        [w, h, unit] => (w.parse::<f64>().ok()?, h.parse::<f64>().ok()?, *unit),
        [w, unit] => {
            let w: f64 = w.parse().ok()?;
            let aspect = section.get("Aspect ratio").or_else(|| elsewhere(all, "Aspect ratio"));
            let ratio = aspect.and_then(|a| {
                let (x, y) = a.split_once(':')?;
                Some(x.trim().parse::<f64>().ok()? / y.trim().parse::<f64>().ok()?)
            });
            (w, w / ratio.filter(|r| r.is_finite() && *r > 0.0).unwrap_or(1.0), *unit)
        }
        _ => return None,
    };
    let unit = Unit::parse(unit).ok().filter(|u| u.same_dimension(&Unit::of("m")))?;
    let size = [width, height].map(|v| unit.to_si(v));
    size.iter().all(|v| v.is_finite() && *v > 0.0).then(|| size.to_vec())
}

/// Where a file holds both directions of a channel, the backward one says so in its name.
fn name_directions(blocks: &mut [Block]) {
    let forward: std::collections::BTreeSet<String> =
        blocks.iter().filter(|b| !b.retrace).map(|b| b.channel.name.clone()).collect();
    for b in blocks.iter_mut().filter(|b| b.retrace) {
        if forward.contains(&b.channel.name) {
            b.channel.name += " (retrace)";
        }
    }
}

struct File {
    source: Source,
    channels: Vec<Channel>,
    blocks: Vec<Block>,
    metadata: Metadata,
}

impl Dataset for File {
    fn format(&self) -> &'static str {
        ID
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&self, index: usize) -> Result<Artifact, ReadError> {
        let channel = array::channel(ID, &self.channels, index)?;
        let short = || ReadError::new(ID, "the data end before the image does");
        let block = self.blocks.get(index).ok_or_else(short)?;
        let [rows, columns] = *channel.shape.as_slice() else { return Err(short()) };
        let length = rows * columns * block.sample.size();
        let bytes = self.source.bytes().get(block.start..).and_then(|b| b.get(..length)).ok_or_else(short)?;
        let unit = &channel.unit;
        let mut values = block.sample.decode(bytes, Endian::Little, block.count * unit.scale, unit.offset);
        array::flip_rows(&mut values, rows, columns);
        array::artifact(ID, channel, values)
    }
}
