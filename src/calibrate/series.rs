//! Columns of numbers as artifacts.

use std::sync::Arc;

use crate::data::{Artifact, Columns, Part, Role, Series, Spectrum};

/// Columns by role.
pub(super) fn columns(columns: Vec<(Role, Vec<f64>)>) -> Columns {
    let series =
        |(role, values): (Role, Vec<f64>)| Series { role, name: role.name().into(), unit: role.unit(), values };
    let rows = 0..columns.first().map_or(0, |(_, v)| v.len());
    let part = Part { name: String::new(), rows, position: None, cell: None };
    Columns { series: columns.into_iter().map(series).collect(), parts: vec![part] }
}

/// Columns as a spectrum.
pub(super) fn spectrum(of: Vec<(Role, Vec<f64>)>) -> Artifact {
    Artifact::Spectrum(Arc::new(Spectrum(columns(of))))
}

/// Numbers at even steps of their logarithm, from one power of ten to another.
pub(super) fn log_grid(from: f64, to: f64, n: usize) -> Vec<f64> {
    (0..n).map(|i| libm::exp10(from + (to - from) * i as f64 / (n - 1) as f64)).collect()
}
