//! `profile`: values along the line of a `profile` stage.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::{Artifact, Kind};
use crate::figure::plot::{Profile as Drawing, Quantity};
use crate::stage::StageError;
use crate::stage::tables::LineProfile;
use crate::unit::Unit;

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
        let mut lines = Vec::new();
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for i in request.samples {
            let line: LineProfile = request.rows(*i)?;
            for v in line.value.iter().filter(|v| v.is_finite()) {
                (low, high) = (low.min(*v), high.max(*v));
            }
            lines.push(line);
        }
        let margin = 0.05 * (high - low);
        let range = (request.stage.shares_range() && high > low).then_some((low - margin, high + margin));
        let mut panels = Vec::new();
        for (sample, line) in request.samples.iter().zip(lines) {
            let unit = line.units.first().cloned().unwrap_or_else(Unit::none);
            let name = quantity_beside(request, *sample).unwrap_or_else(|| "Value".into());
            let drawing = Drawing {
                distance: line.distance,
                values: line.value,
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
