//! The curves of a map: a table each, or, where these would be too many, all of them in one.

use std::sync::Arc;

use super::{Dataset, Store};
use crate::{Channel, Limits, ReadError, TableInfo, Window};
use softspot_data::unit::Unit;

/// Columns that tell the curves of one table apart.
const KEYS: [&str; 3] = ["curve", "row", "column"];

/// A curve of a map.
#[derive(Clone, Debug, Default)]
pub(crate) struct Curve {
    /// Its number in the file, from 0.
    pub number: usize,
    /// Points of all its columns.
    pub length: usize,
    /// Its place `[row, column]`, row 0 on top.
    pub cell: Option<[usize; 2]>,
    /// Where it was measured, `[x, y]` in m.
    pub position: Option<[f64; 2]>,
}

/// Gives the values of a column of a curve, both by their index.
pub(crate) type Columns = dyn Fn(usize, usize) -> Result<Vec<f64>, ReadError> + Send + Sync;

impl Dataset {
    /// Adds curves that all have the same columns: a table `curve N` each, one without a name where there is but one, or
    /// one table of all with their `curve`, `row` and `column` before, where tables would have more channels than the
    /// limit.
    ///
    /// # Errors
    /// [`ReadError`] if the points of all curves are more than the limit.
    pub(crate) fn push_curves(
        &mut self,
        limits: &Limits,
        columns: &[(String, Unit)],
        curves: Vec<Curve>,
        values: Arc<Columns>,
    ) -> Result<(), ReadError> {
        if curves.len().saturating_mul(columns.len()) > limits.channels {
            return self.push_joined(limits, columns, &curves, values);
        }
        let several = curves.len() > 1;
        for (at, curve) in curves.iter().enumerate().filter(|(_, c)| c.length > 0) {
            let name = if several { format!("curve {}", curve.number) } else { String::new() };
            let info = TableInfo { name, cell: curve.cell, position: curve.position, ..TableInfo::default() };
            let table = self.add_table(info);
            limits.count(self.format, &[curve.length])?;
            for (i, (name, unit)) in columns.iter().enumerate() {
                let values = Arc::clone(&values);
                let channel = Channel::column(table, name, unit.clone(), curve.length);
                self.push(channel, Store::whole(move || values(at, i)))?;
            }
        }
        Ok(())
    }

    /// Adds all curves as one table, read window by window.
    ///
    /// # Errors
    /// [`ReadError`] if the points of all curves are more than the limit.
    pub(crate) fn push_joined(
        &mut self,
        limits: &Limits,
        columns: &[(String, Unit)],
        curves: &[Curve],
        values: Arc<Columns>,
    ) -> Result<(), ReadError> {
        // Where each curve begins, and at the end how many points there are.
        let mut starts = vec![0usize];
        for curve in curves {
            starts.push(starts.last().copied().unwrap_or(0).saturating_add(curve.length));
        }
        let n = starts.last().copied().unwrap_or(0);
        limits.count(self.format, &[n])?;
        let keys: Vec<[f64; 3]> = curves
            .iter()
            .map(|c| {
                let [row, column] = c.cell.map_or([f64::NAN; 2], |cell| cell.map(|i| i as f64));
                [c.number as f64, row, column]
            })
            .collect();
        let (starts, keys) = (Arc::new(starts), Arc::new(keys));
        let table = self.add_table(TableInfo::default());
        for (i, name) in KEYS.iter().enumerate() {
            let (starts, keys) = (Arc::clone(&starts), Arc::clone(&keys));
            let store = Store::windowed(move |window| {
                across(&starts, window, |at, n| {
                    let key = keys.get(at).and_then(|k| k.get(i)).copied().unwrap_or(f64::NAN);
                    Ok(vec![key; n])
                })
            });
            self.push(Channel::column(table, *name, Unit::none(), n), store)?;
        }
        for (i, (name, unit)) in columns.iter().enumerate() {
            let (starts, values) = (Arc::clone(&starts), Arc::clone(&values));
            let store = Store::windowed(move |window| across(&starts, window, |at, _| values(at, i)));
            self.push(Channel::column(table, name, unit.clone(), n), store)?;
        }
        Ok(())
    }
}

/// The points of a window, curve by curve; `values` gives those of a whole curve.
fn across(
    starts: &[usize],
    window: &Window,
    values: impl Fn(usize, usize) -> Result<Vec<f64>, ReadError>,
) -> Result<Vec<f64>, ReadError> {
    let Some(wanted) = window.ranges().first() else { return Ok(Vec::new()) };
    let mut out = Vec::with_capacity(wanted.len());
    let first = starts.partition_point(|s| *s <= wanted.start).saturating_sub(1);
    for (at, ends) in starts.windows(2).enumerate().skip(first) {
        let [start, end] = *ends else { break };
        if start >= wanted.end {
            break;
        }
        let own = values(at, end - start)?;
        let (from, to) = (wanted.start.max(start) - start, wanted.end.min(end) - start);
        out.extend_from_slice(own.get(from..to).unwrap_or_default());
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_across_curves_of_different_lengths() {
        let curves = [3, 0, 2].map(|length| Curve { number: 7, length, cell: Some([1, 2]), position: None });
        let values: Arc<Columns> = Arc::new(|at, _| Ok((0..[3, 0, 2][at]).map(|i| (10 * at + i) as f64).collect()));
        let mut d = Dataset::new("x", &Limits::default());
        let columns = [("a".to_string(), Unit::none())];
        d.push_curves(&Limits { channels: 2, ..Limits::default() }, &columns, curves.to_vec(), values).unwrap();
        assert_eq!(d.channels().iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["curve", "row", "column", "a"]);
        assert_eq!(d.window(3, &Window::new([1..4])).unwrap(), [1.0, 2.0, 20.0]);
        assert_eq!(d.window(1, &Window::new([0..1])).unwrap(), [1.0]);
    }
}
