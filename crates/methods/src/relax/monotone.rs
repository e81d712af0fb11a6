//! What a record is without its noise, whatever relaxes: the nearest sum of decays of any times (METHODS §11).
//!
//! A stretched exponential of any β up to 3/2, and every sum of such, is a sum of `exp[−(t/τ)^{3/2}]` with positive parts
//! (Pollard 1946, doi:10.1090/S0002-9904-1946-08672-3), so that what this sum leaves is noise.

use super::times::nnls::{Factor, Matrix, minimise};
use crate::num::serial::Serial;
use crate::num::sum::dot;

/// The nearest sum of decays.
#[derive(Clone, Debug)]
pub struct Monotone {
    /// Its values.
    pub curve: Vec<f64>,
    /// Decays that it is made of, and the level.
    pub columns: Vec<Vec<f64>>,
    /// Sum of squares of the whitened residuals.
    pub squares: f64,
}

/// β of the decays.
const BETA: f64 = 1.5;
/// Times in a decade.
const PER_DECADE: f64 = 8.0;
/// How far beyond the record times lie, as a factor.
const BEYOND: f64 = 10.0;

/// A level and decays at rising times.
#[derive(Clone, Debug)]
pub struct Decays {
    columns: Vec<Vec<f64>>,
}

impl Decays {
    /// Of a record that rises or falls.
    pub fn new(time: &[f64], rising: bool) -> Decays {
        let (first, last) = (time[0] / BEYOND, time[time.len() - 1] * BEYOND);
        let count = (PER_DECADE * libm::log10(last / first)).ceil().max(2.0) as usize;
        let sign = if rising { -1.0 } else { 1.0 };
        let mut columns: Vec<Vec<f64>> = (0..=count)
            .map(|k| {
                let tau = first * libm::pow(last / first, k as f64 / count as f64);
                time.iter().map(|t| sign * libm::exp(-libm::pow(t / tau, BETA))).collect()
            })
            .collect();
        columns.push(vec![1.0; time.len()]);
        Decays { columns }
    }

    /// The nearest sum; `None` where rounding leaves none.
    pub fn nearest(&self, value: &[f64], noise: &Serial) -> Option<Monotone> {
        let y = noise.whitened(value);
        let white: Vec<Vec<f64>> = self.columns.iter().map(|c| noise.whitened(c)).collect();
        // Of one size, so that none is lost in the rounding of the others.
        let size: Vec<f64> = white.iter().map(|c| dot(c, c).sqrt().max(f64::MIN_POSITIVE)).collect();
        let n = white.len();
        let mut h = Matrix { values: vec![0.0; n * n], size: n };
        for i in 0..n {
            for j in 0..=i {
                let v = dot(&white[i], &white[j]) / (size[i] * size[j]);
                (h.values[i * n + j], h.values[j * n + i]) = (v, v);
            }
        }
        let b: Vec<f64> = white.iter().zip(&size).map(|(c, s)| dot(c, &y) / s).collect();
        let mut inside = vec![false; n];
        let x = minimise(&h, &b, n - 1, &mut inside, &mut Factor::default())?;
        let (mut curve, mut rest) = (vec![0.0; value.len()], y);
        let mut columns = Vec::new();
        for (k, x) in x.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            let part = x / size[k];
            curve.iter_mut().zip(&self.columns[k]).for_each(|(o, c)| *o += part * c);
            rest.iter_mut().zip(&white[k]).for_each(|(o, c)| *o -= part * c);
            columns.push(self.columns[k].clone());
        }
        Some(Monotone { curve, columns, squares: dot(&rest, &rest) })
    }
}
