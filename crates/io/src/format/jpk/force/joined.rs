//! Maps of so many curves that each can have no table of its own: all of them in one, read window by window.

use std::sync::Arc;

use crate::{Channel, Dataset, Limits, ReadError, Store, TableInfo, Window};
use softspot_data::unit::Unit;

use super::archive::Archive;
use super::curve::{self, Plan};
use super::{Grid, ID};

/// Columns that tell the curves apart.
const KEYS: [&str; 3] = ["curve", "row", "column"];

/// Adds the one table.
pub(super) fn push(
    dataset: &mut Dataset,
    archive: &Arc<Archive>,
    plan: &Arc<Plan>,
    grid: Option<&Grid>,
    limits: &Limits,
) -> Result<(), ReadError> {
    // Where each curve begins, and at the end how many points there are.
    let mut starts = vec![0usize];
    let mut keys: Vec<[f64; 3]> = Vec::new();
    let mut n = 0usize;
    for curve in &archive.curves {
        n = n.saturating_add(plan.length(curve));
        starts.push(n);
        let cell = grid.and_then(|g| g.place(curve.number).cell);
        let [row, column] = cell.map_or([f64::NAN; 2], |c| c.map(|i| i as f64));
        keys.push([curve.number as f64, row, column]);
    }
    limits.count(ID, &[n])?;
    let (starts, keys) = (Arc::new(starts), Arc::new(keys));
    let table = dataset.add_table(TableInfo::default());
    for (i, name) in KEYS.iter().enumerate() {
        let (starts, keys) = (Arc::clone(&starts), Arc::clone(&keys));
        let store = Store::windowed(move |window| {
            across(&starts, window, |at, n| {
                let key = keys.get(at).and_then(|k| k.get(i)).copied().unwrap_or(f64::NAN);
                Ok(vec![key; n])
            })
        });
        dataset.push(Channel::column(table, *name, Unit::none(), n), store)?;
    }
    for column in &plan.columns {
        let (archive, plan, own) = (Arc::clone(archive), Arc::clone(plan), column.clone());
        let starts = Arc::clone(&starts);
        let store =
            Store::windowed(move |window| across(&starts, window, |at, _| curve::read(&archive, &plan, at, &own)));
        dataset.push(Channel::column(table, column.name(), Unit::parse_or_keep(&column.unit), n), store)?;
    }
    Ok(())
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
