//! One trial through the stages of a setting.

use std::path::Path;

use super::setting::Setting;
use super::source::{SampleData, Trial};
use crate::data::{Artifact, Metric};
use crate::num::random::Stream;
use crate::num::work::Work;
use crate::pipeline::StageDef;
use crate::stage::{Cx, Inputs, Instance, Outputs, SampleInfo, StageError, Study, StudyInput, StudySample};

/// Memory that a stage may take for volumes, of which no source makes large ones.
const MEMORY: u64 = 1 << 30;

/// Runs it.
///
/// # Errors
/// The stage that failed, and why.
pub(super) fn run(
    setting: &Setting,
    trial: &Trial,
    stream: &Stream,
    work: &Work<'_>,
    scratch: &Path,
) -> Result<Outputs, String> {
    let Some((tested, before)) = setting.stages.split_last() else { return Err("there are no stages".into()) };
    static NOBODY: SampleInfo = SampleInfo { id: String::new(), metadata: Vec::new() };
    // Samples behind the first have streams of their own, as in a run, where content names them.
    let label = |number: usize, id: &str| match number {
        0 => stream.role(id),
        k => stream.role(id).content([k as f64]),
    };
    let cx = |number: usize, stage: &StageDef| Cx {
        stream: label(number, stage.entry.doc.id),
        key: "",
        sample: &NOBODY,
        cancelled: work.cancelled,
        progress: &(),
        memory: MEMORY,
        scratch,
    };
    let mut samples: Vec<Sample> = trial.samples.iter().map(|(_, given)| Sample::of(given)).collect();
    for stage in before {
        for (number, sample) in samples.iter_mut().enumerate() {
            let outputs = sample.run(stage, &cx(number, stage))?;
            sample.add(stage, outputs);
        }
    }
    match &tested.instance {
        Instance::Sample(_) => {
            let sample = samples.first().ok_or("there is no sample")?;
            sample.run(tested, &cx(0, tested))
        }
        Instance::Study(study) => {
            let of_study: Vec<StudySample> = trial
                .samples
                .iter()
                .zip(&samples)
                .map(|((id, _), m)| StudySample {
                    info: SampleInfo { id: id.clone(), metadata: Vec::new() },
                    metrics: m.metrics.clone(),
                })
                .collect();
            let stage_of = |r: &str| r.split('.').next().unwrap_or_default().to_string();
            let inputs: Vec<StudyInput> = tested
                .inputs
                .iter()
                .map(|(r, _)| StudyInput { reference: r.clone(), stage: stage_of(r), shared: false })
                .collect();
            let load = |sample: Option<usize>, input: usize| {
                let (sample, input) = (samples.get(sample?)?, tested.inputs.get(input)?);
                sample.find(&input.0).cloned()
            };
            let seen = Study { samples: &of_study, inputs: &inputs, shared: &[], load: &load };
            let outputs = study.run(&seen, &cx(0, tested)).map_err(|e| told(tested, &e))?;
            let metrics = outputs.metrics.into_iter().map(|(_, m)| m).collect();
            Ok(Outputs { metrics, artifacts: outputs.artifacts, warnings: outputs.warnings })
        }
    }
}

fn told(stage: &StageDef, e: &StageError) -> String {
    format!("{}: {e}", stage.name)
}

/// What there is of one sample so far.
#[derive(Default)]
struct Sample {
    /// By `stage`, `stage.output` or role.
    artifacts: Vec<(String, Artifact)>,
    metrics: Vec<(String, Vec<Metric>)>,
}

impl Sample {
    fn of(given: &SampleData) -> Sample {
        Sample {
            artifacts: given.artifacts.iter().map(|(role, a)| (role.to_string(), a.clone())).collect(),
            metrics: vec![("given".into(), given.metrics.clone())],
        }
    }

    fn find(&self, reference: &str) -> Option<&Artifact> {
        self.artifacts.iter().find(|(r, _)| r == reference).map(|(_, a)| a)
    }

    fn run(&self, stage: &StageDef, cx: &Cx<'_>) -> Result<Outputs, String> {
        let Instance::Sample(instance) = &stage.instance else {
            return Err(format!("{}: sees all samples", stage.name));
        };
        let mut inputs = Vec::new();
        for ((reference, _), port) in stage.inputs.iter().zip(&stage.ports) {
            let artifact = self.find(reference).ok_or_else(|| {
                format!("{}: there is no `{reference}`: an earlier stage has no such output, or made none", stage.name)
            })?;
            let kinds = stage.entry.doc.inputs.get(*port).map_or(&[][..], |p| p.kinds);
            if !kinds.contains(&artifact.kind()) {
                return Err(format!("{}: `{reference}` is a {}", stage.name, artifact.kind()));
            }
            inputs.push((*port, artifact.clone()));
        }
        instance.run(&Inputs(&inputs), cx).map_err(|e| told(stage, &e))
    }

    fn add(&mut self, stage: &StageDef, outputs: Outputs) {
        let first = stage.entry.doc.outputs.first().map(|o| o.name);
        for (output, artifact) in outputs.artifacts {
            if Some(output) == first {
                self.artifacts.push((stage.name.clone(), artifact.clone()));
            }
            self.artifacts.push((format!("{}.{output}", stage.name), artifact));
        }
        self.metrics.push((stage.name.clone(), outputs.metrics));
    }
}
