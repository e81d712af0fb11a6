//! `distribution`: the values of a map, and how much of their spread is noise.

mod report;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::{Artifact, Kind, Map, Metric, Standing, Table};
use crate::reduce::describe::VolumeDistribution;
use crate::spatial::distribution::{Gaussian, Histogram, Summary, gaussian, histogram, summary};
use crate::spatial::patches::Patches;
use crate::spatial::replay::{Pivot, Replay};
use crate::spatial::saturation::Saturation;
use crate::stage::null::saturation;
use crate::stage::tables::Histogram as HistogramRows;
use crate::stage::{
    Connections, Cx, Doc, Inputs, Intervals, MetricDoc, Nulls, Output, Outputs, ParamError, Port, Scope, Stage,
    StageError,
};
use crate::unit::Unit;
use crate::unit::quantity::Length;

/// Describes the values of a map.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Distribution {
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<200>,
    /// Edge of the blocks over which a volume is averaged for `g_std_micro`; 1 µm unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Length>,
    /// 0 leaves the noise floor out; it is measured, not simulated, so every other number is the same.
    surrogates: usize,
}

impl Default for Distribution {
    fn default() -> Distribution {
        Distribution { intervals: Intervals::default(), block: None, surrogates: 1 }
    }
}

/// A statistic of a summary with its name, whether it has the unit of the map, and how its error carries over from
/// simulated fields.
type Statistic = (&'static str, bool, fn(&Summary) -> f64, Pivot);

/// Why a statistic that no simulated field reads has no interval.
const BEYOND: &str = "fields of the map's covariance and distribution read otherwise; no interval; look for spikes and scars, or scan more correlation lengths";

const STATISTICS: &[Statistic] = &[
    ("mean", true, |s| s.mean, Pivot::Location),
    ("std", true, |s| s.std, Pivot::Scale),
    ("median", true, |s| s.median, Pivot::Location),
    ("iqr", true, |s| s.iqr, Pivot::Scale),
    ("p01", true, |s| s.p01, Pivot::Location),
    ("p99", true, |s| s.p99, Pivot::Location),
    ("span", true, Summary::span, Pivot::Scale),
    ("skewness", false, |s| s.skewness, Pivot::Shape),
    ("kurtosis", false, |s| s.kurtosis, Pivot::Shape),
    ("span_relative", false, |s| s.span() / s.mean.abs(), Pivot::Scale),
];

impl Stage for Distribution {
    const DOC: &'static Doc = &Doc {
        id: "distribution",
        version: 3,
        about: "Moments, quantiles, the span p99 − p01 (the fluctuation over the region), a Gaussian fit, and the noise floor that an \
                uncorrelated field of the same nugget would show. Intervals are those of the material's distribution, by fields of the map's \
                covariance and distribution that are masked and levelled as it was: a small window and levelling take spread away, and an \
                interval may reach further up than down.",
        reference: "METHODS §3, §13; S2 §3.3",
        scope: Scope::Sample,
        inputs: &[
            Port::new("map", &[Kind::Map, Kind::Volume], "", "the map or the volume"),
            Port::new("backward", &[Kind::Map], "", "the backward scan: half the variance of the difference is noise")
                .optional(),
        ],
        outputs: &[Output {
            name: "histogram",
            kind: Kind::Table,
            unit: "input",
            about: "value, density and count of each bin",
        }],
        metrics: &[
            MetricDoc::new("mean", "map", "arithmetic mean"),
            MetricDoc::new("std", "map", "standard deviation (ddof 0)").null(),
            MetricDoc::new("median", "map", "median"),
            MetricDoc::new("iqr", "map", "interquartile range"),
            MetricDoc::new("p01", "map", "1 % quantile"),
            MetricDoc::new("p99", "map", "99 % quantile"),
            MetricDoc::new("span", "map", "p99 − p01").null(),
            MetricDoc::new("skewness", "", "m₃/σ³"),
            MetricDoc::new("kurtosis", "", "m₄/σ⁴ − 3"),
            MetricDoc::new("span_relative", "", "span over |mean|"),
            MetricDoc::new("g_std_micro", "map", "standard deviation of the means over blocks, of volumes"),
            MetricDoc::new("gauss_mean", "map", "centre of the fitted Gaussian"),
            MetricDoc::new("gauss_fwhm", "map", "its full width at half maximum"),
        ],
        metadata: &[],
        example: "run = \"distribution\"\ninput = \"frequency\"\nuncertainty = \"bootstrap\"\nresamples = 200\n",
    };

    fn metrics(&self) -> Vec<MetricDoc> {
        Nulls { surrogates: self.surrogates }.metrics(Self::DOC.metrics)
    }

    fn check(&self) -> Result<(), ParamError> {
        if self.block.is_some_and(|b| !(b.0 > 0.0)) {
            return Err(ParamError::new("block", "a positive length is wanted, such as \"1 µm\""));
        }
        self.intervals.check()
    }

    fn idle(&self, given: &Connections) -> Vec<ParamError> {
        let mut out = self.intervals.idle();
        if given.are(0, Kind::Map) {
            out.push(ParamError::new("block", "it is for volumes"));
        }
        out
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        if let Some(Artifact::Volume(v)) = inputs.get(0) {
            let found = VolumeDistribution::of(v, self.block.map(|b| b.0), &cx.passes())?;
            let (metrics, warnings) = report::of_volume(self, v, &found);
            let table = table(found.histogram, &v.unit);
            return Ok(Outputs { artifacts: vec![("histogram", Artifact::Table(Arc::new(table)))], metrics, warnings });
        }
        let map = inputs.map(0)?;
        let mut valid = map.valid();
        let s = summary(&mut valid).ok_or_else(|| StageError::Failed("the map has no valid pixel".into()))?;
        let field = Patches::of(map);
        let n = field.as_ref().map_or(valid.len() as f64, |f| f.independent(map));
        let replay = self.intervals.count().map(|resamples| Replay::of(map, resamples, &cx.stream));
        let unit = |of_map: bool| if of_map { map.unit.clone() } else { Unit::none() };
        let levelled = !map.levelling.is_empty();
        let mut metrics: Vec<Metric> = Vec::new();
        for (name, of_map, statistic, pivot) in STATISTICS {
            if *name == "span_relative" && levelled {
                metrics.push(Metric::missing(name, "the map was levelled: its mean says nothing"));
                continue;
            }
            let m = Metric::with_unit(name, statistic(&s), &unit(*of_map)).n(n);
            metrics.push(match &replay {
                _ if *name == "mean" && levelled => m.note("no interval: levelling took the mean"),
                Some(Ok(r)) if !r.gives(statistic, &s) => m.standing(Standing::ModelRejected, BEYOND),
                Some(Ok(r)) => {
                    let [low, high] = r.interval(statistic, *pivot, &s);
                    let m = m.interval(low, high);
                    r.reserve(*pivot).map_or(m.clone(), |why| m.standing(Standing::GuideOnly, why))
                }
                Some(Err(why)) => m.note(&format!("no interval: {}", why.0)),
                None => m,
            });
        }
        let bins = histogram(&mut valid);
        let fitted = bins.as_ref().and_then(|h| gaussian(h, &s));
        let known = replay.as_ref().and_then(|r| r.as_ref().ok()).zip(fitted);
        let known = known.and_then(|(r, g)| Some((r.gaussian(&g, s.std)?, r.is_skewed())));
        metrics.extend(gaussian_rows(fitted, known, levelled, &map.unit, n));
        if self.surrogates > 0 {
            metrics.extend(noise_floor(map, inputs.get(1), field.as_ref(), &s)?);
        }
        let table = table(bins, &map.unit);
        valid.sort_unstable_by(f64::total_cmp);
        Ok(Outputs {
            artifacts: vec![("histogram", Artifact::Table(Arc::new(table)))],
            metrics,
            warnings: saturation(&Saturation::of(&valid)).into_iter().collect(),
        })
    }
}

/// Centre and width of the Gaussian through the histogram, with their intervals where they are known, and whether the
/// distribution is skewed.
fn gaussian_rows(
    fitted: Option<Gaussian>,
    known: Option<([[f64; 2]; 2], bool)>,
    levelled: bool,
    unit: &Unit,
    n: f64,
) -> [Metric; 2] {
    let rows = [("gauss_mean", fitted.map(|g| g.mean), 0), ("gauss_fwhm", fitted.map(|g| g.fwhm), 1)];
    rows.map(|(name, v, k)| match (v, known) {
        (None, _) => Metric::missing(name, "no Gaussian fits the histogram"),
        (Some(v), _) if k == 0 && levelled => {
            Metric::with_unit(name, v, unit).n(n).note("no interval: levelling took the mean")
        }
        (Some(v), Some((ends, skewed))) => {
            let m = Metric::with_unit(name, v, unit).n(n).interval(ends[k][0], ends[k][1]);
            if skewed { m.standing(Standing::GuideOnly, "no Gaussian describes a skewed distribution") } else { m }
        }
        (Some(v), None) => Metric::with_unit(name, v, unit).n(n),
    })
}

/// One row a bin.
fn table(bins: Option<Histogram>, unit: &Unit) -> Table {
    let bins: Vec<(f64, f64, f64)> = bins.map_or_else(Vec::new, |h| {
        (0..h.counts.len()).map(|i| (h.centre(i), h.density(i), h.counts[i] as f64)).collect()
    });
    let density = Unit { symbol: format!("1/({})", unit.si_symbol()), opaque: true, ..Unit::none() };
    let column = |f: fn(&(f64, f64, f64)) -> f64| bins.iter().map(f).collect();
    let rows = HistogramRows {
        value: column(|b| b.0),
        density: column(|b| b.1),
        count: column(|b| b.2),
        units: vec![unit.clone(), density],
    };
    rows.table()
}

/// Least p of the noise floor: beyond, the normal law of a correlation says nothing.
const LEAST_P: f64 = 1e-12;

/// What noise alone would show (METHODS §13): from the backward scan, else from the nugget of H(r).
fn noise_floor(
    map: &Map,
    backward: Option<&Artifact>,
    field: Option<&Patches>,
    s: &Summary,
) -> Result<Vec<Metric>, StageError> {
    let neighbour = field.map_or([f64::NAN; 2], |f| [f.neighbour.0, f.neighbour.1]);
    let found = match (backward, field) {
        (Some(Artifact::Map(back)), _) => {
            if back.shape() != map.shape() {
                return Err(StageError::Failed("forward and backward scans differ in size".into()));
            }
            let d: Vec<f64> =
                map.values.iter().zip(&back.values).map(|(a, b)| a - b).filter(|d| d.is_finite()).collect();
            let noise = crate::num::sum::moments(&d).std / std::f64::consts::SQRT_2;
            Some((noise, neighbour, "from forward against backward scan"))
        }
        (_, Some(f)) => Some((f.covariance.noise, neighbour, "nugget of H(r), extrapolated to r = 0")),
        _ => None,
    };
    Ok(floor(found, s, &map.unit, "no structure function: the map has no pixel size, is constant or too small"))
}

/// Rows of the noise floor, given the noise, the correlation of neighbours with the number of their pairs, and where it
/// comes from; or why there is none.
fn floor(found: Option<(f64, [f64; 2], &str)>, s: &Summary, unit: &Unit, why: &str) -> Vec<Metric> {
    let Some((noise, neighbour, note)) = found else {
        let rows = ["std_null", "std_excess", "std_p", "span_null", "span_excess", "span_p"];
        return rows.map(|m| Metric::missing(m, why)).into();
    };
    // Two-sided p of a correlation of neighbours whose standard error is 1/√pairs under the hypothesis.
    let p = libm::erfc(neighbour[0].abs() * neighbour[1].sqrt() / std::f64::consts::SQRT_2).max(LEAST_P);
    let gaussian_span = 2.0 * crate::num::normal::quantile(0.99);
    let mut out = Vec::new();
    for (name, value, null) in [("std", s.std, noise), ("span", s.span(), gaussian_span * noise)] {
        out.push(Metric::with_unit(&format!("{name}_null"), null, unit).note(note));
        let excess = (value * value - null * null).max(0.0).sqrt();
        out.push(Metric::with_unit(&format!("{name}_excess"), excess, unit));
        out.push(Metric::number(&format!("{name}_p"), p, "").note("hypothesis: neighbouring pixels are uncorrelated"));
    }
    out
}
