//! What a folder holds: a line a file, nothing read but headers.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::table::aligned;
use super::{document, out};
use crate::data::Kind;
use crate::io::{Dataset, Limits, ReadError, Source, open};

/// Folders within folders that are looked into.
const DEPTH: usize = 4;
/// Files listed.
const FILES: usize = 10_000;

/// Lists every file below a folder; as JSON in full.
///
/// # Errors
/// [`ReadError`] if nothing in it can be read.
pub(super) fn survey(folder: &Path, json: bool, documents: &mut Vec<Value>) -> Result<(), ReadError> {
    let mut files = Vec::new();
    collect(folder, 0, &mut files);
    if json {
        let before = documents.len();
        documents.extend(files.iter().filter_map(|f| Some(document(f, None).ok()?.0)));
        return if documents.len() > before { Ok(()) } else { Err(nothing(folder)) };
    }
    let mut rows = vec![["file", "format", "holds", "shape"].map(String::from)];
    let (mut read, mut unknown) = (0, 0);
    for file in &files {
        let name = file.strip_prefix(folder).unwrap_or(file).display().to_string();
        let [format, holds, shape] = match open(file, None, &Limits::default()) {
            Ok(d) => {
                read += 1;
                described(&d)
            }
            Err(e) => {
                unknown += 1;
                ["–".into(), e.what.chars().take(70).collect(), String::new()]
            }
        };
        rows.push([name, format, holds, shape]);
    }
    let text = format!("{}\n{}", folder.display(), aligned(&rows));
    out(&format!("{text}  {read} files can be read, {unknown} not\n"));
    if read == 0 { Err(nothing(folder)) } else { Ok(()) }
}

fn nothing(folder: &Path) -> ReadError {
    ReadError::new("", "nothing in the folder can be read")
        .in_file(folder)
        .hint("`softspot stages --formats` lists what can be read")
}

/// Files and folders that are one dataset, sorted.
fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(source) = Source::open(folder) else { return };
    for name in source.entries() {
        let path = folder.join(name);
        if files.len() >= FILES || name.starts_with('.') {
            continue;
        }
        // A link to a folder may lead back here.
        if path.is_dir() && std::fs::symlink_metadata(&path).is_ok_and(|m| m.is_symlink()) {
            continue;
        }
        if !path.is_dir() || Source::open(&path).is_ok_and(|s| crate::io::sniff(&s).is_ok()) {
            files.push(path);
        } else if depth < DEPTH {
            collect(&path, depth + 1, files);
        }
    }
}

/// Format, what is in it, and the shapes.
fn described(d: &Dataset) -> [String; 3] {
    let count = |kind: Kind| d.channels().iter().filter(|c| c.kind == kind).count();
    let mut holds = Vec::new();
    let names: Vec<&str> = d.channels().iter().filter(|c| c.kind != Kind::Table).map(|c| c.name.as_str()).collect();
    let number = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    for (kind, word) in [(Kind::Map, "map"), (Kind::Volume, "volume")] {
        if count(kind) > 0 {
            holds.push(number(count(kind), word));
        }
    }
    if d.tables().len() > 1 {
        holds.push(number(d.tables().len(), "table"));
    }
    if count(Kind::Table) > 0 {
        holds.push(number(count(Kind::Table), "column"));
    }
    let mut holds = holds.join(", ");
    if !names.is_empty() {
        let listed = names.join(", ");
        let short: String = listed.chars().take(48).collect();
        holds.push_str(&format!(" ({short}{})", if short.len() < listed.len() { " …" } else { "" }));
    }
    let mut shapes: Vec<String> = Vec::new();
    for c in d.channels() {
        let text = c.shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ");
        if !shapes.contains(&text) {
            shapes.push(text);
        }
    }
    let more = if shapes.len() > 2 { ", …" } else { "" };
    [d.format().to_string(), holds, format!("{}{more}", shapes.iter().take(2).cloned().collect::<Vec<_>>().join(", "))]
}
