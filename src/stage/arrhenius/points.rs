//! What an activation energy is fitted to: peaks of `spectrum-peaks`, shifts of `master-curve`, or a finished table.

use super::{Arrhenius, Law};
use crate::data::{Artifact, Cells, Column, Role, Spectrum, Table};
use crate::relax::peaks::BetaClass;
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
        let pick = |v: &[f64]| used.iter().map(|i| v.get(*i).copied().unwrap_or(f64::NAN)).collect();
        Points {
            measured,
            rate: pick(rate),
            temperature: pick(temperature),
            error: pick(error),
            displacement: Vec::new(),
            left_out: String::new(),
        }
    }
}

impl Arrhenius {
    pub(super) fn points(&self, inputs: &Inputs<'_>) -> Result<Points, StageError> {
        let points = match inputs.get(0) {
            Some(Artifact::Table(t)) if t.column("a_t").is_some() => shifts(t)?,
            Some(Artifact::Table(t)) if t.column("t_alpha").is_some() => self.peaks(t)?,
            Some(Artifact::Table(t)) => finished(&Spectrum::of_table(t))?,
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

    fn peaks(&self, table: &Table) -> Result<Points, StageError> {
        let name = self.peak.name();
        let column = |c: &str| numbers(table, c);
        let (f, t, e) = (column("frequency")?, column(&format!("t_{name}"))?, column(&format!("t_{name}_error"))?);
        // The place of a shoulder is that of the flank taken off it; only maxima of their own move as the process does.
        let class = match table.column("beta_class").map(|c| &c.cells) {
            Some(Cells::Text(c)) if name == "beta" => Some(c),
            _ => None,
        };
        let own = |i: usize| class.is_none_or(|c| c[i] == BetaClass::Peak.name());
        let mut points = Points::of(RateKind::Frequency, &f, &t, &e, own);
        if let Ok(d) = column(&format!("t_{name}_displacement")) {
            points.displacement = Points::of(RateKind::Frequency, &f, &t, &d, own).error;
        }
        let without = (0..f.len()).filter(|i| !own(*i)).count();
        if without > 0 {
            points.left_out = format!(
                "; at {without} of {} frequencies the β relaxation has no maximum of its own, and a shoulder moves as the α flank does",
                f.len()
            );
        }
        Ok(points)
    }
}

fn numbers(table: &Table, c: &str) -> Result<Vec<f64>, StageError> {
    let wrong =
        || StageError::Failed(format!("the table has no column `{c}`; connect the peaks of a `spectrum-peaks` stage"));
    table.column(c).and_then(Column::numbers).ok_or_else(wrong)
}

/// Shifts: what is slow is shifted far, so that a rate is one over its shift.
fn shifts(table: &Table) -> Result<Points, StageError> {
    let (t, a) = (numbers(table, "temperature")?, numbers(table, "a_t")?);
    let rate: Vec<f64> = a.iter().map(|a| 1.0 / a).collect();
    let reference = t.iter().zip(&a).find(|(_, a)| **a == 1.0).map_or(f64::NAN, |(t, _)| *t);
    Ok(Points::of(RateKind::Shift(reference), &rate, &t, &[], |_| true))
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
