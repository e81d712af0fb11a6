//! Do classes, places and heights come out as they were put in?

use super::*;
use crate::num::random::Random;

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
    LossCurve { frequency: 1.0, temperature: t, loss, noise, storage: vec![f64::NAN; 480], limit: f64::INFINITY }
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
    LossCurve { frequency: 1.0, temperature: t, loss, noise, storage: vec![f64::NAN; 800], limit: f64::INFINITY }
}

#[test]
fn a_fast_process_is_told_from_beta() {
    // 20 curves: T_β′ within four standard errors of 200 K, the height of 1 % of α within 15 % of itself, a tenth of
    // which is the constant that the curve does not begin with; with a β peak above, and with none.
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
