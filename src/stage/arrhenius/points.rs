//! What an activation energy is fitted to: peaks of `spectrum-peaks`, shifts of `master-curve`, or a finished table.

use super::{Arrhenius, Law, Which};
use crate::data::{Artifact, Role, Spectrum};
use crate::relax::peaks::BetaClass;
use crate::stage::tables::{LossPeaks, Shifts, TypedTable};
use crate::stage::{Inputs, StageError};

/// What moves with temperature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RateKind {
    /// Frequency of a peak, Hz.
    Frequency,
    /// One over a shift, against that of a reference temperature, K.
    Shift(f64),
    /// Rate of heating, K/s.
    HeatingRate,
}

/// Points by their order in the table.
pub(super) struct Points {
    pub measured: RateKind,
    /// Hz, 1, or K/s.
    pub rate: Vec<f64>,
    /// K.
    pub temperature: Vec<f64>,
    /// One standard error, K; NaN where it is not known.
    pub error: Vec<f64>,
    /// By how much all may be displaced by one cause, K; empty where none is known.
    pub displacement: Vec<f64>,
    /// Why some were left out, to be added to what becomes of the others.
    pub left_out: String,
}

impl Points {
    fn of(
        measured: RateKind,
        rate: &[f64],
        temperature: &[f64],
        error: &[f64],
        keep: impl Fn(usize) -> bool,
    ) -> Points {
        let sound = |v: f64| v > 0.0 && v.is_finite();
        let used: Vec<usize> =
            (0..rate.len()).filter(|i| sound(rate[*i]) && sound(temperature[*i]) && keep(*i)).collect();
        let wrong = (0..rate.len()).filter(|i| rate[*i] <= 0.0 || temperature[*i] <= 0.0).count();
        let pick = |v: &[f64]| used.iter().map(|i| v.get(*i).copied().unwrap_or(f64::NAN)).collect();
        Points {
            measured,
            rate: pick(rate),
            temperature: pick(temperature),
            error: pick(error),
            displacement: Vec::new(),
            left_out: match wrong {
                0 => String::new(),
                n => format!("; {n} rows without a positive rate or temperature are left out"),
            },
        }
    }
}

/// Classes of β that have a temperature.
const CLASSES: [BetaClass; 2] = [BetaClass::Peak, BetaClass::Shoulder];

impl Arrhenius {
    pub(super) fn points(&self, inputs: &Inputs<'_>) -> Result<Points, StageError> {
        let points = match inputs.get(0) {
            Some(Artifact::Table(t)) => match (Shifts::of(t), LossPeaks::of(t)) {
                (Ok(s), _) => shifts(&s),
                (_, Ok(p)) if !p.t_alpha.is_empty() => self.peaks(&p)?,
                _ => finished(&Spectrum::of_table(t))?,
            },
            _ => finished(inputs.spectrum(0)?)?,
        };
        let what = match (self.law, points.measured) {
            (Law::Kissinger, RateKind::HeatingRate) | (Law::Vft, _) => return Ok(points),
            (Law::Arrhenius, RateKind::Frequency) => return Ok(points),
            (Law::Kissinger, _) => {
                "Kissinger's law needs a heating_rate column: columns = { heating_rate = \"…\", temperature = \"…\" }"
            }
            (Law::Arrhenius, RateKind::HeatingRate) => {
                "peaks at several heating rates follow `law = \"kissinger\"` or \"vft\""
            }
            (Law::Arrhenius, RateKind::Shift(_)) => {
                "a straight line of shifts is no activation energy of one process (its slope is a metric of `master-curve`); take `law = \"vft\"`"
            }
        };
        Err(StageError::Failed(what.into()))
    }

    fn peaks(&self, p: &LossPeaks) -> Result<Points, StageError> {
        let none: &[f64] = &[];
        let (t, e, displacement) = match self.peak {
            Which::Alpha => (&p.t_alpha, &p.t_alpha_error, none),
            Which::Beta => (&p.t_beta, &p.t_beta_error, p.t_beta_displacement.as_slice()),
            Which::BetaPrime => (&p.t_beta_prime, &p.t_beta_prime_error, none),
        };
        if t.is_empty() {
            let what = "the table has no column `t_{}`; connect the peaks of a `spectrum-peaks` stage";
            return Err(StageError::Failed(what.replace("{}", self.peak.name())));
        }
        let f = &p.frequency;
        // A peak or a shoulder that was fitted beside the α flank moves as the process does.
        let class = Some(&p.beta_class).filter(|c| self.peak == Which::Beta && !c.is_empty());
        let own = |i: usize| class.is_none_or(|c| t[i].is_finite() && CLASSES.iter().any(|k| c[i] == k.name()));
        let mut points = Points::of(RateKind::Frequency, f, t, e, own);
        if !displacement.is_empty() {
            points.displacement = Points::of(RateKind::Frequency, f, t, displacement, own).error;
        }
        let without = (0..f.len()).filter(|i| !own(*i)).count();
        if without > 0 {
            points.left_out += &format!(
                "; at {without} of {} frequencies the β relaxation is neither a peak nor a shoulder that can be told from the α flank",
                f.len()
            );
        }
        Ok(points)
    }
}

/// Shifts: what is slow is shifted far, so that a rate is one over its shift.
fn shifts(s: &Shifts) -> Points {
    let rate: Vec<f64> = s.a_t.iter().map(|a| 1.0 / a).collect();
    let reference = s.temperature.iter().zip(&s.a_t).find(|(_, a)| **a == 1.0).map_or(f64::NAN, |(t, _)| *t);
    Points::of(RateKind::Shift(reference), &rate, &s.temperature, &[], |_| true)
}

/// Peaks that somebody else found: temperature and frequency, or heating rate.
fn finished(s: &Spectrum) -> Result<Points, StageError> {
    let missing = |c: &str| {
        let what = format!("the table has no {c} column; name it in `columns = {{ {c} = \"…\" }}`");
        StageError::Failed(what)
    };
    let t = s.get(Role::Temperature).ok_or_else(|| missing("temperature"))?;
    if let Some(q) = s.get(Role::HeatingRate) {
        return Ok(Points::of(RateKind::HeatingRate, q, t, &[], |_| true));
    }
    let f = s.frequency().ok_or_else(|| missing("frequency"))?;
    Ok(Points::of(RateKind::Frequency, &f, t, &[], |_| true))
}
