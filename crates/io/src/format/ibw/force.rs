//! What a force curve of Asylum Research means: force, heights, segment and time from its columns and its note.
//!
//! The names are those of afmformats, the signs as well: heights fall towards the sample. `Indexes` in the note are the
//! first and last points of the segments, `Direction` says which way each goes (1 towards the sample, -1 away, 0
//! waits); afmformats leaves `segment` at 0 throughout, here it follows `Indexes`. There is no time: the points are
//! thinned out by distance after they were taken, so `NumPtsPerSec` does not tell when.

use crate::{Block, Channel, Dataset, Metadata, ReadError, Store, Window};
use softspot_data::unit::Unit;

/// Column, the labels that it is made of in the order in which they are tried, and the factor.
const COLUMNS: [(&str, &[&str], f64); 2] =
    [("height (piezo)", &["Raw", "Height"], -1.0), ("height (measured)", &["ZSnsr", "ZSensor"], -1.0)];

/// The numbers of a column without its unit.
fn number(note: &Metadata, key: &str) -> Option<f64> {
    let (_, value) = note.iter().find(|(k, _)| k == key)?;
    value.parse().ok().filter(|v: &f64| v.is_finite())
}

/// Whether the columns of a wave are a force curve.
pub(super) fn is_curve(columns: &[(Channel, Block)], note: &Metadata) -> bool {
    let has = |labels: &[&str]| columns.iter().any(|(c, _)| labels.contains(&c.name.as_str()));
    has(&["Defl", "Deflection"]) && number(note, "SpringConstant").is_some()
}

/// Where the curve was measured, as the sensors of the scanner say.
pub(super) fn place(note: &Metadata) -> Option<[f64; 2]> {
    Some([number(note, "XLVDT")?, number(note, "YLVDT")?])
}

/// Adds the derived columns to table 0.
pub(super) fn push(dataset: &mut Dataset, columns: &[(Channel, Block)], note: &Metadata) -> Result<(), ReadError> {
    let find = |labels: &[&str]| labels.iter().find_map(|l| columns.iter().find(|(c, _)| c.name == *l));
    let times = |block: &Block, factor: f64| {
        let block = block.clone();
        Store::whole(move || {
            let values = block.window(&Window::whole(block.shape()))?;
            Ok(values.into_iter().map(|v| v * factor).collect())
        })
    };
    let Some(n) = columns.first().map(|(c, _)| c.elements()) else { return Ok(()) };
    if let Some(((_, block), k)) = find(&["Defl", "Deflection"]).zip(number(note, "SpringConstant")) {
        dataset.push(Channel::column(0, "force", Unit::of("N"), n), times(block, k))?;
    }
    for (name, labels, factor) in COLUMNS {
        if let Some((_, block)) = find(labels) {
            dataset.push(Channel::column(0, name, Unit::of("m"), n), times(block, factor))?;
        }
    }
    let ends = segments(note);
    if !ends.is_empty() {
        let count = move |i: usize| ends.iter().take_while(|end| **end < i).count() as f64;
        let last = count(n.saturating_sub(1));
        if last > 0.0 {
            let store = Store::whole(move || Ok((0..n).map(&count).collect()));
            dataset.push(Channel::column(0, "segment", Unit::none(), n), store)?;
        }
    }
    Ok(())
}

/// The last point of every segment but the last one.
fn segments(note: &Metadata) -> Vec<usize> {
    let Some((_, list)) = note.iter().find(|(k, _)| k == "Indexes") else { return Vec::new() };
    let mut ends: Vec<usize> = list.split(',').filter_map(|v| v.trim().parse().ok()).filter(|v| *v > 0).collect();
    ends.pop();
    ends
}
