//! `orientation`: the long axes of regions against a direction, such as that of the load.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::null::{NO_VALUE, Side, rows};
use super::tables::{Angles, Shapes, TypedTable};
use super::{
    Connections, Cx, Doc, Inputs, Intervals, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError,
    Uncertainty,
};
use crate::data::{Artifact, Kind, Metric, Table, Warning};
use crate::num::quantile::quantile;
use crate::spatial::alignment::{Alignment, Moment, fourth, second};
use crate::unit::Unit;

/// Compares axes with a direction.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Orientation {
    /// The direction: `x`, `y`, `z`, or its parts along x, y and z (y points down the image).
    direction: Towards,
    /// Regions of fewer pixels are left out: their axes are those of the pixel.
    min_pixels: usize,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<200>,
}

impl Default for Orientation {
    fn default() -> Orientation {
        Orientation { direction: Towards::default(), min_pixels: 8, intervals: Intervals::default() }
    }
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Towards {
    Axis(Axis),
    Vector([f64; 3]),
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Axis {
    X,
    Y,
    Z,
}

impl Default for Towards {
    fn default() -> Towards {
        Towards::Axis(Axis::Z)
    }
}

impl Orientation {
    /// The direction along x, y and z, of length 1.
    fn unit(&self) -> [f64; 3] {
        let v = match self.direction {
            Towards::Axis(Axis::X) => [1.0, 0.0, 0.0],
            Towards::Axis(Axis::Y) => [0.0, 1.0, 0.0],
            Towards::Axis(Axis::Z) => [0.0, 0.0, 1.0],
            Towards::Vector(v) => v,
        };
        let length = v.iter().map(|c| c * c).sum::<f64>().sqrt();
        v.map(|c| c / length)
    }
}

impl Stage for Orientation {
    const DOC: &'static Doc = &Doc {
        id: "orientation",
        version: 2,
        about: "How the long axes of whole regions lie to a direction: second and fourth Legendre moment of the cosine in volumes (cos 2θ and cos \
                4θ in maps), their angle and elongation. Random directions say what chance gives, the surrogates of `regions` what the grid of \
                pixels adds to it. Intervals resample regions; as many random directions are drawn.",
        reference: "METHODS §10, §13; S1 Fig. 32–33",
        scope: Scope::Sample,
        inputs: &[
            Port::new("regions", &[Kind::Table], "", "the table of the stage `regions`").tables(&["regions.regions"]),
            Port::new("surrogates", &[Kind::Table], "", "the output `surrogates` of the stage `regions`")
                .tables(&["regions.surrogates"])
                .optional(),
        ],
        outputs: &[Output {
            name: "angles",
            kind: Kind::Table,
            unit: "",
            about: "one row a region: its angle to the direction",
        }],
        metrics: &[
            MetricDoc::new("order", "", "⟨P₂(cos θ)⟩, in maps ⟨cos 2θ⟩: 1 along the direction, below 0 across it")
                .null(),
            MetricDoc::new("quadrupole", "", "⟨P₄(cos θ)⟩, in maps ⟨cos 4θ⟩: below 0 for axes at some 45°").null(),
            MetricDoc::new("angle", "deg", "median angle to the direction; 60° of random axes in volumes, 45° in maps"),
            MetricDoc::new("elongation", "", "mean aspect ratio of the regions"),
        ],
        metadata: &[],
        example: "run = \"orientation\"\ninput = { regions = \"low\", surrogates = \"low.surrogates\" }\ndirection = \"z\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if !self.unit().iter().all(|c| c.is_finite()) {
            return Err(ParamError::new("direction", "\"x\", \"y\", \"z\" or three numbers that are not all 0"));
        }
        if self.min_pixels == 0 {
            return Err(ParamError::new("min_pixels", "a region has at least one pixel"));
        }
        self.intervals.check()
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        self.intervals.idle()
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let table = inputs.table(0)?;
        let wrong = |column: &str| {
            StageError::Failed(format!("the input is no table of the stage `regions`: it has no column `{column}`"))
        };
        let regions = Shapes::of(table).map_err(wrong)?;
        let flat = table.column("direction_z").is_none();
        if flat && table.column("inclination").is_none() {
            return Err(wrong("inclination` or `direction_z"));
        }
        if flat && self.unit()[2].abs() > 1e-9 {
            return Err(StageError::Failed(
                "the regions are those of a map, and the direction leaves its plane; give `direction = \"x\"`, `\"y\"` or \
                 `[x, y, 0]`"
                    .into(),
            ));
        }
        let axes = Axes::of(&regions, self);
        let surrogates = match inputs.get(1) {
            Some(Artifact::Table(t)) if !t.columns.is_empty() => Some(self.of_surrogates(t).map_err(wrong)?),
            _ => None,
        };
        let n = axes.cosines.len();
        let mut metrics = Vec::new();
        let moments: [(&str, Moment); 2] = [("order", second), ("quadrupole", fourth)];
        let intervals = (self.intervals.resamples, self.intervals.uncertainty == Uncertainty::Bootstrap);
        for (name, of) in moments {
            let null = surrogates.as_deref();
            let note = if null.is_some() { "regions of surrogates" } else { "random directions" };
            match Alignment::of(&axes.cosines, flat, of, null, intervals, &cx.stream, name) {
                None => {
                    let why = format!("{n} whole regions of at least {} pixels have a long axis", self.min_pixels);
                    metrics.push(Metric::missing(name, &why));
                    metrics.extend(rows(name, "", f64::NAN, Err(&why), Side::Both, ""));
                }
                Some(a) => {
                    let m = Metric::number(name, a.value, "").n(n as f64);
                    metrics.push(a.interval.map_or(m.clone(), |[low, high]| m.interval(low, high)));
                    metrics.extend(rows(name, "", a.value, a.null.ok_or(NO_VALUE), Side::Both, note));
                }
            }
        }
        let (mean_of, table) = axes.finish();
        metrics.extend(mean_of);
        let few = (n < 30).then(|| {
            Warning::new(
                "few-regions",
                format!("{n} whole regions of at least {} pixels: their order is uncertain", self.min_pixels),
                "take a larger volume or a larger fraction",
            )
        });
        Ok(Outputs {
            artifacts: vec![("angles", Artifact::Table(Arc::new(table)))],
            metrics,
            warnings: few.into_iter().collect(),
        })
    }
}

impl Orientation {
    /// Cosines of each surrogate.
    fn of_surrogates(&self, table: &Table) -> Result<Vec<Vec<f64>>, &'static str> {
        let shapes = Shapes::of(table)?;
        if shapes.surrogate.len() != shapes.pixels.len() {
            return Err("surrogate");
        }
        let axes = Axes::of(&shapes, self);
        let pairs: Vec<(f64, f64)> = axes.groups.into_iter().zip(axes.cosines).collect();
        Ok(pairs.chunk_by(|a, b| a.0 == b.0).map(|c| c.iter().map(|v| v.1).collect()).collect())
    }
}

/// Whole regions with a long axis.
#[derive(Default)]
struct Axes {
    ids: Vec<f64>,
    /// |cos| of the angle to the direction.
    cosines: Vec<f64>,
    aspects: Vec<f64>,
    /// The surrogate each belongs to, where it does.
    groups: Vec<f64>,
}

impl Axes {
    /// Of regions of a map, a volume or surrogates.
    fn of(r: &Shapes, stage: &Orientation) -> Axes {
        let towards = stage.unit();
        let axis = |i: usize| {
            if r.direction_z.is_empty() {
                // The inclination is counted towards the top, y downwards.
                let angle = r.inclination.get(i).map_or(f64::NAN, |a| a.to_radians());
                [libm::cos(angle), -libm::sin(angle), 0.0]
            } else {
                [&r.direction_x, &r.direction_y, &r.direction_z].map(|c| c.get(i).copied().unwrap_or(f64::NAN))
            }
        };
        let or = |column: &[f64], i: usize, none: f64| column.get(i).copied().unwrap_or(none);
        let mut out = Axes::default();
        for i in 0..r.pixels.len() {
            let c = axis(i).iter().zip(towards).map(|(a, b)| a * b).sum::<f64>().abs();
            if r.pixels[i] < stage.min_pixels as f64 || r.border[i] > 0.0 || !c.is_finite() {
                continue;
            }
            out.ids.push(or(&r.id, i, f64::NAN));
            out.cosines.push(c);
            out.aspects.push(or(&r.d_max, i, f64::NAN) / or(&r.d_min, i, f64::NAN));
            out.groups.push(or(&r.surrogate, i, 0.0));
        }
        out
    }

    /// Angle and elongation over all, and a row a region.
    fn finish(self) -> ([Metric; 2], Table) {
        let n = self.cosines.len();
        let angle: Vec<f64> = self.cosines.iter().map(|c| libm::acos(c.min(1.0)).to_degrees()).collect();
        let none = "no whole region is large enough";
        let metrics = match n {
            0 => [
                Metric { unit: Unit::of("deg"), ..Metric::missing("angle", none) },
                Metric::missing("elongation", none),
            ],
            _ => [
                Metric::number("angle", quantile(&mut angle.clone(), 0.5), "deg").n(n as f64),
                Metric::number("elongation", self.aspects.iter().sum::<f64>() / n as f64, "").n(n as f64),
            ],
        };
        let table = Angles { id: self.ids, angle, cosine: self.cosines, aspect_ratio: self.aspects, units: Vec::new() };
        (metrics, table.table())
    }
}
