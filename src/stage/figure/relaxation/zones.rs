//! `zones`: shear transformation zones from the peaks of a spectrum (S3 Fig. 5, 16).

use super::super::{Panels, Plot, PlotDoc, Request};
use super::{column, interval, pairs, series};
use crate::data::{Kind, Table};
use crate::figure::plot::Quantity;
use crate::figure::plot::curves::{Curves, Look, Series};
use crate::stage::StageError;
use crate::stage::figure::Panel;
use crate::unit::Unit;

pub(in crate::stage::figure) struct Zones;

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
        let wanted = [
            ("peak", "tau", m(), Quantity::new("τ_{m}", Unit::of("s")), true),
            ("peak", "fraction", m(), Quantity::new("Volume fraction c_{m}", Unit::none()), false),
            ("peak", "modulus", m(), Quantity::new("E′_{m}", Unit::of("Pa")), true),
            ("peak", "viscosity", m(), Quantity::new("η′_{m}", Unit::of("Pa s")), true),
            ("peak", "stz_n", m(), Quantity::new("Ω_{m}/V_{atom}", Unit::none()), false),
            (
                "stz_barrier",
                "fraction",
                Quantity::new("ΔF_{m}/kT", Unit::none()),
                Quantity::new("Volume fraction c_{m}", Unit::none()),
                false,
            ),
        ];
        let mut panels = Vec::new();
        for (x, y, across, up, log) in wanted {
            let mut all = Vec::new();
            for i in request.samples {
                let t = request.table(*i)?;
                all.push(self.of(request, *i, &t, x, y)?);
            }
            if all.iter().all(|s| s.points.iter().all(|p| !p[1].is_finite())) {
                continue;
            }
            let panel = panel(all, across, up, log, y == "fraction")?;
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

impl Zones {
    fn of(&self, request: &Request<'_>, i: usize, t: &Table, x: &str, y: &str) -> Result<Series, StageError> {
        let none = || StageError::Failed("the peaks have no zones: give `stz` to the stage `relaxation-times`".into());
        let x = column(t, x).ok_or_else(none)?;
        let v = column(t, y).ok_or_else(none)?;
        let mut s = series(&request.name(i), pairs(&x, &v), Look::Points, i);
        s.band = interval(&x, column(t, &format!("{y}_low")), column(t, &format!("{y}_high")));
        Ok(s)
    }
}
