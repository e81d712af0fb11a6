//! The groups and arrays of a folder, and what their metadata claim.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ID;
use super::files::Files;
use crate::cursor::Sample;
use crate::{Limits, Metadata, ReadError};

/// Files that make a folder a group or an array.
pub(super) const FILES: [&str; 3] = ["zarr.json", ".zarray", ".zgroup"];
/// Bytes of metadata.
const MOST: u64 = 8 << 20;
/// Levels of groups.
const DEPTH: usize = 16;
/// Folders looked into.
const FOLDERS: usize = 100_000;
/// Axes of an array.
const AXES: usize = 16;

/// An array.
pub(super) struct Node {
    /// Names of the folders from the root on, joined by `/`.
    pub path: String,
    pub attributes: Map<String, Value>,
    pub shape: Vec<usize>,
    /// Elements of a chunk; of a shard, where there are shards.
    pub chunk: Vec<usize>,
    pub sample: Sample,
    /// Numbers of an element: two of a complex one.
    pub parts: usize,
}

/// What a folder holds.
#[derive(Default)]
pub(super) struct Tree {
    pub groups: BTreeMap<String, Map<String, Value>>,
    pub arrays: Vec<Node>,
    /// What could not be read, and why.
    pub notes: Metadata,
    folders: usize,
}

/// Looks for groups and arrays, without entering the folders of chunks.
///
/// # Errors
/// [`ReadError`] if the folder cannot be listed, or holds more arrays than the limit.
pub(super) fn walk(files: &Files, limits: &Limits) -> Result<Tree, ReadError> {
    let mut tree = Tree::default();
    tree.folder(files, "", 0, limits)?;
    if tree.arrays.is_empty() {
        let why = tree.notes.first().map_or(String::new(), |(path, what)| format!(" (`{path}`: {what})"));
        return Err(ReadError::new(ID, format!("the folder holds no array that is read{why}"))
            .hint("is the copy complete? `zarr.json` or `.zarray` must be in it"));
    }
    Ok(tree)
}

/// A path in a folder of a store.
fn within(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}/{name}") }
}

/// A file of metadata; `None` if there is none.
fn json(files: &Files, path: &str, name: &str) -> Result<Option<Map<String, Value>>, String> {
    let Some(text) = files.read(&within(path, name), MOST)? else { return Ok(None) };
    match serde_json::from_slice(&text) {
        Ok(Value::Object(map)) => Ok(Some(map)),
        Ok(_) => Err("its metadata are no object of JSON".into()),
        Err(e) => Err(format!("its metadata are broken: {e}")),
    }
}

impl Tree {
    fn folder(&mut self, files: &Files, path: &str, depth: usize, limits: &Limits) -> Result<(), ReadError> {
        self.folders += 1;
        if self.arrays.len() > limits.channels || self.folders > FOLDERS {
            return Err(ReadError::new(ID, "the folder holds more arrays than the limit").hint("name a folder in it"));
        }
        match self.metadata(files, path, limits) {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(what) => {
                self.notes.push((path.to_string(), format!("not read: {what}")));
                return Ok(());
            }
        }
        if depth >= DEPTH {
            return Ok(());
        }
        for name in files.folders(path)? {
            self.folder(files, &within(path, &name), depth + 1, limits)?;
        }
        Ok(())
    }

    /// Takes in what a folder says of itself; gives whether it is an array.
    fn metadata(&mut self, files: &Files, path: &str, limits: &Limits) -> Result<bool, String> {
        let object = |v: Option<&Value>| v.and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(own) = json(files, path, "zarr.json")? {
            let mut attributes = object(own.get("attributes"));
            if own.get("node_type").and_then(Value::as_str) == Some("group") {
                self.groups.insert(path.to_string(), attributes);
                return Ok(false);
            }
            if let Some(names) = own.get("dimension_names") {
                attributes.insert("dimension_names".into(), names.clone());
            }
            let grid = own.get("chunk_grid").and_then(|g| g.get("configuration")?.get("chunk_shape"));
            let chunk = sizes(grid).ok_or("its chunks are not of one size")?;
            let kind = own.get("data_type").and_then(Value::as_str).unwrap_or("");
            shards(own.get("codecs"), &chunk)?;
            self.array(path, attributes, own.get("shape"), chunk, kind, limits)?;
            return Ok(true);
        }
        if let Some(own) = json(files, path, ".zarray")? {
            let attributes = json(files, path, ".zattrs")?.unwrap_or_default();
            let chunk = sizes(own.get("chunks")).ok_or("its chunks have no size")?;
            let kind = own.get("dtype").and_then(Value::as_str).unwrap_or("");
            self.array(
                path,
                attributes,
                own.get("shape"),
                chunk,
                kind.trim_start_matches(['<', '>', '|', '=']),
                limits,
            )?;
            return Ok(true);
        }
        if let Some(attributes) = json(files, path, ".zattrs")? {
            self.groups.insert(path.to_string(), attributes);
        }
        Ok(false)
    }

    fn array(
        &mut self,
        path: &str,
        attributes: Map<String, Value>,
        shape: Option<&Value>,
        chunk: Vec<usize>,
        kind: &str,
        limits: &Limits,
    ) -> Result<(), String> {
        let shape = sizes(shape).ok_or("it has no shape")?;
        let (sample, parts) = sample(kind).ok_or_else(|| format!("numbers of the type `{kind}` are not read"))?;
        let bytes = |s: &[usize]| s.iter().try_fold(sample.size() * parts, |a, b| a.checked_mul(*b));
        if shape.len() != chunk.len() || shape.len() > AXES || shape.contains(&0) || chunk.contains(&0) {
            return Err(format!("an array of {shape:?} elements in chunks of {chunk:?}"));
        }
        if bytes(&shape).is_none_or(|n| n > isize::MAX as usize) {
            return Err(format!("it claims {shape:?} elements"));
        }
        if bytes(&chunk).is_none_or(|n| n as u64 > limits.inflated.min(1 << 30)) {
            return Err(format!("its chunks of {chunk:?} elements are larger than the limit"));
        }
        // A column is read whole.
        if shape.len() == 1 && shape.first().is_some_and(|n| *n as u64 > limits.elements) {
            return Err(format!("a column of {shape:?} elements is longer than the limit"));
        }
        self.arrays.push(Node { path: path.to_string(), attributes, shape, chunk, sample, parts });
        Ok(())
    }
}

fn sizes(value: Option<&Value>) -> Option<Vec<usize>> {
    let list = value?.as_array()?;
    list.iter().map(|v| usize::try_from(v.as_u64()?).ok()).collect()
}

/// Refuses shards whose index alone would fill the memory.
fn shards(codecs: Option<&Value>, chunk: &[usize]) -> Result<(), String> {
    for codec in codecs.and_then(Value::as_array).into_iter().flatten() {
        if codec.get("name").and_then(Value::as_str) != Some("sharding_indexed") {
            continue;
        }
        let inner = sizes(codec.get("configuration").and_then(|c| c.get("chunk_shape")));
        let inner = inner.filter(|i| i.len() == chunk.len() && !i.contains(&0)).ok_or("its shards are of no size")?;
        let count = chunk.iter().zip(&inner).try_fold(1usize, |a, (c, i)| a.checked_mul(c / i));
        if count.is_none_or(|n| n > 1 << 22) {
            return Err(format!("its shards of {chunk:?} elements hold too many chunks of {inner:?}"));
        }
        shards(codec.get("configuration").and_then(|c| c.get("codecs")), &inner)?;
    }
    Ok(())
}

/// The numbers of a type, in the spelling of either version.
fn sample(kind: &str) -> Option<(Sample, usize)> {
    Some(match kind {
        "bool" | "b1" => (Sample::Bool, 1),
        "int8" | "i1" => (Sample::I8, 1),
        "uint8" | "u1" => (Sample::U8, 1),
        "int16" | "i2" => (Sample::I16, 1),
        "uint16" | "u2" => (Sample::U16, 1),
        "int32" | "i4" => (Sample::I32, 1),
        "uint32" | "u4" => (Sample::U32, 1),
        "int64" | "i8" => (Sample::I64, 1),
        "uint64" | "u8" => (Sample::U64, 1),
        "float16" | "f2" => (Sample::F16, 1),
        "float32" | "f4" => (Sample::F32, 1),
        "float64" | "f8" => (Sample::F64, 1),
        "complex64" | "c8" => (Sample::F32, 2),
        "complex128" | "c16" => (Sample::F64, 2),
        _ => return None,
    })
}
