//! From contact stiffness to modulus against a reference sample (METHODS §3).

/// Contact geometry: the exponent m of E* ∝ (k*)^m.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Geometry {
    /// A sphere on a plane, m = 3/2.
    Sphere,
    /// A flat punch, m = 1.
    FlatPunch,
}

impl Geometry {
    /// m.
    pub fn exponent(self) -> f64 {
        match self {
            Geometry::Sphere => 1.5,
            Geometry::FlatPunch => 1.0,
        }
    }
}

/// 1/E* = 1/M_s + 1/M_tip, Pa.
pub fn reduced(sample: f64, tip: f64) -> f64 {
    1.0 / (1.0 / sample + 1.0 / tip)
}

/// Indentation modulus of the sample, Pa, from its reduced modulus; NaN where the tip alone is softer than the pair.
pub fn sample_modulus(reduced: f64, tip: f64) -> f64 {
    let inverse = 1.0 / reduced - 1.0 / tip;
    if inverse > 0.0 { 1.0 / inverse } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reduced_and_back() {
        let e = reduced(76e9, 165e9);
        assert!((sample_modulus(e, 165e9) / 76e9 - 1.0).abs() < 1e-14);
        assert!(sample_modulus(200e9, 165e9).is_nan());
    }
}
