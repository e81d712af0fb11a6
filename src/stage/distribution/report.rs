//! What the values of a volume say, as rows and warnings.

use super::{Distribution, STATISTICS, floor};
use crate::data::{Metric, Volume, Warning};
use crate::reduce::describe::VolumeDistribution;
use crate::unit::Unit;

/// Rows and warnings of a volume.
pub(super) fn of_volume(
    stage: &Distribution,
    volume: &Volume,
    found: &VolumeDistribution,
) -> (Vec<Metric>, Vec<Warning>) {
    let (s, n) = (&found.summary, found.independent);
    let wanted = stage.intervals.count().is_some();
    let spread = found.half_of_log_spread().filter(|_| wanted);
    let mut metrics = Vec::new();
    for (name, of_map, statistic, _) in STATISTICS {
        let unit = if *of_map { volume.unit.clone() } else { Unit::none() };
        let metric = Metric::with_unit(name, statistic(s), &unit).n(n);
        let interval = match (*name, spread) {
            ("mean", Some(_)) => Some([s.mean - found.half_of_mean(), s.mean + found.half_of_mean()]),
            ("std" | "iqr" | "span", Some(w)) => Some([-w, w].map(|w| statistic(s) * libm::exp(w))),
            _ => None,
        };
        metrics.push(match interval {
            Some([low, high]) => metric.interval(low, high).note("interval from the number of independent parts"),
            None => metric,
        });
    }
    metrics.push(match &found.blocks {
        Err(why) => Metric { unit: volume.unit.clone(), ..Metric::missing("g_std_micro", &why.to_string()) },
        Ok(b) => {
            let metric = Metric::with_unit("g_std_micro", b.std, &volume.unit).n(b.blocks as f64);
            let metric = if wanted { metric.interval(b.interval[0], b.interval[1]) } else { metric };
            metric.note(&format!("blocks of {} × {} × {} voxels", b.edges[0], b.edges[1], b.edges[2]))
        }
    });
    metrics.extend(super::gaussian_rows(found.gaussian, None, false, &volume.unit, n));
    if stage.surrogates > 0 {
        let noise = found.part.as_ref();
        let noise = noise.map(|p| (p.covariance.noise, p.neighbour, "nugget of H(r) in the middle of the volume"));
        metrics.extend(floor(noise, s, &volume.unit, "the volume has no voxel size, is constant or too small"));
    }
    let mut warnings = Vec::new();
    if found.valid < volume.len() {
        warnings.push(Warning::new(
            "invalid-voxels",
            format!("{} of {} voxels are invalid and take part in nothing", volume.len() - found.valid, volume.len()),
            "where they are outside of the sample that is as it should be",
        ));
    }
    (metrics, warnings)
}
