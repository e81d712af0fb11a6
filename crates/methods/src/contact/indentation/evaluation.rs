//! What an indentation gives.

use super::curve::{Curve, Flag, Unusable};

/// What became of a point; what it has not is NaN.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Whether it can be used.
    pub flag: Flag,
    /// Why not.
    pub why: String,
    /// Shear modulus of a sphere (standard linear solid: G_I), reduced modulus of a pyramid, Pa.
    pub modulus: f64,
    /// Standard errors of the logarithms of modulus, relaxation time and viscosity.
    pub errors: [f64; 3],
    /// Young's modulus, Pa.
    pub young: f64,
    /// Hardness, Pa.
    pub hardness: f64,
    /// Relaxation time, s.
    pub relaxation_time: f64,
    /// Viscosity, Pa s.
    pub viscosity: f64,
    /// G_II and η(1 + G_I/G_II) of a standard linear solid.
    pub second: [f64; 2],
    /// Root mean square of the residual depth, m.
    pub residual: f64,
    /// Coefficient of determination.
    pub r2: f64,
    /// Samples that were fitted.
    pub samples: usize,
    /// Depth of contact in the depths of the file, and its standard error.
    pub contact: [f64; 2],
    /// Drift that was taken off, m/s.
    pub drift: f64,
    /// Largest load, N.
    pub load: f64,
    /// Largest depth, m.
    pub depth: f64,
    /// Contact radius at the largest load, m.
    pub contact_radius: f64,
    /// Stiffness of the unloading, N/m.
    pub stiffness: f64,
    /// Rate of creep in the hold, m/s, and the creep over the depth.
    pub creep: [f64; 2],
    /// Whether an unloading could tell plasticity.
    pub unloaded: bool,
    /// The curve as it is drawn.
    pub trace: Option<Trace>,
}

/// A curve as it is drawn.
#[derive(Clone, Debug)]
pub struct Trace {
    /// As measured, from the contact on.
    pub curve: Curve,
    /// Depths of the fit, m.
    pub fitted: Vec<f64>,
    /// Depths of an elastic contact of the same modulus.
    pub elastic: Vec<f64>,
}

impl Evaluation {
    /// Of a point that cannot be evaluated.
    pub fn none(u: Unusable) -> Evaluation {
        const NAN: f64 = f64::NAN;
        Evaluation {
            flag: u.flag,
            why: u.why,
            modulus: NAN,
            errors: [NAN; 3],
            young: NAN,
            hardness: NAN,
            relaxation_time: NAN,
            viscosity: NAN,
            second: [NAN; 2],
            residual: NAN,
            r2: NAN,
            samples: 0,
            contact: [NAN; 2],
            drift: NAN,
            load: NAN,
            depth: NAN,
            contact_radius: NAN,
            stiffness: NAN,
            creep: [NAN; 2],
            unloaded: false,
            trace: None,
        }
    }
}
