//! Voxels of a set as runs along x, and which runs belong together.

use serde::{Deserialize, Serialize};

use crate::num::bits::words;

/// Which neighbours belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connectivity {
    /// Faces only.
    Six,
    /// Faces and edges.
    Eighteen,
    /// Faces, edges and corners.
    #[default]
    TwentySix,
}

impl Connectivity {
    /// How far runs of two rows may lie apart along x and still touch; `None` if the rows are no neighbours. `planes` and
    /// `rows`: by how many the rows differ (0 or 1).
    fn reach(self, planes: usize, rows: usize) -> Option<u32> {
        match (self, planes + rows) {
            (Connectivity::Six, 1) | (Connectivity::Eighteen, 2) => Some(0),
            (Connectivity::Six, _) => None,
            _ => Some(1),
        }
    }
}

/// Voxels of a set that follow one another along x.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Row.
    pub y: u32,
    /// First voxel.
    pub first: u32,
    /// One past the last.
    pub end: u32,
    /// The region.
    pub region: u32,
}

/// The runs of some planes, and where each row begins among them.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// By rising plane, row and voxel.
    pub runs: Vec<Run>,
    /// For row `y` of plane `z` at `z · ny + y`: its first run; one more at the end.
    pub rows: Vec<u32>,
    ny: usize,
}

impl Runs {
    /// Finds the runs of `planes` planes of `ny` rows of `nx` voxels; `row` gives the voxels of a row that are in the set as
    /// bits.
    pub fn scan(planes: usize, ny: usize, nx: usize, mut row: impl FnMut(usize, usize, &mut [u64])) -> Runs {
        let mut out = Runs { runs: Vec::new(), rows: Vec::with_capacity(planes * ny + 1), ny };
        let mut bits = vec![0u64; words(nx)];
        for z in 0..planes {
            for y in 0..ny {
                out.rows.push(out.runs.len() as u32);
                row(z, y, &mut bits);
                runs_of(&bits, nx, |first, end| {
                    out.runs.push(Run { y: y as u32, first, end, region: 0 });
                });
            }
        }
        out.rows.push(out.runs.len() as u32);
        out
    }

    /// Planes.
    pub fn planes(&self) -> usize {
        (self.rows.len() - 1).checked_div(self.ny).unwrap_or(0)
    }

    /// Where the runs of a plane are.
    pub fn plane(&self, z: usize) -> std::ops::Range<usize> {
        self.rows[z * self.ny] as usize..self.rows[(z + 1) * self.ny] as usize
    }

    /// Numbers the regions from 0 by their first voxels and gives how many there are. `facing` is told of every two runs
    /// of neighbouring rows that share sides, and of how many voxels.
    pub fn label(&mut self, connectivity: Connectivity, mut facing: impl FnMut(usize, usize, Axis, u32)) -> u32 {
        let mut forest = Forest((0..self.runs.len() as u32).collect());
        for z in 0..self.planes() {
            for y in 0..self.ny {
                let here = self.row(z, y);
                if here.is_empty() {
                    continue;
                }
                let mut with = |other: std::ops::Range<usize>, reach: Option<u32>, axis: Option<Axis>| {
                    let (a, b) = (&self.runs[other.clone()], &self.runs[here.clone()]);
                    touching(a, b, reach.unwrap_or(0), |i, j, shared| {
                        if reach.is_some() {
                            forest.join((other.start + i) as u32, (here.start + j) as u32);
                        }
                        if let Some(axis) = axis.filter(|_| shared > 0) {
                            facing(other.start + i, here.start + j, axis, shared);
                        }
                    });
                };
                if y > 0 {
                    with(self.row(z, y - 1), connectivity.reach(0, 1), Some(Axis::Y));
                }
                if z > 0 {
                    with(self.row(z - 1, y), connectivity.reach(1, 0), Some(Axis::Z));
                    if connectivity.reach(1, 1).is_some() {
                        if y > 0 {
                            with(self.row(z - 1, y - 1), connectivity.reach(1, 1), None);
                        }
                        if y + 1 < self.ny {
                            with(self.row(z - 1, y + 1), connectivity.reach(1, 1), None);
                        }
                    }
                }
            }
        }
        let mut count = 0;
        for i in 0..self.runs.len() {
            let root = forest.root(i as u32) as usize;
            self.runs[i].region = if root == i {
                count += 1;
                count - 1
            } else {
                self.runs[root].region
            };
        }
        count
    }

    fn row(&self, z: usize, y: usize) -> std::ops::Range<usize> {
        let k = z * self.ny + y;
        self.rows[k] as usize..self.rows[k + 1] as usize
    }
}

/// Across which two neighbouring rows share sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// They lie in neighbouring planes.
    Z,
    /// They lie in one plane.
    Y,
}

/// Joins the runs of a plane with those of the next one; `found` is told of every two that touch, and of how many voxels
/// face each other.
pub fn across(below: &[Run], above: &[Run], connectivity: Connectivity, mut found: impl FnMut(&Run, &Run, u32)) {
    let row = |runs: &[Run], y: u32| {
        let from = runs.partition_point(|r| r.y < y);
        from..from + runs[from..].partition_point(|r| r.y == y)
    };
    let mut at = 0;
    while at < above.len() {
        let y = above[at].y;
        let here = row(above, y);
        for (other, differ) in [(y.checked_sub(1), 1), (Some(y), 0), (y.checked_add(1), 1)] {
            let (Some(other), Some(reach)) = (other, connectivity.reach(1, differ)) else { continue };
            let (a, b) = (&below[row(below, other)], &above[here.clone()]);
            touching(a, b, reach, |i, j, shared| found(&a[i], &b[j], if differ == 0 { shared } else { 0 }));
        }
        at = here.end;
    }
}

/// Calls `found` for every two runs of two rows that are at most `reach` voxels from lying above each other, with the
/// number of voxels that do.
fn touching(a: &[Run], b: &[Run], reach: u32, mut found: impl FnMut(usize, usize, u32)) {
    let mut first = 0;
    for (j, run) in b.iter().enumerate() {
        while first < a.len() && a[first].end + reach <= run.first {
            first += 1;
        }
        let mut i = first;
        while i < a.len() && a[i].first < run.end + reach {
            let shared = a[i].end.min(run.end).saturating_sub(a[i].first.max(run.first));
            found(i, j, shared);
            i += 1;
        }
    }
}

/// First voxel and one past the last of every run of a row of bits.
fn runs_of(bits: &[u64], n: usize, mut found: impl FnMut(u32, u32)) {
    let mut open: Option<u32> = None;
    for (k, word) in bits.iter().enumerate() {
        let base = (64 * k) as u32;
        // A run that goes on through a full word, or nothing where nothing goes on.
        if (*word == 0 && open.is_none()) || (*word == u64::MAX && open.is_some()) {
            continue;
        }
        let (mut rest, mut at) = (*word, 0u32);
        while at < 64 {
            let step = if open.is_some() { (!rest).trailing_zeros() } else { rest.trailing_zeros() };
            if at + step >= 64 {
                break;
            }
            at += step;
            rest = rest.checked_shr(step).unwrap_or(0);
            match open.take() {
                None => open = Some(base + at),
                Some(first) => found(first, base + at),
            }
        }
    }
    if let Some(first) = open {
        found(first, n as u32);
    }
}

/// Trees of numbers; every parent is smaller than its children.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Forest(pub Vec<u32>);

impl Forest {
    /// The root of the tree that `i` is in.
    pub fn root(&mut self, mut i: u32) -> u32 {
        while self.0[i as usize] != i {
            let above = self.0[i as usize];
            self.0[i as usize] = self.0[above as usize];
            i = above;
        }
        i
    }

    /// Makes two trees one; gives the root that stays and the one that went, where there were two.
    pub fn join(&mut self, a: u32, b: u32) -> Option<(u32, u32)> {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return None;
        }
        let (low, high) = (a.min(b), a.max(b));
        self.0[high as usize] = low;
        Some((low, high))
    }
}
