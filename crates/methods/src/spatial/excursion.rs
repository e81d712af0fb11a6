//! Sets as what a Gaussian field leaves above a level: from how often two voxels are both in the set follows the covariance
//! of the field, and from that featureless sets in the likeness of the one at hand (METHODS §13).

use ndarray::Array3;

use super::correlogram::Correlogram;
use super::covariance::CovarianceFit;
use super::field::VolumeSimulator;
use super::structure_function::Curve;
use crate::num::normal::quantile;
use crate::num::parallel::ordered;
use crate::num::random::Stream;
use crate::num::work::{Cancelled, Work};

/// A set that no field is like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no surrogates can be made: {0}; `surrogates = 0` does without")]
pub struct ExcursionError(pub String);

/// Chance that two standard normal numbers of correlation sin `angle` both exceed `level`.
///
/// Q(t)² + (1/2π) ∫₀^θ exp[−t²/(1 + sin φ)] dφ (Plackett, Biometrika 41, 1954), by Gauss–Legendre quadrature.
fn both_above(level: f64, angle: f64) -> f64 {
    // Nodes and weights of ten points on (0, 1): Abramowitz & Stegun, table 25.4.
    const NODES: [(f64, f64); 5] = [
        (0.148_874_338_981_631_21, 0.295_524_224_714_752_87),
        (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
        (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
        (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
        (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
    ];
    let single = 0.5 * libm::erfc(level / std::f64::consts::SQRT_2);
    // In pieces: towards θ = −π/2 the integrand falls to nothing within a small part.
    const PIECES: usize = 8;
    let step = angle / PIECES as f64;
    let f = |phi: f64| {
        let one = 1.0 + libm::sin(phi);
        if one > 0.0 { libm::exp(-level * level / one) } else { 0.0 }
    };
    let mut integral = 0.0;
    for k in 0..PIECES {
        let (middle, half) = ((k as f64 + 0.5) * step, 0.5 * step);
        for (x, w) in NODES {
            integral += half * w * (f(middle - half * x) + f(middle + half * x));
        }
    }
    single * single + integral / std::f64::consts::TAU
}

/// The correlation at which two numbers both exceed `level` with chance `both`, in [−1, 1].
pub fn correlation(level: f64, both: f64) -> f64 {
    let (mut low, mut high) = (-std::f64::consts::FRAC_PI_2, std::f64::consts::FRAC_PI_2);
    let mut angle = 0.0;
    // Newton's steps, halved where they leave what is known to hold the angle.
    for _ in 0..60 {
        let miss = both_above(level, angle) - both;
        if miss < 0.0 {
            low = angle
        } else {
            high = angle
        }
        let slope = libm::exp(-level * level / (1.0 + libm::sin(angle))) / std::f64::consts::TAU;
        let next = angle - miss / slope;
        let next = if next > low && next < high { next } else { 0.5 * (low + high) };
        if (next - angle).abs() < 1e-15 {
            break;
        }
        angle = next;
    }
    libm::sin(angle)
}

/// Makes featureless sets of the fraction and the covariance of another.
pub struct SetSurrogates {
    shape: [usize; 3],
    voxel: [f64; 3],
    fraction: f64,
    /// Distance up to which the covariance is fitted, m.
    near: f64,
    correlogram: Correlogram,
    /// What the correlogram may be as well, each for an equal share of the sets.
    simulators: Vec<VolumeSimulator>,
    /// Which voxels are valid, where not all are.
    valid: Option<Array3<bool>>,
    /// How the covariance of the field follows from the set.
    pub fitted: CovarianceFit,
}

/// Correlograms that a set may have come from.
const DRAWS: usize = 20;
/// Correlation that counts as none.
const NEGLIGIBLE: f64 = 0.01;

/// H of the field behind a set of that fraction. `curves`: for each axis, how often two voxels so many steps apart differ,
/// from one step on.
fn curve_of_field(fraction: f64, voxel: [f64; 3], curves: &[Vec<f64>; 3]) -> Curve {
    let level = -quantile(fraction);
    let points = curves.iter().zip(voxel).flat_map(|(curve, step)| {
        curve.iter().enumerate().map(move |(k, differ)| [(k + 1) as f64 * step, *differ, 1.0])
    });
    let mut curve = Curve::pooled(points);
    curve.h.iter_mut().for_each(|h| *h = 2.0 * (1.0 - correlation(level, fraction - 0.5 * *h)));
    curve
}

fn simulator(shape: [usize; 3], voxel: [f64; 3], c: &Correlogram) -> VolumeSimulator {
    // What is farther than half a side is no part of boxes and regions that are compared.
    let half = (0..3).filter(|k| shape[*k] > 1).map(|k| 0.5 * shape[k] as f64 * voxel[k]).fold(f64::INFINITY, f64::min);
    VolumeSimulator::of_distance(shape, voxel, c.reach(NEGLIGIBLE).min(half), |r| c.at(r))
}

impl SetSurrogates {
    /// For a set of that fraction in a volume of that shape. `curves`: for each axis, how often two voxels so many steps
    /// apart differ, from one step on. A surrogate has at most `side` voxels along an axis.
    ///
    /// # Errors
    /// [`ExcursionError`] where the set is not to be described so.
    pub fn new(
        fraction: f64,
        shape: [usize; 3],
        voxel: [f64; 3],
        curves: &[Vec<f64>; 3],
        side: usize,
    ) -> Result<SetSurrogates, ExcursionError> {
        let curve = curve_of_field(fraction, voxel, curves);
        let fail = |e: &dyn std::fmt::Display| ExcursionError(e.to_string());
        let sides = (0..3).filter(|k| shape[*k] > 1).map(|k| shape[k] as f64 * voxel[k]);
        let r_max = sides.fold(f64::INFINITY, f64::min) / 4.0;
        let first = Correlogram::fit(&curve, r_max).map_err(|e| fail(&e))?;
        // Shapes are made by what happens within a few correlation lengths: the fit looks there.
        let step = voxel.iter().copied().fold(0.0, f64::max);
        let near = (3.0 * first.reach(0.05)).max(8.0 * step).min(r_max);
        let correlogram = Correlogram::fit(&curve, near).unwrap_or(first);
        let shape = shape.map(|n| n.min(side));
        let simulators = vec![simulator(shape, voxel, &correlogram)];
        let fitted = correlogram.as_covariance(&curve, near);
        Ok(SetSurrogates { shape, voxel, fraction, near, correlogram, simulators, valid: None, fitted })
    }

    /// The same, of correlograms that differ as those of sets of one correlogram do. `differ` says of such a set – a field of
    /// numbers and its threshold – for each axis how often two voxels so many steps apart differ, up to so many steps.
    ///
    /// # Errors
    /// [`Cancelled`] if the user ended the work.
    pub fn with_errors(
        self,
        stream: &Stream,
        work: &Work<'_>,
        differ: impl Fn(&Array3<f64>, f64, [usize; 3]) -> [Vec<f64>; 3] + Sync + Send,
    ) -> Result<SetSurrogates, Cancelled> {
        let steps = [0, 1, 2].map(|k| ((self.near / self.voxel[k]) as usize).min(self.shape[k].saturating_sub(1)));
        let read = |z: &Array3<f64>, threshold: f64| {
            let curve = curve_of_field(self.fraction, self.voxel, &differ(z, threshold, steps));
            self.correlogram.refit(&curve, self.near).ok()
        };
        let read = self.each(DRAWS, &stream.role("covariance"), work, read)?;
        let drawn: Vec<Correlogram> = read.iter().flatten().map(|c| self.correlogram.mirrored(c)).collect();
        if drawn.is_empty() {
            return Ok(self);
        }
        let simulators = ordered(drawn.len(), |i| simulator(self.shape, self.voxel, &drawn[i]));
        Ok(SetSurrogates { simulators, ..self })
    }

    /// With voxels that are invalid, as in the set at hand; `valid` has the shape of a surrogate.
    pub fn masked(self, valid: Array3<bool>) -> SetSurrogates {
        SetSurrogates { valid: Some(valid), ..self }
    }

    /// Voxels of a surrogate.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Applies `f` to each of `n` surrogates, in order: fields of numbers, and the threshold at and above which voxels
    /// belong to the set.
    ///
    /// # Errors
    /// [`Cancelled`] if the user ended the work.
    pub fn each<T: Send>(
        &self,
        n: usize,
        stream: &Stream,
        work: &Work<'_>,
        f: impl Fn(&Array3<f64>, f64) -> T + Sync + Send,
    ) -> Result<Vec<T>, Cancelled> {
        let stream = stream.role("surrogate");
        let pairs = ordered(n.div_ceil(2), |i| {
            work.go_on()?;
            let fields = self.simulators[i % self.simulators.len()].pair(&mut stream.replicate(i));
            Ok(fields.map(|mut z| {
                if let Some(valid) = &self.valid {
                    z.zip_mut_with(valid, |v, there| *v = if *there { *v } else { f64::NAN });
                }
                let mut all: Vec<f64> = z.iter().copied().filter(|v| !v.is_nan()).collect();
                let count = ((self.fraction * all.len() as f64).round() as usize).clamp(1, all.len());
                let (_, least, _) = all.select_nth_unstable_by(count - 1, |a, b| b.total_cmp(a));
                f(&z, *least)
            }))
        });
        let pairs: Result<Vec<[T; 2]>, Cancelled> = pairs.into_iter().collect();
        Ok(pairs?.into_iter().flatten().take(n).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers_above_a_level() {
        // At zero: 1/4 + asin(ρ)/2π. Without correlation: the square. With all of it: the chance of one; with none of it
        // left: max(0, 1 − 2Φ(t)).
        let q = |t: f64| 0.5 * libm::erfc(t / std::f64::consts::SQRT_2);
        for rho in [-0.9, -0.3, 0.2, 0.7, 0.99] {
            let angle = libm::asin(rho);
            assert!((both_above(0.0, angle) - 0.25 - angle / std::f64::consts::TAU).abs() < 1e-14);
            for level in [-1.0, 0.4, 1.6] {
                let both = both_above(level, angle);
                // A chance that is a difference of larger ones by 1e-17 says less of the correlation.
                let sure = if both > 1e-6 { 1e-9 } else { 0.1 };
                assert!((correlation(level, both) - rho).abs() < sure, "{rho} {level} {both:e}");
            }
        }
        for level in [-1.3, 0.0, 0.8, 2.0] {
            assert!((both_above(level, 0.0) - q(level) * q(level)).abs() < 1e-15);
            assert!((both_above(level, std::f64::consts::FRAC_PI_2) - q(level)).abs() < 1e-9, "{level}");
            let none = (1.0 - 2.0 * q(-level)).max(0.0);
            assert!((both_above(level, -std::f64::consts::FRAC_PI_2) - none).abs() < 1e-6, "{level}");
        }
    }
}
