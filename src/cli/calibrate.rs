//! `softspot calibrate`.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::{FAILED, INTERRUPTED, WRONG, args, check, interrupt, out, render, wrong};
use crate::calibrate::{
    Calibration, Setting, Trials, calibrate as run, own_settings, page, read, sources, stages, trial,
};
use crate::num::work::{Progress, Work};
use crate::stage::Entry;

/// The word for every stage that has settings.
const ALL: &str = "all";

pub(super) fn calibrate(a: &args::Calibrate) -> u8 {
    let every = a.stage == ALL;
    let chosen: Vec<&'static Entry> = match every {
        true => stages().collect(),
        false => stages().filter(|e| e.doc.id == a.stage).collect(),
    };
    let entry = match (chosen.as_slice(), crate::stage::find(&a.stage)) {
        ([], Some(e)) if a.settings.is_some() => e,
        ([], _) => {
            let known: Vec<&str> = stages().map(|e| e.doc.id).collect();
            return wrong(&format!(
                "there are no settings for `{}`; there are for: {}, and `all`",
                a.stage,
                known.join(", ")
            ));
        }
        ([first, ..], _) => first,
    };
    if every && (a.settings.is_some() || a.list || a.trial.is_some()) {
        return wrong("`all` goes with neither --settings, --list nor --trial; name one stage");
    }
    if a.list {
        let sources: Vec<String> = sources().map(|(id, about)| format!("#   {id}: {about}\n")).collect();
        out(&format!(
            "# Parameters in `draw` are numbers, or two between which each trial draws: xi = [4, 10]; words, or lists of them.\n\
             # Sources:\n{}\n{}",
            sources.concat(),
            own_settings(entry.doc.id).unwrap_or_default()
        ));
        return 0;
    }
    let scratch = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(e) => {
            render::error(&format!("no temporary folder can be made: {e}"));
            return FAILED;
        }
    };
    interrupt::install();
    let chosen = if every { chosen } else { vec![entry] };
    let mut text = if every { page::HEAD.to_string() } else { String::new() };
    let mut failed = false;
    for entry in chosen {
        let Ok(settings) = settings(entry, a.settings.as_deref()) else { return WRONG };
        if let Some(i) = a.trial {
            for s in &settings {
                out(&format!("# {}, trial {i}\n{}\n", s.name, trial(entry, s, a.seed, i, scratch.path())));
            }
            return 0;
        }
        match one(entry, &settings, a, scratch.path()) {
            Some(c) => {
                failed |= c.outcomes.iter().any(|o| o.failures.len() == o.trials);
                text += &page::chapter(&c);
            }
            None => {
                render::error("interrupted");
                return INTERRUPTED;
            }
        }
    }
    match &a.out {
        None => out(&text),
        Some(file) => {
            if let Err(e) = crate::io::write::atomic(file, text.as_bytes()) {
                render::error(&e.to_string());
                return FAILED;
            }
        }
    }
    if failed {
        render::error("every trial of a setting failed: `--trial 0` says why");
    }
    if failed { FAILED } else { 0 }
}

fn one(entry: &'static Entry, settings: &[Setting], a: &args::Calibrate, scratch: &Path) -> Option<Calibration> {
    let bar = ProgressBar::new((a.n * settings.len()) as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}, {eta} left") {
        bar.set_style(style.progress_chars("━╸ "));
    }
    bar.set_message(entry.doc.id);
    let bar = Bar(bar);
    let work = Work { cancelled: &interrupt::requested, progress: &bar };
    let found = run(entry, settings, Trials { n: a.n, seed: a.seed }, &work, scratch);
    bar.0.finish_and_clear();
    found.ok()
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn step(&self, _: usize, _: usize) {
        self.0.inc(1);
    }
}

/// The settings of a file, or the program's own; what is wrong has been printed.
fn settings(entry: &'static Entry, file: Option<&Path>) -> Result<Vec<Setting>, ()> {
    let text = match file {
        None => own_settings(entry.doc.id).unwrap_or_default().to_string(),
        Some(file) => check::read(file).map_err(|e| {
            render::error(&format!(
                "{}: {e}; `softspot calibrate {} --list` shows settings",
                file.display(),
                entry.doc.id
            ));
        })?,
    };
    let name = file.map_or("settings".into(), |f| f.display().to_string());
    read(&text, entry).map_err(|errors| render::diagnostics(&errors, &name, &text))
}
