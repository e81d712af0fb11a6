//! Regions of a map beyond a threshold: which pixels, which of them hang together, what shape they have
//! (METHODS §5).

pub mod cut;
pub mod feret;
pub mod label;
pub mod shape;
pub mod summary;
