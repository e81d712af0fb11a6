//! Three-dimensional scalar fields.

use ndarray::Array3;

use crate::unit::Unit;

/// A scalar volume `[z, y, x]` in memory; an invalid voxel is NaN.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Values in coherent SI.
    pub values: Array3<f64>,
    /// The unit the file used; values are already SI.
    pub unit: Unit,
    /// What it is.
    pub quantity: String,
    /// Steps `[z, y, x]` in m, where the file or the definition tells.
    pub voxel: Option<[f64; 3]>,
}
