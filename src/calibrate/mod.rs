//! Calibration: do intervals hold the truth as often as they say, and does a p below 0.05 come once in twenty where there is
//! nothing (METHODS §14a)?
//!
//! A setting names a source of inputs whose truth is known, with parameters that are given or drawn anew for each trial, and
//! stages as a definition has them. Every trial goes through the stages as in a run; what comes out is held against what
//! went in.

mod chain;
mod number;
pub mod page;
pub mod score;
mod series;
mod setting;
mod source;
mod truth;

use std::path::Path;

use crate::data::{Metric, Value};
use crate::num::random::Stream;
use crate::num::work::{Cancelled, Work};
use crate::stage::{Entry, find};

use score::{Score, pairs, score};
pub use setting::{Setting, read};
use source::Trial;
use truth::{Known, Truth};

/// Settings that come with the program: stage and text.
pub static SETTINGS: &[(&str, &str)] = &[
    ("distribution", include_str!("settings/distribution.toml")),
    ("correlation", include_str!("settings/correlation.toml")),
    ("regions", include_str!("settings/regions.toml")),
    ("cluster-sizes", include_str!("settings/cluster-sizes.toml")),
    ("box-counting", include_str!("settings/box-counting.toml")),
    ("orientation", include_str!("settings/orientation.toml")),
    ("pattern", include_str!("settings/pattern.toml")),
    ("segment", include_str!("settings/segment.toml")),
    ("indentation", include_str!("settings/indentation.toml")),
    ("spectrum-peaks", include_str!("settings/spectrum-peaks.toml")),
    ("arrhenius", include_str!("settings/arrhenius.toml")),
    ("spectrum-fit", include_str!("settings/spectrum-fit.toml")),
    ("stress-relaxation", include_str!("settings/stress-relaxation.toml")),
    ("relaxation-times", include_str!("settings/relaxation-times.toml")),
    ("link", include_str!("settings/link.toml")),
    ("compare", include_str!("settings/compare.toml")),
];

/// What came out of the settings of one stage.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// The stage.
    pub stage: &'static str,
    /// Its version.
    pub version: u32,
    /// One a setting.
    pub outcomes: Vec<Outcome>,
}

/// What came out of one setting.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The setting.
    pub setting: String,
    /// Trials that were made.
    pub trials: usize,
    /// Trials whose stages failed, and why.
    pub failures: Vec<(usize, String)>,
    /// One a metric of known truth.
    pub scores: Vec<Score>,
}

impl Outcome {
    /// The score of a metric.
    pub fn score(&self, of: &str) -> Option<&Score> {
        self.scores.iter().find(|s| s.of == of)
    }
}

/// Which trials are made.
#[derive(Clone, Copy, Debug)]
pub struct Trials {
    /// How many a setting.
    pub n: usize,
    /// Seed.
    pub seed: u64,
}

/// Sends trials through the settings of a stage. More trials extend fewer.
///
/// # Errors
/// [`Cancelled`] if the user ended it.
pub fn calibrate(
    entry: &'static Entry,
    settings: &[Setting],
    trials: Trials,
    work: &Work<'_>,
    scratch: &Path,
) -> Result<Calibration, Cancelled> {
    let mut outcomes = Vec::new();
    for setting in settings {
        let each = work.ordered(trials.n, |i| one(entry, setting, trials.seed, i, work, scratch).map(|(p, ..)| p))?;
        let mut failures = Vec::new();
        let mut by_metric: Vec<(String, Vec<score::Pair>)> = Vec::new();
        for (i, found) in each.into_iter().enumerate() {
            match found {
                Err(why) => failures.push((i, why)),
                Ok(found) => {
                    for (of, pair) in found {
                        // What is a number in one trial and a word in another is two results.
                        match by_metric.iter_mut().find(|(name, list)| *name == of && list[0].is_like(&pair)) {
                            Some((_, list)) => list.push(pair),
                            None => by_metric.push((of, vec![pair])),
                        }
                    }
                }
            }
        }
        work.go_on()?;
        // Of what no trial says anything, the stage has no such metric with these parameters.
        by_metric.retain(|(_, pairs)| pairs.iter().any(|p| !p.absent));
        let scores = by_metric.iter().map(|(of, pairs)| score(of, pairs)).collect();
        outcomes.push(Outcome { setting: setting.name.clone(), trials: trials.n, failures, scores });
    }
    Ok(Calibration { stage: entry.doc.id, version: entry.doc.version, outcomes })
}

/// One trial: its pairs of truth and finding, all that the stage says, and what is known.
type One = (Vec<(String, score::Pair)>, Vec<Metric>, Vec<Truth>);

fn one(entry: &Entry, setting: &Setting, seed: u64, i: usize, work: &Work<'_>, scratch: &Path) -> Result<One, String> {
    let stream = Stream::new(seed, "calibrate", entry.doc.id.as_bytes()).role(&setting.name).content([i as f64]);
    let Trial { samples, truths: mut known } = setting.source.trial(&mut stream.role("source").replicate(0))?;
    for t in &setting.truths {
        known.retain(|k| k.of != t.of);
        known.push(t.clone());
    }
    if !setting.show.is_empty() {
        known.retain(|k| setting.show.contains(&k.of));
    }
    let trial = Trial { samples, truths: known };
    let outputs = chain::run(setting, &trial, &stream.role("stage"), work, scratch)?;
    Ok((pairs(&outputs, &trial.truths), outputs.metrics, trial.truths))
}

/// All that the stage says of one trial, beside what is known: for trials that went wrong.
pub fn trial(entry: &Entry, setting: &Setting, seed: u64, i: usize, scratch: &Path) -> String {
    let (_, metrics, truths) = match one(entry, setting, seed, i, &Work::quiet(), scratch) {
        Ok(found) => found,
        Err(why) => return format!("failed: {why}\n"),
    };
    let mut out = String::new();
    for m in &metrics {
        let known = truths.iter().find(|t| t.of == m.name).map(|t| match &t.known {
            Known::Hypothesis(is) => format!("hypothesis {is}"),
            Known::Number(v) | Known::Bounded(v, _) => format!("truth {v:.5e}"),
            Known::Word(w) => format!("truth {w}"),
        });
        let value = match (&m.value, m.interval) {
            (Value::Number(v), Some([low, high])) => format!("{v:.5e} [{low:.5e}, {high:.5e}]"),
            (Value::Number(v), None) => format!("{v:.5e}"),
            (Value::Text(t), _) => t.clone(),
            (Value::Missing, _) => "missing".into(),
        };
        let parts = [Some(format!("{}: {value}", m.name)), known, (!m.note.is_empty()).then(|| m.note.clone())];
        out += &format!("{}\n", parts.into_iter().flatten().collect::<Vec<_>>().join("; "));
    }
    out
}

/// The settings that come with the program for a stage.
pub fn own_settings(stage: &str) -> Option<&'static str> {
    SETTINGS.iter().find(|(s, _)| *s == stage).map(|(_, text)| *text)
}

/// Sources of trials, each with what it makes.
pub fn sources() -> impl Iterator<Item = (&'static str, &'static str)> {
    source::KINDS.iter().map(|k| (k.id, k.about))
}

/// The stages that have settings of their own.
pub fn stages() -> impl Iterator<Item = &'static Entry> {
    SETTINGS.iter().filter_map(|(s, _)| find(s))
}
