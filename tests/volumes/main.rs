//! Volumes from file to results: the same bytes in memory and out of it, interrupted runs, the study `nano-ct`, lattices
//! and fields of known answers, and what is wrong with volumes.

mod boxes;
#[path = "../common/mod.rs"]
mod common;
mod known;
mod parts;
mod reducers;
mod study;
mod wrong;
