//! `relaxation-times`: spectra of relaxation times; `tracks`: their peaks over ageing time.

use super::super::{Panels, Plot, PlotDoc, Request};
use super::{band, each, pairs, series};
use crate::data::{Kind, Value};
use crate::figure::plot::Quantity;
use crate::figure::plot::curves::{Curves, Look, Tag};
use crate::stage::StageError;
use crate::stage::tables::{PeakTracks, TimeSpectrum, TypedTable};
use crate::unit::Unit;

pub(in crate::stage::figure) struct RelaxationTimes;
pub(in crate::stage::figure) struct Tracks;

impl Plot for RelaxationTimes {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "relaxation-times",
            about: "spectrum of relaxation times with its band and numbered peaks; grey where the data do not see",
            kinds: &[Kind::Table],
            of: Some("relaxation-times"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        each(
            request,
            "Spectrum of relaxation times f(ln τ) with its 95 % band; peaks are numbered; grey: times beyond those measured.",
            |i, t| {
                let rows = TimeSpectrum::of(t).map_err(|column| request.lacks(column))?;
                let unit = rows.units.first().cloned().unwrap_or_else(Unit::none);
                let TimeSpectrum { tau, f, peak: number, seen, .. } = &rows;
                let mut line = series("", pairs(tau, f), Look::Part, 0);
                line.band = band(tau, &rows.f_low, &rows.f_high);
                let last = number.iter().copied().filter(|k| k.is_finite()).fold(0.0, f64::max) as usize;
                let top =
                    |k: usize| (0..f.len()).filter(|j| number[*j] == k as f64).max_by(|a, b| f[*a].total_cmp(&f[*b]));
                let tags = (1..=last).filter_map(|k| Some(Tag { at: [tau[top(k)?], f[top(k)?]], text: k.to_string() }));
                let first = seen.iter().position(|s| *s > 0.0).unwrap_or(0);
                let last = seen.iter().rposition(|s| *s > 0.0).unwrap_or(tau.len().saturating_sub(1));
                let ends = [[0, first], [last, tau.len() - 1]];
                let shaded = ends.into_iter().filter(|[a, b]| a < b).map(|e| e.map(|k| tau[k])).collect();
                let single = request.metric(i, "one_process").map(|m| m.value);
                let verdict = match single {
                    Some(Value::Text(t)) if t == "yes" => Some("one process does as well"),
                    _ => None,
                };
                let resolution = request.metric(i, "resolution").and_then(|m| m.as_number());
                let notes = resolution.map(|d| format!("resolves {d} decades"));
                Ok(Curves {
                    x: (Quantity::new("Relaxation time τ", Unit::of("s")), true),
                    y: (Quantity::new("f(ln\u{a0}τ)", unit), false),
                    from_zero: true,
                    series: vec![line],
                    tags: tags.collect(),
                    shaded,
                    notes: notes.into_iter().collect(),
                    verdict: verdict.map(str::to_string),
                })
            },
        )
    }
}

impl Plot for Tracks {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "tracks",
            about: "times and areas of the peaks over ageing time (`times.tracks` of `relaxation-times`)",
            kinds: &[Kind::Table],
            of: Some("relaxation-times"),
            each: false,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let rows: PeakTracks = request.rows(*i)?;
            let (age, track) = (&rows.ageing_time, &rows.track);
            let last = track.iter().copied().fold(0.0, f64::max) as usize;
            let unit = rows.units.first().cloned().unwrap_or_else(Unit::none);
            let time = ([&rows.tau, &rows.tau_low, &rows.tau_high], "Relaxation time τ_{m}", Unit::of("s"), true);
            let area = ([&rows.c, &rows.c_low, &rows.c_high], "Area c_{m}", unit, false);
            for ([y, low, high], name, unit, log) in [time, area] {
                let one = |k: usize| {
                    let rows: Vec<usize> = (0..age.len()).filter(|r| track[*r] == k as f64).collect();
                    let pick = |v: &[f64]| rows.iter().map(|r| v[*r]).collect::<Vec<f64>>();
                    let x = pick(age);
                    let mut s = series(&format!("peak {k}"), pairs(&x, &pick(y)), Look::Points, k - 1);
                    s.band = band(&x, &pick(low), &pick(high));
                    s
                };
                let curves = Curves {
                    x: (Quantity::new("Ageing time", Unit::of("s")), true),
                    y: (Quantity::new(name, unit), log),
                    from_zero: !log,
                    series: (1..=last).map(one).collect(),
                    tags: Vec::new(),
                    shaded: Vec::new(),
                    notes: Vec::new(),
                    verdict: None,
                };
                panels.push(curves.draw()?.with_name(request.name(*i)));
            }
        }
        Ok(Panels { panels, caption: "Times and areas of the peaks over ageing time with 95 % intervals.".into() })
    }
}
