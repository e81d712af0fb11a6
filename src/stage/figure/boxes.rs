//! `box-counts` and `local-slopes`: N(ε) and what its slope is on every scale.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::{Kind, Metric, Standing, Value};
use crate::figure::plot::box_counts::{Counts, Fit};
use crate::figure::plot::local_slopes::{Plateau, Slopes as Series};
use crate::figure::plot::structure_function::{Legend, Length, Null};
use crate::figure::plot::{BoxCounts as CountsDrawing, LocalSlopes as SlopesDrawing};
use crate::spatial::fractal::TOLERANCE;
use crate::stage::StageError;
use crate::stage::tables::BoxCounts as Rows;

pub(super) struct BoxCounts;
pub(super) struct LocalSlopes;

/// What both plots show of a sample.
struct Sample {
    rows: Rows,
    d: Option<Metric>,
    range: Option<[f64; 2]>,
    crossover: Option<Length>,
    verdict: Option<String>,
}

impl Sample {
    fn new(request: &Request<'_>, i: usize) -> Result<Sample, StageError> {
        let number = |name: &str| request.metric(i, name).and_then(|m| m.as_number());
        let d = request.metric(i, "d_f").filter(|m| m.as_number().is_some());
        let p = number("d_f_p");
        let no_plateau = request.metric(i, "plateau").is_some_and(|m| m.value == Value::Text("no".into()));
        let verdict = match (&d, p) {
            (None, _) => Some("no scaling range".to_string()),
            (Some(_), _) if no_plateau => Some("no plateau".to_string()),
            (Some(_), Some(p)) if !crate::spatial::null::Null::stands(p) => {
                Some(Standing::NotAboveTheNull.words().to_string())
            }
            _ => None,
        };
        Ok(Sample {
            rows: request.rows(i)?,
            range: number("d_f_low").zip(number("d_f_high")).map(|(a, b)| [a, b]),
            crossover: number("xi_fractal").map(|value| Length { value, interval: None }),
            d,
            verdict,
        })
    }

    fn pairs(&self, values: &[f64]) -> Vec<[f64; 2]> {
        self.rows.length.iter().zip(values).filter(|(_, v)| v.is_finite()).map(|(e, v)| [*e, *v]).collect()
    }
}

impl Plot for BoxCounts {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "box-counts",
            about: "occupied boxes against their size, with the dimension where there is one",
            kinds: &[Kind::Table],
            of: Some("box-counting"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let sample = Sample::new(request, *i)?;
            let fit = sample.d.as_ref().zip(sample.range).and_then(|(d, range)| {
                let through = sample.pairs(&sample.rows.fit).first().copied()?;
                Some(Fit { dimension: d.as_number()?, interval: d.interval, range, through })
            });
            let counts = Counts {
                name: String::new(),
                points: sample.pairs(&sample.rows.count),
                fit,
                crossover: sample.crossover,
                series: *i,
            };
            let drawing = CountsDrawing {
                label: "N(ε)".into(),
                counts: vec![counts],
                null: None,
                range: None,
                n: None,
                notes: Vec::new(),
                verdict: sample.verdict.clone(),
                legend: Legend::Below,
            };
            panels.push(drawing.draw()?.with_name(request.name(*i)));
        }
        let caption = "Occupied boxes N against their edge ε (points), the power law of the fit (line) over its range (grey), dotted: the crossover \
                       to compact.";
        Ok(Panels { panels, caption: caption.into() })
    }
}

impl Plot for LocalSlopes {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "local-slopes",
            about: "slope of N(ε) on every scale, with its plateau and the band of featureless sets",
            kinds: &[Kind::Table],
            of: Some("box-counting"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let sample = Sample::new(request, *i)?;
            let rows = &sample.rows;
            let band: Vec<[f64; 3]> = rows
                .length
                .iter()
                .zip(rows.slope_null_low.iter().zip(&rows.slope_null_high))
                .filter(|(_, (a, b))| a.is_finite() && b.is_finite())
                .map(|(e, (a, b))| [*e, *a, *b])
                .collect();
            let plateau = sample
                .d
                .as_ref()
                .zip(sample.range)
                .and_then(|(d, range)| Some(Plateau { value: d.as_number()?, tolerance: TOLERANCE, range }));
            let slopes = Series {
                name: String::new(),
                points: sample.pairs(&rows.slope),
                plateau: plateau.filter(|_| sample.verdict.as_deref() != Some("no plateau")),
                crossover: sample.crossover,
                series: *i,
            };
            let drawing = SlopesDrawing {
                label: "−d ln N/d ln ε".into(),
                slopes: vec![slopes],
                null: (!band.is_empty()).then(|| Null { label: "featureless sets".into(), band }),
                space: request.metric(*i, "space").and_then(|m| m.as_number()),
                range: None,
                notes: Vec::new(),
                verdict: sample.verdict.clone(),
                legend: Legend::Below,
            };
            panels.push(drawing.draw()?.with_name(request.name(*i)));
        }
        let caption = "Local slope of N(ε) from each size on: a dimension where it stays within ±0.1 over a decade (bar). Grey: 95 % of \
                       featureless sets of the same fraction and covariance.";
        Ok(Panels { panels, caption: caption.into() })
    }
}
