//! Value against distance along a line of a map.

use super::{Quantity, results};
use crate::axis::{Axis, Span};
use crate::mark::Mark;
use crate::panel::Panel;
use crate::scene::Stroke;
use crate::style::{LINE, Marker, colour};
use crate::{FigureError, Result};
use softspot_data::unit::Unit;

/// A profile.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Distance from the start of the line (m).
    pub distance: Vec<f64>,
    /// Value at each distance (SI).
    pub values: Vec<f64>,
    /// Quantity and unit of the values.
    pub quantity: Quantity,
    /// Limits of the value axis (SI) shared with other profiles.
    pub range: Option<(f64, f64)>,
    /// Place of the sample in the study, which gives its colour.
    pub series: usize,
    /// Data points on the line; without, the line alone.
    pub points: bool,
    /// Lines of text in the panel.
    pub notes: Vec<String>,
}

impl Profile {
    /// The profile as a panel.
    ///
    /// # Errors
    /// Lengths that differ, nothing finite, limits that bound no range.
    pub fn draw(&self) -> Result<Panel> {
        if self.distance.len() != self.values.len() {
            let (found, expected) = (self.values.len(), self.distance.len());
            return Err(FigureError::Shape { what: "profile", found, expected });
        }
        let points: Vec<[f64; 2]> = self.distance.iter().zip(&self.values).map(|(d, v)| [*d, *v]).collect();
        let sound = || points.iter().filter(|p| p[0].is_finite() && p[1].is_finite());
        // The line runs from edge to edge: no room at its ends.
        let along = Span::of(sound().map(|p| p[0])).limits().ok_or(FigureError::Empty("profile"))?;
        let x = Axis::linear("Distance", &Unit::of("m"), along);
        let y = self.quantity.linear(Span::of(sound().map(|p| p[1])), self.range, "profile")?;
        let ink = colour(self.series);
        let mut marks = vec![Mark::Line { points: points.clone(), stroke: Stroke::solid(ink, LINE) }];
        if self.points || sound().count() < 2 {
            marks.push(Mark::Points { points, marker: Marker::of(self.series), colour: ink });
        }
        Ok(Panel::chart(x, y, marks, vec![results(None, &self.notes)]))
    }
}
