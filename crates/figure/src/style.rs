//! The house style: sizes in points, widths in millimetres, categorical colours, dashes and markers in fixed order.

use super::scene::POINTS_PER_MM;

/// Red, green, blue, 0 to 255.
pub type Rgb = [u8; 3];

/// Text (pt).
pub const TEXT: f64 = 7.0;
/// Panel letters, bold (pt).
pub const LETTER: f64 = 8.0;
/// Sub- and superscripts, as a part of the text size.
pub const SCRIPT: f64 = 0.72;
/// Baseline to baseline (pt).
pub const LEADING: f64 = 8.6;
/// Height of capitals and digits, as a part of the text size.
pub const CAP: f64 = 0.714;
/// Data lines (pt).
pub const LINE: f64 = 0.75;
/// Axes and ticks (pt).
pub const AXIS: f64 = 0.5;
/// Length of a major tick (pt).
pub const TICK: f64 = 2.6;
/// Length of a minor tick (pt).
pub const MINOR_TICK: f64 = 1.5;
/// Tick label to axis (pt).
pub const TICK_GAP: f64 = 2.6;
/// Half the extent of a marker (pt).
pub const MARKER: f64 = 1.7;
/// Tallest figure (mm).
pub const MAX_HEIGHT_MM: f64 = 230.0;

/// Text and axes.
pub const INK: Rgb = [0, 0, 0];
/// Paper.
pub const PAPER: Rgb = [255, 255, 255];
/// Null bands, noise floors.
pub const NULL: Rgb = [0xc4, 0xc4, 0xc4];
/// Marks of a range, brackets, captions of null bands.
pub const NOTE: Rgb = [0x55, 0x55, 0x55];

/// Width of a figure on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Width {
    /// 86 mm.
    Single,
    /// 120 mm.
    OneAndHalf,
    /// 178 mm.
    Double,
    /// Any other width (mm).
    Millimetres(f64),
}

impl Width {
    /// Width in millimetres.
    pub fn millimetres(self) -> f64 {
        match self {
            Width::Single => 86.0,
            Width::OneAndHalf => 120.0,
            Width::Double => 178.0,
            Width::Millimetres(mm) => mm,
        }
    }

    /// Width in points.
    pub fn points(self) -> f64 {
        self.millimetres() * POINTS_PER_MM
    }
}

/// Okabe and Ito's colours; yellow, weak on paper, comes last.
const CATEGORIES: [Rgb; 8] = [
    [0x00, 0x72, 0xb2],
    [0xd5, 0x5e, 0x00],
    [0x00, 0x9e, 0x73],
    [0xcc, 0x79, 0xa7],
    [0xe6, 0x9f, 0x00],
    [0x56, 0xb4, 0xe9],
    [0x00, 0x00, 0x00],
    [0xf0, 0xe4, 0x42],
];

/// Colour of the sample with this place in the study.
pub fn colour(series: usize) -> Rgb {
    CATEGORIES[series % CATEGORIES.len()]
}

/// The same colour, darkened until it reads as text on paper.
pub fn text_colour(series: usize) -> Rgb {
    let c = colour(series);
    let luma = 0.2126 * f64::from(c[0]) + 0.7152 * f64::from(c[1]) + 0.0722 * f64::from(c[2]);
    let factor = (112.0 / luma.max(1.0)).min(1.0);
    c.map(|v| (f64::from(v) * factor).round() as u8)
}

/// Dash pattern of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// Unbroken.
    Solid,
    /// Dashes.
    Dashed,
    /// Dash and dot.
    DashDot,
    /// Dots.
    Dotted,
    /// Long dashes.
    LongDash,
    /// Dash and two dots.
    DashDotDot,
}

impl Dash {
    /// Dash pattern of the sample with this place in the study.
    pub fn of(series: usize) -> Dash {
        use Dash::*;
        [Solid, Dashed, DashDot, Dotted, LongDash, DashDotDot][series % 6]
    }

    /// Lengths on and off (pt); empty for an unbroken line.
    pub fn lengths(self) -> &'static [f64] {
        match self {
            Dash::Solid => &[],
            Dash::Dashed => &[3.6, 1.6],
            Dash::DashDot => &[5.0, 1.4, 1.0, 1.4],
            Dash::Dotted => &[1.0, 1.3],
            Dash::LongDash => &[7.5, 2.0],
            Dash::DashDotDot => &[5.0, 1.3, 1.0, 1.3, 1.0, 1.3],
        }
    }
}

/// Shape of a data point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// Circle.
    Circle,
    /// Square.
    Square,
    /// Triangle, point up.
    Up,
    /// Square on its corner.
    Diamond,
    /// Triangle, point down.
    Down,
}

impl Marker {
    /// Marker of the sample with this place in the study.
    pub fn of(series: usize) -> Marker {
        use Marker::*;
        [Circle, Square, Up, Diamond, Down][series % 5]
    }
}
