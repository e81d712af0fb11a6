//! One file a format. A new format: its file here, its line in [`super::READERS`], a fixture in `fixtures/`.

pub mod csm;
pub mod curve_folder;
pub mod delimited;
pub mod fischer;
pub mod gsf;
pub mod gwy;
pub mod hysitron;
pub mod ibw;
pub mod micromaterials;
pub mod nanoscope;
pub mod npy;
pub mod png;
mod text;
pub mod tiff;
pub mod trios;
