//! Noise of load and depth, contact found or known: do the intervals of modulus, time and viscosity hold what went in?

use crate::common::calibrated::{calibrated, estimate, holds};
use crate::common::many;

/// `indentation` 1 held G in 24 to 33 % (Hertz, noise of the load of 0.3 %, contact found, G 5 % too high), G and t_c in 36 to
/// 38 % (Kelvin), and in 73 to 79 % under noise that remembers; with noise of the depth alone intervals were 8 to 300 times too
/// wide.
#[test]
fn intervals_hold_under_noise_of_load_and_depth() {
    let c = calibrated("indentation", many(60, 400));
    c.outcomes.iter().for_each(holds);
    for o in &c.outcomes {
        let g = estimate(o, "points/modulus");
        assert!(g.bias[0].abs() < 0.01 && g.width < 2.0, "{}: {g:?}", o.setting);
    }
}
