//! Exact sums over all valid pairs at every lag, by transforms padded only to the lags asked for.
//!
//! For a lag d = (dy, dx): S(d) = Σ [z(x+d) − z(x)]² and N(d), over the pairs of which both pixels are valid. Rows are
//! transformed two at a time as one complex transform; each block of columns is then transformed, multiplied and
//! transformed back while it is in cache, two columns at a time, since a product of the form |F|² is real; the rows
//! come back two at a time and are handed out without ever being stored. Without invalid pixels N is a product of
//! lengths and Σ z² over the overlap comes from prefix sums, which leaves a single autocorrelation.

mod overlap;
mod rows;
mod spectrum;

use ndarray::ArrayView2;
use rayon::prelude::*;

use self::overlap::Overlap;
use self::rows::{Back, TOGETHER};
use self::spectrum::{ROWS, Spectrum};
use crate::num::fft::{LANES, Lanes, Plan, each, good_size};

/// A map brought to zero mean and unit variance while it is read.
pub(super) struct Scores<'a> {
    /// The map; what is not finite is invalid.
    pub values: ArrayView2<'a, f64>,
    /// Subtracted from it.
    pub mean: f64,
    /// The difference is multiplied by this.
    pub scale: f64,
    /// Whether every pixel is valid.
    pub whole: bool,
}

impl Scores<'_> {
    fn dim(&self) -> (usize, usize) {
        self.values.dim()
    }

    fn row(&self, y: usize, out: &mut [f64]) {
        out.iter_mut().zip(self.values.row(y)).for_each(|(o, v)| *o = (v - self.mean) * self.scale);
    }

    /// sums ± z² of row `y`; `line` is for its own use.
    fn add_squares(&self, sums: &mut [f64], line: &mut [f64], y: usize, sign: f64) {
        self.row(y, line);
        sums.iter_mut().zip(line).for_each(|(s, v)| *s += sign * *v * *v);
    }
}

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
/// lags (dy < 0) is the mirror image.
pub(super) fn visit<A: Send>(
    z: &Scores<'_>,
    max: [usize; 2],
    start: impl Fn() -> A + Sync,
    visit: impl Fn(&mut A, LagRow<'_>) + Sync,
) -> Vec<A> {
    let (rows, columns) = z.dim();
    let max = [max[0].min(rows.saturating_sub(1)), max[1].min(columns.saturating_sub(1))];
    if z.whole { whole(z, max, start, visit) } else { masked(z, max, start, visit) }
}

/// Transform lengths for rows and columns.
fn plans(rows: usize, columns: usize, max: [usize; 2]) -> (Plan, Plan) {
    (Plan::new(good_size(columns + max[1])), Plan::new(good_size(rows + max[0])))
}

/// Column blocks that a thread takes at a time, so that it makes its buffers once for many.
const AT_ONCE: usize = 8;

/// No invalid pixel.
fn whole<A: Send>(
    z: &Scores<'_>,
    max: [usize; 2],
    start: impl Fn() -> A + Sync,
    visit: impl Fn(&mut A, LagRow<'_>) + Sync,
) -> Vec<A> {
    let (rows, columns) = z.dim();
    let (along, down) = plans(rows, columns, max);
    let mut spectrum = rows::forward(&along, rows, columns, |y, out| z.row(y, out));
    let length = down.len();
    let zeros = || vec![Lanes::default(); length];
    spectrum.columns().into_par_iter().with_min_len(AT_ONCE).for_each_init(
        || (zeros(), zeros()),
        |(block, power), mut columns| {
            columns.get(false, rows, block);
            down.forward(block);
            power.iter_mut().zip(&*block).for_each(|(p, b)| p.re = b.norm_sqr());
            columns.get(true, rows, block);
            down.forward(block);
            power.iter_mut().zip(&*block).for_each(|(p, b)| p.im = b.norm_sqr());
            down.inverse(power);
            unpack(power, max[0] + 1, |row, p, q| columns.put(row, p, q));
        },
    );
    let bands = (max[0] + 1).div_ceil(ROWS);
    spectrum.keep(bands);
    let overlap = Overlap::new(z, bands);
    let scale = 2.0 / (along.len() as f64 * down.len() as f64);
    (0..bands)
        .into_par_iter()
        .map_init(
            || Back::new(&along, max[1]),
            |back, band| {
                let mut acc = start();
                let mut sums = overlap.band(band, max[1]);
                let width = 2 * max[1] + 1;
                let (mut squares, mut pairs) = (vec![0.0; width], vec![0.0; width]);
                let end = ROWS.min(max[0] + 1 - band * ROWS);
                for first in (0..end).step_by(TOGETHER) {
                    let wanted = TOGETHER.min(end - first);
                    back.one(&spectrum, band, first, wanted);
                    for k in 0..wanted {
                        sums.next(&mut squares, &mut pairs);
                        // Rounding may leave a trace below zero where neighbours are equal.
                        squares.iter_mut().zip(back.line(k)).for_each(|(s, v)| *s = (*s - scale * v).max(0.0));
                        visit(&mut acc, LagRow { dy: band * ROWS + first + k, squares: &squares, pairs: &pairs });
                    }
                }
                acc
            },
        )
        .collect()
}

/// With invalid pixels: m, m z and m z² are transformed; 2 Re(M* Q) − 2|Z|² and |M|² come back as one.
fn masked<A: Send>(
    z: &Scores<'_>,
    max: [usize; 2],
    start: impl Fn() -> A + Sync,
    visit: impl Fn(&mut A, LagRow<'_>) + Sync,
) -> Vec<A> {
    let (rows, columns) = z.dim();
    let (along, down) = plans(rows, columns, max);
    let fill = |power: fn(f64) -> f64| -> Spectrum {
        rows::forward(&along, rows, columns, |y, out| {
            z.row(y, out);
            out.iter_mut().for_each(|v| *v = if v.is_finite() { power(*v) } else { 0.0 });
        })
    };
    let (mut mask, mut value, mut square) = (fill(|_| 1.0), fill(|v| v), fill(|v| v * v));
    let length = down.len();
    let zeros = || vec![Lanes::default(); length];
    let columns = mask.columns().into_par_iter().zip(value.columns()).zip(square.columns());
    columns.with_min_len(AT_ONCE).for_each_init(
        || [zeros(), zeros(), zeros()],
        |[m, v, q], ((mut mask, mut value), square)| {
            for second in [false, true] {
                for (columns, block) in [(&mask, &mut *m), (&value, &mut *v), (&square, &mut *q)] {
                    columns.get(second, rows, block);
                    down.forward(block);
                }
                for ((m, v), q) in m.iter_mut().zip(&*v).zip(&*q) {
                    let cross = each(each(m.re, q.re, |a, b| a * b), each(m.im, q.im, |a, b| a * b), |a, b| a + b);
                    let pairs = m.norm_sqr();
                    *m = Lanes { re: each(cross, v.norm_sqr(), |c, v| 2.0 * c - 2.0 * v), im: pairs };
                }
                down.inverse(m);
                unpack(m, max[0] + 1, |row, s, n| {
                    value.put_one(second, row, s);
                    mask.put_one(second, row, n);
                });
            }
        },
    );
    drop(square);
    let scale = 1.0 / (along.len() as f64 * down.len() as f64);
    (0..(max[0] + 1).div_ceil(ROWS))
        .into_par_iter()
        .map_init(
            || Back::new(&along, max[1]),
            |back, band| {
                let mut acc = start();
                let width = 2 * max[1] + 1;
                let (mut squares, mut pairs) = (vec![0.0; width], vec![0.0; width]);
                let end = ROWS.min(max[0] + 1 - band * ROWS);
                for first in (0..end).step_by(LANES) {
                    let wanted = LANES.min(end - first);
                    back.two(&value, &mask, band, first, wanted);
                    for k in 0..wanted {
                        let (s, n) = (back.line(k), back.line(LANES + k));
                        for ((squares, pairs), (s, n)) in squares.iter_mut().zip(&mut pairs).zip(s.iter().zip(n)) {
                            // A count is a whole number; a sum of squares is not negative.
                            *pairs = (n * scale).round();
                            *squares = if *pairs > 0.0 { (s * scale).max(0.0) } else { 0.0 };
                        }
                        visit(&mut acc, LagRow { dy: band * ROWS + first + k, squares: &squares, pairs: &pairs });
                    }
                }
                acc
            },
        )
        .collect()
}

/// Hands out the first `keep` entries of p and q, of which `x` is p + i q with p and q of real transforms.
fn unpack(x: &[Lanes], keep: usize, mut out: impl FnMut(usize, Lanes, Lanes)) {
    for k in 0..keep {
        let (p, q) = x[k].unpacked(&x[if k == 0 { 0 } else { x.len() - k }]);
        out(k, p, q);
    }
}
