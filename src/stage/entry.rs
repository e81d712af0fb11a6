//! A stage without its type: what registry, plan and run work with.

use schemars::{Schema, SchemaGenerator};
use toml::de::ValueDeserializer;

use crate::data::Metric;

use super::metric::contradiction;
use super::settle;
use super::{
    Connections, Cx, Doc, Expectation, Inputs, MetricDoc, Outputs, ParamError, Stage, StageError, Study, StudyOutputs,
    StudyStage, VolumeCost,
};

/// One line of the registry.
pub struct Entry {
    /// What it does.
    pub doc: &'static Doc,
    parse: fn(ValueDeserializer<'_>) -> Result<Instance, toml::de::Error>,
    schema: fn(&mut SchemaGenerator) -> Schema,
}

/// A stage with its parameters.
pub enum Instance {
    /// One that runs for every sample.
    Sample(Box<dyn SampleStage>),
    /// One that runs once.
    Study(Box<dyn StudyInstance>),
}

/// [`Stage`] without its type.
pub trait SampleStage: Send + Sync {
    /// Parameters after defaults.
    fn parameters(&self) -> serde_json::Value;
    /// See [`Stage::check`].
    ///
    /// # Errors
    /// [`ParamError`].
    fn check(&self) -> Result<(), ParamError>;
    /// See [`Stage::idle`].
    fn idle(&self, given: &Connections) -> Vec<ParamError>;
    /// See [`Stage::metrics`].
    fn metrics(&self) -> Vec<MetricDoc>;
    /// See [`Stage::volume_cost`].
    fn volume_cost(&self, shape: [usize; 3], voxel: Option<[f64; 3]>) -> VolumeCost;
    /// See [`Stage::run`].
    ///
    /// # Errors
    /// [`StageError`].
    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError>;
}

/// [`StudyStage`] without its type.
pub trait StudyInstance: Send + Sync {
    /// Parameters after defaults.
    fn parameters(&self) -> serde_json::Value;
    /// See [`StudyStage::check`].
    ///
    /// # Errors
    /// [`ParamError`].
    fn check(&self) -> Result<(), ParamError>;
    /// See [`Stage::idle`].
    fn idle(&self, given: &Connections) -> Vec<ParamError>;
    /// See [`StudyStage::metrics`].
    fn metrics(&self) -> Vec<MetricDoc>;
    /// See [`StudyStage::metrics_wanted`].
    fn metrics_wanted(&self) -> Vec<String>;
    /// See [`StudyStage::samples_wanted`].
    fn samples_wanted(&self) -> Vec<String>;
    /// See [`StudyStage::expects`].
    ///
    /// # Errors
    /// [`ParamError`].
    fn expects(&self, given: &Connections) -> Result<Vec<Expectation>, ParamError>;
    /// See [`StudyStage::run`].
    ///
    /// # Errors
    /// [`StageError`].
    fn run(&self, study: &Study<'_>, cx: &Cx<'_>) -> Result<StudyOutputs, StageError>;
}

struct OfSample<S>(S);
struct OfStudy<S>(S);

impl<S: Stage> SampleStage for OfSample<S> {
    fn idle(&self, given: &Connections) -> Vec<ParamError> {
        self.0.idle(given)
    }

    fn metrics(&self) -> Vec<MetricDoc> {
        self.0.metrics()
    }

    fn volume_cost(&self, shape: [usize; 3], voxel: Option<[f64; 3]>) -> VolumeCost {
        self.0.volume_cost(shape, voxel)
    }

    fn parameters(&self) -> serde_json::Value {
        serde_json::to_value(&self.0).unwrap_or_default()
    }

    fn check(&self) -> Result<(), ParamError> {
        self.0.check()
    }

    fn run(&self, inputs: &Inputs<'_>, cx: &Cx<'_>) -> Result<Outputs, StageError> {
        let mut outputs = self.0.run(inputs, cx)?;
        // The surrogate of a length is its probe, that of a spread its noise: they are there or not.
        let settled = ["correlation", "distribution"].contains(&S::DOC.id);
        if !settled && let Some(more) = settle::more(&self.parameters(), &outputs.metrics, inputs) {
            let stage: S = serde_json::from_value(more).map_err(|e| StageError::Failed(e.to_string()))?;
            outputs = stage.run(inputs, cx)?;
        }
        as_declared(outputs.metrics.iter(), &self.0.metrics())?;
        Ok(outputs)
    }
}

impl<S: StudyStage> StudyInstance for OfStudy<S> {
    fn idle(&self, given: &Connections) -> Vec<ParamError> {
        self.0.idle(given)
    }

    fn metrics(&self) -> Vec<MetricDoc> {
        self.0.metrics()
    }

    fn metrics_wanted(&self) -> Vec<String> {
        self.0.metrics_wanted()
    }

    fn samples_wanted(&self) -> Vec<String> {
        self.0.samples_wanted()
    }

    fn expects(&self, given: &Connections) -> Result<Vec<Expectation>, ParamError> {
        self.0.expects(given)
    }

    fn parameters(&self) -> serde_json::Value {
        serde_json::to_value(&self.0).unwrap_or_default()
    }

    fn check(&self) -> Result<(), ParamError> {
        self.0.check()
    }

    fn run(&self, study: &Study<'_>, cx: &Cx<'_>) -> Result<StudyOutputs, StageError> {
        let outputs = self.0.run(study, cx)?;
        as_declared(outputs.metrics.iter().map(|(_, m)| m), &self.0.metrics())?;
        Ok(outputs)
    }
}

/// Holds metrics against their declaration; a run of a finished program is not stopped by what its tests must find.
fn as_declared<'a>(metrics: impl Iterator<Item = &'a Metric>, declared: &[MetricDoc]) -> Result<(), StageError> {
    let mut wrong = metrics.filter_map(|m| contradiction(m, declared));
    if cfg!(debug_assertions) { wrong.next().map_or(Ok(()), |what| Err(StageError::Failed(what))) } else { Ok(()) }
}

impl Entry {
    /// Registers a stage that runs for every sample.
    pub const fn sample<S: Stage>() -> Entry {
        Entry {
            doc: S::DOC,
            parse: |d| Ok(Instance::Sample(Box::new(OfSample(S::deserialize(d)?)))),
            schema: S::json_schema,
        }
    }

    /// Registers a stage that runs once.
    pub const fn study<S: StudyStage>() -> Entry {
        Entry {
            doc: S::DOC,
            parse: |d| Ok(Instance::Study(Box::new(OfStudy(S::deserialize(d)?)))),
            schema: S::json_schema,
        }
    }

    /// Reads its parameters (without `run` and `input`).
    ///
    /// # Errors
    /// The TOML error with its span.
    pub fn parse(&self, parameters: ValueDeserializer<'_>) -> Result<Instance, toml::de::Error> {
        (self.parse)(parameters)
    }

    /// JSON Schema of its parameters.
    pub fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        (self.schema)(generator)
    }
}

impl Instance {
    /// The metrics that it reports with these parameters.
    pub fn metrics(&self) -> Vec<MetricDoc> {
        match self {
            Instance::Sample(s) => s.metrics(),
            Instance::Study(s) => s.metrics(),
        }
    }

    /// Parameters after defaults.
    pub fn parameters(&self) -> serde_json::Value {
        match self {
            Instance::Sample(s) => s.parameters(),
            Instance::Study(s) => s.parameters(),
        }
    }

    /// Parameters that do nothing beside the others.
    pub fn idle(&self, given: &Connections) -> Vec<ParamError> {
        match self {
            Instance::Sample(s) => s.idle(given),
            Instance::Study(s) => s.idle(given),
        }
    }

    /// Checks parameters against each other.
    ///
    /// # Errors
    /// [`ParamError`].
    pub fn check(&self) -> Result<(), ParamError> {
        match self {
            Instance::Sample(s) => s.check(),
            Instance::Study(s) => s.check(),
        }
    }
}
