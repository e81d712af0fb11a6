//! One panel of a figure: a chart with two axes, a map with its colour bar, slices or a view of a volume.

use super::axis::{self, Axis, Sides};
use super::mark::{Frame, Mark};
use super::note::{self, Block, Note};
use super::picture::Picture;
use super::place::{self, Traces};
use super::scene::{Align, Item, Paint, Path, Rect, Text};
use super::slices::Slices;
use super::solid::Solid;
use super::style::{PAPER, TEXT};
use super::text::{Weight, width};

/// A panel, ready for [`crate::layout::grid`].
#[derive(Clone, Debug)]
pub struct Panel {
    pub(crate) content: Content,
    pub(crate) name: Option<String>,
    /// Legend for the foot of the figure.
    pub(crate) below: Vec<Note>,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Chart(Chart),
    Picture(Picture),
    Slices(Box<Slices>),
    Solid(Solid),
}

impl Content {
    /// Height in parts of the width when `width` points wide, of what has a shape of its own; a chart has none.
    pub(crate) fn aspect(&self, width: f64) -> Option<f64> {
        match self {
            Content::Chart(_) => None,
            Content::Picture(p) => Some(p.aspect()),
            Content::Slices(s) => Some(s.aspect(width)),
            Content::Solid(s) => Some(s.aspect(width)),
        }
    }
}

/// Curves, points and notes between two axes.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) marks: Vec<Mark>,
    pub(crate) blocks: Vec<Block>,
    /// Height of the frame in parts of its width.
    pub(crate) ratio: f64,
    /// Notes may stand anywhere: corners and sides did not do.
    anywhere: bool,
    /// A small chart within the frame.
    inset: Option<Box<Chart>>,
}

/// Height to width of a chart's frame unless asked otherwise.
const RATIO: f64 = 0.74;

impl Panel {
    /// A chart of marks between two axes, with blocks of notes set where they cover nothing: for plots of one's own.
    pub fn chart(x: Axis, y: Axis, marks: Vec<Mark>, blocks: Vec<Vec<Note>>) -> Panel {
        let blocks = blocks.into_iter().filter(|b| !b.is_empty()).collect();
        Panel {
            content: Content::Chart(Chart { x, y, marks, blocks, ratio: RATIO, anywhere: false, inset: None }),
            name: None,
            below: Vec::new(),
        }
    }

    pub(crate) fn picture(picture: Picture, name: Option<String>) -> Panel {
        Panel::of(Content::Picture(picture), name)
    }

    pub(crate) fn of(content: Content, name: Option<String>) -> Panel {
        Panel { content, name, below: Vec::new() }
    }

    /// The panel with another height of its frame, in parts of the width (0.2 to 3); maps keep their own.
    pub fn with_ratio(mut self, ratio: f64) -> Panel {
        if let Content::Chart(chart) = &mut self.content
            && ratio.is_finite()
        {
            chart.ratio = ratio.clamp(0.2, 3.0);
        }
        self
    }

    /// The panel with another chart, small, where it covers nothing. Only charts carry an inset, and only charts are one.
    pub fn with_inset(mut self, inner: Panel) -> Panel {
        if let (Content::Chart(chart), Content::Chart(inner)) = (&mut self.content, inner.content) {
            chart.inset = Some(Box::new(Chart { blocks: Vec::new(), ..inner }));
        }
        self
    }

    /// The panel with a legend at the foot of the figure; entries that several panels give are set once.
    pub fn with_legend_below(mut self, legend: Vec<Note>) -> Panel {
        self.below = legend;
        self
    }

    /// The panel with a sample's name above it.
    pub fn with_name(mut self, name: impl Into<String>) -> Panel {
        self.name = Some(name.into());
        self
    }
}

/// Part of a frame's width that a block of notes may take.
const BLOCK: f64 = 0.6;
/// Steps by which an axis is widened until its notes stand clear: how many, and by which part.
const ROOM: (usize, f64) = (6, 0.08);
/// The same for a chart with an inset.
const ROOM_INSET: (usize, f64) = (16, 0.08);
/// Frame of an inset, in parts of that of its chart.
const INSET: (f64, f64) = (0.36, 0.32);

impl Chart {
    fn frame(&self, rect: Rect) -> Frame<'_> {
        Frame { rect, x: &self.x, y: &self.y }
    }

    fn limit(rect: Rect) -> f64 {
        (BLOCK * rect.width).max(50.0)
    }

    fn traces(&self, rect: Rect) -> Traces {
        let frame = self.frame(rect);
        let mut out = Traces::new();
        for (i, mark) in self.marks.iter().enumerate() {
            let inside = mark.trace(&frame).into_iter().filter(|at| rect.grown(10.0).holds(*at));
            // One point per square point says as much as all of a long record.
            let mut cells: Vec<(i64, i64)> = inside.map(|(x, y)| (x.round() as i64, y.round() as i64)).collect();
            cells.sort_unstable();
            cells.dedup();
            out.extend(cells.into_iter().map(|(x, y)| (i, (x as f64, y as f64))));
        }
        out
    }

    /// Width and height (pt) of the inset with its labels, and the frame within.
    fn inset_size(&self, rect: Rect) -> Option<((f64, f64), Rect)> {
        let inner = self.inset.as_ref()?;
        let (wide, high) = (INSET.0 * rect.width, INSET.1 * rect.height);
        let left = axis::y_depth(&inner.y, high);
        let right = TEXT;
        let size = (left + wide + right, high + axis::x_depth(&inner.x, wide) + TEXT);
        Some((size, Rect::new(left, 0.5 * TEXT, wide, high)))
    }

    /// Places of the inset, if there is one, and of the blocks of notes.
    fn place_blocks(&self, rect: Rect, traces: &Traces) -> Vec<(Rect, bool)> {
        let mut taken: Vec<Rect> = Vec::new();
        let mut out = Vec::new();
        if let Some((size, _)) = self.inset_size(rect) {
            let found = place::block(size, rect, traces, &taken, true);
            taken.push(found.0);
            out.push(found);
        }
        for block in &self.blocks {
            let found = place::block(note::size(block, Chart::limit(rect)), rect, traces, &taken, self.anywhere);
            taken.push(found.0);
            out.push(found);
        }
        out
    }

    /// Widens the y axis upwards until every block of notes stands clear, unless its limits were asked for: first with
    /// the notes in corners and at sides, then with notes anywhere. Where nothing helps, the least crowded state stays.
    pub(crate) fn make_room(&mut self, rect: Rect) {
        let before = self.y.clone();
        let (steps, part) = if self.inset.is_some() { ROOM_INSET } else { ROOM };
        let steps = if self.y.fixed { 0 } else { steps };
        let mut best: Option<(usize, bool, Axis)> = None;
        for anywhere in [false, true] {
            self.anywhere = anywhere;
            self.y = before.clone();
            for _ in 0..=steps {
                let places = self.place_blocks(rect, &self.traces(rect));
                let crowded = places.iter().filter(|(_, clear)| !clear).count();
                if best.as_ref().is_none_or(|(least, ..)| crowded < *least) {
                    best = Some((crowded, anywhere, self.y.clone()));
                }
                if crowded == 0 {
                    return;
                }
                self.y.widen(part);
            }
        }
        if let Some((_, anywhere, y)) = best {
            (self.anywhere, self.y) = (anywhere, y);
        }
    }

    /// Data, notes and names, without the axes.
    pub(crate) fn paint(&self, rect: Rect, out: &mut Vec<Item>) {
        let frame = self.frame(rect);
        let traces = self.traces(rect);
        let mut data = Vec::new();
        for mark in &self.marks {
            mark.paint(&frame, &mut data);
        }
        out.push(Item::Clip(rect, data));
        let places = self.place_blocks(rect, &traces);
        let mut taken: Vec<Rect> = places.iter().map(|(area, _)| *area).collect();
        let mut notes = places.iter();
        if let (Some(inner), Some((_, within))) = (&self.inset, self.inset_size(rect))
            && let Some((area, _)) = notes.next()
        {
            out.push(Item::Path(Path::rect(*area, Some(Paint::solid(PAPER)), None)));
            let frame = Rect::new(area.x + within.x, area.y + within.y, within.width, within.height);
            inner.paint(frame, out);
            axis::paint(frame, &inner.x, &inner.y, Sides { x: true, y: true, label_left: area.x }, out);
        }
        for (block, (area, clear)) in self.blocks.iter().zip(notes) {
            note::paint(block, Chart::limit(rect), *area, *clear, out);
        }
        for mark in &self.marks {
            let Mark::Name { near, text, colour, of } = mark else { continue };
            let near: Vec<_> =
                near.iter().filter_map(|p| frame.at(*p)).filter(|at| rect.grown(1.0).holds(*at)).collect();
            let wide = width(text, TEXT, Weight::Regular);
            let Some(area) = place::name(&near, wide, rect, &traces, &taken, *of) else { continue };
            taken.push(area);
            out.push(Item::Text(Text {
                at: (area.x, area.y + place::NAME_BASELINE),
                markup: text.clone(),
                size: TEXT,
                weight: Weight::Regular,
                align: Align::Start,
                upright: false,
                colour: *colour,
            }));
        }
    }
}
