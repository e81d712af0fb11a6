//! Force curves as text or HDF5: what afmformats exports, and what instruments without a binary format write.

pub mod hdf5;
pub mod optics11;
pub mod tab;
pub mod workshop;

pub use hdf5::AfmformatsHdf5;
pub use optics11::Optics11;
pub use tab::AfmformatsTab;
pub use workshop::AfmWorkshop;

use crate::{Metadata, TableInfo};
use softspot_data::unit::Unit;

/// The unit of a column that afmformats knows.
fn unit(column: &str) -> Unit {
    match column {
        "force" => Unit::of("N"),
        "time" => Unit::of("s"),
        "tip position" | "indentation" => Unit::of("m"),
        c if c.starts_with("height") => Unit::of("m"),
        _ => Unit::none(),
    }
}

/// A curve's place as afmformats' metadata give it: a position in m; the cell of a grid whose rows run upwards.
fn place(name: &str, metadata: Metadata) -> TableInfo {
    let number = |key: &str| {
        let (_, value) = metadata.iter().find(|(k, _)| k == key)?;
        value.parse::<f64>().ok().filter(|v| v.is_finite())
    };
    let index = |key: &str| number(key).filter(|v| *v >= 0.0).map(|v| v as usize);
    let position = number("position x").zip(number("position y")).map(|(x, y)| [x, y]);
    let row = index("grid shape y").zip(index("grid index y")).and_then(|(n, y)| n.checked_sub(y)?.checked_sub(1));
    let cell = row.zip(index("grid index x")).map(|(y, x)| [y, x]);
    TableInfo { name: name.into(), position, cell, metadata }
}
