//! The fast β′ relaxation: a maximum far below T_α, and its tail.

use super::flank::{FLANK, Flank};
use super::summit::summit;
use super::{BEYOND_NOISE, Peak};
use crate::relax::loss::LossCurve;

/// A maximum below this part of T_α is the β′ relaxation.
const FAST: f64 = 0.55;

/// The β′ relaxation.
pub(super) struct Fast {
    pub(super) peak: Peak,
    /// Index of the dip above it.
    pub(super) dip: usize,
    /// Its high-temperature flank.
    pub(super) tail: Option<Flank>,
}

/// The lowest maximum, if it lies far enough below T_α: risen to and fallen from by more than noise.
pub(super) fn fast(curve: &LossCurve, smooth: &[f64], flank: &Flank, floor: f64, t_alpha: f64) -> Option<Fast> {
    let t = &curve.temperature;
    let height = &smooth[..flank.first];
    let margin = |i: usize| (BEYOND_NOISE * curve.noise).max(0.005) * smooth[i];
    let lowest = (0..height.len()).scan(0, |low, i| {
        *low = if height[i] < height[*low] { i } else { *low };
        Some(*low)
    });
    let risen: Vec<usize> = lowest.collect();
    let (mut top, mut dip) = (0, None);
    for i in 1..height.len() {
        if height[i] > height[top] && dip.is_none() {
            top = i;
        }
        let risen = height[top] - height[risen[top]] > margin(top);
        if !risen {
            continue;
        }
        match dip {
            None if height[top] - height[i] > margin(i) => dip = Some(i),
            Some(d) if height[i] < height[d] => dip = Some(i),
            Some(d) if height[i] - height[d] > margin(d) => break,
            _ => {}
        }
    }
    let dip = dip.filter(|_| t[top] < FAST * t_alpha)?;
    let over: Vec<f64> = curve.loss[..dip].iter().map(|e| e - floor).collect();
    let noise = curve.noise * smooth[top] / (smooth[top] - floor);
    let peak = summit(&t[..dip], &over, top, noise)?;
    let chosen: Vec<usize> =
        (top..dip).filter(|i| over[*i] >= FLANK[0] * peak.height && over[*i] <= FLANK[1] * peak.height).collect();
    let tail = Flank::through(t, &over, &chosen).filter(|f| f.b > 0.0);
    Some(Fast { peak, dip, tail })
}
