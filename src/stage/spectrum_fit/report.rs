//! What is said of fitted processes.

use super::data::Data;
use super::{BackgroundName, SpectrumFit};
use crate::data::{Column, Metric, Standing, Table, Warning};
use crate::relax::measured::Observations;
use crate::relax::model::Model;
use crate::relax::processes::{Bracket, NoFit, ProcessFit};
use crate::stage::Profile;
use crate::unit::Unit;

/// Relative residuals below are rounding.
const EXACT: f64 = 1e-6;
/// p of independent residuals below which the model is rejected.
const REJECTED: f64 = 0.05;
/// Why its numbers have no interval.
const WITHHELD: &str = "neighbouring residuals are correlated; no interval";

/// Whether what the fit leaves is not noise alone.
fn rejected(fit: &ProcessFit) -> bool {
    fit.residual > EXACT && fit.model_p < REJECTED
}

impl SpectrumFit {
    pub(super) fn warn(&self, measured: &Observations<'_>, fit: &ProcessFit, warnings: &mut Vec<Warning>) {
        let window = measured.window();
        for p in &fit.processes {
            if p.tau.0 < window[0] || p.tau.0 > window[1] {
                warnings.push(Warning::new(
                    "peak-outside",
                    format!("a process of τ = {:.2e} s lies outside of the times or frequencies measured", p.tau.0),
                    "its strength and shape are extrapolated; measure where it peaks",
                ));
            }
        }
        if !fit.at_bound.is_empty() {
            warnings.push(Warning::new(
                "parameter-at-bound",
                format!("{} at the end of what was sought", fit.at_bound.join(", ")),
                "the model has more parameters than the data determine: take a simpler one",
            ));
        }
        if rejected(fit) {
            warnings.push(Warning::new(
                Standing::ModelRejected.words(),
                format!(
                    "neighbouring residuals are correlated by {:.2} (p = {:.1e}): the model is not all there is, or the noise remembers",
                    fit.whiteness, fit.model_p
                ),
                "try `model = \"auto\"`, another process or a background",
            ));
        }
    }

    pub(super) fn with(&self, name: &str, b: Bracket, unit: &Unit, n: f64) -> Metric {
        let m = Metric::with_unit(name, b.0, unit).n(n);
        if self.uncertainty == Profile::None { m } else { m.bounded(b.1) }
    }

    pub(super) fn rows(&self, model: &dyn Model, data: &Data, fit: &ProcessFit) -> Vec<Metric> {
        let n = data.measured().parts().iter().sum::<usize>() as f64;
        let (s, none, own) =
            (Unit::of("s"), Unit::none(), if let Data::Time(_, role) = data { role.unit() } else { Unit::of("Pa") });
        let with = |name: &str, b: Bracket, unit: &Unit| match rejected(fit) {
            true => Metric::with_unit(name, b.0, unit).n(n).standing(Standing::ModelRejected, WITHHELD),
            false => self.with(name, b, unit, n),
        };
        let mut out = vec![Metric::text("model", model.doc().id)];
        for (k, p) in fit.processes.iter().enumerate() {
            let name = |s: &str| if fit.processes.len() == 1 { s.to_string() } else { format!("{s}_{}", k + 1) };
            out.push(with(&name("tau"), p.tau, &s));
            out.push(with(&name("delta_m"), p.strength, &own));
            for (shape, b) in model.doc().shape.iter().zip(&p.shape) {
                out.push(with(&name(shape.name), *b, &none));
            }
            let shape: Vec<f64> = p.shape.iter().map(|b| b.0).collect();
            let peak = model.peak(&shape) / (std::f64::consts::TAU * p.tau.0);
            out.push(Metric::number(&name("f_max"), peak, "Hz").n(n));
        }
        out.push(match (fit.level, data) {
            (Some(b), Data::Frequency(_)) => with("m_u", b, &own),
            (Some(b), Data::Time(..)) => with("level", b, &own),
            (None, _) => Metric::missing("m_u", "there is no storage modulus"),
        });
        if let Some((b, exponent)) = fit.background {
            // In its own unit: that of the data a power of time or frequency.
            out.push(with("background", b, &none).note("in the coherent unit of the data and seconds"));
            if self.background == BackgroundName::SpringPot {
                out.push(Metric::number("spring_pot_n", exponent, "").n(n));
            }
        }
        out.push(Metric::number("residual", fit.residual, "").n(n));
        out.push(Metric::number("residual_correlation", fit.whiteness, "").n(n));
        out.push(match fit.residual > EXACT {
            true => Metric::number("model_p", fit.model_p, "").n(n).note("hypothesis: residuals are independent"),
            false => Metric::missing("model_p", "the data have no noise"),
        });
        out.extend(noise(data, fit, &own));
        out.push(Metric::number("aicc", fit.aicc, "").n(n));
        out
    }
}

/// Both parts of the noise of the loss, or of the storage where there is no loss.
fn noise(data: &Data, fit: &ProcessFit, own: &Unit) -> [Metric; 2] {
    let [relative, floor] = ["noise_relative", "noise_floor"];
    match data {
        Data::Time(..) => [relative, floor].map(|m| Metric::missing(m, "of data against time the errors are alike")),
        Data::Frequency(d) => {
            let (k, n) = if d.loss.is_empty() { (0, d.storage.len()) } else { (1, d.loss.len()) };
            let noise = fit.noise[k];
            let n = n as f64;
            [Metric::number(relative, noise.relative, "").n(n), Metric::with_unit(floor, noise.floor, own).n(n)]
        }
    }
}

/// One row a process.
pub(super) fn processes(model: &dyn Model, fit: &ProcessFit, own: &Unit) -> Table {
    let number = |name: &str, unit: &Unit, of: &dyn Fn(usize) -> f64| {
        Column::number(name, unit, (0..fit.processes.len()).map(of))
    };
    let (s, none) = (Unit::of("s"), Unit::none());
    let p = &fit.processes;
    let mut columns = vec![number("process", &none, &|k| (k + 1) as f64)];
    let mut bracket = |name: &str, unit: &Unit, of: &dyn Fn(usize) -> Bracket| {
        columns.push(number(name, unit, &|k| of(k).0));
        let end = |k: usize, side: usize| if rejected(fit) { f64::NAN } else { of(k).1[side] };
        columns.push(number(&format!("{name}_low"), unit, &|k| end(k, 0)));
        columns.push(number(&format!("{name}_high"), unit, &|k| end(k, 1)));
    };
    bracket("tau", &s, &|k| p[k].tau);
    bracket("delta_m", own, &|k| p[k].strength);
    for (j, shape) in model.doc().shape.iter().enumerate() {
        bracket(shape.name, &none, &|k| p[k].shape[j]);
    }
    Table { columns }
}

/// One row a model that was compared.
pub(super) fn models(models: &[&dyn Model], compared: &[Result<ProcessFit, NoFit>]) -> Table {
    let column = |name: &str, f: fn(&ProcessFit) -> f64| {
        Column::number(name, &Unit::none(), compared.iter().map(|c| c.as_ref().map_or(f64::NAN, f)))
    };
    Table {
        columns: vec![
            Column::text("model", models.iter().map(|m| m.doc().id.to_string()).collect()),
            column("aicc", |f| f.aicc),
            column("residual", |f| f.residual),
        ],
    }
}
