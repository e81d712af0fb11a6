//! Tables of peaks and of the curve they were found in.

use crate::relax::loss::LossCurve;
use crate::relax::peaks::{BetaClass, Peak, Peaks};
use crate::stage::tables::{LossNormalised, LossPeaks, Moduli};

/// One row a frequency; `found` are the peaks of each curve.
pub(super) fn peaks<E>(curves: &[LossCurve], found: &[Result<Peaks, E>]) -> LossPeaks {
    let all = || found.iter().map(|p| p.as_ref().ok());
    let column = |f: &dyn Fn(&Peaks) -> f64| all().map(|p| p.map_or(f64::NAN, f)).collect::<Vec<f64>>();
    let peak = |which: fn(&Peaks) -> Option<Peak>, f: fn(Peak) -> f64| column(&|p| which(p).map_or(f64::NAN, f));
    let beta = |f: fn(Peak) -> f64| peak(Peaks::beta_peak, f);
    let fast = |f: fn(Peak) -> f64| peak(|p| p.beta_prime, f);
    LossPeaks {
        frequency: curves.iter().map(|c| c.frequency).collect(),
        t_alpha: column(&|p| p.alpha.temperature),
        t_alpha_error: column(&|p| p.alpha.error),
        e_loss_max: column(&|p| p.alpha.height),
        t_beta: beta(|b| b.temperature),
        t_beta_error: beta(|b| b.error),
        t_beta_displacement: column(&|p| p.beta.as_ref().map_or(f64::NAN, |b| b.displacement)),
        beta_height: beta(|b| b.height),
        beta_intensity: column(&|p| p.beta.as_ref().map_or(f64::NAN, |b| b.intensity)),
        beta_class: all().map(|p| p.and_then(Peaks::class).map_or("", BetaClass::name).to_string()).collect(),
        t_beta_prime: fast(|b| b.temperature),
        t_beta_prime_error: fast(|b| b.error),
        beta_prime_height: fast(|b| b.height),
        units: Vec::new(),
    }
}

/// The α flank, Pa; NaN where there is none.
fn flank(curve: &LossCurve, p: &Peaks) -> Vec<f64> {
    p.beta.as_ref().map_or_else(|_| vec![f64::NAN; curve.loss.len()], |b| b.background.clone())
}

/// Over T_α and E″max.
pub(super) fn normalised(curve: &LossCurve, p: &Peaks) -> LossNormalised {
    let over = |v: &[f64], by: f64| v.iter().map(|v| v / by).collect::<Vec<_>>();
    LossNormalised {
        t_over_t_alpha: over(&curve.temperature, p.alpha.temperature),
        e_loss_over_max: over(&curve.loss, p.alpha.height),
        alpha_flank: over(&flank(curve, p), p.alpha.height),
        temperature: curve.temperature.clone(),
        units: Vec::new(),
    }
}

/// Against temperature.
pub(super) fn moduli(curve: &LossCurve, p: &Peaks) -> Moduli {
    let flank = flank(curve, p);
    let storage = if curve.storage.iter().any(|s| s.is_finite()) { curve.storage.clone() } else { Vec::new() };
    Moduli {
        temperature: curve.temperature.clone(),
        storage,
        loss: curve.loss.clone(),
        excess: curve.loss.iter().zip(&flank).map(|(l, f)| l - f).collect(),
        alpha_flank: flank,
        units: Vec::new(),
    }
}
