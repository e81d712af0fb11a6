//! Statistics of fields in space: structure function, covariance models, simulation (METHODS §2).

pub mod alignment;
pub mod blocks;
pub mod bootstrap;
mod correlogram;
pub mod covariance;
pub mod distribution;
pub mod estimate;
pub mod excursion;
pub mod field;
pub mod fractal;
mod lag_sums;
mod law;
pub mod lengths;
pub mod lines;
pub mod null;
pub mod patches;
pub mod pattern;
pub mod regions;
pub mod replay;
pub mod resolution;
pub mod saturation;
pub mod sizes;
pub mod structure_function;
pub mod surrogates;
pub mod tilt;
pub mod twofold;
pub mod whittle;
