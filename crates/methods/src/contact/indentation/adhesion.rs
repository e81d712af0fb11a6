//! Elastic spheres with adhesion: depth against load for G = C, the pull-off force given.

use super::kelvin::two_thirds;

/// Derjaguin, Muller & Toporov: Hertz under the load and the pull-off force (both N) together, as P^(2/3) (1975,
/// doi:10.1016/0021-9797(75)90018-1).
pub fn dmt(load: f64, pull_off: f64) -> f64 {
    two_thirds(load + pull_off)
}

/// Johnson, Kendall & Roberts (1971, doi:10.1098/rspa.1971.0141), forces in N as for [`dmt`]: the contact radius of
/// `P₁ = P + 2F + 2√(F(P+F))` under Hertz, less what adhesion lifts.
pub fn jkr(load: f64, pull_off: f64) -> f64 {
    let tension = (pull_off * (load + pull_off)).max(0.0).sqrt();
    let apparent = load + 2.0 * pull_off + 2.0 * tension;
    if !(apparent > 0.0) {
        return 0.0;
    }
    // a² = R (C/G)^{2/3} P₁^{2/3}; the tension lifts by (2/3)·2√(F P₁)/P₁ of a²/R.
    two_thirds(apparent) * (1.0 - 4.0 / 3.0 * (pull_off / apparent).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jkr_by_its_own_equations() {
        // δ = a²/R − √(2πwa/E*), P = 4E*a³/3R − √(8πwE*a³), F = 3πwR/2, all with E* = R = 1 and w = 0.1. In units of G = C,
        // δ = (3/4)^{2/3} g. Below a = 0.71 the contact is unstable: that branch is not the one taken.
        let w = 0.1;
        let pi = std::f64::consts::PI;
        for a in [0.75, 0.9, 1.5, 4.0] {
            let delta = a * a - (2.0 * pi * w * a).sqrt();
            let p = 4.0 / 3.0 * a * a * a - (8.0 * pi * w * a * a * a).sqrt();
            let g = jkr(p, 1.5 * pi * w);
            assert!((two_thirds(0.75) * g - delta).abs() < 1e-12, "{a}: {} {delta}", two_thirds(0.75) * g);
        }
        assert_eq!(jkr(8.0, 0.0), 4.0);
        assert_eq!((dmt(7.0, 1.0), jkr(-5.0, 1.0)), (4.0, 0.0));
    }
}
