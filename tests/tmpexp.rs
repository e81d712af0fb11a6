use rayon::prelude::*;
use softspot::num::normal::Random;
use softspot::spatial::covariance::Covariance;
use softspot::spatial::field::Simulator;
use softspot::spatial::regions::cut::{Rule, Side, cut};
use softspot::spatial::regions::label::{Connectivity, label};
use softspot::spatial::regions::shape::measure;
use softspot::spatial::sizes::law::{Law, Name};
use softspot::spatial::sizes::rivals::compare;
use softspot::spatial::sizes::tail::Sizes;
use softspot::spatial::sizes::threshold::{search, start};

#[test]
fn featureless() {
    for alpha in [1.0, 0.5] {
        for top in [0.05, 0.2] {
            let c = Covariance { sigma: 1.0, xi: 5e-9, alpha, noise: 0.0 };
            let sim = Simulator::new([256, 256], [1e-9, 1e-9], &c);
            let names: Vec<String> = (0..100u64)
                .into_par_iter()
                .flat_map_iter(|i| {
                    sim.pair(&mut Random::named("exp", i))
                        .into_iter()
                        .map(|z| {
                            let m = cut(z.view(), Rule::Pixels(top), Side::High).unwrap();
                            let r = measure(z.view(), &label(m.mask.view(), Connectivity::Eight), [1e-9, 1e-9]);
                            let s =
                                Sizes::new(r.iter().filter(|r| !r.border && !r.spans).map(|r| r.pixels as f64), true);
                            let Some(b) = search(&s, 50) else { return format!("none {}", s.values().len() / 50) };
                            let t = s.tail(b.x_min);
                            compare(&t).unwrap().preferred().name().text().to_string()
                        })
                        .collect::<Vec<_>>()
                })
                .collect();
            let mut count = std::collections::BTreeMap::new();
            names.iter().for_each(|n| *count.entry(n.clone()).or_insert(0) += 1);
            println!("alpha {alpha} top {top}: {count:?}");
        }
    }
}

#[test]
fn percolation() {
    let taus: Vec<(f64, f64, f64)> = (0..20u64)
        .into_par_iter()
        .map(|i| {
            let mut r = Random::named("perc", i);
            let z = ndarray::Array2::from_shape_fn((1024, 1024), |_| r.uniform());
            let mask = z.mapv(|v| v < 0.592746);
            let regions = measure(z.view(), &label(mask.view(), Connectivity::Four), [1.0, 1.0]);
            let s = Sizes::new(regions.iter().filter(|r| !r.border && !r.spans).map(|r| r.pixels as f64), true);
            let b = search(&s, 50).unwrap();
            let fixed = start(&s.tail(10.0)).unwrap();
            (b.alpha, b.x_min, fixed.alpha)
        })
        .collect();
    let m = |f: fn(&(f64, f64, f64)) -> f64| taus.iter().map(f).sum::<f64>() / 20.0;
    println!("tau {} x_min {} tau from 10: {}", m(|t| t.0), m(|t| t.1), m(|t| t.2));
}

#[test]
fn known_laws() {
    // z scores and coverage of the analytic SE
    for (alpha, n) in [(2.5f64, 300usize), (1.8, 1000)] {
        let mut z = 0.0;
        for i in 0..50u64 {
            let mut r = Random::named("k", i);
            let v: Vec<f64> = (0..n).map(|_| libm::pow(r.uniform(), -1.0 / (alpha - 1.0))).collect();
            let s = Sizes::new(v, false);
            let Some(Law::Power { alpha: a }) = Law::fit(Name::Power, &s.tail(1.0)) else { panic!() };
            z += ((a - alpha) / ((alpha - 1.0) / (n as f64).sqrt())).abs();
        }
        println!("mean |z| {}", z / 50.0);
    }
}
