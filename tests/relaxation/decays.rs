//! Decays with noise that remembers, one step and two: does what is said of them hold? At small n each count is a bound that
//! chance breaks in less than 1 % (binomial); at full n (`SOFTSPOT_DEEP=1`) the bounds are three standard errors from the
//! share that is wanted.

use softspot::num::parallel::ordered;
use softspot::num::random::{Random, Stream};
use softspot::relax::model::kww::decay;
use softspot::relax::processes::Bracket;
use softspot::relax::transient::Transient;
use softspot::relax::transient::kww::ZeroTime;
use softspot::relax::transient::relaxation::{Class, Relaxation, Setting};

use super::common::many;

/// Noise that a filter of its own makes, point by point: white, remembering over points or over seconds, or both together.
fn noise(kind: usize, time: &[f64], r: &mut Random) -> Vec<f64> {
    let link = 0.5 + 0.4 * r.uniform();
    let mut x = r.normal();
    (0..time.len())
        .map(|i| {
            let along = match kind {
                0 => 0.0,
                2 if i > 0 => libm::exp((time[i - 1] - time[i]) / 30.0),
                _ => link,
            };
            x = along * x + (1.0 - along * along).sqrt() * r.normal();
            if kind == 3 { 0.8 * x + 0.6 * r.normal() } else { x }
        })
        .collect()
}

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

/// `stress-relaxation` 3 held τ, β and time zero in 47 to 62 % under such noise, and found a second step in 37 to 42 %. Of 40
/// decays at a true coverage of 95 % fewer than 34 have a chance of 0.3 %; more than 6 false steps one of 0.3 % at 5 %.
#[test]
fn noise_that_remembers_makes_no_step_and_no_narrow_interval() {
    for (zero, parameters) in [(ZeroTime::Given(0.0), 2), (ZeroTime::Free, 3)] {
        let n = many(40, 400);
        let found = ordered(n, |i| {
            let mut r = Random::named("one step", i as u64);
            let time = grid(120 + r.below(200), -1.0, 4.0);
            let (tau, beta) = (libm::exp10(1.3 + 1.5 * r.uniform()), 0.45 + 0.4 * r.uniform());
            let e = noise(i % 4, &time, &mut r);
            let value = time.iter().zip(e).map(|(t, e)| 20.0 + 80.0 * decay(t / tau, beta) + 0.8 * e).collect();
            let f = read(&time, value, zero, i);
            let one = &f.one;
            let held = [holds(one.tau, tau), holds(one.beta, beta), holds(one.zero, 0.0)];
            (held, usize::from(matches!(f.class, Class::Two | Class::Shoulder)), usize::from(f.class != Class::One))
        });
        let held: Vec<usize> = (0..parameters).map(|k| found.iter().map(|f| f.0[k]).sum()).collect();
        let [steps, rejected] = [found.iter().map(|f| f.1).sum::<usize>(), found.iter().map(|f| f.2).sum()];
        println!("{zero:?}: τ, β, t₀ held {held:?}, {steps} second steps, {rejected} rejected of {n}");
        assert!(held.iter().all(|h| *h >= many(34, 367)), "{zero:?}: {held:?} of {n}");
        assert!(steps <= many(6, 33) && rejected <= many(7, 40), "{zero:?}: {steps}, {rejected} of {n}");
    }
}

/// A faster step of 4 to 15 % before a slow one that is broad: the rate of most has one maximum. `stress-relaxation` 3 gave
/// τ₁ = 8.9 s without an interval for 6 s, or "one step". All must be rejected as one; two are named in more than 85 % (the
/// test of two rejects 5 %), and both times and the share held in 95 % of those.
#[test]
fn a_shoulder_is_found_with_its_time() {
    let n = many(24, 400);
    let found = ordered(n, |i| {
        let mut r = Random::named("two steps", i as u64);
        let time = grid(300, -0.3, 4.7);
        let (fast, slow) = (libm::exp10(0.6 + 0.5 * r.uniform()), libm::exp10(3.8 + 0.4 * r.uniform()));
        let (share, beta) = (0.04 + 0.11 * r.uniform(), 0.35 + 0.25 * r.uniform());
        let e = noise(i % 2, &time, &mut r);
        let clean = |t: f64| share * decay(t / fast, 0.9) + (1.0 - share) * decay(t / slow, beta);
        let value = time.iter().zip(e).map(|(t, e)| 150.0 * (clean(*t) + 2e-4 * e)).collect();
        let f = read(&time, value, ZeroTime::Given(0.0), i);
        let named = matches!(f.class, Class::Two | Class::Shoulder);
        let held =
            f.two.filter(|_| named).map(|t| [holds(t.tau[0], fast), holds(t.tau[1], slow), holds(t.share, share)]);
        (f.class, held)
    });
    assert!(found.iter().all(|f| f.0 != Class::One), "{found:?}");
    let named: Vec<[usize; 3]> = found.iter().filter_map(|f| f.1).collect();
    let held = [0, 1, 2].map(|k| named.iter().map(|h| h[k]).sum::<usize>());
    let shoulders = found.iter().filter(|f| f.0 == Class::Shoulder).count();
    println!("{} of {n} named, {shoulders} shoulders; τ₁, τ₂, share held {held:?}", named.len());
    assert!(named.len() * 100 >= n * many(75, 88) && shoulders > 0, "{} of {n}", named.len());
    // Of 24: fewer than 80 % at 95 % have a chance of 0.5 %.
    assert!(held.iter().all(|h| h * 1000 >= named.len() * many(800, 917)), "{held:?} of {}", named.len());
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
