//! Contact mechanics of the probe: contact resonance of a cantilever, Hertz (METHODS §3).

pub mod beam;
pub mod hertz;
pub mod indentation;
