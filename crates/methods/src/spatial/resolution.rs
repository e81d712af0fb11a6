//! Whether a correlation length means something: against the pixel, the contact and the window (METHODS §13, §14).

use softspot_data::unit::{Unit, display::quantity};
use softspot_data::{Standing, Warning};

/// White noise seen through a disc of radius a has ξ = 1.04 a (METHODS §13).
pub const DISC: f64 = 1.0422;
/// A length below this many times what the instrument makes of white noise is the instrument's.
const RESOLVED: f64 = 2.0;
/// Pixels a correlation length needs.
const PIXELS: f64 = 2.0;
/// Windows of fewer correlation lengths leave a bias of more than 5 % after correction (Nečas & Klapetek).
const WINDOW: f64 = 12.0;
/// Windows below this are said.
const WINDOW_WARN: f64 = 20.0;

/// What limits a correlation length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing does.
    Resolved,
    /// The pixel or the contact.
    ResolutionLimited,
    /// The size of the map.
    WindowLimited,
    /// Fields of the fitted model do not show what the map shows: the length is not one of the map.
    ModelRejected,
}

impl Verdict {
    /// As results carry it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Resolved => Standing::Resolved.words(),
            Verdict::ResolutionLimited => "resolution-limited",
            Verdict::WindowLimited => "window-limited",
            Verdict::ModelRejected => Standing::ModelRejected.words(),
        }
    }
}

/// Contact radius of a sphere, m: (3 P R / 4 E*)^{1/3} (Hertz).
pub fn contact_radius(force: f64, tip_radius: f64, reduced_modulus: f64) -> f64 {
    libm::cbrt(3.0 * force * tip_radius / (4.0 * reduced_modulus))
}

/// Judges ξ (m) against the larger pixel step, the contact radius if known, and the shorter side of the window.
pub fn judge(xi: f64, pixel: f64, contact: Option<f64>, window: f64) -> (Verdict, Vec<Warning>) {
    let m = Unit::of("m");
    let mut warnings = Vec::new();
    let mut verdict = Verdict::Resolved;
    let ratio = window / xi;
    if ratio < WINDOW_WARN {
        warnings.push(Warning::new(
            "window",
            format!(
                "the window is {ratio:.1} correlation lengths wide ({} over {})",
                quantity(window, &m),
                quantity(xi, &m)
            ),
            "scan an area of at least 20 correlation lengths, or pool several maps",
        ));
    }
    if ratio < WINDOW {
        verdict = Verdict::WindowLimited;
    }
    if xi < PIXELS * pixel {
        warnings.push(Warning::new(
            "pixel",
            format!("ξ = {} is {:.1} pixels", quantity(xi, &m), xi / pixel),
            "scan with a smaller pixel before speaking of a length",
        ));
        verdict = Verdict::ResolutionLimited;
    }
    if let Some(a) = contact
        && xi < RESOLVED * DISC * a
    {
        warnings.push(Warning::new(
            "contact",
            format!(
                "ξ = {} is within twice the {} that white noise shows through a contact of radius {}",
                quantity(xi, &m),
                quantity(DISC * a, &m),
                quantity(a, &m)
            ),
            "this is the size of the probe, not of the structure; use a sharper tip or a smaller force",
        ));
        verdict = Verdict::ResolutionLimited;
    }
    (verdict, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_alloys_of_the_study() {
        let px = 1e-6 / 512.0;
        assert_eq!(judge(7e-9, px, Some(4e-9), 1e-6).0, Verdict::ResolutionLimited);
        assert_eq!(judge(40e-9, px, Some(4e-9), 1e-6).0, Verdict::Resolved);
        assert_eq!(judge(160e-9, px, Some(4e-9), 1e-6).0, Verdict::WindowLimited);
        assert_eq!(judge(3e-9, px, None, 1e-6).0, Verdict::ResolutionLimited);
    }

    #[test]
    fn white_noise_through_a_disc() {
        // The overlap of two discs falls to 1/e at 1.0422 a (NUMBERS-independent: the closed form of the lens area).
        let overlap = |d: f64| {
            let h = d / 2.0;
            (2.0 * libm::acos(h) - d * (1.0 - h * h).sqrt()) / std::f64::consts::PI
        };
        assert!((overlap(DISC) - libm::exp(-1.0)).abs() < 1e-4);
    }
}
