//! Sums of numbers that know no order: whole multiples of a small step, added exactly.

/// Numbers as whole multiples of a small step, so that sums are exact and know no order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fixed {
    low: f64,
    steps: f64,
}

impl Fixed {
    /// For values from `low` to `high`: 2⁴⁰ steps between them.
    pub(super) fn over(low: f64, high: f64) -> Fixed {
        let range = if high > low { high - low } else { 1.0 };
        Fixed { low, steps: (1u64 << 40) as f64 / range }
    }

    /// Steps above the least value.
    pub(super) fn steps(&self, v: f64) -> i64 {
        ((v - self.low) * self.steps).round() as i64
    }

    /// The sum of `n` numbers of so many steps together.
    pub(super) fn sum(&self, n: u64, steps: i128) -> f64 {
        self.low * n as f64 + steps as f64 / self.steps
    }
}
