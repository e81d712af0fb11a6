//! What is said of a relaxation.

use super::{StressRelaxation, Zero};
use crate::data::{Column, Metric, Role, Spectrum, Standing, Table, Warning};
use crate::num::serial::{Axis, Memory};
use crate::relax::gather::transient;
use crate::relax::model::kww::mean_time;
use crate::relax::processes::Bracket;
use crate::relax::transient::Transient;
use crate::relax::transient::relaxation::{Class, Relaxation};
use crate::stage::Profile;
use crate::stage::null::at_bound;
use crate::stage::tables::DecayCurve;
use crate::unit::Unit;

/// Change of τ with time zero above which METHODS §14 warns.
const SENSITIVE: f64 = 0.1;
/// Why numbers of one stretched exponential have no interval.
const REJECTED: &str = "one stretched exponential does not describe the record; no interval";

impl StressRelaxation {
    fn with(&self, name: &str, b: Bracket, unit: &str, n: f64) -> Metric {
        let m = Metric::number(name, b.0, unit).n(n);
        if self.uncertainty == Profile::None { m } else { m.bounded(b.1) }
    }

    pub(super) fn of_fit(&self, found: &Relaxation) -> Vec<Metric> {
        let (n, f) = (found.data.points, &found.one);
        let stands = found.class == Class::One;
        let with = |name: &str, b: Bracket, unit: &str| match stands {
            true => self.with(name, b, unit, n),
            false => Metric::number(name, b.0, unit).n(n).standing(Standing::ModelRejected, REJECTED),
        };
        let time = f.tau.1.map(|t| t * mean_time(f.beta.0));
        let mean = with("kww_mean_time", (f.tau.0 * mean_time(f.beta.0), time), "s");
        vec![
            with("kww_tau", f.tau, "s"),
            with("kww_beta", f.beta, ""),
            if stands { mean.note("interval of τ at this β") } else { mean },
            match found.data.rises() && found.data.value[0] > 0.0 {
                true => Metric::missing("relaxed", "the value rises: it is a creep"),
                false if f.baseline.is_some() => with("relaxed", f.relaxed, ""),
                false if self.baseline => {
                    let why = "the fit has its level below 0, and none was taken: how little may stay is not known";
                    Metric::number("relaxed", 1.0, "").n(n).standing(Standing::GuideOnly, why)
                }
                false => Metric::number("relaxed", 1.0, "").n(n).note("without a baseline all of it relaxes"),
            },
            match self.zero_time {
                Zero::Given(t) => Metric::number("zero_time", t.0, "s").note("given"),
                Zero::Rule(_) => with("zero_time", f.zero, "s"),
            },
            Metric::number("kww_tau_shift", found.shift, "").n(n),
        ]
    }

    pub(super) fn of_steps(&self, found: &Relaxation) -> Vec<Metric> {
        let n = found.data.points;
        let mut out = Vec::new();
        let surrogates = self.nulls.surrogates;
        if surrogates > 0 {
            out.push(match found.misfit {
                Some(p) => {
                    let about = "hypothesis: one stretched exponential";
                    Metric::number("model_p", p, "").n(surrogates as f64).note(about).note(at_bound(p, surrogates))
                }
                None => Metric::missing("model_p", "the record has no noise, or too few of its likeness can be fitted"),
            });
        }
        out.push(match &found.memory {
            Some(m) => {
                Metric::number("noise_correlation", m.share * neighbours(m, found.step), "").n(n).note(&words(m))
            }
            None => Metric::number("noise_correlation", 0.0, "").n(n),
        });
        out.push(Metric::text("step_class", found.class.name()).n(n));
        match (found.class, &found.two) {
            (Class::Two | Class::Shoulder, Some(two)) => {
                out.push(Metric::number("steps", 2.0, "").n(n));
                out.push(self.with("tau_1", two.tau[0], "s", n));
                out.push(self.with("tau_2", two.tau[1], "s", n));
                out.push(self.with("beta_step", two.share, "", n));
            }
            (Class::One, _) => {
                out.push(Metric::number("steps", 1.0, "").n(n));
                out.push(self.with("tau_1", found.one.tau, "s", n).note("of the stretched exponential"));
                out.push(Metric::missing("beta_step", "one stretched exponential describes the record"));
            }
            _ => {
                let why = cannot_be_told(found);
                out.push(Metric::missing("steps", &why));
                out.push(Metric { unit: Unit::of("s"), ..Metric::missing("tau_1", &why) });
                out.push(Metric::missing("beta_step", &why));
            }
        }
        out
    }
}

fn cannot_be_told(found: &Relaxation) -> String {
    let maxima = found.maxima.len();
    let rate = format!("the rate has {maxima} {}", if maxima == 1 { "maximum" } else { "maxima" });
    let why = match (&found.two, found.misfit_of_two) {
        (None, _) => "one stretched exponential is rejected, and two cannot be fitted".to_string(),
        (_, Some(p)) if p < 0.05 => {
            format!("neither one nor two stretched exponentials describe the record (p of two = {p:.2})")
        }
        _ => "one stretched exponential is rejected, and two are not determined".to_string(),
    };
    Standing::CannotBeTold.note(&format!("{why}; {rate}"))
}

/// Correlation of the part of the noise that remembers, between points of that distance, s.
fn neighbours(m: &Memory, distance: f64) -> f64 {
    let step = if m.axis == Axis::Points { 1.0 } else { distance };
    libm::exp(-step / m.length)
}

fn words(m: &Memory) -> String {
    let unit = if m.axis == Axis::Points { "points" } else { "s" };
    let part = if m.share < 0.995 { format!("{:.0} % of its variance", 100.0 * m.share) } else { "it".to_string() };
    format!("{part} remembers over {:.1} {unit}; intervals and p take it in", m.length)
}

/// Data, the fit that stands, and its steps where there are two.
pub(super) fn curve(found: &Relaxation, role: Role) -> Table {
    let d = &found.data;
    let two = found.two.as_ref().filter(|_| matches!(found.class, Class::Two | Class::Shoulder));
    let fit = two.map_or(&found.one.curve, |t| &t.curve).clone();
    let rows = DecayCurve { time: d.time.clone(), fit, ..DecayCurve::of_data(role, &d.value) };
    let mut table = rows.table();
    for (k, part) in two.iter().flat_map(|t| t.parts.iter().enumerate()) {
        table.columns.push(Column::number(&format!("process_{}", k + 1), &role.unit(), part.iter().copied()));
    }
    table
}

/// What is doubtful.
pub(super) fn warnings(found: &Relaxation) -> Vec<Warning> {
    let (d, f, shift) = (&found.data, &found.one, found.shift);
    let mut out = Vec::new();
    if shift > SENSITIVE {
        out.push(Warning::new(
            "time-zero",
            format!("τ moves by {:.0} % if time zero is off by half of the first interval", 100.0 * shift),
            "record the loading itself, or set `zero_time = \"fitted\"`",
        ));
    }
    let end = d.time[d.time.len() - 1];
    if f.tau.0 > end || f.tau.0 < d.time[0] {
        out.push(Warning::new(
            "peak-at-edge",
            format!("τ = {:.2e} s lies outside of the times measured ({:.2e} to {end:.2e} s)", f.tau.0, d.time[0]),
            "it is an extrapolation: measure longer, or earlier",
        ));
    }
    if !f.at_bound.is_empty() {
        out.push(Warning::new(
            "parameter-at-bound",
            format!("{} at the end of what was sought", f.at_bound.join(", ")),
            "the decay does not determine it",
        ));
    }
    if f.amplitude.1[0] <= 0.0 && f.amplitude.1[1] >= 0.0 {
        out.push(Warning::new(
            "no-decay",
            "the amplitude of the decay is not told from 0: τ and β are those of noise",
            "measure longer, or with less noise",
        ));
    }
    if found.class == Class::Neither {
        out.push(Warning::new(
            Standing::ModelRejected.words(),
            cannot_be_told(found),
            "`relaxation-times` assumes no function; look at the rate",
        ));
    }
    out
}

/// Decay of the last loading over that of the first, by the last time that both have.
pub(super) fn reversibility(s: &Spectrum) -> Metric {
    const NAME: &str = "reversibility";
    let [first, .., last] = s.parts.as_slice() else {
        return Metric::missing(NAME, "there is one loading; give each its table for how they agree");
    };
    let decay = |p: &crate::data::Part| transient(s, p.rows.clone()).ok().map(|t| t.0);
    let (Some(a), Some(b)) = (decay(first), decay(last)) else {
        return Metric::missing(NAME, "a loading has too few points");
    };
    let end = a.time[a.time.len() - 1].min(b.time[b.time.len() - 1]);
    let decay = |d: &Transient| {
        let at = d.time.partition_point(|t| *t <= end * (1.0 + 1e-9)).checked_sub(1)?;
        Some(1.0 - d.value[at] / d.value[0])
    };
    match (decay(&a), decay(&b)) {
        (Some(a), Some(b)) => Metric::number(NAME, b / a, "").n(s.parts.len() as f64),
        _ => Metric::missing(NAME, "the loadings share no time: count the time of each from its own load"),
    }
}
