//! The structure function of a volume: along its axes, and in all directions up to a lag.

use std::sync::Arc;

use super::{Correlation, Rows};
use crate::data::{Artifact, Metric, Volume, Warning};
use crate::num::resample::jackknife;
use crate::reduce::lags::{Ball, Lags, Sums};
use crate::spatial::covariance::{CovarianceFit, fit, fit_direction};
use crate::spatial::resolution::{DISC, contact_radius, judge};
use crate::spatial::structure_function::Curve;
use crate::stage::volume::{moments, pass};
use crate::stage::{Cx, Outputs, StageError, Uncertainty};

/// Lags along an axis unless `r_max` asks for more.
pub(super) const LAGS: usize = 64;
/// Distance in all directions unless `radial` asks for another, in voxels.
const RADIAL: f64 = 8.0;
/// Parts of a volume that an interval needs, and correlation lengths that each must be thick.
const PARTS: usize = 5;
const THICK: f64 = 4.0;

/// Curves, the fitted covariance, lengths along x, y and z.
struct LagCurves {
    radial: Curve,
    /// Along z, y and x.
    axes: [Curve; 3],
    /// What is fitted: all directions, and the axes beyond.
    pooled: Curve,
    fitted: CovarianceFit,
    lengths: [f64; 3],
}

pub(super) fn run(stage: &Correlation, volume: &Volume, cx: &Cx<'_>) -> Result<Outputs, StageError> {
    let voxel = volume.voxel_size()?;
    let axes = [0, 1, 2];
    let sides = axes.map(|k| volume.shape[k] as f64 * voxel[k]);
    let window = axes.iter().filter(|k| volume.shape[**k] > 1).map(|k| sides[*k]).fold(f64::INFINITY, f64::min);
    let r_max = stage.r_max.map_or(window / 4.0, |r| r.0);
    if r_max > sides.iter().map(|s| s * s).sum::<f64>().sqrt() {
        return Err(StageError::Failed(format!(
            "r_max of {r_max:e} m is larger than the volume; leave it out or give a smaller length"
        )));
    }
    let step = voxel.iter().copied().fold(f64::INFINITY, f64::min);
    let reach = if stage.r_max.is_some() { r_max } else { (window / 2.0).min(LAGS as f64 * step) };
    let r_max = r_max.min(reach.max(step * 4.0));
    let max = axes.map(|k| ((reach / voxel[k] + 1e-9).floor() as usize).min(volume.shape[k] - 1));
    let ball = stage.radial.map_or(RADIAL * step, |r| r.0).min(window / 2.0);
    let summary = moments(volume, cx)?;
    if summary.min == summary.max {
        return Err(StageError::Failed("the volume is constant: it has no correlation length".into()));
    }
    let sums = pass(volume, &Lags { max, set: None, ball: Ball::new(ball, voxel) }, "lags", cx)?;
    let measured = measure(stage, &sums, voxel, r_max, |_| true).map_err(StageError::Failed)?;
    let intervals = match stage.uncertainty {
        Uncertainty::None => Err(String::new()),
        Uncertainty::Bootstrap => intervals(stage, &sums, voxel, r_max, &measured),
    };
    let mut warnings = Vec::new();
    let voxels = summary.n as f64;
    let metrics = metrics(stage, volume, &measured, &intervals, [window, r_max], voxels, &mut warnings);
    let mut rows = Rows::default();
    let c = measured.fitted.covariance;
    let model = |r: f64| if r <= r_max * (1.0 + 1e-9) { c.structure(r) } else { f64::NAN };
    rows.add("radial", &measured.radial, &[], model);
    for (name, axis) in [("x", 2), ("y", 1), ("z", 0)] {
        rows.add(name, &measured.axes[axis], &[], model);
    }
    let table = rows.table(&volume.unit.squared());
    Ok(Outputs { artifacts: vec![("curve", Artifact::Table(Arc::new(table)))], metrics, warnings })
}

/// Curves and fits of some planes.
fn measure(
    stage: &Correlation,
    sums: &Sums,
    voxel: [f64; 3],
    r_max: f64,
    taken: impl Fn(usize) -> bool + Copy,
) -> Result<LagCurves, String> {
    let along = sums.of(taken);
    let axes = [0, 1, 2].map(|k| Curve::pooled(along[k].points(voxel[k])));
    let radial = Curve::pooled(sums.radial(taken).into_iter().map(|(r, h, pairs)| [r, h, pairs as f64]));
    // The fit takes all directions as far as they were measured, and the axes beyond.
    let end = radial.r.last().copied().unwrap_or(0.0);
    let beyond = axes.iter().flat_map(Curve::points).filter(|p| p[0] > end);
    let pooled = Curve::pooled(radial.points().chain(beyond));
    let fitted = fit(&pooled, stage.model, stage.noise, r_max).map_err(|e| e.to_string())?;
    let length = |k: usize| fit_direction(&axes[k], &fitted.covariance, r_max).map_or(f64::NAN, |c| c.xi);
    let lengths = [length(2), length(1), length(0)];
    Ok(LagCurves { radial, axes, pooled, fitted, lengths })
}

/// Six numbers of a measurement: ξ, σ, α, ξ along x, y, z.
fn numbers(m: &LagCurves) -> [f64; 6] {
    let c = m.fitted.covariance;
    [c.xi, c.sigma, c.alpha, m.lengths[0], m.lengths[1], m.lengths[2]]
}

/// 95 % intervals by leaving out one part of the planes after the other (jackknife), on the log scale but for α.
fn intervals(
    stage: &Correlation,
    sums: &Sums,
    voxel: [f64; 3],
    r_max: f64,
    whole: &LagCurves,
) -> Result<[[f64; 2]; 6], String> {
    let thick = (THICK * whole.fitted.covariance.xi / voxel[0]).ceil().max(1.0) as usize;
    let parts = (sums.planes() / thick).min(20);
    if parts < PARTS {
        return Err(format!("no interval: {parts} parts of {THICK} correlation lengths along z, {PARTS} are needed"));
    }
    let part = |z: usize| z * parts / sums.planes();
    let logs = |v: [f64; 6]| {
        let mut out = v.map(libm::log);
        out[2] = v[2];
        out
    };
    let full = logs(numbers(whole));
    let mut without: [Vec<f64>; 6] = Default::default();
    for left in 0..parts {
        let m = measure(stage, sums, voxel, r_max, |z| part(z) != left).map_err(|e| format!("no interval: {e}"))?;
        without.iter_mut().zip(logs(numbers(&m))).for_each(|(all, v)| all.push(v));
    }
    Ok(std::array::from_fn(|k| {
        let ends = jackknife(full[k], &without[k]);
        if k == 2 { ends.map(|v| v.clamp(0.0, 1.0)) } else { ends.map(libm::exp) }
    }))
}

fn metrics(
    stage: &Correlation,
    volume: &Volume,
    m: &LagCurves,
    intervals: &Result<[[f64; 2]; 6], String>,
    [window, r_max]: [f64; 2],
    voxels: f64,
    warnings: &mut Vec<Warning>,
) -> Vec<Metric> {
    let voxel = volume.voxel.unwrap_or([f64::NAN; 3]);
    let c = m.fitted.covariance;
    let n = (voxels * voxel.iter().product::<f64>() / c.correlation_volume()).clamp(1.0, voxels);
    let with = |metric: Metric, k: usize| match intervals {
        Ok(i) => metric.interval(i[k][0], i[k][1]).n(n),
        Err(why) => metric.n(n).note(why),
    };
    let contact = stage
        .contact_radius
        .map(|r| r.0)
        .or(stage.tip.map(|t| contact_radius(t.force.0, t.radius.0, t.reduced_modulus.0)));
    let coarse = voxel.iter().copied().fold(0.0, f64::max);
    let (verdict, found) = judge(c.xi, coarse, contact, window);
    let note = found.iter().map(|w| w.message.as_str()).collect::<Vec<_>>().join("; ");
    warnings.extend(found);
    let biased = "bias not removed";
    let fine = voxel.iter().copied().fold(f64::INFINITY, f64::min);
    let why = |xi: f64| {
        if !xi.is_finite() {
            Some("the direction cannot be fitted")
        } else if xi > window {
            Some("longer than the volume: H(r) has no plateau in this direction")
        } else if xi < 0.3 * fine {
            Some("below the voxel: neighbours in this direction are uncorrelated")
        } else {
            None
        }
    };
    let length = |name: &str, xi: f64, k: usize| match why(xi) {
        Some(why) => Metric { unit: crate::unit::Unit::of("m"), ..Metric::missing(name, why) },
        None => with(Metric::number(name, xi, "m"), k),
    };
    let mut out = vec![
        length("xi", c.xi, 0).note(biased).note(&note),
        with(Metric::with_unit("sigma", c.sigma, &volume.unit).note(biased), 1),
        with(Metric::number("alpha", c.alpha, "").note(biased), 2),
        Metric::with_unit("noise", c.noise, &volume.unit).n(n),
        Metric::number("r2", m.fitted.r2, "").n(m.fitted.points as f64),
        Metric::number("window_over_xi", window / c.xi, ""),
        Metric::text("xi_verdict", verdict.name()).note(&note),
    ];
    if stage.surrogates > 0 {
        let (null, why) = match contact {
            Some(a) => (DISC * a, "white noise seen through the contact"),
            None => (coarse, "the voxel"),
        };
        out.push(Metric::number("xi_null", null, "m").note(why));
        out.push(Metric::number("xi_excess", c.xi - null, "m"));
    }
    for (k, name) in ["xi_fast", "xi_slow", "xi_z"].iter().enumerate() {
        out.push(length(name, m.lengths[k], 3 + k));
    }
    let (low, high) = m.lengths.iter().fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(*v), h.max(*v)));
    out.push(if low > 0.0 && high.is_finite() && m.lengths.iter().all(|v| v.is_finite()) {
        Metric::number("anisotropy", high / low, "").n(n).note("along the axes alone")
    } else {
        Metric::missing("anisotropy", "an axis cannot be fitted")
    });
    out.push(Metric::text("model", stage.model.name()).note(if stage.noise { "with a nugget" } else { "" }));
    out.extend(super::candidates(&m.pooled, r_max));
    out
}
