//! Σ z² over both overlaps of a map with itself shifted, for all lags of a row in one pass over its columns.

use rayon::prelude::*;

use super::Scores;
use super::spectrum::ROWS;
use crate::num::simd::{Loop, vectorised};

/// Column prefix sums of z² at the band borders: with them Σ z² over both overlaps of any lag costs one row.
pub(super) struct Overlap<'a, 'z> {
    z: &'a Scores<'z>,
    /// Per column Σ z² over rows < `ROWS`·b.
    above: Vec<Vec<f64>>,
    /// Per column Σ z² over rows < R − `ROWS`·b.
    kept: Vec<Vec<f64>>,
    /// Per column Σ z² over all rows.
    all: Vec<f64>,
}

impl<'a, 'z> Overlap<'a, 'z> {
    /// For the first `bands` bands of row lags.
    pub(super) fn new(z: &'a Scores<'z>, bands: usize) -> Overlap<'a, 'z> {
        let (rows, columns) = z.dim();
        let grid = (0..rows).step_by(ROWS);
        let mut borders: Vec<usize> = grid.chain((0..bands).map(|b| rows - b * ROWS)).collect();
        borders.sort_unstable();
        borders.dedup();
        // What lies between two borders is summed by itself, in parallel; the sums are then added in order.
        let parts: Vec<Vec<f64>> = borders
            .par_windows(2)
            .map(|w| {
                let (mut sums, mut line) = (vec![0.0; columns], vec![0.0; columns]);
                (w[0]..w[1]).for_each(|y| z.add_squares(&mut sums, &mut line, y, 1.0));
                sums
            })
            .collect();
        let mut all = vec![0.0; columns];
        let (mut above, mut kept) = (vec![Vec::new(); bands], vec![Vec::new(); bands]);
        let nothing = vec![0.0; columns];
        for (border, part) in borders.iter().zip(std::iter::once(&nothing).chain(&parts)) {
            all.iter_mut().zip(part).for_each(|(a, p)| *a += p);
            for (sums, at) in [(&mut above, *border), (&mut kept, rows - border)] {
                if at.is_multiple_of(ROWS) && at / ROWS < bands {
                    sums[at / ROWS].clone_from(&all);
                }
            }
        }
        Overlap { z, above, kept, all }
    }

    /// The sums of band `index`, from its first row lag, at dx = −`max` … `max`.
    pub(super) fn band(&self, index: usize, max: usize) -> BandSums<'_, 'a, 'z> {
        let columns = self.all.len();
        BandSums {
            overlap: self,
            dy: index * ROWS,
            above: self.above[index].clone(),
            kept: self.kept[index].clone(),
            line: vec![0.0; columns],
            widths: (0..=2 * max).map(|i| (columns - i.abs_diff(max)) as f64).collect(),
            first: vec![0.0; columns + 1],
            second: vec![0.0; columns + 1],
        }
    }
}

/// Walks down one band of lag rows.
pub(super) struct BandSums<'b, 'a, 'z> {
    overlap: &'b Overlap<'a, 'z>,
    dy: usize,
    above: Vec<f64>,
    kept: Vec<f64>,
    line: Vec<f64>,
    /// Columns that overlap at each dx.
    widths: Vec<f64>,
    /// Prefix sums over columns of the upper (kept) and the lower (all − above) overlap.
    first: Vec<f64>,
    second: Vec<f64>,
}

impl BandSums<'_, '_, '_> {
    /// Fills Σ z(x)² + z(x+d)² and the pair counts at row lag `self.dy`, then steps to the next.
    pub(super) fn next(&mut self, squares: &mut [f64], pairs: &mut [f64]) {
        let (rows, _) = self.overlap.z.dim();
        let (mut a, mut b) = (0.0, 0.0);
        let below = self.overlap.all.iter().zip(&self.above);
        let sums = self.first[1..].iter_mut().zip(&mut self.second[1..]);
        for ((first, second), (kept, (all, above))) in sums.zip(self.kept.iter().zip(below)) {
            a += kept;
            b += all - above;
            *first = a;
            *second = b;
        }
        let max = squares.len() / 2;
        let (left, right) = squares.split_at_mut(max);
        vectorised(Ends { first: &self.first, second: &self.second, all: [a, b], left, right });
        let height = (rows - self.dy) as f64;
        pairs.iter_mut().zip(&self.widths).for_each(|(p, w)| *p = height * w);
        if self.dy + 1 < rows {
            self.overlap.z.add_squares(&mut self.above, &mut self.line, self.dy, 1.0);
            self.overlap.z.add_squares(&mut self.kept, &mut self.line, rows - self.dy - 1, -1.0);
        }
        self.dy += 1;
    }
}

/// The first and the last columns of two prefix sums, those that overlap at dx = ±e, for all e.
struct Ends<'a> {
    first: &'a [f64],
    second: &'a [f64],
    all: [f64; 2],
    left: &'a mut [f64],
    right: &'a mut [f64],
}

impl Loop for Ends<'_> {
    #[inline(always)]
    fn run(self) {
        let [a, b] = self.all;
        let last = self.first.len() - 1;
        let (left, right) = (self.left, self.right);
        let max = left.len();
        let (first_end, second_end) = (&self.first[last - max..=last], &self.second[last - max..=last]);
        let (first, second) = (&self.first[..=max], &self.second[..=max]);
        for (e, s) in right.iter_mut().enumerate() {
            *s = first_end[max - e] + (b - second[e]);
        }
        for (i, s) in left.iter_mut().enumerate() {
            *s = (a - first[max - i]) + second_end[i];
        }
    }
}
