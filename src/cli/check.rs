//! `softspot check`.

use std::path::Path;

use super::{WRONG, args, out, render};
use crate::pipeline::{Plan, prepare};

pub(super) fn check(a: &args::Check) -> u8 {
    let Ok((plan, text)) = load(&a.pipeline, &a.set) else { return WRONG };
    render::diagnostics(&plan.problems, &a.pipeline.display().to_string(), &text);
    if !plan.problems.is_empty() {
        return WRONG;
    }
    out(&format!(
        "{}: {} samples, {} stages, nothing wrong\n",
        a.pipeline.display(),
        plan.definition.samples.len(),
        plan.stages.len()
    ));
    0
}

/// Reads and plans a definition; what is wrong has been printed.
pub(super) fn load(path: &Path, set: &[String]) -> Result<(Plan, String), ()> {
    let text = std::fs::read_to_string(path).map_err(|e| {
        render::error(&format!(
            "{}: cannot be read: {e}; give the path of a pipeline definition (TOML)",
            path.display()
        ));
    })?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match prepare(&text, folder, set) {
        Ok(plan) => Ok((plan, text)),
        Err(errors) => {
            render::diagnostics(&errors, &path.display().to_string(), &text);
            Err(())
        }
    }
}
