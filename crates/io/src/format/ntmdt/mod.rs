//! NT-MDT frames (`.mdt`; Nova, Nova_Px).
//!
//! A header of 33 bytes, then frames one after the other: 22 bytes with length, type, date and the length of the
//! frame's variables. Read are
//!
//! | type | frame | becomes |
//! | --- | --- | --- |
//! | 0 | scan | a map: 16-bit integers, the bottom line first |
//! | 1 | spectroscopy | a table |
//! | 201 | curves at points | tables with positions, forward and backward |
//! | 190 | curves at points, blocks described in XML | tables with positions, forward and backward |
//! | 106 | multidimensional array (MDA) | two dimensions: maps, the bottom line first; none or one: a table; three: a volume |
//! | 3 | text | metadata |
//!
//! Frames of other types (palettes, arrays of an old kind) are named in the metadata and skipped: a file is a day's work, and
//! one frame more must not make its scans unreadable. The size of an MDA map is step · (points − 1), which is the scan
//! size that the instrument shows. Values are little-endian. Sources: the format as NT-MDT published it with the C
//! structures, Gwyddion's documentation, frames of Nova_Px 3.4.

mod array;
mod cube;
mod curves;
mod frame;
mod points;
mod scan;
mod units;
mod xml;

use crate::format::text::encoding;
use crate::{Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source};

use frame::Frame;

const ID: &str = "ntmdt";
const MAGIC: &[u8] = b"\x01\xb0\x93\xff";

/// The reader.
pub struct Ntmdt;

static FORMAT: Format = Format {
    id: ID,
    name: "NT-MDT frames",
    extensions: &["mdt"],
    about: "Scans and arrays as maps and volumes, curves as tables with their positions; palettes are skipped.",
    reference: "NT-MDT, MDT file format; Gwyddion user guide, nt-mdt",
};

impl Reader for Ntmdt {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if source.head().starts_with(MAGIC) { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let mut dataset = Dataset::new(ID, limits);
        let mut metadata = Metadata::new();
        let mut skipped = Vec::new();
        for frame in frame::frames(source.bytes())? {
            frame.describe(&mut metadata);
            let read = match frame.kind {
                0 => scan::map(&mut dataset, source, &frame, &mut metadata)?,
                1 => scan::spectrum(&mut dataset, source, &frame)?,
                3 => text(&frame, &mut metadata),
                106 => array::read(&mut dataset, source, &frame, limits, &mut metadata)?,
                190 => points::read(&mut dataset, &frame, limits, &mut metadata)?,
                201 => curves::read(&mut dataset, &frame)?,
                _ => false,
            };
            if !read {
                let what = frame.what();
                metadata.push((format!("{}/not read", frame.label()), what.into()));
                skipped.push(what);
            }
        }
        if dataset.channels().is_empty() {
            skipped.dedup();
            return Err(ReadError::new(ID, format!("the file holds no scan and no curve, but {}", skipped.join(", ")))
                .hint("export the frame from Nova as text or as a scan"));
        }
        dataset.metadata = metadata;
        dataset.finish()
    }
}

/// A frame of text: 16 bytes, its length, the text, its title and XML.
fn text(frame: &Frame<'_>, metadata: &mut Metadata) -> bool {
    let mut c = frame.cursor(frame.variables);
    let body = (|| {
        c.take(16).ok()?;
        let length = c.u32().ok()? as usize;
        c.take(length).ok()
    })();
    // Frames of text differ from version to version; the remark alone is wanted.
    if let Some(body) = body.filter(|b| !b.is_empty() && !b.contains(&0)) {
        metadata.push((format!("{}/text", frame.label()), encoding::field(body)));
    }
    true
}
