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
    let about = |value: f64, v: Vec<f64>, bias: f64| {
        let n = v.len() as f64;
        let half = 1.96 * crate::num::sum::moments(&v).std * (n / (n - 1.0).max(1.0)).sqrt();
        let half = libm::hypot(half, bias);
        [value - half, value + half]
    };
    // A time between two of the grid is made of both; over all places that widens it by a sixth of the squared step, and its
    // wings, which fix the area, grow by half of that.
    let grid = p.grid.step.powi(2) / 12.0;
    let of_peak = |k: &Peak| {
        let again = |x: &[f64]| peak(&x[..n], p, k.rows.clone());
        let tau = about(libm::log(k.tau), of(&|x| again(x).map_or(f64::NAN, |k| libm::log(k.tau))), 0.0);
        let area = about(k.area, of(&|x| again(x).map_or(f64::NAN, |k| k.area)), grid * k.area);
        [tau.map(libm::exp), area]
    };
    let extras = (n..s.x.len()).map(|i| about(s.x[i], of(&|x| x[i]), 0.0)).collect();
    Some(Bands { f, peaks: peaks.iter().map(of_peak).collect(), extras })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relax::times::peaks::peaks;
    use crate::relax::times::{Grid, Rule, solve};

    /// How often τ₁, τ₂, c₁, c₂ lie in their intervals, and of how many spectra with two peaks.
    fn coverage(truth: [(f64, f64); 2], width: f64, grid: usize, sets: u64) -> ([usize; 4], usize) {
        let omega: Vec<f64> = (0..80).map(|i| libm::exp10(-4.0 + 0.1 * f64::from(i))).collect();
        let debye = |w: f64, t: f64| w * t / (1.0 + w * w * t * t);
        // Log-normal in τ, 13 times a peak; one where it has no width.
        let process = |w: f64, t: f64| {
            if width == 0.0 {
                return debye(w, t);
            }
            let g = |k: i32| libm::exp(-0.5 * (f64::from(k) * 0.5).powi(2));
            let total: f64 = (-8..=8).map(g).sum();
            (-8..=8).map(|k| g(k) * debye(w, t * libm::exp(width * 0.5 * f64::from(k)))).sum::<f64>() / total
        };
        let (mut held, mut of) = ([0; 4], 0);
        for seed in 0..sets {
            let mut r = Random::named("bands", seed);
            let clean = |w: f64| truth.iter().map(|(t, c)| c * process(w, *t)).sum::<f64>();
            let loss: Vec<f64> = omega.iter().map(|w| clean(*w) * (1.0 + 0.01 * r.normal())).collect();
            let p = Problem::of_frequency(Grid::new(1e-4, 1e4, grid), &omega, &[], &loss, loss.clone());
            let normal = Normal::of(&p);
            let s = solve(&p, &normal, Rule::Evidence).unwrap();
            let found = peaks(&s, &p);
            if found.len() != 2 {
                continue;
            }
            let b = bands(&s, &p, &normal, &found, 60, &format!("{seed}")).unwrap();
            of += 1;
            if seed < 60 {
                let q = |k: usize| (found[k].tau / truth[k].0, (b.peaks[k][0][1] / b.peaks[k][0][0]).ln() / 3.92, found[k].area / truth[k].1, (b.peaks[k][1][1] - b.peaks[k][1][0]) / 3.92 / truth[k].1);
                for k in 0..2 { let v = q(k); eprintln!("Q {grid} {width} {k} {} {} {} {} {}", v.0, v.1, v.2, v.3, found[k].width); }
            }
            for (k, (ends, (t, c))) in b.peaks.iter().zip(truth).enumerate() {
                held[k] += usize::from(ends[0][0] <= t && t <= ends[0][1]);
                held[2 + k] += usize::from(ends[1][0] <= c && c <= ends[1][1]);
            }
        }
        (held, of)
    }

    #[test]
    fn explore() {
        for (truth, width, grid) in [
            ([(0.03, 1.0), (20.0, 2.5)], 0.0, 80),
            ([(0.0371, 1.0), (7.3, 1.0)], 0.0, 80),
            ([(0.0371, 1.0), (7.3, 1.0)], 0.0, 160),
            ([(0.1, 3.0), (11.0, 1.0)], 0.0, 160),
            ([(0.1, 3.0), (11.0, 1.0)], 0.0, 80),
            ([(0.03, 1.0), (20.0, 2.5)], 0.0, 160),
            ([(0.03, 1.0), (20.0, 2.5)], 0.5, 80),
            ([(0.03, 1.0), (20.0, 2.5)], 1.0, 80),
        ] {
            eprintln!("{truth:?} {width} {grid}: {:?}", coverage(truth, width, grid, 60));
        }
    }
}
