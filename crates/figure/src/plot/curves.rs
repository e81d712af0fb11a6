//! Points, fitted lines and bands of one quantity against another, on axes of any kind.

use super::{Quantity, results};
use crate::axis::Span;
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::{Paint, Stroke};
use crate::style::{Dash, INK, LINE, Marker, NOTE, Rgb, colour, text_colour};
use crate::{FigureError, Result};

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Measured: points in the colour of the place.
    Points,
    /// A model: a line in ink.
    Line,
    /// A part of a model: a thin line of the colour and dash of its place.
    Part,
}

/// One series.
#[derive(Clone, Debug)]
pub struct Series {
    /// In the legend; empty for none.
    pub name: String,
    /// x and y (SI); what is no number breaks a line.
    pub points: Vec<[f64; 2]>,
    /// 95 % band or intervals: x, low, high.
    pub band: Vec<[f64; 3]>,
    /// How it is drawn.
    pub look: Look,
    /// Place that gives colour, marker and dash.
    pub series: usize,
}

/// A text at a place.
#[derive(Clone, Debug)]
pub struct Tag {
    /// x and y (SI).
    pub at: [f64; 2],
    /// Text.
    pub text: String,
}

/// Series on one pair of axes.
#[derive(Clone, Debug)]
pub struct Curves {
    /// Abscissa, and whether it is logarithmic.
    pub x: (Quantity, bool),
    /// Ordinate, and whether it is logarithmic.
    pub y: (Quantity, bool),
    /// Whether a linear ordinate begins at 0.
    pub from_zero: bool,
    /// Series in the order they are drawn.
    pub series: Vec<Series>,
    /// Numbers or names at places.
    pub tags: Vec<Tag>,
    /// Ranges of x that the data do not see.
    pub shaded: Vec<[f64; 2]>,
    /// Lines of text in the panel.
    pub notes: Vec<String>,
    /// Verdict, such as `does not superpose`.
    pub verdict: Option<String>,
}

/// Places along the axis at which points are drawn: more would merge.
const MOST: f64 = 160.0;

impl Curves {
    /// The series as a panel.
    ///
    /// # Errors
    /// Nothing that the axes can show.
    pub fn draw(&self) -> Result<Panel> {
        let what = "curves";
        let sound =
            |p: &[f64; 2]| p.iter().all(|v| v.is_finite()) && (!self.x.1 || p[0] > 0.0) && (!self.y.1 || p[1] > 0.0);
        let points = || self.series.iter().flat_map(|s| s.points.iter().copied()).filter(sound);
        // A band that reaches down to 0 must not stretch a logarithmic axis.
        let bands = self.series.iter().flat_map(|s| &s.band).flat_map(|b| [[b[0], b[1]], [b[0], b[2]]]);
        let bands: Vec<[f64; 2]> = if self.y.1 { Vec::new() } else { bands.filter(sound).collect() };
        let along = Span::of(points().map(|p| p[0]));
        let x = if self.x.1 { self.x.0.log(along, what)? } else { self.x.0.linear(along, None, what)? };
        let up = Span::of(points().chain(bands).map(|p| p[1]));
        let y = match (self.y.1, self.from_zero) {
            (true, _) => self.y.0.log(up, what)?,
            (false, true) => {
                let limits = up.from_zero(0.12).ok_or(FigureError::Empty(what))?;
                self.y.0.linear(up, Some(limits), what)?
            }
            (false, false) => self.y.0.linear(up, None, what)?,
        };
        let (mut marks, mut names, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        marks.extend(self.shaded.iter().map(|x| Mark::Range { x: *x, paint: Paint::veil(NOTE, 0.16) }));
        for s in &self.series {
            let ink = colour(s.series);
            let kept: Vec<[f64; 2]> = s.points.iter().copied().filter(sound).collect();
            let line = s.look != Look::Points;
            if !s.band.is_empty() && line {
                marks.push(Mark::Band { rows: s.band.clone(), paint: Paint::veil(ink, 0.2) });
            }
            let key = match s.look {
                Look::Points => {
                    let shown = self.thinned(&kept);
                    let at = |x: f64| shown.iter().any(|p| p[0] == x);
                    for b in s.band.iter().filter(|b| b[1] < b[2] && at(b[0])) {
                        marks.push(Mark::Interval {
                            from: [b[0], b[1]],
                            to: [b[0], b[2]],
                            stroke: Stroke::solid(ink, 0.6 * LINE),
                        });
                    }
                    let marker = Marker::of(s.series);
                    marks.push(Mark::Points { points: shown, marker, colour: ink });
                    Key::Point(marker, ink)
                }
                Look::Line => line_of(kept, Stroke::solid(INK, LINE), &mut marks),
                Look::Part => {
                    let stroke = Stroke::solid(ink, LINE).dashed(Dash::of(s.series));
                    line_of(kept, stroke, &mut marks)
                }
            };
            if !s.name.is_empty() && keys.iter().all(|k: &Note| k.text != s.name) {
                keys.push(Note::keyed(key, &s.name));
            }
        }
        for t in &self.tags {
            names.push(Mark::Name { near: vec![t.at], text: t.text.clone(), colour: tone(self), of: None });
        }
        marks.extend(names);
        let notes = results(self.verdict.as_ref(), &self.notes);
        // One series needs no legend, many stand below.
        Ok(match keys.len() {
            0 | 1 => Panel::chart(x, y, marks, vec![notes]),
            _ => Panel::chart(x, y, marks, vec![notes]).with_legend_below(keys),
        })
    }
}

impl Curves {
    /// Points that lie apart on the axis as it is drawn.
    fn thinned(&self, points: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let place = |p: &[f64; 2]| if self.x.1 { libm::log(p[0]) } else { p[0] };
        let ends = points.iter().map(place).fold((f64::INFINITY, f64::NEG_INFINITY), |e, v| (e.0.min(v), e.1.max(v)));
        let apart = (ends.1 - ends.0) / MOST;
        let mut last = f64::NEG_INFINITY;
        let mut out = Vec::new();
        for p in points {
            if (place(p) - last).abs() >= apart {
                last = place(p);
                out.push(*p);
            }
        }
        out
    }
}

fn tone(c: &Curves) -> Rgb {
    c.series.first().map_or(NOTE, |s| text_colour(s.series))
}

fn line_of(points: Vec<[f64; 2]>, stroke: Stroke, marks: &mut Vec<Mark>) -> Key {
    marks.push(Mark::Line { points, stroke });
    Key::Line(stroke)
}
