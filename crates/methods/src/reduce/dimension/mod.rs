//! The fractal dimension of a set by counting boxes, with all that speaks for and against it (METHODS §7, §13).

mod grids;
mod interval;
mod masses;
mod null;

pub use grids::{Counted, Grids, Offsets, Sizes};
pub use masses::{GLIDING, Gliding, MassDimension};
pub use null::{NullError, SIDES, SetNull};

use super::passes::{Passes, VolumeError};
use super::{ReduceError, Set};
use crate::num::random::Stream;
use crate::spatial::fractal::{Counts, DECADE, Scaling};
use softspot_data::{NoVoxelSize, Volume};

/// Steps along the axes may differ by this part: boxes are taken for cubes.
const CUBIC: f64 = 0.01;

/// Why there is no dimension.
const NO_RANGE: &str =
    "no scaling range: local slopes are not within ±0.1 over a decade of sizes at which boxes are free";

/// Sizes that the dimension is taken from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fit {
    /// The widest range of at least a decade with steady local slopes, or there is no dimension.
    Plateau,
    /// All.
    All,
    /// Those between two lengths, m.
    Range([f64; 2]),
}

/// How boxes are counted and read.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Edges of boxes.
    pub sizes: Sizes,
    /// Where they begin.
    pub offsets: Offsets,
    /// Places, for offsets other than the origin.
    pub places: usize,
    /// What they count.
    pub counted: Counted,
    /// Which sizes are fitted.
    pub fit: Fit,
    /// Whether masses of boxes are measured as well.
    pub moments: bool,
    /// Whether the numbers of the volume are those of regions.
    pub regions: bool,
    /// Resamples of the interval; `None` for no interval.
    pub resamples: Option<usize>,
    /// Featureless sets; 0 for none.
    pub surrogates: usize,
}

/// Why there is no scaling range.
#[derive(Clone, Debug, PartialEq)]
pub enum NoScaling {
    /// Local slopes are not steady over a decade; of sizes that are less than one, these.
    NoPlateau(Option<[f64; 2]>),
    /// Fewer than two sizes lie in the range asked for.
    FewSizes,
    /// Featureless sets have such a plateau as well.
    NotItsOwn {
        /// Sets made.
        made: usize,
        /// Those with a plateau.
        plateaus: usize,
        /// p of its slopes among theirs.
        p: f64,
        /// The dimension that it would be.
        d: f64,
    },
}

impl std::fmt::Display for NoScaling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoScaling::NoPlateau(None) => f.write_str(NO_RANGE),
            NoScaling::NoPlateau(Some([first, last])) => {
                write!(f, "{NO_RANGE}, and sizes of {first} to {last} pixels are less than one")
            }
            NoScaling::FewSizes => f.write_str("fewer than two sizes lie in the range of `fit`"),
            NoScaling::NotItsOwn { made, plateaus, p, .. } => write!(
                f,
                "no scaling range of its own: local slopes go as those of {made} level sets of featureless fields \
                 (p = {p:.2}), {plateaus} of which have a plateau as well"
            ),
        }
    }
}

/// Masses of boxes, where they were asked for.
#[derive(Clone, Debug)]
pub struct Masses {
    /// D₁ and D₂ over the sizes of the fit; `None` where masses do not scale.
    pub generalised: Option<[Option<f64>; 2]>,
    /// Lacunarity by size; none where no size is at most a quarter of the shortest side.
    pub gliding: Vec<Gliding>,
    /// Dimension of the mass within a distance, or why there is none.
    pub within: Result<MassDimension, String>,
}

/// A dimension with what speaks for and against it.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// Counts by size in voxels.
    pub counts: Counts,
    /// Edge of a voxel, m.
    pub step: f64,
    /// Valid voxels, and those of them in the set.
    pub valid: u64,
    /// Those of them in the set.
    pub voxels: u64,
    /// The line that the dimension is taken from, or why there is none.
    pub scaling: Result<Scaling, NoScaling>,
    /// 95 % interval of the dimension, or why there is none; `None` where it was not asked for or there is no dimension.
    pub interval: Option<Result<[f64; 2], String>>,
    /// Whether local slopes hold over a decade, whatever the sizes that are fitted.
    pub plateau: bool,
    /// Size beyond which the set is compact, voxels, where it lies within the fit.
    pub crossover: Option<f64>,
    /// Masses.
    pub masses: Option<Masses>,
    /// What featureless sets give, or why there are none.
    pub null: Option<Result<SetNull, String>>,
}

/// A set that no boxes can be counted of.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DimensionError {
    /// Boxes need a voxel.
    #[error("{0}")]
    Voxel(#[from] NoVoxelSize),
    /// The voxels are no cubes.
    #[error(
        "the steps {0:?} m differ, and boxes of pixels are then no cubes; make the pixels square first: the stage \
         `resample` does so for maps, volumes are to be exported so"
    )]
    NoCubes([f64; 3]),
    /// Too few sizes.
    #[error("{0} of the sizes fit into {1} pixels; a slope needs two")]
    FewSizes(usize, usize),
    /// Nothing or everything is in the set.
    #[error(
        "the set is {what}: {which} valid pixel of {valid} is in it; connect a mask, or the regions of the stage `regions`"
    )]
    NoSet {
        /// "empty" or "full".
        what: &'static str,
        /// "no" or "every".
        which: &'static str,
        /// Valid voxels.
        valid: u64,
    },
    /// Numbers that cannot be had.
    #[error("{0}")]
    Volume(#[from] VolumeError),
    /// The comparison with featureless sets.
    #[error("{0}")]
    Null(#[from] NullError),
}

impl From<ReduceError> for DimensionError {
    fn from(e: ReduceError) -> DimensionError {
        DimensionError::Volume(e.into())
    }
}

impl Dimension {
    /// Counts boxes of a set – everything that is not 0 – in a space of that dimension.
    ///
    /// # Errors
    /// [`DimensionError`].
    pub fn of(
        volume: &Volume,
        space: usize,
        setting: &Setting,
        stream: &Stream,
        passes: &Passes<'_>,
    ) -> Result<Dimension, DimensionError> {
        let voxel = volume.voxel_size()?;
        let steps: Vec<f64> = (0..3).filter(|k| volume.shape[*k] > 1).map(|k| voxel[k]).collect();
        let (step, most) = steps.iter().fold((f64::INFINITY, 0.0f64), |(l, m), s| (l.min(*s), m.max(*s)));
        if most > step * (1.0 + CUBIC) {
            return Err(DimensionError::NoCubes(voxel));
        }
        let grids = Grids::new(setting, volume.shape, space);
        if grids.sizes.len() < 2 {
            let longest = volume.shape.iter().copied().max().unwrap_or(1);
            return Err(DimensionError::FewSizes(grids.sizes.len(), longest));
        }
        let boxes = passes.run(volume, &grids.reducer(Set::NonZero, volume.shape), "boxes")?;
        if boxes.voxels == 0 || boxes.voxels == boxes.valid {
            let (what, which) = if boxes.voxels == 0 { ("empty", "no") } else { ("full", "every") };
            return Err(DimensionError::NoSet { what, which, valid: boxes.valid });
        }
        let counts = grids.counts(&boxes, volume.shape);
        let plateau = grids.plateau(&counts);
        let mut out = Dimension {
            step,
            valid: boxes.valid,
            voxels: boxes.voxels,
            scaling: scaling(&counts, plateau, setting.fit, step),
            interval: None,
            plateau: plateau.is_some(),
            crossover: None,
            masses: None,
            null: None,
            counts,
        };
        if setting.surrogates > 0 {
            let null = null::compare(&out, &grids, volume, voxel, setting.surrogates, stream, passes)?;
            // A plateau that featureless sets have as well is none of this set.
            if let Some(why) =
                null.as_ref().ok().and_then(|n| n.refuted.clone()).filter(|_| setting.fit == Fit::Plateau)
            {
                out.scaling = Err(why);
            }
            out.null = Some(null);
        }
        if let Ok(s) = out.scaling {
            if setting.resamples.is_some() {
                let planes = volume.shape[0];
                out.interval = Some(interval::interval(&out, &s, &grids, &boxes, planes, setting, stream));
            }
            out.crossover = out.counts.crossover().filter(|xi| *xi > out.counts.sizes[s.range[0]]);
        }
        if setting.moments {
            let sizes = out.scaling.as_ref().ok().map(|s| &grids.sizes[s.range[0]..=s.range[1]]);
            out.masses = Some(Masses {
                generalised: sizes.map(|sizes| masses::generalised(volume, sizes, passes)).transpose()?,
                gliding: masses::lacunarity(volume, &grids.sizes, passes)?,
                within: masses::mass_radius(volume, space, setting, passes)?,
            });
        }
        Ok(out)
    }

    /// Share of the valid voxels in the set.
    pub fn fraction(&self) -> f64 {
        self.voxels as f64 / self.valid as f64
    }
}

/// The line that the dimension is taken from.
fn scaling(counts: &Counts, plateau: Option<Scaling>, fit: Fit, step: f64) -> Result<Scaling, NoScaling> {
    match fit {
        Fit::Plateau => plateau.ok_or_else(|| {
            let ends = [counts.sizes[0], counts.sizes[counts.sizes.len() - 1]];
            NoScaling::NoPlateau((ends[1] / ends[0] < DECADE).then_some(ends))
        }),
        Fit::All => counts.over([0, counts.sizes.len() - 1]).ok_or(NoScaling::NoPlateau(None)),
        Fit::Range([low, high]) => {
            let inside = |s: &f64| (low..=high).contains(&(s * step));
            let (first, last) = (counts.sizes.iter().position(inside), counts.sizes.iter().rposition(inside));
            first.zip(last).and_then(|(a, b)| counts.over([a, b])).ok_or(NoScaling::FewSizes)
        }
    }
}

#[cfg(test)]
mod tests;
