//! Maximum, shoulder or neither.

use super::BEYOND_NOISE;

/// What the curve below the flank looks like.
pub(super) enum Shape {
    Maximum,
    Inflection,
    Monotonic,
}

/// Whether the smoothed curve below the flank has a maximum, or its slope a minimum, that noise does not explain.
pub(super) fn extremes(t: &[f64], smooth: &[f64], below: usize, noise: f64) -> Shape {
    let ln: Vec<f64> = smooth[..below].iter().map(|v| libm::log(*v)).collect();
    // A maximum: a later minimum lies lower by more than noise, and an earlier point too.
    let mut highest = (f64::NEG_INFINITY, f64::INFINITY);
    let margin = (BEYOND_NOISE * noise).max(0.005);
    for v in &ln {
        if *v > highest.0 {
            highest = (*v, highest.1);
        }
        if highest.0 - v > margin && highest.0 - ln[0] > margin {
            return Shape::Maximum;
        }
    }
    // Slopes over a tenth of the range below the flank: the last rise is the flank itself. Against −1/T, in which the
    // flank of an activated process is straight; against T its slope alone falls as 1/T² and would look like a shoulder.
    let width = (below / 10).max(3);
    if below < 3 * width {
        return Shape::Monotonic;
    }
    let slopes: Vec<f64> =
        (0..below - width).map(|i| (ln[i + width] - ln[i]) / (1.0 / t[i] - 1.0 / t[i + width])).collect();
    let error = |i: usize| BEYOND_NOISE * noise / (1.0 / t[i] - 1.0 / t[i + width]);
    let mut best = slopes[0];
    for (i, s) in slopes.iter().enumerate() {
        best = best.max(*s);
        let later = slopes[i..].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let drop = error(i).max(0.15 * best.abs());
        if best - s > drop && later - s > drop {
            return Shape::Inflection;
        }
    }
    Shape::Monotonic
}
