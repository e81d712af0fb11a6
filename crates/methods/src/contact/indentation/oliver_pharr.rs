//! Hardness and reduced modulus from the unloading of a pyramid (Oliver & Pharr 1992, doi:10.1557/JMR.1992.1564; 2004,
//! doi:10.1557/jmr.2004.19.1.3; ISO 14577 for the creep).

use super::curve::{Contact, Curve, Flag, Unusable};
use crate::num::fit::{Parameter, least_squares};

/// The instrument and its tip.
#[derive(Clone, Debug)]
pub struct Instrument {
    /// Compliance of the frame, m/N.
    pub frame: f64,
    /// Coefficients of A(h_c) = Σ cᵢ h_c^{2/2^i}: m², m, …; the first is 24.5 for a perfect Berkovich tip.
    pub area: Vec<f64>,
    /// ε of the contact depth; 0.75 for a paraboloid.
    pub epsilon: f64,
    /// β of the pyramid; 1.034 for a Berkovich tip.
    pub beta: f64,
    /// Part of the unloading that is fitted, in shares of the largest load: from below.
    pub from: f64,
    /// To above.
    pub to: f64,
}

impl Default for Instrument {
    fn default() -> Instrument {
        Instrument { frame: 0.0, area: vec![24.5], epsilon: 0.75, beta: 1.034, from: 0.25, to: 0.95 }
    }
}

/// One indentation, SI.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Indent {
    /// Reduced modulus, Pa.
    pub reduced_modulus: f64,
    /// Hardness, Pa.
    pub hardness: f64,
    /// Contact stiffness, N/m, without the frame.
    pub stiffness: f64,
    /// Contact depth, m.
    pub contact_depth: f64,
    /// Contact area, m².
    pub area: f64,
    /// Standard error of the logarithm of the stiffness, from the fit of the unloading.
    pub stiffness_error: f64,
    /// Exponent of the unloading.
    pub exponent: f64,
    /// Rate of the depth in the second half of the hold, m/s; NaN without a hold.
    pub creep_rate: f64,
    /// Creep C_IT: growth of the depth in the hold over the depth at its begin; NaN without a hold.
    pub creep: f64,
    /// Root mean square of the residual depth of the unloading, m.
    pub residual: f64,
}

impl Instrument {
    /// A(h_c), m².
    pub fn area_at(&self, depth: f64) -> f64 {
        self.area.iter().enumerate().map(|(i, c)| c * libm::pow(depth, 2.0 / libm::exp2(i as f64))).sum()
    }

    /// Evaluates the unloading of a curve, its contact already found.
    ///
    /// # Errors
    /// [`Unusable`] without an unloading that can be fitted.
    pub fn evaluate(&self, c: &Curve, contact: &Contact) -> Result<Indent, Unusable> {
        let bad = |why: String| Unusable::new(Flag::NotFitted, why);
        let load = |i: usize| c.load[i] - contact.baseline;
        let depth = |i: usize| c.depth[i] - contact.depth[0] - self.frame * load(i);
        let [loaded, held] = c.phases();
        let (peak, deepest) = (load(c.top()), depth(held));
        let end = c.len();
        let rows: Vec<usize> = (held..end)
            .take_while(|i| load(*i) > 0.5 * self.from * peak)
            .filter(|i| (self.from * peak..=self.to * peak).contains(&load(*i)))
            .collect();
        if rows.len() < FEWEST {
            return Err(Unusable::new(
                Flag::TooFew,
                format!("{} points of an unloading between {} and {} of the load", rows.len(), self.from, self.to),
            ));
        }
        // h = h_f + (h_m − h_f) (P/P_m)^{1/m}: depth carries the noise.
        let lowest = depth(*rows.last().unwrap_or(&held));
        let start = [
            Parameter::new((lowest - 0.3 * (deepest - lowest)) / deepest, -1.0, 1.0),
            Parameter::new(1.0, 0.5, 1.5),
            Parameter::new(libm::log(1.5), libm::log(0.9), libm::log(4.0)),
        ];
        let x: Vec<(f64, f64)> = rows.iter().map(|i| (load(*i) / peak, depth(*i) / deepest)).collect();
        let fit = least_squares(&start, x.len(), |p, out| {
            for (o, (l, h)) in out.iter_mut().zip(&x) {
                *o = h - (p[0] + (p[1] - p[0]) * libm::pow(*l, libm::exp(-p[2])));
            }
        })
        .map_err(|e| bad(e.to_string()))?;
        let [rest, full, log_m] = [0, 1, 2].map(|i| fit.parameters[i]);
        let m = libm::exp(log_m);
        // dP/dh at the largest load.
        let stiffness = m * peak / ((full - rest) * deepest);
        if !(stiffness > 0.0 && stiffness.is_finite()) {
            return Err(bad("the depth does not come back when the load goes".into()));
        }
        let variance = fit.chi2 / (x.len() - 3).max(1) as f64;
        let error =
            variance.sqrt() * libm::hypot(fit.errors[2], libm::hypot(fit.errors[0], fit.errors[1]) / (full - rest));
        let at_peak = full * deepest;
        let contact_depth = at_peak - self.epsilon * peak / stiffness;
        let area = self.area_at(contact_depth);
        if !(contact_depth > 0.0 && area > 0.0) {
            return Err(bad(format!(
                "the contact depth is {contact_depth:.2e} m: frame or area function are not those"
            )));
        }
        // The ends of the ramps within 2 % of the load are no hold.
        let full = |i: &usize| load(*i) >= 0.999 * peak;
        let hold = (loaded..=held).find(full).zip((loaded..=held).rfind(full));
        let (creep_rate, creep) = hold.map_or((f64::NAN, f64::NAN), |(from, to)| creep(c, from, to, &depth));
        Ok(Indent {
            reduced_modulus: std::f64::consts::PI.sqrt() / (2.0 * self.beta) * stiffness / area.sqrt(),
            hardness: peak / area,
            stiffness,
            contact_depth,
            area,
            stiffness_error: error,
            exponent: m,
            creep_rate,
            creep,
            residual: (fit.chi2 / x.len() as f64).sqrt() * deepest,
        })
    }
}

/// Points of an unloading that determine three parameters.
const FEWEST: usize = 8;

/// Rate over the second half of the hold, and growth over all of it.
fn creep(c: &Curve, loaded: usize, held: usize, depth: &dyn Fn(usize) -> f64) -> (f64, f64) {
    if held < loaded + FEWEST {
        return (f64::NAN, f64::NAN);
    }
    let half = loaded.midpoint(held);
    let line = crate::num::linear::line(&c.time[half..=held], &(half..=held).map(depth).collect::<Vec<_>>());
    let growth = (depth(held) - depth(loaded)) / depth(loaded);
    (line.map_or(f64::NAN, |l| l.slope), growth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    /// An indent of known stiffness and area: loading ∝ h², hold with creep, unloading ∝ (h − h_f)^m.
    fn indent(noise: f64, frame: f64) -> (Curve, f64) {
        let (peak, deepest, m, back) = (10e-3, 250e-9, 1.4, 90e-9);
        let mut r = Random::named("indent", 1);
        let (mut time, mut load, mut depth) = (Vec::new(), Vec::new(), Vec::new());
        let mut add = |t: f64, p: f64, h: f64| {
            time.push(t);
            load.push(p);
            depth.push(h + frame * p + noise * r.normal());
        };
        (0..500).for_each(|i| {
            let x = f64::from(i) / 500.0;
            add(10.0 * x, peak * x * x, (deepest - 5e-9) * x);
        });
        (0..200).for_each(|i| add(10.0 + f64::from(i) * 0.05, peak, deepest - 5e-9 + 5e-9 * f64::from(i) / 200.0));
        (0..500).for_each(|i| {
            let x = 1.0 - f64::from(i) / 500.0;
            add(20.0 + 10.0 * (1.0 - x), peak * x, deepest - back + back * libm::pow(x, 1.0 / m));
        });
        (Curve { time, load, depth }, m * peak / back)
    }

    #[test]
    fn stiffness_hardness_and_modulus() {
        let contact = Contact { index: 0, baseline: 0.0, level_error: 0.0, noise: 0.0, depth: [0.0, 0.0] };
        for (noise, frame, near) in [(0.0, 0.0, 1e-6), (0.0, 2e-7, 1e-6), (0.1e-9, 2e-7, 0.02)] {
            let (c, stiffness) = indent(noise, frame);
            let i = Instrument { frame, ..Instrument::default() };
            let got = i.evaluate(&c, &contact).unwrap();
            let hc = 250e-9 - 0.75 * 10e-3 / stiffness;
            let area = 24.5 * hc * hc;
            let want = [stiffness, 10e-3 / area, std::f64::consts::PI.sqrt() / 2.068 * stiffness / area.sqrt()];
            for (g, w) in [got.stiffness, got.hardness, got.reduced_modulus].iter().zip(want) {
                assert!((g / w - 1.0).abs() < near, "{noise} {frame}: {g} {w}");
            }
            // 5 nm in 10 s of hold.
            assert!((got.creep_rate / 5e-10 - 1.0).abs() < 0.1 && (got.creep / (5.0 / 245.0) - 1.0).abs() < 0.1);
            assert!(noise == 0.0 || libm::log(got.stiffness / stiffness).abs() < 4.0 * got.stiffness_error);
        }
    }

    #[test]
    fn what_has_no_unloading_is_said() {
        let contact = Contact { index: 0, baseline: 0.0, level_error: 0.0, noise: 0.0, depth: [0.0, 0.0] };
        let (c, _) = indent(0.0, 0.0);
        let i = Instrument::default();
        assert_eq!(i.evaluate(&c.part(0..700), &contact).unwrap_err().flag, Flag::TooFew);
        let stiff = Instrument { frame: 1e-4, ..i };
        assert_eq!(stiff.evaluate(&c, &contact).unwrap_err().flag, Flag::NotFitted);
        let area = Instrument { area: vec![24.5, 1e-6], ..Instrument::default() };
        assert!((area.area_at(1e-7) - (24.5e-14 + 1e-13)).abs() < 1e-25);
    }
}
