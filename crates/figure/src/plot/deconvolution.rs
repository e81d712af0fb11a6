//! A histogram and the Gaussians it is made of, in the colours of their classes.

use super::{Quantity, density_axis, results};
use crate::axis::{Axis, Span};
use crate::colour::ColourMap;
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::{Paint, Stroke};
use crate::style::{AXIS, Dash, INK, LINE, NOTE};
use crate::{FigureError, Result};

/// Densities along one quantity.
#[derive(Clone, Debug)]
pub struct Deconvolution {
    /// The quantity.
    pub quantity: Quantity,
    /// Values (SI).
    pub value: Vec<f64>,
    /// Density of the data (1/SI).
    pub density: Vec<f64>,
    /// Density of the mixture; empty for none.
    pub mixture: Vec<f64>,
    /// Densities of its components by rising centre.
    pub components: Vec<Vec<f64>>,
    /// Lines of text in the panel.
    pub notes: Vec<String>,
    /// Verdict written in the panel.
    pub verdict: Option<String>,
}

impl Deconvolution {
    /// The densities as a panel.
    ///
    /// # Errors
    /// Nothing to draw.
    pub fn draw(&self) -> Result<Panel> {
        let what = "densities";
        let limits = Span::of(self.value.iter().copied()).limits().ok_or(FigureError::Empty(what))?;
        let x = Axis::linear(&self.quantity.name, &self.quantity.unit, limits);
        let shown =
            |d: &[f64]| -> Vec<[f64; 2]> { self.value.iter().zip(d).map(|(v, d)| [*v, d * x.unit_si()]).collect() };
        let (mut marks, mut keys) = (Vec::new(), Vec::new());
        let data = shown(&self.density);
        let top = data.iter().chain(&shown(&self.mixture)).map(|p| p[1]).fold(0.0, f64::max);
        let ground = Paint::veil(NOTE, 0.18);
        marks.push(Mark::Band { rows: data.iter().map(|p| [p[0], 0.0, p[1]]).collect(), paint: ground });
        marks.push(Mark::Line { points: data, stroke: Stroke::solid(NOTE, AXIS) });
        keys.push(Note::keyed(Key::Patch(Paint::veil(NOTE, 0.4)), "values"));
        let colours = ColourMap::Classes(self.components.len());
        for (i, component) in self.components.iter().enumerate() {
            let ink = colours.class(i);
            let points = shown(component);
            marks.push(Mark::Band {
                rows: points.iter().map(|p| [p[0], 0.0, p[1]]).collect(),
                paint: Paint::veil(ink, 0.55),
            });
            let stroke = Stroke::solid(INK, AXIS).dashed(Dash::of(i));
            marks.push(Mark::Line { points, stroke });
            keys.push(Note::keyed(Key::Patch(Paint::veil(ink, 0.75)), format!("class {i}")));
        }
        if !self.mixture.is_empty() {
            let stroke = Stroke::solid(INK, 1.3 * LINE);
            marks.push(Mark::Line { points: shown(&self.mixture), stroke });
            keys.push(Note::keyed(Key::Line(stroke), "mixture"));
        }
        let y = density_axis(&x, Span::of([0.0, top]));
        let panel = Panel::chart(x, y, marks, vec![results(self.verdict.as_ref(), &self.notes)]);
        Ok(panel.with_legend_below(keys))
    }
}
