//! Points of one quantity against another over the band of featureless fields.

use super::{Quantity, results};
use crate::axis::Span;
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::{Paint, Stroke};
use crate::style::{Dash, INK, LINE, Marker, NOTE, NULL, colour};
use crate::{FigureError, Result};

/// Points, curves and bands on two axes.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// Abscissa.
    pub x: Quantity,
    /// Ordinate.
    pub y: Quantity,
    /// Measured points (SI).
    pub points: Vec<[f64; 2]>,
    /// Curves with their names; the second is dashed.
    pub curves: Vec<(String, Vec<[f64; 2]>)>,
    /// Null: x, lower and upper bound (SI).
    pub null: Vec<[f64; 3]>,
    /// What the points are.
    pub data: String,
    /// Whether the axes are logarithmic.
    pub log: [bool; 2],
    /// Lines of text in the panel.
    pub notes: Vec<String>,
    /// Verdict written in the panel.
    pub verdict: Option<String>,
    /// Place of the sample in the study.
    pub series: usize,
}

impl Cloud {
    /// The points as a panel.
    ///
    /// # Errors
    /// No point that the axes can show.
    pub fn draw(&self) -> Result<Panel> {
        let what = "points";
        let fits = |v: f64, log: bool| v.is_finite() && (!log || v > 0.0);
        let shown = |p: &&[f64; 2]| fits(p[0], self.log[0]) && fits(p[1], self.log[1]);
        let points: Vec<[f64; 2]> = self.points.iter().filter(shown).copied().collect();
        if points.is_empty() {
            return Err(FigureError::Empty(what));
        }
        let null: Vec<[f64; 3]> =
            self.null.iter().filter(|b| fits(b[0], self.log[0]) && fits(b[1], self.log[1])).copied().collect();
        let x_span = Span::of(points.iter().map(|p| p[0]));
        let y_span = Span::of(points.iter().map(|p| p[1]).chain(null.iter().flat_map(|b| [b[1], b[2]])));
        let axis =
            |q: &Quantity, span: Span, log: bool| if log { q.log(span, what) } else { q.linear(span, None, what) };
        let (x, y) = (axis(&self.x, x_span, self.log[0])?, axis(&self.y, y_span, self.log[1])?);
        let ink = colour(self.series);
        let (mut marks, mut keys) = (Vec::new(), Vec::new());
        if !null.is_empty() {
            let paint = Paint::veil(NULL, 0.45);
            marks.push(Mark::Band { rows: null, paint });
            keys.push(Note::keyed(Key::Patch(paint), "featureless fields"));
        }
        let marker = Marker::of(self.series);
        marks.push(Mark::Points { points, marker, colour: ink });
        keys.insert(0, Note::keyed(Key::Point(Marker::Circle, NOTE), &self.data));
        for (k, (name, curve)) in self.curves.iter().enumerate() {
            let dash = if k == 0 { Dash::Solid } else { Dash::Dashed };
            let stroke = Stroke::solid(INK, 1.2 * LINE).dashed(dash);
            marks.push(Mark::Line { points: curve.clone(), stroke });
            keys.push(Note::keyed(Key::Line(stroke), name));
        }
        let panel = Panel::chart(x, y, marks, vec![results(self.verdict.as_ref(), &self.notes)]);
        Ok(panel.with_legend_below(keys))
    }
}
