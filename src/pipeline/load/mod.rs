//! From an input of the definition to an artifact in SI, or the reason why not.

mod columns;
mod conditions;
mod written;

use std::path::Path;
use std::sync::Arc;

use super::grid::{self, Grid, GridDef, GridSource};
use super::input::{ColumnDef, InputDef};
use crate::data::{Artifact, Column, Kind, Map, PhaseConvention, Role, Table, Volume};
use crate::diagnostic::nearest;
use crate::io::format::raw::open_bare;
use crate::io::format::tiff::GAPS;
use crate::io::{
    Channel, Dataset, FileVoxels, Limits, Reader, TableInfo, Window, grid_of_name, open_among, pitch_of_name,
};
use crate::unit::Unit;
pub(super) use written::as_written;

/// An opened input: its kind is known, its data are not read.
pub(super) struct InputFile {
    dataset: Dataset,
    what: What,
    /// What it will be.
    pub(super) kind: Kind,
    /// Unit of a map or volume, with what the definition adds.
    pub(super) unit: Option<Unit>,
}

impl InputFile {
    /// Voxels along z, y and x, and their steps where these are known, if it is a volume.
    pub(super) fn volume(&self, input: &InputDef) -> Option<([usize; 3], Option<[f64; 3]>)> {
        let What::Channel(c) = self.what else { return None };
        let channel = self.dataset.channels().get(c)?;
        let shape = <[usize; 3]>::try_from(channel.shape.as_slice()).ok()?;
        Some((shape, steps(input, of_file(channel, shape)).ok().flatten()))
    }
}

/// What is taken of a file.
enum What {
    /// The channel of that index.
    Channel(usize),
    /// A column as a map.
    Grid(usize),
    /// These tables, one below the other.
    Tables(Vec<usize>),
}

/// Opens the file and finds the channel or the columns.
pub(super) fn open_input(
    input: &InputDef,
    folder: &Path,
    readers: &[&'static dyn Reader],
) -> Result<InputFile, String> {
    open_file(input, folder, readers).map_err(|e| as_written(e, input, folder))
}

fn open_file(input: &InputDef, folder: &Path, readers: &[&'static dyn Reader]) -> Result<InputFile, String> {
    let path = input.file(folder);
    let at = |what: String| format!("{}: {what}", path.display());
    if input.path.chars().any(char::is_control) {
        return Err(at(
            "the path holds a control character: in double quotes a backslash begins one (`\\t`, `\\n`); write forward slashes, \
             or the path in single quotes"
                .into(),
        ));
    }
    let limits = Limits::default();
    let dataset = match (&input.raw, input.format.as_deref()) {
        (Some(_), Some(_)) => return Err(at("`raw` says all about the file; leave `format` out".into())),
        (Some(layout), None) => open_bare(&path, layout, &limits),
        (None, format) => open_among(readers, &path, format, &limits),
    };
    let dataset = dataset.map_err(|e| e.to_string())?;
    let only_columns = dataset.channels().iter().all(|c| c.kind == Kind::Table);
    if input.columns.is_some() && !dataset.channels().iter().any(|c| c.kind == Kind::Table) {
        return Err(at("`columns` is for tables; this file holds maps or volumes".into()));
    }
    if input.columns.is_some() && input.grid.is_some() {
        return Err(at("`grid` makes a map of one column: name it with `channel` and leave `columns` out".into()));
    }
    if input.columns.is_some() || input.channel.is_none() && only_columns && input.grid.is_none() {
        only_for_arrays(input).map_err(at)?;
        let tables = find_tables(&dataset, input).map_err(at)?;
        let kind = match &input.columns {
            None => Kind::Table,
            Some(columns) => {
                let sweeps = conditions::sweeps(columns).map_err(at)?;
                let condition = sweeps.iter().filter_map(|s| Some(s.condition?.0)).next();
                Role::kind_of(columns.keys().copied().chain(condition))
            }
        };
        if let Some(columns) = &input.columns {
            let columns = columns::with_unit(columns, input);
            for t in &tables {
                let names: Vec<_> = dataset.columns_of(*t).map(|(name, c)| (name, c.map(|c| &c.unit))).collect();
                columns::check(&names, &columns, input.convention).map_err(at)?;
            }
        }
        return Ok(InputFile { dataset, what: What::Tables(tables), kind, unit: None });
    }
    let channel = find_channel(&dataset, input).map_err(at)?;
    let own = &dataset.channels()[channel];
    if input.grid.is_some() && own.kind != Kind::Table {
        return Err(at(format!("`grid` is for a column of a table; `{}` is a {}", own.name, own.kind)));
    }
    if own.kind == Kind::Table && input.grid.is_none() {
        only_for_arrays(input).map_err(at)?;
    }
    let (what, kind) = match input.grid {
        Some(_) => (What::Grid(channel), Kind::Map),
        None => (What::Channel(channel), own.kind),
    };
    let mut unit = own.unit.clone();
    if kind != Kind::Table {
        unit = given_unit(input, &own.unit).map_err(at)?.unwrap_or(unit);
    }
    if let (Kind::Map, None) = (kind, &input.grid) {
        steps(input, step_of_map(own)).map_err(at)?;
        convention(input, &unit).map_err(at)?;
    }
    let unit = Some(unit);
    Ok(InputFile { dataset, what, kind, unit })
}

/// What is said of a map or volume says nothing of columns.
fn only_for_arrays(input: &InputDef) -> Result<(), String> {
    let columns = input.columns.as_ref();
    // Of one column alone it is clear what a unit belongs to, and a convention belongs to the phase.
    let one = columns.is_some_and(|c| c.len() == 1);
    let phase = columns.is_some_and(|c| c.contains_key(&Role::Phase));
    let given = [
        ("pixel", input.pixel.is_some()),
        ("quantity", input.quantity.is_some()),
        ("convention", input.convention.is_some() && !phase),
        ("unit", input.unit.is_some() && !one),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((key, _)) => Err(format!(
            "`{key}` is for maps and volumes; the unit of a column is given as `columns = {{ loss = {{ name = \"E''\", \
             unit = \"MPa\" }} }}`"
        )),
    }
}

/// The table asked for, or all that have the columns asked for.
fn find_tables(dataset: &Dataset, input: &InputDef) -> Result<Vec<usize>, String> {
    let names: Vec<&str> = dataset.tables().iter().map(|t| t.name.as_str()).collect();
    if let Some(wanted) = &input.table {
        return Ok(vec![find(&names, wanted, "table")?]);
    }
    if names.len() < 2 {
        return Ok(vec![0]);
    }
    let Some(columns) = &input.columns else {
        let first = columns_of(dataset, 0);
        if (1..names.len()).all(|t| columns_of(dataset, t) == first) {
            return Ok((0..names.len()).collect());
        }
        return Err(format!(
            "the file holds {} tables of different columns; name one with `table`: {}",
            names.len(),
            short_list(&names)
        ));
    };
    let has = |t: usize, wanted: &str| dataset.columns_of(t).any(|(c, _)| c == wanted || label_of(wanted) == c);
    let tables: Vec<usize> =
        (0..names.len()).filter(|t| columns.values().all(|c| c.names().all(|n| has(*t, n)))).collect();
    if tables.is_empty() {
        let missing = columns.values().flat_map(ColumnDef::names).find(|c| !(0..names.len()).any(|t| has(t, c)));
        let which = missing.map_or_else(
            || "no table of the file has all the columns asked for".to_string(),
            |c| format!("no table of the file has a column `{c}`"),
        );
        return Err(format!("{which}; tables: {}", short_list(&names)));
    }
    Ok(tables)
}

/// Names of a table's columns with what they measure: a force in V is not one in N.
fn columns_of(dataset: &Dataset, table: usize) -> Vec<(&str, Option<String>)> {
    dataset.columns_of(table).map(|(name, c)| (name, c.map(|c| c.unit.si_symbol()))).collect()
}

/// A header without the unit in brackets behind it.
fn label_of(wanted: &str) -> &str {
    wanted.split_once(['(', '[']).map_or(wanted, |(name, _)| name).trim()
}

/// Names for a message, not hundreds of them.
fn short_list(names: &[&str]) -> String {
    const LISTED: usize = 12;
    let more = if names.len() > LISTED { format!(", … and {} more", names.len() - LISTED) } else { String::new() };
    format!("{}{more}", names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", "))
}

fn find_channel(dataset: &Dataset, input: &InputDef) -> Result<usize, String> {
    let channels = dataset.channels();
    let Some(wanted) = &input.channel else {
        let kind = |c: &Channel| (c.kind == Kind::Table) == input.grid.is_some();
        let of_kind: Vec<usize> = (0..channels.len()).filter(|i| kind(&channels[*i])).collect();
        let names: Vec<&str> = of_kind.iter().map(|i| channels[*i].name.as_str()).collect();
        return match of_kind[..] {
            [one] => Ok(one),
            [] => Err("the file holds no map".into()),
            _ => Err(format!(
                "the file holds {} channels; name one with `channel`: {}",
                of_kind.len(),
                short_list(&names)
            )),
        };
    };
    // With a table named, its columns go by their own names.
    let wanted = input.table.as_ref().map_or_else(|| wanted.clone(), |t| format!("{t}: {wanted}"));
    let names: Vec<&str> = channels.iter().map(|c| c.name.as_str()).collect();
    find(&names, &wanted, "channel")
}

/// The one of that name; upper and lower case count only where they tell two apart.
fn find(names: &[&str], wanted: &str, what: &str) -> Result<usize, String> {
    if let Some(i) = names.iter().position(|n| *n == wanted) {
        return Ok(i);
    }
    let same: Vec<usize> = (0..names.len()).filter(|i| names[*i].eq_ignore_ascii_case(wanted)).collect();
    if let [one] = same[..] {
        return Ok(one);
    }
    let hint = nearest(wanted, names)
        .map_or_else(|| format!("{what}s: {}", short_list(names)), |n| format!("did you mean `{n}`?"));
    Err(format!("there is no {what} `{wanted}`; {hint}"))
}

/// Reads an opened input.
///
/// A volume is read as it is needed.
pub(super) fn read_input(opened: InputFile, input: &InputDef, folder: &Path) -> Result<Artifact, String> {
    read_opened(opened, input, folder).map_err(|e| as_written(e, input, folder))
}

fn read_opened(opened: InputFile, input: &InputDef, folder: &Path) -> Result<Artifact, String> {
    let path = input.file(folder);
    let at = |what: String| format!("{}: {what}", path.display());
    let failed = |e: crate::io::ReadError| e.in_file(&path).to_string();
    let channel = match &opened.what {
        What::Tables(tables) => {
            let infos: Vec<&TableInfo> = tables.iter().filter_map(|t| opened.dataset.tables().get(*t)).collect();
            let tables: Result<Vec<Table>, _> = tables.iter().map(|t| opened.dataset.table_at(*t)).collect();
            let tables = tables.map_err(failed)?;
            tables.iter().try_for_each(of_one_sample).map_err(at)?;
            return match &input.columns {
                None => Ok(Artifact::Table(Arc::new(stacked(&opened, tables)))),
                Some(columns) => {
                    columns::by_role(&tables, &infos, &columns::with_unit(columns, input), input.convention)
                        .map(|c| columns::of_kind(c, opened.kind))
                        .map_err(at)
                }
            };
        }
        What::Grid(column) => {
            let map = laid_out(&opened, *column, input, &path).map_err(at)?;
            return finish_map(&map, input).map(|m| Artifact::Map(Arc::new(m))).map_err(at);
        }
        What::Channel(channel) => *channel,
    };
    if opened.dataset.channels()[channel].kind == Kind::Volume {
        return volume(opened.dataset, channel, input, &path).map(|v| Artifact::Volume(Arc::new(v))).map_err(at);
    }
    let artifact = opened.dataset.read(channel).map_err(failed)?;
    match artifact {
        Artifact::Map(map) => finish_map(&map, input).map(|m| Artifact::Map(Arc::new(m))).map_err(at),
        other => Ok(other),
    }
}

fn finish_map(map: &Map, input: &InputDef) -> Result<Map, String> {
    let mut map = map.clone();
    if let Some(unit) = given_unit(input, &map.unit)? {
        map.values.mapv_inplace(|v| unit.to_si(v));
        map.unit = unit;
    }
    only_finite(map.values.iter_mut())?;
    map.pixel = steps(input, map.pixel)?;
    map.convention = convention(input, &map.unit)?;
    if let Some(q) = &input.quantity {
        map.quantity.clone_from(q);
    }
    Ok(map)
}

/// Not finite is not valid: infinities of damaged files take no part either.
fn only_finite<'a>(values: impl Iterator<Item = &'a mut f64>) -> Result<(), String> {
    let mut valid = false;
    for v in values {
        if !v.is_finite() {
            *v = f64::NAN;
        }
        valid |= v.is_finite();
    }
    if valid { Ok(()) } else { Err("there is no valid value in it: all are missing or not finite".into()) }
}

/// The convention of a phase; of what is no angle there is none.
fn convention(input: &InputDef, unit: &Unit) -> Result<Option<PhaseConvention>, String> {
    match input.convention {
        Some(_) if !unit.same_dimension(&Unit::of("deg")) => Err(format!(
            "`convention` is for a phase, and this is in {}; give `unit = \"deg\"` where the file has none",
            unit.in_words()
        )),
        convention => Ok(convention),
    }
}

/// Steps of a map along rows and columns that the file tells.
fn step_of_map(channel: &Channel) -> Option<[f64; 2]> {
    match (channel.physical_size.as_deref(), channel.shape.as_slice()) {
        (Some(&[x, y]), &[rows, columns]) => Some([y / rows as f64, x / columns as f64]),
        _ => None,
    }
}

/// Steps of a volume along z, y and x that the file tells.
fn of_file(channel: &Channel, [nz, ny, nx]: [usize; 3]) -> Option<[f64; 3]> {
    match channel.physical_size.as_deref() {
        Some(&[x, y, z]) => Some([z / nz as f64, y / ny as f64, x / nx as f64]),
        _ => None,
    }
}

/// A volume whose voxels stay in the file until they are wanted.
fn volume(dataset: Dataset, index: usize, input: &InputDef, path: &Path) -> Result<Volume, String> {
    let channel = &dataset.channels()[index];
    let gap = format!("{GAPS}{}", channel.name);
    if let Some((_, between)) = dataset.metadata().iter().find(|(k, _)| *k == gap) {
        return Err(format!(
            "slices are missing between {between}: every length along z would be wrong; put them back, or number the files \
             anew where nothing is missing"
        ));
    }
    let &[nz, ny, nx] = channel.shape.as_slice() else {
        return Err(format!("`{}` has {:?} elements and is no volume", channel.name, channel.shape));
    };
    let given = given_unit(input, &channel.unit)?;
    let unit = given.clone().unwrap_or_else(|| channel.unit.clone());
    let voxel = steps(input, of_file(channel, [nz, ny, nx]))?;
    let quantity = input.quantity.clone().unwrap_or_else(|| channel.name.clone());
    let parts = dataset.in_parts(index);
    let voxels = FileVoxels { dataset, channel: index, unit: given, path: path.to_path_buf() };
    let volume = Volume::of([nz, ny, nx], unit.clone(), &quantity, voxel, Arc::new(voxels));
    if parts {
        return Ok(volume);
    }
    // What can be had only as a whole is had once.
    let values = volume.whole().map_err(|e| e.to_string())?.into_owned();
    Ok(Volume::new(values, unit, &quantity, voxel))
}

/// The unit to apply; `None` where the file's stands.
fn given_unit(input: &InputDef, of_file: &Unit) -> Result<Option<Unit>, String> {
    let Some(text) = &input.unit else { return Ok(None) };
    let unit = Unit::parse(text).map_err(|e| e.to_string())?;
    if of_file.symbol.is_empty() {
        return Ok(Some(unit));
    }
    if unit.converts_as(of_file) {
        return Ok(None);
    }
    Err(format!("`unit = \"{text}\"` contradicts the file, which says `{}`; leave it out", of_file.symbol))
}

/// Steps of the file or of the definition; both are allowed where they agree.
fn steps<const N: usize>(input: &InputDef, of_file: Option<[f64; N]>) -> Result<Option<[f64; N]>, String> {
    let Some(given) = &input.pixel else { return Ok(of_file) };
    let names = if N == 2 { "row step, column step" } else { "z, y, x" };
    let given: [f64; N] = given.steps().ok_or_else(|| format!("`pixel` wants one length, or {N} lengths ({names})"))?;
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

/// A column as the map that was measured.
fn laid_out(opened: &InputFile, column: usize, input: &InputDef, path: &Path) -> Result<Map, String> {
    let dataset = &opened.dataset;
    let channel = &dataset.channels()[column];
    let numbers = |i: usize| {
        let c = &dataset.channels()[i];
        dataset.window(i, &Window::whole(&c.shape)).map_err(|e| e.to_string())
    };
    let values = numbers(column)?;
    let laid = match &input.grid {
        Some(GridDef::Shape(shape)) => grid::by_lines(values, *shape),
        Some(GridDef::From(GridSource::Name)) => {
            let stem = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let shape = grid_of_name(&stem).ok_or_else(|| {
                format!("the name `{stem}` tells no grid such as `20x11`; give `grid = [rows, columns]`")
            })?;
            grid::by_lines(values, shape).map(|g| Grid { pixel: pitch_of_name(&stem).map(|p| [p, p]), ..g })
        }
        Some(GridDef::From(GridSource::Positions)) | None => {
            let position = |axis: &str| {
                let of_axis = |c: &Channel| {
                    let own = c.name.rsplit(": ").next().unwrap_or(&c.name).to_lowercase();
                    let own = own.replace("position", "").replace("pos.", "").replace("pos", "");
                    c.table == channel.table && c.unit.is_length() && own.trim_matches([' ', '_', '-']) == axis
                };
                let found = dataset.channels().iter().position(of_axis);
                found.ok_or_else(|| {
                    format!(
                        "the table has no column {} with a length; give `grid = [rows, columns]`",
                        axis.to_uppercase()
                    )
                })
            };
            grid::by_positions(&values, &numbers(position("x")?)?, &numbers(position("y")?)?)
        }
    };
    let laid = laid.map_err(|e| format!("`{}` is no map: {e}", channel.name))?;
    let quantity = channel.name.rsplit(": ").next().unwrap_or(&channel.name).to_string();
    Ok(Map {
        values: laid.values,
        unit: channel.unit.clone(),
        quantity,
        pixel: laid.pixel,
        levelling: Vec::new(),
        convention: None,
    })
}

/// A table that this program wrote of several samples is none of one: pooled, its rows would be those of no sample.
fn of_one_sample(table: &Table) -> Result<(), String> {
    let Some(column) = table.columns.first().filter(|c| c.name == "sample") else { return Ok(()) };
    let mut ids = column.words();
    ids.sort_unstable();
    ids.dedup();
    match ids.len() {
        0 | 1 => Ok(()),
        _ => Err(format!(
            "the table holds the rows of several samples ({}): give each sample a file with its own rows",
            short_list(&ids.iter().map(String::as_str).collect::<Vec<_>>())
        )),
    }
}

/// Tables of the same columns one below the other; where there are several, the first column says which.
fn stacked(opened: &InputFile, tables: Vec<Table>) -> Table {
    if let [_] = tables[..] {
        return tables.into_iter().next().unwrap_or_default();
    }
    let names = opened.dataset.tables().iter().zip(&tables);
    let which = names.flat_map(|(info, t)| std::iter::repeat_n(info.name.clone(), t.rows())).collect();
    let mut out = Table { columns: vec![Column::text("table", which)] };
    for (i, first) in tables.first().map(|t| t.columns.clone()).unwrap_or_default().into_iter().enumerate() {
        let parts: Vec<&Column> = tables.iter().filter_map(|t| t.columns.get(i)).collect();
        let numbers: Option<Vec<Vec<f64>>> = parts.iter().map(|c| c.numbers()).collect();
        out.columns.push(match numbers {
            Some(n) => Column::number(&first.name, &first.unit, n.concat()),
            None => Column::text(&first.name, parts.iter().flat_map(|c| c.words()).collect()),
        });
    }
    out
}
