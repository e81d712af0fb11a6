//! Least squares of models in which some parameters enter linearly: those are eliminated at every step (Golub & Pereyra
//! 1973, doi:10.1137/0710036), the others sought within bounds from several starts.

use super::student::student;
use nalgebra::DMatrix;

use super::fit::{FitError, Parameter, least_squares};
use super::linear::solve_spd;
use super::sum::dot;

/// Data and the columns that parameters make; both already divided by the error of each point.
pub struct Separable<'a, F> {
    /// Data.
    pub data: &'a [f64],
    /// Columns of the linear parameters for given others.
    pub columns: F,
    /// Bounds of the parameters that are sought.
    pub bounds: &'a [[f64; 2]],
}

/// Errors below this part of a parameter are rounding.
const EXACT: f64 = 1e-9;
/// Widenings of an interval before its end counts as open.
const ROUNDS: usize = 40;

/// A fit.
#[derive(Clone, Debug)]
pub struct Solution {
    /// Linear parameters.
    pub linear: Vec<f64>,
    /// Parameters that were sought.
    pub sought: Vec<f64>,
    /// Residuals.
    pub rest: Vec<f64>,
    /// Sum of their squares.
    pub chi2: f64,
    /// Covariance, linear parameters first, row by row: from the scatter of the residuals.
    pub covariance: Vec<f64>,
    /// Points less parameters.
    pub freedom: f64,
    /// Degrees of freedom with which the size of the noise is known: `freedom`, or fewer where its memory was estimated.
    pub certainty: f64,
    /// Whether each sought parameter lies at an end of its bounds.
    pub at_bound: Vec<bool>,
}

impl Solution {
    /// Standard error of a parameter, linear ones first; not a number where the data do not determine it.
    pub fn error(&self, i: usize) -> f64 {
        let m = self.linear.len() + self.sought.len();
        let variance = self.covariance[i * m + i];
        if variance < 0.0 { 0.0 } else { variance.sqrt() }
    }

    /// −2 ln L + 2p corrected for few points (Hurvich & Tsai 1989, doi:10.1093/biomet/76.2.297), the noise one of p.
    pub fn aicc(&self) -> f64 {
        let n = self.rest.len() as f64;
        let p = n - self.freedom + 1.0;
        n * libm::log(self.chi2 / n) + 2.0 * p + 2.0 * p * (p + 1.0) / (n - p - 1.0)
    }
}

/// Weights of columns and what remains of the data; `None` where the columns cannot be told apart.
pub fn project(columns: &[Vec<f64>], data: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
    let m = columns.len();
    // In units of their own length, so that large and small columns are solved for alike.
    let sizes: Vec<f64> = columns.iter().map(|c| dot(c, c).sqrt()).collect();
    let normal: Vec<f64> =
        (0..m * m).map(|i| dot(&columns[i / m], &columns[i % m]) / (sizes[i / m] * sizes[i % m])).collect();
    let right: Vec<f64> = columns.iter().zip(&sizes).map(|(c, s)| dot(c, data) / s).collect();
    let weights = if m == 1 { right } else { solve_spd(&normal, &right)? };
    let weights: Vec<f64> = weights.iter().zip(&sizes).map(|(w, s)| w / s).collect();
    if weights.iter().any(|w| !w.is_finite()) {
        return None;
    }
    let mut rest = data.to_vec();
    for (w, c) in weights.iter().zip(columns) {
        rest.iter_mut().zip(c).for_each(|(r, v)| *r -= w * v);
    }
    Some((weights, rest))
}

impl<F: Fn(&[f64]) -> Vec<Vec<f64>>> Separable<'_, F> {
    /// Sum of squares of the best linear parameters.
    pub fn squares(&self, sought: &[f64]) -> f64 {
        project(&(self.columns)(sought), self.data).map_or(f64::INFINITY, |(_, rest)| dot(&rest, &rest))
    }

    /// The best fit from the two best of the starts.
    ///
    /// # Errors
    /// [`FitError`] where there are too few points or no start leads anywhere.
    pub fn solve(&self, starts: &[Vec<f64>]) -> Result<Solution, FitError> {
        let mut scored: Vec<(f64, &Vec<f64>)> = starts.iter().map(|s| (self.squares(s), s)).collect();
        scored.sort_by(|a, b| a.0.total_cmp(&b.0));
        let taken = scored.iter().take_while(|s| s.0.is_finite()).take(2);
        let found: Vec<Result<Vec<f64>, FitError>> = taken.map(|s| self.descend(s.1, None)).collect();
        let mut best: Option<(f64, Vec<f64>)> = None;
        let mut failure = FitError("no start fits".into());
        for f in found {
            match f {
                Ok(p) => {
                    let chi2 = self.squares(&p);
                    if best.as_ref().is_none_or(|b| chi2 < b.0) {
                        best = Some((chi2, p));
                    }
                }
                Err(e) => failure = e,
            }
        }
        let (_, sought) = best.ok_or(failure)?;
        self.finish(sought)
    }

    /// Levenberg–Marquardt over what is sought; `held` keeps one of the parameters.
    fn descend(&self, start: &[f64], held: Option<usize>) -> Result<Vec<f64>, FitError> {
        let free: Vec<usize> = (0..start.len()).filter(|i| Some(*i) != held).collect();
        if free.is_empty() {
            return Ok(start.to_vec());
        }
        let parameters: Vec<Parameter> =
            free.iter().map(|i| Parameter::new(start[*i], self.bounds[*i][0], self.bounds[*i][1])).collect();
        let whole = |p: &[f64]| {
            let mut out = start.to_vec();
            free.iter().zip(p).for_each(|(i, v)| out[*i] = *v);
            out
        };
        let fit = least_squares(&parameters, self.data.len(), |p, out| {
            match project(&(self.columns)(&whole(p)), self.data) {
                Some((_, rest)) => out.copy_from_slice(&rest),
                None => out.copy_from_slice(self.data),
            }
        })?;
        Ok(whole(&fit.parameters))
    }

    fn finish(&self, sought: Vec<f64>) -> Result<Solution, FitError> {
        let columns = (self.columns)(&sought);
        let n = self.data.len();
        let (linear, rest) =
            project(&columns, self.data).ok_or_else(|| FitError("its parameters cannot be told apart".into()))?;
        let m = linear.len() + sought.len();
        if n <= m {
            return Err(FitError(format!("{n} points do not determine {m} parameters")));
        }
        let mut jacobian = columns;
        for k in 0..sought.len() {
            let step = 1e-5 * sought[k].abs().max(1e-2);
            let moved = |sign: f64| {
                let mut s = sought.clone();
                s[k] += sign * step;
                (self.columns)(&s)
            };
            let (up, down) = (moved(1.0), moved(-1.0));
            let mut column = vec![0.0; n];
            for (w, (u, d)) in linear.iter().zip(up.iter().zip(&down)) {
                column.iter_mut().zip(u.iter().zip(d)).for_each(|(c, (u, d))| *c += w * (u - d) / (2.0 * step));
            }
            jacobian.push(column);
        }
        let at_bound: Vec<bool> = sought
            .iter()
            .zip(self.bounds)
            .map(|(v, [low, high])| {
                let near = 1e-6 * (high - low);
                *v < low + near || *v > high - near
            })
            .collect();
        let chi2 = dot(&rest, &rest);
        let freedom = (n - m) as f64;
        let size: Vec<f64> = jacobian.iter().map(|c| dot(c, c).sqrt().max(f64::MIN_POSITIVE)).collect();
        let normal = DMatrix::from_fn(m, m, |a, b| dot(&jacobian[a], &jacobian[b]) / (size[a] * size[b]));
        // A parameter at its bound has no error of its own; what is left must still be invertible.
        let inverse = normal.cholesky().map(|c| c.inverse());
        let covariance = match inverse {
            Some(v) => (0..m * m).map(|i| v[(i / m, i % m)] / (size[i / m] * size[i % m]) * chi2 / freedom).collect(),
            None => vec![f64::NAN; m * m],
        };
        Ok(Solution { linear, sought, rest, chi2, covariance, freedom, certainty: freedom, at_bound })
    }

    /// 95 % interval of a sought parameter by its profile: where the least sum of squares with that parameter held exceeds
    /// the minimum by what Student's t allows. An end that lies beyond the bounds is infinite.
    pub fn profile(&self, best: &Solution, index: usize) -> [f64; 2] {
        let limit = best.chi2 * (1.0 + student(best.certainty).powi(2) / best.freedom);
        let error = best.error(best.linear.len() + index);
        // Data without noise have no width: the estimate is its own interval.
        let width = best.sought[index].abs().max(1.0);
        if error < EXACT * width {
            return [best.sought[index]; 2];
        }
        let step = if error.is_finite() { 2.0 * error } else { 0.1 * width };
        [-1.0, 1.0].map(|sign| self.end(best, index, sign * step, limit))
    }

    fn end(&self, best: &Solution, index: usize, step: f64, limit: f64) -> f64 {
        let at = best.sought[index];
        let bound = self.bounds[index][usize::from(step > 0.0)];
        let mut from = best.sought.clone();
        let mut excess = |value: f64| {
            let mut start = from.clone();
            start[index] = value;
            let Ok(p) = self.descend(&start, Some(index)) else { return f64::NAN };
            let chi2 = self.squares(&p);
            from = p;
            chi2 - limit
        };
        let (mut inside, mut outside) = (at, at + step);
        let mut below = best.chi2 - limit;
        let mut above = f64::NAN;
        for round in 0..=ROUNDS {
            let beyond = if step > 0.0 { outside >= bound } else { outside <= bound };
            if beyond {
                outside = bound;
            }
            above = excess(outside);
            if above > 0.0 {
                break;
            }
            if beyond || above.is_nan() || round == ROUNDS {
                return if step > 0.0 { f64::INFINITY } else { f64::NEG_INFINITY };
            }
            (inside, below) = (outside, above);
            outside = at + (outside - at) * 1.7;
        }
        // The square root of the excess is nearly straight: a few false positions on it suffice.
        let low = best.chi2 - limit;
        let root = |v: f64| (v - low).max(0.0).sqrt() - (-low).sqrt();
        for _ in 0..12 {
            let (a, b) = (root(below), root(above));
            let next = inside + (outside - inside) * (-a / (b - a)).clamp(0.05, 0.95);
            let value = excess(next);
            if value > 0.0 {
                (outside, above) = (next, value)
            } else {
                (inside, below) = (next, value)
            }
            if (outside - inside).abs() < 1e-3 * (outside - at).abs() || root(value).abs() < 1e-3 * (-low).sqrt() {
                return next;
            }
        }
        0.5 * (inside + outside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    fn decay(x: &[f64]) -> impl Fn(&[f64]) -> Vec<Vec<f64>> + '_ {
        |p: &[f64]| {
            let rate = libm::exp(p[0]);
            vec![x.iter().map(|x| libm::exp(-x / rate)).collect(), vec![1.0; x.len()]]
        }
    }

    #[test]
    fn exact_data_and_their_bounds() {
        let x: Vec<f64> = (0..60).map(|i| 0.1 * f64::from(i)).collect();
        let y: Vec<f64> = x.iter().map(|x| 2.0 * libm::exp(-x / 1.5) + 0.3).collect();
        let s = Separable { data: &y, columns: decay(&x), bounds: &[[-3.0, 3.0]] };
        let f = s.solve(&[vec![-2.0], vec![0.0], vec![2.0]]).unwrap();
        assert!((libm::exp(f.sought[0]) - 1.5).abs() < 1e-7 && (f.linear[1] - 0.3).abs() < 1e-7 && !f.at_bound[0]);
        let tight = Separable { data: &y, columns: decay(&x), bounds: &[[-3.0, 0.0]] };
        assert!(tight.solve(&[vec![-1.0]]).unwrap().at_bound[0]);
        let few = Separable { data: &y[..3], columns: decay(&x[..3]), bounds: &[[-3.0, 3.0]] };
        assert!(few.solve(&[vec![0.0]]).is_err());
    }

    #[test]
    fn profiles_cover_and_meet_the_covariance_where_it_holds() {
        // 300 sets at 2 % noise: the profile's 95 % interval of ln τ holds the truth in 93 to 98 % (±2 standard errors of
        // 1.3 %; false alarm about 5 %), and its width is that of the covariance within a tenth.
        let x: Vec<f64> = (0..60).map(|i| 0.1 * f64::from(i)).collect();
        let (mut held, mut ratio) = (0, 0.0);
        for seed in 0..300 {
            let mut r = Random::named("profile", seed);
            let y: Vec<f64> = x.iter().map(|x| 2.0 * libm::exp(-x / 1.5) + 0.3 + 0.02 * r.normal()).collect();
            let s = Separable { data: &y, columns: decay(&x), bounds: &[[-3.0, 3.0]] };
            let f = s.solve(&[vec![0.0]]).unwrap();
            let [low, high] = s.profile(&f, 0);
            let truth = libm::log(1.5);
            held += usize::from(low <= truth && truth <= high);
            ratio += (high - low) / (2.0 * student(f.freedom) * f.error(2)) / 300.0;
        }
        assert!((277..=294).contains(&held), "{held}");
        assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
    }
}
