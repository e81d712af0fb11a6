//! Plots of regions beside those of surrogates: `diameters`, `inclination`, `aspect-radius`.

use super::{Panels, Plot, PlotDoc, Request, companion};
use crate::data::{Artifact, Kind, Metric, Standing};
use crate::figure::Panel;
use crate::figure::plot::compared::{Distribution, Histograms, RULE};
use crate::figure::plot::{Cloud, Quantity, Rose};
use crate::num::quantile::quantiles;
use crate::spatial::null::Null;
use crate::stage::StageError;
use crate::stage::tables::{Shapes, TypedTable};
use crate::unit::{Unit, display};

pub(super) struct Diameters;
pub(super) struct Inclination;
pub(super) struct AspectRadius;

/// Regions of fewer pixels have the shape of the pixel.
const SMALL: f64 = 8.0;

const fn doc(id: &'static str, about: &'static str) -> PlotDoc {
    PlotDoc { id, about, kinds: &[Kind::Table], of: Some("regions"), each: true }
}

/// Whole regions of at least eight pixels, of a map, a volume or surrogates.
struct Whole {
    shapes: Shapes,
    rows: Vec<usize>,
}

impl Whole {
    fn of(shapes: Shapes) -> Whole {
        let whole = |i: &usize| shapes.pixels[*i] >= SMALL && shapes.border[*i] == 0.0;
        let rows = (0..shapes.pixels.len()).filter(whole).collect();
        Whole { shapes, rows }
    }

    fn get(&self, of: Quality) -> Vec<f64> {
        let all = of(&self.shapes);
        self.rows.iter().filter_map(|i| all.get(*i).copied()).collect()
    }
}

/// A column of regions.
type Quality = fn(&Shapes) -> &[f64];

/// The surrogates of a sample, where the figure has them.
fn surrogates(request: &Request<'_>, sample: usize) -> Shapes {
    match companion::find(request, "null", sample) {
        Some((_, Artifact::Table(t))) => Shapes::of(&t).unwrap_or_default(),
        _ => Shapes::default(),
    }
}

/// `name = value [low, high]`.
fn said(symbol: &str, m: &Metric) -> Option<String> {
    let value = m.as_number()?;
    let chosen = display::choose(value, &m.unit);
    let number = |v: f64| display::significant(chosen.value(v), 3);
    let label = if chosen.label.is_empty() { String::new() } else { format!("\u{a0}{}", chosen.label) };
    Some(match m.interval {
        Some([low, high]) => {
            format!("{symbol}\u{a0}=\u{a0}{} [{},\u{a0}{}]{label}", number(value), number(low), number(high))
        }
        None => format!("{symbol}\u{a0}=\u{a0}{}{label}", number(value)),
    })
}

/// The p of a metric, and the verdict where it is no evidence.
fn evidence(request: &Request<'_>, sample: usize, metric: &str) -> (Option<String>, Option<String>) {
    let p = request.metric(sample, &format!("{metric}_p")).and_then(|m| m.as_number());
    let note = p.map(|p| format!("p\u{a0}=\u{a0}{}", display::significant(p, 2)));
    (note, p.filter(|p| !Null::stands(*p)).map(|_| Standing::NotAboveTheNull.words().to_string()))
}

fn each(
    request: &Request<'_>,
    draw: impl Fn(&Whole, &Whole, usize) -> Result<Panel, StageError>,
) -> Result<Vec<Panel>, StageError> {
    let mut panels = Vec::new();
    for i in request.samples {
        let (own, null) = (request.rows(*i)?, surrogates(request, *i));
        let panel = draw(&Whole::of(own), &Whole::of(null), *i)?;
        panels.push(panel.with_name(request.name(*i)));
    }
    Ok(panels)
}

impl Plot for Diameters {
    fn doc(&self) -> &'static PlotDoc {
        const DOC: PlotDoc = doc("diameters", "largest and smallest Feret diameters of regions with their null");
        &DOC
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let panels = each(request, |own, null, i| {
            let shown = |name: &str, column: Quality| Distribution {
                name: name.into(),
                values: own.get(column),
                null: null.get(column),
            };
            let (p, verdict) = evidence(request, i, "aspect_ratio");
            let ratio = request.metric(i, "aspect_ratio").and_then(|m| said("D_{max}/D_{min}", &m));
            Histograms {
                quantity: Quantity::new("Feret diameter", Unit::of("m")),
                of: vec![shown("D_{min}", |s| &s.d_min), shown("D_{max}", |s| &s.d_max)],
                bins: None,
                notes: ratio.into_iter().chain(p).collect(),
                verdict,
                series: i,
            }
            .draw()
            .map_err(StageError::of)
        })?;
        Ok(Panels { panels, caption: format!("Feret diameters of whole regions of at least 8 pixels ({RULE}).") })
    }
}

impl Plot for Inclination {
    fn doc(&self) -> &'static PlotDoc {
        const DOC: PlotDoc = doc("inclination", "inclinations of the long axes of regions with their null");
        &DOC
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let panels = each(request, |own, null, i| {
            let p = request.metric(i, "orientation_p").and_then(|m| m.as_number());
            let rose = Rose {
                values: own.get(|s| &s.inclination),
                null: null.get(|s| &s.inclination),
                notes: p
                    .map(|p| format!("uniform: p\u{a0}=\u{a0}{}", display::significant(p, 2)))
                    .into_iter()
                    .collect(),
                verdict: p.filter(|p| !Null::stands(*p)).map(|_| "no direction".into()),
                series: i,
            };
            Ok(rose.draw())
        })?;
        Ok(Panels {
            panels, caption: "Inclinations of the long axes, from the fast axis (0°) towards the top.".into()
        })
    }
}

impl Plot for AspectRadius {
    fn doc(&self) -> &'static PlotDoc {
        const DOC: PlotDoc =
            doc("aspect-radius", "aspect ratio of regions against their equivalent radius with their null");
        &DOC
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let panels = each(request, |own, null, i| {
            let pair = |rows: &Whole| -> Vec<[f64; 2]> {
                let ratio = rows.get(|s| &s.d_max).into_iter().zip(rows.get(|s| &s.d_min)).map(|(a, b)| a / b);
                rows.get(|s| &s.r_eq).into_iter().zip(ratio).map(|(r, a)| [r, a]).collect()
            };
            let (p, verdict) = evidence(request, i, "aspect_ratio");
            let notes = ["aspect_ratio", "r_eq"]
                .iter()
                .zip(["D_{max}/D_{min}", "R_{eq}"])
                .filter_map(|(m, symbol)| said(symbol, &request.metric(i, m)?));
            Cloud {
                x: Quantity::new("R_{eq}", Unit::of("m")),
                y: Quantity::new("Aspect ratio", Unit::none()),
                points: pair(own),
                curves: Vec::new(),
                null: band(pair(null)),
                data: "regions".into(),
                log: [true, false],
                notes: notes.chain(p).collect(),
                verdict,
                series: i,
            }
            .draw()
            .map_err(StageError::of)
        })?;
        Ok(Panels {
            panels,
            caption: "Aspect ratio against equivalent radius; grey: 95 % of the regions of surrogates.".into(),
        })
    }
}

/// 95 % of the ordinates in classes of equal number by rising abscissa.
fn band(mut points: Vec<[f64; 2]>) -> Vec<[f64; 3]> {
    const CLASSES: usize = 12;
    points.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let size = points.len().div_ceil(CLASSES);
    if size < 40 {
        return Vec::new();
    }
    points
        .chunks(size)
        .filter(|c| c.len() >= 20)
        .map(|c| {
            let mut y: Vec<f64> = c.iter().map(|p| p[1]).collect();
            let [low, high] = quantiles(&mut y, [0.025, 0.975]);
            [c[c.len() / 2][0], low, high]
        })
        .collect()
}
