//! The response of a Kelvin solid under a spherical contact (S1 Eq. 3.9), for any load history.
//!
//! In units where C/G = 1 a growing contact obeys `t_c y′ = P − y` with y = h^{3/2}; once it shrinks, Ting's equations
//! become `t_c h′ = P^{2/3} − h`. Loads are straight between samples, which both equations solve exactly (the second with
//! P^{2/3} straight).

use super::curve::Curve;

/// h of a Kelvin solid of that relaxation time, for G = C; the load begins with 0 at the curve's first time.
pub fn response(c: &Curve, relaxation: f64) -> Vec<f64> {
    let mut out = vec![0.0; c.len()];
    let mut y = 0.0;
    let mut decay = Decay::of(relaxation);
    let mut at = 1;
    // While the contact grows, in y; powers are taken of all at once.
    let mut shrinking = false;
    while at < c.len() {
        let (p0, p1) = (c.load[at - 1].max(0.0), c.load[at].max(0.0));
        let next = decay.follow(y, p0, p1, c.time[at] - c.time[at - 1]);
        shrinking = next < y && p1 < p0;
        if shrinking {
            break;
        }
        // Noise of the load must not shrink a contact that grows.
        y = next;
        out[at] = y;
        at += 1;
    }
    out[..at].iter_mut().for_each(|h| *h = two_thirds(*h));
    if shrinking {
        let mut h = two_thirds(y);
        let mut before = two_thirds(c.load[at - 1]);
        for (k, o) in out[at..].iter_mut().enumerate() {
            let i = at + k;
            let now = two_thirds(c.load[i]);
            h = decay.follow(h, before, now, c.time[i] - c.time[i - 1]);
            before = now;
            *o = h;
        }
    }
    out
}

/// Steps of `τ y′ = x − y`; the exponential of a step is kept for the next of the same length.
#[derive(Clone, Copy, Debug)]
pub struct Decay {
    tau: f64,
    step: f64,
    /// e^{−step/τ}.
    factor: f64,
}

/// Steps that differ by this part are one step: times are written with so many digits.
const SAME: f64 = 1e-9;

impl Decay {
    /// For a time τ in s.
    pub fn of(tau: f64) -> Decay {
        Decay { tau, step: 0.0, factor: 1.0 }
    }

    /// Solution, in the unit of x, after a step in s over which x goes straight from `x0` to `x1`.
    #[inline]
    pub fn follow(&mut self, y: f64, x0: f64, x1: f64, step: f64) -> f64 {
        if (step - self.step).abs() > SAME * step {
            (self.step, self.factor) = (step, libm::exp(-step / self.tau));
        }
        let lag = (x1 - x0) / step * self.tau;
        // For a time far below the step both terms cancel to the load itself.
        if lag.is_finite() { x1 - lag + (y - x0 + lag) * self.factor } else { x1 }
    }
}

/// x^{2/3}; 0 of what is negative or not a normal number.
///
/// x·(x^{−1/3}) by two rounds of fourth order from a guess of the exponent: a few units in the last place, and no division.
#[inline]
pub fn two_thirds(x: f64) -> f64 {
    const GUESS: u64 = 0x553e_f0ff_289d_d796;
    if !(x > f64::MIN_POSITIVE) {
        return 0.0;
    }
    let mut z = f64::from_bits(GUESS - x.to_bits() / 3);
    for _ in 0..2 {
        let e = 1.0 - x * z * z * z;
        z += z * e * (1.0 / 3.0 + e * (2.0 / 9.0 + e * (14.0 / 81.0)));
    }
    x * z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_thirds() {
        let mut x = 1e-300;
        while x < 1e300 {
            let want = libm::cbrt(x) * libm::cbrt(x);
            assert!((two_thirds(x) / want - 1.0).abs() < 2e-15, "{x:e}: {:e} {want:e}", two_thirds(x));
            x *= 1.37;
        }
        assert_eq!([two_thirds(0.0), two_thirds(-1.0), two_thirds(f64::NAN)], [0.0; 3]);
    }

    #[test]
    fn loading_hold_and_unloading() {
        let tc = 0.2;
        let time: Vec<f64> = (0..=4000).map(|i| f64::from(i) * 1e-3).collect();
        let load = |t: f64| 3.0 * t.min(1.0).min((3.0 - t).max(0.0));
        let c = Curve { load: time.iter().map(|t| load(*t)).collect(), depth: vec![0.0; time.len()], time };
        let h = response(&c, tc);
        // S1 Eq. 3.9: h^{3/2} = P [1 − (t_c/t)(1 − e^{−t/t_c})] while the load rises at one rate, exactly.
        for i in [1, 10, 500, 1000] {
            let t = c.time[i];
            let want = 3.0 * t * (1.0 - tc / t * (1.0 - libm::exp(-t / tc)));
            assert!((h[i] * h[i].sqrt() / want - 1.0).abs() < 1e-11, "{t}");
        }
        // The hold: the rest of the load comes with e^{−t/t_c}.
        let y1 = 3.0 * (1.0 - tc * (1.0 - libm::exp(-1.0 / tc)));
        let want = 3.0 + (y1 - 3.0) * libm::exp(-0.8 / tc);
        assert!((h[1800] * h[1800].sqrt() / want - 1.0).abs() < 1e-11);
        // After the unloading the depth goes as e^{−t/t_c}.
        assert!((h[4000] / h[3500] - libm::exp(-0.5 / tc)).abs() < 1e-9);
        // Without a relaxation time to speak of it is Hertz throughout.
        let elastic = response(&c, 1e-9);
        assert!((0..c.len()).all(|i| (elastic[i] - two_thirds(c.load[i])).abs() < 1e-6));
    }
}
