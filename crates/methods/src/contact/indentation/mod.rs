//! Indentation with a sphere or a pyramid: from load and depth against time to modulus, relaxation time, viscosity and
//! hardness (METHODS §9; S1 §3.2).
//!
//! Spheres: with y = h^{3/2} and C = 3(1−ν)/(8√R) a growing contact obeys `y(t) = C ∫ J(t−s) dP(s)` (Lee & Radok 1960,
//! doi:10.1115/1.3644020); a shrinking one Ting's equations (1966, doi:10.1115/1.3625192). Every model here predicts
//! `h = a·g(t; θ) + h₀ + b·t` from the measured load: the modulus is in a, which enters linearly as the depth h₀ of the
//! contact and the drift b do; only times and ratios θ are sought.

pub mod adhesion;
pub mod curve;
mod errors;
pub mod evaluation;
pub mod finished;
pub mod fit;
pub mod kelvin;
pub mod model;
pub mod oliver_pharr;
pub mod protocol;
pub mod ramp;
pub mod sphere;
pub mod ting;
