//! Figures for a paper: plain data in, a drawing of fixed physical size out, the same bytes on every system.
//!
//! A plot of [`plot`] turns its data into a [`Panel`]; [`layout::grid`] sets panels in rows and columns and gives a
//! [`Scene`]; [`export`] writes a [`Figure`] as SVG, PNG or PDF. Text may carry `_{…}` and `^{…}`; the bundled fonts
//! know Latin, Greek and the signs of physics, and letters beyond those show as empty boxes in PNG and PDF.

pub mod axis;
pub mod colour;
mod colour_bar;
pub mod export;
pub mod layout;
pub mod mark;
pub mod note;
mod panel;
mod picture;
mod place;
pub mod plot;
mod pointer;
mod raster;
pub mod scale_bar;
pub mod scene;
mod slices;
mod solid;
pub mod style;
pub mod text;

pub use colour::ColourMap;
pub use panel::Panel;
pub use scene::Scene;
pub use style::Width;

/// A drawing with the caption it carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The drawing.
    pub scene: Scene,
    /// Short title: `<title>`, PDF and PNG metadata.
    pub title: String,
    /// Caption: sample, stage, parameters, n, run key; `<desc>`, PDF and PNG metadata.
    pub description: String,
}

/// Why a figure cannot be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FigureError {
    /// Nothing to draw.
    #[error("nothing to draw: {0} holds no finite value that its axis can show")]
    Empty(&'static str),
    /// Sizes of the data do not agree.
    #[error("{what}: {found} values where {expected} are needed")]
    Shape {
        /// Which data.
        what: &'static str,
        /// Values given.
        found: usize,
        /// Values needed.
        expected: usize,
    },
    /// A pixel without a physical size.
    #[error("pixel size {0} m × {1} m is not a size")]
    PixelSize(f64, f64),
    /// A voxel without a physical size.
    #[error("voxel size {0} m × {1} m × {2} m is not a size")]
    VoxelSize(f64, f64, f64),
    /// A slice where the volume has no voxel.
    #[error("a cut through voxel {cut} of a side of {voxels} voxels: they count from 0")]
    Cut {
        /// Voxel asked for.
        cut: usize,
        /// Voxels of the side.
        voxels: usize,
    },
    /// Limits that bound nothing.
    #[error("limits {0} to {1} of {2} bound no range")]
    Limits(f64, f64, &'static str),
    /// Higher than a page.
    #[error("figure would be {height:.0} mm high; at most {limit:.0} mm fit a page: use more columns or fewer panels")]
    TooHigh {
        /// Height needed (mm).
        height: f64,
        /// Height allowed (mm).
        limit: f64,
    },
    /// No room for the panels.
    #[error("{columns} columns do not fit a figure {width:.0} mm wide")]
    TooNarrow {
        /// Columns asked for.
        columns: usize,
        /// Width (mm).
        width: f64,
    },
    /// Resolution outside what a printer or a reader can use.
    #[error("{0} dpi is not between 50 and 2400")]
    Resolution(u32),
    /// A writer refused.
    #[error("could not write {format}: {reason}")]
    Export {
        /// PNG or PDF.
        format: &'static str,
        /// What the writer said.
        reason: String,
    },
}

/// What drawing gives.
pub type Result<T> = std::result::Result<T, FigureError>;

#[cfg(test)]
mod tests;
