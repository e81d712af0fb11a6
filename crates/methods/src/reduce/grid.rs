//! Grids of boxes, and layers of boxes that blocks may cut.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Cubic boxes of a size in voxels; the first one begins `offset` voxels before the volume along each axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grid {
    /// Voxels along an edge.
    pub size: usize,
    /// Offset along z, y and x, each below the size.
    pub offset: [usize; 3],
}

impl Grid {
    /// Boxes from the first voxel on.
    pub fn at_origin(size: usize) -> Grid {
        Grid { size, offset: [0; 3] }
    }

    /// The box of a voxel along an axis.
    pub fn index(&self, axis: usize, i: usize) -> usize {
        (i + self.offset[axis]) / self.size
    }

    /// Boxes along an axis of `n` voxels.
    pub fn count(&self, axis: usize, n: usize) -> usize {
        self.index(axis, n - 1) + 1
    }

    /// Planes of a layer of boxes in a volume of `nz` planes.
    pub fn planes(&self, layer: usize, nz: usize) -> Range<usize> {
        let from = (layer * self.size).saturating_sub(self.offset[0]);
        from..nz.min((layer + 1) * self.size - self.offset[0])
    }
}

/// A layer of boxes of which some planes are known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer<T> {
    /// Its number.
    pub index: usize,
    /// The planes that are in it.
    pub planes: Range<usize>,
    /// What is known.
    pub content: T,
}

/// Layers of one grid: those that are whole are finished at once, the ones that a block cuts stay open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layers<T, C> {
    /// What the finished ones gave.
    pub closed: C,
    /// At most two, in order.
    pub open: Vec<Layer<T>>,
}

impl<T, C> Layers<T, C> {
    /// None of any kind.
    pub fn new(closed: C) -> Layers<T, C> {
        Layers { closed, open: Vec::new() }
    }

    /// Takes a plane in, which follows on those before it; `add` puts it into its layer, which `fresh` makes, and `close`
    /// finishes one.
    pub fn plane(
        &mut self,
        grid: &Grid,
        z: usize,
        nz: usize,
        fresh: impl FnOnce() -> T,
        add: impl FnOnce(&mut T),
        close: impl FnOnce(&mut C, T),
    ) {
        let index = grid.index(0, z);
        match self.open.last_mut().filter(|l| l.index == index) {
            Some(layer) => {
                add(&mut layer.content);
                layer.planes.end = z + 1;
            }
            None => {
                let mut content = fresh();
                add(&mut content);
                self.open.push(Layer { index, planes: z..z + 1, content });
            }
        }
        self.settle(grid, nz, close);
    }

    /// Closes the last layer if all of its planes are there.
    fn settle(&mut self, grid: &Grid, nz: usize, close: impl FnOnce(&mut C, T)) {
        let whole = |l: &Layer<T>| l.planes == grid.planes(l.index, nz);
        if self.open.last().is_some_and(whole)
            && let Some(layer) = self.open.pop()
        {
            close(&mut self.closed, layer.content);
        }
    }

    /// Joins the layers of the planes that follow.
    pub fn merge(
        mut self,
        right: Layers<T, C>,
        grid: &Grid,
        nz: usize,
        join: impl FnOnce(&mut T, T),
        add: impl FnOnce(&mut C, C),
        close: impl FnOnce(&mut C, T),
    ) -> Layers<T, C> {
        let mut rest = right.open.into_iter();
        if let Some(first) = rest.next() {
            match self.open.last_mut().filter(|l| l.index == first.index) {
                Some(last) => {
                    join(&mut last.content, first.content);
                    last.planes.end = first.planes.end;
                }
                None => self.open.push(first),
            }
            self.settle(grid, nz, close);
        }
        // After the layer that both had a part of: what is listed goes in order.
        add(&mut self.closed, right.closed);
        self.open.extend(rest);
        self
    }
}
