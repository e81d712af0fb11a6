//! Distributions of two or more states as curves on common axes.

use super::{Quantity, density_axis, results};
use crate::axis::{Axis, Span};
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::Stroke;
use crate::style::{Dash, LINE, colour, text_colour};
use crate::{FigureError, Result};

/// One state.
#[derive(Clone, Debug)]
pub struct State {
    /// Name at the curve, with markup.
    pub name: String,
    /// Centre of each bin (SI) and its probability density (per SI unit), in rising order.
    pub density: Vec<[f64; 2]>,
    /// Place in the study, which gives colour and line style.
    pub series: usize,
}

/// Distributions of a quantity, one curve a state.
#[derive(Clone, Debug)]
pub struct States {
    /// Quantity and unit.
    pub quantity: Quantity,
    /// States.
    pub states: Vec<State>,
    /// Limits of the quantity (SI) shared with other panels.
    pub range: Option<(f64, f64)>,
    /// Lines of text in the panel, such as distances between the states.
    pub notes: Vec<String>,
    /// Verdict written in the panel.
    pub verdict: Option<String>,
}

/// Most curves that names beside them can tell apart; more get a legend.
const NAMED: usize = 4;

impl States {
    /// The distributions as a panel.
    ///
    /// # Errors
    /// No finite density, limits that bound no range.
    pub fn draw(&self) -> Result<Panel> {
        let what = "densities";
        let sound = |p: &&[f64; 2]| p[0].abs() < 1e200 && p[1].abs() < 1e200;
        let curves: Vec<(&State, Vec<[f64; 2]>)> =
            self.states.iter().map(|s| (s, s.density.iter().filter(sound).copied().collect())).collect();
        let span = Span::of(curves.iter().flat_map(|(_, c)| c.iter().map(|p| p[0])));
        if span.is_empty() {
            return Err(FigureError::Empty(what));
        }
        let x = match (self.range, span.limits()) {
            // The curves end at their outermost bins, so no room is needed beside them.
            (None, Some(limits)) => Axis::linear(&self.quantity.name, &self.quantity.unit, limits),
            _ => self.quantity.linear(span, self.range, what)?,
        };
        let shown = |c: &[[f64; 2]]| c.iter().map(|p| [p[0], p[1] * x.unit_si()]).collect::<Vec<_>>();
        let heights = curves.iter().flat_map(|(_, c)| shown(c)).map(|p| p[1]);
        let y = density_axis(&x, Span::of(heights));
        let (mut marks, mut names, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for (i, (state, curve)) in curves.iter().enumerate() {
            let stroke = Stroke::solid(colour(state.series), 1.5 * LINE).dashed(Dash::of(state.series));
            let points = shown(curve);
            if self.states.len() <= NAMED {
                // High up, where one curve stands alone, a name is read with the curve.
                let most = points.iter().map(|p| p[1]).fold(0.0, f64::max);
                let near = points.iter().copied().filter(|p| p[1] >= 0.3 * most).collect();
                names.push(Mark::Name {
                    near,
                    text: state.name.clone(),
                    colour: text_colour(state.series),
                    of: Some(i),
                });
            } else {
                keys.push(Note::keyed(Key::Line(stroke), &state.name));
            }
            marks.push(Mark::Line { points, stroke });
        }
        marks.extend(names);
        Ok(Panel::chart(x, y, marks, vec![results(self.verdict.as_ref(), &self.notes), keys]))
    }
}
