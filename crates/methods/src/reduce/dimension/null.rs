//! The same of featureless sets of the fraction and covariance of the one at hand (METHODS §13).

use super::grids::Grids;
use super::{Dimension, NoScaling};
use crate::num::quantile::quantiles;
use crate::num::random::Stream;
use crate::num::sum::moments;
use crate::num::work::Cancelled;
use crate::reduce::likeness::set_surrogates;
use crate::reduce::passes::Passes;
use crate::reduce::{ReduceError, Set};
use crate::spatial::covariance::CovarianceFit;
use crate::spatial::fractal::Counts;
use crate::spatial::null::Null;
use softspot_data::Volume;

/// What featureless sets give over the sizes of a fit.
#[derive(Clone, Debug)]
pub struct SetNull {
    /// Their shape, voxels.
    pub shape: [usize; 3],
    /// The covariance they were made with.
    pub fitted: CovarianceFit,
    /// How many were made, and how many of them have a plateau.
    pub made: usize,
    /// How many of them have a plateau.
    pub plateaus: usize,
    /// Their dimensions over those sizes of the fit that they have too, beside the set's; `None` without a fit, or where too
    /// few scale.
    pub dimension: Option<Null>,
    /// The set's own dimension over these sizes.
    pub own: Option<f64>,
    /// p of the claim of a dimension: of a plateau, that local slopes within it go otherwise than those of the sets; of a
    /// slope, both sides.
    pub p: Option<f64>,
    /// 95 % band of the local slope at each size.
    pub slopes: Vec<[f64; 2]>,
    /// Why a plateau is none of the set's own.
    pub refuted: Option<NoScaling>,
}

/// Largest sides of a featureless set of a volume and of a map, in pixels: several times the boxes within a decade of sizes.
pub const SIDES: [usize; 2] = [64, 256];
/// Difference of slopes that says nothing.
const ALIKE: f64 = 0.02;

/// Cuts featureless sets and counts their boxes; or says why there are none.
pub(super) fn compare(
    of: &Dimension,
    grids: &Grids,
    volume: &Volume,
    voxel: [f64; 3],
    surrogates: usize,
    stream: &Stream,
    passes: &Passes<'_>,
) -> Result<Result<SetNull, String>, NullError> {
    let side = SIDES[usize::from(volume.shape.contains(&1))];
    let sets = match set_surrogates(volume, Set::NonZero, voxel, of.fraction(), side, stream, passes)? {
        Ok(sets) => sets,
        Err(why) => return Ok(Err(why)),
    };
    // Sizes of which several boxes lie along a surrogate.
    let side = sets.shape().into_iter().filter(|n| *n > 1).min().unwrap_or(1);
    let most = grids.sizes.iter().rposition(|s| s * 4 <= side).unwrap_or(0);
    let range = of.scaling.as_ref().ok().map(|s| [s.range[0], s.range[1].min(most)]).filter(|r| r[0] < r[1]);
    let read = |z: &ndarray::Array3<f64>, threshold: f64| {
        let counts: Counts = grids.of_field(z, threshold);
        let d = range.and_then(|r| counts.over(r)).map_or(f64::NAN, |s| s.d);
        (d, grids.plateau(&counts).is_some(), counts.slopes())
    };
    let found = sets.each(surrogates, stream, &passes.work, read)?;
    // Of a size and its double, which several boxes of a surrogate have.
    let band = |k: usize| {
        if grids.sizes[k] * 2 > side {
            return [f64::NAN; 2];
        }
        let mut of: Vec<f64> = found.iter().filter_map(|f| f.2.get(k).copied()).filter(|v| v.is_finite()).collect();
        quantiles(&mut of, [0.025, 0.975])
    };
    let own = range.and_then(|r| of.counts.over(r));
    let mut out = SetNull {
        shape: sets.shape(),
        fitted: sets.fitted,
        made: found.len(),
        plateaus: found.iter().filter(|f| f.1).count(),
        dimension: own.and_then(|s| Null::of(s.d, found.iter().map(|f| f.0))),
        own: own.map(|s| s.d),
        p: None,
        slopes: (0..grids.sizes.len()).map(band).collect(),
        refuted: None,
    };
    let Some(((r, s), null)) = range.zip(of.scaling.as_ref().ok()).zip(out.dimension) else { return Ok(Ok(out)) };
    out.p = Some(null.both());
    // With a plateau the set claims more than a slope: that its counts go otherwise than those of featureless sets, somewhere
    // within it.
    if of.plateau {
        let all: Vec<Vec<f64>> = found.iter().map(|f| f.2[r[0]..r[1]].to_vec()).collect();
        let p = apart(&of.counts.slopes()[r[0]..r[1]], &all);
        out.p = Some(p);
        let why = NoScaling::NotItsOwn { made: found.len(), plateaus: out.plateaus, p, d: s.d };
        out.refuted = (!Null::stands(p)).then_some(why);
    }
    Ok(Ok(out))
}

/// p of local slopes among those of featureless sets: by the largest distance of a slope from the mean of all, in their
/// standard deviations.
fn apart(own: &[f64], sets: &[Vec<f64>]) -> f64 {
    let of_size =
        |k: usize| -> Vec<f64> { sets.iter().map(|s| s[k]).chain([own[k]]).filter(|v| v.is_finite()).collect() };
    let scales: Vec<_> = (0..own.len()).map(|k| moments(&of_size(k))).collect();
    let far = |slopes: &[f64]| {
        let distances = slopes.iter().zip(&scales).map(|(s, m)| (s - m.mean).abs() / libm::hypot(m.std, ALIKE));
        distances.fold(0.0, f64::max)
    };
    let bound = far(own);
    (1 + sets.iter().filter(|s| far(s) >= bound).count()) as f64 / (1 + sets.len()) as f64
}

/// A comparison that did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NullError {
    /// A pass over the volume.
    #[error("{0}")]
    Pass(#[from] ReduceError),
    /// The user ended it.
    #[error("{0}")]
    Cancelled(#[from] Cancelled),
}
