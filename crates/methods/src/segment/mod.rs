//! Segmentation: k-means classes of one or several maps, their Gaussian mixture, how many classes there are, how stable
//! they are (METHODS §8, §13; S1 §5.3).

pub mod boundary;
pub mod choice;
pub mod exact;
pub mod features;
pub mod groups;
mod linfa_bridge;
pub mod mixture;
pub mod neighbours;
pub mod principal;
pub mod resampled;
pub mod silhouette;
