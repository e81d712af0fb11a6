//! What do maps and grids say, do intervals and nulls hold, and do whole studies come out?

#[path = "../common/mod.rs"]
mod common;

mod classes;
mod coverage;
mod film;
mod indentation;
mod laws;
mod lengths;
mod nulls;
mod real;
