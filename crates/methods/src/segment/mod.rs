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
pub mod peaks;
pub mod principal;
pub mod resampled;
pub mod segmentation;
mod several;
pub mod silhouette;
mod single;
pub mod verdict;
mod views;

/// How maps are put into classes.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Number of classes; `None` chooses as many as have peaks of their own.
    pub classes: Option<usize>,
    /// Most classes that are compared then.
    pub most: usize,
    /// Whether a Gaussian mixture is fitted, begun with the classes.
    pub mixture: bool,
    /// Several maps: each in units of its own standard deviation; else all in the unit of the first.
    pub scale: bool,
    /// Starts of k-means++ for several maps.
    pub starts: usize,
    /// Weight of a neighbour of another class; 0: every pixel by itself.
    pub neighbours: f64,
    /// Resampled blocks; `None` for no intervals.
    pub resamples: Option<usize>,
    /// Fields of one class; 0 for none.
    pub surrogates: usize,
}

impl Default for Setting {
    /// Three classes of each pixel by itself, with a mixture, intervals and a null.
    fn default() -> Setting {
        Setting {
            classes: Some(3),
            most: 6,
            mixture: true,
            scale: false,
            starts: 10,
            neighbours: 0.0,
            resamples: Some(200),
            surrogates: 200,
        }
    }
}

impl Setting {
    /// The numbers of classes to compare: one, and the one asked for or all up to the most.
    fn compared(&self) -> Vec<usize> {
        match self.classes {
            Some(1) => vec![1],
            Some(k) => vec![1, k],
            None => (1..=self.most).collect(),
        }
    }
}
