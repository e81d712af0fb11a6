//! `states`: the distributions of all samples on one pair of axes, from the histograms of `distribution`.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::Kind;
use crate::figure::plot::states::State;
use crate::figure::plot::{Quantity, States as Drawing};
use crate::stage::StageError;
use crate::stage::tables::Histogram;
use crate::unit::Unit;

pub(super) struct States;

impl Plot for States {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "states",
            about: "distributions of maps or volumes in several states, all samples together",
            kinds: &[Kind::Table],
            of: Some("distribution"),
            each: false,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut states = Vec::new();
        let mut unit = None;
        for i in request.samples {
            let rows: Histogram = request.rows(*i)?;
            unit.get_or_insert_with(|| rows.units.first().cloned().unwrap_or_else(Unit::none));
            let density = rows.value.iter().zip(&rows.density).map(|(v, d)| [*v, *d]).collect();
            states.push(State { name: request.name(*i), density, series: *i });
        }
        let quantity = Quantity::new("Value", unit.unwrap_or_else(Unit::none));
        let drawing = Drawing { quantity, states, range: None, notes: Vec::new(), verdict: None };
        Ok(Panels { panels: vec![drawing.draw()?], caption: "Distributions of the values of each sample.".into() })
    }
}
