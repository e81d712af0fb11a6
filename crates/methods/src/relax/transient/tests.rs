//! Decays of known times.

use super::Transient;
use super::kww::ZeroTime;
use super::rate::steps;
use crate::num::random::Random;
use crate::relax::model::kww::decay;

fn grid(n: usize, from: f64, to: f64) -> Vec<f64> {
    (0..n).map(|i| libm::exp10(from + (to - from) * i as f64 / (n - 1) as f64)).collect()
}

#[test]
fn a_stretched_exponential_and_its_intervals() {
    // 200 decays at 1 % noise of the amplitude: profiles of τ and β hold the truth in 90 to 98 % (at a true 95 % the
    // false alarm is 2·10⁻³).
    let time = grid(150, -1.0, 4.0);
    let mut held = [0; 2];
    for seed in 0..200 {
        let mut r = Random::named("kww", seed);
        let value = time.iter().map(|t| 10.0 + 90.0 * decay(t / 120.0, 0.51) + 0.9 * r.normal()).collect();
        let f = Transient::new(time.clone(), value).kww(true, ZeroTime::Given(0.0)).unwrap();
        for (k, (b, truth)) in [(f.tau, 120.0), (f.beta, 0.51)].into_iter().enumerate() {
            held[k] += usize::from(b.1[0] <= truth && truth <= b.1[1]);
        }
    }
    assert!(held.iter().all(|h| (180..=196).contains(h)), "{held:?}");
}

#[test]
fn the_pitfall_of_time_zero() {
    // S3 §7: y = exp(−((t+3)/30)^½) fitted as if it began at t = 0 gives τ of more than 39; with a free zero it is 30.
    let time: Vec<f64> = (1..=300).map(f64::from).collect();
    let value: Vec<f64> = time.iter().map(|t| decay((t + 3.0) / 30.0, 0.5)).collect();
    let d = Transient::new(time, value);
    let fixed = d.kww(false, ZeroTime::Given(0.0)).unwrap();
    assert!((39.0..50.0).contains(&fixed.tau.0), "{}", fixed.tau.0);
    let free = d.kww(false, ZeroTime::Free).unwrap();
    assert!((free.tau.0 / 30.0 - 1.0).abs() < 1e-3 && (free.zero.0 - 3.0).abs() < 1e-2, "{:?}", free.zero);
    // Half a second moves τ by a few per cent.
    assert!((0.01..0.2).contains(&d.sensitivity(&fixed, false)));
}

#[test]
fn a_long_record_is_averaged_and_fits_the_same() {
    // 20,000 points at even steps: means over a fiftieth of a decade hold all of them and give τ and β of all within a
    // tenth of their errors.
    let time: Vec<f64> = (1..=20_000).map(|i| 0.1 * f64::from(i)).collect();
    let mut r = Random::named("thinned", 0);
    let value = time.iter().map(|t| 10.0 + 90.0 * decay(t / 120.0, 0.51) + 0.9 * r.normal()).collect();
    let all = Transient::new(time, value);
    let few = all.clone().thinned(2000, None);
    assert!(few.time.len() < 250 && few.points == 20_000.0 && all.clone().thinned(20_000, None) == all);
    let (a, b) = (all.kww(true, ZeroTime::Given(0.0)).unwrap(), few.kww(true, ZeroTime::Given(0.0)).unwrap());
    for (a, b) in [(a.tau, b.tau), (a.beta, b.beta)] {
        let error = 0.25 * (a.1[1] - a.1[0]);
        assert!((a.0 - b.0).abs() < 0.1 * error, "{a:?} {b:?}");
        assert!(((b.1[1] - b.1[0]) / (4.0 * error) - 1.0).abs() < 0.15, "{a:?} {b:?}");
    }
}

#[test]
fn maxima_of_the_rate() {
    let time = grid(400, -0.3, 4.5);
    for (share, want) in [(0.0, 1), (0.05, 2)] {
        for seed in 0..10 {
            let mut r = Random::named("steps", seed);
            let value = time
                .iter()
                .map(|t| share * decay(t / 8.0, 0.9) + (1.0 - share) * decay(t / 2e4, 0.8) + 2e-4 * r.normal())
                .collect();
            let d = Transient::new(time.clone(), value);
            let found = steps(&d.rate(0.6));
            assert_eq!(found.len(), want, "{share} {seed}: {found:?}");
            if want == 2 {
                assert!((found[0].time / 8.0 - 1.0).abs() < 0.35, "{found:?}");
            }
        }
    }
}
