//! Nanoscope III to 9 images of Digital Instruments, Veeco and Bruker (`.000` … `.999`, `.spm`).
//!
//! A text header of `\*section` and `\Key: value` lines, then little-endian integers at `Data offset`, bottom line
//! first. A value is raw · hard value / 2^bits · sensitivity, the hard value and the name of the sensitivity standing
//! in `@N:Z scale`; before version 4.3 `Z scale` holds a length and the counts it stands for. From version 9.2 the data
//! have four bytes whatever `Bytes/pixel` says: the data length decides. Force curves and force volumes are tables.
//! Source: NanoScope Software user guide (file formats), and files of versions 5.31 and 8.15.

mod force;
mod frame;
mod header;

use crate::cursor::{Endian, Sample};
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, entry_name};
use softspot_data::unit::Unit;

use header::Section;

const ID: &str = "nanoscope";
/// The version from which on numbers have four bytes whatever the header says.
const FOUR_BYTES: u32 = 0x0920_0000;
/// Sections of a header; real ones have a few dozen.
const SECTIONS: usize = 4096;

/// The reader.
pub struct Nanoscope;

static FORMAT: Format = Format {
    id: ID,
    name: "Bruker / Veeco Nanoscope",
    extensions: &["spm", "000", "001", "002", "003", "004", "005", "006", "007", "008", "009"],
    about: "Images of versions 3 to 9, two and four bytes a pixel; force curves and force volumes as tables.",
    reference: "NanoScope Software 8.10 User Guide, appendix on file formats",
};

impl Reader for Nanoscope {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        let first = head.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
        // `\*File list`, `\*Force file list`, `\*EC File list` of electrochemical cells; `?` where it was exported as text.
        let begins = first.starts_with(b"\\*") || first.starts_with(b"?*");
        if begins && first.to_ascii_lowercase().trim_ascii_end().ends_with(b"file list") { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
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
        let (mut images, mut unread) = (Vec::new(), Vec::new());
        for section in sections.iter().filter(is_image) {
            match image(source, section, &sections) {
                Ok(image) => images.push(image),
                // One that its header does not describe hides no other; a file that is cut is an error.
                Err(e) if ends_in(section, bytes.len()) => unread.push(e),
                Err(e) => return Err(e),
            }
            if images.len() > limits.channels {
                return Err(ReadError::new(ID, "the file has more images than the limit"));
            }
        }
        if sections.len() > SECTIONS {
            return Err(ReadError::new(ID, format!("the header has more than {SECTIONS} sections")).at(0));
        }
        let force = sections.iter().any(force::is_force);
        if images.is_empty() && !force && !unread.is_empty() {
            return Err(unread.remove(0));
        }
        if images.is_empty() && !force {
            return Err(ReadError::new(ID, "the header has no image section (`\\*Ciao image list`)")
                .at(bytes.len().min(1 << 16))
                .hint("the header is damaged or cut; copy the file again"));
        }
        name_directions(&mut images);
        let mut metadata = Metadata::new();
        let (mut image, mut signal) = (0, 0);
        for section in &sections {
            let name = if is_image(&section) {
                image += 1;
                format!("{} {image}", section.name)
            } else if force::is_force(section) {
                signal += 1;
                format!("{} {signal}", section.name)
            } else {
                section.name.clone()
            };
            metadata.extend(section.entries.iter().map(|(k, v)| (entry_name(&name, "/", k), v.clone())));
        }
        metadata.extend(unread.into_iter().map(|e| ("image".to_string(), format!("not read: {}", e.what))));
        let mut dataset = Dataset::new(ID, limits);
        for image in images {
            dataset.push(image.channel, image.block)?;
        }
        force::push(&mut dataset, source, &sections, limits)?;
        dataset.metadata = metadata;
        dataset.finish()
    }
}

/// One image in the file.
struct Image {
    channel: Channel,
    block: Block,
    retrace: bool,
}

fn image(source: &Source, section: &Section, all: &[Section]) -> Result<Image, ReadError> {
    let name = section.get("Image Data").map_or("Image", header::selected).to_string();
    let missing = |key: &str| {
        ReadError::new(ID, format!("image `{name}` has no `{key}` in its header"))
            .hint("the header is damaged; copy the file again")
    };
    let wanted = |key: &str| section.number(key).ok_or_else(|| missing(key));
    let columns = wanted("Samps/line")?;
    let rows = section.number("Number of lines").or_else(|| elsewhere(all, "Lines")?.split(' ').next()?.parse().ok());
    let rows = rows.ok_or_else(|| missing("Number of lines"))?;
    let start = wanted("Data offset")?;
    let (rows, sample) = layout(section, version(all), [rows, columns]).ok_or_else(|| {
        let most = source.bytes().len();
        if !rows.checked_mul(columns).is_some_and(|n| (1..=most).contains(&n)) {
            let what = format!("image `{name}` has {rows} × {columns} pixels: none, or more than the file can hold");
            return ReadError::new(ID, what);
        }
        let length = section.number("Data length").unwrap_or(0);
        let what = format!("image `{name}` of {rows} × {columns} pixels does not fit its {length} bytes");
        ReadError::new(ID, what).at(start).hint("the header is damaged; copy the file again")
    })?;
    // Lines that were not scanned are stored as zeros.
    let first = section.number("Valid data start Y").unwrap_or(0);
    let valid = section.number("Valid data len Y").filter(|n| *n > 0 && first.saturating_add(*n) <= rows);
    let (start, rows) = match valid.filter(|n| *n < rows) {
        Some(n) => (start.saturating_add(first * columns * sample.size()), n),
        None => (start, rows),
    };
    let shape = [rows, columns];
    let block = Block::packed(ID, source, start, sample, Endian::Little, &shape).map_err(|e| {
        let what = format!("image `{name}`: {}", e.what);
        ReadError { what, ..e }
    })?;
    let (count, unit) = scale(section, all, sample, &name)?;
    let physical_size = frame::size(section, all, Some(shape));
    let channel = Channel::map(name, unit, rows, columns).sized(physical_size);
    let retrace = section.get("Line direction").is_some_and(|d| d.trim().eq_ignore_ascii_case("retrace"));
    Ok(Image { channel, block: block.bottom_up().scaled(count, 0.0), retrace })
}

/// Lines and kind of numbers of an image, from the length of its data; `None` where nothing fits.
///
/// The header of an image that is not whole may claim the lines of the full scan: those that are valid and fill the data
/// are there. From version 9.2 on the data have four bytes whatever the header says.
fn layout(section: &Section, version: u32, [rows, columns]: [usize; 2]) -> Option<(usize, Sample)> {
    let stated = section.number("Bytes/pixel").unwrap_or(2);
    let sample = |bytes: usize| match bytes {
        1 => Some(Sample::I8),
        2 => Some(Sample::I16),
        4 => Some(Sample::I32),
        _ => None,
    };
    let length = section.number("Data length");
    let valid = section.number("Valid data len Y").filter(|n| (1..rows).contains(n));
    let first = if version >= FOUR_BYTES { 4 } else { stated };
    for bytes in [first, 4, 2, 1] {
        for rows in std::iter::once(rows).chain(valid) {
            let own = rows.checked_mul(columns)?.checked_mul(bytes).filter(|n| *n > 0)?;
            if length.is_none_or(|l| l == own) {
                return Some((rows, sample(bytes)?));
            }
        }
    }
    None
}

/// The version of the software, `0x09300201`; 0 where there is none.
fn version(all: &[Section]) -> u32 {
    let text = elsewhere(all, "Version").unwrap_or_default();
    u32::from_str_radix(text.trim_start_matches("0x"), 16).unwrap_or(0)
}

/// Whether the data of an image end within so many bytes.
fn ends_in(section: &Section, bytes: usize) -> bool {
    let [start, length] = ["Data offset", "Data length"].map(|k| section.number(k).unwrap_or(0));
    start.saturating_add(length) <= bytes
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

/// Where a file holds both directions of a channel, the backward one says so in its name.
fn name_directions(images: &mut [Image]) {
    let forward: std::collections::BTreeSet<String> =
        images.iter().filter(|b| !b.retrace).map(|b| b.channel.name.clone()).collect();
    for b in images.iter_mut().filter(|b| b.retrace) {
        if forward.contains(&b.channel.name) {
            b.channel.name += " (retrace)";
        }
    }
}
