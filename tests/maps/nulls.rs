//! Do the nulls hold? Featureless fields are called featureless as often as the level says, stretched ones are not.

use softspot::num::random::{Random, Stream};
use softspot::num::work::Work;
use softspot::spatial::covariance::Covariance;
use softspot::spatial::field::Simulator;
use softspot::spatial::regions::cut::{Rule, Side, cut};
use softspot::spatial::regions::label::{Connectivity, label};
use softspot::spatial::regions::shape::measure;
use softspot::spatial::sizes::LEAST;
use softspot::spatial::sizes::analysis::{Population, SizeLaw};
use softspot::spatial::sizes::law::{Law, Name};
use softspot::spatial::sizes::scale::Scale;
use softspot::spatial::sizes::tail::Sizes;
use softspot::spatial::sizes::threshold::{Start, draw, search};
use softspot::spatial::sizes::verdict::Verdict;

use crate::common::calibrated::{calibrated, finds, holds};
use crate::common::many;
use softspot::data::Value;

const PIXEL: [f64; 2] = [1e-9, 1e-9];

/// Featureless fields of any roughness, marginal and of two lengths are called so – 12 % of those of two lengths were not by
/// surrogates of one – and stretched ones are not: a stretch of 1.4 with an exponential covariance was found in 50 to 63 % by
/// the mean aspect ratio alone.
#[test]
fn regions_of_featureless_fields_are_called_so_and_stretched_ones_not() {
    let c = calibrated("regions", many(8, 200));
    c.outcomes.iter().for_each(holds);
    let stretched: Vec<_> = c.outcomes.iter().filter(|o| o.setting.contains("1.4 times")).collect();
    assert_eq!(stretched.len(), 2);
    stretched.iter().for_each(|o| finds(o, "aspect_ratio_p", 0.9));
}

/// Whether the stage `cluster-sizes` would call the sizes of one field's whole regions a power law.
fn is_called_power_law(z: &ndarray::Array2<f64>) -> bool {
    let chosen = cut(z.view(), Rule::Pixels(0.05), Side::High).unwrap();
    let regions = measure(z.view(), &label(chosen.mask.view(), Connectivity::Eight), PIXEL);
    let sizes = Sizes::new(regions.iter().filter(|r| !r.border && !r.spans).map(|r| r.pixels as f64), true);
    let values = sizes.values().iter().map(|v| (0, *v)).collect();
    let population = Population { values, images: 1, scale: Scale::regions(Some(PIXEL[0] * PIXEL[1]), true, 2) };
    let stream = Stream::named("called").content(sizes.values().iter().copied());
    let found = SizeLaw::of(&population, None, Some(40), &stream, &Work::quiet()).unwrap();
    found.is_ok_and(|f| matches!(f.verdict, Verdict::Named(n) if n.law.name() == Name::Power))
}

/// Cluster sizes of 200 featureless fields: fewer than 5 % a power law. Of 20, more than 4 have a chance of 0.3 % where 5 %
/// are called so.
#[test]
fn cluster_sizes_of_featureless_fields_are_no_power_law() {
    for alpha in [1.0, 0.5] {
        let c = Covariance { sigma: 1.0, xi: 5e-9, alpha, noise: 0.0 };
        let sim = Simulator::new([256, 256], PIXEL, &c);
        let n = many(20, 200);
        let called = (0..n as u64 / 2)
            .flat_map(|i| sim.pair(&mut Random::named("sizes of a null", i)))
            .filter(is_called_power_law);
        let called = called.count();
        assert!(called < many(5, 10), "α = {alpha}: {called} of {n}");
    }
}

/// Site percolation at p_c = 0.592746: τ = 187/91. Twelve lattices of 512² instead of twenty of 1024² (τ = 2.03 there):
/// corrections to scaling and the window make it smaller by a few per cent.
#[test]
fn percolation_has_its_exponent() {
    let tau: Vec<f64> = (0..12)
        .map(|i| {
            let mut random = Random::named("percolation", i);
            let z = ndarray::Array2::from_shape_fn((512, 512), |_| random.uniform());
            let mask = z.mapv(|v| v < 0.592_746);
            let regions = measure(z.view(), &label(mask.view(), Connectivity::Four), PIXEL);
            let whole = regions.iter().filter(|r| !r.border && !r.spans).map(|r| r.pixels as f64);
            search(&Sizes::new(whole, true), LEAST).unwrap().alpha
        })
        .collect();
    let mean = tau.iter().sum::<f64>() / tau.len() as f64;
    assert!((mean - 187.0 / 91.0).abs() < 0.1, "{mean}: {tau:?}");
}

/// Exponents of 50 samples of a known law lie 0.8 standard errors off on average; 1.2 is 4 standard errors of that more.
#[test]
fn exponents_of_known_laws() {
    for (alpha, n) in [(2.5, 300), (1.8, 1000)] {
        let mut off = 0.0;
        for i in 0..50 {
            let start = Start { x_min: 1.0, alpha, n, distance: 0.0 };
            let mut random = Random::named("known law", i);
            let sizes = Sizes::new((0..n).map(|_| draw(&start, false, &mut random)).collect::<Vec<_>>(), false);
            let Some(Law::Power { alpha: have }) = Law::fit(Name::Power, &sizes.tail(1.0)) else { panic!() };
            off += (have - alpha).abs() / ((alpha - 1.0) / (n as f64).sqrt());
        }
        assert!(off / 50.0 < 1.2, "{alpha}: {}", off / 50.0);
    }
}

/// Power laws of whole nanometres: the steps are not taken for a law of their own.
#[test]
fn sizes_in_steps_follow_their_law() {
    let dir = tempfile::tempdir().unwrap();
    let mut text =
        "[pipeline]\nname = \"c\"\nseed = 9\n[stage.law]\nrun = \"cluster-sizes\"\ninput = \"sizes\"\n".to_string();
    for i in 0..6 {
        let start = Start { x_min: 3.0, alpha: 2.4, n: 1500, distance: 0.0 };
        let mut random = Random::named("sizes in steps", i as u64);
        let rows: String = (0..1500).map(|_| format!("{}\n", draw(&start, true, &mut random))).collect();
        std::fs::write(dir.path().join(format!("{i}.csv")), format!("d (nm)\n{rows}")).unwrap();
        text += &format!("[sample.s{i}]\nsizes = {{ path = \"{i}.csv\", columns = {{ size = \"d\" }} }}\n");
    }
    let run = crate::common::run_whole(&text, dir.path(), &[], &dir.path().join("out"));
    let row = |i: usize, metric: &str| run.row(&format!("s{i}"), "law", metric).unwrap();
    let named = (0..6).filter(|i| row(*i, "preferred").metric.value == Value::Text("power-law".into())).count();
    // In trials nine of ten are named; fewer than three of six by chance in less than 1 in 700.
    assert!(named >= 3, "{named}");
    let x_min = (0..6).map(|i| match row(i, "x_min").metric.value {
        Value::Number(v) => v,
        _ => f64::NAN,
    });
    assert!(x_min.clone().all(|x| (x / 1e-9 - (x / 1e-9).round()).abs() < 1e-6), "{:?}", x_min.collect::<Vec<_>>());
}

/// The stage's own intervals of samples of 400 sizes (nominal 95 %).
#[test]
fn intervals_of_exponents_cover_the_truth() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = "[pipeline]\nname = \"c\"\nseed = 9\n".to_string();
    let n = many(16, 60);
    for i in 0..n {
        let start = Start { x_min: 1.0, alpha: 2.3, n: 400, distance: 0.0 };
        let mut random = Random::named("coverage of exponents", i as u64);
        let rows: String = (0..400).map(|_| format!("{}\n", draw(&start, false, &mut random))).collect();
        std::fs::write(dir.path().join(format!("{i}.csv")), format!("size\n{rows}")).unwrap();
        text += &format!(
            "[sample.s{i}]\nsizes = {{ path = \"{i}.csv\", columns = {{ size = \"size\" }}, unit = \"nm\" }}\n"
        );
    }
    text += "[stage.given]\nrun = \"cluster-sizes\"\ninput = \"sizes\"\nx_min = \"1 nm\"\n\
             [stage.searched]\nrun = \"cluster-sizes\"\ninput = \"sizes\"\nresamples = 100\n";
    let run = crate::common::run_whole(&text, dir.path(), &[], &dir.path().join("out"));
    for stage in ["given", "searched"] {
        let row = |i: usize, metric: &str| run.row(&format!("s{i}"), stage, metric).unwrap();
        let held: Vec<bool> = (0..n)
            .filter_map(|i| {
                // Where the law is undecided the exponent is a guide, and has no interval.
                let decided = row(i, "preferred").metric.value != Value::Text("undecided".into());
                let interval = row(i, "alpha").metric.interval;
                assert_eq!(decided, interval.is_some(), "{stage} s{i}");
                interval.map(|[low, high]| low <= 2.3 && 2.3 <= high)
            })
            .collect();
        let inside = held.iter().filter(|h| **h).count();
        println!("{stage}: {inside} of {} named", held.len());
        // Of m intervals that hold the truth in 95 %, fewer than 0.85 m − 2 do so in less than 1 in 1000 such runs.
        assert!(held.len() >= n / 2 && inside as f64 >= 0.85 * held.len() as f64 - 2.0, "{stage}: {inside}");
    }
}
