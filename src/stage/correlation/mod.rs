//! `correlation`: the structure function, its length, and whether that length means something.

mod model;
mod report;
mod tables;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::{Artifact, Kind, Map, Volume};
use crate::reduce::lengths::{LAGS, VolumeLengths};
use crate::spatial::covariance::Model;
use crate::spatial::lengths::{MapLengths, Reading};
use crate::spatial::resolution::contact_radius;
use crate::stage::{
    Connections, Cx, Doc, Inputs, Intervals, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError,
    VolumeCost,
};
use crate::unit::quantity::{Force, Length, Pressure};

/// Measures how coarse a map is.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Correlation {
    /// Covariance model: `self-affine`, `gaussian`, `exponential`, or `auto`, the one of smallest AICc, with a nugget where
    /// fields without one do not show what the map shows.
    model: Model,
    /// Whether uncorrelated noise (a nugget) is fitted.
    noise: bool,
    /// Largest lag of the fit; a quarter of the shorter side unless given.
    r_max: Option<Length>,
    /// Angular sectors over 180°, for the anisotropy; 0 for none.
    sectors: usize,
    /// Radius of the tip–sample contact, for the verdict on resolution.
    contact_radius: Option<Length>,
    /// Tip from which the contact radius follows (Hertz), instead of `contact_radius`.
    tip: Option<Tip>,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<100>,
    /// Largest lag in all directions of a volume, all pairs; eight voxels unless given. Maps always have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    radial: Option<Length>,
    /// 0 leaves the rows `xi_null` and `xi_excess` out; the null of a length is the probe's, so every other number is the same.
    surrogates: usize,
}

impl Default for Correlation {
    fn default() -> Correlation {
        Correlation {
            model: Model::default(),
            noise: false,
            r_max: None,
            sectors: 8,
            contact_radius: None,
            tip: None,
            intervals: Intervals::default(),
            radial: None,
            surrogates: 1,
        }
    }
}

/// A spherical tip in contact.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Tip {
    /// Tip radius.
    radius: Length,
    /// Normal force.
    force: Force,
    /// Reduced modulus E* of tip and sample.
    reduced_modulus: Pressure,
}

impl Stage for Correlation {
    const DOC: &'static Doc = &Doc {
        id: "correlation",
        version: 5,
        about: "Structure function H(r) over all valid pairs with exact pair counts – radial, along the fast and the slow axis, by sectors – and \
                a covariance fitted to it. A parametric bootstrap replays the levelling on simulated fields, removes the bias of finite windows \
                and gives intervals; where the values are no Gaussian's, the fields have the map's distribution. A verdict compares ξ with pixel, \
                contact and window, and rejects the model where white noise or a second length describe H(r) better by more than its own \
                fields show.",
        reference: "METHODS §2, §13; S1 §3.3.2; Nečas & Klapetek, doi:10.1038/s41598-020-72171-8",
        scope: Scope::Sample,
        inputs: &[Port::new("map", &[Kind::Map, Kind::Volume], "", "the map, levelled or not, or the volume")],
        outputs: &[
            Output {
                name: "curve",
                kind: Kind::Table,
                unit: "input",
                about: "H by direction and lag: radial, fast, slow, sectors (of volumes radial, x, y, z); with model and band",
            },
            Output { name: "lags", kind: Kind::Map, unit: "", about: "H(dx, dy) with zero lag in the middle" },
        ],
        metrics: &[
            MetricDoc::new("xi", "m", "lateral correlation length, bias removed; its null is what the probe makes of white noise: 1.04 contact radii, or the pixel").nulls(&["null", "excess"]),
            MetricDoc::new("sigma", "map", "rms of the correlated part, bias removed"),
            MetricDoc::new("alpha", "", "roughness exponent, bias removed"),
            MetricDoc::new("noise", "map", "rms of the uncorrelated part (0 unless fitted)"),
            MetricDoc::new("xi_raw", "m", "ξ as fitted"),
            MetricDoc::new("sigma_raw", "map", "σ as fitted"),
            MetricDoc::new("alpha_raw", "", "α as fitted"),
            MetricDoc::new("r2", "", "coefficient of determination of the fit"),
            MetricDoc::new("window_over_xi", "", "shorter side over ξ"),
            MetricDoc::new("xi_verdict", "", "resolved, resolution-limited, window-limited or model-rejected"),
            MetricDoc::new("xi_fast", "m", "ξ along the fast axis, x"),
            MetricDoc::new("xi_slow", "m", "ξ along the slow axis, y"),
            MetricDoc::new("xi_z", "m", "ξ along z, of volumes"),
            MetricDoc::new("anisotropy", "", "ξ_max/ξ_min ≥ 1 of an ellipse through the sectors; its null is what 95 % of isotropic fields stay below").nulls(&["null", "p"]),
            MetricDoc::new("anisotropy_angle", "deg", "direction of ξ_max, from +x towards the top"),
            MetricDoc::new("model_p", "", "p of the model: its fields gain as much by white noise or a second length"),
            MetricDoc::new("xi_short", "m", "shorter of two lengths, where the model of one is rejected"),
            MetricDoc::new("xi_long", "m", "longer of two lengths"),
            MetricDoc::new("share_long", "", "share of the longer one in the correlated variance"),
            MetricDoc::new("model", "", "the model used, of `auto` the one that was chosen"),
            MetricDoc::new("aicc_gaussian", "", "AICc with α = 1"),
            MetricDoc::new("aicc_exponential", "", "AICc with α = 1/2"),
            MetricDoc::new("aicc_self_affine", "", "AICc with α free"),
            MetricDoc::new("aicc_self_affine_noise", "", "AICc with α and a nugget free"),
        ],
        metadata: &[],
        example: "run = \"correlation\"\ninput = \"level\"\nmodel = \"self-affine\"\ncontact_radius = \"4 nm\"\nresamples = 100\n",
    };

    fn metrics(&self) -> Vec<MetricDoc> {
        let printed = |m: &MetricDoc| match &*m.name {
            "anisotropy" | "anisotropy_angle" if self.sectors == 0 => None,
            "model_p" | "xi_short" | "xi_long" | "share_long" if self.intervals.count().is_none() => None,
            "anisotropy" if self.intervals.count().is_none() => Some(m.clone().nulls(&[])),
            "xi" if self.surrogates == 0 => Some(m.clone().nulls(&[])),
            _ => Some(m.clone()),
        };
        Self::DOC.metrics.iter().filter_map(printed).collect()
    }

    fn check(&self) -> Result<(), ParamError> {
        if self.contact_radius.is_some() && self.tip.is_some() {
            return Err(ParamError::new("tip", "give `contact_radius` or `tip`, not both"));
        }
        if self.tip.is_some_and(|t| !(t.radius.0 > 0.0 && t.force.0 > 0.0 && t.reduced_modulus.0 > 0.0)) {
            return Err(ParamError::new("tip", "radius, force and reduced modulus are positive"));
        }
        let lengths = [
            ("r_max", self.r_max, "200 nm"),
            ("contact_radius", self.contact_radius, "4 nm"),
            ("radial", self.radial, "300 nm"),
        ];
        for (key, length, such) in lengths {
            if length.is_some_and(|l| !(l.0 > 0.0)) {
                return Err(ParamError::new(key, format!("a positive length is wanted, such as \"{such}\"")));
            }
        }
        if self.sectors != 0 && !(4..=36).contains(&self.sectors) {
            return Err(ParamError::new("sectors", "4 to 36 sectors, or 0 for none"));
        }
        self.intervals.check()
    }

    fn volume_cost(&self, shape: [usize; 3], voxel: Option<[f64; 3]>) -> VolumeCost {
        let lags = match (self.r_max, voxel) {
            (Some(r), Some(v)) => (r.0 / v[0]) as usize,
            _ => (shape[0] / 2).min(LAGS),
        };
        VolumeCost { halo: lags.min(shape[0] - 1), nanoseconds: 0.4 * 3.0 * lags as f64 + 0.3 * 1072.0, seconds: 0.0 }
    }

    fn idle(&self, given: &Connections) -> Vec<ParamError> {
        let mut out = self.intervals.idle();
        if given.are(0, Kind::Map) {
            out.push(ParamError::new("radial", "it is for volumes; of a map all directions are taken"));
        }
        if given.are(0, Kind::Volume) {
            out.push(ParamError::new("sectors", "it is for maps; of a volume the three axes are taken"));
        }
        out
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        match inputs.get(0) {
            Some(Artifact::Volume(v)) => self.of_volume(v, cx),
            _ => self.of_map(inputs.map(0)?, cx),
        }
    }
}

impl Correlation {
    fn reading(&self) -> Reading {
        Reading { model: self.model, noise: self.noise, r_max: self.r_max.map(|r| r.0) }
    }

    /// Radius of the contact, m, given or of the tip.
    fn contact(&self) -> Option<f64> {
        let of_tip = |t: Tip| contact_radius(t.force.0, t.radius.0, t.reduced_modulus.0);
        self.contact_radius.map(|r| r.0).or(self.tip.map(of_tip))
    }

    fn of_map(&self, map: &Map, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let resamples = self.intervals.count();
        let found = MapLengths::of(map, &self.reading(), self.sectors, resamples, &cx.stream, &cx.work())?;
        let (metrics, warnings) = report::of_map(self, map, &found);
        let mut artifacts = vec![("curve", Artifact::Table(Arc::new(tables::map_curves(map, &found))))];
        if let Some(plane) = found.functions.plane {
            let lags = Map {
                values: plane,
                unit: map.unit.squared(),
                quantity: "Structure function".into(),
                pixel: map.pixel,
                levelling: Vec::new(),
                convention: None,
            };
            artifacts.push(("lags", Artifact::Map(Arc::new(lags))));
        }
        Ok(Outputs { artifacts, metrics, warnings })
    }

    fn of_volume(&self, volume: &Volume, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let (radial, wanted) = (self.radial.map(|r| r.0), self.intervals.count().is_some());
        let found = VolumeLengths::of(volume, &self.reading(), radial, wanted, &cx.passes())?;
        let (metrics, warnings) = report::of_volume(self, volume, &found);
        let table = tables::volume_curves(volume, &found);
        Ok(Outputs { artifacts: vec![("curve", Artifact::Table(Arc::new(table)))], metrics, warnings })
    }
}
