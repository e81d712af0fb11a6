//! From arrays to channels: which are columns, maps, volumes; what unit they have.

use crate::container::hdf5::{Array, Element, LISTED, NOT_READ, Node};
use crate::dataset::GroupTables;
use crate::format::text::label;
use crate::{Channel, Dataset, ReadError, Store, Window};
use softspot_data::unit::Unit;

/// Attributes that name a unit.
const UNITS: [&str; 6] = ["units", "unit", "Units", "Unit", "UNIT", "UNITS"];

/// What a node says of its unit: an attribute, or brackets in its name.
pub(super) fn unit(node: &Node) -> Unit {
    let said = UNITS.iter().find_map(|k| node.attribute(k)).map(str::trim).filter(|u| !u.is_empty());
    match said {
        Some(said) => label::unit_of(said, node.name()).unwrap_or_else(|| Unit::parse_or_keep(said)),
        None => label::split(node.name()).1,
    }
}

/// Keeps single values and short lists of words as metadata.
pub(super) fn small(dataset: &mut Dataset, node: &Node) {
    let Some(array) = &node.array else { return };
    let single = array.shape.is_empty();
    let text = match &array.element {
        Element::Number if single => array.number().map(|v| v.to_string()),
        Element::Record(fields) if single => {
            let value = |f| array.field(f).ok()?.first().map(|v| format!("{} = {v}", f.name));
            Some(fields.iter().filter_map(value).collect::<Vec<_>>().join(", "))
        }
        Element::Text if array.count() <= LISTED => array.words().ok().map(|w| w.join(", ")),
        Element::Other => Some(format!("{NOT_READ}: neither numbers nor words")),
        Element::Record(fields) if fields.is_empty() => Some(format!("{NOT_READ}: records without plain numbers")),
        _ if array.shape.contains(&0) => Some("empty".to_string()),
        _ => None,
    };
    dataset.metadata.extend(text.map(|t| (node.path.clone(), t)));
}

/// The numbers of an array, unpacked as the conventions for climate data (CF, of netCDF) say: those that are the fill value
/// are missing, the others are `scale_factor` times what is stored, plus `add_offset`.
fn stored(node: &Node, array: &Array) -> Store {
    let number = |key: &str| node.attribute(key).and_then(|v| v.trim().parse::<f64>().ok());
    let (scale, offset) = (number("scale_factor"), number("add_offset"));
    if scale.is_none() && offset.is_none() {
        return array.store();
    }
    let fill = number("_FillValue");
    let (scale, offset, own) = (scale.unwrap_or(1.0), offset.unwrap_or(0.0), array.clone());
    let unpack = move |v: f64| if fill == Some(v) { f64::NAN } else { v * scale + offset };
    Store::windowed(move |w| Ok(own.read(w)?.into_iter().map(unpack).collect()))
}

/// Adds the channels of a node, `prefix` taken off their names; `steps` are the distances of its elements in m.
pub(super) fn push(
    dataset: &mut Dataset,
    tables: &mut GroupTables,
    node: &Node,
    prefix: &str,
    steps: Option<Vec<f64>>,
) -> Result<(), ReadError> {
    let Some(array) = &node.array else { return Ok(()) };
    if array.shape.is_empty() || array.shape.contains(&0) {
        return Ok(());
    }
    let name = node.path.strip_prefix(prefix).unwrap_or(&node.path);
    match (&array.element, array.shape.as_slice()) {
        (Element::Number, &[n]) => {
            let table = tables.of(dataset, node.parent(), n);
            dataset.push(Channel::column(table, node.name(), unit(node), n), stored(node, array))
        }
        (Element::Number, shape) => {
            let steps = steps.filter(|s| s.len() == shape.len()).or_else(|| element_size(node));
            many(dataset, name, unit(node), array, steps, || stored(node, array))
        }
        (Element::Record(fields), shape) => {
            for field in fields {
                let (label, unit) = label::split(&field.name);
                if let &[n] = shape {
                    let table = tables.of(dataset, &node.path, n);
                    dataset.push(Channel::column(table, label, unit, n), array.field_store(field))?;
                } else {
                    many(dataset, &format!("{name} / {label}"), unit, array, None, || array.field_store(field))?;
                }
            }
            Ok(())
        }
        (Element::Text, &[n]) if n > LISTED => {
            let table = tables.of(dataset, node.parent(), n);
            if let Ok(words) = array.words() {
                dataset.push_words(table, node.name(), words);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Adds an array of two or more dimensions; `step` are the distances of its elements in m.
fn many(
    dataset: &mut Dataset,
    name: &str,
    unit: Unit,
    array: &Array,
    step: Option<Vec<f64>>,
    store: impl Fn() -> Store,
) -> Result<(), ReadError> {
    let size = |shape: &[usize]| -> Option<Vec<f64>> {
        let step = step.as_ref().filter(|s| s.len() == shape.len())?;
        Some(shape.iter().zip(step).rev().map(|(n, s)| *n as f64 * s).collect())
    };
    match *array.shape.as_slice() {
        [rows, columns] => dataset.push(Channel::map(name, unit, rows, columns).sized(size(&[rows, columns])), store()),
        [z, y, x] => dataset.push(Channel::volume(name, unit, [z, y, x]).sized(size(&[z, y, x])), store()),
        [rows, columns, ref rest @ ..] => {
            let n = rest.iter().product();
            let zeros = vec!["0"; rest.len()].join(", ");
            let (whole, first) = (array.clone(), array.clone());
            let shape = array.shape.clone();
            let joined = [rows, columns, n];
            dataset.push(
                Channel::volume(name, unit.clone(), joined),
                Store::windowed(move |w| {
                    // Only the first two axes are cut before reading.
                    let mut ranges = w.ranges().get(..2).unwrap_or_default().to_vec();
                    let cut: Vec<usize> = w.shape().iter().take(2).copied().chain([n]).collect();
                    ranges.extend(shape.iter().skip(2).map(|n| 0..*n));
                    let last = w.ranges().last().cloned().unwrap_or_default();
                    let inner: Vec<_> = cut.iter().take(2).map(|n| 0..*n).chain([last]).collect();
                    let values = whole.read(&Window::new(ranges))?;
                    Ok(Window::new(inner).cut(values, &cut).unwrap_or_default())
                }),
            )?;
            let channel = Channel::map(format!("{name} [:, :, {zeros}]"), unit, rows, columns);
            let axes = array.shape.len();
            let map = Store::windowed(move |w| {
                let zeros = std::iter::repeat_n(0..1, axes.saturating_sub(2));
                let ranges: Vec<_> = w.ranges().iter().cloned().chain(zeros).collect();
                first.read(&Window::new(ranges))
            });
            dataset.push(channel, map)
        }
        _ => Ok(()),
    }
}

/// ilastik's and Fiji's distance of elements along each axis, in m.
fn element_size(node: &Node) -> Option<Vec<f64>> {
    let text = node.attribute("element_size_um")?;
    text.split_whitespace().map(|v| v.parse::<f64>().ok().map(|v| v * 1e-6)).collect()
}

/// As [`Dataset::finish`], with the remedy for a file without numbers and what was left out of it.
pub(super) fn finish(dataset: Dataset) -> Result<Dataset, ReadError> {
    let left_out = dataset.metadata.iter().find(|(_, v)| v.starts_with(NOT_READ));
    let left_out = left_out.map(|(path, why)| format!(" (`{path}` is {why})")).unwrap_or_default();
    dataset.finish().map_err(|e| {
        let what = format!("{}{left_out}", e.what);
        ReadError { what, ..e }.hint("`h5dump -n FILE` lists what it holds")
    })
}
