//! The letter of a direction in space with an arrow the way it grows.

use super::scene::{Align, Item, Paint, Path, Stroke, Text};
use super::style::{AXIS, INK, TEXT};
use super::text::Weight;

/// Middle of the letter, tail and tip of the arrow along its direction (pt).
const LETTER: f64 = -6.0;
const TAIL: f64 = -2.2;
const TIP: f64 = 7.5;
/// Length and half the width of the arrow's head (pt).
const HEAD: (f64, f64) = (3.0, 1.15);
/// Shortest side that an arrow fits (pt).
const SHORTEST: f64 = 20.0;
/// Half the height of a letter without ascender (pt).
const HALF: f64 = 0.27 * TEXT;

/// Draws a letter about `middle` and an arrow along `way` (a unit vector); the letter alone where a side is too short.
pub(crate) fn paint(letter: &str, middle: (f64, f64), way: (f64, f64), side: f64, out: &mut Vec<Item>) {
    let along = |s: f64, across: f64| (middle.0 + s * way.0 - across * way.1, middle.1 + s * way.1 + across * way.0);
    let room = side >= SHORTEST;
    let (x, y) = if room { along(LETTER, 0.0) } else { middle };
    out.push(Item::Text(Text {
        at: (x, y + HALF),
        markup: letter.to_string(),
        size: TEXT,
        weight: Weight::Regular,
        align: Align::Middle,
        upright: false,
        colour: INK,
    }));
    if room {
        let neck = TIP - HEAD.0;
        out.push(Item::Path(Path::line(&[along(TAIL, 0.0), along(neck, 0.0)], Stroke::solid(INK, AXIS))));
        let head = [along(TIP, 0.0), along(neck, HEAD.1), along(neck, -HEAD.1)];
        out.push(Item::Path(Path::polygon(&head, Paint::solid(INK))));
    }
}
