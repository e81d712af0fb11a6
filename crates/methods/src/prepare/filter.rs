//! Smoothing: Gaussian and median, over valid pixels only.

use ndarray::Array2;
use rayon::prelude::*;

use crate::num::quantile::median;

/// Gaussian blur with standard deviations in pixels [rows, columns], cut at four of them.
///
/// Weights are renormalised over the valid pixels inside the map, so neither the border nor a hole is filled with
/// an invented value; an invalid pixel stays invalid.
pub fn gaussian(values: &Array2<f64>, sigma: [f64; 2]) -> Array2<f64> {
    let filled = values.mapv(|v| if v.is_finite() { v } else { 0.0 });
    let weight = values.mapv(|v| if v.is_finite() { 1.0 } else { 0.0 });
    let (a, w) = (separable(&filled, sigma), separable(&weight, sigma));
    let mut out = a / w;
    out.zip_mut_with(values, |o, v| {
        if !v.is_finite() {
            *o = f64::NAN;
        }
    });
    out
}

fn separable(values: &Array2<f64>, sigma: [f64; 2]) -> Array2<f64> {
    let along = rows_convolved(values, &kernel(sigma[1]));
    let turned = along.t().as_standard_layout().into_owned();
    rows_convolved(&turned, &kernel(sigma[0])).t().as_standard_layout().into_owned()
}

/// Half of a symmetric kernel, centre first.
fn kernel(sigma: f64) -> Vec<f64> {
    if !(sigma > 0.0) {
        return vec![1.0];
    }
    let reach = (4.0 * sigma).ceil() as usize;
    (0..=reach).map(|i| libm::exp(-0.5 * (i as f64 / sigma) * (i as f64 / sigma))).collect()
}

fn rows_convolved(values: &Array2<f64>, half: &[f64]) -> Array2<f64> {
    let (rows, columns) = values.dim();
    let lines: Vec<Vec<f64>> = (0..rows)
        .into_par_iter()
        .map(|y| {
            let row = values.row(y);
            (0..columns)
                .map(|x| {
                    let mut s = half[0] * row[x];
                    for (d, k) in half.iter().enumerate().skip(1) {
                        if x >= d {
                            s += k * row[x - d];
                        }
                        if x + d < columns {
                            s += k * row[x + d];
                        }
                    }
                    s
                })
                .collect()
        })
        .collect();
    let mut out = Array2::zeros((rows, columns));
    for (mut o, line) in out.rows_mut().into_iter().zip(lines) {
        o.iter_mut().zip(line).for_each(|(o, l)| *o = l);
    }
    out
}

/// Median over a square of side 2 `radius` + 1, of the valid pixels in it; an invalid pixel stays invalid.
pub fn median_filter(values: &Array2<f64>, radius: usize) -> Array2<f64> {
    let (rows, columns) = values.dim();
    let mut out = values.clone();
    out.outer_iter_mut().into_par_iter().enumerate().for_each(|(y, mut line)| {
        let mut window = Vec::with_capacity((2 * radius + 1) * (2 * radius + 1));
        for (x, o) in line.iter_mut().enumerate().filter(|(_, o)| o.is_finite()) {
            window.clear();
            for yy in y.saturating_sub(radius)..(y + radius + 1).min(rows) {
                let row = values.row(yy);
                window.extend(
                    (x.saturating_sub(radius)..(x + radius + 1).min(columns)).map(|x| row[x]).filter(|v| v.is_finite()),
                );
            }
            *o = median(&mut window);
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blur_keeps_a_constant_and_spreads_a_point_as_a_gaussian() {
        let mut z = Array2::from_elem((41, 41), 3.0);
        z[[5, 6]] = f64::NAN;
        let b = gaussian(&z, [2.0, 3.0]);
        assert!(b[[5, 6]].is_nan());
        assert!(b.iter().filter(|v| v.is_finite()).all(|v| (v - 3.0).abs() < 1e-12));
        let mut p = Array2::zeros((61, 61));
        p[[30, 30]] = 1.0;
        let b = gaussian(&p, [2.0, 2.0]);
        // exp(−3²/2·2²) between distances 0 and 3.
        assert!((b[[30, 33]] / b[[30, 30]] - libm::exp(-9.0 / 8.0)).abs() < 1e-12);
        assert!((b.sum() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn median_removes_a_spike() {
        let mut z = Array2::from_shape_fn((9, 9), |(y, x)| (y + x) as f64);
        z[[4, 4]] = 1e9;
        assert_eq!(median_filter(&z, 1)[[4, 4]], 8.0);
    }
}
