//! The height-difference correlation function H(d) = ⟨[z(x+d) − z(x)]²⟩ over all valid pairs (METHODS §2; S1 §3.3.2).

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::lag_sums::{self, LagRow, Standardised};
use crate::num::simd::{Loop, vectorised};
use crate::num::sum::mean_and_variance;

/// One curve: a point a bin of lags.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Lag in whole pixels: the bin's number.
    pub lag: Vec<usize>,
    /// Pair-weighted mean distance, m.
    pub r: Vec<f64>,
    /// H in the square of the map's SI unit.
    pub h: Vec<f64>,
    /// Pairs in the bin, each counted once.
    pub pairs: Vec<f64>,
}

/// What is wanted of a map.
#[derive(Clone, Debug)]
pub struct Request {
    /// Row and column step, m.
    pub pixel: [f64; 2],
    /// Largest distance, m.
    pub r_max: f64,
    /// Number of equal angular sectors over 180°, 0 for none.
    pub sectors: usize,
    /// Whether the two-dimensional function is kept too.
    pub plane: bool,
}

/// The structure function of a map in the forms asked for.
#[derive(Clone, Debug)]
pub struct StructureFunction {
    /// All directions, bins one pixel (the smaller step) wide.
    pub radial: Curve,
    /// Along the columns (x), lag by lag.
    pub fast: Curve,
    /// Along the rows (y), lag by lag.
    pub slow: Curve,
    /// By direction: sector k is centred on k·180°/sectors, counted from +x towards the top of the image.
    pub sectors: Vec<Curve>,
    /// H(dy, dx) with zero lag in the middle, if asked for; NaN where no pair exists.
    pub plane: Option<Array2<f64>>,
}

/// Sums for one bin.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    squares: f64,
    pairs: f64,
    distance: f64,
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

/// A map on which no structure function exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StructureError {
    /// Fewer than two valid pixels.
    #[error("the map has fewer than two valid pixels")]
    Empty,
    /// Every valid pixel has the same value.
    #[error("the map is constant: it has no correlation length")]
    Constant,
}

/// H of a map; invalid pixels (NaN) take part in no pair, nothing wraps around.
///
/// # Errors
/// [`StructureError`] for a map without two different valid values.
pub fn structure_function(values: ArrayView2<'_, f64>, request: &Request) -> Result<StructureFunction, StructureError> {
    let z = standardised(values)?;
    let [dy, dx] = request.pixel;
    // The margin keeps a lag whose distance is r_max but for rounding.
    let reach = |step: f64, n: usize| ((request.r_max / step + 1e-9).floor() as usize).min(n - 1);
    let bins = Bins::new(request, [reach(dy, values.nrows()), reach(dx, values.ncols())]);
    let parts = lag_sums::visit(&z, bins.max, || bins.empty(), |sums, row| bins.add(sums, &row));
    let total = bins.merge(parts);
    let scale = z.scale.powi(-2);
    Ok(StructureFunction {
        radial: curve(&total.radial(), scale),
        fast: curve(&total.fast, scale),
        slow: curve(&total.slow, scale),
        sectors: total.sectors.iter().take(request.sectors).map(|s| curve(s, scale)).collect(),
        plane: request.plane.then(|| bins.plane(&total.plane, scale)),
    })
}

/// Zero mean and unit variance keep the digits of a small fluctuation on a large value.
fn standardised(values: ArrayView2<'_, f64>) -> Result<Standardised<'_>, StructureError> {
    let (whole, low, high) = range(values);
    if low > high || values.len() < 2 {
        return Err(StructureError::Empty);
    }
    let (mean, variance) = match values.as_slice() {
        Some(all) if whole => mean_and_variance(all),
        _ => {
            let valid: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
            if valid.len() < 2 {
                return Err(StructureError::Empty);
            }
            mean_and_variance(&valid)
        }
    };
    if low == high {
        return Err(StructureError::Constant);
    }
    Ok(Standardised { values, mean, scale: 1.0 / variance.sqrt(), whole })
}

/// Whether all values are finite, and the smallest and the largest of those that are.
fn range(values: ArrayView2<'_, f64>) -> (bool, f64, f64) {
    let none = (true, f64::INFINITY, f64::NEG_INFINITY);
    let row = |(whole, low, high): (bool, f64, f64), v: &f64| {
        if v.is_finite() { (whole, low.min(*v), high.max(*v)) } else { (false, low, high) }
    };
    let all = |a: (bool, f64, f64), b: (bool, f64, f64)| (a.0 && b.0, a.1.min(b.1), a.2.max(b.2));
    let line = |line: ArrayView1<'_, f64>| match line.as_slice() {
        Some(line) => line.iter().fold(none, row),
        None => line.iter().fold(none, row),
    };
    values.axis_iter(Axis(0)).into_par_iter().map(line).reduce(|| none, all)
}

fn curve(bins: &[Bin], scale: f64) -> Curve {
    let mut out = Curve::default();
    for (lag, b) in bins.iter().enumerate().skip(1).filter(|(_, b)| b.pairs > 0.0) {
        out.lag.push(lag);
        out.r.push(b.distance / b.pairs);
        out.h.push(b.squares / b.pairs * scale);
        out.pairs.push(b.pairs);
    }
    out
}

/// How lags are sorted into bins.
struct Bins<'a> {
    request: &'a Request,
    /// Largest row and column lag.
    max: [usize; 2],
    /// Width of a radial bin, m.
    width: f64,
    /// Radial bins, the zero lag included.
    count: usize,
}

/// The bins of a band of lag rows, or of all.
struct Sums {
    /// One for all directions, or one a sector.
    sectors: Vec<Vec<Bin>>,
    fast: Vec<Bin>,
    slow: Vec<Bin>,
    /// Row lag and ⟨…⟩ over its column lags.
    plane: Vec<(usize, Vec<f64>)>,
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
    fn radial(&self) -> Vec<Bin> {
        let mut all = self.sectors.first().cloned().unwrap_or_default();
        for sector in self.sectors.iter().skip(1) {
            all.iter_mut().zip(sector).for_each(|(a, b)| a.join(b));
        }
        all
    }
}

impl<'a> Bins<'a> {
    fn new(request: &'a Request, max: [usize; 2]) -> Bins<'a> {
        let width = request.pixel[0].min(request.pixel[1]);
        let diagonal = libm::hypot(max[0] as f64 * request.pixel[0], max[1] as f64 * request.pixel[1]);
        let count = (request.r_max.min(diagonal) / width + 1e-9).round() as usize + 1;
        Bins { request, max, width, count }
    }

    fn empty(&self) -> Sums {
        Sums {
            sectors: vec![vec![Bin::default(); self.count]; self.request.sectors.max(1)],
            fast: vec![Bin::default(); self.max[1] + 1],
            slow: vec![Bin::default(); self.max[0] + 1],
            plane: Vec::new(),
            places: Places::default(),
        }
    }

    fn add(&self, sums: &mut Sums, row: &LagRow<'_>) {
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

    fn merge(&self, parts: Vec<Sums>) -> Sums {
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

    fn plane(&self, rows: &[(usize, Vec<f64>)], scale: f64) -> Array2<f64> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::normal::Random;

    /// The definition, pair by pair.
    fn by_definition(z: &Array2<f64>, dy: usize, dx: isize) -> (f64, f64) {
        let (rows, columns) = z.dim();
        let (mut s, mut n) = (0.0, 0.0);
        for y in 0..rows.saturating_sub(dy) {
            for x in 0..columns {
                let Some(x2) = x.checked_add_signed(dx).filter(|x| *x < columns) else { continue };
                let d = z[[y + dy, x2]] - z[[y, x]];
                if d.is_finite() {
                    s += d * d;
                    n += 1.0;
                }
            }
        }
        (s, n)
    }

    fn noise(rows: usize, columns: usize, holes: bool) -> Array2<f64> {
        let mut r = Random::named("structure function", rows as u64);
        Array2::from_shape_fn((rows, columns), |(y, x)| {
            let v = 1.05e6 + 300.0 * r.normal() + 10.0 * (x as f64) - (y * y) as f64;
            if holes && r.uniform() < 0.2 { f64::NAN } else { v }
        })
    }

    #[test]
    fn every_lag_equals_the_definition() {
        for (rows, columns) in [(37, 21), (70, 45), (5, 64), (2, 3), (33, 1), (1, 40)] {
            for holes in [false, true] {
                let z = noise(rows, columns, holes);
                let request = Request { pixel: [3e-9, 2e-9], r_max: 1.0, sectors: 0, plane: true };
                let Ok(sf) = structure_function(z.view(), &request) else { continue };
                let plane = sf.plane.unwrap();
                let mut scale = 0.0f64;
                let mut worst = 0.0f64;
                for ((i, j), got) in plane.indexed_iter() {
                    let (dy, dx) = (i as isize - (rows as isize - 1), j as isize - (columns as isize - 1));
                    let (s, n) =
                        if dy >= 0 { by_definition(&z, dy as usize, dx) } else { by_definition(&z, -dy as usize, -dx) };
                    if n == 0.0 {
                        assert!(!(*got > 0.0), "{dy} {dx}");
                        continue;
                    }
                    scale = scale.max(s / n);
                    // The transform's error is relative to the total sum, shared by the pairs of this lag.
                    worst = worst.max((got - s / n).abs() * n / (rows * columns) as f64);
                }
                assert!(worst <= 1e-12 * scale, "{rows}x{columns} holes {holes}: {worst} of {scale}");
            }
        }
    }

    #[test]
    fn pair_counts_are_exact() {
        let z = noise(40, 31, true);
        let request = Request { pixel: [1.0, 1.0], r_max: 10.0, sectors: 4, plane: false };
        let sf = structure_function(z.view(), &request).unwrap();
        for (lag, n) in sf.fast.lag.iter().zip(&sf.fast.pairs) {
            assert_eq!(*n, by_definition(&z, 0, *lag as isize).1);
        }
        for (lag, n) in sf.slow.lag.iter().zip(&sf.slow.pairs) {
            assert_eq!(*n, by_definition(&z, *lag, 0).1);
        }
        // Sectors part the radial pairs.
        let total: f64 = sf.radial.pairs.iter().sum();
        let parts: f64 = sf.sectors.iter().flat_map(|s| &s.pairs).sum();
        assert_eq!(total, parts);
        assert!(sf.radial.r.iter().zip(&sf.radial.lag).all(|(r, l)| (r - *l as f64).abs() <= 0.5));
    }

    #[test]
    fn stripes_point_where_they_run() {
        // Constant along +45° (up to the right): row + column constant.
        let z = Array2::from_shape_fn((64, 64), |(y, x)| libm::sin((y + x) as f64 * 0.7));
        let request = Request { pixel: [1.0, 1.0], r_max: 8.0, sectors: 8, plane: false };
        let sf = structure_function(z.view(), &request).unwrap();
        let smallest = (0..8).min_by(|a, b| sf.sectors[*a].h[5].total_cmp(&sf.sectors[*b].h[5])).unwrap();
        assert_eq!(smallest, 2);
    }

    #[test]
    fn sectors_are_those_of_the_angle() {
        let (n, half) = (41, 20);
        let z = noise(n, n, false);
        for (sectors, pixel) in [(1, [1.0, 1.0]), (3, [2.0, 1.0]), (4, [1.0, 1.0]), (12, [1.0, 3.0]), (16, [1.0, 1.0])]
        {
            let request = Request { pixel, r_max: half as f64 * pixel[0], sectors, plane: false };
            let sf = structure_function(z.view(), &request).unwrap();
            let mut pairs = vec![0.0; sectors];
            for dy in 0..n {
                for dx in -(n as isize - 1)..n as isize {
                    let (x, y) = (dx as f64 * pixel[1], dy as f64 * pixel[0]);
                    let width = pixel[0].min(pixel[1]);
                    let bin = ((x * x + y * y).sqrt() / width).round();
                    if (dy, dx) <= (0, 0) || bin > (request.r_max / width).round() {
                        continue;
                    }
                    let turn = (libm::atan2(-y, x) / std::f64::consts::PI).rem_euclid(1.0);
                    // Lags beyond the reach of the request are not visited.
                    let visited = dy <= half && dx.unsigned_abs() as f64 * pixel[1] <= request.r_max;
                    if visited {
                        pairs[(turn * sectors as f64).round() as usize % sectors] +=
                            ((n - dy) * (n - dx.unsigned_abs())) as f64;
                    }
                }
            }
            let got: Vec<f64> = sf.sectors.iter().map(|s| s.pairs.iter().sum()).collect();
            assert_eq!(got, pairs, "{sectors}");
        }
    }

    #[test]
    fn neither_threads_nor_vectors_change_a_bit() {
        use std::sync::atomic::Ordering::Relaxed;
        for holes in [false, true] {
            let z = noise(150, 131, holes);
            let request = Request { pixel: [1e-9, 1.5e-9], r_max: 60e-9, sectors: 5, plane: false };
            let run = |threads: usize, narrow: bool| {
                crate::num::simd::NARROW.store(narrow, Relaxed);
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let sf = pool.install(|| structure_function(z.view(), &request).unwrap());
                crate::num::simd::NARROW.store(false, Relaxed);
                [vec![sf.radial, sf.fast, sf.slow], sf.sectors].concat()
            };
            let one = run(1, true);
            for (threads, narrow) in [(1, false), (2, false), (5, true)] {
                assert_eq!(one, run(threads, narrow), "{threads} {narrow}");
            }
        }
    }

    #[test]
    fn what_has_no_structure_function_says_so() {
        let request = Request { pixel: [1.0, 1.0], r_max: 3.0, sectors: 0, plane: false };
        let constant = Array2::from_elem((8, 8), 2.5);
        assert_eq!(structure_function(constant.view(), &request).unwrap_err(), StructureError::Constant);
        let empty = Array2::from_elem((8, 8), f64::NAN);
        assert_eq!(structure_function(empty.view(), &request).unwrap_err(), StructureError::Empty);
    }
}
