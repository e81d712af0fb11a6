//! Running a plan: samples in parallel, study stages after them, every result by its key.

use std::collections::BTreeMap;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use rayon::prelude::*;

use super::cache::{Cache, Entry};
use super::definition::SampleDef;
use super::keys::{input_key, stage_key};
use super::load::{open_input, read_input};
use super::plan::{Plan, Reference, Target};
use super::results::ResultRow;
use crate::data::{Artifact, Kind, Metric, Value};
use crate::io::write::WriteError;
use crate::io::{ReadError, regular, unreadable};
use crate::stage::{
    Cx, FigureFile, Inputs, Instance, Progress, SampleInfo, Scope, StageError, Study, StudyInput, StudySample,
};

/// Told what is going on; everything has an empty default.
pub trait Observer: Sync {
    /// So many stages of samples and study will run.
    fn begin(&self, _tasks: usize) {}
    /// A stage starts.
    fn start(&self, _sample: &str, _stage: &str) {}
    /// The running stage is at `done` of `total`.
    fn step(&self, _done: usize, _total: usize) {}
    /// A stage ended.
    fn finish(&self, _sample: &str, _stage: &str, _cached: bool, _failed: Option<&str>) {}
}

/// How to run.
pub struct Options<'a> {
    /// Results folder.
    pub out: PathBuf,
    /// Threads; all cores unless given.
    pub jobs: Option<usize>,
    /// Stages wanted; with what they need. All if empty.
    pub only: Vec<String>,
    /// Recompute what the cache holds.
    pub force: bool,
    /// True ends the run.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told what is going on.
    pub observer: &'a dyn Observer,
}

/// Why a run ended before its results were written.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The results folder or the disk.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Another run holds the folder.
    #[error("{}: another run is writing here; wait for it or choose another folder with --out DIR", .0.display())]
    Locked(PathBuf),
    /// A stage of `--only` does not exist.
    #[error("--only: there is no stage `{0}`; stages: {1}")]
    UnknownStage(String, String),
    /// No threads could be started.
    #[error("no threads: {0}")]
    Threads(String),
    /// The user ended it.
    #[error("interrupted; what is done is kept, run again to go on")]
    Cancelled,
}

/// An input file that was read.
#[derive(Clone, Debug, serde::Serialize)]
pub struct InputRecord {
    /// Sample.
    pub sample: String,
    /// Role.
    pub role: String,
    /// As in the definition.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// BLAKE3 of the content.
    pub blake3: String,
}

/// A stage that ran.
#[derive(Clone, Debug, serde::Serialize)]
pub struct StageRecord {
    /// Sample; `*` for study stages.
    pub sample: String,
    /// Stage.
    pub stage: String,
    /// Its kind.
    pub run: String,
    /// Key of its result.
    pub key: String,
    /// Whether the result was there already.
    pub cached: bool,
    /// Time it took.
    pub seconds: f64,
}

/// A warning with its place.
#[derive(Clone, Debug, serde::Serialize)]
pub struct WarningRecord {
    /// Sample; `*` for all.
    pub sample: String,
    /// Stage.
    pub stage: String,
    /// Stable name.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// A figure by the name of its stage.
#[derive(Clone, Debug)]
pub struct FileFigure {
    /// File name without extension.
    pub name: String,
    /// The three files and the caption.
    pub file: FigureFile,
}

/// A finished run.
pub struct Run {
    /// Rows of `results.csv`.
    pub rows: Vec<ResultRow>,
    /// Inputs read.
    pub inputs: Vec<InputRecord>,
    /// Stages run.
    pub stages: Vec<StageRecord>,
    /// Warnings in order.
    pub warnings: Vec<WarningRecord>,
    /// Figures in order.
    pub figures: Vec<FileFigure>,
    /// `tables/NAME.csv` and its text.
    pub tables: Vec<(String, String)>,
    /// Derived maps: path below the results folder, key, bytes on demand.
    pub(super) maps: Vec<DerivedMap>,
    /// Samples or study stages that failed, with the reason.
    pub failures: Vec<(String, String, String)>,
    /// Results folder.
    pub out: PathBuf,
    /// Threads used.
    pub threads: usize,
    /// Wall time.
    pub seconds: f64,
    pub(super) cache: Cache,
    /// Held until the run is dropped.
    _lock: std::fs::File,
}

/// A map output of a stage, to be written below `data/`.
pub(super) struct DerivedMap {
    pub path: String,
    pub key: String,
    pub output: String,
}

/// What became of a stage for a sample.
#[derive(Clone)]
enum Outcome {
    /// The sample has not its inputs.
    Skipped,
    Failed(String),
    Done {
        key: String,
        entry: Entry,
    },
}

struct Driver<'a> {
    plan: &'a Plan,
    options: &'a Options<'a>,
    cache: &'a Cache,
    /// Whether each stage is wanted.
    wanted: Vec<bool>,
    records: Mutex<Vec<(usize, usize, StageRecord)>>,
    /// A disk that failed ends the run.
    broken: Mutex<Option<WriteError>>,
}

/// A sample's inputs by role: key, or why it cannot be read.
type InputKeys = Vec<(String, Result<String, String>)>;

struct Steps<'a>(&'a dyn Observer);

impl Progress for Steps<'_> {
    fn step(&self, done: usize, total: usize) {
        self.0.step(done, total);
    }
}

/// Runs a plan and writes its results.
///
/// # Errors
/// [`RunError`]; failing samples are no error of the run, they are in [`Run::failures`].
pub fn run(plan: &Plan, options: &Options<'_>) -> Result<Run, RunError> {
    let started = Instant::now();
    let wanted = wanted(plan, &options.only)?;
    let store = options.out.join(".cache");
    std::fs::create_dir_all(&store).map_err(|e| WriteError::new(&store, e))?;
    let lock_path = store.join("lock");
    let lock = std::fs::File::create(&lock_path).map_err(|e| WriteError::new(&lock_path, e))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => return Err(RunError::Locked(options.out.clone())),
        Err(std::fs::TryLockError::Error(e)) => return Err(WriteError::new(&lock_path, e).into()),
    }
    // Only the holder of the lock may clear away what a killed run left: it might be another run's work.
    let cache = Cache::open(&store)?;
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(n) = options.jobs {
        pool = pool.num_threads(n);
    }
    let pool = pool.build().map_err(|e| RunError::Threads(e.to_string()))?;
    let threads = pool.current_num_threads();
    let driver = Driver { plan, options, cache: &cache, wanted, records: Mutex::default(), broken: Mutex::default() };
    let made = pool.install(|| driver.all())?;
    let mut run = Run {
        rows: made.rows,
        inputs: made.inputs,
        stages: made.stages,
        warnings: made.warnings,
        figures: made.figures,
        tables: made.tables,
        maps: made.maps,
        failures: made.failures,
        out: options.out.clone(),
        threads,
        seconds: 0.0,
        cache,
        _lock: lock,
    };
    run.seconds = started.elapsed().as_secs_f64();
    super::archive::write(plan, &run)?;
    Ok(run)
}

/// Whether each stage of the plan runs under `--only`: those named, and what they need.
///
/// # Errors
/// [`RunError::UnknownStage`].
pub fn wanted(plan: &Plan, only: &[String]) -> Result<Vec<bool>, RunError> {
    if only.is_empty() {
        return Ok(vec![true; plan.stages.len()]);
    }
    let mut wanted = vec![false; plan.stages.len()];
    let mut open = Vec::new();
    for name in only {
        let index = plan.stages.iter().position(|s| s.def.name == *name).ok_or_else(|| {
            let names: Vec<_> = plan.stages.iter().map(|s| s.def.name.as_str()).collect();
            RunError::UnknownStage(name.clone(), names.join(", "))
        })?;
        open.push(index);
    }
    while let Some(i) = open.pop() {
        if !std::mem::replace(&mut wanted[i], true) {
            open.extend(plan.stages[i].inputs.iter().filter_map(|r| match r.target {
                Target::Stage(s, _) | Target::Metrics(s) => Some(s),
                Target::Role(_) => None,
            }));
        }
    }
    Ok(wanted)
}

#[derive(Default)]
struct Made {
    rows: Vec<ResultRow>,
    inputs: Vec<InputRecord>,
    stages: Vec<StageRecord>,
    warnings: Vec<WarningRecord>,
    figures: Vec<FileFigure>,
    tables: Vec<(String, String)>,
    maps: Vec<DerivedMap>,
    failures: Vec<(String, String, String)>,
}

impl Driver<'_> {
    fn all(&self) -> Result<Made, RunError> {
        let samples = &self.plan.definition.samples;
        let per_sample = self.stages_of(Scope::Sample);
        let studies = self.stages_of(Scope::Study);
        self.options.observer.begin(samples.len() * per_sample.len() + studies.len());
        let hashed: Vec<(InputKeys, Vec<InputRecord>)> = samples.par_iter().map(|s| self.hash_inputs(s)).collect();
        let (keys, records): (Vec<InputKeys>, Vec<Vec<InputRecord>>) = hashed.into_iter().unzip();
        let chain = |i: usize| self.sample(i, &keys[i], &per_sample);
        // Side by side while half of the memory allows, else one after the other with all threads inside a stage.
        let outcomes: Vec<Vec<Outcome>> = if self.fits_side_by_side() {
            (0..samples.len()).into_par_iter().map(chain).collect()
        } else {
            (0..samples.len()).map(chain).collect()
        };
        self.stop_if_broken()?;
        let shared = self.studies(&studies, &keys, &outcomes)?;
        self.stop_if_broken()?;
        let mut made = Made { inputs: records.into_iter().flatten().collect(), ..Made::default() };
        self.collect(&mut made, &outcomes, &shared);
        Ok(made)
    }

    fn stages_of(&self, scope: Scope) -> Vec<usize> {
        let of = |i: &usize| self.wanted[*i] && self.plan.stages[*i].doc().scope == scope;
        self.plan.order.iter().copied().filter(of).collect()
    }

    fn stop_if_broken(&self) -> Result<(), RunError> {
        if let Some(e) = self.broken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
            return Err(RunError::Write(e));
        }
        if (self.options.cancelled)() { Err(RunError::Cancelled) } else { Ok(()) }
    }

    fn is_broken(&self) -> bool {
        self.broken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_some()
    }

    /// Whether the largest inputs of as many samples as there are threads leave half of the memory free.
    fn fits_side_by_side(&self) -> bool {
        // Map, levelled copy, spectra, simulated fields: measured at 14 times the map.
        const COPIES: u64 = 14;
        let largest = self
            .plan
            .definition
            .samples
            .iter()
            .flat_map(|s| &s.inputs)
            .filter_map(|(_, input)| std::fs::metadata(self.plan.folder.join(&input.path)).ok().map(|m| m.len()));
        let need = largest.max().unwrap_or(0) * COPIES * rayon::current_num_threads() as u64;
        need < super::provenance::memory_available() / 2
    }

    fn hash_inputs(&self, sample: &SampleDef) -> (InputKeys, Vec<InputRecord>) {
        let mut records = Vec::new();
        let keys = sample.inputs.iter().map(|(role, input)| {
            let path = self.plan.folder.join(&input.path);
            let key = match self.hash(&path) {
                Ok((bytes, blake3)) => {
                    let key = input_key(&blake3, input);
                    records.push(InputRecord {
                        sample: sample.id.clone(),
                        role: role.clone(),
                        path: input.path.clone(),
                        bytes,
                        blake3,
                    });
                    Ok(key)
                }
                Err(e) => Err(e.to_string()),
            };
            (role.clone(), key)
        });
        (keys.collect(), records)
    }

    /// Length and BLAKE3 of a file; an interrupted run stops within a large one, too.
    fn hash(&self, path: &Path) -> Result<(u64, String), ReadError> {
        regular(path)?;
        let fail = |e: std::io::Error| unreadable(path, &e);
        let mut file = std::fs::File::open(path).map_err(fail)?;
        let mut hasher = blake3::Hasher::new();
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
        Ok((length, hasher.finalize().to_hex().to_string()))
    }

    /// All stages of one sample, in order.
    fn sample(&self, index: usize, keys: &InputKeys, stages: &[usize]) -> Vec<Outcome> {
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
            let failed = match &outcome {
                Outcome::Failed(why) => Some(why.as_str()),
                _ => None,
            };
            self.options.observer.finish(&sample.id, name, cached, failed);
            outcomes[*stage] = outcome;
        }
        outcomes
    }

    /// One stage of one sample: from the cache, or run.
    fn one(
        &self,
        sample: usize,
        stage: usize,
        keys: &InputKeys,
        outcomes: &[Outcome],
        held: &mut BTreeMap<String, Artifact>,
        info: &SampleInfo,
    ) -> (Outcome, bool) {
        let planned = &self.plan.stages[stage];
        let input_keys = match self.input_keys(&planned.inputs, keys, outcomes) {
            Ok(k) => k,
            Err(outcome) => return (outcome, false),
        };
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
        for (reference, port) in planned.inputs.iter().zip(planned.doc().inputs) {
            let fits = |a: Artifact| self.of_kind(sample, reference, a, port.kinds, &planned.def.name);
            match self.artifact(sample, reference, outcomes, held).and_then(fits) {
                Ok(a) => inputs.push(a),
                Err(why) => return (Outcome::Failed(why), false),
            }
        }
        let cx =
            Cx { seed: &key, sample: info, cancelled: self.options.cancelled, progress: &Steps(self.options.observer) };
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
        for (name, artifact) in outputs.artifacts {
            held.insert(format!("{stage}.{name}"), artifact);
        }
        self.record(sample, stage, &key, false, started);
        (Outcome::Done { key, entry }, false)
    }

    /// Keys of a stage's inputs, or what becomes of it without them.
    fn input_keys(&self, inputs: &[Reference], keys: &InputKeys, outcomes: &[Outcome]) -> Result<Vec<String>, Outcome> {
        inputs
            .iter()
            .map(|r| match &r.target {
                Target::Role(role) => match keys.iter().find(|(k, _)| k == role) {
                    None => Err(Outcome::Skipped),
                    Some((_, Ok(key))) => Ok(key.clone()),
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

    /// The artifact of a reference, from memory, cache or file.
    fn artifact(
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
    fn of_kind(
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
        let of = &self.plan.definition.samples[sample].inputs;
        let file = match &reference.target {
            Target::Role(role) => of.iter().find(|(r, _)| r == role).map(|(_, i)| self.plan.folder.join(&i.path)),
            _ => None,
        };
        let what = file.map_or_else(|| reference.text.clone(), |f| f.display().to_string());
        Err(format!(
            "{what}: is a {}; stage `{stage}` takes a {}; check that the path leads to the right file",
            artifact.kind(),
            wanted.join(" or a ")
        ))
    }

    fn read_role(&self, sample: usize, role: &str) -> Result<Artifact, String> {
        let sample = &self.plan.definition.samples[sample];
        let (_, input) =
            sample.inputs.iter().find(|(r, _)| r == role).ok_or_else(|| format!("there is no input `{role}`"))?;
        let opened = open_input(input, &self.plan.folder)?;
        read_input(&opened, input, &self.plan.folder)
    }

    fn record(&self, sample: usize, stage: usize, key: &str, cached: bool, started: Instant) {
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

    /// Study stages one after the other; they see all samples.
    fn studies(
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
            let failed = match &outcome {
                Outcome::Failed(why) => Some(why.as_str()),
                _ => None,
            };
            self.options.observer.finish("*", name, cached, failed);
            shared[*stage] = outcome;
        }
        Ok(shared)
    }

    fn study_sample(&self, sample: &SampleDef, outcomes: &[Outcome]) -> StudySample {
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

    fn study(
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
        let expected = instance.expects(planned.inputs.len()).unwrap_or_default();
        let load = |sample: Option<usize>, input: usize| -> Option<Artifact> {
            let reference = planned.inputs.get(input)?;
            match (sample, &reference.target) {
                (None, Target::Stage(s, output)) => match &shared[*s] {
                    Outcome::Done { key, .. } => self.cache.artifact(key, output),
                    _ => None,
                },
                (Some(i), Target::Stage(s, output)) => match &outcomes[i][*s] {
                    Outcome::Done { key, .. } => self.cache.artifact(key, output),
                    _ => None,
                },
                // A file of another kind than the stage draws is as one that cannot be read: its sample is left out.
                (Some(i), Target::Role(role)) => {
                    let kinds: Vec<Kind> = expected.get(input).and_then(|e| e.kind).into_iter().collect();
                    let fits = |a| self.of_kind(i, reference, a, &kinds, &planned.def.name);
                    self.read_role(i, role).and_then(fits).ok()
                }
                _ => None,
            }
        };
        let study = Study { samples, inputs: &inputs, shared: &before, load: &load };
        let everyone = SampleInfo { id: "*".into(), metadata: Vec::new() };
        let cx = Cx {
            seed: &key,
            sample: &everyone,
            cancelled: self.options.cancelled,
            progress: &Steps(self.options.observer),
        };
        let outputs = match catch_unwind(AssertUnwindSafe(|| instance.run(&study, &cx))) {
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

    /// Everything in the order of the definition.
    fn collect(&self, made: &mut Made, outcomes: &[Vec<Outcome>], shared: &[Outcome]) {
        let ids: Vec<String> = self.plan.definition.samples.iter().map(|s| s.id.clone()).collect();
        for problem in self.plan.problems.iter().filter(|p| p.code == "no-match") {
            let sample = problem.sample.clone().unwrap_or_default();
            made.rows.push(ResultRow {
                sample: sample.clone(),
                stage: "*".into(),
                metric: Metric::missing("status", &problem.message),
            });
            made.failures.push((sample, "*".into(), problem.message.clone()));
        }
        for (name, why) in &self.plan.definition.missing {
            made.failures.push(("*".into(), name.clone(), why.clone()));
            made.rows.push(ResultRow {
                sample: "*".into(),
                stage: name.clone(),
                metric: Metric::missing("status", why),
            });
        }
        let folders = folder_names(&ids);
        for (i, id) in ids.iter().enumerate() {
            for (s, outcome) in outcomes[i].iter().enumerate() {
                self.take(made, id, s, outcome, Some(&folders[i]));
            }
        }
        for (s, outcome) in shared.iter().enumerate() {
            self.take(made, "*", s, outcome, None);
        }
        self.take_tables(made, &ids, outcomes, shared);
        let mut records = std::mem::take(&mut *self.records.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        records.sort_by_key(|(sample, stage, _)| (*sample, *stage));
        made.stages = records.into_iter().map(|(.., r)| r).collect();
    }

    fn take(&self, made: &mut Made, id: &str, stage: usize, outcome: &Outcome, folder: Option<&str>) {
        let planned = &self.plan.stages[stage];
        let name = &planned.def.name;
        let row = |sample: &str, metric: Metric| ResultRow { sample: sample.into(), stage: name.clone(), metric };
        match outcome {
            Outcome::Skipped => {}
            Outcome::Failed(why) => {
                made.failures.push((id.into(), name.clone(), why.clone()));
                let fixed: Vec<_> = planned.doc().metrics.iter().map(|m| m.name).filter(|m| !m.contains('[')).collect();
                let names = if fixed.is_empty() { vec!["status"] } else { fixed };
                made.rows.extend(names.iter().map(|m| row(id, Metric::missing(m, why))));
            }
            Outcome::Done { key, entry } => {
                for (sample, metric) in &entry.metrics {
                    made.rows.push(row(sample.as_deref().unwrap_or(id), metric.clone()));
                }
                made.warnings.extend(entry.warnings.iter().map(|w| WarningRecord {
                    sample: id.into(),
                    stage: name.clone(),
                    code: w.code.clone(),
                    message: w.message.clone(),
                    hint: w.hint.clone(),
                }));
                for (i, caption) in entry.figures.iter().enumerate() {
                    let figure = if i == 0 { name.clone() } else { format!("{name}-{}", i + 1) };
                    if let Some(file) = self.cache.figure(key, i, caption) {
                        made.figures.push(FileFigure { name: figure, file });
                    }
                }
                let outputs = planned.doc().outputs.iter().enumerate();
                for (k, output) in outputs
                    .filter(|(_, o)| o.kind == crate::data::Kind::Map && entry.artifacts.iter().any(|a| a == o.name))
                {
                    let Some(folder) = folder else { continue };
                    let file = if k == 0 { name.clone() } else { format!("{name}.{}", output.name) };
                    made.maps.push(DerivedMap {
                        path: format!("data/{folder}/{file}.gsf"),
                        key: key.clone(),
                        output: output.name.to_string(),
                    });
                }
            }
        }
    }

    fn take_tables(&self, made: &mut Made, ids: &[String], outcomes: &[Vec<Outcome>], shared: &[Outcome]) {
        for (s, planned) in self.plan.stages.iter().enumerate() {
            let outputs = planned.doc().outputs.iter().enumerate().filter(|(_, o)| o.kind == crate::data::Kind::Table);
            for (k, output) in outputs {
                let of = |o: &Outcome| match o {
                    Outcome::Done { key, .. } => match self.cache.artifact(key, output.name) {
                        Some(Artifact::Table(t)) => Some(t),
                        _ => None,
                    },
                    _ => None,
                };
                let mut tables = Vec::new();
                for (i, id) in ids.iter().enumerate() {
                    tables.extend(of(&outcomes[i][s]).map(|t| (Some(id.as_str()), t)));
                }
                tables.extend(of(&shared[s]).map(|t| (None, t)));
                if !tables.is_empty() {
                    let name =
                        if k == 0 { planned.def.name.clone() } else { format!("{}.{}", planned.def.name, output.name) };
                    let borrowed: Vec<_> = tables.iter().map(|(s, t)| (*s, &**t)).collect();
                    made.tables.push((name, super::tables::csv(&borrowed)));
                }
            }
        }
    }
}

/// The first cause of a chain of failures.
fn root(why: &str) -> &str {
    match why.split_once("` failed: ") {
        Some((head, rest)) if head.starts_with('`') => root(rest),
        _ => why,
    }
}

/// Folder names of samples: letters, digits and `-_.+`, told apart where that makes two alike.
fn folder_names(ids: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for id in ids {
        let clean: String =
            id.chars().map(|c| if c.is_alphanumeric() || "-_.+".contains(c) { c } else { '_' }).collect();
        // File systems take names of 255 bytes.
        let base: String = clean.trim_start_matches('.').chars().take(60).collect();
        let base = if base.is_empty() { "sample".to_string() } else { base };
        let mut name = base.clone();
        let mut k = 2;
        while out.contains(&name) {
            name = format!("{base}-{k}");
            k += 1;
        }
        out.push(name);
    }
    out
}

impl Run {
    /// A metric's row, if any; for the report.
    pub fn row(&self, sample: &str, stage: &str, metric: &str) -> Option<&ResultRow> {
        self.rows.iter().find(|r| r.sample == sample && r.stage == stage && r.metric.name == metric)
    }

    /// Whether every sample and stage came through.
    pub fn is_whole(&self) -> bool {
        self.failures.is_empty()
    }

    /// Whether a row has a value.
    pub fn has_value(row: &ResultRow) -> bool {
        row.metric.value != Value::Missing
    }

    /// Path below the results folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.out.join(Path::new(relative))
    }
}
