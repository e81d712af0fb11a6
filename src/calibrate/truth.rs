//! What is known of a trial, and so what its stage should find.

use serde::Deserialize;

/// What should come out under one name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Truth {
    /// A metric, or a column of an output as `points/modulus`, whose first row counts.
    pub of: String,
    /// What is right.
    pub known: Known,
}

/// What is right.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a number, a text, or true or false for the hypothesis of a p")]
pub(super) enum Known {
    /// Whether the hypothesis of a p is true.
    Hypothesis(bool),
    /// The number that went in.
    Number(f64),
    /// The number that went in, and the least standard deviation of an unbiased estimate of it.
    #[serde(skip)]
    Bounded(f64, f64),
    /// The word; several are parted by `|`; `nothing` where there should be no value.
    Word(String),
}

/// The word for a number whose truth is the mean over the trials: what is estimated without bias is known by it.
pub(super) const MEAN: &str = "mean of trials";

/// The word for what should not be reported.
pub(super) const NOTHING: &str = "nothing";

impl Truth {
    /// A number.
    pub(super) fn number(of: &str, v: f64) -> Truth {
        Truth { of: of.into(), known: Known::Number(v) }
    }

    /// A hypothesis.
    pub(super) fn hypothesis(of: &str, is: bool) -> Truth {
        Truth { of: of.into(), known: Known::Hypothesis(is) }
    }

    /// A word, or several parted by `|`.
    pub(super) fn word(of: &str, word: &str) -> Truth {
        Truth { of: of.into(), known: Known::Word(word.into()) }
    }
}
