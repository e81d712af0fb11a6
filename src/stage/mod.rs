//! Stages: typed parameters, ports, metrics, and a call into the folders that hold the mathematics.
//!
//! A stage is one file here and one line in [`STAGES`].

mod ageing;
mod arrhenius;
mod box_counting;
mod cluster_sizes;
mod compare;
mod contact_resonance;
mod context;
mod correlation;
mod crop;
mod dissipation;
mod dissipation_curve;
mod distribution;
mod entry;
pub mod figure;
mod filter;
mod indentation;
mod inputs;
mod level;
mod link;
mod mask;
mod master_curve;
mod metric;
mod null;
mod orientation;
mod pattern;
mod profile;
mod quasi_point_defects;
mod regions;
mod relaxation_times;
mod report;
mod resample;
mod segment;
mod spectrum_fit;
mod spectrum_peaks;
mod stress_relaxation;
mod study;
mod volume;
mod volume_profile;

pub use context::{Cx, Meta, MetaValue, Progress, SampleInfo};
pub use entry::{Entry, Instance, SampleStage, StudyInstance};
pub use inputs::Inputs;
pub use metric::{Index, MetricDoc, NULL};
pub use report::Report;
pub use study::{FigureFile, Study, StudyInput, StudyOutputs, StudySample};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::data::{Artifact, Kind, Metric, Warning};
use crate::reduce::ReduceError;

/// What a stage consumes.
#[derive(Debug)]
pub struct Port {
    /// Its name in the documentation.
    pub name: &'static str,
    /// Kinds it takes.
    pub kinds: &'static [Kind],
    /// Whether it may be left out.
    pub optional: bool,
    /// Unit whose dimension it must have; empty for any.
    pub unit: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Whether any number of inputs may be connected to it: a list of names without ports goes there from it on.
    pub repeated: bool,
    /// Columns that a table needs to be what it takes, as a definition names them.
    pub columns: &'static [&'static str],
}

impl Port {
    /// One that must be connected.
    pub const fn new(name: &'static str, kinds: &'static [Kind], unit: &'static str, about: &'static str) -> Port {
        Port { name, kinds, optional: false, unit, about, repeated: false, columns: &[] }
    }

    /// May be left out.
    pub const fn optional(mut self) -> Port {
        self.optional = true;
        self
    }

    /// Columns by role that make a table what it takes.
    pub const fn columns(mut self, columns: &'static [&'static str]) -> Port {
        self.columns = columns;
        self
    }

    /// Takes any number of inputs.
    pub const fn repeated(mut self) -> Port {
        self.repeated = true;
        self
    }
}

/// What a stage produces.
#[derive(Debug)]
pub struct Output {
    /// Its name: `stage.name`; the first output is also the bare stage name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Its unit: `input` for that of the first input, empty where it depends.
    pub unit: &'static str,
    /// What it is.
    pub about: &'static str,
}

/// Whether a stage runs for every sample or once for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// For every sample that has its input.
    Sample,
    /// Once, seeing all samples.
    Study,
}

/// A stage's documentation: what `softspot stages NAME` prints.
#[derive(Debug)]
pub struct Doc {
    /// Name in `run = "…"`.
    pub id: &'static str,
    /// Raised when results change for the same parameters.
    pub version: u32,
    /// Purpose, one or two sentences.
    pub about: &'static str,
    /// METHODS section or DOI.
    pub reference: &'static str,
    /// Once a sample, or once a study.
    pub scope: Scope,
    /// Inputs in order.
    pub inputs: &'static [Port],
    /// Outputs, the main one first.
    pub outputs: &'static [Output],
    /// Metrics.
    pub metrics: &'static [MetricDoc],
    /// Sample metadata it reads, so that a change of them recomputes it.
    pub metadata: &'static [&'static str],
    /// A definition that parses.
    pub example: &'static str,
}

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
        // A pass over a volume that the user ended has no reason to give.
        match (&e as &dyn std::error::Error).downcast_ref() {
            Some(ReduceError::Cancelled) => StageError::Cancelled,
            _ => StageError::Failed(e.to_string()),
        }
    }
}

impl StageError {
    /// From any error.
    pub fn of(e: impl std::fmt::Display) -> StageError {
        StageError::Failed(e.to_string())
    }
}

/// What a stage made of one sample.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// Artifacts by output name.
    pub artifacts: Vec<(&'static str, Artifact)>,
    /// Metrics in order.
    pub metrics: Vec<Metric>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
}

/// A stage that runs for every sample. The parameter struct is the stage; unknown parameters are errors.
pub trait Stage: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Its documentation.
    const DOC: &'static Doc;

    /// Checks parameters against each other, before anything runs.
    ///
    /// # Errors
    /// [`ParamError`] names the parameter.
    fn check(&self) -> Result<(), ParamError> {
        Ok(())
    }

    /// Parameters that do nothing beside the others, each with what it is for: given, they are an error.
    fn idle(&self) -> Vec<ParamError> {
        Vec::new()
    }

    /// The metrics that it reports with these parameters.
    fn metrics(&self) -> Vec<MetricDoc> {
        Self::DOC.metrics.to_vec()
    }

    /// What a volume of that shape with voxels of that size will cost.
    fn volume_cost(&self, shape: [usize; 3], voxel: Option<[f64; 3]>) -> VolumeCost {
        let _ = (shape, voxel);
        VolumeCost { halo: 0, nanoseconds: 20.0, seconds: 0.0 }
    }

    /// Does the work.
    ///
    /// # Errors
    /// [`StageError`] fails this sample alone.
    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError>;
}

/// What a stage takes of a volume: known before it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VolumeCost {
    /// Planes around a block that it looks at.
    pub halo: usize,
    /// Time a voxel on two cores, ns.
    pub nanoseconds: f64,
    /// Time that does not depend on the volume, such as that of surrogates, s.
    pub seconds: f64,
}

/// What an input of a study stage must be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expectation {
    /// Its kind is one of these; any if there is none.
    pub kinds: &'static [Kind],
    /// The stage that makes it; any if `None`.
    pub of: Option<&'static str>,
}

/// A stage that runs once and sees all samples.
pub trait StudyStage: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Its documentation.
    const DOC: &'static Doc;

    /// Checks parameters against each other, before anything runs.
    ///
    /// # Errors
    /// [`ParamError`] names the parameter.
    fn check(&self) -> Result<(), ParamError> {
        Ok(())
    }

    /// The metrics that it reports with these parameters.
    fn metrics(&self) -> Vec<MetricDoc> {
        Self::DOC.metrics.to_vec()
    }

    /// Metrics (`stage.metric`) and metadata keys that the parameters name, for the plan to check.
    fn metrics_wanted(&self) -> Vec<String> {
        Vec::new()
    }

    /// Samples that the parameters name, for the plan to check.
    fn samples_wanted(&self) -> Vec<String> {
        Vec::new()
    }

    /// What each of `inputs` inputs must be, where the parameters decide.
    ///
    /// # Errors
    /// [`ParamError`] if the parameters do not go with so many inputs.
    fn expects(&self, inputs: usize) -> Result<Vec<Expectation>, ParamError> {
        Ok(vec![Expectation::default(); inputs])
    }

    /// Does the work.
    ///
    /// # Errors
    /// [`StageError`] fails this stage alone.
    fn run(&self, study: &Study<'_>, cx: &Cx<'_>) -> Result<StudyOutputs, StageError>;
}

/// Every stage, in the order in which `softspot stages` lists them.
pub static STAGES: &[Entry] = &[
    Entry::sample::<level::Level>(),
    Entry::sample::<mask::Mask>(),
    Entry::sample::<crop::Crop>(),
    Entry::sample::<filter::Filter>(),
    Entry::sample::<resample::Resample>(),
    Entry::sample::<profile::Profile>(),
    Entry::sample::<distribution::Distribution>(),
    Entry::sample::<correlation::Correlation>(),
    Entry::sample::<contact_resonance::ContactResonance>(),
    Entry::sample::<dissipation::Dissipation>(),
    Entry::sample::<dissipation_curve::DissipationCurve>(),
    Entry::sample::<regions::Regions>(),
    Entry::sample::<cluster_sizes::ClusterSizes>(),
    Entry::sample::<box_counting::BoxCounting>(),
    Entry::sample::<volume_profile::VolumeProfile>(),
    Entry::sample::<orientation::Orientation>(),
    Entry::sample::<pattern::Pattern>(),
    Entry::sample::<segment::Segment>(),
    Entry::sample::<indentation::Indentation>(),
    Entry::sample::<spectrum_peaks::SpectrumPeaks>(),
    Entry::sample::<spectrum_fit::SpectrumFit>(),
    Entry::sample::<arrhenius::Arrhenius>(),
    Entry::sample::<stress_relaxation::StressRelaxation>(),
    Entry::sample::<relaxation_times::RelaxationTimes>(),
    Entry::sample::<master_curve::MasterCurve>(),
    Entry::sample::<quasi_point_defects::QuasiPointDefects>(),
    Entry::sample::<ageing::Ageing>(),
    Entry::study::<link::Link>(),
    Entry::study::<compare::Compare>(),
    Entry::study::<figure::Figure>(),
    Entry::study::<report::Report>(),
];

/// The stage of that name.
pub fn find(id: &str) -> Option<&'static Entry> {
    STAGES.iter().find(|e| e.doc.id == id)
}

/// How intervals are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Uncertainty {
    /// By resampling or simulation.
    #[default]
    Bootstrap,
    /// Not at all.
    None,
}

/// How intervals of fits are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// By the profile of the sum of squares.
    #[default]
    #[serde(alias = "bootstrap")]
    Profile,
    /// Not at all.
    None,
}

/// Resamples of a bootstrap must give a 2.5 % tail.
fn check_resamples(uncertainty: Uncertainty, resamples: usize) -> Result<(), ParamError> {
    if uncertainty == Uncertainty::Bootstrap && !(40..=100_000).contains(&resamples) {
        return Err(ParamError::new("resamples", format!("{resamples} resamples; a 95 % interval needs 40 to 100000")));
    }
    Ok(())
}

/// Surrogates must give a p of 5 %.
fn check_surrogates(n: usize) -> Result<(), ParamError> {
    if n != 0 && !(40..=100_000).contains(&n) {
        return Err(ParamError::new("surrogates", format!("{n} surrogates; 0 for none, or 40 to 100000")));
    }
    Ok(())
}

/// Resamples or surrogates of a stage that does not say how many.
fn two_hundred() -> usize {
    200
}
