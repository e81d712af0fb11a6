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

use crate::{Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source, Store, TableInfo, Window};

use std::sync::Arc;

use super::text::label;
use array::{Array, Field};
use npz::Member;
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

    fn sniff(&self, source: &Source) -> Confidence {
        if source.head().starts_with(b"\x93NUMPY") { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let array = array::parse(bytes, limits)?;
        let have = bytes.len().saturating_sub(array.data);
        if array.bytes().is_none_or(|n| n > have) {
            return Err(ReadError::new(
                ID,
                format!(
                    "the file is truncated, or its header claims more than the file can hold: {have} bytes for {:?}",
                    array.shape
                ),
            )
            .at(bytes.len())
            .hint("save the array again"));
        }
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata = vec![("header".to_string(), array.header.clone())];
        push(&mut dataset, "", &Arc::new(array), &Place::Direct(source.clone()))?;
        dataset.finish()
    }
}

/// Where the bytes of an array are.
enum Place {
    /// In a file as they are.
    Direct(Source),
    /// In a member of an archive.
    Member(Arc<Member>),
}

/// Adds the channels of an array, named after it and its fields.
fn push(dataset: &mut Dataset, name: &str, array: &Arc<Array>, place: &Place) -> Result<(), ReadError> {
    for field in &array.fields {
        let (label, unit) = label::split(&field.name);
        let full = match (name.is_empty(), label.is_empty()) {
            (true, true) => "array".to_string(),
            (true, false) => label,
            (false, true) => name.to_string(),
            (false, false) => format!("{name} / {label}"),
        };
        let channel = match *array.shape.as_slice() {
            [] | [_] => {
                let n = array.shape.first().copied().unwrap_or(1);
                let table = if dataset.tables().is_empty() { dataset.add_table(TableInfo::default()) } else { 0 };
                Channel::column(table, full, unit, n)
            }
            [rows, columns] => Channel::map(full, unit, rows, columns),
            [z, y, x] => Channel::volume(full, unit, [z, y, x]),
            [rows, columns, ref rest @ ..] => {
                let zeros = vec!["0"; rest.len()].join(", ");
                let first = Channel::map(format!("{full} [:, :, {zeros}]"), unit.clone(), rows, columns);
                let joined = Channel::volume(full, unit, [rows, columns, rest.iter().product()]);
                dataset.push(joined, place.store(array, field)?)?;
                dataset.push(first, place.first(array, field)?)?;
                continue;
            }
        };
        dataset.push(channel, place.store(array, field)?)?;
    }
    Ok(())
}

impl Place {
    /// The numbers of a field.
    fn store(&self, array: &Arc<Array>, field: &Field) -> Result<Store, ReadError> {
        let (array, field) = (Arc::clone(array), field.clone());
        Ok(match self {
            Place::Direct(source) if array.shape.len() < 4 => array.block(source, &field)?.into(),
            Place::Direct(source) => {
                let source = source.clone();
                Store::windowed(move |w| array.joined(&source, &field, w))
            }
            Place::Member(packed) => packed.store(array, field),
        })
    }

    /// The map at index 0 of all axes but the first two.
    fn first(&self, array: &Arc<Array>, field: &Field) -> Result<Store, ReadError> {
        let (array, field) = (Arc::clone(array), field.clone());
        Ok(match self {
            Place::Direct(source) => array.first_map(source, &field)?.into(),
            Place::Member(packed) => {
                let packed = Arc::clone(packed);
                Store::whole(move || {
                    array
                        .first_map(&packed.load()?, &field)?
                        .window(&Window::whole(array.shape.get(..2).unwrap_or_default()))
                })
            }
        })
    }
}
