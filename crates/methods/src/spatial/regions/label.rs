//! Connected components of masks in memory, of maps and of volumes: slabs are labelled side by side and joined.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::runs::{self, Forest, Run, Runs, across};
use crate::num::bits::pack;

/// Which pixels of a map belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connectivity {
    /// Sides only.
    Four,
    /// Sides and corners.
    #[default]
    Eight,
}

/// All regions of a map.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// Runs by rising row (`y`) and column.
    pub runs: Vec<Run>,
    /// Number of regions.
    pub count: usize,
}

/// Finds the regions of a map.
pub fn label(mask: ArrayView2<'_, bool>, connectivity: Connectivity) -> Labels {
    let (rows, columns) = mask.dim();
    let copied;
    let flat = match mask.as_slice() {
        Some(flat) => flat,
        None => {
            copied = mask.iter().copied().collect::<Vec<_>>();
            &copied
        }
    };
    // Rows as planes of one line each: a pixel above another shares a side, one beside that a corner.
    let connectivity = match connectivity {
        Connectivity::Four => runs::Connectivity::Six,
        Connectivity::Eight => runs::Connectivity::TwentySix,
    };
    let found = label_volume(flat, [rows, 1, columns], connectivity);
    let mut out = Vec::with_capacity(found.slabs.iter().map(|(_, r)| r.runs.len()).sum());
    for (first, slab) in &found.slabs {
        for z in 0..slab.planes() {
            let row = (first + z) as u32;
            out.extend(slab.runs[slab.plane(z)].iter().map(|r| Run { y: row, ..*r }));
        }
    }
    Labels { runs: out, count: found.count }
}

/// All regions of a volume.
pub struct VolumeLabels {
    /// First plane and runs of every slab, with numbers of the whole from 0 in the order of first voxels.
    slabs: Vec<(usize, Runs)>,
    shape: [usize; 3],
    /// Number of regions.
    pub count: usize,
}

/// Finds the regions of a mask `[z, y, x]` in C order, one byte a voxel.
pub fn label_volume(mask: &[bool], shape: [usize; 3], connectivity: runs::Connectivity) -> VolumeLabels {
    let [nz, ny, nx] = shape;
    if mask.is_empty() {
        return VolumeLabels { slabs: Vec::new(), shape, count: 0 };
    }
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
    VolumeLabels { slabs, shape, count: count as usize }
}

impl VolumeLabels {
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

impl Labels {
    /// The label of every pixel of a map of that shape, row by row: 0 outside of regions, else the region's number + 1.
    pub fn image(&self, [rows, columns]: [usize; 2]) -> Vec<u32> {
        let mut out = vec![0u32; rows * columns];
        for run in &self.runs {
            let from = run.y as usize * columns;
            out[from + run.first as usize..from + run.end as usize].fill(run.region + 1);
        }
        out
    }

    /// Runs grouped by region, in each by rising row: where each group begins, and the indices of runs.
    pub fn by_region(&self) -> (Vec<usize>, Vec<u32>) {
        let mut starts = vec![0usize; self.count + 1];
        self.runs.iter().for_each(|r| starts[r.region as usize + 1] += 1);
        for i in 0..self.count {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut order = vec![0u32; self.runs.len()];
        for (i, r) in self.runs.iter().enumerate() {
            order[next[r.region as usize]] = i as u32;
            next[r.region as usize] += 1;
        }
        (starts, order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use ndarray::Array2;

    /// By flooding, pixel by pixel.
    fn flooded(mask: &Array2<bool>, connectivity: Connectivity) -> Vec<u32> {
        let (rows, columns) = mask.dim();
        let mut out = vec![0u32; rows * columns];
        let mut count = 0;
        for start in 0..rows * columns {
            if !mask[[start / columns, start % columns]] || out[start] != 0 {
                continue;
            }
            count += 1;
            let mut stack = vec![start];
            out[start] = count;
            while let Some(at) = stack.pop() {
                let (y, x) = ((at / columns) as i64, (at % columns) as i64);
                for (dy, dx) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dy, dx))) {
                    if connectivity == Connectivity::Four && dy != 0 && dx != 0 {
                        continue;
                    }
                    let (v, u) = (y + dy, x + dx);
                    if v < 0 || u < 0 || v >= rows as i64 || u >= columns as i64 {
                        continue;
                    }
                    let to = v as usize * columns + u as usize;
                    if mask[[v as usize, u as usize]] && out[to] == 0 {
                        out[to] = count;
                        stack.push(to);
                    }
                }
            }
        }
        out
    }

    #[test]
    fn runs_agree_with_flooding() {
        let mut random = Random::named("labels", 0);
        for (rows, columns) in [(1, 1), (1, 40), (40, 1), (70, 45), (130, 90)] {
            for p in [0.05, 0.4, 0.55, 0.6, 0.95, 1.0] {
                let mask = Array2::from_shape_fn((rows, columns), |_| random.uniform() < p);
                for c in [Connectivity::Four, Connectivity::Eight] {
                    let labels = label(mask.view(), c);
                    assert_eq!(labels.image([rows, columns]), flooded(&mask, c), "{rows} {columns} {p} {c:?}");
                    // A view that is turned has no rows in one piece.
                    let turned = label(mask.t(), c);
                    assert_eq!(turned.count, labels.count);
                }
            }
        }
        assert_eq!(label(Array2::from_elem((0, 0), true).view(), Connectivity::Eight).count, 0);
    }
}
