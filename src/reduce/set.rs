//! Which voxels belong to a set.

use crate::spatial::regions::cut::Side;

/// A set of voxels; an invalid voxel (NaN) is in none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Set {
    /// Values other than 0: masks, numbers of regions.
    NonZero,
    /// Values at or beyond a threshold.
    Beyond {
        /// The value of the last voxel chosen, SI.
        threshold: f64,
        /// Which side of it.
        side: Side,
    },
    /// One region by its number.
    Region(u32),
}

impl Set {
    /// Whether a voxel of that value is in it.
    #[inline(always)]
    pub fn has(&self, v: f64) -> bool {
        match self {
            Set::NonZero => v != 0.0 && !v.is_nan(),
            Set::Beyond { threshold, side: Side::High } => v >= *threshold,
            Set::Beyond { threshold, side: Side::Low } => v <= *threshold,
            Set::Region(id) => v == f64::from(*id),
        }
    }

    /// Whether each voxel of a row is in it: one byte a voxel. The choice is made once a row, so that the loop is tight.
    pub fn row(&self, values: &[f64], out: &mut [bool]) {
        let fill = |out: &mut [bool], of: &dyn Fn(&[f64], &mut [bool])| of(values, out);
        match *self {
            Set::NonZero => fill(out, &|v, o| each(v, o, |v| v != 0.0 && !v.is_nan())),
            Set::Beyond { threshold, side: Side::High } => fill(out, &|v, o| each(v, o, |v| v >= threshold)),
            Set::Beyond { threshold, side: Side::Low } => fill(out, &|v, o| each(v, o, |v| v <= threshold)),
            Set::Region(id) => fill(out, &|v, o| each(v, o, |v| v == f64::from(id))),
        }
    }
}

#[inline(always)]
fn each(values: &[f64], out: &mut [bool], of: impl Fn(f64) -> bool) {
    for (o, v) in out.iter_mut().zip(values) {
        *o = of(*v);
    }
}
