//! The response of a standard linear solid under a spherical contact for any load history with one maximum of the contact
//! (Ting 1966, doi:10.1115/1.3625192; Graham 1967, doi:10.1016/0020-7225(67)90016-4).
//!
//! In units where C/G_I = 1, ρ = G_I/G_II: creep J = 1 + ρ(1 − e^{−t/τ}), relaxation ψ = φ + (1−φ)e^{−t/τ_r} with
//! φ = 1/(1+ρ) and τ_r = φτ. While the contact grows, y = h^{3/2} = ∫J dP. While it shrinks, it is as wide as it was at t₁:
//! `P(t) = ∫₀^{t₁} ψ(t−s) dy(s)`, and with α = y^{2/3} at t₁
//! `h(t) = α − ∫ J(t−s) d/ds [∫_{t₁(s)}^{s} ψ(s−u) dα(u)] ds`. Exponentials turn all integrals into recurrences.

use super::curve::Curve;
use super::kelvin::{Decay, two_thirds};

/// h of a standard linear solid for G_I = C; the load begins with 0 at the curve's first time.
pub fn response(c: &Curve, ratio: f64, retardation: f64) -> Vec<f64> {
    let n = c.len();
    let load: Vec<f64> = c.load.iter().map(|p| p.max(0.0)).collect();
    let (mut y, mut slow, mut decay) = (vec![0.0; n], 0.0, Decay::of(retardation));
    // The contact grows up to `last`.
    let mut last = n - 1;
    for i in 1..n {
        slow = decay.follow(slow, load[i - 1], load[i], c.time[i] - c.time[i - 1]);
        y[i] = load[i] + ratio * slow;
        if y[i] < y[i - 1] && load[i] < load[i - 1] && falls(&load, i) {
            last = i - 1;
            break;
        }
    }
    let mut h: Vec<f64> = y.iter().map(|y| two_thirds(*y)).collect();
    if last + 1 < n {
        Shrinking::new(c, &y[..=last], ratio, retardation).run(&load, &mut h);
    }
    h
}

/// Whether the load falls for good, not for a step of noise.
fn falls(load: &[f64], i: usize) -> bool {
    let ahead = (i + load.len() / 100 + 1).min(load.len() - 1);
    load[ahead] <= load[i]
}

struct Shrinking<'a> {
    c: &'a Curve,
    /// y while the contact grew.
    y: &'a [f64],
    /// ∫ e^{−(t−s)/τ_r} dy, at the times of `y`.
    memory: Vec<f64>,
    /// ∫ e^{−(t−s)/τ_r} dα, at the times of `y`.
    of_depth: Vec<f64>,
    ratio: f64,
    retardation: f64,
    /// φ and τ_r.
    relaxed: f64,
    relaxation: f64,
}

/// ∫ e^{−(t−s)/τ} dx over one more step, x straight.
fn fade(sum: f64, dx: f64, step: f64, tau: f64) -> f64 {
    let x = step / tau;
    sum * libm::exp(-x) + dx * if x > 0.0 { -libm::expm1(-x) / x } else { 1.0 }
}

impl<'a> Shrinking<'a> {
    fn new(c: &'a Curve, y: &'a [f64], ratio: f64, retardation: f64) -> Shrinking<'a> {
        let relaxed = 1.0 / (1.0 + ratio);
        let relaxation = retardation * relaxed;
        let (mut memory, mut of_depth) = (vec![0.0; y.len()], vec![0.0; y.len()]);
        for i in 1..y.len() {
            let step = c.time[i] - c.time[i - 1];
            memory[i] = fade(memory[i - 1], y[i] - y[i - 1], step, relaxation);
            of_depth[i] = fade(of_depth[i - 1], two_thirds(y[i]) - two_thirds(y[i - 1]), step, relaxation);
        }
        Shrinking { c, y, memory, of_depth, ratio, retardation, relaxed, relaxation }
    }

    fn run(&self, load: &[f64], h: &mut [f64]) {
        let last = self.y.len() - 1;
        let mut at = last;
        let mut alpha = two_thirds(self.y[last]);
        let mut depth_memory = self.of_depth[last];
        let (mut held, mut crept) = (0.0, 0.0);
        for i in last + 1..load.len() {
            let t = self.c.time[i];
            let step = t - self.c.time[i - 1];
            // The load that a contact as wide as at sample j carries now.
            let carries = |j: usize| {
                self.relaxed * self.y[j]
                    + (1.0 - self.relaxed) * self.memory[j] * libm::exp(-(t - self.c.time[j]) / self.relaxation)
            };
            while at > 0 && carries(at) > load[i] {
                at -= 1;
            }
            // Between samples at and at + 1, straight.
            let part = if at < last {
                let (a, b) = (carries(at), carries(at + 1));
                if b > a { ((load[i] - a) / (b - a)).clamp(0.0, 1.0) } else { 0.0 }
            } else {
                0.0
            };
            let between = |v: &dyn Fn(usize) -> f64| {
                if at < last { v(at) + part * (v(at + 1) - v(at)) } else { v(at) }
            };
            let narrow = two_thirds(between(&|j| self.y[j])).min(alpha);
            depth_memory = fade(depth_memory, narrow - alpha, step, self.relaxation);
            alpha = narrow;
            let then = between(&|j| self.of_depth[j] * libm::exp(-(t - self.c.time[j]) / self.relaxation));
            let next = (1.0 - self.relaxed) * (depth_memory - then);
            // ∫ J d(held): at once, and what creeps after.
            crept = fade(crept, next - held, step, self.retardation);
            held = next;
            h[i] = alpha - (held + self.ratio * (held - crept));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::indentation::kelvin;

    fn trapezoid(n: usize) -> Curve {
        let time: Vec<f64> = (0..=n).map(|i| 3.6 * i as f64 / n as f64).collect();
        let load = |t: f64| t.min(1.0).min((3.0 - t).max(0.0));
        Curve { load: time.iter().map(|t| load(*t)).collect(), depth: vec![0.0; n + 1], time }
    }

    /// Load that the depths ask for by Ting's equations with the depth given: an independent way back, by plain sums.
    fn load_of(c: &Curve, h: &[f64], ratio: f64, tau: f64) -> Vec<f64> {
        let (phi, tau_r) = (1.0 / (1.0 + ratio), tau / (1.0 + ratio));
        let psi = |t: f64| phi + (1.0 - phi) * libm::exp(-t / tau_r);
        let middle = |j: usize| 0.5 * (c.time[j] + c.time[j - 1]);
        let top = (0..h.len()).fold(0, |m, i| if h[i] > h[m] { i } else { m });
        (0..h.len())
            .map(|i| {
                let t = c.time[i];
                let mut upto = i;
                if i > top {
                    // ∫_{t₁}^{t} ψ(t−s) dh = 0.
                    let mut sum = 0.0;
                    upto = 0;
                    for j in (1..=i).rev() {
                        sum += psi(t - middle(j)) * (h[j] - h[j - 1]);
                        if j <= top && sum >= 0.0 {
                            upto = j;
                            break;
                        }
                    }
                }
                (1..=upto).map(|j| psi(t - middle(j)) * (h[j] * h[j].sqrt() - h[j - 1] * h[j - 1].sqrt())).sum()
            })
            .collect()
    }

    #[test]
    fn the_way_back_gives_the_load() {
        let c = trapezoid(3600);
        for (ratio, tau) in [(0.5, 0.3), (2.0, 0.1), (1.0, 2.0)] {
            let h = response(&c, ratio, tau);
            let p = load_of(&c, &h, ratio, tau);
            // Sums over 3600 steps: the error of either way is a few steps' worth of load.
            for i in (10..=3000).step_by(50) {
                assert!((p[i] - c.load[i]).abs() < 4e-3, "{ratio} {tau}: {i} {} {}", p[i], c.load[i]);
            }
        }
    }

    #[test]
    fn limits_are_hertz_and_kelvin() {
        let c = trapezoid(7200);
        let elastic = response(&c, 1e-12, 1.0);
        assert!((0..c.len()).all(|i| (elastic[i] - two_thirds(c.load[i])).abs() < 2e-3));
        // A very stiff spring in series is a Kelvin solid of G_II: h scales with ρ^{2/3}.
        let (soft, want) = (response(&c, 1e5, 0.3), kelvin::response(&c, 0.3));
        for i in (0..c.len()).step_by(100) {
            assert!(
                (soft[i] / two_thirds(1e5) - want[i]).abs() < 4e-3,
                "{i} {} {}",
                soft[i] / two_thirds(1e5),
                want[i]
            );
        }
    }
}
