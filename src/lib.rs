//! softspot: nanoscale heterogeneity statistics that can be defended, from instrument files to figures.

pub mod figure;
pub mod unit;
