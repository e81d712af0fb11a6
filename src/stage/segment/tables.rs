//! Tables of classes.

use crate::data::{Column, Map, Table};
use crate::segment::choice::Candidate;
use crate::segment::peaks::PeakTest;
use crate::segment::segmentation::Segmentation;
use crate::segment::verdict::Verdict;
use crate::spatial::distribution::histogram;
use crate::stage::tables::Deconvolution;
use crate::unit::Unit;

/// One row a class.
pub(super) fn classes(map: &Map, found: &Segmentation, xis: &[f64], densities: &[f64]) -> Table {
    let none = Unit::none();
    let n: u64 = found.counts.iter().sum();
    let mut columns = vec![
        Column::number("class", &none, (0..found.centres.len()).map(|c| c as f64)),
        Column::number("pixels", &none, found.counts.iter().map(|c| *c as f64)),
        Column::number("fraction", &none, found.counts.iter().map(|c| *c as f64 / n as f64)),
        Column::number("centre", &map.unit, found.centres.iter().copied()),
        Column::number("std", &map.unit, found.stds.iter().copied()),
        Column::number("xi", &Unit::of("nm"), xis.iter().copied()),
        Column::number("boundary_density", &Unit::of("1/µm"), densities.iter().copied()),
    ];
    for (i, centres) in found.others.iter().enumerate() {
        columns.push(Column::number(&format!("centre_of_map_{}", i + 2), &none, centres.iter().copied()));
    }
    if let Some(m) = &found.mixed {
        let part = |i: usize| m.components.iter().map(move |c| c[i]);
        columns.push(Column::number("gmm_weight", &none, part(0)));
        columns.push(Column::number("gmm_mean", &map.unit, part(1)));
        columns.push(Column::number("gmm_std", &map.unit, part(2)));
    }
    Table { columns }
}

/// Points of the curves.
const CURVE: usize = 200;

/// Densities and shares below, of values and mixture.
pub(super) fn deconvolution(map: &Map, found: &Segmentation) -> Table {
    let (Some(low), Some(high)) = (found.sorted.first(), found.sorted.last()) else { return Table::default() };
    let bins = histogram(&mut found.sorted.clone());
    let x: Vec<f64> = (0..CURVE).map(|i| low + (high - low) * i as f64 / (CURVE - 1) as f64).collect();
    let density_unit = Unit { symbol: format!("1/({})", map.unit.si_symbol()), opaque: true, ..Unit::none() };
    let n = found.sorted.len() as f64;
    let density = |v: f64| {
        let Some(h) = &bins else { return f64::NAN };
        h.density((((v - h.low) / h.width) as usize).min(h.counts.len() - 1))
    };
    let components = found.mixed.as_ref().map(|m| m.components.clone()).unwrap_or_default();
    let gauss = |c: &[f64; 3], v: f64| {
        let z = (v - c[1]) / c[2];
        c[0] / (c[2] * std::f64::consts::TAU.sqrt()) * libm::exp(-0.5 * z * z)
    };
    let below = |c: &[f64; 3], v: f64| c[0] * 0.5 * libm::erfc((c[1] - v) / (c[2] * std::f64::consts::SQRT_2));
    let sum = |f: &dyn Fn(&[f64; 3], f64) -> f64| -> Vec<f64> {
        match components.is_empty() {
            true => Vec::new(),
            false => x.iter().map(|v| components.iter().map(|c| f(c, *v)).sum()).collect(),
        }
    };
    let rows = Deconvolution {
        density: x.iter().map(|v| density(*v)).collect(),
        below: x.iter().map(|v| found.sorted.partition_point(|s| s <= v) as f64 / n).collect(),
        mixture_density: sum(&gauss),
        mixture_below: sum(&below),
        value: x.clone(),
        units: vec![map.unit.clone(), density_unit.clone()],
    };
    let mut table = rows.table();
    for (i, c) in components.iter().enumerate() {
        let name = format!("density_{i}");
        table.columns.push(Column::number(&name, &density_unit, x.iter().map(|v| gauss(c, *v))));
    }
    table
}

/// One row a number of classes.
pub(super) fn candidates(verdict: &Verdict) -> Table {
    let all = verdict.candidates.as_slice();
    let column = |name: &str, of: fn(&Candidate) -> f64| Column::number(name, &Unit::none(), all.iter().map(of));
    let tests = verdict.fields.as_ref().map_or(&[][..], |f| f.tests.as_slice());
    // The test of at most k − 1 peaks speaks for k classes.
    let views = verdict.fields.as_ref().map_or(1, |f| f.views) as f64;
    let of_test = |name: &str, of: &dyn Fn(&PeakTest) -> f64| {
        let value = |c: &Candidate| c.k.checked_sub(2).and_then(|i| tests.get(i)).map_or(f64::NAN, of);
        Column::number(name, &Unit::none(), all.iter().map(value))
    };
    Table {
        columns: vec![
            column("k", |c| c.k as f64),
            of_test("excess", &|t| t.excess),
            of_test("excess_null", &|t| t.null.band[1]),
            of_test("p", &|t| (views * t.null.above).min(1.0)),
            column("gain", |c| c.gain),
            column("bic", |c| c.bic),
            column("gap", |c| c.gap),
            column("gap_error", |c| c.gap_error),
        ],
    }
}
