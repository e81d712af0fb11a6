//! Tables of links between samples.

use super::TypedTable;
use crate::data::{Column, Table};
use crate::unit::Unit;

columns! {
    /// One sample and one pair of metrics a row, of `link`, in SI.
    LinkPoints {
        sample: text,
        x_metric: text,
        y_metric: text,
        x: "",
        x_low: "",
        x_high: "",
        y: "",
        y_low: "",
        y_high: "",
        /// Unit, or the class where it is one.
        x_unit: text,
        y_unit: text,
    }
}
