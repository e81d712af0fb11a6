//! Plots of relaxation: `isotherm`, `transient`, `rate`, `relaxation-times`, `shifts`, `chi`.

use super::{Drawn, Plot, PlotDoc, Request};
use crate::data::{Column, Kind, Table};
use crate::figure::plot::Quantity;
use crate::figure::plot::curves::{Curves, Look, Series, Tag};
use crate::stage::StageError;
use crate::unit::{Unit, display};

pub(super) struct Isotherm;
pub(super) struct Transient;
pub(super) struct Rate;
pub(super) struct RelaxationTimes;
pub(super) struct Shifts;
pub(super) struct Chi;

/// A column of a table where it has one.
fn column(t: &Table, name: &str) -> Option<Vec<f64>> {
    t.column(name).and_then(Column::numbers)
}

fn pairs(x: &[f64], y: &[f64]) -> Vec<[f64; 2]> {
    x.iter().zip(y).map(|(x, y)| [*x, *y]).collect()
}

fn series(name: &str, points: Vec<[f64; 2]>, look: Look, place: usize) -> Series {
    Series { name: name.into(), points, band: Vec::new(), look, series: place }
}

fn band(x: &[f64], low: &[f64], high: &[f64]) -> Vec<[f64; 3]> {
    (0..x.len()).map(|i| [x[i], low[i], high[i]]).filter(|b| b.iter().all(|v| v.is_finite())).collect()
}

/// Every sample's panel by one rule.
fn each(
    request: &Request<'_>,
    caption: &str,
    of: impl Fn(usize, &Table) -> Result<Curves, StageError>,
) -> Result<Drawn, StageError> {
    let mut panels = Vec::new();
    for i in request.samples {
        let table = request.table(*i)?;
        panels.push(of(*i, &table)?.draw().map_err(StageError::of)?.with_name(request.name(*i)));
    }
    Ok(Drawn { panels, caption: caption.into() })
}

/// A number of a stage with its interval, in words.
fn said(request: &Request<'_>, i: usize, metric: &str, symbol: &str) -> Option<String> {
    let m = request.metric(i, metric)?;
    let v = m.as_number()?;
    Some(format!("{symbol}\u{a0}=\u{a0}{}", display::quantity(v, &m.unit)))
}

impl Plot for Isotherm {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "isotherm",
            about: "storage and loss modulus against frequency with the fitted processes (`fit.curve` of `spectrum-fit`), or a master curve",
            kind: Kind::Table,
            of: None,
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Drawn, StageError> {
        each(request, "Moduli against frequency with the fitted model and its processes.", |i, t| {
            let omega = request.column(t, "angular_frequency")?;
            let mut all = Vec::new();
            for (name, label, place) in [("storage", "E′", 0), ("loss", "E″", 1)] {
                if let Some(y) = column(t, name) {
                    all.push(series(label, pairs(&omega, &y), Look::Points, place));
                }
                if let Some(y) = column(t, &format!("{name}_fit")) {
                    all.push(series("model", pairs(&omega, &y), Look::Line, place));
                }
            }
            let parts: Vec<Vec<f64>> = (1..).map_while(|k| column(t, &format!("loss_{k}"))).collect();
            if parts.len() > 1 {
                for (k, y) in parts.iter().enumerate() {
                    all.push(series(&format!("process {}", k + 1), pairs(&omega, y), Look::Part, k + 2));
                }
            }
            if all.is_empty() {
                return Err(StageError::Failed(
                    "the plot `isotherm` draws moduli against frequency: write `fit.curve`".into(),
                ));
            }
            let verdict = match request.metric(i, "superposes").map(|m| m.value.clone()) {
                Some(crate::data::Value::Text(t)) if t == "no" => Some("does not superpose".to_string()),
                _ => None,
            };
            let notes = [
                ("tau", "τ"),
                ("kww_beta", "β"),
                ("hn_alpha", "α"),
                ("hn_gamma", "γ"),
                ("cc_alpha", "α"),
                ("cd_gamma", "γ"),
            ];
            Ok(Curves {
                x: (Quantity::new("Angular frequency", Unit::of("rad/s")), true),
                y: (Quantity::new("Modulus", Unit::of("Pa")), true),
                from_zero: false,
                series: all,
                tags: Vec::new(),
                notes: notes.into_iter().filter_map(|(m, s)| said(request, i, m, s)).collect(),
                verdict,
            })
        })
    }
}

impl Plot for Transient {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "transient",
            about: "a decay against time with its fit (`relax.curve` of `stress-relaxation`, `age.curve` of `ageing`)",
            kind: Kind::Table,
            of: None,
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Drawn, StageError> {
        each(request, "Measured values against time with the fitted model.", |i, t| {
            let time = request.column(t, "time")?;
            let named = [("stress", "Stress"), ("modulus", "Modulus"), ("strain", "Strain")];
            let own = named.into_iter().find_map(|(c, name)| Some((t.column(c)?, name)));
            let (Some((y, name)), Some(fit)) = (own, column(t, "fit")) else {
                return Err(StageError::Failed(
                    "the plot `transient` draws `curve` of `stress-relaxation` or `ageing`".into(),
                ));
            };
            let values = y.numbers().unwrap_or_default();
            Ok(Curves {
                x: (Quantity::new("Time", Unit::of("s")), true),
                y: (Quantity::new(name, y.unit.clone()), false),
                from_zero: true,
                series: vec![
                    series("measured", pairs(&time, &values), Look::Points, 0),
                    series("model", pairs(&time, &fit), Look::Line, 0),
                ],
                tags: Vec::new(),
                notes: [("kww_tau", "τ"), ("kww_beta", "β")]
                    .into_iter()
                    .filter_map(|(m, s)| said(request, i, m, s))
                    .collect(),
                verdict: None,
            })
        })
    }
}

impl Plot for Rate {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "rate",
            about: "−d(σ/σ₀)/d ln t with its maxima (`relax.rate` of `stress-relaxation`)",
            kind: Kind::Table,
            of: Some("stress-relaxation"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Drawn, StageError> {
        each(request, "Rate of the decay in logarithmic time with its 95 % band and maxima.", |i, t| {
            let (time, rate, error) =
                (request.column(t, "time")?, request.column(t, "rate")?, request.column(t, "rate_error")?);
            let end = |side: f64| rate.iter().zip(&error).map(|(r, e)| r + side * 1.96 * e).collect::<Vec<f64>>();
            let mut line = series("", pairs(&time, &rate), Look::Part, 0);
            line.band = band(&time, &end(-1.0), &end(1.0));
            let at = |tau: f64| {
                let k = time.partition_point(|t| *t < tau).min(rate.len().saturating_sub(1));
                [tau, rate[k]]
            };
            let tags = (1..=2).filter_map(|k| {
                let tau = request.metric(i, &format!("tau_{k}"))?.as_number()?;
                Some(Tag { at: at(tau), text: format!("τ_{{{k}}}") })
            });
            let steps = request.metric(i, "steps").and_then(|m| m.as_number());
            let note = steps.map(|s| if s == 1.0 { "one step".to_string() } else { format!("{s} steps") });
            Ok(Curves {
                x: (Quantity::new("Time", Unit::of("s")), true),
                y: (Quantity::new("−d(σ/σ_{0})/d\u{a0}ln\u{a0}t", Unit::none()), false),
                from_zero: true,
                series: vec![line],
                tags: tags.collect(),
                notes: note.into_iter().collect(),
                verdict: None,
            })
        })
    }
}

impl Plot for RelaxationTimes {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "relaxation-times",
            about: "spectrum of relaxation times with its band and numbered peaks",
            kind: Kind::Table,
            of: Some("relaxation-times"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Drawn, StageError> {
        each(request, "Spectrum of relaxation times f(ln τ) with its 95 % band; peaks are numbered.", |i, t| {
            let unit = t.column("f").map_or_else(Unit::none, |c| c.unit.clone());
            let (tau, f) = (request.column(t, "tau")?, request.column(t, "f")?);
            let (low, high) = (request.column(t, "f_low")?, request.column(t, "f_high")?);
            let number = request.column(t, "peak")?;
            let mut line = series("", pairs(&tau, &f), Look::Part, 0);
            line.band = band(&tau, &low, &high);
            let last = number.iter().copied().filter(|k| k.is_finite()).fold(0.0, f64::max) as usize;
            let top = |k: usize| (0..f.len()).filter(|j| number[*j] == k as f64).max_by(|a, b| f[*a].total_cmp(&f[*b]));
            let tags = (1..=last).filter_map(|k| Some(Tag { at: [tau[top(k)?], f[top(k)?]], text: k.to_string() }));
            let resolution = request.metric(i, "resolution").and_then(|m| m.as_number());
            let notes = resolution.map(|d| format!("resolves {d} decades"));
            Ok(Curves {
                x: (Quantity::new("Relaxation time τ", Unit::of("s")), true),
                y: (Quantity::new("f(ln\u{a0}τ)", unit), false),
                from_zero: true,
                series: vec![line],
                tags: tags.collect(),
                notes: notes.into_iter().collect(),
                verdict: None,
            })
        })
    }
}

impl Plot for Shifts {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "shifts",
            about: "shift factors against inverse temperature (`master.shifts` of `master-curve`)",
            kind: Kind::Table,
            of: Some("master-curve"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Drawn, StageError> {
        each(request, "Shift factors with 95 % intervals; a straight line is no proof of one energy.", |i, t| {
            let inverse: Vec<f64> = request.column(t, "temperature")?.iter().map(|t| 1000.0 / t).collect();
            let a = request.column(t, "a_t")?;
            let mut points = series("", pairs(&inverse, &a), Look::Points, 0);
            points.band = band(&inverse, &request.column(t, "a_t_low")?, &request.column(t, "a_t_high")?);
            let energy = request.metric(i, "shift_energy").and_then(|m| m.as_number());
            let verdict = energy.map(|_| "not one energy".to_string());
            Ok(Curves {
                x: (Quantity::new("1000/T\u{a0}(K⁻¹)", Unit::none()), false),
                y: (Quantity::new("a_{T}", Unit::none()), true),
                from_zero: false,
                series: vec![points],
                tags: Vec::new(),
                notes: energy
                    .map(|e| format!("slope {} kJ/mol", display::significant(e / 1e3, 3)))
                    .into_iter()
                    .collect(),
                verdict,
            })
        })
    }
}

impl Plot for Chi {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "chi",
            about: "correlation χ against temperature",
            kind: Kind::Table,
            of: Some("quasi-point-defects"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Drawn, StageError> {
        each(request, "Correlation χ of quasi-point defects with 95 % intervals.", |i, t| {
            let (x, y) = (request.column(t, "temperature")?, request.column(t, "chi")?);
            let mut points = series("", pairs(&x, &y), Look::Points, 0);
            points.band = band(&x, &request.column(t, "chi_low")?, &request.column(t, "chi_high")?);
            Ok(Curves {
                x: (Quantity::new("Temperature", Unit::of("K")), false),
                y: (Quantity::new("Correlation χ", Unit::none()), false),
                from_zero: false,
                series: vec![points],
                tags: Vec::new(),
                notes: said(request, i, "chi_glass", "χ of the glass").into_iter().collect(),
                verdict: None,
            })
        })
    }
}
