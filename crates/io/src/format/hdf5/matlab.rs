//! MATLAB's files of version 7.3, which are HDF5: `MATLAB_class` names what an array is, and its axes are in reverse.
//!
//! Source: what MATLAB writes. A matrix of one row or column is a column; `MATLAB_empty` marks an array whose numbers are
//! the sizes of nothing; `char` holds letters as numbers. Pages of a third dimension are the planes of a volume.

use crate::container::hdf5::{NOT_READ, Node};
use crate::format::matlab::element::lines;

/// Classes that hold numbers.
const NUMBERS: [&str; 12] =
    ["double", "single", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "logical", "char"];
/// Most letters of a text that is kept.
const LETTERS: usize = 4096;

/// Turns the numbers of a node of MATLAB to rows; what holds no numbers loses its array and is told in words.
pub(super) fn turn(node: &mut Node) -> Option<String> {
    // The contents of objects, which no one describes.
    if node.path.starts_with("#subsystem#") && node.array.take().is_some() {
        return Some("not read: the contents of objects".into());
    }
    let class = node.attribute("MATLAB_class").map(str::to_string)?;
    let empty = node.attribute("MATLAB_empty").is_some_and(|v| v.trim() != "0");
    let array = node.array.take()?;
    if empty {
        return Some(format!("empty {class}"));
    }
    if class == "char" && array.count() <= LETTERS {
        let letters = array.numbers().unwrap_or_default();
        return Some(lines(&letters, array.shape.last().copied().unwrap_or(1)));
    }
    if !NUMBERS.contains(&class.as_str()) {
        return Some(format!("{NOT_READ}: a {class}"));
    }
    let mut array = array.by_columns();
    // Pages of pages are pages.
    if let [pages @ .., rows, columns] = array.shape.as_slice()
        && pages.len() > 1
    {
        let shape = vec![pages.iter().product(), *rows, *columns];
        array = array.flat(shape);
    }
    // A row or a column of numbers is a list, one number a value.
    if let [1, n] | [n, 1] = *array.shape {
        array = array.flat(if n == 1 { Vec::new() } else { vec![n] });
    }
    node.array = Some(array);
    None
}
