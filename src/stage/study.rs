//! What a study stage sees: every sample's metrics and, on request, artifacts.

use crate::data::{Artifact, Metric, Value, Warning};
use crate::link::permutation::Measurement;
use crate::unit::Unit;

use super::{MetaValue, SampleInfo, StageError};

/// One entry of a study stage's `input`.
#[derive(Clone, Debug)]
pub struct StudyInput {
    /// As written: `level`, `contact.modulus`, `link`.
    pub reference: String,
    /// The stage it names, or the role.
    pub stage: String,
    /// Whether it is itself a study stage, one for all samples.
    pub shared: bool,
}

/// A sample as a study stage sees it.
pub struct StudySample {
    /// Who it is.
    pub info: SampleInfo,
    /// Metrics by stage name, of the stages that ran.
    pub metrics: Vec<(String, Vec<Metric>)>,
}

/// All samples.
pub struct Study<'a> {
    /// In order of the definition.
    pub samples: &'a [StudySample],
    /// The stage's inputs in order.
    pub inputs: &'a [StudyInput],
    /// Metrics of study stages that ran before, by stage name.
    pub shared: &'a [(String, Vec<Metric>)],
    /// Loads the artifact of input `.1` for sample `.0` (`None` for a shared input).
    pub load: &'a (dyn Fn(Option<usize>, usize) -> Option<Artifact> + Sync),
}

/// A figure in its three formats.
#[derive(Clone, Debug, Default)]
pub struct FigureFile {
    /// Caption: what the figure itself carries.
    pub caption: String,
    /// SVG text.
    pub svg: String,
    /// PNG bytes.
    pub png: Vec<u8>,
    /// PDF bytes.
    pub pdf: Vec<u8>,
}

/// What a study stage made.
#[derive(Clone, Debug, Default)]
pub struct StudyOutputs {
    /// Metrics, each of a sample or of all (`*`).
    pub metrics: Vec<(String, Metric)>,
    /// Artifacts by output name; tables carry their own `sample` column where they have one.
    pub artifacts: Vec<(&'static str, Artifact)>,
    /// Figures; the stage's name names the file.
    pub figures: Vec<FigureFile>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
}

/// A number for one sample, with how it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Datum {
    /// Value and interval, SI; classes as ranks.
    pub measured: Measurement,
    /// Its unit.
    pub unit: Unit,
    /// The class, where it is one.
    pub class: Option<String>,
    /// Verdicts and notes that belong to it.
    pub note: String,
}

impl Study<'_> {
    /// A metric (`corr.xi`) or metadata (`tg`) of a sample; `None` where it is missing.
    pub fn datum(&self, sample: usize, reference: &str) -> Option<Datum> {
        let sample = &self.samples[sample];
        let Some((stage, metric)) = reference.split_once('.') else {
            return sample.info.metadata.iter().find(|(k, _)| k == reference).and_then(|(_, v)| match v {
                MetaValue::Quantity(q) => Some(Datum {
                    measured: Measurement { value: q.si, interval: None },
                    unit: q.unit.clone(),
                    class: None,
                    note: String::new(),
                }),
                MetaValue::Text(t) => class(t, ""),
            });
        };
        let m = sample.metrics.iter().find(|(s, _)| s == stage)?.1.iter().find(|m| m.name == metric)?;
        match &m.value {
            Value::Number(v) => Some(Datum {
                measured: Measurement { value: *v, interval: m.interval },
                unit: m.unit.clone(),
                class: None,
                note: m.note.clone(),
            }),
            Value::Text(t) => class(t, &m.note),
            Value::Missing => None,
        }
    }

    /// The artifact of input `input` for a sample, where it has one.
    pub fn artifact(&self, sample: usize, input: usize) -> Option<Artifact> {
        (self.load)(Some(sample), input)
    }

    /// The artifact of a shared input.
    pub fn shared_artifact(&self, input: usize) -> Option<Artifact> {
        (self.load)(None, input)
    }

    /// Index of the sample of that id.
    ///
    /// # Errors
    /// [`StageError`] lists the samples there are.
    pub fn sample(&self, id: &str) -> Result<usize, StageError> {
        self.samples.iter().position(|s| s.info.id == id).ok_or_else(|| {
            let ids: Vec<_> = self.samples.iter().map(|s| s.info.id.as_str()).collect();
            StageError::Failed(format!("there is no sample `{id}`; samples: {}", ids.join(", ")))
        })
    }
}

/// Ordered classes count as ranks (METHODS §12).
fn class(text: &str, note: &str) -> Option<Datum> {
    let rank = crate::relax::peaks::BetaClass::ALL.iter().position(|c| c.name() == text)?;
    Some(Datum {
        measured: Measurement { value: rank as f64, interval: None },
        unit: Unit::none(),
        class: Some(text.to_string()),
        note: note.to_string(),
    })
}
