//! Where text goes in a frame: blocks of notes in the emptiest corner, names beside what they name.

use super::scene::Rect;
use super::style::{LEADING, MARKER};

/// Points to keep clear of, each with the index of the mark it belongs to.
pub(crate) type Traces = Vec<(usize, (f64, f64))>;

/// Frame edge to text (pt).
const INSET: f64 = 5.0;

fn hits(area: &Rect, traces: &Traces, besides: Option<usize>) -> usize {
    traces.iter().filter(|(owner, at)| Some(*owner) != besides && area.holds(*at)).count()
}

/// Best place of a block of this size, and whether it is clear.
pub(crate) fn block((width, height): (f64, f64), frame: Rect, traces: &Traces, taken: &[Rect]) -> (Rect, bool) {
    let (left, right) = (frame.x + INSET, frame.right() - INSET - width);
    let (top, bottom) = (frame.y + INSET - 1.0, frame.bottom() - INSET - height + 1.0);
    let (centre, middle) = (frame.x + (frame.width - width) / 2.0, frame.y + (frame.height - height) / 2.0);
    let corners = [
        (right, top),
        (left, top),
        (right, bottom),
        (left, bottom),
        (centre, top),
        (centre, bottom),
        (right, middle),
        (left, middle),
    ];
    let mut best = (Rect::new(left, top, width, height), usize::MAX);
    for (x, y) in corners {
        let area = Rect::new(x, y, width, height);
        let crowd = taken.iter().filter(|t| t.grown(2.0).meets(&area)).count();
        let count = hits(&area.grown(2.5), traces, None) + 10_000 * crowd;
        if count < best.1 {
            best = (area, count);
        }
    }
    (best.0, best.1 == 0)
}

/// Best place of one line of text `width` wide near one of the places (pt).
pub(crate) fn name(
    near: &[(f64, f64)],
    width: f64,
    frame: Rect,
    traces: &Traces,
    taken: &[Rect],
    (of, inside): (Option<usize>, bool),
) -> Option<Rect> {
    let height = 0.8 * LEADING;
    let inner = frame.grown(-TICKS);
    let mut best: Option<(Rect, f64)> = None;
    // Along a long curve every few points are places enough.
    let stride = (near.len() / 60).max(1);
    for (i, &(x, y)) in near.iter().enumerate().step_by(stride) {
        for (rank, (dx, dy)) in offsets(width, height, inside).into_iter().enumerate() {
            let area = Rect::new(x + dx - width / 2.0, y + dy - height / 2.0, width, height);
            let outside = area.x < inner.x || area.right() > inner.right();
            let outside = outside || area.y < inner.y || area.bottom() > inner.bottom();
            let crowd = taken.iter().filter(|t| t.grown(1.5).meets(&area)).count();
            let own = if inside { of } else { None };
            // Covering anything is worst, then leaving the frame, then coming close to what it does not name.
            let cost = 1000.0 * (hits(&area.grown(0.8), traces, own) + 40 * crowd) as f64
                + if outside { 30_000.0 } else { 0.0 }
                + 6.0 * hits(&area.grown(5.0), traces, of) as f64
                + rank as f64
                + 0.001 * i as f64;
            if best.is_none_or(|(_, least)| cost < least) {
                best = Some((area, cost));
            }
        }
    }
    best.map(|(area, _)| area)
}

/// Text keeps clear of ticks (pt).
const TICKS: f64 = 3.5;

/// Centres of a text box about its place, the preferred first.
fn offsets(width: f64, height: f64, inside: bool) -> Vec<(f64, f64)> {
    if inside {
        return vec![(0.0, 0.0)];
    }
    let mut out = Vec::new();
    for gap in [MARKER + 1.6, MARKER + 4.0, MARKER + 8.0] {
        let (w, h) = (width / 2.0 + gap, height / 2.0 + gap);
        out.extend([
            (w, 0.0),
            (w, -h + gap),
            (-w, 0.0),
            (0.0, -h),
            (0.0, h),
            (w, h - gap),
            (-w, -h + gap),
            (-w, h - gap),
        ]);
    }
    out
}
