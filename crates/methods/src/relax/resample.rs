//! Intervals of peaks: of what was fitted by the scatter of the points, of the rest by the smoothed curve with fresh noise,
//! analysed again.

use super::loss::LossCurve;
use super::peaks::{Beta, BetaClass, Peaks, peaks, smoothed};
use crate::num::parallel::ordered;
use crate::num::quantile::quantile;
use crate::num::random::Stream;

/// Standard errors of a 95 % interval.
const WIDE: f64 = 1.96;

/// 95 % intervals about one curve's peaks.
#[derive(Clone, Debug, PartialEq)]
pub struct PeakIntervals {
    /// T_α, K.
    pub alpha: [f64; 2],
    /// T_β′, K, where most replicates have one.
    pub beta_prime: Option<[f64; 2]>,
    /// T_β, K, of a fitted process.
    pub beta: Option<[f64; 2]>,
    /// β intensity.
    pub intensity: Option<[f64; 2]>,
    /// β area.
    pub area: Option<[f64; 2]>,
    /// Share of replicates of the same class.
    pub same_class: f64,
}

/// Resamples a curve; `None` if most replicates cannot be analysed.
pub fn intervals(curve: &LossCurve, found: &Peaks, resamples: usize, stream: &Stream) -> Option<PeakIntervals> {
    let smooth = smoothed(&curve.temperature, &curve.loss);
    let replicates: Vec<Peaks> = ordered(resamples, |i| {
        let mut random = stream.replicate(i);
        let loss = smooth.iter().map(|e| e * libm::exp(curve.noise * random.normal())).collect();
        peaks(&LossCurve { loss, ..curve.clone() }).ok()
    })
    .into_iter()
    .flatten()
    .collect();
    if replicates.len() * 2 < resamples {
        return None;
    }
    // About the estimate, not about the smoothed curve, whose own peak is a little lower.
    let about = |value: f64, of: &dyn Fn(&Peaks) -> Option<f64>| -> Option<[f64; 2]> {
        let mut v: Vec<f64> = replicates.iter().filter_map(of).filter(|v| v.is_finite()).collect();
        if v.len() * 2 < replicates.len() {
            return None;
        }
        let centre = quantile(&mut v, 0.5);
        Some([value + quantile(&mut v, 0.025) - centre, value + quantile(&mut v, 0.975) - centre])
    };
    let same = replicates.iter().filter(|r| r.class() == found.class()).count();
    let positive = |i: [f64; 2]| i.map(|v| v.max(0.0));
    let spread = |get: fn(&Beta) -> f64| {
        let b = found.beta.as_ref().ok()?;
        about(get(b), &|p| p.beta.as_ref().ok().map(get)).map(positive)
    };
    let fitted = found.beta.as_ref().ok().filter(|b| b.peak.is_some());
    let none = found.beta.as_ref().ok().filter(|b| b.class == BetaClass::None);
    Some(PeakIntervals {
        alpha: about(found.alpha.temperature, &|p| Some(p.alpha.temperature))?,
        beta_prime: found.beta_prime.and_then(|b| about(b.temperature, &|p| p.beta_prime.map(|b| b.temperature))),
        beta: found.beta_peak().map(|b| [b.temperature - WIDE * b.error, b.temperature + WIDE * b.error]),
        intensity: match (none, fitted) {
            (Some(b), _) => Some([0.0, 3.0 * b.intensity_error]),
            (_, Some(b)) => Some(positive([-WIDE, WIDE].map(|k| b.intensity + k * b.intensity_error))),
            // The excess of a wing over a straight flank is a part of β, and how much of it no noise tells.
            _ => None,
        },
        area: spread(|b| b.area),
        same_class: same as f64 / replicates.len() as f64,
    })
}
