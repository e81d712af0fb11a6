//! A histogram beside that of featureless fields.

use super::histogram::freedman_diaconis;
use super::structure_function::grouped;
use super::{Quantity, results};
use crate::FigureError;
use crate::Result;
use crate::axis::{Axis, Spacing, Span};
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::{Paint, Stroke};
use crate::style::{Dash, LINE, NOTE, NULL, colour};

/// Rule of the bins, for the caption.
pub const RULE: &str = "bins by the Freedman–Diaconis rule, 8 to 60";

/// One quantity: measured values, and those of surrogates.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// Name in the legend; none for a single one.
    pub name: String,
    /// Measured (SI).
    pub values: Vec<f64>,
    /// Of surrogates (SI); empty where there are none.
    pub null: Vec<f64>,
}

/// Histograms on common axes.
#[derive(Clone, Debug)]
pub struct Histograms {
    /// What is counted.
    pub quantity: Quantity,
    /// Distributions; the second is dashed.
    pub of: Vec<Distribution>,
    /// Limits and number of bins, where the quantity has them by nature.
    pub bins: Option<(f64, f64, usize)>,
    /// Lines of text in the panel.
    pub notes: Vec<String>,
    /// Verdict written in the panel.
    pub verdict: Option<String>,
    /// Place of the sample in the study.
    pub series: usize,
}

impl Histograms {
    /// The histograms as a panel.
    ///
    /// # Errors
    /// No finite value.
    pub fn draw(&self) -> Result<Panel> {
        let all = || self.of.iter().flat_map(|d| d.values.iter().copied().filter(|v| v.is_finite()));
        let (low, high, count) = match self.bins {
            Some(b) => b,
            None => {
                let mut values: Vec<f64> = all().collect();
                values.sort_by(f64::total_cmp);
                let (low, high) =
                    Span::of(values.iter().copied().chain([0.0])).limits().ok_or(FigureError::Empty("histogram"))?;
                let width = freedman_diaconis(&values);
                let count = if width > 0.0 { ((high - low) / width).ceil().clamp(8.0, 60.0) as usize } else { 8 };
                (low, high, count)
            }
        };
        if all().next().is_none() {
            return Err(FigureError::Empty("histogram"));
        }
        let x = Axis::linear(&self.quantity.name, &self.quantity.unit, (low, high));
        let density = |values: &[f64]| -> Vec<f64> {
            let mut counts = vec![0usize; count];
            let width = (high - low) / count as f64;
            let finite = values.iter().filter(|v| v.is_finite());
            let n = finite.clone().count().max(1) as f64;
            for v in finite {
                let at = (v - low) / width;
                if at >= 0.0 && *v <= high {
                    counts[(at as usize).min(count - 1)] += 1;
                }
            }
            counts.into_iter().map(|c| c as f64 / (n * width) * x.unit_si()).collect()
        };
        let edge = |i: usize| low + (high - low) * i as f64 / count as f64;
        let outline = |d: &[f64]| -> Vec<[f64; 2]> {
            let steps = d.iter().enumerate().flat_map(|(i, v)| [[edge(i), *v], [edge(i + 1), *v]]);
            std::iter::once([low, 0.0]).chain(steps).chain([[high, 0.0]]).collect()
        };
        let (mut marks, mut keys, mut heights) = (Vec::new(), Vec::new(), Vec::new());
        for d in self.of.iter().filter(|d| !d.null.is_empty()) {
            let null = density(&d.null);
            heights.extend(null.iter().copied());
            let rows = null.iter().enumerate().flat_map(|(i, v)| [[edge(i), 0.0, *v], [edge(i + 1), 0.0, *v]]);
            marks.push(Mark::Band { rows: rows.collect(), paint: Paint::veil(NULL, 0.45) });
        }
        for (k, d) in self.of.iter().enumerate() {
            let own = density(&d.values);
            heights.extend(own.iter().copied());
            let dash = if k == 0 { Dash::Solid } else { Dash::Dashed };
            let stroke = Stroke::solid(colour(self.series), 1.3 * LINE).dashed(dash);
            marks.push(Mark::Line { points: outline(&own), stroke });
            if !d.name.is_empty() {
                keys.push(Note::keyed(Key::Line(Stroke { paint: Paint::solid(NOTE), ..stroke }), &d.name));
            }
        }
        if self.of.iter().any(|d| !d.null.is_empty()) {
            keys.push(Note::keyed(Key::Patch(Paint::veil(NULL, 0.45)), "featureless fields"));
        }
        let label = match x.unit_label.as_str() {
            "" => "Probability density".to_string(),
            unit => format!("Probability density\u{a0}({unit}⁻¹)"),
        };
        let limits = Span::of(heights).from_zero(0.06).unwrap_or((0.0, 1.0));
        let y = Axis::plain(&label, Spacing::Linear, limits);
        let n: Vec<String> =
            self.of.iter().take(1).map(|d| format!("n\u{a0}=\u{a0}{}", grouped(d.values.len() as u64))).collect();
        let notes: Vec<String> = n.into_iter().chain(self.notes.iter().cloned()).collect();
        let panel = Panel::chart(x, y, marks, vec![results(self.verdict.as_ref(), &notes)]);
        Ok(panel.with_legend_below(keys))
    }
}
