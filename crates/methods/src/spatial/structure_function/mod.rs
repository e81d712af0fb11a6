//! The height-difference correlation function H(d) = ⟨[z(x+d) − z(x)]²⟩ over all valid pairs (METHODS §2; S1 §3.3.2).

mod bins;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use self::bins::{Bin, Bins};
use super::lag_sums::{self, Scores};
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

/// Distances that differ by this part are the same.
const SAME: f64 = 1e-9;

impl Curve {
    /// Of points (r, H, pairs) of one or several directions, in any order; those without a pair are left out, those at the
    /// same distance averaged by their pairs. Lags are numbered from 1.
    pub fn pooled(points: impl IntoIterator<Item = [f64; 3]>) -> Curve {
        let mut all: Vec<[f64; 3]> = points.into_iter().filter(|p| p[1].is_finite() && p[2] > 0.0).collect();
        all.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let mut out = Curve::default();
        for same in all.chunk_by(|a, b| (b[0] / a[0] - 1.0).abs() < SAME) {
            let pairs: f64 = same.iter().map(|p| p[2]).sum();
            out.lag.push(out.r.len() + 1);
            out.r.push(same[0][0]);
            out.h.push(same.iter().map(|p| p[1] * p[2]).sum::<f64>() / pairs);
            out.pairs.push(pairs);
        }
        out
    }

    /// Its points (r, H, pairs).
    pub fn points(&self) -> impl Iterator<Item = [f64; 3]> {
        self.r.iter().zip(&self.h).zip(&self.pairs).map(|((r, h), n)| [*r, *h, *n])
    }
}

/// Lag up to which a structure function is fitted unless asked otherwise, m: a quarter of the shorter side (METHODS §2); on
/// grids of few points six steps, at most half the side – fewer lags determine no covariance.
pub fn fitted_range(shape: [usize; 2], pixel: [f64; 2]) -> f64 {
    let side = (shape[0] as f64 * pixel[0]).min(shape[1] as f64 * pixel[1]);
    (side / 4.0).max((6.0 * pixel[0].max(pixel[1])).min(side / 2.0))
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
fn standardised(values: ArrayView2<'_, f64>) -> Result<Scores<'_>, StructureError> {
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
    Ok(Scores { values, mean, scale: 1.0 / variance.sqrt(), whole })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

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
                        assert!(got.is_nan() || *got <= 0.0, "{dy} {dx}");
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
