//! Regions of a map or a volume beyond a threshold: which pixels, which of them hang together, what shape they have
//! (METHODS §5).

pub mod body;
pub mod census;
pub mod cut;
pub mod feret;
pub mod label;
pub mod runs;
pub mod shape;
pub mod summary;
