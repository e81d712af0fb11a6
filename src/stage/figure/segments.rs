//! Plots of classes: `classes`, `deconvolution`, `scatter` with `against` and `by-class`.

use super::label::quantity;
use super::{Panels, Plot, PlotDoc, Request, companion};
use crate::data::{Artifact, Kind, Standing};
use crate::figure::plot::{Classes as OfClasses, Deconvolution as OfDensities, Quantity, Scatter as OfPoints};
use crate::spatial::null::Null;
use crate::stage::StageError;
use crate::stage::tables::{Deconvolution as Rows, TypedTable, numbered};
use crate::unit::{Unit, display};

pub(super) struct Classes;
pub(super) struct Deconvolution;
pub(super) struct Scatter;
pub(super) struct Against;
pub(super) struct ByClass;

/// What a segmentation says of its own number of classes.
fn verdict(request: &Request<'_>, sample: usize) -> (Vec<String>, Option<String>) {
    let number = |m: &str| request.metric(sample, m).and_then(|m| m.as_number());
    let k = number("k").map(|k| format!("k\u{a0}=\u{a0}{k}"));
    let p = number("k_p");
    let said = p.map(|p| format!("p\u{a0}=\u{a0}{}", display::significant(p, 2)));
    let overlap = number("overlap").map(|o| format!("overlap {}\u{a0}%", display::significant(100.0 * o, 2)));
    let verdict = match (number("k"), p, number("modes")) {
        (Some(k), Some(p), _) if k > 1.0 && !Null::stands(p) => Some(Standing::NotAboveTheNull.words().to_string()),
        (Some(k), _, Some(1.0)) if k > 1.0 => Some("one peak".to_string()),
        (Some(1.0), ..) => Some("one class".to_string()),
        _ => None,
    };
    (k.into_iter().chain(said).chain(overlap).collect(), verdict)
}

impl Plot for Classes {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "classes",
            about: "map of the classes of a segmentation",
            kinds: &[Kind::Labels],
            of: Some("segment"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let labels = request.labels(*i)?;
            let map = labels.map().ok_or_else(|| request.wrong("label image of a map"))?;
            let centre = |c: usize| request.metric(*i, &format!("centre_{c}"));
            let centres: Vec<_> = (0..).map_while(centre).collect();
            let unit = centres.first().map_or_else(crate::unit::Unit::none, |m| m.unit.clone());
            let (_, verdict) = verdict(request, *i);
            let panel = OfClasses {
                labels: map.values.iter().copied().collect(),
                rows: map.shape()[0],
                columns: map.shape()[1],
                pixel: map.pixel_size()?,
                centres: centres.iter().filter_map(|m| m.as_number()).collect(),
                quantity: Quantity::new("Centre", unit),
                bar: true,
                verdict,
            };
            panels.push(panel.draw()?.with_name(request.name(*i)));
        }
        Ok(Panels { panels, caption: "Classes by their centres, dark the lowest.".into() })
    }
}

impl Plot for Deconvolution {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "deconvolution",
            about: "histogram with the components of its mixture (`seg.deconvolution`)",
            kinds: &[Kind::Table],
            of: Some("segment"),
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let table = request.table(*i)?;
            let rows = Rows::of(&table).map_err(|_| {
                StageError::Failed(
                    "the plot `deconvolution` draws the output `deconvolution`: write `seg.deconvolution`".into(),
                )
            })?;
            let (notes, verdict) = verdict(request, *i);
            let panel = OfDensities {
                quantity: Quantity::new("Value", rows.units.first().cloned().unwrap_or_else(Unit::none)),
                value: rows.value,
                density: rows.density,
                mixture: rows.mixture_density,
                components: numbered(&table, "density_", 0),
                notes,
                verdict,
            };
            panels.push(panel.draw()?.with_name(request.name(*i)));
        }
        let rule = crate::figure::plot::histogram::RULE;
        Ok(Panels {
            panels,
            caption: format!("Values ({rule}) and the Gaussians of their mixture, which rests on no bins."),
        })
    }
}

impl Plot for Scatter {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "scatter",
            about: "one map against the map of `against`, in the classes of `by-class`",
            kinds: &[Kind::Map],
            of: None,
            each: true,
        }
    }

    fn draw(&self, request: &Request<'_>) -> Result<Panels, StageError> {
        let mut panels = Vec::new();
        for i in request.samples {
            let x = request.map(*i)?;
            let Some((_, Artifact::Map(y))) = companion::find(request, "against", *i) else {
                return Err(StageError::Failed("a `scatter` needs a second map: add it as `against`".into()));
            };
            if x.shape() != y.shape() {
                return Err(StageError::Failed("the maps of a scatter differ in size".into()));
            }
            let labels = match companion::find(request, "by-class", *i) {
                Some((_, Artifact::Labels(l))) if l.map().is_some_and(|l| l.shape() == x.shape()) => Some(l),
                _ => None,
            };
            let label = |k: usize| labels.as_ref().and_then(|l| l.map()?.values.as_slice()).map_or(0.0, |l| l[k]);
            let k = (0..x.values.len()).map(label).filter(|l| l.is_finite()).fold(0.0, f64::max) as usize + 1;
            let mut classes = vec![Vec::new(); k];
            for (at, (a, b)) in x.values.iter().zip(&y.values).enumerate() {
                let l = label(at);
                if l.is_finite() && a.is_finite() && b.is_finite() {
                    classes[l as usize].push([*a, *b]);
                }
            }
            let n: usize = classes.iter().map(Vec::len).sum();
            let panel = OfPoints {
                x: Quantity::new(quantity(&x), x.unit.clone()),
                y: Quantity::new(quantity(&y), y.unit.clone()),
                classes,
                notes: vec![format!("n\u{a0}=\u{a0}{n}")],
            };
            panels.push(panel.draw()?.with_name(request.name(*i)));
        }
        Ok(Panels { panels, caption: "One point a pixel.".into() })
    }
}

impl Plot for Against {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "against",
            about: "ordinate of the `scatter` of the same figure",
            kinds: &[Kind::Map],
            of: None,
            each: true,
        }
    }

    fn draw(&self, _: &Request<'_>) -> Result<Panels, StageError> {
        Ok(Panels { panels: Vec::new(), caption: String::new() })
    }
}

impl Plot for ByClass {
    fn doc(&self) -> &'static PlotDoc {
        &PlotDoc {
            id: "by-class",
            about: "classes of the `scatter` of the same figure",
            kinds: &[Kind::Labels],
            of: Some("segment"),
            each: true,
        }
    }

    fn draw(&self, _: &Request<'_>) -> Result<Panels, StageError> {
        Ok(Panels { panels: Vec::new(), caption: "Colours and shapes by class.".into() })
    }
}
