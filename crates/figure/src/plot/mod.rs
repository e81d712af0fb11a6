//! The plots: each takes plain numbers (coherent SI) and gives a panel.

pub mod arrhenius;
pub mod box_counts;
pub mod classes;
pub mod cloud;
pub mod compared;
pub mod curves;
pub mod deconvolution;
pub mod histogram;
pub mod link;
pub mod load_depth;
pub mod local_slopes;
pub mod loss;
pub mod map;
pub mod profile;
pub mod rose;
pub mod scatter;
pub mod slices;
pub mod solid;
pub mod states;
pub mod structure_function;

pub use arrhenius::Arrhenius;
pub use box_counts::BoxCounts;
pub use classes::Classes;
pub use cloud::Cloud;
pub use deconvolution::Deconvolution;
pub use histogram::Histogram;
pub use link::Link;
pub use load_depth::LoadDepth;
pub use local_slopes::LocalSlopes;
pub use loss::Loss;
pub use map::Map;
pub use profile::Profile;
pub use rose::Rose;
pub use scatter::Scatter;
pub use slices::Slices;
pub use solid::Solid;
pub use states::States;
pub use structure_function::StructureFunction;

use super::axis::{Axis, Spacing, Span};
use super::note::Note;
use super::{FigureError, Result};
use softspot_data::unit::Unit;

/// What an axis shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// Name with markup, such as `Resonance frequency`.
    pub name: String,
    /// Unit whose prefix the axis chooses.
    pub unit: Unit,
}

impl Quantity {
    /// A name and a unit.
    pub fn new(name: impl Into<String>, unit: Unit) -> Quantity {
        Quantity { name: name.into(), unit }
    }

    /// Even axis over limits asked for, or over the data with room around.
    fn linear(&self, span: Span, asked: Option<(f64, f64)>, what: &'static str) -> Result<Axis> {
        if let Some((low, high)) = asked {
            return Ok(Axis::linear(&self.name, &self.unit, checked(low, high, what)?).fixed());
        }
        let limits = span.padded(PAD).ok_or(FigureError::Empty(what))?;
        Ok(Axis::linear(&self.name, &self.unit, limits))
    }

    /// Logarithmic axis over the positive data with room around.
    fn log(&self, span: Span, what: &'static str) -> Result<Axis> {
        let limits = span.padded_log(PAD).ok_or(FigureError::Empty(what))?;
        Ok(Axis::log(&self.name, &self.unit, limits))
    }
}

/// Axis of probability densities per displayed unit of `x`, from zero up.
fn density_axis(x: &Axis, heights: Span) -> Axis {
    let label = match x.unit_label.as_str() {
        "" => "Probability density".to_string(),
        unit if unit.chars().all(char::is_alphabetic) => format!("Probability density\u{a0}({unit}⁻¹)"),
        unit => format!("Probability density\u{a0}(1/({unit}))"),
    };
    Axis::plain(&label, Spacing::Linear, heights.from_zero(0.06).unwrap_or((0.0, 1.0)))
}

/// Room around the data, in parts of their extent.
const PAD: f64 = 0.05;

/// Limits asked for, if they bound a range.
fn checked(low: f64, high: f64, what: &'static str) -> Result<(f64, f64)> {
    let sound = Span::of([low, high]).limits() == Some((low, high)) && low < high;
    if sound { Ok((low, high)) } else { Err(FigureError::Limits(low, high, what)) }
}

/// Results below a verdict.
fn results(verdict: Option<&String>, notes: &[String]) -> Vec<Note> {
    let verdict = verdict.map(Note::bold);
    verdict.into_iter().chain(notes.iter().map(Note::plain)).filter(|n| !n.text.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests;
