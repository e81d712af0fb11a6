//! `box-counting`: how many boxes a set takes on every scale, and whether that makes it a fractal.

mod report;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Connections, Cx, Doc, Inputs, Intervals, MetricDoc, Nulls, Output, Outputs, ParamError, Port, Scope, Stage,
    StageError, VolumeCost,
};
use crate::data::{Artifact, Kind, Map, Meaning, Volume};
use crate::reduce::dimension::{self, Counted, Dimension, GLIDING, Offsets, SIDES, Setting};
use crate::unit::quantity::Length;

/// Counts boxes.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct BoxCounting {
    /// Edges of boxes in pixels: `dyadic` (1, 2, 4, …), `all`, or a list.
    sizes: Sizes,
    /// Where boxes begin: `origin`, the first pixel; or `mean` or `minimum` over several places, whose boxes at the edge are
    /// cut: these two read a little low and have no interval.
    offsets: Offsets,
    /// Places that `mean` and `minimum` are taken over.
    grids: usize,
    /// `phase`: boxes that hold a pixel of the set; `boundary`: boxes that hold one of it and one beside it.
    of: Counted,
    /// Sizes that the dimension is taken from: `plateau`, the widest range of at least a decade with local slopes within
    /// ±0.1, or there is no dimension; `all`; or two lengths.
    fit: Fit,
    /// Whether D₁, D₂, the lacunarity and the mass within distances are measured as well.
    moments: bool,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<200>,
    /// Featureless counterparts.
    #[serde(flatten)]
    nulls: Nulls,
}

impl Default for BoxCounting {
    fn default() -> BoxCounting {
        BoxCounting {
            sizes: Sizes::default(),
            offsets: Offsets::default(),
            grids: 8,
            of: Counted::default(),
            fit: Fit::default(),
            moments: true,
            intervals: Intervals::default(),
            nulls: Nulls::default(),
        }
    }
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Sizes {
    Rule(SizeRule),
    List(Vec<usize>),
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes::Rule(SizeRule::Dyadic)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SizeRule {
    Dyadic,
    All,
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Fit {
    Rule(FitRule),
    Range([Length; 2]),
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum FitRule {
    Plateau,
    All,
}

impl Default for Fit {
    fn default() -> Fit {
        Fit::Rule(FitRule::Plateau)
    }
}

impl Stage for BoxCounting {
    const DOC: &'static Doc = &Doc {
        id: "box-counting",
        version: 4,
        about: "Occupied boxes N(ε) of a set in a map or a volume with their local slopes; a dimension where these have a plateau, and none where \
                they have not, or where level sets of featureless fields go the same way: fields of the set's fraction and covariance, \
                that being as uncertain as it is. The crossover to compact; generalised dimensions and lacunarity. A slope over all sizes is no \
                dimension: level sets of random fields have R² above 0.98. The interval of the dimension resamples layers of boxes, and allows \
                for what voxels make small boxes lack.",
        reference: "METHODS §7, §13; S1 §3.1, Fig. 34",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "set",
            &[Kind::Map, Kind::Volume, Kind::Labels],
            "",
            "the set: everything that is not 0, such as a mask or the regions of the stage `regions`",
        )],
        outputs: &[Output {
            name: "counts",
            kind: Kind::Table,
            unit: "",
            about: "one row a size: count, local slope, band of featureless sets, lacunarity",
        }],
        metrics: &[
            MetricDoc::new("d_f", "", "fractal dimension; missing without a scaling range").null(),
            MetricDoc::new("d_f_low", "m", "smallest size of the fit"),
            MetricDoc::new("d_f_high", "m", "largest size of the fit"),
            MetricDoc::new("n0", "", "count of the fit at one pixel"),
            MetricDoc::new("r2", "", "coefficient of determination of the fit; no evidence"),
            MetricDoc::new(
                "plateau",
                "",
                "`yes` where local slopes stay within ±0.1 over a decade of sizes, else `no`",
            ),
            MetricDoc::new("xi_fractal", "m", "size beyond which the set is compact"),
            MetricDoc::new("space", "", "dimension of a compact set here: 2 or 3, of a boundary one less"),
            MetricDoc::new("fraction", "", "share of the valid pixels in the set"),
            MetricDoc::new("d_1", "", "information dimension over the same sizes"),
            MetricDoc::new("d_2", "", "correlation dimension over the same sizes"),
            MetricDoc::new("lacunarity", "", "⟨m²⟩/⟨m⟩² of gliding boxes, at the size in the note"),
            MetricDoc::new("d_mass", "", "dimension of the mass within a distance, of the largest region"),
        ],
        metadata: &[],
        example: "run = \"box-counting\"\ninput = \"low\"\nsizes = \"dyadic\"\noffsets = \"origin\"\nfit = \"plateau\"\nsurrogates = 200\n",
    };

    fn metrics(&self) -> Vec<MetricDoc> {
        let of_masses = ["d_1", "d_2", "lacunarity", "d_mass"];
        let mut out = self.nulls.metrics(Self::DOC.metrics);
        out.retain(|m| self.moments || !of_masses.contains(&&*m.name));
        out
    }

    fn check(&self) -> Result<(), ParamError> {
        if let Sizes::List(list) = &self.sizes
            && (list.len() < 2 || list.contains(&0) || !list.is_sorted_by(|a, b| a < b))
        {
            return Err(ParamError::new(
                "sizes",
                "\"dyadic\", \"all\", or at least two rising whole numbers from 1 on",
            ));
        }
        if let Fit::Range([low, high]) = self.fit
            && !(low.0 > 0.0 && high.0 > low.0)
        {
            return Err(ParamError::new(
                "fit",
                "\"plateau\", \"all\", or two rising lengths such as [\"10 nm\", \"1 µm\"]",
            ));
        }
        if !(1..=64).contains(&self.grids) {
            return Err(ParamError::new("grids", "1 to 64 places"));
        }
        self.nulls.check()?;
        self.intervals.check()
    }

    fn volume_cost(&self, shape: [usize; 3], _: Option<[f64; 3]>) -> VolumeCost {
        let made = VolumeCost::surrogates(shape, SIDES[0], self.nulls.surrogates);
        let side = shape.iter().copied().filter(|n| *n > 1).min().unwrap_or(1);
        let (halo, moments) = if self.moments { ((side / 4).min(GLIDING), 90.0) } else { (0, 0.0) };
        VolumeCost { halo: made.halo.max(halo), nanoseconds: made.nanoseconds + moments + 15.0, ..made }
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        let mut out = self.intervals.idle();
        if self.offsets == Offsets::Origin {
            out.push(ParamError::new("grids", "it is for offsets = \"mean\" or \"minimum\""));
        }
        out
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let labels = match inputs.get(0) {
            Some(Artifact::Labels(l)) => Some(l),
            _ => None,
        };
        let setting = self.setting(labels.is_some_and(|l| l.meaning == Meaning::Regions));
        let map = match labels {
            Some(l) => l.map(),
            None => inputs.map(0).ok(),
        };
        let measure = |v: &Volume, space| Dimension::of(v, space, &setting, &cx.stream, &cx.passes());
        let (found, pixels) = match map {
            Some(map) => (measure(&as_volume(map)?, 2)?, map.values.len() as u64),
            None => {
                let v = inputs.volume_or_labels(0)?;
                // A volume of one plane is a map.
                (measure(v, v.shape.iter().filter(|n| **n > 1).count().max(1))?, v.len())
            }
        };
        let (metrics, warnings) = report::report(&found, &setting, pixels);
        let table = report::table(&found);
        Ok(Outputs { artifacts: vec![("counts", Artifact::Table(Arc::new(table)))], metrics, warnings })
    }
}

impl BoxCounting {
    /// `regions`: whether the numbers of the input are those of regions.
    fn setting(&self, regions: bool) -> Setting {
        Setting {
            sizes: match &self.sizes {
                Sizes::Rule(SizeRule::Dyadic) => dimension::Sizes::Dyadic,
                Sizes::Rule(SizeRule::All) => dimension::Sizes::All,
                Sizes::List(list) => dimension::Sizes::List(list.clone()),
            },
            offsets: self.offsets,
            places: self.grids,
            counted: self.of,
            fit: match self.fit {
                Fit::Rule(FitRule::Plateau) => dimension::Fit::Plateau,
                Fit::Rule(FitRule::All) => dimension::Fit::All,
                Fit::Range(ends) => dimension::Fit::Range(ends.map(|l| l.0)),
            },
            moments: self.moments,
            regions,
            resamples: self.intervals.count(),
            surrogates: self.nulls.surrogates,
        }
    }
}

/// A map as a volume whose planes are its rows, so that it can be gone through in parts as well.
fn as_volume(map: &Map) -> Result<Volume, StageError> {
    let [dy, dx] = map.pixel_size()?;
    let values = map.values.clone().insert_axis(ndarray::Axis(1)).as_standard_layout().into_owned();
    Ok(Volume::new(values, map.unit.clone(), &map.quantity, Some([dy, dx, dx])))
}
