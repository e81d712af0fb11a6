//! `shifts`: shift factors against inverse temperature, as a panel or as an inset of a master curve.

use super::super::{Panels, Plot, PlotDoc, Request, companion};
use super::{band, each, pairs, series};
use crate::data::{Artifact, Kind, Table};
use crate::figure::Panel;
use crate::figure::plot::Quantity;
use crate::figure::plot::curves::{Curves, Look};
use crate::stage::StageError;
use crate::stage::tables::{Shifts as Rows, TypedTable};
use crate::unit::{Unit, display};

pub(in crate::stage::figure) struct Shifts;
pub(in crate::stage::figure) struct ShiftsInset;

impl Plot for Shifts {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "shifts",
            about: "shift factors against inverse temperature (`master.shifts` of `master-curve`)",
            kinds: &[Kind::Table],
            of: Some("master-curve"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        each(request, "Shift factors with 95 % intervals; a straight line is no proof of one energy.", |i, t| {
            let energy = request.metric(i, "shift_energy").and_then(|m| m.as_number());
            let slope = energy.map(|e| format!("slope {} kJ/mol", display::significant(e / 1e3, 3)));
            let curves = curves(t).ok_or_else(|| request.wrong("table of shifts"))?;
            Ok(Curves {
                notes: slope.into_iter().collect(),
                verdict: energy.map(|_| "not one energy".to_string()),
                ..curves
            })
        })
    }
}

impl Plot for ShiftsInset {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "shifts-inset",
            about: "shift factors (`master.shifts`) as an inset of the isotherm plot of the same figure",
            kinds: &[Kind::Table],
            of: Some("master-curve"),
            each: true,
        }
    }

    fn draw(&self, _: &Request<'_>) -> Result<Panels, StageError> {
        Ok(Panels { panels: Vec::new(), caption: "Inset: shift factors with 95 % intervals.".into() })
    }
}

/// The panel that a `shifts-inset` of the same figure lends.
pub(super) fn inset(request: &Request<'_>, sample: usize) -> Result<Option<Panel>, StageError> {
    let Some((_, Artifact::Table(t))) = companion::find(request, "shifts-inset", sample) else { return Ok(None) };
    let Some(curves) = curves(&t) else { return Ok(None) };
    curves.draw().map(Some).map_err(StageError::of)
}

fn curves(t: &Table) -> Option<Curves> {
    let rows = Rows::of(t).ok()?;
    let inverse: Vec<f64> = rows.temperature.iter().map(|t| 1000.0 / t).collect();
    let mut points = series("", pairs(&inverse, &rows.a_t), Look::Points, 0);
    points.band = band(&inverse, &rows.a_t_low, &rows.a_t_high);
    Some(Curves {
        x: (Quantity::new("1000/T\u{a0}(K⁻¹)", Unit::none()), false),
        y: (Quantity::new("a_{T}", Unit::none()), true),
        from_zero: false,
        series: vec![points],
        tags: Vec::new(),
        shaded: Vec::new(),
        notes: Vec::new(),
        verdict: None,
    })
}
