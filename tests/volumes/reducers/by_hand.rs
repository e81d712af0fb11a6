//! What reducers give against plain loops over the whole array, written from the definitions.

use std::collections::BTreeMap;

use ndarray::Array3;
use softspot::num::sum::moments;
use softspot::reduce::block_means::BlockMeans;
use softspot::reduce::box_counts::BoxCounts;
use softspot::reduce::box_masses::BoxMasses;
use softspot::reduce::grid::Grid;
use softspot::reduce::lacunarity::Lacunarity;
use softspot::reduce::lags::{Ball, Lags};
use softspot::reduce::moments::Moments;
use softspot::reduce::ranks::holding;
use softspot::reduce::regions::Regions;
use softspot::reduce::{Drive, Reducer, Set, reduce};
use softspot::spatial::regions::body::Body;
use softspot::spatial::regions::runs::Connectivity;

use super::{HIGH, LOW, VOXEL, field, volume};

fn run<R: Reducer>(z: &Array3<f64>, reducer: &R) -> R::Output {
    reduce(&volume(z.clone()), reducer, &Drive { planes: Some(5), ..Drive::simple() }).unwrap()
}

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * b.abs().max(1e-300)
}

#[test]
fn moments_of_all_voxels() {
    let z = field([23, 19, 31], true);
    let valid: Vec<f64> = z.iter().copied().filter(|v| !v.is_nan()).collect();
    let (have, want) = (run(&z, &Moments), moments(&valid));
    assert_eq!(have.n, valid.len() as u64);
    // Sums of ten thousand terms, rounded at 1e-16 each.
    assert!(close(have.mean, want.mean, 1e-12) && close(have.std, want.std, 1e-13));
    assert!((have.skewness - want.skewness).abs() < 1e-12 && (have.kurtosis - want.kurtosis).abs() < 1e-12);
}

/// Boxes by their index, voxel by voxel.
fn boxes(z: &Array3<f64>, set: Set, grid: &Grid) -> BTreeMap<[usize; 3], [u64; 2]> {
    let mut out = BTreeMap::new();
    for ((a, b, c), v) in z.indexed_iter().filter(|(_, v)| !v.is_nan()) {
        let key = [grid.index(0, a), grid.index(1, b), grid.index(2, c)];
        out.entry(key).or_insert([0, 0])[usize::from(!set.has(*v))] += 1;
    }
    out
}

#[test]
fn boxes_and_their_masses() {
    let shape = [23, 19, 70];
    let z = field(shape, true);
    let grids: Vec<Grid> = [1, 2, 3, 8, 11, 32]
        .into_iter()
        .flat_map(|s| [Grid::at_origin(s), Grid { size: s, offset: [s - 1, s / 2, s / 3] }])
        .collect();
    let phase = run(&z, &BoxCounts { set: HIGH, grids: grids.clone(), boundary: false, shape });
    let boundary = run(&z, &BoxCounts { set: HIGH, grids: grids.clone(), boundary: true, shape });
    let masses = run(&z, &BoxMasses { set: HIGH, grids: grids.clone(), shape });
    for (k, grid) in grids.iter().enumerate() {
        let by_hand = boxes(&z, HIGH, grid);
        assert_eq!(phase.total(k), by_hand.values().filter(|n| n[0] > 0).count() as u64, "{grid:?}");
        assert_eq!(boundary.total(k), by_hand.values().filter(|n| n[0] > 0 && n[1] > 0).count() as u64, "{grid:?}");
        let mut want: BTreeMap<u64, u64> = BTreeMap::new();
        by_hand.values().filter(|n| n[0] > 0).for_each(|n| *want.entry(n[0]).or_insert(0) += 1);
        assert_eq!(masses[k], want, "{grid:?}");
    }
    assert_eq!(phase.voxels, z.iter().filter(|v| HIGH.has(**v)).count() as u64);
}

#[test]
fn gliding_boxes() {
    let shape = [14, 12, 15];
    let z = field(shape, false);
    let found = run(&z, &Lacunarity { set: LOW, sizes: vec![1, 3, 4], shape });
    for (mass, s) in found.iter().zip([1usize, 3, 4]) {
        let mut all: Vec<u128> = Vec::new();
        for a in 0..=shape[0] - s {
            for b in 0..=shape[1] - s {
                for c in 0..=shape[2] - s {
                    let part = z.slice(ndarray::s![a..a + s, b..b + s, c..c + s]);
                    all.push(part.iter().filter(|v| LOW.has(**v)).count() as u128);
                }
            }
        }
        assert_eq!((mass.places, mass.sum), (all.len() as u64, all.iter().sum()));
        assert_eq!(mass.squares, all.iter().map(|m| m * m).sum());
    }
}

#[test]
fn pairs_along_axes_and_in_all_directions() {
    let z = field([12, 10, 14], true);
    let sums = run(&z, &Lags { max: [6, 9, 13], set: None, ball: Ball::new(1.2e-7, VOXEL) });
    let at = |i: [isize; 3]| z.get([i[0] as usize, i[1] as usize, i[2] as usize]).copied();
    let pairs = |d: [isize; 3]| {
        let (mut total, mut n) = (0.0, 0u64);
        for ((a, b, c), v) in z.indexed_iter() {
            let other = [a as isize + d[0], b as isize + d[1], c as isize + d[2]];
            if other.iter().any(|i| *i < 0) {
                continue;
            }
            if let Some(w) = at(other)
                && !(w - v).is_nan()
            {
                total += (w - v) * (w - v);
                n += 1;
            }
        }
        (total, n)
    };
    for (axis, curve) in sums.whole().iter().enumerate() {
        for (k, (h, n)) in curve.h.iter().zip(&curve.pairs).enumerate() {
            let mut d = [0; 3];
            d[axis] = k as isize + 1;
            let (total, count) = pairs(d);
            assert!(*n == count && (count == 0 || close(*h, total / count as f64, 1e-13)), "{axis} {k}");
        }
    }
    // Every lag of the ball and its opposite; bins as wide as the smallest step.
    let mut bins: BTreeMap<usize, (f64, u64, f64)> = BTreeMap::new();
    for a in -4isize..=4 {
        for b in -6isize..=6 {
            for c in -5isize..=5 {
                let r = [a, b, c].iter().zip(VOXEL).map(|(i, s)| (*i as f64 * s).powi(2)).sum::<f64>().sqrt();
                if r > 0.0 && r <= 1.2e-7 * (1.0 + 1e-9) {
                    let (total, n) = pairs([a, b, c]);
                    let bin = bins.entry((r / 2e-8).round() as usize).or_default();
                    *bin = (bin.0 + total, bin.1 + n, bin.2 + n as f64 * r);
                }
            }
        }
    }
    let radial = sums.radial(|_| true);
    assert_eq!(radial.len(), bins.len());
    for ((r, h, n), want) in radial.iter().zip(bins.values()) {
        assert_eq!(2 * n, want.1);
        assert!(close(*h, want.0 / want.1 as f64, 1e-12) && close(*r, want.2 / want.1 as f64, 1e-12));
    }
}

/// By flooding, voxel by voxel: numbers in the order of first voxels.
fn flooded(z: &Array3<f64>, set: Set, connectivity: Connectivity) -> Array3<u32> {
    let (nz, ny, nx) = z.dim();
    let mut out = Array3::zeros((nz, ny, nx));
    let mut count = 0;
    for start in ndarray::indices(z.dim()) {
        if !set.has(z[start]) || out[start] != 0 {
            continue;
        }
        count += 1;
        out[start] = count;
        let mut stack = vec![start];
        while let Some((a, b, c)) = stack.pop() {
            for d in 0..27usize {
                let d = [d / 9, d / 3 % 3, d % 3].map(|v| v as isize - 1);
                let steps = d.iter().filter(|v| **v != 0).count();
                let near = match connectivity {
                    Connectivity::Six => steps == 1,
                    Connectivity::Eighteen => steps == 1 || steps == 2,
                    Connectivity::TwentySix => steps > 0,
                };
                let to = [a as isize + d[0], b as isize + d[1], c as isize + d[2]];
                let inside = to.iter().zip([nz, ny, nx]).all(|(i, n)| *i >= 0 && (*i as usize) < n);
                if near && inside {
                    let to = (to[0] as usize, to[1] as usize, to[2] as usize);
                    if set.has(z[to]) && out[to] == 0 {
                        out[to] = count;
                        stack.push(to);
                    }
                }
            }
        }
    }
    out
}

#[test]
fn regions_are_those_of_flooding() {
    for (shape, holes) in [([13, 11, 66], true), ([9, 1, 40], false), ([1, 15, 17], false), ([16, 14, 12], false)] {
        let z = field(shape, holes);
        for connectivity in [Connectivity::Six, Connectivity::Eighteen, Connectivity::TwentySix] {
            let labels = flooded(&z, LOW, connectivity);
            let found = run(&z, &Regions { set: LOW, connectivity, range: [-5.0, 5.0], holes }).unwrap();
            let count = labels.iter().copied().max().unwrap_or(0) as usize;
            assert_eq!(found.regions.len(), count, "{shape:?} {connectivity:?}");
            for (k, (sums, sum)) in found.regions.iter().enumerate() {
                let id = k as u32 + 1;
                let body = Body::new(k + 1, sums, *sum, VOXEL, shape);
                let own: Vec<([usize; 3], f64)> = labels
                    .indexed_iter()
                    .filter(|(_, l)| **l == id)
                    .map(|((a, b, c), _)| ([a, b, c], z[[a, b, c]]))
                    .collect();
                by_hand(&body, &own, &labels, &z);
            }
        }
    }
}

/// Compares a region with sums over its voxels.
fn by_hand(body: &Body, own: &[([usize; 3], f64)], labels: &Array3<u32>, z: &Array3<f64>) {
    let n = own.len() as f64;
    assert_eq!(body.voxels, own.len() as u64);
    let place = |i: [usize; 3]| [0, 1, 2].map(|k| (i[k] as f64 + 0.5) * VOXEL[k]);
    let mean = [0, 1, 2].map(|k| own.iter().map(|v| place(v.0)[k]).sum::<f64>() / n);
    assert!(body.centroid.iter().rev().zip(mean).all(|(have, want)| close(*have, want, 1e-12)));
    // Values are whole multiples of 10/2⁴⁰.
    let sum: f64 = own.iter().map(|v| v.1).sum();
    assert!((body.sum - sum).abs() < n * 1e-11, "{} {sum}", body.sum);
    // The axes: trace, sum of squares and determinant of the second moments.
    let moment = |i: usize, j: usize| {
        let moment = |v: &([usize; 3], f64)| (place(v.0)[i] - mean[i]) * (place(v.0)[j] - mean[j]);
        own.iter().map(moment).sum::<f64>() / n + if i == j { VOXEL[i] * VOXEL[i] / 12.0 } else { 0.0 }
    };
    let lambda = body.axes.map(|a| a * a / 20.0);
    let trace: f64 = (0..3).map(|k| moment(k, k)).sum();
    let squares: f64 = (0..9).map(|k| moment(k / 3, k % 3).powi(2)).sum();
    assert!(close(lambda.iter().sum(), trace, 1e-10) && close(lambda.iter().map(|l| l * l).sum(), squares, 1e-10));
    if body.direction[0].is_finite() {
        // M v = λ v.
        let v = [body.direction[2], body.direction[1], body.direction[0]];
        for i in 0..3 {
            let mv: f64 = (0..3).map(|j| moment(i, j) * v[j]).sum();
            assert!((mv - lambda[0] * v[i]).abs() < 1e-9 * trace, "{mv} {}", lambda[0] * v[i]);
        }
    }
    let shape = [labels.dim().0, labels.dim().1, labels.dim().2];
    let neighbour = |i: [usize; 3], k: usize, up: bool| {
        let mut to = i;
        to[k] = if up { i[k] + 1 } else { i[k].checked_sub(1)? };
        (to[k] < shape[k]).then_some(to)
    };
    let (mut faces, mut hole, mut border) = ([0.0; 3], false, false);
    for (i, _) in own {
        for k in 0..3 {
            for up in [false, true] {
                match neighbour(*i, k, up) {
                    Some(to) => {
                        faces[k] += f64::from(u8::from(labels[to] as usize != body.id));
                        hole |= z[to].is_nan();
                    }
                    None => {
                        faces[k] += 1.0;
                        border |= shape[k] > 1;
                    }
                }
            }
        }
    }
    let [dz, dy, dx] = VOXEL;
    let area = 2.0 / 3.0 * (faces[0] * dy * dx + faces[1] * dz * dx + faces[2] * dz * dy);
    assert!(close(body.surface, area, 1e-12), "{} {area}", body.surface);
    assert_eq!((body.border, body.hole), (border, hole));
}

/// The fewest voxels that hold a share of the sum, against sorting.
#[test]
fn the_voxels_that_hold_a_share() {
    let z = field([9, 13, 21], false).mapv(|v| (10.0 * (v + 6.0)).round());
    let mut sorted: Vec<f64> = z.iter().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let total: f64 = sorted.iter().sum();
    let v = volume(z);
    for (share, low) in [(0.05, false), (0.4, false), (0.05, true), (0.9, true)] {
        let range = [sorted[0], sorted[sorted.len() - 1]];
        let mut run = |_: usize, digits: &softspot::reduce::ranks::Digits| reduce(&v, digits, &Drive::simple());
        let held = holding(range, share, low, &mut run).unwrap().unwrap();
        let order: Vec<f64> = if low { sorted.clone() } else { sorted.iter().rev().copied().collect() };
        let mut sum = 0.0;
        let at = order.iter().find(|v| {
            sum += **v;
            sum >= share * total
        });
        assert_eq!(held.at.value, *at.unwrap(), "{share} {low}");
        let beyond: f64 = order.iter().take_while(|v| **v != held.at.value).sum();
        assert!((held.beyond - beyond).abs() < 1e-6 && (held.total - total).abs() < 1e-6);
    }
}

#[test]
fn means_over_blocks() {
    let z = field([11, 13, 17], true);
    let have = run(&z, &BlockMeans { edges: [4, 5, 3], shape: [11, 13, 17] });
    let mut want = Vec::new();
    for a in 0..2 {
        for b in 0..2 {
            for c in 0..5 {
                let part = z.slice(ndarray::s![4 * a..4 * a + 4, 5 * b..5 * b + 5, 3 * c..3 * c + 3]);
                let valid: Vec<f64> = part.iter().copied().filter(|v| !v.is_nan()).collect();
                if valid.len() >= 30 {
                    want.push(valid.iter().sum::<f64>() / valid.len() as f64);
                }
            }
        }
    }
    assert_eq!(have.len(), want.len());
    assert!(have.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-13));
}

/// Masks in memory take another way to the same answers.
#[test]
fn masks_in_memory() {
    let shape = [37, 21, 67];
    let z = field(shape, false);
    let mask: Vec<bool> = z.iter().map(|v| LOW.has(*v)).collect();
    for connectivity in [Connectivity::Six, Connectivity::Eighteen, Connectivity::TwentySix] {
        let labels = softspot::spatial::regions::label::label_volume(&mask, shape, connectivity);
        let want = flooded(&z, LOW, connectivity);
        assert!(labels.image().iter().eq(want.iter()), "{connectivity:?}");
        assert_eq!(labels.count as u32, want.iter().copied().max().unwrap());
    }
    let grids: Vec<Grid> = [1, 2, 4, 8, 16, 32, 64].map(Grid::at_origin).into();
    for boundary in [false, true] {
        let reducer = BoxCounts { set: LOW, grids: grids.clone(), boundary, shape };
        assert_eq!(reducer.of_mask(&mask), run(&z, &reducer));
    }
}
