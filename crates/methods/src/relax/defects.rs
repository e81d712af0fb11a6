//! Quasi-point defects, flow units and the asymmetric double well (METHODS §11; S1 Eq. 4.1, 4.10, 4.11; S4).

use super::gather::Sweep;
use super::processes::{Bracket, NoFit};
use super::transient::Transient;
use crate::num::separable::Separable;
use crate::num::student::student;

/// χ at one temperature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// K.
    pub temperature: f64,
    /// χ = −d ln tan δ/d ln ω and its standard error: 0 of perfect order, 1 of none.
    pub chi: [f64; 2],
    /// Frequencies it rests on.
    pub n: usize,
}

/// χ of every isotherm with storage and loss: the slope of a least-squares line.
pub fn correlation(sweeps: &[Sweep]) -> Vec<Correlation> {
    sweeps
        .iter()
        .filter_map(|s| {
            let d = &s.isotherm;
            let x: Vec<f64> = d.omega.iter().map(|w| libm::log(*w)).collect();
            let y: Vec<f64> = d.loss.iter().zip(&d.storage).map(|(l, s)| libm::log(l / s)).collect();
            if y.len() < x.len() || x.len() < 3 {
                return None;
            }
            let columns = vec![vec![1.0; x.len()], x.clone()];
            let fit =
                Separable { data: &y, columns: |_: &[f64]| columns.clone(), bounds: &[] }.solve(&[Vec::new()]).ok()?;
            Some(Correlation { temperature: s.temperature, chi: [-fit.linear[1], fit.error(1)], n: x.len() })
        })
        .collect()
}

/// M(t) = M∞/(1 + c), c = [a/(t + b)]^β: flow units that heal.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowUnits {
    /// M∞, Pa.
    pub modulus: Bracket,
    /// a, s.
    pub a: Bracket,
    /// b, s.
    pub b: Bracket,
    /// β.
    pub beta: Bracket,
    /// c at the first and the last time.
    pub concentration: [f64; 2],
    /// Fitted moduli, Pa.
    pub curve: Vec<f64>,
    /// Relative residual.
    pub residual: f64,
}

/// Fits the healing of flow units to a modulus that grows with ageing time.
///
/// # Errors
/// [`NoFit`] where the points do not determine it.
pub fn flow_units(d: &Transient) -> Result<FlowUnits, NoFit> {
    let t = &d.time;
    let (first, last) = (t[0], t[t.len() - 1]);
    let share = |p: &[f64]| -> Vec<f64> {
        let (a, b) = (libm::exp(p[0]), libm::exp(p[1]));
        t.iter().map(|t| 1.0 / (1.0 + libm::pow(a / (t + b), p[2]))).collect()
    };
    let time = [libm::log(first * 1e-6), libm::log(last * 1e3)];
    let bounds = [time, time, [0.05, 3.0]];
    let data = d.weighted(&d.value);
    let s = Separable { data: &data, columns: |p: &[f64]| vec![d.weighted(&share(p))], bounds: &bounds };
    let middle = 0.5 * (libm::log(first) + libm::log(last));
    let starts: Vec<Vec<f64>> = [-6.0, -3.0, 0.0]
        .into_iter()
        .flat_map(|a| {
            [-2.0, 0.0, 2.0].into_iter().flat_map(move |b| [0.3, 0.8].map(|e| vec![middle + a, middle + b, e]))
        })
        .collect();
    let f = s.solve(&starts).map_err(|e| NoFit(e.to_string()))?;
    let q = student(f.freedom) * f.error(0);
    let profile = |k: usize| s.profile(&f, k);
    let (a, b) = (libm::exp(f.sought[0]), libm::exp(f.sought[1]));
    let at = |t: f64| libm::pow(a / (t + b), f.sought[2]);
    let n = t.len() as f64;
    Ok(FlowUnits {
        modulus: (f.linear[0], [f.linear[0] - q, f.linear[0] + q]),
        a: (a, profile(0).map(libm::exp)),
        b: (b, profile(1).map(libm::exp)),
        beta: (f.sought[2], profile(2)),
        concentration: [at(first), at(last)],
        curve: d.fitted(&f.rest),
        residual: (f.chi2 / n).sqrt() / f.linear[0],
    })
}

/// ln τ_β against ln G″max of states of ageing: −U/Δ of an asymmetric double well, where τ = τ₀ exp[(U + Δ/2)/kT]
/// sech(Δ/2kT) and G″max = G₀ sech²(Δ/2kT).
///
/// Returns the slope with its 95 % interval and R².
///
/// # Errors
/// [`NoFit`] of fewer than three states.
pub fn double_well(loss: &[f64], tau: &[f64]) -> Result<(Bracket, f64), NoFit> {
    if loss.len() < 3 {
        return Err(NoFit(format!("{} states; a slope with an interval needs at least 3", loss.len())));
    }
    let x: Vec<f64> = loss.iter().map(|v| libm::log(*v)).collect();
    let y: Vec<f64> = tau.iter().map(|v| libm::log(*v)).collect();
    let columns = vec![vec![1.0; x.len()], x];
    let s = Separable { data: &y, columns: |_: &[f64]| columns.clone(), bounds: &[] };
    let f = s.solve(&[Vec::new()]).map_err(|_| NoFit("all states have one peak height".into()))?;
    let half = student(f.freedom) * f.error(1);
    let spread = crate::num::sum::moments(&y).std.powi(2) * y.len() as f64;
    Ok(((f.linear[1], [f.linear[1] - half, f.linear[1] + half]), 1.0 - f.chi2 / spread))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::relax::measured::Isotherm;

    #[test]
    fn chi_of_a_power_law() {
        let omega: Vec<f64> = (0..9).map(|i| libm::exp10(-1.0 + 0.25 * f64::from(i))).collect();
        let storage = vec![30e9; 9];
        let loss = omega.iter().map(|w| 1e9 * libm::pow(*w, -0.38)).collect();
        let s = Sweep { temperature: 500.0, isotherm: Isotherm { omega, storage, loss } };
        let found = correlation(&[s]);
        assert!((found[0].chi[0] - 0.38).abs() < 1e-12 && found[0].n == 9);
    }

    #[test]
    fn flow_units_heal() {
        let time: Vec<f64> = (0..80).map(|i| libm::exp10(1.0 + 0.05 * f64::from(i))).collect();
        let mut r = Random::named("flow", 0);
        let value = time
            .iter()
            .map(|t| 35e9 / (1.0 + libm::pow(20.0 / (t + 300.0), 0.5)) * (1.0 + 1e-4 * r.normal()))
            .collect();
        let f = flow_units(&Transient::new(time, value)).unwrap();
        assert!(f.modulus.1[0] < 35e9 && 35e9 < f.modulus.1[1] && f.beta.1[0] < 0.5 && 0.5 < f.beta.1[1], "{f:?}");
        assert!(f.residual < 2e-4 && f.concentration[0] > f.concentration[1]);
    }

    #[test]
    fn the_slope_of_a_double_well() {
        // U/kT = 20, Δ/kT from 6 to 8: far from symmetric τ ~ e^{U/kT} and G″ ~ e^{−Δ/kT}·4, so ln τ hardly moves with Δ
        // unless U goes with it; with U = 2Δ the slope is −2 (METHODS: a ≈ 2).
        let states: Vec<f64> = (0..6).map(|i| 6.0 + 0.4 * f64::from(i)).collect();
        let sech = |x: f64| 1.0 / libm::cosh(x);
        let tau: Vec<f64> = states.iter().map(|d| 1e-13 * libm::exp(2.0 * d + d / 2.0) * sech(d / 2.0)).collect();
        let loss: Vec<f64> = states.iter().map(|d| 1e9 * sech(d / 2.0).powi(2)).collect();
        let (slope, r2) = double_well(&loss, &tau).unwrap();
        assert!((slope.0 + 2.0).abs() < 0.02 && r2 > 0.9999, "{slope:?}");
        assert!(double_well(&loss[..2], &tau[..2]).is_err());
    }
}
