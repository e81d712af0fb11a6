//! Models of a relaxation process: its susceptibility χ(ωτ), which falls from 1 to 0, in `M* = M_u − ΔM χ`, and its decay
//! φ(t/τ) (METHODS §11).
//!
//! One file a family, one line in [`MODELS`]. Sums of Debye processes are the Maxwell solid; a Cole–Cole process is the
//! fractional Zener element.

pub mod havriliak_negami;
pub mod hierarchical;
pub mod kww;

use num_complex::Complex64;

pub use havriliak_negami::havriliak_negami;

/// A shape parameter of a model.
#[derive(Debug)]
pub struct Shape {
    /// Its name among the metrics.
    pub name: &'static str,
    /// Smallest value that is fitted.
    pub low: f64,
    /// Largest.
    pub high: f64,
    /// Where fits begin.
    pub starts: &'static [f64],
}

/// What a model is.
#[derive(Debug)]
pub struct ModelDoc {
    /// Its name in a definition.
    pub id: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Source.
    pub reference: &'static str,
    /// Parameters besides strength and time.
    pub shape: &'static [Shape],
}

/// One model.
pub trait Model: Sync {
    /// Its documentation.
    fn doc(&self) -> &'static ModelDoc;

    /// χ(ωτ), 1 at ωτ = 0, with a negative imaginary part; `omega_tau` > 0.
    fn susceptibility(&self, omega_tau: f64, shape: &[f64]) -> Complex64;

    /// φ(t/τ), 1 at 0; `t` ≥ 0.
    fn relaxation(&self, t: f64, shape: &[f64]) -> f64;

    /// ωτ at the maximum of the loss.
    fn peak(&self, shape: &[f64]) -> f64 {
        let loss = |x: f64| -self.susceptibility(libm::exp(x), shape).im;
        // Every loss has one maximum within twelve decades of ωτ = 1: golden section.
        const SECTION: f64 = 0.618_033_988_749_894_9;
        let (mut a, mut b) = (-14.0, 14.0);
        for _ in 0..70 {
            let (c, d) = (b - SECTION * (b - a), a + SECTION * (b - a));
            if loss(c) > loss(d) { b = d } else { a = c }
        }
        libm::exp(0.5 * (a + b))
    }
}

/// Every model, the simplest first.
pub static MODELS: &[&dyn Model] = &[
    &havriliak_negami::Debye,
    &havriliak_negami::ColeCole,
    &havriliak_negami::ColeDavidson,
    &kww::Kww,
    &havriliak_negami::HavriliakNegami,
];

/// The model of that name.
pub fn find(id: &str) -> Option<&'static dyn Model> {
    MODELS.iter().copied().find(|m| m.doc().id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// χ′ from χ″ alone: χ′(ω) = (2/π) ∫ [x χ″(x) − ω χ″(ω)]/(x² − ω²) dx, by the trapezoid over ln x; what is subtracted
    /// integrates to 0.
    fn kramers_kronig(m: &dyn Model, shape: &[f64], omega: f64) -> f64 {
        let loss = |x: f64| -m.susceptibility(x, shape).im;
        let own = omega * loss(omega);
        let h = 0.02;
        // Half a step off the singularity, symmetric about it: the principal value.
        let sum: f64 = (-2500..2500)
            .map(|k| {
                let x = omega * libm::exp((f64::from(k) + 0.5) * h);
                (x * loss(x) - own) / (x * x - omega * omega) * x
            })
            .sum();
        2.0 / std::f64::consts::PI * sum * h
    }

    #[test]
    fn every_model_is_causal() {
        for m in MODELS {
            let shapes: Vec<Vec<f64>> = match m.doc().shape.len() {
                0 => vec![vec![]],
                1 => vec![vec![0.5], vec![0.8]],
                _ => vec![vec![0.95, 0.41], vec![0.6, 0.7]],
            };
            for shape in &shapes {
                for omega in [0.1, 1.0, 7.0] {
                    let (want, got) = (m.susceptibility(omega, shape).re, kramers_kronig(*m, shape, omega));
                    // The wings beyond e^{±50} are left out: less than e^{−50·0.39}.
                    assert!((want - got).abs() < 2e-5, "{} {shape:?} {omega}: {want} {got}", m.doc().id);
                }
                let x = m.peak(shape);
                let loss = |x: f64| -m.susceptibility(x, shape).im;
                assert!(loss(x) > loss(0.99 * x) && loss(x) > loss(1.01 * x));
            }
        }
    }

    #[test]
    fn every_model_is_the_transform_of_its_decay() {
        // χ(ω) = ∫ (−dφ/dt) e^{−iωt} dt: exact for φ straight between points at steps of 2 % in t, which differ from it by
        // h²/8 of its curvature in ln t, some 2·10⁻⁵.
        for m in MODELS {
            let shape: &[f64] = match m.doc().shape.len() {
                0 => &[],
                1 => &[0.6],
                _ => &[0.9, 0.5],
            };
            let points: Vec<(f64, f64)> = (-1600..=1400)
                .map(|k| {
                    let t = libm::exp(0.02 * f64::from(k));
                    (t, m.relaxation(t, shape))
                })
                .collect();
            for omega in [0.1, 1.0, 10.0] {
                let (mut re, mut im) = (0.0, 0.0);
                for w in points.windows(2) {
                    let ((t, a), (u, b)) = (w[0], w[1]);
                    let slope = (a - b) / (u - t) / omega;
                    re += slope * (libm::sin(omega * u) - libm::sin(omega * t));
                    im += slope * (libm::cos(omega * u) - libm::cos(omega * t));
                }
                let want = m.susceptibility(omega, shape);
                let id = m.doc().id;
                assert!((re - want.re).abs() < 1e-4 && (im - want.im).abs() < 1e-4, "{id} {omega}: {want} {re} {im}");
            }
        }
    }

    #[test]
    fn names_are_unique_and_found() {
        for m in MODELS {
            assert!(std::ptr::eq(find(m.doc().id).unwrap().doc(), m.doc()));
        }
        assert!(find("voodoo").is_none());
    }
}
