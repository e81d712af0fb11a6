//! What the zero, the sign and the scale of a phase image are (METHODS §4).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an instrument writes the phase φ by which the tip lags behind the drive, 90° at the free resonance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseConvention {
    /// φ itself: 0° to 180°, 90° at the free resonance.
    Lag,
    /// −φ: the phase of the response against the drive.
    Lead,
    /// 90° − φ: 0° at the free resonance, positive where the tip is repelled.
    ShiftFromResonance,
    /// φ − 90°: 0° at the free resonance, negative where the tip is repelled.
    LagFromResonance,
}

impl PhaseConvention {
    /// φ in degrees, from a value in degrees as the instrument writes it.
    pub fn lag(self, written: f64) -> f64 {
        match self {
            PhaseConvention::Lag => written,
            PhaseConvention::Lead => -written,
            PhaseConvention::ShiftFromResonance => 90.0 - written,
            PhaseConvention::LagFromResonance => 90.0 + written,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lag_in_every_convention() {
        use PhaseConvention::{Lag, LagFromResonance, Lead, ShiftFromResonance};
        for (convention, written) in [(Lag, 60.0), (Lead, -60.0), (ShiftFromResonance, 30.0), (LagFromResonance, -30.0)]
        {
            assert_eq!(convention.lag(written), 60.0, "{convention:?}");
        }
    }
}
