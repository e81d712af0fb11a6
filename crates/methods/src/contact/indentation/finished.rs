//! Rows of finished tables: moduli and hardnesses as another program found them.

use super::curve::{Flag, Unusable};
use super::evaluation::Evaluation;
use super::oliver_pharr::Instrument;

/// Moduli that no solid has, Pa: marks of failed measurements.
const NO_SOLID: f64 = 1e13;

/// A row of a finished table; `None` where the table has no such column, NaN where the cell is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finished {
    /// Modulus, Pa.
    pub modulus: Option<f64>,
    /// Hardness, Pa.
    pub hardness: Option<f64>,
    /// Largest load, N.
    pub load: Option<f64>,
    /// Largest depth, m.
    pub depth: Option<f64>,
}

/// What a finished row gives; the area under load is that of the hardness, else of the area function at that depth.
pub fn finished(row: &Finished, instrument: &Instrument) -> Evaluation {
    let failed = |v: f64| !(v > 0.0 && v < NO_SOLID);
    let (modulus, hardness) = (row.modulus, row.hardness);
    for (name, v) in [("modulus", modulus), ("hardness", hardness)] {
        if let Some(v) = v.filter(|v| failed(*v)) {
            let flag = if v.is_nan() { Flag::Missing } else { Flag::Damaged };
            let why = if v.is_nan() { format!("there is no {name}") } else { format!("{v:e} Pa is no {name}") };
            return Evaluation::none(Unusable::new(flag, why));
        }
    }
    let (load, depth) = (row.load.unwrap_or(f64::NAN), row.depth.unwrap_or(f64::NAN));
    let hardness = hardness.unwrap_or(f64::NAN);
    let area = if load > 0.0 && hardness > 0.0 { load / hardness } else { instrument.area_at(depth) };
    Evaluation {
        modulus: modulus.unwrap_or(f64::NAN),
        hardness,
        load,
        depth,
        samples: 1,
        contact_radius: (area / std::f64::consts::PI).sqrt(),
        ..Evaluation::none(Unusable::new(Flag::Good, ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_or_flagged() {
        let row = |modulus, hardness, depth| {
            finished(&Finished { modulus: Some(modulus), hardness, load: Some(1e-3), depth }, &Instrument::default())
        };
        let good = row(90e9, Some(5e9), None);
        assert_eq!((good.flag, good.modulus), (Flag::Good, 90e9));
        // πa² is load over hardness.
        assert!((std::f64::consts::PI * good.contact_radius.powi(2) / (1e-3 / 5e9) - 1.0).abs() < 1e-12);
        let by_depth = row(90e9, None, Some(100e-9));
        assert!((std::f64::consts::PI * by_depth.contact_radius.powi(2) / (24.5 * 1e-14) - 1.0).abs() < 1e-12);
        assert_eq!(row(f64::NAN, None, None).flag, Flag::Missing);
        assert_eq!(row(1e300, None, None).flag, Flag::Damaged);
        assert_eq!(row(90e9, Some(-1.0), None).flag, Flag::Damaged);
    }
}
