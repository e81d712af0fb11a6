//! Axes: what is shown in which prefix, from where to where, with which ticks.

mod paint;
mod span;
mod ticks;

pub(crate) use paint::{Sides, paint, x_depth, y_depth};
pub use span::Span;
pub(crate) use ticks::{Ticks, power_of_ten};

use softspot_data::unit::{Unit, display};

/// Spacing of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Even.
    Linear,
    /// Logarithmic; only positive values have a place.
    Log,
    /// Ordered classes: value 0 is the first name.
    Classes,
}

/// One axis: label, limits and the way from an SI value to a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// `Quantity (unit)`, with an offset where one is subtracted.
    pub label: String,
    /// Spacing.
    pub spacing: Spacing,
    /// Limits were asked for, so nothing may widen them.
    pub fixed: bool,
    pub(crate) unit_label: String,
    pub(crate) names: Vec<String>,
    factor: f64,
    offset: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Axis {
    /// Even axis over `[low, high]` (SI); the prefix follows the limits.
    ///
    /// Where labels would need more than three digits for a small range on a large mean, a round offset is subtracted
    /// and said in the label.
    pub fn linear(quantity: &str, unit: &Unit, (low, high): (f64, f64)) -> Axis {
        let largest = low.abs().max(high.abs());
        let offset = offset_of(low, high);
        let (factor, unit_label) =
            shown(if offset == 0.0 { largest } else { (low - offset).abs().max(high - offset) }, unit);
        let named = if offset == 0.0 {
            quantity.to_string()
        } else {
            format!("{quantity} {}", minus(offset, high - low, unit))
        };
        Axis::build(label(&named, &unit_label), unit_label, Spacing::Linear, (factor, offset), (low, high))
    }

    /// Logarithmic axis over `[low, high]` (SI, positive); the prefix follows the middle.
    pub fn log(quantity: &str, unit: &Unit, (low, high): (f64, f64)) -> Axis {
        // Decades read as powers of ten already, so the label takes none.
        let display::Shown { factor, label: unit_label } = display::choose(low.sqrt() * high.sqrt(), unit);
        Axis::build(label(quantity, &unit_label), unit_label, Spacing::Log, (factor, 0.0), (low, high))
    }

    /// Axis with a ready label, for values already in the label's unit.
    pub fn plain(label: &str, spacing: Spacing, limits: (f64, f64)) -> Axis {
        Axis::build(label.to_string(), String::new(), spacing, (1.0, 0.0), limits)
    }

    /// Axis of ordered classes; the first name stands at value 0.
    pub fn classes(label: &str, names: &[String]) -> Axis {
        let limits = (-0.6, names.len() as f64 - 0.4);
        let mut axis = Axis::build(label.to_string(), String::new(), Spacing::Classes, (1.0, 0.0), limits);
        axis.names = names.to_vec();
        axis.fixed = true;
        axis
    }

    fn build(label: String, unit_label: String, spacing: Spacing, (factor, offset): (f64, f64), l: (f64, f64)) -> Axis {
        let (low, high) = ((l.0 - offset) / factor, (l.1 - offset) / factor);
        Axis { label, spacing, fixed: false, unit_label, names: Vec::new(), factor, offset, low, high }
    }

    /// The axis with limits that nothing may widen.
    pub fn fixed(mut self) -> Axis {
        self.fixed = true;
        self
    }

    /// One displayed unit (SI).
    pub(crate) fn unit_si(&self) -> f64 {
        self.factor
    }

    /// Low limit (SI).
    pub(crate) fn low_si(&self) -> f64 {
        self.low * self.factor + self.offset
    }

    /// High limit (SI).
    pub(crate) fn high_si(&self) -> f64 {
        self.high * self.factor + self.offset
    }

    /// Place of an SI value, 0 at the low limit and 1 at the high one; `None` where the axis has no place for it.
    pub fn place(&self, si: f64) -> Option<f64> {
        self.place_shown((si - self.offset) / self.factor)
    }

    pub(crate) fn place_shown(&self, shown: f64) -> Option<f64> {
        let place = match self.spacing {
            Spacing::Log if shown > 0.0 => {
                let low = libm::log10(self.low);
                (libm::log10(shown) - low) / (libm::log10(self.high) - low)
            }
            Spacing::Log => return None,
            _ => (shown - self.low) / (self.high - self.low),
        };
        // Far outside is as good as just outside, and keeps coordinates small.
        place.is_finite().then(|| place.clamp(-20.0, 20.0))
    }

    /// Adds room above the high limit, as a part of the present extent.
    pub(crate) fn widen(&mut self, part: f64) {
        self.high = match self.spacing {
            Spacing::Log => self.high * libm::pow(self.high / self.low, part),
            _ => self.high + (self.high - self.low) * part,
        };
    }

    /// Whether a reader needs only one of the two.
    pub(crate) fn same(&self, other: &Axis) -> bool {
        self.label == other.label
            && self.spacing == other.spacing
            && self.low == other.low
            && self.high == other.high
            && self.names == other.names
    }
}

fn label(quantity: &str, unit: &str) -> String {
    if unit.is_empty() { quantity.to_string() } else { format!("{quantity}\u{a0}({unit})") }
}

/// Factor and unit label for values as large as `magnitude`; units without prefixes take a power of ten.
pub(crate) fn shown(magnitude: f64, unit: &Unit) -> (f64, String) {
    let shown = display::choose(magnitude, unit);
    let symbol = if shown.label == "deg" { "°".to_string() } else { shown.label };
    let m = magnitude.abs() / shown.factor;
    if !m.is_finite() || m == 0.0 || (0.0095..9999.5).contains(&m) {
        return (shown.factor, symbol);
    }
    let power = (libm::log10(m) / 3.0).floor() as i32 * 3;
    let ten = format!("10{}", display::superscript(power));
    let label = if symbol.is_empty() { ten } else { format!("{ten}\u{a0}{symbol}") };
    (shown.factor * power_of_ten(power), label)
}

/// The round number to subtract, or 0.
fn offset_of(low: f64, high: f64) -> f64 {
    let (range, middle) = (high - low, low + (high - low) / 2.0);
    if range.is_nan() || range <= 0.0 || range > 0.1 * middle.abs() {
        return 0.0;
    }
    // Ticks stand about a fifth of the range apart: do they differ within the first three digits?
    let digits = libm::log10(low.abs().max(high.abs())).floor() - libm::log10(range / 4.0).floor() + 1.0;
    if digits <= 3.0 {
        return 0.0;
    }
    let round = power_of_ten(libm::log10(range).ceil() as i32);
    (middle / round).round() * round
}

/// `− 1.05 MHz`: an offset with as many digits as its rounding has.
fn minus(offset: f64, range: f64, unit: &Unit) -> String {
    let (factor, symbol) = shown(offset, unit);
    let decimals = (libm::log10(factor) - libm::log10(range).ceil()).round().clamp(0.0, 12.0) as usize;
    let mut number = format!("{:.decimals$}", offset.abs() / factor);
    if number.contains('.') {
        number = number.trim_end_matches('0').trim_end_matches('.').to_string();
    }
    let sign = if offset < 0.0 { '+' } else { '−' };
    let gap = if symbol.is_empty() { "" } else { "\u{a0}" };
    format!("{sign}\u{a0}{number}{gap}{symbol}")
}

#[cfg(test)]
mod tests;
