//! How many voxels of a set boxes hold: for generalised dimensions (METHODS §7).

use std::collections::BTreeMap;

use super::grid::{Grid, Layers};
use super::{Block, Reducer, Set};

/// Counts boxes by their mass.
pub struct BoxMasses {
    /// The set.
    pub set: Set,
    /// The grids.
    pub grids: Vec<Grid>,
    /// Shape of the volume.
    pub shape: [usize; 3],
}

/// Number of boxes by their mass, the empty ones left out.
pub type Masses = BTreeMap<u64, u64>;

type Open = Layers<Vec<u64>, Masses>;

impl BoxMasses {
    fn close(masses: &mut Masses, layer: Vec<u64>) {
        for m in layer.into_iter().filter(|m| *m > 0) {
            *masses.entry(m).or_insert(0) += 1;
        }
    }
}

impl Reducer for BoxMasses {
    type Partial = Vec<Open>;
    type Output = Vec<Masses>;
    const ID: &'static str = "box-masses";

    fn empty(&self) -> Vec<Open> {
        self.grids.iter().map(|_| Layers::new(Masses::new())).collect()
    }

    fn map(&self, block: &Block<'_>) -> Vec<Open> {
        let [nz, ny, nx] = self.shape;
        let mut partial = self.empty();
        let mut member = vec![false; nx];
        for z in block.own.clone() {
            // Voxels of the set along each row, up to each voxel: any box takes a difference.
            let mut sums: Vec<u32> = Vec::with_capacity(ny * (nx + 1));
            for row in block.plane(z).outer_iter() {
                self.set.row(row, &mut member);
                let mut n = 0;
                sums.push(0);
                sums.extend(member.iter().map(|m| {
                    n += u32::from(*m);
                    n
                }));
            }
            for (grid, layers) in self.grids.iter().zip(&mut partial) {
                let (by, bx) = (grid.count(1, ny), grid.count(2, nx));
                let add = |mass: &mut Vec<u64>| {
                    for (y, row) in sums.chunks_exact(nx + 1).enumerate() {
                        let at = grid.index(1, y) * bx;
                        for (k, m) in mass[at..at + bx].iter_mut().enumerate() {
                            let from = (k * grid.size).saturating_sub(grid.offset[2]);
                            let to = nx.min((k + 1) * grid.size - grid.offset[2]);
                            *m += u64::from(row[to] - row[from]);
                        }
                    }
                };
                layers.plane(grid, z, nz, || vec![0; by * bx], add, Self::close);
            }
        }
        partial
    }

    fn merge(&self, left: Vec<Open>, right: Vec<Open>) -> Vec<Open> {
        let pairs = left.into_iter().zip(right).zip(&self.grids);
        let add = |a: &mut Masses, b: Masses| b.into_iter().for_each(|(m, n)| *a.entry(m).or_insert(0) += n);
        let join = |a: &mut Vec<u64>, b: Vec<u64>| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        pairs.map(|((a, b), grid)| a.merge(b, grid, self.shape[0], join, add, Self::close)).collect()
    }

    fn finish(&self, total: Vec<Open>) -> Vec<Masses> {
        total.into_iter().map(|l| l.closed).collect()
    }
}
