//! `compare`: two states of one material.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Connections, Cx, Doc, Expectation, Index, MetricDoc, Output, ParamError, Port, Scope, StageError, Study,
    StudyOutputs, StudyStage,
};
use crate::data::{Artifact, Column, Kind, Map, Metric, Standing, Table, Warning};
use crate::link::difference::{difference, kolmogorov_p, kolmogorov_smirnov, overlap};
use crate::num::quantile::median;
use crate::spatial::distribution::summary;
use crate::spatial::patches::Patches;
use crate::spatial::replay::{Pivot, Replay, spread_ratio};
use crate::unit::Unit;

/// Compares pairs of samples.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Compare {
    /// Pairs of samples: before, after.
    pairs: Vec<[String; 2]>,
    /// Metrics (`stage.metric`) whose differences and ratios are reported.
    #[serde(default)]
    metrics: Vec<String>,
    /// Whether each map's median is taken off before distributions are compared, so that shape and width are; it is unless
    /// `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    centre: Option<bool>,
}

impl Compare {
    fn centres(&self) -> bool {
        self.centre.unwrap_or(true)
    }
}

/// Whether a map may be among the inputs.
fn maps(given: &Connections) -> bool {
    given.0.iter().any(|c| c.kinds.is_empty() || c.kinds.contains(&Kind::Map))
}

impl StudyStage for Compare {
    const DOC: &'static Doc = &Doc {
        id: "compare",
        version: 3,
        about: "Differences and ratios of metrics between two states with intervals; for inputs that are maps, the overlap of the two distributions \
                and their Kolmogorov–Smirnov distance with a p that counts independent patches, not pixels. It hardly sees a difference of spread: \
                that has a ratio of standard deviations with interval and p of its own, by fields in the likeness of each map.",
        reference: "METHODS §12; S2 Fig. 4",
        scope: Scope::Study,
        inputs: &[Port::new(
            "stages",
            &[Kind::Map, Kind::Table, Kind::Spectrum],
            "",
            "stages with the metrics, and maps",
        )],
        outputs: &[Output {
            name: "differences",
            kind: Kind::Table,
            unit: "input",
            about: "one row a metric and pair",
        }],
        metrics: &[
            MetricDoc::new("difference[<metric>]", "map", "after − before").of(Index::Text),
            MetricDoc::new("ratio[<metric>]", "", "after over before").of(Index::Text),
            MetricDoc::new("overlap[<map>]", "", "∫ min of the two densities").of(Index::Text),
            MetricDoc::new("ks[<map>]", "", "largest distance of the two distribution functions").of(Index::Text),
            MetricDoc::new("ks_p[<map>]", "", "its p for as many values as there are independent patches")
                .of(Index::Text),
            MetricDoc::new("spread_ratio[<map>]", "", "standard deviation after over before").of(Index::Text),
            MetricDoc::new("spread_p[<map>]", "", "two-sided p of states of equal standard deviation").of(Index::Text),
        ],
        metadata: &[],
        example: "run = \"compare\"\ninput = [\"level\", \"dist\", \"corr\"]\npairs = [[\"Pd as cast\", \"Pd annealed\"]]\nmetrics = [\"dist.span\", \"corr.xi\"]\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if self.pairs.is_empty() {
            return Err(ParamError::new(
                "pairs",
                "name at least one pair of samples, such as [[\"as cast\", \"annealed\"]]",
            ));
        }
        if let Some(m) = self.metrics.iter().find(|m| !m.contains('.')) {
            return Err(ParamError::new(
                "metrics",
                format!("`{m}` is not of the form stage.metric, such as \"corr.xi\""),
            ));
        }
        Ok(())
    }

    fn metrics(&self) -> Vec<MetricDoc> {
        let family = |m: &'static MetricDoc| match m.name.contains("<metric>") {
            true => self.metrics.iter().map(|k| m.named(m.name.replace("<metric>", k))).collect(),
            // Which inputs are maps shows in the run.
            false => vec![m.clone()],
        };
        Self::DOC.metrics.iter().flat_map(family).collect()
    }

    fn expects(&self, given: &Connections) -> Result<Vec<Expectation>, ParamError> {
        if self.metrics.is_empty() && !maps(given) {
            let what = "none is named and no input is a map: there is nothing to compare";
            return Err(ParamError::new("metrics", what));
        }
        Ok(vec![Expectation::default(); given.len()])
    }

    fn idle(&self, given: &Connections) -> Vec<ParamError> {
        if maps(given) { Vec::new() } else { vec![ParamError::new("centre", "no input is a map")] }
    }

    fn metrics_wanted(&self) -> Vec<String> {
        self.metrics.clone()
    }

    fn samples_wanted(&self) -> Vec<String> {
        self.pairs.iter().flatten().cloned().collect()
    }

    fn run(&self, study: &Study<'_>, cx: &Cx<'_>) -> Result<StudyOutputs, StageError> {
        let mut out = StudyOutputs::default();
        for [before, after] in &self.pairs {
            let (a, b) = (study.sample(before)?, study.sample(after)?);
            let pair = format!("{before} → {after}");
            for metric in &self.metrics {
                let (Some(x), Some(y)) = (study.datum(a, metric), study.datum(b, metric)) else {
                    let why = "one of the two states has no such metric";
                    out.metrics.push((pair.clone(), Metric::missing(&format!("difference[{metric}]"), why)));
                    continue;
                };
                let d = difference(x.measured, y.measured);
                let with = |m: Metric, i: Option<[f64; 2]>| {
                    i.map_or_else(|| m.clone(), |[l, h]| m.clone().interval(l, h)).n(2.0)
                };
                let name = format!("difference[{metric}]");
                out.metrics.push((
                    pair.clone(),
                    with(Metric::with_unit(&name, d.difference.value, &y.unit), d.difference.interval),
                ));
                if let Some(r) = d.ratio {
                    out.metrics.push((
                        pair.clone(),
                        with(Metric::number(&format!("ratio[{metric}]"), r.value, ""), r.interval),
                    ));
                }
                if d.difference.interval.is_some_and(|[l, h]| l <= 0.0 && h >= 0.0) {
                    out.warnings.push(Warning::new(
                        "no-difference",
                        format!("{pair}: the interval of the difference of {metric} holds zero"),
                        "one map a state does not settle it; measure more",
                    ));
                }
            }
            for (k, input) in study.inputs.iter().enumerate() {
                if let (Some(Artifact::Map(x)), Some(Artifact::Map(y))) = (study.artifact(a, k), study.artifact(b, k)) {
                    let metrics = self.maps(&x, &y, &input.reference, cx);
                    out.metrics.extend(metrics.into_iter().map(|m| (pair.clone(), m)));
                }
            }
        }
        let table = table(&out.metrics);
        out.artifacts.push(("differences", Artifact::Table(Arc::new(table))));
        Ok(out)
    }
}

impl Compare {
    fn maps(&self, x: &Map, y: &Map, reference: &str, cx: &Cx<'_>) -> Vec<Metric> {
        let values = |m: &Map| {
            let mut v = m.valid();
            if self.centres() && !v.is_empty() {
                let middle = median(&mut v.clone());
                v.iter_mut().for_each(|v| *v -= middle);
            }
            v
        };
        let (mut a, mut b) = (values(x), values(y));
        let name = |s: &str| format!("{s}[{reference}]");
        if a.is_empty() || b.is_empty() {
            return vec![Metric::missing(&name("ks"), "a map has no valid pixel")];
        }
        let shared = overlap(&a, &b);
        let d = kolmogorov_smirnov(&mut a, &mut b);
        let (na, nb) = (independent(x), independent(y));
        let note = if self.centres() { "medians taken off" } else { "" };
        let mut out = vec![
            Metric::number(&name("overlap"), shared, "").note(note),
            Metric::number(&name("ks"), d, "").n(na.min(nb)).note(note),
            Metric::number(&name("ks_p"), kolmogorov_p(d, na, nb), "")
                .n(na.min(nb))
                .note(&format!("{na:.0} against {nb:.0} independent patches; of spread see spread_p")),
        ];
        out.extend(spread(x, y, &name, cx));
        out
    }
}

/// Fields in the likeness of each map.
const FIELDS: usize = 200;

/// Rows of the ratio of standard deviations.
fn spread(x: &Map, y: &Map, name: &dyn Fn(&str) -> String, cx: &Cx<'_>) -> [Metric; 2] {
    let replay = |m: &Map| Replay::of(m, FIELDS, &cx.stream.content(m.values.iter().copied()));
    let own = |m: &Map| summary(&mut m.valid());
    match (replay(x), replay(y), own(x), own(y)) {
        (Ok(a), Ok(b), Some(sa), Some(sb)) if !(a.gives(|s| s.std, &sa) && b.gives(|s| s.std, &sb)) => {
            let why = "fields in the likeness of a map have another spread; look for spikes and scars";
            ["spread_ratio", "spread_p"].map(|m| Metric::missing(&name(m), &Standing::ModelRejected.note(why)))
        }
        (Ok(a), Ok(b), Some(sa), Some(sb)) => {
            let r = spread_ratio(|s| s.std, [&a, &b], [&sa, &sb]);
            let note = a.reserve(Pivot::Scale).or(b.reserve(Pivot::Scale)).map(|why| Standing::GuideOnly.note(why));
            let note = note.as_deref().unwrap_or_default();
            let made = FIELDS as f64;
            let [low, high] = r.interval;
            [
                Metric::number(&name("spread_ratio"), r.value, "").interval(low, high).n(made).note(note),
                Metric::number(&name("spread_p"), r.p, "").n(made).note(note),
            ]
        }
        (a, b, ..) => {
            let why = a.err().or(b.err()).map_or("a map has no valid pixel".into(), |e| e.0);
            ["spread_ratio", "spread_p"].map(|m| Metric::missing(&name(m), &why))
        }
    }
}

/// Independent patches of a map; pixels where there is no structure function.
fn independent(map: &Map) -> f64 {
    Patches::of(map).map_or_else(|| map.valid().len() as f64, |p| p.independent(map))
}

fn table(metrics: &[(String, Metric)]) -> Table {
    let none = Unit::none();
    let end = |k: usize| metrics.iter().map(move |(_, m)| m.interval.map_or(f64::NAN, |i| i[k]));
    Table {
        columns: vec![
            Column::text("sample", metrics.iter().map(|(p, _)| p.clone()).collect()),
            Column::text("metric", metrics.iter().map(|(_, m)| m.name.clone()).collect()),
            Column::number("value", &none, metrics.iter().map(|(_, m)| m.as_number().unwrap_or(f64::NAN))),
            Column::number("ci_low", &none, end(0)),
            Column::number("ci_high", &none, end(1)),
            Column::text("unit", metrics.iter().map(|(_, m)| m.unit.si_symbol()).collect()),
        ],
    }
}
