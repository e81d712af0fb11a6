//! `volume-profile`: the mean value from the surface of a sample to its middle.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tables::DepthProfile;
use super::{
    Connections, Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError, Uncertainty,
};
use crate::data::{Artifact, Kind, Metric, Table, Volume};
use crate::reduce::Set;
use crate::reduce::parts::{Parts, Selection, Statistic};
use crate::reduce::profile::{From, Profile};
use crate::unit::Unit;
use crate::unit::quantity::Length;

/// Averages by depth.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VolumeProfile {
    /// `radial`: by distance from the axis; `spherical`: from the centre; `x`, `y`, `z`: from face to face.
    #[serde(default)]
    along: Along,
    /// The axis of a rod, for `along = "radial"`.
    #[serde(default)]
    axis: Direction,
    /// Width of a bin; a twentieth of the largest distance unless given.
    #[serde(default)]
    width: Option<Length>,
    /// `bootstrap`: intervals from parts of the volume along z; `none`.
    #[serde(default)]
    uncertainty: Uncertainty,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Along {
    #[default]
    Radial,
    Spherical,
    X,
    Y,
    Z,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Direction {
    X,
    Y,
    #[default]
    Z,
}

impl Direction {
    /// Number of the axis in `[z, y, x]`.
    fn index(self) -> usize {
        match self {
            Direction::Z => 0,
            Direction::Y => 1,
            Direction::X => 2,
        }
    }
}

/// Bins unless a width is given, and at most.
const BINS: usize = 20;
const MOST: usize = 2000;
/// Share of the depth that counts as surface, and as middle.
const THIRD: f64 = 1.0 / 3.0;

impl Stage for VolumeProfile {
    const DOC: &'static Doc = &Doc {
        id: "volume-profile",
        version: 2,
        about: "Mean value by distance from the axis of a rod, from the centre, or from face to face, and the difference between middle and \
                surface; with regions connected, the share of them as well. Where voxels outside of the sample are invalid, the axis goes \
                through the middle of the valid ones.",
        reference: "METHODS §10; S1 §3.1, Fig. 32",
        scope: Scope::Sample,
        inputs: &[
            Port::new("volume", &[Kind::Volume], "", "grey values"),
            Port::new(
                "regions",
                &[Kind::Volume, Kind::Labels],
                "",
                "numbers of regions, or a mask: everything that is not 0",
            )
            .optional(),
        ],
        outputs: &[Output {
            name: "profile",
            kind: Kind::Table,
            unit: "input",
            about: "distance, depth, mean and its interval, voxels, share of regions",
        }],
        metrics: &[
            MetricDoc::new("surface_mean", "map", "mean of the outer third of the depth"),
            MetricDoc::new("centre_mean", "map", "mean of the inner third of the depth"),
            MetricDoc::new("difference", "map", "centre less surface; a featureless sample has none"),
            MetricDoc::new("surface_fraction", "", "share of regions in the outer third"),
            MetricDoc::new("centre_fraction", "", "share of regions in the inner third"),
            MetricDoc::new("fraction_difference", "", "centre less surface"),
        ],
        metadata: &[],
        example: "run = \"volume-profile\"\ninput = { volume = \"ct\", regions = \"low\" }\nalong = \"radial\"\naxis = \"z\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        match self.width {
            Some(w) if !(w.0 > 0.0) => Err(ParamError::new("width", "a positive length is wanted, such as \"500 nm\"")),
            _ => Ok(()),
        }
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        match self.along {
            Along::Radial => Vec::new(),
            _ => vec![ParamError::new("axis", "it is for along = \"radial\"")],
        }
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let volume = inputs.volume(0)?;
        let voxel = volume.voxel_size()?;
        let summary = cx.passes().moments(volume)?;
        let cell: f64 = voxel.iter().product();
        let sides = [0, 1, 2].map(|k| volume.shape[k] as f64 * voxel[k]);
        let whole = summary.n == volume.len();
        let centre = if whole { sides.map(|s| 0.5 * s) } else { middle(volume, voxel, cx)? };
        let content = summary.n as f64 * cell;
        let (from, largest) = match self.along {
            Along::Radial => {
                let axis = self.axis.index();
                (From::Axis(axis), (content / sides[axis] / std::f64::consts::PI).sqrt())
            }
            Along::Spherical => (From::Centre, libm::cbrt(0.75 * content / std::f64::consts::PI)),
            Along::X => (From::Face(2), sides[2]),
            Along::Y => (From::Face(1), sides[1]),
            Along::Z => (From::Face(0), sides[0]),
        };
        let fine = voxel.iter().copied().fold(0.0, f64::max);
        let width = self.width.map_or((largest / BINS as f64).max(fine), |w| w.0);
        let bins = (largest / width).ceil() as usize;
        if !(3..=MOST).contains(&bins) {
            return Err(StageError::Failed(format!(
                "{bins} bins of {width:e} m make no profile over {largest:e} m; give another `width`"
            )));
        }
        let reducer = |set| Profile { from, centre, voxel, width, bins, set };
        let cells = cx.passes().run(volume, &reducer(None), "profile")?;
        let inside = match inputs.get(1).map(|_| inputs.volume_or_labels(1)).transpose()? {
            Some(labels) if labels.shape == volume.shape => {
                Some(cx.passes().run(labels, &reducer(Some(Set::NonZero)), "share")?)
            }
            Some(_) => return Err(StageError::Failed("the regions are those of a volume of another shape".into())),
            None => None,
        };
        let face = matches!(from, From::Face(_));
        let distance: Vec<f64> = (0..bins).map(|k| (k as f64 + 0.5) * width).collect();
        let depth: Vec<f64> = distance.iter().map(|r| if face { r.min(largest - r) } else { largest - r }).collect();
        let deepest = if face { 0.5 * largest } else { largest };
        let outer = |k: usize| depth[k] < THIRD * deepest;
        let inner = |k: usize| depth[k] > (1.0 - THIRD) * deepest;
        let interval = self.uncertainty == Uncertainty::Bootstrap;
        let value = Parts::new(&cells, |c| (c.sum, c.n as f64));
        let share = inside.as_ref().map(|i| Parts::new(i, |c| (c.inside as f64, c.n as f64)));
        let mut metrics = Vec::new();
        let counted: u64 = cells.iter().flatten().map(|c| c.n).sum();
        let beyond = 1.0 - counted as f64 / summary.n as f64;
        let left = match beyond > 0.001 {
            true => format!("{:.1} % of the voxels lie farther out and are left out", 100.0 * beyond),
            false => String::new(),
        };
        let named = [
            (Some(&value), ["surface_mean", "centre_mean", "difference"], volume.unit.clone()),
            (share.as_ref(), ["surface_fraction", "centre_fraction", "fraction_difference"], Unit::none()),
        ];
        for (parts, names, unit) in named {
            let Some(parts) = parts else {
                metrics.extend(
                    names.map(|n| Metric { unit: unit.clone(), ..Metric::missing(n, "no regions are connected") }),
                );
                continue;
            };
            let row = |name: &str, f: &Statistic<'_>| {
                let v = f(&|_| true);
                if !v.is_finite() {
                    return Metric { unit: unit.clone(), ..Metric::missing(name, "no valid voxel lies there") };
                }
                let m = Metric::with_unit(name, v, &unit).n(parts.parts as f64);
                match parts.jackknife(f).filter(|_| interval) {
                    Some([low, high]) => m.interval(low, high),
                    None => m,
                }
            };
            let mean = |taken: &Selection<'_>, bin: &Selection<'_>| parts.mean(taken, bin);
            metrics.push(row(names[0], &|t| mean(t, &outer)).note(&left));
            metrics.push(row(names[1], &|t| mean(t, &inner)));
            let m = row(names[2], &|t| mean(t, &inner) - mean(t, &outer));
            let none = m.interval.is_some_and(|[low, high]| low <= 0.0 && high >= 0.0);
            metrics.push(if none { m.note("the interval holds 0: no gradient is shown") } else { m });
        }
        let table = table(&distance, &depth, &value, share.as_ref(), &volume.unit, interval);
        Ok(Outputs { artifacts: vec![("profile", Artifact::Table(Arc::new(table)))], metrics, ..Outputs::default() })
    }
}

/// Middle of the valid voxels, `[z, y, x]` in m.
fn middle(volume: &Volume, voxel: [f64; 3], cx: &Cx<'_>) -> Result<[f64; 3], StageError> {
    let mut out = [0.0; 3];
    for (k, place) in out.iter_mut().enumerate() {
        let profile =
            Profile { from: From::Face(k), centre: [0.0; 3], voxel, width: voxel[k], bins: volume.shape[k], set: None };
        let cells = cx.passes().run(volume, &profile, &format!("middle-{k}"))?;
        let (mut n, mut sum) = (0.0, 0.0);
        for (i, c) in cells.iter().flat_map(|plane| plane.iter().enumerate()) {
            n += c.n as f64;
            sum += c.n as f64 * (i as f64 + 0.5) * voxel[k];
        }
        *place = sum / n;
    }
    Ok(out)
}

fn table(distance: &[f64], depth: &[f64], value: &Parts, share: Option<&Parts>, unit: &Unit, interval: bool) -> Table {
    let bins = 0..distance.len();
    let mean = |parts: &Parts, k: usize| parts.mean(&|_| true, &|b| b == k);
    let ends: Vec<[f64; 2]> = bins
        .clone()
        .map(|k| value.jackknife(&|t| value.mean(t, &|b| b == k)).filter(|_| interval).unwrap_or([f64::NAN; 2]))
        .collect();
    let rows = DepthProfile {
        distance: distance.to_vec(),
        depth: depth.to_vec(),
        mean: bins.clone().map(|k| mean(value, k)).collect(),
        mean_low: ends.iter().map(|e| e[0]).collect(),
        mean_high: ends.iter().map(|e| e[1]).collect(),
        voxels: bins.clone().map(|k| value.count(k)).collect(),
        fraction: bins.map(|k| share.map_or(f64::NAN, |s| mean(s, k))).collect(),
        units: vec![unit.clone()],
    };
    rows.table()
}
