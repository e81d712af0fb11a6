//! `link`: how metrics of the samples go together.

use std::cmp::Ordering;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::study::Datum;
use super::tables::LinkPoints;
use super::{
    Connections, Cx, Doc, Index, Intervals, MetricDoc, Output, ParamError, Port, Scope, StageError, Study,
    StudyOutputs, StudyStage,
};
use crate::data::{Artifact, Kind, Metric, Standing, Warning};
use crate::link::model::{KENDALL, PEARSON, SPEARMAN, Statistic, Values, correlation};
use crate::link::permutation::{Measurement, p_value};

/// Links metrics over samples.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Link {
    /// Pairs of `stage.metric` or metadata keys.
    pairs: Vec<[String; 2]>,
    /// Intervals.
    #[serde(flatten)]
    intervals: Intervals<2000>,
    /// Samples that take part; all with both metrics unless given.
    #[serde(default)]
    samples: Vec<String>,
}

const STATISTICS: [(&str, Statistic); 3] = [("spearman", SPEARMAN), ("kendall", KENDALL), ("pearson", PEARSON)];

/// Fewer samples than this are said (METHODS §14).
const FEW: usize = 5;

impl StudyStage for Link {
    const DOC: &'static Doc = &Doc {
        id: "link",
        version: 3,
        about: "Spearman ρ, Kendall τ_b and Pearson r for each pair of metrics over the samples, with exact permutation p-values (enumerated up to \
                10 samples) and the smallest p that so few samples could ever give. Ordered classes (none < wing < shoulder < peak) count as \
                ranks. Two correlations are estimated, each with its interval: of the values as they are measured, and (`_true`) of what \
                lies behind them, where each sample's own interval tells its error. Both by simulation of a normal law.",
        reference: "METHODS §12; S2 §3.3–3.4",
        scope: Scope::Study,
        inputs: &[Port::new(
            "stages",
            &[Kind::Map, Kind::Table, Kind::Spectrum],
            "",
            "the stages whose metrics are linked",
        )],
        outputs: &[Output {
            name: "points",
            kind: Kind::Table,
            unit: "input",
            about: "x and y of every sample, with intervals",
        }],
        metrics: &[
            MetricDoc::new("spearman[<x,y>]", "", "rank correlation").of(Index::Text),
            MetricDoc::new("spearman_true[<x,y>]", "", "of the true values, without their errors").of(Index::Text),
            MetricDoc::new("spearman_p[<x,y>]", "", "two-sided permutation p").of(Index::Text),
            MetricDoc::new("kendall[<x,y>]", "", "τ_b").of(Index::Text),
            MetricDoc::new("kendall_true[<x,y>]", "", "of the true values, without their errors").of(Index::Text),
            MetricDoc::new("kendall_p[<x,y>]", "", "two-sided permutation p").of(Index::Text),
            MetricDoc::new("pearson[<x,y>]", "", "linear correlation").of(Index::Text),
            MetricDoc::new("pearson_true[<x,y>]", "", "of the true values, without their errors").of(Index::Text),
            MetricDoc::new("pearson_p[<x,y>]", "", "two-sided permutation p").of(Index::Text),
            MetricDoc::new("smallest_p[<x,y>]", "", "smallest two-sided p of ρ that these samples could give")
                .of(Index::Text),
        ],
        metadata: &[],
        example: "run = \"link\"\ninput = [\"corr\", \"relax\"]\npairs = [[\"corr.xi\", \"relax.beta_intensity\"]]\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if self.pairs.is_empty() {
            return Err(ParamError::new(
                "pairs",
                "name at least one pair, such as [[\"corr.xi\", \"relax.beta_intensity\"]]",
            ));
        }
        self.intervals.check()
    }

    fn idle(&self, _: &Connections) -> Vec<ParamError> {
        self.intervals.idle()
    }

    fn metrics(&self) -> Vec<MetricDoc> {
        let named = |m: &'static MetricDoc| {
            self.pairs.iter().map(|[x, y]| m.named(m.name.replace("<x,y>", &format!("{x},{y}"))))
        };
        Self::DOC.metrics.iter().flat_map(named).collect()
    }

    fn metrics_wanted(&self) -> Vec<String> {
        self.pairs.iter().flatten().cloned().collect()
    }

    fn samples_wanted(&self) -> Vec<String> {
        self.samples.clone()
    }

    fn run(&self, study: &Study<'_>, cx: &Cx<'_>) -> Result<StudyOutputs, StageError> {
        for id in &self.samples {
            study.sample(id)?;
        }
        let mut out = StudyOutputs::default();
        let mut points = LinkPoints::default();
        for [x, y] in &self.pairs {
            let mut rows: Vec<(usize, Datum, Datum)> = Vec::new();
            for i in 0..study.samples.len() {
                let id = &study.samples[i].info.id;
                if !self.samples.is_empty() && !self.samples.contains(id) {
                    continue;
                }
                match (study.datum(i, x), study.datum(i, y)) {
                    (Some(a), Some(b)) => rows.push((i, a, b)),
                    (a, _) => out.warnings.push(Warning::new(
                        "not-linked",
                        format!(
                            "sample `{id}` has no `{}` and takes no part in {x} against {y}",
                            if a.is_none() { x } else { y }
                        ),
                        "see its note in results.csv",
                    )),
                }
            }
            self.pair(x, y, &rows, cx, &mut out);
            points.add(study, x, y, &rows);
        }
        out.artifacts.push(("points", Artifact::Table(Arc::new(points.table()))));
        Ok(out)
    }
}

impl Link {
    fn pair(&self, x: &str, y: &str, rows: &[(usize, Datum, Datum)], cx: &Cx<'_>, out: &mut StudyOutputs) {
        let n = rows.len();
        let key = |name: &str| format!("{name}[{x},{y}]");
        let mut put = |m: Metric| out.metrics.push(("*".into(), m));
        // By their values: neither the order of the samples nor their names are part of what is asked.
        let mut points: Vec<[Measurement; 2]> = rows.iter().map(|(_, a, b)| [a.measured, b.measured]).collect();
        points.sort_by(|p, q| {
            numbers(p).iter().zip(numbers(q)).fold(Ordering::Equal, |o, (a, b)| o.then(a.total_cmp(&b)))
        });
        let stream = cx.stream.content(points.iter().flat_map(numbers));
        let (a, b): (Vec<Measurement>, Vec<Measurement>) = points.into_iter().map(|[a, b]| (a, b)).unzip();
        let value = |v: &[Measurement]| v.iter().map(|m| m.value).collect::<Vec<_>>();
        let (va, vb) = (value(&a), value(&b));
        let constant = |v: &[f64]| v.iter().all(|x| *x == v[0]);
        let why = match n {
            0..3 => Some(format!("{n} samples have both metrics; at least 3 are needed")),
            _ if constant(&va) => Some(format!("`{x}` is the same for all samples")),
            _ if constant(&vb) => Some(format!("`{y}` is the same for all samples")),
            _ => None,
        };
        let mut smallest = None;
        for (name, statistic) in STATISTICS {
            if let Some(why) = &why {
                put(Metric::missing(&key(name), why).n(n as f64));
                put(Metric::missing(&key(&format!("{name}_true")), why).n(n as f64));
                put(Metric::missing(&key(&format!("{name}_p")), why).n(n as f64));
                continue;
            }
            let stream = stream.role(name);
            let known = |of: Values| correlation(&a, &b, statistic, of, self.intervals.count().unwrap_or(0), &stream);
            let guide = match n < FEW {
                true => Standing::GuideOnly.note(&format!("{n} samples")),
                false => String::new(),
            };
            let observed = (statistic.of)(&va, &vb);
            let m = Metric::number(&key(name), observed, "").n(n as f64);
            put(match known(Values::Measured).map(|c| c.interval) {
                Some([low, high]) => m.interval(low.min(observed), high.max(observed)).note(&guide),
                None if self.intervals.count().is_none() => m,
                None => m.note("no interval: fewer than four samples"),
            });
            let of_truth = key(&format!("{name}_true"));
            put(match known(Values::True) {
                Some(c) => Metric::number(&of_truth, c.value, "")
                    .interval(c.interval[0], c.interval[1])
                    .n(n as f64)
                    .note(&guide),
                None if self.intervals.count().is_none() => Metric::missing(&of_truth, "no intervals were asked for"),
                None if n < 4 => Metric::missing(&of_truth, "fewer than four samples"),
                None => Metric::missing(&of_truth, "no sample has an interval: its error is not known"),
            });
            let p = p_value(&va, &vb, statistic.of, &stream);
            smallest.get_or_insert(p);
            let how = if p.exact { "all permutations" } else { "99999 random permutations" };
            put(Metric::number(&key(&format!("{name}_p")), p.p, "").n(n as f64).note(how));
        }
        match (smallest, why) {
            (Some(p), _) => {
                let said = format!("{n} samples can give no two-sided p below {:.2}", p.smallest);
                put(Metric::number(&key("smallest_p"), p.smallest, "").n(n as f64).note(&said));
            }
            (None, why) => put(Metric::missing(&key("smallest_p"), &why.unwrap_or_default())),
        }
        if n < FEW {
            let p = smallest.map_or_else(String::new, |p| {
                format!("; no order of them could give a two-sided p below {:.2}", p.smallest)
            });
            out.warnings.push(Warning::new(
                "few-samples",
                format!("{x} against {y} rests on {n} samples{p}"),
                "measure more alloys before calling it a correlation",
            ));
        }
    }
}

/// What a point is made of; NaN where it has no interval.
fn numbers([x, y]: &[Measurement; 2]) -> [f64; 6] {
    let [[xl, xh], [yl, yh]] = [x, y].map(|m| m.interval.unwrap_or([f64::NAN; 2]));
    [x.value, xl, xh, y.value, yl, yh]
}

impl LinkPoints {
    fn add(&mut self, study: &Study<'_>, x: &str, y: &str, rows: &[(usize, Datum, Datum)]) {
        let class = |d: &Datum| d.class.clone().unwrap_or_else(|| d.unit.si_symbol());
        let ends = |m: &Measurement| m.interval.unwrap_or([f64::NAN; 2]);
        for (i, a, b) in rows {
            self.sample.push(study.samples[*i].info.id.clone());
            self.x_metric.push(x.to_string());
            self.y_metric.push(y.to_string());
            self.x_unit.push(class(a));
            self.y_unit.push(class(b));
            let ([xl, xh], [yl, yh]) = (ends(&a.measured), ends(&b.measured));
            self.x.push(a.measured.value);
            self.x_low.push(xl);
            self.x_high.push(xh);
            self.y.push(b.measured.value);
            self.y_low.push(yl);
            self.y_high.push(yh);
        }
    }
}
