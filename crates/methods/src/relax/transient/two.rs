//! Two stretched exponentials at once.

use super::Transient;
use super::kww::{ZeroTime, bounds, stretched, tangents, zero_bounds};
use crate::num::separable::Separable;
use crate::relax::processes::Bracket;

/// A decay `V {s φ₁ + (1 − s)[(1 − c) φ₂ + c]}` or a rise `B − A [s φ₁ + (1 − s) φ₂]` of φ = exp[−((t + t₀)/τ)^β], neither
/// part of it negative.
#[derive(Clone, Debug, PartialEq)]
pub struct TwoSteps {
    /// s, the share of the faster.
    pub share: Bracket,
    /// τ₁ < τ₂, s.
    pub tau: [Bracket; 2],
    /// Fitted values.
    pub curve: Vec<f64>,
    /// The faster alone, and what is left of the curve.
    pub parts: [Vec<f64>; 2],
    /// Sum of the squares of the weighted residuals.
    pub squares: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// Whether a time or the share lies at the end of what was sought.
    pub at_bound: bool,
    /// What was sought.
    pub sought: Vec<f64>,
}

/// How two steps are sought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoStepModel {
    /// Whether the value falls.
    pub falls: bool,
    /// Whether a part of what falls may stay.
    pub baseline: bool,
    /// When the load was applied.
    pub zero: ZeroTime,
}

/// Values of a model by its parts.
struct Parts {
    fast: Vec<f64>,
    slow: Vec<f64>,
    share: f64,
    level: f64,
    zero: f64,
}

impl TwoStepModel {
    /// Of ln τ₁, β₁, ln τ₂, β₂, s, then c and t₀ where they are sought.
    fn bounds(&self, t: &[f64]) -> Vec<[f64; 2]> {
        let [log_tau, beta] = bounds(t);
        let mut out = vec![log_tau, beta, log_tau, beta, [0.0, 1.0]];
        out.extend(self.levelled().then_some([0.0, 1.0]));
        out.extend((self.zero == ZeroTime::Free).then(|| zero_bounds(t)));
        out
    }

    fn levelled(&self) -> bool {
        self.falls && self.baseline
    }

    fn starts(&self, near: &[[f64; 2]]) -> Vec<Vec<f64>> {
        const SHAPES: [[f64; 2]; 4] = [[0.5, 0.4], [0.9, 0.4], [0.9, 0.8], [0.5, 0.7]];
        let mut out = Vec::new();
        for [a, b] in near {
            for [x, y] in SHAPES {
                for share in [0.05, 0.3] {
                    let mut p = vec![libm::log(*a), x, libm::log(*b), y, share];
                    p.extend(self.levelled().then_some(0.05));
                    p.extend((self.zero == ZeroTime::Free).then_some(0.0));
                    out.push(p);
                }
            }
        }
        out
    }

    fn parts(&self, t: &[f64], p: &[f64]) -> Parts {
        let zero = match self.zero {
            ZeroTime::Given(v) => v,
            ZeroTime::Free => p[p.len() - 1],
        };
        Parts {
            fast: stretched(t, zero, p[0], p[1]),
            slow: stretched(t, zero, p[2], p[3]),
            share: p[4],
            level: if self.levelled() { p[5] } else { 0.0 },
            zero,
        }
    }

    /// Columns of the linear parameters: V, or A and B.
    fn columns(&self, t: &[f64], p: &[f64]) -> Vec<Vec<f64>> {
        let Parts { fast, slow, share, level, .. } = self.parts(t, p);
        let sum = |(f, s): (&f64, &f64)| share * f + (1.0 - share) * ((1.0 - level) * s + level);
        let mut out = vec![fast.iter().zip(&slow).map(sum).collect()];
        if !self.falls {
            out.push(vec![1.0; t.len()]);
        }
        out
    }

    /// Derivatives of the columns by all parameters, at any times.
    pub fn tangents(&self, t: &[f64], p: &[f64]) -> Vec<Vec<f64>> {
        let Parts { fast, slow, share, level, zero } = self.parts(t, p);
        let mut out = self.columns(t, p);
        let [tau, beta, later] = tangents(t, zero, libm::exp(p[0]), p[1]);
        let [slow_tau, slow_beta, slow_later] = tangents(t, zero, libm::exp(p[2]), p[3]);
        out.extend([tau, beta, slow_tau, slow_beta]);
        out.push(fast.iter().zip(&slow).map(|(f, s)| f - (1.0 - level) * s - level).collect());
        if self.levelled() {
            out.push(slow.iter().map(|s| 1.0 - s).collect());
        }
        if self.zero == ZeroTime::Free {
            let (a, b) = (share, (1.0 - share) * (1.0 - level));
            out.push(later.iter().zip(&slow_later).map(|(x, y)| a * x + b * y).collect());
        }
        out
    }

    /// The best fit from pairs of times, or from what another sought; `None` where there is none. Intervals by profiles, or
    /// none.
    pub fn fit(&self, d: &Transient, starts: &TwoStepStarts<'_>, profiled: bool) -> Option<TwoSteps> {
        let t = &d.time;
        let limits = self.bounds(t);
        let data = d.weighted(&d.value);
        let columns = |p: &[f64]| self.columns(t, p).iter().map(|c| d.weighted(c)).collect();
        let s = Separable { data: &data, columns, bounds: &limits };
        let starts = match starts {
            TwoStepStarts::Times(near) => self.starts(near),
            TwoStepStarts::Near(sought) => vec![sought.to_vec()],
        };
        let f = d.sure(s.solve(&starts).ok()?);
        if (f.linear[0] > 0.0) != self.falls {
            return None;
        }
        let (fast, slow) = if f.sought[0] <= f.sought[2] { (0, 2) } else { (2, 0) };
        let ends = |k: usize| if profiled { s.profile(&f, k) } else { [f.sought[k]; 2] };
        let tau = |k: usize| (libm::exp(f.sought[k]), ends(k).map(libm::exp));
        let parts = self.parts(t, &f.sought);
        let size = f.linear[0] * (1.0 - parts.level);
        let curve = d.fitted(&f.rest);
        // With the faster written second, s is the share of the slower and of what stays.
        let (share, own) = match fast {
            0 => ((f.sought[4], ends(4).map(|v| v.clamp(0.0, 1.0))), (f.linear[0] * parts.share, &parts.fast)),
            _ => {
                let [a, b] = ends(4).map(|v| (1.0 - v).clamp(0.0, 1.0) * (1.0 - parts.level));
                let share = (1.0 - f.sought[4]) * (1.0 - parts.level);
                ((share, [b, a]), (size * (1.0 - parts.share), &parts.slow))
            }
        };
        let faster: Vec<f64> = own.1.iter().map(|v| own.0 * v).collect();
        let rest = curve.iter().zip(&faster).map(|(c, v)| c - v).collect();
        Some(TwoSteps {
            share,
            tau: [tau(fast), tau(slow)],
            curve,
            parts: [faster, rest],
            squares: f.chi2,
            freedom: f.freedom,
            at_bound: f.at_bound[0] || f.at_bound[2] || f.at_bound[4],
            sought: f.sought.clone(),
        })
    }
}

/// Where a fit of two steps begins.
#[derive(Clone, Copy, Debug)]
pub enum TwoStepStarts<'a> {
    /// At pairs of times, s.
    Times(&'a [[f64; 2]]),
    /// Where another ended.
    Near(&'a [f64]),
}
