//! `relaxation-times`: the spectrum of relaxation times without a model, its peaks, and the zones they stand for.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Cx, Doc, Inputs, MetricDoc, Output, Outputs, ParamError, Port, Scope, Stage, StageError, Uncertainty,
    check_resamples,
};
use crate::data::{Artifact, Column, Kind, Metric, Role, Spectrum, Table, Warning};
use crate::relax::gather::{sweeps, transient};
use crate::relax::stz::{ELECTRON_VOLT, Zone};
use crate::relax::times::bands::{Bands, bands};
use crate::relax::times::peaks::{Peak, peaks};
use crate::relax::times::strength::Normal;
use crate::relax::times::twin::{SEPARATIONS, resolution};
use crate::relax::times::{Grid, Problem, Rule, Smooth, solve};
use crate::unit::Unit;
use crate::unit::quantity::{Duration, Frequency, Pressure, Space, Temperature};

/// Finds a spectrum of relaxation times.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RelaxationTimes {
    /// `[shortest, longest]` relaxation time; a decade beyond the data to both sides unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<[Duration; 2]>,
    /// Times a decade.
    #[serde(default = "ten")]
    per_decade: usize,
    /// Whether a decay ends at a level other than 0.
    #[serde(default = "yes")]
    baseline: bool,
    /// Whether a decay drifts on a straight line besides.
    #[serde(default)]
    drift: bool,
    /// How the cost of roughness is chosen: `evidence`, `gcv`, `l-curve`.
    #[serde(default)]
    rule: Rule,
    /// Errors of the data: `relative` to each point (frequency), `absolute` (time), unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noise: Option<Noise>,
    /// Temperature whose isotherm is taken where the table has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    temperature: Option<Temperature>,
    /// Sizes and energies of shear transformation zones from the peaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stz: Option<Stz>,
    /// `bootstrap`: bands, intervals of peaks and the resolution by fresh noise on the fit; `none`.
    #[serde(default)]
    uncertainty: Uncertainty,
    /// Resamples of the bootstrap.
    #[serde(default = "hundred")]
    resamples: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Noise {
    Relative,
    Absolute,
}

/// What zones are computed from.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stz {
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
    /// Transformation strain γ_T.
    #[serde(default = "strain")]
    strain: f64,
    /// Dilatancy β̄.
    #[serde(default = "unity")]
    dilatancy: f64,
    /// Shear resistance over shear modulus.
    #[serde(default = "resistance")]
    resistance: f64,
}

fn ten() -> usize {
    10
}

fn yes() -> bool {
    true
}

fn hundred() -> usize {
    100
}

fn strain() -> f64 {
    0.2
}

fn unity() -> f64 {
    1.0
}

fn resistance() -> f64 {
    0.025
}

/// Most times of a grid.
const MOST: usize = 400;

impl Stage for RelaxationTimes {
    const DOC: &'static Doc = &Doc {
        id: "relaxation-times",
        version: 1,
        about: "Non-negative f(ln τ), as smooth as the data allow, from a decay in time with a level and a drift, or from loss, or storage and loss \
                in frequency; the cost of roughness by the evidence of the data. Peaks of at least 1 % of the area with centroid and area, bands, \
                and what separation of two times these data can resolve; shear transformation zones.",
        reference: "METHODS §11; S3 §3, §6, Eq. 1–9",
        scope: Scope::Sample,
        inputs: &[Port::new(
            "data",
            &[Kind::Spectrum, Kind::Table],
            "",
            "time and stress, modulus or strain; or frequency and loss or storage and loss",
        )],
        outputs: &[
            Output { name: "spectrum", kind: Kind::Table, unit: "", about: "f(ln τ) with its band" },
            Output { name: "peaks", kind: Kind::Table, unit: "", about: "one row a peak, with its zone" },
            Output { name: "curve", kind: Kind::Table, unit: "", about: "data and fit" },
        ],
        metrics: &[
            MetricDoc { name: "peaks", unit: "", about: "number of peaks" },
            MetricDoc {
                name: "tau_1",
                unit: "s",
                about: "centroid τ_m of the first peak by rising time; so `tau_2` …",
            },
            MetricDoc { name: "c_1", unit: "data", about: "its area c_m = ∫ f d ln τ" },
            MetricDoc { name: "stz_n_1", unit: "", about: "atoms of its zone" },
            MetricDoc { name: "stz_energy_1", unit: "eV", about: "its activation energy ΔF" },
            MetricDoc { name: "baseline", unit: "data", about: "level that the decay ends at" },
            MetricDoc { name: "drift", unit: "data/s", about: "slope besides" },
            MetricDoc { name: "relaxed_modulus", unit: "Pa", about: "storage at frequency 0" },
            MetricDoc {
                name: "resolution",
                unit: "",
                about: "decades between two times that twins of these data tell apart",
            },
            MetricDoc {
                name: "strength",
                unit: "",
                about: "cost of roughness, as data and roughness weigh alike at 1",
            },
            MetricDoc { name: "rule", unit: "", about: "the rule that chose it" },
            MetricDoc {
                name: "noise",
                unit: "",
                about: "scatter of the data about the fit, relative or in the unit of the data",
            },
        ],
        metadata: &[],
        example: "run = \"relaxation-times\"\ninput = \"recovery\"\nbaseline = true\nrange = [\"0.1 s\", \"1e9 s\"]\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if let Some([a, b]) = self.range
            && !(a.0 > 0.0 && b.0 > a.0)
        {
            return Err(ParamError::new("range", "two positive times are wanted, the shorter first"));
        }
        if !(2..=50).contains(&self.per_decade) {
            return Err(ParamError::new("per_decade", "2 to 50 times a decade"));
        }
        if let Some(z) = &self.stz {
            let positive = z.shear_modulus.0 > 0.0
                && z.atomic_volume.0 > 0.0
                && z.temperature.0 > 0.0
                && z.attempt_frequency.0 > 0.0;
            if !(positive && z.strain > 0.0 && z.dilatancy >= 0.0 && z.resistance >= 0.0) {
                return Err(ParamError::new("stz", "modulus, volume, temperature, frequency and strain are positive"));
            }
            if !(z.poisson > -1.0 && z.poisson < 0.5) {
                return Err(ParamError::new(
                    "stz",
                    format!("{} is no Poisson's ratio; it lies between −1 and 0.5", z.poisson),
                ));
            }
        }
        check_resamples(self.uncertainty, self.resamples)
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let made = self.problem(&*inputs.spectrum_or_table(0)?)?;
        let p = &made.problem;
        let normal = Normal::of(p);
        let s = solve(p, &normal, self.rule).ok_or_else(|| {
            StageError::Failed("the equations have no solution: the data do not determine times in this range".into())
        })?;
        let found = peaks(&s, p);
        let (band, resolved) = match self.uncertainty {
            Uncertainty::None => (None, None),
            Uncertainty::Bootstrap => (
                bands(&s, p, &normal, &found, self.resamples, cx.seed),
                Some(resolution(&s, p, &normal, self.rule, cx.seed)),
            ),
        };
        let report = Report { stage: self, made: &made, s: &s, found: &found, band: band.as_ref(), resolved };
        let mut warnings = made.warnings.clone();
        report.warn(&mut warnings);
        Ok(Outputs {
            artifacts: vec![
                ("spectrum", Artifact::Table(Arc::new(report.spectrum()))),
                ("peaks", Artifact::Table(Arc::new(report.table()))),
                ("curve", Artifact::Table(Arc::new(report.curve()))),
            ],
            metrics: report.metrics(),
            warnings,
        })
    }
}

/// Equations with what they came from.
struct Made {
    problem: Problem,
    /// Times or angular frequencies of the points.
    axis: Vec<f64>,
    axis_name: (&'static str, &'static str),
    /// Shortest and longest time that the data see, s.
    window: [f64; 2],
    /// Unit of f, and of what is decayed.
    unit: Unit,
    relative: bool,
    warnings: Vec<Warning>,
}

impl RelaxationTimes {
    fn grid(&self, window: [f64; 2]) -> Result<Grid, StageError> {
        let [a, b] = self.range.map_or([window[0] / 10.0, window[1] * 10.0], |r| r.map(|t| t.0));
        let count = (libm::log10(b / a) * self.per_decade as f64).round() as usize + 1;
        if !(5..=MOST).contains(&count) {
            return Err(StageError::Failed(format!(
                "{count} times from {a:.1e} to {b:.1e} s; 5 to {MOST} are possible: change `range` or `per_decade`"
            )));
        }
        Ok(Grid::new(a, b, count))
    }

    fn problem(&self, s: &Spectrum) -> Result<Made, StageError> {
        match s.get(Role::Time) {
            Some(_) => self.of_time(s),
            None => self.of_frequency(s),
        }
    }

    fn of_time(&self, s: &Spectrum) -> Result<Made, StageError> {
        let rows = s.parts.first().map_or(0..s.rows(), |p| p.rows.clone());
        let (d, role, warnings) = transient(s, rows).map_err(StageError::of)?;
        let n = d.time.len();
        let window = [d.time[0], d.time[n - 1]];
        let relative = self.noise == Some(Noise::Relative);
        let error: Vec<f64> = match relative {
            true => d.value.iter().map(|v| v.abs().max(f64::MIN_POSITIVE)).collect(),
            // In units of the spread, so that sums keep their digits.
            false => vec![crate::num::sum::moments(&d.value).std.max(f64::MIN_POSITIVE); n],
        };
        let tenth = (n / 10).max(1);
        let mean = |v: &[f64]| crate::num::sum::mean(v);
        let growing = mean(&d.value[n - tenth..]) > mean(&d.value[..tenth]);
        let problem =
            Problem::of_time(self.grid(window)?, &d.time, &d.value, error, growing, self.baseline, self.drift);
        self.enough(&problem)?;
        Ok(Made { problem, axis: d.time, axis_name: ("time", "s"), window, unit: role.unit(), relative, warnings })
    }

    fn of_frequency(&self, s: &Spectrum) -> Result<Made, StageError> {
        let (all, warnings) = sweeps(s).map_err(StageError::of)?;
        let sweep = match (self.temperature, all.as_slice()) {
            (None, [one]) => one,
            (None, _) => {
                return Err(StageError::Failed(format!(
                    "the table has {} temperatures; choose one with `temperature`, or join them by `master-curve`",
                    all.len()
                )));
            }
            (Some(t), _) => all
                .iter()
                .min_by(|a, b| (a.temperature - t.0).abs().total_cmp(&(b.temperature - t.0).abs()))
                .ok_or_else(|| StageError::Failed("there is no isotherm".into()))?,
        };
        let d = &sweep.isotherm;
        let omega = &d.omega;
        let window = [1.0 / omega[omega.len() - 1], 1.0 / omega[0]];
        let relative = self.noise != Some(Noise::Absolute);
        let values: Vec<f64> = d.storage.iter().chain(&d.loss).copied().collect();
        let largest = values.iter().copied().fold(0.0, f64::max);
        let error = values.iter().map(|v| if relative { *v } else { largest }).collect();
        let problem = Problem::of_frequency(self.grid(window)?, omega, &d.storage, &d.loss, error);
        self.enough(&problem)?;
        let times = usize::from(!d.storage.is_empty()) + usize::from(!d.loss.is_empty());
        let axis = omega.iter().copied().cycle().take(times * omega.len()).collect();
        Ok(Made {
            problem,
            axis,
            axis_name: ("angular_frequency", "rad/s"),
            window,
            unit: Unit::of("Pa"),
            relative,
            warnings,
        })
    }

    fn enough(&self, p: &Problem) -> Result<(), StageError> {
        const FEWEST: usize = 12;
        if p.points() < FEWEST {
            return Err(StageError::Failed(format!(
                "{} points do not determine a spectrum; {FEWEST} at least",
                p.points()
            )));
        }
        Ok(())
    }
}

struct Report<'a> {
    stage: &'a RelaxationTimes,
    made: &'a Made,
    s: &'a Smooth,
    found: &'a [Peak],
    band: Option<&'a Bands>,
    resolved: Option<Option<f64>>,
}

impl Report<'_> {
    fn zone(&self) -> Option<(Zone, f64)> {
        let z = self.stage.stz?;
        let zone = Zone {
            poisson: z.poisson,
            shear_modulus: z.shear_modulus.0,
            temperature: z.temperature.0,
            attempt_frequency: z.attempt_frequency.0,
            strain: z.strain,
            dilatancy: z.dilatancy,
            resistance: z.resistance,
        };
        Some((zone, z.atomic_volume.0))
    }

    /// Atoms and energy in eV of the zone that relaxes in a time.
    fn of_zone(&self, tau: f64) -> [f64; 2] {
        let Some((zone, atom)) = self.zone() else { return [f64::NAN; 2] };
        zone.volume(tau).map_or([f64::NAN; 2], |v| [v / atom, zone.energy(v) / ELECTRON_VOLT])
    }

    fn metrics(&self) -> Vec<Metric> {
        let n = self.made.problem.points() as f64;
        // Read in electron-volts, as the field writes them.
        let ev = Unit { symbol: "eV".into(), opaque: true, ..Unit::none() };
        let mut out = vec![Metric::number("peaks", self.found.len() as f64, "").n(n)];
        for (k, peak) in self.found.iter().enumerate() {
            let name = |s: &str| format!("{s}_{}", k + 1);
            let ends = self.band.map(|b| b.peaks[k]);
            let with =
                |m: Metric, e: Option<[f64; 2]>| e.map_or_else(|| m.clone(), |[a, b]| m.clone().interval(a, b)).n(n);
            let edge = if self.at_edge(peak) { "at the edge of the time window" } else { "" };
            out.push(with(Metric::number(&name("tau"), peak.tau, "s").note(edge), ends.map(|e| e[0])));
            out.push(with(Metric::with_unit(&name("c"), peak.area, &self.made.unit).note(edge), ends.map(|e| e[1])));
            if self.zone().is_some() {
                let [atoms, energy] = self.of_zone(peak.tau);
                let of = ends.map(|e| e[0].map(|t| self.of_zone(t)));
                let short = "shorter than any zone relaxes in";
                for (metric, k) in [
                    (Metric::number(&name("stz_n"), atoms, ""), 0),
                    (Metric::with_unit(&name("stz_energy"), energy, &ev), 1),
                ] {
                    out.push(match atoms.is_finite() {
                        true => with(metric, of.map(|o| [o[0][k], o[1][k]])),
                        false => Metric::missing(&metric.name, short),
                    });
                }
            }
        }
        let grid = self.made.problem.grid.tau.len();
        for (k, name) in self.made.problem.extras.iter().enumerate() {
            let unit = match *name {
                "drift" => Unit::of("1/s"),
                _ => self.made.unit.clone(),
            };
            let m = Metric::with_unit(name, self.s.x[grid + k], &unit).n(n);
            out.push(self.band.map_or_else(|| m.clone(), |b| m.clone().interval(b.extras[k][0], b.extras[k][1])));
        }
        out.push(match self.resolved {
            Some(Some(d)) => Metric::number("resolution", d, "").note("decades, in nine of ten twins of the data"),
            Some(None) => Metric::missing(
                "resolution",
                &format!(
                    "twins of the data do not tell two times {} decades apart",
                    SEPARATIONS[SEPARATIONS.len() - 1]
                ),
            ),
            None => Metric::missing("resolution", "no twins were asked for"),
        });
        let end = if self.s.at_end { "at the end of what was tried" } else { "" };
        out.push(Metric::number("strength", self.s.strength, "").note(end));
        let rule = match self.stage.rule {
            Rule::Evidence => "evidence",
            Rule::Gcv => "gcv",
            Rule::LCurve => "l-curve",
        };
        out.push(Metric::text("rule", rule));
        let noise = self.s.noise(&self.made.problem);
        out.push(match self.made.relative {
            true => Metric::number("noise", noise, "").n(n).note("relative"),
            false => Metric::with_unit("noise", noise * self.made.problem.error[0], &self.made.unit).n(n),
        });
        out
    }

    fn at_edge(&self, peak: &Peak) -> bool {
        const NEAR: f64 = 2.0;
        peak.tau < self.made.window[0] * NEAR || peak.tau > self.made.window[1] / NEAR
    }

    fn warn(&self, warnings: &mut Vec<Warning>) {
        let edge: Vec<String> =
            self.found.iter().filter(|p| self.at_edge(p)).map(|p| format!("{:.1e} s", p.tau)).collect();
        if !edge.is_empty() {
            let drift = if self.made.axis_name.0 == "time" && !self.stage.drift {
                "; a drift of the instrument looks like a slow process: try `drift = true`"
            } else {
                ""
            };
            warnings.push(Warning::new(
                "peak-at-edge",
                format!("peaks at the edge of the time window: {}", edge.join(", ")),
                format!("measure longer, or faster, before naming a process{drift}"),
            ));
        }
        if self.stage.rule == Rule::Gcv {
            warnings.push(Warning::new(
                "under-smoothed",
                "cross-validation with non-negative spectra is known to find too many peaks",
                "take `rule = \"evidence\"`",
            ));
        }
        let Some(Some(d)) = self.resolved else { return };
        let close = self.found.windows(2).find(|w| libm::log10(w[1].tau / w[0].tau) < d);
        if let Some(w) = close {
            warnings.push(Warning::new(
                "below-resolution",
                format!(
                    "peaks at {:.1e} and {:.1e} s are closer than the {d} decades that twins of these data resolve",
                    w[0].tau, w[1].tau
                ),
                "they may be one broad process; reduce the noise or widen the window",
            ));
        }
    }

    fn spectrum(&self) -> Table {
        let grid = &self.made.problem.grid.tau;
        let f = &self.s.x[..grid.len()];
        let band = |k: usize| {
            let of = |i: usize| self.band.map_or(f64::NAN, |b| b.f[i][k]);
            (0..grid.len()).map(of).collect::<Vec<f64>>()
        };
        let number =
            |i: usize| self.found.iter().position(|p| p.rows.contains(&i)).map_or(f64::NAN, |k| (k + 1) as f64);
        Table {
            columns: vec![
                Column::number("tau", &Unit::of("s"), grid.iter().copied()),
                Column::number("f", &self.made.unit, f.iter().copied()),
                Column::number("f_low", &self.made.unit, band(0)),
                Column::number("f_high", &self.made.unit, band(1)),
                Column::number("peak", &Unit::none(), (0..grid.len()).map(number)),
            ],
        }
    }

    fn table(&self) -> Table {
        let p = self.found;
        let number =
            |name: &str, unit: &Unit, of: &dyn Fn(usize) -> f64| Column::number(name, unit, (0..p.len()).map(of));
        let end = |k: usize, which: usize, side: usize| self.band.map_or(f64::NAN, |b| b.peaks[k][which][side]);
        let (s, none, own) = (Unit::of("s"), Unit::none(), &self.made.unit);
        let total: f64 = p.iter().map(|p| p.area).sum();
        let mut columns = vec![
            number("peak", &none, &|k| (k + 1) as f64),
            number("tau", &s, &|k| p[k].tau),
            number("tau_low", &s, &|k| end(k, 0, 0)),
            number("tau_high", &s, &|k| end(k, 0, 1)),
            number("c", own, &|k| p[k].area),
            number("c_low", own, &|k| end(k, 1, 0)),
            number("c_high", own, &|k| end(k, 1, 1)),
            number("share", &none, &|k| p[k].area / total),
            number("width", &none, &|k| p[k].width / std::f64::consts::LN_10),
        ];
        if let Some((zone, _)) = self.zone() {
            let volume = |k: usize| zone.volume(p[k].tau).unwrap_or(f64::NAN);
            columns.push(number("stz_volume", &Unit::of("m^3"), &volume));
            columns.push(number("stz_n", &none, &|k| self.of_zone(p[k].tau)[0]));
            columns.push(number("stz_energy", &Unit::of("eV"), &|k| zone.energy(volume(k))));
        }
        Table { columns }
    }

    fn curve(&self) -> Table {
        let p = &self.made.problem;
        let back = |v: &[f64]| v.iter().zip(&p.error).map(|(v, e)| v * e).collect::<Vec<f64>>();
        let (name, unit) = self.made.axis_name;
        let half = self.made.axis.windows(2).position(|w| w[1] < w[0]).map_or(0, |i| i + 1);
        let kind = |i: usize| {
            if half > 0 && i < half {
                "storage"
            } else if name == "time" {
                "value"
            } else {
                "loss"
            }
        };
        Table {
            columns: vec![
                Column::text("kind", (0..p.points()).map(|i| kind(i).to_string()).collect()),
                Column::number(name, &Unit::of(unit), self.made.axis.iter().copied()),
                Column::number("value", &self.made.unit, back(&p.data)),
                Column::number("fit", &self.made.unit, back(&p.predict(&self.s.x))),
            ],
        }
    }
}
