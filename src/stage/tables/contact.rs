//! Tables of contacts.

use super::TypedTable;
use crate::data::{Column, Table};
use crate::unit::Unit;

columns! {
    /// Measured and fitted curves of some points, of `indentation`.
    LoadDepth {
        point: text,
        time: "s",
        load: "mN",
        depth: "nm",
        fitted_depth: "nm",
        /// Of an elastic contact of the same modulus.
        elastic_depth: "nm",
    }
}

columns! {
    /// E* against set point, of `dissipation-curve`.
    EnergyCurve {
        ratio: "",
        energy: "",
        derivative: "",
    }
}
