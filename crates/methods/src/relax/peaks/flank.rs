//! One side of a peak as a straight line of ln E″ against 1/T.

use super::PeakError;
use super::summit::line;

/// Heights of the α flank between which its line is fitted, as shares of E″max.
pub(super) const FLANK: [f64; 2] = [0.15, 0.6];

/// ln E″ = a + b/T on one side of a peak.
pub(super) struct Flank {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) scatter: f64,
    pub(super) mean_inverse: f64,
    pub(super) spread: f64,
    pub(super) count: f64,
    /// Index of its lowest point.
    pub(super) first: usize,
}

impl Flank {
    /// The line through at least five points.
    pub(super) fn through(t: &[f64], e: &[f64], chosen: &[usize]) -> Option<Flank> {
        if chosen.len() < 5 {
            return None;
        }
        let x: Vec<f64> = chosen.iter().map(|i| 1.0 / t[*i]).collect();
        let y: Vec<f64> = chosen.iter().map(|i| libm::log(e[*i])).collect();
        let (a, b, scatter) = line(&x, &y);
        let mean_inverse = x.iter().sum::<f64>() / x.len() as f64;
        let spread = x.iter().map(|x| (x - mean_inverse).powi(2)).sum();
        Some(Flank { a, b, scatter, mean_inverse, spread, count: x.len() as f64, first: chosen[0] })
    }

    pub(super) fn at(&self, t: f64) -> f64 {
        libm::exp(self.a + self.b / t)
    }

    pub(super) fn error_at(&self, t: f64) -> f64 {
        let d = 1.0 / t - self.mean_inverse;
        self.at(t) * self.scatter * (1.0 / self.count + d * d / self.spread.max(f64::MIN_POSITIVE)).sqrt()
    }
}

pub(super) fn flank(t: &[f64], e: &[f64], top: usize, height: f64) -> Result<Flank, PeakError> {
    // Down from the peak, so that a β peak higher than the lower mark is not taken for the flank.
    let mut first = top;
    while first > 0 && e[first - 1] > FLANK[0] * height && e[first - 1] < e[first] * 1.05 {
        first -= 1;
    }
    let chosen: Vec<usize> =
        (first..top).filter(|i| e[*i] >= FLANK[0] * height && e[*i] <= FLANK[1] * height).collect();
    Flank::through(t, e, &chosen).filter(|f| f.b < 0.0).ok_or(PeakError::NoFlank)
}

/// The level of a curve that starts flat (instrument background); zero where it starts with a slope.
pub(super) fn floor(t: &[f64], smooth: &[f64], flank: &Flank, noise: f64) -> f64 {
    let n = (flank.first / 5).max(3).min(smooth.len());
    let x: Vec<f64> = t[..n].iter().map(|v| v - t[0]).collect();
    let y: Vec<f64> = smooth[..n].iter().map(|v| libm::log(*v)).collect();
    let (_, slope, _) = line(&x, &y);
    let rise = slope * (t[n - 1] - t[0]);
    if rise.abs() < (3.0 * noise).max(0.01) {
        let level = smooth[..n].iter().sum::<f64>() / n as f64;
        (level - flank.at(t[0])).max(0.0)
    } else {
        0.0
    }
}
