//! Means over blocks of some size, so that fluctuations on a coarser scale can be told from those of voxels (METHODS §10).

use super::grid::Layers;
use super::{Block, Reducer};
use crate::num::sum::sum;

/// Averages over blocks.
pub struct BlockMeans {
    /// Voxels along the edges of a block, `[z, y, x]`.
    pub edges: [usize; 3],
    /// Shape of the volume.
    pub shape: [usize; 3],
}

/// Sums of one plane in each block: value and count.
type Cells = Vec<(f64, u64)>;

impl BlockMeans {
    /// Blocks along an axis; those that the end cuts are left out, unless there is no other.
    fn blocks(&self, axis: usize) -> usize {
        (self.shape[axis] / self.edges[axis]).max(1)
    }

    fn close(&self, means: &mut Vec<f64>, planes: Vec<Cells>) {
        // The layer that the end of the volume cuts.
        if planes.len() < self.edges[0].min(self.shape[0]) {
            return;
        }
        let whole = (self.edges.iter().zip(self.shape).map(|(e, n)| *e.min(&n) as u64)).product::<u64>();
        for k in 0..self.blocks(1) * self.blocks(2) {
            let n: u64 = planes.iter().map(|p| p[k].1).sum();
            // A block that is mostly invalid says little.
            if 2 * n >= whole {
                means.push(sum(&planes.iter().map(|p| p[k].0).collect::<Vec<_>>()) / n as f64);
            }
        }
    }

    fn grid(&self) -> super::grid::Grid {
        super::grid::Grid::at_origin(self.edges[0])
    }
}

impl Reducer for BlockMeans {
    type Partial = Layers<Vec<Cells>, Vec<f64>>;
    /// The mean of every whole block, in order.
    type Output = Vec<f64>;
    const ID: &'static str = "block-means";

    fn empty(&self) -> Self::Partial {
        Layers::new(Vec::new())
    }

    fn map(&self, block: &Block<'_>) -> Self::Partial {
        let mut partial = self.empty();
        let (by, bx) = (self.blocks(1), self.blocks(2));
        for z in block.own.clone() {
            let mut cells = vec![(0.0, 0u64); by * bx];
            for (y, row) in block.plane(z).outer_iter().enumerate() {
                let iy = y / self.edges[1];
                if iy >= by {
                    break;
                }
                for (x, v) in row.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
                    let ix = x / self.edges[2];
                    if ix < bx {
                        let cell = &mut cells[iy * bx + ix];
                        *cell = (cell.0 + v, cell.1 + 1);
                    }
                }
            }
            let close = |means: &mut Vec<f64>, planes| self.close(means, planes);
            partial.plane(&self.grid(), z, self.shape[0], Vec::new, |planes| planes.push(cells), close);
        }
        partial
    }

    fn merge(&self, left: Self::Partial, right: Self::Partial) -> Self::Partial {
        left.merge(
            right,
            &self.grid(),
            self.shape[0],
            |a, b| a.extend(b),
            |a, b| a.extend(b),
            |means, planes| self.close(means, planes),
        )
    }

    fn finish(&self, total: Self::Partial) -> Vec<f64> {
        total.closed
    }
}
