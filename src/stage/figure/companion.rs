//! Plots that draw nothing by themselves but lend their input to others of the same figure: `outlines`, `null`.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::{Artifact, Kind};
use crate::stage::StageError;

pub(super) struct Outlines;
pub(super) struct Null;

impl Plot for Outlines {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "outlines",
            about: "outlines of regions (`top.labels`) in the maps of the same figure, their threshold in its histogram",
            kinds: &[Kind::Labels],
            of: Some("regions"),
            each: true,
        }
    }

    fn draw(&self, _: &Request<'_>) -> Result<Panels, StageError> {
        Ok(Panels { panels: Vec::new(), caption: "Regions beyond the threshold are outlined.".into() })
    }
}

impl Plot for Null {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "null",
            about: "regions of featureless fields (`top.surrogates`), grey in the other plots of the same figure",
            kinds: &[Kind::Table],
            of: Some("regions"),
            each: true,
        }
    }

    fn draw(&self, _: &Request<'_>) -> Result<Panels, StageError> {
        Ok(Panels {
            panels: Vec::new(),
            caption: "Grey: surrogates of the same values and covariance without structure.".into(),
        })
    }
}

/// The input of that plot in the same figure: its stage, and its artifact for a sample.
pub(super) fn find<'a>(request: &Request<'a>, plot: &str, sample: usize) -> Option<(&'a str, Artifact)> {
    let input = request.stage.plots().iter().position(|p| p == plot)?;
    Some((request.study.inputs[input].stage.as_str(), request.study.artifact(sample, input)?))
}
