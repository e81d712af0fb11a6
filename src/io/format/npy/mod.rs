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

use crate::io::{Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source, Store, TableInfo, Window};

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

    fn sniff(&self, source: &Source) -> Confidence {
        if source.head().starts_with(b"\x93NUMPY") { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let array = array::parse(bytes, limits)?;
        let have = bytes.len().saturating_sub(array.data);
        if array.bytes().is_none_or(|n| n > have) {
            return Err(ReadError::new(ID, format!("the file is truncated: {have} bytes for {:?}", array.shape))
                .at(bytes.len())
                .hint("save the array again"));
        }
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata = vec![("header".to_string(), array.header.clone())];
        let whole = source.clone();
        push(&mut dataset, "", &array, &move || Ok(whole.clone()), Some(source))?;
        dataset.finish()
    }
}

/// Adds the channels of an array, named after it and its fields.
///
/// `direct` is the source of the array where its numbers lie in a file as they are; `load` gets it in any case.
fn push<F>(dataset: &mut Dataset, name: &str, array: &Array, load: &F, direct: Option<&Source>) -> Result<(), ReadError>
where
    F: Fn() -> Result<Source, ReadError> + Clone + Send + Sync + 'static,
{
    for field in &array.fields {
        let (label, unit) = label::split(&field.name);
        let full = match (name.is_empty(), label.is_empty()) {
            (true, true) => "array".to_string(),
            (true, false) => label,
            (false, true) => name.to_string(),
            (false, false) => format!("{name} / {label}"),
        };
        let (channel, first) = match *array.shape.as_slice() {
            [] | [_] => {
                let n = array.shape.first().copied().unwrap_or(1);
                let table = if dataset.tables().is_empty() { dataset.add_table(TableInfo::default()) } else { 0 };
                (Channel::column(table, full, unit, n), None)
            }
            [rows, columns] => (Channel::map(full, unit, rows, columns), None),
            [z, y, x] => (Channel::volume(full, unit, [z, y, x]), None),
            [rows, columns, ref rest @ ..] => {
                let n = rest.iter().product();
                let zeros = vec!["0"; rest.len()].join(", ");
                let first = Channel::map(format!("{full} [:, :, {zeros}]"), unit.clone(), rows, columns);
                (Channel::volume(full, unit, [rows, columns, n]), Some(first))
            }
        };
        if array.shape.len() < 4
            && let Some(source) = direct
        {
            dataset.push(channel, array.block(source, field)?)?;
            continue;
        }
        let mut lazy = |channel: Channel, window: Window| {
            let (array, field, load) = (array.clone(), field.clone(), load.clone());
            dataset.push(channel, Store::whole(move || read(&array, &field, &load()?, &window)))
        };
        lazy(channel, Window::whole(&array.shape))?;
        if let Some(first) = first {
            let mut ranges: Vec<_> = array.shape.iter().map(|_| 0..1).collect();
            ranges.iter_mut().zip(&array.shape).take(2).for_each(|(r, n)| r.end = *n);
            lazy(first, Window::new(ranges))?;
        }
    }
    Ok(())
}

/// A window of one field.
fn read(array: &Array, field: &Field, source: &Source, window: &Window) -> Result<Vec<f64>, ReadError> {
    let window = if array.shape.is_empty() { &Window::whole(&[1]) } else { window };
    array.block(source, field)?.window(window)
}
