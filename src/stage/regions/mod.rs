//! `regions`: the regions of highest (or lowest) value, their shapes, and what a featureless field would give.

mod nulls;
mod report;
mod tables;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::{Artifact, Kind, Labels, Map, Meaning, Volume};
use crate::reduce::census::census as volume_census;
use crate::spatial::regions::census::{Selection, census};
use crate::spatial::regions::cut::{Rule, Side};
use crate::spatial::regions::label::Connectivity;
use crate::spatial::regions::runs;
use crate::spatial::surrogates;
use crate::stage::labels::write_labels;
use crate::stage::{
    Connections, Cx, Doc, Inputs, Intervals, MetricDoc, Nulls, Output, Outputs, ParamError, Port, Scope, Stage,
    StageError, VolumeCost,
};
use crate::unit::quantity::Fraction;
use crate::unit::{Quantity, Unit};

/// Finds and measures regions.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Regions {
    /// `pixels`: the fraction `top` of the valid pixels; `share`: the fewest pixels that hold the share `top` of the
    /// summed value; `absolute`: everything at or beyond `threshold`.
    by: By,
    /// The fraction or share.
    top: Fraction,
    /// The threshold of `by = "absolute"`, with its unit.
    threshold: Option<String>,
    /// `high` or `low` values.
    side: Side,
    /// 8: pixels that touch with a side or a corner belong together; 4: with a side. In volumes 26 and 6 say the same (8
    /// and 4 stand for them), and 18 leaves corners out.
    connectivity: u8,
    /// Regions of fewer pixels are counted and listed, but not averaged: their shape is that of the pixel.
    min_pixels: usize,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<200>,
    /// Featureless counterparts.
    #[serde(flatten)]
    nulls: Nulls,
    /// `isotropic`: a fitted covariance, the same in every direction; `spectrum`: the map's own power spectrum.
    surrogate_kind: surrogates::Kind,
}

impl Default for Regions {
    fn default() -> Regions {
        Regions {
            by: By::default(),
            top: Fraction(0.05),
            threshold: None,
            side: Side::default(),
            connectivity: 8,
            min_pixels: 8,
            intervals: Intervals::default(),
            nulls: Nulls::default(),
            surrogate_kind: surrogates::Kind::default(),
        }
    }
}

/// What decides the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum By {
    /// A fraction of the pixels.
    #[default]
    Pixels,
    /// A share of the sum.
    Share,
    /// A value.
    Absolute,
}

impl Stage for Regions {
    const DOC: &'static Doc = &Doc {
        id: "regions",
        version: 3,
        about: "Regions beyond a threshold: components, areas, Feret diameters, moment ellipses, border; means over whole regions with the bias of \
                the border removed (Miles–Lantuéjoul), a test of their orientation, and the same of surrogates – featureless fields with the \
                map's values and covariance. That regions of a map are long is a claim of their mean aspect ratio or of their length \
                along one direction in common, whichever stands out, and its p is of both. Intervals of the means resample regions, that of \
                the density counts them in blocks.",
        reference: "METHODS §5, §13; S1 §3.3.3–3.3.4, Fig. 40, 43",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "map",
            &[Kind::Map, Kind::Volume],
            "",
            "the map, such as dissipated energy, or the volume, such as grey values",
        )],
        outputs: &[
            Output { name: "regions", kind: Kind::Table, unit: "", about: "one row a region, whole ones first" },
            Output {
                name: "labels",
                kind: Kind::Labels,
                unit: "",
                about: "number of the region of each pixel or voxel, 0 outside, written as TIFF or OME-Zarr of whole numbers",
            },
            Output {
                name: "surrogates",
                kind: Kind::Table,
                unit: "",
                about: "the regions of surrogates, as many as are listed in a hundred thousand rows",
            },
        ],
        metrics: &[
            MetricDoc::new("threshold", "map", "value at or beyond which pixels are chosen"),
            MetricDoc::new("fraction", "", "fraction of the valid pixels chosen"),
            MetricDoc::new("count", "", "regions of any size, border or not"),
            MetricDoc::new("density", "1/m^2|1/m^3", "regions an area of valid pixels"),
            MetricDoc::new(
                "aspect_ratio",
                "",
                "mean of D_max/D_min; its p is of that or of length along one direction",
            )
            .null(),
            MetricDoc::new("r_eq", "m", "mean of √(A/π)").null(),
            MetricDoc::new("d_max", "m", "mean largest Feret diameter"),
            MetricDoc::new("d_min", "m", "mean smallest Feret diameter"),
            MetricDoc::new(
                "orientation_p",
                "",
                "p of the hypothesis that long axes point anywhere (Rayleigh, doubled angles)",
            )
            .null(),
            MetricDoc::new("percolates", "", "1 where a region spans the map from side to side, else 0"),
        ],
        metadata: &[],
        example: "run = \"regions\"\ninput = \"map\"\nby = \"pixels\"\ntop = \"5 %\"\nconnectivity = 8\nmin_pixels = 8\nsurrogates = 200\n",
    };

    fn metrics(&self) -> Vec<MetricDoc> {
        self.nulls.metrics(Self::DOC.metrics)
    }

    fn check(&self) -> Result<(), ParamError> {
        if !(self.top.0 > 0.0 && self.top.0 < 1.0) {
            return Err(ParamError::new("top", "a fraction between 0 and 1 is wanted, such as \"5 %\""));
        }
        if !matches!(self.connectivity, 4 | 8 | 6 | 18 | 26) {
            return Err(ParamError::new("connectivity", "4 or 8 neighbours in maps; 6, 18 or 26 in volumes"));
        }
        if self.min_pixels == 0 {
            return Err(ParamError::new("min_pixels", "a region has at least one pixel"));
        }
        match (self.by, &self.threshold) {
            (By::Absolute, None) => {
                return Err(ParamError::new("threshold", "by = \"absolute\" needs a threshold, such as \"3 eV\""));
            }
            (By::Pixels | By::Share, Some(_)) => {
                return Err(ParamError::new(
                    "threshold",
                    "a threshold is for by = \"absolute\"; `top` gives the fraction",
                ));
            }
            (_, Some(text)) => {
                Quantity::parse(text).map_err(|e| ParamError::new("threshold", e))?;
            }
            _ => {}
        }
        self.nulls.check()?;
        self.intervals.check()
    }

    fn volume_cost(&self, shape: [usize; 3], _: Option<[f64; 3]>) -> VolumeCost {
        let made = VolumeCost::surrogates(shape, crate::reduce::census::SIDE, self.nulls.surrogates);
        VolumeCost { halo: made.halo.max(2), nanoseconds: made.nanoseconds + 60.0, ..made }
    }

    fn idle(&self, given: &Connections) -> Vec<ParamError> {
        let mut out = self.intervals.idle();
        if self.by == By::Absolute {
            out.push(ParamError::new("top", "the `threshold` says what belongs to a region"));
        }
        if self.nulls.surrogates == 0 {
            out.push(ParamError::new("surrogate_kind", "surrogates = 0 makes none"));
        } else if given.are(0, Kind::Volume) {
            out.push(ParamError::new("surrogate_kind", "those of a volume follow its two-point function"));
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

impl Regions {
    fn of_map(&self, map: &Map, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        if self.connectivity == 18 {
            return Err(StageError::Failed("18 neighbours are those of a voxel; a pixel has 4 or 8".into()));
        }
        let sides = matches!(self.connectivity, 4 | 6);
        let connectivity = if sides { Connectivity::Four } else { Connectivity::Eight };
        let surrogates = (self.nulls.surrogates, self.surrogate_kind);
        let (found, labels) =
            census(map, &self.selection(&map.unit)?, connectivity, surrogates, &cx.stream, &cx.work())?;
        // An invalid pixel is in no region, and not outside of all either.
        let numbers = labels.image(map.shape()).into_iter().zip(&map.values);
        let image: Vec<f64> = numbers.map(|(l, v)| if v.is_finite() { f64::from(l) } else { f64::NAN }).collect();
        let image = ndarray::Array2::from_shape_vec(map.values.dim(), image)?;
        let labels =
            Map { unit: Unit::none(), quantity: "Region".into(), levelling: Vec::new(), ..map.with_values(image) };
        let report = report::of_map(self, &map.unit, &found, &cx.stream);
        Ok(report.outputs(Labels::of_map(Meaning::Regions, labels)))
    }

    fn of_volume(&self, volume: &Volume, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let (selection, connectivity) = (self.selection(&volume.unit)?, self.of_voxels());
        let n = self.nulls.surrogates;
        let found = volume_census(volume, &selection, connectivity, n, &cx.stream, &cx.passes())?;
        let labels = write_labels(volume, &found.reducer, &found.key, cx)?;
        Ok(report::of_volume(self, &volume.unit, &found.census, &cx.stream).outputs(labels))
    }

    fn selection(&self, unit: &Unit) -> Result<Selection, StageError> {
        Ok(Selection { rule: self.rule(unit)?, side: self.side, min_pixels: self.min_pixels })
    }

    /// Which voxels belong together.
    fn of_voxels(&self) -> runs::Connectivity {
        match self.connectivity {
            4 | 6 => runs::Connectivity::Six,
            18 => runs::Connectivity::Eighteen,
            _ => runs::Connectivity::TwentySix,
        }
    }

    fn rule(&self, unit: &Unit) -> Result<Rule, StageError> {
        Ok(match (self.by, &self.threshold) {
            (By::Pixels, _) => Rule::Pixels(self.top.0),
            (By::Share, _) => Rule::Share(self.top.0),
            (By::Absolute, text) => {
                let text = text.as_deref().unwrap_or_default();
                let q = Quantity::parse(text).map_err(StageError::Failed)?;
                if !q.unit.same_dimension(unit) {
                    return Err(StageError::Failed(format!(
                        "the threshold `{text}` does not go with a map in {}",
                        unit.in_words()
                    )));
                }
                Rule::Absolute(q.si)
            }
        })
    }
}
