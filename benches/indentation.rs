//! Fits of load–depth curves and one-feature k-means.
//!
//! Peers (two cores): 10,000 Kelvin loading curves of 1,000 points by scipy `curve_fit` 0.93 s in two processes (the same
//! least squares in h^{3/2}, without intervals); exact k-means of 10⁶ values by ckwrap 0.23 s, of 4096² by scikit-learn
//! (k = 3, 10 starts, no optimum). To run them beside these: the peer scripts' `bench_curves.py` and `bench_kmeans.py`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use rayon::prelude::*;
use softspot::contact::indentation::curve::Curve;
use softspot::contact::indentation::fit::{Setting, fit};
use softspot::contact::indentation::model::Model;
use softspot::contact::indentation::{kelvin, ramp};
use softspot::num::random::Random;
use softspot::segment::exact::partition;

fn curves(c: &mut Criterion) {
    let mut group = c.benchmark_group("indentation");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    let (n, points) = (10_000usize, 1000usize);
    let step = 1.0 / (points - 1) as f64;
    let made: Vec<Vec<f64>> = (0..n)
        .map(|k| {
            let mut r = Random::named("bench curves", k as u64);
            let tau = 0.1 * (1.0 + 0.2 * r.normal()).clamp(0.5, 1.5);
            let clean = |t: f64| 3.0 * (t - tau * (1.0 - libm::exp(-t / tau)));
            let sigma = 1e-3 * clean(1.0);
            (0..points).map(|i| clean(i as f64 * step) + sigma * r.normal()).collect()
        })
        .collect();
    group.bench_function("10,000 Kelvin loading curves of 1,000 points, in h^{3/2}", |b| {
        b.iter(|| black_box(&made).par_iter().filter_map(|y| ramp::fit(y, step)).map(|f| f.relaxation).sum::<f64>());
    });
    let time: Vec<f64> = (0..points).map(|i| i as f64 * step).collect();
    let load = time.clone();
    let ready: Vec<Curve> = (0..1000)
        .map(|k| {
            let mut r = Random::named("bench whole", k);
            let c = Curve { time: time.clone(), load: load.clone(), depth: vec![0.0; points] };
            let h = kelvin::response(&c, 0.1);
            let depth = h.iter().map(|v| v + 5e-4 * r.normal()).collect();
            Curve { depth, ..c }
        })
        .collect();
    let setting = Setting {
        model: Model::Kelvin,
        offset: false,
        drift: false,
        pull_off: 0.0,
        contact_error: 0.0,
        level_error: 0.0,
    };
    group.bench_function("1,000 of them as the stage fits them: in h, measured load, intervals", |b| {
        b.iter(|| black_box(&ready).par_iter().filter_map(|c| fit(c, &setting).ok()).map(|s| s.scale).sum::<f64>());
    });
    group.finish();
}

fn classes(c: &mut Criterion) {
    let mut group = c.benchmark_group("k-means");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    let mut r = Random::named("bench k-means", 0);
    let values: Vec<f64> = (0..4096 * 4096).map(|i| [88e9, 95e9, 103e9][i % 3] + 2.5e9 * r.normal()).collect();
    group.bench_function("exact, 10⁶ values, k = 3", |b| b.iter(|| partition(black_box(&values[..1_000_000]), 3)));
    group.bench_function("exact, 4096² values, k = 3", |b| b.iter(|| partition(black_box(&values), 3)));
    group.finish();
}

criterion_group!(benches, curves, classes);
criterion_main!(benches);
