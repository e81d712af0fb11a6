//! Spectra of relaxation times without a model: f(ln τ) ≥ 0, as smooth as the data allow (METHODS §11; S3 §3, §6).
//!
//! `y = K f + extras`, K the decays or losses of single times on a logarithmic grid. Roughness is the second difference, f
//! taken as 0 beyond the grid; how much it costs is chosen by the evidence of the data (MacKay 1992,
//! doi:10.1162/neco.1992.4.3.415), by generalised cross-validation or by the corner of the L-curve.

pub mod bands;
pub mod kernel;
pub mod nnls;
pub mod peaks;
pub mod refined;
pub mod strength;
pub mod tracks;
pub mod twin;

pub use kernel::{Grid, Problem};
pub use strength::{Rule, Smooth, solve};
