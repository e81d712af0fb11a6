//! Drawing a frame with its ticks, tick labels and axis labels.

use super::{Axis, Ticks};
use crate::scene::{Align, Item, Path, Rect, Stroke, Text};
use crate::style::{AXIS, CAP, INK, LEADING, MINOR_TICK, TEXT, TICK, TICK_GAP};
use crate::text::{Weight, wrap};

/// Which labels a frame carries itself, and where the y label's first line stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sides {
    /// Labels below.
    pub(crate) x: bool,
    /// Labels at the left.
    pub(crate) y: bool,
    /// Left edge of the y label (pt), shared by a column.
    pub(crate) label_left: f64,
}

/// Tick label to axis label (pt).
const LABEL_GAP: f64 = 3.2;

/// Space below a frame that the x axis takes (pt).
pub(crate) fn x_depth(axis: &Axis, length: f64) -> f64 {
    let lines = wrap(&axis.label, TEXT, Weight::Regular, length).len();
    TICK_GAP + TEXT * CAP + if lines == 0 { 0.0 } else { LABEL_GAP + lines as f64 * LEADING }
}

/// Space left of a frame that the y axis takes (pt).
pub(crate) fn y_depth(axis: &Axis, length: f64) -> f64 {
    let lines = wrap(&axis.label, TEXT, Weight::Regular, length).len();
    let label = if lines == 0 { 0.0 } else { LABEL_GAP + lines as f64 * LEADING };
    TICK_GAP + axis.ticks(length, false).widest() + label
}

/// A frame with inward ticks on all four sides.
pub(crate) fn paint(rect: Rect, x: &Axis, y: &Axis, sides: Sides, out: &mut Vec<Item>) {
    let stroke = Stroke::solid(INK, AXIS);
    let (xt, yt) = (x.ticks(rect.width, true), y.ticks(rect.height, false));
    let across = |place: f64| rect.x + place * rect.width;
    let up = |place: f64| rect.bottom() - place * rect.height;
    for (places, length) in [(major(&xt), TICK), (xt.minor.clone(), MINOR_TICK)] {
        for place in places {
            let at = across(place);
            out.push(Item::Path(Path::line(&[(at, rect.bottom()), (at, rect.bottom() - length)], stroke)));
            out.push(Item::Path(Path::line(&[(at, rect.y), (at, rect.y + length)], stroke)));
        }
    }
    for (places, length) in [(major(&yt), TICK), (yt.minor.clone(), MINOR_TICK)] {
        for place in places {
            let at = up(place);
            out.push(Item::Path(Path::line(&[(rect.x, at), (rect.x + length, at)], stroke)));
            out.push(Item::Path(Path::line(&[(rect.right(), at), (rect.right() - length, at)], stroke)));
        }
    }
    out.push(Item::Path(Path::rect(rect, None, Some(stroke))));
    if sides.x {
        let baseline = rect.bottom() + TICK_GAP + TEXT * CAP;
        for (place, label) in &xt.major {
            out.push(label_item((across(*place), baseline), label, Align::Middle, false));
        }
        for (i, line) in wrap(&x.label, TEXT, Weight::Regular, rect.width).into_iter().enumerate() {
            let at = (rect.x + rect.width / 2.0, baseline + LABEL_GAP + 0.75 * LEADING + i as f64 * LEADING);
            out.push(label_item(at, &line, Align::Middle, false));
        }
    }
    if sides.y {
        for (place, label) in &yt.major {
            let at = (rect.x - TICK_GAP, up(*place) + TEXT * CAP / 2.0);
            out.push(label_item(at, label, Align::End, false));
        }
        for (i, line) in wrap(&y.label, TEXT, Weight::Regular, rect.height).into_iter().enumerate() {
            let at = (sides.label_left + 0.75 * LEADING + i as f64 * LEADING, rect.y + rect.height / 2.0);
            out.push(label_item(at, &line, Align::Middle, true));
        }
    }
}

fn major(ticks: &Ticks) -> Vec<f64> {
    ticks.major.iter().map(|(place, _)| *place).collect()
}

fn label_item(at: (f64, f64), markup: &str, align: Align, upright: bool) -> Item {
    let markup = markup.to_string();
    Item::Text(Text { at, markup, size: TEXT, weight: Weight::Regular, align, upright, colour: INK })
}
