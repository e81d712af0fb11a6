//! Columns of tables by role: spectra, curves, sizes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::input::{ColumnDef, InputDef};
use super::conditions::sweeps;
use crate::data::{Artifact, Column, Columns, Curves, Kind, Part, PhaseConvention, Role, Series, Spectrum, Table};
use crate::diagnostic::nearest;
use crate::io::TableInfo;
use crate::unit::Unit;

/// The columns, with the unit of the input where they are one.
pub(super) fn with_unit(columns: &BTreeMap<Role, ColumnDef>, input: &InputDef) -> BTreeMap<Role, ColumnDef> {
    let mut columns = columns.clone();
    if let (1, Some(unit)) = (columns.len(), &input.unit) {
        for def in columns.values_mut() {
            if !matches!(def, ColumnDef::Several(_)) {
                *def = ColumnDef::Named { name: def.name().to_string(), unit: unit.clone() };
            }
        }
    }
    columns
}

/// Columns by role, of one table or of several one below the other.
pub(super) fn by_role(
    tables: &[Table],
    infos: &[&TableInfo],
    columns: &BTreeMap<Role, ColumnDef>,
    convention: Option<PhaseConvention>,
) -> Result<Columns, String> {
    let mut all: Vec<Series> = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    let sweeps = sweeps(columns)?;
    for (i, table) in tables.iter().enumerate() {
        let from = parts.last().map_or(0, |p| p.rows.end);
        let info = infos.get(i);
        parts.push(Part {
            name: info.map(|i| i.name.clone()).unwrap_or_default(),
            rows: from..from + table.rows() * sweeps.len(),
            position: info.and_then(|i| i.position),
            cell: info.and_then(|i| i.cell),
        });
        for sweep in &sweeps {
            let own = sweep.columns.iter().map(|(role, def)| series(table, *role, def));
            let mut own = own.collect::<Result<Vec<_>, _>>()?;
            own.extend(sweep.condition.map(|(role, value)| Series {
                role,
                name: role.name().to_string(),
                unit: role.unit(),
                values: vec![value; table.rows()],
            }));
            if all.is_empty() {
                all = own;
            } else {
                all.iter_mut().zip(own).for_each(|(a, o)| a.values.extend(o.values));
            }
        }
    }
    for phase in all.iter_mut().filter(|s| s.role == Role::Phase) {
        let convention = convention.ok_or(WANTS_CONVENTION)?;
        phase.values.iter_mut().for_each(|v| *v = convention.lag(*v));
    }
    Ok(Columns { series: all, parts })
}

/// The artifact that columns of these roles are.
pub(super) fn of_kind(columns: Columns, kind: Kind) -> Artifact {
    match kind {
        Kind::Spectrum => Artifact::Spectrum(Arc::new(Spectrum(columns))),
        Kind::Curves => Artifact::Curves(Arc::new(Curves(columns))),
        _ => {
            let column = |s: Series| Column::number(s.role.name(), &s.unit, s.values);
            Artifact::Table(Arc::new(Table { columns: columns.series.into_iter().map(column).collect() }))
        }
    }
}

/// Whether each role finds its column in a table, of the unit that it has; nothing is read.
pub(super) fn check(
    names: &[(&str, Option<&Unit>)],
    columns: &BTreeMap<Role, ColumnDef>,
    convention: Option<PhaseConvention>,
) -> Result<(), String> {
    for sweep in sweeps(columns)? {
        sweep.columns.iter().try_for_each(|(role, def)| found(names, *role, def).map(drop))?;
    }
    match columns.contains_key(&Role::Phase) && convention.is_none() {
        true => Err(WANTS_CONVENTION.into()),
        false => Ok(()),
    }
}

const WANTS_CONVENTION: &str =
    "a phase needs a `convention`: `lag`, `lead`, `shift-from-resonance` or `lag-from-resonance`";

pub(super) fn series(table: &Table, role: Role, def: &ColumnDef) -> Result<Series, String> {
    let names: Vec<(&str, Option<&Unit>)> =
        table.columns.iter().map(|c| (c.name.as_str(), c.numbers().is_some().then_some(&c.unit))).collect();
    let Match { index, unit, convert } = found(&names, role, def)?;
    let column = table.columns.get(index).ok_or("the table has lost a column")?;
    let mut values = column.numbers().unwrap_or_default();
    if convert {
        values.iter_mut().for_each(|v| *v = unit.to_si(*v));
    }
    Ok(Series { role, name: column.name.clone(), unit, values })
}

/// The column of a role.
struct Match {
    index: usize,
    unit: Unit,
    /// Whether its numbers are not in SI yet.
    convert: bool,
}

/// Finds the column of a role among names and units, of which columns of text have none.
fn found(names: &[(&str, Option<&Unit>)], role: Role, def: &ColumnDef) -> Result<Match, String> {
    let wanted = def.name();
    let none = Unit::none();
    let index =
        names.iter().position(|(name, unit)| is_called(name, unit.unwrap_or(&none), wanted)).ok_or_else(|| {
            let names: Vec<&str> = names.iter().map(|(n, _)| *n).collect();
            let hint = nearest(wanted, &names)
                .map_or_else(|| format!("columns: {}", names.join(", ")), |n| format!("did you mean `{n}`?"));
            format!("there is no column `{wanted}` for {}; {hint}", role.name())
        })?;
    let own = names.get(index).and_then(|(_, unit)| *unit);
    let own = own.ok_or_else(|| format!("column `{wanted}` holds text, not numbers"))?;
    let (unit, convert) = match def {
        ColumnDef::Named { unit, .. } => {
            let unit = Unit::parse(unit).map_err(|e| e.to_string())?;
            if !own.symbol.is_empty() && !unit.converts_as(own) {
                return Err(format!("the unit of column `{wanted}` contradicts the file, which says `{}`", own.symbol));
            }
            (unit, own.symbol.is_empty())
        }
        ColumnDef::Name(_) | ColumnDef::Several(_) => (own.clone(), false),
    };
    let wanted_unit = role.unit();
    // An object has a length, an area or a volume, or is counted in pixels.
    let others: &[&str] = match role {
        Role::Size => &["", "m^2", "m^3"],
        // A ratio, or the voltage of the detector.
        Role::Amplitude => &["", "V"],
        _ => &[],
    };
    if !unit.same_dimension(&wanted_unit) && !others.iter().any(|u| unit.same_dimension(&Unit::of(u))) {
        let found = if unit.symbol.is_empty() { "has no unit".to_string() } else { format!("is in `{}`", unit.symbol) };
        // A frequency under the name of the other needs that name, not another unit.
        let sibling = match role {
            Role::Frequency => Some(Role::AngularFrequency),
            Role::AngularFrequency => Some(Role::Frequency),
            _ => None,
        };
        if let Some(own) = sibling.filter(|r| unit.same_dimension(&r.unit())) {
            let (what, own) = (role.name().replace('_', " "), own.name());
            return Err(format!("column `{wanted}` {found}, which is no {what}; write {own} = \"{wanted}\""));
        }
        return Err(format!(
            "column `{wanted}` {found}, which is no {}; write {} = {{ name = \"{wanted}\", unit = \"{}\" }}",
            role.name().replace('_', " "),
            role.name(),
            wanted_unit.symbol
        ));
    }
    Ok(Match { index, unit, convert })
}

/// Whether a header is meant: by its name, or by name and unit as the file writes them, `T (K)` or `T [K]`.
pub(super) fn is_called(own: &str, own_unit: &Unit, wanted: &str) -> bool {
    let wanted = wanted.trim();
    if own == wanted {
        return true;
    }
    let Some((name, unit)) = wanted.split_once(['(', '[']) else { return false };
    let unit = Unit::parse_or_keep(unit.trim_end_matches([')', ']']));
    name.trim() == own && (unit.symbol == own_unit.symbol || unit.converts_as(own_unit))
}
