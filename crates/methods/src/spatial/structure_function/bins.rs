//! How lags are sorted into bins of distance and direction.

use ndarray::Array2;

use super::Request;
use crate::num::simd::{Loop, vectorised};
use crate::spatial::lag_sums::LagRow;

/// Sums for one bin.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bin {
    pub(super) squares: f64,
    pub(super) pairs: f64,
    pub(super) distance: f64,
}

impl Bin {
    fn put(&mut self, squares: f64, pairs: f64, r: f64) {
        self.squares += squares;
        self.pairs += pairs;
        self.distance += pairs * r;
    }

    fn join(&mut self, other: &Bin) {
        self.squares += other.squares;
        self.pairs += other.pairs;
        self.distance += other.distance;
    }
}

/// How lags are sorted into bins.
pub(super) struct Bins<'a> {
    request: &'a Request,
    /// Largest row and column lag.
    pub(super) max: [usize; 2],
    /// Width of a radial bin, m.
    width: f64,
    /// Radial bins, the zero lag included.
    count: usize,
}

/// The bins of a band of lag rows, or of all.
pub(super) struct Sums {
    /// One for all directions, or one a sector.
    pub(super) sectors: Vec<Vec<Bin>>,
    pub(super) fast: Vec<Bin>,
    pub(super) slow: Vec<Bin>,
    /// Row lag and ⟨…⟩ over its column lags.
    pub(super) plane: Vec<(usize, Vec<f64>)>,
    /// For the current row.
    places: Places,
}

/// Distance and radial bin at |dx| = 0 … max.
#[derive(Default)]
struct Places {
    r: Vec<f64>,
    bin: Vec<i32>,
}

/// Fills them.
struct Distances<'a> {
    places: &'a mut Places,
    y: f64,
    step: f64,
    width: f64,
}

impl Loop for Distances<'_> {
    #[inline(always)]
    fn run(self) {
        for (e, (r, bin)) in self.places.r.iter_mut().zip(&mut self.places.bin).enumerate() {
            // Pixels are counted in 32 bits: wider whole numbers have no vector conversion on every processor.
            let x = f64::from(e as i32) * self.step;
            *r = (x * x + self.y * self.y).sqrt();
            // Rounds to nearest as `round` does: r is no less than half a width or is zero.
            *bin = (*r / self.width + 0.5) as i32;
        }
    }
}

impl Sums {
    /// All directions together.
    pub(super) fn radial(&self) -> Vec<Bin> {
        let mut all = self.sectors.first().cloned().unwrap_or_default();
        for sector in self.sectors.iter().skip(1) {
            all.iter_mut().zip(sector).for_each(|(a, b)| a.join(b));
        }
        all
    }
}

impl<'a> Bins<'a> {
    pub(super) fn new(request: &'a Request, max: [usize; 2]) -> Bins<'a> {
        let width = request.pixel[0].min(request.pixel[1]);
        let diagonal = libm::hypot(max[0] as f64 * request.pixel[0], max[1] as f64 * request.pixel[1]);
        let count = (request.r_max.min(diagonal) / width + 1e-9).round() as usize + 1;
        Bins { request, max, width, count }
    }

    pub(super) fn empty(&self) -> Sums {
        Sums {
            sectors: vec![vec![Bin::default(); self.count]; self.request.sectors.max(1)],
            fast: vec![Bin::default(); self.max[1] + 1],
            slow: vec![Bin::default(); self.max[0] + 1],
            plane: Vec::new(),
            places: Places::default(),
        }
    }

    pub(super) fn add(&self, sums: &mut Sums, row: &LagRow<'_>) {
        let middle = self.max[1];
        self.place(row.dy, &mut sums.places);
        // Beyond this |dx| no bin is wanted.
        let Places { r, bin } = &sums.places;
        let end = bin.partition_point(|bin| (*bin as usize) < self.count);
        let places = r.iter().zip(bin).map(|(r, bin)| (*r, *bin as usize));
        let (left, right) = row.squares.split_at(middle);
        let (left_pairs, right_pairs) = row.pairs.split_at(middle);
        let right = right.iter().zip(right_pairs).zip(places.clone()).take(end);
        // −1, −2, …: from the middle outwards.
        let left = left.iter().zip(left_pairs).rev().zip(places.skip(1)).take(end.saturating_sub(1));
        if row.dy == 0 {
            // At dy = 0 the lags −dx are the same pairs as dx.
            for (i, ((s, n), (r, bin))) in right.enumerate().skip(1) {
                sums.sectors[0][bin].put(*s, *n, r);
                sums.fast[i].put(*s, *n, r);
            }
        } else if self.request.sectors == 0 {
            let all = &mut sums.sectors[0][..self.count];
            let mut right = right;
            if let Some(((s, n), (r, bin))) = right.next() {
                all[bin].put(*s, *n, r);
            }
            for (((s, n), (r, bin)), ((t, m), _)) in right.zip(left) {
                all[bin].put(s + t, n + m, r);
            }
        } else {
            let borders = self.borders(row.dy);
            for (k, window) in borders.windows(2).enumerate() {
                let bins = &mut sums.sectors[k % self.request.sectors];
                for i in window[0].max(middle + 1 - end.max(1))..window[1].min(middle + end) {
                    let e = i.abs_diff(middle);
                    bins[bin[e] as usize].put(row.squares[i], row.pairs[i], r[e]);
                }
            }
        }
        if row.dy > 0 {
            let r = row.dy as f64 * self.request.pixel[0];
            sums.slow[row.dy].put(row.squares[middle], row.pairs[middle], r);
        }
        if self.request.plane {
            let mean = row.squares.iter().zip(row.pairs).map(|(s, n)| if *n > 0.0 { s / n } else { f64::NAN });
            sums.plane.push((row.dy, mean.collect()));
        }
    }

    /// Distances and bins of a row of lags.
    fn place(&self, dy: usize, places: &mut Places) {
        let pixel = self.request.pixel;
        places.r.resize(self.max[1] + 1, 0.0);
        places.bin.resize(self.max[1] + 1, 0);
        vectorised(Distances { places, y: dy as f64 * pixel[0], step: pixel[1], width: self.width });
    }

    /// Where the sectors of row lag `dy` > 0 begin: the angle falls from 180° to 0° as dx grows, sector 0 lies at both
    /// ends.
    fn borders(&self, dy: usize) -> Vec<usize> {
        let n = self.request.sectors;
        let y = dy as f64 * self.request.pixel[0];
        let columns = 2 * self.max[1] + 1;
        let sector = |i: usize| {
            let x = (i as f64 - self.max[1] as f64) * self.request.pixel[1];
            let turn = libm::atan2(-y, x) / std::f64::consts::PI;
            (turn.rem_euclid(1.0) * n as f64).round() as usize
        };
        let mut borders = vec![0];
        for k in 1..=n {
            let (mut low, mut high) = (borders[k - 1], columns);
            while low < high {
                let middle = (low + high) / 2;
                if sector(middle) < k { low = middle + 1 } else { high = middle }
            }
            borders.push(low);
        }
        borders.push(columns);
        borders
    }

    pub(super) fn merge(&self, parts: Vec<Sums>) -> Sums {
        let mut total = self.empty();
        for part in parts {
            let pairs = [(&mut total.fast, &part.fast), (&mut total.slow, &part.slow)];
            for (into, from) in pairs.into_iter().chain(total.sectors.iter_mut().zip(&part.sectors)) {
                for (a, b) in into.iter_mut().zip(from) {
                    a.join(b);
                }
            }
            total.plane.extend(part.plane);
        }
        total
    }

    pub(super) fn plane(&self, rows: &[(usize, Vec<f64>)], scale: f64) -> Array2<f64> {
        let [my, mx] = self.max;
        let mut plane = Array2::from_elem((2 * my + 1, 2 * mx + 1), f64::NAN);
        for (dy, row) in rows {
            for (i, h) in row.iter().enumerate() {
                plane[[my + dy, i]] = h * scale;
                plane[[my - dy, 2 * mx - i]] = h * scale;
            }
        }
        plane
    }
}
