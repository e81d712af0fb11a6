//! `arrhenius`: peak frequency against 1/T with the line and its band.

use super::{Drawn, Plot, PlotDoc, Request};
use crate::data::{Cells, Kind, Metric};
use crate::figure::plot::Arrhenius as Drawing;
use crate::figure::plot::arrhenius::{Base, Peak, Relaxation};
use crate::stage::StageError;

pub(super) struct Arrhenius;

impl Plot for Arrhenius {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "arrhenius",
            about: "log f of the peaks against 1000/T with line, band and energy",
            kind: Kind::Table,
            of: Some("arrhenius"),
            each: false,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Drawn, StageError> {
        let mut samples = Vec::new();
        for i in request.samples {
            let table = request.table(*i)?;
            let Some(Cells::Text(kind)) = table.column("kind").map(|c| &c.cells) else {
                return Err(request.wrong("line of `arrhenius`"));
            };
            let column = |name: &str| request.column(&table, name);
            let (t, e, f) = (column("temperature")?, column("temperature_error")?, column("frequency")?);
            let (low, high) = (column("band_low")?, column("band_high")?);
            let of = |k: &str| (0..t.len()).filter(|i| kind[*i] == k).collect::<Vec<_>>();
            let peaks = of("peak").into_iter().map(|i| {
                let interval = e[i].is_finite().then(|| [t[i] - 1.96 * e[i], t[i] + 1.96 * e[i]]);
                Peak { temperature: t[i], interval, frequency: f[i] }
            });
            let line = of("line");
            let energy = ["e_beta", "e_alpha"].iter().find_map(|m| request.metric(*i, m)).and_then(|m| text(&m));
            samples.push(Relaxation {
                name: request.name(*i),
                peaks: peaks.collect(),
                model: line.iter().map(|i| [t[*i], f[*i]]).collect(),
                band: line.iter().map(|i| [t[*i], low[*i], high[*i]]).filter(|b| b[1].is_finite()).collect(),
                energy,
                series: *i,
            });
        }
        let panel = Drawing { samples, base: Base::Ten, notes: Vec::new() }.draw().map_err(StageError::of)?;
        Ok(Drawn {
            panels: vec![panel],
            caption: "Peak frequencies against inverse temperature with Arrhenius lines and 95 % bands.".into(),
        })
    }
}

/// `E = 83.2 ± 0.9 kJ/mol`.
fn text(m: &Metric) -> Option<String> {
    let e = m.as_number()? / 1e3;
    Some(match m.interval {
        Some([low, high]) => {
            let half = (high - low) / 2e3;
            let decimals = if half < 1.0 { 2 } else { usize::from(half < 10.0) };
            format!("E = {e:.decimals$} ± {half:.decimals$} kJ/mol")
        }
        None => format!("E = {e:.1} kJ/mol"),
    })
}
