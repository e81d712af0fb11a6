//! Count, mean, central moments and range.

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
    /// Of numbers, in their order.
    pub(super) fn of(valid: &[f64]) -> Plane {
        let n = valid.len() as f64;
        let mean = if valid.is_empty() { 0.0 } else { sum(valid) / n };
        let mut deviations: Vec<f64> = valid.iter().map(|v| (v - mean) * (v - mean)).collect();
        let second = sum(&deviations);
        deviations.iter_mut().zip(valid).for_each(|(d, v)| *d *= v - mean);
        let third = sum(&deviations);
        deviations.iter_mut().zip(valid).for_each(|(d, v)| *d *= v - mean);
        let fourth = sum(&deviations);
        let (min, max) =
            valid.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
        Plane { n: valid.len() as u64, mean, powers: [second, third, fourth], min, max }
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
        let plane = |z: usize| {
            let valid: Vec<f64> = block.plane(z).iter().copied().filter(|v| !v.is_nan()).collect();
            Plane::of(&valid)
        };
        block.own.clone().map(plane).collect()
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
