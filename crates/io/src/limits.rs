//! Bounds that a header must keep before anything is allocated for it.

use super::ReadError;

/// What a file may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Elements in one channel.
    pub elements: u64,
    /// Channels in one file.
    pub channels: usize,
    /// Bytes that a compressed stream may grow to.
    pub inflated: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { elements: 1 << 29, channels: 65_536, inflated: 4 << 30 }
    }
}

impl Limits {
    /// The number of elements of a shape, if allowed.
    ///
    /// # Errors
    /// [`ReadError`] for a zero dimension, an overflow, or more than [`Limits::elements`].
    pub fn count(&self, format: &str, shape: &[usize]) -> Result<usize, ReadError> {
        if shape.contains(&0) {
            return Err(ReadError::new(
                format,
                format!("the header gives an array of {shape:?} elements: a dimension is zero"),
            )
            .hint("the header is damaged, or nothing was recorded; copy the file again"));
        }
        let n = shape.iter().try_fold(1u64, |a, &b| a.checked_mul(b as u64));
        match n {
            Some(n) if n <= self.elements => Ok(n as usize),
            _ => Err(ReadError::new(
                format,
                format!("the header claims {shape:?} elements, more than the limit of {}", self.elements),
            )
            .hint("the header is damaged, or the file must be read in windows")),
        }
    }
}
