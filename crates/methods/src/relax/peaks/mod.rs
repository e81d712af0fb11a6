//! The α peak, what exceeds it, and the class of the β relaxation (METHODS §11; S2 Fig. 2).
//!
//! The low-temperature flank of the α peak is a straight line of ln E″ against 1/T, the high-frequency wing of the
//! process; its extrapolation, plus a constant where the curve starts flat, is what an alloy without β relaxation
//! would show, and the excess over it says of what class the β relaxation is. A peak or a shoulder reaches into the flank:
//! its place and height come from a fit of both at once ([`joint`]). A maximum far below, at less than 0.55 T_α (0.58 T_g of a T_α 5 % above
//! it, S1 §2.3), is the fast β′ relaxation: it and its tail are taken off before the β relaxation is sought.

mod fast;
mod flank;
mod joint;
mod shape;
mod summit;
#[cfg(test)]
mod tests;

pub(super) use summit::smoothed;

use self::fast::{Fast, fast};
use self::flank::{Flank, flank, floor};
use self::joint::Joint;
use self::shape::{Shape, extremes};
use self::summit::summit;
use super::loss::LossCurve;

/// What the β relaxation looks like, in order of prominence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BetaClass {
    /// No excess beyond noise.
    None,
    /// Excess over the α flank, without maximum or shoulder.
    Wing,
    /// No maximum, but the slope of ln E″ has a minimum and a maximum below the α flank.
    Shoulder,
    /// A maximum of its own.
    Peak,
}

impl BetaClass {
    /// All, in order: the rank used in a link.
    pub const ALL: [BetaClass; 4] = [BetaClass::None, BetaClass::Wing, BetaClass::Shoulder, BetaClass::Peak];

    /// As results carry it.
    pub fn name(self) -> &'static str {
        match self {
            BetaClass::None => "none",
            BetaClass::Wing => "wing",
            BetaClass::Shoulder => "shoulder",
            BetaClass::Peak => "peak",
        }
    }
}

/// A located maximum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// K.
    pub temperature: f64,
    /// One standard error, K.
    pub error: f64,
    /// Pa.
    pub height: f64,
    /// One standard error of it, Pa.
    pub height_error: f64,
}

/// What one loss curve shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Peaks {
    /// The α peak.
    pub alpha: Peak,
    /// Whether the highest point is the last one measured, so that the peak may lie beyond.
    pub alpha_at_edge: bool,
    /// The fast relaxation far below, its height over the instrument's background; where it has a maximum.
    pub beta_prime: Option<Peak>,
    /// What exceeds the α flank; an α peak without a flank does not tell.
    pub beta: Result<Beta, PeakError>,
}

/// The β relaxation of one loss curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Beta {
    /// Its class.
    pub class: BetaClass,
    /// The maximum of the β process, of a peak or a shoulder that a fit tells from the α flank.
    pub peak: Option<Peak>,
    /// Its height over E″max; of other classes the largest excess over the line.
    pub intensity: f64,
    /// One standard error of it, from the noise of the curve and the scatter about the flank.
    pub intensity_error: f64,
    /// Part of its height that the fit does not describe; 0 of other classes.
    pub misfit: f64,
    /// By how much the place of the maximum may be off for that at all frequencies alike, K; part of its error.
    pub displacement: f64,
    /// ∫ excess dT / (E″max T_α): of a fitted process below T_α, else of the points below the flank.
    pub area: f64,
    /// The α flank (with the constant and the tail of β′), Pa, at each temperature below T_α; NaN above.
    pub background: Vec<f64>,
}

impl Peaks {
    /// The class of the β relaxation, where the curve tells.
    pub fn class(&self) -> Option<BetaClass> {
        self.beta.as_ref().ok().map(|b| b.class)
    }

    /// The maximum of the β relaxation.
    pub fn beta_peak(&self) -> Option<Peak> {
        self.beta.as_ref().ok().and_then(|b| b.peak)
    }
}

/// A curve without an α peak, or without a flank of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeakError {
    /// The highest loss is at the lowest temperature.
    #[error("E″ is highest at the lowest temperature: no α peak is in the range")]
    NoAlpha,
    /// The flank has too few points.
    #[error(
        "the low-temperature flank of the α peak has fewer than 5 points between 15 and 60 % of its height: what exceeds it cannot be told; \
         measure with smaller steps of temperature"
    )]
    NoFlank,
}

/// The excess must stand this many noise standard deviations above the flank.
const BEYOND_NOISE: f64 = 4.0;
/// Smallest excess over E″max that is called one: below it instrument background rules.
const LEAST: f64 = 0.003;
/// Widths by which a smooth misfit of the height of a peak moves its maximum.
const DISPLACED: f64 = 2.0;
/// Part of what two forms of β differ by, in place and in height, by which either may be wrong.
const DISSENT: f64 = 0.2;

/// Analyses one curve.
///
/// # Errors
/// [`PeakError::NoAlpha`] where no α peak is in the range.
pub fn peaks(curve: &LossCurve) -> Result<Peaks, PeakError> {
    let all = curve.temperature.len();
    let glass = curve.temperature.partition_point(|t| *t < curve.limit);
    if glass < all {
        let glass_part = |v: &[f64]| v[..glass].to_vec();
        let (temperature, loss, storage) =
            (glass_part(&curve.temperature), glass_part(&curve.loss), glass_part(&curve.storage));
        let mut found = peaks(&LossCurve { temperature, loss, storage, limit: f64::INFINITY, ..*curve })?;
        if let Ok(b) = &mut found.beta {
            b.background.resize(all, f64::NAN);
        }
        return Ok(found);
    }
    let (t, e) = (&curve.temperature, &curve.loss);
    let smooth = smoothed(t, e);
    let top = argmax(&smooth);
    if top == 0 {
        return Err(PeakError::NoAlpha);
    }
    let alpha = summit(t, e, top, curve.noise).unwrap_or(Peak {
        temperature: t[top],
        error: f64::NAN,
        height: e[top],
        height_error: f64::NAN,
    });
    let alpha_at_edge = top + 1 >= t.len();
    let line = match flank(t, e, top, alpha.height) {
        Ok(f) => f,
        Err(why) => return Ok(Peaks { alpha, alpha_at_edge, beta_prime: None, beta: Err(why) }),
    };
    let floor = floor(t, &smooth, &line, curve.noise);
    let fast = fast(curve, &smooth, &line, floor, alpha.temperature);
    let mut beta = beta(curve, &smooth, &line, floor, fast.as_ref(), alpha);
    if matches!(beta.class, BetaClass::Peak | BetaClass::Shoulder) {
        let known = |t: f64| fast.as_ref().and_then(|f| f.tail.as_ref()).map_or(0.0, |f| f.at(t));
        let from = fast.as_ref().map_or(0, |f| f.dip);
        match Joint::fit(t, e, &smooth, known, (from, top, alpha.height)) {
            Some(f) => beta = beta.fitted(curve, &f, known, alpha),
            // Without a fit there is a class and neither place nor height.
            None => (beta.intensity, beta.intensity_error, beta.area) = (f64::NAN, f64::NAN, f64::NAN),
        }
    }
    Ok(Peaks { alpha, alpha_at_edge, beta_prime: fast.map(|f| f.peak), beta: Ok(beta) })
}

impl Beta {
    /// With place, height and background of a fit.
    fn fitted(self, curve: &LossCurve, f: &Joint, known: impl Fn(f64) -> f64, alpha: Peak) -> Beta {
        let below: Vec<f64> = curve.temperature.iter().copied().filter(|t| *t < alpha.temperature).collect();
        let mut background: Vec<f64> = below.iter().map(|t| f.alpha(*t) + f.floor() + known(*t)).collect();
        background.resize(curve.temperature.len(), f64::NAN);
        let process: Vec<f64> = below.iter().map(|t| f.beta(*t)).collect();
        // What noise does not explain of the residuals, beside the height of β.
        let at = f.peak.temperature;
        let sum = f.alpha(at) + f.beta(at) + f.floor();
        let (squares, noise) = (f.residual * f.residual, curve.noise * curve.noise);
        // That much may lie in what chance does to residuals: a standard error of their squares.
        let chance = squares * (2.0 / f.freedom).sqrt();
        let misfit = (squares + chance - noise).max(0.0).sqrt() * sum / f.peak.height;
        let intensity = f.peak.height / alpha.height;
        let statistical = libm::hypot(f.peak.height_error / f.peak.height, alpha.height_error / alpha.height);
        let displacement = libm::hypot(DISPLACED * misfit * f.width(), DISSENT * f.dissent[0]);
        let peak = Peak { error: libm::hypot(f.peak.error, displacement), ..f.peak };
        Beta {
            peak: Some(peak),
            intensity,
            intensity_error: intensity * libm::hypot(libm::hypot(statistical, misfit), DISSENT * f.dissent[1]),
            misfit,
            displacement,
            area: trapezoid(&below, &process) / (alpha.height * alpha.temperature),
            background,
            ..self
        }
    }
}

/// What exceeds the α flank above the β′ relaxation.
fn beta(curve: &LossCurve, smooth: &[f64], flank: &Flank, floor: f64, fast: Option<&Fast>, alpha: Peak) -> Beta {
    let (t, e) = (&curve.temperature, &curve.loss);
    let background: Vec<f64> = t
        .iter()
        .map(|t| {
            let tail = fast.and_then(|f| f.tail.as_ref()).map_or(0.0, |f| f.at(*t));
            if *t < alpha.temperature { flank.at(*t) + floor + tail } else { f64::NAN }
        })
        .collect();
    // From the dip above β′ to the flank's lower end, from which on the curve is the flank.
    let from = fast.map_or(0, |f| f.dip);
    let t = &t[from..];
    let below = flank.first - from;
    let excess: Vec<f64> = (0..below).map(|i| e[from + i] - background[from + i]).collect();
    let smooth = &smooth[from..];
    let smooth_excess: Vec<f64> = (0..below).map(|i| smooth[i] - background[from + i]).collect();
    let strongest = argmax(&smooth_excess);
    // Neighbours are averaged in the smoothed curve, so its noise is below this.
    let noise_at = |i: usize| BEYOND_NOISE * curve.noise * smooth[i];
    let largest = smooth_excess.get(strongest).copied().unwrap_or(0.0).max(0.0);
    let visible = below >= 5 && largest > LEAST * alpha.height && largest > noise_at(strongest);
    let class = match (visible, extremes(t, smooth, below, curve.noise)) {
        (false, _) => BetaClass::None,
        (true, Shape::Maximum) => BetaClass::Peak,
        (true, Shape::Inflection) => BetaClass::Shoulder,
        (true, Shape::Monotonic) => BetaClass::Wing,
    };
    let area = trapezoid(t, &excess) / (alpha.height * alpha.temperature);
    let intensity = if class == BetaClass::None { 0.0 } else { largest / alpha.height };
    let at = smooth.get(strongest).copied().unwrap_or(0.0);
    let flank_error = flank.error_at(t[strongest.min(t.len() - 1)]);
    let intensity_error = libm::hypot(curve.noise * at, flank_error) / alpha.height;
    Beta { class, peak: None, intensity, intensity_error, misfit: 0.0, displacement: 0.0, area, background }
}

fn argmax(v: &[f64]) -> usize {
    v.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i)
}

fn trapezoid(t: &[f64], y: &[f64]) -> f64 {
    (1..y.len()).map(|i| 0.5 * (y[i] + y[i - 1]) * (t[i] - t[i - 1])).sum()
}
