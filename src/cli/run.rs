//! `softspot run`.

use std::path::Path;

use super::progress::Show;
use super::{FAILED, INTERRUPTED, WRONG, args, check, interrupt, out, render};
use crate::pipeline::{Options, Plan, Run, RunError, run as run_plan, wanted};

/// Warnings printed after a run; the rest are in the report.
const SHOWN: usize = 12;

pub(super) fn run(a: &args::Run) -> u8 {
    let Ok((plan, text)) = check::load(&a.pipeline, &a.set) else { return WRONG };
    if !a.quiet || a.dry_run {
        render::diagnostics(&plan.problems, &a.pipeline.display().to_string(), &text);
    }
    // What the command line changed is part of the definition that the report shows.
    let text = match a.set.as_slice() {
        [] => text,
        set => {
            let lines: Vec<String> = set.iter().map(|s| format!("# --set {}\n", s.replace('\n', " "))).collect();
            format!("# Changed on the command line:\n{}\n{text}", lines.concat())
        }
    };
    let folder = plan.folder.clone();
    let target = a.out.clone().unwrap_or_else(|| folder.join("results").join(&plan.definition.name));
    if a.dry_run {
        return dry_run(&plan, &a.only);
    }
    interrupt::install();
    let show = Show::new(a.quiet);
    let options = Options {
        out: target,
        jobs: a.jobs.map(usize::from),
        only: a.only.clone(),
        force: a.force,
        memory: a.memory,
        cancelled: &interrupt::requested,
        observer: &show,
    };
    let result = run_plan(&plan, &options).and_then(|run| {
        crate::report::write(&plan, &run, &text)?;
        Ok(run)
    });
    show.clear();
    match result {
        Ok(run) => {
            if a.json {
                out(&std::fs::read_to_string(run.path("run.json")).unwrap_or_default());
            }
            if !a.quiet {
                summary(&run);
            }
            for (sample, stage, why) in &run.failures {
                render::error(&format!("{sample}: {stage}: {why}"));
            }
            if run.is_whole() { 0 } else { FAILED }
        }
        Err(RunError::Cancelled) => {
            render::error(&RunError::Cancelled.to_string());
            INTERRUPTED
        }
        Err(e @ RunError::UnknownStage(..)) => super::wrong(&e.to_string()),
        Err(e) => {
            render::error(&e.to_string());
            FAILED
        }
    }
}

fn summary(run: &Run) {
    for w in run.warnings.iter().take(SHOWN) {
        render::note(&format!("warning: {}: {}: {}; {}", w.sample, w.stage, w.message, w.hint));
    }
    if run.warnings.len() > SHOWN {
        render::note(&format!("and {} more warnings in the report", run.warnings.len() - SHOWN));
    }
    let synthetic = run.inputs.iter().filter(|i| i.synthetic).count();
    if synthetic > 0 {
        render::note(&format!("{synthetic} of {} inputs are phantoms: synthetic, not measured", run.inputs.len()));
    }
    let cached = run.stages.iter().filter(|s| s.cached).count();
    render::note(&format!(
        "{} stages, {} from the cache, {:.1} s on {} threads; {} figures, report: {}",
        run.stages.len(),
        cached,
        run.seconds,
        run.threads,
        run.figures.len(),
        shown(&run.path("report.html"))
    ));
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// What would run, in order.
fn dry_run(plan: &Plan, only: &[String]) -> u8 {
    let wanted = match wanted(plan, only) {
        Ok(w) => w,
        Err(e) => return super::wrong(&e.to_string()),
    };
    let mut text = String::new();
    for index in plan.order.iter().filter(|i| wanted[**i]) {
        let s = &plan.stages[*index];
        let inputs: Vec<_> = s.inputs.iter().map(|i| i.text.as_str()).collect();
        text.push_str(&format!("{} ({}) ← {}\n", s.def.name, s.doc().id, inputs.join(", ")));
    }
    let samples: Vec<_> = plan.definition.samples.iter().map(|s| s.id.as_str()).collect();
    text.push_str(&format!("{} samples: {}\n", samples.len(), samples.join(", ")));
    out(&text);
    if plan.problems.is_empty() { 0 } else { FAILED }
}
