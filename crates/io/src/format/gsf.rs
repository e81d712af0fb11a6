//! Gwyddion Simple Field: a text header, padding to four bytes, little-endian 32-bit floats.
//!
//! Known writers: Gwyddion, pySPM, this program. Layout: magic line `Gwyddion Simple Field 1.0`, lines `Key = value`,
//! 1 to 4 NUL bytes so that the data start at a multiple of four, then `XRes × YRes` floats, top row first.

use crate::cursor::{Endian, Sample};
use crate::format::text::encoding;
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source};
use softspot_data::unit::Unit;

const ID: &str = "gsf";
const MAGIC: &[u8] = b"Gwyddion Simple Field 1.0";

/// The reader.
pub struct Gsf;

static FORMAT: Format = Format {
    id: ID,
    name: "Gwyddion Simple Field",
    extensions: &["gsf"],
    about: "One map with its physical size and units; XOffset and YOffset are kept as metadata.",
    reference: "http://gwyddion.net/documentation/user-guide-en/gsf.html",
};

impl Reader for Gsf {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let behind = source.head().strip_prefix(MAGIC);
        if behind.is_some_and(|b| b.starts_with(b"\n") || b.starts_with(b"\r\n")) { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let body = bytes.strip_prefix(MAGIC).ok_or_else(|| {
            ReadError::new(ID, "the first line is not `Gwyddion Simple Field 1.0`")
                .at(0)
                .hint("the file is damaged; copy it again")
        })?;
        let end =
            body.iter().position(|b| *b == 0).map(|n| n + MAGIC.len()).ok_or_else(|| {
                ReadError::new(ID, "the header has no end").at(bytes.len()).hint("the file is truncated")
            })?;
        // A title may be of another encoding.
        let text = encoding::decode(bytes.get(MAGIC.len()..end).unwrap_or_default());
        let mut metadata = Metadata::new();
        for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let (key, value) = line
                .split_once('=')
                .ok_or_else(|| ReadError::new(ID, format!("`{line}` is not `Key = value`")).line(i + 1))?;
            metadata.push((key.trim().into(), value.trim().into()));
        }
        let given = metadata.clone();
        let field = |key: &str| given.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
        let number = |key: &str| -> Result<Option<f64>, ReadError> {
            field(key)
                .map(|v| v.parse::<f64>().map_err(|_| ReadError::new(ID, format!("`{key} = {v}` is not a number"))))
                .transpose()
        };
        let resolution = |key: &str| -> Result<usize, ReadError> {
            let v = field(key).ok_or_else(|| ReadError::new(ID, format!("the header has no {key}")))?;
            v.parse().map_err(|_| ReadError::new(ID, format!("`{key} = {v}` is not a number of pixels")))
        };
        let [rows, columns] = [resolution("YRes")?, resolution("XRes")?];
        // 1 to 4 NUL bytes bring the data to a multiple of four.
        let start = (end / 4 + 1) * 4;
        // A writer that pads otherwise, or something behind the numbers: which of them no one can tell.
        let behind = bytes.len().saturating_sub(start.saturating_add(rows.saturating_mul(columns).saturating_mul(4)));
        if behind > 0 {
            let what = format!("{behind} bytes; a writer that pads its header to more than four would shift the image");
            metadata.push(("behind the numbers".into(), what));
        }
        let block = Block::packed(ID, source, start, Sample::F32, Endian::Little, &[rows, columns])?;
        let lateral = Unit::parse_or_keep(field("XYUnits").unwrap_or(""));
        // A map whose size nobody knew has none, or zero.
        let mut size = Vec::new();
        for key in ["XReal", "YReal"] {
            let length = number(key)?;
            let sound = |v: &f64| v.is_finite() && *v > 0.0;
            if length.is_some_and(|v| !sound(&v)) {
                metadata
                    .push((format!("{key} not used"), "it is no physical size; give `pixel` with the input".into()));
            }
            size.extend(length.filter(sound).filter(|_| lateral.is_length()).map(|v| lateral.to_si(v)));
        }
        let unit = Unit::parse_or_keep(field("ZUnits").unwrap_or(""));
        let name = field("Title").filter(|t| !t.is_empty()).unwrap_or("data");
        let channel = Channel::map(name, unit, rows, columns).sized((size.len() == 2).then_some(size));
        let mut dataset = Dataset::new(ID, limits);
        dataset.push(channel, block)?;
        dataset.metadata = metadata;
        dataset.finish()
    }
}
