//! Where a peak is, and the smooth course of a curve.

use super::Peak;

/// Share of a peak's height above which its top is fitted.
const TOP: f64 = 0.85;

/// Local straight lines of ln E″ over about a fiftieth of the range, at least five points.
pub(in crate::relax) fn smoothed(t: &[f64], e: &[f64]) -> Vec<f64> {
    let half = (t.len() / 100).max(2);
    (0..t.len())
        .map(|i| {
            let (a, b) = (i.saturating_sub(half), (i + half + 1).min(t.len()));
            let x: Vec<f64> = t[a..b].iter().map(|v| v - t[i]).collect();
            let y: Vec<f64> = e[a..b].iter().map(|v| libm::log(*v)).collect();
            libm::exp(line(&x, &y).0)
        })
        .collect()
}

/// Intercept, slope and residual standard deviation of a least-squares line.
pub(super) fn line(x: &[f64], y: &[f64]) -> (f64, f64, f64) {
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut sxx, mut sxy) = (0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        sxx += (x - mx) * (x - mx);
        sxy += (x - mx) * (y - my);
    }
    let slope = if sxx > 0.0 { sxy / sxx } else { 0.0 };
    let rss: f64 = x.iter().zip(y).map(|(x, y)| (y - my - slope * (x - mx)).powi(2)).sum();
    (my - slope * mx, slope, (rss / (n - 2.0).max(1.0)).sqrt())
}

/// The maximum of a cubic in 1/T through the logarithm of the top of a peak.
pub(super) fn summit(t: &[f64], y: &[f64], near: usize, noise: f64) -> Option<Peak> {
    let level = TOP * y[near];
    let (mut a, mut b) = (near, near);
    while a > 0 && y[a - 1] > level {
        a -= 1;
    }
    while b + 1 < t.len() && y[b + 1] > level {
        b += 1;
    }
    // A coarse table has few points above the level; its neighbours then still fix a parabola.
    while b - a < 4 && (a > 0 || b + 1 < t.len()) {
        a = a.saturating_sub(1);
        b = (b + 1).min(t.len() - 1);
    }
    let chosen: Vec<usize> = (a..=b).filter(|i| y[*i] > 0.0).collect();
    if chosen.len() < 3 {
        return None;
    }
    let scale = chosen.iter().map(|i| (1.0 / t[*i] - 1.0 / t[near]).abs()).fold(0.0, f64::max);
    let x: Vec<f64> = chosen.iter().map(|i| (1.0 / t[*i] - 1.0 / t[near]) / scale).collect();
    let v: Vec<f64> = chosen.iter().map(|i| libm::log(y[*i])).collect();
    let degree = if chosen.len() >= 7 { 3 } else { 2 };
    let (c, covariance) = polynomial(&x, &v, degree)?;
    let c3 = c.get(3).copied().unwrap_or(0.0);
    let at = vertex(c[1], c[2], c3)?;
    let (low, high) = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
    if !(at >= low && at <= high) {
        return None;
    }
    let value = c[0] + at * (c[1] + at * (c[2] + at * c3));
    // d at = −δ(slope) / curvature, the slope's error from the covariance of the coefficients.
    let k = c.len();
    let variance_of = |gradient: [f64; 4]| -> f64 {
        let pairs = (0..k).flat_map(|i| (0..k).map(move |j| (i, j)));
        pairs.map(|(i, j)| gradient[i] * gradient[j] * covariance[i * k + j]).sum()
    };
    let variance = variance_of([0.0, 1.0, 2.0 * at, 3.0 * at * at]);
    let height = libm::exp(value);
    let height_error = variance_of([1.0, at, at * at, at.powi(3)]).max(0.0).sqrt() * noise * height;
    let curvature = 2.0 * c[2] + 6.0 * c3 * at;
    let inverse = 1.0 / t[near] + at * scale;
    let error = (variance.max(0.0)).sqrt() * noise.max(1e-6) / curvature.abs() * scale / (inverse * inverse);
    Some(Peak { temperature: 1.0 / inverse, error, height, height_error })
}

/// Where c₁ x + c₂ x² + c₃ x³ has its maximum.
fn vertex(c1: f64, c2: f64, c3: f64) -> Option<f64> {
    let parabola = -c1 / (2.0 * c2);
    if c3.abs() < 1e-12 * c2.abs() {
        return (c2 < 0.0).then_some(parabola);
    }
    let root = (c2 * c2 - 3.0 * c1 * c3).max(0.0).sqrt();
    [(-c2 + root) / (3.0 * c3), (-c2 - root) / (3.0 * c3)].into_iter().find(|x| 2.0 * c2 + 6.0 * c3 * x < 0.0)
}

/// Least-squares polynomial: coefficients and (XᵀX)⁻¹.
fn polynomial(x: &[f64], y: &[f64], degree: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let k = degree + 1;
    let mut matrix = vec![0.0; k * k];
    let mut rhs = vec![0.0; k];
    for (x, y) in x.iter().zip(y) {
        for i in 0..k {
            rhs[i] += x.powi(i as i32) * y;
            for j in 0..k {
                matrix[i * k + j] += x.powi((i + j) as i32);
            }
        }
    }
    let solve = |b: &[f64]| crate::num::linear::solve_spd(&matrix, b);
    let c = solve(&rhs)?;
    let mut inverse = vec![0.0; k * k];
    for i in 0..k {
        let mut unit = vec![0.0; k];
        unit[i] = 1.0;
        inverse[i * k..(i + 1) * k].copy_from_slice(&solve(&unit)?);
    }
    Some((c, inverse))
}
