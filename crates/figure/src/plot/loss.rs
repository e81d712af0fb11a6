//! Loss modulus against temperature, both by their α peak.

use crate::axis::{Axis, Spacing, Span};
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::Stroke;
use crate::style::{Dash, LINE, colour, text_colour};
use crate::{FigureError, Result};

/// One sample's spectrum.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Sample's name, with markup.
    pub name: String,
    /// T/Tα and E″/E″max.
    pub points: Vec<[f64; 2]>,
    /// Place of the sample in the study.
    pub series: usize,
}

/// Spectra of all samples.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Curves.
    pub curves: Vec<Curve>,
    /// Logarithmic ordinate.
    pub log: bool,
    /// Lines of text in the panel, such as the frequency.
    pub notes: Vec<String>,
}

/// Most curves that names beside them can tell apart; more get a legend.
const NAMED: usize = 5;

impl Loss {
    /// The spectra as a panel, names at the curves.
    ///
    /// # Errors
    /// No point that the axes can show.
    pub fn draw(&self) -> Result<Panel> {
        let empty = FigureError::Empty("loss spectra");
        let all = || self.curves.iter().flat_map(|c| &c.points).filter(|p| p[0].is_finite() && p[1].is_finite());
        let x = Span::of(all().map(|p| p[0])).limits().ok_or(empty.clone())?;
        let x = Axis::plain("T/T_{α}", Spacing::Linear, x);
        let label = "E″/E″_{max}";
        let y = if self.log {
            let limits = Span::positive(all().map(|p| p[1])).padded_log(0.05).ok_or(empty)?;
            Axis::plain(label, Spacing::Log, limits)
        } else {
            let limits = Span::of(all().map(|p| p[1])).from_zero(0.06).ok_or(empty)?;
            Axis::plain(label, Spacing::Linear, limits)
        };
        let (mut marks, mut names, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for (i, curve) in self.curves.iter().enumerate() {
            let stroke = Stroke::solid(colour(curve.series), 1.3 * LINE).dashed(Dash::of(curve.series));
            marks.push(Mark::Line { points: curve.points.clone(), stroke });
            if self.curves.len() <= NAMED {
                let (near, text) = (curve.points.clone(), curve.name.clone());
                names.push(Mark::Name { near, text, colour: text_colour(curve.series), of: Some(i) });
            } else {
                keys.push(Note::keyed(Key::Line(stroke), &curve.name));
            }
        }
        marks.extend(names);
        Ok(Panel::chart(x, y, marks, vec![keys, super::results(None, &self.notes)]))
    }
}
