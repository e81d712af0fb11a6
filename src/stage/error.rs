//! Parameters and stages that fail.

use crate::num::work::Cancelled;
use crate::reduce::ReduceError;

/// A parameter whose value makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamError {
    /// The parameter.
    pub key: &'static str,
    /// What is wrong and what would be right.
    pub what: String,
}

impl ParamError {
    /// An error of one parameter.
    pub fn new(key: &'static str, what: impl Into<String>) -> ParamError {
        ParamError { key, what: what.into() }
    }

    /// The same of several parameters.
    pub fn each(keys: &[&'static str], what: &str) -> Vec<ParamError> {
        keys.iter().map(|key| ParamError::new(key, what)).collect()
    }
}

/// A stage that failed for one sample.
///
/// Any error becomes one by `?`; it is therefore none of [`std::error::Error`] itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageError {
    /// The reason, with a remedy.
    Failed(String),
    /// The user ended the run.
    Cancelled,
}

impl std::fmt::Display for StageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            StageError::Failed(why) => why,
            StageError::Cancelled => "interrupted",
        })
    }
}

impl<E: std::error::Error + 'static> From<E> for StageError {
    fn from(e: E) -> StageError {
        // What the user ended has no reason to give, however it is wrapped.
        let chain = std::iter::successors(Some(&e as &dyn std::error::Error), |e| e.source());
        for cause in chain {
            if cause.is::<Cancelled>() || matches!(cause.downcast_ref(), Some(ReduceError::Cancelled)) {
                return StageError::Cancelled;
            }
        }
        StageError::Failed(e.to_string())
    }
}

impl StageError {
    /// From any error.
    pub fn of(e: impl std::fmt::Display) -> StageError {
        StageError::Failed(e.to_string())
    }
}
