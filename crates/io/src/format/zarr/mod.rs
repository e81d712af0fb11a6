//! Zarr: arrays in chunks, a folder an array, in a folder or a zip archive; OME-Zarr and HyperSpy's `.zspy`.
//!
//! Known writers: zarr-python, zarrs, OME tools, napari, HyperSpy, dask. Versions 2 and 3, sharded or not. Sources: the
//! specifications at zarr-specs.readthedocs.io and ngff.openmicroscopy.org (OME-NGFF 0.4 and 0.5). Only the
//! chunks that a window touches are unpacked, of a shard only the chunks in it; what the metadata claim is checked
//! first. A chunk that is not there holds the fill value.
//!
//! Every array in the folder is shown: one dimension is a column of a table a group, two a map, three a volume, more a
//! volume whose last axis joins the others, and the map at index 0. Where OME names the axes, time and colour give a
//! channel each. Sizes come from OME's scale and from HyperSpy's axes, where they are lengths; a unit from the
//! attribute `units` or `unit`. A folder without metadata of its own stands for the group of what is in it.

mod array;
mod axes;
mod chain;
mod files;
mod grid;
mod node;

use serde_json::Value;

use crate::dataset::GroupTables;
use crate::{
    Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source, Store, Window, entry_name, natural,
};
use softspot_data::unit::Unit;

use array::Array;
use axes::Axes;
use files::Files;
use node::{Node, Tree};

const ID: &str = "zarr";
/// Subfolders looked into where the folder itself has no metadata.
const LOOKED: usize = 64;
/// Channels of time and colour.
const SPLIT: usize = 256;
/// Letters of an attribute that are kept.
const TEXT: usize = 2000;

/// The reader.
pub struct Zarr;

static FORMAT: Format = Format {
    id: ID,
    name: "Zarr",
    extensions: &["zarr", "zspy", "zip", "ozx"],
    about: "Folders and zip archives of version 2 and 3, sharded or not, raw, gzip, zstd, blosc, LZ4, bzip2; OME-Zarr and \
            HyperSpy.",
    reference: "https://zarr-specs.readthedocs.io; https://ngff.openmicroscopy.org",
};

impl Reader for Zarr {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if !source.is_folder() {
            let zip = source.head().starts_with(b"PK\x03\x04");
            return if zip && files::root_of(source.members()).is_some() { 90 } else { 0 };
        }
        if source.entries().iter().any(|n| node::FILES.contains(&n.as_str())) {
            return 95;
        }
        if files::is_group_of_all(source, LOOKED) { 80 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let files = Files::of(source, limits)?;
        let mut tree = node::walk(&files, limits)?;
        tree.arrays.sort_by(|a, b| natural::compare(&a.path, &b.path));
        let mut dataset = Dataset::new(ID, limits);
        for (path, attributes) in tree.groups.iter().chain(tree.arrays.iter().map(|n| (&n.path, &n.attributes))) {
            for (key, value) in attributes {
                let key = entry_name(path, "/", key);
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
                dataset.metadata.push((key, text.chars().take(TEXT).collect()));
            }
        }
        dataset.metadata.append(&mut tree.notes.clone());
        let mut tables = GroupTables::default();
        for node in &tree.arrays {
            push(&mut dataset, &mut tables, &tree, node, &Array::new(&files, node, limits))?;
        }
        dataset.finish()
    }
}

/// The unit of an array's numbers.
fn unit(node: &Node) -> Unit {
    let said = ["units", "unit"].iter().find_map(|k| node.attributes.get(*k)?.as_str());
    said.map(str::trim).filter(|u| !u.is_empty()).map_or_else(Unit::none, Unit::parse_or_keep)
}

/// Adds the channels of an array.
fn push(
    dataset: &mut Dataset,
    tables: &mut GroupTables,
    tree: &Tree,
    node: &Node,
    array: &Array,
) -> Result<(), ReadError> {
    let axes = Axes::of(tree, node);
    let name = if node.path.is_empty() { "array" } else { &node.path };
    for part in 0..array.parts() {
        let name = match (array.parts(), part) {
            (1, _) => name.to_string(),
            (_, 0) => format!("{name} (real)"),
            _ => format!("{name} (imaginary)"),
        };
        match array.shape() {
            [] => {}
            &[n] => {
                let group = node.path.rsplit_once('/').map_or("", |(group, _)| group);
                let table = tables.of(dataset, group, n);
                let own = name.rsplit('/').next().unwrap_or(&name);
                dataset.push(Channel::column(table, own, unit(node), n), array.store(part, Vec::new(), 0))?;
            }
            shape => {
                // Axes of time and colour stand first; each index of them is a channel.
                let outer = axes.outer(shape.len());
                let (split, inner) = shape.split_at(outer);
                let count: usize = split.iter().product();
                if outer > 0 && count <= SPLIT && (2..=3).contains(&inner.len()) {
                    for i in 0..count {
                        let index = unravel(i, split);
                        let name = if count == 1 { name.clone() } else { axes.named(&name, &index) };
                        spatial(dataset, &name, node, array, part, index, &axes)?;
                    }
                } else {
                    spatial(dataset, &name, node, array, part, Vec::new(), &axes)?;
                }
            }
        }
    }
    Ok(())
}

/// The indices of element `i` in C order.
fn unravel(i: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = i;
    let mut index: Vec<usize> = shape
        .iter()
        .rev()
        .map(|n| {
            let own = rest % n;
            rest /= n;
            own
        })
        .collect();
    index.reverse();
    index
}

/// Adds a map or a volume: the array at the first indices given.
fn spatial(
    dataset: &mut Dataset,
    name: &str,
    node: &Node,
    array: &Array,
    part: usize,
    index: Vec<usize>,
    axes: &Axes,
) -> Result<(), ReadError> {
    let mut inner = array.shape().get(index.len()..).unwrap_or_default().to_vec();
    let mut size = axes.size(&inner);
    let unit = unit(node);
    if axes.x_first(inner.len()) {
        inner.reverse();
        size.iter_mut().for_each(|s| s.reverse());
        let channel = match *inner.as_slice() {
            [rows, columns] => Channel::map(name, unit, rows, columns),
            [z, y, x] => Channel::volume(name, unit, [z, y, x]),
            _ => return Ok(()),
        };
        return dataset.push(channel.sized(size), turned_store(array, part, index));
    }
    match *inner.as_slice() {
        // A single plane of a volume is a map.
        [1, rows, columns] if !index.is_empty() => {
            let size = size.map(|s| s.into_iter().take(2).collect());
            let index = [index, vec![0]].concat();
            dataset.push(Channel::map(name, unit, rows, columns).sized(size), array.store(part, index, 0))
        }
        [rows, columns] => {
            dataset.push(Channel::map(name, unit, rows, columns).sized(size), array.store(part, index, 0))
        }
        [z, y, x] => dataset.push(Channel::volume(name, unit, [z, y, x]).sized(size), array.store(part, index, 0)),
        [rows, columns, ref rest @ ..] => {
            let zeros = vec!["0"; rest.len()].join(", ");
            let joined = [rows, columns, rest.iter().product()];
            dataset.push(Channel::volume(name, unit.clone(), joined), joined_store(array, part))?;
            let map = Channel::map(format!("{name} [:, :, {zeros}]"), unit, rows, columns);
            dataset.push(map, array.store(part, Vec::new(), rest.len()))
        }
        _ => Ok(()),
    }
}

/// An array whose first axis is x, in the order of rows.
fn turned_store(array: &Array, part: usize, first: Vec<usize>) -> Store {
    let own = array.clone();
    Store::windowed(move |w| {
        let before = first.iter().map(|i| *i..i.saturating_add(1));
        let ranges: Vec<_> = before.chain(w.ranges().iter().rev().cloned()).collect();
        let values = own.read(part, &ranges)?;
        // Element [z, y, x] of the window is element [x, y, z] of what was read.
        let shape = w.shape();
        let mut strides = vec![1usize; shape.len()];
        for i in 1..shape.len() {
            strides[i] = strides[i - 1] * shape[i - 1];
        }
        let at = |i: usize| unravel(i, &shape).iter().zip(&strides).map(|(i, s)| i * s).sum::<usize>();
        Ok((0..values.len()).filter_map(|i| values.get(at(i)).copied()).collect())
    })
}

/// The axes behind the second joined to one.
fn joined_store(array: &Array, part: usize) -> Store {
    let own = array.clone();
    Store::windowed(move |w| {
        let [rows, columns, last] = w.ranges() else { return Err(ReadError::new(ID, "a volume has three axes")) };
        let rest = own.shape().get(2..).unwrap_or_default();
        let n = rest.iter().product();
        let ranges: Vec<_> = [rows.clone(), columns.clone()].into_iter().chain(rest.iter().map(|n| 0..*n)).collect();
        let values = own.read(part, &ranges)?;
        let cut = Window::new([0..rows.len(), 0..columns.len(), last.clone()]);
        Ok(cut.cut(values, &[rows.len(), columns.len(), n]).unwrap_or_default())
    })
}

/// A list of numbers in metadata.
fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}
