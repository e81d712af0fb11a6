//! Which voxels belong to a set.

use ndarray::ArrayView1;

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
    pub fn row(&self, values: ArrayView1<'_, f64>, out: &mut [bool]) {
        match *self {
            Set::NonZero => each(values, out, |v| v != 0.0 && !v.is_nan()),
            Set::Beyond { threshold, side: Side::High } => each(values, out, |v| v >= threshold),
            Set::Beyond { threshold, side: Side::Low } => each(values, out, |v| v <= threshold),
            Set::Region(id) => each(values, out, |v| v == f64::from(id)),
        }
    }
}

#[inline(always)]
fn each(values: ArrayView1<'_, f64>, out: &mut [bool], of: impl Fn(f64) -> bool) {
    match values.as_slice() {
        Some(values) => out.iter_mut().zip(values).for_each(|(o, v)| *o = of(*v)),
        None => out.iter_mut().zip(values).for_each(|(o, v)| *o = of(*v)),
    }
}
