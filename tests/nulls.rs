//! Do the nulls hold? Featureless fields are called featureless as often as the level says, stretched ones are not.

use softspot::data::Map;
use softspot::num::normal::Random;
use softspot::spatial::covariance::Covariance;
use softspot::spatial::field::Simulator;
use softspot::spatial::regions::cut::{Rule, Side, cut};
use softspot::spatial::regions::label::{Connectivity, label};
use softspot::spatial::regions::shape::measure;
use softspot::spatial::regions::summary::Measured;
use softspot::spatial::surrogates::{Kind, Null, Surrogates};
use softspot::unit::Unit;

const PIXEL: [f64; 2] = [1e-9, 1e-9];

fn map(values: ndarray::Array2<f64>) -> Map {
    Map {
        values,
        unit: Unit::none(),
        quantity: "z".into(),
        pixel: Some(PIXEL),
        levelling: Vec::new(),
        convention: None,
    }
}

fn aspect(z: &ndarray::Array2<f64>) -> f64 {
    let Ok(chosen) = cut(z.view(), Rule::Pixels(0.05), Side::High) else { return f64::NAN };
    let regions = measure(z.view(), &label(chosen.mask.view(), Connectivity::Eight), PIXEL);
    Measured::new(&regions, [z.nrows(), z.ncols()], 8).mean(|r| r.aspect_ratio)
}

/// The share of fields whose aspect ratio has p < 0.05 against their own surrogates. `stretch` is that along x.
fn found(fields: u64, alpha: f64, stretch: f64, surrogates: usize) -> f64 {
    let c = Covariance { sigma: 1.0, xi: 5e-9, alpha, noise: 0.0 };
    // A pixel that is shorter along x sees longer regions there.
    let sim = Simulator::new([256, 256], [1e-9, 1e-9 / stretch], &c);
    let mut low = 0;
    for i in 0..fields / 2 {
        for (k, z) in sim.pair(&mut Random::named("field of a null", i)).into_iter().enumerate() {
            let own = map(z);
            let s = Surrogates::new(&own, Kind::Isotropic).unwrap();
            let seed = format!("null {i} {k}");
            let others = s.each(surrogates, &seed, false, &|| false, aspect).unwrap();
            low += usize::from(Null::of(aspect(&own.values), others).unwrap().above < 0.05);
        }
    }
    low as f64 / fields as f64
}

#[test]
fn tmp() {
    for alpha in [1.0, 0.5] {
        println!("alpha {alpha}: false {} power {}", found(200, alpha, 1.0, 200), found(40, alpha, 1.4, 200));
    }
}
