//! The mathematics of softspot: statistics of maps and volumes, contacts, classes, relaxation, links between them.
//!
//! Typed data in, typed results out. Nothing here knows a file, a figure or a definition: the stages of the program
//! `softspot` do. What every number means is in the documentation of the module that makes it.

pub mod contact;
pub mod link;
pub mod num;
pub mod prepare;
pub mod reduce;
pub mod relax;
pub mod segment;
pub mod spatial;
pub mod tapping;
