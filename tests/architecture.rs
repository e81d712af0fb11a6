//! Do the arrows between folders point one way, and are files small?

use std::path::{Path, PathBuf};

/// Every folder of `src/` and what it may use, as ARCHITECTURE.md says.
const MAY_USE: &[(&str, &[&str])] = &[
    ("unit", &[]),
    ("num", &[]),
    ("diagnostic", &[]),
    ("data", &["unit", "num"]),
    ("figure", &["unit"]),
    ("io", &["unit", "num", "data"]),
    ("prepare", &["unit", "num", "data"]),
    ("spatial", &["unit", "num", "data", "prepare"]),
    ("segment", &["unit", "num", "data", "spatial"]),
    ("contact", &["unit", "num", "data"]),
    ("tapping", &["unit", "num", "data"]),
    ("relax", &["unit", "num", "data"]),
    ("link", &["unit", "num", "data"]),
    ("phantom", &["unit", "num", "data", "io", "prepare", "spatial", "contact", "tapping", "relax"]),
    ("reduce", &["unit", "num", "data", "spatial"]),
    (
        "stage",
        &[
            "unit", "num", "data", "io", "prepare", "spatial", "segment", "reduce", "contact", "tapping", "relax",
            "link", "figure", "phantom",
        ],
    ),
    ("pipeline", &["unit", "num", "data", "io", "diagnostic", "reduce", "stage", "relax"]),
    ("report", &["unit", "data", "io", "stage", "pipeline"]),
    ("cli", &["unit", "num", "data", "io", "diagnostic", "stage", "pipeline", "report", "phantom", "figure"]),
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

fn sources() -> (PathBuf, Vec<PathBuf>) {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    assert!(files.len() > 80, "the sources were not found");
    (src, files)
}

/// First folder below `src/`.
fn folder(src: &Path, file: &Path) -> String {
    let first = file.strip_prefix(src).unwrap().components().next().unwrap();
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_string()
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
    let (src, files) = sources();
    let mut wrong = Vec::new();
    for file in &files {
        let from = folder(&src, file);
        if from == "lib" || from == "main" {
            continue;
        }
        let (_, allowed) =
            MAY_USE.iter().find(|(n, _)| *n == from).unwrap_or_else(|| panic!("`{from}` is not in ARCHITECTURE"));
        for to in used(&std::fs::read_to_string(file).unwrap()) {
            if to != from && !allowed.contains(&to.as_str()) {
                wrong.push(format!("{}: {from} uses {to}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The table itself is a direction: nothing is used before it is listed, but for the two that need no order.
    for (i, (name, allowed)) in MAY_USE.iter().enumerate() {
        for used in *allowed {
            assert!(MAY_USE[..i].iter().any(|(n, _)| n == used), "{name} uses {used}, which comes later");
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
        if lines > 700 && !tables.contains(&name.as_str()) {
            long.push(format!("{} has {lines} lines", f.display()));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
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
