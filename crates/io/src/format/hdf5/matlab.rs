//! MATLAB's files of version 7.3, which are HDF5: `MATLAB_class` names what an array is, and its axes are in reverse.
//!
//! Source: what MATLAB writes. A matrix of one row or column is a column; `MATLAB_empty` marks an array whose numbers are
//! the sizes of nothing; `char` holds letters as numbers. Pages of a third dimension are the planes of a volume.

use crate::container::hdf5::Node;

/// Most letters of a text that is kept.
const LETTERS: usize = 4096;

/// What a node of such a file is.
pub(super) enum Class {
    /// Not of MATLAB.
    Other,
    /// Numbers in MATLAB's order.
    Numbers,
    /// Words, or nothing.
    Words(String),
}

/// What MATLAB says that a node is; numbers are turned to rows first.
pub(super) fn class(node: &mut Node) -> Class {
    let Some(class) = node.attribute("MATLAB_class").map(str::to_string) else { return Class::Other };
    let empty = node.attribute("MATLAB_empty").is_some_and(|v| v.trim() != "0");
    let Some(array) = node.array.take() else { return Class::Other };
    if empty {
        return Class::Words(format!("empty {class}"));
    }
    if class == "char" && array.count() <= LETTERS {
        let letters = array.numbers().unwrap_or_default();
        return Class::Words(letters.iter().filter_map(|v| char::from_u32(*v as u32)).collect());
    }
    let mut array = array.by_columns();
    // A row or a column of numbers is a list, one number a value.
    if let [1, n] | [n, 1] = *array.shape {
        array = array.flat(if n == 1 { Vec::new() } else { vec![n] });
    }
    node.array = Some(array);
    Class::Numbers
}
