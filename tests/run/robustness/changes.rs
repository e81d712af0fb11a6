//! Files that are changed, removed or named with ill intent while a run is going or before it.

use std::path::PathBuf;
use std::sync::Mutex;

use softspot::io::write::gsf;
use softspot::pipeline::{Observer, Options, Run, prepare, run};

use crate::common::{Study, field};

/// Does something once, when a stage of a sample starts.
struct When<'a> {
    stage: &'a str,
    act: Mutex<Option<Box<dyn FnOnce() + Send + 'a>>>,
}

impl Observer for When<'_> {
    fn start(&self, _: &str, stage: &str) {
        if stage == self.stage
            && let Some(act) = self.act.lock().unwrap().take()
        {
            act();
        }
    }
}

/// Runs a study and does something when a stage starts.
fn with<'a>(study: &Study, stage: &'a str, act: impl FnOnce() + Send + 'a) -> Run {
    let text = std::fs::read_to_string(study.path("study.toml")).unwrap();
    let plan = prepare(&text, &study.path(""), &[]).unwrap_or_else(|e| panic!("{e:?}"));
    let observer = When { stage, act: Mutex::new(Some(Box::new(act))) };
    let options = Options { jobs: Some(1), observer: &observer, ..Options::new(study.path("results/s")) };
    run(&plan, &options).unwrap()
}

const STAGES: &str = "[pipeline]\nname = \"s\"\n[sample.a]\nfrequency = { path = \"a.gsf\" }\n[sample.b]\nfrequency = { path = \"b.gsf\" }\n\
     [stage.level]\nrun = \"level\"\ninput = \"frequency\"\n\
     [stage.dist]\nrun = \"distribution\"\ninput = \"level\"\nuncertainty = \"none\"\n\
     [stage.fig]\nrun = \"figure\"\ninput = \"level\"\nplot = \"histogram\"\n";

fn study() -> Study {
    let study = Study::new();
    study.field("a.gsf", 1).field("b.gsf", 2).definition(STAGES);
    study
}

#[test]
fn a_file_that_changes_after_it_was_hashed_is_not_stored_under_its_old_hash() {
    let study = study();
    let path = study.path("b.gsf");
    let original = std::fs::read(&path).unwrap();
    let (other, target) = (gsf(&field(48, 9)), path.clone());
    let made = with(&study, "level", move || std::fs::write(&target, other).unwrap());
    let (sample, _, why) = &made.failures[0];
    assert!(sample == "b" && why.contains("changed while the run was going"), "{:?}", made.failures);
    drop(made);
    // The original again: what the first run computed of the other file must not come back.
    std::fs::write(&path, original).unwrap();
    study.run(&[]).exits(0);
    let want = study.number("b", "dist", "std");
    let undisturbed = self::study();
    undisturbed.run(&[]).exits(0);
    assert_eq!(want, undisturbed.number("b", "dist", "std"));
}

#[test]
fn results_that_vanish_under_a_run_fail_it_and_are_not_left_out() {
    let study = study();
    let cache = study.results(".cache");
    let made = with(&study, "fig", move || {
        for entry in std::fs::read_dir(cache).unwrap().flatten().filter(|e| e.path().join("entry.json").is_file()) {
            std::fs::remove_dir_all(entry.path()).unwrap();
        }
    });
    assert!(made.failures.iter().any(|(_, stage, why)| stage == "fig" && why.contains("gone or damaged")));
    drop(made);
    study.run(&[]).exits(0);
    let undisturbed = self::study();
    undisturbed.run(&[]).exits(0);
    let figure = |s: &Study| s.text("figures/fig.svg");
    assert_eq!(figure(&study), figure(&undisturbed));
}

#[test]
#[cfg(unix)]
fn a_wildcard_names_a_file_that_cannot_be_a_sample() {
    use std::os::unix::ffi::OsStrExt;
    let study = Study::new();
    study.field("in/1.gsf", 1).definition(
        "[pipeline]\nname = \"s\"\n[sample.\"s*\"]\nfrequency = { path = \"in/{}.gsf\" }\n[stage.level]\nrun = \"level\"\ninput = \"frequency\"\n",
    );
    let odd: PathBuf = study.path("in").join(std::ffi::OsStr::from_bytes(b"\xff.gsf"));
    std::fs::copy(study.path("in/1.gsf"), odd).unwrap();
    study.check().exits(2).says(&["not UTF-8", "rename the file"]);
}

#[test]
fn names_and_units_of_files_are_no_formulas_in_tables_and_no_commands_to_a_terminal() {
    let study = Study::new();
    let bytes = gsf(&field(8, 1));
    let at = bytes.windows(11).position(|w| w == b"ZUnits = Hz").unwrap();
    let mut hostile = bytes.clone();
    hostile[at + 9..at + 11].copy_from_slice(b"\x1b[");
    study.write("a.gsf", &bytes).write("h.gsf", hostile).definition(
        "[pipeline]\nname = \"s\"\n[sample.\"=cmd|' /C calc'!A0\"]\nfrequency = { path = \"a.gsf\" }\n\
         [stage.dist]\nrun = \"distribution\"\ninput = \"frequency\"\nuncertainty = \"none\"\n",
    );
    study.run(&[]).exits(0);
    let text = study.text("results.csv");
    assert!(text.lines().skip(1).all(|l| l.starts_with("'=cmd|")), "{text}");
    let ran = crate::common::softspot(&["inspect", study.path("h.gsf").to_str().unwrap()]);
    assert!(ran.out.contains("\u{241b}[") && !ran.out.contains('\x1b'), "{}", ran.out);
}
