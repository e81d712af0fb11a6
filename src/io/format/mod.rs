//! One file a format. A new format: its file here, its line in [`super::READERS`], a fixture in `fixtures/`.

pub mod delimited;
pub mod gsf;
pub mod gwy;
pub mod ibw;
pub mod nanoscope;
pub mod npy;
pub mod png;
mod text;
pub mod tiff;
pub mod trios_json;
pub mod workbook;
