//! How metrics of few samples go together, and how two states differ (METHODS §12).

pub mod difference;
pub mod model;
pub mod permutation;
pub mod rank;
