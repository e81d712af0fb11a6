//! Columns that are one spectrum at several frequencies or temperatures: `loss = ["E'' (1 Hz)", "E'' (10 Hz)"]`.

use std::collections::BTreeMap;

use super::super::input::ColumnDef;
use crate::data::Role;
use crate::unit::{Quantity, Unit};

/// The columns of one frequency or temperature.
pub(super) struct Sweep {
    pub columns: BTreeMap<Role, ColumnDef>,
    /// What the names say that they were measured at, in SI.
    pub condition: Option<(Role, f64)>,
}

/// One sweep for each column of the lists; a single one without conditions where there is no list.
///
/// # Errors
/// Where lists differ in length or in their conditions, or do not say what their columns were measured at.
pub(super) fn sweeps(columns: &BTreeMap<Role, ColumnDef>) -> Result<Vec<Sweep>, String> {
    let lists: Vec<(Role, &[String])> = columns
        .iter()
        .filter_map(|(role, def)| match def {
            ColumnDef::Several(names) => Some((*role, names.as_slice())),
            _ => None,
        })
        .collect();
    let Some((first, names)) = lists.first() else {
        return Ok(vec![Sweep { columns: columns.clone(), condition: None }]);
    };
    if names.is_empty() {
        return Err(format!("the list of {} names no column", first.name()));
    }
    if let Some((role, other)) = lists.iter().find(|(_, l)| l.len() != names.len()) {
        let (a, b) = (first.name(), role.name());
        return Err(format!(
            "{a} has {} columns and {b} has {}: one for each condition is wanted",
            names.len(),
            other.len()
        ));
    }
    (0..names.len())
        .map(|k| {
            let mut condition: Option<(Role, f64)> = None;
            let mut own = columns.clone();
            for (role, list) in &lists {
                let name = list.get(k).cloned().unwrap_or_default();
                match (condition, measured_at(&name)) {
                    (Some(a), Some(b)) if a != b => {
                        return Err(format!("column `{name}` was measured at another condition than the one beside it"));
                    }
                    (_, found) => condition = condition.or(found),
                }
                own.insert(*role, ColumnDef::Name(name));
            }
            let Some((role, _)) = condition else {
                return Err(format!(
                    "column `{}` does not say what it was measured at; a name such as `E'' (10 Hz)` does, else give each \
                     frequency a table of its own",
                    names.get(k).map_or("", String::as_str)
                ));
            };
            match columns.contains_key(&role) {
                true => Err(format!("the {} is said twice: by its own column and by the names of a list", role.name())),
                false => Ok(Sweep { columns: own, condition }),
            }
        })
        .collect()
}

/// `E'' (10 Hz)`, `tan δ @ 1 Hz`, `G' [300 K]`: the frequency or temperature in a name.
fn measured_at(name: &str) -> Option<(Role, f64)> {
    let close = name.trim_end().strip_suffix([')', ']', '）']);
    let inner = close.and_then(|n| n.rsplit_once(['(', '[', '（'])).map(|(_, t)| t);
    let text = inner.or_else(|| name.rsplit_once('@').map(|(_, t)| t))?;
    let q = Quantity::parse(text.trim()).ok()?;
    let has_unit = |unit: &str| q.unit.same_dimension(&Unit::of(unit));
    let role = match () {
        () if has_unit("Hz") => Role::Frequency,
        () if has_unit("rad/s") => Role::AngularFrequency,
        () if has_unit("K") => Role::Temperature,
        () => return None,
    };
    (q.si > 0.0).then_some((role, q.si))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_of_names() {
        for (name, want) in [
            ("E'' (10 Hz)", Some((Role::Frequency, 10.0))),
            ("tan δ @ 0.5 kHz", Some((Role::Frequency, 500.0))),
            ("G' [2 rad/s]", Some((Role::AngularFrequency, 2.0))),
            ("J (25 °C)", Some((Role::Temperature, 298.15))),
            ("E'' (MPa)", None),
            ("E''", None),
        ] {
            assert_eq!(measured_at(name), want, "{name}");
        }
    }

    #[test]
    fn lists_agree_or_are_refused() {
        let list = |names: &[&str]| ColumnDef::Several(names.iter().map(|n| n.to_string()).collect());
        let both = |storage: &[&str], loss: &[&str]| {
            let columns = [(Role::Storage, list(storage)), (Role::Loss, list(loss))];
            sweeps(&columns.into_iter().collect())
                .map(|s| s.iter().map(|s| s.condition.map(|c| c.1)).collect::<Vec<_>>())
        };
        assert_eq!(both(&["a (1 Hz)", "a (2 Hz)"], &["b", "b (2 Hz)"]).unwrap(), [Some(1.0), Some(2.0)]);
        for (storage, loss, why) in [
            (&["a (1 Hz)"][..], &["b (1 Hz)", "b (2 Hz)"][..], "one for each"),
            (&["a (1 Hz)"], &["b (2 Hz)"], "another condition"),
            (&["a"], &["b"], "does not say"),
            (&[], &[], "names no column"),
        ] {
            let e = both(storage, loss).unwrap_err();
            assert!(e.contains(why), "{e}");
        }
    }
}
