//! Spectra of relaxation times and fits of isotherms.
//!
//! Peers (two cores): 64 spectra of 100 points, 70 times and 30 strengths by scipy's `nnls` 90 a second, pyReSpect 5 a
//! second. To run them beside these: the peer script `bench_relax.py`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use rayon::prelude::*;
use softspot::num::random::Random;
use softspot::num::random::Stream;
use softspot::relax::measured::{Background, Isotherm, Observations};
use softspot::relax::model::{find, havriliak_negami};
use softspot::relax::processes::{self, Interval};
use softspot::relax::times::bands::bands;
use softspot::relax::times::peaks::peaks;
use softspot::relax::times::strength::Normal;
use softspot::relax::times::{Grid, Problem, Rule, solve};

/// Peaks of 2.0 at 10⁻² s and 0.5 at 30 s, half a decade wide, with 1 % noise.
fn made(seed: u64) -> Problem {
    let mut r = Random::named("bench times", seed);
    let omega: Vec<f64> = (0..100).map(|i| libm::exp10(-4.0 + 9.0 * f64::from(i) / 99.0)).collect();
    let f = |x: f64| {
        let bump = |at: f64| libm::exp(-0.5 * ((x - at) / 0.5).powi(2));
        2.0 * bump(-2.0) + 0.5 * bump(1.5)
    };
    let loss: Vec<f64> = omega
        .iter()
        .map(|w| {
            let loss = |k: i32| {
                let x = f64::from(k) * 0.05;
                let wt = w * libm::exp10(x);
                f(x) * wt / (1.0 + wt * wt)
            };
            (-120..=100).map(loss).sum::<f64>() * (1.0 + 0.01 * r.normal())
        })
        .collect();
    Problem::of_frequency(Grid::new(1e-6, 1e5, 70), &omega, &[], &loss, loss.clone())
}

fn times(c: &mut Criterion) {
    let mut group = c.benchmark_group("relaxation");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    let all: Vec<Problem> = (0..64).map(made).collect();
    group.bench_function("64 spectra of 100 points, 70 times, 30 strengths", |b| {
        b.iter(|| {
            black_box(&all)
                .par_iter()
                .filter_map(|p| solve(p, &Normal::of(p), Rule::Evidence))
                .map(|s| s.strength)
                .sum::<f64>()
        });
    });
    let p = &all[0];
    let normal = Normal::of(p);
    let s = solve(p, &normal, Rule::Evidence).unwrap();
    let found = peaks(&s, p);
    group.bench_function("band and intervals of one, 100 resamples", |b| {
        b.iter(|| bands(&s, black_box(p), &normal, &found, 100, &Stream::named("bench")));
    });
    let model = find("havriliak-negami").unwrap();
    let isotherms: Vec<Isotherm> = (0..1000)
        .map(|k| {
            let mut r = Random::named("bench isotherm", k);
            let omega: Vec<f64> = (0..60).map(|i| libm::exp10(-3.0 + 0.1 * f64::from(i))).collect();
            let (storage, loss) = omega
                .iter()
                .map(|w| {
                    let chi = havriliak_negami(w * 0.8, 0.93, 0.43);
                    ((60e9 - 1.7e9 * chi.re) * (1.0 + 1e-3 * r.normal()), -1.7e9 * chi.im * (1.0 + 1e-2 * r.normal()))
                })
                .unzip();
            Isotherm { omega, storage, loss }
        })
        .collect();
    group.bench_function("1,000 Havriliak–Negami fits of 60 frequencies", |b| {
        b.iter(|| {
            black_box(&isotherms)
                .par_iter()
                .filter_map(|d| {
                    processes::fit(Observations::Frequency(d), model, 1, Background::None, Interval::Covariance).ok()
                })
                .map(|f| f.aicc)
                .sum::<f64>()
        });
    });
    group.finish();
}

criterion_group!(benches, times);
criterion_main!(benches);
