//! Connected regions of a set, joined exactly across blocks, with what each of them is (METHODS §5, §10).

use serde::{Deserialize, Serialize};

use super::fixed::Fixed;
use super::{Block, Reducer, Set};
use crate::num::bits::pack;
use crate::spatial::regions::body::Sums;
use crate::spatial::regions::runs::{Axis, Connectivity, Forest, Run, Runs, across};

/// Finds and measures regions.
pub struct Regions {
    /// The set.
    pub set: Set,
    /// Which voxels belong together.
    pub connectivity: Connectivity,
    /// Least and greatest value of the volume: sums of values are whole multiples of 2⁻⁴⁰ of what lies between.
    pub range: [f64; 2],
    /// Whether the volume has invalid voxels, so that regions beside them are to be marked.
    pub holes: bool,
}

/// One region while it is put together. Whole numbers, so that no order matters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Record {
    sums: Sums,
    /// Steps of [`Fixed`].
    value: i128,
}

/// Regions of some planes. Numbers are by first voxels; those that were joined lead to the first one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Partial {
    /// First plane of every part that was labelled for itself, and the number of its first region.
    parts: Vec<(usize, u32)>,
    forest: Forest,
    records: Vec<Record>,
    /// Runs of the first plane and of the last one.
    edges: [Vec<Run>; 2],
    /// There are more regions than numbers for them; what else is here is worth nothing.
    too_many: bool,
}

/// All regions.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionSums {
    /// Sums over voxels, in the order of first voxels, and the sum of values.
    pub regions: Vec<(Sums, f64)>,
    /// How the planes were cut, and which region a number of a part belongs to.
    pub key: Key,
}

/// Leads from the regions of parts to the regions of the whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Key {
    /// First plane of every part, and the number of its first region.
    pub parts: Vec<(usize, u32)>,
    /// The region of the whole, from 0, for every number.
    pub regions: Vec<u32>,
}

impl Regions {
    /// Runs of the block's own planes with the numbers of its regions, and how many there are; the same for the same
    /// planes. `facing` as in [`Runs::label`].
    pub fn runs(&self, block: &Block<'_>, facing: impl FnMut(usize, usize, Axis, u32)) -> (Runs, u32) {
        let [_, ny, nx] = block.shape;
        let first = block.own.start;
        let mut member = vec![false; nx];
        let row = |z: usize, y: usize, bits: &mut [u64]| {
            self.set.row(block.plane(first + z).row(y), &mut member);
            pack(&member, bits);
        };
        let mut runs = Runs::scan(block.own.len(), ny, nx, row);
        let count = runs.label(self.connectivity, facing);
        (runs, count)
    }

    /// Whether an invalid voxel shares a side with a run.
    fn beside_hole(block: &Block<'_>, z: usize, run: &Run) -> bool {
        let (y, first, end) = (run.y as usize, run.first as usize, run.end as usize);
        let [_, ny, nx] = block.shape;
        let there = block.there();
        let line = |z: usize, y: usize| (first..end).any(|x| block.plane(z)[[y, x]].is_nan());
        let voxel = |x: usize| block.plane(z)[[y, x]].is_nan();
        first > 0 && voxel(first - 1)
            || end < nx && voxel(end)
            || y > 0 && line(z, y - 1)
            || y + 1 < ny && line(z, y + 1)
            || z > there.start && line(z - 1, y)
            || z + 1 < there.end && line(z + 1, y)
    }
}

impl Reducer for Regions {
    type Partial = Partial;
    /// `None` of more than 2³² regions, those that blocks cut counted once a block.
    type Output = Option<RegionSums>;
    const ID: &'static str = "regions";

    fn halo(&self) -> [usize; 2] {
        if self.holes { [1, 1] } else { [0, 0] }
    }

    fn empty(&self) -> Partial {
        Partial::default()
    }

    fn map(&self, block: &Block<'_>) -> Partial {
        let fixed = Fixed::over(self.range[0], self.range[1]);
        let mut shared: Vec<(u32, Axis, u32)> = Vec::new();
        let (runs, count) = self.runs(block, |_, here, axis, n| shared.push((here as u32, axis, n)));
        let mut records = vec![Record::default(); count as usize];
        for z in 0..block.own.len() {
            let at = block.own.start + z;
            let plane = block.plane(at);
            for run in &runs.runs[runs.plane(z)] {
                let record = &mut records[run.region as usize];
                record.sums.add(at as u64, run);
                let line = plane.row(run.y as usize);
                let values = line.iter().skip(run.first as usize).take((run.end - run.first) as usize);
                record.value += i128::from(values.map(|v| fixed.steps(*v)).sum::<i64>());
                record.sums.hole |= self.holes && Regions::beside_hole(block, at, run);
            }
        }
        for (here, axis, n) in shared {
            let region = runs.runs[here as usize].region;
            records[region as usize].sums.face(if axis == Axis::Z { 0 } else { 1 }, n);
        }
        let last = block.own.len() - 1;
        let edges = [0, last].map(|z| runs.runs[runs.plane(z)].to_vec());
        let forest = Forest((0..count).collect());
        Partial { parts: vec![(block.own.start, 0)], forest, records, edges, too_many: false }
    }

    fn merge(&self, mut left: Partial, mut right: Partial) -> Partial {
        if left.parts.is_empty() {
            return right;
        }
        if right.parts.is_empty() {
            return left;
        }
        let all = left.forest.0.len() + right.forest.0.len();
        if left.too_many || right.too_many || u32::try_from(all).is_err() {
            return Partial { parts: left.parts, too_many: true, ..Partial::default() };
        }
        let shift = left.forest.0.len() as u32;
        left.parts.extend(right.parts.iter().map(|(z, n)| (*z, n + shift)));
        left.forest.0.extend(right.forest.0.iter().map(|n| n + shift));
        left.records.append(&mut right.records);
        right.edges.iter_mut().flatten().for_each(|r| r.region += shift);
        let Partial { forest, records, edges, .. } = &mut left;
        across(&edges[1], &right.edges[0], self.connectivity, |a, b, facing| {
            if let Some((stays, goes)) = forest.join(a.region, b.region) {
                let gone = std::mem::take(&mut records[goes as usize]);
                let record = &mut records[stays as usize];
                record.value += gone.value;
                record.sums.join(&gone.sums);
            }
            let root = forest.root(b.region);
            records[root as usize].sums.face(0, facing);
        });
        left.edges[1] = std::mem::take(&mut right.edges[1]);
        left
    }

    fn finish(&self, mut total: Partial) -> Option<RegionSums> {
        if total.too_many {
            return None;
        }
        let fixed = Fixed::over(self.range[0], self.range[1]);
        let mut regions = Vec::new();
        let mut key = Key { parts: total.parts, regions: Vec::with_capacity(total.forest.0.len()) };
        for (i, record) in total.records.into_iter().enumerate() {
            let root = total.forest.root(i as u32);
            if root as usize == i {
                key.regions.push(regions.len() as u32);
                regions.push((record.sums.clone(), fixed.sum(record.sums.n, record.value)));
            } else {
                key.regions.push(key.regions[root as usize]);
            }
        }
        Some(RegionSums { regions, key })
    }
}
