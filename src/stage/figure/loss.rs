//! `loss`: E″/E″max against T/T_α, all samples (S2 Fig. 2).

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::Kind;
use crate::figure::plot::Loss as Drawing;
use crate::figure::plot::loss::Curve;
use crate::stage::StageError;
use crate::stage::tables::LossNormalised;
use crate::unit::{Unit, display};

pub(super) struct Loss;

impl Plot for Loss {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "loss",
            about: "E″/E″max against T/Tα of all samples; input `stage.normalised` of `spectrum-peaks`",
            kinds: &[Kind::Table],
            of: Some("spectrum-peaks"),
            each: false,
        }
    }

    fn options(&self) -> &'static [&'static str] {
        &["log"]
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut curves = Vec::new();
        let mut frequencies: Vec<f64> = Vec::new();
        for i in request.samples {
            let rows: LossNormalised = request.rows(*i)?;
            let points = rows.t_over_t_alpha.into_iter().zip(rows.e_loss_over_max).map(|(x, y)| [x, y]).collect();
            curves.push(Curve { name: request.name(*i), points, series: *i });
            frequencies.extend(request.metric(*i, "frequency").and_then(|m| m.as_number()));
        }
        let same = frequencies.windows(2).all(|w| (w[0] / w[1] - 1.0).abs() < 0.01);
        let notes =
            frequencies.first().filter(|_| same).map(|f| display::quantity(*f, &Unit::of("Hz"))).into_iter().collect();
        let panel = Drawing { curves, log: request.stage.log, notes }.draw()?;
        Ok(Panels {
            panels: vec![panel],
            caption: "Loss modulus over its maximum against temperature over that of the α peak.".into(),
        })
    }
}
