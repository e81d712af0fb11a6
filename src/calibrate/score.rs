//! What came out of the trials of one setting, against what went in.

use super::truth::{Known, MEAN, NOTHING, Truth};
use crate::data::{Artifact, Metric, Standing, Value};
use crate::num::binomial::{at_least, at_most};
use crate::num::quantile::median;
use crate::num::sum::moments;
use crate::stage::Outputs;

/// One result of one trial: what is right, and what was found.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    known: Known,
    value: Value,
    interval: Option<[f64; 2]>,
    guide: bool,
    /// Whether the stage says nothing of it.
    pub(super) absent: bool,
}

impl Pair {
    /// Whether both are known in the same way, and are scored together.
    pub(super) fn is_like(&self, other: &Pair) -> bool {
        match (&self.known, &other.known) {
            (Known::Hypothesis(a), Known::Hypothesis(b)) => a == b,
            (Known::Word(a), Known::Word(b)) => (a == MEAN) == (b == MEAN),
            (Known::Number(_) | Known::Bounded(..), Known::Number(_) | Known::Bounded(..)) => true,
            _ => false,
        }
    }
}

/// All trials of one metric.
#[derive(Clone, Debug)]
pub struct Score {
    /// The metric, or output and column.
    pub of: String,
    /// What was measured.
    pub measure: Measure,
}

/// How good a metric is.
#[derive(Clone, Debug)]
pub enum Measure {
    /// A number.
    Estimate(Estimate),
    /// A p.
    Test {
        /// Whether its hypothesis is true.
        hypothesis: bool,
        /// Trials with p < 0.05, of those that have a p.
        low: Share,
    },
    /// A word or a count.
    Answer {
        /// Trials that give the right one.
        right: Share,
        /// Those that give another.
        wrong: Share,
    },
}

/// How good a number and its interval are.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// Trials that give a number.
    pub given: Share,
    /// Mean error and its standard error.
    pub bias: [f64; 2],
    /// Root mean square of the error.
    pub rmse: f64,
    /// The least that an unbiased estimate could have, where it is known.
    pub least: Option<f64>,
    /// Whether errors are in parts of the truth.
    pub relative: bool,
    /// Trials whose interval holds the truth, of those that have one.
    pub covered: Share,
    /// Trials whose interval lies below the truth, and above.
    pub missed: [usize; 2],
    /// Median half width over what 95 % of errors of that scatter would need.
    pub width: f64,
    /// Whether most results say that their interval is but a guide.
    pub guide: bool,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub of: usize,
}

impl Share {
    /// Wilson's interval of the share, `z` standard errors wide (doi:10.1080/01621459.1927.10502953).
    pub fn interval(self, z: f64) -> [f64; 2] {
        let (n, p) = (self.of as f64, self.count as f64 / self.of as f64);
        let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        [(middle - half).max(0.0), (middle + half).min(1.0)]
    }
}

/// Chance at which a share is called other than wanted.
const CHANCE: f64 = 0.01;

/// Trials below which nothing is said to hold.
const FEW: usize = 40;

impl Measure {
    /// Whether it is as the project promises (METHODS §14a), where it promises something.
    pub fn verdict(&self) -> &'static str {
        let holds = |of: usize| if of < FEW { "" } else { "holds" };
        match *self {
            Measure::Estimate(Estimate { covered: Share { count, of }, guide, .. }) if of > 0 => {
                match (at_most(count, of, 0.93) < CHANCE, at_least(count, of, 0.97) < CHANCE) {
                    (true, _) if guide => Standing::GuideOnly.words(),
                    (true, _) => "too narrow",
                    (_, true) => "wide",
                    _ => holds(of),
                }
            }
            Measure::Test { hypothesis: true, low: Share { count, of } } if of > 0 => {
                if at_least(count, of, 0.05) < CHANCE { "too many" } else { holds(of) }
            }
            _ => "",
        }
    }
}

/// Reads what a stage says of each truth.
pub(super) fn pairs(outputs: &Outputs, truths: &[Truth]) -> Vec<(String, Pair)> {
    truths
        .iter()
        .map(|t| {
            let found = find(outputs, &t.of);
            let absent = found.is_none();
            let m = found.unwrap_or_else(|| Metric::missing(&t.of, ""));
            let guide = Standing::GuideOnly.is_in(&m.note);
            (t.of.clone(), Pair { known: t.known.clone(), value: m.value, interval: m.interval, guide, absent })
        })
        .collect()
}

/// A metric, or the first row of a column with its ends as a metric.
pub(super) fn find(outputs: &Outputs, of: &str) -> Option<Metric> {
    let Some((output, column)) = of.split_once('/') else {
        return outputs.metrics.iter().find(|m| m.name == of).cloned();
    };
    let (_, Artifact::Table(table)) = outputs.artifacts.iter().find(|(name, _)| *name == output)? else { return None };
    let first = |name: &str| table.column(name)?.numbers()?.first().copied();
    let m = Metric::number(of, first(column)?, "");
    Some(match (first(&format!("{column}_low")), first(&format!("{column}_high"))) {
        (Some(low), Some(high)) => m.interval(low, high),
        _ => m,
    })
}

/// Puts the trials of one metric together.
pub(super) fn score(of: &str, pairs: &[Pair]) -> Score {
    let measure = match pairs.first().map(|p| &p.known) {
        Some(Known::Hypothesis(_)) => test(pairs),
        Some(Known::Word(w)) if w == MEAN => {
            let found: Vec<f64> = pairs.iter().filter_map(|p| number(&p.value)).collect();
            let known = Known::Number(moments(&found).mean);
            let pairs: Vec<Pair> = pairs.iter().map(|p| Pair { known: known.clone(), ..p.clone() }).collect();
            Measure::Estimate(estimate(&pairs))
        }
        Some(Known::Word(_)) => answer(pairs),
        _ => Measure::Estimate(estimate(pairs)),
    };
    Score { of: of.to_string(), measure }
}

fn number(v: &Value) -> Option<f64> {
    match v {
        Value::Number(v) => Some(*v),
        _ => None,
    }
}

fn test(pairs: &[Pair]) -> Measure {
    let p: Vec<f64> = pairs.iter().filter_map(|p| number(&p.value)).collect();
    let low = Share { count: p.iter().filter(|p| **p < 0.05).count(), of: p.len() };
    Measure::Test { hypothesis: pairs.iter().all(|p| p.known == Known::Hypothesis(true)), low }
}

/// Words that give no answer.
const WITHHELD: [&str; 2] = ["undecided", Standing::CannotBeTold.words()];

fn answer(pairs: &[Pair]) -> Measure {
    let (mut right, mut wrong) = (0, 0);
    for p in pairs {
        let Known::Word(word) = &p.known else { continue };
        let found = match &p.value {
            Value::Text(t) if WITHHELD.iter().any(|w| t.starts_with(w)) => None,
            Value::Text(t) => Some(t.clone()),
            Value::Number(v) => Some(v.to_string()),
            Value::Missing => None,
        };
        match found {
            None if word == NOTHING => right += 1,
            None => {}
            Some(f) if word.split('|').any(|w| w == f) => right += 1,
            Some(_) => wrong += 1,
        }
    }
    let total = pairs.len();
    Measure::Answer { right: Share { count: right, of: total }, wrong: Share { count: wrong, of: total } }
}

fn estimate(pairs: &[Pair]) -> Estimate {
    let truth = |p: &Pair| match p.known {
        Known::Number(v) | Known::Bounded(v, _) => v,
        _ => f64::NAN,
    };
    // In parts of the truth where it is never 0.
    let relative = pairs.iter().all(|p| truth(p) != 0.0);
    let scale = |p: &Pair| if relative { truth(p).abs() } else { 1.0 };
    let known: Vec<&Pair> = pairs.iter().filter(|p| number(&p.value).is_some()).collect();
    let errors: Vec<f64> = known.iter().map(|p| (number(&p.value).unwrap_or(f64::NAN) - truth(p)) / scale(p)).collect();
    let m = moments(&errors);
    let squares = |v: &[f64]| (v.iter().map(|e| e * e).sum::<f64>() / v.len() as f64).sqrt();
    let bounds: Vec<f64> = known
        .iter()
        .filter_map(|p| match p.known {
            Known::Bounded(_, b) => Some(b / scale(p)),
            _ => None,
        })
        .collect();
    let ends: Vec<(&Pair, [f64; 2])> = known.iter().filter_map(|p| Some((*p, p.interval?))).collect();
    let count = |f: &dyn Fn(f64, [f64; 2]) -> bool| ends.iter().filter(|(p, i)| f(truth(p), *i)).count();
    let mut halves: Vec<f64> = ends.iter().map(|(p, i)| 0.5 * (i[1] - i[0]) / scale(p)).collect();
    let half = if halves.is_empty() { f64::NAN } else { median(&mut halves) };
    Estimate {
        given: Share { count: known.len(), of: pairs.len() },
        bias: [m.mean, m.std / (errors.len() as f64).sqrt()],
        rmse: squares(&errors),
        least: (bounds.len() == known.len() && !bounds.is_empty()).then(|| squares(&bounds)),
        relative,
        covered: Share { count: count(&|t, [low, high]| low <= t && t <= high), of: ends.len() },
        missed: [count(&|t, [_, high]| high < t), count(&|t, [low, _]| t < low)],
        width: half / (1.96 * m.std),
        guide: 2 * pairs.iter().filter(|p| p.guide).count() > pairs.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    fn pair(truth: f64, value: f64, half: f64) -> Pair {
        Pair {
            known: Known::Number(truth),
            value: Value::Number(value),
            interval: Some([value - half, value + half]),
            guide: false,
            absent: false,
        }
    }

    /// The calibrator on intervals that are right, too narrow, too wide and biased: of 2000, a share of 95 % is off by more
    /// than 1.3 % in 1 % of runs.
    #[test]
    fn good_and_bad_intervals_are_told_apart() {
        let mut r = Random::named("calibrator", 0);
        let mut of = |half: f64, bias: f64| {
            let pairs: Vec<Pair> = (0..2000).map(|_| pair(10.0, 10.0 + bias + r.normal(), half)).collect();
            let Measure::Estimate(e) = score("x", &pairs).measure else { panic!() };
            (e.clone(), Measure::Estimate(e).verdict())
        };
        let (e, verdict) = of(1.96, 0.0);
        assert_eq!(verdict, "holds");
        let share = e.covered.count as f64 / 2000.0;
        assert!((share - 0.95).abs() < 0.013 && (e.width - 1.0).abs() < 0.05, "{e:?}");
        assert!((e.rmse - 0.1).abs() < 0.005 && e.bias[0].abs() < 4.0 * e.bias[1], "{e:?}");
        assert_eq!((of(1.5, 0.0).1, of(3.0, 0.0).1), ("too narrow", "wide"));
        let (e, verdict) = of(1.96, 1.0);
        assert!(verdict == "too narrow" && e.missed[1] > 10 * e.missed[0].max(1), "{e:?}");
        assert!((e.bias[0] - 0.1).abs() < 0.01 && (e.width - 1.0).abs() < 0.05, "{e:?}");
    }

    #[test]
    fn tests_and_words_are_counted() {
        let p = |v: Value, known: Known| Pair { known, value: v, interval: None, guide: false, absent: false };
        let mut r = Random::named("calibrator", 1);
        let mut of = |power: f64| {
            let pairs: Vec<Pair> =
                (0..1000).map(|_| p(Value::Number(libm::pow(r.uniform(), power)), Known::Hypothesis(true))).collect();
            score("p", &pairs).measure.verdict()
        };
        assert_eq!((of(1.0), of(2.0)), ("holds", "too many"));
        let word = |t: &str, w: &str| p(Value::Text(t.into()), Known::Word(w.into()));
        let all = [
            word("a", "a|b"),
            word("b", "a|b"),
            word("c", "a|b"),
            word("undecided", "a|b"),
            p(Value::Missing, Known::Word("a".into())),
            p(Value::Missing, Known::Word(NOTHING.into())),
            p(Value::Number(3.0), Known::Word("3".into())),
        ];
        let Measure::Answer { right, wrong } = score("w", &all).measure else { panic!() };
        assert_eq!((right.count, wrong.count, right.of), (4, 1, 7));
    }
}
