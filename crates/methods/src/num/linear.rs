//! Small dense linear systems.

use nalgebra::{DMatrix, DVector};

/// Solves a symmetric positive definite system; `None` if it is not.
///
/// `matrix` is row-major n × n.
pub fn solve_spd(matrix: &[f64], rhs: &[f64]) -> Option<Vec<f64>> {
    let n = rhs.len();
    let m = DMatrix::from_row_slice(n, n, matrix);
    let chol = m.cholesky()?;
    // A factor whose diagonal spans the whole precision belongs to a singular system.
    let d = chol.l_dirty().diagonal();
    let (low, high) = (d.min(), d.max());
    if !(low.is_finite() && low > high * 1e-7) {
        return None;
    }
    Some(chol.solve(&DVector::from_column_slice(rhs)).as_slice().to_vec())
}

/// ln of the determinant of a symmetric positive definite n × n matrix, row by row; `None` if it is not.
pub fn log_determinant(matrix: &[f64], n: usize) -> Option<f64> {
    let c = DMatrix::from_row_slice(n, n, matrix).cholesky()?;
    Some(2.0 * c.l_dirty().diagonal().iter().map(|v| libm::log(*v)).sum::<f64>())
}

/// A straight line through points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Slope.
    pub slope: f64,
    /// Value at 0.
    pub intercept: f64,
    /// Coefficient of determination; 1 where all values are the same.
    pub r2: f64,
    /// Sum of squared residuals.
    pub chi2: f64,
}

/// Least squares; `None` of fewer than two different `x` or of numbers that are not finite.
pub fn line(x: &[f64], y: &[f64]) -> Option<Line> {
    let n = x.len().min(y.len());
    let (mx, my) = (super::sum::mean(&x[..n]), super::sum::mean(&y[..n]));
    let pairs = || x.iter().zip(y).map(|(x, y)| (x - mx, y - my));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (dx, dy) in pairs() {
        (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
    }
    if !(xx > 0.0 && xy.is_finite()) {
        return None;
    }
    let slope = xy / xx;
    let chi2 = pairs().map(|(dx, dy)| (dy - slope * dx).powi(2)).sum::<f64>();
    let r2 = if yy > 0.0 { 1.0 - chi2 / yy } else { 1.0 };
    Some(Line { slope, intercept: my - slope * mx, r2, chi2 })
}

/// Weighted least squares; `None` as [`line`].
pub fn weighted_line(x: &[f64], y: &[f64], weights: &[f64]) -> Option<Line> {
    let weighted =
        |f: &dyn Fn(f64, f64) -> f64| -> f64 { x.iter().zip(y).zip(weights).map(|((x, y), w)| w * f(*x, *y)).sum() };
    let total: f64 = weights.iter().sum();
    let (mx, my) = (weighted(&|x, _| x) / total, weighted(&|_, y| y) / total);
    let (xx, xy) = (weighted(&|x, _| (x - mx) * (x - mx)), weighted(&|x, y| (x - mx) * (y - my)));
    if !(xx > 0.0 && xy.is_finite()) {
        return None;
    }
    let slope = xy / xx;
    let (chi2, yy) = (weighted(&|x, y| (y - my - slope * (x - mx)).powi(2)), weighted(&|_, y| (y - my).powi(2)));
    Some(Line { slope, intercept: my - slope * mx, r2: if yy > 0.0 { 1.0 - chi2 / yy } else { 1.0 }, chi2 })
}

/// Legendre polynomials P₀ … P_degree at `n` evenly spaced points of (−1, 1): one vector a polynomial.
///
/// A basis in which normal equations of degree below ten stay well conditioned.
pub fn legendre(n: usize, degree: usize) -> Vec<Vec<f64>> {
    let x: Vec<f64> = (0..n).map(|i| (2.0 * i as f64 + 1.0) / n as f64 - 1.0).collect();
    let mut basis = vec![vec![1.0; n]];
    for k in 1..=degree {
        let next = match k {
            1 => x.clone(),
            _ => {
                let kf = k as f64;
                (0..n)
                    .map(|i| ((2.0 * kf - 1.0) * x[i] * basis[k - 1][i] - (kf - 1.0) * basis[k - 2][i]) / kf)
                    .collect()
            }
        };
        basis.push(next);
    }
    basis
}

/// The same span made orthonormal over the points (modified Gram–Schmidt); shorter where points are too few.
pub fn orthonormal(n: usize, degree: usize) -> Vec<Vec<f64>> {
    let mut out: Vec<Vec<f64>> = Vec::new();
    for mut v in legendre(n, degree.min(n.saturating_sub(1))) {
        for q in &out {
            let c = super::sum::dot(q, &v);
            v.iter_mut().zip(q).for_each(|(v, q)| *v -= c * q);
        }
        let norm = super::sum::dot(&v, &v).sqrt();
        if norm > 1e-9 {
            v.iter_mut().for_each(|v| *v /= norm);
            out.push(v);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orthonormal_is() {
        let q = orthonormal(37, 4);
        for (i, a) in q.iter().enumerate() {
            for (j, b) in q.iter().enumerate() {
                let want = if i == j { 1.0 } else { 0.0 };
                assert!((super::super::sum::dot(a, b) - want).abs() < 1e-14);
            }
        }
        assert_eq!(orthonormal(2, 4).len(), 2);
    }

    #[test]
    fn a_line_by_hand() {
        let l = line(&[0.0, 1.0, 2.0], &[1.0, 2.0, 4.0]).unwrap();
        assert!((l.slope - 1.5).abs() < 1e-15 && (l.intercept - 5.0 / 6.0).abs() < 1e-15);
        assert!((l.chi2 - 1.0 / 6.0).abs() < 1e-15 && (l.r2 - 27.0 / 28.0).abs() < 1e-15);
        assert!(line(&[1.0, 1.0], &[0.0, 1.0]).is_none() && line(&[], &[]).is_none());
        // A weight of two is a point that is there twice.
        let w = weighted_line(&[0.0, 1.0, 2.0], &[1.0, 2.0, 4.0], &[1.0, 2.0, 1.0]).unwrap();
        let twice = line(&[0.0, 1.0, 1.0, 2.0], &[1.0, 2.0, 2.0, 4.0]).unwrap();
        assert!((w.slope - twice.slope).abs() < 1e-15 && (w.chi2 - twice.chi2).abs() < 1e-15);
        assert!((w.intercept - twice.intercept).abs() < 1e-15 && (w.r2 - twice.r2).abs() < 1e-15);
        assert!(weighted_line(&[1.0, 1.0], &[0.0, 1.0], &[1.0, 1.0]).is_none());
    }

    #[test]
    fn a_singular_system_is_said() {
        assert!(solve_spd(&[1.0, 1.0, 1.0, 1.0], &[1.0, 2.0]).is_none());
        let x = solve_spd(&[4.0, 1.0, 1.0, 3.0], &[1.0, 2.0]).unwrap();
        assert!((x[0] - 1.0 / 11.0).abs() < 1e-15 && (x[1] - 7.0 / 11.0).abs() < 1e-15);
    }
}
