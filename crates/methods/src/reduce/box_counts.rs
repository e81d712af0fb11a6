//! Occupied boxes of many sizes and offsets in one pass (METHODS §7).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::grid::{Grid, Layers};
use super::{Block, Reducer, Set};
use crate::num::bits::{box_bits, boxes, pack, words};

/// Counts boxes of every grid that hold a voxel of the set – or, for the boundary, a voxel of it and one beside it.
pub struct BoxCounts {
    /// The set.
    pub set: Set,
    /// The grids.
    pub grids: Vec<Grid>,
    /// Whether only boxes that the boundary of the set passes are counted.
    pub boundary: bool,
    /// Shape of the volume.
    pub shape: [usize; 3],
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Boxes of every grid, by the plane in which they begin.
    pub boxes: Vec<Vec<u64>>,
    /// Voxels of the set.
    pub voxels: u64,
    /// Valid voxels.
    pub valid: u64,
}

impl Counts {
    /// All boxes of a grid.
    pub fn total(&self, grid: usize) -> u64 {
        self.boxes.get(grid).map_or(0, |planes| planes.iter().sum())
    }
}

/// Rows of a layer of boxes: which voxels along x are in the set (and, for the boundary, which are beside it).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rows {
    layer: usize,
    inside: Vec<u64>,
    beside: Vec<u64>,
}

/// Layers of every grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Partial {
    grids: Vec<Layers<Rows, Vec<u64>>>,
    voxels: u64,
    valid: u64,
}

impl BoxCounts {
    /// Counts only the voxels of a set.
    pub fn voxels(set: Set, shape: [usize; 3]) -> BoxCounts {
        BoxCounts { set, grids: Vec::new(), boundary: false, shape }
    }

    /// Counts the boxes of a finished layer.
    fn close(&self, grid: &Grid, planes: &mut [u64], rows: &Rows) {
        planes[grid.planes(rows.layer, self.shape[0]).start] += self.count(grid, rows);
    }

    fn count(&self, grid: &Grid, rows: &Rows) -> u64 {
        let n = self.shape[2];
        let lines = rows.inside.chunks_exact(words(n));
        if !self.boundary {
            return lines.map(|row| boxes(row, n, grid.size, grid.offset[2])).sum();
        }
        let both = |(a, b): (&[u64], &[u64])| {
            let bits = |row| box_bits(row, n, grid.size, grid.offset[2]);
            bits(a).iter().zip(bits(b)).map(|(a, b)| u64::from((a & b).count_ones())).sum::<u64>()
        };
        lines.zip(rows.beside.chunks_exact(words(n))).map(both).sum()
    }

    /// Takes a plane into every grid; `inside` and `beside` are its rows as bits.
    fn add(&self, partial: &mut Partial, z: usize, inside: &[u64], beside: &[u64]) {
        let [nz, ny, nx] = self.shape;
        let w = words(nx);
        for (grid, layers) in self.grids.iter().zip(&mut partial.grids) {
            if grid.size == 1 && !self.boundary {
                layers.closed[z] += inside.iter().map(|w| u64::from(w.count_ones())).sum::<u64>();
                continue;
            }
            let length = grid.count(1, ny) * w;
            let fresh = || Rows {
                layer: grid.index(0, z),
                inside: vec![0; length],
                beside: vec![0; if self.boundary { length } else { 0 }],
            };
            let add = |rows: &mut Rows| {
                for (to, from) in [(&mut rows.inside, inside), (&mut rows.beside, beside)] {
                    for (y, row) in from.chunks_exact(w).enumerate() {
                        let at = grid.index(1, y) * w;
                        join(&mut to[at..at + w], row);
                    }
                }
            };
            layers.plane(grid, z, nz, fresh, add, |n, rows| self.close(grid, n, &rows));
        }
    }

    /// Of a mask in memory, `[z, y, x]` in C order, one byte a voxel and all of them valid.
    pub fn of_mask(&self, mask: &[bool]) -> Counts {
        let [nz, ny, nx] = self.shape;
        let plane = ny * nx;
        // Layers that threads share are merged: the fewer cuts the better.
        let share = nz.div_ceil(rayon::current_num_threads()).next_multiple_of(64.min(nz));
        let parts: Vec<Partial> = (0..nz)
            .step_by(share)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|first| {
                let mut partial = self.empty();
                for z in first..nz.min(first + share) {
                    self.mask_plane(&mut partial, z, &mask[z * plane..(z + 1) * plane]);
                }
                partial
            })
            .collect();
        self.finish(parts.into_iter().fold(self.empty(), |a, b| self.merge(a, b)))
    }

    /// A plane of voxels that are in the set or not, all of them valid: for masks that are no numbers.
    fn mask_plane(&self, partial: &mut Partial, z: usize, mask: &[bool]) {
        let [_, ny, nx] = self.shape;
        let w = words(nx);
        let mut inside = vec![0; ny * w];
        let mut beside = vec![0; if self.boundary { ny * w } else { 0 }];
        for (row, out) in mask.chunks_exact(nx).zip(inside.chunks_exact_mut(w)) {
            pack(row, out);
        }
        if self.boundary {
            let last = u64::MAX >> (64 * w - nx);
            for (row, out) in inside.chunks_exact(w).zip(beside.chunks_exact_mut(w)) {
                out.iter_mut().zip(row).for_each(|(b, a)| *b = !a);
                out[w - 1] &= last;
            }
        }
        partial.voxels += inside.iter().map(|w| u64::from(w.count_ones())).sum::<u64>();
        partial.valid += mask.len() as u64;
        self.add(partial, z, &inside, &beside);
    }
}

fn join(to: &mut [u64], from: &[u64]) {
    for (a, b) in to.iter_mut().zip(from) {
        *a |= b;
    }
}

impl Reducer for BoxCounts {
    type Partial = Partial;
    type Output = Counts;
    const ID: &'static str = "box-counts";

    fn empty(&self) -> Partial {
        Partial { grids: self.grids.iter().map(|_| Layers::new(vec![0; self.shape[0]])).collect(), voxels: 0, valid: 0 }
    }

    fn map(&self, block: &Block<'_>) -> Partial {
        let [_, ny, nx] = self.shape;
        let w = words(nx);
        let mut partial = self.empty();
        let (mut member, mut inside) = (vec![false; nx], vec![0u64; ny * w]);
        let mut beside = vec![0u64; if self.boundary { ny * w } else { 0 }];
        for z in block.own.clone() {
            let plane = block.plane(z);
            for (y, row) in plane.outer_iter().enumerate() {
                self.set.row(row, &mut member);
                pack(&member, &mut inside[y * w..(y + 1) * w]);
                if self.boundary {
                    member.iter_mut().zip(row).for_each(|(m, v)| *m = !*m && !v.is_nan());
                    pack(&member, &mut beside[y * w..(y + 1) * w]);
                }
                partial.valid += row.iter().filter(|v| !v.is_nan()).count() as u64;
            }
            partial.voxels += inside.iter().map(|w| u64::from(w.count_ones())).sum::<u64>();
            self.add(&mut partial, z, &inside, &beside);
        }
        partial
    }

    fn merge(&self, left: Partial, right: Partial) -> Partial {
        let nz = self.shape[0];
        let pairs = left.grids.into_iter().zip(right.grids).zip(&self.grids);
        let grids = pairs.map(|((a, b), grid)| {
            a.merge(
                b,
                grid,
                nz,
                |a, b| {
                    join(&mut a.inside, &b.inside);
                    join(&mut a.beside, &b.beside);
                },
                |a, b| a.iter_mut().zip(b).for_each(|(a, b)| *a += b),
                |n, rows| self.close(grid, n, &rows),
            )
        });
        Partial { grids: grids.collect(), voxels: left.voxels + right.voxels, valid: left.valid + right.valid }
    }

    fn finish(&self, total: Partial) -> Counts {
        Counts { boxes: total.grids.into_iter().map(|l| l.closed).collect(), voxels: total.voxels, valid: total.valid }
    }
}
