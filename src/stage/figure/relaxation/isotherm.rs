//! `isotherm`: moduli against frequency with the fitted processes; a master curve with its shifts inset.

use super::super::{Panels, Plot, PlotDoc, Request};
use super::shifts::inset;
use super::{pairs, said, series};
use crate::data::{Kind, Table};
use crate::figure::plot::Quantity;
use crate::figure::plot::curves::{Curves, Look};
use crate::stage::StageError;
use crate::stage::tables::{ModulusCurve, TypedTable, numbered};
use crate::unit::Unit;

pub(in crate::stage::figure) struct Isotherm;

impl Plot for Isotherm {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "isotherm",
            about: "storage and loss modulus against frequency with the fitted processes (`fit.curve` of `spectrum-fit`), or a master curve",
            kinds: &[Kind::Table],
            of: None,
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let table = request.table(*i)?;
            let panel = self.curves(request, *i, &table)?.draw()?;
            let panel = match inset(request, *i)? {
                Some(inner) => panel.with_inset(inner),
                None => panel,
            };
            panels.push(panel.with_name(request.name(*i)));
        }
        Ok(Panels { panels, caption: "Moduli against frequency with the fitted model and its processes.".into() })
    }
}

impl Isotherm {
    fn curves(&self, request: &Request<'_>, i: usize, t: &Table) -> Result<Curves, StageError> {
        let rows = ModulusCurve::of(t).map_err(|column| request.lacks(column))?;
        let omega = &rows.angular_frequency;
        let mut all = Vec::new();
        let moduli = [("E′", &rows.storage, &rows.storage_fit), ("E″", &rows.loss, &rows.loss_fit)];
        for (place, (label, measured, fit)) in moduli.into_iter().enumerate() {
            if !measured.is_empty() {
                all.push(series(label, pairs(omega, measured), Look::Points, place));
            }
            if !fit.is_empty() {
                all.push(series("model", pairs(omega, fit), Look::Line, place));
            }
        }
        let parts = numbered(t, "loss_", 1);
        if parts.len() > 1 {
            for (k, y) in parts.iter().enumerate() {
                all.push(series(&format!("process {}", k + 1), pairs(omega, y), Look::Part, k + 2));
            }
        }
        if all.is_empty() {
            return Err(StageError::Failed(
                "the plot `isotherm` draws moduli against frequency: write `fit.curve`".into(),
            ));
        }
        // One modulus needs no legend: the axis names it.
        let ordinate = match (rows.storage.is_empty(), rows.loss.is_empty()) {
            (true, false) => "Loss modulus E″",
            (false, true) => "Storage modulus E′",
            _ => "Modulus",
        };
        let verdict = match request.metric(i, "superposes").map(|m| m.value.clone()) {
            Some(crate::data::Value::Text(t)) if t == "no" => Some("does not superpose".to_string()),
            _ => None,
        };
        let notes = [
            ("tau", "τ"),
            ("kww_beta", "β"),
            ("hn_alpha", "α"),
            ("hn_gamma", "γ"),
            ("cc_alpha", "α"),
            ("cd_gamma", "γ"),
        ];
        Ok(Curves {
            x: (Quantity::new("Angular frequency", Unit::of("rad/s")), true),
            y: (Quantity::new(ordinate, Unit::of("Pa")), true),
            from_zero: false,
            series: all,
            tags: Vec::new(),
            shaded: Vec::new(),
            notes: notes.into_iter().filter_map(|(m, s)| said(request, i, m, s)).collect(),
            verdict,
        })
    }
}
