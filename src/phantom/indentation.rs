//! Indentation of known truth, after S1 §3.2 (Fig. 35, 36) and §5.3 (Fig. 78): the grid of fast indents in Vit105 with its
//! traps, a composite measured as a grid of moduli and hardnesses, a modulus map of three phases and a featureless one.

use std::fmt::Write as _;
use std::path::Path;

use ndarray::Array2;

use super::PhantomError;
use crate::contact::indentation::curve::Curve;
use crate::contact::indentation::kelvin;
use crate::contact::indentation::sphere::Sphere;
use crate::data::Map;
use crate::io::write::{atomic, gsf};
use crate::num::random::Random;
use crate::spatial::covariance::Covariance;
use crate::spatial::field::Simulator;
use crate::unit::Unit;

/// Points a side of the grid, and their distance, m.
const SIDE: usize = 11;
const PITCH: f64 = 100e-9;
/// Radius and Poisson's ratio; the paper prints mm and mN for µm and µN.
const SPHERE: Sphere = Sphere { radius: 2e-6, poisson: 0.363 };
/// Largest load, N; its rise, hold and fall, s.
const PEAK: f64 = 800e-6;
const TIMES: [f64; 3] = [1e-3, 0.1, 0.1];
/// Mean and standard deviation of the modulus, Pa, and of the relaxation time, s.
const MODULUS: [f64; 2] = [30e9, 1.4e9];
const RELAXATION: [f64; 2] = [2.3e-4, 0.35e-4];
/// Noise of the depth over its largest value.
const NOISE: f64 = 5e-4;

/// A Gaussian field of unit variance, its correlation length in pixels.
fn gaussian(shape: [usize; 2], xi: f64, name: &str) -> Array2<f64> {
    let c = Covariance { sigma: 1.0, xi, alpha: 1.0, noise: 0.0 };
    let [z, _] = Simulator::new(shape, [1.0, 1.0], &c).pair(&mut Random::named(&format!("indentation {name}"), 0));
    z
}

/// Load at a time, N.
fn load(t: f64) -> f64 {
    let [rise, hold, fall] = TIMES;
    PEAK * (t / rise).min(1.0).min(((rise + hold + fall - t) / fall).max(0.0))
}

/// 30 000 points a second for three milliseconds, 1000 from then on.
fn times() -> Vec<f64> {
    let end = TIMES.iter().sum::<f64>();
    let fast = (0..=90).map(|i| f64::from(i) / 30e3);
    let slow = (4..=(end * 1e3 + 0.5) as usize).map(|i| i as f64 * 1e-3);
    fast.chain(slow).collect()
}

/// What went wrong at a point of the grid, by its number in the order of measurement.
#[derive(Clone, Copy, PartialEq)]
enum Trap {
    /// A tenth of the depth remains.
    Plastic,
    /// The indenter never touched: noise about zero.
    NoContact,
    /// The instrument wrote 1e300.
    Failed,
    /// A time stands twice.
    Repeated,
    /// Never measured.
    Missing,
}

const TRAPS: [(usize, Trap); 7] = [
    (17, Trap::Plastic),
    (38, Trap::NoContact),
    (52, Trap::Failed),
    (60, Trap::Missing),
    (77, Trap::Repeated),
    (90, Trap::Plastic),
    (104, Trap::Plastic),
];

/// Load and depth against time of every point, in serpentine order, and the means of what went in at good points.
fn grid() -> (String, [f64; 2]) {
    // The contact averages over its own width: ξ = 1.04 a, 2.4 steps of the grid.
    let stiff = gaussian([SIDE, SIDE], 2.4, "modulus");
    let slow = gaussian([SIDE, SIDE], 2.4, "relaxation time");
    let time = times();
    let force: Vec<f64> = time.iter().map(|t| load(*t)).collect();
    let (mut sums, mut good) = ([0.0; 2], 0.0);
    let mut out = String::from("x (µm),y (µm),t (ms),P (µN),h (nm)\n");
    for k in 0..SIDE * SIDE {
        let trap = TRAPS.iter().find(|t| t.0 == k).map(|t| t.1);
        if trap == Some(Trap::Missing) {
            continue;
        }
        let row = k / SIDE;
        let column = if row.is_multiple_of(2) { k % SIDE } else { SIDE - 1 - k % SIDE };
        let modulus = MODULUS[0] + MODULUS[1] * stiff[[row, column]];
        let relaxation = RELAXATION[0] + RELAXATION[1] * slow[[row, column]];
        let scale = libm::pow(SPHERE.factor() / modulus, 2.0 / 3.0);
        let c = Curve { time: time.clone(), load: force.clone(), depth: vec![0.0; time.len()] };
        let depth: Vec<f64> = kelvin::response(&c, relaxation).iter().map(|g| scale * g).collect();
        let deepest = depth.iter().copied().fold(0.0, f64::max);
        let mut random = Random::named("indentation noise", k as u64);
        for i in 0..time.len() {
            let noise = NOISE * deepest * random.normal();
            let held = TIMES[0] + TIMES[1];
            let h = match trap {
                Some(Trap::Plastic) if time[i] > held => depth[i].max(0.1 * deepest) + noise,
                Some(Trap::NoContact) => noise,
                _ => depth[i] + noise,
            };
            let p = if trap == Some(Trap::NoContact) { 1e-3 * PEAK * random.normal() } else { force[i] };
            let t = if trap == Some(Trap::Repeated) && i == 40 { time[39] } else { time[i] };
            let h = if trap == Some(Trap::Failed) && i > 50 { "1e300".to_string() } else { format!("{:.5}", h * 1e9) };
            let (x, y) = (column as f64 * PITCH * 1e6, (SIDE - 1 - row) as f64 * PITCH * 1e6);
            let _ = writeln!(out, "{x:.1},{y:.1},{:.6},{:.4},{h}", t * 1e3, p * 1e6);
        }
        if trap.is_none() {
            sums = [sums[0] + modulus, sums[1] + relaxation];
            good += 1.0;
        }
    }
    (out, sums.map(|s| s / good))
}

/// Centres and widths of modulus and hardness of the phases of the composite, Pa: matrix, soft and hard.
const PHASES: [([f64; 2], [f64; 2]); 3] =
    [([85e9, 3e9], [5.2e9, 0.2e9]), ([105e9, 3e9], [6.8e9, 0.25e9]), ([125e9, 4e9], [8.6e9, 0.3e9])];
/// Points a side of the composite's grid.
const COMPOSITE: usize = 40;

/// Which phase lies where: level sets of a Gaussian field.
fn phases(shape: [usize; 2], xi: f64, name: &str) -> Array2<usize> {
    gaussian(shape, xi, name).mapv(|z| usize::from(z > -0.6) + usize::from(z > 0.7))
}

/// A grid of finished moduli and hardnesses with failed points.
fn composite() -> String {
    let phase = phases([COMPOSITE, COMPOSITE], 4.0, "composite");
    let mut random = Random::named("indentation composite", 0);
    let mut out = String::from("X (µm),Y (µm),E (GPa),H (GPa),depth (nm)\n");
    for row in 0..COMPOSITE {
        for column in 0..COMPOSITE {
            let (e, h) = PHASES[phase[[row, column]]];
            // Modulus and hardness of one indent share what its depth was off by.
            let (common, own) = (random.normal(), random.normal());
            let e = e[0] + e[1] * common;
            let h = h[0] + h[1] * (0.6 * common + 0.8 * own);
            let at = row * COMPOSITE + column;
            let (x, y) = (column as f64, (COMPOSITE - 1 - row) as f64);
            let _ = match at {
                321 | 1200 => writeln!(out, "{x},{y},1e300,1e300,80"),
                700 => writeln!(out, "{x},{y},--.--,--.--,--.--"),
                1333 => writeln!(out, "{x},{y},-1,-1,80"),
                _ => writeln!(out, "{x},{y},{:.4},{:.5},80", e / 1e9, h / 1e9),
            };
        }
    }
    out
}

/// Pixels a side of the modulus maps, of 10 nm.
const MAP: usize = 256;

fn map(values: Array2<f64>) -> Map {
    Map {
        values,
        unit: Unit::of("Pa"),
        quantity: "Modulus".into(),
        pixel: Some([10e-9, 10e-9]),
        levelling: Vec::new(),
        convention: None,
    }
}

/// Writes every input into the folder `out`.
pub(super) fn make(out: &Path, _: &str) -> Result<Vec<String>, PhantomError> {
    let mut random = Random::named("indentation map", 0);
    let phased = phases([MAP, MAP], 9.0, "phases").mapv(|p| [88e9, 95e9, 103e9][p] + 1.6e9 * random.normal());
    let control = gaussian([MAP, MAP], 9.0, "control").mapv(|z| 95e9 + 5e9 * z);
    let (curves, [modulus, relaxation]) = grid();
    let truth = format!(
        "# Truth of the files beside.\n\
         # vit105.csv: Kelvin solids under a sphere of 2 um, 800 uN in 1 ms, hold and unloading of 0.1 s, Poisson's ratio 0.363,\n\
         # noise 5e-4 of the largest depth; one Gaussian each for modulus (30 +- 1.4 GPa) and relaxation time\n\
         # (0.23 +- 0.035 ms) with xi = 240 nm, as contacts of that width on a structureless glass would show.\n\
         # Points 17, 90, 104 keep a tenth of their depth, 38 never touched, 52 failed, 77 has a time twice, 60 is missing.\n\
         modulus_mean = \"{:.4} GPa\"      # of the good points\n\
         relaxation_time_mean = \"{:.6} ms\"\n\
         [composite]                       # modulus and hardness of three phases; four failed points\n\
         modulus = [\"85 GPa\", \"105 GPa\", \"125 GPa\"]\n\
         hardness = [\"5.2 GPa\", \"6.8 GPa\", \"8.6 GPa\"]\n\
         [phases]                          # three classes, width 1.6 GPa each\n\
         modulus = [\"88 GPa\", \"95 GPa\", \"103 GPa\"]\n\
         [control]                         # one class: a Gaussian field, xi = 90 nm\n\
         modulus = [\"95 GPa\"]\n",
        modulus / 1e9,
        relaxation * 1e3,
    );
    let files = [
        ("vit105.csv", curves.into_bytes()),
        ("composite.csv", composite().into_bytes()),
        ("phases.gsf", gsf(&map(phased))),
        ("control.gsf", gsf(&map(control))),
        ("vit105-indentation.truth.toml", truth.into_bytes()),
    ];
    let mut written = Vec::new();
    for (name, bytes) in files {
        let path = out.join(name);
        atomic(&path, &bytes)?;
        written.push(path.display().to_string());
    }
    Ok(written)
}
