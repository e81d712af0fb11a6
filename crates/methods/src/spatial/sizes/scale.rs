//! What fitted sizes stand for: numbers of pixels of regions, or sizes as a table has them.

use softspot_data::unit::{Quantity, Unit};

/// Volume of a ball of radius 1.
const BALL: f64 = 4.0 / 3.0 * std::f64::consts::PI;
/// Part of its area by which two pixels may differ and be the same.
const SAME_PIXEL: f64 = 1e-6;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// Regions, fitted as whole numbers of pixels.
    Regions {
        /// Area of a pixel, m², or volume of a voxel, m³; `None` where no region tells it.
        pixel: Option<f64>,
        /// Whether radii of discs or balls of the same size are reported, not areas or volumes.
        radius: bool,
        /// 2 of maps, 3 of volumes.
        space: u8,
    },
    /// Sizes as they are given.
    Given,
    /// Sizes that were measured in steps of this many SI units, fitted as whole numbers of them.
    Steps(f64),
}

/// How a fitted size becomes a reported one.
#[derive(Clone, Debug)]
pub struct Scale {
    /// What is measured.
    pub measure: Measure,
    /// Whether fitted sizes are whole numbers.
    pub discrete: bool,
    /// Unit of what is reported.
    pub unit: Unit,
}

impl Scale {
    /// Of regions of a map (`space` 2) or a volume (3) with pixels of this size in m² or m³, `None` where there are no
    /// regions; reported as radii or as areas or volumes.
    pub fn regions(pixel: Option<f64>, radius: bool, space: u8) -> Scale {
        let unit = Unit::of(match (radius, space) {
            (true, _) => "nm",
            (false, 3) => "nm^3",
            (false, _) => "nm^2",
        });
        Scale { measure: Measure::Regions { pixel, radius, space }, discrete: true, unit }
    }

    /// Of sizes in this unit; those without one are whole numbers where all of them are.
    pub fn given(values: &[f64], unit: &Unit) -> Scale {
        let discrete = unit.same_dimension(&Unit::none()) && values.iter().all(|v| v.fract() == 0.0);
        Scale { measure: Measure::Given, discrete, unit: unit.clone() }
    }

    /// Of sizes that are whole numbers of one step, where so few are different that the steps show: at most half of them. The
    /// sizes become those numbers.
    pub(super) fn steps(values: &mut [f64], unit: &Unit) -> Option<Scale> {
        let mut distinct: Vec<f64> = values.to_vec();
        distinct.sort_by(f64::total_cmp);
        // What was read from decimals differs in its last digits.
        distinct.dedup_by(|a, b| (*a - *b).abs() <= 1e-9 * b.abs());
        if distinct.len() < 2 || distinct.len() * 2 > values.len() {
            return None;
        }
        let gaps = distinct.windows(2).map(|w| w[1] - w[0]).chain(distinct.first().copied());
        let step = gaps.fold(f64::INFINITY, f64::min);
        let whole = |v: &f64| {
            let n = v / step;
            n < 1e9 && (n - n.round()).abs() < 1e-6 * n.clamp(1.0, 1e3)
        };
        if !(step > 0.0 && distinct.iter().all(whole)) {
            return None;
        }
        values.iter_mut().for_each(|v| *v = (*v / step).round());
        Some(Scale { measure: Measure::Steps(step), discrete: true, unit: unit.clone() })
    }

    /// What the exponent is one of.
    pub fn about(&self) -> &'static str {
        match self.measure {
            Measure::Regions { radius: true, space: 3, .. } => {
                "n(R_eq), fitted to volumes in whole voxels and transformed"
            }
            Measure::Regions { radius: true, .. } => "n(R_eq), fitted to areas in whole pixels and transformed",
            Measure::Regions { radius: false, space: 3, .. } => "n(volume)",
            Measure::Regions { radius: false, .. } => "n(area)",
            Measure::Steps(_) => "n(size), fitted as whole numbers of the step that the sizes were measured in",
            Measure::Given if self.discrete => "n(size), whole numbers",
            Measure::Given => "n(size)",
        }
    }

    /// A fitted size as it is reported, SI.
    pub fn size(&self, x: f64) -> f64 {
        match self.measure {
            Measure::Regions { pixel: Some(v), radius: true, space: 3 } => libm::cbrt(x * v / BALL),
            Measure::Regions { pixel: Some(a), radius: true, .. } => (x * a / std::f64::consts::PI).sqrt(),
            Measure::Regions { pixel: Some(a), radius: false, .. } => x * a,
            Measure::Steps(step) => x * step,
            Measure::Regions { pixel: None, .. } | Measure::Given => x,
        }
    }

    /// The exponent of what is reported: n(s) ∝ s^−τ is n(R) ∝ R^−(2τ − 1) in maps, R^−(3τ − 2) in volumes.
    pub fn exponent(&self, tau: f64) -> f64 {
        match self.measure {
            Measure::Regions { radius: true, space: 3, .. } => 3.0 * tau - 2.0,
            Measure::Regions { radius: true, .. } => 2.0 * tau - 1.0,
            _ => tau,
        }
    }

    /// A reported size as it is fitted: of regions the first whole number of pixels that is at least as large.
    ///
    /// # Errors
    /// A size of another dimension than what is reported.
    pub fn fitted(&self, size: &Quantity) -> Result<f64, String> {
        if !size.unit.same_dimension(&self.unit) {
            return Err(format!("does not go with sizes in {}", self.unit.in_words()));
        }
        // What is a whole number but for rounding is that number.
        let whole = |pixels: f64| (pixels * (1.0 - 1e-12)).ceil();
        Ok(match self.measure {
            Measure::Regions { pixel: Some(v), radius: true, space: 3 } => whole(BALL * size.si.powi(3) / v),
            Measure::Regions { pixel: Some(a), radius: true, .. } => {
                whole(std::f64::consts::PI * size.si * size.si / a)
            }
            Measure::Regions { pixel: Some(a), radius: false, .. } | Measure::Steps(a) => whole(size.si / a),
            Measure::Regions { pixel: None, .. } | Measure::Given => size.si,
        })
    }

    /// Power of a fitted size that is a length.
    pub(super) fn length_power(&self) -> f64 {
        let has = |unit: &str| self.unit.same_dimension(&Unit::of(unit));
        match self.measure {
            Measure::Regions { space: 3, .. } => 1.0 / 3.0,
            Measure::Regions { .. } => 0.5,
            Measure::Given | Measure::Steps(_) if has("m^2") => 0.5,
            Measure::Given | Measure::Steps(_) if has("m^3") => 1.0 / 3.0,
            Measure::Given | Measure::Steps(_) => 1.0,
        }
    }

    /// The scale of sizes of both together. A map without any region tells no pixel and goes with every other.
    ///
    /// # Errors
    /// Why they cannot be pooled: different pixels, regions and sizes of a table, different units.
    pub fn pooled(&self, other: &Scale) -> Result<Scale, String> {
        match (self.measure, other.measure) {
            (Measure::Regions { pixel: Some(a), .. }, Measure::Regions { pixel: Some(b), .. })
                if (a / b - 1.0).abs() > SAME_PIXEL =>
            {
                Err("the images have different pixels: their sizes cannot be pooled".into())
            }
            (Measure::Regions { space: a, .. }, Measure::Regions { space: b, .. }) if a != b => {
                Err("regions of maps and of volumes cannot be pooled".into())
            }
            (Measure::Regions { pixel: None, .. }, _) => Ok(other.clone()),
            (_, Measure::Regions { pixel: None, .. }) => Ok(self.clone()),
            (Measure::Regions { .. }, Measure::Regions { .. }) => Ok(self.clone()),
            (Measure::Regions { .. }, _) | (_, Measure::Regions { .. }) => {
                Err("sizes of regions and sizes of a table cannot be pooled".into())
            }
            _ if !self.unit.same_dimension(&other.unit) => Err("the tables have sizes in different units".into()),
            _ => Ok(Scale { discrete: self.discrete && other.discrete, ..self.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_there_and_back() {
        // A disc of 100 pixels of 4 nm² has a radius of √(400/π) nm.
        let radii = Scale::regions(Some(4e-18), true, 2);
        let r = radii.size(100.0);
        assert!((r / 1.128_379_167e-8 - 1.0).abs() < 1e-9);
        assert_eq!(radii.fitted(&Quantity { si: r, unit: Unit::of("m") }).unwrap(), 100.0);
        assert_eq!(radii.fitted(&Quantity { si: r * 1.001, unit: Unit::of("m") }).unwrap(), 101.0);
        assert!(radii.fitted(&Quantity { si: r, unit: Unit::of("m^2") }).unwrap_err().contains("`nm`"));
        assert_eq!((radii.exponent(187.0 / 91.0), radii.size(0.0)), (2.0 * 187.0 / 91.0 - 1.0, 0.0));
        let areas = Scale::regions(Some(4e-18), false, 2);
        assert!((areas.size(100.0) / 4e-16 - 1.0).abs() < 1e-12);
        assert_eq!(areas.exponent(2.0), 2.0);
        // A ball of 1000 voxels of 8 nm³ has a radius of ∛(6000/π) nm.
        let balls = Scale::regions(Some(8e-27), true, 3);
        let r = balls.size(1000.0);
        assert!((r / 1.240_700_982e-8 - 1.0).abs() < 1e-9, "{r}");
        assert_eq!(balls.fitted(&Quantity { si: r, unit: Unit::of("m") }).unwrap(), 1000.0);
        assert!((balls.exponent(2.189) - 4.567).abs() < 1e-12);
        assert!(balls.pooled(&radii).is_err());
    }

    #[test]
    fn steps_of_a_measurement() {
        let mut sizes = [3e-9, 5e-9, 3e-9, 4e-9, 3e-9, 12e-9, 4e-9, 3e-9];
        let scale = Scale::steps(&mut sizes, &Unit::of("nm")).unwrap();
        assert_eq!((sizes[1], sizes[5], scale.discrete), (5.0, 12.0, true));
        assert!((scale.size(5.0) / 5e-9 - 1.0).abs() < 1e-9);
        assert_eq!(scale.fitted(&Quantity { si: 4.2e-9, unit: Unit::of("m") }).unwrap(), 5.0);
        // Sizes that all differ, or are no multiples, are as they are.
        assert!(Scale::steps(&mut [1.0, 2.0, 3.0, 4.0], &Unit::of("nm")).is_none());
        assert!(Scale::steps(&mut [1.0, 1.0, 2.5, 2.5, 3.3, 3.3], &Unit::of("nm")).is_none());
    }

    #[test]
    fn what_may_be_pooled() {
        let (a, b) = (Scale::regions(Some(1e-18), true, 2), Scale::regions(Some(2e-18), true, 2));
        let (none, nm) = (Scale::regions(None, true, 2), Scale::given(&[1.0, 2.0], &Unit::of("nm")));
        assert!(a.pooled(&b).unwrap_err().contains("different pixels"));
        assert_eq!(none.pooled(&a).unwrap().measure, a.measure);
        assert_eq!(a.pooled(&none).unwrap().measure, a.measure);
        assert!(a.pooled(&nm).is_err() && nm.pooled(&a).is_err());
        assert!(nm.pooled(&Scale::given(&[1.0], &Unit::of("nm^2"))).unwrap_err().contains("units"));
        let (whole, broken) = (Scale::given(&[1.0], &Unit::none()), Scale::given(&[1.5], &Unit::none()));
        assert!(whole.discrete && !nm.discrete && !whole.pooled(&broken).unwrap().discrete);
    }
}
