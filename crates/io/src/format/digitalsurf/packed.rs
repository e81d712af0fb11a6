//! Numbers packed in zlib streams: how many streams, the length of each unfolded and packed, the streams.

use std::io::Read;

use crate::cursor::{Cursor, Endian, Sample};
use crate::{Limits, ReadError, Source};

use super::ID;

/// Deflate cannot do better; a claim beyond it is a lie.
const MAX_RATIO: usize = 1100;
/// Streams that would be too many.
const MOST: u32 = 65_536;

/// Where the streams are, and what the unfolded integers mean.
pub(super) struct Streams {
    source: Source,
    /// Begin, length, and length unfolded.
    parts: Vec<(usize, usize, usize)>,
    end: usize,
    bytes: usize,
    sample: Sample,
    scale: f64,
    offset: f64,
    missing: Option<f64>,
}

impl Streams {
    /// Reads the table of lengths that begins at `at` and must make up `bytes`.
    ///
    /// # Errors
    /// [`ReadError`] where the streams lie outside of the file or cannot unfold to what they claim.
    pub(super) fn read(source: &Source, at: usize, bytes: usize, limits: &Limits) -> Result<Streams, ReadError> {
        let mut c = Cursor::new(ID, source.bytes(), Endian::Little);
        c.seek(at)?;
        let n = c.u32()?;
        let wrong = |what: String| ReadError::new(ID, what).at(at).hint("the file is damaged; copy it again");
        if n > MOST || n as usize > c.remaining() / 8 {
            return Err(wrong(format!("the header claims {n} packed streams, more than the file can hold")));
        }
        let mut lengths = Vec::new();
        for _ in 0..n {
            let (unfolded, packed) = (c.u32()? as usize, c.u32()? as usize);
            lengths.push((packed, unfolded));
        }
        let mut parts = Vec::new();
        let mut all = 0usize;
        for (packed, unfolded) in lengths {
            let begin = c.position();
            c.take(packed)?;
            if unfolded > packed.saturating_mul(MAX_RATIO).saturating_add(64) {
                return Err(wrong(format!("a packed stream claims {unfolded} bytes in {packed}")));
            }
            parts.push((begin, packed, unfolded));
            all = all.saturating_add(unfolded);
        }
        if all != bytes {
            return Err(wrong(format!("the packed streams hold {all} bytes, the surface has {bytes}")));
        }
        if all as u64 > limits.inflated {
            return Err(wrong(format!("the numbers unfold to {all} bytes, more than the limit")));
        }
        let end = c.position();
        let source = source.clone();
        Ok(Streams { source, parts, end, bytes, sample: Sample::I32, scale: 1.0, offset: 0.0, missing: None })
    }

    /// Where the object ends.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// With the type of the integers, and what turns them into values.
    pub(super) fn meaning(mut self, sample: Sample, scale: f64, offset: f64, missing: Option<f64>) -> Streams {
        (self.sample, self.scale, self.offset, self.missing) = (sample, scale, offset, missing);
        self
    }

    /// All values.
    ///
    /// # Errors
    /// [`ReadError`] where a stream is broken.
    pub(super) fn numbers(&self) -> Result<Vec<f64>, ReadError> {
        let mut raw = Vec::with_capacity(self.bytes);
        for (at, packed, unfolded) in &self.parts {
            let before = raw.len();
            let stream = self.source.bytes().get(*at..at.saturating_add(*packed)).unwrap_or_default();
            let broken = |what: String| ReadError::new(ID, what).at(*at).hint("the file is damaged; copy it again");
            flate2::read::ZlibDecoder::new(stream)
                .take(*unfolded as u64)
                .read_to_end(&mut raw)
                .map_err(|e| broken(format!("a packed stream is broken: {e}")))?;
            if raw.len() - before != *unfolded {
                return Err(broken(format!("a packed stream has {} bytes, not {unfolded}", raw.len() - before)));
            }
        }
        let mut out = self.sample.decode(&raw, Endian::Little, 1.0, 0.0);
        for v in &mut out {
            *v = if Some(*v) == self.missing { f64::NAN } else { *v * self.scale + self.offset };
        }
        Ok(out)
    }
}
