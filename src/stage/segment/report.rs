//! What is reported of classes.

use std::sync::Arc;

use super::classes::{length, obstacle, of_class};
use super::tables;
use crate::data::{Artifact, Labels, Map, Meaning, Metric, Warning};
use crate::num::quantile::quantiles;
use crate::num::sum::mean;
use crate::num::work::Work;
use crate::segment::Setting;
use crate::segment::segmentation::Segmentation;
use crate::segment::verdict::Verdict;
use crate::spatial::null::Null;
use crate::stage::null::{NO_VALUE, Side, field_note, likeness, p_row, rows, saturation};
use crate::stage::{Outputs, StageError};
use crate::unit::Unit;

/// Adjusted Rand index below which classes are not those of the sample but of the window.
const STABLE: f64 = 0.8;

/// Everything that the stage gives.
pub(super) fn outputs(
    setting: &Setting,
    map: &Map,
    found: &Segmentation,
    verdict: &Verdict,
    work: &Work<'_>,
) -> Result<Outputs, StageError> {
    let separation = found.mixed.as_ref().map_or(f64::NAN, |m| m.separation);
    let mut metrics = numbers_of_classes(verdict, separation);
    metrics.extend(quality(map, found));
    metrics.extend(of_mixture(found));
    let densities = found.boundary_densities(map);
    let mut xis = Vec::new();
    for (class, density) in densities.iter().enumerate() {
        work.go_on()?;
        let xi = length(setting, map, found, class);
        xis.push(xi.as_number().unwrap_or(f64::NAN));
        metrics.extend(of_class(map, found, verdict, class, *density, xi));
    }
    let labels = Map {
        unit: Unit::none(),
        quantity: "Class".into(),
        levelling: Vec::new(),
        ..map.with_values(found.labels.clone())
    };
    Ok(Outputs {
        artifacts: vec![
            ("classes", Artifact::Labels(Arc::new(Labels::of_map(Meaning::Classes, labels)))),
            ("table", Artifact::Table(Arc::new(tables::classes(map, found, &xis, &densities)))),
            ("deconvolution", Artifact::Table(Arc::new(tables::deconvolution(map, found)))),
            ("candidates", Artifact::Table(Arc::new(tables::candidates(verdict)))),
        ],
        metrics,
        warnings: doubts(setting, verdict).into_iter().chain(warnings(found)).collect(),
    })
}

/// Rows of k and of the separation of the classes, each beside fields of one class.
fn numbers_of_classes(verdict: &Verdict, separation: f64) -> Vec<Metric> {
    let n = verdict.independent;
    let mut out = vec![Metric::number("k", verdict.k as f64, "").n(n)];
    let note = verdict.fields.as_ref().map_or(String::new(), |f| field_note(f.fitted.as_ref(), f.made));
    match &verdict.fields {
        Ok(f) => {
            let mut answers: Vec<f64> = f.answers.iter().map(|k| *k as f64).collect();
            let [median, low, high] = quantiles(&mut answers, [0.5, 0.025, 0.975]);
            let made = f.made as f64;
            let values = if f.components == 1 { "values" } else { "principal components" };
            let view = match f.radius {
                0 => String::new(),
                r => format!(", looked at without white noise (median of {0} × {0} pixels)", 2 * r + 1),
            };
            let of_k = format!("{note}, {values} of one peak{view}");
            out.push(Metric::number("k_null", median, "").interval(low, high).n(made).note(&of_k));
            out.push(Metric::number("k_excess", verdict.k as f64 - median, "").n(made));
            out.push(p_row("k", f.p, f.made));
        }
        Err(why) => out.extend(["k_null", "k_excess", "k_p"].map(|m| Metric::missing(m, why))),
    }
    out.push(match separation.is_finite() {
        true => Metric::number("separation", separation, "").n(n),
        false => Metric::missing("separation", "there is one class, or no mixture"),
    });
    let separations = verdict.fields.as_ref().map_or(&[][..], |f| f.separations.as_slice());
    let null = Null::of(separation, separations.iter().copied()).ok_or(NO_VALUE);
    out.extend(rows("separation", "", separation, null, Side::Above, &note));
    out
}

/// What speaks against the number of classes.
fn doubts(setting: &Setting, verdict: &Verdict) -> Vec<Warning> {
    let mut out = Vec::new();
    let fitted = verdict.fields.as_ref().ok().and_then(|f| f.fitted.as_ref());
    out.extend(fitted.and_then(|f| likeness(f, "map")));
    if verdict.candidates.is_empty() {
        return out;
    }
    out.extend(verdict.fields.as_ref().ok().and_then(|f| saturation(&f.saturation)));
    if let Some(steps) = verdict.fields.as_ref().ok().and_then(|f| f.offsets) {
        out.push(Warning::new(
            "line-offsets",
            format!("lines have offsets of their own ({:.0} % of the steps from line to line); classes were sought without them", 100.0 * steps.share),
            "level the map by rows first: the classes here are cut from values with the offsets",
        ));
    }
    if let Some(tilt) = verdict.fields.as_ref().ok().and_then(|f| f.tilt) {
        out.push(Warning::new(
            "tilt",
            format!(
                "a slope through the whole map holds {:.0} % of its variance; classes were sought without it",
                100.0 * tilt.share
            ),
            "level the map by a plane first: the classes here are cut from values with the slope",
        ));
    }
    match (setting.classes, &verdict.fields) {
        (None, Err(_)) => out.push(Warning::new(
            "no-null-for-k",
            "k was chosen by the criterion of Schwarz with the number of independent patches, without surrogates",
            "give the maps a pixel size and `surrogates`: skewed and correlated values look lumpy without classes",
        )),
        (None, Ok(_)) if verdict.k == setting.most => out.push(Warning::new(
            "k-at-limit",
            format!("{} classes are the most that were compared, and all show", verdict.k),
            "raise `k_max`",
        )),
        (Some(k), Ok(f)) if !Null::stands(f.p) => out.push(Warning::new(
            "one-class",
            format!("the values have no more peaks than a field of one class, and are cut into {k}"),
            "k-means finds classes in any field; k = \"auto\" answers one here",
        )),
        (Some(k), Ok(f)) if f.components == 1 && f.shown < k => out.push(Warning::new(
            "more-classes-than-peaks",
            format!("{k} classes were asked for, and {} peaks stand out of what fields of fewer classes show", f.shown),
            format!("k = \"auto\" or k = {} gives classes that show; the table of candidates has the tests", f.shown),
        )),
        _ => {}
    }
    out
}

/// Inertia, silhouette and stability.
fn quality(map: &Map, found: &Segmentation) -> [Metric; 3] {
    let pixels = found.pixels() as f64;
    let (unit, note) = match found.scaled {
        true => (Unit::none(), "in units of the variance of each map"),
        false => (map.unit.squared(), ""),
    };
    let silhouette_of = found.silhouette_of.map_or(String::new(), |n| format!("of {n} pixels"));
    [
        Metric::with_unit("inertia", found.inertia, &unit).n(pixels).note(note),
        match found.silhouette.is_finite() {
            true => Metric::number("silhouette", found.silhouette, "").note(&silhouette_of),
            false => Metric::missing("silhouette", "one class has none"),
        },
        stability(found),
    ]
}

fn stability(found: &Segmentation) -> Metric {
    let rand: Vec<f64> = found.resamples.iter().map(|r| r.rand).collect();
    if rand.is_empty() {
        return Metric::missing("stability", found.no_interval.map_or("no resamples were asked for", obstacle));
    }
    let mut sorted = rand.clone();
    let [low, high] = quantiles(&mut sorted, [0.025, 0.975]);
    Metric::number("stability", mean(&rand), "").interval(low, high).n(rand.len() as f64).note("of resampled blocks")
}

fn of_mixture(found: &Segmentation) -> Vec<Metric> {
    let Some(m) = &found.mixed else {
        let why = if found.centres.len() < 2 { "there is one class" } else { "there is no mixture" };
        return vec![Metric::missing("modes", why), Metric::missing("overlap", why)];
    };
    let modes = match m.modes {
        Some(modes) => Metric::number("modes", modes as f64, ""),
        None => Metric::missing("modes", "of several maps peaks are not counted"),
    };
    vec![modes, Metric::number("overlap", m.overlap, "")]
}

fn warnings(found: &Segmentation) -> Vec<Warning> {
    let mut out = Vec::new();
    let rand: Vec<f64> = found.resamples.iter().map(|r| r.rand).collect();
    if !rand.is_empty() && mean(&rand) < STABLE {
        out.push(Warning::new(
            "unstable-classes",
            format!("resampled blocks agree with the classes to {:.2} only (adjusted Rand index)", mean(&rand)),
            "take fewer classes, or a larger map",
        ));
    }
    if let Some(m) = &found.mixed {
        if m.modes == Some(1) {
            out.push(Warning::new(
                "one-peak",
                format!(
                    "{} classes overlap in one peak: a single skewed phase has such a histogram",
                    m.components.len()
                ),
                "look at the map of classes: do they have shapes that noise has not?",
            ));
        }
        if !m.converged {
            out.push(Warning::new(
                "slow-mixture",
                "the mixture had not come to rest: its components overlap too much to be told apart",
                "take fewer classes",
            ));
        }
    }
    out
}
