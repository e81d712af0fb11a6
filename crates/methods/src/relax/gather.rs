//! From columns of a table to what is fitted: sorted, without what cannot be, and what was mended said.

use super::measured::Isotherm;
use super::processes::NoFit;
use super::transient::Transient;
use softspot_data::{Role, Spectrum, Warning};

/// Temperatures that differ by less belong to one isotherm, K.
const SAME: f64 = 1.0;
/// Points of a transient above which neighbours are averaged.
pub const MANY: usize = 500;
/// Fewest points of an isotherm or a transient.
const FEWEST: usize = 6;

/// Mends that a table needed.
#[derive(Default)]
struct Repairs {
    dropped: usize,
    unsorted: bool,
    repeated: usize,
    /// Ends of stretches without points.
    gaps: Vec<[f64; 2]>,
}

impl Repairs {
    fn warnings(&self, axis: &str, what: &str) -> Vec<Warning> {
        let mut out = Vec::new();
        if self.dropped > 0 {
            out.push(Warning::new(
                "invalid-points",
                format!("{} points without {what} are left out", self.dropped),
                "check the units and the columns of the table",
            ));
        }
        if self.unsorted {
            out.push(Warning::new(
                "unsorted",
                format!("the {axis} of the table are not in order; they were sorted"),
                "if several runs are in one table, give each its own",
            ));
        }
        if self.repeated > 0 {
            out.push(Warning::new(
                "duplicate-points",
                format!("{} repeated {axis} were averaged", self.repeated),
                "check that the table holds one run",
            ));
        }
        if !self.gaps.is_empty() {
            let list: Vec<String> = self.gaps.iter().map(|g| format!("{:.2e} to {:.2e}", g[0], g[1])).collect();
            out.push(Warning::new(
                "gaps",
                format!("no points at {axis} from {}", list.join(", ")),
                "what relaxes there is a guess; measure there",
            ));
        }
        out
    }

    /// Notes stretches of a decade and more that are wide beside the others: of rising positive numbers.
    fn note_gaps(&mut self, x: &[f64]) {
        const WIDE: f64 = 8.0;
        let mut steps: Vec<f64> = x.windows(2).map(|w| libm::log(w[1] / w[0])).collect();
        if steps.is_empty() {
            return;
        }
        let usual = crate::num::quantile::quantile(&mut steps, 0.5);
        let least = (WIDE * usual).max(std::f64::consts::LN_10);
        // The first steps of a linear record are wide by nature.
        let wide = x.windows(2).skip(3).filter(|w| libm::log(w[1] / w[0]) > least);
        self.gaps.extend(wide.map(|w| [w[0], w[1]]));
    }
}

/// Sorts rows by their first number and averages those that share it.
fn in_order<const N: usize>(mut rows: Vec<[f64; N]>, mended: &mut Repairs) -> Vec<[f64; N]> {
    let rising = rows.is_sorted_by(|a, b| a[0] <= b[0]);
    mended.unsorted |= !rising && !rows.is_sorted_by(|a, b| a[0] >= b[0]);
    rows.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let same = rows.chunk_by(|a, b| (b[0] / a[0] - 1.0).abs() < 1e-9);
    let out: Vec<[f64; N]> =
        same.map(|g| std::array::from_fn(|k| g.iter().map(|r| r[k]).sum::<f64>() / g.len() as f64)).collect();
    mended.repeated += rows.len() - out.len();
    out
}

/// Rows of several states must not be taken for one.
fn one_age(s: &Spectrum) -> Result<(), NoFit> {
    let ages = s.split_by(Role::AgeingTime).len();
    if ages > 1 {
        return Err(NoFit(format!(
            "the table holds {ages} ageing times: `relaxation-times` follows a decay over them; give any other stage one state"
        )));
    }
    Ok(())
}

/// Rows of several experiments must not be averaged into one decay: they differ in temperature, or their times begin again.
fn one_decay(s: &Spectrum, time: &[f64], rows: std::ops::Range<usize>) -> Result<(), NoFit> {
    if let Some(column) = s.series(Role::Temperature) {
        let mut t: Vec<f64> = column.values[rows.clone()].iter().copied().filter(|t| t.is_finite()).collect();
        t.sort_by(f64::total_cmp);
        let groups = t.chunk_by(|a, b| b - a < SAME).filter(|g| g.len() >= FEWEST);
        let list: Vec<String> = groups.map(|g| format!("{:.1} K", crate::num::sum::mean(g))).collect();
        if list.len() > 1 {
            return Err(NoFit(format!(
                "the column `{}` holds {} temperatures ({}): give the decay at each a table of its own",
                column.name,
                list.len(),
                list.join(", ")
            )));
        }
    }
    let first = rows.start;
    let runs = time[rows].chunk_by(|a, b| !(*b < 0.5 * a));
    let mut at = first;
    let begins = runs.filter_map(|r| {
        at += r.len();
        (r.len() >= FEWEST).then_some(at - r.len())
    });
    let begins: Vec<usize> = begins.collect();
    match begins.as_slice() {
        [_, second, ..] => Err(NoFit(format!(
            "the times begin again at row {}: {} runs stand in one table; give each its own",
            second + 1,
            begins.len()
        ))),
        _ => Ok(()),
    }
}

/// The decay of the only table of an input.
///
/// # Errors
/// [`NoFit`] as for [`transient`], and where there are several tables.
pub fn only_transient(s: &Spectrum) -> Result<(Transient, Role, Vec<Warning>), NoFit> {
    match s.parts.as_slice() {
        [] => transient(s, 0..s.rows()),
        [one] => transient(s, one.rows.clone()),
        several => Err(NoFit(format!(
            "the input holds {} tables, and one decay is wanted: give one file, or name a table of it with `table`",
            several.len()
        ))),
    }
}

/// One temperature of a frequency sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// K; NaN where the table has none.
    pub temperature: f64,
    /// Moduli against frequency.
    pub isotherm: Isotherm,
}

/// Splits a table into isotherms by rising temperature; points without positive frequency and moduli are left out.
///
/// # Errors
/// [`NoFit`] where a column is missing, or no temperature has enough points.
pub fn sweeps(s: &Spectrum) -> Result<(Vec<Sweep>, Vec<Warning>), NoFit> {
    one_age(s)?;
    let missing = |c: &str| NoFit(format!("the spectrum has no {c} column; name it in `columns = {{ {c} = \"…\" }}`"));
    let frequency = s.frequency().ok_or_else(|| missing("frequency"))?;
    let (storage, loss) = match (s.get(Role::Storage), s.get(Role::Loss), s.get(Role::TanDelta)) {
        (Some(a), None, Some(t)) => (Some(a.to_vec()), Some(a.iter().zip(t).map(|(a, t)| a * t).collect())),
        (None, Some(b), Some(t)) => (Some(b.iter().zip(t).map(|(b, t)| b / t).collect()), Some(b.to_vec())),
        (a, b, _) => (a.map(<[f64]>::to_vec), b.map(<[f64]>::to_vec)),
    };
    if storage.is_none() && loss.is_none() {
        return Err(missing("loss"));
    }
    let temperature = s.get(Role::Temperature);
    let mut mended = Repairs::default();
    let mut rows: Vec<[f64; 4]> = Vec::new();
    for (i, f) in frequency.iter().enumerate() {
        // What was not measured stands as 1, which no rule leaves out.
        let at_row = |c: &Option<Vec<f64>>| c.as_ref().map_or(1.0, |c| c[i]);
        let t = temperature.map_or(f64::NAN, |t| t[i]);
        let row = [t, std::f64::consts::TAU * f, at_row(&storage), at_row(&loss)];
        let sound = row[1..].iter().all(|v| *v > 0.0 && v.is_finite());
        if sound && (temperature.is_none() || t > 0.0 && t.is_finite()) { rows.push(row) } else { mended.dropped += 1 }
    }
    rows.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let mut out = Vec::new();
    for group in rows.chunk_by(|a, b| a[0].is_nan() || b[0] - a[0] < SAME) {
        let ordered = in_order(group.iter().map(|r| [r[1], r[2], r[3], r[0]]).collect(), &mut mended);
        if ordered.len() < FEWEST {
            continue;
        }
        let column = |k: usize| ordered.iter().map(|r| r[k]).collect::<Vec<f64>>();
        mended.note_gaps(&column(0));
        let temperature = crate::num::sum::mean(&column(3));
        let part = |there: bool, k: usize| if there { column(k) } else { Vec::new() };
        let isotherm =
            Isotherm { omega: column(0), storage: part(storage.is_some(), 1), loss: part(loss.is_some(), 2) };
        out.push(Sweep { temperature, isotherm });
    }
    if out.is_empty() {
        return Err(NoFit(format!(
            "no temperature has {FEWEST} frequencies with positive moduli ({} points, {} left out)",
            frequency.len(),
            mended.dropped
        )));
    }
    // A sweep of temperature at each frequency goes up and down in frequency by nature.
    mended.unsorted &= out.len() == 1;
    Ok((out, mended.warnings("frequencies", "a positive frequency and modulus")))
}

/// The isotherm nearest to a temperature, K; the only one where none is asked for.
///
/// # Errors
/// [`NoFit`] where there are several to choose from.
pub fn chosen(all: &[Sweep], temperature: Option<f64>) -> Result<&Sweep, NoFit> {
    let none = || NoFit("there is no isotherm".into());
    match (temperature, all) {
        (_, [one]) => Ok(one),
        (None, _) => {
            let list: Vec<String> = all.iter().map(|s| format!("{:.1} K", s.temperature)).collect();
            Err(NoFit(format!(
                "the table has {} temperatures ({}); choose one with `temperature`, or join them by `master-curve`",
                all.len(),
                list.join(", ")
            )))
        }
        (Some(t), _) => {
            let far = |s: &Sweep| (s.temperature - t).abs();
            all.iter().min_by(|a, b| far(a).total_cmp(&far(b))).ok_or_else(none)
        }
    }
}

/// Stress, modulus or strain against time, records of more than 500 points averaged within a fiftieth of a decade.
///
/// # Errors
/// As of [`record`].
pub fn transient(s: &Spectrum, rows: std::ops::Range<usize>) -> Result<(Transient, Role, Vec<Warning>), NoFit> {
    record(s, rows).map(|(d, role, warnings)| (d.thinned(MANY, None), role, warnings))
}

/// Stress, modulus or strain against time, every point; those at times that are not positive are left out.
///
/// # Errors
/// [`NoFit`] where a column is missing or too few points are left.
pub fn record(s: &Spectrum, rows: std::ops::Range<usize>) -> Result<(Transient, Role, Vec<Warning>), NoFit> {
    one_age(s)?;
    let time =
        s.get(Role::Time).ok_or_else(|| NoFit("the table has no time column: columns = { time = \"…\" }".into()))?;
    let role = [Role::Stress, Role::Modulus, Role::Strain].into_iter().find(|r| s.get(*r).is_some());
    let Some((role, value)) = role.and_then(|r| Some((r, s.get(r)?))) else {
        return Err(NoFit("the table has no stress, modulus or strain column: columns = { stress = \"…\" }".into()));
    };
    let mut mended = Repairs::default();
    one_decay(s, time, rows.clone())?;
    let mut points: Vec<[f64; 2]> = Vec::new();
    for i in rows {
        let sound = time[i] > 0.0 && time[i].is_finite() && value[i].is_finite();
        if sound { points.push([time[i], value[i]]) } else { mended.dropped += 1 }
    }
    let points = in_order(points, &mut mended);
    if points.len() < FEWEST {
        return Err(NoFit(format!(
            "{} points with a positive time and a number; at least {FEWEST} are needed",
            points.len()
        )));
    }
    let column = |k: usize| points.iter().map(|p| p[k]).collect::<Vec<f64>>();
    mended.note_gaps(&column(0));
    let warnings = mended.warnings("times", "a positive time and a number");
    Ok((Transient::new(column(0), column(1)), role, warnings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use softspot_data::Series;

    fn table(columns: &[(Role, Vec<f64>)]) -> Spectrum {
        let series = |(role, values): &(Role, Vec<f64>)| Series {
            role: *role,
            name: role.name().into(),
            unit: role.unit(),
            values: values.clone(),
        };
        Spectrum(softspot_data::Columns { series: columns.iter().map(series).collect(), parts: Vec::new() })
    }

    #[test]
    fn isotherms_are_parted_sorted_and_mended() {
        let n = 16;
        let f: Vec<f64> = (0..n).map(|i| f64::from(8 - (i % 8))).collect();
        let t: Vec<f64> = (0..n).map(|i| if i < 8 { 400.0 } else { 390.0 }).collect();
        let mut l: Vec<f64> = (0..n).map(|i| 1e6 + f64::from(i)).collect();
        l[3] = -1.0;
        let columns = [(Role::Frequency, f), (Role::Temperature, t), (Role::Loss, l)];
        let (found, warnings) = sweeps(&table(&columns)).unwrap();
        assert_eq!(found.iter().map(|s| s.temperature).collect::<Vec<_>>(), [390.0, 400.0]);
        assert_eq!((found[0].isotherm.omega.len(), found[1].isotherm.omega.len()), (8, 7));
        assert!(found[0].isotherm.omega.is_sorted() && found[0].isotherm.storage.is_empty());
        assert_eq!(warnings.iter().map(|w| w.code.as_str()).collect::<Vec<_>>(), ["invalid-points"]);
        assert!(sweeps(&table(&columns[1..])).unwrap_err().0.contains("frequency"));
        assert!(sweeps(&table(&columns[..1])).unwrap_err().0.contains("loss"));
    }

    #[test]
    fn transients_begin_after_zero() {
        let t: Vec<f64> = (0..10).map(|i| f64::from((i * 7) % 10)).collect();
        let columns = [(Role::Time, t.clone()), (Role::Strain, t)];
        let (d, role, warnings) = transient(&table(&columns), 0..10).unwrap();
        assert!(role == Role::Strain && d.time == d.value && d.time.is_sorted() && d.time.len() == 9);
        assert_eq!(warnings.iter().map(|w| w.code.as_str()).collect::<Vec<_>>(), ["invalid-points", "unsorted"]);
        assert!(transient(&table(&columns), 0..4).is_err() && transient(&table(&columns[..1]), 0..10).is_err());
    }

    /// Ten temperatures in one table were one decay of 269 s, between the true 3·10⁴ s and 23 s: now they are refused by name,
    /// as are runs that no column tells apart. A thermocouple that wanders is one temperature.
    #[test]
    fn several_decays_in_one_table_are_refused() {
        let t: Vec<f64> = (0..30).map(|i| 1.0 + f64::from(i % 10)).collect();
        let at = |f: fn(usize) -> f64| (0..30).map(f).collect::<Vec<f64>>();
        let record = |temperature: Option<Vec<f64>>, time: &[f64]| {
            let mut columns = vec![(Role::Time, time.to_vec()), (Role::Stress, vec![1e6; 30])];
            columns.extend(temperature.map(|t| (Role::Temperature, t)));
            transient(&table(&columns), 0..30)
        };
        let why = record(Some(at(|i| 500.0 + 10.0 * (i / 10) as f64)), &t).unwrap_err().0;
        assert!(why.contains("`temperature`") && why.contains("3 temperatures (500.0 K, 510.0 K, 520.0 K)"), "{why}");
        assert!(record(None, &t).unwrap_err().0.contains("begin again at row 11: 3 runs"));
        let one: Vec<f64> = (0..30).map(|i| 1.0 + f64::from(i)).collect();
        assert!(record(Some(at(|i| 500.0 + 0.3 * (i % 3) as f64)), &one).is_ok());
    }
}
