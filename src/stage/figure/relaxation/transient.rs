//! `transient` and `rate`: a decay in time, and its rate in logarithmic time.

use super::super::{Panels, Plot, PlotDoc, Request};
use super::{band, each, pairs, said, series};
use crate::data::Kind;
use crate::figure::plot::Quantity;
use crate::figure::plot::curves::{Curves, Look, Tag};
use crate::stage::StageError;
use crate::stage::tables::{DecayCurve, DecayRate, TypedTable, numbered};
use crate::unit::Unit;

pub(in crate::stage::figure) struct Transient;
pub(in crate::stage::figure) struct Rate;

impl Plot for Transient {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "transient",
            about: "a decay or creep against time with its fit and processes (`curve` of `stress-relaxation`, `spectrum-fit`, `ageing`)",
            kinds: &[Kind::Table],
            of: None,
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        each(request, "Measured values against time with the fitted model.", |i, t| {
            let rows = DecayCurve::of(t).map_err(|column| request.lacks(column))?;
            let (Some((name, values, unit)), false) = (rows.data(), rows.fit.is_empty()) else {
                return Err(StageError::Failed(
                    "the plot `transient` draws `curve` of `stress-relaxation`, of `spectrum-fit` in time, or of `ageing`".into(),
                ));
            };
            let time = &rows.time;
            let mut all = vec![
                series("measured", pairs(time, values), Look::Points, 0),
                series("model", pairs(time, &rows.fit), Look::Line, 0),
            ];
            let parts = numbered(t, "process_", 1);
            if parts.len() > 1 {
                for (k, y) in parts.iter().enumerate() {
                    all.push(series(&format!("process {}", k + 1), pairs(time, y), Look::Part, k + 1));
                }
            }
            Ok(Curves {
                x: (Quantity::new("Time", Unit::of("s")), true),
                y: (Quantity::new(name, unit), false),
                from_zero: true,
                series: all,
                tags: Vec::new(),
                shaded: Vec::new(),
                notes: notes_of(request, i).into_iter().filter_map(|(m, s)| said(request, i, m, s)).collect(),
                verdict: None,
            })
        })
    }
}

/// τ and β of one step, or τ of each of two.
fn notes_of(request: &Request<'_>, i: usize) -> [(&'static str, &'static str); 2] {
    let two = request.metric(i, "tau_2").is_some_and(|m| m.as_number().is_some());
    if two { [("tau_1", "τ_{1}"), ("tau_2", "τ_{2}")] } else { [("kww_tau", "τ"), ("kww_beta", "β")] }
}

impl Plot for Rate {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "rate",
            about: "−d(σ/σ₀)/d ln t with its maxima (`relax.rate` of `stress-relaxation`)",
            kinds: &[Kind::Table],
            of: Some("stress-relaxation"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        each(request, "Rate of the decay in logarithmic time with its 95 % band and maxima.", |i, t| {
            let rows = DecayRate::of(t).map_err(|column| request.lacks(column))?;
            let DecayRate { time, rate, rate_error: error, .. } = &rows;
            let end = |side: f64| rate.iter().zip(error).map(|(r, e)| r + side * 1.96 * e).collect::<Vec<f64>>();
            let mut line = series("", pairs(time, rate), Look::Part, 0);
            line.band = band(time, &end(-1.0), &end(1.0));
            let at = |tau: f64| {
                let k = time.partition_point(|t| *t < tau).min(rate.len().saturating_sub(1));
                Some([tau, *rate.get(k)?])
            };
            let tags = (1..=2).filter_map(|k| {
                let tau = request.metric(i, &format!("tau_{k}"))?.as_number()?;
                Some(Tag { at: at(tau)?, text: format!("τ_{{{k}}}") })
            });
            let note = request.metric(i, "step_class").and_then(|m| match &m.value {
                crate::data::Value::Text(t) => Some(t.clone()),
                _ => None,
            });
            Ok(Curves {
                x: (Quantity::new("Time", Unit::of("s")), true),
                y: (Quantity::new("−d(σ/σ_{0})/d\u{a0}ln\u{a0}t", Unit::none()), false),
                from_zero: true,
                series: vec![line],
                tags: tags.collect(),
                shaded: Vec::new(),
                notes: note.into_iter().collect(),
                verdict: None,
            })
        })
    }
}
