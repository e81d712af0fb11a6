//! Points of one quantity against another in the colours and shapes of their classes.

use super::{Quantity, results};
use crate::axis::Span;
use crate::colour::ColourMap;
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::style::Marker;
use crate::{FigureError, Result};

/// Points on two axes.
#[derive(Clone, Debug)]
pub struct Scatter {
    /// Abscissa.
    pub x: Quantity,
    /// Ordinate.
    pub y: Quantity,
    /// Points of each class (SI); one class without a name for none.
    pub classes: Vec<Vec<[f64; 2]>>,
    /// Lines of text in the panel.
    pub notes: Vec<String>,
}

/// Points of a class that print can tell apart.
const SHOWN: usize = 2000;

impl Scatter {
    /// The points as a panel.
    ///
    /// # Errors
    /// No finite point.
    pub fn draw(&self) -> Result<Panel> {
        let what = "points";
        let sound = |p: &&[f64; 2]| p[0].is_finite() && p[1].is_finite();
        let classes: Vec<Vec<[f64; 2]>> =
            self.classes.iter().map(|c| c.iter().filter(sound).copied().collect()).collect();
        let span = |k: usize| Span::of(classes.iter().flatten().map(|p| p[k]));
        if span(0).is_empty() {
            return Err(FigureError::Empty(what));
        }
        let (x, y) = (self.x.linear(span(0), None, what)?, self.y.linear(span(1), None, what)?);
        let colours = ColourMap::Classes(classes.len());
        let (mut marks, mut keys) = (Vec::new(), Vec::new());
        for (i, points) in classes.into_iter().enumerate() {
            let step = points.len().div_ceil(SHOWN).max(1);
            let (marker, colour) = (Marker::of(i), colours.class(i));
            if self.classes.len() > 1 {
                keys.push(Note::keyed(Key::Point(marker, colour), format!("class {i}")));
            }
            marks.push(Mark::Points { points: points.into_iter().step_by(step).collect(), marker, colour });
        }
        Ok(Panel::chart(x, y, marks, vec![results(None, &self.notes)]).with_legend_below(keys))
    }
}
