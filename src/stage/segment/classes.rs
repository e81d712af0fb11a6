//! Rows of single classes.

use crate::data::{Map, Metric};
use crate::segment::Setting;
use crate::segment::segmentation::{NoInterval, Segmentation};
use crate::segment::verdict::Verdict;
use crate::unit::Unit;

/// k-means cuts where classes overlap: what it gives describes the cut, the mixture estimates the classes.
const DESCRIPTIVE: &str = "descriptive, of the pixels as k-means cuts them; gmm_… estimates the class";

/// Why there is no interval.
pub(super) fn obstacle(why: NoInterval) -> &'static str {
    match why {
        NoInterval::Neighbours => "blocks do not keep the neighbours that decide the classes",
        NoInterval::FewBlocks => "fewer than 30 blocks of four correlation lengths fit",
    }
}

/// Why a mixture has no interval.
fn without(found: &Segmentation) -> Option<&'static str> {
    match found.no_interval {
        Some(why) => Some(obstacle(why)),
        None if found.others.is_empty() => None,
        None => Some("mixtures of several maps are not resampled"),
    }
}

/// A parameter of a component with its interval from resamples, or a note why it has none.
fn with_interval(found: &Segmentation, m: Metric, class: usize, parameter: usize) -> Metric {
    let resampled = || found.resamples.iter().filter_map(|r| Some(r.components.get(class)?[parameter]));
    match (&found.blocks, m.as_number(), without(found)) {
        (.., Some(why)) => m.note(&format!("no interval: {why}")),
        (Some(b), Some(v), None) => {
            let [low, high] = b.interval(v, resampled());
            // A share and a width have no values below 0, a share none above 1.
            let low = if parameter == 1 { low } else { low.max(0.0) };
            let high = if parameter == 0 { high.min(1.0) } else { high };
            m.interval(low, high)
        }
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
        Metric::number(&name("fraction"), fraction, "").n(all),
        Metric::with_unit(&name("centre"), found.centres[class], &map.unit).n(n),
        Metric::with_unit(&name("std"), found.stds[class], &map.unit).n(n),
    ];
    let one = found.centres.len() == 1;
    let mut out: Vec<Metric> = rows.into_iter().map(|m| if one { m } else { m.note(DESCRIPTIVE) }).collect();
    out.push(xi);
    out.push(match density.is_finite() {
        true => Metric::number(&name("boundary_density"), density, "1/µm").n(n),
        false => Metric::missing(&name("boundary_density"), "the map has no pixel size"),
    });
    if let Some(m) = &found.mixed {
        let [weight, mean, std] = m.components[class];
        let rows = [
            Metric::number(&name("gmm_weight"), weight, "").n(all),
            Metric::with_unit(&name("gmm_mean"), mean, &map.unit).n(n),
            Metric::with_unit(&name("gmm_std"), std, &map.unit).n(n),
        ];
        out.extend(rows.into_iter().enumerate().map(|(i, m)| with_interval(found, m, class, i)));
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
