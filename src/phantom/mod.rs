//! Synthetic data of known truth: seeded, the same bytes on every machine, the truth written beside.

mod field;
mod film;
mod indentation;
mod loss;
mod nano_ct;
mod relaxation;
mod sets;
mod study;

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::io::write::{WriteError, atomic};

pub use field::Field;
pub use loss::Loss;
pub use sets::{Solid, Structure};

/// A phantom that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PhantomError {
    /// Parameters.
    #[error("{0}")]
    Parameters(String),
    /// The file.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// One kind of phantom.
pub struct Kind {
    /// Its name on the command line.
    pub id: &'static str,
    /// What it makes.
    pub about: &'static str,
    /// File name of a single one; empty where it is a folder of them.
    pub file: &'static str,
    /// Its parameters with their defaults, as TOML.
    pub defaults: fn() -> String,
    make: fn(&Path, &str) -> Result<Vec<String>, PhantomError>,
}

/// Every kind.
pub static KINDS: &[Kind] = &[
    Kind {
        id: "field",
        about: "a Gaussian random field as a map (GSF)",
        file: "field.gsf",
        defaults: field::defaults,
        make: field::make,
    },
    Kind {
        id: "loss",
        about: "loss and storage modulus against temperature at several frequencies (CSV)",
        file: "loss.csv",
        defaults: loss::defaults,
        make: loss::make,
    },
    Kind {
        id: "volume",
        about: "a Gaussian field, a fractal cascade, layers or percolation as a volume (TIFF)",
        file: "volume.tif",
        defaults: sets::defaults,
        make: sets::make,
    },
    Kind {
        id: "la-cu-zr",
        about: "all inputs of the study pipelines/la-cu-zr.toml, into a folder",
        file: "",
        defaults: || "# no parameters\n".into(),
        make: study::make,
    },
    Kind {
        id: "zr-ni-film",
        about: "all inputs of the study pipelines/zr-ni-film.toml, into a folder",
        file: "",
        defaults: || "# no parameters\n".into(),
        make: film::make,
    },
    Kind {
        id: "nano-ct",
        about: "all inputs of the study pipelines/nano-ct.toml, into a folder",
        file: "",
        defaults: nano_ct::defaults,
        make: nano_ct::make,
    },
    Kind {
        id: "vit105-indentation",
        about: "all inputs of the study pipelines/vit105-indentation.toml, into a folder",
        file: "",
        defaults: || "# no parameters\n".into(),
        make: indentation::make,
    },
    Kind {
        id: "la60ni15al25-relaxation",
        about: "all inputs of the study pipelines/la60ni15al25-relaxation.toml, into a folder",
        file: "",
        defaults: || "# no parameters\n".into(),
        make: relaxation::make,
    },
];

impl Kind {
    /// Makes it: `parameters` is TOML, what it leaves out has its default. Returns the files written.
    ///
    /// # Errors
    /// [`PhantomError`] for parameters that make no sense and files that cannot be written.
    pub fn make(&self, out: &Path, parameters: &str) -> Result<Vec<String>, PhantomError> {
        (self.make)(out, parameters)
    }
}

fn parse<T: DeserializeOwned>(parameters: &str) -> Result<T, PhantomError> {
    toml::from_str(parameters).map_err(|e| PhantomError::Parameters(e.to_string()))
}

/// Writes a phantom and, beside it, its truth.
fn write(out: &Path, bytes: &[u8], truth: &str) -> Result<Vec<String>, PhantomError> {
    let beside = out.with_extension("truth.toml");
    atomic(out, bytes)?;
    atomic(&beside, truth.as_bytes())?;
    Ok([out, &beside].map(|p| p.display().to_string()).to_vec())
}
