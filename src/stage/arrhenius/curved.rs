//! The law of Vogel, Fulcher and Tammann: T₀, fragility, the energy of the liquid at T_g.

use super::Arrhenius;
use super::points::{Points, RateKind};
use super::table::{Rows, table};
use crate::data::{Artifact, Metric, Warning};
use crate::relax::processes::Bracket;
use crate::relax::vft::{self, Vft, liquid_energy, wlf};
use crate::stage::{Cx, Outputs, Uncertainty};
use crate::unit::Unit;

use std::sync::Arc;

impl Arrhenius {
    pub(super) fn vft(&self, p: &Points, cx: &Cx<'_>) -> Outputs {
        let log: Vec<f64> = p.rate.iter().map(|f| libm::log(*f)).collect();
        let points = vft::Points { log: &log, temperature: &p.temperature, error: &p.error };
        let law = match Vft::fit(&points) {
            Ok(law) => law,
            Err(e) => return self.missing(&format!("{e}{}", p.left_out)),
        };
        let (tg, note) = match (cx.sample.number("tg").filter(|t| *t > 0.0), p.measured) {
            (Some(tg), _) => (Some(tg), "at `tg` of the sample"),
            (None, RateKind::Frequency) => (Some(law.glass_transition()), "at the temperature of τ = 100 s"),
            (None, _) => (None, ""),
        };
        let fragility = tg.and_then(|tg| Some((law.fragility(&points, tg)?, tg)));
        let mut warnings = Vec::new();
        if law.t0.1[0] <= 0.0 {
            warnings.push(Warning::new(
                "not-curved",
                "a straight Arrhenius line fits as well: the interval of T₀ reaches 0",
                "T₀ and fragility are no more than an extrapolation; measure over more decades of frequency",
            ));
        }
        let known = self.intervals.uncertainty == Uncertainty::Bootstrap;
        let grid = super::table::grid(&p.temperature);
        let band = if known {
            law.band(&points, &grid, self.intervals.resamples, &cx.stream.role("band"))
        } else {
            Vec::new()
        };
        let at: Vec<f64> = grid.iter().map(|t| libm::exp(law.at(*t))).collect();
        let band: Vec<[f64; 2]> = band.iter().map(|b| b.map(libm::exp)).collect();
        let rows = Rows { points: p, grid: &grid, law: &at, band: &band };
        let metrics = Metrics { law: &law, known, n: log.len() as f64 }.all(p, fragility, note);
        Outputs { artifacts: vec![("line", Artifact::Table(Arc::new(table(&rows).table())))], metrics, warnings }
    }
}

struct Metrics<'a> {
    law: &'a Vft,
    known: bool,
    n: f64,
}

impl Metrics<'_> {
    fn with(&self, name: &str, b: Bracket, unit: &str) -> Metric {
        let m = Metric::number(name, b.0, unit).n(self.n);
        if self.known { m.bounded(b.1) } else { m }
    }

    fn all(&self, p: &Points, fragility: Option<(Bracket, f64)>, note: &str) -> Vec<Metric> {
        let law = self.law;
        let straight = if law.t0.1[0] <= 0.0 { "its interval reaches 0: Arrhenius' law is not excluded" } else { "" };
        let mut out = vec![
            self.with("vft_t0", law.t0, "K").note(straight),
            Metric::number("vft_b", law.b, "K").n(self.n).note("at the best T₀"),
            Metric::text("curved", if straight.is_empty() { "yes" } else { "not shown" }).n(self.n),
        ];
        // τ = 1/(2πf).
        let tau = -(law.log_prefactor + libm::log(std::f64::consts::TAU)) / std::f64::consts::LN_10;
        out.push(match p.measured {
            RateKind::Frequency => Metric::number("log10_tau0", tau, "").n(self.n).note("τ₀ in s, at the best T₀"),
            _ => Metric::missing("log10_tau0", "shifts and heating rates have no time of their own"),
        });
        match fragility {
            Some((m, tg)) => {
                let energy = (liquid_energy(m.0, tg), m.1.map(|m| liquid_energy(m, tg)));
                let particle = Unit::of("eV").scale / super::J_PER_MOL_PER_EV;
                out.push(Metric::number("fragility_tg", tg, "K").note(note));
                out.push(self.with("fragility", m, ""));
                out.push(self.with("e_liquid", energy, "J/mol"));
                out.push(self.with("e_liquid_particle", (energy.0 * particle, energy.1.map(|e| e * particle)), "eV"));
            }
            None => {
                let why = "there is no T_g above T₀; add it to the sample, such as tg = \"461 K\"";
                let names = ["fragility_tg", "fragility", "e_liquid", "e_liquid_particle"];
                out.extend(names.map(|m| Metric::missing(m, why)));
            }
        }
        match p.measured {
            RateKind::Shift(reference) if reference.is_finite() => {
                let [c1, c2] = wlf(law, reference);
                out.push(Metric::number("wlf_c1", c1, "").n(self.n));
                out.push(Metric::number("wlf_c2", c2, "K").n(self.n));
            }
            _ => out.extend(["wlf_c1", "wlf_c2"].map(|m| Metric::missing(m, "the input is no shifts"))),
        }
        out
    }
}
