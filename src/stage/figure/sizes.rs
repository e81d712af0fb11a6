//! `cluster-sizes`: N(≥ size) on logarithmic axes with the power law and the law that is preferred.

use super::{Panels, Plot, PlotDoc, Request};
use crate::data::{Kind, Standing, Value};
use crate::figure::plot::{Cloud, Quantity};
use crate::spatial::null::Null;
use crate::stage::StageError;
use crate::stage::cluster_sizes::UNDECIDED;
use crate::stage::tables::SizeCurve;
use crate::unit::{Unit, display};

pub(super) struct ClusterSizes;

impl Plot for ClusterSizes {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "cluster-sizes",
            about: "number of regions at least as large, with the power law and the preferred law",
            kinds: &[Kind::Table],
            of: Some("cluster-sizes"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let panels = request.samples.iter().map(|i| panel(request, *i)).collect::<Result<_, _>>()?;
        let caption = "Number of regions at least as large (points), power law from x_min on (line) and the preferred law where it is another \
                       (dashed), by maximum likelihood; grey: 95 % of the surrogates.";
        Ok(Panels { panels, caption: caption.into() })
    }
}

fn panel(request: &Request<'_>, i: usize) -> Result<crate::figure::Panel, StageError> {
    let curve: SizeCurve = request.rows(i)?;
    let unit = curve.units.first().cloned().unwrap_or_else(Unit::none);
    let name = if unit.is_length() { "R_{eq}" } else { "Size" };
    let size = &curve.size;
    let band = size.iter().zip(curve.null_low.iter().zip(&curve.null_high)).map(|(s, (a, b))| [*s, a.max(0.5), *b]);
    let null = band.filter(|b| b[2] >= 1.0).collect();
    let pairs = |values: &[f64]| -> Vec<[f64; 2]> {
        size.iter().zip(values).filter(|(_, v)| v.is_finite() && **v > 0.3).map(|(s, v)| [*s, *v]).collect()
    };
    let preferred = request.metric(i, "preferred").and_then(|m| match m.value {
        Value::Text(t) => Some(t),
        _ => None,
    });
    let mut curves = vec![("power law".to_string(), pairs(&curve.power_law))];
    let undecided = preferred.as_deref() == Some(UNDECIDED);
    if let Some(law) = preferred.as_ref().filter(|p| *p != "power-law" && !undecided) {
        curves.push((law.replace('-', " "), pairs(&curve.preferred)));
    }
    let number = |name: &str| request.metric(i, name).and_then(|m| m.as_number());
    // A law that is not shown has no exponent.
    let alpha = request.metric(i, "alpha").filter(|_| !undecided).and_then(|m| {
        let n = |v: f64| display::significant(v, 3);
        let v = m.as_number()?;
        Some(match m.interval {
            Some([a, b]) => format!("α\u{a0}=\u{a0}{} [{},\u{a0}{}]", n(v), n(a), n(b)),
            None => format!("α\u{a0}=\u{a0}{}", n(v)),
        })
    });
    let p = number("preferred_p");
    let verdict = match (&preferred, p) {
        (None, _) => Some("no law".to_string()),
        _ if undecided => Some("law undecided".to_string()),
        (Some(_), Some(p)) if !Null::stands(p) => Some(Standing::NotAboveTheNull.words().to_string()),
        _ => None,
    };
    let tail = number("tail_n").map(|n| format!("n\u{a0}≥\u{a0}x_{{min}}:\u{a0}{n}"));
    Cloud {
        x: Quantity::new(name, unit),
        y: Quantity::new(format!("N(≥\u{a0}{name})"), Unit::none()),
        points: pairs(&curve.count),
        curves,
        null,
        data: "regions".into(),
        log: [true, true],
        notes: alpha.into_iter().chain(tail).collect(),
        verdict,
        series: i,
    }
    .draw()
    .map(|p| p.with_name(request.name(i)))
    .map_err(StageError::of)
}
