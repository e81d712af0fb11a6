//! The noise of a modulus: a part that goes with its size and a floor of the instrument, by the likelihood of what a fit leaves
//! (METHODS §14a).

/// Standard deviation of a point: the root of (relative·value)² + floor².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Noise {
    /// Relative part.
    pub relative: f64,
    /// Floor, in the unit of the values.
    pub floor: f64,
}

/// Shares of the floor in the variance of the largest value that are tried, in powers of ten.
const SHARES: [f64; 2] = [-12.0, 0.0];
const TRIES: usize = 49;

impl Noise {
    /// The noise under which residuals about fitted values, both in the unit of the data, are likeliest, their freedom taken
    /// off.
    pub fn of(values: &[f64], residuals: &[f64], parameters: f64) -> Noise {
        let n = values.len() as f64;
        let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        if !(largest > 0.0) || n <= parameters {
            return Noise::default();
        }
        let part = |share: f64, v: f64| (1.0 - share) * (v / largest).powi(2) + share;
        // Size of the noise of the largest value, squared, and −2 ln L up to a constant.
        let score = |share: f64| {
            let squares = values.iter().zip(residuals).map(|(v, r)| r * r / part(share, *v));
            let size = squares.sum::<f64>() / n;
            (size, n * libm::log(size) + values.iter().map(|v| libm::log(part(share, *v))).sum::<f64>())
        };
        let at = |k: usize| libm::exp10(SHARES[0] + (SHARES[1] - SHARES[0]) * k as f64 / (TRIES - 1) as f64);
        let best = (0..TRIES).map(at).min_by(|a, b| score(*a).1.total_cmp(&score(*b).1)).unwrap_or(0.0);
        let size = (score(best).0 * n / (n - parameters)).sqrt();
        Noise { relative: size * (1.0 - best).sqrt() / largest, floor: size * best.sqrt() }
    }

    /// Standard deviation of a point of that value, in its unit.
    pub fn at(&self, value: f64) -> f64 {
        libm::hypot(self.relative * value, self.floor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    #[test]
    fn both_parts_are_found() {
        // 400 values over three decades: of a size known by 1/√(2n) each part is found within a quarter.
        let values: Vec<f64> = (0..400).map(|i| libm::exp10(3.0 * f64::from(i) / 399.0)).collect();
        for (relative, floor) in [(0.02, 3.0), (0.05, 0.3), (0.001, 5.0)] {
            let mut r = Random::named("floor", 1);
            let known = Noise { relative, floor };
            let rest: Vec<f64> = values.iter().map(|v| known.at(*v) * r.normal()).collect();
            let found = Noise::of(&values, &rest, 0.0);
            for v in [1.0, 30.0, 1000.0] {
                assert!((found.at(v) / known.at(v) - 1.0).abs() < 0.25, "{found:?} {known:?}");
            }
        }
        assert_eq!(Noise::of(&[0.0; 4], &[0.0; 4], 1.0), Noise::default());
    }
}
