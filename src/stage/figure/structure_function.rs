//! `structure-function`: H(r) of each sample with fit, interval, noise floor and verdict.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::{Kind, Value};
use crate::figure::plot::structure_function::{Legend, Length, Null};
use crate::figure::plot::{Quantity, StructureFunction as Drawing};
use crate::stage::StageError;
use crate::stage::tables::StructureCurve;
use crate::unit::Unit;

pub(super) struct StructureFunction;

impl Plot for StructureFunction {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "structure-function",
            about: "H(r) with fit, 95 % band, probe null and verdict",
            kinds: &[Kind::Table],
            of: Some("correlation"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let panels = request.samples.iter().map(|i| panel(request, *i)).collect::<Result<_, _>>()?;
        let caption = "Structure function H(r) over all valid pairs (points), fitted covariance (line), 95 % of simulated fields of the corrected \
                       covariance (band), what the probe makes of white noise of the same variance (grey), correlation length with 95 % interval.";
        Ok(Panels { panels, caption: caption.into() })
    }
}

fn panel(request: &Request<'_>, sample: usize) -> Result<crate::figure::Panel, StageError> {
    let all: StructureCurve = request.rows(sample)?;
    // Of a volume the axes reach farther than all directions do.
    let far = |direction: &str| rows(&all, direction).last().map_or(0.0, |i| all.r[*i]);
    let direction = if far("x") > far("radial") { "x" } else { "radial" };
    let radial = thinned(&rows(&all, direction), &all.r);
    let column = |v: &[f64]| radial.iter().map(|i| v[*i]).collect::<Vec<f64>>();
    let (r, h, model) = (column(&all.r), column(&all.h), column(&all.model));
    let (low, high) = (column(&all.band_low), column(&all.band_high));
    let zip = |b: &[f64]| r.iter().zip(b).map(|(r, v)| [*r, *v]).collect::<Vec<_>>();
    let fitted: Vec<[f64; 2]> = zip(&model).into_iter().filter(|p| p[1].is_finite()).collect();
    let band =
        r.iter().zip(low.iter().zip(&high)).map(|(r, (a, b))| [*r, *a, *b]).filter(|b| b[1].is_finite()).collect();
    let number = |name: &str| request.metric(sample, name).and_then(|m| m.as_number());
    let xi = request.metric(sample, "xi").and_then(|m| Some(Length { value: m.as_number()?, interval: m.interval }));
    let verdict = request.metric(sample, "xi_verdict").and_then(|m| match m.value {
        Value::Text(t) => Some(t),
        _ => None,
    });
    let sigma = request.metric(sample, "sigma_raw").and_then(|m| m.as_number());
    let reach = request.metric(sample, "sigma").and_then(|m| Some((m.as_number()?, m.interval?)));
    // The width of the null is that of the interval of σ; without one it is a line.
    let [low_end, high_end] = reach.map_or([1.0, 1.0], |(v, i)| i.map(|e| e / v));
    // White noise of the map's variance seen through the probe: the overlap of two discs, here as its Gaussian of equal 1/e length.
    let total = sigma.map(|s| libm::hypot(s, number("noise").unwrap_or(0.0)));
    let null = number("xi_null").zip(total).map(|(xi, sigma)| {
        let curve = |r: f64, s: f64| 2.0 * s * s * -libm::expm1(-(r / xi) * (r / xi));
        Null {
            label: "probe alone".into(),
            band: r.iter().map(|r| [*r, curve(*r, low_end * sigma), curve(*r, high_end * sigma)]).collect(),
        }
    });
    let unit = all.units.first().cloned().unwrap_or_else(Unit::none);
    Drawing {
        quantity: Quantity::new("H(r)", unit),
        points: zip(&h),
        fit_range: fitted.first().zip(fitted.last()).map(|(a, b)| [a[0], b[0]]),
        model: fitted,
        band,
        null,
        xi,
        n: request.metric(sample, "xi").and_then(|m| m.n).map(|n| n.round() as u64),
        verdict,
        log_r: true,
        log_h: true,
        series: sample,
        legend: Legend::Below,
    }
    .draw()
    .map(|p| p.with_name(request.name(sample)))
    .map_err(StageError::of)
}

/// Lags about evenly spaced on a logarithmic axis, where all of them would be one smear.
fn thinned(rows: &[usize], r: &[f64]) -> Vec<usize> {
    const STEP: f64 = 1.06;
    let mut out: Vec<usize> = Vec::new();
    for i in rows {
        if out.last().is_none_or(|last| r[*i] >= STEP * r[*last]) {
            out.push(*i);
        }
    }
    out
}

/// Rows of one direction.
fn rows(all: &StructureCurve, direction: &str) -> Vec<usize> {
    (0..all.direction.len()).filter(|i| all.direction[*i] == direction).collect()
}
