//! One metric against another, a point per sample, intervals on both axes.

use super::{Quantity, results};
use crate::axis::{Axis, Span};
use crate::mark::Mark;
use crate::panel::Panel;
use crate::scene::Stroke;
use crate::style::{AXIS, Marker, colour, text_colour};
use crate::{FigureError, Result};

/// One sample.
#[derive(Clone, Debug)]
pub struct Point {
    /// Sample's name, with markup.
    pub name: String,
    /// Metric on the abscissa (SI).
    pub x: f64,
    /// Its interval.
    pub x_interval: Option<[f64; 2]>,
    /// Metric on the ordinate (SI), or the class by its index.
    pub y: f64,
    /// Its interval.
    pub y_interval: Option<[f64; 2]>,
    /// Place of the sample in the study.
    pub series: usize,
}

/// What the ordinate shows.
#[derive(Clone, Debug)]
pub enum Ordinate {
    /// A metric.
    Metric(Quantity),
    /// Ordered classes, lowest first.
    Classes {
        /// Axis label.
        label: String,
        /// Class names, lowest first.
        names: Vec<String>,
    },
}

/// The scatter.
#[derive(Clone, Debug)]
pub struct Link {
    /// Samples.
    pub points: Vec<Point>,
    /// Abscissa.
    pub x: Quantity,
    /// Whether the abscissa is logarithmic.
    pub log_x: bool,
    /// Ordinate.
    pub y: Ordinate,
    /// Verdict, in bold.
    pub verdict: Option<String>,
    /// Lines of text: rank correlation, exact p, the smallest p that so few samples can reach.
    pub notes: Vec<String>,
}

impl Link {
    /// The scatter as a panel.
    ///
    /// # Errors
    /// No sample with both metrics.
    pub fn draw(&self) -> Result<Panel> {
        let what = "link";
        let sound: Vec<&Point> =
            self.points.iter().filter(|p| p.x.is_finite() && p.y.is_finite() && (!self.log_x || p.x > 0.0)).collect();
        let across = sound.iter().flat_map(|p| [p.x].into_iter().chain(p.x_interval.into_iter().flatten()));
        let x = if self.log_x {
            let limits = Span::positive(across).padded_log(0.12).ok_or(FigureError::Empty(what))?;
            Axis::log(&self.x.name, &self.x.unit, limits)
        } else {
            let limits = Span::of(across).padded(0.1).ok_or(FigureError::Empty(what))?;
            Axis::linear(&self.x.name, &self.x.unit, limits)
        };
        let y = match &self.y {
            Ordinate::Metric(quantity) => {
                let up = sound.iter().flat_map(|p| [p.y].into_iter().chain(p.y_interval.into_iter().flatten()));
                let limits = Span::of(up).padded(0.1).ok_or(FigureError::Empty(what))?;
                Axis::linear(&quantity.name, &quantity.unit, limits)
            }
            Ordinate::Classes { names, .. } if names.is_empty() => return Err(FigureError::Empty("classes")),
            Ordinate::Classes { label, names } => Axis::classes(label, names),
        };
        let (mut marks, mut names) = (Vec::new(), Vec::new());
        for p in sound {
            let ink = colour(p.series);
            let stroke = Stroke::solid(ink, AXIS);
            let interval = |from, to| Mark::Interval { from, to, stroke };
            marks.extend(p.x_interval.map(|[low, high]| interval([low, p.y], [high, p.y])));
            marks.extend(p.y_interval.map(|[low, high]| interval([p.x, low], [p.x, high])));
            marks.push(Mark::Points { points: vec![[p.x, p.y]], marker: Marker::of(p.series), colour: ink });
            let (near, text) = (vec![[p.x, p.y]], p.name.clone());
            names.push(Mark::Name { near, text, colour: text_colour(p.series), of: None });
        }
        marks.extend(names);
        Ok(Panel::chart(x, y, marks, vec![results(self.verdict.as_ref(), &self.notes)]))
    }
}
