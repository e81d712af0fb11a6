//! `chi`: the correlation of quasi-point defects against temperature.

use super::super::{Panels, Plot, PlotDoc, Request};
use super::{band, each, pairs, said, series};
use crate::data::Kind;
use crate::figure::plot::Quantity;
use crate::figure::plot::curves::{Curves, Look};
use crate::stage::StageError;
use crate::stage::tables::{Chi as Rows, TypedTable};
use crate::unit::Unit;

pub(in crate::stage::figure) struct Chi;

impl Plot for Chi {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "chi",
            about: "correlation χ against temperature",
            kinds: &[Kind::Table],
            of: Some("quasi-point-defects"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        each(request, "Correlation χ of quasi-point defects with 95 % intervals.", |i, t| {
            let rows = Rows::of(t).map_err(|column| request.lacks(column))?;
            let mut points = series("", pairs(&rows.temperature, &rows.chi), Look::Points, 0);
            points.band = band(&rows.temperature, &rows.chi_low, &rows.chi_high);
            Ok(Curves {
                x: (Quantity::new("Temperature", Unit::of("K")), false),
                y: (Quantity::new("Correlation χ", Unit::none()), false),
                from_zero: false,
                series: vec![points],
                tags: Vec::new(),
                shaded: Vec::new(),
                notes: said(request, i, "chi_glass", "χ of the glass").into_iter().collect(),
                verdict: None,
            })
        })
    }
}
