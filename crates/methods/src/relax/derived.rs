//! Numbers that follow from others: each a formula of METHODS §11 with its source.

use super::GAS_CONSTANT;

/// Barrier of a cooperative shear event, J: `W = (8/π²) G γ_c² ζ Ω` (Johnson & Samwer 2005, doi:10.1103/PhysRevLett.95.195501).
///
/// `modulus` in Pa, `strain` γ_c ≈ 0.027, `zeta` ≈ 3, `volume` in m³.
pub fn cooperative_shear(modulus: f64, strain: f64, zeta: f64, volume: f64) -> f64 {
    8.0 / std::f64::consts::PI.powi(2) * modulus * strain.powi(2) * zeta * volume
}

/// Donth's number of correlated units: `N_α = R T²Δ(1/c_p)/(m₀ δT²)` (S1 Eq. 4.12).
///
/// `inverse_heat` is 1/c_p of the glass less that of the liquid, kg K/J; `mass` m₀ that of a mole of units, kg/mol;
/// `spread` δT, K.
pub fn donth_number(temperature: f64, inverse_heat: f64, mass: f64, spread: f64) -> f64 {
    GAS_CONSTANT * temperature.powi(2) * inverse_heat / (mass * spread.powi(2))
}

/// Number of dynamically correlated units of Berthier et al. for a stretched exponential: `N_c = (R/(m₀Δc_p)) (β/e)²
/// (d ln τ/d ln T)²` (S1 Eq. 4.13, 4.14).
///
/// `heat_step` Δc_p, J/(kg K); `steepness` d ln τ/d ln T = m ln 10 at T_g.
pub fn correlated_number(heat_step: f64, mass: f64, beta: f64, steepness: f64) -> f64 {
    GAS_CONSTANT / (mass * heat_step) * (beta / std::f64::consts::E * steepness).powi(2)
}

/// `N_α/N_c ≈ 6.45 Δc_p Δ(1/c_p)` (S1 Eq. 4.15); steps of c_p and 1/c_p in reciprocal units.
pub fn ratio_of_numbers(heat_step: f64, inverse_heat: f64) -> f64 {
    6.45 * heat_step * inverse_heat
}

/// Shear modulus of a glass with interstitialcy defects, Pa: `G = μ exp(−αβc)` (S1 Eq. 4.5), μ that of the crystal.
pub fn interstitialcy_modulus(crystal: f64, alpha: f64, beta: f64, concentration: f64) -> f64 {
    crystal * libm::exp(-alpha * beta * concentration)
}

/// The concentration, a share, that lowers the modulus from that of the crystal to that of the glass, both Pa.
pub fn interstitialcy_concentration(crystal: f64, glass: f64, alpha: f64, beta: f64) -> f64 {
    libm::log(crystal / glass) / (alpha * beta)
}

/// Relaxed modulus, Pa, of elastic shells about liquid-like cores: `G = G∞/(1 + α)`, `α = β G∞ Ω/kT` (S1 Eq. 5.1).
pub fn relaxed_modulus(unrelaxed: f64, sensitivity: f64, volume: f64, temperature: f64) -> f64 {
    unrelaxed / (1.0 + sensitivity * unrelaxed * volume / (super::stz::BOLTZMANN * temperature))
}

/// Shear stress, Pa, at which work stands for the heat to a relaxation temperature: `τ = 3R (T − T₀)/V` (S0 Eq. 1 with T_g:
/// yielding; Eq. 2 with T_β: shear transformation zones). `molar_volume` in m³/mol.
pub fn yield_stress(temperature: f64, ambient: f64, molar_volume: f64) -> f64 {
    3.0 * GAS_CONSTANT * (temperature - ambient) / molar_volume
}

/// Poisson's ratio of a solid with a volume fraction of soft sites, from bulk and shear modulus of matrix and sites by the
/// dilute inclusions of Eshelby (1957, doi:10.1098/rspa.1957.0133; S1 Eq. 5.2).
pub fn poisson_of_soft_sites(bulk: [f64; 2], shear: [f64; 2], fraction: f64) -> f64 {
    let ([k0, k1], [g0, g1]) = (bulk, shear);
    let nu = (3.0 * k0 - 2.0 * g0) / (2.0 * (3.0 * k0 + g0));
    // Eshelby's α and β of a sphere: how its strain compares with what it would be alone.
    let (a, b) = ((1.0 + nu) / (3.0 * (1.0 - nu)), 2.0 * (4.0 - 5.0 * nu) / (15.0 * (1.0 - nu)));
    let soften = |m0: f64, m1: f64, e: f64| m0 * (1.0 + fraction * (m1 - m0) / (m0 + e * (m1 - m0)));
    let (k, g) = (soften(k0, k1, a), soften(g0, g1, b));
    (3.0 * k - 2.0 * g) / (2.0 * (3.0 * k + g))
}

/// E of the liquid at T_g, J/mol: `m R T_g ln 10`.
pub fn liquid_energy(fragility: f64, tg: f64) -> f64 {
    fragility * GAS_CONSTANT * tg * std::f64::consts::LN_10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_sizes() {
        // Vit105-like: G = 34 GPa, γ_c = 0.027, ζ = 3, 100 atoms of 16.6·10⁻³⁰ m³: 0.1 aJ, 0.6 eV.
        let w = cooperative_shear(34e9, 0.027, 3.0, 1.66e-27);
        assert!((w / crate::relax::stz::ELECTRON_VOLT - 0.625).abs() < 0.01, "{w:e}");
        // S1 Table 1, Pd40Ni10Cu30P20: T* = 294.5 °C, δT = 6.5 K, Δ(1/c_p) = 1.0 g K/J, N_α ≈ 1040 (T* read in °C).
        let mean = 0.40 * 106.42 + 0.10 * 58.69 + 0.30 * 63.55 + 0.20 * 30.97;
        let n = donth_number(294.5 + 273.15, 1.0e-3, mean * 1e-3, 6.5);
        assert!((n / 1040.0 - 1.0).abs() < 0.25, "{n}");
        // Its c_p from 0.33 to 0.55 J/(g K): N_α/N_c ≈ 6.45 · 0.22 · 1.0 = 1.42, against 1040/730.
        assert!((ratio_of_numbers(220.0, 1.0e-3) - 1040.0 / 730.0).abs() < 0.02);
        // αβ = 20 and 1.1–2.6 % of defects: 20 to 40 % below the crystal.
        let g = interstitialcy_modulus(1.0, 1.0, 20.0, 0.02);
        assert!((g - 0.670).abs() < 1e-3 && (interstitialcy_concentration(1.0, g, 1.0, 20.0) - 0.02).abs() < 1e-12);
        // T_g = 692 K, V = 11.6 cm³/mol: 0.84 GPa.
        assert!((yield_stress(692.0, 300.0, 11.6e-6) / 1e9 - 0.843).abs() < 1e-3);
        assert!((liquid_energy(40.0, 461.0) / 353e3 - 1.0).abs() < 0.01);
    }

    #[test]
    fn limits_of_soft_sites() {
        let (k, g) = (110.0, 34.0);
        let nu = (3.0 * k - 2.0 * g) / (2.0 * (3.0 * k + g));
        assert!((poisson_of_soft_sites([k, k], [g, g], 0.24) - nu).abs() < 1e-15);
        // Shear softening raises Poisson's ratio, dilatational softening lowers it (S1 §5.1).
        assert!(poisson_of_soft_sites([k, k], [g, 0.2 * g], 0.24) > nu + 0.01);
        assert!(poisson_of_soft_sites([k, 0.5 * k], [g, g], 0.24) < nu - 0.005);
        // All cores gone, the modulus is that of the shell.
        assert_eq!(relaxed_modulus(34e9, 1.0, 0.0, 300.0), 34e9);
        // (β/e)² = 0.05 at β = 0.61; m = 60, Δc_p = 220 J/(kg K), 73.6 g/mol.
        let n = correlated_number(220.0, 73.6e-3, 0.61, 60.0 * std::f64::consts::LN_10);
        assert!((n / 493.0 - 1.0).abs() < 0.01, "{n}");
    }
}
