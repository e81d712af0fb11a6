//! What a chart draws, in data coordinates, and how it falls on the paper.

use super::axis::Axis;
use super::scene::{Item, Paint, Path, Rect, Stroke};
use super::style::{AXIS, MARKER, Marker, PAPER, Rgb};

/// Something drawn in a frame; coordinates are those of its axes (SI).
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Polyline; a point that is no number breaks it.
    Line {
        /// x and y.
        points: Vec<[f64; 2]>,
        /// Line.
        stroke: Stroke,
    },
    /// Area between two curves.
    Band {
        /// x, lower and upper y.
        rows: Vec<[f64; 3]>,
        /// Fill.
        paint: Paint,
    },
    /// Data points.
    Points {
        /// x and y.
        points: Vec<[f64; 2]>,
        /// Shape.
        marker: Marker,
        /// Fill.
        colour: Rgb,
    },
    /// Interval from one point to another, with end caps across.
    Interval {
        /// One end.
        from: [f64; 2],
        /// The other end.
        to: [f64; 2],
        /// Line.
        stroke: Stroke,
    },
    /// Range of x marked over the whole height; nothing need keep clear of it.
    Range {
        /// Limits in x.
        x: [f64; 2],
        /// Fill.
        paint: Paint,
    },
    /// Vertical line from the lower edge, to `top` where given or over the whole height.
    Upright {
        /// Place in x.
        x: f64,
        /// Upper end.
        top: Option<f64>,
        /// Line.
        stroke: Stroke,
    },
    /// Text set beside one of several places, clear of everything else.
    Name {
        /// Places it may stand at.
        near: Vec<[f64; 2]>,
        /// Text with markup.
        text: String,
        /// Colour.
        colour: Rgb,
        /// Mark that it names, by index.
        of: Option<usize>,
    },
}

/// A frame on the paper with its two axes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) rect: Rect,
    pub(crate) x: &'a Axis,
    pub(crate) y: &'a Axis,
}

impl Frame<'_> {
    /// Place of a data point (pt).
    pub(crate) fn at(&self, [x, y]: [f64; 2]) -> Option<(f64, f64)> {
        let (px, py) = (self.x.place(x)?, self.y.place(y)?);
        Some((self.rect.x + px * self.rect.width, self.rect.bottom() - py * self.rect.height))
    }

    /// Like `at`, with a y that has no place (zero on a logarithmic axis) at the lower edge.
    fn at_or_floor(&self, [x, y]: [f64; 2]) -> Option<(f64, f64)> {
        let floor = self.rect.bottom() + self.rect.height;
        let px = self.x.place(x)?;
        let x = self.rect.x + px * self.rect.width;
        if y.is_nan() {
            return None;
        }
        Some((x, self.y.place(y).map_or(floor, |p| self.rect.bottom() - p * self.rect.height)))
    }

    /// Unbroken stretches of a polyline (pt).
    fn stretches(&self, points: &[[f64; 2]]) -> Vec<Vec<(f64, f64)>> {
        let mut out = vec![Vec::new()];
        for p in points {
            match (self.at(*p), out.last_mut()) {
                (Some(at), Some(stretch)) => stretch.push(at),
                _ => out.push(Vec::new()),
            }
        }
        out.retain(|s| !s.is_empty());
        out
    }
}

impl Mark {
    /// Draws everything but names, which are placed once the rest is known.
    pub(crate) fn paint(&self, frame: &Frame<'_>, out: &mut Vec<Item>) {
        let rect = frame.rect;
        match self {
            Mark::Line { points, stroke } => {
                let long = frame.stretches(points).into_iter().filter(|s| s.len() > 1);
                out.extend(long.map(|s| Item::Path(Path::line(&s, *stroke))));
            }
            Mark::Band { rows, paint } => {
                let (low, high) = edges(frame, rows);
                if low.len() > 1 {
                    let outline: Vec<_> = high.into_iter().chain(low.into_iter().rev()).collect();
                    out.push(Item::Path(Path::polygon(&outline, *paint)));
                }
            }
            Mark::Points { points, marker, colour } => {
                out.extend(points.iter().filter_map(|p| frame.at(*p)).map(|at| shape(*marker, at, *colour)));
            }
            Mark::Interval { from, to, stroke } => {
                if let (Some(a), Some(b)) = (frame.at_or_floor(*from), frame.at_or_floor(*to)) {
                    let cap = if (a.0 - b.0).abs() > (a.1 - b.1).abs() { (0.0, 1.3) } else { (1.3, 0.0) };
                    out.push(Item::Path(Path::line(&[a, b], *stroke)));
                    for (x, y) in [a, b] {
                        out.push(Item::Path(Path::line(&[(x - cap.0, y - cap.1), (x + cap.0, y + cap.1)], *stroke)));
                    }
                }
            }
            Mark::Range { x, paint } => {
                if let (Some(a), Some(b)) = (frame.x.place(x[0]), frame.x.place(x[1])) {
                    let (a, b) = (a.clamp(0.0, 1.0), b.clamp(0.0, 1.0));
                    let left = rect.x + a.min(b) * rect.width;
                    let band = Rect::new(left, rect.y, (b - a).abs() * rect.width, rect.height);
                    out.push(Item::Path(Path::rect(band, Some(*paint), None)));
                }
            }
            Mark::Upright { x, top, stroke } => {
                if let Some((a, b)) = upright(frame, *x, *top) {
                    out.push(Item::Path(Path::line(&[a, b], *stroke)));
                }
            }
            Mark::Name { .. } => {}
        }
    }

    /// Points (pt) that text has to keep clear of.
    pub(crate) fn trace(&self, frame: &Frame<'_>) -> Vec<(f64, f64)> {
        match self {
            Mark::Line { points, .. } => frame.stretches(points).iter().flat_map(|s| dense(s)).collect(),
            Mark::Band { rows, .. } => {
                let (low, high) = edges(frame, rows);
                let mut out: Vec<_> = dense(&low).into_iter().chain(dense(&high)).collect();
                out.extend(low.iter().zip(&high).flat_map(|(a, b)| dense(&[*a, *b])));
                out
            }
            Mark::Points { points, .. } => points.iter().filter_map(|p| frame.at(*p)).flat_map(around).collect(),
            Mark::Interval { from, to, .. } => match (frame.at_or_floor(*from), frame.at_or_floor(*to)) {
                (Some(a), Some(b)) => [around(a), around(b)].concat().into_iter().chain(dense(&[a, b])).collect(),
                _ => Vec::new(),
            },
            Mark::Upright { x, top, .. } => upright(frame, *x, *top).map(|(a, b)| dense(&[a, b])).unwrap_or_default(),
            Mark::Range { .. } | Mark::Name { .. } => Vec::new(),
        }
    }
}

type Edge = Vec<(f64, f64)>;

fn edges(frame: &Frame<'_>, rows: &[[f64; 3]]) -> (Edge, Edge) {
    rows.iter()
        .filter_map(|[x, low, high]| Some((frame.at_or_floor([*x, *low])?, frame.at_or_floor([*x, *high])?)))
        .unzip()
}

fn upright(frame: &Frame<'_>, x: f64, top: Option<f64>) -> Option<((f64, f64), (f64, f64))> {
    let place = frame.x.place(x)?;
    let up = top.and_then(|t| frame.y.place(t)).unwrap_or(1.0);
    let x = frame.rect.x + place * frame.rect.width;
    Some(((x, frame.rect.bottom()), (x, frame.rect.bottom() - up * frame.rect.height)))
}

/// A data marker with a thin rim of paper, so that crowded points stay apart.
pub(crate) fn shape(marker: Marker, (x, y): (f64, f64), colour: Rgb) -> Item {
    let fill = Some(Paint::solid(colour));
    let rim = Some(Stroke::solid(PAPER, 0.6 * AXIS));
    let r = MARKER;
    let polygon = |points: &[(f64, f64)]| {
        let mut path = Path::polygon(points, Paint::solid(colour));
        path.stroke = rim;
        Item::Path(path)
    };
    match marker {
        Marker::Circle => Item::Path(Path::circle((x, y), r, fill, rim)),
        Marker::Square => Item::Path(Path::rect(Rect::new(x - r, y - r, 2.0 * r, 2.0 * r).grown(-0.15), fill, rim)),
        Marker::Up => polygon(&[(x, y - 1.25 * r), (x + 1.15 * r, y + 0.85 * r), (x - 1.15 * r, y + 0.85 * r)]),
        Marker::Down => polygon(&[(x, y + 1.25 * r), (x + 1.15 * r, y - 0.85 * r), (x - 1.15 * r, y - 0.85 * r)]),
        Marker::Diamond => polygon(&[(x, y - 1.35 * r), (x + 1.35 * r, y), (x, y + 1.35 * r), (x - 1.35 * r, y)]),
    }
}

/// A marker or the end of an interval with its cap.
fn around((x, y): (f64, f64)) -> [(f64, f64); 5] {
    let r = MARKER;
    [(x, y), (x - r, y), (x + r, y), (x, y - r), (x, y + r)]
}

/// Points along a polyline, close enough that no text slips between.
fn dense(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
    for w in points.windows(2) {
        let (dx, dy) = (w[1].0 - w[0].0, w[1].1 - w[0].1);
        let parts = (libm::hypot(dx, dy) / 1.5).ceil().clamp(1.0, 4000.0);
        for k in 1..=parts as usize {
            let t = k as f64 / parts;
            out.push((w[0].0 + t * dx, w[0].1 + t * dy));
        }
    }
    out
}
