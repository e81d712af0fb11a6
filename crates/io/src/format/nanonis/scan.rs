//! Nanonis scan images (`.sxm`).
//!
//! A text header of `:KEY:` lines with values below them, `:SCANIT_END:`, the bytes `1a 04`, then one block of 32-bit
//! floats for every channel and direction in the order of the table under `:DATA_INFO:`. Lines are stored as they were
//! scanned: the first is the bottom one where `:SCAN_DIR:` is up, and backward lines run from right to left. Lines
//! that an aborted scan never reached are NaN. The size is that of the scan frame, which may stand at an angle
//! (`SCAN_ANGLE`); the image is not turned.

use crate::cursor::{Endian, Sample};
use crate::format::text::encoding;
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source};
use softspot_data::unit::Unit;

use super::number;

const ID: &str = "nanonis-sxm";
const END: &[u8] = b":SCANIT_END:";
const MARK: &[u8] = b"\x1a\x04";
/// Bytes of a header that would be too long.
const LONGEST: usize = 16 << 20;

/// The reader.
pub struct NanonisSxm;

static FORMAT: Format = Format {
    id: ID,
    name: "Nanonis scan image",
    extensions: &["sxm"],
    about: "All channels, forward and backward, turned so that both show the same picture.",
    reference: "Nanonis file formats, SPECS Zurich",
};

impl Reader for NanonisSxm {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if source.head().starts_with(b":NANONIS_VERSION:") { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let head = bytes.get(..bytes.len().min(LONGEST)).unwrap_or_default();
        let find = |from: usize, what: &[u8]| {
            head.get(from..)?.windows(what.len()).position(|w| w == what).map(|at| at + from + what.len())
        };
        let end = find(0, END).ok_or_else(|| {
            ReadError::new(ID, "the header has no `:SCANIT_END:`")
                .at(head.len())
                .hint("the file is cut; copy it again from the instrument")
        })?;
        let start = find(end, MARK).ok_or_else(|| {
            ReadError::new(ID, "the mark `1a 04` before the numbers is missing")
                .at(end)
                .hint("the file was changed by a program that takes it for text; copy it again as a binary file")
        })?;
        let header = Header::parse(&encoding::field(head.get(..end).unwrap_or_default()));
        let [columns, rows] = header.pair("SCAN_PIXELS", |t| t.parse::<usize>().ok())?;
        let size = header.pair("SCAN_RANGE", number)?;
        let up = header.get("SCAN_DIR").is_none_or(|d| !d.trim().eq_ignore_ascii_case("down"));
        let (sample, endian) = header.sample()?;
        let mut dataset = Dataset::new(ID, limits);
        let mut at = start;
        for info in header.channels()? {
            for backward in [false, true] {
                if !(if backward { info.backward } else { info.forward }) {
                    continue;
                }
                let block = Block::packed(ID, source, at, sample, endian, &[rows, columns])?;
                at += rows * columns * sample.size();
                let block = if up { block.bottom_up() } else { block };
                let block = if backward { block.right_to_left() } else { block };
                let name = format!("{} ({})", info.name, if backward { "Backward" } else { "Forward" });
                let channel = Channel::map(name, info.unit.clone(), rows, columns).sized(Some(size.to_vec()));
                dataset.push(channel, block)?;
            }
        }
        dataset.metadata = header.0;
        dataset.finish()
    }
}

/// Keys and what stands below them.
struct Header(Metadata);

/// A line of the table of channels.
struct Info {
    name: String,
    unit: Unit,
    forward: bool,
    backward: bool,
}

impl Header {
    fn parse(text: &str) -> Header {
        let mut out: Metadata = Vec::new();
        for line in text.lines() {
            let trimmed = line.trim_end();
            let key = trimmed.strip_prefix(':').and_then(|t| t.strip_suffix(':')).filter(|t| !t.is_empty());
            match (key, out.last_mut()) {
                (Some(key), _) => out.push((key.to_string(), String::new())),
                (None, Some((_, value))) => {
                    if !value.is_empty() {
                        value.push('\n');
                    }
                    value.push_str(trimmed);
                }
                (None, None) => {}
            }
        }
        out.retain(|(k, _)| k != "SCANIT_END");
        out.iter_mut().for_each(|(_, v)| *v = v.trim_end().to_string());
        Header(out)
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    fn pair<T: Copy>(&self, key: &str, parse: impl Fn(&str) -> Option<T>) -> Result<[T; 2], ReadError> {
        let text = self.get(key).unwrap_or("");
        let numbers: Vec<T> = text.split_whitespace().filter_map(parse).collect();
        match numbers[..] {
            [x, y, ..] => Ok([x, y]),
            _ => Err(ReadError::new(ID, format!("`:{key}:` is `{}` and not two numbers", text.trim()))
                .hint("the header is damaged; copy the file again")),
        }
    }

    fn sample(&self) -> Result<(Sample, Endian), ReadError> {
        let text = self.get("SCANIT_TYPE").unwrap_or("FLOAT MSBFIRST").to_ascii_uppercase();
        let endian = if text.contains("LSBFIRST") { Endian::Little } else { Endian::Big };
        let sample = match text.split_whitespace().next() {
            Some("FLOAT") | None => Sample::F32,
            Some("DOUBLE") => Sample::F64,
            Some(other) => {
                return Err(ReadError::new(ID, format!("numbers of the type `{other}` are not known"))
                    .hint("export the image as ASCII in the scan inspector"));
            }
        };
        Ok((sample, endian))
    }

    /// `Channel Name Unit Direction Calibration Offset`, tabs between; calibration is applied already.
    fn channels(&self) -> Result<Vec<Info>, ReadError> {
        let text = self.get("DATA_INFO").unwrap_or("");
        let mut lines = text.lines().map(|l| l.trim().split('\t').map(str::trim).collect::<Vec<_>>());
        let names = lines.next().unwrap_or_default();
        let column = |name: &str, usual: usize| names.iter().position(|n| *n == name).unwrap_or(usual);
        let (name, unit, direction) = (column("Name", 1), column("Unit", 2), column("Direction", 3));
        let mut out = Vec::new();
        for cells in lines.filter(|c| c.len() > 1) {
            let cell = |i: usize| cells.get(i).copied().unwrap_or("");
            let both = cell(direction).eq_ignore_ascii_case("both");
            let backward = cell(direction).to_ascii_lowercase().starts_with("back");
            out.push(Info {
                name: cell(name).to_string(),
                unit: Unit::parse_or_keep(cell(unit)),
                forward: both || !backward,
                backward: both || backward,
            });
        }
        if out.is_empty() {
            return Err(
                ReadError::new(ID, "`:DATA_INFO:` lists no channel").hint("the header is damaged; copy it again")
            );
        }
        Ok(out)
    }
}
