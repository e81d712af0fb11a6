//! `orientation`: the long axes of regions against a direction, such as that of the load.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::null::{NO_VALUE, Side, rows};
use super::{
    Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError, Uncertainty,
    check_resamples,
};
use crate::data::{Artifact, Column, Kind, Metric, Table, Warning};
use crate::num::quantile::quantile;
use crate::num::resample::of_mean;
use crate::spatial::alignment::{Moment, fourth, random_axes, second};
use crate::spatial::null::Null;
use crate::unit::Unit;

/// Compares axes with a direction.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Orientation {
    /// The direction: `x`, `y`, `z`, or its parts along x, y and z (y points down the image).
    #[serde(default)]
    direction: Towards,
    /// Regions of fewer pixels are left out: their axes are those of the pixel.
    #[serde(default = "eight")]
    min_pixels: usize,
    /// `bootstrap`: intervals by resampling regions; `none`.
    #[serde(default)]
    uncertainty: Uncertainty,
    /// Resamples of the bootstrap, and random directions that the order is compared with.
    #[serde(default = "super::two_hundred")]
    resamples: usize,
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

fn eight() -> usize {
    8
}

/// Regions without which nothing is said of their order.
const FEWEST: usize = 5;

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
        version: 1,
        about: "How the long axes of whole regions lie to a direction: second and fourth Legendre moment of the cosine in volumes (cos 2θ and cos \
                4θ in maps), their angle and elongation. Random directions say what chance gives, the surrogates of `regions` what the grid of \
                pixels adds to it.",
        reference: "METHODS §10, §13; S1 Fig. 32–33",
        scope: Scope::Sample,
        inputs: &[
            Port::new("regions", &[Kind::Table], "", "the table of the stage `regions`"),
            Port::new("surrogates", &[Kind::Table], "", "the output `surrogates` of the stage `regions`").optional(),
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
        check_resamples(self.uncertainty, self.resamples)
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let regions = inputs.table(0)?;
        let wrong = || StageError::Failed("the input is no table of the stage `regions`".into());
        let flat = regions.column("direction_z").is_none();
        if flat && self.unit()[2].abs() > 1e-9 {
            return Err(StageError::Failed(
                "the regions are those of a map, and the direction leaves its plane; give `direction = \"x\"`, `\"y\"` or \
                 `[x, y, 0]`"
                    .into(),
            ));
        }
        let taken = Axes::of(regions, self, flat).ok_or_else(wrong)?;
        let n = taken.cosines.len();
        let mut metrics = Vec::new();
        let moments: [(&str, Moment); 2] = [("order", second), ("quadrupole", fourth)];
        let surrogates = match inputs.get(1) {
            Some(Artifact::Table(t)) if !t.columns.is_empty() => Some(self.of_surrogates(t, flat).ok_or_else(wrong)?),
            _ => None,
        };
        for (name, of) in moments {
            if n < FEWEST {
                let why = format!("{n} whole regions of at least {} pixels have a long axis", self.min_pixels);
                metrics.push(Metric::missing(name, &why));
                metrics.extend(rows(name, "", f64::NAN, Err(&why), Side::Both, ""));
                continue;
            }
            let mean = |v: &[f64]| v.iter().map(|c| of(*c, flat)).sum::<f64>() / v.len() as f64;
            let value = mean(&taken.cosines);
            let m = Metric::number(name, value, "").n(n as f64);
            let interval = (self.uncertainty == Uncertainty::Bootstrap).then(|| {
                let values: Vec<(f64, f64)> = taken.cosines.iter().map(|c| (of(*c, flat), 1.0)).collect();
                of_mean(&values, &cx.stream.role("resample").role(name), self.resamples)
            });
            metrics.push(interval.map_or(m.clone(), |[low, high]| m.interval(low, high)));
            let (null, note) = match &surrogates {
                Some(all) => (
                    all.iter().filter(|s| s.len() >= FEWEST).map(|s| mean(s)).collect::<Vec<_>>(),
                    "regions of surrogates",
                ),
                None => {
                    let stream = cx.stream.role("random directions").role(name);
                    let all = random_axes(n, flat, self.resamples.max(Null::FEWEST), &stream);
                    (all.iter().map(|s| mean(s)).collect(), "random directions")
                }
            };
            metrics.extend(rows(name, "", value, Null::of(value, null).ok_or(NO_VALUE), Side::Both, note));
        }
        let mut angles: Vec<f64> = taken.cosines.iter().map(|c| libm::acos(c.min(1.0)).to_degrees()).collect();
        let table = Table {
            columns: vec![
                Column::number("id", &Unit::none(), taken.ids.iter().copied()),
                Column::number("angle", &Unit::of("deg"), angles.iter().copied()),
                Column::number("cosine", &Unit::none(), taken.cosines.iter().copied()),
                Column::number("aspect_ratio", &Unit::none(), taken.aspects.iter().copied()),
            ],
        };
        let none = "no whole region is large enough";
        metrics.push(match n {
            0 => Metric { unit: Unit::of("deg"), ..Metric::missing("angle", none) },
            _ => Metric::number("angle", quantile(&mut angles, 0.5), "deg").n(n as f64),
        });
        metrics.push(match n {
            0 => Metric::missing("elongation", none),
            _ => Metric::number("elongation", taken.aspects.iter().sum::<f64>() / n as f64, "").n(n as f64),
        });
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
    /// Of a table of regions or of regions of surrogates; `None` if it is something else.
    fn of(table: &Table, stage: &Orientation, flat: bool) -> Option<Axes> {
        let column = |name: &str| table.column(name).and_then(Column::numbers);
        let (pixels, border) = (column("pixels")?, column("border")?);
        let (ids, groups) = (column("id"), column("surrogate"));
        let (d_max, d_min) = (column("d_max")?, column("d_min")?);
        let axes: Vec<[f64; 3]> = if flat {
            // The inclination is counted towards the top, y downwards.
            let of = |a: &f64| [libm::cos(a.to_radians()), -libm::sin(a.to_radians()), 0.0];
            column("inclination")?.iter().map(of).collect()
        } else {
            let (x, y, z) = (column("direction_x")?, column("direction_y")?, column("direction_z")?);
            x.iter().zip(y).zip(z).map(|((x, y), z)| [*x, y, z]).collect()
        };
        let towards = stage.unit();
        let mut out = Axes::default();
        for i in 0..pixels.len() {
            let c = axes[i].iter().zip(towards).map(|(a, b)| a * b).sum::<f64>().abs();
            if pixels[i] < stage.min_pixels as f64 || border[i] > 0.0 || !c.is_finite() {
                continue;
            }
            out.ids.push(ids.as_ref().map_or(f64::NAN, |v| v[i]));
            out.cosines.push(c);
            out.aspects.push(d_max[i] / d_min[i]);
            out.groups.push(groups.as_ref().map_or(0.0, |v| v[i]));
        }
        Some(out)
    }
}

impl Orientation {
    /// Cosines of each surrogate.
    fn of_surrogates(&self, table: &Table, flat: bool) -> Option<Vec<Vec<f64>>> {
        let taken = Axes::of(table, self, flat)?;
        let pairs: Vec<(f64, f64)> = taken.groups.into_iter().zip(taken.cosines).collect();
        Some(pairs.chunk_by(|a, b| a.0 == b.0).map(|c| c.iter().map(|v| v.1).collect()).collect())
    }
}
