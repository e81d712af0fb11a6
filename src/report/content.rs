//! What the report shows, in the words and prefixes people read.

use std::collections::BTreeMap;

use base64::Engine;
use serde::Serialize;

use crate::data::{Metric, Standing, Value};
use crate::pipeline::{Plan, ResultRow, Run};
use crate::stage::Report;
use crate::unit::display;

#[derive(Serialize)]
pub(super) struct Content {
    title: String,
    name: String,
    summary: Option<String>,
    synthetic: Option<String>,
    version: &'static str,
    failures: Vec<Failure>,
    warnings: Vec<Group>,
    /// Words of notes and verdicts that occur, each with what it means.
    words: Vec<[&'static str; 2]>,
    overview: Overview,
    study: Vec<Line>,
    figures: Vec<FigureView>,
    samples: Vec<Sample>,
    definition: String,
    inputs: Vec<Input>,
    stages: Vec<StageView>,
}

#[derive(Serialize)]
struct Failure {
    sample: String,
    stage: String,
    why: String,
}

/// Warnings of one code.
#[derive(Serialize)]
struct Group {
    code: String,
    hint: String,
    places: Vec<[String; 3]>,
}

#[derive(Serialize)]
struct Overview {
    columns: Vec<[String; 2]>,
    rows: Vec<OverviewRow>,
}

#[derive(Serialize)]
struct OverviewRow {
    sample: String,
    cells: Vec<Cell>,
}

#[derive(Serialize, Default)]
struct Cell {
    value: String,
    interval: String,
    note: String,
}

#[derive(Serialize)]
struct Line {
    sample: String,
    stage: String,
    metric: String,
    cell: Cell,
    n: String,
}

#[derive(Serialize)]
struct FigureView {
    name: String,
    caption: String,
    svg: String,
}

#[derive(Serialize)]
struct Sample {
    id: String,
    metadata: Vec<[String; 2]>,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Input {
    sample: String,
    role: String,
    path: String,
    synthetic: bool,
    bytes: u64,
    blake3: String,
}

#[derive(Serialize)]
struct StageView {
    sample: String,
    stage: String,
    run: String,
    key: String,
}

/// Shown in the overview unless a `report` stage chooses: metric and what a reader calls it.
const MAIN: &[(&str, &str)] = &[
    ("span", "span"),
    ("span_relative", "span over mean"),
    ("xi", "ξ"),
    ("xi_verdict", "verdict on ξ"),
    ("anisotropy", "anisotropy"),
    ("t_alpha", "Tα"),
    ("beta_class", "β class"),
    ("beta_intensity", "β intensity"),
    ("e_beta", "Eβ"),
];

/// What a reader must know before anything else: that inputs were made, not measured.
fn synthetic(run: &Run) -> Option<String> {
    let counted = |made: bool| run.inputs.iter().filter(move |i| i.synthetic == made).count();
    match (counted(true), counted(false)) {
        (0, _) => None,
        (_, 0) => Some("All inputs are phantoms: synthetic data of known truth, not measurements.".into()),
        (n, m) => Some(format!(
            "{n} of {} inputs are phantoms: synthetic data of known truth, not measurements; the list of inputs names them.",
            n + m
        )),
    }
}

pub(super) fn content(plan: &Plan, run: &Run, definition: &str) -> Content {
    let report = settings(plan);
    let rows = by_sample(run);
    let samples: std::collections::BTreeSet<&str> = plan.definition.samples.iter().map(|s| s.id.as_str()).collect();
    let title =
        report.title.clone().or_else(|| plan.definition.title.clone()).unwrap_or_else(|| plan.definition.name.clone());
    Content {
        title,
        name: plan.definition.name.clone(),
        summary: report.summary.clone(),
        synthetic: synthetic(run),
        version: env!("CARGO_PKG_VERSION"),
        failures: run
            .failures
            .iter()
            .map(|(sample, stage, why)| Failure { sample: sample.clone(), stage: stage.clone(), why: why.clone() })
            .collect(),
        warnings: warnings(run),
        words: words(run),
        overview: overview(plan, run, &rows, &report),
        study: run.rows.iter().filter(|r| !samples.contains(r.sample.as_str())).map(line).collect(),
        figures: run
            .figures
            .iter()
            .map(|f| FigureView {
                name: f.name.clone(),
                caption: f.file.caption.clone(),
                svg: base64::engine::general_purpose::STANDARD.encode(&f.file.svg),
            })
            .collect(),
        samples: plan
            .definition
            .samples
            .iter()
            .map(|s| Sample {
                id: s.id.clone(),
                metadata: s.metadata.iter().map(|(k, v)| [k.clone(), v.canonical()]).collect(),
                lines: rows.get(s.id.as_str()).into_iter().flatten().map(|r| line(r)).collect(),
            })
            .collect(),
        definition: definition.to_string(),
        inputs: run
            .inputs
            .iter()
            .map(|i| Input {
                sample: i.sample.clone(),
                role: i.role.clone(),
                path: i.path.clone(),
                synthetic: i.synthetic,
                bytes: i.bytes,
                blake3: i.blake3.clone(),
            })
            .collect(),
        stages: run
            .stages
            .iter()
            .map(|s| StageView {
                sample: s.sample.clone(),
                stage: s.stage.clone(),
                run: s.run.clone(),
                key: s.key[..16.min(s.key.len())].to_string(),
            })
            .collect(),
    }
}

/// Parameters of the `report` stage, if there is one.
fn settings(plan: &Plan) -> Report {
    let stage = plan.stages.iter().find(|s| s.doc().id == "report");
    stage.and_then(|s| serde_json::from_value(s.def.instance.parameters()).ok()).unwrap_or_default()
}

fn warnings(run: &Run) -> Vec<Group> {
    let mut out: Vec<Group> = Vec::new();
    for w in &run.warnings {
        let place = [w.sample.clone(), w.stage.clone(), w.message.clone()];
        match out.iter_mut().find(|g| g.code == w.code && g.hint == w.hint) {
            Some(g) => g.places.push(place),
            None => out.push(Group { code: w.code.clone(), hint: w.hint.clone(), places: vec![place] }),
        }
    }
    out
}

/// The words for how far results may be relied on that this run has.
fn words(run: &Run) -> Vec<[&'static str; 2]> {
    let has = |s: &Standing| {
        run.rows.iter().any(|r| match &r.metric.value {
            Value::Text(t) if t == s.words() => true,
            _ => s.is_in(&r.metric.note),
        })
    };
    Standing::ALL.into_iter().filter(has).map(|s| [s.words(), s.meaning()]).collect()
}

fn overview(plan: &Plan, run: &Run, of: &BySample<'_>, report: &Report) -> Overview {
    // Stage and metric of each column, with its heading.
    let mut columns: Vec<(String, String, String)> = Vec::new();
    if report.overview.is_empty() {
        for (metric, label) in MAIN {
            for stage in &plan.stages {
                let name = &stage.def.name;
                if run.rows.iter().any(|r| r.stage == *name && r.metric.name == *metric && r.sample != "*") {
                    columns.push((name.clone(), (*metric).to_string(), (*label).to_string()));
                }
            }
        }
    } else {
        for wanted in &report.overview {
            if let Some((stage, metric)) = wanted.split_once('.') {
                let label =
                    MAIN.iter().find(|m| m.0 == metric).map_or_else(|| metric.replace('_', " "), |m| m.1.to_string());
                columns.push((stage.to_string(), metric.to_string(), label));
            }
        }
    }
    let rows = plan.definition.samples.iter().map(|s| OverviewRow {
        sample: s.id.clone(),
        cells: columns
            .iter()
            .map(|(stage, metric, _)| {
                let mut own = of.get(s.id.as_str()).into_iter().flatten();
                let row = own.find(|r| r.stage == *stage && r.metric.name == *metric);
                row.map(|r| cell(&r.metric)).unwrap_or_default()
            })
            .collect(),
    });
    Overview {
        columns: columns.iter().map(|(s, m, l)| [l.clone(), format!("{s}.{m}")]).collect(),
        rows: rows.collect(),
    }
}

/// The rows of each sample: a study may have ten thousand.
type BySample<'a> = BTreeMap<&'a str, Vec<&'a ResultRow>>;

fn by_sample(run: &Run) -> BySample<'_> {
    let mut out = BySample::new();
    run.rows.iter().for_each(|r| out.entry(r.sample.as_str()).or_default().push(r));
    out
}

fn line(r: &ResultRow) -> Line {
    Line {
        sample: r.sample.clone(),
        stage: r.stage.clone(),
        metric: r.metric.name.clone(),
        cell: cell(&r.metric),
        n: r.metric.n.map(|n| format!("{n:.0}")).unwrap_or_default(),
    }
}

fn cell(m: &Metric) -> Cell {
    let value = match &m.value {
        Value::Number(v) => shown(*v, m),
        Value::Text(t) => t.clone(),
        Value::Missing => "–".into(),
    };
    let interval = m.interval.map(|[a, b]| format!("{} to {}", shown(a, m), shown(b, m))).unwrap_or_default();
    Cell { value, interval, note: m.note.clone() }
}

/// Relative spans are shown in per cent, as the field speaks of them.
fn shown(v: f64, m: &Metric) -> String {
    if matches!(m.name.as_str(), "span_relative" | "beta_intensity" | "masked_fraction") {
        return format!("{}\u{a0}%", display::significant(100.0 * v, 3));
    }
    display::quantity(v, &m.unit)
}
