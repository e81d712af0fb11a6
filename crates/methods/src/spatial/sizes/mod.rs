//! The law of cluster sizes by maximum likelihood: power law, its rivals, where it begins, whether it fits
//! (METHODS §6; Clauset, Shalizi & Newman 2009, doi:10.1137/070710111).

pub mod analysis;
pub mod draw;
mod integral;
pub mod law;
pub mod laws;
pub mod rivals;
pub mod scale;
pub mod tail;
pub mod threshold;
pub mod verdict;

/// Sizes that a law needs (METHODS §14).
pub const LEAST: usize = 50;
