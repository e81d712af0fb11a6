//! Bars on a terminal, plain lines otherwise, nothing when quiet.

use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::pipeline::{Ending, Observer};

/// Shows a run on standard error.
pub(super) enum Show {
    /// Nothing.
    Quiet,
    /// A line a stage.
    Lines,
    /// A bar for the study and one for the running stage.
    Bars { all: ProgressBar, stage: ProgressBar },
}

impl Show {
    /// What fits the terminal.
    pub(super) fn new(quiet: bool) -> Show {
        if quiet {
            return Show::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            return Show::Lines;
        }
        let bars = MultiProgress::new();
        let style = |t: &str| {
            ProgressStyle::with_template(t).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸ ")
        };
        let all = bars.add(ProgressBar::new(0).with_style(style("{bar:30} {pos}/{len} stages, {eta} left")));
        let stage = bars.add(ProgressBar::new(0).with_style(style("{bar:30} {msg}")));
        Show::Bars { all, stage }
    }

    /// Clears the bars.
    pub(super) fn clear(&self) {
        if let Show::Bars { all, stage } = self {
            stage.finish_and_clear();
            all.finish_and_clear();
        }
    }
}

impl Observer for Show {
    fn begin(&self, tasks: usize) {
        if let Show::Bars { all, .. } = self {
            all.set_length(tasks as u64);
        }
    }

    fn start(&self, sample: &str, stage: &str) {
        if let Show::Bars { stage: bar, .. } = self {
            bar.set_position(0);
            bar.set_length(1);
            bar.set_message(if sample == "*" { stage.to_string() } else { format!("{sample}: {stage}") });
        }
    }

    fn step(&self, done: usize, total: usize) {
        if let Show::Bars { stage, .. } = self {
            stage.set_length(total as u64);
            stage.set_position(done as u64);
        }
    }

    fn finish(&self, sample: &str, stage: &str, how: Ending) {
        let what = match how {
            Ending::Failed => "failed",
            Ending::Cached => "cached",
            Ending::Done => "done",
            Ending::Skipped => "",
        };
        match self {
            Show::Bars { all, .. } => all.inc(1),
            Show::Lines if how != Ending::Skipped => super::render::note(&format!("{sample}: {stage}: {what}")),
            Show::Lines | Show::Quiet => {}
        }
    }
}
