//! `regions`: the regions of highest (or lowest) value, their shapes, and what a featureless field would give.

mod volume;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::{Artifact, Column, Kind, Labels, Map, Meaning, Metric, Table, Warning};
use crate::spatial::null::Null;
use crate::spatial::regions::cut::{Cut, Rule, Side, cut};
use crate::spatial::regions::label::{Connectivity, label};
use crate::spatial::regions::runs;
use crate::spatial::regions::shape::{Region, measure};
use crate::spatial::regions::summary::{MEANS, WholeRegions};
use crate::spatial::surrogates::{self, Surrogates};
use crate::stage::null::{NO_VALUE, Side as Tail, rows, surrogate_note};
use crate::stage::volume::set_cost;
use crate::stage::{
    Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError, Uncertainty, VolumeCost,
    check_resamples, check_surrogates,
};
use crate::unit::quantity::Fraction;
use crate::unit::{Quantity, Unit};

/// Finds and measures regions.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Regions {
    /// `pixels`: the fraction `top` of the valid pixels; `share`: the fewest pixels that hold the share `top` of the
    /// summed value; `absolute`: everything at or beyond `threshold`.
    #[serde(default)]
    by: By,
    /// The fraction or share.
    #[serde(default = "five_percent")]
    top: Fraction,
    /// The threshold of `by = "absolute"`, with its unit.
    #[serde(default)]
    threshold: Option<String>,
    /// `high` or `low` values.
    #[serde(default)]
    side: Side,
    /// 8: pixels that touch with a side or a corner belong together; 4: with a side. In volumes 26 and 6 say the same (8
    /// and 4 stand for them), and 18 leaves corners out.
    #[serde(default = "eight")]
    connectivity: u8,
    /// Regions of fewer pixels are counted and listed, but not averaged: their shape is that of the pixel.
    #[serde(default = "eight_pixels")]
    min_pixels: usize,
    /// `bootstrap`: intervals of the means by resampling regions; `none`.
    #[serde(default)]
    uncertainty: Uncertainty,
    /// Resamples of the bootstrap.
    #[serde(default = "crate::stage::two_hundred")]
    resamples: usize,
    /// Surrogates: featureless fields that are cut and measured in the same way; 0 for none.
    #[serde(default = "crate::stage::two_hundred")]
    surrogates: usize,
    /// `isotropic`: a fitted covariance, the same in every direction; `spectrum`: the map's own power spectrum.
    #[serde(default)]
    surrogate_kind: surrogates::Kind,
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

fn five_percent() -> Fraction {
    Fraction(0.05)
}

fn eight() -> u8 {
    8
}

fn eight_pixels() -> usize {
    8
}

/// p of uniform directions, and degrees from the fast axis, within which lines are to be suspected.
const SURE: f64 = 1e-3;
const ALONG: f64 = 5.0;

/// Regions below which means say little (METHODS §14).
const FEW: usize = 30;

impl Stage for Regions {
    const DOC: &'static Doc = &Doc {
        id: "regions",
        version: 1,
        about: "Regions beyond a threshold: components, areas, Feret diameters, moment ellipses, border; means over whole regions with the bias of \
                the border removed (Miles–Lantuéjoul), a test of their orientation, and the same of surrogates – featureless fields with the \
                map's values and covariance.",
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
            MetricDoc::new("aspect_ratio", "", "mean of D_max/D_min").null(),
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
        check_surrogates(self.surrogates)?;
        check_resamples(self.uncertainty, self.resamples)
    }

    fn volume_cost(&self, shape: [usize; 3], _: Option<[f64; 3]>) -> VolumeCost {
        let made = if self.surrogates > 0 { set_cost(shape, self.surrogates) } else { VolumeCost::default() };
        VolumeCost { halo: made.halo.max(2), nanoseconds: made.nanoseconds + 60.0, ..made }
    }

    fn idle(&self) -> Vec<ParamError> {
        match self.by {
            By::Absolute => vec![ParamError::new("top", "the `threshold` says what belongs to a region")],
            _ => Vec::new(),
        }
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        if let Some(Artifact::Volume(v)) = inputs.get(0) {
            return volume::run(self, v, cx);
        }
        let map = inputs.map(0)?;
        if self.connectivity == 18 {
            return Err(StageError::Failed("18 neighbours are those of a voxel; a pixel has 4 or 8".into()));
        }
        let pixel = map.pixel_size()?;
        let rule = self.rule(&map.unit)?;
        let chosen = cut(map.values.view(), rule, self.side)?;
        let sides = matches!(self.connectivity, 4 | 6);
        let connectivity = if sides { Connectivity::Four } else { Connectivity::Eight };
        let labels = label(chosen.mask.view(), connectivity);
        let regions = measure(map.values.view(), &labels, pixel);
        let window = map.shape();
        let measured = WholeRegions::new(&regions, &window, self.min_pixels);
        let mut warnings = self.warnings(&chosen, &regions, &measured);
        let mut metrics = self.metrics(map, pixel, &chosen, &regions, &measured, cx);
        let mut table = Table::default();
        if self.surrogates > 0 {
            match Surrogates::new(map, self.surrogate_kind) {
                Err(e) => metrics.extend(missing(&e.to_string())),
                Ok(s) => {
                    let values = !matches!(rule, Rule::Pixels(_));
                    // The fraction that ties left, so that map and surrogates are cut alike.
                    let rule = if values { rule } else { Rule::Pixels(chosen.fraction) };
                    let of = |z: &ndarray::Array2<f64>| {
                        let chosen = cut(z.view(), rule, self.side).ok()?;
                        let all = measure(z.view(), &label(chosen.mask.view(), connectivity), pixel);
                        let m = WholeRegions::new(&all, &window, self.min_pixels);
                        Some((compared(&m), all))
                    };
                    let made = s.each(self.surrogates, &cx.stream, values, cx.cancelled, of);
                    let made: Vec<_> = made.ok_or(StageError::Cancelled)?.into_iter().flatten().collect();
                    let found: Vec<[f64; 3]> = made.iter().map(|m| m.0).collect();
                    let (note, warning) = surrogate_note(&s, found.len());
                    warnings.extend(warning);
                    metrics.extend(nulls(&measured, &found, &note));
                    table = of_surrogates(&made.into_iter().map(|m| m.1).collect::<Vec<_>>());
                }
            }
        }
        // An invalid pixel is in no region, and not outside of all either.
        let numbers = labels.image(window).into_iter().zip(&map.values);
        let image: Vec<f64> = numbers.map(|(l, v)| if v.is_finite() { f64::from(l) } else { f64::NAN }).collect();
        let image = ndarray::Array2::from_shape_vec((window[0], window[1]), image)?;
        let labels =
            Map { unit: Unit::none(), quantity: "Region".into(), levelling: Vec::new(), ..map.with_values(image) };
        Ok(Outputs {
            artifacts: vec![
                ("regions", Artifact::Table(Arc::new(list(&regions, &map.unit)))),
                ("labels", Artifact::Labels(Arc::new(Labels::of_map(Meaning::Regions, labels)))),
                ("surrogates", Artifact::Table(Arc::new(table))),
            ],
            metrics,
            warnings,
        })
    }
}

impl Regions {
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

    fn metrics(
        &self,
        map: &Map,
        pixel: [f64; 2],
        chosen: &Cut,
        regions: &[Region],
        measured: &WholeRegions<'_>,
        cx: &Cx<'_>,
    ) -> Vec<Metric> {
        let valid = map.values.iter().filter(|v| v.is_finite()).count() as f64;
        let area = valid * pixel[0] * pixel[1];
        let n = measured.count() as f64;
        let left = measured.left_out(self.min_pixels, "pixels");
        let mut out = vec![
            Metric::with_unit("threshold", chosen.threshold, &map.unit),
            Metric::number("fraction", chosen.fraction, "").n(valid),
            Metric::number("count", regions.len() as f64, ""),
            Metric::number("density", regions.len() as f64 / area, "1/µm^2").n(regions.len() as f64),
        ];
        for (name, of) in MEANS {
            let unit = if name == "aspect_ratio" { "" } else { "nm" };
            let m = match measured.count() {
                0 => Metric { unit: Unit::of(unit), ..Metric::missing(name, "no whole region is large enough") },
                _ => Metric::number(name, measured.mean(of), unit).n(n),
            };
            let interval = match self.uncertainty {
                Uncertainty::Bootstrap => measured.interval(of, &cx.stream.role("resample").role(name), self.resamples),
                Uncertainty::None => None,
            };
            let m = interval.map_or(m.clone(), |[low, high]| m.interval(low, high));
            out.push(m.note(&left));
        }
        let orientation = measured.orientation_p();
        out.push(match orientation.is_nan() {
            true => Metric::missing("orientation_p", "fewer than two whole regions have a direction"),
            false => Metric::number("orientation_p", orientation, "").n(n),
        });
        let spans = regions.iter().any(|r| r.spans);
        out.push(Metric::number("percolates", f64::from(u8::from(spans)), ""));
        out
    }

    fn warnings(&self, chosen: &Cut, regions: &[Region], measured: &WholeRegions<'_>) -> Vec<Warning> {
        let mut out = Vec::new();
        let n = measured.count();
        if n < FEW {
            out.push(Warning::new(
                "few-regions",
                format!("{n} whole regions of at least {} pixels: their means are uncertain", self.min_pixels),
                "scan a larger area, or several, and pool them",
            ));
        }
        if let Some(r) = regions.iter().find(|r| r.spans) {
            out.push(Warning::new(
                "spanning-region",
                format!("region {} spans the map with {} pixels and is left out of the means", r.id, r.pixels),
                "choose a smaller fraction, or a larger map",
            ));
        }
        let direction = measured.direction();
        if n > 1 && measured.orientation_p() < SURE && direction.abs() < ALONG {
            out.push(Warning::new(
                "along-scan-lines",
                format!(
                    "regions lie along the scan lines ({direction:.0}° on average): noise between lines draws them out"
                ),
                "level by rows, mask bad lines or filter across the lines before the regions are cut",
            ));
        }
        out.extend(self.tied(chosen.fraction, "pixels"));
        out
    }

    /// What is to be known where equal values decide how many are chosen.
    fn tied(&self, fraction: f64, pixels: &str) -> Option<Warning> {
        let wanted = if self.by == By::Pixels { self.top.0 } else { fraction };
        ((fraction / wanted - 1.0).abs() > 0.1).then(|| {
            Warning::new(
                "tied-threshold",
                format!(
                    "equal values at the threshold: {:.3} % of the {pixels} are chosen, not {:.3} %",
                    100.0 * fraction,
                    100.0 * wanted
                ),
                "there are few different values; take the data with more bits",
            )
        })
    }

    /// Which voxels belong together.
    fn of_volume(&self) -> runs::Connectivity {
        match self.connectivity {
            4 | 6 => runs::Connectivity::Six,
            18 => runs::Connectivity::Eighteen,
            _ => runs::Connectivity::TwentySix,
        }
    }
}

/// The names of what surrogates are compared with.
const COMPARED: [(&str, &str, Tail); 3] =
    [("aspect_ratio", "", Tail::Above), ("r_eq", "nm", Tail::Both), ("orientation_p", "", Tail::Below)];

/// The numbers of [`COMPARED`], of a map or of a surrogate.
fn compared(measured: &WholeRegions<'_>) -> [f64; 3] {
    [measured.mean(|r| r.aspect_ratio), measured.mean(|r| r.r_eq), measured.orientation_p()]
}

fn nulls(measured: &WholeRegions<'_>, found: &[[f64; 3]], note: &str) -> Vec<Metric> {
    let values = compared(measured);
    let mut out = Vec::new();
    for (k, (name, unit, tail)) in COMPARED.iter().enumerate() {
        let null = Null::of(values[k], found.iter().map(|f| f[k])).ok_or(NO_VALUE);
        out.extend(rows(name, unit, values[k], null, *tail, note));
    }
    out
}

fn missing(why: &str) -> Vec<Metric> {
    COMPARED.iter().flat_map(|(name, unit, tail)| rows(name, unit, f64::NAN, Err(why), *tail, "")).collect()
}

/// Rows that regions of surrogates may take.
const LISTED: usize = 100_000;

/// The regions of the first surrogates.
fn of_surrogates(all: &[Vec<Region>]) -> Table {
    let mut rows: Vec<(usize, &Region)> = Vec::new();
    for (i, regions) in all.iter().enumerate() {
        if !rows.is_empty() && rows.len() + regions.len() > LISTED {
            break;
        }
        rows.extend(regions.iter().map(|r| (i, r)));
    }
    let nm = Unit::of("nm");
    let none = Unit::none();
    let column =
        |name: &str, unit: &Unit, of: fn(&(usize, &Region)) -> f64| Column::number(name, unit, rows.iter().map(of));
    Table {
        columns: vec![
            column("surrogate", &none, |r| r.0 as f64),
            column("pixels", &none, |r| r.1.pixels as f64),
            column("r_eq", &nm, |r| r.1.r_eq),
            column("d_max", &nm, |r| r.1.d_max),
            column("d_min", &nm, |r| r.1.d_min),
            column("inclination", &Unit::of("deg"), |r| r.1.inclination),
            column("border", &none, |r| f64::from(u8::from(r.1.border))),
            column("spans", &none, |r| f64::from(u8::from(r.1.spans))),
        ],
    }
}

/// The table of regions.
fn list(regions: &[Region], unit: &Unit) -> Table {
    // Whole ones first: what the border cuts has no shape of its own.
    let mut regions: Vec<&Region> = regions.iter().collect();
    regions.sort_by_key(|r| r.border);
    let nm = Unit::of("nm");
    let area = Unit::of("nm^2");
    let none = Unit::none();
    let column =
        |name: &str, unit: &Unit, of: fn(&Region) -> f64| Column::number(name, unit, regions.iter().map(|r| of(r)));
    Table {
        columns: vec![
            column("id", &none, |r| r.id as f64),
            column("pixels", &none, |r| r.pixels as f64),
            column("area", &area, |r| r.area),
            column("r_eq", &nm, |r| r.r_eq),
            column("x", &nm, |r| r.centroid[0]),
            column("y", &nm, |r| r.centroid[1]),
            column("mean", unit, |r| r.mean),
            column("sum", unit, |r| r.sum),
            column("d_max", &nm, |r| r.d_max),
            column("d_min", &nm, |r| r.d_min),
            column("aspect_ratio", &none, |r| r.aspect_ratio),
            column("axis_major", &nm, |r| r.axes[0]),
            column("axis_minor", &nm, |r| r.axes[1]),
            column("inclination", &Unit::of("deg"), |r| r.inclination),
            column("border", &none, |r| f64::from(u8::from(r.border))),
            column("hole", &none, |r| f64::from(u8::from(r.hole))),
            column("spans", &none, |r| f64::from(u8::from(r.spans))),
        ],
    }
}
