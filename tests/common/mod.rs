//! A study in a temporary folder: write maps, tables and a definition, run the program, read what it left.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses its part")]

pub mod calibrated;
pub mod every_stage;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ndarray::Array2;
use softspot::data::Map;
use softspot::io::write::gsf;
use softspot::phantom::{Field, Loss};
use softspot::pipeline::{Options, Run, prepare, run};
use softspot::unit::Unit;
use softspot::unit::quantity::Length;
use tempfile::TempDir;

/// The program under test.
pub const SOFTSPOT: &str = env!("CARGO_BIN_EXE_softspot");

/// A hang is a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many: few by default, all of them with `SOFTSPOT_DEEP=1`.
pub fn many(few: usize, all: usize) -> usize {
    if std::env::var_os("SOFTSPOT_DEEP").is_some_and(|v| v != "0") { all } else { few }
}

/// One row of `results.csv` by column name.
pub type Row = BTreeMap<String, String>;

/// A folder with inputs and a definition.
pub struct Study {
    dir: TempDir,
}

/// What the program did.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Asserts that standard error says all of this.
    #[track_caller]
    pub fn says(&self, parts: &[&str]) -> &Ran {
        for p in parts {
            assert!(self.err.contains(p), "nothing says `{p}`:\n{}", self.err);
        }
        assert!(!self.err.contains("panicked") && !self.err.contains("internal error"), "{}", self.err);
        self
    }

    /// Asserts the exit status.
    #[track_caller]
    pub fn exits(&self, status: i32) -> &Ran {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }
}

/// Runs the program with these arguments.
pub fn softspot<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Ran {
    let output = assert_cmd::Command::new(SOFTSPOT)
        .args(args)
        .env("NO_COLOR", "1")
        .timeout(PATIENCE)
        .output()
        .expect("the program starts");
    Ran {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs a definition in this process, with its report, and asserts that nothing was wrong with it; what is printed of
/// its progress goes nowhere.
#[track_caller]
pub fn run_whole(definition: &str, base: &Path, overrides: &[String], out: &Path) -> Run {
    let plan = prepare(definition, base, overrides).unwrap_or_else(|e| panic!("{e:#?}"));
    assert!(plan.problems.is_empty(), "{:#?}", plan.problems);
    let run = run(&plan, &Options::new(out)).unwrap();
    softspot::report::write(&plan, &run, definition).unwrap();
    assert!(run.is_whole(), "{:?}", run.failures);
    run
}

impl Study {
    /// An empty folder.
    pub fn new() -> Study {
        Study { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, and its folder.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Study {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// Writes a map of a correlated Gaussian field in Hz, 48 × 48 pixels of 1 µm.
    pub fn field(&self, name: &str, seed: u64) -> &Study {
        self.write(name, gsf(&field(48, seed)))
    }

    /// Writes the definition `study.toml`.
    pub fn definition(&self, text: impl AsRef<str>) -> &Study {
        self.write("study.toml", text.as_ref())
    }

    /// Runs it.
    pub fn run(&self, more: &[&str]) -> Ran {
        let mut args = vec!["run".to_string(), self.path("study.toml").display().to_string()];
        args.extend(more.iter().map(ToString::to_string));
        softspot(&args)
    }

    /// Checks it.
    pub fn check(&self) -> Ran {
        softspot(&["check".into(), self.path("study.toml")])
    }

    /// A path in the results folder of the pipeline `s`.
    pub fn results(&self, name: &str) -> PathBuf {
        self.path("results/s").join(name)
    }

    /// Text of a result.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.results(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Rows of `results.csv`.
    #[track_caller]
    pub fn rows(&self) -> Vec<Row> {
        rows(&self.text("results.csv"))
    }

    /// The row of a metric.
    #[track_caller]
    pub fn row(&self, sample: &str, stage: &str, metric: &str) -> Row {
        let found =
            self.rows().into_iter().find(|r| r["sample"] == sample && r["stage"] == stage && r["metric"] == metric);
        found.unwrap_or_else(|| panic!("no {sample}/{stage}/{metric} in\n{}", self.text("results.csv")))
    }

    /// A number of `results.csv`.
    #[track_caller]
    pub fn number(&self, sample: &str, stage: &str, metric: &str) -> f64 {
        let row = self.row(sample, stage, metric);
        row["value"].parse().unwrap_or_else(|_| panic!("no number: {row:?}"))
    }

    /// `run.json`.
    #[track_caller]
    pub fn record(&self) -> serde_json::Value {
        serde_json::from_str(&self.text("run.json")).unwrap()
    }

    /// Stages of the last run: sample, stage, whether it came from the cache.
    pub fn cached(&self) -> Vec<(String, String, bool)> {
        let text = |v: &serde_json::Value, k: &str| v[k].as_str().unwrap().to_string();
        self.record()["stages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| (text(s, "sample"), text(s, "stage"), s["cached"].as_bool().unwrap()))
            .collect()
    }

    /// A table of `tables/` as rows.
    #[track_caller]
    pub fn table(&self, stage: &str) -> Vec<Row> {
        rows(&self.text(&format!("tables/{stage}.csv")))
    }
}

/// Parses CSV with a header.
pub fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    reader.records().map(|r| names.iter().cloned().zip(r.unwrap().iter().map(String::from)).collect()).collect()
}

/// Every file a reader sees below a folder, by its relative path; the cache and the record are left out.
pub fn outputs(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if path.is_dir() {
                if name != ".cache" {
                    open.push(path);
                }
            } else if name != "run.json" {
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A correlated Gaussian field in Hz over 1 µm × 1 µm, ξ = 60 nm.
pub fn field(side: usize, seed: u64) -> Map {
    let field = Field { shape: [side, side], width: Length(1e-6), xi: Length(60e-9), seed, ..Field::default() };
    field.map().unwrap()
}

/// A map with given values, unit and pixels of 10 nm.
pub fn map(shape: (usize, usize), unit: &str, f: impl Fn(usize, usize) -> f64) -> Map {
    Map {
        values: Array2::from_shape_fn(shape, |(y, x)| f(y, x)),
        unit: Unit::of(unit),
        quantity: "z".into(),
        pixel: Some([1e-8, 1e-8]),
        levelling: Vec::new(),
        convention: None,
    }
}

/// A DMA table with an α and a β peak: CSV text with columns `f (Hz)`, `T (K)`, `E' (MPa)`, `E'' (MPa)`.
pub fn dma(frequencies: &[f64], seed: u64) -> String {
    let loss = Loss { frequencies: frequencies.to_vec(), temperatures: [290.0, 530.0, 2.0], seed, ..Loss::default() };
    loss.csv().unwrap()
}

/// The columns of such a table as a definition names them.
pub const DMA: &str =
    r#"columns = { frequency = "f (Hz)", temperature = "T (K)", storage = "E' (MPa)", loss = "E'' (MPa)" }"#;

/// Pipeline `s` with samples `good` and `bad` of one map each (`bad`'s input as given), levelled and described.
pub fn two_samples(bad: &str) -> String {
    format!(
        "[pipeline]\nname = \"s\"\n\n[sample.good]\nfrequency = {{ path = \"good.gsf\" }}\n\n[sample.bad]\nfrequency = {bad}\n\n{LEVEL_AND_DIST}"
    )
}

/// Stages of [`two_samples`].
pub const LEVEL_AND_DIST: &str = "[stage.level]\nrun = \"level\"\ninput = \"frequency\"\n\n\
    [stage.dist]\nrun = \"distribution\"\ninput = \"level\"\nuncertainty = \"none\"\n";

/// Asserts that `bad` failed alone: status 1, the reason on standard error and in every one of its notes, `good` complete.
#[track_caller]
pub fn fails_alone(study: &Study, ran: &Ran, reason: &[&str]) {
    ran.exits(1).says(reason);
    let rows = study.rows();
    let (good, bad): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|r| r["sample"] == "good");
    assert!(good.len() > 15 && good.iter().filter(|r| r["value"].is_empty()).count() <= 1, "{good:#?}");
    assert!(!bad.is_empty());
    for r in bad {
        assert!(r["sample"] == "bad" && r["value"].is_empty(), "{r:?}");
        for p in reason {
            assert!(r["note"].contains(p), "`{p}` is not in the note of {r:?}");
        }
    }
    assert!(study.results("report.html").exists() && study.results("ro-crate-metadata.json").exists());
    assert_eq!(study.record()["failures"].as_array().unwrap().iter().filter(|f| f["sample"] == "good").count(), 0);
}

/// A good map, a bad input, and what became of them.
#[track_caller]
pub fn bad_input(name: &str, bytes: &[u8], input: &str, reason: &[&str]) -> Study {
    let study = Study::new();
    study.field("good.gsf", 1).write(name, bytes).definition(two_samples(input));
    let ran = study.run(&[]);
    fails_alone(&study, &ran, reason);
    study
}
