//! NumPy arrays (`.npy`) and zipped sets of them (`.npz`).
//!
//! Known writers: NumPy and everything built on it. Magic `\x93NUMPY`, version, length of a header that is a Python
//! dictionary of `descr`, `fortran_order` and `shape`, then the numbers. Source: NEP 1 and `numpy.lib.format`.
//!
//! One dimension is a column, two a map, three a volume. More are shown as a volume whose last axis joins all others,
//! and as the map at index 0 of them. A compound type has one channel a field, a complex number two. A unit in brackets
//! in a field's name is its unit. Pickled objects are refused.

mod array;
mod literal;
mod npz;

use crate::data::{Artifact, Kind};
use crate::io::{Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source};

use super::array as shared;
use super::text::label;
use array::{Array, Field};
pub use npz::Npz;

const ID: &str = "npy";

/// The reader of single arrays.
pub struct Npy;

static FORMAT: Format = Format {
    id: ID,
    name: "NumPy array",
    extensions: &["npy"],
    about: "Integers, floats of two to eight bytes, booleans, complex and compound types, both byte orders and memory \
            orders; no objects, text or dates.",
    reference: "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html",
};

impl Reader for Npy {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, head: &[u8], _name: &str) -> Confidence {
        if head.starts_with(b"\x93NUMPY") { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Box<dyn Dataset>, ReadError> {
        let bytes = source.bytes();
        let array = array::parse(bytes, limits)?;
        let have = bytes.len().saturating_sub(array.data);
        if array.bytes().is_none_or(|n| n > have) {
            return Err(ReadError::new(ID, format!("the file is truncated: {have} bytes for {:?}", array.shape))
                .at(bytes.len())
                .hint("save the array again"));
        }
        let mut views = Vec::new();
        let mut channels = Vec::new();
        for (channel, view) in views_of("", &array) {
            channels.push(channel);
            views.push(view);
        }
        shared::make_unique(&mut channels);
        let metadata = vec![("header".to_string(), array.header.clone())];
        Ok(Box::new(File { source: source.clone(), array, views, channels, metadata }))
    }
}

/// What a channel shows of an array.
#[derive(Clone, Debug)]
struct View {
    field: Field,
    /// Every so many-th value: the first index of all axes after the second.
    step: usize,
}

/// The channels of an array, named after it and its fields.
fn views_of(name: &str, array: &Array) -> Vec<(Channel, View)> {
    let mut out = Vec::new();
    for field in &array.fields {
        let (label, unit) = label::split(&field.name);
        let full = match (name.is_empty(), label.is_empty()) {
            (true, true) => "array".to_string(),
            (true, false) => label,
            (false, true) => name.to_string(),
            (false, false) => format!("{name} / {label}"),
        };
        let mut push = |name: String, kind: Kind, shape: Vec<usize>, step: usize| {
            let channel = Channel { name, kind, unit: unit.clone(), shape, physical_size: None };
            out.push((channel, View { field: field.clone(), step }));
        };
        match array.shape.as_slice() {
            [] => push(full, Kind::Table, vec![1], 1),
            [n] => push(full, Kind::Table, vec![*n], 1),
            [rows, columns] => push(full, Kind::Map, vec![*rows, *columns], 1),
            [z, y, x] => push(full, Kind::Volume, vec![*z, *y, *x], 1),
            [rows, columns, rest @ ..] => {
                let n = rest.iter().product();
                let zeros = vec!["0"; rest.len()].join(", ");
                push(full.clone(), Kind::Volume, vec![*rows, *columns, n], 1);
                push(format!("{full} [:, :, {zeros}]"), Kind::Map, vec![*rows, *columns], n);
            }
        }
    }
    out
}

/// Reads one view from the numbers' bytes.
fn read(array: &Array, view: &View, channel: &Channel, bytes: &[u8]) -> Result<Artifact, ReadError> {
    let unit = &channel.unit;
    let mut values = array.decode(bytes, &view.field, unit.scale, unit.offset);
    if view.step > 1 {
        values = values.into_iter().step_by(view.step).collect();
    }
    shared::artifact(ID, channel, values)
}

struct File {
    source: Source,
    array: Array,
    views: Vec<View>,
    channels: Vec<Channel>,
    metadata: Metadata,
}

impl Dataset for File {
    fn format(&self) -> &'static str {
        ID
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&self, index: usize) -> Result<Artifact, ReadError> {
        let channel = shared::channel(ID, &self.channels, index)?;
        let bytes = self
            .array
            .bytes()
            .and_then(|n| self.source.bytes().get(self.array.data..self.array.data.checked_add(n)?))
            .zip(self.views.get(index));
        let (bytes, view) = bytes.ok_or_else(|| ReadError::new(ID, "the data end before the array does"))?;
        read(&self.array, view, channel, bytes)
    }
}
