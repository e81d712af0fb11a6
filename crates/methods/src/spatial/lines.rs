//! Lines of a scan that differ from one another by more than the sample does: offsets that a drift or a jump of the tip leaves.

use ndarray::Array2;

use crate::num::sum::{mean, moments};

/// What steps from line to line have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineSteps {
    /// Share of the variance of steps between pixels of neighbouring lines that whole lines share, 0 to 1.
    pub share: f64,
    /// Correlation of a line's step with that of the next: −1/2 where every line has an offset of its own, from 0 on where a
    /// structure of the sample goes through several lines.
    pub correlation: f64,
}

/// Share of common steps from which on they are offsets.
const COMMON: f64 = 0.25;
/// Correlation of steps below which they come and go from line to line.
const ALTERNATING: f64 = -0.25;

impl LineSteps {
    /// Of a map whose lines are its rows; `None` of fewer than eight lines, or of lines without a difference.
    pub fn of(values: &Array2<f64>) -> Option<LineSteps> {
        let (mut steps, mut squares) = (Vec::new(), Vec::new());
        for pair in values.axis_windows(ndarray::Axis(0), 2) {
            let both = pair.row(0).into_iter().zip(pair.row(1)).map(|(a, b)| b - a);
            let d: Vec<f64> = both.filter(|d| d.is_finite()).collect();
            if !d.is_empty() {
                steps.push(mean(&d));
                squares.push(d.iter().map(|d| d * d).sum::<f64>() / d.len() as f64);
            }
        }
        let own = moments(&steps);
        if steps.len() < 7 || !(own.std > 0.0) {
            return None;
        }
        let product = |w: &[f64]| (w[0] - own.mean) * (w[1] - own.mean);
        let products: Vec<f64> = steps.windows(2).map(product).collect();
        // A slope of the whole map is a step that all lines share, and no offset.
        let rest = mean(&squares) - own.mean * own.mean;
        Some(LineSteps { share: own.std * own.std / rest, correlation: mean(&products) / (own.std * own.std) })
    }

    /// Whether lines have offsets of their own that outweigh what the sample does from line to line.
    pub fn are_offsets(&self) -> bool {
        self.share > COMMON && self.correlation < ALTERNATING
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::spatial::covariance::Covariance;
    use crate::spatial::field::Simulator;

    /// Fields of any roughness have none, of 6 to 40 lengths a side, upright or tilted; offsets as large as the steps of the
    /// field are seen, and so are those of nothing but lines.
    #[test]
    fn offsets_are_told_from_structure() {
        for (xi, alpha) in [(2.5, 0.3), (4.0, 1.0), (16.0, 0.5), (16.0, 1.0)] {
            let c = Covariance { sigma: 1.0, xi, alpha, noise: 0.0 };
            let simulator = Simulator::new([96, 96], [1.0, 1.0], &c);
            for i in 0..4 {
                for mut z in simulator.pair(&mut Random::named("lines", i)) {
                    z.indexed_iter_mut().for_each(|((y, _), v)| *v += 0.1 * i as f64 * y as f64);
                    let steps = LineSteps::of(&z).unwrap();
                    assert!(!steps.are_offsets(), "{xi} {alpha}: {steps:?}");
                    let mut r = Random::named("offsets", i);
                    z.rows_mut().into_iter().for_each(|mut row| {
                        let offset = r.normal();
                        row.mapv_inplace(|v| v + offset);
                    });
                    let steps = LineSteps::of(&z).unwrap();
                    assert!(steps.are_offsets() && steps.share <= 1.0, "{xi} {alpha}: {steps:?}");
                }
            }
        }
        assert!(LineSteps::of(&Array2::zeros((20, 20))).is_none() && LineSteps::of(&Array2::zeros((3, 20))).is_none());
    }
}
