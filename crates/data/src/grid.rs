//! Points that were measured one by one, laid out as the grid they lie on.

use ndarray::Array2;

/// The place of each point on a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// `[rows, columns]`.
    pub shape: [usize; 2],
    /// `[row step, column step]` in m.
    pub pixel: [f64; 2],
    /// `[row, column]` of each point, row 0 on top; `None` where a point has no position.
    pub places: Vec<Option<[usize; 2]>>,
}

impl Layout {
    /// From positions in m, in any order and with gaps; y points upwards, so that row 0 is the line of largest y.
    ///
    /// # Errors
    /// A sentence that says why the positions fit no grid.
    pub fn of(x: &[f64], y: &[f64]) -> Result<Layout, String> {
        let known: Vec<[f64; 2]> =
            x.iter().zip(y).map(|(x, y)| [*x, *y]).filter(|p| p.iter().all(|v| v.is_finite())).collect();
        let across = Axis::of(known.iter().map(|p| p[0]))?;
        let up = Axis::of(known.iter().map(|p| p[1]))?;
        // A line of points has no second step: it is as wide as it is long.
        let step = if across.step > 0.0 { across.step } else { up.step };
        if !(step > 0.0) {
            return Err("all positions are the same".into());
        }
        if across.count.saturating_mul(up.count) > known.len().saturating_mul(16) {
            return Err(format!(
                "the positions of {} points fit no grid ({} × {} places)",
                known.len(),
                up.count,
                across.count
            ));
        }
        let mut taken = Array2::from_elem((up.count, across.count), false);
        let mut places = Vec::with_capacity(x.len());
        for (x, y) in x.iter().zip(y) {
            if !(x.is_finite() && y.is_finite()) {
                places.push(None);
                continue;
            }
            let (column, row) = (across.place(*x)?, up.count.saturating_sub(1 + up.place(*y)?));
            let Some(full) = taken.get_mut([row, column]) else {
                return Err("a position lies outside of the grid".into());
            };
            if std::mem::replace(full, true) {
                return Err(format!("two points share row {row}, column {column} of the grid"));
            }
            places.push(Some([row, column]));
        }
        let or_step = |s: f64| if s > 0.0 { s } else { step };
        Ok(Layout { shape: [up.count, across.count], pixel: [or_step(up.step), or_step(across.step)], places })
    }

    /// Values of the points on the grid, NaN where there is none.
    pub fn lay(&self, values: &[f64]) -> Array2<f64> {
        let mut out = Array2::from_elem((self.shape[0], self.shape[1]), f64::NAN);
        for (v, place) in values.iter().zip(&self.places) {
            if let Some(cell) = place.and_then(|p| out.get_mut(p)) {
                *cell = *v;
            }
        }
        out
    }
}

/// Equally spaced places along one axis.
struct Axis {
    start: f64,
    step: f64,
    count: usize,
}

/// How far a position may lie from its place, in steps: stages are not exact.
const TOLERANCE: f64 = 0.25;

impl Axis {
    fn of(positions: impl Iterator<Item = f64>) -> Result<Axis, String> {
        let mut sorted: Vec<f64> = positions.collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(first), Some(last)) = (sorted.first().copied(), sorted.last().copied()) else {
            return Err("there are no positions".into());
        };
        let span = last - first;
        // Points of one line differ by the stage's error alone: gaps well below the mean distance are no steps.
        let least = span / sorted.len() as f64 * TOLERANCE;
        let mut gaps: Vec<f64> = sorted.windows(2).map(|w| w[1] - w[0]).filter(|g| *g > least).collect();
        if gaps.is_empty() {
            return Ok(Axis { start: first, step: 0.0, count: 1 });
        }
        gaps.sort_by(f64::total_cmp);
        // Missing points make gaps of several steps, never of less than one.
        let guess = gaps[gaps.len() / 4];
        let steps = (span / guess).round();
        if !(1.0..1e6).contains(&steps) {
            return Err("the positions are not equally spaced".into());
        }
        Ok(Axis { start: first, step: span / steps, count: steps as usize + 1 })
    }

    fn place(&self, position: f64) -> Result<usize, String> {
        if self.step == 0.0 {
            return Ok(0);
        }
        let place = (position - self.start) / self.step;
        if (place - place.round()).abs() > TOLERANCE {
            return Err(format!("a position lies {:.2} steps off the grid", place - place.round()));
        }
        Ok(place.round().max(0.0) as usize)
    }
}
