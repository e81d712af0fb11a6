//! softspot: nanoscale heterogeneity statistics that can be defended, from instrument files to figures.

pub mod cli;
pub mod contact;
pub mod data;
pub mod diagnostic;
pub mod figure;
pub mod io;
pub mod link;
pub mod num;
pub mod phantom;
pub mod pipeline;
pub mod prepare;
pub mod reduce;
pub mod relax;
pub mod report;
pub mod segment;
pub mod spatial;
pub mod stage;
pub mod tapping;
pub mod unit;
