//! Fourier transforms with the scalar planner: the same bits on every processor.

use std::sync::Arc;

use num_complex::Complex64;
use rayon::prelude::*;
use rustfft::{Fft, FftDirection, FftPlannerScalar};

/// The smallest even length ≥ `n` that factors into 2, 3, 5, 7: fast and never far above `n`.
pub fn good_size(n: usize) -> usize {
    let n = n.max(2);
    (n.next_multiple_of(2)..)
        .step_by(2)
        .find(|m| {
            let mut m = *m;
            for p in [2, 3, 5, 7] {
                while m % p == 0 {
                    m /= p;
                }
            }
            m == 1
        })
        .unwrap_or(n)
}

/// Forward and inverse transforms of one length; the inverse is not normalised.
#[derive(Clone)]
pub struct Plan {
    /// e^{−i…}.
    pub forward: Arc<dyn Fft<f64>>,
    /// e^{+i…}, unnormalised.
    pub inverse: Arc<dyn Fft<f64>>,
}

impl Plan {
    /// For length `n`.
    pub fn new(n: usize) -> Plan {
        let mut planner = FftPlannerScalar::new();
        Plan {
            forward: planner.plan_fft(n, FftDirection::Forward),
            inverse: planner.plan_fft(n, FftDirection::Inverse),
        }
    }

    /// Length.
    pub fn len(&self) -> usize {
        self.forward.len()
    }

    /// Never; a plan has a length.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Scratch that serves both directions.
    pub fn scratch(&self) -> Vec<Complex64> {
        let n = self.forward.get_inplace_scratch_len().max(self.inverse.get_inplace_scratch_len());
        vec![Complex64::default(); n]
    }
}

/// Columns transformed together so that a cache line is used whole.
const TOGETHER: usize = 8;

/// In-place forward transform of a row-major `rows × columns` field.
///
/// Runs on one thread: replicates are what is spread over threads.
pub fn forward_2d(data: &mut [Complex64], rows: &Plan, columns: &Plan) {
    let (n_rows, n_columns) = (columns.len(), rows.len());
    debug_assert_eq!(data.len(), n_rows * n_columns);
    let mut scratch = rows.scratch();
    rows.forward.process_with_scratch(data, &mut scratch);
    let mut scratch = columns.scratch();
    let mut block = vec![Complex64::default(); n_rows * TOGETHER];
    for first in (0..n_columns).step_by(TOGETHER) {
        let width = TOGETHER.min(n_columns - first);
        for (y, row) in data.chunks_exact(n_columns).enumerate() {
            for (k, v) in row[first..first + width].iter().enumerate() {
                block[k * n_rows + y] = *v;
            }
        }
        columns.forward.process_with_scratch(&mut block[..width * n_rows], &mut scratch);
        for (y, row) in data.chunks_exact_mut(n_columns).enumerate() {
            for (k, v) in row[first..first + width].iter_mut().enumerate() {
                *v = block[k * n_rows + y];
            }
        }
    }
}

/// Runs `f` on every index in parallel and returns the results in order.
pub fn ordered<T: Send>(n: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    (0..n).into_par_iter().map(f).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_smooth_even_and_near() {
        assert_eq!(good_size(1), 2);
        assert_eq!(good_size(8191), 8192);
        assert_eq!(good_size(4160), 4200);
        for n in 1..3000 {
            let m = good_size(n);
            assert!(m >= n && m % 2 == 0 && m <= n + n / 6 + 2, "{n} {m}");
        }
    }

    #[test]
    fn a_plane_wave_is_one_coefficient() {
        let (r, c) = (12, 10);
        let mut data: Vec<Complex64> = (0..r * c)
            .map(|i| {
                let phase = std::f64::consts::TAU * (3.0 * (i / c) as f64 / r as f64 + 2.0 * (i % c) as f64 / c as f64);
                Complex64::new(libm::cos(phase), libm::sin(phase))
            })
            .collect();
        forward_2d(&mut data, &Plan::new(c), &Plan::new(r));
        for (i, v) in data.iter().enumerate() {
            let want = if i == 3 * c + 2 { (r * c) as f64 } else { 0.0 };
            assert!((v.re - want).abs() < 1e-12 && v.im.abs() < 1e-12);
        }
    }
}
