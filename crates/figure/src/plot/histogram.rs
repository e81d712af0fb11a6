//! Density histogram of one or several samples with fitted curves on top.

use super::{Quantity, density_axis, results};
use crate::Result;
use crate::axis::Span;
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::{Paint, Stroke};
use crate::style::{AXIS, Dash, LINE, colour};

/// Rule of the bins, for the caption.
pub const RULE: &str = "bins by the Freedman–Diaconis rule, at least 5 and at most 200";

/// A fitted normal distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian {
    /// Mean (SI).
    pub mean: f64,
    /// Full width at half maximum (SI).
    pub fwhm: f64,
    /// Share of the values under the curve; 1 for a single component.
    pub weight: f64,
}

/// One sample or state.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Name in the legend.
    pub name: String,
    /// Values (SI); what is not finite is left out.
    pub values: Vec<f64>,
    /// Fitted curves; their sum is drawn.
    pub fit: Vec<Gaussian>,
    /// Value from which on regions are taken (SI).
    pub threshold: Option<f64>,
    /// Place in the study, which gives colour and line style.
    pub series: usize,
}

/// Histograms on common axes.
#[derive(Clone, Debug)]
pub struct Histogram {
    /// Samples, drawn in this order.
    pub samples: Vec<Sample>,
    /// Quantity and unit.
    pub quantity: Quantity,
    /// Limits of the quantity (SI) shared with other panels.
    pub range: Option<(f64, f64)>,
    /// Lines of text in the panel, such as the overlap of two states.
    pub notes: Vec<String>,
}

impl Histogram {
    /// The histograms as a panel.
    ///
    /// # Errors
    /// No finite value, limits that bound no range.
    pub fn draw(&self) -> Result<Panel> {
        let span = Span::of(self.samples.iter().flat_map(|s| s.values.iter().copied()));
        let x = self.quantity.linear(span, self.range, "histogram")?;
        let (mut marks, mut keys, mut heights) = (Vec::new(), Vec::new(), Vec::new());
        let extent = (x.low_si(), x.high_si());
        for sample in &self.samples {
            let bins = bins(&sample.values);
            if bins.is_empty() {
                continue;
            }
            let ink = colour(sample.series);
            let dash = Dash::of(sample.series);
            // Densities per displayed unit of the quantity.
            let density = |d: f64| d * x.unit_si();
            let rows = bins.iter().flat_map(|b| [[b.low, 0.0, density(b.density)], [b.high, 0.0, density(b.density)]]);
            marks.push(Mark::Band { rows: rows.collect(), paint: Paint::veil(ink, 0.16) });
            heights.extend(bins.iter().map(|b| density(b.density)));
            marks.push(Mark::Line { points: steps(&bins, density), stroke: Stroke::solid(ink, AXIS) });
            let curve: Vec<[f64; 2]> = curve(&sample.fit, extent).into_iter().map(|[x, d]| [x, density(d)]).collect();
            heights.extend(curve.iter().map(|p| p[1]));
            if let Some(x) = sample.threshold {
                marks.push(Mark::Upright { x, top: None, stroke: Stroke::solid(ink, LINE).dashed(Dash::Dotted) });
            }
            let stroke = Stroke::solid(ink, 1.5 * LINE).dashed(dash);
            let key = if curve.is_empty() { Key::Patch(Paint::veil(ink, 0.4)) } else { Key::Line(stroke) };
            marks.push(Mark::Line { points: curve, stroke });
            keys.push(Note::keyed(key, &sample.name));
        }
        let y = density_axis(&x, Span::of(heights));
        keys.retain(|n| !n.text.is_empty());
        Ok(Panel::chart(x, y, marks, vec![keys, results(None, &self.notes)]))
    }
}

/// One bin: limits and density per SI unit.
struct Bin {
    low: f64,
    high: f64,
    density: f64,
}

/// Width of bins by Freedman & Diaconis, of rising values; 0 for none.
pub(super) fn freedman_diaconis(sorted: &[f64]) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let quartile = |part: f64| sorted[(part * last as f64).round() as usize];
    2.0 * (quartile(0.75) - quartile(0.25)) / libm::cbrt(sorted.len() as f64)
}

/// Equal bins over all finite values by [`RULE`].
fn bins(values: &[f64]) -> Vec<Bin> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.abs() < 1e200).collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(&least), Some(&most)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let n = sorted.len();
    let width = freedman_diaconis(&sorted);
    let constant = most - least <= 1e-12 * most.abs().max(least.abs());
    let (low, high, count) = if constant {
        let Some((low, high)) = Span::of([least]).limits() else { return Vec::new() };
        // One bin in the middle third of what is shown.
        (low + (high - low) / 3.0, high - (high - low) / 3.0, 1)
    } else {
        let wanted = if width > 0.0 { ((most - least) / width).ceil() } else { 1.0 + libm::log2(n as f64).ceil() };
        (least, most, wanted.clamp(5.0, 200.0) as usize)
    };
    let step = (high - low) / count as f64;
    let mut counts = vec![0usize; count];
    for v in &sorted {
        counts[(((v - low) / step) as usize).min(count - 1)] += 1;
    }
    let bin = |(i, c): (usize, usize)| {
        let low = low + i as f64 * step;
        Bin { low, high: low + step, density: c as f64 / (n as f64 * step) }
    };
    counts.into_iter().enumerate().map(bin).collect()
}

/// Outline of the bins from the axis up and back.
fn steps(bins: &[Bin], density: impl Fn(f64) -> f64) -> Vec<[f64; 2]> {
    let mut out = Vec::with_capacity(2 * bins.len() + 2);
    out.extend(bins.first().map(|b| [b.low, 0.0]));
    out.extend(bins.iter().flat_map(|b| [[b.low, density(b.density)], [b.high, density(b.density)]]));
    out.extend(bins.last().map(|b| [b.high, 0.0]));
    out
}

/// Sum of the components where it is not negligible.
fn curve(fit: &[Gaussian], (low, high): (f64, f64)) -> Vec<[f64; 2]> {
    // FWHM = 2 √(2 ln 2) σ.
    let sigma = |g: &Gaussian| g.fwhm / (2.0 * (2.0 * std::f64::consts::LN_2).sqrt());
    let sound: Vec<&Gaussian> = fit
        .iter()
        .filter(|g| g.fwhm > 0.0 && g.fwhm.is_finite() && g.mean.is_finite() && g.weight.is_finite())
        .collect();
    if sound.is_empty() {
        return Vec::new();
    }
    let from = sound.iter().map(|g| g.mean - 4.0 * sigma(g)).fold(f64::INFINITY, f64::min).max(low);
    let to = sound.iter().map(|g| g.mean + 4.0 * sigma(g)).fold(f64::NEG_INFINITY, f64::max).min(high);
    let at = |x: f64| {
        let parts = sound.iter().map(|g| {
            let (s, z) = (sigma(g), (x - g.mean) / sigma(g));
            g.weight * libm::exp(-0.5 * z * z) / (s * (2.0 * std::f64::consts::PI).sqrt())
        });
        [x, parts.sum()]
    };
    (0..=240).map(|i| at(from + (to - from) * f64::from(i) / 240.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_integrate_to_one() {
        let values: Vec<f64> = (0..1000).map(|i| libm::sin(f64::from(i)) * 3.0 + 1e6).collect();
        let area: f64 = bins(&values).iter().map(|b| b.density * (b.high - b.low)).sum();
        assert!((area - 1.0).abs() < 1e-9);
        assert_eq!(bins(&[2.0, 2.0]).len(), 1);
        assert!(bins(&[f64::NAN]).is_empty());
        assert!(bins(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]).len() >= 4);
    }
}
