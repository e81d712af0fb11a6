//! Plots of relaxation, one file a subject.

mod chi;
mod isotherm;
mod moduli;
mod shifts;
mod times;
mod transient;
mod zones;

pub(super) use chi::Chi;
pub(super) use isotherm::Isotherm;
pub(super) use moduli::Moduli;
pub(super) use shifts::{Shifts, ShiftsInset};
pub(super) use times::{RelaxationTimes, Tracks};
pub(super) use transient::{Rate, Transient};
pub(super) use zones::Zones;

use super::{Panels, Request};
use crate::data::Table;
use crate::figure::plot::curves::{Curves, Look, Series};
use crate::stage::StageError;
use crate::unit::display;

fn pairs(x: &[f64], y: &[f64]) -> Vec<[f64; 2]> {
    x.iter().zip(y).map(|(x, y)| [*x, *y]).collect()
}

fn series(name: &str, points: Vec<[f64; 2]>, look: Look, place: usize) -> Series {
    Series { name: name.into(), points, band: Vec::new(), look, series: place }
}

fn band(x: &[f64], low: &[f64], high: &[f64]) -> Vec<[f64; 3]> {
    x.iter()
        .zip(low.iter().zip(high))
        .map(|(x, (a, b))| [*x, *a, *b])
        .filter(|b| b.iter().all(|v| v.is_finite()))
        .collect()
}

/// Every sample's panel by one rule.
fn each(
    request: &Request<'_>,
    caption: &str,
    of: impl Fn(usize, &Table) -> Result<Curves, StageError>,
) -> Result<Panels, StageError> {
    let mut panels = Vec::new();
    for i in request.samples {
        let table = request.table(*i)?;
        panels.push(of(*i, &table)?.draw()?.with_name(request.name(*i)));
    }
    Ok(Panels { panels, caption: caption.into() })
}

/// A number of a stage with its interval, in words.
fn said(request: &Request<'_>, i: usize, metric: &str, symbol: &str) -> Option<String> {
    let m = request.metric(i, metric)?;
    let v = m.as_number()?;
    Some(format!("{symbol}\u{a0}=\u{a0}{}", display::quantity(v, &m.unit)))
}
