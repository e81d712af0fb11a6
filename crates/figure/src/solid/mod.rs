//! A set of voxels in space on the paper: shaded surface, wire box, letters, scale bar.

mod camera;
mod grid;
mod render;

pub(crate) use camera::Camera;
pub(crate) use grid::Grid;

use super::pointer;
use super::raster;
use super::scale_bar;
use super::scene::{Align, Image, Item, Path, Rect, Stroke, Text};
use super::style::{AXIS, CAP, INK, LEADING, Rgb, TEXT};
use super::text::{Weight, wrap};

/// A view ready to be set.
#[derive(Clone, Debug)]
pub(crate) struct Solid {
    pub(crate) grid: Grid,
    pub(crate) camera: Camera,
    /// Voxel size in z, y and x (m).
    pub(crate) voxel: [f64; 3],
    /// Colours of the categories, the first of category 1.
    pub(crate) colours: Vec<Rgb>,
    pub(crate) verdict: Option<String>,
}

/// Resolution of the surface (dots per inch), and most pixels a side.
const RESOLUTION: (f64, f64) = (300.0, 1200.0);
/// Frame to box at the left, right and top, and at the foot without the scale bar (pt).
const INSET: (f64, f64, f64, f64) = (11.0, 5.0, 1.0, 8.0);
/// Edge to the middle of its letter (pt).
const OFF: f64 = 6.5;
/// Edges in front of the set and behind it.
const EDGES: (Rgb, Rgb) = ([0x50, 0x50, 0x50], [0xb4, 0xb4, 0xb4]);
/// Shortest edge that carries a letter (pt).
const SEEN: f64 = 5.0;
/// Limits of height to width, as for maps.
const ASPECT: (f64, f64) = (0.02, 50.0);

impl Solid {
    /// Extent in x, y and z (m).
    fn size(&self) -> [f64; 3] {
        [2, 1, 0].map(|i| self.voxel[i] * self.grid.shape[i] as f64)
    }

    fn verdict(&self, width: f64) -> Vec<String> {
        self.verdict.as_ref().map_or_else(Vec::new, |v| wrap(v, TEXT, Weight::Bold, width))
    }

    /// Space above and below the box in a frame of this width.
    fn around(&self, width: f64) -> (f64, f64) {
        let lines = self.verdict(width).len() as f64;
        let verdict = if lines > 0.0 { lines * LEADING + 3.0 } else { 0.0 };
        (INSET.2 + verdict, INSET.3 + scale_bar::HEIGHT)
    }

    /// Height in parts of the width when `width` points wide.
    pub(crate) fn aspect(&self, width: f64) -> f64 {
        let [wide, high] = self.camera.extent(self.size());
        let (above, below) = self.around(width);
        let inner = (width - INSET.0 - INSET.1).max(1.0);
        ((inner * high / wide + above + below) / width.max(1.0)).clamp(ASPECT.0, ASPECT.1)
    }

    pub(crate) fn paint(&self, frame: Rect, out: &mut Vec<Item>) {
        let size = self.size();
        let [wide, high] = self.camera.extent(size);
        let (above, below) = self.around(frame.width);
        let room = ((frame.width - INSET.0 - INSET.1).max(1.0), (frame.height - above - below).max(1.0));
        // Points a metre in the plane of the picture.
        let scale = (room.0 / wide).min(room.1 / high);
        let left = frame.x + INSET.0 + (room.0 - scale * wide) / 2.0;
        let rect = Rect::new(left, frame.y + above, scale * wide, scale * high);
        let at = |corner: [usize; 3]| {
            let [x, y] = self.camera.project([0, 1, 2].map(|i| size[i] * corner[i] as f64), size);
            (rect.x + rect.width / 2.0 + scale * x, rect.y + rect.height / 2.0 - scale * y)
        };
        let edges = self.camera.edges();
        let wire = |behind: bool, colour: Rgb, out: &mut Vec<Item>| {
            for edge in edges.iter().filter(|e| e.behind == behind) {
                out.push(Item::Path(Path::line(&[at(edge.from), at(edge.to)], Stroke::solid(colour, AXIS))));
            }
        };
        wire(true, EDGES.1, out);
        out.extend(self.image(rect).map(Item::Image));
        wire(false, EDGES.0, out);
        let middle = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
        for (axis, letter) in ["x", "y", "z"].into_iter().enumerate() {
            let edge = self.camera.labelled(axis);
            letter_at(letter, at(edge.from), at(edge.to), middle, out);
        }
        scale_bar::paint_below(rect.x, rect.bottom() + INSET.3, rect.width, wide, out);
        for (i, line) in self.verdict(frame.width).into_iter().enumerate() {
            out.push(Item::Text(Text {
                at: (frame.x + AXIS, frame.y + i as f64 * LEADING + (LEADING + TEXT * CAP) / 2.0),
                markup: line,
                size: TEXT,
                weight: Weight::Bold,
                align: Align::Start,
                upright: false,
                colour: INK,
            }));
        }
    }

    /// The shaded surface over the box of its outline; paper shows where no voxel is met.
    fn image(&self, rect: Rect) -> Option<Image> {
        let pixels = |points: f64| points / 72.0 * RESOLUTION.0;
        let shrink = (RESOLUTION.1 / pixels(rect.width.max(rect.height))).min(1.0);
        let fit = |points: f64| ((shrink * pixels(points)).ceil() as usize).max(1);
        let (columns, rows) = (fit(rect.width), fit(rect.height));
        let view = render::View::new(&self.grid, self.camera, self.voxel, &self.colours);
        let png = raster::encode(columns, rows, &view.pixels(columns, rows))?;
        Some(Image { rect, png, hard: false })
    }
}

/// A letter with its arrow outside an edge, on the side away from the middle of the box.
fn letter_at(letter: &str, from: (f64, f64), to: (f64, f64), middle: (f64, f64), out: &mut Vec<Item>) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = libm::hypot(dx, dy);
    if length < SEEN {
        return;
    }
    let (way, half) = ((dx / length, dy / length), ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0));
    let across = (-way.1, way.0);
    let side = across.0 * (half.0 - middle.0) + across.1 * (half.1 - middle.1);
    let off = if side < 0.0 { -OFF } else { OFF };
    pointer::paint(letter, (half.0 + off * across.0, half.1 + off * across.1), way, length, out);
}
