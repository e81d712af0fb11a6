//! Counts in equal bins.

use super::{Block, Reducer};

/// Bins of equal width; what lies beyond an end is counted in the bin there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Histogram {
    /// Lower end of the first.
    pub low: f64,
    /// Width of each, positive.
    pub width: f64,
    /// How many.
    pub bins: usize,
}

impl Reducer for Histogram {
    type Partial = Vec<u64>;
    type Output = Vec<u64>;
    const ID: &'static str = "histogram";

    fn empty(&self) -> Vec<u64> {
        vec![0; self.bins]
    }

    fn map(&self, block: &Block<'_>) -> Vec<u64> {
        let mut out = self.empty();
        for z in block.own.clone() {
            for v in block.plane(z).iter().filter(|v| !v.is_nan()) {
                // A negative number becomes 0.
                out[(((v - self.low) / self.width) as usize).min(self.bins - 1)] += 1;
            }
        }
        out
    }

    fn merge(&self, mut left: Vec<u64>, right: Vec<u64>) -> Vec<u64> {
        left.iter_mut().zip(right).for_each(|(a, b)| *a += b);
        left
    }

    fn finish(&self, total: Vec<u64>) -> Vec<u64> {
        total
    }
}
