//! A map on the paper: pixels, hatch, overlays, scale bar, colour bar.

use super::colour_bar::ColourBar;
use super::raster::{self, Field};
use super::scale_bar;
use super::scene::{Align, Item, Paint, Path, Rect, Step, Stroke, Text};
use super::style::{AXIS, CAP, Dash, INK, LEADING, LINE, PAPER, Rgb, TEXT};
use super::text::{Weight, width, wrap};

/// A map ready to be set.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) field: Field,
    /// Extent in y and x (m).
    pub(crate) extent: [f64; 2],
    pub(crate) bar: ColourBar,
    /// Whether the bar is drawn.
    pub(crate) show_bar: bool,
    /// End points of a profile: row, column (pixels).
    pub(crate) line: Option<[[f64; 2]; 2]>,
    /// Sides of outlined regions: row and column of both corners.
    pub(crate) outlines: Vec<[u32; 4]>,
    /// Row and column (pixels) in which other slices of a volume cut this one.
    pub(crate) cuts: Option<[usize; 2]>,
    pub(crate) scale_bar: bool,
    pub(crate) verdict: Option<String>,
}

/// Ground and lines of the hatch over masked pixels.
const HATCH: (Rgb, Rgb) = ([0xe2, 0xe2, 0xe2], [0x8a, 0x8a, 0x8a]);
/// Distance of hatch lines (pt).
const HATCH_STEP: f64 = 2.4;
/// Maps narrower or lower than this part of the other side are drawn at this part.
const FLATTEST: f64 = 0.02;

impl Picture {
    /// Height in parts of the width.
    pub(crate) fn aspect(&self) -> f64 {
        (self.extent[0] / self.extent[1]).clamp(FLATTEST, 1.0 / FLATTEST)
    }

    /// The map's own box within the frame it was given: its aspect, left top.
    fn fit(&self, frame: Rect) -> Rect {
        let width = frame.width.min(frame.height / self.aspect());
        Rect::new(frame.x, frame.y, width, width * self.aspect())
    }

    /// Space right of a frame of this height for the colour bar.
    pub(crate) fn right(&self, height: f64) -> f64 {
        if self.show_bar { self.bar.width(height) } else { AXIS }
    }

    pub(crate) fn paint(&self, frame: Rect, out: &mut Vec<Item>) {
        let rect = self.fit(frame);
        self.paint_in(rect, out);
        if self.show_bar {
            self.bar.paint(rect, out);
        }
    }

    /// Draws all but the colour bar into a box of the right shape.
    pub(crate) fn paint_in(&self, rect: Rect, out: &mut Vec<Item>) {
        let mut inside = Vec::new();
        if self.field.has_mask() {
            hatch(rect, &mut inside);
        }
        let limits = (self.bar.axis.low_si(), self.bar.axis.high_si());
        if let Some(image) = raster::image(&self.field, limits, self.bar.map, rect) {
            inside.push(Item::Image(image));
        }
        self.outline(rect, &mut inside);
        if let Some(cuts) = self.cuts {
            self.cut(cuts, rect, &mut inside);
        }
        if let Some(line) = self.line {
            self.profile(line, rect, &mut inside);
        }
        out.push(Item::Clip(rect, inside));
        out.push(Item::Path(Path::rect(rect, None, Some(Stroke::solid(INK, AXIS)))));
        if self.scale_bar {
            scale_bar::paint(rect, self.extent[1], out);
        }
        if let Some(verdict) = &self.verdict {
            plate(verdict, rect, out);
        }
    }

    /// Regions outlined in one path, dark on a ground of paper.
    fn outline(&self, rect: Rect, out: &mut Vec<Item>) {
        if self.outlines.is_empty() {
            return;
        }
        let (dx, dy) = (rect.width / self.field.columns as f64, rect.height / self.field.rows as f64);
        let steps = |s: &[u32; 4]| {
            let at = |row: u32, column: u32| (rect.x + f64::from(column) * dx, rect.y + f64::from(row) * dy);
            let (a, b) = (at(s[0], s[1]), at(s[2], s[3]));
            [Step::Move(a.0, a.1), Step::Line(b.0, b.1)]
        };
        let steps: Vec<Step> = self.outlines.iter().flat_map(steps).collect();
        for stroke in
            [Stroke { paint: Paint::veil(PAPER, 0.8), width: 0.9, dash: Dash::Solid }, Stroke::solid(INK, 0.35)]
        {
            out.push(Item::Path(Path { steps: steps.clone(), fill: None, stroke: Some(stroke) }));
        }
    }

    /// Thin dashes on a ground of paper through the middles of a row and a column.
    fn cut(&self, [row, column]: [usize; 2], rect: Rect, out: &mut Vec<Item>) {
        let y = rect.y + (row as f64 + 0.5) / self.field.rows as f64 * rect.height;
        let x = rect.x + (column as f64 + 0.5) / self.field.columns as f64 * rect.width;
        let ground = Stroke { paint: Paint::veil(PAPER, 0.7), width: 0.9, dash: Dash::Solid };
        for ends in [[(rect.x, y), (rect.right(), y)], [(x, rect.y), (x, rect.bottom())]] {
            out.push(Item::Path(Path::line(&ends, ground)));
            out.push(Item::Path(Path::line(&ends, Stroke::solid(INK, 0.4).dashed(Dash::Dashed))));
        }
    }

    /// Dots on a ground of paper, which show on light and dark colours alike.
    fn profile(&self, ends: [[f64; 2]; 2], rect: Rect, out: &mut Vec<Item>) {
        let at = |[row, column]: [f64; 2]| {
            // Pixel indices name the middles of pixels.
            let x = rect.x + (column + 0.5) / self.field.columns as f64 * rect.width;
            let y = rect.y + (row + 0.5) / self.field.rows as f64 * rect.height;
            (x, y)
        };
        let ends = [at(ends[0]), at(ends[1])];
        if ends.iter().all(|(x, y)| x.abs() < 1e5 && y.abs() < 1e5) {
            let ground = Stroke { paint: Paint::veil(PAPER, 0.9), width: 1.6, dash: Dash::Solid };
            out.push(Item::Path(Path::line(&ends, ground)));
            out.push(Item::Path(Path::line(&ends, Stroke::solid(INK, 1.2 * LINE).dashed(Dash::Dotted))));
        }
    }
}

fn hatch(rect: Rect, out: &mut Vec<Item>) {
    out.push(Item::Path(Path::rect(rect, Some(Paint::solid(HATCH.0)), None)));
    let mut offset = HATCH_STEP;
    while offset < rect.width + rect.height {
        let ends = [(rect.x + offset - rect.height, rect.bottom()), (rect.x + offset, rect.y)];
        out.push(Item::Path(Path::line(&ends, Stroke::solid(HATCH.1, AXIS))));
        offset += HATCH_STEP;
    }
}

/// Bold text on a plate at the left top.
fn plate(text: &str, rect: Rect, out: &mut Vec<Item>) {
    let lines = wrap(text, TEXT, Weight::Bold, rect.width - 12.0);
    let wide = lines.iter().map(|l| width(l, TEXT, Weight::Bold)).fold(0.0, f64::max);
    let ground = Rect::new(rect.x + 3.5, rect.y + 3.5, wide + 4.4, lines.len() as f64 * LEADING + 1.6);
    out.push(Item::Path(Path::rect(ground, Some(Paint::veil(PAPER, 0.85)), None)));
    for (i, line) in lines.into_iter().enumerate() {
        let baseline = ground.y + 0.8 + i as f64 * LEADING + (LEADING + TEXT * CAP) / 2.0;
        out.push(Item::Text(Text {
            at: (ground.x + 2.2, baseline),
            markup: line,
            size: TEXT,
            weight: Weight::Bold,
            align: Align::Start,
            upright: false,
            colour: INK,
        }));
    }
}
