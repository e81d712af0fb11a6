//! Do definitions run, results keep their word, and mistakes get an answer?

#[path = "../common/mod.rs"]
mod common;

mod calibrate;
mod cli;
mod declared;
mod metamorphic;
mod phantoms;
mod pipeline;
mod robustness;
