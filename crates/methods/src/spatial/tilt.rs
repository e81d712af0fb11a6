//! A slope through a whole map: a sample that lies askew, or a drift, which no levelling took off.

use ndarray::Array2;

use crate::num::sum::mean;

/// A plane through a map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tilt {
    /// Share of the variance that the plane holds, 0 to 1.
    pub share: f64,
    /// Share that the best step between two levels across the same direction holds.
    pub of_step: f64,
}

/// Share of the variance from which on a plane is more than the sample.
const MOST: f64 = 0.5;
/// Stretches across a map between which a step is sought.
const BINS: usize = 64;

impl Tilt {
    /// Of the valid pixels of a map; `None` where there is no variance, or a side is one pixel.
    pub fn of(values: &Array2<f64>) -> Option<Tilt> {
        let (ny, nx) = values.dim();
        let points: Vec<[f64; 3]> = values
            .indexed_iter()
            .filter(|(_, v)| v.is_finite())
            .map(|((y, x), v)| [x as f64 / nx as f64, y as f64 / ny as f64, *v])
            .collect();
        let column = |k: usize| points.iter().map(|p| p[k]).collect::<Vec<f64>>();
        let [x, y, v] = [column(0), column(1), column(2)];
        let (mx, my, mv) = (mean(&x), mean(&y), mean(&v));
        let variance: f64 = v.iter().map(|v| (v - mv) * (v - mv)).sum();
        let (mut xx, mut xy, mut yy, mut xv, mut yv) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for p in &points {
            let (a, b, c) = (p[0] - mx, p[1] - my, p[2] - mv);
            (xx, xy, yy, xv, yv) = (xx + a * a, xy + a * b, yy + b * b, xv + a * c, yv + b * c);
        }
        let determinant = xx * yy - xy * xy;
        if !(variance > 0.0 && determinant > 0.0) {
            return None;
        }
        let slope = [(yy * xv - xy * yv) / determinant, (xx * yv - xy * xv) / determinant];
        let share = (slope[0] * xv + slope[1] * yv) / variance;
        // Sums over stretches along the slope: between any two of them may be a step.
        let along = |p: &[f64; 3]| slope[0] * (p[0] - mx) + slope[1] * (p[1] - my);
        let reach = points.iter().map(|p| along(p).abs()).fold(0.0, f64::max);
        if !(reach > 0.0) {
            return Some(Tilt { share: 0.0, of_step: 0.0 });
        }
        let mut bins = vec![[0.0; 2]; BINS];
        for p in &points {
            let k = (((along(p) / reach + 1.0) * 0.5 * BINS as f64) as usize).min(BINS - 1);
            bins[k] = [bins[k][0] + 1.0, bins[k][1] + p[2] - mv];
        }
        let all = points.len() as f64;
        let (mut n, mut sum, mut best) = (0.0, 0.0, 0.0f64);
        for b in &bins {
            (n, sum) = (n + b[0], sum + b[1]);
            // Between levels of −sum/(N − n) and sum/n.
            if n > 0.0 && n < all {
                best = best.max(sum * sum * (1.0 / n + 1.0 / (all - n)));
            }
        }
        Some(Tilt { share, of_step: best / variance })
    }

    /// Whether the slope outweighs the sample, and is no boundary between two parts of it.
    pub fn is_tilt(&self) -> bool {
        self.share > MOST && self.share > self.of_step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::spatial::covariance::Covariance;
    use crate::spatial::field::Simulator;

    /// A plane of four times the variance of a rough field is a tilt, whatever its direction; the field alone is none, nor is
    /// a boundary between two phases four standard deviations apart.
    #[test]
    fn a_slope_is_told_from_a_boundary() {
        let c = Covariance { sigma: 1.0, xi: 12.0, alpha: 0.5, noise: 0.0 };
        let simulator = Simulator::new([128, 128], [1.0, 1.0], &c);
        for i in 0..4u64 {
            for z in simulator.pair(&mut Random::named("tilt", i)) {
                let (sine, cosine) = (libm::sin(i as f64), libm::cos(i as f64));
                let along = |(y, x): (usize, usize)| (cosine * (x as f64 - 63.5) + sine * (y as f64 - 63.5)) / 128.0;
                let with = |f: &dyn Fn(f64) -> f64| Array2::from_shape_fn(z.dim(), |p| z[p] + f(along(p)));
                let tilted = Tilt::of(&with(&|u| 7.0 * u)).unwrap();
                assert!(tilted.is_tilt(), "{tilted:?}");
                assert!(!Tilt::of(&z).unwrap().is_tilt());
                let boundary = Tilt::of(&with(&|u| if u > 0.05 { 4.0 } else { 0.0 })).unwrap();
                assert!(boundary.share > 0.4 && !boundary.is_tilt(), "{boundary:?}");
            }
        }
        assert!(Tilt::of(&Array2::zeros((8, 8))).is_none());
    }
}
