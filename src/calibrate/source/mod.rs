//! Generators of trials: inputs whose truth is known.
//!
//! A source is one file here and one line in [`KINDS`].

mod cascade;
mod classes;
mod decay;
mod indent;
mod loss;
mod map;
mod points;
mod processes;
mod response;
mod sizes;
mod states;

use serde::de::DeserializeOwned;

use super::truth::Truth;
use crate::data::{Artifact, Metric};
use crate::num::random::Random;

/// What is given of one sample.
#[derive(Clone, Debug, Default)]
pub(super) struct SampleData {
    /// Artifacts by role.
    pub artifacts: Vec<(&'static str, Artifact)>,
    /// Metrics of the stage `given`, for stages that see all samples.
    pub metrics: Vec<Metric>,
}

/// One input, or the samples of a study, with what is known of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Trial {
    /// The samples; one but for study stages.
    pub samples: Vec<(String, SampleData)>,
    /// What should be found.
    pub truths: Vec<Truth>,
}

impl Trial {
    /// Of one artifact.
    fn of(role: &'static str, artifact: Artifact, truths: Vec<Truth>) -> Trial {
        let given = SampleData { artifacts: vec![(role, artifact)], metrics: Vec::new() };
        Trial { samples: vec![("trial".into(), given)], truths }
    }
}

/// Makes trials.
pub(super) trait Source: Send + Sync {
    /// Checks the ranges of its parameters.
    ///
    /// # Errors
    /// Says which parameter cannot be.
    fn check(&self) -> Result<(), String>;

    /// One trial.
    ///
    /// # Errors
    /// A word that cannot be drawn.
    fn trial(&self, random: &mut Random) -> Result<Trial, String>;
}

/// One kind of source.
pub(super) struct Kind {
    /// Its name in a setting.
    pub id: &'static str,
    /// What it makes.
    pub about: &'static str,
    /// The roles that stages find.
    pub roles: &'static [&'static str],
    /// Reads its parameters.
    pub read: fn(toml::Table) -> Result<Box<dyn Source>, toml::de::Error>,
}

fn read<S: Source + DeserializeOwned + 'static>(table: toml::Table) -> Result<Box<dyn Source>, toml::de::Error> {
    Ok(Box::new(table.try_into::<S>()?))
}

/// Every kind.
pub(super) static KINDS: &[Kind] = &[
    Kind {
        id: "map",
        about: "a featureless field as a map: covariance, marginal, noise, lines, slope (to be levelled), holes, stretch",
        roles: &["map"],
        read: read::<map::Field>,
    },
    Kind {
        id: "classes",
        about: "a map of phases at several levels, with noise",
        roles: &["map"],
        read: read::<classes::Classes>,
    },
    Kind {
        id: "cascade",
        about: "a random cascade of known dimension",
        roles: &["map"],
        read: read::<cascade::Cascade>,
    },
    Kind { id: "sizes", about: "sizes of a known law", roles: &["sizes"], read: read::<sizes::Sizes> },
    Kind {
        id: "states",
        about: "two maps whose spread differs by a factor",
        roles: &["map"],
        read: read::<states::States>,
    },
    Kind {
        id: "points",
        about: "samples with two correlated metrics, measured with errors",
        roles: &[],
        read: read::<points::Points>,
    },
    Kind {
        id: "indent",
        about: "an indentation by a sphere, with noise of load and depth",
        roles: &["curves"],
        read: read::<indent::Indent>,
    },
    Kind {
        id: "decay",
        about: "a stress relaxation of one step or two",
        roles: &["transient"],
        read: read::<decay::Decay>,
    },
    Kind {
        id: "response",
        about: "storage and loss modulus of a Havriliak–Negami process against frequency",
        roles: &["spectrum"],
        read: read::<response::Response>,
    },
    Kind {
        id: "processes",
        about: "a recovery of several single relaxation times",
        roles: &["data"],
        read: read::<processes::Processes>,
    },
    Kind {
        id: "loss",
        about: "storage and loss modulus of an α and a β process against temperature",
        roles: &["spectrum"],
        read: read::<loss::Spectrum>,
    },
];
