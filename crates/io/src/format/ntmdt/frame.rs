//! The list of frames.

use crate::cursor::{Cursor, Endian};
use crate::{Metadata, ReadError};

use super::ID;

/// Bytes before the first frame.
const FILE_HEADER: usize = 33;
/// Bytes before the variables of a frame.
const FRAME_HEADER: usize = 22;

/// One frame.
pub(super) struct Frame<'a> {
    /// From 1, as Nova and Gwyddion count.
    pub number: usize,
    /// Its bytes with the header.
    pub bytes: &'a [u8],
    /// Where it begins in the file.
    pub at: usize,
    pub kind: u16,
    /// Bytes of variables behind the header.
    pub variables: usize,
    version: [u8; 2],
    date: [u16; 6],
}

/// All frames of the file.
///
/// # Errors
/// [`ReadError`] where the file ends in a frame.
pub(super) fn frames(bytes: &[u8]) -> Result<Vec<Frame<'_>>, ReadError> {
    let mut c = Cursor::new(ID, bytes, Endian::Little);
    c.seek(12)?;
    let last = c.u16()? as usize;
    c.seek(FILE_HEADER)?;
    let mut out = Vec::new();
    for number in 1..=last + 1 {
        let at = c.position();
        // A file whose recording was stopped has fewer frames than its header says.
        if c.remaining() == 0 && number > 1 {
            break;
        }
        let size = c.u32()? as usize;
        let kind = c.u16()?;
        let version = [c.u8()?, c.u8()?];
        let mut date = [0; 6];
        for d in &mut date {
            *d = c.u16()?;
        }
        let variables = c.u16()? as usize;
        c.seek(at)?;
        if size < FRAME_HEADER + variables {
            return Err(ReadError::new(ID, format!("frame {number} of {size} bytes is shorter than its header"))
                .at(at)
                .hint("the file is damaged; copy it again"));
        }
        let bytes = c.take(size)?;
        out.push(Frame { number, bytes, at, kind, variables, version, date });
    }
    Ok(out)
}

impl<'a> Frame<'a> {
    /// Reads from `offset` bytes behind the header on.
    pub(super) fn cursor(&self, offset: usize) -> Cursor<'a> {
        let from = FRAME_HEADER.saturating_add(offset).min(self.bytes.len());
        Cursor::new(ID, self.bytes.get(from..).unwrap_or_default(), Endian::Little)
    }

    /// Where in the file what a cursor made with `offset` has reached lies.
    pub(super) fn position(&self, offset: usize, c: &Cursor<'_>) -> usize {
        self.at.saturating_add(FRAME_HEADER).saturating_add(offset).saturating_add(c.position())
    }

    /// `frame 3`.
    pub(super) fn label(&self) -> String {
        format!("frame {}", self.number)
    }

    /// What kind of frame it is.
    pub(super) fn what(&self) -> &'static str {
        match self.kind {
            0 => "a scan",
            1 => "a spectrum",
            3 => "text",
            105 => "an array of an old kind",
            106 => "an array of a kind that is not read",
            107 => "a palette",
            190 | 201 => "curves",
            _ => "a frame of an unknown type",
        }
    }

    /// Type, version and date as metadata.
    pub(super) fn describe(&self, metadata: &mut Metadata) {
        let [year, month, day, hour, minute, second] = self.date;
        let label = self.label();
        metadata.push((format!("{label}/type"), self.kind.to_string()));
        metadata.push((format!("{label}/version"), format!("{}.{}", self.version[0], self.version[1])));
        let date = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
        metadata.push((format!("{label}/date"), date));
    }

    /// An error in this frame.
    pub(super) fn wrong(&self, what: String) -> ReadError {
        ReadError::new(ID, format!("frame {}: {what}", self.number)).at(self.at).hint(
            "the file is damaged, or of a version that is not known; copy it again, or export the frame from Nova",
        )
    }
}

/// The error of a cursor inside of a frame, at its place in the file.
pub(super) fn inside<T>(frame: &Frame<'_>, result: Result<T, ReadError>) -> Result<T, ReadError> {
    result.map_err(|e| frame.wrong(e.what))
}
