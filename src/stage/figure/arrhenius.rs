//! `arrhenius`: frequencies of peaks against 1/T with the law and its band; `processes` adds further processes to it.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::{Artifact, Kind, Metric, Table};
use crate::figure::plot::Arrhenius as Drawing;
use crate::figure::plot::arrhenius::{Base, Peak, Relaxation};
use crate::stage::StageError;
use crate::stage::tables::{RateLine, TypedTable};
use crate::unit::display;

pub(super) struct Arrhenius;
pub(super) struct Processes;

impl Plot for Processes {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "processes",
            about: "another `arrhenius` stage, drawn into the arrhenius plot named before it: a map of all processes",
            kinds: &[Kind::Table],
            of: Some("arrhenius"),
            each: false,
        }
    }

    fn draw(&self, _: &Request<'_>) -> Result<Panels, StageError> {
        Ok(Panels { panels: Vec::new(), caption: String::new() })
    }

    fn needed(&self) -> bool {
        false
    }
}

/// What moves with temperature, and how an axis names its logarithm.
fn rate(rows: &RateLine) -> Option<(&[f64], &'static str)> {
    let all = [
        (&rows.frequency, "log_{10}(f/Hz)"),
        (&rows.inverse_shift, "log_{10}(1/a_{T})"),
        (&rows.heating_rate, "log_{10}[q/(K\u{a0}s⁻¹)]"),
    ];
    all.into_iter().find(|(v, _)| !v.is_empty()).map(|(v, label)| (v.as_slice(), label))
}

impl Plot for Arrhenius {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "arrhenius",
            about: "log f of the peaks against 1000/T with law, band and energy or fragility",
            kinds: &[Kind::Table],
            of: Some("arrhenius"),
            each: false,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let plots = request.stage.plots();
        // Those named after this plot, up to the next of its kind.
        let after = request.input + 1..plots.len();
        let more = after.take_while(|k| plots[*k] != "arrhenius").filter(|k| plots[*k] == "processes");
        let inputs: Vec<usize> = std::iter::once(request.input).chain(more).collect();
        let (mut samples, mut label) = (Vec::new(), None);
        for i in request.samples {
            for (k, input) in inputs.iter().enumerate() {
                let Some(Artifact::Table(table)) = request.study.artifact(*i, *input) else { continue };
                let (of, own) = relaxation(request, *i, *input, &table)?;
                if *label.get_or_insert(own) != own {
                    return Err(StageError::Failed(
                        "frequencies, shifts and heating rates do not share an axis: draw them in figures of their own"
                            .into(),
                    ));
                }
                // One process is told by its sample; several of a sample by their markers.
                let look = if inputs.len() > 1 { k } else { *i };
                samples.push(Relaxation { look, ..of });
            }
        }
        let drawing = Drawing { samples, base: Base::Ten, label: label.map(str::to_string), notes: Vec::new() };
        let panel = drawing.draw()?;
        Ok(Panels {
            panels: vec![panel],
            caption: "Frequencies of the relaxations against inverse temperature with fitted laws and 95 % bands."
                .into(),
        })
    }
}

/// What one stage says of one sample, and the name of its ordinate.
fn relaxation(
    request: &Request<'_>,
    i: usize,
    input: usize,
    table: &Table,
) -> Result<(Relaxation, &'static str), StageError> {
    let wrong = || request.wrong("line of `arrhenius`");
    let rows = RateLine::of(table).map_err(|_| wrong())?;
    let (f, label) = rate(&rows).ok_or_else(wrong)?;
    let (t, e, kind) = (&rows.temperature, &rows.temperature_error, &rows.kind);
    let (low, high) = (&rows.band_low, &rows.band_high);
    let rows_of = |k: &str| (0..t.len()).filter(|i| kind[*i] == k).collect::<Vec<_>>();
    let peaks = rows_of("peak").into_iter().map(|i| {
        let interval = e[i].is_finite().then(|| [t[i] - 1.96 * e[i], t[i] + 1.96 * e[i]]);
        Peak { temperature: t[i], interval, frequency: f[i] }
    });
    let line = rows_of("line");
    let stage = &request.study.inputs[input].stage;
    let metric = |m: &str| request.metric_of(stage, i, m);
    let energies = [("e_beta", "β: E"), ("e_alpha", "α: E"), ("e_beta_prime", "β′: E"), ("e_kissinger", "E")];
    let energy = energies.into_iter().find_map(|(m, symbol)| text(&metric(m)?, symbol));
    let fragility = || fragile(&metric("fragility")?);
    let relaxation = Relaxation {
        name: request.name(i),
        peaks: peaks.collect(),
        model: line.iter().map(|i| [t[*i], f[*i]]).collect(),
        band: line.iter().map(|i| [t[*i], low[*i], high[*i]]).filter(|b| b[1].is_finite()).collect(),
        energy: energy.or_else(fragility),
        series: i,
        look: i,
    };
    Ok((relaxation, label))
}

/// `β: E = 83.2 ± 0.9 kJ/mol`.
fn text(m: &Metric, symbol: &str) -> Option<String> {
    let e = m.as_number()? / 1e3;
    Some(match m.interval {
        Some([low, high]) => {
            let half = (high - low) / 2e3;
            let decimals = if half < 1.0 { 2 } else { usize::from(half < 10.0) };
            format!("{symbol} = {e:.decimals$} ± {half:.decimals$} kJ/mol")
        }
        None => format!("{symbol} = {e:.1} kJ/mol"),
    })
}

/// `m = 45 (41 to 52)`.
fn fragile(m: &Metric) -> Option<String> {
    let shown = |v: f64| display::significant(v, 2);
    let v = m.as_number()?;
    let ends = m.interval.map(|[a, b]| format!(" ({} to {})", shown(a), shown(b)));
    Some(format!("VFT: m = {}{}", shown(v), ends.unwrap_or_default()))
}
