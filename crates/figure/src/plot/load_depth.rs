//! Load against depth of single indentations: measured points, the model through them, and Hertz of the same modulus.

use super::{Quantity, results};
use crate::axis::Span;
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::Stroke;
use crate::style::{Dash, INK, LINE, Marker, NOTE, colour};
use crate::{FigureError, Result};
use softspot_data::unit::Unit;

/// One indentation.
#[derive(Clone, Debug, Default)]
pub struct Indent {
    /// Depth and load (SI).
    pub points: Vec<[f64; 2]>,
    /// Depth of the model at the same loads.
    pub model: Vec<[f64; 2]>,
    /// Depth of an elastic contact of the same modulus.
    pub elastic: Vec<[f64; 2]>,
}

/// Several indentations on common axes.
#[derive(Clone, Debug)]
pub struct LoadDepth {
    /// The indentations.
    pub indents: Vec<Indent>,
    /// Lines of text in the panel.
    pub notes: Vec<String>,
}

/// Points of a curve that print can tell apart.
const SHOWN: usize = 60;

impl LoadDepth {
    /// The curves as a panel.
    ///
    /// # Errors
    /// No finite point.
    pub fn draw(&self) -> Result<Panel> {
        let what = "indentations";
        let all = || self.indents.iter().flat_map(|i| i.points.iter().chain(&i.model).chain(&i.elastic));
        let span = |k: usize| Span::of(all().filter(|p| p[0].is_finite() && p[1].is_finite()).map(|p| p[k]));
        if span(0).is_empty() {
            return Err(FigureError::Empty(what));
        }
        let x = Quantity::new("Depth", Unit::of("m")).linear(span(0), None, what)?;
        let y = Quantity::new("Load", Unit::of("N")).linear(span(1), None, what)?;
        let (mut marks, mut keys) = (Vec::new(), Vec::new());
        keys.push(Note::keyed(Key::Point(Marker::Circle, NOTE), "measured"));
        let elastic = Stroke::solid(NOTE, LINE).dashed(Dash::Dashed);
        if let Some(i) = self.indents.iter().find(|i| i.elastic.iter().any(|p| p[0].is_finite())) {
            marks.push(Mark::Line { points: i.elastic.clone(), stroke: elastic });
            keys.push(Note::keyed(Key::Line(elastic), "Hertz, same modulus"));
        }
        for (k, indent) in self.indents.iter().enumerate() {
            let step = indent.points.len().div_ceil(SHOWN).max(1);
            let points: Vec<[f64; 2]> = indent.points.iter().copied().step_by(step).collect();
            marks.push(Mark::Points { points, marker: Marker::of(k), colour: colour(k) });
        }
        let stroke = Stroke::solid(INK, LINE);
        let models = self.indents.iter().filter(|i| i.model.iter().any(|p| p[0].is_finite()));
        let before = marks.len();
        marks.extend(models.map(|i| Mark::Line { points: i.model.clone(), stroke }));
        if marks.len() > before {
            keys.push(Note::keyed(Key::Line(stroke), "model"));
        }
        Ok(Panel::chart(x, y, marks, vec![results(None, &self.notes)]).with_legend_below(keys))
    }
}
