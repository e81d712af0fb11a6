//! Mass of a set within distances of some of its voxels: M(r) ∝ r^D of a fractal (METHODS §7).

use serde::{Deserialize, Serialize};

use super::{Block, Reducer, Set};

/// Counts voxels of a set around seeds.
pub struct MassRadius {
    /// The set.
    pub set: Set,
    /// Voxels that distances are counted from, `[z, y, x]`.
    pub seeds: Vec<[usize; 3]>,
    /// Rising radii in voxels.
    pub radii: Vec<u32>,
}

/// Of every seed, the voxels within each radius and beyond the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shells(Vec<Vec<u64>>);

impl Reducer for MassRadius {
    type Partial = Shells;
    /// Of every seed, the voxels within each radius.
    type Output = Vec<Vec<u64>>;
    const ID: &'static str = "mass-radius";

    fn empty(&self) -> Shells {
        Shells(vec![vec![0; self.radii.len()]; self.seeds.len()])
    }

    fn map(&self, block: &Block<'_>) -> Shells {
        let mut out = self.empty();
        let reach = self.radii.last().copied().unwrap_or(0) as usize;
        let squares: Vec<u64> = self.radii.iter().map(|r| u64::from(*r).pow(2)).collect();
        let near = |at: usize, n: usize| at.saturating_sub(reach)..n.min(at + reach + 1);
        for (seed, shells) in self.seeds.iter().zip(&mut out.0) {
            for z in near(seed[0], block.own.end).filter(|z| *z >= block.own.start) {
                let plane = block.plane(z);
                for y in near(seed[1], block.shape[1]) {
                    for x in near(seed[2], block.shape[2]) {
                        if self.set.has(plane[[y, x]]) {
                            let d = |k: usize, i: usize| (seed[k].abs_diff(i) as u64).pow(2);
                            let square = d(0, z) + d(1, y) + d(2, x);
                            if let Some(n) = shells.get_mut(squares.partition_point(|s| *s < square)) {
                                *n += 1;
                            }
                        }
                    }
                }
            }
        }
        out
    }

    fn merge(&self, mut left: Shells, right: Shells) -> Shells {
        left.0.iter_mut().flatten().zip(right.0.into_iter().flatten()).for_each(|(a, b)| *a += b);
        left
    }

    fn finish(&self, total: Shells) -> Vec<Vec<u64>> {
        let mut out = total.0;
        for shells in &mut out {
            for k in 1..shells.len() {
                shells[k] += shells[k - 1];
            }
        }
        out
    }
}
