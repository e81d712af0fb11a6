//! Where text goes in a frame: blocks of notes in the emptiest corner, names beside what they name.

use super::scene::Rect;
use super::style::{CAP, MARKER, TEXT};

/// Points to keep clear of, each with the index of the mark it belongs to.
pub(crate) type Traces = Vec<(usize, (f64, f64))>;

/// Frame edge to text (pt).
const INSET: f64 = 5.0;

fn hits(area: &Rect, traces: &Traces) -> usize {
    traces.iter().filter(|(_, at)| area.holds(*at)).count()
}

/// Best place of a block of this size, and whether it is clear; anywhere, or in corners and at sides only.
pub(crate) fn block(
    (width, height): (f64, f64),
    frame: Rect,
    traces: &Traces,
    taken: &[Rect],
    anywhere: bool,
) -> (Rect, bool) {
    let (left, right) = (frame.x + INSET, frame.right() - INSET - width);
    let (top, bottom) = (frame.y + INSET - 1.0, frame.bottom() - INSET - height + 1.0);
    let across = |part: f64| left + part * (right - left);
    let down = |part: f64| top + part * (bottom - top);
    let sides = [(1.0, 0.0), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.5, 0.0), (0.5, 1.0), (1.0, 0.5), (0.0, 0.5)];
    let lattice = (0..if anywhere { LATTICE * LATTICE } else { 0 }).map(|k| {
        let part = |i: usize| i as f64 / (LATTICE - 1) as f64;
        (part(k % LATTICE), part(k / LATTICE))
    });
    let mut best = (Rect::new(left, top, width, height), usize::MAX);
    for (x, y) in sides.into_iter().chain(lattice) {
        let area = Rect::new(across(x), down(y), width, height);
        let crowd = taken.iter().filter(|t| t.grown(2.0).meets(&area)).count();
        let count = hits(&area.grown(2.5), traces) + 10_000 * crowd;
        if count < best.1 {
            best = (area, count);
        }
        if count == 0 {
            break;
        }
    }
    (best.0, best.1 == 0)
}

/// Places tried along each side of a frame.
const LATTICE: usize = 11;

/// Height of a name's box (pt): capitals, a point above, subscripts below.
const NAME: f64 = 8.2;
/// Top of a name's box to its baseline (pt).
pub(crate) const NAME_BASELINE: f64 = 0.9 + TEXT * CAP;

/// Best place of one line of text `width` wide near one of the places (pt) of the mark `of`.
pub(crate) fn name(
    near: &[(f64, f64)],
    width: f64,
    frame: Rect,
    traces: &Traces,
    taken: &[Rect],
    of: Option<usize>,
) -> Option<Rect> {
    let height = NAME;
    let inner = frame.grown(-TICKS);
    let mut best: Option<(Rect, f64)> = None;
    // Along a long curve every few points are places enough.
    let stride = (near.len() / 60).max(1);
    for (i, &at) in near.iter().enumerate().step_by(stride) {
        for (rank, (dx, dy)) in offsets(width, height).into_iter().enumerate() {
            let area = Rect::new(at.0 + dx - width / 2.0, at.1 + dy - height / 2.0, width, height);
            let outside = area.x < inner.x || area.right() > inner.right();
            let outside = outside || area.y < inner.y || area.bottom() > inner.bottom();
            let crowd = taken.iter().filter(|t| t.grown(1.5).meets(&area)).count();
            // Leaving the frame is worst (a neighbouring panel begins there), then covering anything, then what makes a
            // reader doubt which is named.
            let cost = 1000.0 * (hits(&area.grown(1.2), traces) + 40 * crowd) as f64
                + if outside { 1e9 } else { 0.0 }
                + doubt(&area, traces, of)
                + rank as f64
                + 0.001 * i as f64;
            if best.is_none_or(|(_, least)| cost < least) {
                best = Some((area, cost));
            }
        }
    }
    best.map(|(area, _)| area)
}

/// How a reader may doubt which curve a name belongs to: its own far from the text, or another about as near.
fn doubt(area: &Rect, traces: &Traces, of: Option<usize>) -> f64 {
    if of.is_none() {
        return 0.0;
    }
    let (mut own, mut other) = (f64::INFINITY, f64::INFINITY);
    for (owner, (x, y)) in traces {
        let dx = (area.x - x).max(x - area.right()).max(0.0);
        let dy = (area.y - y).max(y - area.bottom()).max(0.0);
        let nearest = if Some(*owner) == of { &mut own } else { &mut other };
        *nearest = nearest.min(dx * dx + dy * dy);
    }
    let (own, other) = (own.sqrt(), other.sqrt());
    if own.is_infinite() {
        return 0.0;
    }
    DOUBT.0 * own + DOUBT.1 * (1.0 - (other - own) / DOUBT.2).max(0.0)
}

/// Weight of each point (pt) to its own curve, weight of another curve as near, and how much farther (pt) it must be.
const DOUBT: (f64, f64, f64) = (4.0, 150.0, 12.0);

/// Text keeps clear of ticks (pt).
const TICKS: f64 = 3.5;

/// Centres of a text box about its place, the preferred first.
fn offsets(width: f64, height: f64) -> Vec<(f64, f64)> {
    let mut out = Vec::new();
    for gap in [MARKER + 1.6, MARKER + 4.0, MARKER + 8.0] {
        let (w, h) = (width / 2.0 + gap, height / 2.0 + gap);
        out.extend([(w, 0.0), (w, -h), (-w, 0.0), (0.0, -h), (0.0, h), (w, h), (-w, -h), (-w, h)]);
    }
    out
}
