//! `profile`: values along the line of a `profile` stage.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::{Artifact, Kind};
use crate::figure::plot::{Profile as Drawing, Quantity};
use crate::stage::StageError;

pub(super) struct Profile;

impl Plot for Profile {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "profile",
            about: "profiles along a line",
            kinds: &[Kind::Table],
            of: Some("profile"),
            each: true,
        }
    }

    fn options(&self) -> &'static [&'static str] {
        &["share_range"]
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut tables = Vec::new();
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for i in request.samples {
            let t = request.table(*i)?;
            let values = request.column(&t, "value")?;
            for v in values.iter().filter(|v| v.is_finite()) {
                (low, high) = (low.min(*v), high.max(*v));
            }
            tables.push((t.clone(), values));
        }
        let margin = 0.05 * (high - low);
        let range = (request.stage.share_range && high > low).then_some((low - margin, high + margin));
        let mut panels = Vec::new();
        for (sample, (t, values)) in request.samples.iter().zip(tables) {
            let unit = t.column("value").map(|c| c.unit.clone()).unwrap_or_else(crate::unit::Unit::none);
            let name = quantity_beside(request, *sample).unwrap_or_else(|| "Value".into());
            let drawing = Drawing {
                distance: request.column(&t, "distance")?,
                values,
                quantity: Quantity::new(name, unit),
                range,
                series: *sample,
                points: false,
                notes: Vec::new(),
            };
            panels.push(drawing.draw()?);
        }
        Ok(Panels { panels, caption: "Profiles along the dotted lines.".into() })
    }
}

/// The quantity of the map that the same figure draws of this sample.
fn quantity_beside(request: &Request<'_>, sample: usize) -> Option<String> {
    let input = request.stage.plots().iter().position(|p| p == "map")?;
    match request.study.artifact(sample, input) {
        Some(Artifact::Map(m)) => Some(super::label::quantity(&m)),
        _ => None,
    }
}
