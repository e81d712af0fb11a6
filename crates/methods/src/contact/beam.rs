//! An Euler–Bernoulli cantilever whose tip rests on a spring (Rabe 2006, doi:10.1007/3-540-27453-7_2; METHODS §3).

/// κL of the free cantilever, modes 1 to 5: roots of 1 + cos x cosh x.
pub const FREE: [f64; 5] = [
    1.875_104_068_711_961,
    4.694_091_132_974_175,
    7.854_757_438_237_613,
    10.995_540_734_875_467,
    14.137_168_391_046_47,
];
/// κL of the cantilever pinned at its end, modes 1 to 5: roots of tan x = tanh x.
const PINNED: [f64; 5] =
    [3.926_602_312_047_919, 7.068_582_745_628_732, 10.210_176_122_813_03, 13.351_768_777_754_09, 16.493_361_431_346_41];

/// Where the resonance lies against what the mode allows.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum BeamError {
    /// Below the free resonance.
    #[error("a contact resonance of {0:.0} Hz lies below the free resonance of {1:.0} Hz")]
    BelowFree(f64, f64),
    /// Above the pinned limit.
    #[error("a contact resonance of {0:.0} Hz lies above the pinned limit of {1:.0} Hz")]
    AbovePinned(f64, f64),
}

/// A cantilever vibrating in one mode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cantilever {
    /// Mode number, 1 to 5.
    pub mode: usize,
    /// Free resonance of that mode, Hz.
    pub free: f64,
    /// Position of the tip, L₁/L in (0, 1].
    pub tip: f64,
}

impl Cantilever {
    /// Largest frequency, at which the contact is infinitely stiff, Hz.
    pub fn pinned(&self) -> f64 {
        let x = self.pole();
        self.free * (x / FREE[self.mode - 1]).powi(2)
    }

    /// κL, a number, at a frequency in Hz.
    pub fn wavenumber(&self, frequency: f64) -> f64 {
        FREE[self.mode - 1] * (frequency / self.free).sqrt()
    }

    /// Contact stiffness over the spring constant at the tip, k*/k_c, for a resonance in Hz.
    ///
    /// # Errors
    /// [`BeamError`] outside (free, pinned).
    pub fn stiffness(&self, frequency: f64) -> Result<f64, BeamError> {
        if !(frequency >= self.free) {
            return Err(BeamError::BelowFree(frequency, self.free));
        }
        if frequency >= self.pinned() {
            return Err(BeamError::AbovePinned(frequency, self.pinned()));
        }
        Ok(ratio(self.wavenumber(frequency), self.tip))
    }

    /// Sensitivity d ln f / d ln k* at a resonance inside the mode's range.
    pub fn sensitivity(&self, frequency: f64) -> f64 {
        let x = self.wavenumber(frequency);
        let step = 1e-5 * x;
        let slope = (ratio(x + step, self.tip) - ratio(x - step, self.tip)) / (2.0 * step);
        // f ∝ x².
        2.0 * ratio(x, self.tip) / (x * slope)
    }

    /// κL at which the denominator vanishes above the free root.
    fn pole(&self) -> f64 {
        if self.tip >= 1.0 {
            return PINNED[self.mode - 1];
        }
        let (mut a, end) = (FREE[self.mode - 1], FREE.get(self.mode).copied().unwrap_or(FREE[4] + 3.2));
        let steps = 2000;
        for i in 1..=steps {
            let b = FREE[self.mode - 1] + (end - FREE[self.mode - 1]) * f64::from(i) / f64::from(steps);
            if denominator(a, self.tip) * denominator(b, self.tip) <= 0.0 {
                return bisect(|x| denominator(x, self.tip), a, b);
            }
            a = b;
        }
        end
    }
}

/// sin x cosh x − cos x sinh x.
fn minus(x: f64) -> f64 {
    libm::sin(x) * libm::cosh(x) - libm::cos(x) * libm::sinh(x)
}

/// 1 + cos x cosh x.
fn free(x: f64) -> f64 {
    1.0 + libm::cos(x) * libm::cosh(x)
}

fn denominator(x: f64, r: f64) -> f64 {
    let (a, b) = (x * r, x * (1.0 - r));
    minus(b) * (1.0 - libm::cos(a) * libm::cosh(a)) - minus(a) * free(b)
}

/// k*/k_c with k_c the static spring constant at the tip: (2/3)(x r)³ (1 + cos x cosh x) / D.
fn ratio(x: f64, r: f64) -> f64 {
    2.0 / 3.0 * (x * r).powi(3) * free(x) / denominator(x, r)
}

/// A root of `f` between `a` and `b`, where it changes sign.
fn bisect(f: impl Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let rising = f(a) < 0.0;
    for _ in 0..200 {
        let m = 0.5 * (a + b);
        if m <= a.min(b) || m >= a.max(b) {
            break;
        }
        if (f(m) < 0.0) == rising { a = m } else { b = m }
    }
    0.5 * (a + b)
}

/// L₁/L at which two modes give one k*/k_c, searched in [0.7, 1]; `None` where they never agree.
pub fn tip_position(first: (usize, f64, f64), second: (usize, f64, f64)) -> Option<f64> {
    let stiffness = |(mode, free, f): (usize, f64, f64), tip: f64| Cantilever { mode, free, tip }.stiffness(f).ok();
    let difference = |r: f64| Some(libm::log(stiffness(first, r)? / stiffness(second, r)?));
    let mut last: Option<(f64, f64)> = None;
    for i in 0..=300 {
        let r = 1.0 - 0.001 * f64::from(i);
        let Some(d) = difference(r).filter(|d| d.is_finite()) else { continue };
        if let Some((r0, d0)) = last
            && d0 * d <= 0.0
        {
            return Some(bisect(|r| difference(r).unwrap_or(f64::NAN), r, r0));
        }
        last = Some((r, d));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_roots() {
        for x in FREE {
            assert!(free(x).abs() < 1e-9 * libm::cosh(x));
        }
        for x in PINNED {
            assert!(minus(x).abs() < 1e-9 * libm::cosh(x));
        }
    }

    #[test]
    fn frequencies_of_known_stiffness() {
        // f₁/f₁free at k*/k_c, from the characteristic equation solved independently (seven digits).
        for (k, ratio1) in [(0.1, 1.04727), (1.0, 1.39350), (10.0, 2.85381), (100.0, 4.17160), (1000.0, 4.36380)] {
            let c = Cantilever { mode: 1, free: 300e3, tip: 1.0 };
            let f = bisect(|f| c.stiffness(f).unwrap_or(f64::INFINITY) - k, 300e3, c.pinned() * (1.0 - 1e-12));
            assert!((f / 300e3 - ratio1).abs() < 6e-6, "{k}: {}", f / 300e3);
        }
        // Mode 2 in units of the first free resonance.
        let f2 = 300e3 * (FREE[1] / FREE[0]).powi(2);
        for (k, want) in [(1.0, 6.3454), (10.0, 7.1135), (100.0, 11.6647)] {
            let c = Cantilever { mode: 2, free: f2, tip: 1.0 };
            let f = bisect(|f| c.stiffness(f).unwrap_or(f64::INFINITY) - k, f2, c.pinned() * (1.0 - 1e-12));
            assert!((f / 300e3 - want).abs() < 6e-5, "{k}: {}", f / 300e3);
        }
    }

    #[test]
    fn sensitivity_peaks_near_ten() {
        let c = Cantilever { mode: 1, free: 1.0, tip: 1.0 };
        for (k, want) in [(1.0, 0.235), (10.0, 0.307), (100.0, 0.051), (300.0, 0.0165)] {
            let f = bisect(|f| c.stiffness(f).unwrap_or(f64::INFINITY) - k, 1.0, c.pinned() * (1.0 - 1e-12));
            assert!((c.sensitivity(f) - want).abs() < 1.5e-3, "{k}: {}", c.sensitivity(f));
        }
    }

    /// Static and dynamic deflection at r from a load at r, by the sum over free modes: an independent route to k*.
    fn receptance(x: f64, r: f64) -> f64 {
        let mode = |x: f64, s: f64| {
            let a = (libm::cosh(x) + libm::cos(x)) / (libm::sinh(x) + libm::sin(x));
            libm::cosh(x * s) - libm::cos(x * s) - a * (libm::sinh(x * s) - libm::sin(x * s))
        };
        // Beyond the tabulated roots, (n − 1/2) π. Each mode has unit norm; EI = L = 1.
        (1..=11)
            .map(|n| FREE.get(n - 1).copied().unwrap_or((n as f64 - 0.5) * std::f64::consts::PI))
            .map(|xn| mode(xn, r).powi(2) / (xn.powi(4) - x.powi(4)))
            .sum()
    }

    #[test]
    fn a_tip_before_the_end_agrees_with_the_sum_over_modes() {
        for (x, r) in [(2.3, 0.95), (3.0, 0.9), (3.4, 0.97), (5.3, 0.92)] {
            // k* = −1/G, k_c = 3 EI/L₁³. The sum cut at 11 modes lacks about 1e-5 of G(0) ≈ 1/3.
            let by_modes = -1.0 / receptance(x, r) * r * r * r / 3.0;
            assert!((ratio(x, r) / by_modes - 1.0).abs() < 2e-3, "{x} {r}: {} {by_modes}", ratio(x, r));
        }
    }

    #[test]
    fn two_modes_tell_where_the_tip_is() {
        let (f1, f2) = (300e3, 300e3 * (FREE[1] / FREE[0]).powi(2));
        let r = 0.93;
        let at = |mode, free: f64, k: f64| {
            let c = Cantilever { mode, free, tip: r };
            bisect(|f| c.stiffness(f).unwrap_or(f64::INFINITY) - k, free, c.pinned() * (1.0 - 1e-9))
        };
        let got = tip_position((1, f1, at(1, f1, 20.0)), (2, f2, at(2, f2, 20.0))).unwrap();
        assert!((got - r).abs() < 1e-6, "{got}");
    }

    #[test]
    fn outside_the_band_is_an_error() {
        let c = Cantilever { mode: 1, free: 300e3, tip: 1.0 };
        assert!(matches!(c.stiffness(299e3), Err(BeamError::BelowFree(..))));
        assert!(matches!(c.stiffness(1.32e6), Err(BeamError::AbovePinned(..))));
        assert!(matches!(c.stiffness(f64::NAN), Err(BeamError::BelowFree(..))));
        assert!((c.pinned() / 300e3 - 4.3851).abs() < 1e-4);
    }
}
