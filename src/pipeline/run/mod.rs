//! Running a plan: samples in parallel, study stages after them, every result by its key.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use rayon::prelude::*;

mod collect;
mod sample;
mod state;
mod study;

use super::cache::{Cache, Entry};
use super::plan::{Plan, Target};
use super::results::ResultRow;
use crate::io::write::WriteError;
use crate::stage::{FigureFile, Progress, Scope};

/// Said where what this run stored is not there any more.
pub(super) const GONE: &str =
    "a stored result is gone or damaged: was the results folder changed while the run was going? run again";

/// Told what is going on; everything has an empty default.
pub trait Observer: Sync {
    /// So many stages of samples and study will run.
    fn begin(&self, _tasks: usize) {}
    /// A stage starts.
    fn start(&self, _sample: &str, _stage: &str) {}
    /// The running stage is at `done` of `total`.
    fn step(&self, _done: usize, _total: usize) {}
    /// A stage ended.
    fn finish(&self, _sample: &str, _stage: &str, _how: Ending) {}
}

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Computed.
    Done,
    /// Taken from the cache.
    Cached,
    /// Without a result.
    Failed,
    /// The sample has not what it takes.
    Skipped,
}

impl Ending {
    fn of(outcome: &Outcome, cached: bool) -> Ending {
        match outcome {
            Outcome::Failed(_) => Ending::Failed,
            Outcome::Skipped => Ending::Skipped,
            _ if cached => Ending::Cached,
            _ => Ending::Done,
        }
    }
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
    /// Bytes that volumes may take; half of the machine's memory unless given.
    pub memory: Option<u64>,
    /// True ends the run.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told what is going on.
    pub observer: &'a dyn Observer,
}

/// Tells nobody.
struct Silent;

impl Observer for Silent {}

impl Options<'static> {
    /// Into the folder `out`, on all cores, all stages, what the cache holds taken from it, told to nobody.
    pub fn new(out: impl Into<PathBuf>) -> Options<'static> {
        Options {
            out: out.into(),
            jobs: None,
            only: Vec::new(),
            force: false,
            memory: None,
            cancelled: &|| false,
            observer: &Silent,
        }
    }
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
    /// Whether it is a phantom: synthetic, not measured.
    pub synthetic: bool,
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
    steps: Steps<'a>,
    /// Bytes that volumes may take.
    memory: u64,
    /// Folder for what stages keep while they run.
    scratch: PathBuf,
}

/// A sample's inputs by role: what is known of each, or why it cannot be read.
type InputKeys = Vec<(String, Result<InputKey, String>)>;

/// What an input is stored and simulated under.
struct InputKey {
    /// Part of the keys of what comes of it.
    key: String,
    /// The content of a volume, for random streams.
    volume: String,
    /// Its files when they were hashed.
    state: state::State,
}

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
    let memory = options.memory.unwrap_or_else(super::provenance::half_of_memory);
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
    let driver = Driver {
        plan,
        options,
        cache: &cache,
        wanted,
        records: Mutex::default(),
        broken: Mutex::default(),
        steps: Steps(options.observer),
        memory,
        scratch: store.join("scratch"),
    };
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
    if run.is_whole() && options.only.is_empty() {
        // What stages of earlier definitions kept, which nobody will go on with.
        let _ = std::fs::remove_dir_all(store.join("scratch"));
    }
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
struct Harvest {
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
    fn all(&self) -> Result<Harvest, RunError> {
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
        let mut made = Harvest { inputs: records.into_iter().flatten().collect(), ..Harvest::default() };
        self.collect(&mut made, &outcomes, &shared);
        Ok(made)
    }

    fn stages_of(&self, scope: Scope) -> Vec<usize> {
        let wanted = |i: &usize| self.wanted[*i] && self.plan.stages[*i].doc().scope == scope;
        self.plan.order.iter().copied().filter(wanted).collect()
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
            .filter_map(|(_, input)| std::fs::metadata(input.file(&self.plan.folder)).ok().map(|m| m.len()));
        let need = largest.max().unwrap_or(0) * COPIES * rayon::current_num_threads() as u64;
        need < super::provenance::memory_available() / 2
    }
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

    /// Path below the results folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.out.join(Path::new(relative))
    }
}
