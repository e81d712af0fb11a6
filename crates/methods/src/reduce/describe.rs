//! The values of a volume, whatever its size (METHODS §3, §10).

use super::ReduceError;
use super::block_means::BlockMeans;
use super::histogram::Histogram as Bins;
use super::likeness::{PartCovariance, part_covariance};
use super::passes::{Passes, VolumeError};
use crate::num::resample::GAUSS;
use crate::num::student::student;
use crate::num::sum::moments;
use crate::spatial::distribution::{Gaussian, Histogram, Summary, bins, gaussian};
use softspot_data::Volume;

/// Edge of the blocks unless given, m.
const BLOCK: f64 = 1e-6;
/// Blocks that their spread needs.
const BLOCKS: usize = 8;

/// Values of a volume.
pub struct VolumeDistribution {
    /// Moments and quantiles.
    pub summary: Summary,
    /// Valid voxels.
    pub valid: u64,
    /// Independent parts, where the covariance of the middle tells; else the voxels.
    pub independent: f64,
    /// The covariance of the middle; `None` where none fits.
    pub part: Option<PartCovariance>,
    /// Counts in equal bins; `None` where all values are equal.
    pub histogram: Option<Histogram>,
    /// The Gaussian through them.
    pub gaussian: Option<Gaussian>,
    /// Spread of the means over blocks.
    pub blocks: Result<BlockMeansSpread, NoBlocks>,
}

/// Standard deviation of the means over blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockMeansSpread {
    /// The standard deviation, in the unit of the volume.
    pub std: f64,
    /// 95 % interval: blocks are nearly independent.
    pub interval: [f64; 2],
    /// Blocks that are mostly valid.
    pub blocks: usize,
    /// Edges of a block along z, y and x, voxels.
    pub edges: [usize; 3],
}

/// Why means over blocks say nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoBlocks {
    /// The volume has no voxel size.
    NoVoxel,
    /// The voxels are as large as the blocks.
    Coarse,
    /// So few blocks of that edge, m, fit.
    Few(usize, f64),
    /// Too few blocks are mostly valid.
    Invalid,
}

impl std::fmt::Display for NoBlocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoBlocks::NoVoxel => f.write_str("the volume has no voxel size"),
            NoBlocks::Coarse => f.write_str("the voxels are as large as the blocks"),
            NoBlocks::Few(n, edge) => {
                write!(f, "{n} blocks of {edge:e} m fit into the volume, {BLOCKS} are needed; give a smaller `block`")
            }
            NoBlocks::Invalid => f.write_str("too few blocks are mostly valid"),
        }
    }
}

impl VolumeDistribution {
    /// Describes a volume; `block` is the edge of blocks, m, a micrometre unless given.
    ///
    /// # Errors
    /// [`VolumeError::Empty`] where no voxel is valid.
    pub fn of(volume: &Volume, block: Option<f64>, passes: &Passes<'_>) -> Result<VolumeDistribution, VolumeError> {
        let m = passes.moments(volume)?;
        let [p01, q1, median, q3, p99] = passes.quantiles(volume, m.n, [0.01, 0.25, 0.5, 0.75, 0.99])?;
        let summary = Summary {
            mean: m.mean,
            std: m.std,
            median,
            iqr: q3 - q1,
            p01,
            p99,
            skewness: m.skewness,
            kurtosis: m.kurtosis,
        };
        let part = part_covariance(volume, passes);
        let voxels = m.n as f64;
        let cell = volume.voxel.map_or(f64::NAN, |v| v.iter().product());
        let own = |p: &PartCovariance| (voxels * cell / p.covariance.correlation_volume()).clamp(1.0, voxels);
        let independent = part.as_ref().map_or(voxels, own);
        let histogram = match bins([m.min, q1, q3, m.max], m.n) {
            None => None,
            Some((width, count)) => {
                let counts = passes.run(volume, &Bins { low: m.min, width, bins: count }, "histogram")?;
                Some(Histogram { low: m.min, width, counts })
            }
        };
        Ok(VolumeDistribution {
            gaussian: histogram.as_ref().and_then(|h| gaussian(h, &summary)),
            summary,
            valid: m.n,
            independent,
            part,
            histogram,
            blocks: block_means(volume, block.unwrap_or(BLOCK), passes)?,
        })
    }

    /// Half of the 95 % interval of the mean, of a Gaussian field of so many independent parts.
    pub fn half_of_mean(&self) -> f64 {
        GAUSS * self.summary.std / self.independent.sqrt()
    }

    /// Half of the 95 % interval of the logarithm of a spread: the squared correlation falls off faster. `None` where the
    /// covariance is not known.
    pub fn half_of_log_spread(&self) -> Option<f64> {
        let alpha = self.part.as_ref()?.covariance.alpha;
        Some(GAUSS / (2.0 * self.independent * libm::exp2(1.5 / alpha)).sqrt())
    }
}

/// Standard deviation of the means over blocks of that edge, m.
fn block_means(
    volume: &Volume,
    edge: f64,
    passes: &Passes<'_>,
) -> Result<Result<BlockMeansSpread, NoBlocks>, ReduceError> {
    let Some(voxel) = volume.voxel else { return Ok(Err(NoBlocks::NoVoxel)) };
    let edges = [0, 1, 2].map(|k| ((edge / voxel[k]).round() as usize).max(1));
    let whole: usize = (0..3).map(|k| volume.shape[k] / edges[k]).product();
    if edges == [1; 3] {
        return Ok(Err(NoBlocks::Coarse));
    }
    if whole < BLOCKS {
        return Ok(Err(NoBlocks::Few(whole, edge)));
    }
    let means = passes.run(volume, &BlockMeans { edges, shape: volume.shape }, "blocks")?;
    if means.len() < BLOCKS {
        return Ok(Err(NoBlocks::Invalid));
    }
    let (n, std) = (means.len() as f64, moments(&means).std);
    // The spread of a standard deviation of Gaussian numbers.
    let half = student(n - 1.0) / (2.0 * (n - 1.0)).sqrt();
    let interval = [std * libm::exp(-half), std * libm::exp(half)];
    Ok(Ok(BlockMeansSpread { std, interval, blocks: means.len(), edges }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use ndarray::Array3;
    use softspot_data::unit::Unit;

    /// White noise of σ = 1: the volume has its moments, and means over blocks of 4³ voxels scatter by 1/8. The standard
    /// error of σ from n numbers is 1/√2n: 0.4 % of the 32³, 4.4 % of the 512 / 2 blocks; four of them.
    #[test]
    fn white_noise_has_its_spread_on_both_scales() {
        let mut random = Random::named("white volume", 0);
        let values = Array3::from_shape_fn((32, 32, 32), |_| random.normal());
        let volume = Volume::new(values, Unit::none(), "t", Some([0.25e-6; 3]));
        let found = VolumeDistribution::of(&volume, None, &Passes::simple()).unwrap();
        assert_eq!(found.valid, 32 * 32 * 32);
        assert!((found.summary.std - 1.0).abs() < 0.016, "{}", found.summary.std);
        let blocks = found.blocks.unwrap();
        assert_eq!((blocks.edges, blocks.blocks), ([4; 3], 512));
        assert!((8.0 * blocks.std - 1.0).abs() < 0.125, "{}", blocks.std);
        assert!(blocks.interval[0] < 0.125 && 0.125 < blocks.interval[1]);
        assert!(found.gaussian.is_some_and(|g| g.mean.abs() < 0.05));
    }

    #[test]
    fn without_blocks_the_reason_is_said() {
        let block = |voxel: Option<[f64; 3]>| {
            let values = Array3::from_shape_fn((8, 8, 8), |(z, y, x)| (z * 64 + y * 8 + x) as f64);
            let volume = Volume::new(values, Unit::none(), "t", voxel);
            VolumeDistribution::of(&volume, None, &Passes::simple()).unwrap().blocks.unwrap_err()
        };
        assert_eq!(block(None), NoBlocks::NoVoxel);
        assert_eq!(block(Some([1e-6; 3])), NoBlocks::Coarse);
        assert_eq!(block(Some([0.2e-6; 3])), NoBlocks::Few(1, 1e-6));
    }
}
