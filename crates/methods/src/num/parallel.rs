//! Work spread over threads, with results in order.

use rayon::prelude::*;

/// Runs `f` on every index in parallel and returns the results in order.
pub fn ordered<T: Send>(n: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    (0..n).into_par_iter().map(f).collect()
}
