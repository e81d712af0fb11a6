//! `link`: one scatter a pair of metrics of a `link` stage.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::{Artifact, Kind};
use crate::figure::plot::link::{Ordinate, Point};
use crate::figure::plot::{Link as Drawing, Quantity};
use crate::relax::peaks::BetaClass;
use crate::stage::StageError;
use crate::stage::tables::{LinkPoints, TypedTable};
use crate::unit::Unit;

pub(super) struct Link;

impl Plot for Link {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "link",
            about: "scatter of linked metrics with intervals, ρ and p",
            kinds: &[Kind::Table],
            of: Some("link"),
            each: false,
        }
    }

    fn options(&self) -> &'static [&'static str] {
        &["pairs", "log"]
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let Some(Artifact::Table(table)) = request.study.shared_artifact(request.input) else {
            return Err(request.wrong("`link` stage"));
        };
        let points = LinkPoints::of(&table).map_err(|column| request.lacks(column))?;
        let pairs = if request.stage.pairs.is_empty() { all_pairs(&points) } else { request.stage.pairs.clone() };
        let panels = pairs.iter().map(|p| panel(request, &points, p)).collect::<Result<Vec<_>, _>>()?;
        if panels.is_empty() {
            return Err(StageError::Failed("no pair of metrics has a sample".into()));
        }
        let caption = "Metrics of the samples against each other with 95 % intervals; Spearman ρ with its exact permutation p, and the smallest p \
                       that so many samples could give.";
        Ok(Panels { panels, caption: caption.into() })
    }
}

fn all_pairs(p: &LinkPoints) -> Vec<[String; 2]> {
    let mut out: Vec<[String; 2]> = Vec::new();
    for (x, y) in p.x_metric.iter().zip(&p.y_metric) {
        let pair = [x.clone(), y.clone()];
        if !out.contains(&pair) {
            out.push(pair);
        }
    }
    out
}

fn panel(request: &Request<'_>, p: &LinkPoints, pair: &[String; 2]) -> Result<crate::figure::Panel, StageError> {
    let rows: Vec<usize> =
        (0..p.sample.len()).filter(|i| p.x_metric[*i] == pair[0] && p.y_metric[*i] == pair[1]).collect();
    let interval = |l: f64, h: f64| (l.is_finite() && h.is_finite()).then_some([l, h]);
    let points = rows.iter().map(|i| Point {
        name: super::label::formula(&p.sample[*i]),
        x: p.x[*i],
        x_interval: interval(p.x_low[*i], p.x_high[*i]),
        y: p.y[*i],
        y_interval: interval(p.y_low[*i], p.y_high[*i]),
        series: request.study.samples.iter().position(|s| s.info.id == p.sample[*i]).unwrap_or(0),
    });
    let first = rows
        .first()
        .copied()
        .ok_or_else(|| StageError::Failed(format!("no sample has both {} and {}", pair[0], pair[1])))?;
    let classes: Vec<String> = BetaClass::ALL.iter().map(|c| c.name().to_string()).collect();
    let ordinate = if classes.contains(&p.y_unit[first]) {
        Ordinate::Classes { label: label(&pair[1]), names: classes }
    } else {
        Ordinate::Metric(Quantity::new(label(&pair[1]), Unit::parse_or_keep(&p.y_unit[first])))
    };
    Drawing {
        points: points.collect(),
        x: Quantity::new(label(&pair[0]), Unit::parse_or_keep(&p.x_unit[first])),
        log_x: request.stage.log,
        y: ordinate,
        verdict: None,
        notes: notes(request, pair),
    }
    .draw()
    .map_err(StageError::of)
}

fn notes(request: &Request<'_>, [x, y]: &[String; 2]) -> Vec<String> {
    let stage = &request.study.inputs[request.input].stage;
    let metrics = request.study.shared.iter().find(|(s, _)| s == stage).map(|(_, m)| m.as_slice()).unwrap_or_default();
    let number = |name: &str| {
        metrics.iter().find(|m| m.name == format!("{name}[{x},{y}]")).and_then(|m| Some((m.as_number()?, m.n)))
    };
    let (Some((rho, n)), Some((p, _))) = (number("spearman"), number("spearman_p")) else { return Vec::new() };
    let mut out = vec![format!("ρ = {rho:.2}, p = {p:.2}").replace('-', "−")];
    if let (Some((smallest, _)), Some(n)) = (number("smallest_p"), n) {
        out.push(format!("{n:.0} samples give no p below {smallest:.2}"));
    }
    out
}

/// A metric as an axis names it.
fn label(reference: &str) -> String {
    let metric = reference.rsplit('.').next().unwrap_or(reference);
    match metric {
        "xi" => "Correlation length ξ",
        "span" => "Span (1–99 %)",
        "span_relative" => "Span over mean",
        "std" => "Standard deviation",
        "beta_intensity" => "β intensity",
        "beta_area" => "β area",
        "beta_class" => "β relaxation",
        "e_beta" => "E_{β}",
        "t_beta" => "T_{β}",
        "t_alpha" => "T_{α}",
        "tg" => "T_{g}",
        "d_f" => "Fractal dimension D_{f}",
        "xi_fractal" => "Crossover length ξ",
        "g_std_micro" => "Spread of block means",
        "sigma" => "σ",
        "alpha" => "α",
        "anisotropy" => "Anisotropy ξ_{max}/ξ_{min}",
        other => return other.replace('_', " "),
    }
    .to_string()
}
