//! softspot: nanoscale heterogeneity statistics that can be defended, from instrument files to figures.

pub mod unit;
