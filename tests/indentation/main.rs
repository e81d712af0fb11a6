//! What do indentation grids and classes of maps say, and what is left out with which reason?

#[path = "../common/mod.rs"]
mod common;

mod classes;
mod pyramids;
mod study;
mod wrong;
