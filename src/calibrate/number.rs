//! Parameters of a source: given, or drawn anew for each trial.

use serde::Deserialize;

use crate::num::random::Random;

/// A number, or two between which it is drawn evenly for each trial.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a number, or two between which it is drawn: [4, 10]")]
pub(super) enum Number {
    /// The same in every trial.
    Value(f64),
    /// Drawn evenly between the two.
    Between([f64; 2]),
}

impl Number {
    /// The number of one trial. It takes one uniform number whether it is drawn or not: what another parameter is does not
    /// move it.
    pub(super) fn draw(&self, random: &mut Random) -> f64 {
        let u = random.uniform();
        match *self {
            Number::Value(v) => v,
            Number::Between([low, high]) => low + (high - low) * u,
        }
    }

    /// The ends of its range.
    pub(super) fn ends(&self) -> [f64; 2] {
        match *self {
            Number::Value(v) => [v, v],
            Number::Between(ends) => ends,
        }
    }

    /// Whether all that it may be lies within two bounds.
    ///
    /// # Errors
    /// Says which, of what name.
    pub(super) fn within(&self, name: &str, low: f64, high: f64) -> Result<(), String> {
        let [a, b] = self.ends();
        if a <= b && a >= low && b <= high {
            return Ok(());
        }
        Err(format!("`{name}` runs from {a} to {b}; numbers from {low} to {high} can be drawn, the smaller first"))
    }
}

/// A word, or several of which each trial takes one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a word that the source knows, or a list of them to draw from")]
pub(super) enum Word<T> {
    /// The same in every trial.
    Value(T),
    /// One of these.
    OneOf(Vec<T>),
}

impl<T: Clone> Word<T> {
    /// The word of one trial.
    ///
    /// # Errors
    /// An empty list.
    pub(super) fn draw(&self, random: &mut Random) -> Result<T, String> {
        let u = random.uniform();
        match self {
            Word::Value(w) => Ok(w.clone()),
            Word::OneOf(all) => {
                let at = ((u * all.len() as f64) as usize).min(all.len().saturating_sub(1));
                all.get(at).cloned().ok_or_else(|| "an empty list has no word to draw".to_string())
            }
        }
    }
}
