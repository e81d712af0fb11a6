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
mod doc;
mod entry;
mod error;
pub mod figure;
mod filter;
mod groups;
mod indentation;
mod inputs;
mod labels;
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
mod settle;
mod spectrum_fit;
mod spectrum_peaks;
mod stress_relaxation;
mod study;
mod tables;
mod volume_profile;

pub use context::{Cx, Meta, MetaValue, Progress, SampleInfo};
pub use doc::{Doc, Output, Port, Scope};
pub use entry::{Entry, Instance, SampleStage, StudyInstance};
pub use error::{ParamError, StageError};
use groups::{Intervals, Nulls, Profile, Uncertainty};
pub use inputs::{Connection, Connections, Inputs};
pub use metric::{Index, MetricDoc, NULL};
pub use report::Report;
pub use study::{FigureFile, Study, StudyInput, StudyOutputs, StudySample};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::data::{Artifact, Kind, Metric, Warning};
use crate::reduce::likeness::LAGS;

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

    /// Parameters that do nothing beside the others and with what is connected, each with what it is for: given, they are
    /// an error.
    fn idle(&self, given: &Connections) -> Vec<ParamError> {
        let _ = given;
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

impl VolumeCost {
    /// Of so many featureless sets, of at most `side` voxels along an axis, in the likeness of one in a volume of that shape.
    fn surrogates(shape: [usize; 3], side: usize, surrogates: usize) -> VolumeCost {
        if surrogates == 0 {
            return VolumeCost::default();
        }
        let halo = (shape[0] / 4).clamp(1, LAGS);
        // Three axes of lags, and about a third of a second a surrogate of full size.
        let voxels: f64 = shape.iter().map(|n| (*n).min(side) as f64).product();
        VolumeCost { halo, nanoseconds: 0.4 * 3.0 * halo as f64, seconds: 1.5e-7 * voxels * surrogates as f64 }
    }
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

    /// See [`Stage::idle`].
    fn idle(&self, given: &Connections) -> Vec<ParamError> {
        let _ = given;
        Vec::new()
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

    /// What each input must be, where the parameters decide.
    ///
    /// # Errors
    /// [`ParamError`] if the parameters do not go with what is connected.
    fn expects(&self, given: &Connections) -> Result<Vec<Expectation>, ParamError> {
        Ok(vec![Expectation::default(); given.len()])
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
