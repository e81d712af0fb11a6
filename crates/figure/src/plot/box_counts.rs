//! Number of boxes N(ε) against their side ε with the fitted dimension, its range and the crossover.

use super::structure_function::{Legend, Length, Null, grouped};
use super::{Quantity, results};
use crate::axis::{Axis, Span};
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::{Paint, Stroke};
use crate::style::{AXIS, Dash, INK, LINE, Marker, NOTE, NULL, colour, text_colour};
use crate::{FigureError, Result};
use softspot_data::unit::{Unit, display};

/// A fitted power law N ∝ ε^(−D).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Dimension D.
    pub dimension: f64,
    /// Its 95 % interval.
    pub interval: Option<[f64; 2]>,
    /// Range of ε used by the fit (m).
    pub range: [f64; 2],
    /// Any point of the line: ε (m) and N.
    pub through: [f64; 2],
}

/// One series of counts.
#[derive(Clone, Debug)]
pub struct Counts {
    /// Name at the points and before its results; may be empty for a single series.
    pub name: String,
    /// ε (m) and N.
    pub points: Vec<[f64; 2]>,
    /// Fitted dimension.
    pub fit: Option<Fit>,
    /// Length at which the slope changes.
    pub crossover: Option<Length>,
    /// Place in the study, which gives colour and marker.
    pub series: usize,
}

/// Counts of one sample.
#[derive(Clone, Debug)]
pub struct BoxCounts {
    /// Label of the ordinate, such as `N(ε)`.
    pub label: String,
    /// Series.
    pub counts: Vec<Counts>,
    /// Null: ε (m), lower and upper bound of N.
    pub null: Option<Null>,
    /// Limits of ε (m) shared with other panels.
    pub range: Option<(f64, f64)>,
    /// Number of values behind the counts.
    pub n: Option<u64>,
    /// Further lines of text in the panel.
    pub notes: Vec<String>,
    /// Verdict, such as `no scaling range`.
    pub verdict: Option<String>,
    /// Where the legend stands.
    pub legend: Legend,
}

impl Fit {
    fn at(&self, e: f64) -> f64 {
        self.through[1] * libm::pow(e / self.through[0], -self.dimension)
    }

    /// The line over the range, where both have a place on logarithmic axes.
    fn line(&self) -> Option<[[f64; 2]; 2]> {
        let line = self.range.map(|e| [e, self.at(e)]);
        line.iter().flatten().all(|v| v.is_finite() && *v > 0.0).then_some(line)
    }
}

impl BoxCounts {
    /// The counts as a panel.
    ///
    /// # Errors
    /// No positive count, limits that bound no range.
    pub fn draw(&self) -> Result<Panel> {
        let what = "box counts";
        let shown: Vec<(&Counts, Vec<[f64; 2]>)> = self.counts.iter().map(|c| (c, positive(&c.points))).collect();
        if shown.iter().all(|(_, points)| points.is_empty()) {
            return Err(FigureError::Empty(what));
        }
        let lines = || self.counts.iter().filter_map(|c| c.fit.and_then(|f| f.line())).flatten();
        let all = || shown.iter().flat_map(|(_, points)| points.iter().copied()).chain(lines());
        let nulls = || self.null.iter().flat_map(|n| n.band.iter());
        let bounds = nulls().flat_map(|b| [b[1], b[2]]);
        let x = side(Span::positive(all().map(|p| p[0]).chain(nulls().map(|b| b[0]))), self.range, what)?;
        let ordinate = Quantity::new(&self.label, Unit::none());
        let y = ordinate.log(Span::positive(all().map(|p| p[1]).chain(bounds)), what)?;
        let below = self.legend == Legend::Below;
        let (mut marks, mut names, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let single = self.counts.len() == 1;
        for range in self.counts.iter().filter_map(|c| c.fit).filter(|f| f.line().is_some()).map(|f| f.range) {
            // The ranges of several series would hide each other; there the lines end where the ranges do.
            if single {
                let paint = Paint::veil(NULL, 0.28);
                marks.push(Mark::Range { x: range, paint });
                keys.push(Note::keyed(Key::Patch(paint), "fit range"));
            }
        }
        if let Some(null) = &self.null {
            names.push(null_band(null, true, &mut marks));
        }
        for (c, points) in &shown {
            let ink = colour(c.series);
            if let Some(xi) = c.crossover {
                length_lines(xi, |e| nearest(points, e), if single { INK } else { ink }, &mut marks);
            }
            let at = marks.len();
            marks.push(Mark::Points { points: points.clone(), marker: Marker::of(c.series), colour: ink });
            if !single && !c.name.is_empty() {
                let (near, text) = (points.clone(), c.name.clone());
                names.push(Mark::Name { near, text, colour: text_colour(c.series), of: Some(at) });
            }
            if let Some(line) = c.fit.and_then(|f| f.line()) {
                let stroke = Stroke::solid(if single { INK } else { ink }, 1.2 * LINE);
                marks.push(Mark::Line { points: line.to_vec(), stroke });
            }
        }
        if let Some(c) = self.counts.first().filter(|_| single) {
            let tone = if below { NOTE } else { colour(c.series) };
            let marker = if below { Marker::Circle } else { Marker::of(c.series) };
            keys.insert(0, Note::keyed(Key::Point(marker, tone), "data"));
        }
        if lines().next().is_some() {
            let tone = if single { INK } else { NOTE };
            keys.insert(keys.len().min(1), Note::keyed(Key::Line(Stroke::solid(tone, 1.2 * LINE)), "power law"));
        }
        marks.extend(names);
        let results = results(self.verdict.as_ref(), &self.texts());
        Ok(legend(
            Panel::chart(x, y, marks, vec![results, if below { vec![] } else { keys.clone() }]),
            self.legend,
            keys,
        ))
    }

    fn texts(&self) -> Vec<String> {
        let single = self.counts.len() == 1;
        let fit = |c: &Counts| {
            let dimension = c.fit.map(|f| interval("D", f.dimension, f.interval, &Unit::none()));
            // Among several, what the dotted lines show needs no words.
            let bounds = |xi: Length| xi.interval.filter(|_| single);
            let length = c.crossover.map(|xi| interval("ξ", xi.value, bounds(xi), &Unit::of("m")));
            let said: Vec<String> = dimension.into_iter().chain(length).collect();
            match said.len() {
                0 => said,
                _ if single => said,
                _ if c.name.is_empty() => vec![said.join(", ")],
                _ => vec![format!("{}: {}", c.name, said.join(", "))],
            }
        };
        let n = self.n.map(|n| format!("n\u{a0}=\u{a0}{}", grouped(n)));
        self.counts.iter().flat_map(fit).chain(n).chain(self.notes.iter().cloned()).collect()
    }
}

/// The panel with its legend where it shall stand; inside it is a block already.
pub(super) fn legend(panel: Panel, at: Legend, keys: Vec<Note>) -> Panel {
    if at == Legend::Below { panel.with_legend_below(keys) } else { panel }
}

/// Points that logarithmic axes can show.
fn positive(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    points.iter().copied().filter(|p| p.iter().all(|v| v.is_finite() && *v > 0.0)).collect()
}

/// Axis of ε over the data or over limits asked for.
pub(super) fn side(span: Span, asked: Option<(f64, f64)>, what: &'static str) -> Result<Axis> {
    let side = Quantity::new("ε", Unit::of("m"));
    match asked {
        None => side.log(span, what),
        Some((low, high)) if low > 0.0 => {
            let limits = super::checked(low, high, what)?;
            Ok(Axis::log(&side.name, &side.unit, limits).fixed())
        }
        Some((low, high)) => Err(FigureError::Limits(low, high, what)),
    }
}

/// Draws the band of a null and gives its name.
pub(super) fn null_band(null: &Null, log: bool, marks: &mut Vec<Mark>) -> Mark {
    let at = Some(marks.len());
    marks.push(Mark::Band { rows: null.band.clone(), paint: Paint::solid(NULL) });
    let middle = |b: &[f64; 3]| if log && b[1] > 0.0 { b[1].sqrt() * b[2].sqrt() } else { (b[1] + b[2]) / 2.0 };
    let near = null.band.iter().map(|b| [b[0], middle(b)]).collect();
    Mark::Name { near, text: null.label.clone(), colour: NOTE, of: at }
}

/// A drop line at a length up to the data, its interval in fainter lines beside it.
pub(super) fn length_lines(
    length: Length,
    top: impl Fn(f64) -> Option<f64>,
    ink: crate::style::Rgb,
    marks: &mut Vec<Mark>,
) {
    if !(length.value.is_finite() && length.value > 0.0) {
        return;
    }
    for bound in length.interval.into_iter().flatten().filter(|b| b.is_finite()) {
        let stroke = Stroke::solid(if ink == INK { NOTE } else { ink }, AXIS).dashed(Dash::Dotted);
        marks.push(Mark::Upright { x: bound, top: top(bound), stroke });
    }
    let stroke = Stroke::solid(ink, AXIS).dashed(Dash::Dashed);
    marks.push(Mark::Upright { x: length.value, top: top(length.value), stroke });
}

/// Ordinate at a length, between points as straight lines on logarithmic axes.
fn nearest(points: &[[f64; 2]], e: f64) -> Option<f64> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let k = sorted.windows(2).position(|w| w[0][0] <= e && e <= w[1][0])?;
    let (a, b) = (sorted[k], sorted[k + 1]);
    let whole = libm::log(b[0] / a[0]);
    let part = if whole > 0.0 { libm::log(e / a[0]) / whole } else { 0.0 };
    Some(a[1] * libm::pow(b[1] / a[1], part))
}

/// `D = 2.31 [2.25, 2.37]`, with the unit behind.
pub(super) fn interval(name: &str, value: f64, bounds: Option<[f64; 2]>, unit: &Unit) -> String {
    let shown = display::choose(value, unit);
    let number = |v: f64| display::significant(shown.value(v), 3);
    let bounds = bounds.map_or(String::new(), |[a, b]| format!(" [{},\u{a0}{}]", number(a), number(b)));
    let unit = if shown.label.is_empty() { String::new() } else { format!("\u{a0}{}", shown.label) };
    format!("{name}\u{a0}=\u{a0}{}{bounds}{unit}", number(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_is_a_straight_line_through_its_point() {
        let fit = Fit { dimension: 2.0, interval: None, range: [1e-9, 1e-7], through: [1e-8, 400.0] };
        let [a, b] = fit.line().expect("a line");
        assert!((a[1] - 4e4).abs() < 1e-6 && (b[1] - 4.0).abs() < 1e-9);
        assert!(Fit { range: [0.0, 1.0], ..fit }.line().is_none());
        assert!(Fit { dimension: f64::NAN, ..fit }.line().is_none());
    }

    #[test]
    fn lengths_reach_up_to_the_data() {
        let points = [[1.0, 100.0], [100.0, 1.0]];
        assert!((nearest(&points, 10.0).expect("between") - 10.0).abs() < 1e-9);
        assert_eq!(nearest(&points, 1000.0), None);
    }

    #[test]
    fn results_carry_interval_and_unit() {
        assert_eq!(interval("D", 2.314, Some([2.25, 2.37]), &Unit::none()), "D\u{a0}=\u{a0}2.31 [2.25,\u{a0}2.37]");
        assert_eq!(interval("ξ", 4e-8, None, &Unit::of("m")), "ξ\u{a0}=\u{a0}40.0\u{a0}nm");
    }
}
