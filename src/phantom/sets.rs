//! Volumes of known truth: Gaussian fields, random cascades of known dimension, site percolation.

use std::path::Path;

use ndarray::Array3;
use serde::{Deserialize, Serialize};

use super::{PhantomError, parse, write};
use crate::data::Volume;
use crate::io::write::tiff_volume;
use crate::num::random::Random;
use crate::spatial::covariance::Covariance;
use crate::spatial::field::VolumeSimulator;
use crate::unit::Unit;
use crate::unit::quantity::Length;

/// What a volume is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Structure {
    /// A Gaussian field of unit variance.
    Field,
    /// A cascade of cubes, each with some of its eight parts: 1 in the set, 0 outside.
    Cascade,
    /// A cascade whose cubes keep the four parts of one layer and a few of the other: sheets across z with branches.
    Layers,
    /// Sites that are taken with a chance: 1 taken, 0 free.
    Percolation,
}

/// Parameters of a volume.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Solid {
    /// What it is of.
    pub structure: Structure,
    /// Voxels a side.
    pub side: usize,
    /// Edge of a voxel.
    pub voxel: Length,
    /// Correlation length of a field.
    pub xi: Length,
    /// Exponent of a field, (0, 1].
    pub alpha: f64,
    /// Dimension of a cascade (2 to 3 for layers).
    pub dimension: f64,
    /// Voxels a side over which a cascade is a fractal; it is repeated, with other random numbers, beyond.
    pub range: usize,
    /// Chance that a site is taken.
    pub fraction: f64,
    /// Seed.
    pub seed: u64,
}

impl Default for Solid {
    fn default() -> Solid {
        Solid {
            structure: Structure::Field,
            side: 128,
            voxel: Length(30e-9),
            xi: Length(150e-9),
            alpha: 1.0,
            dimension: 2.5,
            range: 128,
            fraction: 0.311_608,
            seed: 0,
        }
    }
}

impl Solid {
    /// The volume.
    ///
    /// # Errors
    /// [`PhantomError`] for parameters that make no sense.
    pub fn volume(&self) -> Result<Volume, PhantomError> {
        let wrong = |what: String| Err(PhantomError::Parameters(what));
        if !(2..=512).contains(&self.side) {
            return wrong(format!("a volume of {} voxels a side; 2 to 512 can be made", self.side));
        }
        if !(self.voxel.0 > 0.0 && self.xi.0 > 0.0 && self.alpha > 0.0 && self.alpha <= 1.0) {
            return wrong("voxel and xi are positive, alpha lies in (0, 1]".into());
        }
        let least = if self.structure == Structure::Layers { 2.0 } else { 0.0 };
        if !(self.dimension >= least && self.dimension <= 3.0) {
            return wrong(format!("the dimension lies between {least} and 3"));
        }
        if !self.range.is_power_of_two() || self.range < 2 {
            return wrong("the range of a cascade is a power of two".into());
        }
        let side = self.side;
        let shape = (side, side, side);
        let mut random = Random::named("phantom volume", self.seed);
        let values = match self.structure {
            Structure::Field => self.field(&mut random),
            Structure::Percolation => {
                Array3::from_shape_fn(shape, |_| f64::from(u8::from(random.uniform() < self.fraction)))
            }
            Structure::Cascade => cascade(side, self.range, self.dimension, false, &mut random),
            Structure::Layers => cascade(side, self.range, self.dimension, true, &mut random),
        };
        Ok(Volume::new(values, Unit::none(), "grey value", Some([self.voxel.0; 3])))
    }

    fn field(&self, random: &mut Random) -> Array3<f64> {
        let c = Covariance { sigma: 1.0, xi: self.xi.0, alpha: self.alpha, noise: 0.0 };
        let [z, _] = VolumeSimulator::new([self.side; 3], [self.voxel.0; 3], &c).pair(random);
        z
    }

    fn truth(&self) -> String {
        let text = toml::to_string(self).unwrap_or_default();
        format!(
            "# Truth of the volume beside. Field: C(r) = exp[-(r/xi)^(2 alpha)]. Cascade: every cube keeps 2^dimension of its\n\
             # eight parts on average. Percolation: fraction of sites.\n{text}"
        )
    }
}

/// A set that is a fractal of that dimension up to cubes of `range` voxels: every cube keeps 2^D of its eight parts, a
/// whole number just below or just above it so that the mean is right.
pub(super) fn cascade(side: usize, range: usize, d: f64, layers: bool, random: &mut Random) -> Array3<f64> {
    let mut out = Array3::zeros((side, side, side));
    let steps = side.div_ceil(range);
    for block in 0..steps * steps * steps {
        let at = [block / (steps * steps), block / steps % steps, block % steps].map(|k| k * range);
        // In layers the half that is kept is the same for all cubes of a height: sheets go on from cube to cube.
        let halves: Vec<bool> = (0..2 * range).map(|_| random.uniform() < 0.5).collect();
        divide(&mut out, at, at[0], range, d, layers.then_some(&halves[..]), random);
    }
    out
}

fn divide(
    out: &mut Array3<f64>,
    at: [usize; 3],
    base: usize,
    size: usize,
    d: f64,
    halves: Option<&[bool]>,
    random: &mut Random,
) {
    if at.iter().zip(out.shape()).any(|(i, n)| i >= n) {
        return;
    }
    if size == 1 {
        out[at] = 1.0;
        return;
    }
    let wanted = libm::exp2(d);
    let mut count = wanted.floor() as usize;
    count += usize::from(random.uniform() < wanted - wanted.floor());
    let half = size / 2;
    let mut parts: Vec<usize> = (0..8).collect();
    for i in (1..8).rev() {
        parts.swap(i, random.below(i + 1));
    }
    if let Some(halves) = halves {
        // Nodes of a binary tree over the height of the block.
        let node = out.shape()[0] / size.max(1) + (at[0] - base) / size;
        let first = usize::from(halves[node % halves.len()]);
        parts.sort_by_key(|p| p / 4 != first);
    }
    for p in parts.into_iter().take(count) {
        let to = [at[0] + p / 4 * half, at[1] + p / 2 % 2 * half, at[2] + p % 2 * half];
        divide(out, to, base, half, d, halves, random);
    }
}

pub(super) fn defaults() -> String {
    toml::to_string(&Solid::default()).unwrap_or_default()
}

pub(super) fn make(out: &Path, parameters: &str) -> Result<Vec<String>, PhantomError> {
    let solid: Solid = parse(parameters)?;
    let bytes = tiff_volume(&solid.volume()?).map_err(|e| PhantomError::Parameters(e.to_string()))?;
    write(out, &bytes, &solid.truth())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of a cascade rise by 2^D a level but for the scatter of one part in eight: over the last four levels within
    /// 0.03, four standard errors.
    #[test]
    fn cascades_have_their_dimension() {
        for (structure, d) in [(Structure::Cascade, 2.5), (Structure::Layers, 2.2)] {
            let solid = Solid { structure, dimension: d, side: 64, range: 64, ..Solid::default() };
            let volume = solid.volume().unwrap();
            let values = volume.whole().unwrap();
            let count = |size: usize| {
                let mut boxes: Vec<[usize; 3]> = values
                    .indexed_iter()
                    .filter(|(_, v)| **v > 0.0)
                    .map(|((z, y, x), _)| [z / size, y / size, x / size])
                    .collect();
                boxes.sort_unstable();
                boxes.dedup();
                boxes.len() as f64
            };
            let found = libm::log2(count(1) / count(16)) / 4.0;
            assert!((found - d).abs() < 0.03, "{structure:?}: {found}");
        }
        assert!(Solid { side: 1, ..Solid::default() }.volume().is_err());
        assert!(Solid { dimension: 3.5, ..Solid::default() }.volume().is_err());
        assert!(Solid { range: 24, ..Solid::default() }.volume().is_err());
    }
}
