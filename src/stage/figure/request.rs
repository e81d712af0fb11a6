//! What a plot is given: the data and metrics of its samples.

use std::sync::Arc;

use super::{Figure, label};
use crate::data::{Artifact, Labels, Map, Metric, Table, Volume};
use crate::stage::tables::TypedTable;
use crate::stage::{StageError, Study};

/// What a plot is given.
pub struct Request<'a> {
    pub(super) study: &'a Study<'a>,
    /// Indices of the samples to draw, in order.
    pub(super) samples: &'a [usize],
    /// Index of its input.
    pub(super) input: usize,
    pub(super) stage: &'a Figure,
}

impl Request<'_> {
    /// Id of a sample, as a label.
    pub(super) fn name(&self, sample: usize) -> String {
        label::formula(&self.study.samples[sample].info.id)
    }

    /// A table input.
    pub(super) fn table(&self, sample: usize) -> Result<Arc<Table>, StageError> {
        match self.study.artifact(sample, self.input) {
            Some(Artifact::Table(t)) => Ok(t),
            _ => Err(self.wrong("table")),
        }
    }

    /// A volume input.
    pub(super) fn volume(&self, sample: usize) -> Result<Arc<Volume>, StageError> {
        match self.study.artifact(sample, self.input) {
            Some(Artifact::Volume(v)) => Ok(v),
            _ => Err(self.wrong("volume")),
        }
    }

    /// A volume, or the volume of labels.
    pub(super) fn volume_or_labels(&self, sample: usize) -> Result<Arc<Volume>, StageError> {
        match self.study.artifact(sample, self.input) {
            Some(Artifact::Labels(l)) => l.volume().cloned().ok_or_else(|| self.wrong("label image of a volume")),
            _ => self.volume(sample),
        }
    }

    /// Labels.
    pub(super) fn labels(&self, sample: usize) -> Result<Arc<Labels>, StageError> {
        match self.study.artifact(sample, self.input) {
            Some(Artifact::Labels(l)) => Ok(l),
            _ => Err(self.wrong("label image")),
        }
    }

    /// A map input.
    pub(super) fn map(&self, sample: usize) -> Result<Arc<Map>, StageError> {
        match self.study.artifact(sample, self.input) {
            Some(Artifact::Map(m)) => Ok(m),
            _ => Err(self.wrong("map")),
        }
    }

    pub(super) fn wrong(&self, wanted: &str) -> StageError {
        StageError::Failed(format!("`{}` is not a {wanted}", self.study.inputs[self.input].reference))
    }

    /// A table input, by its fields.
    pub(super) fn rows<T: TypedTable>(&self, sample: usize) -> Result<T, StageError> {
        T::of(&*self.table(sample)?).map_err(|column| self.lacks(column))
    }

    /// Without a column it is not what the plot draws.
    pub(super) fn lacks(&self, column: &str) -> StageError {
        let reference = &self.study.inputs[self.input].reference;
        StageError::Failed(format!("`{reference}` has no column `{column}`: it is not what this plot draws"))
    }

    /// A metric of the input's own stage.
    pub(super) fn metric(&self, sample: usize, name: &str) -> Option<Metric> {
        self.metric_of(&self.study.inputs[self.input].stage, sample, name)
    }

    /// A metric of any stage.
    pub(super) fn metric_of(&self, stage: &str, sample: usize, name: &str) -> Option<Metric> {
        let metrics = &self.study.samples[sample].metrics;
        metrics.iter().find(|(s, _)| s == stage)?.1.iter().find(|m| m.name == name).cloned()
    }
}
