//! Principal components of several features: combinations that are uncorrelated pixel by pixel.

use nalgebra::{DMatrix, SymmetricEigen};

/// Directions of the principal components.
pub struct Principal {
    origin: Vec<f64>,
    scale: Vec<f64>,
    /// Weights of the features, component by component.
    weights: Vec<f64>,
}

impl Principal {
    /// Of columns of equal length over the points valid in all; `None` where a feature is constant or there are too few.
    pub fn of(columns: &[Vec<f64>]) -> Option<Principal> {
        let d = columns.len();
        let n = columns.first()?.len();
        let whole: Vec<usize> = (0..n).filter(|i| columns.iter().all(|c| c[*i].is_finite())).collect();
        let moments: Vec<_> = columns
            .iter()
            .map(|c| crate::num::sum::moments(&whole.iter().map(|i| c[*i]).collect::<Vec<_>>()))
            .collect();
        if whole.len() <= d || moments.iter().any(|m| !(m.std > 0.0)) {
            return None;
        }
        let standard = |f: usize, i: usize| (columns[f][i] - moments[f].mean) / moments[f].std;
        let correlation = DMatrix::from_fn(d, d, |a, b| {
            whole.iter().map(|i| standard(a, *i) * standard(b, *i)).sum::<f64>() / whole.len() as f64
        });
        let eigen = SymmetricEigen::new(correlation);
        let mut order: Vec<usize> = (0..d).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        let weights = order.iter().flat_map(|c| eigen.eigenvectors.column(*c).iter().copied().collect::<Vec<_>>());
        Some(Principal {
            origin: moments.iter().map(|m| m.mean).collect(),
            scale: moments.iter().map(|m| m.std).collect(),
            weights: weights.collect(),
        })
    }

    /// The components of every point, NaN where a feature is.
    pub fn components(&self, columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let d = self.origin.len();
        let n = columns.first().map_or(0, Vec::len);
        let value = |c: usize, i: usize| -> f64 {
            (0..d).map(|f| self.weights[c * d + f] * (columns[f][i] - self.origin[f]) / self.scale[f]).sum()
        };
        (0..d).map(|c| (0..n).map(|i| value(c, i)).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    #[test]
    fn components_are_uncorrelated() {
        let mut r = Random::named("principal", 0);
        let a: Vec<f64> = (0..2000).map(|_| 5.0 + r.normal()).collect();
        let mut b: Vec<f64> = a.iter().map(|a| 100.0 * (0.8 * a + 0.3 * r.normal())).collect();
        b[7] = f64::NAN;
        let columns = [a, b];
        let z = Principal::of(&columns).unwrap().components(&columns);
        assert!(z[0][7].is_nan() && z[1][7].is_nan());
        let product: f64 = z[0].iter().zip(&z[1]).map(|(a, b)| a * b).filter(|v| v.is_finite()).sum();
        let square = |c: &[f64]| c.iter().filter(|v| v.is_finite()).map(|v| v * v).sum::<f64>();
        assert!((product / 1999.0).abs() < 1e-12 && square(&z[0]) > square(&z[1]));
        assert!(Principal::of(&[vec![1.0, 1.0, 1.0], vec![1.0, 2.0, 3.0]]).is_none() && Principal::of(&[]).is_none());
    }
}
