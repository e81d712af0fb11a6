//! `moduli`: E′ and E″ against temperature with the α flank and the β relaxation above it.

use super::super::{Panels, Plot, PlotDoc, Request};
use super::{each, pairs, series};
use crate::data::Kind;
use crate::figure::plot::Quantity;
use crate::figure::plot::curves::{Curves, Look, Tag};
use crate::stage::StageError;
use crate::stage::tables::{Moduli as Rows, TypedTable};
use crate::unit::{Unit, display};

pub(in crate::stage::figure) struct Moduli;

/// Part of E″max below which the excess over the flank is not drawn: noise on a logarithmic axis.
const LEAST: f64 = 3e-3;
/// Part of the flank below which the same holds.
const NOISE: f64 = 0.1;

impl Plot for Moduli {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "moduli",
            about: "E′ and E″ against temperature with the α flank and the β excess (`peaks.curve` of `spectrum-peaks`)",
            kinds: &[Kind::Table],
            of: Some("spectrum-peaks"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let caption =
            "Storage and loss modulus against temperature; lines: the flank of the α process and what exceeds it.";
        each(request, caption, |i, t| {
            let rows = Rows::of(t).map_err(|column| request.lacks(column))?;
            let Rows { temperature, storage, loss, alpha_flank: flank, excess, .. } = rows;
            let most = loss.iter().copied().fold(0.0, f64::max);
            let mut all = Vec::new();
            if !storage.is_empty() {
                all.push(series("E′", pairs(&temperature, &storage), Look::Points, 0));
            }
            all.push(series("E″", pairs(&temperature, &loss), Look::Points, 1));
            // What is left of two large numbers is noise.
            let clear = |i: usize| if excess[i] > NOISE * flank[i] { excess[i] } else { f64::NAN };
            let excess: Vec<f64> = (0..flank.len()).map(clear).collect();
            for (y, label, place) in [(&flank, "α flank", 2), (&excess, "β: E″ less the flank", 3)] {
                let seen: Vec<f64> = y.iter().map(|v| if *v > LEAST * most { *v } else { f64::NAN }).collect();
                if seen.iter().any(|v| v.is_finite()) {
                    all.push(series(label, pairs(&temperature, &seen), Look::Part, place));
                }
            }
            let peak = |metric: &str, text: &str| {
                let at = request.metric(i, metric)?.as_number()?;
                let k = temperature.partition_point(|t| *t < at).min(loss.len() - 1);
                Some(Tag { at: [at, loss[k]], text: text.into() })
            };
            let tags = [("t_beta_prime", "β′"), ("t_beta", "β"), ("t_alpha", "α")];
            let frequency = request.metric(i, "frequency").and_then(|m| m.as_number());
            Ok(Curves {
                x: (Quantity::new("Temperature", Unit::of("K")), false),
                y: (Quantity::new("Modulus", Unit::of("Pa")), true),
                from_zero: false,
                series: all,
                tags: tags.into_iter().filter_map(|(m, s)| peak(m, s)).collect(),
                shaded: Vec::new(),
                notes: frequency.map(|f| display::quantity(f, &Unit::of("Hz"))).into_iter().collect(),
                verdict: None,
            })
        })
    }
}
