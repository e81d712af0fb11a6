//! Is the house in order: arrows, registries, figures of fixed bytes?

#[path = "../common/mod.rs"]
mod common;

mod architecture;
mod golden;
mod registry;
