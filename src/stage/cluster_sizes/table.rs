//! Number of sizes at least as large, with the laws and the band of surrogates.

use super::*;

/// N(≥ size) with the laws, thinned where there are many sizes.
pub(super) fn curve(scale: &Scale, all: &Sizes, tail: &Tail<'_>, found: &Comparison, others: &[Sizes]) -> Table {
    let values = all.values();
    let mut at: Vec<(f64, f64)> = Vec::new();
    let mut below = 0;
    for group in values.chunk_by(|a, b| a == b) {
        at.push((group[0], (values.len() - below) as f64));
        below += group.len();
    }
    let step = at.len().div_ceil(POINTS).max(1);
    let last = at.len().saturating_sub(1);
    let kept: Vec<(f64, f64)> =
        at.iter().enumerate().filter(|(i, _)| i % step == 0 || *i == last).map(|(_, v)| *v).collect();
    let law = found.preferred();
    let of = |law: &Law, x: f64| if x >= tail.x_min { tail.n() * law.survival(x, tail) } else { f64::NAN };
    let none = Unit::none();
    // What 95 % of the surrogates have: counts of at least the same size.
    let band: Vec<[f64; 2]> = kept
        .iter()
        .map(|k| {
            let at_least = |s: &Sizes| (s.values().len() - s.values().partition_point(|v| *v < k.0)) as f64;
            let mut counts: Vec<f64> = others.iter().map(at_least).collect();
            quantiles(&mut counts, [0.025, 0.975])
        })
        .collect();
    Table {
        columns: vec![
            Column::number("size", &scale.unit, kept.iter().map(|k| scale.size(k.0))),
            Column::number("count", &none, kept.iter().map(|k| k.1)),
            Column::number("power_law", &none, kept.iter().map(|k| of(&found.power, k.0))),
            Column::number("preferred", &none, kept.iter().map(|k| of(&law, k.0))),
            Column::number("null_low", &none, band.iter().map(|b| b[0])),
            Column::number("null_high", &none, band.iter().map(|b| b[1])),
        ],
    }
}
