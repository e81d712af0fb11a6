//! Do the examples of extensions from outside run?

use std::path::PathBuf;

/// Built by `cargo test` beside this test.
fn example(name: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let folder = here.ancestors().find(|p| p.join("examples").is_dir()).unwrap();
    folder.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

#[test]
fn extensions_from_outside_run() {
    for (name, part) in
        [("own_stage", "of the pixels lie above"), ("own_reader", "mean"), ("own_reducer", "crossings a step")]
    {
        let ran = std::process::Command::new(example(name)).output().unwrap_or_else(|e| panic!("{name}: {e}"));
        let out = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && out.contains(part), "{name}: {out}{}", String::from_utf8_lossy(&ran.stderr));
    }
}
