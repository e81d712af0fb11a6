//! Numbers that lie in the bytes of a file at fixed steps: where they begin, of what type, how they are scaled.
//!
//! Most instruments write nothing else, so most readers only say where the block is.

use rayon::prelude::*;

use super::cursor::{Endian, Sample};
use super::{ReadError, Source, Window};

/// Numbers that one thread turns at a time.
const PART: usize = 1 << 16;

/// An array in the bytes of a [`Source`]; whole within them, which its makers have checked.
#[derive(Clone)]
pub struct Block {
    source: Source,
    format: &'static str,
    /// Byte of element `[0, 0, …]`.
    at: usize,
    sample: Sample,
    endian: Endian,
    shape: Vec<usize>,
    /// Bytes from one element to the next along each axis.
    strides: Vec<isize>,
    scale: f64,
    offset: f64,
    missing: Option<f64>,
}

impl Block {
    /// Numbers one after the other in C order from byte `at` on.
    ///
    /// # Errors
    /// [`ReadError`] if a dimension is zero or the source ends before the numbers do.
    pub fn packed(
        format: &'static str,
        source: &Source,
        at: usize,
        sample: Sample,
        endian: Endian,
        shape: &[usize],
    ) -> Result<Block, ReadError> {
        let mut strides = vec![0isize; shape.len()];
        let mut step = sample.size();
        for (s, n) in strides.iter_mut().zip(shape).rev() {
            *s = isize::try_from(step).map_err(|_| too_many(format, shape))?;
            step = step.checked_mul(*n).ok_or_else(|| too_many(format, shape))?;
        }
        Block::strided(format, source, at, sample, endian, shape, &strides)
    }

    /// Numbers at these steps in bytes along each axis; element `[0, 0, …]` is at byte `at`.
    ///
    /// # Errors
    /// [`ReadError`] if a dimension is zero or an element lies outside of the source.
    pub fn strided(
        format: &'static str,
        source: &Source,
        at: usize,
        sample: Sample,
        endian: Endian,
        shape: &[usize],
        strides: &[isize],
    ) -> Result<Block, ReadError> {
        if shape.contains(&0) || shape.is_empty() || shape.len() != strides.len() {
            let what = format!("the header gives an array of {shape:?} elements: a dimension is zero");
            let hint = "the header is damaged, or nothing was recorded; copy the file again";
            return Err(ReadError::new(format, what).at(at).hint(hint));
        }
        let have = source.bytes().len();
        let (mut low, mut high) = (at as i128, at as i128 + sample.size() as i128);
        for (n, s) in shape.iter().zip(strides) {
            let reach = (*n as i128 - 1).checked_mul(*s as i128).ok_or_else(|| too_many(format, shape))?;
            if reach < 0 { low += reach } else { high += reach }
        }
        if low < 0 || high > have as i128 {
            let what = format!(
                "the file is truncated, or its header claims more than the file can hold: {shape:?} numbers from byte \
                 {at} on end at {high}, the file at {have}"
            );
            return Err(ReadError::new(format, what).at(have).hint("copy the file again from the instrument"));
        }
        Ok(Block {
            source: source.clone(),
            format,
            at,
            sample,
            endian,
            shape: shape.to_vec(),
            strides: strides.to_vec(),
            scale: 1.0,
            offset: 0.0,
            missing: None,
        })
    }

    /// A number in the channel's unit is `scale · stored + offset`.
    #[must_use]
    pub fn scaled(mut self, scale: f64, offset: f64) -> Block {
        (self.scale, self.offset) = (scale, offset);
        self
    }

    /// The stored number that stands for no value; it is read as NaN.
    #[must_use]
    pub fn missing(mut self, stored: f64) -> Block {
        self.missing = Some(stored);
        self
    }

    /// The bottom line is stored first: turns the last axis but one, so that row 0 is the top line.
    #[must_use]
    pub fn bottom_up(mut self) -> Block {
        if let Some(axis) = self.shape.len().checked_sub(2) {
            self.reverse(axis);
        }
        self
    }

    /// The right column is stored first: turns the last axis.
    #[must_use]
    pub fn right_to_left(mut self) -> Block {
        if let Some(axis) = self.shape.len().checked_sub(1) {
            self.reverse(axis);
        }
        self
    }

    /// Its shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn reverse(&mut self, axis: usize) {
        // Every element was found to lie in the source, so the last along this axis does as well.
        let reach = (self.shape[axis] as isize - 1) * self.strides[axis];
        self.at = self.at.saturating_add_signed(reach);
        self.strides[axis] = -self.strides[axis];
    }

    /// A window of it, in the unit of its channel.
    ///
    /// # Errors
    /// [`ReadError`] if the window lies outside.
    pub fn window(&self, window: &Window) -> Result<Vec<f64>, ReadError> {
        self.read(window, 1.0, 0.0)
    }

    /// As [`Block::window`], each number times `unit_scale` plus `unit_offset` once more.
    ///
    /// # Errors
    /// [`ReadError`] if the window lies outside.
    pub(super) fn read(&self, window: &Window, unit_scale: f64, unit_offset: f64) -> Result<Vec<f64>, ReadError> {
        // What lies outside is refused before memory is asked for.
        let n = if window.fits(&self.shape) { window.shape().iter().product() } else { 0 };
        let mut out = vec![0.0; n];
        self.read_into(window, unit_scale, unit_offset, &mut out)?;
        Ok(out)
    }

    /// As [`Block::read`], into memory that is there and has just room for it.
    ///
    /// # Errors
    /// [`ReadError`] if the window lies outside.
    pub(super) fn read_into(
        &self,
        window: &Window,
        unit_scale: f64,
        unit_offset: f64,
        out: &mut [f64],
    ) -> Result<(), ReadError> {
        if !window.fits(&self.shape) || out.len() != window.shape().iter().product::<usize>() {
            return Err(ReadError::new(self.format, format!("{window:?} is no part of {:?} numbers", self.shape)));
        }
        let scale = self.scale * unit_scale;
        let offset = self.offset * unit_scale + unit_offset;
        let size = self.sample.size();
        // Lines that lie in one piece, and where in the file each begins. Fresh memory is slow to touch, so that even
        // plain copying gains from more than one thread.
        let mut starts = Vec::new();
        let line = if window.is_whole(&self.shape) && self.is_packed() {
            starts.extend((0..out.len()).step_by(PART).map(|i| self.at + i * size));
            PART
        } else {
            window.runs(|index, _| starts.push(self.byte_of(index)));
            window.ranges().last().map_or(1, |r| r.len())
        };
        out.par_chunks_mut(line.max(1))
            .zip(starts)
            .with_min_len(PART / line.max(1))
            .try_for_each(|(line, from)| self.line(line, from, scale, offset))
    }

    /// The byte of an element.
    fn byte_of(&self, index: &[usize]) -> usize {
        let at = index.iter().zip(&self.strides).fold(self.at as isize, |at, (i, s)| at + *i as isize * s);
        usize::try_from(at).unwrap_or(usize::MAX)
    }

    /// The numbers along the last axis from byte `from` on.
    fn line(&self, out: &mut [f64], from: usize, scale: f64, offset: f64) -> Result<(), ReadError> {
        let (bytes, size) = (self.source.bytes(), self.sample.size());
        let step = self.strides.last().copied().unwrap_or(size as isize);
        let (first, then) = if self.missing.is_some() { (1.0, 0.0) } else { (scale, offset) };
        let outside = || ReadError::new(self.format, "numbers lie outside of the file").at(from);
        let raw = |from: usize, n: usize| bytes.get(from..from.checked_add(n * size)?);
        if step == size as isize {
            let raw = raw(from, out.len()).ok_or_else(outside)?;
            self.sample.fill(out, raw, self.endian, first, then);
        } else {
            for (i, v) in out.iter_mut().enumerate() {
                let raw = raw(from.saturating_add_signed(i as isize * step), 1).ok_or_else(outside)?;
                self.sample.fill(std::slice::from_mut(v), raw, self.endian, first, then);
            }
        }
        if let Some(missing) = self.missing {
            out.iter_mut().for_each(|v| *v = if *v == missing { f64::NAN } else { *v * scale + offset });
        }
        Ok(())
    }

    /// Whether the numbers follow one another in C order.
    fn is_packed(&self) -> bool {
        let mut step = self.sample.size() as isize;
        self.strides.iter().zip(&self.shape).rev().all(|(s, n)| {
            let fits = *s == step;
            step = step.saturating_mul(*n as isize);
            fits
        })
    }
}

fn too_many(format: &str, shape: &[usize]) -> ReadError {
    ReadError::new(format, format!("the header claims {shape:?} numbers, more than the file can hold"))
        .hint("the header is damaged; copy the file again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(n: u8) -> Source {
        Source::from_bytes(std::path::Path::new("a"), (0..n).collect())
    }

    #[test]
    fn order_scale_and_windows() {
        let s = source(12);
        let b = Block::packed("x", &s, 0, Sample::U8, Endian::Little, &[3, 4]).unwrap();
        let all = Window::whole(&[3, 4]);
        assert_eq!(b.read(&all, 1.0, 0.0).unwrap(), (0..12).map(f64::from).collect::<Vec<_>>());
        let up = b.clone().bottom_up();
        assert_eq!(up.read(&all, 1.0, 0.0).unwrap(), [8., 9., 10., 11., 4., 5., 6., 7., 0., 1., 2., 3.]);
        assert_eq!(up.read(&Window::new([0..2, 1..3]), 1.0, 0.0).unwrap(), [9., 10., 5., 6.]);
        let left = up.right_to_left().scaled(2.0, 1.0).missing(10.0);
        let read = left.read(&Window::new([0..1, 0..4]), 10.0, 3.0).unwrap();
        assert_eq!((read[0], read[2], read[3]), (233.0, 193.0, 173.0));
        assert!(read[1].is_nan());
        // Fortran order: the first index runs fastest.
        let f = Block::strided("x", &s, 0, Sample::U8, Endian::Little, &[3, 4], &[1, 3]).unwrap();
        assert_eq!(f.read(&Window::new([1..3, 0..2]), 1.0, 0.0).unwrap(), [1., 4., 2., 5.]);
    }

    #[test]
    fn nothing_outside_of_the_file() {
        let s = source(12);
        let packed = |at, shape: &[usize]| Block::packed("x", &s, at, Sample::U16, Endian::Big, shape).map(|_| ());
        assert!(packed(0, &[6]).is_ok() && packed(2, &[5]).is_ok());
        assert!(packed(2, &[6]).is_err() && packed(0, &[0]).is_err() && packed(20, &[1]).is_err());
        assert!(packed(0, &[usize::MAX, usize::MAX]).is_err());
        let strided =
            |at, s0: isize| Block::strided("x", &s, at, Sample::U8, Endian::Big, &[3, 2], &[s0, 1]).map(|_| ()).is_ok();
        assert!(strided(8, -4) && !strided(7, -4) && strided(0, 5) && !strided(0, 6));
    }
}
