//! Numbers of regions beside those of surrogates.

use super::report::{Statistic, Words};
use crate::data::{Metric, Warning};
use crate::spatial::null::Null;
use crate::spatial::regions::census::{Census, SurrogateRegions};
use crate::spatial::regions::summary::Extent;
use crate::stage::null::{NO_VALUE, Side, likeness, rows};

/// A number that is compared with that of surrogates.
pub(super) struct Comparison<R> {
    name: &'static str,
    unit: &'static str,
    side: Side,
    of: Statistic<R>,
    /// Another that the same claim may rest on.
    pub(super) beside: Option<Statistic<R>>,
}

impl<R> Comparison<R> {
    pub(super) fn of(name: &'static str, unit: &'static str, side: Side, of: Statistic<R>) -> Comparison<R> {
        Comparison { name, unit, side, of, beside: None }
    }
}

/// What surrogates are compared with, of maps and of volumes.
pub(super) fn means<R: Extent>() -> [Comparison<R>; 2] {
    [
        Comparison::of("aspect_ratio", "", Side::Above, |w| w.mean(R::aspect_ratio)),
        Comparison::of("r_eq", "nm", Side::Both, |w| w.mean(R::r_eq)),
    ]
}

/// Rows of the nulls; gives the regions of surrogates where there are some.
pub(super) fn nulls<'a, R: Extent>(
    found: &'a Census<R>,
    compared: &[Comparison<R>],
    words: &Words,
    metrics: &mut Vec<Metric>,
    warnings: &mut Vec<Warning>,
) -> Option<&'a SurrogateRegions<R>> {
    let made = match found.surrogates.as_ref()? {
        Ok(made) => made,
        Err(why) => {
            metrics.extend(compared.iter().flat_map(|c| rows(c.name, c.unit, f64::NAN, Err(why), c.side, "")));
            return None;
        }
    };
    let n = made.regions.len();
    let note = match &made.fitted {
        None => format!("{n} surrogates of the map's own spectrum"),
        Some(f) => {
            let sides = match words.map {
                "volume" => {
                    format!(" of {} voxels", made.window.iter().map(usize::to_string).collect::<Vec<_>>().join(" × "))
                }
                _ => String::new(),
            };
            let c = &f.covariance;
            format!("{n} surrogates{sides}, ξ = {:.3e} m, α = {:.2}, isotropic", c.xi, c.alpha)
        }
    };
    let likeness_of = if words.map == "map" { "map" } else { "set" };
    warnings.extend(made.fitted.as_ref().and_then(|f| likeness(f, likeness_of)));
    let whole = found.whole();
    for c in compared {
        let value = (c.of)(&whole);
        let others = made.each(found.min_pixels, c.of);
        let mut null = Null::of(value, others.iter().copied()).ok_or(NO_VALUE);
        if let Some(beside) = c.beside {
            let pairs: Vec<[f64; 2]> =
                others.iter().zip(made.each(found.min_pixels, beside)).map(|(a, b)| [*a, b]).collect();
            null = null.map(|n| n.beside([value, beside(&whole)], &pairs));
        }
        metrics.extend(rows(c.name, c.unit, value, null, c.side, &note));
    }
    Some(made)
}
