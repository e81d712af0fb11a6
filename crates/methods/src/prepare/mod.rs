//! Preparing maps: levelling, masks, crops, filters, resampling, profiles (METHODS §1, §3).

pub mod crop;
pub mod filter;
pub mod level;
pub mod mask;
pub mod profile;
pub mod resample;
