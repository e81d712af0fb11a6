//! Tables of points and of their curves.

use super::points::Points;
use super::{Indentation, ModelName};
use crate::contact::indentation::curve::Flag;
use crate::contact::indentation::evaluation::Evaluation;
use crate::data::{Column, Table};
use crate::stage::tables::LoadDepth;
use crate::unit::Unit;

/// Curves that the table of curves holds, and points of each.
const CURVES: usize = 12;
const SAMPLES: usize = 400;
/// One row a point.
pub(super) fn table(stage: &Indentation, points: &Points, all: &[Evaluation]) -> Table {
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
pub(super) fn curves(points: &Points, all: &[Evaluation]) -> LoadDepth {
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
    let [time, load, depth, fitted_depth, elastic_depth] = rows;
    LoadDepth { point: names, time, load, depth, fitted_depth, elastic_depth, units: Vec::new() }
}
