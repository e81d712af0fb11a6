//! Nanoscale heterogeneity statistics that can be defended, from instrument files to figures.
//!
//! softspot reads the files of scanning probe microscopes, indenters, tomographs and rheometers, and turns them into
//! correlation lengths, classes, regions and their shapes, cluster-size laws, fractal dimensions, relaxation times and
//! energies of metallic glasses and other heterogeneous materials – each with an interval, a null model where it is a claim
//! of heterogeneity, and a verdict on resolution. The same input, definition and seed give the same bytes, whatever the
//! number of threads. It is no viewer, and it corrects no images by hand.
//!
//! Most people use the program: one TOML definition, `softspot run`. The library is the same without the files:
//!
//! | what | where |
//! | --- | --- |
//! | files to maps, volumes, tables in SI | [`io`] |
//! | maps, volumes, spectra, curves, metrics | [`data`], [`unit`] |
//! | the mathematics | [`spatial`], [`segment`], [`contact`], [`tapping`], [`relax`], [`link`], [`reduce`], [`prepare`], [`num`] |
//! | figures of fixed bytes from plain data | [`figure`] |
//! | stages, definitions, runs | [`stage`], [`pipeline`], [`report`] |
//! | synthetic data of known truth | [`phantom`] |
//! | coverage, bias, false alarms, power of stages | [`calibrate`] |
//!
//! # From a file to a correlation length
//!
//! ```
//! use softspot::prelude::*;
//! use softspot::spatial::bootstrap::{Setting, bootstrap};
//! use softspot::spatial::estimate::{Options, estimate};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A file: here a phantom with a correlation length of 40 nm on 1 µm.
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("map.gsf");
//! let field = softspot::phantom::KINDS.iter().find(|k| k.id == "field").ok_or("no such phantom")?;
//! field.make(&file, "shape = [96, 96]\nwidth = \"1 um\"\nxi = \"40 nm\"\nseed = 1")?;
//!
//! // A map, in SI. Any of the formats of the README is opened the same way.
//! let dataset = softspot::io::open(&file, None, &Limits::default())?;
//! let Artifact::Map(map) = dataset.read(0)? else { return Err("the file holds no map".into()) };
//! let pixel = map.pixel_size()?;
//!
//! // ξ by the structure function up to a quarter of the side, its bias removed and its interval by simulation.
//! let r_max = 0.25 * map.shape()[0] as f64 * pixel[0];
//! let options = Options { model: Default::default(), noise: false, r_max, reach: r_max, sectors: 0 };
//! let (_, observed) = estimate(map.values.view(), pixel, &options, false)?;
//! let setting = Setting {
//!     values: &map.values,
//!     pixel,
//!     levelling: &map.levelling,
//!     options: &options,
//!     stream: &Stream::named("example"),
//!     resamples: 40,
//!     cancelled: &|| false,
//!     progress: &|_, _| (),
//! };
//! let xi = bootstrap(&setting, &observed)?;
//! let [low, high] = xi.intervals[0];
//! assert!(low < 40e-9 && 40e-9 < high);
//! println!("ξ = {:.1} nm, {:.1} to {:.1} nm", 1e9 * xi.corrected.xi, 1e9 * low, 1e9 * high);
//! # Ok(())
//! # }
//! ```
//!
//! # What may be extended
//!
//! A pipeline takes stages and readers from outside ([`pipeline::Registry`]); statistics of volumes of any size are
//! [`reduce::Reducer`]s. `examples/own_stage.rs`, `own_reader.rs` and `own_reducer.rs` are whole.
//!
//! Results that were ever wrong, since when, and what to do: `docs/correctness.md`. What changed: `CHANGELOG.md`.

pub use softspot_data::{self as data, unit};
pub use softspot_figure as figure;
pub use softspot_io as io;
pub use softspot_methods::{contact, link, num, prepare, reduce, relax, segment, spatial, tapping};

pub mod calibrate;
pub mod cli;
pub mod diagnostic;
pub mod phantom;
pub mod pipeline;
pub mod report;
pub mod stage;

/// What most uses of the library begin with.
pub mod prelude {
    pub use crate::data::{Artifact, Curves, Kind, Labels, Map, Metric, Spectrum, Table, Value, Volume, Warning};
    pub use crate::io::{Dataset, Limits, open};
    pub use crate::num::random::Stream;
    pub use crate::pipeline::{Observer, Options, Registry, prepare, prepare_with, run};
    pub use crate::unit::{Quantity, Unit};
}
