//! The α peak, what exceeds it, and the class of the β relaxation (METHODS §11; S2 Fig. 2).
//!
//! The low-temperature flank of the α peak is a straight line of ln E″ against 1/T, the high-frequency wing of the
//! process; its extrapolation, plus a constant where the curve starts flat, is what an alloy without β relaxation
//! would show. The excess over it is the β relaxation. A maximum far below, at less than 0.55 T_α (0.58 T_g of a T_α 5 % above
//! it, S1 §2.3), is the fast β′ relaxation: it and its tail are taken off before the β relaxation is sought.

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
    /// −d² ln E″/d(1/T)² there, K².
    pub curvature: f64,
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
    /// The maximum of the excess, for a peak or a shoulder.
    pub peak: Option<Peak>,
    /// Largest excess over E″max.
    pub intensity: f64,
    /// One standard error of it, from the noise of the curve and the scatter about the flank.
    pub intensity_error: f64,
    /// By how much the place of the maximum is unsure because the α flank is, K; part of its error.
    pub displacement: f64,
    /// ∫ excess dT / (E″max T_α) below the flank.
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

/// Heights of the α flank between which its line is fitted, as shares of E″max.
const FLANK: [f64; 2] = [0.15, 0.6];
/// The excess must stand this many noise standard deviations above the flank.
const BEYOND_NOISE: f64 = 4.0;
/// Smallest excess over E″max that is called one: below it instrument background rules.
const LEAST: f64 = 0.003;
/// Share of a peak's height above which its top is fitted.
const TOP: f64 = 0.85;

/// Part by which the α flank may be wrong where it is extrapolated to a β peak, a tenth of its height and less: the wing bends
/// down as the process does (VFT), which takes about half of a straight line there, and the other half stands for β itself,
/// which reaches into the points that the line is fitted to.
const FLANK_WRONG: f64 = 1.0;
/// Times that flank and β peak are taken off each other.
const ROUNDS: usize = 4;
/// A maximum below this part of T_α is the β′ relaxation.
const FAST: f64 = 0.55;

/// Analyses one curve.
///
/// # Errors
/// [`PeakError::NoAlpha`] where no α peak is in the range.
pub fn peaks(curve: &LossCurve) -> Result<Peaks, PeakError> {
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
        curvature: f64::NAN,
    });
    let alpha_at_edge = top + 1 >= t.len();
    let mut line = match flank(t, e, top, alpha.height) {
        Ok(f) => f,
        Err(why) => return Ok(Peaks { alpha, alpha_at_edge, beta_prime: None, beta: Err(why) }),
    };
    let floor = floor(t, &smooth, &line, curve.noise);
    let fast = fast(curve, &smooth, &line, floor, alpha.temperature);
    let mut found = beta(curve, &smooth, &line, floor, fast.as_ref(), alpha);
    // The β peak reaches into the points that the flank is fitted to: without its own tail the line is steeper.
    for _ in 0..ROUNDS {
        let Some(tail) = tail(curve, &found, &line) else { break };
        let below: Vec<f64> = t.iter().zip(e).map(|(t, e)| e - tail.at(*t)).collect();
        let Ok(next) = flank(t, &below, top, alpha.height) else { break };
        line = Flank { first: line.first, ..next };
        found = beta(curve, &smooth, &line, floor, fast.as_ref(), alpha);
    }
    let beta = found;
    Ok(Peaks { alpha, alpha_at_edge, beta_prime: fast.map(|f| f.peak), beta: Ok(beta) })
}

/// The high-temperature flank of a β peak, up to where the α flank is fitted.
fn tail(curve: &LossCurve, beta: &Beta, line: &Flank) -> Option<Flank> {
    let peak = beta.peak.filter(|_| beta.class == BetaClass::Peak)?;
    let over: Vec<f64> = (0..line.first).map(|i| curve.loss[i] - beta.background[i]).collect();
    let above = (0..line.first).filter(|i| curve.temperature[*i] > peak.temperature);
    let chosen: Vec<usize> =
        above.filter(|i| over[*i] >= FLANK[0] * peak.height && over[*i] <= FLANK[1] * peak.height).collect();
    Flank::through(&curve.temperature, &over, &chosen).filter(|f| f.b > 0.0)
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
    let peak = matches!(class, BetaClass::Peak | BetaClass::Shoulder)
        .then(|| summit(&t[..below], &excess, strongest, curve.noise * smooth[strongest] / largest))
        .flatten();
    // The slope of what is taken off moves a maximum by its error over the curvature.
    let displacement = peak.map_or(0.0, |p| {
        let part = FLANK_WRONG * flank.at(p.temperature) / p.height;
        part * flank.b.abs() * p.temperature.powi(2) / p.curvature
    });
    let peak = peak.map(|p| Peak { error: libm::hypot(p.error, displacement), ..p });
    let area = trapezoid(t, &excess) / (alpha.height * alpha.temperature);
    let intensity = if class == BetaClass::None { 0.0 } else { peak.map_or(largest, |b| b.height) / alpha.height };
    let at = smooth.get(strongest).copied().unwrap_or(0.0);
    let flank_error = flank.error_at(t[strongest.min(t.len() - 1)]);
    let intensity_error = libm::hypot(curve.noise * at, flank_error) / alpha.height;
    Beta { class, peak, intensity, intensity_error, displacement, area, background }
}

/// The β′ relaxation.
struct Fast {
    peak: Peak,
    /// Index of the dip above it.
    dip: usize,
    /// Its high-temperature flank.
    tail: Option<Flank>,
}

/// The lowest maximum, if it lies far enough below T_α: risen to and fallen from by more than noise.
fn fast(curve: &LossCurve, smooth: &[f64], flank: &Flank, floor: f64, t_alpha: f64) -> Option<Fast> {
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

fn argmax(v: &[f64]) -> usize {
    v.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i)
}

fn trapezoid(t: &[f64], y: &[f64]) -> f64 {
    (1..y.len()).map(|i| 0.5 * (y[i] + y[i - 1]) * (t[i] - t[i - 1])).sum()
}

/// Local straight lines of ln E″ over about a fiftieth of the range, at least five points.
pub(super) fn smoothed(t: &[f64], e: &[f64]) -> Vec<f64> {
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
fn line(x: &[f64], y: &[f64]) -> (f64, f64, f64) {
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
fn summit(t: &[f64], y: &[f64], near: usize, noise: f64) -> Option<Peak> {
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
    let gradient = [0.0, 1.0, 2.0 * at, 3.0 * at * at];
    let k = c.len();
    let variance: f64 = (0..k)
        .flat_map(|i| (0..k).map(move |j| (i, j)))
        .map(|(i, j)| gradient[i] * gradient[j] * covariance[i * k + j])
        .sum();
    let curvature = 2.0 * c[2] + 6.0 * c3 * at;
    let inverse = 1.0 / t[near] + at * scale;
    let error = (variance.max(0.0)).sqrt() * noise.max(1e-6) / curvature.abs() * scale / (inverse * inverse);
    let curvature = curvature.abs() / (scale * scale);
    Some(Peak { temperature: 1.0 / inverse, error, height: libm::exp(value), curvature })
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

/// ln E″ = a + b/T on one side of a peak.
struct Flank {
    a: f64,
    b: f64,
    scatter: f64,
    mean_inverse: f64,
    spread: f64,
    count: f64,
    /// Index of its lowest point.
    first: usize,
}

impl Flank {
    /// The line through at least five points.
    fn through(t: &[f64], e: &[f64], chosen: &[usize]) -> Option<Flank> {
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

    fn at(&self, t: f64) -> f64 {
        libm::exp(self.a + self.b / t)
    }

    fn error_at(&self, t: f64) -> f64 {
        let d = 1.0 / t - self.mean_inverse;
        self.at(t) * self.scatter * (1.0 / self.count + d * d / self.spread.max(f64::MIN_POSITIVE)).sqrt()
    }
}

fn flank(t: &[f64], e: &[f64], top: usize, height: f64) -> Result<Flank, PeakError> {
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
fn floor(t: &[f64], smooth: &[f64], flank: &Flank, noise: f64) -> f64 {
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

enum Shape {
    Maximum,
    Inflection,
    Monotonic,
}

/// Whether the smoothed curve below the flank has a maximum, or its slope a minimum, that noise does not explain.
fn extremes(t: &[f64], smooth: &[f64], below: usize, noise: f64) -> Shape {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::normal::Random;

    /// An α flank with VFT-like steepness, a Cole–Cole β process and a constant, with relative noise.
    fn synthetic(beta: f64, t_beta: f64, width: f64, noise: f64, floor: f64) -> LossCurve {
        let mut random = Random::named("peaks", 4);
        let t: Vec<f64> = (0..480).map(|i| 280.0 + f64::from(i) * 0.5).collect();
        let loss = t
            .iter()
            .map(|t| {
                let x = (1.0 / t - 1.0 / 490.0) * 41_000.0;
                let alpha = if x > 0.0 { libm::exp(-x * 0.9) * (1.0 + x * 0.9) } else { 1.0 / (1.0 + x * x) };
                let y = (1.0 / t - 1.0 / t_beta) * width;
                let b = beta / libm::cosh(y);
                5e8 * (alpha + b + floor) * (1.0 + noise * random.normal())
            })
            .collect();
        LossCurve { frequency: 1.0, temperature: t, loss, noise, storage: Vec::new() }
    }

    #[test]
    fn classes_in_order() {
        assert_eq!(peaks(&synthetic(0.1, 350.0, 4000.0, 0.003, 0.0)).unwrap().class(), Some(BetaClass::Peak));
        assert_eq!(peaks(&synthetic(0.06, 440.0, 4000.0, 0.003, 0.0)).unwrap().class(), Some(BetaClass::Shoulder));
        assert_eq!(peaks(&synthetic(0.05, 485.0, 6000.0, 0.003, 0.0)).unwrap().class(), Some(BetaClass::Wing));
        assert_eq!(peaks(&synthetic(0.0, 350.0, 4000.0, 0.003, 0.002)).unwrap().class(), Some(BetaClass::None));
        assert!(BetaClass::None < BetaClass::Wing && BetaClass::Shoulder < BetaClass::Peak);
    }

    #[test]
    fn a_peak_is_where_it_was_put() {
        let p = peaks(&synthetic(0.1, 350.0, 4000.0, 0.003, 0.0)).unwrap();
        let b = p.beta_peak().unwrap();
        // Standard error of the position from the fit's covariance; four of them.
        assert!((b.temperature - 350.0).abs() < 4.0 * b.error.max(0.1), "{b:?}");
        assert!((p.beta.unwrap().intensity - 0.1).abs() < 0.005);
        assert!((p.alpha.temperature - 490.0).abs() < 1.5, "{:?}", p.alpha);
    }

    /// From 120 K on, with a fast process of sech shape in 1/T at 200 K.
    fn with_fast(fast: f64, beta: f64, noise: f64, seed: u64) -> LossCurve {
        let mut random = Random::named("fast", seed);
        let t: Vec<f64> = (0..800).map(|i| 120.0 + f64::from(i) * 0.5).collect();
        let loss = t
            .iter()
            .map(|t| {
                let x = (1.0 / t - 1.0 / 490.0) * 41_000.0;
                let alpha = if x > 0.0 { libm::exp(-x * 0.9) * (1.0 + x * 0.9) } else { 1.0 / (1.0 + x * x) };
                let b = beta / libm::cosh((1.0 / t - 1.0 / 350.0) * 4000.0);
                let f = fast / libm::cosh((1.0 / t - 1.0 / 200.0) * 1500.0);
                5e8 * (alpha + b + f + 0.001) * (1.0 + noise * random.normal())
            })
            .collect();
        LossCurve { frequency: 1.0, temperature: t, loss, noise, storage: Vec::new() }
    }

    #[test]
    fn a_fast_process_is_told_from_beta() {
        // 20 curves: T_β′ within four standard errors of 200 K, the height of 1 % of α within 5 % of itself, with a β peak
        // above, and with none.
        for seed in 0..20 {
            for (beta, class) in [(0.1, BetaClass::Peak), (0.0, BetaClass::None)] {
                let p = peaks(&with_fast(0.01, beta, 0.003, seed)).unwrap();
                let f = p.beta_prime.unwrap();
                assert!((f.temperature - 200.0).abs() < 4.0 * f.error.max(0.1), "{f:?}");
                assert!((f.height / p.alpha.height / 0.01 - 1.0).abs() < 0.15, "{f:?}");
                assert_eq!(p.class(), Some(class), "{seed}");
            }
            let p = peaks(&with_fast(0.0, 0.1, 0.003, seed)).unwrap();
            assert!(p.beta_prime.is_none() && p.class() == Some(BetaClass::Peak));
        }
        // A β peak at 0.71 T_α is no β′, whatever lies below.
        let p = peaks(&with_fast(0.01, 0.1, 0.003, 0)).unwrap();
        assert!((p.beta_peak().unwrap().temperature - 350.0).abs() < 1.0);
    }

    #[test]
    fn curves_without_a_peak_are_errors() {
        let mut c = synthetic(0.1, 350.0, 4000.0, 0.0, 0.0);
        c.loss.reverse();
        c.loss.truncate(40);
        c.temperature.truncate(40);
        let mut falling = c.clone();
        falling.loss.sort_by(|a, b| b.total_cmp(a));
        assert_eq!(peaks(&falling).unwrap_err(), PeakError::NoAlpha);
        let mut step = c;
        step.loss = (0..40).map(|i| if i < 39 { 1.0 } else { 100.0 }).collect();
        let p = peaks(&step).unwrap();
        assert!(p.alpha_at_edge && p.beta == Err(PeakError::NoFlank) && p.class().is_none());
    }
}
