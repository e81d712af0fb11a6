//! The model of a covariance: which one, what others would give, and what simulated fields say of it.

use super::report::missing;
use crate::data::{Metric, Standing, Warning};
use crate::spatial::covariance::Model;
use crate::spatial::lengths::{Lengths, MapLengths, Misfit, Reading, candidates};
use crate::spatial::null::Null;
use crate::spatial::structure_function::Curve;
use crate::unit::{Unit, display::quantity};

/// What simulated fields lack that the map has.
pub(super) fn misfit(found: &MapLengths) -> Option<Warning> {
    let p = found.bootstrap.as_ref().map_or(f64::NAN, |b| b.model_p);
    let name = found.reading.model.chosen(found.lengths.fitted.covariance.alpha).name();
    let m = Unit::of("m");
    Some(match found.misfit()? {
        Misfit::Noise => Warning::new(
            Standing::ModelRejected.words(),
            format!("the map has white noise, and the model {name} has none (p = {p:.2}): ξ is too long, α too small"),
            "set `noise = true`, or `model = \"auto\"`, which takes it in by itself",
        ),
        Misfit::TwoLengths([short, long], share) => Warning::new(
            Standing::ModelRejected.words(),
            format!(
                "two lengths, {} and {} with {:.0} % of the variance, describe H(r) better than the model {name} by more than its \
                 own fields show (p = {p:.2})",
                quantity(short, &m),
                quantity(long, &m),
                100.0 * share
            ),
            "ξ, σ and α are those of a model that the map has not: report `xi_short` and `xi_long`, or level what is no part of the structure",
        ),
    })
}

/// p of the model, and the lengths where it has two.
pub(super) fn of_model(found: &MapLengths) -> Vec<Metric> {
    let Some(b) = &found.bootstrap else { return Vec::new() };
    let n = b.replicates as f64;
    let mut out = vec![match b.model_p.is_finite() {
        true => {
            Metric::number("model_p", b.model_p, "").n(n).note("hypothesis: one length, no noise but the fitted one")
        }
        false => Metric::missing("model_p", "too few lags for white noise or a second length"),
    }];
    let names = ["xi_short", "xi_long", "share_long"];
    match found.misfit() {
        Some(Misfit::TwoLengths([short, long], share)) => {
            let read = found.two.map_or([short, long, share], |t| t.values);
            for (k, (name, unit)) in names.into_iter().zip(["m", "m", ""]).enumerate() {
                let m = Metric::number(name, read[k], unit);
                out.push(match found.two {
                    None => m.standing(Standing::GuideOnly, "fields of two lengths cannot be read: no interval"),
                    Some(t) => {
                        let [low, high] = t.intervals[k];
                        let m = m.interval(low, high).n(t.replicates as f64);
                        match Null::stands(t.p) {
                            true => m.standing(Standing::GuideOnly, "two lengths do not describe the map either"),
                            false => m,
                        }
                    }
                });
            }
        }
        _ => {
            let why = "a second length does not stand out of fields of one";
            out.extend([missing(names[0], why), missing(names[1], why), Metric::missing(names[2], why)]);
        }
    }
    out
}

/// The model, and AICc of the candidates on the same lags.
pub(super) fn models(reading: &Reading, lengths: &Lengths, curve: &Curve) -> Vec<Metric> {
    let chosen = reading.model.chosen(lengths.fitted.covariance.alpha);
    let mut model = Metric::text("model", chosen.name());
    if reading.model == Model::Auto {
        model = model.note("chosen by AICc");
    }
    if reading.noise {
        model = model.note("with a nugget");
    }
    let mut out = vec![model];
    out.extend(candidates(curve, lengths.r_max).map(|(name, fitted)| match fitted {
        Ok(f) => Metric::number(name, f.aicc, "").n(f.points as f64),
        Err(e) => Metric::missing(name, &e.to_string()),
    }));
    out
}
