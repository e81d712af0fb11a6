//! Laws of sizes: density, likelihood, fit. Lengths are in units of `x_min` throughout, so that pixels and nanometres
//! are the same to every search.

use statrs::function::erf::erfc;

use super::integral::{log_tail, sum_from};
use super::tail::Tail;

/// Smallest whole number, in units of the exponent, from which on a sum of powers over whole numbers is the integral from
/// half a number before on: to (α/k)²/24, some 4·10⁻⁸.
const LARGE: f64 = 1000.0;

/// A law with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// x^−α.
    Power {
        /// Exponent of the density.
        alpha: f64,
    },
    /// x^−α e^{−x/cutoff}.
    Cutoff {
        /// Exponent of the density.
        alpha: f64,
        /// In units of `x_min`.
        cutoff: f64,
    },
    /// (ln x − μ)² over 2σ².
    LogNormal {
        /// Mean of ln(x/x_min).
        mu: f64,
        /// Standard deviation of ln x.
        sigma: f64,
    },
    /// e^{−x/scale}.
    Exponential {
        /// In units of `x_min`.
        scale: f64,
    },
    /// e^{−x²/2σ²}.
    HalfNormal {
        /// In units of `x_min`.
        sigma: f64,
    },
}

/// What a law is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// `power-law`
    Power,
    /// `cutoff-power-law`
    Cutoff,
    /// `log-normal`
    LogNormal,
    /// `exponential`
    Exponential,
    /// `half-normal`
    HalfNormal,
}

impl Name {
    /// The power law and its rivals.
    pub const ALL: [Name; 5] = [Name::Power, Name::Cutoff, Name::LogNormal, Name::Exponential, Name::HalfNormal];

    /// As METHODS calls it.
    pub fn text(self) -> &'static str {
        match self {
            Name::Power => "power-law",
            Name::Cutoff => "cutoff-power-law",
            Name::LogNormal => "log-normal",
            Name::Exponential => "exponential",
            Name::HalfNormal => "half-normal",
        }
    }

    /// Free parameters.
    pub fn parameters(self) -> f64 {
        match self {
            Name::Cutoff | Name::LogNormal => 2.0,
            Name::Power | Name::Exponential | Name::HalfNormal => 1.0,
        }
    }
}

/// ln of the upper tail of the standard normal, also far out.
fn log_upper(t: f64) -> f64 {
    if t < 25.0 {
        libm::log(0.5 * erfc(t / std::f64::consts::SQRT_2))
    } else {
        // Mills' ratio by its continued fraction.
        let ratio = 1.0 / (t + 1.0 / (t + 2.0 / (t + 3.0 / (t + 4.0 / t))));
        -0.5 * t * t - 0.5 * libm::log(2.0 * std::f64::consts::PI) + libm::log(ratio)
    }
}

impl Law {
    /// What it is called.
    pub fn name(&self) -> Name {
        match self {
            Law::Power { .. } => Name::Power,
            Law::Cutoff { .. } => Name::Cutoff,
            Law::LogNormal { .. } => Name::LogNormal,
            Law::Exponential { .. } => Name::Exponential,
            Law::HalfNormal { .. } => Name::HalfNormal,
        }
    }

    /// ln of the density without its norm at `t` = x/x_min, `l` = ln t.
    fn log_shape(&self, t: f64, l: f64) -> f64 {
        match *self {
            Law::Power { alpha } => -alpha * l,
            Law::Cutoff { alpha, cutoff } => -alpha * l - (t - 1.0) / cutoff,
            Law::LogNormal { mu, sigma } => -l - 0.5 * ((l - mu) / sigma) * ((l - mu) / sigma),
            Law::Exponential { scale } => -(t - 1.0) / scale,
            Law::HalfNormal { sigma } => -0.5 * (t * t - 1.0) / (sigma * sigma),
        }
    }

    /// d/dt of [`Law::log_shape`].
    fn slope(&self, t: f64) -> f64 {
        match *self {
            Law::Power { alpha } => -alpha / t,
            Law::Cutoff { alpha, cutoff } => -alpha / t - 1.0 / cutoff,
            Law::LogNormal { mu, sigma } => -(1.0 + (libm::log(t) - mu) / (sigma * sigma)) / t,
            Law::Exponential { scale } => -1.0 / scale,
            Law::HalfNormal { sigma } => -t / (sigma * sigma),
        }
    }

    /// ln ∫_t^∞ of the density without its norm.
    fn log_integral(&self, t: f64) -> f64 {
        let l = libm::log(t);
        match *self {
            Law::Power { alpha } => (1.0 - alpha) * l - libm::log(alpha - 1.0),
            Law::Cutoff { alpha, cutoff } => (1.0 - alpha) * l - (t - 1.0) / cutoff + log_tail(alpha, t / cutoff),
            Law::LogNormal { mu, sigma } => {
                libm::log(sigma) + 0.5 * libm::log(2.0 * std::f64::consts::PI) + log_upper((l - mu) / sigma)
            }
            Law::Exponential { scale } => libm::log(scale) - (t - 1.0) / scale,
            Law::HalfNormal { sigma } => {
                0.5 / (sigma * sigma)
                    + libm::log(sigma)
                    + 0.5 * libm::log(2.0 * std::f64::consts::PI)
                    + log_upper(t / sigma)
            }
        }
    }

    /// ln of the sum or integral of the shape from `t` on; whole numbers lie `1/x_min` apart.
    fn log_norm(&self, t: f64, tail: &Tail<'_>) -> f64 {
        if !tail.discrete {
            return self.log_integral(t);
        }
        let m = tail.x_min;
        if let Law::Power { alpha } = *self
            && t * m >= LARGE * alpha
        {
            return self.log_integral(t - 0.5 / m) + libm::log(m);
        }
        // The largest term is the measure of all, so that none is beyond a number.
        let peak = match *self {
            Law::LogNormal { mu, sigma } => libm::exp(mu - sigma * sigma),
            Law::Cutoff { alpha, cutoff } => -alpha * cutoff,
            _ => t,
        }
        .max(t);
        let first = self.log_shape(peak, libm::log(peak));
        let sum = sum_from(
            t * m,
            |k| libm::exp(self.log_shape(k / m, libm::log(k / m)) - first),
            |k| self.slope(k / m) / m,
            |k| libm::exp(self.log_integral(k / m) - first) * m,
        );
        first + libm::log(sum)
    }

    /// Mean log-likelihood of a tail, by its sums alone; of lengths in units of `x_min`.
    pub fn mean_log_likelihood(&self, tail: &Tail<'_>) -> f64 {
        let shape = match *self {
            Law::Power { alpha } => -alpha * tail.mean_log,
            Law::Cutoff { alpha, cutoff } => -alpha * tail.mean_log - (tail.mean - 1.0) / cutoff,
            Law::LogNormal { mu, sigma } => {
                -tail.mean_log - 0.5 * (tail.square_log - 2.0 * mu * tail.mean_log + mu * mu) / (sigma * sigma)
            }
            Law::Exponential { scale } => -(tail.mean - 1.0) / scale,
            Law::HalfNormal { sigma } => -0.5 * (tail.square - 1.0) / (sigma * sigma),
        };
        shape - self.log_norm(1.0, tail)
    }

    /// Log-likelihood of each size.
    pub fn log_likelihoods(&self, tail: &Tail<'_>) -> Vec<f64> {
        let norm = self.log_norm(1.0, tail);
        let log_min = libm::log(tail.x_min);
        tail.values.iter().zip(tail.logs).map(|(v, l)| self.log_shape(v / tail.x_min, l - log_min) - norm).collect()
    }

    /// Probability of a size of at least `x`.
    pub fn survival(&self, x: f64, tail: &Tail<'_>) -> f64 {
        let t = x / tail.x_min;
        libm::exp(self.log_norm(t, tail) - self.log_norm(1.0, tail)).min(1.0)
    }

    /// Probability of a size below `x`, given x and ln(x/x_min); what is the same for all sizes is computed once.
    pub(super) fn share<'a>(&'a self, tail: &'a Tail<'_>) -> impl Fn(f64, f64) -> f64 + 'a {
        let norm = self.log_norm(1.0, tail);
        move |x, log| match *self {
            Law::Power { alpha } if !tail.discrete => -libm::expm1(-(alpha - 1.0) * log),
            _ => -libm::expm1((self.log_norm(x / tail.x_min, tail) - norm).min(0.0)),
        }
    }

    /// The law of that name with the highest likelihood.
    ///
    /// `None` where the tail is too uniform to have one: all sizes equal.
    pub fn fit(name: Name, tail: &Tail<'_>) -> Option<Law> {
        if !(tail.mean_log > 0.0) || tail.values.first() == tail.values.last() {
            return None;
        }
        let best = |law: &dyn Fn(f64) -> Law, low: f64, high: f64| {
            let p = maximum(low, high, &|p| law(p).mean_log_likelihood(tail));
            law(p)
        };
        Some(match name {
            Name::Power if !tail.discrete => Law::Power { alpha: 1.0 + 1.0 / tail.mean_log },
            Name::Power => {
                let far = 1.0 + 1.0 / (tail.mean_log - libm::log1p(-0.5 / tail.x_min));
                if tail.x_min >= LARGE * far {
                    return Some(Law::Power { alpha: far });
                }
                // The continuous law's exponent is the start; of mostly equal numbers it is far too high.
                let start = libm::log(1.0 / tail.mean_log);
                best(&|p| Law::Power { alpha: 1.0 + libm::exp(p) }, start - 8.0, start + 4.0)
            }
            Name::Exponential if !tail.discrete => Law::Exponential { scale: tail.mean - 1.0 },
            Name::Exponential => {
                // The geometric law: e^{−1/scale} a step, in steps of 1/x_min.
                let mean_steps = (tail.mean - 1.0) * tail.x_min;
                Law::Exponential { scale: 1.0 / (libm::log1p(1.0 / mean_steps) * tail.x_min) }
            }
            Name::HalfNormal => {
                let start = 0.5 * libm::log(tail.square);
                best(&|p| Law::HalfNormal { sigma: libm::exp(p) }, start - 14.0, start + 2.0)
            }
            Name::Cutoff => {
                let power = Law::fit(Name::Power, tail)?;
                let Law::Power { alpha: power_alpha } = power else { return None };
                // For each cut-off the best exponent; the likelihood is concave in both (an exponential family in α and
                // 1/cutoff).
                let inner = |log_cutoff: f64| {
                    let cutoff = libm::exp(log_cutoff);
                    let law = |alpha: f64| Law::Cutoff { alpha, cutoff };
                    law(maximum(-100.0, power_alpha + 1.0, &|a| law(a).mean_log_likelihood(tail)))
                };
                let high = libm::log(tail.values.last().copied().unwrap_or(1.0) / tail.x_min);
                let p = maximum(libm::log((tail.mean - 1.0).max(1e-6)) - 2.0, high + 6.0, &|p| {
                    inner(p).mean_log_likelihood(tail)
                });
                // The power law is the case of no cut-off: never less likely.
                let (found, none) = (inner(p), Law::Cutoff { alpha: power_alpha, cutoff: 1e12 });
                if found.mean_log_likelihood(tail) > power.mean_log_likelihood(tail) { found } else { none }
            }
            Name::LogNormal => {
                // For each σ the best μ. A σ beyond 8 is a power law in all but name.
                let inner = |log_sigma: f64| {
                    let sigma = libm::exp(log_sigma);
                    let law = |mu: f64| Law::LogNormal { mu, sigma };
                    law(maximum(-8.0 * sigma * sigma - 4.0, tail.mean_log + 1.0, &|m| law(m).mean_log_likelihood(tail)))
                };
                let spread = (tail.square_log - tail.mean_log * tail.mean_log).max(1e-12).sqrt();
                inner(maximum(libm::log(spread) - 1.0, libm::log(8.0), &|p| inner(p).mean_log_likelihood(tail)))
            }
        })
    }
}

/// Where a function of one maximum has it, by golden sections.
fn maximum(low: f64, high: f64, f: &dyn Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut a, mut b) = (low, high.max(low));
    let (mut c, mut d) = (b - GOLDEN * (b - a), a + GOLDEN * (b - a));
    let (mut fc, mut fd) = (f(c), f(d));
    while (b - a) > 1e-7 * (1.0 + a.abs() + b.abs()) {
        if fc >= fd || fd.is_nan() {
            (b, d, fd) = (d, c, fc);
            c = b - GOLDEN * (b - a);
            fc = f(c);
        } else {
            (a, c, fc) = (c, d, fd);
            d = a + GOLDEN * (b - a);
            fd = f(d);
        }
    }
    0.5 * (a + b)
}
