//! Box counts and labels of volumes.
//!
//! Peers (two cores): six lines of numpy count the boxes of 512³ at 4.9 Gvoxel/s, about ten passes over memory; cc3d labels
//! 512³ at 20 % with 26 neighbours in 0.28 s, one thread, and 4.1 bytes a voxel. To run them beside these: the peer
//! scripts' `bench_boxcount.py` and `bench_label.py`, or cc3d on the mask that `SOFTSPOT_MASK=FILE.npy` makes this write.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use rayon::prelude::*;
use softspot::num::random::Random;
use softspot::reduce::Set;
use softspot::reduce::box_counts::BoxCounts;
use softspot::reduce::grid::Grid;
use softspot::spatial::covariance::Covariance;
use softspot::spatial::field::VolumeSimulator;
use softspot::spatial::regions::label::label_volume;
use softspot::spatial::regions::runs::Connectivity;

/// The highest 20 % of a field of ξ = 12 voxels, α = 0.8.
fn mask(side: usize) -> Vec<bool> {
    let c = Covariance { sigma: 1.0, xi: 12.0, alpha: 0.8, noise: 0.0 };
    let [z, _] = VolumeSimulator::new([side; 3], [1.0; 3], &c).pair(&mut Random::named("bench volumes", 0));
    let mut sorted: Vec<f64> = z.iter().copied().collect();
    let k = sorted.len() / 5;
    let least = *sorted.select_nth_unstable_by(k, |a, b| b.total_cmp(a)).1;
    z.iter().map(|v| *v > least).collect()
}

/// Eight of them.
fn tiled(mask: &[bool], side: usize) -> Vec<bool> {
    let n = 2 * side;
    let mut out = vec![false; n * n * n];
    out.par_chunks_mut(n * n).enumerate().for_each(|(z, plane)| {
        for (y, row) in plane.chunks_mut(n).enumerate() {
            let at = ((z % side) * side + y % side) * side;
            row[..side].copy_from_slice(&mask[at..at + side]);
            row[side..].copy_from_slice(&mask[at..at + side]);
        }
    });
    out
}

fn volumes(c: &mut Criterion) {
    let mut group = c.benchmark_group("volumes");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    let small = mask(512);
    if let Some(path) = std::env::var_os("SOFTSPOT_MASK") {
        let mut npy = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        npy.extend(
            format!("{:<117}\n", "{'descr': '|u1', 'fortran_order': False, 'shape': (512, 512, 512), }").bytes(),
        );
        npy.extend(small.iter().map(|m| u8::from(*m)));
        std::fs::write(path, npy).unwrap();
    }
    let count = label_volume(&small, [512; 3], Connectivity::TwentySix).count;
    group.bench_function(format!("labels of 512³, 20 %, 26 neighbours: {count} regions as runs"), |b| {
        b.iter(|| label_volume(black_box(&small), [512; 3], Connectivity::TwentySix).count);
    });
    group.bench_function("the same with the image of labels", |b| {
        b.iter(|| label_volume(black_box(&small), [512; 3], Connectivity::TwentySix).image());
    });
    let large = tiled(&small, 512);
    drop(small);
    group.bench_function("one pass over 1024³ bytes (sum)", |b| {
        b.iter(|| {
            let sum = |part: &[bool]| -> u64 {
                part.chunks(255 * 32)
                    .map(|c| {
                        // Bytes are added as bytes as long as they do not overflow.
                        let mut lanes = [0u8; 32];
                        let (whole, rest) = c.as_chunks::<32>();
                        for w in whole {
                            for (l, v) in lanes.iter_mut().zip(w) {
                                *l += u8::from(*v);
                            }
                        }
                        lanes.iter().map(|l| u64::from(*l)).sum::<u64>()
                            + rest.iter().map(|v| u64::from(*v)).sum::<u64>()
                    })
                    .sum()
            };
            black_box(&large).par_chunks(1 << 24).map(sum).sum::<u64>()
        });
    });
    let grids: Vec<Grid> = (0..=10).map(|k| Grid::at_origin(1 << k)).collect();
    let reducer = BoxCounts { set: Set::NonZero, grids, boundary: false, shape: [1024; 3] };
    group.bench_function("box counts of 1024³, sizes 1, 2, 4, …, 1024", |b| {
        b.iter(|| reducer.of_mask(black_box(&large)))
    });
}

criterion_group!(benches, volumes);
criterion_main!(benches);
