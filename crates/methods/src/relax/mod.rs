//! Relaxation spectra: peaks of the loss modulus, the class of the β relaxation, activation energies (METHODS §11).

pub mod arrhenius;
pub mod crystallisation;
pub mod defects;
pub mod derived;
pub mod floor;
pub mod gather;
pub mod loss;
pub mod master;
pub mod measured;
pub mod model;
pub mod monotone;
pub mod peaks;
pub mod processes;
pub mod resample;
pub mod stz;
pub mod times;
pub mod transient;
pub mod vft;

/// Gas constant, J/(mol K).
pub const GAS_CONSTANT: f64 = 8.314_462_618;
/// J/mol in one eV a particle.
pub const J_PER_MOL_PER_EV: f64 = 96_485.332_123_310_02;
