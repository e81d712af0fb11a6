//! Maps, tables, metrics and warnings of evaluated points.

use std::sync::Arc;

use super::evaluate::Evaluation;
use super::points::Points;
use super::{Indentation, ModelName};
use crate::contact::indentation::curve::Flag;
use crate::data::{Artifact, Column, Map, Metric, Table, Warning};
use crate::num::quantile::median;
use crate::stage::{Outputs, StageError};
use crate::unit::Unit;

/// Curves that the table of curves holds, and points of each.
const CURVES: usize = 12;
const SAMPLES: usize = 400;
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
    artifacts.push(("curves", Artifact::Table(Arc::new(curves(points, all)))));
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

/// One row a point.
fn table(stage: &Indentation, points: &Points, all: &[Evaluation]) -> Table {
    let unit = Unit::of;
    let none = Unit::none();
    let number =
        |name: &str, u: &str, of: &dyn Fn(&Evaluation) -> f64| Column::number(name, &unit(u), all.iter().map(of));
    let place = |k: usize| points.places.iter().map(move |p| p.map_or(f64::NAN, |p| p[k] as f64));
    let position = |k: usize| points.points.iter().map(move |p| p.position.map_or(f64::NAN, |p| p[k]));
    let mut columns = vec![
        Column::text("point", points.points.iter().map(|p| p.name.clone()).collect()),
        Column::number("row", &none, place(0)),
        Column::number("column", &none, place(1)),
        Column::number("x", &unit("µm"), position(0)),
        Column::number("y", &unit("µm"), position(1)),
        Column::text("flag", all.iter().map(|e| e.flag.name().to_string()).collect()),
        Column::text("reason", all.iter().map(|e| e.why.clone()).collect()),
    ];
    let ended = |of: fn(&Evaluation) -> f64, k: usize, sign: f64| {
        move |e: &Evaluation| of(e) * libm::exp(sign * 1.96 * e.errors[k])
    };
    type Property = fn(&Evaluation) -> f64;
    let with_ends: [(&str, &str, Property, usize); 3] = [
        ("modulus", "GPa", |e| e.modulus, 0),
        ("relaxation_time", "ms", |e| e.relaxation_time, 1),
        ("viscosity", "MPa s", |e| e.viscosity, 2),
    ];
    for (name, u, of, k) in with_ends {
        columns.push(number(name, u, &of));
        columns.push(number(&format!("{name}_low"), u, &ended(of, k, -1.0)));
        columns.push(number(&format!("{name}_high"), u, &ended(of, k, 1.0)));
    }
    columns.push(number("young", "GPa", &|e| e.young));
    match stage.model {
        ModelName::StandardLinearSolid => {
            columns.push(number("modulus_anelastic", "GPa", &|e| e.second[0]));
            columns.push(number("viscosity_effective", "MPa s", &|e| e.second[1]));
        }
        ModelName::OliverPharr => {
            columns.push(number("hardness", "GPa", &|e| e.hardness));
            columns.push(number("stiffness", "mN/nm", &|e| e.stiffness));
            columns.push(number("creep_rate", "nm/s", &|e| e.creep[0]));
            columns.push(number("creep", "", &|e| e.creep[1]));
        }
        ModelName::Given => columns.push(number("hardness", "GPa", &|e| e.hardness)),
        _ => {}
    }
    columns.push(number("load_max", "mN", &|e| e.load));
    columns.push(number("depth_max", "nm", &|e| e.depth));
    columns.push(number("contact_radius", "nm", &|e| e.contact_radius));
    columns.push(number("contact_point", "nm", &|e| e.contact[0]));
    columns.push(number("contact_point_error", "nm", &|e| e.contact[1]));
    columns.push(number("drift", "nm/s", &|e| e.drift));
    columns.push(number("residual", "nm", &|e| e.residual));
    columns.push(number("r2", "", &|e| e.r2));
    columns.push(number("samples", "", &|e| e.samples as f64));
    Table { columns }
}

/// Measured and fitted curves of points spread over the good ones.
fn curves(points: &Points, all: &[Evaluation]) -> Table {
    let drawn: Vec<usize> = (0..all.len()).filter(|i| all[*i].trace.is_some() && all[*i].flag == Flag::Good).collect();
    let step = drawn.len().div_ceil(CURVES).max(1);
    let mut names = Vec::new();
    let mut rows: [Vec<f64>; 5] = Default::default();
    for i in drawn.into_iter().step_by(step) {
        let Some(t) = &all[i].trace else { continue };
        let thin = t.curve.len().div_ceil(SAMPLES).max(1);
        for k in (0..t.curve.len()).step_by(thin) {
            names.push(points.points[i].name.clone());
            let row = [t.curve.time[k], t.curve.load[k], t.curve.depth[k], t.fitted[k], t.elastic[k]];
            rows.iter_mut().zip(row).for_each(|(c, v)| c.push(v));
        }
    }
    let [time, load, depth, fitted, elastic] = rows;
    Table {
        columns: vec![
            Column::text("point", names),
            Column::number("time", &Unit::of("s"), time),
            Column::number("load", &Unit::of("mN"), load),
            Column::number("depth", &Unit::of("nm"), depth),
            Column::number("fitted_depth", &Unit::of("nm"), fitted),
            Column::number("elastic_depth", &Unit::of("nm"), elastic),
        ],
    }
}

/// Each flag that is not good with its count and the reason of the first.
fn reasons(points: &Points, all: &[Evaluation]) -> Vec<String> {
    let of = |flag: Flag| {
        let which: Vec<usize> = (0..all.len()).filter(|i| all[*i].flag == flag).collect();
        let first = which.first()?;
        Some(format!("{} {} (point {}: {})", which.len(), flag.name(), points.points[*first].name, all[*first].why))
    };
    Flag::ALL.into_iter().filter(|f| *f != Flag::Good).filter_map(of).collect()
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
    let of = |f: fn(&Evaluation) -> f64| {
        let mut v: Vec<f64> = good.iter().map(|e| f(e)).filter(|v| v.is_finite()).collect();
        median(&mut v)
    };
    let missing = |name: &str, unit: &str, why: &str| Metric { unit: Unit::of(unit), ..Metric::missing(name, why) };
    let known = |name: &str, v: f64, unit: &str, why: &str| match v.is_finite() {
        true => Metric::number(name, v, unit).n(good.len() as f64),
        false => missing(name, unit, why),
    };
    out.push(known("modulus_error", of(|e| e.errors[0]), "", "a finished table has no curves"));
    let radius = of(|e| e.contact_radius);
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
