//! Mean value by distance: from an axis, from a centre, or along an axis (METHODS §10).

use serde::{Deserialize, Serialize};

use super::{Block, Reducer, Set};

/// What a distance is measured from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum From {
    /// The axis of that number (0 z, 1 y, 2 x) through the centre.
    Axis(usize),
    /// The centre.
    Centre,
    /// The first face across the axis of that number.
    Face(usize),
}

/// Sums values by distance.
pub struct Profile {
    /// What distances are measured from.
    pub from: From,
    /// Place of the centre in m from the first corner, `[z, y, x]`.
    pub centre: [f64; 3],
    /// Steps in m.
    pub voxel: [f64; 3],
    /// Width of a bin in m.
    pub width: f64,
    /// Bins; what lies farther out is left out.
    pub bins: usize,
    /// Voxels of a set are counted as well.
    pub set: Option<Set>,
}

/// Sums of one bin in one plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Valid voxels.
    pub n: u64,
    /// Sum of their values.
    pub sum: f64,
    /// Those in the set.
    pub inside: u64,
}

impl Profile {
    /// Bin of a voxel, given the squares of its distances along z, y and x.
    fn bin(&self, squares: [f64; 3], face: f64) -> usize {
        let r = match self.from {
            From::Axis(axis) => (0..3).filter(|k| *k != axis).map(|k| squares[k]).sum::<f64>().sqrt(),
            From::Centre => squares.iter().sum::<f64>().sqrt(),
            From::Face(_) => face,
        };
        (r / self.width) as usize
    }
}

impl Reducer for Profile {
    type Partial = Vec<Vec<Cell>>;
    /// Cells of every plane in order, so that parts of the volume can be compared.
    type Output = Vec<Vec<Cell>>;
    const ID: &'static str = "profile";

    fn empty(&self) -> Vec<Vec<Cell>> {
        Vec::new()
    }

    fn map(&self, block: &Block<'_>) -> Vec<Vec<Cell>> {
        let place = |axis: usize, i: usize| (i as f64 + 0.5) * self.voxel[axis];
        let square = |axis: usize, i: usize| (place(axis, i) - self.centre[axis]).powi(2);
        let across: Vec<f64> = (0..block.shape[2]).map(|x| square(2, x)).collect();
        let plane = |z: usize| {
            let mut cells = vec![Cell::default(); self.bins];
            for (y, row) in block.plane(z).outer_iter().enumerate() {
                let (zz, yy) = (square(0, z), square(1, y));
                for (x, v) in row.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
                    let face = match self.from {
                        From::Face(axis) => place(axis, [z, y, x][axis]),
                        _ => 0.0,
                    };
                    if let Some(cell) = cells.get_mut(self.bin([zz, yy, across[x]], face)) {
                        cell.n += 1;
                        cell.sum += v;
                        cell.inside += u64::from(self.set.is_some_and(|s| s.has(*v)));
                    }
                }
            }
            cells
        };
        block.own.clone().map(plane).collect()
    }

    fn merge(&self, mut left: Vec<Vec<Cell>>, right: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
        left.extend(right);
        left
    }

    fn finish(&self, total: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
        total
    }
}
