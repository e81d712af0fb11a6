//! Bands of a spectrum and intervals of its peaks: fresh noise on the fitted data, the same strength, solved again.

use super::kernel::Problem;
use super::nnls::Factor;
use super::peaks::{Peak, peak};
use super::strength::{Normal, Smooth};
use crate::num::parallel::ordered;
use crate::num::quantile::quantile;
use crate::num::random::Stream;

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
pub fn bands(
    s: &Smooth,
    p: &Problem,
    normal: &Normal,
    peaks: &[Peak],
    resamples: usize,
    stream: &Stream,
) -> Option<Bands> {
    let clean = p.predict(&s.x);
    let noise = s.noise(p);
    let made: Vec<Vec<f64>> = ordered(resamples, |i| {
        let mut r = stream.replicate(i);
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
    let column =
        |get: &dyn Fn(&[f64]) -> f64| -> Vec<f64> { made.iter().map(|x| get(x)).filter(|v| v.is_finite()).collect() };
    let ends = |mut v: Vec<f64>| [quantile(&mut v, 0.025), quantile(&mut v, 0.975)];
    let f = (0..n).map(|i| ends(column(&|x| x[i]))).collect();
    // Deviations about the estimate: what the penalty takes from a peak it takes from the replicates again.
    let about = |value: f64, v: Vec<f64>| {
        let n = v.len() as f64;
        let half = 1.96 * crate::num::sum::moments(&v).std * (n / (n - 1.0).max(1.0)).sqrt();
        [value - half, value + half]
    };
    let of_peak = |k: &Peak| {
        let again = |x: &[f64]| peak(&x[..n], p, k.rows.clone());
        let tau = about(libm::log(k.tau), column(&|x| again(x).map_or(f64::NAN, |k| libm::log(k.tau))));
        let area = about(k.area, column(&|x| again(x).map_or(f64::NAN, |k| k.area)));
        [tau.map(libm::exp), area]
    };
    let extras = (n..s.x.len()).map(|i| about(s.x[i], column(&|x| x[i]))).collect();
    Some(Bands { f, peaks: peaks.iter().map(of_peak).collect(), extras })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::relax::times::peaks::peaks;
    use crate::relax::times::{Grid, Rule, solve};

    #[test]
    fn bands_hold_a_broad_spectrum() {
        // A log-normal peak of one e-fold at 1 % noise: over two standard deviations to both sides the band holds the truth at
        // 80 % of all places at least. Smoothness is assumed, not seen, and takes from the nominal 95 %.
        let omega: Vec<f64> = (0..80).map(|i| libm::exp10(-4.0 + 0.1 * f64::from(i))).collect();
        let density = |x: f64| libm::exp(-0.5 * x * x) / libm::sqrt(std::f64::consts::TAU);
        let debye = |w: f64, t: f64| w * t / (1.0 + w * w * t * t);
        let clean = |w: f64| {
            (-60..=60).map(|k| f64::from(k) * 0.1).map(|x| 0.1 * density(x) * debye(w, libm::exp(x))).sum::<f64>()
        };
        let (mut held, mut of) = (0, 0);
        for seed in 0..40 {
            let mut r = Random::named("bands", seed);
            let loss: Vec<f64> = omega.iter().map(|w| clean(*w) * (1.0 + 0.01 * r.normal())).collect();
            let p = Problem::of_frequency(Grid::new(1e-4, 1e4, 81), &omega, &[], &loss, loss.clone());
            let normal = Normal::of(&p);
            let s = solve(&p, &normal, Rule::Evidence).unwrap();
            let found = peaks(&s, &p);
            let b = bands(&s, &p, &normal, &found, 60, &Stream::named(&format!("{seed}"))).unwrap();
            for (tau, [low, high]) in p.grid.tau.iter().zip(&b.f) {
                let x = libm::log(*tau);
                if x.abs() <= 2.0 {
                    of += 1;
                    held += usize::from((*low..=*high).contains(&density(x)));
                }
            }
        }
        let share = f64::from(held as u32) / f64::from(of as u32);
        assert!((0.8..=1.0).contains(&share), "{share}");
    }
}
