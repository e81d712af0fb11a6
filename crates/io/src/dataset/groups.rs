//! Columns of the arrays of a group: one table a group and length.

use std::collections::BTreeMap;

use super::Dataset;
use crate::TableInfo;

/// Tables made so far, by group and number of rows.
#[derive(Default)]
pub(crate) struct GroupTables(BTreeMap<String, BTreeMap<usize, usize>>);

impl GroupTables {
    /// The table for columns of that length in that group.
    pub(crate) fn of(&mut self, dataset: &mut Dataset, group: &str, rows: usize) -> usize {
        let own = self.0.entry(group.to_string()).or_default();
        let first = own.is_empty();
        *own.entry(rows).or_insert_with(|| {
            let group = if group.is_empty() { "/" } else { group };
            let name = if first { group.to_string() } else { format!("{group} ({rows} rows)") };
            dataset.add_table(TableInfo::named(name))
        })
    }
}
