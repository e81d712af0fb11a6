//! Writing: atomically, so that a reader never sees half a file, in the formats `convert` knows.

mod atomic;
mod csv;
mod gsf;
mod npy;
mod tiff;
mod zarr;

pub use atomic::{PART, WriteError, atomic};
pub use csv::{csv_map, csv_table};
pub use gsf::gsf;
pub use npy::{npy_column, npy_map, npy_volume};
pub use tiff::{tiff_labels, tiff_map, tiff_volume};
pub use zarr::ome_zarr;
