//! Means over bins of a volume in parts along z, and their intervals by leaving out one part after the other.

use super::profile::Cell;
use crate::num::resample::jackknife;

/// Parts along z that intervals come from, and the fewest.
const PARTS: usize = 12;
const FEWEST: usize = 5;

/// Whether a part, or a bin, is taken.
pub type Selection<'a> = dyn Fn(usize) -> bool + 'a;
/// A number of the parts that are taken.
pub type Statistic<'a> = dyn Fn(&Selection<'_>) -> f64 + 'a;

/// Sums over parts of the volume along z: of each part, for each bin, a sum and a count.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// How many parts there are.
    pub parts: usize,
    cells: Vec<Vec<(f64, f64)>>,
}

impl Parts {
    /// Of the planes of a [`super::profile::Profile`], in at most twelve parts; `of` gives sum and count of a cell.
    pub fn new(planes: &[Vec<Cell>], of: impl Fn(&Cell) -> (f64, f64)) -> Parts {
        let parts = planes.len().min(PARTS);
        let bins = planes.first().map_or(0, Vec::len);
        let mut cells = vec![vec![(0.0, 0.0); bins]; parts];
        for (z, plane) in planes.iter().enumerate() {
            for (sums, cell) in cells[z * parts / planes.len()].iter_mut().zip(plane) {
                let (s, n) = of(cell);
                *sums = (sums.0 + s, sums.1 + n);
            }
        }
        Parts { parts, cells }
    }

    /// Mean over the bins and the parts that are taken.
    pub fn mean(&self, taken: &Selection<'_>, bin: &Selection<'_>) -> f64 {
        let (mut sum, mut n) = (0.0, 0.0);
        for (_, part) in self.cells.iter().enumerate().filter(|(i, _)| taken(*i)) {
            for (_, (s, c)) in part.iter().enumerate().filter(|(k, _)| bin(*k)) {
                (sum, n) = (sum + s, n + c);
            }
        }
        sum / n
    }

    /// What a bin counts over all parts.
    pub fn count(&self, bin: usize) -> f64 {
        self.cells.iter().map(|part| part[bin].1).sum()
    }

    /// 95 % interval by leaving out one part after the other; `None` of few parts.
    pub fn jackknife(&self, f: &Statistic<'_>) -> Option<[f64; 2]> {
        if self.parts < FEWEST {
            return None;
        }
        let left: Vec<f64> = (0..self.parts).map(|i| f(&|k| k != i)).filter(|v| v.is_finite()).collect();
        (left.len() == self.parts).then(|| jackknife(f(&|_| true), &left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of equal counts the mean is that of the planes, and the jackknife of a mean is the textbook interval: s/√n times
    /// Student's t.
    #[test]
    fn the_interval_of_a_mean_is_the_textbooks() {
        let values: Vec<f64> = (0..PARTS).map(|k| (k * 7 % 11) as f64).collect();
        let cell = |v: f64, k: u64| Cell { n: k, sum: k as f64 * v, inside: 0 };
        let planes: Vec<Vec<Cell>> = values.iter().map(|v| vec![cell(*v, 4), cell(100.0 + v, 4)]).collect();
        let parts = Parts::new(&planes, |c| (c.sum, c.n as f64));
        assert_eq!(parts.parts, PARTS);
        let first = |taken: &Selection<'_>| parts.mean(taken, &|bin| bin == 0);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let error = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n * (n - 1.0))).sqrt();
        assert!((first(&|_| true) - mean).abs() < 1e-12);
        let [low, high] = parts.jackknife(&first).unwrap();
        let half = crate::num::student::student(n - 1.0) * error;
        assert!((low - mean + half).abs() < 1e-9 && (high - mean - half).abs() < 1e-9, "{low} {high}");
        // A difference of bins is the same in every part: its interval has no width.
        let difference = |t: &Selection<'_>| parts.mean(t, &|b| b == 1) - first(t);
        let [low, high] = parts.jackknife(&difference).unwrap();
        assert!((low - 100.0).abs() < 1e-9 && (high - 100.0).abs() < 1e-9);
    }

    #[test]
    fn few_parts_have_no_interval() {
        let planes = vec![vec![Cell { n: 1, sum: 1.0, inside: 0 }]; FEWEST - 1];
        assert!(Parts::new(&planes, |c| (c.sum, c.n as f64)).jackknife(&|_| 1.0).is_none());
    }
}
