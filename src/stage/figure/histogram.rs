//! `histogram`: the distribution of each map with its Gaussian, all samples on one pair of axes or a panel each.

use super::label::quantity;
use super::{Panels, Plot, PlotDoc, Request, companion};
use crate::data::Kind;
use crate::figure::plot::histogram::{Gaussian, RULE, Sample};
use crate::figure::plot::{Histogram as Drawing, Quantity};
use crate::spatial::distribution::{gaussian, histogram, summary};
use crate::stage::StageError;

pub(super) struct Histogram;

impl Plot for Histogram {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "histogram",
            about: "distributions of maps with Gaussian fits, all samples together",
            kinds: &[Kind::Map],
            of: None,
            each: false,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut samples = Vec::new();
        let mut axis = None;
        for i in request.samples {
            let map = request.map(*i)?;
            let mut values = map.valid();
            let fit = summary(&mut values).and_then(|s| gaussian(&histogram(&mut values)?, &s));
            let fit = fit.map(|g| Gaussian { mean: g.mean, fwhm: g.fwhm, weight: g.weight }).into_iter().collect();
            axis.get_or_insert_with(|| Quantity::new(quantity(&map), map.unit.clone()));
            let stage = companion::find(request, "outlines", *i).map(|(stage, _)| stage);
            let threshold = stage.and_then(|s| request.metric_of(s, *i, "threshold")?.as_number());
            samples.push(Sample { name: request.name(*i), values, fit, threshold, series: *i });
        }
        let quantity = axis.ok_or_else(|| StageError::Failed("no sample to draw".into()))?;
        let panel = Drawing { samples, quantity, range: None, notes: Vec::new() }.draw()?;
        Ok(Panels {
            panels: vec![panel],
            caption: format!(
                "Distributions with Gaussian fits ({RULE}); dotted: the threshold of regions, where there are some."
            ),
        })
    }
}
