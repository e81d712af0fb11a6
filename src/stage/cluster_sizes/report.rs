//! What a law of sizes says, as rows and a curve.

use crate::data::{Metric, Standing};
use crate::num::quantile::quantiles;
use crate::spatial::null::Null;
use crate::spatial::sizes::analysis::{Population, SizeLaw, SizeNull};
use crate::spatial::sizes::law::{Law, Name};
use crate::spatial::sizes::scale::Scale;
use crate::spatial::sizes::tail::{Sizes, Tail};
use crate::spatial::sizes::verdict::{Named, Range, Verdict};
use crate::stage::null::{self, NO_VALUE, Side};
use crate::stage::tables::SizeCurve;

/// What a law of sizes that cannot be told is called (METHODS §6).
pub(in crate::stage) const UNDECIDED: &str = "undecided";
/// Points of the curve that is drawn.
const POINTS: usize = 2000;

/// Rows of the law.
pub(super) fn rows(population: &Population, found: &SizeLaw, left_out: &str) -> Vec<Metric> {
    let scale = &population.scale;
    let (alpha, cutoff, x_min) = found.parameters();
    let shown = matches!(&found.verdict, Verdict::Named(n) if matches!(n.law.name(), Name::Power | Name::Cutoff));
    // An exponent of a law that is not shown to hold has no truth that an interval could cover.
    let boot = found.resampled.as_ref().filter(|_| shown);
    let n = found.sizes.tail(x_min).n();
    let whose = match &found.verdict {
        Verdict::Named(named) if !matches!(named.law.name(), Name::Power | Name::Cutoff) => {
            let why = format!("of the power law; the sizes are {}, so it has no interval", named.law.name().text());
            Standing::ModelRejected.note(&why)
        }
        Verdict::Named(_) => String::new(),
        Verdict::Undecided(_) => {
            Standing::GuideOnly.note("of the power law, which is not shown to hold, so it has no interval")
        }
    };
    let with = |m: Metric, i: Option<[f64; 2]>, map: &dyn Fn(f64) -> f64| match i {
        Some([low, high]) => m.interval(map(low), map(high)),
        None => m,
    };
    let exponent = |tau: f64| scale.exponent(tau);
    let size = |x: f64| scale.size(x);
    let mut out = vec![
        with(Metric::number("alpha", exponent(alpha), "").n(n), boot.and_then(|b| b.alpha), &exponent)
            .note(scale.about())
            .note(&whose)
            .note(left_out),
        with(Metric::with_unit("x_min", size(x_min), &scale.unit).n(n), boot.and_then(|b| b.x_min), &size),
        match cutoff.is_finite() {
            true => with(
                Metric::with_unit("cutoff", size(cutoff * x_min), &scale.unit).n(n),
                boot.and_then(|b| b.cutoff),
                &size,
            ),
            false => Metric {
                unit: scale.unit.clone(),
                ..Metric::missing("cutoff", "the law with a cut-off is not preferred")
            },
        },
        Metric::number("tail_n", n, "").n(population.values.len() as f64).note(left_out),
        fit(found),
        preferred(found),
    ];
    let range = match found.verdict {
        Verdict::Named(Named { range: Range::Tail, .. }) => "from where the power law begins on",
        _ => "over all sizes",
    };
    for name in Name::ALL.into_iter().skip(1) {
        let (lr, p) = (format!("lr_{}", name.text()), format!("p_{}", name.text()));
        match found.comparison.rivals.iter().find(|r| r.law.name() == name) {
            Some(r) => {
                out.push(Metric::number(&lr, r.ratio, "").n(found.comparison.n).note(range));
                out.push(Metric::number(&p, r.p, "").n(found.comparison.n).note(range));
            }
            None => out.extend([lr, p].map(|m| Metric::missing(&m, "the law cannot be fitted"))),
        }
    }
    out
}

/// Goodness of fit of the named law, else of the power law.
fn fit(found: &SizeLaw) -> Metric {
    match (&found.verdict, found.ks_p, &found.resampled) {
        (Verdict::Named(Named { law, fit_p: Some(p), .. }), ..) => {
            Metric::number("ks_p", *p, "").n(found.claimed().n()).note(&format!("of the law {}", law.name().text()))
        }
        (_, Some(p), _) => Metric::number("ks_p", p, "").n(found.tail().n()).note("of the power law"),
        (.., Some(_)) => Metric::missing("ks_p", "no resampled sizes have a law"),
        (.., None) => Metric::missing("ks_p", "it is made by resampling: uncertainty = \"bootstrap\""),
    }
}

/// The law, or that it cannot be told.
fn preferred(found: &SizeLaw) -> Metric {
    match &found.verdict {
        Verdict::Named(named) => {
            let unchecked = "the likeliest; whether it fits is found by resampling, uncertainty = \"bootstrap\"";
            let note = if named.fit_p.is_some() { "" } else { unchecked };
            Metric::text("preferred", named.law.name().text()).n(found.claimed().n()).note(note)
        }
        Verdict::Undecided(why) => {
            Metric::text("preferred", UNDECIDED).n(found.whole().n()).standing(Standing::CannotBeTold, &why.to_string())
        }
    }
}

/// Every metric missing for one reason, those of the null among them where there are surrogates.
pub(super) fn nothing(why: &str, note: &str, null: bool) -> Vec<Metric> {
    let rivals = Name::ALL.into_iter().skip(1).flat_map(|n| [format!("lr_{}", n.text()), format!("p_{}", n.text())]);
    let names = ["alpha", "x_min", "cutoff", "tail_n", "ks_p", "preferred"].map(String::from);
    let mut out: Vec<Metric> = names.into_iter().chain(rivals).map(|n| Metric::missing(&n, why).note(note)).collect();
    if null {
        out.extend(no_null(why));
    }
    out
}

/// The law beside those of surrogates.
pub(super) fn null_rows(null: &SizeNull) -> Vec<Metric> {
    let note = format!("{} of {} surrogates have a law", null.with_law, null.made);
    let mut out: Vec<Metric> =
        null::rows("alpha", "", null.value, null.alpha.ok_or(NO_VALUE), Side::Both, &note).into();
    let Some(commonest) = null.commonest else {
        out.extend(["preferred_null", "preferred_p"].map(|m| Metric::missing(m, NO_VALUE)));
        return out;
    };
    out.push(Metric::text("preferred_null", commonest.text()).note(&note));
    out.push(match null.p {
        None => Metric::missing("preferred_p", "no law is preferred"),
        Some(p) => {
            let m = Metric::number("preferred_p", p, "").n(null.with_law as f64);
            let why = "featureless fields prefer this law as well";
            if Null::stands(p) { m } else { m.standing(Standing::NotAboveTheNull, why) }
        }
    });
    out
}

/// The rows of the null, missing for one reason.
pub(super) fn no_null(why: &str) -> Vec<Metric> {
    let mut out: Vec<Metric> = null::rows("alpha", "", f64::NAN, Err(why), Side::Both, "").into();
    out.extend(["preferred_null", "preferred_p"].map(|m| Metric::missing(m, why)));
    out
}

/// N(≥ size) with the laws and the band of surrogates, thinned where there are many sizes.
pub(super) fn curve(scale: &Scale, found: &SizeLaw, fields: &[Sizes]) -> SizeCurve {
    let (values, tail, claimed) = (found.sizes.values(), found.tail(), found.claimed());
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
    let power = Law::Power { alpha: found.start.alpha };
    let named = match &found.verdict {
        Verdict::Named(named) => Some(named.law),
        Verdict::Undecided(_) => None,
    };
    let expected = |law: &Law, tail: &Tail<'_>, x: f64| match x >= tail.x_min {
        true => tail.n() * law.survival(x, tail),
        false => f64::NAN,
    };
    // What 95 % of the surrogates have: counts of at least the same size.
    let band = |x: f64| {
        let at_least = |s: &Sizes| (s.values().len() - s.values().partition_point(|v| *v < x)) as f64;
        quantiles(&mut fields.iter().map(at_least).collect::<Vec<f64>>(), [0.025, 0.975])
    };
    let (null_low, null_high) = kept.iter().map(|k| band(k.0).into()).unzip();
    SizeCurve {
        size: kept.iter().map(|k| scale.size(k.0)).collect(),
        count: kept.iter().map(|k| k.1).collect(),
        power_law: kept.iter().map(|k| expected(&power, &tail, k.0)).collect(),
        preferred: kept.iter().map(|k| named.map_or(f64::NAN, |law| expected(&law, &claimed, k.0))).collect(),
        null_low,
        null_high,
        units: vec![scale.unit.clone()],
    }
}
