//! Where ticks stand and what they read: 1, 2, 5 × 10ⁿ on even axes, decades on logarithmic ones.

use super::{Axis, Spacing};
use crate::style::TEXT;
use crate::text::{Weight, width};
use softspot_data::unit::display::superscript;

/// Labelled and unlabelled ticks by place (0 to 1).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ticks {
    /// Place and label.
    pub(crate) major: Vec<(f64, String)>,
    /// Places.
    pub(crate) minor: Vec<f64>,
}

impl Ticks {
    /// Width of the widest label (pt).
    pub(crate) fn widest(&self) -> f64 {
        self.major.iter().map(|(_, l)| width(l, TEXT, Weight::Regular)).fold(0.0, f64::max)
    }
}

/// 10ⁿ, correctly rounded on every system.
pub(crate) fn power_of_ten(n: i32) -> f64 {
    format!("1e{n}").parse().unwrap_or(f64::INFINITY)
}

/// A step of 1, 2 or 5 × 10ⁿ.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Nice {
    mantissa: i64,
    exponent: i32,
}

impl Nice {
    /// `k` steps.
    fn times(self, k: i64) -> f64 {
        let n = (k * self.mantissa) as f64;
        if self.exponent >= 0 { n * power_of_ten(self.exponent) } else { n / power_of_ten(-self.exponent) }
    }

    fn step(self) -> f64 {
        self.times(1)
    }

    /// First and last multiple within the limits; rounding must not lose a tick at a limit.
    fn within(self, low: f64, high: f64) -> (i64, i64) {
        let step = self.step();
        ((low / step - 1e-6).ceil() as i64, (high / step + 1e-6).floor() as i64)
    }

    fn label(self, k: i64) -> String {
        let decimals = (-self.exponent).clamp(0, 12) as usize;
        let text = format!("{:.decimals$}", self.times(k));
        if k == 0 { text.replace('-', "") } else { text.replace('-', "−") }
    }

    /// The next finer step that divides this one.
    fn finer(self) -> Nice {
        match self.mantissa {
            1 => Nice { mantissa: 2, exponent: self.exponent - 1 },
            2 => Nice { mantissa: 5, exponent: self.exponent - 1 },
            _ => Nice { mantissa: 1, exponent: self.exponent },
        }
    }
}

/// The finest nice step with at most `most` ticks.
fn nice(low: f64, high: f64, most: i64) -> Nice {
    let raw = ((high - low) / most.max(1) as f64).max(1e-290);
    let mut exponent = libm::log10(raw).floor() as i32 - 1;
    loop {
        for mantissa in [1, 2, 5] {
            let step = Nice { mantissa, exponent };
            let (first, last) = step.within(low, high);
            if last - first < most {
                return step;
            }
        }
        exponent += 1;
    }
}

impl Axis {
    /// Ticks for an axis `length` points long.
    pub(crate) fn ticks(&self, length: f64, horizontal: bool) -> Ticks {
        if self.spacing == Spacing::Classes {
            let major = self.names.iter().enumerate();
            return Ticks {
                major: major.filter_map(|(i, n)| Some((self.place_shown(i as f64)?, n.clone()))).collect(),
                minor: Vec::new(),
            };
        }
        let most = if horizontal { (length / 16.0) as i64 } else { (length / 17.0) as i64 };
        let mut fallback = Ticks::default();
        for most in (2..=most.clamp(3, 7)).rev() {
            let ticks = match self.spacing {
                Spacing::Log => self.log_ticks(most),
                _ => self.linear_ticks(most),
            };
            if ticks.major.len() < 2 {
                break;
            }
            let pitch = closest(&ticks) * length;
            let need = if horizontal { ticks.widest() + 5.0 } else { TEXT + 3.0 };
            fallback = ticks;
            if pitch >= need {
                break;
            }
        }
        if fallback.major.is_empty() { self.linear_ticks(5) } else { fallback }
    }

    fn linear_ticks(&self, most: i64) -> Ticks {
        let step = nice(self.low, self.high, most);
        let (first, last) = step.within(self.low, self.high);
        let major = (first..=last).filter_map(|k| Some((self.place_shown(step.times(k))?, step.label(k)))).collect();
        let fine = step.finer();
        let (from, to) = fine.within(self.low, self.high);
        let ratio = (step.step() / fine.step()).round().max(1.0) as i64;
        let minor = (from..=to).filter(|k| k % ratio != 0).filter_map(|k| self.place_shown(fine.times(k))).collect();
        Ticks { major, minor }
    }

    fn log_ticks(&self, most: i64) -> Ticks {
        let first = libm::log10(self.low).floor() as i32;
        let last = libm::log10(self.high).ceil() as i32;
        let inside = |v: f64| v >= self.low * (1.0 - 1e-9) && v <= self.high * (1.0 + 1e-9);
        let decades: Vec<i32> = (first..=last).filter(|e| inside(power_of_ten(*e))).collect();
        let multiples = |digits: &'static [i32]| {
            (first..=last).flat_map(move |e| digits.iter().map(move |d| (*d, e))).filter(|(d, e)| inside(value(*d, *e)))
        };
        let place = |v: f64| self.place_shown(v);
        if decades.len() >= 2 {
            let stride = (decades.len() as i64 + most - 1) / most.max(1);
            let stride = stride.max(1) as i32;
            let plain = decades.iter().all(|e| (-2..=2).contains(e));
            let labelled = decades.iter().filter(|e| *e % stride == 0);
            let major = labelled.filter_map(|e| Some((place(power_of_ten(*e))?, decade_label(1, *e, plain)))).collect();
            let minor = if stride == 1 {
                multiples(&[2, 3, 4, 5, 6, 7, 8, 9]).filter_map(|(d, e)| place(value(d, e))).collect()
            } else {
                decades.iter().filter(|e| *e % stride != 0).filter_map(|e| place(power_of_ten(*e))).collect()
            };
            return Ticks { major, minor };
        }
        let few: Vec<(i32, i32)> = multiples(&[1, 2, 5]).collect();
        if few.len() < 2 {
            return self.linear_ticks(most);
        }
        let plain = few.iter().all(|(_, e)| (-2..=2).contains(e));
        let major = few.iter().filter_map(|&(d, e)| Some((place(value(d, e))?, decade_label(d, e, plain)))).collect();
        let minor = multiples(&[3, 4, 6, 7, 8, 9]).filter_map(|(d, e)| place(value(d, e))).collect();
        Ticks { major, minor }
    }
}

fn value(digit: i32, exponent: i32) -> f64 {
    let d = f64::from(digit);
    if exponent >= 0 { d * power_of_ten(exponent) } else { d / power_of_ten(-exponent) }
}

fn decade_label(digit: i32, exponent: i32, plain: bool) -> String {
    if plain {
        let decimals = (-exponent).max(0) as usize;
        return format!("{:.decimals$}", value(digit, exponent));
    }
    let ten = format!("10{}", superscript(exponent));
    if digit == 1 { ten } else { format!("{digit}×{ten}") }
}

/// Smallest distance between neighbouring labels (0 to 1).
fn closest(ticks: &Ticks) -> f64 {
    ticks.major.windows(2).map(|w| (w[1].0 - w[0].0).abs()).fold(f64::INFINITY, f64::min)
}
