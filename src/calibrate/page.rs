//! Scores as Markdown.

use std::fmt::Write as _;

use super::score::{Estimate, Measure, Score, Share};
use super::{Calibration, Outcome};

/// What stands above the page of all stages.
pub const HEAD: &str = include_str!("page.md");

/// The chapter of one stage.
pub fn chapter(c: &Calibration) -> String {
    let mut out = format!("## {} {}\n\n", c.stage, c.version);
    for o in &c.outcomes {
        let failed = match o.failures.as_slice() {
            [] => String::new(),
            [first, ..] => format!("; {} failed, the first, trial {}: {}", o.failures.len(), first.0, first.1),
        };
        let _ = writeln!(out, "**{}** ({} trials{failed})\n", o.setting, o.trials);
        section(&mut out, o, ESTIMATES, |of, m| match m {
            Measure::Estimate(e) => Some(estimate(of, e, m.verdict())),
            _ => None,
        });
        section(&mut out, o, TESTS, |of, m| match m {
            Measure::Test { hypothesis, low } => {
                let is = if *hypothesis { "true" } else { "false" };
                Some(format!("| `{of}` | {is} | {} | {} |", share(*low), m.verdict()))
            }
            _ => None,
        });
        section(&mut out, o, ANSWERS, |of, m| match m {
            Measure::Answer { right, wrong } => {
                let held = Share { count: right.of - right.count - wrong.count, of: right.of };
                Some(format!("| `{of}` | {} | {} | {} |", share(*right), share(held), share(*wrong)))
            }
            _ => None,
        });
    }
    out
}

const ESTIMATES: &str = "| number | given | bias | RMSE | least | covered | below, above | width | |\n\
                         | --- | --- | --- | --- | --- | --- | --- | --- | --- |";
const TESTS: &str = "| p | hypothesis | p < 0.05 | |\n| --- | --- | --- | --- |";
const ANSWERS: &str = "| answer | right | withheld | wrong |\n| --- | --- | --- | --- |";

fn section(out: &mut String, o: &Outcome, head: &str, row: impl Fn(&str, &Measure) -> Option<String>) {
    let rows: Vec<String> = o.scores.iter().filter_map(|Score { of, measure }| row(of, measure)).collect();
    if !rows.is_empty() {
        let _ = writeln!(out, "{head}\n{}\n", rows.join("\n"));
    }
}

fn estimate(of: &str, e: &Estimate, verdict: &str) -> String {
    let scale = if e.relative { 100.0 } else { 1.0 };
    // Two digits of the scatter.
    let digits = if e.rmse == 0.0 { 0.0 } else { 1.0 - libm::floor(libm::log10(scale * e.rmse)) };
    let digits = digits.clamp(0.0, 9.0) as usize;
    let part = |v: f64| format!("{:.digits$}{}", scale * v, if e.relative { " %" } else { "" });
    let of_all = format!("{} of {}", e.given.count, e.given.of);
    if e.given.count == 0 {
        return format!("| `{of}` | {of_all} | | | | | | | |");
    }
    let [bias, error] = e.bias;
    let least = e.least.map(part).unwrap_or_default();
    let held = match e.covered.of {
        0 => " | | ".to_string(),
        _ => format!("{} | {}, {} | {:.2}", share(e.covered), e.missed[0], e.missed[1], e.width),
    };
    let bias = format!("{:.digits$} ± {}", scale * bias, part(error));
    format!("| `{of}` | {of_all} | {bias} | {} | {least} | {held} | {verdict} |", part(e.rmse))
}

/// A share in per cent with the ends of its 95 % interval.
fn share(s: Share) -> String {
    if s.of == 0 {
        return "none".into();
    }
    let [low, high] = s.interval(1.96);
    format!("{:.1} % [{:.0}, {:.0}]", 100.0 * s.count as f64 / s.of as f64, 100.0 * low, 100.0 * high)
}
