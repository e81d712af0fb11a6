//! `figure`: panels of plots on one page. A plot is one file here and one line in [`PLOTS`].

mod arrhenius;
mod boxes;
mod companion;
mod dissipation;
mod histogram;
mod indentation;
mod label;
mod link;
mod loss;
mod map;
mod page;
mod pattern;
mod profile;
mod regions;
mod relaxation;
mod request;
mod segments;
mod sizes;
mod slices;
mod states;
mod structure_function;

pub(crate) use page::Figure;
pub use request::Request;

use super::StageError;
use crate::data::Kind;
use crate::figure::Panel;

/// What a plot is and what it draws.
#[derive(Debug)]
pub struct PlotDoc {
    /// Name in `plot = "…"`.
    pub id: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// Kind of the input it draws.
    pub kinds: &'static [Kind],
    /// The stage whose output it draws, where only one will do.
    pub of: Option<&'static str>,
    /// Whether it has a panel for every sample, or one for all.
    pub each: bool,
}

/// Panels in the order of the samples, and what the caption says of them.
pub struct Panels {
    panels: Vec<Panel>,
    caption: String,
}

/// One plot.
pub trait Plot: Sync {
    /// Its documentation.
    fn doc(&self) -> &'static PlotDoc;

    /// Draws it.
    ///
    /// # Errors
    /// [`StageError`] if nothing can be drawn.
    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError>;

    /// Which of `share_range`, `pairs` and `log` it heeds.
    fn options(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether a sample without its input is left out of the figure.
    fn needed(&self) -> bool {
        true
    }
}

/// Every plot.
pub static PLOTS: &[&dyn Plot] = &[
    &map::Map,
    &profile::Profile,
    &histogram::Histogram,
    &structure_function::StructureFunction,
    &companion::Outlines,
    &companion::Null,
    &regions::Diameters,
    &regions::Inclination,
    &regions::AspectRadius,
    &sizes::ClusterSizes,
    &dissipation::Curve,
    &dissipation::Derivative,
    &pattern::Pattern,
    &pattern::Radial,
    &slices::Slices,
    &slices::Solid,
    &boxes::BoxCounts,
    &boxes::LocalSlopes,
    &states::States,
    &segments::Classes,
    &segments::Deconvolution,
    &segments::Scatter,
    &segments::Against,
    &segments::ByClass,
    &indentation::LoadDepth,
    &relaxation::Moduli,
    &relaxation::Isotherm,
    &relaxation::Transient,
    &relaxation::Rate,
    &relaxation::RelaxationTimes,
    &relaxation::Tracks,
    &relaxation::Zones,
    &relaxation::Shifts,
    &relaxation::ShiftsInset,
    &relaxation::Chi,
    &loss::Loss,
    &arrhenius::Arrhenius,
    &arrhenius::Processes,
    &link::Link,
];

/// The plot of that name.
pub fn find(id: &str) -> Option<&'static dyn Plot> {
    PLOTS.iter().find(|p| p.doc().id == id).copied()
}
