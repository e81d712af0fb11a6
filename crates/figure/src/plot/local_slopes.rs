//! Local dimension −d ln N/d ln ε against ε, where a plateau is a dimension and none is not.

use super::box_counts::{legend, length_lines, null_band, side};
use super::results;
use super::structure_function::{Legend, Length, Null};
use crate::axis::{Axis, Spacing, Span};
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::{Paint, Stroke};
use crate::style::{AXIS, Dash, INK, LINE, Marker, NOTE, colour, text_colour};
use crate::{FigureError, Result};
use softspot_data::unit::display;

/// A stretch over which the slope stays within a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plateau {
    /// Middle of the band: the dimension.
    pub value: f64,
    /// Half its height, such as 0.1.
    pub tolerance: f64,
    /// Range of ε (m).
    pub range: [f64; 2],
}

/// One series of slopes.
#[derive(Clone, Debug)]
pub struct Slopes {
    /// Name at the points; may be empty for a single series.
    pub name: String,
    /// ε (m) and slope.
    pub points: Vec<[f64; 2]>,
    /// Plateau found.
    pub plateau: Option<Plateau>,
    /// Length at which the slope changes.
    pub crossover: Option<Length>,
    /// Place in the study, which gives colour and marker.
    pub series: usize,
}

/// Local slopes of one sample.
#[derive(Clone, Debug)]
pub struct LocalSlopes {
    /// Label of the ordinate, such as `−d ln N/d ln ε`.
    pub label: String,
    /// Series.
    pub slopes: Vec<Slopes>,
    /// Null: ε (m), lower and upper bound of the slope.
    pub null: Option<Null>,
    /// Dimension d of the space: a dashed line.
    pub space: Option<f64>,
    /// Limits of ε (m) shared with other panels.
    pub range: Option<(f64, f64)>,
    /// Lines of text in the panel.
    pub notes: Vec<String>,
    /// Verdict, such as `no scaling range`.
    pub verdict: Option<String>,
    /// Where the legend stands.
    pub legend: Legend,
}

/// No dimension is as large: such a slope is a failed division.
const STEEPEST: f64 = 1e3;
/// Room above and below the slopes, and above the line of the space, in parts of the extent.
const PAD: (f64, f64) = (0.08, 0.2);

impl LocalSlopes {
    /// The slopes as a panel.
    ///
    /// # Errors
    /// No slope that the axes can show, limits that bound no range.
    pub fn draw(&self) -> Result<Panel> {
        let what = "local slopes";
        let sound = |p: &&[f64; 2]| p[0].is_finite() && p[0] > 0.0 && p[1].abs() < STEEPEST;
        let shown: Vec<(&Slopes, Vec<[f64; 2]>)> =
            self.slopes.iter().map(|s| (s, s.points.iter().filter(sound).copied().collect())).collect();
        let all = || shown.iter().flat_map(|(_, points)| points.iter());
        if all().next().is_none() {
            return Err(FigureError::Empty(what));
        }
        let nulls = || self.null.iter().flat_map(|n| n.band.iter());
        let plateaus = || self.slopes.iter().filter_map(|s| s.plateau).filter(Plateau::is_sound);
        let x = side(
            Span::positive(all().map(|p| p[0]).chain(nulls().map(|b| b[0])).chain(plateaus().flat_map(|p| p.range))),
            self.range,
            what,
        )?;
        let up = all().map(|p| p[1]).chain(plateaus().flat_map(|p| [p.value - p.tolerance, p.value + p.tolerance]));
        let up = up.chain(nulls().flat_map(|b| [b[1], b[2]])).chain(self.space).filter(|s| s.abs() < STEEPEST);
        let (low, high) = Span::of(up).padded(PAD.0).ok_or(FigureError::Empty(what))?;
        // The name of the line of the space stands above it.
        let over = self.space.filter(|d| d.is_finite()).map_or(high, |d| high.max(d + PAD.1 * (d - low).abs()));
        let y = Axis::plain(&self.label, Spacing::Linear, (low, over));
        let below = self.legend == Legend::Below;
        let single = self.slopes.len() == 1;
        let (mut marks, mut names, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(null) = &self.null {
            names.push(null_band(null, false, &mut marks));
        }
        for (s, _) in &shown {
            let Some(p) = s.plateau.filter(Plateau::is_sound) else { continue };
            let ink = colour(s.series);
            let rows = p.range.map(|e| [e, p.value - p.tolerance, p.value + p.tolerance]).to_vec();
            marks.push(Mark::Band { rows, paint: Paint::veil(ink, 0.24) });
            let line = p.range.map(|e| [e, p.value]).to_vec();
            marks.push(Mark::Line { points: line, stroke: Stroke::solid(if single { INK } else { ink }, LINE) });
            let text = format!("plateau ±\u{a0}{}", display::significant(p.tolerance, 1));
            let paint = Paint::veil(if below || !single { NOTE } else { ink }, if below { 0.4 } else { 0.24 });
            if keys.iter().all(|k: &Note| k.text != text) {
                keys.push(Note::keyed(Key::Patch(paint), text));
            }
        }
        if let Some(d) = self.space.filter(|d| d.is_finite()) {
            let ends = [x.low_si(), x.high_si()].map(|e| [e, d]).to_vec();
            let at = Some(marks.len());
            marks.push(Mark::Line { points: ends, stroke: Stroke::solid(INK, AXIS).dashed(Dash::Dashed) });
            // The ends of the line lie at the frame: the name stands a little inside.
            let near = (1..20).map(|k| [x.low_si() * libm::pow(x.high_si() / x.low_si(), f64::from(k) / 20.0), d]);
            let text = format!("d\u{a0}=\u{a0}{}", display::significant(d, 1 + usize::from(d.fract() != 0.0)));
            names.push(Mark::Name { near: near.collect(), text, colour: INK, of: at });
        }
        for (s, points) in &shown {
            let ink = colour(s.series);
            if let Some(xi) = s.crossover {
                length_lines(xi, |_| None, if single { INK } else { ink }, &mut marks);
            }
            let at = Some(marks.len());
            marks.push(Mark::Points { points: points.clone(), marker: Marker::of(s.series), colour: ink });
            if !single && !s.name.is_empty() {
                let (near, text) = (points.clone(), s.name.clone());
                names.push(Mark::Name { near, text, colour: text_colour(s.series), of: at });
            }
            if single {
                let (marker, tone) = if below { (Marker::Circle, NOTE) } else { (Marker::of(s.series), ink) };
                keys.insert(0, Note::keyed(Key::Point(marker, tone), "local slope"));
            }
        }
        marks.extend(names);
        let inside = if self.legend == Legend::Inside { keys.clone() } else { vec![] };
        let panel = Panel::chart(x, y, marks, vec![results(self.verdict.as_ref(), &self.notes), inside]);
        Ok(legend(panel, self.legend, keys))
    }
}

impl Plateau {
    fn is_sound(&self) -> bool {
        self.range.iter().all(|e| e.is_finite() && *e > 0.0) && self.value.is_finite() && self.tolerance.is_finite()
    }
}
