//! A column of one value a point, laid out as the map that was measured: from positions in the file, from the file's
//! name, or as the definition says.

use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::Layout;

/// `grid = [rows, columns]`, `grid = "positions"` or `grid = "name"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a grid is `[rows, columns]`, `\"positions\"` or `\"name\"`")]
pub enum GridDef {
    /// Rows and columns, filled line by line from the top left.
    Shape([usize; 2]),
    /// Where the shape comes from.
    From(GridSource),
}

/// What tells the shape of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GridSource {
    /// Columns `X` and `Y` of the same table, in any order and with gaps; Y points upwards.
    Positions,
    /// A shape such as `20x11` (rows × columns) in the file's name, filled line by line from the top left.
    Name,
}

/// Values on a grid.
#[derive(Debug, PartialEq)]
pub(super) struct Grid {
    /// `[row, column]`, NaN where nothing was measured.
    pub values: Array2<f64>,
    /// `[row step, column step]` in m, where the positions tell.
    pub pixel: Option<[f64; 2]>,
}

/// Line by line from the top left.
pub(super) fn by_lines(values: Vec<f64>, shape: [usize; 2]) -> Result<Grid, String> {
    let n = values.len();
    let fits = shape[0].checked_mul(shape[1]) == Some(n) && n > 0;
    let values = fits.then(|| Array2::from_shape_vec((shape[0], shape[1]), values).ok()).flatten();
    let values = values.ok_or_else(|| format!("a grid of {} × {} points has not {n} values", shape[0], shape[1]))?;
    Ok(Grid { values, pixel: None })
}

/// By the position of each value; Y upwards, so that row 0 is the line of largest Y.
pub(super) fn by_positions(values: &[f64], x: &[f64], y: &[f64]) -> Result<Grid, String> {
    let layout = Layout::of(x, y)?;
    Ok(Grid { values: layout.lay(values), pixel: Some(layout.pixel) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serpentine_with_a_missing_point_and_an_inexact_stage() {
        // 3 lines of 4 points, 5 µm apart, upwards, every other line backwards; the stage is off by up to 0.1 µm.
        let (mut v, mut x, mut y) = (vec![], vec![], vec![]);
        for line in 0..3usize {
            for i in 0..4usize {
                let column = if line % 2 == 0 { i } else { 3 - i };
                if (line, column) == (1, 2) {
                    continue;
                }
                let off = libm::sin((line * 4 + i) as f64 * 0.7) * 1e-7;
                v.push((10 * (2 - line) + column) as f64);
                x.push(5e-6 * column as f64 + off + 1.0);
                y.push(5e-6 * line as f64 - off - 2.0);
            }
        }
        let g = by_positions(&v, &x, &y).unwrap();
        assert_eq!(g.values.dim(), (3, 4));
        for ((r, c), v) in g.values.indexed_iter() {
            assert!(if (r, c) == (1, 2) { v.is_nan() } else { *v == (10 * r + c) as f64 }, "{r} {c} {v}");
        }
        // The step is the span over its steps: off by no more than twice the stage's error over three steps.
        let p = g.pixel.unwrap();
        assert!(p.iter().all(|s| (s / 5e-6 - 1.0).abs() < 2e-7 / 10e-6), "{p:?}");
    }

    #[test]
    fn lines_and_what_is_no_grid() {
        let line = by_positions(&[1.0, 2.0, 3.0], &[0.0, 2.0, 4.0], &[1.0, 1.0, 1.0]).unwrap();
        assert_eq!((line.values.dim(), line.pixel), ((1, 3), Some([2.0, 2.0])));
        assert!(by_positions(&[1.0, 2.0], &[0.0, 0.0], &[0.0, 0.0]).is_err());
        assert!(by_positions(&[1.0, 2.0, 3.0], &[0.0, 1.0, 0.0], &[0.0, 1.0, 0.0]).is_err());
        assert!(by_positions(&[], &[], &[]).is_err());
        assert!(by_positions(&[1.0; 4], &[0.0, 1.0, 2.0, 3.5], &[0.0, 0.0, 1.0, 1.0]).is_err());
        assert_eq!(by_lines(vec![1.0, 2.0, 3.0, 4.0], [2, 2]).unwrap().values[[1, 0]], 3.0);
        assert!(by_lines(vec![1.0; 5], [2, 2]).is_err() && by_lines(vec![], [0, 3]).is_err());
    }
}
