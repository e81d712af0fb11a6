//! Tapping-mode images of a film in four states of known truth, after S1 §3.3: as deposited, annealed, indented, and a
//! featureless control.

use std::path::Path;

use ndarray::Array2;

use super::PhantomError;
use crate::data::Map;
use crate::io::write::{atomic, gsf};
use crate::num::random::Random;
use crate::spatial::covariance::Covariance;
use crate::spatial::field::Simulator;
use crate::tapping::energy::Drive;
use crate::unit::Unit;

/// Pixels a side, of 1 nm.
const SIDE: usize = 512;
const STEP: f64 = 1e-9;
/// Set point and its scatter, m.
const SETPOINT: [f64; 2] = [9e-9, 0.05e-9];
/// Mean dissipated energy, J (65.5 eV): sin φ stays below 1.
const ENERGY: f64 = 1.05e-17;
/// Exponent of the density of disc radii after annealing.
const ALPHA: f64 = 2.3;
/// Smallest and largest radius of the discs, pixels.
const RADII: [f64; 2] = [2.0, 48.0];
/// Discs.
const DISCS: usize = 300;

const DRIVE: Drive =
    Drive { spring_constant: 26.0, quality_factor: 420.0, free_amplitude: 20e-9, frequency_ratio: 1.0 };

/// A Gaussian field of unit variance, α = 1, of correlation lengths along x and y in pixels.
fn gaussian(xi: [f64; 2], name: &str) -> Array2<f64> {
    let c = Covariance { sigma: 1.0, xi: xi[0], alpha: 1.0, noise: 0.0 };
    // A pixel that is shorter along y by the ratio sees a field that is stretched along it.
    let simulator = Simulator::new([SIDE, SIDE], [xi[0] / xi[1], 1.0], &c);
    let [z, _] = simulator.pair(&mut Random::named(&format!("film {name}"), 0));
    z
}

/// Discs of power-law radii that do not touch: 1 inside, 0 outside.
fn discs() -> Array2<f64> {
    let mut random = Random::named("film discs", 0);
    // From large to small, so that the large ones find a place.
    let mut radii: Vec<f64> = (0..DISCS)
        .map(|i| {
            let u = (i as f64 + 0.5) / DISCS as f64;
            let power = 1.0 - ALPHA;
            let (a, b) = (libm::pow(RADII[0], power), libm::pow(RADII[1], power));
            libm::pow(a + u * (b - a), 1.0 / power)
        })
        .collect();
    radii.sort_by(|a, b| b.total_cmp(a));
    let mut placed: Vec<[f64; 3]> = Vec::new();
    for r in radii {
        for _ in 0..2000 {
            let at = [r + 2.0, r + 2.0].map(|m| m + (SIDE as f64 - 2.0 * m) * random.uniform());
            let free = |p: &[f64; 3]| libm::hypot(p[0] - at[0], p[1] - at[1]) > p[2] + r + 2.5;
            if placed.iter().all(free) {
                placed.push([at[0], at[1], r]);
                break;
            }
        }
    }
    let mut out = Array2::zeros((SIDE, SIDE));
    for [x, y, r] in placed {
        let range = |c: f64| (c - r).floor().max(0.0) as usize..=((c + r).ceil() as usize).min(SIDE - 1);
        for v in range(y) {
            for u in range(x) {
                if libm::hypot(u as f64 + 0.5 - x, v as f64 + 0.5 - y) <= r {
                    out[[v, u]] = 1.0;
                }
            }
        }
    }
    out
}

/// Relative energy of each state: its name, what it is, its values about 1.
fn states() -> Vec<(&'static str, &'static str, Array2<f64>)> {
    let film = |z: Array2<f64>, spread: f64| z.mapv(|v| 1.0 + spread * v);
    vec![
        (
            "as-deposited",
            "featureless, isotropic, xi = 5.5 nm, standard deviation 12 % of the mean",
            film(gaussian([5.5, 5.5], "as deposited"), 0.12),
        ),
        (
            "annealed",
            "discs of low energy (40 % below), radii n(R) ~ R^-2.3 from 2 to 48 nm, on a featureless ground of 3 %",
            film(gaussian([5.5, 5.5], "annealed"), 0.03) - &(discs() * 0.4),
        ),
        (
            "indented",
            "Gaussian, xi = 17 nm along x and 8.5 nm along y, standard deviation 12 %",
            film(gaussian([17.0, 8.5], "indented"), 0.12),
        ),
        (
            "control",
            "featureless, isotropic, xi = 5.5 nm, standard deviation 12 %: as deposited with other random numbers",
            film(gaussian([5.5, 5.5], "control"), 0.12),
        ),
    ]
}

fn map(values: Array2<f64>, unit: &str, quantity: &str) -> Map {
    Map {
        values,
        unit: Unit::of(unit),
        quantity: quantity.into(),
        pixel: Some([STEP, STEP]),
        levelling: Vec::new(),
        convention: None,
    }
}

/// Writes all images into a folder.
pub(super) fn make(out: &Path, _: &str) -> Result<Vec<String>, PhantomError> {
    let mut written = Vec::new();
    let mut truth =
        "# Truth of the images beside: E = (pi k A A0/Q) (sin phi - A/A0), k = 26 N/m, Q = 420, A0 = 20 nm,\n\
                     # set point 9 nm, phase as the lag (90 deg at resonance), mean E = 65.5 eV, pixels of 1 nm.\n"
            .to_string();
    for (name, about, relative) in states() {
        let mut random = Random::named(&format!("film amplitude {name}"), 0);
        let amplitude = Array2::from_shape_fn((SIDE, SIDE), |_| SETPOINT[0] + SETPOINT[1] * random.normal());
        let phase = Array2::from_shape_fn((SIDE, SIDE), |at| {
            let a = amplitude[at];
            DRIVE.lag(a, ENERGY * relative[at])
        });
        for (channel, bytes) in
            [("phase", gsf(&map(phase, "deg", "Phase"))), ("amplitude", gsf(&map(amplitude, "m", "Amplitude")))]
        {
            let path = out.join(format!("{name}-{channel}.gsf"));
            atomic(&path, &bytes)?;
            written.push(path.display().to_string());
        }
        truth += &format!("{name} = \"{about}\"\n");
    }
    let path = out.join("zr-ni-film.truth.toml");
    atomic(&path, truth.as_bytes())?;
    written.push(path.display().to_string());
    Ok(written)
}
