//! What was subtracted from a map: kept with it, because it biases every later statistic (METHODS §1, §2).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How one line's background is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RowMethod {
    /// The line's median.
    Median,
    /// The line's mean.
    Mean,
    /// A polynomial along the line.
    Polynomial,
    /// The median of differences to the line above, accumulated.
    MedianDifference,
}

/// One levelling step, in a form that can be replayed on a simulated field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "method")]
pub enum Levelling {
    /// A two-dimensional polynomial of degrees [x, y], every product of powers.
    Polynomial {
        /// Highest power along the columns (x) and the rows (y).
        degree: [u8; 2],
    },
    /// Every row by itself.
    Rows {
        /// The estimator.
        row: RowMethod,
        /// Degree for [`RowMethod::Polynomial`], else 0.
        degree: u8,
    },
}

impl Levelling {
    /// Degrees of freedom taken from a map of `rows` lines.
    pub fn degrees_of_freedom(&self, rows: usize) -> usize {
        match *self {
            Levelling::Polynomial { degree: [x, y] } => (usize::from(x) + 1) * (usize::from(y) + 1),
            Levelling::Rows { degree, .. } => rows * (usize::from(degree) + 1),
        }
    }
}

impl std::fmt::Display for Levelling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Levelling::Polynomial { degree: [x, y] } => write!(f, "polynomial ({x}, {y})"),
            Levelling::Rows { row: RowMethod::Polynomial, degree } => write!(f, "rows, degree {degree}"),
            Levelling::Rows { row: RowMethod::Median, .. } => f.write_str("rows, median"),
            Levelling::Rows { row: RowMethod::Mean, .. } => f.write_str("rows, mean"),
            Levelling::Rows { row: RowMethod::MedianDifference, .. } => f.write_str("rows, median of differences"),
        }
    }
}
