//! Real rows to half spectra and back: eight complex transforms at once, two rows in each.

use rayon::prelude::*;

use super::spectrum::{ROWS, Spectrum, groups};
use crate::num::fft::{LANES, Lanes, Plan, turned};

/// Rows transformed at once: one in the real, one in the imaginary part of every lane.
pub(super) const TOGETHER: usize = 2 * LANES;

/// Half spectra of `rows` rows, which `fill` writes one by one, zero padded to the plan's length.
pub(super) fn forward(plan: &Plan, rows: usize, columns: usize, fill: impl Fn(usize, &mut [f64]) + Sync) -> Spectrum {
    let half = plan.len() / 2 + 1;
    let bands = (0..rows.div_ceil(ROWS)).into_par_iter().with_min_len(2).map_init(
        || (vec![Lanes::default(); plan.len()], vec![0.0; TOGETHER * columns]),
        |(block, real), band| {
            let mut out = vec![Lanes::default(); groups(half) * ROWS];
            for first in (0..ROWS).step_by(TOGETHER) {
                let top = band * ROWS + first;
                if top >= rows {
                    break;
                }
                for (k, line) in real.chunks_exact_mut(columns).enumerate() {
                    if top + k < rows { fill(top + k, line) } else { line.fill(0.0) }
                }
                side_by_side(real, columns, block);
                block[columns..].fill(Lanes::default());
                plan.forward(block);
                separate(plan, block, &mut out, first);
            }
            out
        },
    );
    Spectrum::new(bands.collect())
}

/// Rows one after the other to lanes.
fn side_by_side(real: &[f64], columns: usize, block: &mut [Lanes]) {
    let lines: [&[f64]; TOGETHER] = std::array::from_fn(|k| &real[k * columns..][..columns]);
    for (x, to) in block[..columns].iter_mut().enumerate() {
        for k in 0..LANES {
            to.re[k] = lines[k][x];
            to.im[k] = lines[LANES + k][x];
        }
    }
}

/// Transformed lanes to the half spectra of their rows, at row `first` of the band `out`.
fn separate(plan: &Plan, block: &[Lanes], out: &mut [Lanes], first: usize) {
    let half = plan.len() / 2 + 1;
    for (group, out) in out.chunks_exact_mut(ROWS).enumerate() {
        let (mut a, mut b) = ([Lanes::default(); LANES], [Lanes::default(); LANES]);
        for (k, (a, b)) in (group * LANES..half).zip(a.iter_mut().zip(&mut b)) {
            let (at, mirror) = plan.mirrored(k);
            (*a, *b) = block[at].unpacked(&block[mirror]);
        }
        out[first..][..LANES].copy_from_slice(&turned(a));
        out[first + LANES..][..LANES].copy_from_slice(&turned(b));
    }
}

/// Half spectra back to real rows.
pub(super) struct Back<'a> {
    plan: &'a Plan,
    block: Vec<Lanes>,
    /// Lags −max … max of [`TOGETHER`] rows, row after row.
    lines: Vec<f64>,
    max: usize,
}

impl<'a> Back<'a> {
    /// For the lags −`max` … `max`.
    pub(super) fn new(plan: &'a Plan, max: usize) -> Back<'a> {
        let lines = vec![0.0; TOGETHER * (2 * max + 1)];
        Back { plan, block: vec![Lanes::default(); plan.len()], lines, max }
    }

    /// Row `k` of the last transform.
    pub(super) fn line(&self, k: usize) -> &[f64] {
        let width = 2 * self.max + 1;
        &self.lines[k * width..][..width]
    }

    /// [`TOGETHER`] rows of one matrix from row `first` of the band on, of which `rows` are wanted.
    pub(super) fn one(&mut self, of: &Spectrum, band: usize, first: usize, rows: usize) {
        self.transform((of, first, rows), (of, first + LANES, rows.saturating_sub(LANES)), band);
    }

    /// [`LANES`] rows of two matrices: those of the second follow those of the first.
    pub(super) fn two(&mut self, a: &Spectrum, b: &Spectrum, band: usize, first: usize, rows: usize) {
        self.transform((a, first, rows), (b, first, rows), band);
    }

    fn transform(&mut self, a: (&Spectrum, usize, usize), b: (&Spectrum, usize, usize), band: usize) {
        let half = self.plan.len() / 2 + 1;
        let get = |(of, first, rows): (&Spectrum, usize, usize), group: usize| {
            let mut lanes = [Lanes::default(); LANES];
            for (r, l) in lanes.iter_mut().enumerate().take(rows) {
                *l = *of.at(band, group, first + r);
            }
            turned(lanes)
        };
        for group in 0..half.div_ceil(LANES) {
            let (a, b) = (get(a, group), get(b, group));
            for (k, (a, b)) in (group * LANES..half).zip(a.iter().zip(&b)) {
                let (at, mirror) = self.plan.mirrored(k);
                let (x, m) = Lanes::packed(a, b);
                // The mirror first: where both are one place (k = 0, n/2), the entry itself counts.
                self.block[mirror] = m;
                self.block[at] = x;
            }
        }
        self.plan.inverse(&mut self.block);
        let (n, max, width) = (self.plan.len(), self.max, 2 * self.max + 1);
        let mut lines = self.lines.chunks_exact_mut(width);
        let lines: [&mut [f64]; TOGETHER] = std::array::from_fn(|_| lines.next().unwrap_or_default());
        for (from, to) in [(n - max, 0..max), (0, max..width)] {
            for (x, i) in to.enumerate() {
                let v = &self.block[from + x];
                for k in 0..LANES {
                    lines[k][i] = v.re[k];
                    lines[LANES + k][i] = v.im[k];
                }
            }
        }
    }
}
