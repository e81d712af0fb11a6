//! Count, mean, central moments and range.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::{Block, Reducer};
use crate::num::sum::sum;

/// Moments of all valid voxels.
pub struct Moments;

/// Of one plane: count, mean, sums of powers of deviations from it, range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    n: u64,
    mean: f64,
    powers: [f64; 3],
    min: f64,
    max: f64,
}

/// Of a volume, in its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Valid voxels.
    pub n: u64,
    /// Mean; NaN of none.
    pub mean: f64,
    /// Population standard deviation.
    pub std: f64,
    /// m₃/σ³; NaN of a constant.
    pub skewness: f64,
    /// m₄/σ⁴ − 3; NaN of a constant.
    pub kurtosis: f64,
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
}

impl Plane {
    /// Of a plane, row by row: a row stays near while it is gone through again.
    fn of(plane: ArrayView2<'_, f64>) -> Plane {
        let mut row: Vec<f64> = Vec::with_capacity(plane.ncols());
        let mut sums: Vec<f64> = Vec::with_capacity(plane.nrows());
        let (mut n, mut min, mut max) = (0, f64::INFINITY, f64::NEG_INFINITY);
        for line in plane.outer_iter() {
            row.clear();
            row.extend(line.iter().copied().filter(|v| !v.is_nan()));
            n += row.len() as u64;
            (min, max) = row.iter().fold((min, max), |(low, high), v| (low.min(*v), high.max(*v)));
            sums.push(sum(&row));
        }
        let mean = if n == 0 { 0.0 } else { sum(&sums) / n as f64 };
        let mut powers: [Vec<f64>; 3] = Default::default();
        for line in plane.outer_iter() {
            row.clear();
            row.extend(line.iter().copied().filter(|v| !v.is_nan()).map(|v| v - mean));
            let mut raised: Vec<f64> = row.iter().map(|d| d * d).collect();
            for power in &mut powers {
                power.push(sum(&raised));
                raised.iter_mut().zip(&row).for_each(|(r, d)| *r *= d);
            }
        }
        Plane { n, mean, powers: powers.map(|p| sum(&p)), min, max }
    }
}

impl Reducer for Moments {
    type Partial = Vec<Plane>;
    type Output = Summary;
    const ID: &'static str = "moments";

    fn empty(&self) -> Vec<Plane> {
        Vec::new()
    }

    fn map(&self, block: &Block<'_>) -> Vec<Plane> {
        block.own.clone().map(|z| Plane::of(block.plane(z))).collect()
    }

    fn merge(&self, mut left: Vec<Plane>, right: Vec<Plane>) -> Vec<Plane> {
        left.extend(right);
        left
    }

    fn finish(&self, total: Vec<Plane>) -> Summary {
        let over = |f: &dyn Fn(&Plane) -> f64| sum(&total.iter().map(f).collect::<Vec<_>>());
        let count: u64 = total.iter().map(|p| p.n).sum();
        let n = count as f64;
        let mean = over(&|p| p.n as f64 * p.mean) / n;
        let m2 = over(&|p| p.powers[0] + p.n as f64 * (p.mean - mean).powi(2)) / n;
        let m3 = over(&|p| {
            let d = p.mean - mean;
            p.powers[1] + 3.0 * d * p.powers[0] + p.n as f64 * d.powi(3)
        }) / n;
        let m4 = over(&|p| {
            let d = p.mean - mean;
            p.powers[2] + 4.0 * d * p.powers[1] + 6.0 * d * d * p.powers[0] + p.n as f64 * d.powi(4)
        }) / n;
        let std = m2.sqrt();
        Summary {
            n: count,
            mean,
            std,
            skewness: m3 / (std * m2),
            kurtosis: m4 / (m2 * m2) - 3.0,
            min: total.iter().map(|p| p.min).fold(f64::INFINITY, f64::min),
            max: total.iter().map(|p| p.max).fold(f64::NEG_INFINITY, f64::max),
        }
    }
}
