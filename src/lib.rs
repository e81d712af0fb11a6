//! softspot: nanoscale heterogeneity statistics that can be defended, from instrument files to figures.

pub use softspot_data::{self as data, unit};
pub use softspot_figure as figure;
pub use softspot_io as io;
pub use softspot_methods::{contact, link, num, prepare, reduce, relax, segment, spatial, tapping};

pub mod cli;
pub mod diagnostic;
pub mod phantom;
pub mod pipeline;
pub mod report;
pub mod stage;
