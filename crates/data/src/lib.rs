//! The artifacts that travel between stages: maps, volumes, spectra, tables, figures – and the metrics they yield.

mod grid;
mod labels;
mod levelling;
mod map;
mod metric;
mod phase;
mod spectrum;
mod standing;
mod table;
pub mod unit;
mod volume;

use std::sync::Arc;

pub use grid::Layout;
pub use labels::{LabelImage, Labels, Meaning};
pub use levelling::{Levelling, RowMethod};
pub use map::{Map, NoPixelSize};
pub use metric::{Metric, Value, Warning};
pub use phase::PhaseConvention;
pub use spectrum::{Columns, Curves, Part, Role, Series, Spectrum};
pub use standing::Standing;
pub use table::{Cells, Column, Table};
pub use volume::{NoVoxelSize, Volume, VoxelError, Voxels};

/// What an edge of the pipeline carries.
#[derive(Clone, Debug)]
pub enum Artifact {
    /// A two-dimensional scalar field.
    Map(Arc<Map>),
    /// A three-dimensional scalar field.
    Volume(Arc<Volume>),
    /// Numbers of regions or of classes, of a map or a volume.
    Labels(Arc<Labels>),
    /// Columns of a mechanical spectrum or a transient, by role.
    Spectrum(Arc<Spectrum>),
    /// Columns of contacts, by role.
    Curves(Arc<Curves>),
    /// Named columns.
    Table(Arc<Table>),
}

/// The kind of an [`Artifact`], known before anything is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A [`Map`].
    Map,
    /// A [`Volume`].
    Volume,
    /// [`Labels`].
    Labels,
    /// A [`Spectrum`].
    Spectrum,
    /// [`Curves`].
    Curves,
    /// A [`Table`].
    Table,
}

impl Artifact {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Artifact::Map(_) => Kind::Map,
            Artifact::Volume(_) => Kind::Volume,
            Artifact::Labels(_) => Kind::Labels,
            Artifact::Spectrum(_) => Kind::Spectrum,
            Artifact::Curves(_) => Kind::Curves,
            Artifact::Table(_) => Kind::Table,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Map => "map",
            Kind::Volume => "volume",
            Kind::Labels => "label image",
            Kind::Spectrum => "spectrum",
            Kind::Curves => "set of curves",
            Kind::Table => "table",
        })
    }
}
