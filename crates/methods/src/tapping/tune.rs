//! Resonance and quality factor from a tune curve.

use crate::num::fit::{FitError, Parameter, least_squares};

/// A driven damped oscillator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resonance {
    /// ω₀/2π, Hz.
    pub frequency: f64,
    /// ω₀ over the full width of the power at half its maximum (METHODS §4).
    pub quality_factor: f64,
    /// Amplitude at resonance, in the unit of the curve.
    pub amplitude: f64,
    /// Coefficient of determination.
    pub r2: f64,
}

/// Points that a resonance needs.
const LEAST: usize = 8;

/// Fits amplitude against frequency (Hz), `A(f) = A₀ / √(Q² (1 − f²/f₀²)² + f²/f₀²)`.
///
/// # Errors
/// [`FitError`] if the curve has too few points, no maximum inside, or is no resonance.
pub fn resonance(frequency: &[f64], amplitude: &[f64]) -> Result<Resonance, FitError> {
    let mut points: Vec<(f64, f64)> =
        frequency.iter().copied().zip(amplitude.iter().copied()).filter(|(f, a)| *f > 0.0 && a.is_finite()).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let wrong = |what: String| Err(FitError(what));
    if points.len() < LEAST {
        return wrong(format!("a tune curve of {} points; {LEAST} are needed", points.len()));
    }
    let at = (0..points.len()).max_by(|a, b| points[*a].1.total_cmp(&points[*b].1)).unwrap_or(0);
    let (peak, top) = points[at];
    if at == 0 || at + 1 == points.len() || !(top > 0.0) {
        return wrong("the tune curve has no maximum inside; sweep across the resonance".into());
    }
    // Where the power falls to a half on either side, or as far as the curve goes.
    let half = top * std::f64::consts::FRAC_1_SQRT_2;
    let left = points[..at].iter().rev().find(|p| p.1 < half).map_or(points[0].0, |p| p.0);
    let right = points[at..].iter().find(|p| p.1 < half).map_or(points[points.len() - 1].0, |p| p.0);
    let width = (right - left).max(peak * 1e-9);
    let log_q = libm::log((peak / width).clamp(0.6, 1e8));
    let start = [
        Parameter::new(peak, points[0].0, points[points.len() - 1].0),
        Parameter::new(log_q, libm::log(0.5), libm::log(1e9)),
        Parameter::new(top, 0.0, 10.0 * top),
    ];
    let model = |p: &[f64], f: f64| {
        let (r2, q) = ((f / p[0]) * (f / p[0]), libm::exp(p[1]));
        p[2] / (q * q * (1.0 - r2) * (1.0 - r2) + r2).sqrt()
    };
    // Scaled, so that nanometres and volts meet the same stopping rules.
    let fit = least_squares(&start, points.len(), |p, out| {
        for (o, (f, a)) in out.iter_mut().zip(&points) {
            *o = (model(p, *f) - a) / top;
        }
    })?;
    let mean = crate::num::sum::mean(&points.iter().map(|p| p.1).collect::<Vec<_>>());
    let (mut rest, mut all) = (0.0, 0.0);
    for (f, a) in &points {
        rest += (model(&fit.parameters, *f) - a).powi(2);
        all += (a - mean).powi(2);
    }
    let r2 = 1.0 - rest / all;
    if !(r2 > 0.5) {
        return wrong(format!("the tune curve is no single resonance (R² = {r2:.2})"));
    }
    let [frequency, log_q, amplitude] = fit.parameters[..] else { return wrong("no parameters".into()) };
    Ok(Resonance { frequency, quality_factor: libm::exp(log_q), amplitude, r2 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(f0: f64, q: f64, n: usize) -> (Vec<f64>, Vec<f64>) {
        let f: Vec<f64> = (0..n).map(|i| f0 * (1.0 + (i as f64 / (n - 1) as f64 - 0.5) * 8.0 / q)).collect();
        let a = f
            .iter()
            .map(|f| {
                let r2 = (f / f0).powi(2);
                20e-9 / (q * q * (1.0 - r2).powi(2) + r2).sqrt()
            })
            .collect();
        (f, a)
    }

    #[test]
    fn an_exact_curve_gives_its_parameters_back() {
        for (f0, q) in [(300e3, 420.0), (70e3, 150.0), (1e3, 5.0)] {
            let (f, a) = curve(f0, q, 101);
            let r = resonance(&f, &a).unwrap();
            assert!((r.frequency / f0 - 1.0).abs() < 1e-6 && (r.quality_factor / q - 1.0).abs() < 1e-4, "{r:?}");
            assert!((r.amplitude / 20e-9 - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn what_is_no_resonance_is_said() {
        let (f, a) = curve(300e3, 420.0, 101);
        assert!(resonance(&f[..5], &a[..5]).is_err());
        assert!(resonance(&f[..50], &a[..50]).unwrap_err().0.contains("no maximum"));
        let flat: Vec<f64> = (0..101).map(|i| f64::from(i * 37 % 11)).collect();
        assert!(resonance(&f, &flat).is_err());
        assert!(resonance(&f, &vec![f64::NAN; 101]).is_err());
    }
}
