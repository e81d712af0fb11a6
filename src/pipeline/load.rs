//! From an input of the definition to an artifact in SI, or the reason why not.

use std::path::Path;
use std::sync::Arc;

use super::input::{ColumnDef, InputDef};
use crate::data::{Artifact, Column, Kind, Map, Role, Series, Spectrum, Table, Volume};
use crate::diagnostic::nearest;
use crate::io::{Channel, Dataset, Limits, open};
use crate::unit::Unit;

/// An opened input: its kind is known, its data are not read.
pub(super) struct Opened {
    dataset: Dataset,
    /// Index of the channel; `None` for a whole table.
    channel: Option<usize>,
    /// What it will be.
    pub(super) kind: Kind,
    /// Unit of a map or volume, with what the definition adds.
    pub(super) unit: Option<Unit>,
}

/// Opens the file and finds the channel or the columns.
pub(super) fn open_input(input: &InputDef, folder: &Path) -> Result<Opened, String> {
    let path = folder.join(&input.path);
    let dataset = open(&path, input.format.as_deref(), &Limits::default()).map_err(|e| e.to_string())?;
    let at = |what: String| format!("{}: {what}", path.display());
    let columns = dataset.channels().iter().any(|c| c.kind == Kind::Table);
    if input.columns.is_some() && !columns {
        return Err(at("`columns` is for tables; this file holds maps or volumes".into()));
    }
    if let (Some(_), None) | (None, None) = (&input.columns, &input.channel)
        && columns
        && dataset.channels().iter().all(|c| c.kind == Kind::Table)
    {
        let kind = if input.columns.is_some() { Kind::Spectrum } else { Kind::Table };
        return Ok(Opened { dataset, channel: None, kind, unit: None });
    }
    let channel = find_channel(dataset.channels(), input.channel.as_deref()).map_err(at)?;
    let kind = dataset.channels()[channel].kind;
    let of_file = &dataset.channels()[channel].unit;
    let unit = match &input.unit {
        Some(text) if of_file.symbol.is_empty() => Unit::parse(text).ok(),
        _ => Some(of_file.clone()),
    };
    Ok(Opened { dataset, channel: Some(channel), kind, unit })
}

fn find_channel(channels: &[Channel], wanted: Option<&str>) -> Result<usize, String> {
    let names: Vec<&str> = channels.iter().map(|c| c.name.as_str()).collect();
    let Some(wanted) = wanted else {
        let maps: Vec<usize> = (0..channels.len()).filter(|i| channels[*i].kind != Kind::Table).collect();
        return match maps[..] {
            [one] => Ok(one),
            [] => Err("the file holds no map".into()),
            _ => Err(format!("the file holds {} channels; name one with `channel`: {}", maps.len(), names.join(", "))),
        };
    };
    if let Some(i) = names.iter().position(|n| *n == wanted) {
        return Ok(i);
    }
    let same: Vec<usize> = (0..names.len()).filter(|i| names[*i].eq_ignore_ascii_case(wanted)).collect();
    if let [one] = same[..] {
        return Ok(one);
    }
    let hint = nearest(wanted, &names)
        .map_or_else(|| format!("channels: {}", names.join(", ")), |n| format!("did you mean `{n}`?"));
    Err(format!("there is no channel `{wanted}`; {hint}"))
}

/// Reads an opened input.
pub(super) fn read_input(opened: &Opened, input: &InputDef, folder: &Path) -> Result<Artifact, String> {
    let path = folder.join(&input.path);
    let at = |what: String| format!("{}: {what}", path.display());
    let Some(channel) = opened.channel else {
        let table = opened.dataset.table().map_err(|e| e.in_file(&path).to_string())?;
        let table = table.ok_or_else(|| at("the columns cannot be read as one table".into()))?;
        return match &input.columns {
            None => Ok(Artifact::Table(Arc::new(table))),
            Some(columns) => spectrum(&table, columns).map(|s| Artifact::Spectrum(Arc::new(s))).map_err(at),
        };
    };
    let artifact = opened.dataset.read(channel).map_err(|e| e.in_file(&path).to_string())?;
    match artifact {
        Artifact::Map(map) => finish_map(&map, input).map(|m| Artifact::Map(Arc::new(m))).map_err(at),
        Artifact::Volume(v) => finish_volume(&v, input).map(|v| Artifact::Volume(Arc::new(v))).map_err(at),
        other => Ok(other),
    }
}

fn finish_map(map: &Map, input: &InputDef) -> Result<Map, String> {
    let mut map = map.clone();
    if let Some(unit) = given_unit(input, &map.unit)? {
        map.values.mapv_inplace(|v| unit.to_si(v));
        map.unit = unit;
    }
    // Not finite is not valid: infinities of damaged files take no part either.
    map.values.mapv_inplace(|v| if v.is_finite() { v } else { f64::NAN });
    map.pixel = steps(input, map.pixel)?;
    if let Some(q) = &input.quantity {
        map.quantity.clone_from(q);
    }
    if map.values.iter().all(|v| v.is_nan()) {
        return Err("the map has no valid pixel".into());
    }
    Ok(map)
}

fn finish_volume(volume: &Volume, input: &InputDef) -> Result<Volume, String> {
    let mut volume = volume.clone();
    if let Some(unit) = given_unit(input, &volume.unit)? {
        volume.values.mapv_inplace(|v| unit.to_si(v));
        volume.unit = unit;
    }
    volume.voxel = steps(input, volume.voxel)?;
    Ok(volume)
}

/// The unit to apply; `None` where the file's stands.
fn given_unit(input: &InputDef, of_file: &Unit) -> Result<Option<Unit>, String> {
    let Some(text) = &input.unit else { return Ok(None) };
    let unit = Unit::parse(text).map_err(|e| e.to_string())?;
    if of_file.symbol.is_empty() {
        return Ok(Some(unit));
    }
    if unit.same_dimension(of_file) && unit.scale == of_file.scale && unit.offset == of_file.offset {
        return Ok(None);
    }
    Err(format!("`unit = \"{text}\"` contradicts the file, which says `{}`; leave it out", of_file.symbol))
}

/// Steps of the file or of the definition; both are allowed where they agree.
fn steps<const N: usize>(input: &InputDef, of_file: Option<[f64; N]>) -> Result<Option<[f64; N]>, String> {
    let Some(given) = &input.pixel else { return Ok(of_file) };
    let given: Vec<f64> = given.iter().map(|l| l.0).collect();
    let names = if N == 2 { "row step, column step" } else { "z, y, x" };
    let given: [f64; N] = given.try_into().map_err(|_| format!("`pixel` wants {N} lengths ({names})"))?;
    if given.iter().any(|s| !(*s > 0.0)) {
        return Err("`pixel` wants positive lengths: a map of no size has no structure".into());
    }
    match of_file {
        Some(f) if f.iter().zip(given).any(|(f, g)| (f / g - 1.0).abs() > 1e-6) => {
            Err(format!("`pixel` contradicts the file, whose steps are {f:?} m; leave it out"))
        }
        _ => Ok(Some(given)),
    }
}

/// Columns by role.
fn spectrum(table: &Table, columns: &std::collections::BTreeMap<Role, ColumnDef>) -> Result<Spectrum, String> {
    let series = columns.iter().map(|(role, def)| series(table, *role, def)).collect::<Result<Vec<_>, _>>()?;
    Ok(Spectrum { series })
}

fn series(table: &Table, role: Role, def: &ColumnDef) -> Result<Series, String> {
    let wanted = def.name();
    let names: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    let column = table.columns.iter().find(|c| is_called(c, wanted)).ok_or_else(|| {
        let hint = nearest(wanted, &names)
            .map_or_else(|| format!("columns: {}", names.join(", ")), |n| format!("did you mean `{n}`?"));
        format!("there is no column `{wanted}` for {}; {hint}", role.name())
    })?;
    let mut values = column.numbers().ok_or_else(|| format!("column `{wanted}` holds text, not numbers"))?;
    let unit = match def {
        ColumnDef::Named { unit, .. } => {
            let unit = Unit::parse(unit).map_err(|e| e.to_string())?;
            let agrees = unit.same_dimension(&column.unit) && unit.scale == column.unit.scale;
            if !column.unit.symbol.is_empty() && !agrees {
                return Err(format!(
                    "the unit of column `{wanted}` contradicts the file, which says `{}`",
                    column.unit.symbol
                ));
            }
            if column.unit.symbol.is_empty() {
                values.iter_mut().for_each(|v| *v = unit.to_si(*v));
            }
            unit
        }
        ColumnDef::Name(_) => column.unit.clone(),
    };
    let wanted_unit = role.unit();
    if !unit.same_dimension(&wanted_unit) {
        let found = if unit.symbol.is_empty() { "has no unit".to_string() } else { format!("is in `{}`", unit.symbol) };
        return Err(format!(
            "column `{wanted}` {found}, which is no {}; write {} = {{ name = \"{wanted}\", unit = \"{}\" }}",
            role.name().replace('_', " "),
            role.name(),
            wanted_unit.symbol
        ));
    }
    Ok(Series { role, name: column.name.clone(), values })
}

/// Whether a header is meant: by its name, or by name and unit as the file writes them, `T (K)` or `T [K]`.
fn is_called(column: &Column, wanted: &str) -> bool {
    let wanted = wanted.trim();
    if column.name == wanted {
        return true;
    }
    let Some((name, unit)) = wanted.split_once(['(', '[']) else { return false };
    let unit = Unit::parse_or_keep(unit.trim_end_matches([')', ']']));
    name.trim() == column.name
        && (unit.symbol == column.unit.symbol || unit.same_dimension(&column.unit) && unit.scale == column.unit.scale)
}
