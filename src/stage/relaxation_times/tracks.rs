//! Peaks followed over ageing time (S3 Fig. 14–16): those of neighbouring ages are the same where they lie closest, in order.

use crate::data::{Column, Metric, Table};
use crate::num::linear::line;
use crate::num::student::student;
use crate::unit::Unit;

/// A peak as it is followed: value and interval of τ (s) and of the area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PeakAtAge {
    pub tau: (f64, [f64; 2]),
    pub area: (f64, [f64; 2]),
}

/// A peak of one age, with the number of its track.
struct Row {
    age: f64,
    track: usize,
    peak: PeakAtAge,
}

/// States by rising age, their peaks numbered by track.
pub(super) struct Tracks {
    rows: Vec<Row>,
    tracks: usize,
    ages: usize,
}

/// A peak that moves by more than this many decades from one age to the next is another one: two that end and begin cost
/// as much as one that moves so far.
const FARTHEST: f64 = 1.0;

impl Tracks {
    pub(super) fn of(states: &[(f64, Vec<PeakAtAge>)]) -> Tracks {
        let mut rows: Vec<Row> = Vec::new();
        // Tracks by the time of their last peak, in the order of times.
        let mut last: Vec<(usize, f64)> = Vec::new();
        let mut tracks = 0;
        for (age, peaks) in states {
            let before: Vec<f64> = last.iter().map(|l| l.1).collect();
            let now: Vec<f64> = peaks.iter().map(|p| libm::log10(p.tau.0)).collect();
            for (i, old) in matched(&before, &now).into_iter().enumerate() {
                let track = old.map_or(tracks, |k| last[k].0);
                tracks += usize::from(old.is_none());
                rows.push(Row { age: *age, track, peak: peaks[i] });
                match last.iter_mut().find(|l| l.0 == track) {
                    Some(l) => l.1 = now[i],
                    None => last.push((track, now[i])),
                }
            }
            last.sort_by(|a, b| a.1.total_cmp(&b.1));
        }
        // Numbered by their first time.
        let mut order: Vec<usize> = (0..tracks).collect();
        let first = |k: usize| rows.iter().find(|r| r.track == k).map_or(f64::NAN, |r| r.peak.tau.0);
        order.sort_by(|a, b| first(*a).total_cmp(&first(*b)));
        let place: Vec<usize> = (0..tracks).map(|k| order.iter().position(|o| *o == k).unwrap_or(0)).collect();
        rows.iter_mut().for_each(|r| r.track = place[r.track]);
        Tracks { rows, tracks, ages: states.len() }
    }

    /// Slope of the logarithm of a quantity of one track against that of the age.
    fn trend(&self, name: &str, track: usize, of: impl Fn(&PeakAtAge) -> f64) -> Metric {
        let mine = self.rows.iter().filter(|r| r.track == track && r.age > 0.0);
        let (x, y): (Vec<f64>, Vec<f64>) = mine.map(|r| (libm::log(r.age), libm::log(of(&r.peak)))).unzip();
        let n = x.len() as f64;
        if x.len() < 3 {
            return Metric::missing(name, &format!("followed over {} of {} ages; a trend needs 3", x.len(), self.ages));
        }
        let Some(l) = line(&x, &y) else { return Metric::missing(name, "the ages are one") };
        let mean = crate::num::sum::mean(&x);
        let spread: f64 = x.iter().map(|v| (v - mean).powi(2)).sum();
        let half = student(n - 2.0) * (l.chi2 / (n - 2.0) / spread).sqrt();
        Metric::number(name, l.slope, "").interval(l.slope - half, l.slope + half).n(n)
    }

    pub(super) fn metrics(&self) -> Vec<Metric> {
        let mut out = vec![Metric::number("tracks", self.tracks as f64, "").n(self.ages as f64)];
        for k in 0..self.tracks {
            out.push(self.trend(&format!("tau_trend_{}", k + 1), k, |p| p.tau.0));
            out.push(self.trend(&format!("c_trend_{}", k + 1), k, |p| p.area.0));
        }
        out
    }

    pub(super) fn table(&self, unit: &Unit) -> Table {
        let number =
            |name: &str, unit: &Unit, of: &dyn Fn(&Row) -> f64| Column::number(name, unit, self.rows.iter().map(of));
        let s = Unit::of("s");
        Table {
            columns: vec![
                number("ageing_time", &s, &|r| r.age),
                number("track", &Unit::none(), &|r| (r.track + 1) as f64),
                number("tau", &s, &|r| r.peak.tau.0),
                number("tau_low", &s, &|r| r.peak.tau.1[0]),
                number("tau_high", &s, &|r| r.peak.tau.1[1]),
                number("c", unit, &|r| r.peak.area.0),
                number("c_low", unit, &|r| r.peak.area.1[0]),
                number("c_high", unit, &|r| r.peak.area.1[1]),
            ],
        }
    }
}

/// For each of `now` the one of `before` that it continues: the assignment in order of the least total distance, a peak
/// that continues none costing half of [`FARTHEST`] on either side.
fn matched(before: &[f64], now: &[f64]) -> Vec<Option<usize>> {
    let (n, m) = (before.len(), now.len());
    let gap = 0.5 * FARTHEST;
    let mut cost = vec![vec![0.0; m + 1]; n + 1];
    for i in 0..=n {
        for j in 0..=m {
            let mut best = if i + j == 0 { 0.0 } else { f64::INFINITY };
            if i > 0 {
                best = f64::min(best, cost[i - 1][j] + gap);
            }
            if j > 0 {
                best = f64::min(best, cost[i][j - 1] + gap);
            }
            if i > 0 && j > 0 {
                best = f64::min(best, cost[i - 1][j - 1] + (before[i - 1] - now[j - 1]).abs());
            }
            cost[i][j] = best;
        }
    }
    let mut out = vec![None; m];
    let (mut i, mut j) = (n, m);
    while i > 0 && j > 0 {
        if cost[i][j] == cost[i - 1][j - 1] + (before[i - 1] - now[j - 1]).abs() {
            (i, j) = (i - 1, j - 1);
            out[j] = Some(i);
        } else if cost[i][j] == cost[i - 1][j] + gap {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(tau: f64, area: f64) -> PeakAtAge {
        PeakAtAge { tau: (tau, [tau; 2]), area: (area, [area; 2]) }
    }

    #[test]
    fn peaks_keep_their_number_when_another_goes() {
        // Two that slow down as t^0.3, the slower losing area as t^−0.2; a third that is gone after the first age.
        let state = |t: f64, third: bool| {
            let by = libm::pow(t, 0.3);
            let mut all = vec![seen(0.1 * by, 1.0), seen(50.0 * by, 2.0 * libm::pow(t, -0.2))];
            if third {
                all.insert(1, seen(3.0, 0.5));
            }
            (t, all)
        };
        let a = Tracks::of(&[state(1.0, true), state(10.0, false), state(100.0, false), state(1000.0, false)]);
        assert_eq!(a.tracks, 3);
        let of = |k: usize| a.rows.iter().filter(|r| r.track == k).count();
        assert_eq!([of(0), of(1), of(2)], [4, 1, 4]);
        let m = a.metrics();
        let value = |name: &str| m.iter().find(|m| m.name == name).unwrap().as_number();
        assert!(
            (value("tau_trend_1").unwrap() - 0.3).abs() < 1e-9 && (value("tau_trend_3").unwrap() - 0.3).abs() < 1e-9
        );
        assert!((value("c_trend_3").unwrap() + 0.2).abs() < 1e-9 && value("tau_trend_2").is_none());
    }

    #[test]
    fn a_leap_is_another_peak() {
        assert_eq!(matched(&[0.0], &[0.9]), [Some(0)]);
        assert_eq!(matched(&[0.0], &[1.1]), [None]);
        assert_eq!(matched(&[0.0, 1.0], &[0.1, 0.4, 1.1]), [Some(0), None, Some(1)]);
        assert_eq!(matched(&[], &[0.0]), [None]);
    }
}
