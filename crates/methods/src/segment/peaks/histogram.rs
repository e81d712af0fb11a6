//! The values of a map in equal bins, apart from those that an instrument cut off.

use std::ops::Range;

use crate::spatial::saturation::{LEVELS, Saturation, runs};

/// Bins between the thousandth lowest and the thousandth highest value.
const BINS: usize = 128;
/// Share that lies beyond the bins on either side.
const BEYOND: f64 = 0.001;

/// Evenly spaced values from which on they are steps of a digitizer, and not levels that each stand for something.
const STEPS: usize = 4;
/// Share of the pixels at the commonest value from which on another one is a step of the digitizer: values between the steps,
/// such as interpolation leaves, are fewer.
const COMMON: f64 = 0.25;

/// Whether distinct values lie whole steps apart.
fn is_even(sorted: &[f64], runs: &[Range<usize>]) -> bool {
    let gaps: Vec<f64> = runs.windows(2).map(|w| sorted[w[1].start] - sorted[w[0].start]).collect();
    let least = gaps.iter().copied().fold(f64::INFINITY, f64::min);
    gaps.iter().all(|g| (g / least - (g / least).round()).abs() < 0.01)
}

/// Step of the digitizer: the least distance of common values.
fn step<'a>(sorted: &[f64], runs: impl Iterator<Item = &'a Range<usize>> + Clone) -> f64 {
    let longest = runs.clone().map(Range::len).max().unwrap_or(0);
    let common: Vec<f64> =
        runs.filter(|r| r.len() as f64 >= COMMON * longest as f64).map(|r| sorted[r.start]).collect();
    common.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min)
}

/// Shares of the values in equal bins.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    /// Middle of each bin.
    pub(super) centre: Vec<f64>,
    /// Variance of the values in a bin.
    pub(super) within: f64,
    /// Share of all values in each bin.
    pub(super) share: Vec<f64>,
    /// Share of all values below the bins, saturated ones among them.
    pub(super) below: f64,
    /// What is cut off.
    pub(super) cut: Saturation,
}

impl Histogram {
    /// Of values by rising size; `None` where all are the same. Digitized values have whole steps a bin, a few levels each
    /// a bin of its own with an empty one between.
    pub(super) fn of(sorted: &[f64]) -> Option<Histogram> {
        let runs = runs(sorted);
        let n = sorted.len();
        if runs.len() < STEPS || runs.len() <= LEVELS && !is_even(sorted, &runs) {
            return Histogram::of_levels(sorted, &runs);
        }
        let cut = Saturation::of_runs(&runs, n);
        let from = if cut.low > 0.0 { runs.first()?.end } else { 0 };
        let to = if cut.high > 0.0 { runs.last()?.start } else { n };
        let kept = &sorted[from..to];
        let beyond = (BEYOND * kept.len() as f64) as usize;
        let inner = &kept[beyond..kept.len() - beyond];
        let (first, last) = (*inner.first()?, *inner.last()?);
        if !(last > first) {
            return None;
        }
        let within = |r: &&Range<usize>| r.start >= from && r.end <= to;
        let step = step(sorted, runs.iter().filter(within));
        let plain = (last - first) / BINS as f64;
        // Values lie in the middle of their bins, or evenly in them.
        let digitized = runs.len() < n / 8 && step.is_finite() && step > 1e-3 * plain;
        let (low, width) = match digitized {
            true => (first - 0.5 * step, (plain / step).ceil() * step),
            false => (first, plain * (1.0 + 1e-9)),
        };
        let bins = ((last - low) / width) as usize + 1;
        let mut share = vec![0.0; bins];
        inner.iter().for_each(|v| share[(((v - low) / width) as usize).min(bins - 1)] += 1.0 / n as f64);
        let centre = (0..bins).map(|j| low + (j as f64 + 0.5) * width).collect();
        Some(Histogram { centre, within: width * width / 12.0, share, below: (from + beyond) as f64 / n as f64, cut })
    }

    fn of_levels(sorted: &[f64], runs: &[Range<usize>]) -> Option<Histogram> {
        let level = |r: &Range<usize>| (sorted[r.start], r.len() as f64 / sorted.len() as f64);
        let levels: Vec<(f64, f64)> = runs.iter().map(level).collect();
        let (mut centre, mut share) = (vec![levels.first()?.0], vec![levels.first()?.1]);
        for w in levels.windows(2) {
            centre.extend([0.5 * (w[0].0 + w[1].0), w[1].0]);
            share.extend([0.0, w[1].1]);
        }
        (levels.len() > 1).then(|| Histogram { centre, within: 0.0, share, below: 0.0, cut: Saturation::default() })
    }

    /// Share of all values below each edge of the bins, for bins of other shares.
    pub(super) fn edges(&self, share: &[f64]) -> Vec<f64> {
        let mut sum = self.below;
        let mut out = vec![sum];
        out.extend(share.iter().map(|s| {
            sum += s;
            sum
        }));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_stays_out_of_the_bins() {
        let v: Vec<f64> = (0..1000).map(|i| (f64::from(i) * 0.1).max(20.0)).collect();
        let h = Histogram::of(&v).unwrap();
        assert!((h.below - 0.201).abs() < 1e-12 && h.centre[0] > 20.0 && h.cut.is_any(), "{h:?}");
        assert!((h.share.iter().sum::<f64>() + h.below - 1.0).abs() < 1e-12);
        // Few levels that lie unevenly have a bin each, however near they are.
        let three: Vec<f64> = (0..100).map(|i| [0.0, 1.0, 1e-4][i / 40]).collect();
        let mut sorted = three.clone();
        sorted.sort_by(f64::total_cmp);
        let h = Histogram::of(&sorted).unwrap();
        assert!(h.share.iter().zip([0.4, 0.0, 0.2, 0.0, 0.4]).all(|(a, b)| (a - b).abs() < 1e-12), "{h:?}");
    }

    #[test]
    fn digitized_values_fill_their_bins_evenly() {
        // 200 steps, one value each but at the ends: 128 bins would hold one or two of them.
        let v: Vec<f64> = (0..200_000).map(|i| f64::from(i / 1000) * 0.25).collect();
        let h = Histogram::of(&v).unwrap();
        assert_eq!(h.within, 0.25 / 12.0);
        assert!(h.share[1..h.share.len() - 1].iter().all(|s| (s - 0.01).abs() < 1e-12), "{h:?}");
        // Values between the steps do not make bins of their own, and few even steps are no levels.
        let mut v: Vec<f64> = (0..20_000).map(|i| f64::from(i / 400) + if i % 20 == 0 { 0.5 } else { 0.0 }).collect();
        v.sort_by(f64::total_cmp);
        let h = Histogram::of(&v).unwrap();
        assert!(
            (h.within - 1.0 / 12.0).abs() < 1e-12 && h.share[2..47].iter().all(|s| (s - 0.02).abs() < 1e-3),
            "{h:?}"
        );
        let five: Vec<f64> = (0..5000).map(|i| f64::from(i / 1000) * 0.1).collect();
        assert_eq!(Histogram::of(&five).unwrap().share.len(), 5);
        assert!(Histogram::of(&[2.0; 9]).is_none() && Histogram::of(&[]).is_none());
    }
}
