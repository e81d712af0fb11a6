//! Intervals of a map's distribution: fields of its covariance and its distribution, levelled and masked as it was
//! (METHODS §2, §14a).
//!
//! A window of few correlation lengths holds less spread than the material, and levelling takes more of it. Both are
//! simulated: what fields of known distribution read, beside what they were made of, is the error of the map's own numbers.
//! A first round tells how far covariance and bend of the distribution are misread; the second one simulates at what
//! they then must be, with bends as uncertain as the first round found them. Fields have as many pixels as their statistics
//! need, not as many as the map: their spacing follows the correlation length.

use ndarray::Array2;
use softspot_data::{Levelling, Map};

use super::covariance::Covariance;
use super::distribution::{Gaussian, Summary, gaussian, histogram, summary};
use super::field::Simulator;
use super::law::Law;
use super::surrogates::{SurrogateError, scores_covariance};
use crate::num::parallel::ordered;
use crate::num::quantile::{median, quantile};
use crate::num::random::Stream;
use crate::prepare::level::level;

/// Most pixels of a simulated field along an axis.
const PIXELS: usize = 128;
/// Correlation lengths beyond which a window is not simulated whole: the errors of a part are scaled.
const LENGTHS: f64 = 40.0;
/// Fields of the first round.
const FIRST: usize = 40;

/// Summaries of simulated fields beside those of the laws they were drawn from.
pub struct Replay {
    /// Of each field, levelled and masked, and of its law.
    pairs: Vec<[Summary; 2]>,
    /// Gaussians through the histograms of both, where they fit, and the standard deviation of the field.
    gaussians: Vec<([Gaussian; 2], f64)>,
    /// What errors of the simulated window shrink by in the whole.
    shrink: f64,
    /// Bend of the distribution: 0 of a Gaussian, the shape s of a log-normal one.
    bend: f64,
    /// Whether lines were levelled, and fewer than 20 correlation lengths lie on one.
    lines: bool,
}

/// Bend from which on third and fourth moments rest on tails that no window shows.
const BENT: f64 = 0.3;

/// How the error of a statistic carries over from field to map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pivot {
    /// By its distance in standard deviations of the field itself.
    Location,
    /// By its ratio.
    Scale,
    /// By its difference.
    Shape,
}

/// The part of a map that is simulated.
struct Window<'a> {
    map: &'a Map,
    shape: [usize; 2],
    stride: [usize; 2],
    steps: [f64; 2],
    shrink: f64,
}

impl Window<'_> {
    fn of(map: &Map, pixel: [f64; 2], xi: f64) -> Window<'_> {
        let full = map.shape();
        let (mut shape, mut stride, mut shrink) = ([0; 2], [1; 2], 1.0);
        for axis in 0..2 {
            let part = (LENGTHS * xi / (full[axis] as f64 * pixel[axis])).min(1.0);
            let span = ((full[axis] as f64 * part).ceil() as usize).max(PIXELS.min(full[axis]));
            stride[axis] = span.div_ceil(PIXELS);
            shape[axis] = span / stride[axis];
            shrink *= (span as f64 / full[axis] as f64).sqrt();
        }
        Window { map, shape, stride, steps: [0, 1].map(|a| pixel[a] * stride[a] as f64), shrink }
    }

    /// A field of scores with the values of a law, masked and levelled as the map.
    fn finish(&self, mut z: Array2<f64>, value: impl Fn(f64) -> f64) -> Option<Map> {
        let [sy, sx] = self.stride;
        z.indexed_iter_mut().for_each(|((y, x), v)| {
            *v = if self.map.values[[y * sy, x * sx]].is_finite() { value(*v) } else { f64::NAN };
        });
        for step in &self.map.levelling {
            level(&mut z, step).ok()?;
        }
        Some(Map { pixel: Some(self.steps), ..self.map.with_values(z) })
    }
}

impl Replay {
    /// Simulates `n` fields in the likeness of a map.
    ///
    /// # Errors
    /// [`SurrogateError`] for maps without a pixel size, too small, or constant.
    pub fn of(map: &Map, n: usize, stream: &Stream) -> Result<Replay, SurrogateError> {
        let pixel = map.pixel_size().map_err(|e| SurrogateError(e.to_string()))?;
        let (read, sorted) = scores_covariance(map)?;
        let window = Window::of(map, pixel, read.xi);
        let area = sorted.len() as f64 * pixel[0] * pixel[1];
        let law = Law::of(&sorted, area / read.correlation_area());
        let stream = stream.role("replay");
        // First round: how far are covariance and bend misread?
        let simulator = Simulator::new(window.shape, window.steps, &read);
        let total = libm::hypot(read.sigma, read.noise);
        let first = ordered(FIRST / 2, |i| {
            simulator.pair(&mut stream.content([0.0]).replicate(i)).map(|z| {
                let field = window.finish(z, |z| law.at(z / total))?;
                let (c, sorted) = scores_covariance(&field).ok()?;
                Some([libm::log(c.xi / read.xi), c.alpha - read.alpha, law.bend_of(&sorted) - law.bend])
            })
        });
        let first: Vec<[f64; 3]> = first.into_iter().flatten().flatten().collect();
        if first.len() < FIRST / 2 {
            return Err(SurrogateError("fields of the fitted covariance cannot be read".into()));
        }
        let misread = [0, 1].map(|k| window.shrink * median(&mut first.iter().map(|f| f[k]).collect::<Vec<f64>>()));
        let truth = Covariance {
            xi: read.xi * libm::exp(-misread[0].clamp(-0.7, 0.7)),
            alpha: (read.alpha - misread[1]).clamp(0.1, 1.0),
            ..read
        };
        // Second round: errors of the summary, each field with a bend of its own.
        let simulator = Simulator::new(window.shape, window.steps, &truth);
        let pairs = ordered(n.div_ceil(2), |i| {
            let mut k = 2 * i..;
            simulator.pair(&mut stream.content([1.0]).replicate(i)).map(|z| {
                let error = k.next().map_or(0.0, |k| window.shrink * first[k % first.len()][2]);
                let law = law.bent(law.bend - error);
                let field = window.finish(z, |z| law.at(z / total))?;
                let (mut values, mut levels) = (field.valid(), law.levels());
                let pair = [summary(&mut values)?, law.summary()];
                let gaussian = |values: &mut [f64], s: &Summary| gaussian(&histogram(values)?, s);
                let both = gaussian(&mut values, &pair[0]).zip(gaussian(&mut levels, &pair[1]));
                Some((pair, both.map(|(a, b)| ([a, b], pair[0].std))))
            })
        });
        let found: Vec<_> = pairs.into_iter().flatten().take(n).flatten().collect();
        let (pairs, gaussians): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        let rows = map.levelling.iter().any(|l| matches!(l, Levelling::Rows { .. }));
        let lines = rows && (map.shape()[1] as f64 * pixel[1]) < 20.0 * truth.xi;
        let gaussians = gaussians.into_iter().flatten().collect();
        Ok(Replay { pairs, gaussians, shrink: window.shrink, bend: law.bend, lines })
    }

    /// Whether the distribution bends by more than a Gaussian describes.
    pub fn is_skewed(&self) -> bool {
        self.bend.abs() > BENT
    }

    /// Why an interval is a guide only: settings in which it was found to cover less than 93 %.
    pub fn reserve(&self, pivot: Pivot) -> Option<&'static str> {
        let skewed = self.is_skewed();
        match pivot {
            Pivot::Shape if skewed => {
                Some("moments of a skewed distribution rest on tails that a window does not show")
            }
            _ if skewed && self.lines => Some("levelled lines of few correlation lengths, and a skewed distribution"),
            _ => None,
        }
    }

    /// Whether fields read what the map reads: a statistic beyond twice the range of its fields has something in it that
    /// is no part of a correlated field – spikes, scars, a few pixels of another kind.
    pub fn gives(&self, statistic: impl Fn(&Summary) -> f64, own: &Summary) -> bool {
        let of_fields = || self.pairs.iter().map(|[field, _]| statistic(field)).filter(|v| v.is_finite());
        let low = of_fields().fold(f64::INFINITY, f64::min);
        let high = of_fields().fold(f64::NEG_INFINITY, f64::max);
        let beyond = 0.5 * (high - low);
        (low - beyond..=high + beyond).contains(&statistic(own))
    }

    /// 95 % interval of a statistic about what the map reads.
    pub fn interval(&self, statistic: impl Fn(&Summary) -> f64, pivot: Pivot, own: &Summary) -> [f64; 2] {
        let value = statistic(own);
        let error = |[field, law]: &[Summary; 2]| match pivot {
            Pivot::Location => (statistic(field) - statistic(law)) / field.std,
            Pivot::Scale => libm::log(statistic(field) / statistic(law)),
            Pivot::Shape => statistic(field) - statistic(law),
        };
        self.about(value, own.std, pivot, self.pairs.iter().map(error))
    }

    /// 95 % intervals of centre and full width at half maximum of the Gaussian through the histogram of a map with that
    /// standard deviation; `None` where it fits fewer than half of the fields.
    pub fn gaussian(&self, own: &Gaussian, std: f64) -> Option<[[f64; 2]; 2]> {
        if 2 * self.gaussians.len() < self.pairs.len() || self.gaussians.is_empty() {
            return None;
        }
        let centre = self.gaussians.iter().map(|([field, law], std)| (field.mean - law.mean) / std);
        let width = self.gaussians.iter().map(|([field, law], _)| libm::log(field.fwhm / law.fwhm));
        Some([self.about(own.mean, std, Pivot::Location, centre), self.about(own.fwhm, std, Pivot::Scale, width)])
    }

    /// 95 % interval about a value, given the errors of fields.
    fn about(&self, value: f64, std: f64, pivot: Pivot, errors: impl Iterator<Item = f64>) -> [f64; 2] {
        let mut errors: Vec<f64> = errors.map(|e| e * self.shrink).filter(|e| e.is_finite()).collect();
        let n = errors.len() as f64;
        // Rank p (n + 1), which a small number of replicates needs to cover what it says.
        let mut end = |p: f64| quantile(&mut errors, (((n + 1.0) * p - 1.0) / (n - 1.0).max(1.0)).clamp(0.0, 1.0));
        let (low, high) = (end(0.025), end(0.975));
        let ends = match pivot {
            Pivot::Location => [value - high * std, value - low * std],
            Pivot::Scale => [value * libm::exp(-high), value * libm::exp(-low)],
            Pivot::Shape => [value - high, value - low],
        };
        [ends[0].min(value), ends[1].max(value)]
    }
}

/// Ratio of a measure of spread in two states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpreadRatio {
    /// After over before.
    pub value: f64,
    /// 95 % interval.
    pub interval: [f64; 2],
    /// Two-sided p of states of equal spread.
    pub p: f64,
}

/// The ratio of a statistic of spread of two maps, `before` and `after`, each with its own reading: errors of both windows
/// side by side.
pub fn spread_ratio(
    statistic: impl Fn(&Summary) -> f64,
    [before, after]: [&Replay; 2],
    [own_before, own_after]: [&Summary; 2],
) -> SpreadRatio {
    let errors = |r: &Replay| -> Vec<f64> {
        let error = |[field, law]: &[Summary; 2]| r.shrink * libm::log(statistic(field) / statistic(law));
        r.pairs.iter().map(error).filter(|e| e.is_finite()).collect()
    };
    let (a, b) = (errors(before), errors(after));
    let mut both: Vec<f64> = b.iter().flat_map(|y| a.iter().map(move |x| y - x)).collect();
    let value = statistic(own_after) / statistic(own_before);
    let seen = libm::log(value);
    let above = both.iter().filter(|e| **e >= seen).count() as f64;
    let below = both.iter().filter(|e| **e <= seen).count() as f64;
    let p = 2.0 * above.min(below) / both.len().max(1) as f64;
    // No less than the fields of one side can tell.
    let least = 2.0 / (1 + a.len().min(b.len())) as f64;
    let [low, high] = [0.025, 0.975].map(|q| value * libm::exp(-quantile(&mut both, 1.0 - q)));
    SpreadRatio { value, interval: [low.min(value), high.max(value)], p: p.clamp(least.min(1.0), 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use softspot_data::unit::Unit;

    fn map(values: Array2<f64>) -> Map {
        let (unit, pixel) = (Unit::none(), Some([1.0, 1.0]));
        Map { values, unit, quantity: "z".into(), pixel, levelling: Vec::new(), convention: None }
    }

    /// Fields of 96² levelled by a plane, ξ = 6 and 12: Gaussian ones and log-normal ones of s = 0.5, whose window and plane
    /// take up to 7 % of the standard deviation; and the width of the Gaussian through the histogram. 40 fields of each,
    /// nominal 95 %; a true coverage of 92 % gives fewer than 32 of 40 in 0.7 % of all runs of one quantity. `distribution` 2 covered std and span in 73 to 88 %.
    #[test]
    fn the_spread_of_the_material_is_covered() {
        for (xi, skew) in [(6.0, 0.0), (12.0, 0.0), (6.0, 0.5)] {
            let c = Covariance { sigma: 1.0, xi, alpha: 1.0, noise: 0.0 };
            let simulator = Simulator::new([96, 96], [1.0, 1.0], &c);
            let value = |z: f64| if skew == 0.0 { z } else { libm::exp(skew * z) };
            let level_of = |i: u32| value(crate::num::normal::quantile((f64::from(i) + 0.5) / 20_000.0));
            let mut levels: Vec<f64> = (0..20_000).map(level_of).collect();
            let truth = summary(&mut levels).unwrap();
            let width = gaussian(&histogram(&mut levels).unwrap(), &truth).unwrap().fwhm;
            let statistics: [fn(&Summary) -> f64; 3] = [|s| s.std, Summary::span, |s| s.iqr];
            let held = ordered(20, |i| {
                simulator.pair(&mut Random::named("replay", i as u64)).map(|z| {
                    let levelling = vec![Levelling::Polynomial { degree: [1, 1] }];
                    let mut values = z.mapv(value);
                    level(&mut values, &levelling[0]).unwrap();
                    let mut flat: Vec<f64> = values.iter().copied().collect();
                    let own = summary(&mut flat).unwrap();
                    let curve = gaussian(&histogram(&mut flat).unwrap(), &own).unwrap();
                    let pixel = Some([1.0, 1.0]);
                    let map =
                        Map { values, unit: Unit::none(), quantity: "z".into(), pixel, levelling, convention: None };
                    let r =
                        Replay::of(&map, 60, &Stream::named("replay").content([xi, skew, i as f64, own.std])).unwrap();
                    let [low, high] = r.gaussian(&curve, own.std).unwrap()[1];
                    assert!(low <= curve.fwhm && curve.fwhm <= high);
                    let mut held = vec![low <= width && width <= high];
                    held.extend(statistics.iter().map(|f| {
                        let [low, high] = r.interval(f, Pivot::Scale, &own);
                        assert!(low <= f(&own) && f(&own) <= high);
                        low <= f(&truth) && f(&truth) <= high
                    }));
                    held
                })
            });
            for k in 0..=statistics.len() {
                let n = held.iter().flatten().filter(|h| h[k]).count();
                assert!(n >= 32, "{xi} {skew} {k}: {n} of 40");
            }
        }
    }

    /// Spreads that differ by 30 % are told apart (a Kolmogorov–Smirnov test found none of 100), equal ones are not: of 20
    /// pairs, more than 4 at a true rate of 5 % have a chance of 0.3 %; fewer than 16 at a power of 95 % one of 0.3 %.
    #[test]
    fn spreads_of_two_states() {
        let simulator =
            Simulator::new([96, 96], [1.0, 1.0], &Covariance { sigma: 1.0, xi: 4.0, alpha: 1.0, noise: 0.0 });
        let found = ordered(20, |i| {
            let fields = simulator.pair(&mut Random::named("states", i as u64)).map(|values| {
                let own = summary(&mut values.iter().copied().collect::<Vec<f64>>()).unwrap();
                let map = map(values);
                (Replay::of(&map, 60, &Stream::named("states").content([i as f64, own.std])).unwrap(), own)
            });
            let [(ra, a), (rb, b)] = &fields;
            let wider = Summary { std: 1.3 * b.std, ..*b };
            let ratio = |b: &Summary| spread_ratio(|s| s.std, [ra, rb], [a, b]);
            assert!(ratio(b).interval[0] <= ratio(b).value && ratio(b).value <= ratio(b).interval[1]);
            [ratio(b).p < 0.05, ratio(&wider).p < 0.05]
        });
        let [equal, wider] = [0, 1].map(|k| found.iter().filter(|f| f[k]).count());
        assert!(equal <= 4 && wider >= 16, "{equal} and {wider} of 20");
    }

    /// A field with a few spikes of 60 standard deviations, which are the most of its own: no field of its covariance and
    /// distribution reads that, and the interval of one would be certain and wrong. Of 12 fields without spikes none is
    /// beyond twice the range of 60 of its like (a chance below 1e-4).
    #[test]
    fn a_spike_is_no_spread() {
        let simulator =
            Simulator::new([64, 64], [1.0, 1.0], &Covariance { sigma: 1.0, xi: 4.0, alpha: 1.0, noise: 0.0 });
        for i in 0..6 {
            for mut values in simulator.pair(&mut Random::named("spikes", i)) {
                let gives = |values: Array2<f64>| {
                    let own = summary(&mut values.iter().copied().collect::<Vec<f64>>()).unwrap();
                    let map = map(values);
                    let r = Replay::of(&map, 60, &Stream::named("spikes").content([own.std])).unwrap();
                    [r.gives(|s| s.std, &own), r.gives(|s| s.iqr, &own)]
                };
                assert_eq!(gives(values.clone()), [true, true]);
                (0..3).for_each(|k| values[[10 * k + 5, 7 * k + 9]] = 60.0);
                assert_eq!(gives(values), [false, true]);
            }
        }
    }

    /// A window is simulated whole up to 40 correlation lengths, with at most 128 pixels an axis; of more, a part.
    #[test]
    fn fields_have_the_pixels_that_they_need() {
        let square = |n: usize| map(Array2::zeros((n, n)));
        let large = square(512);
        let w = Window::of(&large, [1.0, 1.0], 20.0);
        assert_eq!((w.shape, w.stride, w.shrink), ([128, 128], [4, 4], 1.0));
        let w = Window::of(&large, [1.0, 1.0], 3.2);
        assert_eq!((w.shape, w.stride), ([128, 128], [1, 1]));
        assert!((w.shrink - 0.25).abs() < 1e-12);
        assert_eq!(Window::of(&square(50), [1.0, 1.0], 3.0).shape, [50, 50]);
    }
}
