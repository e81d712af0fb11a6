//! Likelihood ratios of other laws against the power law (Vuong 1989, doi:10.2307/1912557).

use statrs::function::erf::erfc;

use super::law::{Law, Name};
use super::tail::Tail;

/// A rival law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rival {
    /// Its parameters.
    pub law: Law,
    /// Log-likelihood of the power law less its own: negative where the rival is better.
    pub ratio: f64,
    /// p of the hypothesis that both are equally near to the truth; of the nested law that the cut-off is none.
    pub p: f64,
}

/// The power law of a tail and its rivals.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Sizes that they were fitted to.
    pub n: f64,
    /// The power law.
    pub power: Law,
    /// Those that can be fitted.
    pub rivals: Vec<Rival>,
}

/// Fits all laws to a tail. `None` where its sizes do not differ.
pub fn compare(tail: &Tail<'_>) -> Option<Comparison> {
    let power = Law::fit(Name::Power, tail)?;
    let own = power.log_likelihoods(tail);
    let n = tail.n();
    let rivals = Name::ALL.iter().skip(1).filter_map(|name| {
        let law = Law::fit(*name, tail)?;
        let theirs = law.log_likelihoods(tail);
        let likelihood: f64 = crate::num::sum::sum(&theirs);
        if !likelihood.is_finite() {
            return None;
        }
        let differences: Vec<f64> = own.iter().zip(&theirs).map(|(a, b)| a - b).collect();
        let moments = crate::num::sum::moments(&differences);
        let ratio = moments.mean * n;
        let p = if *name == Name::Cutoff {
            // Twice the gain is χ² of one degree of freedom, where the cut-off is none.
            erfc((-ratio).max(0.0).sqrt())
        } else {
            erfc(ratio.abs() / (moments.std * (2.0 * n).sqrt()))
        };
        Some(Rival { law, ratio, p: if p.is_nan() { 1.0 } else { p } })
    });
    Some(Comparison { n, power, rivals: rivals.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::spatial::sizes::laws::Laws;
    use crate::spatial::sizes::tail::Sizes;

    /// 5,000 sizes of each law from 1 on, drawn by inversion or rejection.
    fn drawn(law: Law, discrete: bool, seed: u64) -> Sizes {
        let mut random = Random::named("laws", seed);
        let mut out = Vec::new();
        while out.len() < 5000 {
            let u = random.uniform();
            let x = match law {
                Law::Power { alpha } => libm::pow(u, -1.0 / (alpha - 1.0)),
                Law::Exponential { scale } => 1.0 - scale * libm::log(u),
                Law::HalfNormal { sigma } => (sigma * random.normal()).abs(),
                Law::LogNormal { mu, sigma } => libm::exp(mu + sigma * random.normal()),
                Law::Cutoff { alpha, cutoff } => {
                    let x = libm::pow(u, -1.0 / (alpha - 1.0));
                    if random.uniform() < libm::exp(-(x - 1.0) / cutoff) { x } else { 0.0 }
                }
            };
            if x >= 1.0 {
                out.push(if discrete { (x * 20.0).round() } else { x });
            }
        }
        Sizes::new(out, discrete)
    }

    /// Each law is preferred on its own sizes, and its parameters come back within five standard errors of 5,000 sizes.
    #[test]
    fn every_law_is_told_from_the_others() {
        let laws = [
            Law::Power { alpha: 2.2 },
            Law::Cutoff { alpha: 1.7, cutoff: 40.0 },
            Law::LogNormal { mu: 1.0, sigma: 0.6 },
            Law::Exponential { scale: 5.0 },
            Law::HalfNormal { sigma: 8.0 },
        ];
        for law in laws {
            for discrete in [false, true] {
                let sizes = drawn(law, discrete, 1);
                let from = if discrete { 20.0 } else { 1.0 };
                let tail = sizes.tail(from);
                let laws = Laws::of(&tail);
                let found = laws.best().unwrap().law;
                assert_eq!(found.name(), law.name(), "{law:?} discrete {discrete}: {found:?}");
                let near =
                    |a: f64, b: f64, relative: f64| assert!((a / b - 1.0).abs() < relative, "{law:?}: {found:?}");
                match (law, found) {
                    // (α − 1)/√n = 0.017.
                    (Law::Power { alpha: a }, Law::Power { alpha: b }) => near(b, a, 0.04),
                    (Law::Cutoff { alpha: a, cutoff: c }, Law::Cutoff { alpha: b, cutoff: d }) => {
                        near(b, a, 0.07);
                        near(d, c, 0.35);
                    }
                    (Law::LogNormal { mu: a, sigma: c }, Law::LogNormal { mu: b, sigma: d }) => {
                        near(b, a, 0.08);
                        near(d, c, 0.08);
                    }
                    (Law::Exponential { scale: a }, Law::Exponential { scale: b }) => near(b, a, 0.07),
                    (Law::HalfNormal { sigma: a }, Law::HalfNormal { sigma: b }) => near(b, a, 0.06),
                    _ => unreachable!(),
                }
            }
        }
    }

    /// Tails at the ends of what searches cover: mostly equal numbers, a hair's breadth, a peak far from the start.
    #[test]
    fn extreme_tails() {
        let ones = Sizes::new(std::iter::repeat_n(1.0, 995).chain([2.0; 5]), true);
        let c = compare(&ones.tail(1.0)).unwrap();
        // scipy.optimize on the zeta likelihood: α = 7.7485.
        let Law::Power { alpha } = c.power else { panic!() };
        assert!((alpha - 7.7485).abs() < 1e-3, "{c:?}");
        // Two sizes fix one parameter and no more: every law of one meets them, and none rejects the power law.
        let laws = Laws::of(&ones.tail(1.0));
        let best = laws.best().unwrap();
        assert!(laws.beside(best).any(|r| r.name() == Name::Power), "{best:?}");
        let breadth = Sizes::new((0..400).map(|i| 1000.0 + 0.05 * f64::from(i * 37 % 400) / 400.0), false);
        let c = compare(&breadth.tail(1000.0)).unwrap();
        // Over so little all falling laws are straight lines; the log-normal has a peak there.
        let falling = c.rivals.iter().filter(|r| r.law.name() != Name::LogNormal);
        assert!(falling.clone().count() == 3 && falling.clone().all(|r| r.ratio.abs() < 1.0), "{c:?}");
        let mut random = Random::named("far peak", 0);
        let far = Sizes::new((0..400).map(|_| (100.0 + 10.0 * random.normal()).round()).collect::<Vec<_>>(), true);
        let tail = far.tail(1.0);
        let c = compare(&tail).unwrap();
        let normal = c.rivals.iter().find(|r| r.law.name() == Name::LogNormal).unwrap();
        let whole = Sizes::new((1..400).map(f64::from), true);
        let total: f64 = normal.law.log_likelihoods(&whole.tail(1.0)).iter().map(|l| libm::exp(*l)).sum();
        assert!((total - 1.0).abs() < 1e-6, "{total}: {:?}", normal.law);
        for tail in [ones.tail(1.0), breadth.tail(1000.0), tail] {
            let c = compare(&tail).unwrap();
            let nested = c.rivals.iter().find(|r| r.law.name() == Name::Cutoff).unwrap();
            assert!(nested.ratio <= 1e-9, "a nested law is never less likely: {nested:?}");
        }
    }

    /// Far out the sum of powers is an integral: the terms themselves and what is beyond them add up to one.
    #[test]
    fn large_whole_numbers() {
        let law = Law::Power { alpha: 2.5 };
        let whole = Sizes::new((2500..40_000).map(f64::from), true);
        let tail = whole.tail(2500.0);
        let total: f64 = law.log_likelihoods(&tail).iter().map(|l| libm::exp(*l)).sum();
        let beyond = law.survival(40_000.0, &tail);
        // α(α − 1)/24k² = 2.5e-8.
        assert!((total + beyond - 1.0).abs() < 5e-8, "{total} {beyond}");
    }

    /// Likelihoods by sums are those by single sizes, and densities add up to one: against the plain sum of the law over
    /// whole numbers, and the trapezium rule for the others.
    #[test]
    fn norms_and_likelihoods() {
        let laws = [
            Law::Power { alpha: 2.5 },
            Law::Cutoff { alpha: 1.3, cutoff: 3.0 },
            Law::LogNormal { mu: 0.2, sigma: 0.7 },
            Law::Exponential { scale: 2.0 },
            Law::HalfNormal { sigma: 3.0 },
        ];
        for law in laws {
            let whole = Sizes::new((5..4000).map(f64::from), true);
            let tail = whole.tail(5.0);
            let total: f64 = law.log_likelihoods(&tail).iter().map(|l| libm::exp(*l)).sum();
            let beyond = law.survival(4000.0, &tail);
            assert!((total + beyond - 1.0).abs() < 1e-7, "{law:?}: {total} {beyond}");
            for discrete in [true, false] {
                let some = Sizes::new([5.0, 6.0, 9.0, 30.0], discrete);
                let tail = some.tail(5.0);
                let mean = law.log_likelihoods(&tail).iter().sum::<f64>() / 4.0;
                assert!((law.mean_log_likelihood(&tail) - mean).abs() < 1e-12, "{law:?}");
            }
            // dt = 1e-3 over t = 1 … 200; what lies beyond by the survival.
            let fine = Sizes::new((0..199_001).map(|i| 1.0 + f64::from(i) * 1e-3), false);
            let tail = fine.tail(1.0);
            let density: Vec<f64> = law.log_likelihoods(&tail).iter().map(|l| libm::exp(*l)).collect();
            let area = (density.iter().sum::<f64>() - 0.5 * (density[0] + density[199_000])) * 1e-3;
            assert!((area + law.survival(200.0, &tail) - 1.0).abs() < 1e-6, "{law:?}: {area}");
        }
    }
}
