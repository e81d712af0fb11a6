//! Structure function along the axes: squared differences over all valid pairs, lag by lag (METHODS §2).

use std::borrow::Cow;

use pulp::{Simd, WithSimd};
use serde::{Deserialize, Serialize};

use super::{Block, Reducer, Set};
use crate::num::simd::widest;
use crate::num::sum::sum;

/// Pairs along z, y and x.
pub struct Lags {
    /// Largest lag along z, y and x, in voxels.
    pub max: [usize; 3],
    /// The indicator of a set instead of the values: its differences are 0 or 1.
    pub set: Option<Set>,
    /// Lags in all directions, too.
    pub ball: Ball,
}

/// Lags in all directions up to some distance, each counted once, by bins of distance.
#[derive(Clone, Debug, Default)]
pub struct Ball {
    /// Steps along z (0 or more), y and x, the distance in m, and the bin.
    offsets: Vec<([isize; 3], f64, usize)>,
    bins: usize,
}

impl Ball {
    /// Up to `r` metres with voxels of `voxel`; bins are as wide as the smallest step.
    pub fn new(r: f64, voxel: [f64; 3]) -> Ball {
        let width = voxel.iter().copied().fold(f64::INFINITY, f64::min);
        let reach = voxel.map(|s| (r / s + 1e-9).floor() as isize);
        let mut offsets = Vec::new();
        for z in 0..=reach[0] {
            for y in -reach[1]..=reach[1] {
                for x in -reach[2]..=reach[2] {
                    let half = z > 0 || y > 0 || (y == 0 && x > 0);
                    let d = [z, y, x].iter().zip(voxel).map(|(i, s)| (*i as f64 * s).powi(2)).sum::<f64>().sqrt();
                    if half && d <= r * (1.0 + 1e-9) {
                        offsets.push(([z, y, x], d, (d / width).round() as usize - 1));
                    }
                }
            }
        }
        let bins = offsets.iter().map(|o| o.2 + 1).max().unwrap_or(0);
        Ball { offsets, bins }
    }

    fn planes(&self) -> usize {
        self.offsets.iter().map(|o| o.0[0] as usize).max().unwrap_or(0)
    }
}

/// Sums of one plane: for each axis, lag by lag from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    axes: [Vec<(f64, u64)>; 3],
    /// By bin of distance: squared differences, pairs, and the distances of all pairs together.
    ball: Vec<(f64, u64, f64)>,
}

/// The function along one axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AxisCurve {
    /// Mean squared difference at lag 1, 2, …; NaN without a pair.
    pub h: Vec<f64>,
    /// Pairs.
    pub pairs: Vec<u64>,
}

impl AxisCurve {
    /// Its points (r, H, pairs) with steps of `step` metres.
    pub fn points(&self, step: f64) -> impl Iterator<Item = [f64; 3]> {
        let point = move |(k, (h, n)): (usize, (&f64, &u64))| [(k + 1) as f64 * step, *h, *n as f64];
        self.h.iter().zip(&self.pairs).enumerate().map(point)
    }
}

/// Squared differences of two lines: eight running sums, whatever the processor.
struct Differences<'a>(&'a [f64], &'a [f64]);

impl WithSimd for Differences<'_> {
    type Output = (f64, u64);
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (f64, u64) {
        simd.vectorize(
            #[inline(always)]
            || differences(self.0, self.1),
        )
    }
}

#[inline(always)]
fn differences(a: &[f64], b: &[f64]) -> (f64, u64) {
    let n = a.len().min(b.len());
    let (ca, ra) = a[..n].as_chunks::<8>();
    let (cb, rb) = b[..n].as_chunks::<8>();
    let (mut acc, mut valid) = ([0.0; 8], [0.0; 8]);
    for (x, y) in ca.iter().zip(cb) {
        for i in 0..8 {
            let d = x[i] - y[i];
            let d2 = d * d;
            let there = !d2.is_nan();
            acc[i] += if there { d2 } else { 0.0 };
            valid[i] += if there { 1.0 } else { 0.0 };
        }
    }
    let fold = |a: [f64; 8]| ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]));
    let (mut total, mut count) = (fold(acc), fold(valid));
    for (x, y) in ra.iter().zip(rb) {
        let d = x - y;
        if !d.is_nan() {
            total += d * d;
            count += 1.0;
        }
    }
    (total, count as u64)
}

impl Lags {
    /// A plane as numbers in one piece; of a set its indicator.
    fn numbers<'a>(&self, block: &Block<'a>, z: usize) -> Cow<'a, [f64]> {
        let plane = block.plane(z);
        let indicator = |set: Set, v: f64| if v.is_nan() { f64::NAN } else { f64::from(u8::from(set.has(v))) };
        match (self.set, plane.to_slice()) {
            (None, Some(numbers)) => Cow::Borrowed(numbers),
            (None, None) => plane.iter().copied().collect(),
            (Some(set), _) => plane.iter().map(|v| indicator(set, *v)).collect(),
        }
    }

    fn plane(&self, here: &[f64], later: &[Cow<'_, [f64]>], nx: usize) -> Plane {
        let line = |a: &[f64], b: &[f64]| widest(Differences(a, b));
        let mut axes = [Vec::new(), Vec::new(), Vec::new()];
        axes[0] = later.iter().take(self.max[0]).map(|other| line(here, other)).collect();
        for lag in 1..=self.max[1] {
            let from = (lag * nx).min(here.len());
            axes[1].push(line(&here[from..], here));
        }
        for lag in 1..=self.max[2] {
            let mut total = (0.0, 0);
            for row in here.chunks_exact(nx) {
                let (s, n) = line(&row[lag.min(nx)..], row);
                total = (total.0 + s, total.1 + n);
            }
            axes[2].push(total);
        }
        let mut ball = vec![(0.0, 0, 0.0); self.ball.bins];
        let ny = here.len() / nx;
        for ([z, y, x], r, bin) in &self.ball.offsets {
            let other = match *z as usize {
                0 => here,
                z => match later.get(z - 1) {
                    Some(plane) => plane,
                    None => continue,
                },
            };
            let (dy, dx) = (y.unsigned_abs(), x.unsigned_abs());
            if dy >= ny || dx >= nx {
                continue;
            }
            let mut total = (0.0, 0);
            for row in 0..ny - dy {
                let (a, b) = if *y < 0 { (row + dy, row) } else { (row, row + dy) };
                let (a, b) = (&here[a * nx..(a + 1) * nx], &other[b * nx..(b + 1) * nx]);
                let (s, n) = if *x < 0 { line(&a[dx..], b) } else { line(a, &b[dx..]) };
                total = (total.0 + s, total.1 + n);
            }
            let sums = &mut ball[*bin];
            *sums = (sums.0 + total.0, sums.1 + total.1, sums.2 + total.1 as f64 * r);
        }
        Plane { axes, ball }
    }

    /// Planes behind another that its pairs reach.
    fn reach(&self) -> usize {
        self.max[0].max(self.ball.planes())
    }
}

impl Reducer for Lags {
    type Partial = Vec<Plane>;
    type Output = Sums;
    const ID: &'static str = "lags";

    fn halo(&self) -> [usize; 2] {
        [0, self.reach()]
    }

    fn empty(&self) -> Vec<Plane> {
        Vec::new()
    }

    fn map(&self, block: &Block<'_>) -> Vec<Plane> {
        let nx = block.shape[2];
        let mut out = Vec::with_capacity(block.own.len());
        // This plane and the ones behind it that its pairs reach.
        let mut window: std::collections::VecDeque<Cow<'_, [f64]>> = std::collections::VecDeque::new();
        let end = block.there().end;
        for z in block.own.clone() {
            while window.len() <= self.reach() && z + window.len() < end {
                window.push_back(self.numbers(block, z + window.len()));
            }
            let Some(here) = window.pop_front() else { continue };
            out.push(self.plane(&here, window.make_contiguous(), nx));
        }
        out
    }

    fn merge(&self, mut left: Vec<Plane>, right: Vec<Plane>) -> Vec<Plane> {
        left.extend(right);
        left
    }

    fn finish(&self, total: Vec<Plane>) -> Sums {
        Sums { max: self.max, planes: total }
    }
}

/// Sums of every plane, so that parts of the volume can be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Sums {
    max: [usize; 3],
    planes: Vec<Plane>,
}

impl Sums {
    /// Planes.
    pub fn planes(&self) -> usize {
        self.planes.len()
    }

    /// The function in all directions of some planes: distance, mean squared difference and pairs of each bin that has a
    /// pair.
    pub fn radial(&self, taken: impl Fn(usize) -> bool) -> Vec<(f64, f64, u64)> {
        let planes: Vec<&Plane> = self.planes.iter().enumerate().filter(|(z, _)| taken(*z)).map(|(_, p)| p).collect();
        let bins = planes.first().map_or(0, |p| p.ball.len());
        let over = |f: &dyn Fn(&Plane) -> f64| sum(&planes.iter().map(|p| f(p)).collect::<Vec<_>>());
        let curve = |k: usize| {
            let pairs: u64 = planes.iter().map(|p| p.ball[k].1).sum();
            let n = pairs as f64;
            (pairs > 0).then(|| (over(&|p| p.ball[k].2) / n, over(&|p| p.ball[k].0) / n, pairs))
        };
        (0..bins).filter_map(curve).collect()
    }

    /// The function along z, y and x over all planes.
    pub fn whole(&self) -> [AxisCurve; 3] {
        self.of(|_| true)
    }

    /// The function of some planes; pairs across planes count for the first of both.
    pub fn of(&self, taken: impl Fn(usize) -> bool) -> [AxisCurve; 3] {
        let planes: Vec<&Plane> = self.planes.iter().enumerate().filter(|(z, _)| taken(*z)).map(|(_, p)| p).collect();
        [0, 1, 2].map(|axis| {
            let mut curve = AxisCurve::default();
            for lag in 0..self.max[axis] {
                let cells: Vec<(f64, u64)> = planes.iter().filter_map(|p| p.axes[axis].get(lag).copied()).collect();
                let pairs: u64 = cells.iter().map(|p| p.1).sum();
                let all = sum(&cells.iter().map(|p| p.0).collect::<Vec<_>>());
                curve.h.push(all / pairs as f64);
                curve.pairs.push(pairs);
            }
            curve
        })
    }
}
