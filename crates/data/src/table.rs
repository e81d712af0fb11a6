//! Named columns with units.

use serde::{Deserialize, Serialize};

use crate::unit::Unit;

/// The cells of one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cells {
    /// Numbers in coherent SI; a missing cell is `None`.
    Number(Vec<Option<f64>>),
    /// Text as it stands.
    Text(Vec<String>),
}

/// One column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, without the unit.
    pub name: String,
    /// The unit the source used; numbers are already SI.
    pub unit: Unit,
    /// Its cells.
    pub cells: Cells,
}

/// A table; all columns have the same length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The columns in order.
    pub columns: Vec<Column>,
}

impl Column {
    /// A column of numbers in SI; what is not finite becomes an empty cell.
    pub fn number(name: &str, unit: &Unit, values: impl IntoIterator<Item = f64>) -> Column {
        let cells = values.into_iter().map(|v| v.is_finite().then_some(v)).collect();
        Column { name: name.into(), unit: unit.clone(), cells: Cells::Number(cells) }
    }

    /// A column of text.
    pub fn text(name: &str, values: Vec<String>) -> Column {
        Column { name: name.into(), unit: Unit::none(), cells: Cells::Text(values) }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        match &self.cells {
            Cells::Number(v) => v.len(),
            Cells::Text(v) => v.len(),
        }
    }

    /// Fills it with empty cells up to `rows`.
    pub fn pad(&mut self, rows: usize) {
        match &mut self.cells {
            Cells::Number(v) => v.resize(v.len().max(rows), None),
            Cells::Text(v) => v.resize(v.len().max(rows), String::new()),
        }
    }

    /// Whether it has no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its numbers in SI, NaN where a cell is empty; `None` for a column of text.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        match &self.cells {
            Cells::Number(v) => Some(v.iter().map(|c| c.unwrap_or(f64::NAN)).collect()),
            Cells::Text(_) => None,
        }
    }

    /// Its cells as words, empty where a cell is.
    pub fn words(&self) -> Vec<String> {
        match &self.cells {
            Cells::Number(v) => v.iter().map(|c| c.map(|c| c.to_string()).unwrap_or_default()).collect(),
            Cells::Text(v) => v.clone(),
        }
    }

    /// Header as tables on disk carry it: `r [m]`, or the name alone for a pure number or text.
    pub fn header(&self) -> String {
        let unit = self.unit.si_symbol();
        if unit.is_empty() { self.name.clone() } else { format!("{} [{unit}]", self.name) }
    }
}

impl Table {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }
}
