//! k-means++ with restarts by `linfa`, whose arrays are those of another `ndarray`: only this file knows.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::KMeans;
use ndarray16::ArrayView2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

/// Centres, point by point, of the best of `starts` runs on `rows` (values point by point); `None` where it fails.
pub(super) fn kmeans(rows: &[f64], features: usize, k: usize, starts: usize, seed: u64) -> Option<Vec<f64>> {
    let points = ArrayView2::from_shape((rows.len() / features, features), rows).ok()?;
    let random = Xoshiro256Plus::seed_from_u64(seed);
    let model = KMeans::params_with_rng(k, random)
        .n_runs(starts)
        .max_n_iterations(300)
        .tolerance(1e-6)
        .fit(&DatasetBase::from(points))
        .ok()?;
    Some(model.centroids().iter().copied().collect())
}
