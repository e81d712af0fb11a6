//! What a file holds: its arrays and its tables.

use softspot_data::Kind;
use softspot_data::unit::Unit;

/// Header entries in file order, as written.
pub type Metadata = Vec<(String, String)>;

/// One array in a file: a map, a volume, or a column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// As the instrument calls it; unique within the file. In a file of several tables it begins with the table's name.
    pub name: String,
    /// What reading it gives: a map, a volume, or a column of a table.
    pub kind: Kind,
    /// As the file writes it.
    pub unit: Unit,
    /// `[rows, columns]`, `[z, y, x]`, or `[n]`.
    pub shape: Vec<usize>,
    /// `[width, height]` in m (volumes `[x, y, z]`, or `[x, y]` where the distance of planes is not known).
    pub physical_size: Option<Vec<f64>>,
    /// Index of its table in [`super::Dataset::tables`].
    pub table: Option<usize>,
}

/// Columns that belong together: a curve, a step of a measurement, a sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableInfo {
    /// As the file calls it; unique within the file. Empty where the file has but one.
    pub name: String,
    /// Where on the sample it was measured, `[x, y]` in m.
    pub position: Option<[f64; 2]>,
    /// Its place `[row, column]` on a grid, row 0 on top, where the file tells.
    pub cell: Option<[usize; 2]>,
    /// What the file says of this table alone.
    pub metadata: Metadata,
}

/// Bytes of a section's name that stand before each of its keys.
const SECTION: usize = 256;

/// The name of a header entry in its section: `section/key`. A section's name beyond all reason is cut, since every one
/// of its entries repeats it.
pub(super) fn entry_name(section: &str, between: &str, key: &str) -> String {
    if section.is_empty() {
        return key.to_string();
    }
    let end = section.char_indices().map(|(i, _)| i).chain([section.len()]).take_while(|i| *i <= SECTION).last();
    let cut = end.and_then(|end| section.get(..end)).unwrap_or(section);
    format!("{cut}{}{between}{key}", if cut.len() < section.len() { "…" } else { "" })
}

impl TableInfo {
    /// A table of that name.
    pub fn named(name: impl Into<String>) -> TableInfo {
        TableInfo { name: name.into(), ..TableInfo::default() }
    }
}

impl Channel {
    fn new(name: impl Into<String>, kind: Kind, unit: Unit, shape: Vec<usize>) -> Channel {
        Channel { name: name.into(), kind, unit, shape, physical_size: None, table: None }
    }

    /// A map of `rows` × `columns`.
    pub fn map(name: impl Into<String>, unit: Unit, rows: usize, columns: usize) -> Channel {
        Channel::new(name, Kind::Map, unit, vec![rows, columns])
    }

    /// A volume `[z, y, x]`.
    pub fn volume(name: impl Into<String>, unit: Unit, shape: [usize; 3]) -> Channel {
        Channel::new(name, Kind::Volume, unit, shape.to_vec())
    }

    /// A column of `n` numbers in the table of that index.
    pub fn column(table: usize, name: impl Into<String>, unit: Unit, n: usize) -> Channel {
        Channel { table: Some(table), ..Channel::new(name, Kind::Table, unit, vec![n]) }
    }

    /// With a physical size, if there is one: every length in it must be positive and finite.
    #[must_use]
    pub fn sized(mut self, size: Option<Vec<f64>>) -> Channel {
        self.physical_size = size.filter(|s| s.iter().all(|v| v.is_finite() && *v > 0.0));
        self
    }

    /// Number of elements; the maximum where they cannot be counted.
    pub fn elements(&self) -> usize {
        self.shape.iter().try_fold(1usize, |a, b| a.checked_mul(*b)).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_named_by_their_section() {
        assert_eq!((entry_name("", "/", "k"), entry_name("s", " / ", "k")), ("k".into(), "s / k".into()));
        let long = entry_name(&"é".repeat(1000), "/", "k");
        assert_eq!(long, format!("{}…/k", "é".repeat(128)));
    }
}
