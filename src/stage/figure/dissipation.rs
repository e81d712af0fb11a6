//! `dissipation-curve`: E* against set point, and `dissipation-derivative`: its derivative.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::Kind;
use crate::figure::Panel;
use crate::figure::plot::{Cloud, Quantity};
use crate::stage::StageError;
use crate::stage::tables::EnergyCurve;
use crate::unit::{Unit, display};

pub(super) struct Curve;
pub(super) struct Derivative;

const fn doc(id: &'static str, about: &'static str) -> PlotDoc {
    PlotDoc { id, about, kinds: &[Kind::Table], of: Some("dissipation-curve"), each: true }
}

fn panels(
    request: &Request<'_>,
    column: fn(&EnergyCurve) -> &[f64],
    axis: &str,
    said: &[(&str, &str)],
) -> Result<Vec<Panel>, StageError> {
    let mut out = Vec::new();
    for i in request.samples {
        let rows: EnergyCurve = request.rows(*i)?;
        let points: Vec<[f64; 2]> = rows.ratio.iter().zip(column(&rows)).map(|(r, v)| [*r, *v]).collect();
        let note = |(metric, text): &(&str, &str)| {
            let v = request.metric(*i, metric)?.as_number()?;
            Some(format!("{text}\u{a0}{}", display::significant(v, 3)))
        };
        let panel = Cloud {
            x: Quantity::new("A/A_{0}", Unit::none()),
            y: Quantity::new(axis, Unit::none()),
            curves: vec![("through the set points".into(), points.clone())],
            points,
            null: Vec::new(),
            data: "set points".into(),
            log: [false, false],
            notes: said.iter().filter_map(note).collect(),
            verdict: None,
            series: *i,
        };
        out.push(panel.draw()?.with_name(request.name(*i)));
    }
    Ok(out)
}

impl Plot for Curve {
    fn doc(&self) -> &'static PlotDoc {
        const DOC: PlotDoc = doc("dissipation-curve", "normalised dissipation against set point");
        &DOC
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let panels = panels(request, |r| &r.energy, "E*", &[("peak_ratio", "peak at")])?;
        Ok(Panels { panels, caption: "Normalised dissipation E* against set point.".into() })
    }
}

impl Plot for Derivative {
    fn doc(&self) -> &'static PlotDoc {
        const DOC: PlotDoc =
            doc("dissipation-derivative", "derivative of the normalised dissipation against set point");
        &DOC
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let said = [("rise_ratio", "steepest rise at"), ("fall_ratio", "steepest fall at")];
        let panels = panels(request, |r| &r.derivative, "dE*/d(A/A_{0})", &said)?;
        Ok(Panels {
            panels,
            caption: "Derivative of E* with respect to A/A₀ (parabola through five set points).".into(),
        })
    }
}
