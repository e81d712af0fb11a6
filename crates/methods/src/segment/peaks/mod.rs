//! How many peaks the distribution of a map has beyond those that correlated fields with fewer give (METHODS §8, §13).
//!
//! A skewed, clipped or digitized phase is fitted better by two Gaussians than by one, whatever the map looks like. A class
//! shows as a peak: an interval of values that holds more than its surroundings. At most m peaks are rejected where
//! the excess mass of one interval more exceeds that of Gaussian fields of the map's covariance whose values are
//! transformed to the nearest distribution of m peaks, with the map's mask, steps and saturation.

mod density;
mod excess;
mod histogram;

use softspot_data::Map;

use self::density::nearest;
use self::excess::excess;
use self::histogram::Histogram;
use super::groups::Group;
use crate::num::normal::quantile;
use crate::num::parallel::ordered;
use crate::num::random::Stream;
use crate::num::spread::spread;
use crate::num::work::{Cancelled, Work};
use crate::spatial::covariance::CovarianceFit;
use crate::spatial::null::Null;
use crate::spatial::saturation::Saturation;
use crate::spatial::surrogates::{Kind, SurrogateError, Surrogates};

/// Steps of normal scores, to which Gaussian fields are sorted, on either side of 0.
const STEPS: usize = 1024;
/// Reach of the steps.
const REACH: f64 = 6.0;
/// Excess mass from which on a peak counts: half a per cent of the pixels. What lies between classes – mixed pixels of a border,
/// lumps of the tails – makes peaks of a tenth of that which fields do not have.
const LEAST: f64 = 0.005;
/// Pixels of a field that stand for it among those of further maps.
pub(super) const THIN: usize = 512;

/// The distribution of one map beside those of Gaussian fields of its covariance.
pub struct Peaks {
    histogram: Histogram,
    /// Values below and above the bins.
    tails: [Group; 2],
    fields: Vec<Field>,
    /// The covariance of the map's normal scores.
    pub fitted: Option<CovarianceFit>,
    /// The test of at most 1, 2, … peaks, up to the first number that is not rejected.
    pub tests: Vec<PeakTest>,
}

/// A Gaussian field of unit variance.
struct Field {
    /// Share of its pixels below each step of the scores.
    below: Vec<f64>,
    /// Some of its pixels.
    thin: Vec<f64>,
}

/// Test of at most so many peaks.
#[derive(Clone, Debug)]
pub struct PeakTest {
    /// Excess mass of one peak more, a share of the pixels; half a per cent where it is less.
    pub excess: f64,
    /// Where it stands among fields of so many peaks.
    pub null: Null,
    /// What they gave.
    pub of_fields: Vec<f64>,
}

impl Peaks {
    /// Sorts a map and `n` Gaussian fields of its covariance.
    ///
    /// # Errors
    /// Outer: the user ended the work. Inner: a map that no surrogate can be made of.
    pub fn of(
        map: &Map,
        n: usize,
        stream: &Stream,
        work: &Work<'_>,
    ) -> Result<Result<Peaks, SurrogateError>, Cancelled> {
        let mut sorted = map.valid();
        sorted.sort_unstable_by(f64::total_cmp);
        let Some(histogram) = Histogram::of(&sorted) else {
            return Ok(Err(SurrogateError("all values are the same but for a few".into())));
        };
        let surrogates = match Surrogates::new(map, Kind::Isotropic) {
            Ok(s) => s,
            Err(e) => return Ok(Err(e)),
        };
        let total = surrogates.fitted.as_ref().map_or(1.0, |f| libm::hypot(f.covariance.sigma, f.covariance.noise));
        let fields = surrogates.each(n, stream, false, work, |z| {
            let z = z.as_slice().unwrap_or_default();
            let thin = spread(z.len(), THIN).into_iter().map(|i| z[i] / total).collect();
            Field { below: below_steps(z, total), thin }
        })?;
        let group = |values: &[f64]| values.iter().fold(Group::default(), |g, v| g.and(Group::one(*v)));
        let inner: f64 = histogram.share.iter().sum();
        let end = |share: f64| (share * sorted.len() as f64).round() as usize;
        let ends = [end(histogram.below), end(histogram.below + inner)];
        let tails = [group(&sorted[..ends[0]]), group(&sorted[ends[1].max(ends[0])..])];
        Ok(Ok(Peaks { histogram, tails, fields, fitted: surrogates.fitted, tests: Vec::new() }))
    }

    /// What the map has cut off.
    pub fn saturation(&self) -> Saturation {
        self.histogram.cut
    }

    /// Tests at most 1, 2, … peaks at a level until one is not rejected, or `most` are. Without fields there is no test.
    pub fn test(&mut self, most: usize, level: f64) {
        let own: Vec<f64> = excess(&self.histogram.share, most).into_iter().map(|e| e.max(LEAST)).collect();
        for (peaks, excess_mass) in own.iter().enumerate().map(|(i, e)| (i + 1, *e)) {
            let share = nearest(&self.histogram.share, peaks);
            let scores = self.scores(&share);
            let of_field = |i: usize| excess(&self.shares(i, &scores), peaks)[peaks - 1].max(LEAST);
            let of_fields = ordered(self.fields.len(), of_field);
            let Some(null) = Null::of(excess_mass, of_fields.iter().copied()) else { return };
            let rejected = null.above < level;
            self.tests.push(PeakTest { excess: excess_mass, null, of_fields });
            if !rejected {
                return;
            }
        }
    }

    /// Peaks that stand out at a level.
    pub fn number(&self, level: f64) -> usize {
        1 + self.tests.iter().take_while(|t| t.null.above < level).count()
    }

    /// Normal scores of the edges of bins that hold these shares.
    fn scores(&self, share: &[f64]) -> Vec<f64> {
        self.histogram.edges(share).into_iter().map(|p| quantile(p.clamp(1e-12, 1.0 - 1e-12))).collect()
    }

    /// Shares of field `i` in bins whose edges have these scores.
    fn shares(&self, i: usize, scores: &[f64]) -> Vec<f64> {
        let below: Vec<f64> = scores.iter().map(|z| below(&self.fields[i].below, *z)).collect();
        below.windows(2).map(|w| w[1] - w[0]).collect()
    }

    /// The map as groups of neighbouring values: its bins and what lies beyond them.
    pub fn groups(&self) -> Vec<Group> {
        self.as_groups(&self.histogram.share, self.histogram.below)
    }

    /// Each field as groups, with values of the nearest distribution of one peak.
    pub fn fields_of_one_peak(&self) -> Vec<Vec<Group>> {
        let scores = self.scores(&nearest(&self.histogram.share, 1));
        let groups = |i: usize| self.as_groups(&self.shares(i, &scores), below(&self.fields[i].below, scores[0]));
        (0..self.fields.len()).map(groups).collect()
    }

    /// Some pixels of each field, the same of every map of a size, with values of the nearest distribution of one peak; beyond
    /// its bins they have the value of the nearest one.
    pub fn points_of_one_peak(&self) -> Vec<Vec<f64>> {
        let scores = self.scores(&nearest(&self.histogram.share, 1));
        let value = |z: f64| {
            let bin = scores.partition_point(|s| *s <= z).clamp(1, scores.len() - 1) - 1;
            self.histogram.centre[bin]
        };
        self.fields
            .iter()
            .map(|f| f.thin.iter().map(|z| if z.is_finite() { value(*z) } else { *z }).collect())
            .collect()
    }

    /// Weights are shares of the pixels.
    fn as_groups(&self, share: &[f64], below: f64) -> Vec<Group> {
        let h = &self.histogram;
        let group =
            |n: f64, mean: f64, variance: f64| Group { n, sum: n * mean, squares: n * (mean * mean + variance) };
        let bin = |(s, centre): (&f64, &f64)| group(*s, *centre, h.within);
        let above = 1.0 - below - share.iter().sum::<f64>();
        let tails = [below, above].into_iter().zip(self.tails).filter(|(_, t)| t.n > 0.0);
        let tails = tails.map(|(n, t)| group(n, t.mean(), t.variance()));
        share.iter().zip(&h.centre).map(bin).chain(tails).filter(|g| g.n > 1e-9).collect()
    }
}

/// Share of a field below each step of its scores.
fn below_steps(field: &[f64], scale: f64) -> Vec<f64> {
    let mut counts = vec![0u64; 2 * STEPS];
    let mut n = 0u64;
    for v in field.iter().filter(|v| v.is_finite()) {
        let at = (v / scale / REACH + 1.0) * STEPS as f64;
        counts[(at.max(0.0) as usize).min(2 * STEPS - 1)] += 1;
        n += 1;
    }
    let mut sum = 0;
    let mut out = vec![0.0];
    out.extend(counts.iter().map(|c| {
        sum += c;
        sum as f64 / n.max(1) as f64
    }));
    out
}

/// Share of a field below a score, between the steps by a straight line.
fn below(cumulative: &[f64], z: f64) -> f64 {
    let at = ((z / REACH + 1.0) * STEPS as f64).clamp(0.0, (2 * STEPS) as f64);
    let i = (at as usize).min(2 * STEPS - 1);
    cumulative[i] + (at - i as f64) * (cumulative[i + 1] - cumulative[i])
}
