//! Indentations by a sphere.

use std::sync::Arc;

use serde::Deserialize;

use super::{Source, Trial};
use crate::calibrate::number::{Number, Word};
use crate::calibrate::series::columns;
use crate::calibrate::truth::Truth;
use crate::contact::indentation::curve::Curve;
use crate::contact::indentation::model::Model;
use crate::contact::indentation::sphere::Sphere;
use crate::data::{Artifact, Curves, Role};
use crate::num::random::Random;

/// Which solid is indented.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Solid {
    /// Elastic; loaded for 1 ms.
    Hertz,
    /// A Kelvin solid; loaded for 1 ms and held as long.
    Kelvin,
}

/// Parameters of an indentation by a sphere of 2 µm up to 0.8 mN; Poisson's ratio is 0.363.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Indent {
    solid: Word<Solid>,
    /// Points of loading and hold.
    points: Number,
    /// Points before contact.
    approach: Number,
    /// Decade of the shear modulus, Pa.
    log_modulus: Number,
    /// Retardation time, ms.
    retardation: Number,
    /// Noise of the load over its largest, and of the depth.
    load_noise: Number,
    depth_noise: Number,
    /// Correlation of the noise of neighbouring depths.
    link: Number,
}

impl Default for Indent {
    fn default() -> Indent {
        Indent {
            solid: Word::Value(Solid::Hertz),
            points: Number::Between([150.0, 450.0]),
            approach: Number::Value(80.0),
            log_modulus: Number::Between([9.5, 10.5]),
            retardation: Number::Between([0.1, 0.3]),
            load_noise: Number::Value(0.003),
            depth_noise: Number::Value(0.0005),
            link: Number::Value(0.0),
        }
    }
}

const SPHERE: Sphere = Sphere { radius: 2e-6, poisson: 0.363 };
/// Largest load, N, and the time that it takes, s.
const PEAK: f64 = 8e-4;
const LOADING: f64 = 1e-3;

impl Source for Indent {
    fn check(&self) -> Result<(), String> {
        self.points.within("points", 10.0, 1e5)?;
        self.approach.within("approach", 0.0, 1e5)?;
        self.log_modulus.within("log_modulus", 3.0, 13.0)?;
        self.retardation.within("retardation", 1e-3, 1e3)?;
        self.load_noise.within("load_noise", 0.0, 1.0)?;
        self.depth_noise.within("depth_noise", 0.0, 1.0)?;
        self.link.within("link", 0.0, 0.999)
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let solid = self.solid.draw(random)?;
        let points = self.points.draw(random).round() as usize;
        let before = self.approach.draw(random).round() as usize;
        let (modulus, retardation) = (libm::exp10(self.log_modulus.draw(random)), 1e-3 * self.retardation.draw(random));
        let noise = [&self.load_noise, &self.depth_noise, &self.link].map(|n| n.draw(random));
        let (model, end) = match solid {
            Solid::Hertz => (Model::Hertz, LOADING),
            Solid::Kelvin => (Model::Kelvin, 2.0 * LOADING),
        };
        let step = end / points as f64;
        let time: Vec<f64> = (0..=points).map(|i| i as f64 * step).collect();
        let load: Vec<f64> = time.iter().map(|t| PEAK * (t / LOADING).min(1.0)).collect();
        let clean = Curve { depth: vec![0.0; time.len()], time, load };
        let scale = libm::pow(SPHERE.factor() / modulus, 2.0 / 3.0);
        let depth: Vec<f64> = model.response(&clean, &[retardation], 0.0).iter().map(|h| scale * h).collect();
        let top = depth.iter().copied().fold(0.0, f64::max);
        let approach = (0..before).map(|k| -top * (before - k) as f64 / points as f64);
        let mut depth: Vec<f64> = approach.chain(depth).collect();
        let mut load = [vec![0.0; before], clean.load].concat();
        let mut x = random.normal();
        for (h, p) in depth.iter_mut().zip(&mut load) {
            x = noise[2] * x + (1.0 - noise[2] * noise[2]).sqrt() * random.normal();
            *h += noise[1] * top * x;
            *p += noise[0] * PEAK * random.normal();
        }
        let time = (0..depth.len()).map(|i| i as f64 * step).collect();
        let mut truths = vec![Truth::number("points/modulus", modulus)];
        if solid == Solid::Kelvin {
            truths.push(Truth::number("points/relaxation_time", retardation));
            truths.push(Truth::number("points/viscosity", modulus * retardation));
        }
        let columns = columns(vec![(Role::Time, time), (Role::Load, load), (Role::Depth, depth)]);
        Ok(Trial::of("curves", Artifact::Curves(Arc::new(Curves(columns))), truths))
    }
}
