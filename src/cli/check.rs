//! `softspot check`.

use std::io::Read;
use std::path::Path;

use super::{WRONG, args, out, render};
use crate::pipeline::{Plan, estimates, half_of_memory, prepare};

pub(super) fn check(a: &args::Check) -> u8 {
    let Ok((plan, text)) = load(&a.pipeline, &a.set) else { return WRONG };
    render::diagnostics(&plan.problems, &a.pipeline.display().to_string(), &text);
    if !plan.problems.is_empty() {
        return WRONG;
    }
    let memory = a.memory.unwrap_or_else(half_of_memory);
    match estimates(&plan, memory) {
        Err(e) => {
            render::error(&e);
            return WRONG;
        }
        Ok(all) => all.iter().for_each(|e| out(&format!("{e}\n"))),
    }
    out(&format!(
        "{}: {} samples, {} stages, nothing wrong\n",
        a.pipeline.display(),
        plan.definition.samples.len(),
        plan.stages.len()
    ));
    0
}

/// Longest definition: one of a thousand samples has half a megabyte.
const LONGEST: u64 = 16 << 20;

/// The text of a definition; a device that never ends is not read to its end.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| format!("cannot be read: {e}"))?;
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|e| format!("cannot be read: {e}"))?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("is longer than {} MiB, which no definition is", LONGEST >> 20));
    }
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let line = e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
        format!("is not UTF-8 text (line {line}, offset {at}); save it as UTF-8")
    })
}

/// Reads and plans a definition; what is wrong has been printed.
pub(super) fn load(path: &Path, set: &[String]) -> Result<(Plan, String), ()> {
    let text = read(path).map_err(|e| {
        render::error(&format!("{}: {e}; give the path of a pipeline definition (TOML)", path.display()));
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
