//! Generalised dimensions: how the masses of boxes scale (Hentschel & Procaccia, doi:10.1016/0167-2789(83)90235-X).

use crate::num::linear::line;

/// Number of boxes by their mass, for a size of boxes.
pub type Masses<'a> = &'a [(u64, u64)];

/// Σ p ln p over boxes, which rises as D₁ ln ε.
pub fn information(masses: Masses<'_>) -> f64 {
    let total: f64 = masses.iter().map(|(m, n)| *m as f64 * *n as f64).sum();
    let part = |(m, n): &(u64, u64)| {
        let p = *m as f64 / total;
        *n as f64 * p * libm::log(p)
    };
    masses.iter().map(part).sum()
}

/// ln Σ p² over boxes, which rises as D₂ ln ε.
pub fn correlation(masses: Masses<'_>) -> f64 {
    let total: f64 = masses.iter().map(|(m, n)| *m as f64 * *n as f64).sum();
    libm::log(masses.iter().map(|(m, n)| *n as f64 * (*m as f64 / total).powi(2)).sum())
}

/// The slope over some sizes; `None` of fewer than two.
pub fn dimension(sizes: &[f64], values: &[f64]) -> Option<f64> {
    let x: Vec<f64> = sizes.iter().map(|s| libm::log(*s)).collect();
    line(&x, values).map(|l| l.slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A binomial cascade: each half of an interval takes p or 1 − p of its mass; D₁ and D₂ are known.
    #[test]
    fn a_binomial_cascade() {
        let (p, levels) = (3u64, 12);
        let mass = |i: u64, k: u32| (0..k).map(|b| if i >> b & 1 == 0 { p } else { 1 }).product::<u64>();
        let mut sizes = Vec::new();
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for k in 4..=levels {
            // Boxes of 2^(levels − k) cells hold the mass of their cascade of k levels times that of what is below.
            let scale = (p + 1).pow(levels - k);
            let mut masses: std::collections::BTreeMap<u64, u64> = std::collections::BTreeMap::new();
            for i in 0..1u64 << k {
                *masses.entry(mass(i, k) * scale).or_insert(0) += 1;
            }
            let masses: Vec<(u64, u64)> = masses.into_iter().collect();
            sizes.push(f64::from(1u32 << (levels - k)));
            first.push(information(&masses));
            second.push(correlation(&masses));
        }
        let (a, b) = (0.75, 0.25f64);
        let d1 = -(a * libm::log2(a) + b * libm::log2(b));
        let d2 = -libm::log2(a * a + b * b);
        assert!((dimension(&sizes, &first).unwrap() - d1).abs() < 1e-12);
        assert!((dimension(&sizes, &second).unwrap() - d2).abs() < 1e-12);
    }
}
