//! The same bytes in memory and out of it, whatever the memory and the threads; interrupted runs go on.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::Array3;
use softspot::data::Volume;
use softspot::io::write::npy_volume;
use softspot::num::random::Random;
use softspot::pipeline::{Observer, Options, Run, RunError, prepare, run};
use softspot::spatial::covariance::Covariance;
use softspot::spatial::field::VolumeSimulator;
use softspot::unit::Unit;

const SHAPE: [usize; 3] = [106, 44, 61];

const DEFINITION: &str = r#"
[pipeline]
name = "parts"
seed = 7
[sample.a]
ct = { path = "a.npy", pixel = ["30 nm", "30 nm", "30 nm"], quantity = "Grey value" }
[stage.grey]
run = "distribution"
input = "ct"
block = "300 nm"
[stage.corr]
run = "correlation"
input = "ct"
r_max = "300 nm"
radial = "90 nm"
[stage.low]
run = "regions"
input = "ct"
side = "low"
top = "15 %"
surrogates = 0
[stage.share]
run = "regions"
input = "ct"
by = "share"
top = "20 %"
connectivity = 6
surrogates = 0
[stage.law]
run = "cluster-sizes"
input = "low"
resamples = 40
surrogates = 0
[stage.boxes]
run = "box-counting"
input = "low"
sizes = "all"
fit = "all"
offsets = "mean"
grids = 3
surrogates = 0
[stage.edge]
run = "box-counting"
input = "low"
of = "boundary"
fit = "all"
surrogates = 40
[stage.depth]
run = "volume-profile"
input = { volume = "ct", regions = "low" }
along = "spherical"
[stage.load]
run = "orientation"
input = "low"
direction = [1, 1, 0]
resamples = 40
"#;

/// A volume with structure, noise, ties and, outside of a ball, invalid voxels.
fn volume() -> Volume {
    let c = Covariance { sigma: 1.0, xi: 90e-9, alpha: 0.9, noise: 0.2 };
    let [z, _] = VolumeSimulator::new(SHAPE, [30e-9; 3], &c).pair(&mut Random::named("parts", 0));
    let middle = SHAPE.map(|n| 0.5 * n as f64);
    let inside = |i: [usize; 3]| (0..3).map(|k| ((i[k] as f64 - middle[k]) / middle[k]).powi(2)).sum::<f64>() < 1.6;
    let values = Array3::from_shape_fn((SHAPE[0], SHAPE[1], SHAPE[2]), |(a, b, c)| match inside([a, b, c]) {
        true => (1000.0 + 40.0 * z[[a, b, c]]).round(),
        false => f64::NAN,
    });
    Volume::new(values, Unit::none(), "g", None)
}

struct Silent;
impl Observer for Silent {}

fn go(folder: &Path, out: &str, set: &[&str], memory: Option<u64>, jobs: usize) -> Result<Run, RunError> {
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    let plan = prepare(DEFINITION, folder, &set).unwrap_or_else(|e| panic!("{e:#?}"));
    let options = Options {
        out: folder.join(out),
        jobs: Some(jobs),
        only: Vec::new(),
        force: false,
        memory,
        cancelled: &|| false,
        observer: &Silent,
    };
    run(&plan, &options)
}

#[test]
fn results_do_not_depend_on_memory_or_threads() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.npy"), npy_volume(&volume()).unwrap()).unwrap();
    let read = |out: &str, file: &str| std::fs::read(dir.path().join(out).join(file)).unwrap();
    let files = ["results.csv", "tables/low.csv", "tables/boxes.csv", "tables/corr.csv", "tables/depth.csv"];
    // Gliding boxes and the covariance of surrogates look farther around a block than 17 planes are thick.
    let near = ["stage.boxes.moments=false", "stage.edge.moments=false", "stage.edge.surrogates=0"];
    for (whole, set) in [("near", &near[..]), ("all", &[])] {
        let run = go(dir.path(), whole, set, None, 2).unwrap();
        assert!(run.is_whole(), "{:?}", run.failures);
        assert!(String::from_utf8_lossy(&read(whole, "results.csv")).lines().count() > 100);
        // A plane takes 16 bytes a voxel: at most 17, 64 and 100 planes, less what lies around them.
        for (planes, jobs) in [(17, 1), (17, 2), (64, 2), (100, 1)] {
            if planes == 17 && set.is_empty() {
                continue;
            }
            let out = format!("{whole}-{planes}-{jobs}");
            let memory = (planes * SHAPE[1] * SHAPE[2] * 16) as u64;
            let parts = go(dir.path(), &out, set, Some(memory), jobs).unwrap();
            assert!(parts.is_whole(), "{:?}", parts.failures);
            for file in files {
                assert!(read(&out, file) == read(whole, file), "{file} differs with blocks of {planes} planes");
            }
            let label = "data/a/low.labels.zarr/0/1/0/0";
            assert!(read(&out, label) == read(whole, label), "labels differ with blocks of {planes} planes");
        }
    }
}

/// A run that is stopped between two blocks leaves what it has; the next one takes it up and gives the same bytes.
#[test]
fn an_interrupted_run_goes_on_with_the_next_block() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.npy"), npy_volume(&volume()).unwrap()).unwrap();
    go(dir.path(), "whole", &[], None, 2).unwrap();
    let asked = AtomicUsize::new(0);
    let steps = AtomicUsize::new(0);
    let memory = Some((12 * SHAPE[1] * SHAPE[2] * 16) as u64);
    let attempt = |stop_at: usize| {
        asked.store(0, Ordering::Relaxed);
        let text = DEFINITION.split("[stage.low]").next().unwrap();
        let plan = prepare(text, dir.path(), &[]).unwrap();
        let cancelled = || asked.fetch_add(1, Ordering::Relaxed) >= stop_at;
        let options = Options {
            out: dir.path().join("parts"),
            jobs: Some(1),
            only: Vec::new(),
            force: false,
            memory,
            cancelled: &cancelled,
            observer: &Count(&steps),
        };
        run(&plan, &options).map(|r| r.is_whole())
    };
    // Stopped again and again, a few blocks farther each time: without what is kept it would never come to its end.
    let mut attempts = 0;
    while !matches!(attempt(14), Ok(true)) {
        attempts += 1;
        assert!(attempts < 60, "the run does not get on");
    }
    assert!(attempts > 3, "{attempts} interruptions");
    let scratch = dir.path().join("parts/.cache/scratch");
    assert!(!scratch.exists(), "what led to results is cleared away");
    let read = |out: &str, file: &str| std::fs::read_to_string(dir.path().join(out).join(file)).unwrap();
    let whole: Vec<String> = read("whole", "results.csv").lines().map(String::from).collect();
    assert!(read("parts", "results.csv").lines().all(|l| whole.iter().any(|w| w == l)));
}

struct Count<'a>(&'a AtomicUsize);

impl Observer for Count<'_> {
    fn step(&self, _: usize, _: usize) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
