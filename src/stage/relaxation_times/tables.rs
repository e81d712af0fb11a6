//! Tables of a spectrum: itself, its peaks, the data with the fit.

use super::report::Report;
use crate::data::{Column, Table};
use crate::relax::times::peaks::Peak;
use crate::stage::tables::{PeakRows, TimeSpectrum};
use crate::unit::Unit;

impl Report<'_> {
    pub(super) fn spectrum(&self) -> Table {
        let grid = &self.made.problem.grid.tau;
        let f = &self.s.x[..grid.len()];
        let band = |k: usize| {
            let edge = |i: usize| self.band.map_or(f64::NAN, |b| b.f[i][k]);
            (0..grid.len()).map(edge).collect::<Vec<f64>>()
        };
        let [first, last] = self.made.window;
        let seen = |tau: &f64| if (first..=last).contains(tau) { 1.0 } else { 0.0 };
        let number =
            |i: usize| self.found.iter().position(|p| p.rows.contains(&i)).map_or(f64::NAN, |k| (k + 1) as f64);
        let rows = TimeSpectrum {
            tau: grid.clone(),
            f: f.to_vec(),
            f_low: band(0),
            f_high: band(1),
            peak: (0..grid.len()).map(number).collect(),
            seen: grid.iter().map(seen).collect(),
            units: vec![self.made.unit.clone()],
        };
        rows.table()
    }

    pub(super) fn peaks(&self) -> Table {
        let p = self.found;
        let column = |f: fn(&Peak) -> f64| p.iter().map(f).collect::<Vec<f64>>();
        let end = |which: usize, side: usize| -> Vec<f64> { (0..p.len()).map(|k| self.ends(k)[which][side]).collect() };
        let total: f64 = p.iter().map(|p| p.area).sum();
        let mut rows = PeakRows {
            peak: (1..=p.len()).map(|k| k as f64).collect(),
            tau: column(|p| p.tau),
            tau_low: end(0, 0),
            tau_high: end(0, 1),
            c: column(|p| p.area),
            c_low: end(1, 0),
            c_high: end(1, 1),
            share: p.iter().map(|p| p.area / total).collect(),
            width: column(|p| p.width / std::f64::consts::LN_10),
            units: vec![self.made.unit.clone()],
            ..PeakRows::default()
        };
        if let Some(stz) = &self.stage.stz {
            stz.fill(&mut rows, &self.of_zones(), &self.made.unit);
        }
        rows.table()
    }

    pub(super) fn curve(&self) -> Table {
        let p = &self.made.problem;
        let back = |v: &[f64]| v.iter().zip(&p.error).map(|(v, e)| v * e).collect::<Vec<f64>>();
        let rows = || self.made.groups.iter().flat_map(|g| g.axis.iter().map(move |x| (g.kind, *x)));
        let axis = |time: bool| rows().map(move |(kind, x)| if (kind == "value") == time { x } else { f64::NAN });
        let mut columns = vec![Column::text("kind", rows().map(|(kind, _)| kind.to_string()).collect())];
        for (time, name, unit) in [(true, "time", "s"), (false, "angular_frequency", "rad/s")] {
            if rows().any(|(kind, _)| (kind == "value") == time) {
                columns.push(Column::number(name, &Unit::of(unit), axis(time)));
            }
        }
        columns.push(Column::number("value", &self.made.unit, back(&p.data)));
        columns.push(Column::number("fit", &self.made.unit, back(&p.predict(&self.s.x))));
        Table { columns }
    }
}
