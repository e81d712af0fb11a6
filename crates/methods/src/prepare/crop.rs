//! Cutting out a rectangle.

use ndarray::s;

use softspot_data::Map;

/// A rectangle outside the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rows {0} to {1}, columns {2} to {3} are not inside a map of {4} × {5} pixels")]
pub struct CropError(usize, usize, usize, usize, usize, usize);

/// The part of a map in `rows` × `columns` (half-open pixel ranges).
///
/// # Errors
/// [`CropError`] for an empty range or one outside.
pub fn crop(map: &Map, rows: [usize; 2], columns: [usize; 2]) -> Result<Map, CropError> {
    let [h, w] = map.shape();
    if rows[0] >= rows[1] || columns[0] >= columns[1] || rows[1] > h || columns[1] > w {
        return Err(CropError(rows[0], rows[1], columns[0], columns[1], h, w));
    }
    Ok(map.with_values(map.values.slice(s![rows[0]..rows[1], columns[0]..columns[1]]).to_owned()))
}
