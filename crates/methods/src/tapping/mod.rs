//! Energy that a vibrating tip leaves in the sample (METHODS §4).

pub mod curve;
pub mod energy;
pub mod image;
pub mod tune;
