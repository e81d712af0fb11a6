//! What the regions of surrogates say of a law of sizes.

use super::*;

/// The law of each surrogate.
pub(super) fn nulls(
    others: &[Sizes],
    given: &Population,
    tail: &Tail<'_>,
    found: &Comparison,
    x_min: Option<f64>,
) -> Vec<Metric> {
    let law = found.preferred();
    let laws: Vec<(f64, Option<Name>)> = ordered(others.len(), |i| {
        let s = begin(&others[i], x_min)?;
        let tail = others[i].tail(s.x_min);
        let found = compare(&tail)?;
        // Like with like: the exponent of the law that the map's exponent is one of.
        let same = if law.name() == Name::Cutoff { Law::fit(Name::Cutoff, &tail)? } else { found.power };
        Some((given.scale.exponent(parameters(&same, s.alpha).0), given.scale.called(&tail, &found).ok()))
    })
    .into_iter()
    .flatten()
    .collect();
    let Law::Power { alpha: tau } = found.power else { return Vec::new() };
    let value = given.scale.exponent(parameters(&law, tau).0);
    let null = Null::of(value, laws.iter().map(|l| l.0)).ok_or(NO_VALUE);
    let note = format!("{} of {} surrogates have a law", laws.len(), others.len());
    let mut out: Vec<Metric> = rows("alpha", "", value, null, Side::Both, &note).into();
    let count = |name: Name| laws.iter().filter(|l| l.1 == Some(name)).count();
    let commonest = Name::ALL.into_iter().max_by_key(|n| count(*n)).unwrap_or(Name::Power);
    if laws.len() < Null::FEWEST {
        out.push(Metric::missing("preferred_null", NO_VALUE));
        out.push(Metric::missing("preferred_p", NO_VALUE));
        return out;
    }
    out.push(Metric::text("preferred_null", commonest.text()).note(&note));
    let Ok(own) = given.scale.called(tail, found) else {
        out.push(Metric::missing("preferred_p", "no law is preferred"));
        return out;
    };
    let p = (1 + count(own)) as f64 / (1 + laws.len()) as f64;
    let verdict = if p < Null::LEVEL { "" } else { "not above the null: featureless fields prefer this law as well" };
    out.push(Metric::number("preferred_p", p, "").n(laws.len() as f64).note(verdict));
    out
}

/// The rows of the null, missing for one reason.
pub(super) fn no_null(why: &str) -> Vec<Metric> {
    let mut out: Vec<Metric> = rows("alpha", "", f64::NAN, Err(why), Side::Both, "").into();
    out.extend(["preferred_null", "preferred_p"].map(|m| Metric::missing(m, why)));
    out
}
