//! Parameters that many stages share: declared, documented and checked once, flattened into those of a stage.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MetricDoc, ParamError};

/// How intervals are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Uncertainty {
    /// By resampling or simulation.
    #[default]
    Bootstrap,
    /// Not at all.
    None,
}

/// Intervals by resampling, `N` resamples unless given.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Intervals<const N: usize> {
    /// `bootstrap`: 95 % intervals by resampling or simulation; `none`: no intervals.
    #[serde(default)]
    pub(super) uncertainty: Uncertainty,
    /// Resamples of the bootstrap, 40 to 100000. By 200 the ends of an interval are known to 5 % of its width, by 800 to
    /// half of that.
    #[serde(default = "itself::<N>")]
    pub(super) resamples: usize,
}

fn itself<const N: usize>() -> usize {
    N
}

impl<const N: usize> Default for Intervals<N> {
    fn default() -> Self {
        Intervals { uncertainty: Uncertainty::Bootstrap, resamples: N }
    }
}

impl<const N: usize> Intervals<N> {
    /// Resamples must give a 2.5 % tail.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        match self.count() {
            Some(n) if !(40..=100_000).contains(&n) => {
                Err(ParamError::new("resamples", format!("{n} resamples; a 95 % interval needs 40 to 100000")))
            }
            _ => Ok(()),
        }
    }

    /// How many resamples are made; `None` where intervals are not wanted.
    pub(super) fn count(&self) -> Option<usize> {
        (self.uncertainty == Uncertainty::Bootstrap).then_some(self.resamples)
    }

    /// Parameters that do nothing beside the others.
    pub(super) fn idle(&self) -> Vec<ParamError> {
        match self.uncertainty {
            Uncertainty::Bootstrap => Vec::new(),
            Uncertainty::None => vec![ParamError::new("resamples", "uncertainty = \"none\" makes no intervals")],
        }
    }
}

/// Featureless counterparts that a result is compared with (METHODS §13).
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Nulls {
    /// Featureless fields or sets in the likeness of the input, read as it was: 40 to 100000, or 0 for none. Of a map, where
    /// a p lies within two standard errors of 0.05, five times as many are made.
    pub(super) surrogates: usize,
}

impl Default for Nulls {
    fn default() -> Self {
        Nulls { surrogates: 200 }
    }
}

impl Nulls {
    /// What is declared, without the rows of nulls where none are made.
    pub(super) fn metrics(&self, declared: &[MetricDoc]) -> Vec<MetricDoc> {
        match self.surrogates {
            0 => declared.iter().map(|m| m.clone().nulls(&[])).collect(),
            _ => declared.to_vec(),
        }
    }

    /// Surrogates must give a p of 5 %.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        match self.surrogates {
            0 | 40..=100_000 => Ok(()),
            n => Err(ParamError::new("surrogates", format!("{n} surrogates; 0 for none, or 40 to 100000"))),
        }
    }
}

/// How intervals of fits are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Profile {
    /// By the profile of the sum of squares.
    #[default]
    #[serde(alias = "bootstrap")]
    Profile,
    /// Not at all.
    None,
}
