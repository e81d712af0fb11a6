//! What correlation lengths say, as rows, curves and warnings.

use super::Correlation;
use super::model::{misfit, models, of_model};
use crate::data::{Map, Metric, Standing, Volume, Warning};
use crate::reduce::lengths::VolumeLengths;
use crate::spatial::lengths::{Lengths, MapLengths, NoLength};
use crate::spatial::resolution::{DISC, Verdict, judge};
use crate::unit::Unit;

/// Coefficient of determination below which no model describes H(r).
const POOR: f64 = 0.9;
/// Part of the variance above which what levelling takes is said.
const LOST: f64 = 0.05;

/// What lengths are of: a map, or a volume.
struct Subject<'a> {
    unit: &'a Unit,
    /// "pixel" or "voxel"; "window" or "volume".
    words: [&'static str; 2],
    /// Why there is no interval.
    no_interval: &'a str,
}

/// Metrics and warnings of a map.
pub(super) fn of_map(stage: &Correlation, map: &Map, found: &MapLengths) -> (Vec<Metric>, Vec<Warning>) {
    let lengths = &found.lengths;
    let mut warnings = Vec::new();
    if found.unstable {
        warnings.push(Warning::new(
            "no-interval",
            "simulated fields of the fitted covariance cannot be fitted: there is no interval, and the bias stays in",
            "the window holds too few correlation lengths; scan a larger area",
        ));
    }
    let seen = observed(map, found);
    let (verdict, limits) = judge(lengths.covariance.xi, lengths.steps[1], stage.contact(), lengths.window);
    let rejected = misfit(found);
    let verdict = if rejected.is_some() { Verdict::ModelRejected } else { verdict };
    let note = joined(rejected.iter().chain(&limits).chain(&seen));
    warnings.extend(rejected);
    warnings.extend(limits);
    warnings.extend(lost_to_levelling(map, found));
    warnings.extend(seen);
    let subject = Subject { unit: &map.unit, words: ["pixel", "window"], no_interval: "" };
    let mut out = principal(found.reading.noise, lengths, &subject, &note);
    if verdict == Verdict::ModelRejected {
        out.iter_mut().take(3).for_each(|m| *m = m.clone().standing(Standing::ModelRejected, ""));
    }
    let (n, raw) = (lengths.independent, lengths.fitted.covariance);
    out.extend([
        Metric::number("xi_raw", raw.xi, "m").n(n),
        Metric::with_unit("sigma_raw", raw.sigma, &map.unit).n(n),
        Metric::number("alpha_raw", raw.alpha, "").n(n),
        Metric::text("xi_verdict", verdict.name()).note(&note),
    ]);
    out.extend(null(stage, lengths, "the pixel; give `contact_radius` or `tip` for the probe's"));
    out.extend(axes(lengths, &subject));
    out.extend(anisotropy(stage, found));
    out.extend(of_model(found));
    out.extend(models(&found.reading, lengths, &found.functions.radial));
    (out, warnings)
}

/// Metrics and warnings of a volume.
pub(super) fn of_volume(stage: &Correlation, volume: &Volume, found: &VolumeLengths) -> (Vec<Metric>, Vec<Warning>) {
    let lengths = &found.lengths;
    let (verdict, warnings) = judge(lengths.covariance.xi, lengths.steps[1], stage.contact(), lengths.window);
    let note = joined(&warnings);
    let no_interval = found.no_interval.as_deref().unwrap_or_default();
    let subject = Subject { unit: &volume.unit, words: ["voxel", "volume"], no_interval };
    let mut out = principal(found.reading.noise, lengths, &subject, &note);
    out.push(Metric::text("xi_verdict", verdict.name()).note(&note));
    out.extend(null(stage, lengths, "the voxel"));
    out.extend(axes(lengths, &subject));
    let (low, high) = lengths.axes.iter().fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(*v), h.max(*v)));
    out.push(if low > 0.0 && high.is_finite() && lengths.axes.iter().all(|v| v.is_finite()) {
        Metric::number("anisotropy", high / low, "").n(lengths.independent).note("along the axes alone")
    } else {
        Metric::missing("anisotropy", "an axis cannot be fitted")
    });
    if stage.intervals.count().is_some() {
        let why = "models of volumes are not tested";
        out.extend([Metric::missing("model_p", why), missing("xi_short", why), missing("xi_long", why)]);
        out.push(Metric::missing("share_long", why));
    }
    out.extend(models(&found.reading, lengths, &found.pooled));
    (out, warnings)
}

/// Messages of warnings in one note.
fn joined<'a>(warnings: impl IntoIterator<Item = &'a Warning>) -> String {
    warnings.into_iter().map(|w| w.message.as_str()).collect::<Vec<_>>().join("; ")
}

/// ξ, σ, α, noise and how well the model fits.
fn principal(noise: bool, lengths: &Lengths, of: &Subject<'_>, note: &str) -> Vec<Metric> {
    let (c, n) = (lengths.covariance, lengths.independent);
    let bias = if lengths.unbiased { "" } else { "bias not removed" };
    let with = |m: Metric, k: usize| interval(m, lengths.intervals.map(|i| i[k]), of).n(n);
    // A volume's jackknife says nothing of the noise.
    let known = noise && lengths.unbiased;
    vec![
        match obstacle(lengths, c.xi, of) {
            Some(why) => missing("xi", &why).note(note),
            None => with(Metric::number("xi", c.xi, "m").note(bias).note(note), 0),
        },
        with(Metric::with_unit("sigma", c.sigma, of.unit).note(bias), 1),
        with(Metric::number("alpha", c.alpha, "").note(bias), 2),
        match known {
            true => with(Metric::with_unit("noise", c.noise, of.unit), 3),
            false => Metric::with_unit("noise", c.noise, of.unit).n(n),
        },
        Metric::number("r2", lengths.fitted.r2, "").n(lengths.fitted.points as f64),
        Metric::number("window_over_xi", lengths.window / c.xi, ""),
    ]
}

fn interval(m: Metric, ends: Option<[f64; 2]>, of: &Subject<'_>) -> Metric {
    match ends {
        Some([low, high]) => m.interval(low, high),
        None => m.note(of.no_interval),
    }
}

pub(super) fn missing(name: &str, why: &str) -> Metric {
    Metric { unit: Unit::of("m"), ..Metric::missing(name, why) }
}

/// Why a length cannot be one of these data.
fn obstacle(lengths: &Lengths, xi: f64, of: &Subject<'_>) -> Option<String> {
    let [step, window] = of.words;
    Some(match lengths.obstacle(xi)? {
        NoLength::NotFitted => "the direction cannot be fitted".into(),
        NoLength::BeyondWindow => format!("longer than the {window}: H(r) has no plateau in this direction"),
        NoLength::BelowStep => format!("below the {step}: neighbours in this direction are uncorrelated"),
    })
}

/// What the probe makes of white noise; `step` says what stands for it where the contact is not known.
fn null(stage: &Correlation, lengths: &Lengths, step: &str) -> Vec<Metric> {
    if stage.surrogates == 0 {
        return Vec::new();
    }
    let (null, why) = match stage.contact() {
        Some(a) => (DISC * a, "white noise seen through the contact"),
        None => (lengths.steps[1], step),
    };
    let excess = Metric::number("xi_excess", lengths.covariance.xi - null, "m").n(lengths.independent);
    // The interval of ξ moves with it where the bias is known as well.
    let ends = lengths.intervals.filter(|_| lengths.unbiased).map(|i| i[0].map(|v| v - null));
    vec![
        Metric::number("xi_null", null, "m").note(why),
        match ends {
            Some([low, high]) => excess.interval(low, high),
            None => excess,
        },
    ]
}

/// ξ along the axes.
fn axes(lengths: &Lengths, of: &Subject<'_>) -> Vec<Metric> {
    let ends = |k: usize| lengths.axis_intervals.as_ref().map(|i| i[k]);
    let named = ["xi_fast", "xi_slow", "xi_z"].iter().zip(&lengths.axes).enumerate();
    named
        .map(|(k, (name, xi))| match obstacle(lengths, *xi, of) {
            Some(why) => missing(name, &why),
            None => interval(Metric::number(name, *xi, "m"), ends(k), of).n(lengths.independent),
        })
        .collect()
}

/// Warnings of what is wrong with the curves themselves.
fn observed(map: &Map, found: &MapLengths) -> Vec<Warning> {
    let mut out = Vec::new();
    let row_step = map.pixel.map_or(f64::NAN, |p| p[0]);
    if let Some([ratio, across]) = found.line_noise(row_step) {
        let times = if ratio > 20.0 { "more than 20".to_string() } else { format!("{ratio:.1}") };
        out.push(Warning::new(
            "line-noise",
            format!("ξ across the lines is {across:.1} pixels, along them {times} times as long"),
            "line-to-line noise of the scan is part of ξ: level rows by `row = \"median-difference\"`, scan slower, or compare forward with backward",
        ));
    }
    let r2 = found.lengths.fitted.r2;
    if r2 < POOR {
        out.push(Warning::new(
            "poor-fit",
            format!("the model explains {:.0} % of the variation of H(r)", 100.0 * r2.max(0.0)),
            "look at the curve: two lengths, a background or scan noise are not in the model; try `noise`, another levelling, a smaller `r_max`",
        ));
    }
    out
}

fn lost_to_levelling(map: &Map, found: &MapLengths) -> Option<Warning> {
    let lost = found.lost_to_levelling(map).filter(|lost| *lost > LOST)?;
    Some(Warning::new(
        "levelling-eats-xi",
        format!("line levelling takes about {:.0} % of the variance at this ξ", 100.0 * lost.min(1.0)),
        "level the whole map by a plane instead, or scan longer lines; the bootstrap corrects ξ and σ for it",
    ))
}

fn anisotropy(stage: &Correlation, found: &MapLengths) -> Vec<Metric> {
    if stage.sectors == 0 {
        return Vec::new();
    }
    let e = &found.estimate;
    let or_missing = |name: &str, v: f64, unit: &str| match v.is_finite() {
        true => Metric::number(name, v, unit).n(found.lengths.independent),
        false => Metric::missing(name, "a sector cannot be fitted"),
    };
    let mut out = vec![or_missing("anisotropy", e.anisotropy, "")];
    if let Some(b) = &found.bootstrap {
        out.push(or_missing("anisotropy_null", b.isotropic_limit, ""));
        out.push(or_missing("anisotropy_p", if e.anisotropy.is_finite() { b.isotropy_p } else { f64::NAN }, ""));
    }
    out.push(or_missing("anisotropy_angle", e.anisotropy_angle, "deg"));
    out
}
