//! How much roughness may cost: the path over strengths, and the choice of one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kernel::Problem;
use super::nnls::{Factor, Matrix, minimise};

/// The rule that chooses the strength.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The strength under which the data are most likely, spectra integrated out.
    #[default]
    Evidence,
    /// Generalised cross-validation (Golub, Heath & Wahba 1979): finds too many peaks with non-negative spectra.
    Gcv,
    /// The corner of roughness against misfit: largest curvature (Hansen 1992).
    LCurve,
}

/// A spectrum.
#[derive(Clone, Debug)]
pub struct Smooth {
    /// f on the grid, then the unknowns that are not smoothed.
    pub x: Vec<f64>,
    /// Strength, in units in which roughness and data weigh alike.
    pub strength: f64,
    /// Sum of the squared weighted residuals.
    pub chi2: f64,
    /// Effective number of parameters.
    pub parameters: f64,
    /// Which unknowns are above 0.
    pub inside: Vec<bool>,
    /// Factor of the penalised equations over those.
    pub factor: Factor,
    /// Whether the chosen strength is the first or last that was tried.
    pub at_end: bool,
}

/// Strengths tried, from the smallest on, and their ratio.
const STRENGTHS: usize = 30;
const SMALLEST: f64 = 1e-9;
const RATIO: f64 = 2.4;

/// Normal equations that all strengths share.
pub struct Normal {
    gram: Matrix,
    rhs: Vec<f64>,
    /// Rows of the grid.
    grid: usize,
    /// Size of the penalty that weighs as much as the data.
    scale: f64,
}

impl Normal {
    /// Of a problem.
    pub fn of(p: &Problem) -> Normal {
        let size = p.columns.len();
        let mut values = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..=i {
                let v = plain_dot(&p.columns[i], &p.columns[j]);
                values[i * size + j] = v;
                values[j * size + i] = v;
            }
        }
        let grid = p.grid.tau.len();
        let trace: f64 = (0..grid).map(|i| values[i * size + i]).sum();
        let rhs = Normal::rhs(p);
        // The trace of the penalty is 6 a row but for the ends.
        Normal { gram: Matrix { values, size }, rhs, grid, scale: trace / (6.0 * grid as f64) }
    }

    fn rhs(p: &Problem) -> Vec<f64> {
        p.columns.iter().map(|c| plain_dot(c, &p.data)).collect()
    }

    /// For other data of the same problem.
    pub fn with_data(&self, p: &Problem) -> Normal {
        Normal { gram: self.gram.clone(), rhs: Normal::rhs(p), ..*self }
    }

    /// H = KᵀK + λ LᵀL, L the second difference with f = 0 beyond the grid.
    fn penalised(&self, strength: f64) -> Matrix {
        let mut h = self.gram.clone();
        let (n, by) = (self.grid, strength * self.scale);
        for i in 0..n {
            for (j, v) in roughness(i, n) {
                h.values[i * h.size + j] += by * v;
            }
        }
        h
    }

    /// ln det of the penalty over the unknowns of the grid that are above 0, for a penalty of unit strength: banded.
    fn log_penalty(&self, inside: &[bool]) -> f64 {
        let which: Vec<usize> = (0..self.grid).filter(|i| inside[*i]).collect();
        // Cholesky with two entries below the diagonal.
        let mut rows: Vec<[f64; 3]> = Vec::with_capacity(which.len());
        let mut sum = 0.0;
        for (k, i) in which.iter().enumerate() {
            let entry = |back: usize| {
                if back > k { 0.0 } else { second(*i, which[k - back], self.grid) }
            };
            let before = |back: usize| if back <= k { rows[k - back] } else { [0.0, 0.0, 1.0] };
            let far = entry(2) / before(2)[2];
            let near = (entry(1) - far * before(1)[1]) / before(1)[2];
            let own = (entry(0) - near * near - far * far).max(f64::MIN_POSITIVE).sqrt();
            rows.push([far, near, own]);
            sum += 2.0 * libm::log(own);
        }
        sum + which.len() as f64 * libm::log(self.scale)
    }

    /// The spectrum of one strength, beginning from the unknowns that were above 0 at another.
    pub fn at(&self, p: &Problem, strength: f64, inside: &mut [bool], factor: &mut Factor) -> Option<(Vec<f64>, f64)> {
        let x = minimise(&self.penalised(strength), &self.rhs, self.grid, inside, factor)?;
        let rest: Vec<f64> = p.predict(&x).iter().zip(&p.data).map(|(a, b)| a - b).collect();
        let chi2 = plain_dot(&rest, &rest);
        Some((x, chi2))
    }

    /// xᵀLᵀLx in units of the scale.
    fn rough(&self, x: &[f64]) -> f64 {
        let value = |i: usize| if i < self.grid { x[i] } else { 0.0 };
        (0..self.grid)
            .map(|i| (if i > 0 { value(i - 1) } else { 0.0 } - 2.0 * value(i) + value(i + 1)).powi(2))
            .sum::<f64>()
            * self.scale
    }

    /// tr(H⁻¹ KᵀK) over the unknowns above 0.
    fn effective(&self, inside: &[bool], factor: &Factor) -> f64 {
        let which: Vec<usize> = (0..self.gram.size).filter(|i| inside[*i]).collect();
        let column = |(k, j): (usize, &usize)| {
            let mut c: Vec<f64> = which.iter().map(|i| self.gram.at(*i, *j)).collect();
            factor.solve(&mut c);
            c[k]
        };
        which.iter().enumerate().map(column).sum()
    }
}

/// Entries of LᵀL in row `i`.
fn roughness(i: usize, n: usize) -> impl Iterator<Item = (usize, f64)> {
    (i.saturating_sub(2)..(i + 3).min(n)).map(move |j| (j, second(i, j, n)))
}

/// Entry of LᵀL for the n × n second difference with zeros beyond both ends.
fn second(i: usize, j: usize, n: usize) -> f64 {
    match i.abs_diff(j) {
        0 if i == 0 || i + 1 == n => 5.0,
        0 => 6.0,
        1 => -4.0,
        2 => 1.0,
        _ => 0.0,
    }
}

/// Long sums in eight parts: as exact as needed here, and fast.
fn plain_dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (x, y) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = x.remainder().iter().zip(y.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in x.zip(y) {
        for l in 0..8 {
            sums[l] += a[l] * b[l];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// One strength of the path.
struct Candidate {
    strength: f64,
    x: Vec<f64>,
    chi2: f64,
    rough: f64,
    inside: Vec<bool>,
    factor: Factor,
}

/// The spectrum of the strength that the rule chooses; `None` where the equations have no solution at any.
pub fn solve(p: &Problem, normal: &Normal, rule: Rule) -> Option<Smooth> {
    let mut path: Vec<Candidate> = Vec::with_capacity(STRENGTHS);
    let mut inside = vec![true; p.columns.len()];
    // From smooth to rough: few unknowns change sides from one strength to the next.
    for k in (0..STRENGTHS).rev() {
        let strength = SMALLEST * libm::pow(RATIO, k as f64);
        let mut factor = Factor::default();
        let Some((x, chi2)) = normal.at(p, strength, &mut inside, &mut factor) else { continue };
        let rough = normal.rough(&x);
        path.push(Candidate { strength, x, chi2, rough, inside: inside.clone(), factor });
    }
    if path.len() < 5 {
        return None;
    }
    let n = p.points() as f64;
    let chosen = match rule {
        Rule::Evidence => best(&path, |c| {
            let above = c.inside[..normal.grid].iter().filter(|b| **b).count() as f64;
            let penalty = above * libm::log(c.strength) + normal.log_penalty(&c.inside);
            let misfit = c.chi2 + c.strength * c.rough;
            -0.5 * n * libm::log(misfit) + 0.5 * (penalty - c.factor.log_determinant())
        }),
        Rule::Gcv => best(&path, |c| -c.chi2 / (n - normal.effective(&c.inside, &c.factor)).powi(2)),
        Rule::LCurve => corner(&path),
    };
    let at_end = chosen == 0 || chosen + 1 == path.len();
    let c = path.swap_remove(chosen);
    let parameters = normal.effective(&c.inside, &c.factor);
    Some(Smooth { parameters, x: c.x, strength: c.strength, chi2: c.chi2, inside: c.inside, factor: c.factor, at_end })
}

fn best(path: &[Candidate], of: impl Fn(&Candidate) -> f64) -> usize {
    let scores: Vec<f64> = path.iter().map(of).collect();
    (0..path.len()).fold(0, |b, i| if scores[i] > scores[b] { i } else { b })
}

/// Largest curvature of ln roughness against ln misfit.
fn corner(path: &[Candidate]) -> usize {
    let x: Vec<f64> = path.iter().map(|c| 0.5 * libm::log(c.chi2)).collect();
    let y: Vec<f64> = path.iter().map(|c| 0.5 * libm::log(c.rough.max(f64::MIN_POSITIVE))).collect();
    let curvature = |i: usize| {
        let d = |v: &[f64]| 0.5 * (v[i + 1] - v[i - 1]);
        let dd = |v: &[f64]| v[i + 1] - 2.0 * v[i] + v[i - 1];
        let (a, b) = (d(&x), d(&y));
        // The path runs from smooth to rough: roughness up, misfit down.
        (b * dd(&x) - a * dd(&y)) / libm::pow(a * a + b * b, 1.5).max(f64::MIN_POSITIVE)
    };
    (2..path.len() - 2).fold(2, |b, i| if curvature(i) > curvature(b) { i } else { b })
}

impl Smooth {
    /// Standard deviation of the weighted residuals.
    pub fn noise(&self, p: &Problem) -> f64 {
        (self.chi2 / (p.points() as f64 - self.parameters).max(1.0)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::relax::times::kernel::Grid;
    use crate::relax::times::peaks::peaks;

    fn losses(of: impl Fn(f64) -> f64, noise: f64, seed: u64) -> Problem {
        let mut r = Random::named("times", seed);
        let omega: Vec<f64> = (0..100).map(|i| libm::exp10(-4.0 + 8.0 * f64::from(i) / 99.0)).collect();
        let loss: Vec<f64> = omega.iter().map(|w| of(*w) * (1.0 + noise * r.normal())).collect();
        Problem::of_frequency(Grid::new(1e-5, 1e5, 70), &omega, &[], &loss, loss.clone())
    }

    fn debye(w: f64, tau: f64) -> f64 {
        w * tau / (1.0 + w * w * tau * tau)
    }

    fn count(of: impl Fn(f64) -> f64 + Copy, rule: Rule, want: usize) -> usize {
        let found = |seed| {
            let p = losses(of, 0.01, seed);
            let normal = Normal::of(&p);
            let s = solve(&p, &normal, rule)?;
            Some(peaks(&s, &p).len())
        };
        (0..50).filter(|seed| found(*seed) == Some(want)).count()
    }

    #[test]
    fn two_peaks_are_two_and_a_broad_one_is_one() {
        // 1 % noise, 50 spectra each: at least 45 right, which a rule right in 98 % of all misses in 1 % of all runs.
        let two = |w: f64| debye(w, 0.178) + debye(w, 5.62);
        assert!(count(two, Rule::Evidence, 2) >= 45);
        // A log-normal of 0.6 decades, and Cole–Cole of α = 0.6.
        let broad = |w: f64| {
            (-60..=60)
                .map(|k| libm::exp(-0.5 * (f64::from(k) / 15.0).powi(2)) * debye(w, libm::exp10(f64::from(k) * 0.04)))
                .sum()
        };
        assert!(count(broad, Rule::Evidence, 1) >= 45);
        let cole = |w: f64| -crate::relax::model::havriliak_negami(w, 0.6, 1.0).im;
        assert!(count(cole, Rule::Evidence, 1) >= 45);
    }

    #[test]
    fn the_penalty_is_what_it_says() {
        let p = losses(|w| debye(w, 1.0), 0.01, 0);
        let normal = Normal::of(&p);
        let n = normal.grid;
        // ln det over some unknowns against the dense factor, and xᵀLᵀLx against differences.
        let inside: Vec<bool> = (0..n).map(|i| i % 7 != 3).collect();
        let mut values = vec![0.0; n * n];
        (0..n).for_each(|i| roughness(i, n).for_each(|(j, v)| values[i * n + j] = v * normal.scale));
        let which: Vec<usize> = (0..n).filter(|i| inside[*i]).collect();
        let mut f = Factor::default();
        assert!(f.of(&Matrix { values, size: n }, &which));
        assert!((f.log_determinant() - normal.log_penalty(&inside)).abs() < 1e-8);
        let x: Vec<f64> = (0..n).map(|i| ((i * 7) % 5) as f64).collect();
        let by_entries: f64 =
            (0..n).map(|i| roughness(i, n).map(|(j, v)| x[i] * v * x[j]).sum::<f64>()).sum::<f64>() * normal.scale;
        assert!((by_entries / normal.rough(&x) - 1.0).abs() < 1e-12);
    }
}
