//! `load-depth`: load against depth of some points of an indentation grid.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::Kind;
use crate::figure::plot::LoadDepth as Drawing;
use crate::figure::plot::load_depth::Indent;
use crate::stage::StageError;
use crate::stage::tables::{LoadDepth as Rows, TypedTable};

pub(super) struct LoadDepth;

/// Curves that can be told apart on one pair of axes.
const DRAWN: usize = 3;

impl Plot for LoadDepth {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "load-depth",
            about: "measured and fitted load–depth curves of some points (`fit.curves`)",
            kinds: &[Kind::Table],
            of: Some("indentation"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let curves = Rows::of(&*request.table(*i)?).map_err(|_| {
                StageError::Failed("the plot `load-depth` draws the output `curves`: write `fit.curves`".into())
            })?;
            let Rows { point: names, load, depth, fitted_depth: fitted, elastic_depth: elastic, .. } = curves;
            let mut rows: Vec<(usize, usize)> = Vec::new();
            for k in 0..names.len() {
                match rows.last_mut() {
                    Some((from, to)) if names[*from] == names[k] => *to = k + 1,
                    _ => rows.push((k, k + 1)),
                }
            }
            let step = rows.len().div_ceil(DRAWN).max(1);
            let drawn: Vec<(usize, usize)> = rows.into_iter().step_by(step).collect();
            let pairs = |of: &[f64], (a, b): (usize, usize)| (a..b).map(|k| [of[k], load[k]]).collect();
            let indents = drawn
                .iter()
                .map(|r| Indent { points: pairs(&depth, *r), model: pairs(&fitted, *r), elastic: pairs(&elastic, *r) })
                .collect();
            let shown: Vec<&str> = drawn.iter().map(|r| names[r.0].as_str()).collect();
            let drawing = Drawing { indents, notes: vec![format!("points {}", shown.join(", "))] };
            panels.push(drawing.draw()?.with_name(request.name(*i)));
        }
        Ok(Panels { panels, caption: "Load against depth of single points with the fitted model.".into() })
    }
}
