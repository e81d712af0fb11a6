//! One sample: its inputs hashed, its stages in order, each from the cache or run.

use std::collections::BTreeMap;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::super::cache::Entry;
use super::super::content::content;
use super::super::definition::SampleDef;
use super::super::estimate::KEPT;
use super::super::keys::{input_key, stage_key, volume_content};
use super::super::load::{as_written, open_input, read_input};
use super::super::plan::{Reference, Target};
use super::state::State;
use super::{Driver, Ending, InputKey, InputKeys, InputRecord, Outcome, StageRecord};
use crate::data::{Artifact, Kind, Volume};
use crate::io::{ReadError, files_of, regular, unreadable};
use crate::num::random::Stream;
use crate::reduce::Drive;
use crate::stage::{Cx, Inputs, Instance, SampleInfo, SampleStage, StageError};

impl Driver<'_> {
    pub(super) fn hash_inputs(&self, sample: &SampleDef) -> (InputKeys, Vec<InputRecord>) {
        let mut records = Vec::new();
        let keys = sample.inputs.iter().map(|(role, input)| {
            let path = input.file(&self.plan.folder);
            // A folder that is no dataset may be a whole disk: it is opened before all of it is hashed.
            let readers = self.plan.registry.readers();
            let opened = if path.is_dir() { open_input(input, &self.plan.folder, readers).map(drop) } else { Ok(()) };
            let hashed =
                opened.and_then(|()| self.hash(&path).map_err(|e| as_written(e.to_string(), input, &self.plan.folder)));
            let key = match hashed {
                Ok((bytes, blake3, state)) => {
                    let volume = volume_content(&blake3, input);
                    let key = InputKey { key: input_key(&blake3, input), volume, state };
                    records.push(InputRecord {
                        sample: sample.id.clone(),
                        role: role.clone(),
                        path: input.name().to_string(),
                        synthetic: input.phantom.is_some(),
                        bytes,
                        blake3,
                    });
                    Ok(key)
                }
                Err(why) => Err(why),
            };
            (role.clone(), key)
        });
        (keys.collect(), records)
    }

    /// Length and BLAKE3 of an input, and what its files were: of a file, or of all files of a folder or of a header with
    /// its data files.
    pub(super) fn hash(&self, path: &Path) -> Result<(u64, String, State), ReadError> {
        let files = files_of(self.plan.registry.readers(), path)?;
        let state = State::of(&files);
        let mut hasher = blake3::Hasher::new();
        let mut length = 0;
        let alone = files.len() == 1;
        let root = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        for file in &files {
            if !alone {
                // What a file is called within the folder is part of the content, where it begins as well.
                let name = file.strip_prefix(root).unwrap_or(file).to_string_lossy();
                hasher.update(name.as_bytes()).update(&[0]).update(&regular(file)?.to_le_bytes());
            }
            length += self.feed(file, &mut hasher)?;
        }
        Ok((length, hasher.finalize().to_hex().to_string(), state))
    }

    /// Feeds a file to a hash; an interrupted run stops within a large one, too.
    fn feed(&self, path: &Path, hasher: &mut blake3::Hasher) -> Result<u64, ReadError> {
        regular(path)?;
        let fail = |e: std::io::Error| unreadable(path, &e);
        let mut file = std::fs::File::open(path).map_err(fail)?;
        let mut buffer = vec![0; 1 << 20];
        let mut length = 0;
        loop {
            let n = file.read(&mut buffer).map_err(fail)?;
            if n == 0 {
                break;
            }
            if (self.options.cancelled)() {
                return Err(ReadError::new("", "interrupted").in_file(path));
            }
            hasher.update(&buffer[..n]);
            length += n as u64;
        }
        Ok(length)
    }

    /// All stages of one sample, in order.
    pub(super) fn sample(&self, index: usize, keys: &InputKeys, stages: &[usize]) -> Vec<Outcome> {
        let sample = &self.plan.definition.samples[index];
        let info = SampleInfo { id: sample.id.clone(), metadata: sample.metadata.clone() };
        let mut outcomes = vec![Outcome::Skipped; self.plan.stages.len()];
        let mut held: BTreeMap<String, Artifact> = BTreeMap::new();
        for stage in stages {
            if (self.options.cancelled)() || self.is_broken() {
                break;
            }
            let name = &self.plan.stages[*stage].def.name;
            self.options.observer.start(&sample.id, name);
            let (outcome, cached) = self.one(index, *stage, keys, &outcomes, &mut held, &info);
            self.options.observer.finish(&sample.id, name, Ending::of(&outcome, cached));
            outcomes[*stage] = outcome;
        }
        outcomes
    }

    /// One stage of one sample: from the cache, or run.
    pub(super) fn one(
        &self,
        sample: usize,
        stage: usize,
        keys: &InputKeys,
        outcomes: &[Outcome],
        held: &mut BTreeMap<String, Artifact>,
        info: &SampleInfo,
    ) -> (Outcome, bool) {
        let planned = &self.plan.stages[stage];
        let mut input_keys = match self.input_keys(&planned.inputs, keys, outcomes) {
            Ok(k) => k,
            Err(outcome) => return (outcome, false),
        };
        // The same artifact means something else on another port.
        for ((i, key), port) in input_keys.iter_mut().enumerate().zip(&planned.def.ports).filter(|((i, _), p)| i != *p)
        {
            *key = format!("{port}@{i}:{key}");
        }
        let key = stage_key(
            planned.doc(),
            &planned.def.instance.parameters(),
            &input_keys,
            self.plan.definition.seed,
            &info.metadata,
        );
        let started = Instant::now();
        if let Some(entry) = self.cache.get(&key).filter(|_| !self.options.force) {
            self.record(sample, stage, &key, true, started);
            return (Outcome::Done { key, entry }, true);
        }
        let Instance::Sample(instance) = &planned.def.instance else { return (Outcome::Skipped, false) };
        let mut inputs = Vec::new();
        let mut contents = Vec::new();
        for (reference, &port) in planned.inputs.iter().zip(&planned.def.ports) {
            let kinds = planned.doc().inputs.get(port).map_or(&[][..], |p| p.kinds);
            let fits = |a: Artifact| self.of_kind(sample, reference, a, kinds, &planned.def.name);
            match self.artifact(sample, reference, outcomes, held).and_then(fits) {
                Ok(a) => {
                    // What may be left out, such as surrogates to compare with, is not what is simulated.
                    if !planned.doc().inputs.get(port).is_some_and(|p| p.optional) {
                        contents.push(port as u8);
                        contents.extend(content(&a, &self.volume_content(reference, keys, outcomes)));
                    }
                    inputs.push((port, a));
                }
                Err(why) => return (Outcome::Failed(why), false),
            }
        }
        // Known now, not after the first passes.
        if let Some(why) = self.too_large(&**instance, &inputs) {
            return (Outcome::Failed(why), false);
        }
        let stream = Stream::new(self.plan.definition.seed, planned.doc().id, &contents);
        let cx = self.context(&key, stream, info);
        // A defect in one stage must not take the other samples with it.
        let result = catch_unwind(AssertUnwindSafe(|| instance.run(&Inputs(&inputs), &cx)));
        let outputs = match result {
            Ok(Ok(outputs)) => outputs,
            Ok(Err(StageError::Cancelled)) => return (Outcome::Skipped, false),
            Ok(Err(StageError::Failed(why))) => return (Outcome::Failed(why), false),
            Err(_) => {
                return (
                    Outcome::Failed("internal error; please report it with the definition and the input".into()),
                    false,
                );
            }
        };
        // What was computed of another file than the key names must not be kept.
        if let Some(why) = self.changed(&planned.inputs, keys) {
            return (Outcome::Failed(why), false);
        }
        let entry = Entry {
            metrics: outputs.metrics.into_iter().map(|m| (None, m)).collect(),
            warnings: outputs.warnings,
            artifacts: outputs.artifacts.iter().map(|(n, _)| (*n).to_string()).collect(),
            figures: Vec::new(),
        };
        if let Err(e) = self.cache.put(&key, &entry, &outputs.artifacts, &[]) {
            self.broken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(e);
            return (Outcome::Failed("the result could not be stored".into()), false);
        }
        self.clear(&key);
        for (name, artifact) in outputs.artifacts {
            held.insert(format!("{stage}.{name}"), artifact);
        }
        self.record(sample, stage, &key, false, started);
        (Outcome::Done { key, entry }, false)
    }

    /// Why the files that a stage read are not those that were hashed.
    pub(super) fn changed(&self, inputs: &[Reference], keys: &InputKeys) -> Option<String> {
        inputs.iter().find_map(|r| match &r.target {
            Target::Role(role) => keys.iter().find(|(k, _)| k == role)?.1.as_ref().ok()?.state.complaint(),
            _ => None,
        })
    }

    /// Keys of a stage's inputs, or what becomes of it without them.
    pub(super) fn input_keys(
        &self,
        inputs: &[Reference],
        keys: &InputKeys,
        outcomes: &[Outcome],
    ) -> Result<Vec<String>, Outcome> {
        inputs
            .iter()
            .map(|r| match &r.target {
                Target::Role(role) => match keys.iter().find(|(k, _)| k == role) {
                    None => Err(Outcome::Skipped),
                    Some((_, Ok(key))) => Ok(key.key.clone()),
                    Some((_, Err(why))) => Err(Outcome::Failed(why.clone())),
                },
                Target::Stage(s, output) => match &outcomes[*s] {
                    Outcome::Skipped => Err(Outcome::Skipped),
                    Outcome::Failed(why) => {
                        Err(Outcome::Failed(format!("`{}` failed: {}", self.plan.stages[*s].def.name, root(why))))
                    }
                    Outcome::Done { key, .. } => Ok(format!("{key}.{output}")),
                },
                Target::Metrics(_) => Err(Outcome::Skipped),
            })
            .collect()
    }

    /// What a volume is to random streams, wherever its numbers lie: its file, or that of the stage's output.
    fn volume_content(&self, reference: &Reference, keys: &InputKeys, outcomes: &[Outcome]) -> String {
        let known = match &reference.target {
            Target::Role(role) => {
                keys.iter().find(|(k, _)| k == role).and_then(|(_, k)| Some(k.as_ref().ok()?.volume.clone()))
            }
            Target::Stage(s, output) => match &outcomes[*s] {
                Outcome::Done { key, .. } => self.cache.stored_content(key, &format!("{output}.runs")),
                _ => None,
            },
            Target::Metrics(_) => None,
        };
        known.unwrap_or_default()
    }

    /// The artifact of a reference, from memory, cache or file.
    pub(super) fn artifact(
        &self,
        sample: usize,
        reference: &Reference,
        outcomes: &[Outcome],
        held: &mut BTreeMap<String, Artifact>,
    ) -> Result<Artifact, String> {
        match &reference.target {
            Target::Role(role) => {
                if let Some(a) = held.get(role) {
                    return Ok(a.clone());
                }
                let a = self.read_role(sample, role)?;
                held.insert(role.clone(), a.clone());
                Ok(a)
            }
            Target::Stage(s, output) => {
                if let Some(a) = held.get(&format!("{s}.{output}")) {
                    return Ok(a.clone());
                }
                match &outcomes[*s] {
                    Outcome::Done { key, .. } => self.cache.artifact(key, output).ok_or_else(|| {
                        format!(
                            "the cached output of `{}` is damaged; run again with --force",
                            self.plan.stages[*s].def.name
                        )
                    }),
                    _ => Err(format!("`{}` has no output", reference.text)),
                }
            }
            Target::Metrics(_) => Err(format!("`{}` has no output", reference.text)),
        }
    }

    /// The artifact if it is of a kind that the stage takes, else why not: the files of a role may differ in kind.
    pub(super) fn of_kind(
        &self,
        sample: usize,
        reference: &Reference,
        artifact: Artifact,
        kinds: &[Kind],
        stage: &str,
    ) -> Result<Artifact, String> {
        if kinds.is_empty() || kinds.contains(&artifact.kind()) {
            return Ok(artifact);
        }
        let wanted: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let inputs = &self.plan.definition.samples[sample].inputs;
        let file = match &reference.target {
            Target::Role(role) => inputs.iter().find(|(r, _)| r == role).map(|(_, i)| i.name().to_string()),
            _ => None,
        };
        let what = file.unwrap_or_else(|| reference.text.clone());
        Err(format!(
            "{what}: is a {}; stage `{stage}` takes a {}; check that the path leads to the right file",
            artifact.kind(),
            wanted.join(" or a ")
        ))
    }

    pub(super) fn read_role(&self, sample: usize, role: &str) -> Result<Artifact, String> {
        let sample = &self.plan.definition.samples[sample];
        let (_, input) =
            sample.inputs.iter().find(|(r, _)| r == role).ok_or_else(|| format!("there is no input `{role}`"))?;
        let opened = open_input(input, &self.plan.folder, self.plan.registry.readers())?;
        let artifact = read_input(opened, input, &self.plan.folder)?;
        self.held(artifact)
    }

    /// Why a block of a volume does not fit into the memory allowed.
    fn too_large(&self, stage: &dyn SampleStage, inputs: &[(usize, Artifact)]) -> Option<String> {
        inputs.iter().find_map(|(_, a)| match a {
            Artifact::Volume(v) if !v.held() => {
                let cost = stage.volume_cost(v.shape, v.voxel);
                let drive = Drive { memory: self.memory, ..Drive::simple() };
                drive.thickness(v.shape, [0, cost.halo]).err().map(|e| e.to_string())
            }
            _ => None,
        })
    }

    /// What a stage may ask of the world.
    pub(super) fn context<'b>(&'b self, key: &'b str, stream: Stream, sample: &'b SampleInfo) -> Cx<'b> {
        Cx {
            stream,
            key,
            sample,
            cancelled: self.options.cancelled,
            progress: &self.steps,
            memory: self.memory,
            scratch: &self.scratch,
        }
    }

    /// Removes what a stage kept while it ran; its result is stored.
    fn clear(&self, key: &str) {
        for entry in std::fs::read_dir(&self.scratch).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(key) {
                // Only litter: a failure to remove it hurts nobody.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// A volume that takes a small part of the memory is read once and kept.
    fn held(&self, artifact: Artifact) -> Result<Artifact, String> {
        let Artifact::Volume(v) = &artifact else { return Ok(artifact) };
        if v.held() || v.len().saturating_mul(8) > self.memory / KEPT {
            return Ok(artifact);
        }
        let values = v.whole().map_err(|e| e.to_string())?.into_owned();
        let volume = Volume::new(values, v.unit.clone(), &v.quantity, v.voxel);
        Ok(Artifact::Volume(Arc::new(volume)))
    }

    pub(super) fn record(&self, sample: usize, stage: usize, key: &str, cached: bool, started: Instant) {
        let planned = &self.plan.stages[stage];
        let id = self.plan.definition.samples.get(sample).map_or("*", |s| s.id.as_str());
        let record = StageRecord {
            sample: id.into(),
            stage: planned.def.name.clone(),
            run: planned.doc().id.into(),
            key: key.into(),
            cached,
            seconds: started.elapsed().as_secs_f64(),
        };
        self.records.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((sample, stage, record));
    }
}

/// The first cause of a chain of failures.
fn root(why: &str) -> &str {
    match why.split_once("` failed: ") {
        Some((head, rest)) if head.starts_with('`') => root(rest),
        _ => why,
    }
}
