//! Fractal order: what counts on many scales say of a dimension, and whether there is one (METHODS §7, §13).

pub mod moments;

use crate::num::linear::line;

/// Counts N(ε) on rising scales; both positive.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    /// Sizes of boxes, or radii.
    pub sizes: Vec<f64>,
    /// What was counted.
    pub counts: Vec<f64>,
    /// What could have been counted at most: where it is reached, the set looks compact.
    pub most: Vec<f64>,
    /// 1 for what rises with the size (mass), −1 for what falls (boxes).
    pub sign: f64,
    /// Dimension of the space.
    pub space: f64,
}

/// A straight line ln N = ln n₀ ± D ln ε over some of the sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// First and last index of the sizes.
    pub range: [usize; 2],
    /// The dimension.
    pub d: f64,
    /// Count at size 1.
    pub n0: f64,
    /// Coefficient of determination; no evidence of anything, since all scales see the same voxels.
    pub r2: f64,
}

/// How far local slopes may lie from the middle of theirs.
pub const TOLERANCE: f64 = 0.1;
/// Ratio of sizes over which they must hold.
pub const DECADE: f64 = 10.0;

impl Counts {
    /// Local dimension at each size but the last: over the sizes up to twice it, at least to the next one.
    pub fn slopes(&self) -> Vec<f64> {
        let n = self.sizes.len();
        (0..n.saturating_sub(1)).map(|i| self.dimension(i, self.window(i))).collect()
    }

    /// The last size that a local slope at `i` takes in.
    fn window(&self, i: usize) -> usize {
        let last = self.sizes.iter().rposition(|s| *s <= 2.0 * self.sizes[i] * (1.0 + 1e-9)).unwrap_or(i);
        last.max(i + 1).min(self.sizes.len() - 1)
    }

    fn dimension(&self, from: usize, to: usize) -> f64 {
        self.over([from, to]).map_or(f64::NAN, |s| s.d)
    }

    /// The line through the sizes of a range; `None` of fewer than two.
    pub fn over(&self, range: [usize; 2]) -> Option<Scaling> {
        let [from, to] = range;
        if to >= self.sizes.len() || from >= to {
            return None;
        }
        let x: Vec<f64> = self.sizes[from..=to].iter().map(|s| libm::log(*s)).collect();
        let y: Vec<f64> = self.counts[from..=to].iter().map(|n| libm::log(*n)).collect();
        let fit = line(&x, &y)?;
        Some(Scaling { range, d: self.sign * fit.slope, n0: libm::exp(fit.intercept), r2: fit.r2 })
    }

    /// The widest range of at least a decade over which every local slope lies within [`TOLERANCE`] of the middle of them,
    /// where not everything is counted and the slope is neither that of space itself, where the set is compact, nor none.
    pub fn plateau(&self) -> Option<Scaling> {
        let slopes = self.slopes();
        let open = |k: usize| self.counts[k] < self.most[k];
        let mut best: Option<(f64, [usize; 2])> = None;
        for from in 0..slopes.len() {
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for (i, slope) in slopes.iter().enumerate().skip(from) {
                let to = self.window(i);
                (low, high) = (low.min(*slope), high.max(*slope));
                if high - low > 2.0 * TOLERANCE || !slope.is_finite() || !(from..=to).all(open) {
                    break;
                }
                let ratio = self.sizes[to] / self.sizes[from];
                if ratio >= DECADE * (1.0 - 1e-9) && best.is_none_or(|b| ratio > b.0 * (1.0 + 1e-9)) {
                    best = Some((ratio, [from, to]));
                }
            }
        }
        self.over(best?.1).filter(|s| s.d < self.space - TOLERANCE && s.d > TOLERANCE)
    }

    /// The size beyond which the set is compact, N ∝ ε^{−d}, where two slopes describe the counts better than one: the
    /// break that leaves the least squares. `None` where fewer than two sizes lie beyond it.
    pub fn crossover(&self) -> Option<f64> {
        let x: Vec<f64> = self.sizes.iter().map(|s| libm::log(*s)).collect();
        let y: Vec<f64> = self.counts.iter().map(|n| libm::log(*n)).collect();
        let n = x.len();
        if n < 5 {
            return None;
        }
        let single = line(&x, &y)?.chi2;
        // Beyond the break the slope is that of space: taken off, what is left is a line that ends in a level.
        let level: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y - self.sign * self.space * x).collect();
        let (first, last) = (x[1], x[n - 2]);
        const STEPS: usize = 400;
        let tried = (0..=STEPS).filter_map(|k| {
            let at = first + (last - first) * k as f64 / STEPS as f64;
            let bent: Vec<f64> = x.iter().map(|x| (x - at).min(0.0)).collect();
            line(&bent, &level).map(|f| (f.chi2, at))
        });
        let (chi2, at) = tried.min_by(|a, b| a.0.total_cmp(&b.0))?;
        let beyond = x.iter().filter(|x| **x > at).count();
        // One parameter more has to halve the squares at least (F of 1 and n − 3 above 8 for n = 11).
        (beyond >= 2 && chi2 < 0.5 * single).then(|| libm::exp(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(sizes: &[f64], n: impl Fn(f64) -> f64, space: f64) -> Counts {
        Counts {
            sizes: sizes.to_vec(),
            counts: sizes.iter().map(|s| n(*s)).collect(),
            most: vec![f64::INFINITY; sizes.len()],
            sign: -1.0,
            space,
        }
    }

    const DYADIC: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

    #[test]
    fn a_power_law_is_a_plateau_and_a_bend_is_none() {
        let c = counts(&DYADIC, |s| 1e6 * libm::pow(s, -2.5), 3.0);
        let p = c.plateau().unwrap();
        assert!((p.d - 2.5).abs() < 1e-12 && p.range == [0, 7] && (p.n0 / 1e6 - 1.0).abs() < 1e-9);
        assert!(c.slopes().iter().all(|s| (s - 2.5).abs() < 1e-12));
        // Slopes from 2.8 to 1.8 and back to 3, as a level set of a field has them.
        let slopes = [2.8, 2.5, 2.1, 1.9, 2.2, 2.7, 3.0];
        let mut n = vec![1e7];
        for s in slopes {
            n.push(n[n.len() - 1] * libm::pow(2.0, -s));
        }
        let c = Counts { counts: n, ..c };
        assert!(c.plateau().is_none());
        // A compact set has the slope of space, and says nothing of fractals.
        assert!(counts(&DYADIC, |s| 1e7 * libm::pow(s, -3.0), 3.0).plateau().is_none());
        // Three octaves are less than a decade.
        assert!(counts(&DYADIC[..4], |s| 1e6 * libm::pow(s, -2.5), 3.0).plateau().is_none());
    }

    #[test]
    fn the_break_between_fractal_and_compact() {
        let law = |s: f64| if s < 24.0 { libm::pow(s / 24.0, -2.2) } else { libm::pow(s / 24.0, -3.0) };
        let c = counts(&DYADIC, |s| 1e3 * law(s), 3.0);
        assert!((c.crossover().unwrap() / 24.0 - 1.0).abs() < 0.01, "{:?}", c.crossover());
        assert!(counts(&DYADIC, |s| 1e6 * libm::pow(s, -2.5), 3.0).crossover().is_none());
    }

    #[test]
    fn where_all_boxes_are_taken_nothing_is_learnt() {
        let mut c = counts(&DYADIC, |s| 1e6 * libm::pow(s, -2.5), 3.0);
        c.most = c.counts.iter().enumerate().map(|(i, n)| if i < 3 { *n } else { 2.0 * n }).collect();
        assert_eq!(c.plateau().unwrap().range, [3, 7]);
    }
}
