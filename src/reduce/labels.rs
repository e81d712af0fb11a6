//! Labels of a mask in memory: slabs are labelled side by side and joined.

use rayon::prelude::*;

use crate::num::bits::pack;
use crate::spatial::regions::runs::{Connectivity, Forest, Run, Runs, across};

/// Regions of a mask as runs.
pub struct Labels {
    /// Runs of every slab, with numbers of the whole from 0 in the order of first voxels, and the slab's first plane.
    slabs: Vec<(usize, Runs)>,
    shape: [usize; 3],
    /// Number of regions.
    pub count: usize,
}

/// Finds the regions of a mask `[z, y, x]` in C order, one byte a voxel.
pub fn label(mask: &[bool], shape: [usize; 3], connectivity: Connectivity) -> Labels {
    let [nz, ny, nx] = shape;
    let share = nz.div_ceil(4 * rayon::current_num_threads()).max(1);
    let mut slabs: Vec<(usize, Runs, u32)> = (0..nz)
        .step_by(share)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|first| {
            let planes = share.min(nz - first);
            let row = |z: usize, y: usize, bits: &mut [u64]| {
                let at = ((first + z) * ny + y) * nx;
                pack(&mask[at..at + nx], bits);
            };
            let mut runs = Runs::scan(planes, ny, nx, row);
            let count = runs.label(connectivity, |_, _, _, _| {});
            (first, runs, count)
        })
        .collect();
    let mut forest = Forest::default();
    let mut starts = Vec::with_capacity(slabs.len());
    for (_, _, count) in &slabs {
        let from = forest.0.len() as u32;
        starts.push(from);
        forest.0.extend(from..from + count);
    }
    for k in 1..slabs.len() {
        let (below, above) = (&slabs[k - 1].1, &slabs[k].1);
        let (top, bottom) = (&below.runs[below.plane(below.planes() - 1)], &above.runs[above.plane(0)]);
        across(top, bottom, connectivity, |a, b, _| {
            forest.join(starts[k - 1] + a.region, starts[k] + b.region);
        });
    }
    let mut count = 0;
    let mut of_whole = vec![0u32; forest.0.len()];
    for i in 0..forest.0.len() {
        let root = forest.root(i as u32) as usize;
        of_whole[i] = if root == i {
            count += 1;
            count - 1
        } else {
            of_whole[root]
        };
    }
    slabs.par_iter_mut().zip(&starts).for_each(|((_, runs, _), start)| {
        runs.runs.iter_mut().for_each(|r| r.region = of_whole[(start + r.region) as usize]);
    });
    let slabs = slabs.into_iter().map(|(first, runs, _)| (first, runs)).collect();
    Labels { slabs, shape, count: count as usize }
}

impl Labels {
    /// All runs.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.slabs.iter().flat_map(|(_, r)| &r.runs)
    }

    /// The number of the region of every voxel from 1, 0 outside, `[z, y, x]` in C order.
    pub fn image(&self) -> Vec<u32> {
        let [nz, ny, nx] = self.shape;
        let mut out = vec![0u32; nz * ny * nx];
        let share = self.slabs.get(1).map_or(nz, |s| s.0);
        out.par_chunks_mut(share * ny * nx).zip(&self.slabs).for_each(|(part, (_, runs))| {
            for z in 0..runs.planes() {
                for r in &runs.runs[runs.plane(z)] {
                    let at = (z * ny + r.y as usize) * nx;
                    part[at + r.first as usize..at + r.end as usize].fill(r.region + 1);
                }
            }
        });
        out
    }
}
