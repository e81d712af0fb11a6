//! Gaussian fields of a given covariance by circulant embedding (Dietrich & Newsam 1997, doi:10.1137/S1064827592240555).

use ndarray::{Array2, Array3};
use num_complex::Complex64;
use rayon::prelude::*;

use super::covariance::Covariance;
use crate::num::fft::{Plan, forward_2d, forward_3d, good_size};
use crate::num::random::Random;

/// Correlation below which a distance counts as independent when the torus is sized.
pub(super) const NEGLIGIBLE: f64 = 1e-4;

/// Makes fields of one covariance on one grid; the field is not periodic.
pub struct Simulator {
    shape: [usize; 2],
    noise: f64,
    /// √(eigenvalue / size) of the covariance on the torus.
    amplitude: Vec<f64>,
    rows: Plan,
    columns: Plan,
    /// Share of the variance in negative eigenvalues, which are set to zero.
    clipped: f64,
}

impl Simulator {
    /// For `shape` [rows, columns] pixels of `pixel` [row, column] metres.
    pub fn new(shape: [usize; 2], pixel: [f64; 2], covariance: &Covariance) -> Simulator {
        let at = |r: f64| covariance.correlated(r);
        let of_distance = Simulator::of_distance(shape, pixel, covariance.reach(NEGLIGIBLE), at);
        Simulator { noise: covariance.noise, ..of_distance }
    }

    /// For a covariance by distance in metres, which is nothing beyond `reach`.
    pub fn of_distance(shape: [usize; 2], pixel: [f64; 2], reach: f64, at: impl Fn(f64) -> f64) -> Simulator {
        let reach = [0, 1].map(|a| ((reach / pixel[a]).ceil() as usize).clamp(1, shape[a]));
        let of_lag = |dy: usize, dx: usize, _| {
            let (dy, dx) = (dy as f64 * pixel[0], dx as f64 * pixel[1]);
            at((dx * dx + dy * dy).sqrt())
        };
        Simulator::of_lags(shape, reach, of_lag)
    }

    /// For a covariance by lag in pixels, which is nothing beyond `reach`. `at` is asked for lags along rows and columns
    /// without their signs, and whether these differ.
    pub fn of_lags(shape: [usize; 2], reach: [usize; 2], at: impl Fn(usize, usize, bool) -> f64) -> Simulator {
        let size = [0, 1].map(|a| good_size(shape[a] + reach[a].max(1)));
        let (rows, columns) = (Plan::new(size[1]), Plan::new(size[0]));
        let mut torus: Vec<Complex64> = Vec::with_capacity(size[0] * size[1]);
        for y in 0..size[0] {
            let dy = y.min(size[0] - y);
            torus.extend((0..size[1]).map(|x| {
                let dx = x.min(size[1] - x);
                Complex64::new(at(dy, dx, (dy != y) != (dx != x)), 0.0)
            }));
        }
        forward_2d(&mut torus, &rows, &columns);
        let n = torus.len() as f64;
        let (mut negative, mut total) = (0.0, 0.0);
        let amplitude = torus
            .iter()
            .map(|v| {
                total += v.re.abs();
                if v.re < 0.0 {
                    negative -= v.re;
                    0.0
                } else {
                    (v.re / n).sqrt()
                }
            })
            .collect();
        let clipped = if total > 0.0 { negative / total } else { 0.0 };
        Simulator { shape, noise: 0.0, amplitude, rows, columns, clipped }
    }

    /// Share of the variance lost to negative eigenvalues of the embedding; 0 means that the covariance is exact.
    pub fn clipped(&self) -> f64 {
        self.clipped
    }

    /// Two independent fields of zero mean.
    pub fn pair(&self, random: &mut Random) -> [Array2<f64>; 2] {
        let mut torus: Vec<Complex64> =
            self.amplitude.iter().map(|a| Complex64::new(a * random.normal(), a * random.normal())).collect();
        forward_2d(&mut torus, &self.rows, &self.columns);
        let across = self.rows.len();
        let mut cut = |part: fn(&Complex64) -> f64| {
            Array2::from_shape_fn((self.shape[0], self.shape[1]), |(y, x)| {
                let v = part(&torus[y * across + x]);
                if self.noise > 0.0 { v + self.noise * random.normal() } else { v }
            })
        };
        [cut(|v| v.re), cut(|v| v.im)]
    }
}

/// Makes volumes of one covariance, the same in every direction.
pub struct VolumeSimulator {
    shape: [usize; 3],
    size: [usize; 3],
    noise: f64,
    amplitude: Vec<f64>,
    plans: [Plan; 3],
}

impl VolumeSimulator {
    /// For `shape` `[z, y, x]` voxels of `voxel` metres.
    pub fn new(shape: [usize; 3], voxel: [f64; 3], covariance: &Covariance) -> VolumeSimulator {
        let at = |r: f64| covariance.correlated(r);
        let of_distance = VolumeSimulator::of_distance(shape, voxel, covariance.reach(NEGLIGIBLE), at);
        VolumeSimulator { noise: covariance.noise, ..of_distance }
    }

    /// For a covariance by distance in metres, which is nothing beyond `reach`.
    pub fn of_distance(
        shape: [usize; 3],
        voxel: [f64; 3],
        reach: f64,
        at: impl Fn(f64) -> f64 + Sync,
    ) -> VolumeSimulator {
        let axes = [0, 1, 2];
        let size = axes.map(|a| match shape[a] {
            1 => 1,
            n => good_size(n + ((reach / voxel[a]).ceil() as usize).clamp(1, n)),
        });
        let plans = size.map(Plan::new);
        // An eighth of the torus has all distances there are.
        let part = size.map(|n| n / 2 + 1);
        let square = |a: usize, i: usize| (i as f64 * voxel[a]).powi(2);
        let squares: Vec<Vec<f64>> = axes.iter().map(|a| (0..part[*a]).map(|i| square(*a, i)).collect()).collect();
        let eighth: Vec<f64> = (0..part[0] * part[1])
            .into_par_iter()
            .flat_map_iter(|k| {
                let [zz, yy] = [squares[0][k / part[1]], squares[1][k % part[1]]];
                let at = &at;
                squares[2].iter().map(move |xx| at((zz + yy + xx).sqrt()))
            })
            .collect();
        let mut torus: Vec<Complex64> = (0..size[0] * size[1])
            .flat_map(|k| {
                let [z, y] = [k / size[1], k % size[1]];
                let row = (z.min(size[0] - z) * part[1] + y.min(size[1] - y)) * part[2];
                let eighth = &eighth;
                (0..size[2]).map(move |x| Complex64::new(eighth[row + x.min(size[2] - x)], 0.0))
            })
            .collect();
        forward_3d(&mut torus, [&plans[0], &plans[1], &plans[2]]);
        let n = torus.len() as f64;
        let amplitude = torus.iter().map(|v| (v.re.max(0.0) / n).sqrt()).collect();
        VolumeSimulator { shape, size, noise: 0.0, amplitude, plans }
    }

    /// Two independent fields of zero mean.
    pub fn pair(&self, random: &mut Random) -> [Array3<f64>; 2] {
        let mut torus: Vec<Complex64> =
            self.amplitude.iter().map(|a| Complex64::new(a * random.normal(), a * random.normal())).collect();
        forward_3d(&mut torus, [&self.plans[0], &self.plans[1], &self.plans[2]]);
        let [nz, ny, nx] = self.shape;
        let mut cut = |part: fn(&Complex64) -> f64| {
            Array3::from_shape_fn((nz, ny, nx), |(z, y, x)| {
                let v = part(&torus[(z * self.size[1] + y) * self.size[2] + x]);
                if self.noise > 0.0 { v + self.noise * random.normal() } else { v }
            })
        };
        [cut(|v| v.re), cut(|v| v.im)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::structure_function::{Request, structure_function};

    #[test]
    fn fields_have_the_covariance_asked_for() {
        // 40 fields; H at six lags against the model within five standard errors of the mean (false alarm < 1e-5).
        for (alpha, noise) in [(0.5, 0.0), (0.8, 0.3), (1.0, 0.0)] {
            let c = Covariance { sigma: 2.0, xi: 6e-9, alpha, noise };
            let sim = Simulator::new([96, 80], [1e-9, 2e-9], &c);
            assert!(sim.clipped() < 1e-3, "{}", sim.clipped());
            let request = Request { pixel: [1e-9, 2e-9], r_max: 20e-9, sectors: 0, plane: false };
            let mut curves: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
            for i in 0..20 {
                for z in sim.pair(&mut Random::named("field test", i)) {
                    let sf = structure_function(z.view(), &request).unwrap();
                    curves.push((sf.slow.h, sf.fast.h));
                }
            }
            let n = curves.len() as f64;
            for lag in [1usize, 2, 4, 8] {
                for (slow, r) in [(true, lag as f64 * 1e-9), (false, lag as f64 * 2e-9)] {
                    let h: Vec<f64> = curves.iter().map(|c| if slow { c.0[lag - 1] } else { c.1[lag - 1] }).collect();
                    let m = crate::num::sum::moments(&h);
                    let error = m.std / (n - 1.0).sqrt();
                    assert!(
                        (m.mean - c.structure(r)).abs() < 5.0 * error,
                        "α {alpha} lag {lag}: {} {}",
                        m.mean,
                        c.structure(r)
                    );
                }
            }
        }
    }
}
