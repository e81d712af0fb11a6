//! The retained drawing: paths, text runs, raster images and clips, in points (1/72 inch) from the top left.

use super::style::{Dash, Rgb};
use super::text::Weight;

/// Points in one millimetre.
pub const POINTS_PER_MM: f64 = 72.0 / 25.4;

/// A box in points; `y` grows downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge (pt).
    pub x: f64,
    /// Top edge (pt).
    pub y: f64,
    /// Width (pt).
    pub width: f64,
    /// Height (pt).
    pub height: f64,
}

impl Rect {
    /// A box from its left top corner and its size (pt).
    pub fn new(x: f64, y: f64, width: f64, height: f64) -> Rect {
        Rect { x, y, width, height }
    }

    /// Right edge (pt).
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Bottom edge (pt).
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The box grown by `by` points on each side.
    pub fn grown(&self, by: f64) -> Rect {
        Rect::new(self.x - by, self.y - by, self.width + 2.0 * by, self.height + 2.0 * by)
    }

    /// Whether a point lies inside.
    pub fn holds(&self, (x, y): (f64, f64)) -> bool {
        x > self.x && x < self.right() && y > self.y && y < self.bottom()
    }

    /// Whether two boxes share an area.
    pub fn meets(&self, other: &Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// Colour with opacity (0 to 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    /// Red, green, blue.
    pub colour: Rgb,
    /// 1 is opaque.
    pub opacity: f64,
}

impl Paint {
    /// An opaque colour.
    pub fn solid(colour: Rgb) -> Paint {
        Paint { colour, opacity: 1.0 }
    }

    /// A colour that lets the ground through.
    pub fn veil(colour: Rgb, opacity: f64) -> Paint {
        Paint { colour, opacity }
    }
}

/// A line's colour, width (pt) and dashes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub paint: Paint,
    /// Width (pt).
    pub width: f64,
    /// Dash pattern.
    pub dash: Dash,
}

impl Stroke {
    /// An unbroken opaque line.
    pub fn solid(colour: Rgb, width: f64) -> Stroke {
        Stroke { paint: Paint::solid(colour), width, dash: Dash::Solid }
    }

    /// The same line in another dash pattern.
    pub fn dashed(self, dash: Dash) -> Stroke {
        Stroke { dash, ..self }
    }
}

/// One step of an outline (pt).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Starts a new stroke.
    Move(f64, f64),
    /// Straight line.
    Line(f64, f64),
    /// Cubic Bézier: two handles and the end.
    Cubic([f64; 6]),
    /// Back to the start.
    Close,
}

/// A filled or stroked outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Steps in drawing order.
    pub steps: Vec<Step>,
    /// Inside.
    pub fill: Option<Paint>,
    /// Outline.
    pub stroke: Option<Stroke>,
}

impl Path {
    /// A polyline.
    pub fn line(points: &[(f64, f64)], stroke: Stroke) -> Path {
        Path { steps: steps(points, false), fill: None, stroke: Some(stroke) }
    }

    /// A filled polygon.
    pub fn polygon(points: &[(f64, f64)], fill: Paint) -> Path {
        Path { steps: steps(points, true), fill: Some(fill), stroke: None }
    }

    /// A box.
    pub fn rect(r: Rect, fill: Option<Paint>, stroke: Option<Stroke>) -> Path {
        let corners = [(r.x, r.y), (r.right(), r.y), (r.right(), r.bottom()), (r.x, r.bottom())];
        Path { steps: steps(&corners, true), fill, stroke }
    }

    /// A circle.
    pub fn circle((x, y): (f64, f64), radius: f64, fill: Option<Paint>, stroke: Option<Stroke>) -> Path {
        // Handle length of the four-arc approximation of a circle.
        let k = 0.552_284_75 * radius;
        let r = radius;
        let steps = vec![
            Step::Move(x + r, y),
            Step::Cubic([x + r, y + k, x + k, y + r, x, y + r]),
            Step::Cubic([x - k, y + r, x - r, y + k, x - r, y]),
            Step::Cubic([x - r, y - k, x - k, y - r, x, y - r]),
            Step::Cubic([x + k, y - r, x + r, y - k, x + r, y]),
            Step::Close,
        ];
        Path { steps, fill, stroke }
    }
}

fn steps(points: &[(f64, f64)], closed: bool) -> Vec<Step> {
    let mut out: Vec<Step> = points
        .iter()
        .enumerate()
        .map(|(i, &(x, y))| if i == 0 { Step::Move(x, y) } else { Step::Line(x, y) })
        .collect();
    if closed {
        out.push(Step::Close);
    }
    out
}

/// Where a text's anchor lies along its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text begins at the anchor.
    Start,
    /// Text is centred on the anchor.
    Middle,
    /// Text ends at the anchor.
    End,
}

/// One line of text; `_{…}` lowers and `^{…}` raises.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Anchor on the baseline (pt).
    pub at: (f64, f64),
    /// Text with markup.
    pub markup: String,
    /// Font size (pt).
    pub size: f64,
    /// Regular or bold.
    pub weight: Weight,
    /// Alignment.
    pub align: Align,
    /// Reads from bottom to top.
    pub upright: bool,
    /// Colour.
    pub colour: Rgb,
}

/// A raster stretched over a box.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Where it lies (pt).
    pub rect: Rect,
    /// Encoded PNG.
    pub png: Vec<u8>,
    /// Pixels stay squares with hard edges; otherwise a viewer may smooth what print cannot resolve.
    pub hard: bool,
}

/// Something drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// An outline.
    Path(Path),
    /// A line of text.
    Text(Text),
    /// A raster.
    Image(Image),
    /// Items cut at the edge of a box.
    Clip(Rect, Vec<Item>),
}

/// A whole drawing of fixed size.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width (pt).
    pub width: f64,
    /// Height (pt).
    pub height: f64,
    /// Items, the later over the earlier.
    pub items: Vec<Item>,
}
