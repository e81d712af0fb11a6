//! Structure function H(r) with model, interval band, null and correlation length.

use super::{Quantity, results};
use crate::axis::Span;
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::{Paint, Stroke};
use crate::style::{AXIS, Dash, INK, LINE, Marker, NOTE, NULL, colour};
use crate::{FigureError, Result};
use softspot_data::unit::{Unit, display};

/// Correlation length with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Length {
    /// Estimate (m).
    pub value: f64,
    /// Lower and upper bound (m).
    pub interval: Option<[f64; 2]>,
}

/// What remains without structure, or at the noise floor.
#[derive(Clone, Debug)]
pub struct Null {
    /// Its label, such as `shuffled pixels`.
    pub label: String,
    /// r (m), lower and upper bound (SI).
    pub band: Vec<[f64; 3]>,
}

/// Where a legend stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legend {
    /// In the panel.
    Inside,
    /// At the foot of the figure, once for all panels, in grey since each sample has its colour.
    Below,
    /// Nowhere: the caption says it.
    None,
}

/// One structure function.
#[derive(Clone, Debug)]
pub struct StructureFunction {
    /// Name and unit of H.
    pub quantity: Quantity,
    /// r (m) and H (SI).
    pub points: Vec<[f64; 2]>,
    /// Model: r (m) and H (SI).
    pub model: Vec<[f64; 2]>,
    /// 95 % interval: r (m), lower and upper bound (SI).
    pub band: Vec<[f64; 3]>,
    /// Null.
    pub null: Option<Null>,
    /// Range of r used by the fit (m).
    pub fit_range: Option<[f64; 2]>,
    /// Correlation length.
    pub xi: Option<Length>,
    /// Number of values behind the estimate.
    pub n: Option<u64>,
    /// Verdict, such as `window-limited`.
    pub verdict: Option<String>,
    /// Logarithmic r.
    pub log_r: bool,
    /// Logarithmic H.
    pub log_h: bool,
    /// Place of the sample in the study.
    pub series: usize,
    /// Where the legend stands.
    pub legend: Legend,
}

impl StructureFunction {
    /// The structure function as a panel.
    ///
    /// # Errors
    /// No point that the axes can show.
    pub fn draw(&self) -> Result<Panel> {
        let what = "structure function";
        let shown =
            |r: f64, h: f64| r.is_finite() && h.is_finite() && (!self.log_r || r > 0.0) && (!self.log_h || h > 0.0);
        let points: Vec<[f64; 2]> = self.points.iter().copied().filter(|p| shown(p[0], p[1])).collect();
        if points.is_empty() {
            return Err(FigureError::Empty(what));
        }
        let bands = || self.band.iter().chain(self.null.iter().flat_map(|n| n.band.iter()));
        let r = Span::of(points.iter().chain(&self.model).filter(|p| shown(p[0], p[1])).map(|p| p[0]));
        let h = points.iter().chain(&self.model).filter(|p| shown(p[0], p[1])).map(|p| p[1]);
        let h = h.chain(bands().filter(|b| b[0].is_finite()).flat_map(|b| [b[1], b[2]]));
        let distance = Quantity::new("r", Unit::of("m"));
        let x =
            if self.log_r { distance.log(r, what)? } else { distance.linear(r.and(Span::of([0.0])), None, what)? };
        let y = if self.log_h {
            self.quantity.log(Span::positive(h), what)?
        } else {
            self.quantity.linear(Span::of(h.chain([0.0])), None, what)?
        };
        let ink = colour(self.series);
        let mut marks = Vec::new();
        let below = self.legend == Legend::Below;
        let (marker, tone) = if below { (Marker::Circle, NOTE) } else { (Marker::of(self.series), ink) };
        let mut keys = vec![Note::keyed(Key::Point(marker, tone), "data")];
        if let Some(range) = self.fit_range.filter(|f| f.iter().all(|r| r.is_finite())) {
            let paint = Paint::veil(NULL, 0.28);
            marks.push(Mark::Range { x: range, paint });
            keys.push(Note::keyed(Key::Patch(paint), "fit range"));
        }
        if let Some(null) = &self.null {
            let at = marks.len();
            marks.push(Mark::Band { rows: null.band.clone(), paint: Paint::solid(NULL) });
            let near = null.band.iter().map(|b| [b[0], middle(b[1], b[2], self.log_h)]).collect();
            marks.push(Mark::Name { near, text: null.label.clone(), colour: NOTE, of: Some(at) });
        }
        if !self.band.is_empty() {
            marks.push(Mark::Band { rows: self.band.clone(), paint: Paint::veil(ink, 0.28) });
            let paint = Paint::veil(tone, if below { 0.5 } else { 0.28 });
            keys.push(Note::keyed(Key::Patch(paint), "95\u{a0}% interval"));
        }
        if let Some(xi) = self.xi.filter(|xi| xi.value.is_finite()) {
            self.mark_length(xi, &mut marks);
        }
        marks.push(Mark::Points { points, marker: Marker::of(self.series), colour: ink });
        if !self.model.is_empty() {
            let stroke = Stroke::solid(INK, LINE);
            marks.push(Mark::Line { points: self.model.clone(), stroke });
            keys.insert(1, Note::keyed(Key::Line(stroke), "model"));
        }
        let results = results(self.verdict.as_ref(), &self.texts());
        Ok(match self.legend {
            Legend::Inside => Panel::chart(x, y, marks, vec![results, keys]),
            Legend::Below => Panel::chart(x, y, marks, vec![results]).with_legend_below(keys),
            Legend::None => Panel::chart(x, y, marks, vec![results]),
        })
    }

    /// A drop line at ξ up to the model, its interval in fainter lines beside it.
    fn mark_length(&self, xi: Length, marks: &mut Vec<Mark>) {
        let model = |r: f64| {
            let nearest = |a: &&[f64; 2], b: &&[f64; 2]| (a[0] - r).abs().total_cmp(&(b[0] - r).abs());
            self.model.iter().filter(|p| p[0].is_finite() && p[1].is_finite()).min_by(nearest).map(|p| p[1])
        };
        let stroke = Stroke::solid(INK, AXIS).dashed(Dash::Dashed);
        for bound in xi.interval.into_iter().flatten().filter(|b| b.is_finite()) {
            let stroke = Stroke::solid(NOTE, AXIS).dashed(Dash::Dotted);
            marks.push(Mark::Upright { x: bound, top: model(bound), stroke });
        }
        marks.push(Mark::Upright { x: xi.value, top: model(xi.value), stroke });
    }

    fn texts(&self) -> Vec<String> {
        let length = |v: f64| display::quantity(v, &Unit::of("m"));
        let xi = self.xi.map(|xi| match xi.interval {
            Some([low, high]) => {
                let shown = display::choose(xi.value, &Unit::of("m"));
                let number = |v: f64| display::significant(shown.value(v), 3);
                format!(
                    "ξ\u{a0}=\u{a0}{} [{},\u{a0}{}]\u{a0}{}",
                    number(xi.value),
                    number(low),
                    number(high),
                    shown.label
                )
            }
            None => format!("ξ\u{a0}=\u{a0}{}", length(xi.value)),
        });
        let n = self.n.map(|n| format!("n\u{a0}=\u{a0}{}", grouped(n)));
        xi.into_iter().chain(n).collect()
    }
}

/// Middle of an interval as the axis sees it.
fn middle(low: f64, high: f64, log: bool) -> f64 {
    if log && low > 0.0 && high > 0.0 { low.sqrt() * high.sqrt() } else { low + (high - low) / 2.0 }
}

/// An integer with thin spaces between groups of three.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() > 4 {
            out.push('\u{2009}');
        }
        out.push(c);
    }
    out
}
