//! The groups and arrays of a folder, and what their metadata claim.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::ID;
use super::chain::{self, Chain};
use super::files::Files;
use super::grid::{Grid, Number};
use crate::cursor::{Endian, Sample};
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
    pub number: Number,
    pub grid: Grid,
    /// What every number of an element is where no chunk is.
    pub fill: Vec<f64>,
    /// What stands before the indices in the name of a chunk, and between them.
    keys: (&'static str, &'static str),
}

impl Node {
    /// The path of the chunk with this index along each axis.
    pub(super) fn key(&self, index: &[usize]) -> String {
        let (before, between) = self.keys;
        let index: Vec<String> = index.iter().map(usize::to_string).collect();
        within(&self.path, &format!("{before}{}", index.join(between)))
    }
}

/// What a folder holds.
#[derive(Default)]
pub(super) struct Tree {
    pub groups: BTreeMap<String, Map<String, Value>>,
    pub arrays: Vec<Arc<Node>>,
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
            let number = number(own.get("data_type"))?;
            if own.get("storage_transformers").and_then(Value::as_array).is_some_and(|t| !t.is_empty()) {
                return Err("storage transformers are not read".into());
            }
            let keys = keys_v3(own.get("chunk_key_encoding"))?;
            let chain = Chain::of_v3(own.get("codecs"), &chunk, number)?;
            self.array(path, attributes, &own, number, Grid { chunk, chain }, keys, limits)?;
            return Ok(true);
        }
        if let Some(own) = json(files, path, ".zarray")? {
            let attributes = json(files, path, ".zattrs")?.unwrap_or_default();
            let chunk = sizes(own.get("chunks")).ok_or("its chunks have no size")?;
            let number = number(own.get("dtype"))?;
            let big = own.get("dtype").and_then(Value::as_str).is_some_and(|t| t.starts_with('>'));
            let endian = if big { Endian::Big } else { Endian::Little };
            let keys = ("", separator(own.get("dimension_separator"), ".")?);
            let chain = Chain::of_v2(&own, &chunk, endian)?;
            self.array(path, attributes, &own, number, Grid { chunk, chain }, keys, limits)?;
            return Ok(true);
        }
        if let Some(attributes) = json(files, path, ".zattrs")? {
            self.groups.insert(path.to_string(), attributes);
        }
        Ok(false)
    }

    #[expect(clippy::too_many_arguments, reason = "what two versions of the metadata have in common")]
    fn array(
        &mut self,
        path: &str,
        attributes: Map<String, Value>,
        own: &Map<String, Value>,
        number: Number,
        grid: Grid,
        keys: (&'static str, &'static str),
        limits: &Limits,
    ) -> Result<(), String> {
        let shape = sizes(own.get("shape")).ok_or("it has no shape")?;
        let chunk = &grid.chunk;
        if shape.len() != chunk.len() || shape.len() > AXES || shape.contains(&0) || chunk.contains(&0) {
            return Err(format!("an array of {shape:?} elements in chunks of {chunk:?}"));
        }
        let bytes = shape.iter().try_fold(number.size(), |a, b| a.checked_mul(*b));
        if bytes.is_none_or(|n| n > isize::MAX as usize) {
            return Err(format!("it claims {shape:?} elements"));
        }
        if grid.chain.largest(chunk, number).is_none_or(|n| n > limits.inflated.min(chain::MOST)) {
            return Err(format!("its chunks of {chunk:?} elements are larger than the limit"));
        }
        // A column is read whole.
        if shape.len() == 1 && shape.first().is_some_and(|n| *n as u64 > limits.elements) {
            return Err(format!("a column of {shape:?} elements is longer than the limit"));
        }
        let fill = fill(own.get("fill_value"), number).ok_or("its fill value is no number")?;
        let path = path.to_string();
        self.arrays.push(Arc::new(Node { path, attributes, shape, number, grid, fill, keys }));
        Ok(())
    }
}

/// A list of sizes.
pub(super) fn sizes(value: Option<&Value>) -> Option<Vec<usize>> {
    let list = value?.as_array()?;
    list.iter().map(|v| usize::try_from(v.as_u64()?).ok()).collect()
}

/// How the chunks of version 3 are named.
fn keys_v3(encoding: Option<&Value>) -> Result<(&'static str, &'static str), String> {
    let name = encoding.and_then(|e| e.as_str().or_else(|| e.get("name")?.as_str()));
    let said = encoding.and_then(|e| e.get("configuration")?.get("separator"));
    match name {
        Some("default") | None => Ok(match separator(said, "/")? {
            "." => ("c.", "."),
            between => ("c/", between),
        }),
        Some("v2") => Ok(("", separator(said, ".")?)),
        Some(other) => Err(format!("chunks named by `{other}` are not read")),
    }
}

fn separator(said: Option<&Value>, standard: &'static str) -> Result<&'static str, String> {
    match said.map(Value::as_str) {
        None => Ok(standard),
        Some(Some("/")) => Ok("/"),
        Some(Some(".")) => Ok("."),
        Some(_) => Err("the names of its chunks are not understood".into()),
    }
}

/// The fill value, a number for each part of an element: as a number, a word, or the bits of a floating-point number.
/// Where none is said it is 0, as zarr-python takes it.
fn fill(value: Option<&Value>, number: Number) -> Option<Vec<f64>> {
    let one = |value: &Value| -> Option<f64> {
        match value {
            Value::Null => Some(0.0),
            Value::Bool(b) => Some(f64::from(u8::from(*b))),
            Value::Number(n) => n.as_f64(),
            Value::String(s) => match s.as_str() {
                "NaN" => Some(f64::NAN),
                "Infinity" => Some(f64::INFINITY),
                "-Infinity" => Some(f64::NEG_INFINITY),
                s => {
                    let bits = u64::from_str_radix(s.strip_prefix("0x")?, 16).ok()?.to_be_bytes();
                    let own = bits.get(8usize.checked_sub(number.sample.size())?..)?;
                    number.sample.decode(own, Endian::Big, 1.0, 0.0).first().copied()
                }
            },
            _ => None,
        }
    };
    let values: Vec<f64> = match value.unwrap_or(&Value::Null) {
        Value::Array(list) => list.iter().map(one).collect::<Option<_>>()?,
        value if number.parts == 2 => vec![one(value)?, 0.0],
        value => vec![one(value)?],
    };
    (values.len() == number.parts).then_some(values)
}

/// The numbers of a type, in the spelling of either version.
fn number(kind: Option<&Value>) -> Result<Number, String> {
    let kind = kind.and_then(Value::as_str).unwrap_or("");
    let (sample, parts) = match kind.trim_start_matches(['<', '>', '|', '=']) {
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
        _ => return Err(format!("numbers of the type `{kind}` are not read")),
    };
    Ok(Number { sample, parts })
}
