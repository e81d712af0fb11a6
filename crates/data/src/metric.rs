//! Metrics: value, unit, interval, n, note (METHODS §0). A metric that cannot be estimated is missing, with the reason.

use serde::{Deserialize, Serialize};

use crate::standing::Standing;
use crate::unit::Unit;

/// A metric's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A finite number in coherent SI.
    Number(f64),
    /// A class or a verdict.
    Text(String),
    /// Not to be had; the note says why.
    Missing,
}

/// One reported metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name in METHODS.
    pub name: String,
    /// Its value in coherent SI.
    pub value: Value,
    /// The unit people see it in; values are SI.
    pub unit: Unit,
    /// 95 % interval in SI.
    pub interval: Option<[f64; 2]>,
    /// The number of independent things it rests on.
    pub n: Option<f64>,
    /// What the reader must know.
    pub note: String,
}

impl Metric {
    /// A number in SI; one that is not finite becomes missing.
    pub fn number(name: &str, value: f64, unit: &str) -> Metric {
        if !value.is_finite() {
            return Metric { unit: Unit::of(unit), ..Metric::missing(name, "not finite") };
        }
        Metric { value: Value::Number(value), unit: Unit::of(unit), ..Metric::missing(name, "") }
    }

    /// A number in SI with the unit of the map or column it comes from.
    pub fn with_unit(name: &str, value: f64, unit: &Unit) -> Metric {
        Metric { unit: unit.clone(), ..Metric::number(name, value, "") }
    }

    /// A class or a verdict.
    pub fn text(name: &str, value: &str) -> Metric {
        Metric { value: Value::Text(value.into()), ..Metric::missing(name, "") }
    }

    /// A metric that cannot be estimated.
    pub fn missing(name: &str, why: &str) -> Metric {
        Metric {
            name: name.into(),
            value: Value::Missing,
            unit: Unit::none(),
            interval: None,
            n: None,
            note: why.into(),
        }
    }

    /// With a 95 % interval, or a note where the data leave one of its ends open.
    pub fn bounded(self, [low, high]: [f64; 2]) -> Metric {
        match low.is_finite() && high.is_finite() {
            true => self.interval(low, high),
            false => self.note("the data leave one end of its interval open"),
        }
    }

    /// With a 95 % interval; one that is not finite is left out.
    pub fn interval(mut self, low: f64, high: f64) -> Metric {
        self.interval = (low.is_finite() && high.is_finite()).then_some([low, high]);
        self
    }

    /// With the number of independent things it rests on.
    pub fn n(mut self, n: f64) -> Metric {
        self.n = n.is_finite().then_some(n);
        self
    }

    /// With a note; several are joined by `; `.
    pub fn note(mut self, note: &str) -> Metric {
        if !note.is_empty() {
            if !self.note.is_empty() {
                self.note.push_str("; ");
            }
            self.note.push_str(note);
        }
        self
    }

    /// With how far it may be relied on, and why.
    pub fn standing(self, standing: Standing, why: &str) -> Metric {
        self.note(&standing.note(why))
    }

    /// Its number, if it has one.
    pub fn as_number(&self) -> Option<f64> {
        match self.value {
            Value::Number(v) => Some(v),
            _ => None,
        }
    }
}

/// Something the reader of a result must know (METHODS §14): a value that travels into results and report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Stable name, such as `window-limited`.
    pub code: String,
    /// What is wrong, with the number.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Warning {
    /// A warning.
    pub fn new(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Warning {
        Warning { code: code.into(), message: message.into(), hint: hint.into() }
    }
}
