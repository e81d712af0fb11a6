//! Connected components by runs of pixels: a row is a few runs, whatever its length.

use ndarray::ArrayView2;
use rayon::prelude::*;

/// Which neighbours belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connectivity {
    /// Sides only.
    Four,
    /// Sides and corners.
    #[default]
    Eight,
}

/// Pixels that follow one another in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The row.
    pub row: u32,
    /// Its first pixel.
    pub first: u32,
    /// One past its last pixel.
    pub end: u32,
    /// The region, from 0 in the order of first pixels.
    pub region: u32,
}

/// All regions of a mask.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// Runs by rising row and column.
    pub runs: Vec<Run>,
    /// Number of regions.
    pub count: usize,
}

/// Rows that one thread scans at a time.
const BAND: usize = 64;

/// Finds the regions.
pub fn label(mask: ArrayView2<'_, bool>, connectivity: Connectivity) -> Labels {
    let rows = mask.nrows();
    let mut bands: Vec<Vec<Run>> = (0..rows.div_ceil(BAND))
        .into_par_iter()
        .map(|band| {
            let mut runs = Vec::new();
            for row in band * BAND..rows.min((band + 1) * BAND) {
                match mask.row(row).as_slice() {
                    Some(line) => scan(line, row, &mut runs),
                    None => scan(&mask.row(row).to_vec(), row, &mut runs),
                }
            }
            runs
        })
        .collect();
    let mut runs: Vec<Run> = Vec::with_capacity(bands.iter().map(Vec::len).sum());
    bands.iter_mut().for_each(|b| runs.append(b));
    let mut forest = Forest((0..runs.len() as u32).collect());
    let reach = u32::from(connectivity == Connectivity::Eight);
    // Two fingers along neighbouring rows.
    let (mut above, mut above_end, mut at) = (0, 0, 0);
    while at < runs.len() {
        let row = runs[at].row;
        let end = at + runs[at..].iter().take_while(|r| r.row == row).count();
        let adjacent = above_end > above && runs[above].row + 1 == row;
        let mut up = above;
        for i in at..end {
            if !adjacent {
                break;
            }
            while up < above_end && runs[up].end + reach <= runs[i].first {
                up += 1;
            }
            let mut k = up;
            while k < above_end && runs[k].first < runs[i].end + reach {
                forest.join(k as u32, i as u32);
                k += 1;
            }
        }
        (above, above_end, at) = (at, end, end);
    }
    // The root of a tree is its first run, so that numbers rise with first pixels.
    let mut count = 0;
    for i in 0..runs.len() {
        let root = forest.root(i as u32) as usize;
        if root == i {
            runs[i].region = count;
            count += 1;
        } else {
            runs[i].region = runs[root].region;
        }
    }
    Labels { runs, count: count as usize }
}

/// The runs of a row.
fn scan(line: &[bool], row: usize, out: &mut Vec<Run>) {
    let mut x = 0;
    let next = |from: usize, wanted: bool| {
        line.get(from..).and_then(|l| l.iter().position(|v| *v == wanted)).map(|at| from + at)
    };
    while let Some(first) = next(x, true) {
        let end = next(first, false).unwrap_or(line.len());
        out.push(Run { row: row as u32, first: first as u32, end: end as u32, region: 0 });
        x = end;
    }
}

/// Trees of runs; every parent comes before its children.
struct Forest(Vec<u32>);

impl Forest {
    fn root(&mut self, mut i: u32) -> u32 {
        while self.0[i as usize] != i {
            let above = self.0[i as usize];
            self.0[i as usize] = self.0[above as usize];
            i = above;
        }
        i
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a < b {
            self.0[b as usize] = a;
        } else {
            self.0[a as usize] = b;
        }
    }
}

impl Labels {
    /// The label of every pixel of a map of that shape, row by row: 0 outside of regions, else the region's number + 1.
    pub fn image(&self, [rows, columns]: [usize; 2]) -> Vec<u32> {
        let mut out = vec![0u32; rows * columns];
        for run in &self.runs {
            let from = run.row as usize * columns;
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
    use crate::num::normal::Random;
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
