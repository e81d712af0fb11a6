//! Three slices through a volume on the paper, in one scale: xy, below it xz, at its right zy.

use super::picture::Picture;
use super::pointer;
use super::scene::{Item, Rect};
use super::style::AXIS;

/// Slices ready to be set.
#[derive(Clone, Debug)]
pub(crate) struct Slices {
    /// x to the right, y down; carries the scale bar, the verdict and the colour bar of all three.
    pub(crate) xy: Picture,
    /// x to the right, z down.
    pub(crate) xz: Picture,
    /// z to the right, y down.
    pub(crate) zy: Picture,
    /// Extent of the volume in z, y and x (m).
    pub(crate) extent: [f64; 3],
}

/// Space left of the slices and below them for letters (pt).
pub(crate) const LETTERS: f64 = 8.5;
/// Between slices (pt).
const GAP: f64 = 4.0;
/// Middle of a letter to its slice (pt).
const OFF: f64 = 5.0;
/// A side shorter than this part of the longest is drawn at this part: a single layer stays visible.
const FLATTEST: f64 = 0.02;
/// Limits of height to width, as for maps.
const ASPECT: (f64, f64) = (0.02, 50.0);

impl Slices {
    /// Extent in z, y and x as drawn (m).
    fn drawn(&self) -> [f64; 3] {
        let longest = self.extent.iter().copied().fold(0.0, f64::max);
        self.extent.map(|e| e.max(FLATTEST * longest))
    }

    /// Height in parts of the width when `width` points wide: the gaps do not grow with it.
    pub(crate) fn aspect(&self, width: f64) -> f64 {
        let [z, y, x] = self.drawn();
        let scale = (width - GAP).max(1.0) / (x + z);
        ((scale * (y + z) + GAP) / width.max(1.0)).clamp(ASPECT.0, ASPECT.1)
    }

    /// Boxes of xy, xz and zy, left top in the frame.
    fn boxes(&self, frame: Rect) -> [Rect; 3] {
        let [z, y, x] = self.drawn();
        let (wide, high) = ((frame.width - GAP).max(1.0), (frame.height - GAP).max(1.0));
        let scale = (wide / (x + z)).min(high / (y + z));
        let xy = Rect::new(frame.x, frame.y, scale * x, scale * y);
        let xz = Rect::new(frame.x, xy.bottom() + GAP, xy.width, scale * z);
        let zy = Rect::new(xy.right() + GAP, frame.y, scale * z, xy.height);
        [xy, xz, zy]
    }

    /// The box around all three.
    fn whole(&self, frame: Rect) -> Rect {
        let [xy, xz, zy] = self.boxes(frame);
        Rect::new(xy.x, xy.y, zy.right() - xy.x, xz.bottom() - xy.y)
    }

    /// Space right of the frame for the colour bar.
    pub(crate) fn right(&self, frame: Rect) -> f64 {
        if self.xy.show_bar { self.xy.bar.width(self.whole(frame).height) } else { AXIS }
    }

    /// Whether a note stands above the colour bar.
    pub(crate) fn noted(&self) -> bool {
        self.xy.show_bar && self.xy.bar.note.is_some()
    }

    pub(crate) fn paint(&self, frame: Rect, out: &mut Vec<Item>) {
        let boxes = self.boxes(frame);
        for (slice, rect) in [&self.xy, &self.xz, &self.zy].into_iter().zip(boxes) {
            slice.paint_in(rect, out);
        }
        let [xy, xz, zy] = boxes;
        let (down, right) = ((0.0, 1.0), (1.0, 0.0));
        pointer::paint("y", (xy.x - OFF, xy.y + xy.height / 2.0), down, xy.height, out);
        pointer::paint("z", (xz.x - OFF, xz.y + xz.height / 2.0), down, xz.height, out);
        pointer::paint("x", (xz.x + xz.width / 2.0, xz.bottom() + OFF), right, xz.width, out);
        pointer::paint("z", (zy.x + zy.width / 2.0, zy.bottom() + OFF), right, zy.width, out);
        if self.xy.show_bar {
            self.xy.bar.paint(self.whole(frame), out);
        }
    }
}
