//! Do the arrows between folders point one way, and are files small?

use std::path::{Path, PathBuf};

/// The folders of the mathematics and of the program, and which of their own crate each may use, as ARCHITECTURE.md says.
/// What one crate may use of another is in the manifests, and the compiler sees to it.
const MAY_USE: &[(&str, &str, &[&str])] = &[
    ("methods", "num", &[]),
    ("methods", "prepare", &["num"]),
    ("methods", "spatial", &["num", "prepare"]),
    ("methods", "segment", &["num", "prepare", "spatial"]),
    ("methods", "contact", &["num"]),
    ("methods", "tapping", &["num"]),
    ("methods", "relax", &["num"]),
    ("methods", "link", &["num"]),
    ("methods", "reduce", &["num", "spatial"]),
    ("program", "diagnostic", &[]),
    ("program", "phantom", &[]),
    ("program", "stage", &["phantom"]),
    ("program", "pipeline", &["diagnostic", "phantom", "stage"]),
    ("program", "report", &["stage", "pipeline"]),
    ("program", "calibrate", &["diagnostic", "phantom", "stage", "pipeline"]),
    ("program", "cli", &["diagnostic", "stage", "pipeline", "report", "phantom", "calibrate"]),
];

/// What the program takes from the crates below it, under the names that `lib.rs` gives.
const BELOW: &[&str] = &[
    "data", "unit", "io", "figure", "contact", "link", "num", "prepare", "reduce", "relax", "segment", "spatial",
    "tapping",
];

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Every source file of the house.
fn sources() -> (PathBuf, Vec<PathBuf>) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "crates/data/src", "crates/io/src", "crates/methods/src", "crates/figure/src"] {
        let before = files.len();
        rust_files(&root.join(folder), &mut files);
        assert!(files.len() > before + 5, "the sources in {folder} were not found");
    }
    (root, files)
}

/// Crate of a file, and the first folder below its `src/`.
fn place(root: &Path, file: &Path) -> (String, String) {
    let parts: Vec<String> =
        file.strip_prefix(root).unwrap().iter().map(|p| p.to_string_lossy().trim_end_matches(".rs").into()).collect();
    if parts[0] == "src" { ("program".into(), parts[1].clone()) } else { (parts[1].clone(), parts[3].clone()) }
}

/// Folders named after `crate::` outside test modules.
fn used(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod").next().unwrap_or(text);
    code.match_indices("crate::")
        .filter(|(i, _)| !code[..*i].ends_with('$'))
        .map(|(i, m)| code[i + m.len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

#[test]
fn arrows_point_one_way() {
    let (root, files) = sources();
    let mut wrong = Vec::new();
    for file in &files {
        let (house, from) = place(&root, file);
        if from == "lib" || from == "main" || !["methods", "program"].contains(&house.as_str()) {
            continue;
        }
        let (.., allowed) = MAY_USE
            .iter()
            .find(|(h, n, _)| *h == house && *n == from)
            .unwrap_or_else(|| panic!("`{from}` is not in ARCHITECTURE"));
        for to in used(&std::fs::read_to_string(file).unwrap()) {
            let below = house == "program" && BELOW.contains(&to.as_str());
            if to != from && !below && !allowed.contains(&to.as_str()) {
                wrong.push(format!("{}: {from} uses {to}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The table itself is a direction: nothing is used before it is listed.
    for (i, (house, name, allowed)) in MAY_USE.iter().enumerate() {
        for used in *allowed {
            assert!(MAY_USE[..i].iter().any(|(h, n, _)| h == house && n == used), "{name} uses {used}, listed later");
        }
    }
}

#[test]
fn files_are_small() {
    let (_, files) = sources();
    let tables = ["batlow.rs", "cividis.rs", "vik.rs", "symbol.rs"];
    let mut long = Vec::new();
    for f in &files {
        let lines = std::fs::read_to_string(f).unwrap().lines().count();
        let name = f.file_name().unwrap().to_string_lossy().to_string();
        if lines > 500 && !tables.contains(&name.as_str()) {
            long.push(format!("{} has {lines} lines", f.display()));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// A stage is parameters, one call into the mathematics, and what is said of the result: 200 lines without its
/// documentation.
#[test]
fn stages_are_thin() {
    let (root, files) = sources();
    let mut long = Vec::new();
    for f in files.iter().filter(|f| f.starts_with(root.join("src/stage"))) {
        let text = std::fs::read_to_string(f).unwrap();
        let code = text.split("#[cfg(test)]\nmod").next().unwrap_or(&text);
        let mut documentation = false;
        let logic = code.lines().filter(|line| {
            documentation |= line.contains("const DOC: &'static Doc = &Doc {");
            let counts = !documentation && !line.trim().is_empty() && !line.trim_start().starts_with("//");
            documentation &= *line != "    };";
            counts
        });
        let n = logic.count();
        if n > 200 {
            long.push(format!("{} has {n} lines of logic", f.display()));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Figures read tables by their fields, and nothing reads a verdict from a note.
#[test]
fn nothing_is_read_by_string() {
    let (root, files) = sources();
    let mut found = Vec::new();
    for f in &files {
        let text = std::fs::read_to_string(f).unwrap();
        let figure = f.starts_with(root.join("src/stage/figure"));
        for (n, line) in text.lines().enumerate() {
            if figure && line.contains(".column(\"") || line.contains("note.contains(") {
                found.push(format!("{}:{}: {}", f.display(), n + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_library_does_not_panic_by_hand() {
    let (_, files) = sources();
    let mut found = Vec::new();
    for f in &files {
        let text = std::fs::read_to_string(f).unwrap();
        if f.ends_with("tests.rs") {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod").next().unwrap_or(&text);
        for (n, line) in code.lines().enumerate() {
            let said = line.trim_start();
            if said.starts_with("//") {
                continue;
            }
            if [".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!(", "unimplemented!("]
                .iter()
                .any(|w| said.contains(w))
            {
                found.push(format!("{}:{}: {said}", f.display(), n + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
