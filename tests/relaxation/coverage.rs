//! Do intervals hold the truth as often as they say, from the table of moduli on?

use softspot::data::{Role, Series, Spectrum};
use softspot::num::parallel::ordered;
use softspot::num::quantile::quantile;
use softspot::num::random::{Random, Stream};
use softspot::phantom::Loss;
use softspot::relax::arrhenius::{arrhenius, displaced};
use softspot::relax::loss::loss_curves;
use softspot::relax::peaks::{BetaClass, peaks};
use softspot::relax::resample::intervals;
use softspot::unit::quantity::{Pressure, Temperature};

use super::common::many;

/// The table of a phantom as a spectrum.
fn spectrum(csv: &str) -> Spectrum {
    let rows: Vec<Vec<f64>> = csv.lines().skip(1).map(|l| l.split(',').map(|v| v.parse().unwrap()).collect()).collect();
    let columns =
        [(Role::Frequency, 0, 1.0), (Role::Temperature, 1, 1.0), (Role::Storage, 2, 1e6), (Role::Loss, 3, 1e6)];
    let series = |(role, k, by): (Role, usize, f64)| Series {
        role,
        name: role.name().into(),
        unit: role.unit(),
        values: rows.iter().map(|r| by * r[k]).collect(),
    };
    Spectrum(softspot::data::Columns { series: columns.into_iter().map(series).collect(), parts: Vec::new() })
}

/// A glass with a β process of drawn strength, place, width and energy, at 1 or 3 % noise.
fn drawn(near: f64, i: usize) -> Loss {
    let mut r = Random::named("beta processes", i as u64);
    let mut between = |low: f64, high: f64| low + (high - low) * r.uniform();
    Loss {
        fragility: between(35.0, 55.0),
        alpha_shape: [0.95, between(0.35, 0.55)],
        beta_strength: Pressure(between(0.2e9, 0.7e9)),
        t_beta: Temperature(near + between(0.0, 30.0)),
        e_beta: between(75.0, 100.0),
        beta_shape: between(0.35, 0.65),
        background: Pressure(if i.is_multiple_of(3) { 5e6 } else { 0.0 }),
        temperatures: [290.0, 530.0, 1.0],
        noise: [0.01, 0.03][i % 2],
        seed: i as u64,
        ..Loss::default()
    }
}

/// Where a curve is highest, and how high, on a fine grid.
fn highest(f: impl Fn(f64) -> f64) -> [f64; 2] {
    let all = (0..4800).map(|k| 290.0 + 0.05 * f64::from(k)).map(|t| [t, f(t)]);
    all.fold([0.0; 2], |a, b| if b[1] > a[1] { b } else { a })
}

/// What is found at 4 Hz: the class, intensity and place over the truth, and whether their intervals hold it; and E_β.
struct Found {
    class: BetaClass,
    ratio: Option<[f64; 2]>,
    held: [bool; 2],
    energy: Option<(bool, f64)>,
}

fn found(p: &Loss, i: usize) -> Option<Found> {
    const F: f64 = 4.0;
    let (curves, _) = loss_curves(&spectrum(&p.csv().unwrap())).unwrap();
    let c = curves.iter().find(|c| c.frequency == F)?;
    let k = peaks(c).ok()?;
    let alone = Loss { alpha_strength: Pressure(0.0), background: Pressure(0.0), ..p.clone() };
    let [place, height] = highest(|t| alone.modulus_at(t, F)[1]);
    let [_, top] = highest(|t| p.modulus_at(t, F)[1]);
    let truth = [height / top, place];
    let interval = intervals(c, &k, 40, &Stream::named("beta").content([i as f64]))?;
    let holds = |i: Option<[f64; 2]>, v: f64| i.is_some_and(|i| i[0] <= v && v <= i[1]);
    let ratio = k.beta_peak().map(|b| [k.beta.as_ref().unwrap().intensity / truth[0], b.temperature / truth[1]]);
    let held = [holds(interval.intensity, truth[0]), holds(interval.beta, truth[1])];
    let all: Vec<[f64; 4]> = curves
        .iter()
        .filter_map(|c| {
            let p = peaks(c).ok()?;
            let b = p.beta_peak()?;
            Some([c.frequency, b.temperature, b.error, p.beta.ok()?.displacement])
        })
        .collect();
    let [f, t, e, d] = [0, 1, 2, 3].map(|k| all.iter().map(|r| r[k]).collect::<Vec<f64>>());
    let energy = arrhenius(&f, &t, &e).ok().map(|law| {
        let [shared, _] = displaced(&f, &t, &e, &d, &law);
        let half = libm::hypot(law.factor * law.energy_error, 1.96 * shared);
        ((law.energy - 1e3 * p.e_beta).abs() <= half, half / law.energy)
    });
    Some(Found { class: k.class()?, ratio, held, energy })
}

/// β processes near 355 K (peaks, T/T_α = 0.73) and 390 K (peaks and shoulders, 0.8). `spectrum-peaks` 2 gave a shoulder an
/// intensity 28 % too small whose interval held the truth in none, and a temperature 5.6 % too low; the interval of E_β was four
/// times too wide at 3 % noise. Limits of counts: chance breaks them in less than 1 % at a true 95 % (`SOFTSPOT_DEEP=1`: three
/// standard errors below 93 %).
#[test]
fn heights_places_and_energies_of_beta_processes() {
    let mut tested = Vec::new();
    for near in [340.0, 375.0] {
        let n = many(24, 400);
        let all: Vec<Found> = ordered(n, |i| found(&drawn(near, i), i)).into_iter().flatten().collect();
        for class in [BetaClass::Peak, BetaClass::Shoulder] {
            let of: Vec<&Found> = all.iter().filter(|f| f.class == class && f.ratio.is_some()).collect();
            if of.len() < 5 {
                continue;
            }
            tested.push(class);
            let mean = |k: usize| of.iter().filter_map(|f| Some(f.ratio?[k])).sum::<f64>() / of.len() as f64;
            let held = [0, 1].map(|k| of.iter().filter(|f| f.held[k]).count());
            println!("{near} K, {class:?}: {} of {n}; {:.4} {:.4}; held {held:?}", of.len(), mean(0), mean(1));
            assert!((mean(0) - 1.0).abs() < 0.02 && (mean(1) - 1.0).abs() < 0.005, "{class:?}");
            let least = |share: f64| (of.len() as f64 * share) as usize;
            let least = least(many(80, 88) as f64 / 100.0);
            assert!(held.iter().all(|h| *h >= least), "{class:?}: {held:?} of {}", of.len());
        }
        let told = all.iter().filter(|f| f.ratio.is_some()).count();
        let energies: Vec<(bool, f64)> = all.iter().filter_map(|f| f.energy).collect();
        let held = energies.iter().filter(|e| e.0).count();
        let mut half: Vec<f64> = energies.iter().map(|e| e.1).collect();
        let half = quantile(&mut half, 0.5);
        println!("{near} K: {told} of {n} told; E held in {held} of {}, half width {half:.3}", energies.len());
        assert!(told * 10 >= n * 6 && held * 100 >= energies.len() * many(80, 88), "{told}, {held}");
        // 3 % of points of 1 K, six frequencies over a factor of 32.
        assert!(half < 0.06, "{half}");
    }
    assert!(tested.contains(&BetaClass::Peak) && tested.contains(&BetaClass::Shoulder), "{tested:?}");
}
