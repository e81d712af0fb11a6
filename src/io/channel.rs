//! What a file holds, and how it is read.

use crate::data::{Artifact, Kind};
use crate::unit::Unit;

use super::ReadError;

/// Header entries in file order, as written.
pub type Metadata = Vec<(String, String)>;

/// One array in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// As the instrument calls it; unique within the file.
    pub name: String,
    /// What reading it gives: a map, a volume, or a column of a table.
    pub kind: Kind,
    /// As the file writes it.
    pub unit: Unit,
    /// `[rows, columns]`, `[z, y, x]`, or `[n]`.
    pub shape: Vec<usize>,
    /// `[width, height]` in m (volumes `[x, y, z]`), where the file tells.
    pub physical_size: Option<Vec<f64>>,
}

/// An opened file.
pub trait Dataset: Send + Sync {
    /// Format id, as in [`super::Format`].
    fn format(&self) -> &'static str;

    /// The arrays in it, in file order.
    fn channels(&self) -> &[Channel];

    /// Every header field, as written.
    fn metadata(&self) -> &Metadata;

    /// Reads one channel, converted to SI.
    ///
    /// A channel of kind table gives a table of that one column; [`Dataset::table`] gives all columns.
    ///
    /// # Errors
    /// [`ReadError`] with the offset where the data are broken.
    fn read(&self, channel: usize) -> Result<Artifact, ReadError>;

    /// The whole file as one table, for formats made of columns.
    ///
    /// # Errors
    /// [`ReadError`] where the columns cannot be read.
    fn table(&self) -> Result<Option<crate::data::Table>, ReadError> {
        Ok(None)
    }
}
