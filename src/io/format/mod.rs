//! One file a format. A new format: its file here, its line in [`super::READERS`], a fixture in `fixtures/`.

pub mod afm;
pub mod delimited;
pub mod gsf;
pub mod gwy;
pub mod hdf5;
pub mod ibw;
pub mod jpk;
pub mod nanoscope;
pub mod npy;
pub mod park;
pub mod png;
pub mod raw;
mod text;
pub mod tiff;
pub mod xradia;
#[cfg(feature = "zarr")]
pub mod zarr;
