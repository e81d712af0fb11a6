//! Statistics of fields in space: structure function, covariance models, simulation (METHODS §2).

mod lag_sums;
pub mod structure_function;
mod tiles;
