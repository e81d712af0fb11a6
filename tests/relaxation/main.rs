//! What do spectra and decays say of relaxation, and what is refused or warned of?

#[path = "../common/mod.rs"]
mod common;

mod coverage;
mod decays;
mod study;
mod wrong;
