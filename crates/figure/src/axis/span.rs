//! Limits by data: the extent of everything drawn, widened so that nothing touches the frame.

/// Smallest and largest of the finite values seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    low: f64,
    high: f64,
}

impl Default for Span {
    fn default() -> Self {
        Span { low: f64::INFINITY, high: f64::NEG_INFINITY }
    }
}

/// Beyond this the extent of a range is no longer a finite number.
const HUGE: f64 = 1e200;
/// Below this a number is zero to a reader.
const TINY: f64 = 1e-200;

impl Span {
    /// Extent of the finite values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Span {
        let mut span = Span::default();
        for v in values.into_iter().filter(|v| v.abs() < HUGE) {
            span.low = span.low.min(v);
            span.high = span.high.max(v);
        }
        span
    }

    /// Extent of the positive values, for a logarithmic axis.
    pub fn positive(values: impl IntoIterator<Item = f64>) -> Span {
        Span::of(values.into_iter().filter(|v| *v > TINY))
    }

    /// Both extents together.
    pub fn and(self, other: Span) -> Span {
        Span { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// Whether no finite value was seen.
    pub fn is_empty(&self) -> bool {
        self.low > self.high
    }

    /// Limits as they stand, a constant widened by a half of itself (or to ±1 about zero).
    pub fn limits(&self) -> Option<(f64, f64)> {
        if self.is_empty() {
            return None;
        }
        let (low, high) = (self.low, self.high);
        let largest = low.abs().max(high.abs());
        if largest < TINY {
            return Some((-1.0, 1.0));
        }
        // A spread at the rounding of the numbers is none.
        if high - low <= 1e-12 * largest {
            Some((low - 0.5 * largest, high + 0.5 * largest))
        } else {
            Some((low, high))
        }
    }

    /// Limits widened by a part of the extent on both sides.
    pub fn padded(&self, part: f64) -> Option<(f64, f64)> {
        self.limits().map(|(low, high)| (low - part * (high - low), high + part * (high - low)))
    }

    /// Limits from zero, widened above: for densities.
    pub fn from_zero(&self, part: f64) -> Option<(f64, f64)> {
        Span { low: self.low.min(0.0), high: self.high.max(0.0) }.limits().map(|(l, h)| (l, h + part * (h - l)))
    }

    /// Limits of a logarithmic axis widened by a part of the extent; a constant gets half a decade on each side.
    pub fn padded_log(&self, part: f64) -> Option<(f64, f64)> {
        if self.is_empty() || self.low <= 0.0 {
            return None;
        }
        let ratio = self.high / self.low;
        let by = if ratio < 1.0 + 1e-9 { 3.0 } else { libm::pow(ratio, part) };
        Some((self.low / by, self.high * by))
    }
}
