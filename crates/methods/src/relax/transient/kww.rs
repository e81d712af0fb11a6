//! One stretched exponential.

use super::Transient;
use crate::num::separable::{Separable, Solution};
use crate::num::student::student;
use crate::relax::model::kww::decay;
use crate::relax::processes::{Bracket, NoFit};

/// When the decay began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ZeroTime {
    /// So long before the time 0 of the data, s.
    Given(f64),
    /// Fitted.
    Free,
}

/// `B + A exp[−((t + t₀)/τ)^β]`.
#[derive(Clone, Debug, PartialEq)]
pub struct StretchedExponential {
    /// A.
    pub amplitude: Bracket,
    /// B.
    pub baseline: Option<Bracket>,
    /// A/(A + B), the part that relaxes; 1 without a baseline.
    pub relaxed: Bracket,
    /// τ, s.
    pub tau: Bracket,
    /// β.
    pub beta: Bracket,
    /// t₀, s.
    pub zero: Bracket,
    /// Root mean square of the residuals.
    pub residual: f64,
    /// Sum of the squares of the weighted residuals.
    pub squares: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// Fitted values.
    pub curve: Vec<f64>,
    /// Parameters at the end of what was sought.
    pub at_bound: Vec<&'static str>,
}

/// Smallest and largest β.
pub(super) const BETA: [f64; 2] = [0.05, 1.5];

/// Parts that relax which are sought; one above 1 has a level below 0.
const SHARE: [f64; 2] = [0.0, 2.0];

fn starts(t: &[f64], more: &[f64]) -> Vec<Vec<f64>> {
    let (a, b) = (libm::log(t[0]), libm::log(t[t.len() - 1]));
    let times = (0..10).map(|i| a + (b - a) * (f64::from(i) + 0.5) / 10.0);
    times.flat_map(|x| [0.35, 0.6, 0.9].map(|beta| [vec![x, beta], more.to_vec()].concat())).collect()
}

pub(super) fn bounds(t: &[f64]) -> [[f64; 2]; 2] {
    [[libm::log(t[0] / 30.0), libm::log(30.0 * t[t.len() - 1])], BETA]
}

pub(super) fn zero_bounds(t: &[f64]) -> [f64; 2] {
    [-t[0], t[t.len() / 4]]
}

pub(super) fn stretched(t: &[f64], zero: f64, log_tau: f64, beta: f64) -> Vec<f64> {
    let tau = libm::exp(log_tau);
    t.iter().map(|t| decay((t + zero).max(0.0) / tau, beta)).collect()
}

/// Derivatives of a stretched exponential of unit size by ln τ, β and t₀.
pub(super) fn tangents(t: &[f64], zero: f64, tau: f64, beta: f64) -> [Vec<f64>; 3] {
    let at = |f: &dyn Fn(f64, f64, f64) -> f64| {
        let row = |t: &f64| {
            let later = (t + zero).max(1e-9 * tau);
            let x = libm::pow(later / tau, beta);
            f(x, libm::exp(-x), later)
        };
        t.iter().map(row).collect::<Vec<f64>>()
    };
    [
        at(&|x, phi, _| beta * x * phi),
        at(&|x, phi, later| -x * libm::log(later / tau) * phi),
        at(&|x, phi, later| -beta * x / later * phi),
    ]
}

impl Transient {
    /// Fits a stretched exponential, on a baseline if asked for.
    ///
    /// # Errors
    /// [`NoFit`] where the points do not determine it.
    pub fn kww(&self, baseline: bool, zero: ZeroTime) -> Result<StretchedExponential, NoFit> {
        let more: &[f64] = if zero == ZeroTime::Free { &[0.0] } else { &[] };
        self.kww_from(baseline, zero, &starts(&self.time, more), true)
    }

    /// The same from where another ended, without intervals.
    ///
    /// # Errors
    /// [`NoFit`] where the points do not determine it.
    pub fn kww_near(
        &self,
        of: &StretchedExponential,
        baseline: bool,
        zero: ZeroTime,
    ) -> Result<StretchedExponential, NoFit> {
        let mut start = vec![libm::log(of.tau.0), of.beta.0];
        start.extend((zero == ZeroTime::Free).then_some(of.zero.0));
        self.kww_from(baseline, zero, &[start], false)
    }

    fn kww_from(
        &self,
        baseline: bool,
        zero: ZeroTime,
        starts: &[Vec<f64>],
        profiled: bool,
    ) -> Result<StretchedExponential, NoFit> {
        let t = &self.time;
        let mut limits = bounds(t).to_vec();
        limits.extend((zero == ZeroTime::Free).then(|| zero_bounds(t)));
        let columns = |p: &[f64]| {
            let shift = match zero {
                ZeroTime::Given(v) => v,
                ZeroTime::Free => p[2],
            };
            let mut out = vec![stretched(t, shift, p[0], p[1])];
            if baseline {
                out.push(vec![1.0; t.len()]);
            }
            out.iter().map(|c| self.weighted(c)).collect()
        };
        let data = self.weighted(&self.value);
        let s = Separable { data: &data, columns, bounds: &limits };
        let f = self.sure(s.solve(starts).map_err(|e| NoFit(e.to_string()))?);
        let q = student(f.certainty);
        let linear = |i: usize| (f.linear[i], [f.linear[i] - q * f.error(i), f.linear[i] + q * f.error(i)]);
        let profile = |i: usize| if profiled { s.profile(&f, i) } else { [f.sought[i]; 2] };
        let relaxed = match baseline {
            true => {
                let share = f.linear[0] / (f.linear[0] + f.linear[1]);
                let ends = if profiled { self.share(zero, &f, share) } else { [share; 2] };
                (share, ends)
            }
            false => (1.0, [1.0; 2]),
        };
        let zero = match zero {
            ZeroTime::Given(v) => (v, [v; 2]),
            ZeroTime::Free => (f.sought[2], profile(2)),
        };
        let names = ["kww_tau", "kww_beta", "zero_time"];
        Ok(StretchedExponential {
            amplitude: linear(0),
            baseline: baseline.then(|| linear(1)),
            relaxed,
            tau: (libm::exp(f.sought[0]), profile(0).map(libm::exp)),
            beta: (f.sought[1], profile(1)),
            zero,
            residual: (f.chi2 / t.len() as f64).sqrt(),
            squares: f.chi2,
            freedom: f.freedom,
            curve: self.fitted(&f.rest),
            at_bound: names.into_iter().zip(&f.at_bound).filter(|n| *n.1).map(|n| n.0).collect(),
        })
    }

    /// Interval of the part that relaxes: the profile of a fit that has it among its parameters.
    fn share(&self, zero: ZeroTime, of: &Solution, share: f64) -> [f64; 2] {
        let t = &self.time;
        let free = of.sought.len();
        let mut limits = bounds(t).to_vec();
        limits.extend((zero == ZeroTime::Free).then(|| zero_bounds(t)));
        limits.push(SHARE);
        let columns = |p: &[f64]| {
            let shift = match zero {
                ZeroTime::Given(v) => v,
                ZeroTime::Free => p[2],
            };
            let s = p[free];
            let whole: Vec<f64> = stretched(t, shift, p[0], p[1]).iter().map(|phi| s * phi + 1.0 - s).collect();
            vec![self.weighted(&whole)]
        };
        let data = self.weighted(&self.value);
        let s = Separable { data: &data, columns, bounds: &limits };
        let start = [of.sought.clone(), vec![share.clamp(SHARE[0], SHARE[1])]].concat();
        match s.solve(&[start]) {
            Ok(f) => {
                let [low, high] = s.profile(&self.sure(f), free);
                [low.min(share), high.max(share)]
            }
            Err(_) => [f64::NAN; 2],
        }
    }

    /// The size of noise whose memory was estimated is known less well.
    pub(super) fn sure(&self, f: Solution) -> Solution {
        Solution { certainty: self.noise.certainty(f.freedom), ..f }
    }

    /// Derivatives of a fit by its parameters, at times that need not be those of the fit.
    pub fn tangents(&self, of: &StretchedExponential, zero: ZeroTime) -> Vec<Vec<f64>> {
        let t = &self.time;
        let [by_tau, by_beta, by_zero] = tangents(t, of.zero.0, of.tau.0, of.beta.0);
        let mut out = vec![stretched(t, of.zero.0, libm::log(of.tau.0), of.beta.0), by_tau, by_beta];
        out.extend((zero == ZeroTime::Free).then_some(by_zero));
        out.extend(of.baseline.map(|_| vec![1.0; t.len()]));
        out
    }

    /// How far τ moves, relative, when time zero is half of the first interval earlier or later (METHODS §14).
    pub fn sensitivity(&self, of: &StretchedExponential, baseline: bool) -> f64 {
        let half = 0.5 * (self.time[1] - self.time[0]).min(self.time[0]);
        let moved = |shift: f64| {
            let f = self.kww_near(of, baseline, ZeroTime::Given(of.zero.0 + shift)).ok()?;
            Some((f.tau.0 / of.tau.0 - 1.0).abs())
        };
        [half, -half].into_iter().filter_map(moved).fold(0.0, f64::max)
    }
}
