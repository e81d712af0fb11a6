//! Long decays whose noise remembers, and creeps: does what is said of them hold? At small n each count is a bound that chance
//! breaks in less than 1 % (binomial); at full n (`SOFTSPOT_DEEP=1`) the bounds are three standard errors from the share that
//! is wanted.

use softspot::num::parallel::ordered;
use softspot::num::random::{Random, Stream};
use softspot::relax::model::kww::decay;
use softspot::relax::processes::Bracket;
use softspot::relax::transient::Transient;
use softspot::relax::transient::kww::ZeroTime;
use softspot::relax::transient::relaxation::{Class, Relaxation, Setting};

use super::common::many;

fn grid(n: usize, from: f64, to: f64) -> Vec<f64> {
    (0..n).map(|i| libm::exp10(from + (to - from) * i as f64 / (n - 1) as f64)).collect()
}

fn read(time: &[f64], value: Vec<f64>, zero: ZeroTime, i: usize) -> Relaxation {
    let d = Transient::new(time.to_vec(), value);
    let window = 0.25 * std::f64::consts::LN_10;
    let setting = Setting { baseline: true, zero, window, most: 2000, surrogates: 99 };
    Relaxation::of(&d, &setting, &Stream::named("decays").content([i as f64])).unwrap()
}

fn holds(b: Bracket, truth: f64) -> usize {
    usize::from(b.1[0] <= truth && truth <= b.1[1])
}

/// 20,000 points at even steps whose noise remembers over ten of them: means over many points are taken, and the intervals
/// take in that neighbours agree. Of 12, fewer than 9 at 95 % have a chance of 0.2 %.
#[test]
fn long_records_remember_as_well() {
    let n = many(12, 200);
    let found = ordered(n, |i| {
        let mut r = Random::named("long record", i as u64);
        let time: Vec<f64> = (1..=20_000).map(|i| 0.5 * f64::from(i)).collect();
        let mut x = r.normal();
        let value = time
            .iter()
            .map(|t| {
                x = 0.9 * x + 0.19f64.sqrt() * r.normal();
                20.0 + 80.0 * decay(t / 300.0, 0.55) + 0.8 * x
            })
            .collect();
        let f = read(&time, value, ZeroTime::Given(0.0), i);
        [holds(f.one.tau, 300.0), holds(f.one.beta, 0.55), usize::from(f.class == Class::One)]
    });
    let held = [0, 1, 2].map(|k| found.iter().map(|f| f[k]).sum::<usize>());
    println!("τ, β held, one step {held:?} of {n}");
    assert!(held.iter().all(|h| *h >= many(9, 181)), "{held:?} of {n}");
}

/// A creep rises towards its level: τ and β as of a decay. Of 24, fewer than 19 at 95 % have a chance of 0.6 %; one that is
/// rejected, of more than 5, one of 0.4 %.
#[test]
fn a_creep_is_read_as_well() {
    let n = many(24, 400);
    let found = ordered(n, |i| {
        let mut r = Random::named("creep", i as u64);
        let time = grid(200, -1.0, 4.0);
        let (tau, beta) = (libm::exp10(1.3 + 1.5 * r.uniform()), 0.45 + 0.4 * r.uniform());
        let start = if i % 2 == 0 { 0.0 } else { 2e-3 };
        let value = time.iter().map(|t| start + 1e-3 * (1.0 - decay(t / tau, beta)) + 8e-6 * r.normal()).collect();
        let f = read(&time, value, ZeroTime::Given(0.0), i);
        [holds(f.one.tau, tau), holds(f.one.beta, beta), usize::from(f.class != Class::One)]
    });
    let [tau, beta, rejected] = [0, 1, 2].map(|k| found.iter().map(|f| f[k]).sum::<usize>());
    println!("τ, β held {tau}, {beta}; {rejected} rejected of {n}");
    assert!(tau.min(beta) >= many(19, 367) && rejected <= many(5, 33), "{tau} {beta} {rejected} of {n}");
}
