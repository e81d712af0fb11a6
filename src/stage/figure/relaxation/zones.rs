//! `zones`: shear transformation zones from the peaks of a spectrum (S3 Fig. 5, 16).

use super::super::{Panels, Plot, PlotDoc, Request};
use super::{band, pairs, series};
use crate::data::Kind;
use crate::figure::plot::Quantity;
use crate::figure::plot::curves::{Curves, Look, Series};
use crate::stage::StageError;
use crate::stage::figure::Panel;
use crate::stage::tables::PeakRows;
use crate::unit::Unit;

pub(in crate::stage::figure) struct Zones;

/// A column of the peaks.
type Abscissa = fn(&PeakRows) -> &[f64];
/// A column with the ends of its intervals, empty where it has none.
type Ordinate = fn(&PeakRows) -> [&[f64]; 3];

impl Plot for Zones {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "zones",
            about: "of each peak m its time, volume fraction, effective modulus and viscosity, atoms of the zone, and the fraction against \
                    ΔF/kT: six panels for all samples (`times.peaks` of `relaxation-times` with `stz`)",
            kinds: &[Kind::Table],
            of: Some("relaxation-times"),
            each: false,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let m = || Quantity::new("Peak m", Unit::none());
        let fraction = || Quantity::new("Volume fraction c_{m}", Unit::none());
        let of_fraction: Ordinate = |r| [&r.fraction, &r.fraction_low, &r.fraction_high];
        let wanted: [(Abscissa, Ordinate, Quantity, Quantity, [bool; 2]); 6] = [
            (
                |r| &r.peak,
                |r| [&r.tau, &r.tau_low, &r.tau_high],
                m(),
                Quantity::new("τ_{m}", Unit::of("s")),
                [true, false],
            ),
            (|r| &r.peak, of_fraction, m(), fraction(), [false, true]),
            (|r| &r.peak, |r| [&r.modulus, &[], &[]], m(), Quantity::new("E′_{m}", Unit::of("Pa")), [true, false]),
            (|r| &r.peak, |r| [&r.viscosity, &[], &[]], m(), Quantity::new("η′_{m}", Unit::of("Pa s")), [true, false]),
            (
                |r| &r.peak,
                |r| [&r.stz_n, &r.stz_n_low, &r.stz_n_high],
                m(),
                Quantity::new("Ω_{m}/V_{atom}", Unit::none()),
                [false, false],
            ),
            (|r| &r.stz_barrier, of_fraction, Quantity::new("ΔF_{m}/kT", Unit::none()), fraction(), [false, true]),
        ];
        let mut panels = Vec::new();
        for (x, y, across, up, [log, from_zero]) in wanted {
            let mut all = Vec::new();
            for i in request.samples {
                all.push(zones(request, *i, x, y)?);
            }
            if all.iter().all(|s| s.points.iter().all(|p| !p[1].is_finite())) {
                continue;
            }
            let panel = panel(all, across, up, log, from_zero)?;
            // One sample has no legend: its name stands above.
            panels.push(match request.samples {
                [one] => panel.with_name(request.name(*one)),
                _ => panel,
            });
        }
        if panels.is_empty() {
            return Err(StageError::Failed("no peak has a zone: give `stz` to the stage `relaxation-times`".into()));
        }
        Ok(Panels {
            panels,
            caption: "Shear transformation zones of the peaks of the spectrum with 95 % intervals.".into(),
        })
    }
}

fn panel(all: Vec<Series>, across: Quantity, up: Quantity, log: bool, from_zero: bool) -> Result<Panel, StageError> {
    let curves = Curves {
        x: (across, false),
        y: (up, log),
        from_zero,
        series: all,
        tags: Vec::new(),
        shaded: Vec::new(),
        notes: Vec::new(),
        verdict: None,
    };
    curves.draw().map_err(StageError::of)
}

/// One zone property against another, with its interval where it has one.
fn zones(request: &Request<'_>, i: usize, x: Abscissa, y: Ordinate) -> Result<Series, StageError> {
    let rows: PeakRows = request.rows(i)?;
    let (x, [values, low, high]) = (x(&rows), y(&rows));
    if rows.stz_n.is_empty() {
        let what = "the peaks have no zones: give `stz` to the stage `relaxation-times`";
        return Err(StageError::Failed(what.into()));
    }
    let mut s = series(&request.name(i), pairs(x, values), Look::Points, i);
    if !low.is_empty() {
        s.band = band(x, low, high);
    }
    Ok(s)
}
