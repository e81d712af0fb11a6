//! `map`: one map a sample, one colour range over the set, the line of a profile where one is drawn below.

use super::label::quantity;
use super::{Panels, Plot, PlotDoc, Request, companion};
use crate::data::{Artifact, Kind};
use crate::figure::plot::map::{Range, robust_range};
use crate::figure::plot::{Map as Drawing, Quantity};
use crate::stage::StageError;
use crate::stage::tables::{LineProfile, TypedTable};
use crate::unit::Unit;

pub(super) struct Map;

impl Plot for Map {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc { id: "map", about: "maps with scale bar and colour bar", kinds: &[Kind::Map], of: None, each: true }
    }

    fn options(&self) -> &'static [&'static str] {
        &["share_range"]
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let maps = request.samples.iter().map(|i| request.map(*i)).collect::<Result<Vec<_>, _>>()?;
        let units: Vec<&Unit> = maps.iter().map(|m| &m.unit).collect();
        if let [first, rest @ ..] = units.as_slice()
            && let Some(other) = rest.iter().find(|u| !u.same_dimension(first)).filter(|_| request.stage.shares_range())
        {
            return Err(StageError::Failed(format!(
                "maps in {} and in {} have no colour range in common; draw them in figures of their own, or set \
                 `share_range = false`",
                first.si_symbol(),
                other.si_symbol()
            )));
        }
        let values: Vec<Vec<f64>> = maps.iter().map(|m| m.values.iter().copied().collect()).collect();
        let shared = request.stage.shares_range().then(|| robust_range(values.iter().map(Vec::as_slice))).flatten();
        let mut panels = Vec::new();
        for (k, (map, values)) in maps.iter().zip(values).enumerate() {
            let pixel = map.pixel_size()?;
            let mut d = Drawing::new(values, map.shape(), pixel, Quantity::new(quantity(map), map.unit.clone()));
            if let Some((low, high)) = shared {
                d.range = Range::Shared(low, high);
                d.bar = k + 1 == maps.len();
            }
            d.line = line(request, request.samples[k]);
            if let Some((_, Artifact::Labels(l))) = companion::find(request, "outlines", request.samples[k])
                && let Some(labels) = l.map().filter(|l| l.shape() == map.shape())
            {
                d.labels = labels.values.iter().map(|v| *v as u32).collect();
            }
            d.name = Some(request.name(request.samples[k]));
            panels.push(d.draw()?);
        }
        let range = if shared.is_some() {
            "one colour range for all, 1–99 % of the values"
        } else {
            "each with its own colour range, 1–99 %"
        };
        let what = quantity(&maps[0]);
        let steps: Vec<String> = maps[0].levelling.iter().map(ToString::to_string).collect();
        let levelled = if steps.is_empty() { "as measured".into() } else { format!("levelled: {}", steps.join(", ")) };
        Ok(Panels { panels, caption: format!("Maps of {} ({levelled}; {range}).", what.to_lowercase()) })
    }
}

/// End points of a profile among the inputs of the same figure.
fn line(request: &Request<'_>, sample: usize) -> Option<[[f64; 2]; 2]> {
    let input = request.stage.plots().iter().position(|p| p == "profile")?;
    let Some(Artifact::Table(t)) = request.study.artifact(sample, input) else { return None };
    let line = LineProfile::of(&t).ok()?;
    let ends = |v: &[f64]| Some([*v.first()?, *v.last()?]);
    let ([r0, r1], [c0, c1]) = (ends(&line.row)?, ends(&line.column)?);
    Some([[r0, c0], [r1, c1]])
}
