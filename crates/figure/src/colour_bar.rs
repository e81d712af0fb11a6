//! The colour bar: as high as its map and beside it, with quantity, unit and what the limits leave out.

use super::axis::Axis;
use super::colour::ColourMap;
use super::raster;
use super::scene::{Align, Item, Paint, Path, Rect, Stroke, Text};
use super::style::{AXIS, CAP, INK, LEADING, TEXT};
use super::text::{Weight, width, wrap};

/// Limits of the colours and how they came about.
#[derive(Clone, Debug)]
pub(crate) struct ColourBar {
    /// Quantity, unit and limits.
    pub(crate) axis: Axis,
    pub(crate) map: ColourMap,
    /// Values lie below, above the limits.
    pub(crate) beyond: (bool, bool),
    /// Rule of the limits, such as `1–99 %`.
    pub(crate) note: Option<String>,
}

/// Map to bar (pt).
const GAP: f64 = 5.0;
/// Width of the bar (pt).
const BAR: f64 = 6.5;
/// Bar to tick label (pt).
const TICKS: f64 = 3.2;
/// Tick label to axis label (pt).
const LABEL: f64 = 3.0;
/// Height of a triangle that says values lie beyond (pt).
const TIP: f64 = 5.0;

impl ColourBar {
    fn label_lines(&self, height: f64) -> Vec<String> {
        wrap(&self.axis.label, TEXT, Weight::Regular, height)
    }

    /// Space right of a map `height` points high.
    pub(crate) fn width(&self, height: f64) -> f64 {
        let label = self.label_lines(height).len() as f64 * LEADING;
        let with_ticks = GAP + BAR + TICKS + self.axis.ticks(height - 2.0 * TIP, false).widest() + LABEL + label;
        let note = self.note.as_ref().map_or(0.0, |n| GAP + width(n, TEXT, Weight::Regular));
        with_ticks.max(note)
    }

    /// Draws the bar right of its map.
    pub(crate) fn paint(&self, map: Rect, out: &mut Vec<Item>) {
        let x = map.right() + GAP;
        let (low_tip, high_tip) = (if self.beyond.0 { TIP } else { 0.0 }, if self.beyond.1 { TIP } else { 0.0 });
        let bar = Rect::new(x, map.y + high_tip, BAR, (map.height - low_tip - high_tip).max(1.0));
        let stroke = Stroke::solid(INK, AXIS);
        if let Some(image) = raster::ramp(self.map, bar) {
            out.push(Item::Image(image));
        }
        let middle = x + BAR / 2.0;
        let mut outline = vec![(x, bar.y)];
        if self.beyond.1 {
            let tip = [(x, bar.y), (middle, map.y), (bar.right(), bar.y)];
            out.push(Item::Path(Path::polygon(&tip, Paint::solid(self.map.at(1.0)))));
            outline.push((middle, map.y));
        }
        outline.extend([(bar.right(), bar.y), (bar.right(), bar.bottom())]);
        if self.beyond.0 {
            let tip = [(x, bar.bottom()), (middle, map.bottom()), (bar.right(), bar.bottom())];
            out.push(Item::Path(Path::polygon(&tip, Paint::solid(self.map.at(0.0)))));
            outline.push((middle, map.bottom()));
        }
        outline.push((x, bar.bottom()));
        let mut edge = Path::polygon(&outline, Paint::solid(INK));
        edge.fill = None;
        edge.stroke = Some(stroke);
        out.push(Item::Path(edge));
        let text = |at, markup: &str, align, upright| {
            let markup = markup.to_string();
            Item::Text(Text { at, markup, size: TEXT, weight: Weight::Regular, align, upright, colour: INK })
        };
        let ticks = self.axis.ticks(bar.height, false);
        for (place, label) in &ticks.major {
            let y = bar.bottom() - place * bar.height;
            out.push(Item::Path(Path::line(&[(bar.right(), y), (bar.right() + 1.6, y)], stroke)));
            out.push(text((bar.right() + TICKS, y + TEXT * CAP / 2.0), label, Align::Start, false));
        }
        let left = bar.right() + TICKS + ticks.widest() + LABEL;
        for (i, line) in self.label_lines(map.height).iter().enumerate() {
            let at = (left + 0.75 * LEADING + i as f64 * LEADING, map.y + map.height / 2.0);
            out.push(text(at, line, Align::Middle, true));
        }
        if let Some(note) = &self.note {
            out.push(text((x, map.y - 3.0), note, Align::Start, false));
        }
    }
}
