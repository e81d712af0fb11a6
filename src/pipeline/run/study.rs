//! Study stages: one after the other, seeing all samples.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Instant;

use super::super::cache::Entry;
use super::super::connections;
use super::super::definition::SampleDef;
use super::super::keys::stage_key;
use super::super::plan::Target;
use super::{Driver, Ending, GONE, InputKeys, Outcome, RunError};
use crate::data::{Artifact, Metric};
use crate::num::random::Stream;
use crate::stage::{Instance, SampleInfo, Scope, StageError, Study, StudyInput, StudySample};

impl Driver<'_> {
    /// Study stages one after the other; they see all samples.
    pub(super) fn studies(
        &self,
        studies: &[usize],
        keys: &[InputKeys],
        outcomes: &[Vec<Outcome>],
    ) -> Result<Vec<Outcome>, RunError> {
        let definition = &self.plan.definition;
        let samples: Vec<StudySample> =
            definition.samples.iter().zip(outcomes).map(|(s, o)| self.study_sample(s, o)).collect();
        let mut shared = vec![Outcome::Skipped; self.plan.stages.len()];
        for stage in studies {
            self.stop_if_broken()?;
            let name = &self.plan.stages[*stage].def.name;
            self.options.observer.start("*", name);
            let (outcome, cached) = self.study(*stage, keys, outcomes, &shared, &samples);
            self.options.observer.finish("*", name, Ending::of(&outcome, cached));
            shared[*stage] = outcome;
        }
        Ok(shared)
    }

    pub(super) fn study_sample(&self, sample: &SampleDef, outcomes: &[Outcome]) -> StudySample {
        let metrics = outcomes.iter().enumerate().filter_map(|(i, o)| match o {
            Outcome::Done { entry, .. } => {
                Some((self.plan.stages[i].def.name.clone(), entry.metrics.iter().map(|(_, m)| m.clone()).collect()))
            }
            _ => None,
        });
        StudySample {
            info: SampleInfo { id: sample.id.clone(), metadata: sample.metadata.clone() },
            metrics: metrics.collect(),
        }
    }

    pub(super) fn study(
        &self,
        stage: usize,
        keys: &[InputKeys],
        outcomes: &[Vec<Outcome>],
        shared: &[Outcome],
        samples: &[StudySample],
    ) -> (Outcome, bool) {
        let planned = &self.plan.stages[stage];
        let Instance::Study(instance) = &planned.def.instance else { return (Outcome::Skipped, false) };
        let is_study = |s: usize| self.plan.stages[s].doc().scope == Scope::Study;
        let mut parts: Vec<String> = Vec::new();
        for (i, sample) in samples.iter().enumerate() {
            parts.push(format!("sample {}", sample.info.id));
            parts.extend(sample.info.metadata.iter().map(|(k, v)| format!("{k} = {}", v.canonical())));
            for r in &planned.inputs {
                // What a sample lacks is part of what the study depends on, too.
                parts.push(
                    self.input_keys(std::slice::from_ref(r), &keys[i], &outcomes[i])
                        .map_or("-".into(), |k| k[0].clone()),
                );
            }
        }
        for r in &planned.inputs {
            if let Target::Stage(s, _) | Target::Metrics(s) = r.target
                && is_study(s)
            {
                match &shared[s] {
                    Outcome::Done { key, .. } => parts.push(key.clone()),
                    _ => return (Outcome::Failed(format!("`{}` has no result", r.text)), false),
                }
            }
        }
        let key = stage_key(
            planned.doc(),
            &planned.def.instance.parameters(),
            &parts,
            self.plan.definition.seed,
            &Vec::new(),
        );
        let started = Instant::now();
        if let Some(entry) = self.cache.get(&key).filter(|_| !self.options.force) {
            self.record(usize::MAX, stage, &key, true, started);
            return (Outcome::Done { key, entry }, true);
        }
        let inputs: Vec<StudyInput> = planned
            .inputs
            .iter()
            .map(|r| StudyInput {
                reference: r.text.clone(),
                stage: r.text.split('.').next().unwrap_or_default().to_string(),
                shared: matches!(r.target, Target::Stage(s, _) | Target::Metrics(s) if is_study(s)),
            })
            .collect();
        let before: Vec<(String, Vec<Metric>)> = shared
            .iter()
            .enumerate()
            .filter_map(|(i, o)| match o {
                Outcome::Done { entry, .. } => {
                    Some((self.plan.stages[i].def.name.clone(), entry.metrics.iter().map(|(_, m)| m.clone()).collect()))
                }
                _ => None,
            })
            .collect();
        // Kinds of files were looked at by the plan.
        let given = connections::of(planned, &self.plan.stages, &[]);
        let expected = instance.expects(&given).unwrap_or_default();
        // An output that was stored and is gone would leave its sample out of what the key says holds it.
        let lost = Mutex::new(None);
        let stored = |outcome: &Outcome, output: &str| match outcome {
            Outcome::Done { key, entry } if entry.artifacts.iter().any(|a| a == output) => {
                let artifact = self.cache.artifact(key, output);
                if artifact.is_none() {
                    lost.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(GONE.to_string());
                }
                artifact
            }
            _ => None,
        };
        let load = |sample: Option<usize>, input: usize| -> Option<Artifact> {
            let reference = planned.inputs.get(input)?;
            match (sample, &reference.target) {
                (None, Target::Stage(s, output)) => stored(&shared[*s], output),
                (Some(i), Target::Stage(s, output)) => stored(&outcomes[i][*s], output),
                // A file of another kind than the stage draws is as one that cannot be read: its sample is left out.
                (Some(i), Target::Role(role)) => {
                    let kinds = expected.get(input).map_or(&[][..], |e| e.kinds);
                    let fits = |a| self.of_kind(i, reference, a, kinds, &planned.def.name);
                    self.read_role(i, role).and_then(fits).ok()
                }
                _ => None,
            }
        };
        let study = Study { samples, inputs: &inputs, shared: &before, load: &load };
        let everyone = SampleInfo { id: "*".into(), metadata: Vec::new() };
        let stream = Stream::new(self.plan.definition.seed, planned.doc().id, &[]);
        let cx = self.context(&key, stream, &everyone);
        let made = catch_unwind(AssertUnwindSafe(|| instance.run(&study, &cx)));
        let changed = keys.iter().find_map(|k| self.changed(&planned.inputs, k));
        let lost = lost.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(why) = lost.or(changed) {
            return (Outcome::Failed(why), false);
        }
        let outputs = match made {
            Ok(Ok(outputs)) => outputs,
            Ok(Err(StageError::Cancelled)) => return (Outcome::Skipped, false),
            Ok(Err(StageError::Failed(why))) => return (Outcome::Failed(why), false),
            Err(_) => {
                return (
                    Outcome::Failed("internal error; please report it with the definition and the inputs".into()),
                    false,
                );
            }
        };
        let entry = Entry {
            metrics: outputs.metrics.into_iter().map(|(s, m)| (Some(s), m)).collect(),
            warnings: outputs.warnings,
            artifacts: outputs.artifacts.iter().map(|(n, _)| (*n).to_string()).collect(),
            figures: outputs.figures.iter().map(|f| f.caption.clone()).collect(),
        };
        if let Err(e) = self.cache.put(&key, &entry, &outputs.artifacts, &outputs.figures) {
            self.broken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(e);
            return (Outcome::Failed("the result could not be stored".into()), false);
        }
        self.record(usize::MAX, stage, &key, false, started);
        (Outcome::Done { key, entry }, false)
    }
}
