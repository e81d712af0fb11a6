//! Excess mass: how much better intervals hold a distribution where one more of them is allowed (Müller & Sawitzki 1991,
//! doi:10.1080/01621459.1991.10475103). For two intervals it is twice the dip of Hartigan & Hartigan.

/// Densities at which intervals are cut out, from the highest bin down to a two-hundredth of it.
const CUTS: usize = 64;
const LOWEST: f64 = 0.005;

/// What an interval more than k gains at most, for k = 1 … `most`: shares of the distribution.
pub(super) fn excess(share: &[f64], most: usize) -> Vec<f64> {
    let mut gains = vec![0.0; most];
    let top = share.iter().copied().fold(0.0, f64::max);
    let mut best = Best::new(most + 1);
    for i in 0..CUTS {
        let density = top * libm::pow(LOWEST, i as f64 / (CUTS - 1) as f64);
        let held = best.of(share, density);
        for (g, w) in gains.iter_mut().zip(held.windows(2)) {
            *g = f64::max(*g, w[1] - w[0]);
        }
    }
    gains
}

/// The most that so many disjoint intervals hold above a density.
struct Best {
    /// With the last interval closed, and still open, by number of intervals.
    closed: Vec<f64>,
    open: Vec<f64>,
}

impl Best {
    fn new(intervals: usize) -> Best {
        Best { closed: vec![0.0; intervals + 1], open: vec![f64::NEG_INFINITY; intervals + 1] }
    }

    /// Held by at most 1, 2, … intervals.
    fn of(&mut self, share: &[f64], density: f64) -> &[f64] {
        self.closed.fill(0.0);
        self.open.fill(f64::NEG_INFINITY);
        for s in share {
            for k in (1..self.closed.len()).rev() {
                self.open[k] = self.open[k].max(self.closed[k - 1]) + s - density;
                self.closed[k] = self.closed[k].max(self.open[k]).max(self.closed[k - 1]);
            }
        }
        &self.closed[1..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_by_hand() {
        // Two blocks of 0.4 with a valley of 0.1: at the density of the valley's floor, one interval holds all above it, two
        // gain nothing; higher up, an interval that spans the valley loses it.
        let share = [0.2, 0.2, 0.05, 0.05, 0.05, 0.05, 0.2, 0.2];
        let g = excess(&share, 3);
        // At density d: one block 0.4 − 2 d, both with the valley 1 − 8 d, two blocks 0.8 − 4 d. The gain is the lesser
        // of 4 d − 0.2 and 0.4 − 2 d: 0.2 at d = 0.1, and the cuts are 8 % apart.
        assert!((g[0] - 0.2).abs() < 0.012, "{g:?}");
        assert!(g[1].abs() < 1e-12 && g[2].abs() < 1e-12, "{g:?}");
        assert!(excess(&[0.1, 0.3, 0.4, 0.2], 2).iter().all(|g| g.abs() < 1e-12));
    }
}
