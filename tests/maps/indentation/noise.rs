//! Noise of the load and noise that remembers, contact found: do the intervals of modulus, time and viscosity hold what went
//! in?

use softspot::contact::indentation::curve::{Curve, Flag};
use softspot::contact::indentation::model::Model;
use softspot::contact::indentation::protocol::{ContactPoint, Drift, Indenter, Parts, Protocol};
use softspot::contact::indentation::sphere::Sphere;
use softspot::num::parallel::ordered;
use softspot::num::random::Random;

use crate::common::many;

const S: Sphere = Sphere { radius: 2e-6, poisson: 0.363 };
const PEAK: f64 = 8e-4;

/// Noise of load and depth in parts of their largest, and the correlation of neighbouring depths.
struct Noise {
    load: f64,
    depth: f64,
    memory: f64,
}

/// A loading of 1 ms, held as long for Kelvin's solid, after an approach of a quarter of its points where contact is found.
fn curve(model: Model, found: bool, points: usize, truth: [f64; 2], noise: &Noise, r: &mut Random) -> Curve {
    let end = if model == Model::Kelvin { 2e-3 } else { 1e-3 };
    let step = end / points as f64;
    let mut c = Curve::default();
    for i in 0..=points {
        let t = i as f64 * step;
        c.time.push(t);
        c.load.push(PEAK * (t / 1e-3).min(1.0));
    }
    c.depth = vec![0.0; points + 1];
    let scale = libm::pow(S.factor() / truth[0], 2.0 / 3.0);
    let depth: Vec<f64> = model.response(&c, &truth[1..], 0.0).iter().map(|h| scale * h).collect();
    let top = depth.iter().copied().fold(0.0, f64::max);
    let before = if found { points / 4 } else { 0 };
    let approach = |k: usize| -top * (before - k) as f64 / points as f64;
    let mut out = Curve {
        time: (0..before + points + 1).map(|i| i as f64 * step).collect(),
        load: [vec![0.0; before], c.load].concat(),
        depth: [(0..before).map(approach).collect(), depth].concat(),
    };
    let mut x = r.normal();
    for i in 0..out.time.len() {
        x = noise.memory * x + (1.0 - noise.memory * noise.memory).sqrt() * r.normal();
        out.load[i] += noise.load * PEAK * r.normal();
        out.depth[i] += noise.depth * top * x;
    }
    out
}

/// `indentation` 1 held G in 24 to 33 % (Hertz, noise of the load of 0.3 %, contact found, G 5 % too high), G and t_c in 36 to
/// 38 % (Kelvin), and in 73 to 79 % under noise that remembers; with noise of the depth alone intervals were 8 to 300 times too
/// wide. Of 60 curves a setting fewer than 51 at a true 95 % have a chance of 0.2 %; the mean modulus is right within 1 %, the
/// half width at most twice that of the scatter.
#[test]
fn intervals_hold_under_noise_of_load_and_depth() {
    for (name, model, found, noise) in [
        ("load, found", Model::Hertz, true, [3e-3, 5e-4, 0.0]),
        ("depth, found", Model::Hertz, true, [0.0, 2e-3, 0.0]),
        ("both, found, remembering", Model::Hertz, true, [3e-3, 2e-3, 0.8]),
        ("remembering", Model::Hertz, false, [0.0, 5e-4, 0.8]),
        ("load", Model::Kelvin, false, [3e-3, 5e-4, 0.0]),
        ("load, found", Model::Kelvin, true, [3e-3, 5e-4, 0.0]),
        ("remembering", Model::Kelvin, false, [0.0, 5e-4, 0.8]),
    ] {
        let n = many(60, 400);
        let all = ordered(n, |i| {
            let mut r = Random::named("noisy indentation", i as u64);
            let noise = Noise { load: noise[0], depth: noise[1], memory: noise[2] };
            let truth = [libm::exp10(9.5 + r.uniform()), 1e-4 + 2e-4 * r.uniform()];
            let points = 150 + r.below(300);
            let c = curve(model, found, points, truth, &noise, &mut r);
            let protocol = Protocol {
                indenter: Indenter::Sphere(model, S),
                contact_point: if found { ContactPoint::Found } else { ContactPoint::Zero },
                parts: Parts::LoadingHold,
                drift: Drift::None,
                pull_off: None,
                frame_compliance: None,
                poisson: Some(S.poisson),
            };
            let e = protocol.evaluate(&c);
            assert_eq!(e.flag, Flag::Good, "{name} {i}: {}", e.why);
            let off = [libm::log(e.modulus / truth[0]), libm::log(e.relaxation_time / truth[1])];
            let held = [0, 1].map(|k| usize::from(off[k].abs() <= 1.96 * e.errors[k]));
            (held, off[0], e.errors[0])
        });
        let held = [0, 1].map(|k| all.iter().map(|a| a.0[k]).sum::<usize>());
        let mean = all.iter().map(|a| a.1).sum::<f64>() / n as f64;
        let scatter = (all.iter().map(|a| (a.1 - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
        let error = all.iter().map(|a| a.2).sum::<f64>() / n as f64;
        println!("{model:?}, {name}: G, t_c held {held:?} of {n}, G {mean:.4}, error {error:.4} for {scatter:.4}");
        let told = if model == Model::Kelvin { &held[..] } else { &held[..1] };
        assert!(told.iter().all(|h| *h >= many(51, 367)), "{model:?}, {name}: {held:?} of {n}");
        assert!(mean.abs() < 0.01 && error < 2.0 * scatter, "{model:?}, {name}: {mean} {error} {scatter}");
    }
}
