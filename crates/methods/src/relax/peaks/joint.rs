//! The β process and the α flank above it, fitted at once: what one takes off the other is no longer guessed.

use super::Peak;
use crate::num::separable::{Separable, Solution};
use crate::num::sum::dot;

/// Height of the α peak up to which its low-temperature side is a flank.
const TOP: f64 = 0.6;
/// Bounds of ln of slope and curvature of the flank and of ln of the width of β, in steps of 1/T of a tenth of its value at the
/// flank's upper end.
const SLOPE: [f64; 2] = [-3.0, 6.0];
const CURVATURE: [f64; 2] = [-8.0, 6.0];
const WIDTH: [f64; 2] = [-1.5, 5.0];
/// Fewest points for eight parameters.
const FEWEST: usize = 16;

/// Shapes of β against 1/T, symmetric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Cole and Cole's; the parameter is the cosine of απ/2.
    ColeCole,
    /// A power of a hyperbolic secant, Fuoss and Kirkwood's and further towards a Gaussian distribution of energies; the
    /// parameter is ln of the power.
    Power,
}

impl Form {
    const ALL: [Form; 2] = [Form::ColeCole, Form::Power];

    /// Bounds of its parameter, and where fits begin.
    fn bounds(self) -> ([f64; 2], f64) {
        match self {
            Form::ColeCole => ([0.0, 0.98], 0.6),
            Form::Power => ([0.0, 4.0], 1.0),
        }
    }

    /// Of unit height, `x` from its centre in widths.
    fn at(self, x: f64, shape: f64) -> f64 {
        let x = x.abs().min(300.0);
        match self {
            Form::ColeCole => (1.0 + shape) / (libm::cosh(x) + shape),
            // The width of the wings, or of the Gaussian, whatever the power.
            Form::Power => {
                let q = libm::exp(shape);
                let inner = (x / q.sqrt()).min(300.0);
                libm::exp(-q * libm::log(libm::cosh(inner)))
            }
        }
    }
}

/// The β process beside the α flank.
#[derive(Clone, Debug)]
pub(super) struct Joint {
    /// The maximum of the β process alone.
    pub peak: Peak,
    /// Root mean square of what is left of the points, relative to them.
    pub residual: f64,
    /// Its degrees of freedom.
    pub freedom: f64,
    /// How far from it the other form of β puts the maximum, K, and how much of its height higher or lower.
    pub dissent: [f64; 2],
    /// ln E″ of the flank at its upper end, ln of its slope and curvature; ln width and shape of β.
    sought: Vec<f64>,
    form: Form,
    linear: Vec<f64>,
    upper: f64,
}

/// A wing of a process whose time follows Vogel–Fulcher–Tammann: ln E″ bends down towards low temperatures.
fn wing(u: f64, p: &[f64]) -> f64 {
    libm::exp(-(libm::exp(p[0]) * u + 0.5 * libm::exp(p[1]) * u * u))
}

impl Joint {
    fn u(&self, t: f64) -> f64 {
        10.0 * (self.upper / t - 1.0)
    }

    /// E″ of the α flank, Pa.
    pub(super) fn alpha(&self, t: f64) -> f64 {
        self.linear[0] * wing(self.u(t), &self.sought)
    }

    /// E″ of the β process, Pa.
    pub(super) fn beta(&self, t: f64) -> f64 {
        self.linear[1] * self.form.at(libm::exp(self.sought[3]) * (self.u(t) - self.sought[2]), self.sought[4])
    }

    /// The temperature over which the β process changes by its own width, K.
    pub(super) fn width(&self) -> f64 {
        let t = self.peak.temperature;
        0.1 * t * t / (self.upper * libm::exp(self.sought[3]))
    }

    /// The constant below both, Pa.
    pub(super) fn floor(&self) -> f64 {
        self.linear.get(2).copied().unwrap_or(0.0)
    }

    /// Fits the points from index `from` on to below the top of the α peak at index `top` of height `height`; `known` is
    /// taken off before, `smooth` is what errors are relative to. `None` where no β process stands beside the flank.
    pub(super) fn fit(
        t: &[f64],
        e: &[f64],
        smooth: &[f64],
        known: impl Fn(f64) -> f64,
        (from, top, height): (usize, usize, f64),
    ) -> Option<Joint> {
        let last = (from..top).rev().find(|i| smooth[*i] < TOP * height)?;
        let rows = from..last + 1;
        if rows.len() < FEWEST {
            return None;
        }
        let upper = t[last];
        let u: Vec<f64> = t[rows.clone()].iter().map(|t| 10.0 * (upper / t - 1.0)).collect();
        let over = |v: &dyn Fn(usize) -> f64| -> Vec<f64> { rows.clone().map(|i| v(i - from) / smooth[i]).collect() };
        let data = over(&|k| e[from + k] - known(t[from + k]));
        let mut found: Vec<(Form, Solution)> = Vec::new();
        for form in Form::ALL {
            // A constant below both, unless it would be negative.
            for floored in [true, false] {
                let columns = |p: &[f64]| {
                    let width = libm::exp(p[3]);
                    let beta = |k: usize| form.at(width * (u[k] - p[2]), p[4]);
                    let mut out = vec![over(&|k| wing(u[k], p)), over(&beta)];
                    if floored {
                        out.push(over(&|_| 1.0));
                    }
                    out
                };
                let (shape, first) = form.bounds();
                let bounds = [SLOPE, CURVATURE, [0.0, u[0]], WIDTH, shape];
                let s = Separable { data: &data, columns, bounds: &bounds };
                let mut starts = Vec::new();
                for place in [0.1, 0.25, 0.4, 0.55, 0.7, 0.85] {
                    for (slope, curvature) in [(1.5, 0.0), (2.3, 1.0)] {
                        starts.extend([0.0, 1.1].map(|width| vec![slope, curvature, place * u[0], width, first]));
                    }
                }
                let Ok(f) = s.solve(&starts) else { continue };
                if floored && !(f.linear[2] >= 0.0) {
                    continue;
                }
                let inside = !f.at_bound[2] && !f.at_bound[3];
                let sound = inside && f.linear[0] > 0.0 && f.linear[1] > 0.0;
                found.extend(sound.then_some((form, f)));
                break;
            }
        }
        found.sort_by(|a, b| a.1.aicc().total_cmp(&b.1.aicc()));
        let mut fits = found.into_iter().map(|(form, f)| Joint::of(form, f, upper));
        let best = fits.next()?;
        let other = fits.next().map_or(best.peak, |f| f.peak);
        let place = (best.peak.temperature - other.temperature).abs();
        Some(Joint { dissent: [place, (other.height / best.peak.height - 1.0).abs()], ..best })
    }

    fn of(form: Form, f: Solution, upper: f64) -> Joint {
        let inverse = (1.0 + 0.1 * f.sought[2]) / upper;
        let centre = f.linear.len() + 2;
        let error = 0.1 * f.error(centre) / (upper * inverse * inverse);
        let residual = (dot(&f.rest, &f.rest) / f.freedom).sqrt();
        Joint {
            peak: Peak { temperature: 1.0 / inverse, error, height: f.linear[1], height_error: f.error(1) },
            residual,
            freedom: f.freedom,
            dissent: [0.0; 2],
            sought: f.sought,
            form,
            linear: f.linear,
            upper,
        }
    }
}
