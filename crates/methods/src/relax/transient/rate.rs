//! The rate in logarithmic time and its maxima.

use super::Transient;
use crate::num::separable::Separable;
use crate::num::serial::Serial;

impl Transient {
    /// −d(σ/σ₀)/d ln t by parabolas over `width` in ln t to both sides: `[t, rate, standard error]`.
    pub fn rate(&self, width: f64) -> Vec<[f64; 3]> {
        const FEWEST: usize = 6;
        let x: Vec<f64> = self.time.iter().map(|t| libm::log(*t)).collect();
        let first = self.value[0];
        let y: Vec<f64> = self.value.iter().map(|v| v / first).collect();
        let (a, b) = (x[0], x[x.len() - 1]);
        let count = ((b - a) / (0.25 * width)).ceil().max(1.0) as usize;
        let mut out = Vec::new();
        for k in 0..=count {
            let at = a + (b - a) * k as f64 / count as f64;
            let from = x.partition_point(|v| *v < at - width);
            let to = x.partition_point(|v| *v <= at + width);
            if to - from < FEWEST {
                continue;
            }
            if let Some((slope, error)) = parabola(&x[from..to], &y[from..to], &self.noise.slice(from..to), at) {
                out.push([libm::exp(at), -slope, error]);
            }
        }
        out
    }
}

/// Slope at a place of the parabola of least squares, and its standard error.
fn parabola(x: &[f64], y: &[f64], noise: &Serial, at: f64) -> Option<(f64, f64)> {
    let scale = x.iter().fold(0.0f64, |m, v| m.max((v - at).abs()));
    if !(scale > 0.0) {
        return None;
    }
    let power = |k: i32| noise.whitened(&x.iter().map(|v| ((v - at) / scale).powi(k)).collect::<Vec<f64>>());
    let columns = [0, 1, 2].map(power).to_vec();
    let y = noise.whitened(y);
    let s = Separable { data: &y, columns: |_: &[f64]| columns.clone(), bounds: &[] };
    let f = s.solve(&[Vec::new()]).ok()?;
    Some((f.linear[1] / scale, f.error(1) / scale))
}

/// A maximum of the rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Where, s.
    pub time: f64,
    /// Rate there.
    pub rate: f64,
}

/// Rises that stand this many standard errors above the dip before and after.
const SURE: f64 = 4.0;
/// Part of the largest rate that a dip must have at least.
const DIP: f64 = 0.02;

/// Maxima of a rate that noise does not explain, in order.
pub fn steps(rate: &[[f64; 3]]) -> Vec<Step> {
    let largest = rate.iter().map(|r| r[1]).fold(0.0, f64::max);
    if rate.len() < 3 || !(largest > 0.0) {
        return Vec::new();
    }
    let margin = |i: usize| (SURE * rate[i][2]).max(DIP * largest);
    let mut out: Vec<Step> = Vec::new();
    let (mut top, mut dip, mut rising) = (0, 0, true);
    let step = |i: usize| Step { time: rate[i][0], rate: rate[i][1] };
    for i in 1..rate.len() {
        if rising {
            if rate[i][1] > rate[top][1] {
                top = i;
            }
            if rate[top][1] - rate[i][1] > margin(top).max(margin(i)) {
                out.push(step(top));
                (rising, dip) = (false, i);
            }
        } else {
            if rate[i][1] < rate[dip][1] {
                dip = i;
            }
            if rate[i][1] - rate[dip][1] > margin(dip).max(margin(i)) {
                (rising, top) = (true, i);
            }
        }
    }
    // What still rises, or has not fallen by enough, at the end.
    if rising && (out.is_empty() || rate[top][1] - rate[dip][1] > margin(top)) {
        out.push(step(top));
    }
    out
}
