//! Dissipation against set point: E*(A/A₀), its derivative and its peaks (METHODS §4; S1 Fig. 37, 39).

/// A maximum of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Where, A/A₀.
    pub at: f64,
    /// How high.
    pub height: f64,
}

/// E* and its derivative at set points in rising order.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyCurve {
    /// A/A₀, rising.
    pub ratio: Vec<f64>,
    /// E*.
    pub energy: Vec<f64>,
    /// dE*/d(A/A₀), of a parabola through the five nearest set points.
    pub derivative: Vec<f64>,
}

/// Set points that a curve needs.
pub const LEAST: usize = 5;
/// Relative difference of set points that are one.
const SAME: f64 = 1e-6;
/// Set points that a parabola is drawn through.
const NEAREST: usize = 5;

impl EnergyCurve {
    /// From pairs of A/A₀ and E* in any order; equal set points are averaged, what is not finite is left out.
    ///
    /// `None` for fewer than [`LEAST`] different set points.
    pub fn new(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<EnergyCurve> {
        let mut pairs: Vec<(f64, f64)> = pairs.into_iter().filter(|(r, e)| r.is_finite() && e.is_finite()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut ratio, mut energy) = (Vec::new(), Vec::new());
        for group in pairs.chunk_by(|a, b| b.0 - a.0 <= SAME * b.0.abs()) {
            ratio.push(group.iter().map(|p| p.0).sum::<f64>() / group.len() as f64);
            energy.push(group.iter().map(|p| p.1).sum::<f64>() / group.len() as f64);
        }
        if ratio.len() < LEAST {
            return None;
        }
        let derivative = (0..ratio.len()).map(|i| slope(&ratio, &energy, i)).collect();
        Some(EnergyCurve { ratio, energy, derivative })
    }

    /// The highest maximum of E* inside of the curve.
    pub fn peak(&self) -> Option<Peak> {
        peak(&self.ratio, &self.energy)
    }

    /// The steepest rise and the steepest fall inside of the curve.
    pub fn steepest(&self) -> [Option<Peak>; 2] {
        let fall: Vec<f64> = self.derivative.iter().map(|d| -d).collect();
        let down = peak(&self.ratio, &fall).map(|p| Peak { height: -p.height, ..p });
        let rises = |p: &Peak| p.height > 0.0;
        [peak(&self.ratio, &self.derivative).filter(rises), down.filter(|p| p.height < 0.0)]
    }
}

/// Slope at point `i` of the least-squares parabola through its nearest neighbours.
fn slope(x: &[f64], y: &[f64], i: usize) -> f64 {
    let from = i.saturating_sub(NEAREST / 2).min(x.len() - NEAREST);
    let (mut s, mut t) = ([0.0; 5], [0.0; 3]);
    let unit = (x[from + NEAREST - 1] - x[from]) / 2.0;
    for k in from..from + NEAREST {
        let u = (x[k] - x[i]) / unit;
        let mut power = 1.0;
        for (n, s) in s.iter_mut().enumerate() {
            *s += power;
            if n < 3 {
                t[n] += power * y[k];
            }
            power *= u;
        }
    }
    let [s0, s1, s2, s3, s4] = s;
    let determinant = s0 * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s2 * s3) + s2 * (s1 * s3 - s2 * s2);
    let first = s0 * (t[1] * s4 - s3 * t[2]) - t[0] * (s1 * s4 - s2 * s3) + s2 * (s1 * t[2] - t[1] * s2);
    first / determinant / unit
}

/// The highest inner maximum, its place and height those of the parabola through it and its neighbours.
fn peak(x: &[f64], y: &[f64]) -> Option<Peak> {
    let inner = 1..x.len().checked_sub(1)?;
    let top = inner.filter(|i| y[*i] >= y[i - 1] && y[*i] >= y[i + 1]).max_by(|a, b| y[*a].total_cmp(&y[*b]))?;
    let (u, v) = (x[top - 1] - x[top], x[top + 1] - x[top]);
    let (p, q) = ((y[top - 1] - y[top]) / u, (y[top + 1] - y[top]) / v);
    let curvature = (q - p) / (v - u);
    let rise = p - curvature * u;
    let shift = if curvature < 0.0 { (-rise / (2.0 * curvature)).clamp(u, v) } else { 0.0 };
    Some(Peak { at: x[top] + shift, height: y[top] + rise * shift + curvature * shift * shift })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parabolas_are_exact_at_uneven_set_points() {
        let x = [0.9, 0.2, 0.35, 0.5, 0.55, 0.7, 0.8];
        let f = |r: f64| 0.3 - (r - 0.52).powi(2);
        let c = EnergyCurve::new(x.iter().map(|r| (*r, f(*r)))).unwrap();
        assert!(c.ratio.windows(2).all(|w| w[0] < w[1]));
        for (r, d) in c.ratio.iter().zip(&c.derivative) {
            assert!((d + 2.0 * (r - 0.52)).abs() < 1e-12, "{r}: {d}");
        }
        let p = c.peak().unwrap();
        assert!((p.at - 0.52).abs() < 1e-12 && (p.height - 0.3).abs() < 1e-12, "{p:?}");
        assert_eq!(c.steepest(), [None, None], "a straight derivative is steepest nowhere inside");
    }

    #[test]
    fn few_or_repeated_set_points() {
        let twice = [0.1, 0.1, 0.2, 0.3, 0.4, 0.5];
        let c = EnergyCurve::new(twice.iter().enumerate().map(|(i, r)| (*r, i as f64))).unwrap();
        assert_eq!((c.ratio.len(), c.energy[0]), (5, 0.5));
        assert!(EnergyCurve::new([0.1, 0.2, 0.3, 0.4, 0.4].map(|r| (r, 1.0))).is_none());
        assert!(EnergyCurve::new([(f64::NAN, 1.0); 9]).is_none());
    }
}
