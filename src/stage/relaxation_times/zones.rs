//! Shear transformation zones of the peaks: what they are computed from, and what is said of them (S3 Eq. 1–9).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::Metric;
use crate::num::linear::line;
use crate::num::student::student;
use crate::relax::stz::{BOLTZMANN, ELECTRON_VOLT, Zone};
use crate::stage::ParamError;
use crate::stage::tables::PeakRows;
use crate::unit::Unit;
use crate::unit::quantity::{Frequency, Pressure, Space, Temperature};

/// What zones are computed from.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Stz {
    /// Poisson's ratio.
    poisson: f64,
    /// Shear modulus.
    shear_modulus: Pressure,
    /// Volume of an atom.
    atomic_volume: Space,
    /// Temperature of the measurement.
    temperature: Temperature,
    /// Attempt frequency.
    attempt_frequency: Frequency,
    /// The flow model and what fractions are normalised by.
    #[serde(flatten)]
    flow: Flow,
}

/// The model of flow, and what volume fractions are normalised by.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Flow {
    /// Transformation strain γ_T.
    strain: f64,
    /// Dilatancy β̄.
    dilatancy: f64,
    /// Shear resistance over shear modulus.
    resistance: f64,
    /// Elastic strain that an anelastic strain is normalised by for volume fractions; 1 for what is normalised already.
    elastic_strain: f64,
    /// Unrelaxed modulus that strengths of moduli are normalised by for volume fractions.
    #[serde(skip_serializing_if = "Option::is_none")]
    unrelaxed_modulus: Option<Pressure>,
}

impl Default for Flow {
    fn default() -> Flow {
        Flow { strain: 0.2, dilatancy: 1.0, resistance: 0.025, elastic_strain: 1.0, unrelaxed_modulus: None }
    }
}

/// One peak as a zone is computed from it, with intervals where they are known.
#[derive(Clone, Copy)]
pub(super) struct PeakTime {
    pub tau: f64,
    pub tau_ends: [f64; 2],
    pub area: f64,
    pub area_ends: [f64; 2],
}

/// A zone: atoms, energy (eV), barrier ΔF/kT and volume (m³); not numbers for times shorter than any zone relaxes in.
#[derive(Clone, Copy)]
struct ZoneSize {
    atoms: f64,
    energy: f64,
    barrier: f64,
    volume: f64,
}

impl Stz {
    pub(super) fn check(&self) -> Result<(), ParamError> {
        let wrong = |what: String| Err(ParamError::new("stz", what));
        let positive = self.shear_modulus.0 > 0.0
            && self.atomic_volume.0 > 0.0
            && self.temperature.0 > 0.0
            && self.attempt_frequency.0 > 0.0
            && self.flow.elastic_strain > 0.0
            && self.flow.unrelaxed_modulus.is_none_or(|m| m.0 > 0.0);
        if !(positive && self.flow.strain > 0.0 && self.flow.dilatancy >= 0.0 && self.flow.resistance >= 0.0) {
            return wrong("moduli, volume, temperature, frequency and strains are positive".into());
        }
        if !(self.poisson > -1.0 && self.poisson < 0.5) {
            return wrong(format!("{} is no Poisson's ratio; it lies between −1 and 0.5", self.poisson));
        }
        Ok(())
    }

    fn zone(&self) -> Zone {
        Zone {
            poisson: self.poisson,
            shear_modulus: self.shear_modulus.0,
            temperature: self.temperature.0,
            attempt_frequency: self.attempt_frequency.0,
            strain: self.flow.strain,
            dilatancy: self.flow.dilatancy,
            resistance: self.flow.resistance,
        }
    }

    fn of(&self, tau: f64) -> ZoneSize {
        let zone = self.zone();
        let volume = zone.volume(tau).unwrap_or(f64::NAN);
        let energy = zone.energy(volume);
        ZoneSize {
            atoms: volume / self.atomic_volume.0,
            energy: energy / ELECTRON_VOLT,
            barrier: energy / (BOLTZMANN * self.temperature.0),
            volume,
        }
    }

    /// E₀ = 2μ(1 + ν), Pa.
    fn young(&self) -> f64 {
        2.0 * self.shear_modulus.0 * (1.0 + self.poisson)
    }

    /// What areas in a unit are divided by to be volume fractions.
    fn normaliser(&self, unit: &Unit) -> Option<f64> {
        if unit.same_dimension(&Unit::none()) {
            return Some(self.flow.elastic_strain);
        }
        self.flow.unrelaxed_modulus.map(|m| m.0)
    }

    /// Metrics of the k-th peak, counted from 1.
    pub(super) fn metrics(&self, k: usize, of: &PeakTime, unit: &Unit, n: f64) -> Vec<Metric> {
        let name = |s: &str| format!("{s}_{k}");
        // Read in electron-volts, as the field writes them.
        let ev = Unit { symbol: "eV".into(), opaque: true, ..Unit::none() };
        let with = |m: Metric, [a, b]: [f64; 2]| {
            let m = m.n(n);
            if a.is_finite() && b.is_finite() { m.interval(a, b) } else { m }
        };
        let (at, ends) = (self.of(of.tau), of.tau_ends.map(|t| self.of(t)));
        let mut out = Vec::new();
        if at.atoms.is_finite() {
            out.push(with(Metric::number(&name("stz_n"), at.atoms, ""), ends.map(|e| e.atoms)));
            out.push(with(Metric::with_unit(&name("stz_energy"), at.energy, &ev), ends.map(|e| e.energy)));
        } else {
            let why = "shorter than any zone relaxes in";
            out.extend(["stz_n", "stz_energy"].map(|m| Metric::missing(&name(m), why)));
        }
        out.push(match self.normaliser(unit) {
            Some(by) => with(Metric::number(&name("stz_fraction"), of.area / by, ""), of.area_ends.map(|a| a / by)),
            None => Metric::missing(&name("stz_fraction"), "`unrelaxed_modulus` is not given"),
        });
        out
    }

    /// Atoms from one peak to the next: 1 where zones grow by single atoms (S3 §4).
    pub(super) fn slope(&self, peaks: &[PeakTime]) -> Metric {
        const NAME: &str = "stz_slope";
        let atoms: Vec<f64> = peaks.iter().map(|p| self.of(p.tau).atoms).collect();
        let m: Vec<f64> = (0..peaks.len()).map(|k| k as f64).collect();
        if atoms.len() < 3 || atoms.iter().any(|a| !a.is_finite()) {
            return Metric::missing(NAME, "fewer than three peaks with a zone");
        }
        let Some(l) = line(&m, &atoms) else { return Metric::missing(NAME, "there is no line through the peaks") };
        let n = m.len() as f64;
        let spread = n * (n * n - 1.0) / 12.0;
        let half = student(n - 2.0) * (l.chi2 / (n - 2.0) / spread).sqrt();
        Metric::number(NAME, l.slope, "").interval(l.slope - half, l.slope + half).n(n)
    }

    /// Fills the columns of the table of peaks.
    pub(super) fn fill(&self, rows: &mut PeakRows, peaks: &[PeakTime], unit: &Unit) {
        let by = self.normaliser(unit).unwrap_or(f64::NAN);
        let column = |f: &dyn Fn(&PeakTime) -> f64| peaks.iter().map(f).collect::<Vec<f64>>();
        let modulus = |p: &PeakTime| self.young() * by / p.area;
        rows.stz_volume = column(&|p| self.of(p.tau).volume);
        rows.stz_n = column(&|p| self.of(p.tau).atoms);
        rows.stz_n_low = column(&|p| self.of(p.tau_ends[0]).atoms);
        rows.stz_n_high = column(&|p| self.of(p.tau_ends[1]).atoms);
        rows.stz_energy = column(&|p| self.of(p.tau).energy * ELECTRON_VOLT);
        rows.stz_barrier = column(&|p| self.of(p.tau).barrier);
        rows.fraction = column(&|p| p.area / by);
        rows.fraction_low = column(&|p| p.area_ends[0] / by);
        rows.fraction_high = column(&|p| p.area_ends[1] / by);
        // S3 Eq. 3, 4: of one Voigt unit, E′ = E₀/c and η′ = τ E′/3.
        rows.modulus = column(&modulus);
        rows.viscosity = column(&|p| p.tau * modulus(p) / 3.0);
    }
}
