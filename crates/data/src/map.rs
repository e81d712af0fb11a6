//! Two-dimensional scalar fields.

use ndarray::Array2;

use super::{Levelling, PhaseConvention};
use crate::unit::Unit;

/// A scalar map. Row 0 is the top line of the image; an invalid pixel is NaN.
#[derive(Clone, Debug)]
pub struct Map {
    /// Values in coherent SI, `[row, column]`.
    pub values: Array2<f64>,
    /// The unit the file used; values are already SI.
    pub unit: Unit,
    /// What it is: `Frequency`, `Height`, `Modulus`.
    pub quantity: String,
    /// Steps `[row, column]` in m, where the file or the definition tells.
    pub pixel: Option<[f64; 2]>,
    /// What levelling removed, in order.
    pub levelling: Vec<Levelling>,
    /// What a phase means, where the definition says so.
    pub convention: Option<PhaseConvention>,
}

/// A map without a physical pixel size where one is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the map has no pixel size; give `pixel = [\"3 nm\", \"2 nm\"]` (row step, column step) with its input")]
pub struct NoPixelSize;

impl Map {
    /// `[rows, columns]`.
    pub fn shape(&self) -> [usize; 2] {
        let (r, c) = self.values.dim();
        [r, c]
    }

    /// Row and column step in m.
    ///
    /// # Errors
    /// [`NoPixelSize`] where neither file nor definition gave one.
    pub fn pixel_size(&self) -> Result<[f64; 2], NoPixelSize> {
        self.pixel.ok_or(NoPixelSize)
    }

    /// The valid values in row order, SI.
    pub fn valid(&self) -> Vec<f64> {
        self.values.iter().copied().filter(|v| v.is_finite()).collect()
    }

    /// A map on the same grid with other values.
    pub fn with_values(&self, values: Array2<f64>) -> Map {
        Map { values, ..self.clone_header() }
    }

    fn clone_header(&self) -> Map {
        Map {
            values: Array2::zeros((0, 0)),
            unit: self.unit.clone(),
            quantity: self.quantity.clone(),
            pixel: self.pixel,
            levelling: self.levelling.clone(),
            convention: self.convention,
        }
    }
}
