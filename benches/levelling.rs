//! Levelling a 4096² map of doubles in place, all threads.
//!
//! Peer: Gwyddion 2.62's C library (4096², two cores): rows by a line 63 ms (one thread; a second is no gain), the
//! polynomial of degrees (3, 3) fitted and subtracted 0.46 s (one thread; with two its answer is wrong), a plane
//! 12 ms (two threads). To run it beside this one: the peer scripts' `bench_gwy.py --match fit_lines,poly3,plane`.
//!
//! "masked" has a twentieth of the pixels invalid. Levelling again what is level costs the same, so nothing is copied
//! between repetitions.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use softspot::data::{Levelling, RowMethod};
use softspot::num::random::Random;
use softspot::prepare::level::level;

const SIDE: usize = 4096;

fn tilted(holes: bool) -> Array2<f64> {
    let mut random = Random::named("bench", 1);
    Array2::from_shape_fn((SIDE, SIDE), |(y, x)| {
        let v = random.normal() + 1e-3 * x as f64 + 2e-3 * y as f64;
        if holes && random.uniform() < 0.05 { f64::NAN } else { v }
    })
}

fn steps(c: &mut Criterion) {
    let mut group = c.benchmark_group("levelling");
    group.sample_size(10).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    group.throughput(Throughput::Elements((SIDE * SIDE) as u64));
    let rows = |row, degree| Levelling::Rows { row, degree };
    let cases = [
        ("rows, degree 1", rows(RowMethod::Polynomial, 1)),
        ("rows, degree 2", rows(RowMethod::Polynomial, 2)),
        ("rows, median", rows(RowMethod::Median, 0)),
        ("rows, median of differences", rows(RowMethod::MedianDifference, 0)),
        ("plane (1, 1)", Levelling::Polynomial { degree: [1, 1] }),
        ("polynomial (3, 3)", Levelling::Polynomial { degree: [3, 3] }),
    ];
    for (masked, mark) in [(false, "whole"), (true, "masked")] {
        let mut z = tilted(masked);
        for (name, step) in &cases {
            group.bench_function(BenchmarkId::new(*name, mark), |b| {
                b.iter(|| level(black_box(&mut z), step));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
