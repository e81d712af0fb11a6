//! Tables that stages make and others read: the columns of each are declared once, and written and read by their fields.

#[macro_use]
mod columns;
mod contact;
mod link;
mod regions;
mod relaxation;
mod spatial;

pub(super) use contact::*;
pub(super) use link::*;
pub(super) use regions::*;
pub(super) use relaxation::*;
pub(super) use spatial::*;

use crate::data::{Column, Table};

/// A table that another stage or a plot reads by its fields.
pub(super) trait TypedTable: Sized {
    /// Reads the columns it has.
    ///
    /// # Errors
    /// The name of the first column that the table lacks.
    fn of(table: &Table) -> Result<Self, &'static str>;
}

/// The columns `name` followed by numbers from `first` on, as many as there are.
pub(super) fn numbered(table: &Table, name: &str, first: usize) -> Vec<Vec<f64>> {
    (first..).map_while(|k| table.column(&format!("{name}{k}")).and_then(Column::numbers)).collect()
}
