//! Bands of a spectrum and intervals of its peaks: fresh noise on the fitted data, the same strength, solved again.

use super::kernel::Problem;
use super::nnls::Factor;
use super::peaks::{Peak, peak};
use super::strength::{Normal, Smooth};
use crate::num::fft::ordered;
use crate::num::normal::Random;
use crate::num::quantile::quantile;

/// What resampling says.
#[derive(Clone, Debug)]
pub struct Bands {
    /// 95 % band of f at each time of the grid.
    pub f: Vec<[f64; 2]>,
    /// 95 % intervals of τ_m and c_m of each peak.
    pub peaks: Vec<[[f64; 2]; 2]>,
    /// 95 % intervals of the unknowns that are not smoothed.
    pub extras: Vec<[f64; 2]>,
}

/// Resamples a spectrum; `None` if most replicates cannot be solved.
pub fn bands(s: &Smooth, p: &Problem, normal: &Normal, peaks: &[Peak], resamples: usize, seed: &str) -> Option<Bands> {
    let clean = p.predict(&s.x);
    let noise = s.noise(p);
    let made: Vec<Vec<f64>> = ordered(resamples, |i| {
        let mut r = Random::named(seed, i as u64);
        let fresh = p.with_data(clean.iter().map(|v| v + noise * r.normal()).collect());
        let mut inside = s.inside.clone();
        let (x, _) = normal.with_data(&fresh).at(&fresh, s.strength, &mut inside, &mut Factor::default())?;
        Some(x)
    })
    .into_iter()
    .flatten()
    .collect();
    if made.len() * 2 < resamples {
        return None;
    }
    let n = p.grid.tau.len();
    let of =
        |get: &dyn Fn(&[f64]) -> f64| -> Vec<f64> { made.iter().map(|x| get(x)).filter(|v| v.is_finite()).collect() };
    let ends = |mut v: Vec<f64>| [quantile(&mut v, 0.025), quantile(&mut v, 0.975)];
    let f = (0..n).map(|i| ends(of(&|x| x[i]))).collect();
    // Deviations about the estimate: what the penalty takes from a peak it takes from the replicates again.
    let about = |value: f64, v: Vec<f64>| {
        let n = v.len() as f64;
        let half = 1.96 * crate::num::sum::moments(&v).std * (n / (n - 1.0).max(1.0)).sqrt();
        [value - half, value + half]
    };
    let of_peak = |k: &Peak| {
        let again = |x: &[f64]| peak(&x[..n], p, k.rows.clone());
        let tau = about(libm::log(k.tau), of(&|x| again(x).map_or(f64::NAN, |k| libm::log(k.tau))));
        let area = about(k.area, of(&|x| again(x).map_or(f64::NAN, |k| k.area)));
        [tau.map(libm::exp), area]
    };
    let extras = (n..s.x.len()).map(|i| about(s.x[i], of(&|x| x[i]))).collect();
    Some(Bands { f, peaks: peaks.iter().map(of_peak).collect(), extras })
}
