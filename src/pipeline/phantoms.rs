//! Inputs that are phantoms: synthetic data of known truth, made where a definition names them.

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use crate::diagnostic::Diagnostic;
use crate::phantom::KINDS;

use super::InputDef;

/// The phantoms of one definition: made once a kind, in a folder that goes with the definition.
#[derive(Clone, Debug, Default)]
pub(super) struct Phantoms {
    folder: Option<Arc<TempDir>>,
    /// Kinds that are made, with their files.
    made: Vec<(&'static str, Vec<PathBuf>)>,
}

impl Phantoms {
    /// Makes the phantom that an input names, where it names one: `kind` or `kind/file`.
    ///
    /// # Errors
    /// A diagnostic at the input: neither file nor phantom, both, or a phantom that there is not.
    pub(super) fn provide(&mut self, input: &mut InputDef) -> Result<(), Diagnostic> {
        let wrong = |what: String, hint: &str| {
            Err(Diagnostic::new("definition", what).at(input.span.clone()).hint(hint.to_string()))
        };
        let Some(name) = &input.phantom else {
            if input.path.is_empty() {
                return wrong(
                    "an input without a file".into(),
                    "write `path = \"…\"`, or `phantom = \"…\"` for synthetic data",
                );
            }
            return Ok(());
        };
        if !input.path.is_empty() {
            return wrong(
                format!("`path` and `phantom = \"{name}\"` at once"),
                "an input is one of the two: leave one out",
            );
        }
        let (id, file) = name.split_once('/').unwrap_or((name, ""));
        let Some(kind) = KINDS.iter().find(|k| k.id == id) else {
            let d = Diagnostic::new("definition", format!("there is no phantom `{id}`")).at(input.span.clone());
            return Err(d.suggest(id, KINDS.iter().map(|k| k.id)));
        };
        if !self.made.iter().any(|(k, _)| *k == kind.id) {
            let fail = |e: &dyn std::fmt::Display| {
                Diagnostic::new("definition", format!("the phantom `{id}` cannot be made: {e}")).at(input.span.clone())
            };
            let folder = match &self.folder {
                Some(f) => f.clone(),
                None => {
                    Arc::new(tempfile::Builder::new().prefix("softspot-phantoms-").tempdir().map_err(|e| fail(&e))?)
                }
            };
            let out = folder.path().join(kind.id);
            let files = kind.make(&out.join(kind.file), "").map_err(|e| fail(&e))?;
            let data = files.into_iter().map(PathBuf::from).filter(|f| f.extension().is_none_or(|e| e != "toml"));
            self.made.push((kind.id, data.collect()));
            self.folder = Some(folder);
        }
        let files = self.made.iter().find(|(k, _)| *k == kind.id).map_or(&[][..], |(_, f)| f);
        let stem = |f: &PathBuf| f.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let found = match files {
            [only] if file.is_empty() => Some(only),
            _ => files.iter().find(|f| stem(f) == file),
        };
        match found {
            Some(f) => {
                input.made = Some(f.clone());
                Ok(())
            }
            None => {
                let what = format!("the phantom `{id}` has no file `{file}`");
                let known: Vec<String> = files.iter().map(|f| format!("{id}/{}", stem(f))).collect();
                let d = Diagnostic::new("definition", what).at(input.span.clone());
                Err(d.suggest(name, known.iter().map(String::as_str)))
            }
        }
    }
}
