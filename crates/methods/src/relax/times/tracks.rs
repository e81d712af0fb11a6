//! Peaks followed over ageing time (S3 Fig. 14–16): those of neighbouring ages are the same where they lie closest, in order.

use crate::num::linear::line;
use crate::num::student::student;
use crate::num::sum::mean;

/// A peak of one age: value and 95 % interval of τ (s) and of the area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeakAtAge {
    /// Centroid time, s.
    pub tau: (f64, [f64; 2]),
    /// Area, in the unit of the data.
    pub area: (f64, [f64; 2]),
}

/// A peak of one age, with the number of its track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackPoint {
    /// Ageing time, s.
    pub age: f64,
    /// Track, from 0 by the first time.
    pub track: usize,
    /// The peak.
    pub peak: PeakAtAge,
}

/// States by rising age, their peaks numbered by track.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracks {
    /// Every peak of every age.
    pub points: Vec<TrackPoint>,
    /// How many tracks there are.
    pub count: usize,
    /// How many ages there are.
    pub ages: usize,
}

/// How a quantity of one track changes with ageing: d ln y/d ln(age).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// The slope.
    pub slope: f64,
    /// Half of its 95 % interval by the scatter about the line.
    pub half: f64,
    /// Ages that it rests on.
    pub n: usize,
}

/// A track without a trend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTrend {
    /// A line with an error needs three ages.
    #[error("followed over {0} of {1} ages; a trend needs 3")]
    Few(usize, usize),
    /// There is no line through them.
    #[error("the ages are one")]
    OneAge,
}

/// A peak that moves by more than this many decades from one age to the next is another one: two that end and begin cost
/// as much as one that moves so far.
const FARTHEST: f64 = 1.0;

impl Tracks {
    /// Follows the peaks of `states`: ageing times (s, rising) with their peaks by rising time.
    pub fn of(states: &[(f64, Vec<PeakAtAge>)]) -> Tracks {
        let mut rows: Vec<TrackPoint> = Vec::new();
        // Tracks by the time of their last peak, in the order of times.
        let mut last: Vec<(usize, f64)> = Vec::new();
        let mut tracks = 0;
        for (age, peaks) in states {
            let before: Vec<f64> = last.iter().map(|l| l.1).collect();
            let now: Vec<f64> = peaks.iter().map(|p| libm::log10(p.tau.0)).collect();
            for (i, old) in matched(&before, &now).into_iter().enumerate() {
                let track = old.map_or(tracks, |k| last[k].0);
                tracks += usize::from(old.is_none());
                rows.push(TrackPoint { age: *age, track, peak: peaks[i] });
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
        Tracks { points: rows, count: tracks, ages: states.len() }
    }

    /// Slope of the logarithm of a quantity of one track against that of the age.
    ///
    /// # Errors
    /// [`NoTrend`] where fewer than three ages above 0 have it.
    pub fn trend(&self, track: usize, of: impl Fn(&PeakAtAge) -> f64) -> Result<Trend, NoTrend> {
        let mine = self.points.iter().filter(|r| r.track == track && r.age > 0.0);
        let (x, y): (Vec<f64>, Vec<f64>) = mine.map(|r| (libm::log(r.age), libm::log(of(&r.peak)))).unzip();
        if x.len() < 3 {
            return Err(NoTrend::Few(x.len(), self.ages));
        }
        let l = line(&x, &y).ok_or(NoTrend::OneAge)?;
        let middle = mean(&x);
        let spread: f64 = x.iter().map(|v| (v - middle).powi(2)).sum();
        let freedom = x.len() as f64 - 2.0;
        Ok(Trend { slope: l.slope, half: student(freedom) * (l.chi2 / freedom / spread).sqrt(), n: x.len() })
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

    fn peak(tau: f64, area: f64) -> PeakAtAge {
        PeakAtAge { tau: (tau, [tau; 2]), area: (area, [area; 2]) }
    }

    #[test]
    fn peaks_keep_their_number_when_another_goes() {
        // Two that slow down as t^0.3, the slower losing area as t^−0.2; a third that is gone after the first age.
        let state = |t: f64, third: bool| {
            let by = libm::pow(t, 0.3);
            let mut all = vec![peak(0.1 * by, 1.0), peak(50.0 * by, 2.0 * libm::pow(t, -0.2))];
            if third {
                all.insert(1, peak(3.0, 0.5));
            }
            (t, all)
        };
        let a = Tracks::of(&[state(1.0, true), state(10.0, false), state(100.0, false), state(1000.0, false)]);
        assert_eq!(a.count, 3);
        let points = |k: usize| a.points.iter().filter(|r| r.track == k).count();
        assert_eq!([points(0), points(1), points(2)], [4, 1, 4]);
        let tau = |k: usize| a.trend(k, |p| p.tau.0);
        assert!((tau(0).unwrap().slope - 0.3).abs() < 1e-9 && (tau(2).unwrap().slope - 0.3).abs() < 1e-9);
        assert!((a.trend(2, |p| p.area.0).unwrap().slope + 0.2).abs() < 1e-9);
        assert_eq!(tau(1), Err(NoTrend::Few(1, 4)));
    }

    #[test]
    fn a_leap_is_another_peak() {
        assert_eq!(matched(&[0.0], &[0.9]), [Some(0)]);
        assert_eq!(matched(&[0.0], &[1.1]), [None]);
        assert_eq!(matched(&[0.0, 1.0], &[0.1, 0.4, 1.1]), [Some(0), None, Some(1)]);
        assert_eq!(matched(&[], &[0.0]), [None]);
    }
}
