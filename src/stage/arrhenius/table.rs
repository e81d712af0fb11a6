//! The table that the figure draws: points first, then the law on a fine grid of 1/T with its band.

use super::points::{Points, RateKind};
use crate::stage::tables::RateLine;
use crate::unit::Unit;

/// Points and their law.
pub(super) struct Rows<'a> {
    pub points: &'a Points,
    /// K.
    pub grid: &'a [f64],
    /// The law there, in the unit of the points.
    pub law: &'a [f64],
    /// Its band; empty without one.
    pub band: &'a [[f64; 2]],
}

/// Temperatures from the highest to the lowest at even steps of 1/T.
pub(super) fn grid(t: &[f64]) -> Vec<f64> {
    const STEPS: u32 = 40;
    let (low, high) = t.iter().fold((f64::INFINITY, 0.0f64), |(l, h), t| (l.min(*t), h.max(*t)));
    let at = |i: u32| 1.0 / high + (1.0 / low - 1.0 / high) * f64::from(i) / f64::from(STEPS);
    (0..=STEPS).map(|i| 1.0 / at(i)).collect()
}

pub(super) fn table(rows: &Rows<'_>) -> RateLine {
    let p = rows.points;
    let (n, m) = (p.rate.len(), rows.grid.len());
    let fill = |n: usize| std::iter::repeat_n(f64::NAN, n);
    let end = |k: usize| (0..m).map(move |i| rows.band.get(i).map_or(f64::NAN, |b| b[k]));
    let kind = std::iter::repeat_n("peak".to_string(), n).chain(std::iter::repeat_n("line".to_string(), m));
    let rate = p.rate.iter().chain(rows.law).copied().collect();
    let mut out = RateLine {
        kind: kind.collect(),
        temperature: p.temperature.iter().chain(rows.grid).copied().collect(),
        temperature_error: p.error.iter().copied().chain(fill(m)).collect(),
        band_low: fill(n).chain(end(0)).collect(),
        band_high: fill(n).chain(end(1)).collect(),
        ..RateLine::default()
    };
    let unit = match p.measured {
        RateKind::Frequency => {
            out.frequency = rate;
            "Hz"
        }
        RateKind::Shift(_) => {
            out.inverse_shift = rate;
            ""
        }
        RateKind::HeatingRate => {
            out.heating_rate = rate;
            "K/s"
        }
    };
    out.units = vec![Unit::of(unit)];
    out
}
