//! Exact sums over all valid pairs at every lag, by transforms padded only to the lags asked for.
//!
//! For a lag d = (dy, dx): S(d) = Σ [z(x+d) − z(x)]² and N(d), over the pairs of which both pixels are valid. Rows are
//! transformed two at a time as one complex transform; each block of columns is then transformed, multiplied and
//! transformed back while it is in cache, two columns at a time, since a product of the form |F|² is real; the rows
//! come back two at a time and are handed out without ever being stored. Without invalid pixels N is a product of
//! lengths and Σ z² over the overlap comes from prefix sums, which leaves a single autocorrelation.

use ndarray::ArrayView2;
use num_complex::Complex64;
use rayon::prelude::*;

use super::tiles::{COLUMNS, ROWS, Tiles};
use crate::num::fft::{Plan, good_size};

/// The sums of one row of lags: `dy` fixed, dx = −max … max.
pub(super) struct LagRow<'a> {
    /// Row lag, ≥ 0.
    pub dy: usize,
    /// S at dx = −max … max.
    pub squares: &'a [f64],
    /// N at dx = −max … max.
    pub pairs: &'a [f64],
}

/// Visits every row of lags dy = 0 … `max[0]` with dx = −`max[1]` … `max[1]`.
///
/// Rows are visited in parallel, in bands; each band has its own accumulator from `start`, and the accumulators
/// come back in order, so that merging them gives the same bits for any number of threads. The other half of the
/// lags (dy < 0) is the mirror image. `z` has unit variance or so, invalid pixels are NaN.
pub(super) fn visit<A: Send>(
    z: ArrayView2<'_, f64>,
    max: [usize; 2],
    start: impl Fn() -> A + Sync,
    visit: impl Fn(&mut A, LagRow<'_>) + Sync,
) -> Vec<A> {
    let (rows, columns) = z.dim();
    let max = [max[0].min(rows.saturating_sub(1)), max[1].min(columns.saturating_sub(1))];
    if z.iter().all(|v| v.is_finite()) { whole(z, max, start, visit) } else { masked(z, max, start, visit) }
}

/// Transform lengths for rows and columns.
fn plans(rows: usize, columns: usize, max: [usize; 2]) -> (Plan, Plan) {
    (Plan::new(good_size(columns + max[1])), Plan::new(good_size(rows + max[0])))
}

/// No invalid pixel.
fn whole<A: Send>(
    z: ArrayView2<'_, f64>,
    max: [usize; 2],
    start: impl Fn() -> A + Sync,
    visit: impl Fn(&mut A, LagRow<'_>) + Sync,
) -> Vec<A> {
    let (rows, columns) = z.dim();
    let (along, down) = plans(rows, columns, max);
    let spectrum = Tiles::new(rows, along.len() / 2 + 1);
    rows_forward(&spectrum, &along, rows, |y, out| {
        out.iter_mut().zip(z.row(y)).for_each(|(o, v)| *o = *v);
    });
    let length = down.len();
    (0..spectrum.across()).into_par_iter().for_each_init(
        || (vec![Complex64::default(); COLUMNS * length], down.scratch()),
        |(buffer, scratch), across| {
            spectrum.get_columns(across, rows, length, buffer);
            down.forward.process_with_scratch(buffer, scratch);
            for pair in buffer.chunks_exact_mut(2 * length) {
                let (a, b) = pair.split_at_mut(length);
                a.iter_mut().zip(b.iter()).for_each(|(a, b)| *a = Complex64::new(a.norm_sqr(), b.norm_sqr()));
                down.inverse.process_with_scratch(a, scratch);
                unpack(a, b, max[0] + 1);
            }
            spectrum.put_columns(across, max[0] + 1, length, buffer);
        },
    );
    let bands = bands(&spectrum, max[0] + 1);
    let overlap = Overlap::new(z, bands.len());
    let scale = 1.0 / (along.len() as f64 * down.len() as f64);
    let half = along.len() / 2 + 1;
    bands
        .into_par_iter()
        .map_init(
            || Back::new(&along, half),
            |back, band| {
                let mut acc = start();
                let mut sums = overlap.band(band.index);
                let mut squares = vec![0.0; 2 * max[1] + 1];
                let mut pairs = vec![0.0; 2 * max[1] + 1];
                for dy in band.rows.clone().step_by(2) {
                    let two = dy + 1 < band.rows.end;
                    back.pair(&spectrum, band.index, dy % ROWS, two, &along);
                    for k in 0..1 + usize::from(two) {
                        let part = |v: &Complex64| if k == 0 { v.re } else { v.im };
                        sums.next(&mut squares, &mut pairs);
                        for (i, s) in squares.iter_mut().enumerate() {
                            let at = (i + along.len() - max[1]) % along.len();
                            // Rounding may leave a trace below zero where neighbours are equal.
                            *s = (*s - 2.0 * scale * part(&back.line[at])).max(0.0);
                        }
                        visit(&mut acc, LagRow { dy: dy + k, squares: &squares, pairs: &pairs });
                    }
                }
                acc
            },
        )
        .collect()
}

/// With invalid pixels: m, m z and m z² are transformed; 2 Re(M* Q) − 2|Z|² and |M|² come back as one.
fn masked<A: Send>(
    z: ArrayView2<'_, f64>,
    max: [usize; 2],
    start: impl Fn() -> A + Sync,
    visit: impl Fn(&mut A, LagRow<'_>) + Sync,
) -> Vec<A> {
    let (rows, columns) = z.dim();
    let (along, down) = plans(rows, columns, max);
    let half = along.len() / 2 + 1;
    let fill = |power: i32| {
        let tiles = Tiles::new(rows, half);
        rows_forward(&tiles, &along, rows, |y, out| {
            out.iter_mut().zip(z.row(y)).for_each(|(o, v)| *o = if v.is_finite() { v.powi(power) } else { 0.0 });
        });
        tiles
    };
    let (mask, value, square) = (fill(0), fill(1), fill(2));
    let length = down.len();
    let buffers = || [0; 3].map(|_| vec![Complex64::default(); COLUMNS * length]);
    (0..mask.across()).into_par_iter().for_each_init(
        || (buffers(), down.scratch()),
        |([m, v, q], scratch), across| {
            for (tiles, buffer) in [(&mask, &mut *m), (&value, &mut *v), (&square, &mut *q)] {
                tiles.get_columns(across, rows, length, buffer);
                down.forward.process_with_scratch(buffer, scratch);
            }
            for ((m, v), q) in m.iter_mut().zip(v.iter()).zip(q.iter()) {
                *m = Complex64::new(2.0 * (m.conj() * q).re - 2.0 * v.norm_sqr(), m.norm_sqr());
            }
            down.inverse.process_with_scratch(m, scratch);
            for (m, v) in m.chunks_exact_mut(length).zip(v.chunks_exact_mut(length)) {
                unpack(m, v, max[0] + 1);
            }
            value.put_columns(across, max[0] + 1, length, m);
            mask.put_columns(across, max[0] + 1, length, v);
        },
    );
    drop(square);
    let scale = 1.0 / (along.len() as f64 * down.len() as f64);
    bands(&mask, max[0] + 1)
        .into_par_iter()
        .map_init(
            || Back::new(&along, half),
            |back, band| {
                let mut acc = start();
                let width = 2 * max[1] + 1;
                let (mut squares, mut pairs) = (vec![0.0; width], vec![0.0; width]);
                for dy in band.rows.clone() {
                    back.two(&value, &mask, band.index, dy % ROWS, &along);
                    for (i, (s, p)) in squares.iter_mut().zip(&mut pairs).enumerate() {
                        let v = back.line[(i + along.len() - max[1]) % along.len()];
                        // A count is a whole number; a sum of squares is not negative.
                        *p = (v.im * scale).round();
                        *s = if *p > 0.0 { (v.re * scale).max(0.0) } else { 0.0 };
                    }
                    visit(&mut acc, LagRow { dy, squares: &squares, pairs: &pairs });
                }
                acc
            },
        )
        .collect()
}

/// Real rows to half spectra, two rows a transform.
fn rows_forward(tiles: &Tiles, plan: &Plan, rows: usize, fill: impl Fn(usize, &mut [f64]) + Sync) {
    let n = plan.len();
    (0..tiles.down()).into_par_iter().for_each_init(
        || (vec![Complex64::default(); n], vec![0.0; n], plan.scratch(), vec![Complex64::default(); n / 2 + 1]),
        |(line, real, scratch, half), band| {
            let end = rows.min((band + 1) * ROWS);
            for y in (band * ROWS..end).step_by(2) {
                real.fill(0.0);
                fill(y, real);
                line.iter_mut().zip(real.iter()).for_each(|(l, r)| *l = Complex64::new(*r, 0.0));
                if y + 1 < end {
                    real.fill(0.0);
                    fill(y + 1, real);
                    line.iter_mut().zip(real.iter()).for_each(|(l, r)| l.im = *r);
                }
                plan.forward.process_with_scratch(line, scratch);
                for which in 0..2.min(end - y) {
                    for (k, h) in half.iter_mut().enumerate() {
                        let (a, b) = (line[k], line[(n - k) % n].conj());
                        *h = if which == 0 { (a + b) * 0.5 } else { (a - b) * Complex64::new(0.0, -0.5) };
                    }
                    tiles.put_row(band, (y + which) % ROWS, half);
                }
            }
        },
    );
}

/// Splits the transform `a` of p + i q (p, q real spectra) into those of p (left in `a`) and q (put in `b`), first `keep`.
///
/// The length exceeds twice `keep` − 1 (rows plus lags), so the mirror of a kept entry is never a kept one.
fn unpack(a: &mut [Complex64], b: &mut [Complex64], keep: usize) {
    let n = a.len();
    for k in 0..keep {
        let (x, y) = (a[k], a[(n - k) % n].conj());
        a[k] = (x + y) * 0.5;
        b[k] = (x - y) * Complex64::new(0.0, -0.5);
    }
}

/// A band of lag rows that shares one row of tiles.
struct Band {
    index: usize,
    rows: std::ops::Range<usize>,
}

fn bands(tiles: &Tiles, rows: usize) -> Vec<Band> {
    (0..tiles.down().min(rows.div_ceil(ROWS)))
        .map(|index| Band { index, rows: index * ROWS..rows.min((index + 1) * ROWS) })
        .collect()
}

/// Two half spectra to two real rows: `line` holds one in its real, one in its imaginary part.
struct Back {
    line: Vec<Complex64>,
    a: Vec<Complex64>,
    b: Vec<Complex64>,
    scratch: Vec<Complex64>,
}

impl Back {
    fn new(plan: &Plan, half: usize) -> Back {
        let zero = Complex64::default();
        Back { line: vec![zero; plan.len()], a: vec![zero; half], b: vec![zero; half], scratch: plan.scratch() }
    }

    /// Rows `row` and, if there are `two`, `row + 1` of one matrix.
    fn pair(&mut self, tiles: &Tiles, band: usize, row: usize, two: bool, plan: &Plan) {
        tiles.get_row(band, row, &mut self.a);
        if two {
            tiles.get_row(band, row + 1, &mut self.b);
        } else {
            self.b.fill(Complex64::default());
        }
        self.transform(plan);
    }

    /// The same row of two matrices.
    fn two(&mut self, first: &Tiles, second: &Tiles, band: usize, row: usize, plan: &Plan) {
        first.get_row(band, row, &mut self.a);
        second.get_row(band, row, &mut self.b);
        self.transform(plan);
    }

    fn transform(&mut self, plan: &Plan) {
        let n = plan.len();
        let i = Complex64::new(0.0, 1.0);
        for (k, (a, b)) in self.a.iter().zip(&self.b).enumerate() {
            self.line[k] = a + i * b;
            if k > 0 && 2 * k < n {
                self.line[n - k] = a.conj() + i * b.conj();
            }
        }
        plan.inverse.process_with_scratch(&mut self.line, &mut self.scratch);
    }
}

/// Column prefix sums of z² at the band borders: with them Σ z² over both overlaps of any lag costs one row.
struct Overlap<'a> {
    z: ArrayView2<'a, f64>,
    /// Per column Σ z² over rows < 32 b.
    above: Vec<Vec<f64>>,
    /// Per column Σ z² over rows < R − 32 b.
    kept: Vec<Vec<f64>>,
    /// Per column Σ z² over all rows.
    all: Vec<f64>,
}

impl<'a> Overlap<'a> {
    fn new(z: ArrayView2<'a, f64>, bands: usize) -> Overlap<'a> {
        let (rows, columns) = z.dim();
        let mut overlap = Overlap { z, above: vec![Vec::new(); bands], kept: vec![Vec::new(); bands], all: Vec::new() };
        let mut sums = vec![0.0; columns];
        for y in 0..=rows {
            if y.is_multiple_of(ROWS) && y / ROWS < bands {
                overlap.above[y / ROWS] = sums.clone();
            }
            if (rows - y).is_multiple_of(ROWS) && (rows - y) / ROWS < bands {
                overlap.kept[(rows - y) / ROWS] = sums.clone();
            }
            if y < rows {
                add_squares(&mut sums, z, y, 1.0);
            }
        }
        overlap.all = sums;
        overlap
    }

    fn band(&self, index: usize) -> BandSums<'_, 'a> {
        let columns = self.all.len();
        BandSums {
            overlap: self,
            dy: index * ROWS,
            above: self.above[index].clone(),
            kept: self.kept[index].clone(),
            first: vec![0.0; columns + 1],
            second: vec![0.0; columns + 1],
        }
    }
}

fn add_squares(sums: &mut [f64], z: ArrayView2<'_, f64>, y: usize, sign: f64) {
    sums.iter_mut().zip(z.row(y)).for_each(|(s, v)| *s += sign * v * v);
}

/// Walks down one band of lag rows.
struct BandSums<'b, 'a> {
    overlap: &'b Overlap<'a>,
    dy: usize,
    above: Vec<f64>,
    kept: Vec<f64>,
    /// Prefix sums over columns of the upper (kept) and the lower (all − above) overlap.
    first: Vec<f64>,
    second: Vec<f64>,
}

impl BandSums<'_, '_> {
    /// Fills Σ z(x)² + z(x+d)² and the pair counts at row lag `self.dy`, then steps to the next.
    fn next(&mut self, squares: &mut [f64], pairs: &mut [f64]) {
        let (rows, columns) = self.overlap.z.dim();
        let (mut a, mut b) = (0.0, 0.0);
        for c in 0..columns {
            a += self.kept[c];
            b += self.overlap.all[c] - self.above[c];
            self.first[c + 1] = a;
            self.second[c + 1] = b;
        }
        let max = squares.len() / 2;
        let height = (rows - self.dy) as f64;
        for (i, (s, p)) in squares.iter_mut().zip(pairs).enumerate() {
            let e = i.abs_diff(max);
            *s = if i >= max {
                self.first[columns - e] + (b - self.second[e])
            } else {
                (a - self.first[e]) + self.second[columns - e]
            };
            *p = height * (columns - e) as f64;
        }
        if self.dy + 1 < rows {
            add_squares(&mut self.above, self.overlap.z, self.dy, 1.0);
            add_squares(&mut self.kept, self.overlap.z, rows - self.dy - 1, -1.0);
        }
        self.dy += 1;
    }
}
