//! Rows of a metric's null: `<metric>_null`, `<metric>_excess`, `<metric>_p` (METHODS §13).

use crate::data::{Metric, Standing, Warning};
use crate::spatial::covariance::CovarianceFit;
use crate::spatial::null::Null;
use crate::spatial::saturation::Saturation;
use crate::unit::Unit;

/// Which surrogates count against a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Those at least as high.
    Above,
    /// Those at most as high.
    Below,
    /// Both, doubled.
    Both,
}

/// What is said where a claim does not stand.
const NOT_ABOVE: &str = "a featureless field gives this as well";

/// Coefficient of determination below which surrogates are hardly in the likeness of the map.
const POOR: f64 = 0.9;

/// Why there is no null.
pub(super) const NO_VALUE: &str = "there is no value to compare, or too few surrogates gave one";

/// The rows of one metric.
pub(super) fn rows(
    name: &str,
    unit: &str,
    value: f64,
    null: Result<Null, &str>,
    side: Side,
    note: &str,
) -> [Metric; 3] {
    let [of_null, excess, p] = ["null", "excess", "p"].map(|s| format!("{name}_{s}"));
    let null = match null {
        Ok(null) => null,
        Err(why) => {
            let missing = |name: &str, unit: &str| Metric { unit: Unit::of(unit), ..Metric::missing(name, why) };
            return [missing(&of_null, unit), missing(&excess, unit), missing(&p, "")];
        }
    };
    let n = null.n as f64;
    let p_value = match side {
        Side::Above => null.above,
        Side::Below => null.below,
        Side::Both => null.both(),
    };
    [
        Metric::number(&of_null, null.median, unit).interval(null.band[0], null.band[1]).n(n).note(note),
        Metric::number(&excess, value - null.median, unit).n(n),
        p_row(name, p_value, null.n),
    ]
}

/// The row `<metric>_p`.
pub(super) fn p_row(name: &str, p: f64, surrogates: usize) -> Metric {
    let m = Metric::number(&format!("{name}_p"), p, "").n(surrogates as f64).note(at_bound(p, surrogates));
    if Null::stands(p) { m } else { m.standing(Standing::NotAboveTheNull, NOT_ABOVE) }
}

/// What is said of a p that so many fields cannot make smaller.
pub(super) fn at_bound(p: f64, fields: usize) -> &'static str {
    if p * (1 + fields) as f64 <= 1.0 + 1e-9 { "at its bound: p < 1/(n + 1)" } else { "" }
}

/// What is to be known of surrogates of a map, `made` of them, of a fitted covariance or of the map's own spectrum.
pub(super) fn field_note(fitted: Option<&CovarianceFit>, made: usize) -> String {
    match fitted {
        None => format!("{made} surrogates of the map's own spectrum"),
        Some(f) => {
            let c = &f.covariance;
            format!("{made} surrogates, ξ = {:.3e} m, α = {:.2}, isotropic", c.xi, c.alpha)
        }
    }
}

/// A warning where a fitted covariance says little of the map or the set.
pub(super) fn likeness(fitted: &CovarianceFit, of: &str) -> Option<Warning> {
    let hint = match of {
        "map" => "use `surrogate_kind = \"spectrum\"`, or remove lines and slopes first",
        _ => "the null has another covariance than the set: compare with care",
    };
    (fitted.r2 < POOR).then(|| {
        let what = format!("the covariance of the surrogates describes the {of} poorly (R² = {:.2})", fitted.r2);
        Warning::new("poor-surrogates", what, hint)
    })
}

/// A warning of values that were cut off.
pub(super) fn saturation(cut: &Saturation) -> Option<Warning> {
    cut.is_any().then(|| {
        let ends = [("lowest", cut.low), ("highest", cut.high)].into_iter().filter(|(_, share)| *share > 0.0);
        let ends: Vec<String> = ends.map(|(end, share)| format!("{:.1} % of the pixels share the {end} value", 100.0 * share)).collect();
        Warning::new(
            "saturation",
            ends.join(", "),
            "the instrument or a program cut these values off: read the file before it was clipped, or take them out with `mask`",
        )
    })
}
