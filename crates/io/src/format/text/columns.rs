//! Columns of cells: numbers where every cell is one, else words.

use crate::{Dataset, Limits, ReadError};
use softspot_data::unit::Unit;

use super::number::{self, Mark};

/// Words with which the rows of statistics begin that programs put below their results.
const SUMMARY: &[&str] = &[
    "mean",
    "average",
    "avg",
    "median",
    "stddev",
    "stdev",
    "std",
    "standarddeviation",
    "sd",
    "cov",
    "coefficientofvariation",
    "cv",
    "variance",
    "minimum",
    "maximum",
    "min",
    "max",
    "range",
    "sum",
    "total",
    "count",
    "sem",
    "standarderror",
    "mittelwert",
    "standardabweichung",
    "moyenne",
    "ci",
    "mittel",
    "stdabw",
    "standardabw",
    "stddeviation",
    "varcoeff",
    "coeffvar",
    "variationskoeffizient",
    "mw",
    "stabw",
    "media",
    "promedio",
    "meanvalue",
    "meansd",
    "平均值",
    "平均",
    "标准差",
    "标准偏差",
    "標準偏差",
    "ecarttype",
];

/// Whether a cell says that its row holds statistics of the rows above: `Mean`, `Std. Dev.`, `% COV`.
pub(in crate::format) fn is_statistic(cell: &str) -> bool {
    let plain: String = cell.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    SUMMARY.contains(&plain.as_str())
}

/// Words of setting and result: the first cell of a row that is none of the table.
const PROPERTIES: &[&str] = &[
    "rate",
    "span",
    "width",
    "length",
    "thickness",
    "diameter",
    "radius",
    "temperature",
    "gap",
    "range",
    "speed",
    "velocity",
    "area",
    "mass",
    "height",
    "load",
    "force",
    "energy",
    "peak",
    "max",
    "maximum",
    "minimum",
    "total",
    "operator",
    "gauge",
    "frequency",
    "strain",
    "stress",
    "humidity",
    "offset",
    "factor",
    "modulus",
    "depth",
    "time",
    "date",
    "duration",
    "breite",
    "dicke",
    "länge",
    "temperatur",
    "geschwindigkeit",
];

/// Whether a cell names a property, alone or among other words, or a statistic: `Span`, `Initial rate`, `Maximum load (N)`, `n`,
/// `95% CI`.
pub(in crate::format) fn is_property(cell: &str) -> bool {
    let lower = cell.to_lowercase();
    let with_unit = !super::label::split(cell).1.symbol.is_empty();
    let sign = matches!(lower.trim(), "n" | "s" | "ø" | "σ" | "x̄" | "temp" | "units") || is_statistic(cell);
    with_unit || sign || lower.split(|c: char| !c.is_alphabetic()).any(|w| PROPERTIES.contains(&w))
}

/// Whether so many columns and rows can come from so many bytes of text: short rows under a wide header would be filled
/// up with missing values without end.
///
/// # Errors
/// [`ReadError`] if they cannot.
pub(in crate::format) fn within(
    format: &'static str,
    [rows, columns]: [usize; 2],
    bytes: usize,
    limits: &Limits,
) -> Result<(), ReadError> {
    let most = bytes.saturating_mul(16).max(1 << 16);
    if columns <= limits.channels && rows.saturating_mul(columns) <= most {
        return Ok(());
    }
    let what = format!("the rows differ too much in length to be a table of {rows} rows and {columns} columns");
    Err(ReadError::new(format, what).hint("one cell a column and row is wanted"))
}

/// The decimal mark that makes more of these cells numbers; the point where both do.
pub(in crate::format) fn mark<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Mark {
    let count = |mark: Mark| cells.clone().filter(|c| number::parse(c, mark).is_some()).count();
    if count(Mark::Comma) > count(Mark::Point) { Mark::Comma } else { Mark::Point }
}

/// Whether these cells are a row of numbers: at least one, and nothing but numbers and missing ones.
pub(in crate::format) fn is_row(cells: &[&str], mark: Mark) -> bool {
    let numbers = cells.iter().filter(|c| number::parse(c, mark).is_some()).count();
    numbers > 0 && cells.iter().all(|c| number::parse(c, mark).is_some() || number::is_missing(c))
}

/// Adds a column of cells to a table. A column without any cell filled is left out.
///
/// # Errors
/// As [`Dataset::push`].
pub(in crate::format) fn push(
    dataset: &mut Dataset,
    table: usize,
    name: &str,
    unit: Unit,
    cells: &[&str],
    mark: Mark,
) -> Result<(), ReadError> {
    let mut values = Vec::with_capacity(cells.len());
    for cell in cells {
        match number::parse(cell, mark) {
            Some(v) => values.push(v),
            None if number::is_missing(cell) => values.push(f64::NAN),
            None => {
                dataset.push_words(table, name, cells.iter().map(|c| c.to_string()).collect());
                return Ok(());
            }
        }
    }
    if values.iter().all(|v| v.is_nan()) {
        return Ok(());
    }
    dataset.push_column(table, name, unit, values)
}
