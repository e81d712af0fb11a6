//! Non-negative least squares from normal equations, by block pivoting (Portugal, Júdice & Vicente 1994,
//! doi:10.1090/S0025-5718-1994-1250776-4): many unknowns change sides at once. Where that cycles, or rounding leaves the
//! equations of many unknowns without a solution, by active sets (Lawson & Hanson 1974), which go down at every step.

/// A symmetric matrix, row by row.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Entries.
    pub values: Vec<f64>,
    /// Rows.
    pub size: usize,
}

impl Matrix {
    /// Entry.
    #[inline]
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.size + j]
    }
}

/// Lower triangle of a positive definite matrix restricted to some unknowns.
#[derive(Clone, Debug, Default)]
pub struct Factor {
    values: Vec<f64>,
    size: usize,
}

impl Factor {
    /// Factorises in place of what was there; `false` where the matrix is not positive definite.
    pub fn of(&mut self, m: &Matrix, which: &[usize]) -> bool {
        let n = which.len();
        self.size = n;
        self.values.clear();
        self.values.resize(n * n, 0.0);
        for i in 0..n {
            let (above, row) = self.values.split_at_mut(i * n);
            for j in 0..=i {
                let mut sum = m.at(which[i], which[j]);
                if j < i {
                    let other = &above[j * n..j * n + j];
                    sum -= dot(&row[..j], other);
                    row[j] = sum / above[j * n + j];
                } else {
                    sum -= dot(&row[..i], &row[..i]);
                    if !(sum > 0.0) {
                        return false;
                    }
                    row[i] = sum.sqrt();
                }
            }
        }
        true
    }

    /// Solution for a right-hand side.
    pub fn solve(&self, rhs: &mut [f64]) {
        let n = self.size;
        for i in 0..n {
            let row = &self.values[i * n..i * n + i];
            rhs[i] = (rhs[i] - dot(row, &rhs[..i])) / self.values[i * n + i];
        }
        for i in (0..n).rev() {
            rhs[i] /= self.values[i * n + i];
            let v = rhs[i];
            let row = &self.values[i * n..i * n + i];
            rhs[..i].iter_mut().zip(row).for_each(|(r, l)| *r -= v * l);
        }
    }

    /// ln of the determinant.
    pub fn log_determinant(&self) -> f64 {
        (0..self.size).map(|i| 2.0 * libm::log(self.values[i * self.size + i])).sum()
    }
}

/// Four partial sums, added in a fixed order.
#[inline]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (x, y) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = x.remainder().iter().zip(y.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in x.zip(y) {
        for l in 0..4 {
            sums[l] += a[l] * b[l];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Minimises ½xᵀHx − bᵀx over x ≥ 0, the unknowns from `free` on of any sign. `inside` says which unknowns begin above 0
/// and ends with those that are; the factor is that of H over them. `None` where H is not positive definite over the free ones.
pub fn minimise(h: &Matrix, b: &[f64], free: usize, inside: &mut [bool], factor: &mut Factor) -> Option<Vec<f64>> {
    let n = h.size;
    inside[free..].fill(true);
    let (mut least, mut patience) = (usize::MAX, 3);
    let scale = b.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    loop {
        let which: Vec<usize> = (0..n).filter(|i| inside[*i]).collect();
        let Some(x) = solution(h, b, &which, factor) else { return by_active_sets(h, b, free, inside, factor) };
        let mut wrong: Vec<usize> = Vec::new();
        for i in 0..free {
            if inside[i] {
                if x[i] < 0.0 {
                    wrong.push(i);
                }
            } else {
                if slope(h, b, &which, &x, i) < -FLAT * scale {
                    wrong.push(i);
                }
            }
        }
        if wrong.is_empty() {
            return Some(x);
        }
        if wrong.len() < least {
            (least, patience) = (wrong.len(), 3);
        } else if patience > 0 {
            patience -= 1;
        } else {
            return by_active_sets(h, b, free, inside, factor);
        }
        wrong.iter().for_each(|i| inside[*i] = !inside[*i]);
    }
}

/// Slopes below this part of the largest right-hand side are 0.
const FLAT: f64 = 1e-12;

/// Unknowns that solve the equations over some of them, 0 elsewhere; `None` where H is not positive definite over those.
fn solution(h: &Matrix, b: &[f64], which: &[usize], factor: &mut Factor) -> Option<Vec<f64>> {
    if !factor.of(h, which) {
        return None;
    }
    let mut part: Vec<f64> = which.iter().map(|i| b[*i]).collect();
    factor.solve(&mut part);
    let mut x = vec![0.0; h.size];
    which.iter().zip(&part).for_each(|(i, v)| x[*i] = *v);
    Some(x)
}

/// Slope of what is minimised along one unknown.
fn slope(h: &Matrix, b: &[f64], which: &[usize], x: &[f64], i: usize) -> f64 {
    let row = &h.values[i * h.size..(i + 1) * h.size];
    which.iter().map(|j| row[*j] * x[*j]).sum::<f64>() - b[i]
}

/// The same minimum from no unknown above 0: the steepest is let in, and what would fall below 0 is sent back at the place
/// where it reaches 0. One that rounding does not tell from those inside stays 0.
fn by_active_sets(h: &Matrix, b: &[f64], free: usize, inside: &mut [bool], factor: &mut Factor) -> Option<Vec<f64>> {
    let n = h.size;
    let scale = b.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let members = |inside: &[bool]| (0..n).filter(|i| inside[*i]).collect::<Vec<usize>>();
    inside[..free].fill(false);
    let mut barred = vec![false; n];
    let mut x = solution(h, b, &members(inside), factor)?;
    for _ in 0..10 * n {
        let which = members(inside);
        let open = (0..free).filter(|i| !inside[*i] && !barred[*i]);
        let steepest = open.map(|i| (i, slope(h, b, &which, &x, i))).min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((next, _)) = steepest.filter(|s| s.1 < -FLAT * scale) else { break };
        inside[next] = true;
        loop {
            let Some(to) = solution(h, b, &members(inside), factor) else {
                (inside[next], barred[next]) = (false, true);
                break;
            };
            let below: Vec<(usize, f64)> =
                (0..free).filter(|i| inside[*i] && to[*i] < 0.0).map(|i| (i, x[i] / (x[i] - to[i]))).collect();
            let Some(step) = below.iter().map(|b| b.1).reduce(f64::min) else {
                x = to;
                // Another set, another slope.
                barred.fill(false);
                break;
            };
            x.iter_mut().zip(&to).for_each(|(x, t)| *x += step * (t - *x));
            for (i, _) in below.into_iter().filter(|b| b.1 <= step) {
                (inside[i], x[i]) = (false, 0.0);
                // What is let in and thrown out at once would come back for ever.
                barred[i] |= i == next;
            }
            if !inside[next] && members(inside).iter().all(|i| *i >= free || x[*i] > 0.0) {
                break;
            }
        }
    }
    let which = members(inside);
    solution(h, b, &which, factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    #[test]
    fn the_conditions_of_the_minimum_hold() {
        for seed in 0..50 {
            let mut r = Random::named("nnls", seed);
            let (n, rows) = (12, 30);
            let a: Vec<f64> = (0..rows * n).map(|_| r.normal()).collect();
            let y: Vec<f64> = (0..rows).map(|_| r.normal()).collect();
            let entry = |i: usize, j: usize| (0..rows).map(|k| a[k * n + i] * a[k * n + j]).sum::<f64>();
            let h = Matrix { values: (0..n * n).map(|k| entry(k / n, k % n)).collect(), size: n };
            let b: Vec<f64> = (0..n).map(|i| (0..rows).map(|k| a[k * n + i] * y[k]).sum()).collect();
            let mut inside = vec![seed % 2 == 0; n];
            let x = minimise(&h, &b, n - 1, &mut inside, &mut Factor::default()).unwrap();
            let again = by_active_sets(&h, &b, n - 1, &mut vec![true; n], &mut Factor::default()).unwrap();
            assert!(x.iter().zip(&again).all(|(a, b)| (a - b).abs() < 1e-10), "{seed}");
            for i in 0..n {
                let slope = (0..n).map(|j| h.at(i, j) * x[j]).sum::<f64>() - b[i];
                if i == n - 1 || x[i] > 0.0 {
                    assert!(slope.abs() < 1e-9, "{seed} {i}: {slope}");
                } else {
                    assert!(x[i] == 0.0 && slope > -1e-9, "{seed} {i}: {slope}");
                }
            }
        }
        let singular = Matrix { values: vec![1.0; 4], size: 2 };
        assert!(minimise(&singular, &[1.0, 1.0], 0, &mut [true; 2], &mut Factor::default()).is_none());
    }
}
