//! What all regions of a map are like: means with the bias of the border removed, orientation, spanning (METHODS §5).

use super::body::Body;
use super::shape::Region;
use crate::num::random::Stream;
use crate::num::resample::of_mean;

/// Regions that an interval needs.
const LEAST: usize = 5;

/// A region of a map or of a volume, as far as means over regions take it. Lengths in m.
pub trait Extent {
    /// Its number, from 1.
    fn id(&self) -> usize;
    /// Pixels or voxels.
    fn size(&self) -> u64;
    /// Whether it touches the edge of the map or a face of the volume.
    fn border(&self) -> bool;
    /// Whether it touches an invalid pixel or voxel.
    fn hole(&self) -> bool;
    /// Pixels of its bounding box along each axis.
    fn extent(&self) -> &[usize];
    /// Whether it reaches from one side to the opposite one.
    fn spans(&self) -> bool;
    /// Centre of mass, x, y and, of volumes, z, m.
    fn centroid(&self) -> &[f64];
    /// Largest over smallest diameter.
    fn aspect_ratio(&self) -> f64;
    /// Radius of the disc of the same area, or the ball of the same volume.
    fn r_eq(&self) -> f64;
    /// Largest diameter: Feret's, or the longest axis of inertia.
    fn d_max(&self) -> f64;
    /// Smallest diameter.
    fn d_min(&self) -> f64;
}

impl Extent for Region {
    fn size(&self) -> u64 {
        self.pixels as u64
    }

    fn border(&self) -> bool {
        self.border
    }

    fn hole(&self) -> bool {
        self.hole
    }

    fn extent(&self) -> &[usize] {
        &self.extent
    }

    fn id(&self) -> usize {
        self.id
    }

    fn spans(&self) -> bool {
        self.spans
    }

    fn centroid(&self) -> &[f64] {
        &self.centroid
    }

    fn aspect_ratio(&self) -> f64 {
        self.aspect_ratio
    }

    fn r_eq(&self) -> f64 {
        self.r_eq
    }

    fn d_max(&self) -> f64 {
        self.d_max
    }

    fn d_min(&self) -> f64 {
        self.d_min
    }
}

impl Extent for Body {
    fn size(&self) -> u64 {
        self.voxels
    }

    fn border(&self) -> bool {
        self.border
    }

    fn hole(&self) -> bool {
        self.hole
    }

    fn extent(&self) -> &[usize] {
        &self.extent
    }

    fn id(&self) -> usize {
        self.id
    }

    fn spans(&self) -> bool {
        self.spans
    }

    fn centroid(&self) -> &[f64] {
        &self.centroid
    }

    fn aspect_ratio(&self) -> f64 {
        self.axes[0] / self.axes[2]
    }

    fn r_eq(&self) -> f64 {
        self.r_eq
    }

    fn d_max(&self) -> f64 {
        self.axes[0]
    }

    fn d_min(&self) -> f64 {
        self.axes[2]
    }
}

/// Regions that are measured: large enough, and whole.
#[derive(Clone, Debug)]
pub struct WholeRegions<'a, R = Region> {
    /// Each with the inverse of the chance that a region of its extent lies inside of the map (Miles & Lantuéjoul).
    regions: Vec<(&'a R, f64)>,
    /// Regions of fewer pixels than are wanted.
    pub small: usize,
    /// Others that touch the edge of the map.
    pub cut: usize,
    /// Measured ones that touch an invalid pixel.
    pub holed: usize,
}

impl<'a, R: Extent> WholeRegions<'a, R> {
    /// Of regions in a map of `window` [rows, columns] pixels, or a volume of `[z, y, x]` voxels.
    pub fn new(regions: &'a [R], window: &[usize], min_pixels: usize) -> WholeRegions<'a, R> {
        let least = min_pixels as u64;
        let small = regions.iter().filter(|r| r.size() < least).count();
        let large = || regions.iter().filter(|r| r.size() >= least);
        // Places of the bounding box that leave a pixel free on every side, of all there are; a side of one pixel has no
        // other place.
        let places = |(n, e): (&usize, &usize)| match *n {
            1 => 1.0,
            n => (n as f64 - 1.0 - *e as f64) / n as f64,
        };
        let chance = |r: &R| {
            let each: Vec<f64> = window.iter().zip(r.extent()).map(places).collect();
            if each.iter().all(|p| *p > 0.0) { each.iter().product() } else { 0.0 }
        };
        let whole = large().filter(|r| !r.border() && chance(r) > 0.0);
        WholeRegions {
            regions: whole.map(|r| (r, 1.0 / chance(r))).collect(),
            small,
            cut: large().filter(|r| r.border()).count(),
            holed: large().filter(|r| !r.border() && r.hole()).count(),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.regions.len()
    }

    /// Weighted mean; NaN of no region.
    pub fn mean(&self, of: impl Fn(&R) -> f64) -> f64 {
        let (sum, weights) = self.regions.iter().fold((0.0, 0.0), |(s, w), (r, own)| (s + own * of(r), w + own));
        sum / weights
    }

    /// 95 % interval of the mean by resampling regions, which lie apart from each other; `None` of few.
    pub fn interval(&self, of: impl Fn(&R) -> f64, stream: &Stream, resamples: usize) -> Option<[f64; 2]> {
        if self.regions.len() < LEAST {
            return None;
        }
        let values: Vec<(f64, f64)> = self.regions.iter().map(|(r, w)| (of(r), *w)).collect();
        Some(of_mean(&values, stream, resamples))
    }

    /// Which regions are not among them, in words.
    pub fn left_out(&self, least: usize, pixels: &str) -> String {
        let left = format!("{} regions below {least} {pixels} and {} at the border are left out", self.small, self.cut);
        match self.holed {
            0 => left,
            k => format!("{left}; {k} that touch invalid {pixels} are kept"),
        }
    }

    /// Those that are measured.
    pub fn regions(&self) -> impl Iterator<Item = &'a R> {
        self.regions.iter().map(|(r, _)| *r)
    }
}

impl WholeRegions<'_, Region> {
    /// p of the hypothesis that long axes point anywhere (Rayleigh's test of the doubled angles, in the form that holds
    /// far out as well: Zar, Biostatistical Analysis, Eq. 27.4); regions with equal axes have no direction. NaN of fewer
    /// than two.
    pub fn orientation_p(&self) -> f64 {
        let n = self.regions.iter().filter(|(r, _)| r.inclination.is_finite()).count() as f64;
        if n < 2.0 {
            return f64::NAN;
        }
        let [c, s] = self.doubled();
        let rest = (n * n - (c * c + s * s)).max(0.0);
        libm::exp((1.0 + 4.0 * n + 4.0 * rest).sqrt() - (1.0 + 2.0 * n))
    }

    /// How long regions are along one direction that they have in common: 0 of round ones and of those that point anywhere, 1
    /// of lines side by side. Each counts by the ellipticity (a² − b²)/(a² + b²) of its ellipse; NaN of none.
    pub fn alignment(&self) -> f64 {
        let (mut c, mut s, mut weights) = (0.0, 0.0, 0.0);
        for (r, w) in &self.regions {
            let [a, b] = r.axes.map(|a| a * a);
            weights += w;
            if r.inclination.is_finite() {
                let (angle, long) = (2.0 * r.inclination.to_radians(), w * (a - b) / (a + b));
                c += long * libm::cos(angle);
                s += long * libm::sin(angle);
            }
        }
        libm::hypot(c, s) / weights
    }

    /// Mean direction of the long axes in (−90°, 90°], from +x towards the top.
    pub fn direction(&self) -> f64 {
        let [c, s] = self.doubled();
        0.5 * libm::atan2(s, c).to_degrees()
    }

    /// Sums of cosines and sines of the doubled angles.
    fn doubled(&self) -> [f64; 2] {
        let directed = self.regions.iter().filter(|(r, _)| r.inclination.is_finite());
        directed.fold([0.0, 0.0], |[c, s], (r, _)| {
            let doubled = (2.0 * r.inclination).to_radians();
            [c + libm::cos(doubled), s + libm::sin(doubled)]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;

    fn region(pixels: usize, extent: [usize; 2], inclination: f64) -> Region {
        Region {
            id: 1,
            pixels,
            area: pixels as f64,
            r_eq: 1.0,
            centroid: [0.0; 2],
            sum: 0.0,
            mean: 0.0,
            d_max: pixels as f64,
            d_min: 1.0,
            aspect_ratio: pixels as f64,
            axes: [1.0; 2],
            inclination,
            border: false,
            hole: false,
            extent,
            spans: false,
        }
    }

    /// Rods of 1 and 9 pixels, as many of each, in a window of 11: a long one lies wholly inside at 1 of 3 places where
    /// a short one does, and is counted three times for it.
    #[test]
    fn long_regions_are_counted_for_those_that_the_border_cuts() {
        let all = [region(1, [1, 1], 0.0), region(8, [1, 8], 0.0)];
        let m = WholeRegions::new(&all, &[11, 11], 1);
        let places = |n: f64| 11.0 - 1.0 - n;
        let want = (1.0 / places(1.0) + 8.0 / places(8.0)) / (1.0 / places(1.0) + 1.0 / places(8.0));
        assert!((m.mean(|r| r.pixels as f64) - want).abs() < 1e-12);
        let m = WholeRegions::new(&all, &[11, 11], 2);
        assert_eq!((m.count(), m.small, m.cut), (1, 1, 0));
        assert!(WholeRegions::<Region>::new(&[], &[11, 11], 1).mean(|r| r.r_eq).is_nan());
    }

    /// p of uniform angles is uniform: of 400 sets of 30, 5 % below 0.05 within 4 standard errors of 1.1 %
    /// (false alarm < 1e-4); axes along one direction are found.
    #[test]
    fn orientation_is_found_and_not_invented() {
        let mut random = Random::named("rayleigh", 1);
        let mut low = 0;
        for _ in 0..400 {
            let all: Vec<Region> = (0..30).map(|_| region(9, [3, 3], 180.0 * random.uniform() - 90.0)).collect();
            low += usize::from(WholeRegions::new(&all, &[99, 99], 1).orientation_p() < 0.05);
        }
        assert!((3..=38).contains(&low), "{low} of 400");
        let along: Vec<Region> = (0..30).map(|_| region(9, [3, 3], 85.0 + 20.0 * (random.uniform() - 0.5))).collect();
        let along = WholeRegions::new(&along, &[99, 99], 1);
        assert!(along.orientation_p() < 1e-6 && (along.direction().abs() - 85.0).abs() < 3.0, "{}", along.direction());
    }
}
