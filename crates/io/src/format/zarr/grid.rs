//! Chunks of one size side by side, of an array or in a shard: a window of them, chunk by chunk.

use std::ops::Range;

use rayon::prelude::*;

use super::chain::Chain;
use crate::cursor::Sample;
use crate::{Source, Window};

/// Chunks that one window may touch.
const CHUNKS: usize = 1 << 22;
/// Bytes of numbers that are unpacked at a time, beside one chunk.
const AT_ONCE: usize = 1 << 28;

/// Bytes of a chunk in what they lie in.
#[derive(Clone)]
pub(super) struct Piece {
    pub source: Source,
    pub range: Range<usize>,
}

impl Piece {
    /// All of a source.
    pub(super) fn whole(source: Source) -> Piece {
        let range = 0..source.bytes().len();
        Piece { source, range }
    }

    /// Bytes of it; `None` where it does not have them.
    pub(super) fn part(&self, range: Range<usize>) -> Option<Piece> {
        let at = |i: usize| self.range.start.checked_add(i).filter(|i| *i <= self.range.end);
        let range = at(range.start)?..at(range.end)?;
        (range.start <= range.end).then(|| Piece { source: self.source.clone(), range })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.source.bytes().get(self.range.clone()).unwrap_or_default()
    }
}

/// What a number of an array is.
#[derive(Clone, Copy)]
pub(super) struct Number {
    pub sample: Sample,
    /// Numbers of an element: two of a complex one.
    pub parts: usize,
}

impl Number {
    /// Bytes of an element.
    pub(super) fn size(self) -> usize {
        self.sample.size() * self.parts
    }
}

/// What is asked of the elements: this number of each, and what stands where no chunk is.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub number: Number,
    pub part: usize,
    pub fill: f64,
}

/// Gives the bytes of a chunk by its index along each axis; `None` where it was left out.
pub(super) type Fetch<'a> = dyn Fn(&[usize]) -> Result<Option<Piece>, String> + Sync + 'a;

/// Numbers of a window, and where they stand in a larger one.
struct Share {
    there: Window,
    values: Vec<f64>,
}

/// Chunks of one size, each stored by the same chain of codecs.
pub(super) struct Grid {
    pub chunk: Vec<usize>,
    pub chain: Chain,
}

impl Grid {
    /// A window, in C order.
    ///
    /// # Errors
    /// What is wrong with a chunk.
    pub(super) fn read(
        &self,
        window: &[Range<usize>],
        request: Request,
        fetch: &Fetch<'_>,
    ) -> Result<Vec<f64>, String> {
        let shape: Vec<usize> = window.iter().map(Range::len).collect();
        let places = self.places(window)?;
        let read = |place: &Vec<usize>| self.share(window, request, place, fetch);
        if let [place] = places.as_slice() {
            return Ok(read(place)?.map_or_else(|| vec![request.fill; shape.iter().product()], |share| share.values));
        }
        let mut out = vec![request.fill; shape.iter().product()];
        let size = self.chunk.iter().fold(8usize, |a, n| a.saturating_mul(*n));
        for some in places.chunks((AT_ONCE / size).max(1)) {
            let shares: Vec<_> = some.par_iter().map(read).collect::<Result<_, String>>()?;
            shares.into_iter().flatten().for_each(|share| paste(&mut out, &shape, &share));
        }
        Ok(out)
    }

    /// The chunks that a window touches, by their index along each axis.
    fn places(&self, window: &[Range<usize>]) -> Result<Vec<Vec<usize>>, String> {
        let touched = window.iter().zip(&self.chunk).map(|(r, c)| r.start / c..r.end.div_ceil(*c));
        let touched: Vec<Range<usize>> = touched.collect();
        let count = touched.iter().try_fold(1usize, |a, r| a.checked_mul(r.len()));
        if count.is_none_or(|n| n > CHUNKS) {
            return Err("more chunks than can be read at once".into());
        }
        let mut out = Vec::new();
        Window::new(touched).runs(|first, n| {
            out.extend((0..n).map(|i| {
                let mut place = first.to_vec();
                place.iter_mut().last().into_iter().for_each(|last| *last += i);
                place
            }));
        });
        Ok(out)
    }

    /// What a chunk has of a window; `None` where the chunk was left out.
    fn share(
        &self,
        window: &[Range<usize>],
        request: Request,
        place: &[usize],
        fetch: &Fetch<'_>,
    ) -> Result<Option<Share>, String> {
        let Some(piece) = fetch(place)? else { return Ok(None) };
        let (mut own, mut there) = (Vec::new(), Vec::new());
        for ((k, c), r) in place.iter().zip(&self.chunk).zip(window) {
            // The last chunk may reach beyond the largest index.
            let (start, end) = (r.start.max(k * c), r.end.min(k.saturating_add(1).saturating_mul(*c)));
            own.push(start - k * c..end - k * c);
            there.push(start - r.start..end - r.start);
        }
        let values = self.chain.window(piece, &self.chunk, &own, request)?;
        Ok(Some(Share { there: Window::new(there), values }))
    }
}

/// Puts a share where it stands in `out`.
fn paste(out: &mut [f64], shape: &[usize], share: &Share) {
    let mut from = 0;
    share.there.runs(|index, n| {
        let to = index.iter().zip(shape).fold(0, |at, (i, n)| at * n + i);
        if let (Some(out), Some(own)) = (out.get_mut(to..to + n), share.values.get(from..from + n)) {
            out.copy_from_slice(own);
        }
        from += n;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_piece() {
        let piece = Piece::whole(Source::from_bytes(std::path::Path::new("a"), (0..10).collect()));
        let part = piece.part(2..6).unwrap();
        assert_eq!(part.bytes(), [2, 3, 4, 5]);
        assert_eq!(part.part(1..2).unwrap().bytes(), [3]);
        assert!(part.part(1..5).is_none() && part.part(usize::MAX..usize::MAX).is_none());
    }
}
