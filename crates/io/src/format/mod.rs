//! One file a format. A new format: its file here, its line in [`super::READERS`], a fixture in `fixtures/`.

pub mod afm;
pub mod archive;
pub mod ardf;
pub mod asd;
pub mod csm;
pub mod curve_folder;
pub mod delimited;
pub mod digitalsurf;
pub mod dm;
pub mod fischer;
pub mod gsf;
pub mod gwy;
pub mod hdf5;
pub mod hysitron;
pub mod ibw;
pub mod jpk;
pub mod matlab;
pub mod micromaterials;
pub mod mrc;
pub mod nanonis;
pub mod nanoscope;
pub mod nanosurf;
pub mod npy;
pub mod ntmdt;
pub mod park;
pub mod png;
pub mod raw;
mod text;
pub mod tiff;
pub mod trios;
pub mod workbook;
pub mod wsxm;
pub mod xradia;
#[cfg(feature = "zarr")]
pub mod zarr;
