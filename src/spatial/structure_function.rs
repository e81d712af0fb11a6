//! The height-difference correlation function H(d) = ⟨[z(x+d) − z(x)]²⟩ over all valid pairs (METHODS §2; S1 §3.3.2).

use ndarray::{Array2, ArrayView2};

use super::lag_sums::{self, LagRow};
use crate::num::sum::moments;

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
    let valid: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    if valid.len() < 2 {
        return Err(StructureError::Empty);
    }
    let (low, high) = valid.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    if low == high {
        return Err(StructureError::Constant);
    }
    let m = moments(&valid);
    drop(valid);
    // Zero mean and unit variance keep the digits of a small fluctuation on a large value.
    let z = values.map(|v| (v - m.mean) / m.std);
    let [dy, dx] = request.pixel;
    // The margin keeps a lag whose distance is r_max but for rounding.
    let reach = |step: f64, n: usize| ((request.r_max / step + 1e-9).floor() as usize).min(n - 1);
    let bins = Bins::new(request, [reach(dy, z.nrows()), reach(dx, z.ncols())]);
    let parts = lag_sums::visit(z.view(), bins.max, || bins.empty(), |sums, row| bins.add(sums, &row));
    let total = bins.merge(parts);
    let scale = m.std * m.std;
    Ok(StructureFunction {
        radial: curve(&total.radial, scale),
        fast: curve(&total.fast, scale),
        slow: curve(&total.slow, scale),
        sectors: total.sectors.iter().map(|s| curve(s, scale)).collect(),
        plane: request.plane.then(|| bins.plane(&total.plane, scale)),
    })
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
    radial: Vec<Bin>,
    fast: Vec<Bin>,
    slow: Vec<Bin>,
    sectors: Vec<Vec<Bin>>,
    /// Row lag and ⟨…⟩ over its column lags.
    plane: Vec<(usize, Vec<f64>)>,
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
            radial: vec![Bin::default(); self.count],
            fast: vec![Bin::default(); self.max[1] + 1],
            slow: vec![Bin::default(); self.max[0] + 1],
            sectors: vec![vec![Bin::default(); self.count]; self.request.sectors],
            plane: Vec::new(),
        }
    }

    fn add(&self, sums: &mut Sums, row: &LagRow<'_>) {
        let middle = self.max[1];
        let y = row.dy as f64 * self.request.pixel[0];
        // At dy = 0 the lags −dx are the same pairs as dx.
        let first = if row.dy == 0 { middle + 1 } else { 0 };
        for (i, (s, n)) in row.squares.iter().zip(row.pairs).enumerate().skip(first) {
            let x = (i as f64 - middle as f64) * self.request.pixel[1];
            let r = (x * x + y * y).sqrt();
            let bin = (r / self.width).round() as usize;
            if bin < self.count {
                sums.radial[bin].put(*s, *n, r);
                if let Some(sector) = self.sector(x, y) {
                    sums.sectors[sector][bin].put(*s, *n, r);
                }
            }
            if row.dy == 0 {
                sums.fast[i - middle].put(*s, *n, r);
            } else if i == middle {
                sums.slow[row.dy].put(*s, *n, r);
            }
        }
        if self.request.plane {
            let mean = row.squares.iter().zip(row.pairs).map(|(s, n)| if *n > 0.0 { s / n } else { f64::NAN });
            sums.plane.push((row.dy, mean.collect()));
        }
    }

    /// Sector of a lag; rows count downwards, angles upwards.
    fn sector(&self, x: f64, y: f64) -> Option<usize> {
        let n = self.request.sectors;
        (n > 0).then(|| {
            let turn = libm::atan2(-y, x) / std::f64::consts::PI;
            (turn.rem_euclid(1.0) * n as f64).round() as usize % n
        })
    }

    fn merge(&self, parts: Vec<Sums>) -> Sums {
        let mut total = self.empty();
        for part in parts {
            let pairs =
                [(&mut total.radial, &part.radial), (&mut total.fast, &part.fast), (&mut total.slow, &part.slow)];
            for (into, from) in pairs.into_iter().chain(total.sectors.iter_mut().zip(&part.sectors)) {
                for (a, b) in into.iter_mut().zip(from) {
                    a.squares += b.squares;
                    a.pairs += b.pairs;
                    a.distance += b.distance;
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
    fn what_has_no_structure_function_says_so() {
        let request = Request { pixel: [1.0, 1.0], r_max: 3.0, sectors: 0, plane: false };
        let constant = Array2::from_elem((8, 8), 2.5);
        assert_eq!(structure_function(constant.view(), &request).unwrap_err(), StructureError::Constant);
        let empty = Array2::from_elem((8, 8), f64::NAN);
        assert_eq!(structure_function(empty.view(), &request).unwrap_err(), StructureError::Empty);
    }
}
