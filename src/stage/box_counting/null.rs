//! The same of featureless sets (METHODS §13).

use super::BoxCounting;
use super::measure::{Plan, of_field};
use crate::data::{Metric, Volume, Warning};
use crate::num::quantile::quantiles;
use crate::reduce::Set;
use crate::spatial::fractal::{Counts, Scaling};
use crate::spatial::null::Null;
use crate::stage::null::{NO_VALUE, Side, p_row, rows};
use crate::stage::volume::set_surrogates;
use crate::stage::{Cx, StageError};

/// What featureless sets give.
pub(super) struct Comparison {
    pub metrics: Vec<Metric>,
    pub warning: Option<Warning>,
    /// 95 % band of the local slope at each size.
    pub slopes: Option<Vec<[f64; 2]>>,
    /// Why a plateau is none of the set's own.
    pub refuted: Option<String>,
}

#[allow(clippy::too_many_arguments)]
pub(super) fn compare(
    stage: &BoxCounting,
    plan: &Plan,
    volume: &Volume,
    voxel: [f64; 3],
    fraction: f64,
    counts: &Counts,
    scaling: Result<&Scaling, &String>,
    cx: &Cx<'_>,
) -> Result<Comparison, StageError> {
    let none = |why: &str| Comparison {
        metrics: rows("d_f", "", f64::NAN, Err(why), Side::Both, "").into(),
        warning: None,
        slopes: None,
        refuted: None,
    };
    let made = match set_surrogates(volume, Set::NonZero, voxel, fraction, cx)? {
        Ok(made) => made,
        Err(why) => return Ok(none(&why)),
    };
    let of = |z: &ndarray::Array3<f64>, threshold: f64| {
        let counts = of_field(plan, z, threshold);
        let d = scaling.ok().and_then(|s| counts.over(s.range)).map_or(f64::NAN, |s| s.d);
        (d, plan.plateau(&counts).map(|s| s.d), counts.slopes())
    };
    let found = made.each(stage.surrogates, &cx.stream, cx.cancelled, of).ok_or(StageError::Cancelled)?;
    let with = found.iter().filter(|f| f.1.is_some()).count();
    let sides = made.shape().map(|n| n.to_string()).join(" × ");
    let note = format!(
        "{} featureless sets of {sides} pixels, ξ = {:.3e} m; {with} of them have a plateau",
        found.len(),
        made.fitted.covariance.xi
    );
    let mut refuted = None;
    let metrics = match scaling {
        Ok(s) => {
            let null = Null::of(s.d, found.iter().map(|f| f.0)).ok_or(NO_VALUE);
            let median = null.map_or(f64::NAN, |n| n.median);
            let mut metrics = rows("d_f", "", s.d, null, Side::Both, &note);
            // With a plateau the set claims more than a slope, over sizes of its own choice: only surrogates that have one
            // of theirs count against it, by how far it lies from the middle of theirs.
            if plan.plateau(counts).is_some() && median.is_finite() {
                let own: Vec<f64> = found.iter().filter_map(|f| f.1).collect();
                let middle = crate::num::quantile::median(&mut own.clone());
                let far = (s.d - middle).abs();
                let against = own.iter().filter(|d| (**d - middle).abs() >= far).count();
                let p = (1 + against) as f64 / (1 + found.len()) as f64;
                metrics[2] = p_row("d_f", p, found.len());
                refuted = (p >= Null::LEVEL).then(|| {
                    format!(
                        "no scaling range of its own: {with} of {} featureless sets have a plateau, {against} of them with a \
                         dimension as far from {middle:.2} as the {:.2} found here",
                        found.len(),
                        s.d
                    )
                });
            }
            metrics
        }
        Err(why) => rows("d_f", "", f64::NAN, Err(why), Side::Both, ""),
    };
    let band = |k: usize| {
        let mut of: Vec<f64> = found.iter().filter_map(|f| f.2.get(k).copied()).filter(|v| v.is_finite()).collect();
        quantiles(&mut of, [0.025, 0.975])
    };
    Ok(Comparison {
        metrics: metrics.into(),
        warning: crate::stage::null::likeness(&made.fitted, "set"),
        slopes: Some((0..plan.sizes.len()).map(band).collect()),
        refuted,
    })
}
