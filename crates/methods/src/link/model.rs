//! Intervals of correlations: which true correlation makes what was seen likely (METHODS §12).
//!
//! Points are drawn from a bivariate normal law, and each has a measurement error known from its own interval, which is in
//! the values already: it is modelled, not drawn once more. An end of the interval is the correlation under which the
//! statistic comes out beyond the one observed in 2.5 % of simulated samples. The spread of the true values is not known
//! either: it is drawn from what the observed spread and the errors say of it.

use super::permutation::Measurement;
use crate::num::parallel::ordered;
use crate::num::random::{Random, Stream};
use crate::num::sum::moments;

/// A statistic of two lists and what it is in a large sample of a normal law of correlation ρ.
#[derive(Clone, Copy, Debug)]
pub struct Statistic {
    /// Of a sample.
    pub of: fn(&[f64], &[f64]) -> f64,
    /// Of the law.
    pub of_law: fn(f64) -> f64,
}

/// Pearson's r.
pub const PEARSON: Statistic = Statistic { of: super::rank::pearson, of_law: |r| r };
/// Spearman's ρ, 6/π asin(r/2) of a normal law.
pub const SPEARMAN: Statistic =
    Statistic { of: super::rank::spearman, of_law: |r| 6.0 / std::f64::consts::PI * libm::asin(0.5 * r) };
/// Kendall's τ_b, 2/π asin r of a normal law.
pub const KENDALL: Statistic =
    Statistic { of: super::rank::kendall, of_law: |r| std::f64::consts::FRAC_2_PI * libm::asin(r) };

/// Between what a correlation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Values as they are measured, errors and all.
    Measured,
    /// The true values behind them.
    True,
}

/// A correlation with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// The one under which half of all samples give more than was observed: it has no bias in the median.
    pub value: f64,
    /// The interval.
    pub interval: [f64; 2],
}

/// Largest |z| = |atanh ρ| that is told from a perfect correlation.
const LARGEST: f64 = 4.0;
/// Halvings of that range: to 0.0005 of z.
const HALVINGS: usize = 14;
/// Least share of the true values in the variance of measured ones.
const LEAST: f64 = 0.05;

/// One simulated sample: standard normals of both sides and of both errors, and the true spread of each side.
struct Sample {
    normals: [Vec<f64>; 4],
    spread: [f64; 2],
}

/// The correlation of measured or of true values behind a statistic of two lists, by `simulations` of the normal law.
///
/// `None` of fewer than four points, of a constant side, and for true values where no point has an interval.
pub fn correlation(
    x: &[Measurement],
    y: &[Measurement],
    statistic: Statistic,
    between: Values,
    simulations: usize,
    stream: &Stream,
) -> Option<Correlation> {
    let errors = [x, y]
        .map(|side| side.iter().map(|m| if between == Values::True { m.error() } else { 0.0 }).collect::<Vec<f64>>());
    if x.len() < 4 || simulations == 0 || (between == Values::True && errors.iter().flatten().all(|e| *e == 0.0)) {
        return None;
    }
    let values = [x, y].map(|side| side.iter().map(|m| m.value).collect::<Vec<f64>>());
    let observed = (statistic.of)(&values[0], &values[1]);
    if !observed.is_finite() {
        return None;
    }
    let spreads = [0, 1].map(|s| Spread::of(&values[s], &errors[s]));
    let stream = stream.role("law");
    let samples = ordered(simulations, |i| {
        let mut random = stream.replicate(i);
        let normals = [(); 4].map(|()| (0..x.len()).map(|_| random.normal()).collect());
        Sample { normals, spread: [0, 1].map(|s: usize| spreads[s].draw(&mut random)) }
    });
    // Share of samples beyond the observed one, those equal to it by half.
    let beyond = |z: f64| {
        let rho = libm::tanh(z);
        let rest = (1.0 - rho * rho).sqrt();
        let of_sample = |i: usize| {
            let Sample { normals: [u, v, e, f], spread } = &samples[i];
            let a: Vec<f64> = (0..u.len()).map(|j| spread[0] * u[j] + errors[0][j] * e[j]).collect();
            let b: Vec<f64> =
                (0..u.len()).map(|j| spread[1] * (rho * u[j] + rest * v[j]) + errors[1][j] * f[j]).collect();
            let t = (statistic.of)(&a, &b);
            if (t - observed).abs() < 1e-9 { 0.5 } else { f64::from(u8::from(t > observed)) }
        };
        ordered(samples.len(), of_sample).iter().sum::<f64>() / samples.len() as f64
    };
    let at = |share: f64| {
        let (mut low, mut high) = (-LARGEST, LARGEST);
        if beyond(low) > share {
            return -1.0;
        }
        if beyond(high) < share {
            return 1.0;
        }
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if beyond(middle) < share { low = middle } else { high = middle }
        }
        libm::tanh(0.5 * (low + high))
    };
    let [low, value, high] = [0.025, 0.5, 0.975].map(|share| (statistic.of_law)(at(share)));
    Some(Correlation { value, interval: [low, high] })
}

/// What is known of the spread of the true values of one side.
struct Spread {
    /// Variance of the measured values.
    variance: f64,
    /// Mean square of their errors.
    error: f64,
    freedom: usize,
}

impl Spread {
    fn of(values: &[f64], errors: &[f64]) -> Spread {
        let n = values.len() as f64;
        Spread {
            variance: moments(values).std.powi(2) * n / (n - 1.0),
            error: errors.iter().map(|e| e * e).sum::<f64>() / n,
            freedom: values.len() - 1,
        }
    }

    /// A true standard deviation in the light of the observed one: its square by χ², less the errors.
    fn draw(&self, random: &mut Random) -> f64 {
        if self.error == 0.0 {
            return 1.0;
        }
        let chi2: f64 = (0..self.freedom).map(|_| random.normal().powi(2)).sum();
        let variance = self.variance * self.freedom as f64 / chi2;
        (variance - self.error).max(LEAST * variance).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples of 8 and 15 from a normal law, each value with an error of its own that its interval tells. 100 samples a
    /// setting, nominal 95 %: a true coverage of 93 % gives fewer than 87 of 100 in 1 % of all runs, one of 99 % more than
    /// 99 in 37 %. Twice in the errors, as `link` 2 had it, Spearman's was covered in 67 % at 15 samples.
    #[test]
    fn both_correlations_are_covered() {
        for (n, rho, error) in [(8, 0.9, 0.3), (15, 0.9, 0.6), (15, 0.0, 0.3)] {
            let mut held = [[0; 2]; 3];
            for i in 0..100 {
                let mut r = Random::named("correlations", i);
                let mut sides = [Vec::new(), Vec::new()];
                for _ in 0..n {
                    let (u, v) = (r.normal(), r.normal());
                    for (side, truth) in sides.iter_mut().zip([u, rho * u + f64::sqrt(1.0 - rho * rho) * v]) {
                        let value = truth + error * r.normal();
                        side.push(Measurement { value, interval: Some([value - 1.96 * error, value + 1.96 * error]) });
                    }
                }
                let stream = Stream::named("t").content([i as f64]);
                for (s, held) in [PEARSON, SPEARMAN, KENDALL].into_iter().zip(&mut held) {
                    let laws = [(Values::Measured, rho / (1.0 + error * error)), (Values::True, rho)];
                    for ((of, law), held) in laws.into_iter().zip(held) {
                        let c = correlation(&sides[0], &sides[1], s, of, 200, &stream).unwrap();
                        let [low, high] = c.interval;
                        assert!(low <= c.value && c.value <= high);
                        *held += usize::from(low <= (s.of_law)(law) && (s.of_law)(law) <= high);
                    }
                }
            }
            assert!(held.iter().flatten().all(|h| *h >= 87), "{n} {rho} {error}: {held:?}");
        }
    }

    #[test]
    fn what_has_no_interval() {
        let side = |v: &[f64]| v.iter().map(|v| Measurement { value: *v, interval: None }).collect::<Vec<_>>();
        let (x, y) = (side(&[1.0, 2.0, 3.0, 4.0]), side(&[1.0, 3.0, 2.0, 4.0]));
        let rho = |x: &[Measurement], y: &[Measurement], v| correlation(x, y, SPEARMAN, v, 100, &Stream::named("t"));
        assert!(rho(&x, &y, Values::Measured).is_some() && rho(&x, &y, Values::True).is_none());
        assert!(
            rho(&x[..3], &y[..3], Values::Measured).is_none() && rho(&x, &side(&[2.0; 4]), Values::Measured).is_none()
        );
        // A perfect order can come of a perfect correlation.
        assert_eq!(rho(&x, &x, Values::Measured).unwrap().interval[1], 1.0);
    }
}
