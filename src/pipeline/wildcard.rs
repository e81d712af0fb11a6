//! Samples by wildcard: one for each match of `{}` in the first path that has it.

use std::path::Path;

use super::definition::SampleDef;
use crate::diagnostic::Diagnostic;

/// All samples that `sample` stands for, in the order of their matches; its id's `*` is replaced by the match.
pub(super) fn expand(sample: &SampleDef, folder: &Path) -> Result<Vec<SampleDef>, Diagnostic> {
    let Some(pattern) = sample.inputs.iter().map(|(_, i)| i.path.as_str()).find(|p| p.contains("{}")) else {
        return Err(Diagnostic::new(
            "wildcard",
            format!("sample `{}` has a `*` but no input path with {{}}", sample.id),
        )
        .hint("write path = \"batch/{}/scan.gwy\""));
    };
    let mut found = matches(folder, pattern).map_err(|name| {
        let what = format!("`{pattern}` matches `{name}`, whose name is not UTF-8: a sample cannot be named after it");
        Diagnostic::new("wildcard", what).hint("rename the file, or give its sample a name and a path of its own")
    })?;
    found.sort();
    found.dedup();
    Ok(found
        .into_iter()
        .map(|m| {
            let mut s = sample.clone();
            s.id = s.id.replace('*', &m);
            for (_, input) in &mut s.inputs {
                input.path = input.path.replace("{}", &m);
            }
            s
        })
        .collect())
}

/// What `{}` can be so that the pattern up to and including its first component with `{}` exists, and the rest too.
///
/// # Errors
/// The first name that would match if it were UTF-8.
fn matches(folder: &Path, pattern: &str) -> Result<Vec<String>, String> {
    let mut before = folder.to_path_buf();
    let mut parts = pattern.split('/');
    for part in parts.by_ref() {
        let Some((prefix, suffix)) = part.split_once("{}") else {
            // `join` of an absolute path starts over, as it should.
            before = if part.is_empty() && before == folder { Path::new("/").into() } else { before.join(part) };
            continue;
        };
        let rest: Vec<&str> = parts.collect();
        let Ok(entries) = std::fs::read_dir(&before) else { return Ok(Vec::new()) };
        let suffix = suffix.replace("{}", "");
        let names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
        if let Some(name) = names
            .iter()
            .filter(|n| n.to_str().is_none())
            .map(|n| n.to_string_lossy())
            .find(|n| n.strip_prefix(prefix).is_some_and(|n| n.ends_with(&suffix)))
        {
            return Err(name.into_owned());
        }
        return Ok(names
            .into_iter()
            .filter_map(|name| {
                let name = name.into_string().ok()?;
                let inner = name.strip_prefix(prefix)?.strip_suffix(suffix.as_str())?;
                // A second {} in the component must match the same text.
                let whole = part.replace("{}", inner);
                let exists = rest.iter().fold(before.join(&whole), |p, r| p.join(r.replace("{}", inner))).exists();
                (!inner.is_empty() && whole == name && exists).then(|| inner.to_string())
            })
            .collect());
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_are_matched() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a1", "a2", "b1"] {
            std::fs::create_dir_all(dir.path().join("batch").join(name)).unwrap();
            std::fs::write(dir.path().join("batch").join(name).join("scan.gsf"), "x").unwrap();
        }
        std::fs::create_dir_all(dir.path().join("batch/a3")).unwrap();
        let mut m = matches(dir.path(), "batch/a{}/scan.gsf").unwrap();
        m.sort();
        assert_eq!(m, ["1", "2"]);
        let mut m = matches(dir.path(), "batch/{}/scan.gsf").unwrap();
        m.sort();
        assert_eq!(m, ["a1", "a2", "b1"]);
        assert!(matches(dir.path(), "nowhere/{}.gsf").unwrap().is_empty());
    }
}
