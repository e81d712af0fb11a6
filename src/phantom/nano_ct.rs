//! Nano-CT volumes of known truth, after S1 §3.1 (Fig. 32–34): glasses with hierarchical regions of low density, one of
//! them deformed, a set that is a fractal through and through, and a featureless control.

use std::path::Path;

use ndarray::Array3;
use serde::{Deserialize, Serialize};

use super::PhantomError;
use super::parse;
use super::sets::cascade;
use crate::data::Volume;
use crate::io::write::{atomic, tiff_volume};
use crate::num::random::Random;
use crate::spatial::covariance::Covariance;
use crate::spatial::field::VolumeSimulator;
use crate::unit::Unit;

/// Edge of a voxel, m.
const VOXEL: f64 = 30e-9;
/// Mean grey value, and how much lower the regions of low density are.
const MEAN: f64 = 1000.0;
const DEPTH: f64 = 300.0;
/// Standard deviation of the noise of a voxel.
const NOISE: f64 = 12.0;

/// Parameters of the study.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Study {
    /// Voxels a side of every volume: a power of two from 64 on.
    side: usize,
}

impl Default for Study {
    fn default() -> Study {
        Study { side: 128 }
    }
}

/// One volume of the study.
struct Sample {
    name: &'static str,
    about: &'static str,
    /// Dimension and range in voxels of the set of low density; none in the control.
    set: Option<(f64, usize, bool)>,
    /// Standard deviation of fluctuations over a micrometre.
    spread: f64,
    /// By how much the middle is less dense than the surface.
    gradient: f64,
}

fn samples(side: usize) -> [Sample; 5] {
    let sample = |name, about, set, spread, gradient| Sample { name, about, set, spread, gradient };
    [
        sample("strong", "low-density regions of D = 2.4 up to 0.96 um", Some((2.4, 32, false)), 4.0, 0.0),
        sample(
            "fragile",
            "low-density regions of D = 2.5 up to 0.96 um, less dense towards the axis z by 80",
            Some((2.5, 32, false)),
            10.0,
            80.0,
        ),
        sample("deformed", "layers of low density across z, D = 2.2 throughout", Some((2.2, side, true)), 14.0, 0.0),
        sample("fractal", "a set of low density of D = 2.6 throughout", Some((2.6, side, false)), 0.0, 0.0),
        sample("control", "featureless: a Gaussian field, xi = 150 nm, standard deviation 100", None, 0.0, 0.0),
    ]
}

fn field(side: usize, xi: f64, name: &str) -> Array3<f64> {
    let c = Covariance { sigma: 1.0, xi, alpha: 1.0, noise: 0.0 };
    let [z, _] = VolumeSimulator::new([side; 3], [VOXEL; 3], &c).pair(&mut Random::named(name, 0));
    z
}

impl Sample {
    fn values(&self, side: usize) -> Array3<f64> {
        let mut random = Random::named(&format!("nano-ct {}", self.name), 0);
        let mut out = match self.set {
            Some((d, range, layers)) => cascade(side, range, d, layers, &mut random).mapv(|v| MEAN - DEPTH * v),
            None => field(side, 150e-9, "nano-ct control").mapv(|v| MEAN + 100.0 * v),
        };
        if self.spread > 0.0 {
            let slow = field(side, 800e-9, &format!("nano-ct {} slow", self.name));
            out.zip_mut_with(&slow, |g, s| *g += self.spread * s);
        }
        let noise = if self.set.is_some() { NOISE } else { 0.0 };
        let middle = 0.5 * (side as f64 - 1.0);
        for ((_, y, x), g) in out.indexed_iter_mut() {
            let r = libm::hypot(y as f64 - middle, x as f64 - middle) / (0.5 * side as f64);
            // A detector counts: whole numbers.
            *g = (*g - self.gradient * (1.0 - r.min(1.0)) + noise * random.normal()).round().clamp(0.0, 65535.0);
        }
        out
    }
}

pub(super) fn defaults() -> String {
    toml::to_string(&Study::default()).unwrap_or_default()
}

/// Writes all volumes into a folder.
pub(super) fn make(out: &Path, parameters: &str) -> Result<Vec<String>, PhantomError> {
    let study: Study = parse(parameters)?;
    if !study.side.is_power_of_two() || !(64..=256).contains(&study.side) {
        return Err(PhantomError::Parameters("side is 64, 128 or 256".into()));
    }
    let mut written = Vec::new();
    let mut truth = format!(
        "# Truth of the volumes beside: voxels of 30 nm, grey value {MEAN} (control: field about it), regions of low density\n\
         # {DEPTH} below, noise of a voxel {NOISE}; a threshold of {} tells regions from the rest.\n",
        MEAN - 0.5 * DEPTH
    );
    for sample in samples(study.side) {
        let volume = Volume::new(sample.values(study.side), Unit::none(), "Grey value", Some([VOXEL; 3]));
        let bytes = tiff_volume(&volume).map_err(|e| PhantomError::Parameters(e.to_string()))?;
        let path = out.join(format!("{}.tif", sample.name));
        atomic(&path, &bytes)?;
        written.push(path.display().to_string());
        truth += &format!("{} = \"{}\"\n", sample.name, sample.about);
    }
    let path = out.join("nano-ct.truth.toml");
    atomic(&path, truth.as_bytes())?;
    written.push(path.display().to_string());
    Ok(written)
}
