//! A sphere on a flat sample: what depth, load and modulus have to do with each other (S1 Eq. 3.8).

/// A rigid spherical indenter on a sample of known Poisson's ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sphere {
    /// Radius, m.
    pub radius: f64,
    /// Poisson's ratio of the sample.
    pub poisson: f64,
}

impl Sphere {
    /// C in `h^{3/2} = C P/G`: 3(1−ν)/(8√R), m^(−1/2).
    pub fn factor(&self) -> f64 {
        3.0 * (1.0 - self.poisson) / (8.0 * self.radius.sqrt())
    }

    /// Shear modulus from a in `h = a P^{2/3}`, Pa.
    pub fn modulus(&self, a: f64) -> f64 {
        self.factor() / (a * a.sqrt())
    }

    /// Contact radius at a depth, √(R h), m.
    pub fn contact_radius(&self, depth: f64) -> f64 {
        (self.radius * depth.max(0.0)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_review() {
        // S1 Fig. 35 as printed, 800 mN, 2 mm, 30 GPa, 0.363: h = 273 nm, a = 23 µm; with µN and µm: 27 nm and 234 nm.
        for (p, r, h, a) in [(0.8, 2e-3, 273e-9, 23.4e-6), (800e-6, 2e-6, 27.3e-9, 234e-9)] {
            let s = Sphere { radius: r, poisson: 0.363 };
            let depth = libm::pow(s.factor() * p / 30e9, 2.0 / 3.0);
            assert!((depth / h - 1.0).abs() < 2e-3 && (s.contact_radius(depth) / a - 1.0).abs() < 2e-3);
            assert!((s.modulus(depth / libm::pow(p, 2.0 / 3.0)) / 30e9 - 1.0).abs() < 1e-12);
        }
    }
}
