//! Does `box-counting` give a dimension to sets that have one, and none to level sets of featureless fields? Fields of drawn
//! covariance, and cascades of known dimension.

use ndarray::{Array2, Axis};
use softspot::data::Volume;
use softspot::num::parallel::ordered;
use softspot::num::random::{Random, Stream};
use softspot::reduce::dimension::{Counted, Dimension, Fit, NoScaling, Offsets, Setting, Sizes};
use softspot::reduce::passes::Passes;
use softspot::spatial::covariance::Covariance;
use softspot::spatial::field::Simulator;
use softspot::unit::Unit;

use crate::common::many;

fn measured(set: Array2<f64>, name: &str, i: usize) -> Dimension {
    let setting = Setting {
        sizes: Sizes::Dyadic,
        offsets: Offsets::Origin,
        places: 8,
        counted: Counted::Phase,
        fit: Fit::Plateau,
        moments: false,
        regions: false,
        resamples: Some(many(100, 200)),
        surrogates: many(60, 200),
    };
    let planes = set.insert_axis(Axis(1)).as_standard_layout().into_owned();
    let volume = Volume::new(planes, Unit::none(), "set", Some([1e-9; 3]));
    Dimension::of(&volume, 2, &setting, &Stream::named(name).content([i as f64]), &Passes::simple()).unwrap()
}

/// The highest part of a field.
fn top(z: &Array2<f64>, part: f64) -> Array2<f64> {
    let mut v: Vec<f64> = z.iter().copied().collect();
    v.sort_by(|a, b| b.total_cmp(a));
    let threshold = v[(part * v.len() as f64) as usize];
    z.mapv(|x| f64::from(u8::from(x > threshold)))
}

/// Level sets of rough, noisy and two-scale fields, many of which have a plateau: at α = 0.5 and 0.3, `box-counting` 2 gave
/// 24 to 50 % of them a dimension. At a true rate of 5 %, more than 4 of 24 have a chance of 0.6 %, more than 33 of 400 one
/// of 0.2 %.
#[test]
fn level_sets_of_featureless_fields_have_no_dimension() {
    let n = many(24, 400);
    let found = ordered(n, |i| {
        let mut r = Random::named("level sets", i as u64);
        let mut pick = |a: f64, b: f64| a + (b - a) * r.uniform();
        let side = if i % 2 == 0 { 256 } else { 192 };
        let (xi, alpha, noise) = (libm::exp(pick(1.6, 4.1)), pick(0.3, 0.7), pick(0.0, 0.4));
        let (part, second) = (libm::exp(pick(-4.0, -1.2)), pick(0.3, 1.0));
        let field = |xi: f64, alpha: f64, noise: f64, k: u64| {
            let c = Covariance { sigma: 1.0, xi, alpha, noise };
            let [z, _] = Simulator::new([side, side], [1.0, 1.0], &c).pair(&mut Random::named("level sets", k));
            z
        };
        let seed = 1000 + i as u64;
        let z = match i % 4 {
            0 | 1 => field(xi, alpha, 0.0, seed),
            2 => field(xi, alpha, noise, seed),
            _ => field(3.0, 1.0, 0.0, seed) + field(8.0 * second * 3.0, alpha, 0.0, seed + 1000).mapv(|v| second * v),
        };
        measured(top(&z, part), "level sets", i)
    });
    let reported = found.iter().filter(|d| d.scaling.is_ok()).count();
    let refuted = found.iter().filter(|d| matches!(d.scaling, Err(NoScaling::NotItsOwn { .. }))).count();
    assert!(reported <= many(4, 33), "{reported} of {n}");
    assert!(refuted >= n / 4, "{refuted} of {n}: plateaus that featureless sets have as well");
}

/// Cascades that keep each of b² parts with chance b^{D − 2}, D = 1.5 and 1.75, counted in boxes of 2ᵏ; those of thirds fit
/// no box. `box-counting` 2 covered D of these in 82 and 69 %. Nominal 95 %: at a true coverage of 93 %, fewer than 14 of
/// 18 have a chance of 0.7 %, fewer than 350 of 400 one of 0.1 %; of two kinds.
#[test]
fn cascades_have_their_dimension() {
    let n = many(18, 400);
    for (b, levels) in [(3, 6), (2, 8)] {
        let held = ordered(n, |i| {
            let d = if i % 2 == 0 { 1.5 } else { 1.75 };
            let mut r = Random::named("cascade", (1000 * b + i) as u64);
            let kept = libm::pow(b as f64, d - 2.0);
            let mut set = Array2::from_elem((1, 1), 1.0);
            for _ in 0..levels {
                let side = set.nrows() * b;
                set = Array2::from_shape_fn((side, side), |(y, x)| {
                    f64::from(u8::from(set[[y / b, x / b]] > 0.0 && r.uniform() < kept))
                });
            }
            // One in six dies out, or nearly so.
            if set.sum() < 200.0 {
                return None;
            }
            let found = measured(set, "cascade", i);
            if !found.plateau {
                return None;
            }
            let interval = found.interval.and_then(Result::ok);
            Some((found.scaling.ok()?.d, interval.is_some_and(|[low, high]| low <= d && d <= high)))
        });
        let known: Vec<_> = held.iter().flatten().collect();
        let covered = known.iter().filter(|k| k.1).count();
        println!("{b}: {covered} of {}", known.len());
        assert!(known.len() >= n * 7 / 10, "{} of {n} have a dimension", known.len());
        assert!(known.len() - covered <= n - many(14, 350), "{b}: {covered} of {}", known.len());
    }
}
