//! Which rows belong to which point, and where the points lie.

use std::collections::BTreeMap;

use super::{Indentation, Order};
use crate::data::{Curves, Layout, Role, Warning};
use crate::stage::StageError;

/// One point.
pub(super) struct Point {
    pub name: String,
    pub rows: Vec<usize>,
    /// x and y, m.
    pub position: Option<[f64; 2]>,
}

/// The points of an input and their places.
pub(super) struct Points {
    pub points: Vec<Point>,
    pub shape: [usize; 2],
    pub pixel: Option<[f64; 2]>,
    pub places: Vec<Option<[usize; 2]>>,
    pub warnings: Vec<Warning>,
}

impl Points {
    /// Curves: rows of the same position, of the same number, or of one table.
    ///
    /// # Errors
    /// Where a column is missing.
    pub(super) fn of_curves(stage: &Indentation, s: &Curves) -> Result<Points, StageError> {
        complete(stage, s)?;
        let (x, y, number) = (s.get(Role::X), s.get(Role::Y), s.get(Role::Point));
        let mut points: Vec<Point> = Vec::new();
        if x.is_some() || y.is_some() || number.is_some() {
            let key = |i: usize| [x, y, number].map(|c| c.map_or(0, |c| c[i].to_bits()));
            let mut known: BTreeMap<[u64; 3], usize> = BTreeMap::new();
            for i in 0..s.rows() {
                let at = *known.entry(key(i)).or_insert(points.len());
                if at == points.len() {
                    let position = x.or(y).map(|_| [x, y].map(|c| c.map_or(0.0, |c| c[i])));
                    let name = number.map_or_else(|| (at + 1).to_string(), |n| n[i].to_string());
                    points.push(Point { name, rows: Vec::new(), position });
                }
                points[at].rows.push(i);
            }
        } else {
            points.extend(s.parts.iter().enumerate().map(|(i, p)| Point {
                name: if p.name.is_empty() { (i + 1).to_string() } else { p.name.clone() },
                rows: p.rows.clone().collect(),
                position: p.position,
            }));
        }
        Points::laid_out(stage, points)
    }

    /// A finished table: a row a point.
    ///
    /// # Errors
    /// Where it has neither a modulus nor a hardness.
    pub(super) fn of_rows(stage: &Indentation, s: &Curves) -> Result<Points, StageError> {
        if s.get(Role::Modulus).is_none() && s.get(Role::Hardness).is_none() {
            return Err(StageError::Failed(
                "a finished table needs a column `modulus` or `hardness`: columns = { modulus = \"…\", x = \"…\", y = \"…\" }"
                    .into(),
            ));
        }
        let (x, y, number) = (s.get(Role::X), s.get(Role::Y), s.get(Role::Point));
        let point = |i: usize| Point {
            name: number.map_or_else(|| (i + 1).to_string(), |n| n[i].to_string()),
            rows: vec![i],
            position: x.or(y).map(|_| [x, y].map(|c| c.map_or(0.0, |c| c[i]))),
        };
        Points::laid_out(stage, (0..s.rows()).map(point).collect())
    }

    fn laid_out(stage: &Indentation, points: Vec<Point>) -> Result<Points, StageError> {
        let n = points.len();
        if n == 0 {
            return Err(StageError::Failed("there is no point in the input".into()));
        }
        if let Some([rows, columns]) = stage.grid {
            if rows.checked_mul(columns) != Some(n) {
                return Err(StageError::Failed(format!(
                    "{n} points do not fill a grid of {rows} × {columns}; give `x` and `y`, or the right `grid`"
                )));
            }
            let place = |i: usize| {
                let (r, c) = (i / columns, i % columns);
                let back = stage.order == Order::Serpentine && r % 2 == 1;
                Some([r, if back { columns - 1 - c } else { c }])
            };
            return Ok(Points {
                points,
                shape: [rows, columns],
                pixel: stage.pitch.map(|p| p.map(|l| l.0)),
                places: (0..n).map(place).collect(),
                warnings: Vec::new(),
            });
        }
        let positions: Vec<[f64; 2]> = points.iter().map(|p| p.position.unwrap_or([f64::NAN; 2])).collect();
        let [x, y] = [0, 1].map(|a| positions.iter().map(|p| p[a]).collect::<Vec<f64>>());
        let in_line = |points: Vec<Point>, warnings: Vec<Warning>| Points {
            shape: [1, n],
            pixel: None,
            places: (0..n).map(|i| Some([0, i])).collect(),
            points,
            warnings,
        };
        if n == 1 || positions.iter().all(|p| p[0].is_nan()) {
            return Ok(in_line(points, Vec::new()));
        }
        match Layout::of(&x, &y) {
            Ok(l) => {
                Ok(Points { points, shape: l.shape, pixel: Some(l.pixel), places: l.places, warnings: Vec::new() })
            }
            Err(e) => {
                let w = Warning::new(
                    "no-grid",
                    format!("the points lie on no grid: {e}; the maps hold them in one line, in the order of the file"),
                    "give `grid = [rows, columns]` where the order tells the places",
                );
                Ok(in_line(points, vec![w]))
            }
        }
    }
}

/// Whether curves have the columns that they are evaluated by.
fn complete(stage: &Indentation, s: &Curves) -> Result<(), StageError> {
    let has = |r: Role| s.get(r).is_some();
    if let Some(missing) = [Role::Time, Role::Load].into_iter().find(|r| !has(*r)) {
        return Err(StageError::Failed(format!(
            "the curves have no column `{0}`: columns = {{ {0} = \"…\" }}",
            missing.name()
        )));
    }
    match (has(Role::Depth), has(Role::Height), stage.spring_constant) {
        (true, _, _) | (false, true, Some(_)) => Ok(()),
        (false, true, None) => Err(StageError::Failed(
            "heights of a scanner become depths with the spring constant of the cantilever: give `spring_constant`, such \
             as \"0.06 N/m\""
                .into(),
        )),
        (false, false, _) => Err(StageError::Failed(
            "the curves have neither `depth` nor `height`: columns = { depth = \"…\" }".into(),
        )),
    }
}
