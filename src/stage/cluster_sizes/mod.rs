//! `cluster-sizes`: the law of the sizes of regions.

mod surrogates;
mod table;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::null::{NO_VALUE, Side, rows};
use super::{
    Cx, Doc, Index, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError, Uncertainty,
    check_resamples, check_surrogates,
};
use crate::data::{Artifact, Column, Kind, Metric, Role, Table, Warning};
use crate::num::parallel::ordered;
use crate::num::quantile::{quantile, quantiles};
use crate::spatial::null::Null;
use crate::spatial::sizes::LEAST;
use crate::spatial::sizes::law::{Law, Name};
use crate::spatial::sizes::rivals::{Comparison, compare};
use crate::spatial::sizes::scale::{Measure, Scale};
use crate::spatial::sizes::tail::{Sizes, Tail};
use crate::spatial::sizes::threshold::{Start, search, semiparametric, start};
use crate::unit::{Quantity, Unit};

/// Fits the law of sizes.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterSizes {
    /// The smallest size that belongs to the law, with its unit; the one of least Kolmogorov–Smirnov distance unless
    /// given.
    #[serde(default)]
    x_min: Option<String>,
    /// What the exponent of regions is one of: `r_eq`, or `area`.
    #[serde(default)]
    variable: Variable,
    /// Whether regions that the border of the map cuts are taken: `exclude` or `include`.
    #[serde(default)]
    border: Border,
    /// `bootstrap`: intervals and the goodness of fit by resampling, of images where there are five or more; `none`.
    #[serde(default)]
    uncertainty: Uncertainty,
    /// Resamples of each of the two.
    #[serde(default = "super::two_hundred")]
    resamples: usize,
    /// Surrogates that are used of those on the port `surrogates`; 0 for none.
    #[serde(default = "super::two_hundred")]
    surrogates: usize,
}

/// What a size is measured as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Variable {
    /// The radius of the disc of the same area.
    #[default]
    REq,
    /// The area.
    Area,
}

/// What becomes of regions at the border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Border {
    /// Left out and counted.
    #[default]
    Exclude,
    /// Taken as they are seen.
    Include,
}

/// Sizes of at least a given x_min without which there is no exponent at all.
const FEWEST: usize = 10;
/// Images from which on they are resampled, not their clusters.
const IMAGES: usize = 5;
/// Points of the curve that is drawn.
const POINTS: usize = 2000;

/// The rivals of the power law.
const RIVALS: Index = Index::Name(|| Name::ALL[1..].iter().map(|n| n.text().to_string()).collect());

impl Stage for ClusterSizes {
    const DOC: &'static Doc = &Doc {
        id: "cluster-sizes",
        version: 1,
        about: "Power law of sizes by maximum likelihood with its smallest size, a semi-parametric goodness of fit, and four rivals by likelihood \
                ratios. Sizes of regions are whole numbers of pixels and are fitted as such; spanning regions and those at the border are left \
                out and counted. With the surrogates of `regions` connected, the law is compared with that of featureless fields.",
        reference: "METHODS §6, §13; S1 §3.3.3, Fig. 41; Clauset, Shalizi & Newman, doi:10.1137/070710111",
        scope: Scope::Sample,
        inputs: &[
            Port::new(
                "sizes",
                &[Kind::Table],
                "",
                "regions of one image or of several, or a table with columns = { size = \"…\" } (and `image`)",
            )
            .columns(&["size"])
            .repeated(),
            Port::new("surrogates", &[Kind::Table], "", "the output `surrogates` of the stage `regions`").optional(),
        ],
        outputs: &[Output {
            name: "curve",
            kind: Kind::Table,
            unit: "",
            about: "number of sizes at least as large, with the power law, the preferred law and the band of surrogates",
        }],
        metrics: &[
            MetricDoc::new("alpha", "", "exponent of the density, of the preferred law where it has one").null(),
            MetricDoc::new("x_min", "m|m^2|m^3|", "size from which on the law holds"),
            MetricDoc::new("cutoff", "m|m^2|m^3|", "size of the exponential cut-off, where that law is preferred"),
            MetricDoc::new("tail_n", "", "sizes of at least x_min"),
            MetricDoc::new("ks_p", "", "goodness of fit of the power law; below 0.1 it does not fit"),
            MetricDoc::new(
                "preferred",
                "",
                "power-law unless a rival beats it or its lengths span less than a decade; cutoff-power-law, log-normal, exponential, half-normal",
            ).nulls(&["null", "p"]),
            MetricDoc::new("lr_<law>", "", "log-likelihood of the power law less the rival's").of(RIVALS),
            MetricDoc::new("p_<law>", "", "p that both are equally near (Vuong); of the cut-off that there is none (χ², nested)").of(RIVALS),
        ],
        metadata: &[],
        example: "run = \"cluster-sizes\"\ninput = { sizes = \"top\", surrogates = \"top.surrogates\" }\nvariable = \"r_eq\"\nresamples = 200\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if let Some(text) = &self.x_min {
            let q = Quantity::parse(text).map_err(|e| ParamError::new("x_min", e))?;
            if !(q.si > 0.0) {
                return Err(ParamError::new("x_min", "a positive size is wanted, such as \"2 nm\""));
            }
        }
        check_surrogates(self.surrogates)?;
        check_resamples(self.uncertainty, self.resamples)
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let given = self.gather(inputs)?;
        let all = Sizes::new(given.values.iter().map(|(_, v)| *v), given.scale.discrete);
        let mut warnings = Vec::new();
        let x_min = self.x_min.as_deref().map(|t| fitted(&given.scale, t)).transpose()?;
        let null = inputs.get(1).filter(|_| self.surrogates > 0);
        let Some(start) = begin(&all, x_min) else {
            let n = all.values().len();
            let why = match x_min {
                Some(x) => format!(
                    "{} of {n} sizes are at least x_min; {FEWEST} that differ are needed",
                    all.tail(x).values.len()
                ),
                None if n >= LEAST => format!("all of the {n} largest sizes are equal"),
                None => format!("{n} sizes do not determine a law, which needs {LEAST}"),
            };
            warnings.push(Warning::new(
                "few-clusters",
                why.clone(),
                "pool several images, or choose a larger fraction",
            ));
            let mut metrics = nothing(&why, &given.note);
            if null.is_some() {
                metrics.extend(surrogates::no_null(&why));
            }
            return Ok(Outputs { metrics, warnings, ..Outputs::default() });
        };
        let tail = all.tail(start.x_min);
        let found = compare(&tail).ok_or_else(|| StageError::Failed("all sizes are the same".into()))?;
        if start.n < LEAST {
            let what = format!("{} sizes of at least x_min; a law needs {LEAST}", start.n);
            warnings.push(Warning::new("few-clusters", what, "pool several images, or give a smaller x_min"));
        }
        let resampled = match self.uncertainty {
            Uncertainty::Bootstrap => Some(self.resample(&given, &all, &start, found.preferred(), x_min, cx)?),
            Uncertainty::None => None,
        };
        let mut metrics = report(&given, &start, &tail, &found, resampled.as_ref());
        let mut others = Vec::new();
        match null {
            Some(Artifact::Table(t)) if t.columns.is_empty() => {
                metrics.extend(surrogates::no_null("no surrogates were made; see the stage that is connected"));
            }
            Some(Artifact::Table(t)) => {
                others = self.surrogate_sizes(t, &given)?;
                metrics.extend(surrogates::nulls(&others, &given, &tail, &found, x_min));
            }
            _ => {}
        }
        let table = table::curve(&given.scale, &all, &tail, &found, &others);
        Ok(Outputs { artifacts: vec![("curve", Artifact::Table(Arc::new(table)))], metrics, warnings })
    }
}

/// The sizes of all inputs.
struct Population {
    /// Image and fitted size.
    values: Vec<(u32, f64)>,
    /// How many images; numbered by file and, in it, by their own number.
    images: usize,
    scale: Scale,
    /// What was left out.
    note: String,
}

/// Columns of a table of regions.
fn columns<const N: usize>(table: &Table, names: [&str; N]) -> Option<[Vec<f64>; N]> {
    let found: Option<Vec<Vec<f64>>> = names.iter().map(|n| table.column(n)?.numbers()).collect();
    found?.try_into().ok()
}

impl ClusterSizes {
    fn gather(&self, inputs: &Inputs<'_>) -> Result<Population, StageError> {
        let wrong = || {
            StageError::Failed(
                "the input is no table of regions (of the stage `regions`) and has no `columns = { size = \"…\" }`"
                    .into(),
            )
        };
        let mut out: Option<Population> = None;
        let (mut cut, mut spanning) = (0usize, 0usize);
        for artifact in inputs.all(0) {
            let (values, scale, images) = match artifact {
                Artifact::Table(t) if t.column(Role::Size.name()).is_some() => {
                    let column = t.column(Role::Size.name()).ok_or_else(wrong)?;
                    let sizes = column.numbers().ok_or_else(wrong)?;
                    let scale = Scale::given(&sizes, &column.unit);
                    let numbers = t.column(Role::Image.name()).and_then(Column::numbers);
                    let own = |i: usize| numbers.as_ref().and_then(|n| n.get(i)).copied().unwrap_or(0.0);
                    let mut known: Vec<u64> = (0..sizes.len()).map(|i| own(i).to_bits()).collect();
                    known.sort_unstable();
                    known.dedup();
                    let before = out.as_ref().map_or(0, |g: &Population| g.images) as u32;
                    let at = |i: usize| before + known.binary_search(&own(i).to_bits()).unwrap_or(0) as u32;
                    let values: Vec<(u32, f64)> = sizes.iter().enumerate().map(|(i, v)| (at(i), *v)).collect();
                    (values, scale, known.len())
                }
                Artifact::Table(t) => {
                    let space = if t.column("volume").is_some() { 3 } else { 2 };
                    let size = if space == 3 { "volume" } else { "area" };
                    let [pixels, areas, border, spans] =
                        columns(t, ["pixels", size, "border", "spans"]).ok_or_else(wrong)?;
                    let pixel = pixels.first().zip(areas.first()).map(|(n, a)| a / n);
                    let scale = Scale::regions(pixel, self.variable == Variable::REq, space);
                    let image = out.as_ref().map_or(0, |g: &Population| g.images) as u32;
                    let mut values = Vec::new();
                    for i in 0..pixels.len() {
                        if spans[i] > 0.0 {
                            spanning += 1;
                        } else if border[i] > 0.0 && self.border == Border::Exclude {
                            cut += 1;
                        } else {
                            values.push((image, pixels[i]));
                        }
                    }
                    (values, scale, 1)
                }
                _ => return Err(wrong()),
            };
            match &mut out {
                None => out = Some(Population { values, images, scale, note: String::new() }),
                Some(given) => {
                    given.scale = given.scale.pooled(&scale).map_err(StageError::Failed)?;
                    given.values.extend(values);
                    given.images += images;
                }
            }
        }
        let mut given = out.ok_or_else(wrong)?;
        let bad = given.values.iter().filter(|(_, v)| !(v.is_finite() && *v > 0.0)).count();
        let left = [(spanning, "spanning"), (cut, "at the border"), (bad, "without a positive size")];
        let left: Vec<String> = left.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        given.note = if left.is_empty() { String::new() } else { format!("left out: {}", left.join(", ")) };
        given.values.retain(|(_, v)| v.is_finite() && *v > 0.0);
        Ok(given)
    }

    /// Refits of resampled sizes, and the goodness of fit.
    fn resample(
        &self,
        given: &Population,
        all: &Sizes,
        start: &Start,
        preferred: Law,
        x_min: Option<f64>,
        cx: &Cx<'_>,
    ) -> Result<Resamples, StageError> {
        let n = given.values.len();
        let mut by_image: Vec<Vec<f64>> = Vec::new();
        if given.images >= IMAGES {
            let mut sorted = given.values.clone();
            sorted.sort_by_key(|v| v.0);
            by_image = sorted.chunk_by(|a, b| a.0 == b.0).map(|c| c.iter().map(|v| v.1).collect()).collect();
        }
        let stream = cx.stream.role("resample");
        let one = |i: usize| -> Option<(Option<[f64; 3]>, Option<f64>)> {
            if (cx.cancelled)() {
                return None;
            }
            let mut random = stream.replicate(i);
            let drawn: Vec<f64> = if by_image.is_empty() {
                (0..n).map(|_| given.values[random.below(n)].1).collect()
            } else {
                (0..by_image.len()).flat_map(|_| by_image[random.below(by_image.len())].iter().copied()).collect()
            };
            let sizes = Sizes::new(drawn, given.scale.discrete);
            let refit = begin(&sizes, x_min).and_then(|s| {
                let law = Law::fit(preferred.name(), &sizes.tail(s.x_min))?;
                let (alpha, cutoff) = parameters(&law, s.alpha);
                Some([alpha, s.x_min, cutoff * s.x_min])
            });
            let null = semiparametric(all, start, &mut random);
            let distance = begin(&null, x_min).map(|s| s.distance);
            cx.progress.step(i + 1, self.resamples);
            Some((refit, distance))
        };
        let done: Option<Vec<_>> = ordered(self.resamples, one).into_iter().collect();
        let done = done.ok_or(StageError::Cancelled)?;
        let distances: Vec<f64> = done.iter().filter_map(|d| d.1).collect();
        let worse = distances.iter().filter(|d| **d >= start.distance).count();
        let refits: Vec<[f64; 3]> = done.into_iter().filter_map(|d| d.0).collect();
        let interval = |k: usize| {
            let mut v: Vec<f64> = refits.iter().map(|r| r[k]).filter(|v| v.is_finite()).collect();
            (v.len() * 2 > self.resamples).then(|| [0.025, 0.975].map(|p| quantile(&mut v, p)))
        };
        Ok(Resamples {
            ks_p: worse as f64 / distances.len() as f64,
            alpha: interval(0),
            x_min: interval(1),
            cutoff: interval(2),
        })
    }

    /// The sizes of each surrogate, as many images of them as the map's sizes come from pooled.
    fn surrogate_sizes(&self, table: &Table, given: &Population) -> Result<Vec<Sizes>, StageError> {
        let [image, pixels, border, spans] =
            columns(table, ["surrogate", "pixels", "border", "spans"]).ok_or_else(|| {
                StageError::Failed("the port `surrogates` takes the output `surrogates` of a stage `regions`".into())
            })?;
        if given.scale.measure == Measure::Given {
            return Err(StageError::Failed("surrogates go with regions, not with sizes from a table".into()));
        }
        let mut by_image: Vec<Vec<f64>> = Vec::new();
        for i in 0..image.len() {
            let at = image[i] as usize;
            if at >= self.surrogates {
                continue;
            }
            by_image.resize(by_image.len().max(at + 1), Vec::new());
            if !(spans[i] > 0.0 || border[i] > 0.0 && self.border == Border::Exclude) {
                by_image[at].push(pixels[i]);
            }
        }
        Ok(by_image.chunks_exact(given.images.max(1)).map(|c| Sizes::new(c.concat(), true)).collect())
    }
}

/// What resampling tells.
struct Resamples {
    /// Goodness of fit of the power law.
    ks_p: f64,
    /// 95 % intervals of the fitted exponent, size and cut-off.
    alpha: Option<[f64; 2]>,
    x_min: Option<[f64; 2]>,
    cutoff: Option<[f64; 2]>,
}

/// The parameter `x_min` as sizes are fitted.
fn fitted(scale: &Scale, text: &str) -> Result<f64, StageError> {
    let size = Quantity::parse(text).map_err(StageError::Failed)?;
    scale.fitted(&size).map_err(|why| StageError::Failed(format!("x_min = \"{text}\" {why}")))
}

/// Where the law begins.
fn begin(sizes: &Sizes, x_min: Option<f64>) -> Option<Start> {
    match x_min {
        Some(x) => {
            let tail = sizes.tail(x);
            if tail.values.len() < FEWEST { None } else { start(&tail) }
        }
        None => search(sizes, LEAST),
    }
}

/// Exponent and cut-off (in x_min) of a law; the power law's exponent of one that has none.
fn parameters(law: &Law, power: f64) -> (f64, f64) {
    match *law {
        Law::Power { alpha } => (alpha, f64::NAN),
        Law::Cutoff { alpha, cutoff } => (alpha, cutoff),
        _ => (power, f64::NAN),
    }
}

fn report(
    given: &Population,
    start: &Start,
    tail: &Tail<'_>,
    found: &Comparison,
    boot: Option<&Resamples>,
) -> Vec<Metric> {
    let (scale, n) = (&given.scale, start.n as f64);
    let law = found.preferred();
    let (alpha, cutoff) = parameters(&law, start.alpha);
    let has = matches!(law, Law::Power { .. } | Law::Cutoff { .. });
    let of = if has { String::new() } else { format!("of the power law, which {} beats", law.name().text()) };
    let with = |m: Metric, i: Option<[f64; 2]>, map: &dyn Fn(f64) -> f64| match i {
        Some([low, high]) => m.interval(map(low), map(high)),
        None => m,
    };
    let exponent = |tau: f64| scale.exponent(tau);
    let size = |x: f64| scale.size(x);
    let mut out = vec![
        with(Metric::number("alpha", exponent(alpha), "").n(n), boot.and_then(|b| b.alpha), &exponent)
            .note(scale.about())
            .note(&of)
            .note(&given.note),
        with(Metric::with_unit("x_min", size(start.x_min), &scale.unit).n(n), boot.and_then(|b| b.x_min), &size),
        match law {
            Law::Cutoff { .. } => with(
                Metric::with_unit("cutoff", size(cutoff * start.x_min), &scale.unit).n(n),
                boot.and_then(|b| b.cutoff),
                &size,
            ),
            _ => Metric {
                unit: scale.unit.clone(),
                ..Metric::missing("cutoff", "the law with a cut-off is not preferred")
            },
        },
        Metric::number("tail_n", n, "").n(given.values.len() as f64).note(&given.note),
        match boot {
            Some(b) if b.ks_p.is_nan() => Metric::missing("ks_p", "no resampled sizes have a law"),
            Some(b) => Metric::number("ks_p", b.ks_p, "").n(n),
            None => Metric::missing("ks_p", "it is made by resampling: uncertainty = \"bootstrap\""),
        },
        match scale.called(tail, found) {
            Ok(name) => Metric::text("preferred", name.text()).n(n),
            Err(why) => Metric::missing("preferred", &why).n(n),
        },
    ];
    for name in Name::ALL.into_iter().skip(1) {
        let (lr, p) = (format!("lr_{}", name.text()), format!("p_{}", name.text()));
        match found.rivals.iter().find(|r| r.law.name() == name) {
            Some(r) => {
                out.push(Metric::number(&lr, r.ratio, "").n(n));
                out.push(Metric::number(&p, r.p, "").n(n));
            }
            None => out.extend([lr, p].map(|m| Metric::missing(&m, "the law cannot be fitted"))),
        }
    }
    out
}

/// Every metric missing for one reason.
fn nothing(why: &str, note: &str) -> Vec<Metric> {
    let rivals = Name::ALL.into_iter().skip(1).flat_map(|n| [format!("lr_{}", n.text()), format!("p_{}", n.text())]);
    let names = ["alpha", "x_min", "cutoff", "tail_n", "ks_p", "preferred"].map(String::from);
    names.into_iter().chain(rivals).map(|n| Metric::missing(&n, why).note(note)).collect()
}
