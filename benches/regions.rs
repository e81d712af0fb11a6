//! Regions, surrogates and power laws.
//!
//! Peers (two cores): labels and the table of a 4096² mask of the highest 5 % with 20,578 regions – scikit-image 2.2 s
//! (`regionprops_table`, no Feret diameters of both kinds), Gwyddion 0.32 s for fewer quantities; Python's `powerlaw`
//! 39 s for 100,000 values. To run them beside these: the peer scripts' `bench_label.py` and `bench_powerlaw.py`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use softspot::data::Map;
use softspot::num::random::Random;
use softspot::num::random::Stream;
use softspot::spatial::covariance::Covariance;
use softspot::spatial::field::Simulator;
use softspot::spatial::regions::cut::{Rule, Side, cut};
use softspot::spatial::regions::label::{Connectivity, label};
use softspot::spatial::regions::shape::measure;
use softspot::spatial::regions::summary::WholeRegions;
use softspot::spatial::sizes::rivals::compare;
use softspot::spatial::sizes::tail::Sizes;
use softspot::spatial::sizes::threshold::search;
use softspot::spatial::surrogates::{Kind, Surrogates};
use softspot::unit::Unit;

const PIXEL: [f64; 2] = [1e-9, 1e-9];

fn field(side: usize, xi: f64) -> ndarray::Array2<f64> {
    let c = Covariance { sigma: 1.0, xi, alpha: 1.0, noise: 0.0 };
    let [z, _] = Simulator::new([side, side], PIXEL, &c).pair(&mut Random::named("bench regions", 0));
    z
}

fn regions(c: &mut Criterion) {
    let mut group = c.benchmark_group("regions");
    group.sample_size(10).measurement_time(Duration::from_secs(4));
    let z = field(4096, 6.4e-9);
    let mask = cut(z.view(), Rule::Pixels(0.05), Side::High).unwrap().mask;
    let labels = label(mask.view(), Connectivity::Eight);
    let name = format!("labels, image and table of {} regions, 4096²", labels.count);
    group.bench_function(name, |b| {
        b.iter(|| {
            let labels = label(black_box(mask.view()), Connectivity::Eight);
            black_box((labels.image([4096, 4096]), measure(z.view(), &labels, PIXEL)))
        });
    });
    group.bench_function("threshold of the highest 5 %, 4096²", |b| {
        b.iter(|| cut(black_box(z.view()), Rule::Pixels(0.05), Side::High));
    });
    let values = field(512, 5e-9);
    let map = Map {
        values,
        unit: Unit::none(),
        quantity: "z".into(),
        pixel: Some(PIXEL),
        levelling: Vec::new(),
        convention: None,
    };
    group.bench_function("200 surrogates of a 512² map, cut and measured", |b| {
        b.iter(|| {
            let s = Surrogates::new(black_box(&map), Kind::Isotropic).unwrap();
            s.each(200, &Stream::named("bench"), false, &softspot::num::work::Work::quiet(), |z| {
                let mask = cut(z.view(), Rule::Pixels(0.05), Side::High).unwrap().mask;
                let all = measure(z.view(), &label(mask.view(), Connectivity::Eight), PIXEL);
                WholeRegions::new(&all, &[512, 512], 8).mean(|r| r.aspect_ratio)
            })
        });
    });
    let mut random = Random::named("bench sizes", 0);
    let sizes: Vec<f64> = (0..100_000).map(|_| libm::pow(random.uniform(), -1.0 / 1.5)).collect();
    group.bench_function("power law of 100,000 values with x_min", |b| {
        b.iter(|| search(&Sizes::new(black_box(sizes.iter().copied()), false), 50));
    });
    group.bench_function("power law of 100,000 values with x_min and four rivals", |b| {
        b.iter(|| {
            let sizes = Sizes::new(black_box(sizes.iter().copied()), false);
            let start = search(&sizes, 50).unwrap();
            compare(&sizes.tail(start.x_min))
        });
    });
    group.finish();
}

criterion_group!(benches, regions);
criterion_main!(benches);
