//! Rows of single classes.

use crate::data::{Map, Metric};
use crate::segment::Setting;
use crate::segment::resampled::Resample;
use crate::segment::segmentation::{NoInterval, Segmentation};
use crate::segment::verdict::Verdict;
use crate::unit::Unit;

/// Why there is no interval.
pub(super) fn obstacle(why: NoInterval) -> &'static str {
    match why {
        NoInterval::Neighbours => "blocks do not keep the neighbours that decide the classes",
        NoInterval::FewBlocks => "fewer than 30 blocks of four correlation lengths fit",
    }
}

/// With its interval from resamples, or a note why it has none.
fn with_interval(found: &Segmentation, m: Metric, of: impl Fn(&Resample) -> f64) -> Metric {
    match (&found.blocks, m.as_number(), found.no_interval) {
        (Some(b), Some(v), _) => {
            let [low, high] = b.interval(v, found.resamples.iter().map(of));
            m.interval(low, high)
        }
        (.., Some(why)) => m.note(&format!("no interval: {}", obstacle(why))),
        _ => m,
    }
}

/// Rows of one class.
pub(super) fn of_class(
    map: &Map,
    found: &Segmentation,
    verdict: &Verdict,
    class: usize,
    density: f64,
    xi: Metric,
) -> Vec<Metric> {
    let name = |m: &str| format!("{m}_{class}");
    let fraction = found.counts[class] as f64 / found.pixels() as f64;
    let (all, n) = (verdict.independent, verdict.independent * fraction);
    let rows = [
        (Metric::number(&name("fraction"), fraction, "").n(all), 0),
        (Metric::with_unit(&name("centre"), found.centres[class], &map.unit).n(n), 1),
        (Metric::with_unit(&name("std"), found.stds[class], &map.unit).n(n), 2),
    ];
    let mut out: Vec<Metric> = rows
        .into_iter()
        .map(|(m, which)| with_interval(found, m, |r| [&r.fractions, &r.centres, &r.stds][which][class]))
        .collect();
    out.push(xi);
    out.push(match density.is_finite() {
        true => Metric::number(&name("boundary_density"), density, "1/µm").n(n),
        false => Metric::missing(&name("boundary_density"), "the map has no pixel size"),
    });
    if let Some(m) = &found.mixed {
        let [weight, mean, std] = m.components[class];
        out.push(Metric::number(&name("gmm_weight"), weight, "").n(all));
        out.push(Metric::with_unit(&name("gmm_mean"), mean, &map.unit).n(n));
        out.push(Metric::with_unit(&name("gmm_std"), std, &map.unit).n(n));
    }
    out
}

/// Correlation length of one class.
pub(super) fn length(setting: &Setting, map: &Map, found: &Segmentation, class: usize) -> Metric {
    let name = format!("xi_{class}");
    let missing = |why: &str| Metric { unit: Unit::of("nm"), ..Metric::missing(&name, why) };
    let Some(pixel) = map.pixel else { return missing("the map has no pixel size") };
    if found.centres.len() < 2 {
        return missing("one class everywhere has no length");
    }
    let Some(l) = found.class_length(map, class, setting.resamples.is_some()) else {
        return missing("too few lags, or a class without a neighbour");
    };
    let [rows, columns] = map.shape();
    if l.covariance.xi > (rows as f64 * pixel[0]).min(columns as f64 * pixel[1]) {
        return missing("longer than the window: H(r) of the class has no plateau");
    }
    let area = found.pixels() as f64 * pixel[0] * pixel[1];
    let m = Metric::number(&name, l.covariance.xi, "nm").n((area / l.covariance.correlation_area()).max(1.0));
    match l.interval {
        Some([low, high]) => m.interval(low, high).note("interval by a jackknife over strips"),
        None => m.note("no interval"),
    }
}
