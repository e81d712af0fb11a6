//! An opened file: its channels, and where the numbers of each of them are.

mod absorb;
mod curves;
mod groups;

pub(crate) use curves::{Columns, Curve};
pub(crate) use groups::GroupTables;

use std::collections::BTreeMap;
use std::sync::Arc;

use ndarray::{Array2, Array3};

use super::{Block, Channel, Limits, Metadata, ReadError, TableInfo, Window};
use softspot_data::unit::Unit;
use softspot_data::{Artifact, Column, Kind, Map, Table, Volume};

type Whole = Box<dyn Fn() -> Result<Vec<f64>, ReadError> + Send + Sync>;
type Windowed = Box<dyn Fn(&Window) -> Result<Vec<f64>, ReadError> + Send + Sync>;

/// Where the numbers of a channel are; all of them in the channel's unit and in C order.
pub enum Store {
    /// In the bytes of the file.
    Block(Block),
    /// Read already.
    Values(Vec<f64>),
    /// To be had only all at once.
    Whole(Whole),
    /// To be had window by window.
    Windowed(Windowed),
}

impl Store {
    /// A map of which some rows were not measured: what stands there is missing.
    pub(crate) fn of_rows(block: Block, measured: Vec<bool>) -> Store {
        if measured.iter().all(|m| *m) {
            return Store::Block(block);
        }
        Store::windowed(move |w| {
            let mut values = block.window(w)?;
            let [rows, columns] = w.ranges() else { return Ok(values) };
            for (row, line) in rows.clone().zip(values.chunks_exact_mut(columns.len().max(1))) {
                if measured.get(row) != Some(&true) {
                    line.fill(f64::NAN);
                }
            }
            Ok(values)
        })
    }

    /// Numbers that are made when they are asked for, all at once.
    pub fn whole(f: impl Fn() -> Result<Vec<f64>, ReadError> + Send + Sync + 'static) -> Store {
        Store::Whole(Box::new(f))
    }

    /// Numbers that are made when they are asked for, window by window.
    pub fn windowed(f: impl Fn(&Window) -> Result<Vec<f64>, ReadError> + Send + Sync + 'static) -> Store {
        Store::Windowed(Box::new(f))
    }
}

impl From<Block> for Store {
    fn from(block: Block) -> Store {
        Store::Block(block)
    }
}

impl From<Vec<f64>> for Store {
    fn from(values: Vec<f64>) -> Store {
        Store::Values(values)
    }
}

/// A column of a table: numbers are a channel, words are kept beside them.
enum Member {
    Number { channel: usize, name: String },
    Words(Column),
}

/// An opened file. A reader fills it with [`Dataset::push`] and hands it over with [`Dataset::finish`].
pub struct Dataset {
    format: &'static str,
    limits: Limits,
    channels: Vec<Channel>,
    stores: Vec<Store>,
    tables: Vec<TableInfo>,
    /// The columns of each table.
    members: Vec<Vec<Member>>,
    /// Every header field, as written.
    pub metadata: Metadata,
    /// Files beside the opened one that the data come from as well.
    pub companions: Vec<std::path::PathBuf>,
    /// What was opened.
    pub(super) source: Option<super::Source>,
}

impl Dataset {
    /// An empty one of that format.
    pub fn new(format: &'static str, limits: &Limits) -> Dataset {
        Dataset {
            format,
            limits: *limits,
            channels: Vec::new(),
            stores: Vec::new(),
            tables: Vec::new(),
            members: Vec::new(),
            metadata: Metadata::new(),
            companions: Vec::new(),
            source: None,
        }
    }

    /// Adds a channel.
    ///
    /// # Errors
    /// [`ReadError`] if there are more channels than the limit, or numbers of another count than the shape.
    pub fn push(&mut self, channel: Channel, store: impl Into<Store>) -> Result<(), ReadError> {
        if self.channels.len() >= self.limits.channels {
            let what = format!("the file has more channels than the limit of {}", self.limits.channels);
            return Err(ReadError::new(self.format, what).hint("the header is damaged, or the file must be split"));
        }
        if channel.shape.contains(&0) && channel.kind != Kind::Table {
            let what = format!("`{}` has {:?} elements: a dimension is zero", channel.name, channel.shape);
            return Err(ReadError::new(self.format, what));
        }
        let store = store.into();
        let same = match &store {
            Store::Block(b) => b.shape() == channel.shape,
            Store::Values(v) => v.len() == channel.elements(),
            Store::Whole(_) | Store::Windowed(_) => true,
        };
        if !same {
            let what = format!("`{}` does not have the numbers for {:?} elements", channel.name, channel.shape);
            return Err(ReadError::new(self.format, what));
        }
        let number = Member::Number { channel: self.channels.len(), name: channel.name.clone() };
        if let Some(own) = channel.table.and_then(|t| self.members.get_mut(t)) {
            own.push(number);
        }
        self.channels.push(channel);
        self.stores.push(store);
        Ok(())
    }

    /// Adds a table, whose columns follow with [`Channel::column`]; gives its index.
    pub fn add_table(&mut self, info: TableInfo) -> usize {
        self.tables.push(info);
        self.members.push(Vec::new());
        self.tables.len() - 1
    }

    /// Adds a column of numbers in the unit of the file.
    ///
    /// # Errors
    /// As [`Dataset::push`].
    pub fn push_column(&mut self, table: usize, name: &str, unit: Unit, values: Vec<f64>) -> Result<(), ReadError> {
        self.push(Channel::column(table, name, unit, values.len()), values)
    }

    /// Adds a column of words to a table; it is no channel.
    pub fn push_words(&mut self, table: usize, name: &str, words: Vec<String>) {
        if let Some(own) = self.members.get_mut(table) {
            own.push(Member::Words(Column::text(name, words)));
        }
    }

    /// Makes the names unique, so that every channel can be addressed.
    ///
    /// # Errors
    /// [`ReadError`] if there is no channel.
    pub fn finish(mut self) -> Result<Dataset, ReadError> {
        if self.channels.is_empty() {
            return Err(ReadError::new(self.format, "the file holds no channel of numbers"));
        }
        let mut names: Vec<String> = self.tables.iter().map(|t| t.name.clone()).collect();
        if names.len() > 1 {
            unique_names(&mut names);
            self.tables.iter_mut().zip(names).for_each(|(t, name)| t.name = name);
        }
        // Names of columns are unique in their table, names of channels in the file.
        let several = self.tables.len() > 1;
        for (info, members) in self.tables.iter().zip(&mut self.members) {
            let mut taken = BTreeMap::new();
            for member in members {
                let (Member::Number { name, .. } | Member::Words(Column { name, .. })) = member;
                *name = free_name(name, &mut taken);
                if let Member::Number { channel, name } = member
                    && let Some(own) = self.channels.get_mut(*channel)
                {
                    own.name = if several { format!("{}: {name}", info.name) } else { name.clone() };
                }
            }
        }
        let mut names: Vec<String> = self.channels.iter().map(|c| c.name.clone()).collect();
        unique_names(&mut names);
        self.channels.iter_mut().zip(names).for_each(|(c, name)| c.name = name);
        Ok(self)
    }

    /// The same as found in a file of another format.
    pub(crate) fn within(self, format: &'static str) -> Dataset {
        Dataset { format, ..self }
    }

    /// Format id, as in [`super::Format`].
    pub fn format(&self) -> &'static str {
        self.format
    }

    /// The arrays in it, in file order.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The tables in it, in file order.
    pub fn tables(&self) -> &[TableInfo] {
        &self.tables
    }

    /// Every header field, as written.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Reads one channel, converted to SI; a column gives a table of that column alone.
    ///
    /// # Errors
    /// [`ReadError`] where the data are broken, or more than the limit allows at once.
    pub fn read(&self, index: usize) -> Result<Artifact, ReadError> {
        let channel = self.channel(index)?;
        if channel.elements() as u64 > self.limits.elements {
            let what = format!(
                "`{}` has {:?} elements, more than the limit of {} to read at once",
                channel.name, channel.shape, self.limits.elements
            );
            return Err(ReadError::new(self.format, what).hint("crop it, or read it in windows"));
        }
        let values = self.numbers(index, &Window::whole(&channel.shape))?;
        artifact(self.format, channel, values)
    }

    /// Reads a part of one channel: numbers in SI, in C order.
    ///
    /// # Errors
    /// [`ReadError`] if the window lies outside or the data are broken.
    pub fn window(&self, index: usize, window: &Window) -> Result<Vec<f64>, ReadError> {
        let channel = self.channel(index)?;
        if !window.fits(&channel.shape) {
            let what = format!("{window:?} is no part of `{}` with {:?} elements", channel.name, channel.shape);
            return Err(ReadError::new(self.format, what).hint("ask for a window within the channel"));
        }
        self.numbers(index, window)
    }

    /// As [`Dataset::window`], into memory that is there and has just room for it.
    ///
    /// # Errors
    /// As [`Dataset::window`].
    pub fn window_into(&self, index: usize, window: &Window, out: &mut [f64]) -> Result<(), ReadError> {
        let channel = self.channel(index)?;
        match self.stores.get(index) {
            Some(Store::Block(b)) if channel.elements() > 0 => {
                b.read_into(window, channel.unit.scale, channel.unit.offset, out)
            }
            _ => {
                out.iter_mut().zip(self.window(index, window)?).for_each(|(o, v)| *o = v);
                Ok(())
            }
        }
    }

    /// The one table of the file with all its columns, words included; `None` where it has none or several.
    ///
    /// # Errors
    /// [`ReadError`] where the columns cannot be read.
    pub fn table(&self) -> Result<Option<Table>, ReadError> {
        match self.tables[..] {
            [_] => self.table_at(0).map(Some),
            _ => Ok(None),
        }
    }

    /// One of several tables; shorter columns are filled with empty cells.
    ///
    /// # Errors
    /// [`ReadError`] where there is no such table or its columns cannot be read.
    pub fn table_at(&self, table: usize) -> Result<Table, ReadError> {
        let mut columns = Vec::new();
        for member in self.members.get(table).into_iter().flatten() {
            columns.push(match member {
                Member::Number { channel, name } => {
                    let c = self.channel(*channel)?;
                    Column::number(name, &c.unit, self.numbers(*channel, &Window::whole(&c.shape))?)
                }
                Member::Words(column) => column.clone(),
            });
        }
        let rows = columns.iter().map(Column::len).max().unwrap_or(0);
        columns.iter_mut().for_each(|c| c.pad(rows));
        Ok(Table { columns })
    }

    /// Gives back memory that windows read so far have taken; see [`super::Source::release`].
    pub fn release(&self) {
        if let Some(source) = &self.source {
            source.release();
        }
    }

    /// Whether a window of the channel costs no more than its part of the whole.
    pub fn in_parts(&self, index: usize) -> bool {
        matches!(self.stores.get(index), Some(Store::Block(_) | Store::Values(_) | Store::Windowed(_)))
    }

    /// A table's columns: the name of each, without that of the table, and its channel, which a column of words has not.
    pub fn columns_of(&self, table: usize) -> impl Iterator<Item = (&str, Option<&Channel>)> {
        self.members.get(table).into_iter().flatten().map(|m| match m {
            Member::Number { channel, name } => (name.as_str(), self.channels.get(*channel)),
            Member::Words(column) => (column.name.as_str(), None),
        })
    }

    fn channel(&self, index: usize) -> Result<&Channel, ReadError> {
        self.channels.get(index).ok_or_else(|| {
            ReadError::new(self.format, format!("there is no channel {index}; the file has {}", self.channels.len()))
                .hint("count channels from 0")
        })
    }

    /// Numbers in SI.
    fn numbers(&self, index: usize, window: &Window) -> Result<Vec<f64>, ReadError> {
        let channel = self.channel(index)?;
        if channel.elements() == 0 {
            return Ok(Vec::new());
        }
        let store = self.stores.get(index).ok_or_else(|| ReadError::new(self.format, "there is no such channel"))?;
        let unit = &channel.unit;
        let cut = |values: Vec<f64>| {
            window.cut(values, &channel.shape).ok_or_else(|| {
                let what = format!("`{}` has other numbers than its header says", channel.name);
                ReadError::new(self.format, what)
            })
        };
        let mut values = match store {
            Store::Block(b) => return b.read(window, unit.scale, unit.offset),
            Store::Values(v) => cut(v.clone())?,
            Store::Whole(f) => cut(f()?)?,
            Store::Windowed(f) => {
                let values = f(window)?;
                if values.len() != window.shape().iter().product::<usize>() {
                    let what = format!("`{}` has other numbers than its header says", channel.name);
                    return Err(ReadError::new(self.format, what));
                }
                values
            }
        };
        if unit.scale != 1.0 || unit.offset != 0.0 {
            values.iter_mut().for_each(|v| *v = unit.to_si(*v));
        }
        Ok(values)
    }
}

/// Gives repeated names a number.
pub(super) fn unique_names(names: &mut [String]) {
    let mut taken = BTreeMap::new();
    for name in names {
        *name = free_name(name, &mut taken);
    }
}

/// The name, or the first `name #n` that is not taken; takes it.
fn free_name(name: &str, taken: &mut BTreeMap<String, usize>) -> String {
    let name = if name.is_empty() { "unnamed" } else { name };
    // The count goes on from the last one given, so that thousands of equal names take no time.
    let Some(n) = taken.get(name).copied() else {
        taken.insert(name.to_string(), 2);
        return name.to_string();
    };
    let free = (n..).map(|n| (n, format!("{name} #{n}"))).find(|(_, c)| !taken.contains_key(c));
    let (n, candidate) = free.unwrap_or((n, name.to_string()));
    taken.insert(name.to_string(), n + 1);
    taken.insert(candidate.clone(), 2);
    candidate
}

/// Numbers in SI, in the order of the channel's shape, as the artifact of the channel's kind.
fn artifact(format: &'static str, channel: &Channel, values: Vec<f64>) -> Result<Artifact, ReadError> {
    let n = values.len();
    let wrong = || ReadError::new(format, format!("`{}` has {n} values for {:?}", channel.name, channel.shape));
    let size = channel.physical_size.as_deref();
    match (channel.kind, channel.shape.as_slice()) {
        (Kind::Map, &[rows, columns]) => {
            let values = Array2::from_shape_vec((rows, columns), values).map_err(|_| wrong())?;
            let pixel = match size {
                Some(&[w, h]) => Some([h / rows as f64, w / columns as f64]),
                _ => None,
            };
            Ok(Artifact::Map(Arc::new(Map {
                values,
                unit: channel.unit.clone(),
                quantity: channel.name.clone(),
                pixel,
                levelling: Vec::new(),
                convention: None,
            })))
        }
        (Kind::Volume, &[nz, ny, nx]) => {
            let values = Array3::from_shape_vec((nz, ny, nx), values).map_err(|_| wrong())?;
            let voxel = match size {
                Some(&[x, y, z]) => Some([z / nz as f64, y / ny as f64, x / nx as f64]),
                _ => None,
            };
            Ok(Artifact::Volume(Arc::new(Volume::new(values, channel.unit.clone(), &channel.name, voxel))))
        }
        (Kind::Table, &[rows]) if rows == n => {
            Ok(Artifact::Table(Arc::new(Table { columns: vec![Column::number(&channel.name, &channel.unit, values)] })))
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_unique() {
        let mut names: Vec<String> = ["a", "b", "a", "a #2", "a", ""].iter().map(|s| s.to_string()).collect();
        unique_names(&mut names);
        assert_eq!(names, ["a", "b", "a #2", "a #2 #2", "a #3", "unnamed"]);
    }

    #[test]
    fn columns_are_named_by_their_table_where_there_are_several() {
        let build = |tables: &[&str]| {
            let mut d = Dataset::new("x", &Limits::default());
            for name in tables {
                let t = d.add_table(TableInfo::named(*name));
                d.push_column(t, "T", Unit::of("°C"), vec![20.0, 30.0]).unwrap();
                d.push_column(t, "T", Unit::none(), vec![1.0]).unwrap();
                d.push_words(t, "remark", vec!["a".into(), "b".into()]);
            }
            d.finish().unwrap()
        };
        let names = |d: &Dataset| d.channels().iter().map(|c| c.name.clone()).collect::<Vec<_>>();
        let one = build(&["sweep"]);
        assert_eq!(names(&one), ["T", "T #2"]);
        let table = one.table().unwrap().unwrap();
        assert_eq!((table.columns.len(), table.rows()), (3, 2));
        assert_eq!(table.columns[0].numbers().unwrap(), [293.15, 303.15]);
        let two = build(&["sweep", "sweep"]);
        assert_eq!(names(&two), ["sweep: T", "sweep: T #2", "sweep #2: T", "sweep #2: T #2"]);
        assert!(two.table().unwrap().is_none());
        let columns: Vec<_> = two.columns_of(1).map(|(name, c)| (name, c.map(|c| c.elements()))).collect();
        assert_eq!(columns, [("T", Some(2)), ("T #2", Some(1)), ("remark", None)]);
        assert_eq!(two.table_at(1).unwrap().columns[1].numbers().unwrap()[0], 1.0);
        assert!(build_none().is_err());
    }

    fn build_none() -> Result<Dataset, ReadError> {
        Dataset::new("x", &Limits::default()).finish()
    }

    #[test]
    fn a_window_of_every_store() {
        let mut d = Dataset::new("x", &Limits::default());
        let ramp: Vec<f64> = (0..6).map(f64::from).collect();
        let map = |name: &str| Channel::map(name, Unit::of("nm"), 2, 3);
        let (a, b) = (ramp.clone(), ramp.clone());
        d.push(map("values"), ramp).unwrap();
        d.push(map("whole"), Store::whole(move || Ok(a.clone()))).unwrap();
        d.push(map("windowed"), Store::windowed(move |w| Ok(w.cut(b.clone(), &[2, 3]).unwrap_or_default()))).unwrap();
        d.push(map("lies"), Store::whole(|| Ok(vec![0.0; 5]))).unwrap();
        let d = d.finish().unwrap();
        for i in 0..3 {
            assert_eq!(d.window(i, &Window::new([0..2, 1..2])).unwrap(), [1.0 * 1e-9, 4.0 * 1e-9]);
            assert!(d.window(i, &Window::new([0..3, 1..2])).is_err());
        }
        assert!(d.read(3).is_err() && d.read(4).is_err());
    }
}
