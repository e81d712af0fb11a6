//! `indentation`: from load and depth to maps of modulus, relaxation time, viscosity and hardness.

mod points;
mod protocol;
mod report;
mod tables;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::points::Points;
use crate::contact::indentation::model::Model;
use crate::contact::indentation::oliver_pharr::Instrument;
use crate::contact::indentation::protocol::{ContactPoint, Parts};
use crate::data::Kind;
use crate::stage::{
    Connections, Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError,
};
use crate::unit::quantity::{Compliance, Force, Length, Pressure, SpringConstant, Velocity};

/// Evaluates indentations point by point.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Indentation {
    /// `hertz`, `dmt`, `jkr` (elastic spheres, with adhesion), `kelvin`, `standard-linear-solid` (anelastic spheres),
    /// `oliver-pharr` (pyramids), `given` (a table of finished moduli or hardnesses).
    model: ModelName,
    /// Radius of the sphere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    radius: Option<Length>,
    /// Poisson's ratio of the sample, −1 to 0.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    poisson: Option<f64>,
    /// `found`: sought from the last point of the loading within the noise of the load before, its depth fitted with the
    /// modulus (`fitted` is taken for it); `zero`: time and depth of the file count from the contact.
    #[serde(default)]
    contact_point: ContactPoint,
    /// What of the curve is fitted: `loading`, `loading-hold`, `all`; elastic models take the loading, others all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts: Option<Parts>,
    /// Thermal drift of the depth: `none`, `fitted` with the model, `hold` (the slope of a hold at low load in the
    /// unloading), or a rate such as `"0.05 nm/s"`.
    #[serde(default)]
    drift: Drift,
    /// Largest adhesive force of `dmt` and `jkr`; the deepest load of the unloading unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pull_off: Option<Force>,
    /// Spring constant of the cantilever, where the curves have `height` instead of `depth`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spring_constant: Option<SpringConstant>,
    /// Compliance of the frame of an instrument whose depths still hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frame_compliance: Option<Compliance>,
    /// Pyramids.
    #[serde(flatten)]
    pyramid: Pyramid,
    /// `[rows, columns]` of points without positions, in the order of the file from the top left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grid: Option<[usize; 2]>,
    /// `[row step, column step]` of such a grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pitch: Option<[Length; 2]>,
    /// Order of its points: `rows` or `serpentine` (every other row backwards).
    #[serde(default)]
    order: Order,
}

/// What is known of a pyramid.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Pyramid {
    /// Coefficients of the area function A = c₀h² + c₁h + c₂h^½ + … in metres; 24.5 alone for a perfect Berkovich tip.
    area: Vec<f64>,
    /// ε of the contact depth.
    epsilon: f64,
    /// β of the pyramid.
    beta: f64,
    /// Indentation modulus E/(1−ν²) of the indenter, diamond unless given.
    indenter_modulus: Pressure,
}

impl Default for Pyramid {
    fn default() -> Pyramid {
        let Instrument { area, epsilon, beta, .. } = Instrument::default();
        // Diamond: 1141 GPa, ν = 0.07.
        Pyramid { area, epsilon, beta, indenter_modulus: Pressure(1141e9 / (1.0 - 0.07 * 0.07)) }
    }
}

/// Names of the models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ModelName {
    Hertz,
    Dmt,
    Jkr,
    Kelvin,
    StandardLinearSolid,
    OliverPharr,
    Given,
}

/// Thermal drift.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`drift` is \"none\", \"fitted\", \"hold\" or a rate such as \"0.05 nm/s\"")]
enum Drift {
    /// By a rule.
    Rule(DriftRule),
    /// A rate.
    Rate(Velocity),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum DriftRule {
    None,
    Fitted,
    Hold,
}

/// Order of points without positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Rows,
    Serpentine,
}

impl Default for Drift {
    fn default() -> Drift {
        Drift::Rule(DriftRule::None)
    }
}

impl ModelName {
    /// The model of a sphere.
    fn sphere(self) -> Option<Model> {
        match self {
            ModelName::Hertz => Some(Model::Hertz),
            ModelName::Dmt => Some(Model::Dmt),
            ModelName::Jkr => Some(Model::Jkr),
            ModelName::Kelvin => Some(Model::Kelvin),
            ModelName::StandardLinearSolid => Some(Model::StandardLinearSolid),
            ModelName::OliverPharr | ModelName::Given => None,
        }
    }
}

impl Stage for Indentation {
    const DOC: &'static Doc = &Doc {
        id: "indentation",
        version: 2,
        about: "Load, depth and time of single indentations to maps: spheres by Hertz, DMT, JKR, a Kelvin or a standard linear solid through \
                loading, hold and unloading under the measured load; pyramids by Oliver and Pharr; finished tables as they are. Errors take in the \
                noise of load and depth, residuals that remember, and the level and depth of a contact that was found. Points that cannot be \
                evaluated are flagged with the reason and left out.",
        reference: "METHODS §9, §14; S1 §3.2, Fig. 35–36",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "curves",
            &[Kind::Curves],
            "",
            "columns time, load and depth (or height), with x and y, or point, or one table a curve; for `given` modulus, hardness",
        ).columns(&["time", "load", "depth"])],
        outputs: &[
            Output {
                name: "modulus",
                kind: Kind::Map,
                unit: "Pa",
                about: "shear modulus G (standard linear solid: G_I); reduced modulus E_r of pyramids; the modulus of a finished table",
            },
            Output {
                name: "relaxation_time",
                kind: Kind::Map,
                unit: "s",
                about: "t_c, or τ of a standard linear solid",
            },
            Output { name: "viscosity", kind: Kind::Map, unit: "Pa s", about: "η = G t_c, or G_II τ" },
            Output { name: "young", kind: Kind::Map, unit: "Pa", about: "Young's modulus" },
            Output { name: "hardness", kind: Kind::Map, unit: "Pa", about: "hardness of pyramids" },
            Output { name: "residual", kind: Kind::Map, unit: "m", about: "root mean square of the residual depth" },
            Output {
                name: "flags",
                kind: Kind::Map,
                unit: "",
                about: "0 good, 1 plastic, 2 no contact, 3 damaged, 4 too few points, 5 not fitted, 6 missing",
            },
            Output {
                name: "points",
                kind: Kind::Table,
                unit: "",
                about: "one row a point, with intervals and reasons",
            },
            Output { name: "curves", kind: Kind::Table, unit: "", about: "measured and fitted depth of some points" },
        ],
        metrics: &[
            MetricDoc::new("points", "", "points of the input"),
            MetricDoc::new("good", "", "points with a result"),
            MetricDoc::new("plastic", "", "points whose depth remains after the unloading"),
            MetricDoc::new("no_contact", "", "points without a contact"),
            MetricDoc::new("damaged", "", "points with numbers that cannot be"),
            MetricDoc::new("too_few_points", "", "points with fewer samples than parameters"),
            MetricDoc::new("not_fitted", "", "points whose fit came to no end"),
            MetricDoc::new("missing", "", "places of the grid without a point"),
            MetricDoc::new("modulus_error", "", "median relative standard error of the modulus"),
            MetricDoc::new("contact_radius", "m", "median contact radius at the largest load"),
            MetricDoc::new(
                "pitch_over_radius",
                "",
                "smaller step of the grid over the contact radius; below 2 neighbours overlap",
            ),
        ],
        metadata: &[],
        example: "run = \"indentation\"\ninput = \"curves\"\nmodel = \"kelvin\"\nradius = \"2 µm\"\npoisson = 0.363\ncontact_point = \"zero\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        let sphere = self.model.sphere();
        if sphere.is_some() {
            match self.radius {
                None => {
                    return Err(ParamError::new(
                        "radius",
                        "this model needs the radius of the sphere, such as \"2 µm\"",
                    ));
                }
                Some(r) if !(r.0 > 0.0) => return Err(ParamError::new("radius", "a positive length is wanted")),
                _ => {}
            }
            if self.poisson.is_none() {
                return Err(ParamError::new("poisson", "this model needs Poisson's ratio of the sample, such as 0.36"));
            }
        }
        if let Some(p) = self.poisson
            && !(p > -1.0 && p <= 0.5)
        {
            return Err(ParamError::new(
                "poisson",
                format!("{p} is no Poisson's ratio; it lies above −1 and is at most 0.5"),
            ));
        }
        if self.spring_constant.is_some_and(|k| !(k.0 > 0.0)) {
            return Err(ParamError::new("spring_constant", "a positive spring constant is wanted"));
        }
        if self.frame_compliance.is_some_and(|c| !(c.0 >= 0.0)) {
            return Err(ParamError::new("frame_compliance", "a compliance is at least 0"));
        }
        if self.pull_off.is_some_and(|f| !(f.0 >= 0.0)) {
            return Err(ParamError::new("pull_off", "the size of the force is wanted, without a sign"));
        }
        if self.pyramid.area.is_empty()
            || self.pyramid.area.len() > 12
            || self.pyramid.area.iter().any(|c| !c.is_finite())
        {
            return Err(ParamError::new(
                "area",
                "1 to 12 coefficients in metres, the first near 24.5 for a Berkovich tip",
            ));
        }
        if !(self.pyramid.epsilon > 0.0 && self.pyramid.epsilon <= 1.0) {
            return Err(ParamError::new("epsilon", "ε lies between 0 and 1; 0.75 for a pyramid"));
        }
        if !(self.pyramid.beta >= 1.0 && self.pyramid.beta < 1.3) {
            return Err(ParamError::new("beta", "β lies between 1 and 1.3; 1.034 for a Berkovich tip"));
        }
        if !(self.pyramid.indenter_modulus.0 > 0.0) {
            return Err(ParamError::new("indenter_modulus", "a positive modulus is wanted"));
        }
        if self.grid.is_some_and(|g| g.contains(&0)) {
            return Err(ParamError::new("grid", "a grid has at least one row and one column"));
        }
        if self.pitch.is_some_and(|p| p.iter().any(|l| !(l.0 > 0.0))) {
            return Err(ParamError::new("pitch", "positive lengths are wanted"));
        }
        if self.pitch.is_some() && self.grid.is_none() {
            return Err(ParamError::new("pitch", "`pitch` belongs to `grid`; positions in the file have their own"));
        }
        if self.model == ModelName::Given && self.contact_point != ContactPoint::Found {
            return Err(ParamError::new("contact_point", "a finished table has no curves"));
        }
        Ok(())
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        let idle = ParamError::each;
        let mut out = match (self.model, self.model.sphere()) {
            (_, Some(_)) => idle(&["area", "epsilon", "beta", "indenter_modulus"], "it is for pyramids"),
            (ModelName::OliverPharr, _) => idle(&["radius", "parts"], "it is for spheres"),
            _ => {
                let curves = ["radius", "poisson", "parts", "drift", "frame_compliance", "spring_constant", "epsilon"];
                idle(&curves, "a finished table has no curves")
            }
        };
        if !matches!(self.model, ModelName::Dmt | ModelName::Jkr) {
            out.extend(idle(&["pull_off"], "it is for the models with adhesion, `dmt` and `jkr`"));
        }
        if self.grid.is_none() {
            out.extend(idle(&["order"], "it is for points without positions, in a `grid`"));
        }
        out
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let spectrum = inputs.curves(0)?;
        let points = match self.model {
            ModelName::Given => Points::of_rows(self, spectrum)?,
            _ => Points::of_curves(self, spectrum)?,
        };
        let results = self.evaluate(spectrum, &points, cx)?;
        report::outputs(self, &points, &results)
    }
}
