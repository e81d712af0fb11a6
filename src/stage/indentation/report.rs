//! Maps, tables, metrics and warnings of evaluated points.

use std::sync::Arc;

use super::points::Points;
use super::tables::{curves, table};
use super::{Indentation, ModelName};
use crate::contact::indentation::curve::Flag;
use crate::contact::indentation::evaluation::Evaluation;
use crate::data::{Artifact, Map, Metric, Warning};
use crate::num::quantile::median;
use crate::stage::{Outputs, StageError};
use crate::unit::Unit;

/// Contact radii that neighbours must be apart (METHODS §14).
const APART: f64 = 2.0;

pub(super) fn outputs(stage: &Indentation, points: &Points, all: &[Evaluation]) -> Result<Outputs, StageError> {
    let good: Vec<&Evaluation> = all.iter().filter(|e| e.flag == Flag::Good).collect();
    if good.is_empty() {
        let reasons = reasons(points, all);
        return Err(StageError::Failed(format!("no point could be evaluated: {}", reasons.join("; "))));
    }
    let mut artifacts = maps(stage, points, all);
    artifacts.push(("points", Artifact::Table(Arc::new(table(stage, points, all)))));
    artifacts.push(("curves", Artifact::Table(Arc::new(curves(points, all).table()))));
    let (metrics, warnings) = metrics(stage, points, all, &good);
    Ok(Outputs { artifacts, metrics, warnings })
}

fn maps(stage: &Indentation, points: &Points, all: &[Evaluation]) -> Vec<(&'static str, Artifact)> {
    let modulus = match stage.model {
        ModelName::OliverPharr => "Reduced modulus",
        ModelName::Given => "Modulus",
        _ => "Shear modulus",
    };
    type Property = fn(&Evaluation) -> f64;
    let wanted: [(&'static str, &str, &str, Property); 6] = [
        ("modulus", modulus, "GPa", |e| e.modulus),
        ("relaxation_time", "Relaxation time", "ms", |e| e.relaxation_time),
        ("viscosity", "Viscosity", "MPa s", |e| e.viscosity),
        ("young", "Young’s modulus", "GPa", |e| e.young),
        ("hardness", "Hardness", "GPa", |e| e.hardness),
        ("residual", "Residual depth", "nm", |e| e.residual),
    ];
    let mut out = Vec::new();
    let lay = |of: &dyn Fn(&Evaluation) -> f64, empty: f64| {
        let mut values = ndarray::Array2::from_elem((points.shape[0], points.shape[1]), empty);
        for (e, place) in all.iter().zip(&points.places) {
            if let Some(cell) = place.and_then(|p| values.get_mut(p)) {
                *cell = of(e);
            }
        }
        values
    };
    let map = |values, unit: &str, quantity: &str| {
        Artifact::Map(Arc::new(Map {
            values,
            unit: Unit::of(unit),
            quantity: quantity.into(),
            pixel: points.pixel,
            levelling: Vec::new(),
            convention: None,
        }))
    };
    for (name, quantity, unit, of) in wanted {
        let values = lay(&|e| if e.flag == Flag::Good { of(e) } else { f64::NAN }, f64::NAN);
        if values.iter().any(|v| v.is_finite()) {
            out.push((name, map(values, unit, quantity)));
        }
    }
    out.push(("flags", map(lay(&|e| e.flag.number(), Flag::Missing.number()), "", "Flag")));
    out
}

/// Each flag that is not good with its count and the reason of the first.
fn reasons(points: &Points, all: &[Evaluation]) -> Vec<String> {
    let first_of = |flag: Flag| {
        let which: Vec<usize> = (0..all.len()).filter(|i| all[*i].flag == flag).collect();
        let first = which.first()?;
        Some(format!("{} {} (point {}: {})", which.len(), flag.name(), points.points[*first].name, all[*first].why))
    };
    Flag::ALL.into_iter().filter(|f| *f != Flag::Good).filter_map(first_of).collect()
}

fn metrics(
    stage: &Indentation,
    points: &Points,
    all: &[Evaluation],
    good: &[&Evaluation],
) -> (Vec<Metric>, Vec<Warning>) {
    let n = all.len() as f64;
    let mut warnings = points.warnings.clone();
    let mut out = vec![Metric::number("points", n, ""), Metric::number("good", good.len() as f64, "").n(n)];
    let unchecked = all.iter().filter(|e| e.flag == Flag::Good && !e.unloaded).count();
    for flag in Flag::ALL.into_iter().filter(|f| *f != Flag::Good) {
        let count = all.iter().filter(|e| e.flag == flag).count();
        let empty = if flag == Flag::Missing {
            points.shape[0] * points.shape[1] - points.places.iter().flatten().count()
        } else {
            0
        };
        let m = Metric::number(&flag.name().replace('-', "_"), (count + empty) as f64, "").n(n);
        let note = match (flag, stage.model, unchecked) {
            (Flag::Plastic, ModelName::Given, _) => "a finished table has no curves".to_string(),
            (Flag::Plastic, _, 1) => "1 point has no unloading that could tell".to_string(),
            (Flag::Plastic, _, 2..) => format!("{unchecked} points have no unloading that could tell"),
            _ => String::new(),
        };
        out.push(m.note(&note));
    }
    let left = reasons(points, all);
    if !left.is_empty() {
        warnings.push(Warning::new(
            "points-left-out",
            format!("left out: {}", left.join("; ")),
            "the table of points says why for each; the maps hold the others",
        ));
    }
    let typical = |f: fn(&Evaluation) -> f64| {
        let mut v: Vec<f64> = good.iter().map(|e| f(e)).filter(|v| v.is_finite()).collect();
        median(&mut v)
    };
    let missing = |name: &str, unit: &str, why: &str| Metric { unit: Unit::of(unit), ..Metric::missing(name, why) };
    let known = |name: &str, v: f64, unit: &str, why: &str| match v.is_finite() {
        true => Metric::number(name, v, unit).n(good.len() as f64),
        false => missing(name, unit, why),
    };
    out.push(known("modulus_error", typical(|e| e.errors[0]), "", "a finished table has no curves"));
    let radius = typical(|e| e.contact_radius);
    out.push(known("contact_radius", radius, "nm", "a finished table tells it with `load` and `hardness`, or `depth`"));
    let pitch = points.pixel.map_or(f64::NAN, |p| p[0].min(p[1]));
    let why = if points.pixel.is_none() { "the points have no grid" } else { "the contact radius is not known" };
    out.push(known("pitch_over_radius", pitch / radius, "", why));
    if pitch / radius < APART {
        let nm = |v: f64| crate::unit::display::quantity(v, &Unit::of("m"));
        warnings.push(Warning::new(
            "overlapping-indents",
            format!(
                "the pitch of {} is below two contact radii ({}): neighbouring points feel the same material and the map is a \
                 moving average",
                nm(pitch),
                nm(2.0 * radius)
            ),
            "choose a wider pitch or a smaller load; lengths below two contact radii are those of the contact",
        ));
    }
    (out, warnings)
}
