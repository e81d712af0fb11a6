//! The same of featureless sets of the fraction and covariance of the one at hand (METHODS §13).

use super::grids::Grids;
use super::{Dimension, NoScaling};
use crate::num::quantile::{median, quantiles};
use crate::num::random::Stream;
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
    /// Their dimensions over the sizes of the fit, beside the set's; `None` without a fit, or where too few scale.
    pub dimension: Option<Null>,
    /// p of the claim of a dimension: of a plateau, the share of sets that have one of theirs as far from the middle of
    /// them; of a slope, both sides.
    pub p: Option<f64>,
    /// 95 % band of the local slope at each size.
    pub slopes: Vec<[f64; 2]>,
    /// Why a plateau is none of the set's own.
    pub refuted: Option<NoScaling>,
}

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
    let sets = match set_surrogates(volume, Set::NonZero, voxel, of.fraction(), passes)? {
        Ok(sets) => sets,
        Err(why) => return Ok(Err(why)),
    };
    let scaling = of.scaling.as_ref().ok();
    let read = |z: &ndarray::Array3<f64>, threshold: f64| {
        let counts: Counts = grids.of_field(z, threshold);
        let d = scaling.and_then(|s| counts.over(s.range)).map_or(f64::NAN, |s| s.d);
        (d, grids.plateau(&counts).map(|s| s.d), counts.slopes())
    };
    let found = sets.each(surrogates, stream, &passes.work, read)?;
    let own: Vec<f64> = found.iter().filter_map(|f| f.1).collect();
    let band = |k: usize| {
        let mut of: Vec<f64> = found.iter().filter_map(|f| f.2.get(k).copied()).filter(|v| v.is_finite()).collect();
        quantiles(&mut of, [0.025, 0.975])
    };
    let mut out = SetNull {
        shape: sets.shape(),
        fitted: sets.fitted,
        made: found.len(),
        plateaus: own.len(),
        dimension: scaling.and_then(|s| Null::of(s.d, found.iter().map(|f| f.0))),
        p: None,
        slopes: (0..grids.sizes.len()).map(band).collect(),
        refuted: None,
    };
    let Some((s, null)) = scaling.zip(out.dimension) else { return Ok(Ok(out)) };
    out.p = Some(null.both());
    // With a plateau the set claims more than a slope, over sizes of its own choice: only surrogates that have one of
    // theirs count against it, by how far it lies from the middle of theirs.
    if of.plateau {
        let middle = median(&mut own.clone());
        let far = (s.d - middle).abs();
        let against = own.iter().filter(|d| (**d - middle).abs() >= far).count();
        let p = (1 + against) as f64 / (1 + found.len()) as f64;
        out.p = Some(p);
        let why = NoScaling::NotItsOwn { made: found.len(), plateaus: own.len(), against, middle, d: s.d };
        out.refuted = (!Null::stands(p)).then_some(why);
    }
    Ok(Ok(out))
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
