//! Ctrl-C, kill -9 and a damaged cache: the next run gives what an undisturbed one gives.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{SOFTSPOT, Study, outputs};

/// A study that takes a second or two: two maps with a bootstrap each.
fn slow() -> Study {
    let study = Study::new();
    study.field("a.gsf", 1).field("b.gsf", 2).definition(
        "[pipeline]\nname = \"s\"\n[sample.a]\nfrequency = { path = \"a.gsf\" }\n[sample.b]\nfrequency = { path = \"b.gsf\" }\n\
         [stage.level]\nrun = \"level\"\ninput = \"frequency\"\n\
         [stage.corr]\nrun = \"correlation\"\ninput = \"level\"\nnoise = true\nresamples = 150\n\
         [stage.fig]\nrun = \"figure\"\ninput = \"level\"\nplot = \"map\"\nwidth = \"single\"\n",
    );
    study
}

fn start(study: &Study) -> Child {
    Command::new(SOFTSPOT)
        .arg("run")
        .arg(study.path("study.toml"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Waits until the first stage is stored, so that a signal falls into the work.
fn until_working(study: &Study) {
    let start = Instant::now();
    let cache = study.results(".cache");
    while std::fs::read_dir(&cache).map_or(0, |d| d.count()) < 3 {
        assert!(start.elapsed() < Duration::from_secs(30), "nothing happens");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// No file that a reader sees is half of one.
fn nothing_half_written(study: &Study) {
    for (name, bytes) in outputs(&study.path("results/s")) {
        if name.split('/').next_back().unwrap().starts_with(".part-") {
            continue;
        }
        match name.rsplit('.').next().unwrap() {
            "csv" | "svg" | "html" => assert!(bytes.ends_with(b"\n") || bytes.ends_with(b">"), "{name}"),
            "json" => assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok(), "{name}"),
            "pdf" => assert!(String::from_utf8_lossy(&bytes).trim_end().ends_with("%%EOF"), "{name}"),
            "png" => assert!(bytes.ends_with(b"IEND\xaeB`\x82"), "{name}"),
            _ => {}
        }
    }
}

#[test]
fn control_c_ends_with_130_and_the_next_run_goes_on() {
    let study = slow();
    let mut child = start(&study);
    until_working(&study);
    signal(&child, "-INT");
    let began = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(began.elapsed() < Duration::from_secs(10), "it stops within a stage, not after it");
    nothing_half_written(&study);
    assert!(!study.results("run.json").exists(), "an interrupted run claims no results");
    study.run(&[]).exits(0);
    assert!(study.cached().iter().any(|(_, stage, cached)| stage == "level" && *cached), "what was done is kept");
    let undisturbed = slow();
    undisturbed.run(&[]).exits(0);
    assert!(outputs(&study.path("results/s")) == outputs(&undisturbed.path("results/s")));
}

#[test]
fn killed_at_any_moment_the_next_run_gives_the_same_bytes() {
    let undisturbed = slow();
    let began = Instant::now();
    undisturbed.run(&[]).exits(0);
    let whole = began.elapsed();
    let wanted = outputs(&undisturbed.path("results/s"));
    for share in [0.1, 0.4, 0.7, 0.95] {
        let study = slow();
        // Twice into one folder: the second is killed in what the first left.
        for _ in 0..2 {
            let mut child = start(&study);
            std::thread::sleep(whole.mul_f64(share));
            // It may be done already: then there is nothing to kill.
            let _ = child.kill();
            let _ = child.wait();
            if study.path("results/s").exists() {
                nothing_half_written(&study);
            }
        }
        study.run(&[]).exits(0);
        let found = outputs(&study.path("results/s"));
        let (a, b): (Vec<_>, Vec<_>) = (found.keys().collect(), wanted.keys().collect());
        assert_eq!(a, b, "killed at {share}");
        assert!(found == wanted, "killed at {share}");
    }
}

#[test]
fn what_a_killed_run_left_beside_its_files_is_swept() {
    let study = slow();
    study.run(&[]).exits(0);
    let wanted = outputs(&study.path("results/s"));
    for left in [".part-root", "data/a/.part-map", "figures/.part-figure"] {
        std::fs::write(study.results(left), "half a f").unwrap();
    }
    study.run(&[]).exits(0);
    assert!(outputs(&study.path("results/s")) == wanted);
}

#[test]
fn a_damaged_cache_is_made_again_and_not_believed() {
    let study = slow();
    study.run(&[]).exits(0);
    let wanted = outputs(&study.path("results/s"));
    let entries =
        || std::fs::read_dir(study.results(".cache")).unwrap().flatten().map(|e| e.path()).filter(|p| p.is_dir());
    type Damage = fn(&mut Vec<u8>);
    let damages: [Damage; 4] = [
        |b| b.truncate(b.len() / 2),
        |b| b.clear(),
        |b| {
            if let Some(last) = b.last_mut() {
                *last ^= 1;
            }
        },
        |b| {
            let n = b.len() / 2;
            b[n] ^= 0x10;
        },
    ];
    for damage in damages {
        for entry in entries() {
            for file in std::fs::read_dir(entry).unwrap().flatten() {
                let mut bytes = std::fs::read(file.path()).unwrap();
                damage(&mut bytes);
                std::fs::write(file.path(), bytes).unwrap();
            }
        }
        std::fs::remove_dir_all(study.results("data")).unwrap();
        study.run(&["--jobs", "2"]).exits(0);
        assert!(outputs(&study.path("results/s")) == wanted);
    }
    // Only the large file of one entry.
    let map = entries().find(|e| e.join("map.map").exists()).unwrap().join("map.map");
    std::fs::write(&map, b"{}\n").unwrap();
    std::fs::remove_dir_all(study.results("data")).unwrap();
    study.run(&[]).exits(0);
    assert!(outputs(&study.path("results/s")) == wanted);
    assert_eq!(study.cached().iter().filter(|(.., cached)| !cached).count(), 1, "the rest is kept");
}
