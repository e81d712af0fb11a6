//! Is the house in order: arrows, registries, figures of fixed bytes?

#[path = "../common/mod.rs"]
mod common;

mod architecture;
mod examples;
mod golden;
mod registry;
