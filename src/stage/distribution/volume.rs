//! The values of a volume, whatever its size.

use std::sync::Arc;

use super::{Distribution, STATISTICS, table};
use crate::data::{Artifact, Metric, Volume, Warning};
use crate::num::resample::GAUSS;
use crate::num::student::student;
use crate::num::sum::moments as spread;
use crate::reduce::block_means::BlockMeans;
use crate::reduce::histogram::Histogram as Bins;
use crate::spatial::distribution::{Histogram, Summary, bins, gaussian};
use crate::stage::volume::{moments, part_covariance, pass, quantiles};
use crate::stage::{Cx, Outputs, StageError, Uncertainty};
use crate::unit::Unit;

/// Edge of the blocks of `g_std_micro` unless given, m.
const BLOCK: f64 = 1e-6;
/// Blocks that their spread needs.
const BLOCKS: usize = 8;

pub(super) fn run(stage: &Distribution, volume: &Volume, cx: &Cx<'_>) -> Result<Outputs, StageError> {
    let m = moments(volume, cx)?;
    let [p01, q1, median, q3, p99] = quantiles(volume, m.n, [0.01, 0.25, 0.5, 0.75, 0.99], cx)?;
    let s = Summary {
        mean: m.mean,
        std: m.std,
        median,
        iqr: q3 - q1,
        p01,
        p99,
        skewness: m.skewness,
        kurtosis: m.kurtosis,
    };
    let part = part_covariance(volume, cx);
    let voxels = m.n as f64;
    let cell = volume.voxel.map_or(f64::NAN, |v| v.iter().product());
    let n = part.as_ref().map_or(voxels, |p| (voxels * cell / p.covariance.correlation_volume()).clamp(1.0, voxels));
    let mut metrics = Vec::new();
    for (name, of_map, statistic) in STATISTICS {
        let unit = if *of_map { volume.unit.clone() } else { Unit::none() };
        let metric = Metric::with_unit(name, statistic(&s), &unit).n(n);
        // Of a Gaussian field of so many independent parts: the squared correlation falls off faster.
        let spread = part.as_ref().map(|p| GAUSS / (2.0 * n * libm::exp2(1.5 / p.covariance.alpha)).sqrt());
        let interval = match (*name, stage.uncertainty, spread) {
            (_, Uncertainty::None, _) | (_, _, None) => None,
            ("mean", _, Some(_)) => Some([s.mean - GAUSS * s.std / n.sqrt(), s.mean + GAUSS * s.std / n.sqrt()]),
            ("std" | "iqr" | "span", _, Some(w)) => Some([-w, w].map(|w| statistic(&s) * libm::exp(w))),
            _ => None,
        };
        let metric = interval.map_or(metric.clone(), |[low, high]| {
            metric.interval(low, high).note("interval from the number of independent parts")
        });
        metrics.push(metric);
    }
    let (micro, warning) = micro(stage, volume, cx)?;
    metrics.push(micro);
    let histogram = match bins([m.min, q1, q3, m.max], m.n) {
        None => None,
        Some((width, count)) => {
            let counts = pass(volume, &Bins { low: m.min, width, bins: count }, "histogram", cx)?;
            Some(Histogram { low: m.min, width, counts })
        }
    };
    let fitted = histogram.as_ref().and_then(|h| gaussian(h, &s));
    for (name, v) in [("gauss_mean", fitted.map(|g| g.mean)), ("gauss_fwhm", fitted.map(|g| g.fwhm))] {
        metrics.push(v.map_or_else(
            || Metric::missing(name, "no Gaussian fits the histogram"),
            |v| Metric::with_unit(name, v, &volume.unit).n(n),
        ));
    }
    if stage.surrogates > 0 {
        let noise = part.map(|p| (p.covariance.noise, p.neighbour, "nugget of H(r) in the middle of the volume"));
        metrics.extend(super::floor(noise, &s, &volume.unit, "the volume has no voxel size, is constant or too small"));
    }
    let mut warnings: Vec<Warning> = warning.into_iter().collect();
    if m.n < volume.len() {
        warnings.push(Warning::new(
            "invalid-voxels",
            format!("{} of {} voxels are invalid and take part in nothing", volume.len() - m.n, volume.len()),
            "where they are outside of the sample that is as it should be",
        ));
    }
    let table = table(histogram, &volume.unit);
    Ok(Outputs { artifacts: vec![("histogram", Artifact::Table(Arc::new(table)))], metrics, warnings })
}

/// Standard deviation of the means over blocks.
fn micro(stage: &Distribution, volume: &Volume, cx: &Cx<'_>) -> Result<(Metric, Option<Warning>), StageError> {
    let missing = |why: &str| Metric { unit: volume.unit.clone(), ..Metric::missing("g_std_micro", why) };
    let Some(voxel) = volume.voxel else { return Ok((missing("the volume has no voxel size"), None)) };
    let edge = stage.block.map_or(BLOCK, |b| b.0);
    let edges = [0, 1, 2].map(|k| ((edge / voxel[k]).round() as usize).max(1));
    let whole: usize = (0..3).map(|k| volume.shape[k] / edges[k]).product();
    if edges == [1; 3] {
        return Ok((missing("the voxels are as large as the blocks"), None));
    }
    if whole < BLOCKS {
        let why =
            format!("{whole} blocks of {edge:e} m fit into the volume, {BLOCKS} are needed; give a smaller `block`");
        return Ok((missing(&why), None));
    }
    let means = pass(volume, &BlockMeans { edges, shape: volume.shape }, "blocks", cx)?;
    if means.len() < BLOCKS {
        return Ok((missing("too few blocks are mostly valid"), None));
    }
    let n = means.len();
    let std = spread(&means).std;
    // Blocks are nearly independent: the spread of a standard deviation of Gaussian numbers.
    let half = student(n as f64 - 1.0) / (2.0 * (n as f64 - 1.0)).sqrt();
    let metric = Metric::with_unit("g_std_micro", std, &volume.unit).n(n as f64);
    let metric = match stage.uncertainty {
        Uncertainty::Bootstrap => metric.interval(std * libm::exp(-half), std * libm::exp(half)),
        Uncertainty::None => metric,
    };
    Ok((metric.note(&format!("blocks of {} × {} × {} voxels", edges[0], edges[1], edges[2])), None))
}
