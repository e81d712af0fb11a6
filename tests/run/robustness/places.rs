//! Folders and disks that cannot be written, streams that nobody reads.

use std::process::Command;

use crate::common::{SOFTSPOT, Study, outputs, softspot, two_samples};

fn study() -> Study {
    let study = Study::new();
    study.field("good.gsf", 1).field("bad.gsf", 2).definition(two_samples("{ path = \"bad.gsf\" }"));
    study
}

/// A shell line with `$S` the program and `$D` the study's folder.
fn shell(study: &Study, line: &str) -> (i32, String) {
    let out = Command::new("bash")
        .args(["-c", line])
        .env("S", SOFTSPOT)
        .env("D", study.path(""))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    (out.status.code().unwrap_or(-1), String::from_utf8_lossy(&out.stderr).into_owned())
}

#[test]
fn a_results_folder_that_cannot_be_made_is_named_with_the_remedy() {
    // Below a regular file, and in /proc: refused to root as well.
    let study = study();
    study.write("file", "x");
    for out in [study.path("file/results"), "/proc/softspot".into()] {
        let ran = study.run(&["--out", &out.display().to_string()]);
        ran.exits(1).says(&[&out.display().to_string(), "cannot be written"]);
    }
    study.run(&["--out", &study.path("file/results").display().to_string()]).says(&["--out DIR"]);
}

#[test]
fn a_full_disk_ends_the_run_cleanly_and_a_second_run_completes_it() {
    // No mount is needed: the limit on the size of files (ulimit -f, 1 KiB blocks) with its signal ignored makes
    // writes fail as a full disk does.
    let study = study();
    let (status, err) = shell(&study, "trap '' XFSZ; ulimit -f 12; exec \"$S\" run \"$D/study.toml\"");
    assert_eq!(status, 1, "{err}");
    assert!(err.contains("cannot be written") && !err.contains("panicked"), "{err}");
    if let Ok(text) = std::fs::read_to_string(study.results("results.csv")) {
        assert!(text.ends_with('\n'), "whole or not at all");
    }
    study.run(&[]).exits(0);
    let fresh = self::study();
    fresh.run(&[]).exits(0);
    assert!(
        outputs(&study.path("results/s")) == outputs(&fresh.path("results/s")),
        "the failed run leaves nothing behind"
    );
}

#[test]
fn messages_that_nobody_can_see_do_not_end_the_run() {
    let study = study();
    let (status, _) = shell(&study, "\"$S\" run \"$D/study.toml\" 2>/dev/full");
    assert_eq!(status, 0);
    assert!(study.number("bad", "dist", "std") > 0.0);
    let (status, _) = shell(&study, "\"$S\" run \"$D/study.toml\" --force 2> >(exec true); wait; exit 0");
    assert_eq!(status, 0);
    // A closed pipe, as in `2>&1 | head -1`.
    let (status, err) = shell(&study, "set -o pipefail; \"$S\" run \"$D/study.toml\" --force 2>&1 >/dev/null | true");
    assert_eq!(status, 0, "{err}");
    let (status, _) = shell(&study, "\"$S\" check \"$D/nowhere.toml\" 2>/dev/full");
    assert_eq!(status, 2, "the status tells what the message could not");
}

#[test]
fn data_that_cannot_be_printed_are_an_error_and_a_closed_pipe_is_none() {
    let study = study();
    let (status, err) = shell(&study, "\"$S\" schema >/dev/full");
    assert_eq!(status, 1, "{err}");
    assert!(err.contains("standard output cannot be written"), "{err}");
    let (status, err) = shell(&study, "set -o pipefail; \"$S\" schema | head -c 10 >/dev/null");
    assert_eq!(status, 0, "{err}");
}

#[test]
fn two_runs_in_one_folder_do_not_mix() {
    let study = study();
    study.run(&[]).exits(0);
    let lock = std::fs::File::create(study.results(".cache/lock")).unwrap();
    lock.try_lock().unwrap();
    // What the other run is writing must survive.
    let part = study.results(".cache/.part-other");
    std::fs::create_dir(&part).unwrap();
    study.run(&[]).exits(1).says(&["another run is writing here", "--out DIR"]);
    assert!(part.exists(), "the work of the run that holds the folder");
    drop(lock);
    study.run(&[]).exits(0);
    assert!(!part.exists(), "litter of a killed run is cleared away");
}

#[test]
fn files_named_like_nothing_a_shell_likes_are_found() {
    let study = Study::new();
    study.field("a b/µ (1) – ü.gsf", 1).field("good.gsf", 2);
    study.definition(two_samples("{ path = \"a b/µ (1) – ü.gsf\" }"));
    study.run(&[]).exits(0);
    assert!(softspot(&["inspect".into(), study.path("a b/µ (1) – ü.gsf")]).exits(0).out.contains("48 × 48"));
}
