//! The table of sizes.

use crate::data::{Column, Table};
use crate::spatial::fractal::{Counts, Scaling};
use crate::unit::Unit;

/// One row a size; `step` is the edge of a voxel in m, `band` the 95 % band of slopes of featureless sets.
pub(super) fn table(
    counts: &Counts,
    step: f64,
    band: Option<&[[f64; 2]]>,
    gliding: &[(usize, f64)],
    scaling: Option<&Scaling>,
) -> Table {
    let n = counts.sizes.len();
    let mut slopes = counts.slopes();
    slopes.resize(n, f64::NAN);
    let none = Unit::none();
    let column = |name: &str, of: &dyn Fn(usize) -> f64| Column::number(name, &none, (0..n).map(of));
    let band = |k: usize, side: usize| band.and_then(|b| b.get(k)).map_or(f64::NAN, |b| b[side]);
    let fitted = |k: usize| match scaling {
        Some(s) if (s.range[0]..=s.range[1]).contains(&k) => s.n0 * libm::pow(counts.sizes[k], -s.d),
        _ => f64::NAN,
    };
    Table {
        columns: vec![
            column("size", &|k| counts.sizes[k]),
            Column::number("length", &Unit::of("nm"), counts.sizes.iter().map(|s| s * step)),
            column("count", &|k| counts.counts[k]),
            column("boxes", &|k| counts.most[k]),
            column("slope", &|k| slopes[k]),
            column("slope_null_low", &|k| band(k, 0)),
            column("slope_null_high", &|k| band(k, 1)),
            column("fit", &fitted),
            column("lacunarity", &|k| gliding.iter().find(|g| g.0 as f64 == counts.sizes[k]).map_or(f64::NAN, |g| g.1)),
        ],
    }
}
