//! Classes of one or several maps, and what describes them (METHODS §8).

use ndarray::Array2;
use softspot_data::Map;

use super::boundary;
use super::exact::TooFew;
use super::features::NoClasses;
use super::resampled::Resample;
use super::verdict::Verdict;
use super::{Setting, several, single};
use crate::num::parallel::ordered;
use crate::num::random::Stream;
use crate::num::resample::jackknife;
use crate::num::sum::moments;
use crate::spatial::blocks::Blocks;
use crate::spatial::covariance::{Covariance, Model, fit};
use crate::spatial::structure_function::{Request, fitted_range, structure_function};

/// Pixels up to which correlation lengths of classes get intervals.
const JACKKNIFE: usize = 1 << 20;
/// Strips that are left out in turn.
const STRIPS: usize = 8;

/// Classes of the pixels of a map.
pub struct Segmentation {
    /// Class of each pixel from 0, by rising centre in the first map; NaN where invalid.
    pub labels: Array2<f64>,
    /// Centres in the unit of the first map.
    pub centres: Vec<f64>,
    /// Those in further maps.
    pub others: Vec<Vec<f64>>,
    /// Pixels of each class.
    pub counts: Vec<u64>,
    /// Standard deviation of the first map within each class.
    pub stds: Vec<f64>,
    /// Sum of squared distances from the centres, in the square of the first map's unit, or of the scale of each.
    pub inertia: f64,
    /// Whether it is in units of the variance of each map.
    pub scaled: bool,
    /// Mean silhouette; NaN of one class.
    pub silhouette: f64,
    /// Pixels that the silhouette is of, where not of all.
    pub silhouette_of: Option<usize>,
    /// Mixture that begins with the classes, where one was asked for and fits.
    pub mixed: Option<MixtureFit>,
    /// Classes of resampled blocks.
    pub resamples: Vec<Resample>,
    /// The blocks, where enough fit.
    pub blocks: Option<Blocks>,
    /// Why there is no interval, where one was asked for.
    pub no_interval: Option<NoInterval>,
    /// Values of the first map by rising size.
    pub sorted: Vec<f64>,
}

/// Why resampled blocks say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoInterval {
    /// Blocks do not keep the neighbours that decide the classes.
    Neighbours,
    /// Fewer than 30 blocks of four correlation lengths fit.
    FewBlocks,
}

/// A mixture in the unit of the first map.
pub struct MixtureFit {
    /// Weight, centre and width, by rising centre.
    pub components: Vec<[f64; 3]>,
    /// Least distance of neighbours over the root mean square of their widths.
    pub separation: f64,
    /// Share that lies nearer to another component.
    pub overlap: f64,
    /// Peaks of the density, for one map.
    pub modes: Option<usize>,
    /// Whether it came to rest.
    pub converged: bool,
}

/// Correlation length of a class.
#[derive(Clone, Copy, Debug)]
pub struct ClassLength {
    /// Of the indicator: 1 inside, 0 outside.
    pub covariance: Covariance,
    /// 95 % interval by a jackknife over strips, where it was asked for and the map is neither small nor very large.
    pub interval: Option<[f64; 2]>,
}

impl Segmentation {
    /// Puts the pixels of co-registered maps into as many classes as the verdict gives.
    ///
    /// # Errors
    /// [`SegmentError`] where the maps cannot be put on a common scale or hold too few values.
    pub fn classes(
        setting: &Setting,
        maps: &[&Map],
        verdict: &Verdict,
        stream: &Stream,
    ) -> Result<Segmentation, SegmentError> {
        match maps {
            [one] => Ok(single::classes(setting, one, verdict, stream)?),
            _ => Ok(several::classes(setting, maps, verdict, stream)?),
        }
    }

    /// Of labels of the first map.
    pub(super) fn of(map: &Map, labels: Array2<f64>, centres: Vec<f64>, mixed: Option<MixtureFit>) -> Segmentation {
        let k = centres.len();
        let mut of_class: Vec<Vec<f64>> = vec![Vec::new(); k];
        for (v, l) in map.values.iter().zip(&labels).filter(|(_, l)| l.is_finite()) {
            of_class[*l as usize].push(*v);
        }
        Segmentation {
            labels,
            centres,
            others: Vec::new(),
            counts: of_class.iter().map(|c| c.len() as u64).collect(),
            stds: of_class.iter().map(|c| moments(c).std).collect(),
            inertia: f64::NAN,
            scaled: false,
            silhouette: f64::NAN,
            silhouette_of: None,
            mixed,
            resamples: Vec::new(),
            blocks: None,
            no_interval: None,
            sorted: Vec::new(),
        }
    }

    /// Resamples blocks where enough fit.
    pub(super) fn resample(&mut self, verdict: &Verdict, map: &Map, make: impl FnOnce(&Blocks) -> Vec<Resample>) {
        let blocks = verdict.patches.as_ref().zip(map.pixel).and_then(|(p, pixel)| {
            let xi = p.covariance.xi.max(0.25 * pixel[0].min(pixel[1]));
            Blocks::of(map.shape(), [xi / pixel[0], xi / pixel[1]], p.covariance.alpha)
        });
        match blocks {
            None => self.no_interval = Some(NoInterval::FewBlocks),
            Some(b) => {
                self.resamples = make(&b);
                self.blocks = Some(b);
            }
        }
    }

    /// Pixels in all classes.
    pub fn pixels(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Boundary of each class an area of valid pixels, 1/m; NaN without a pixel size.
    pub fn boundary_densities(&self, map: &Map) -> Vec<f64> {
        let k = self.centres.len();
        let Some(pixel) = map.pixel else { return vec![f64::NAN; k] };
        let area = self.pixels() as f64 * pixel[0] * pixel[1];
        boundary::lengths(self.labels.view(), k, pixel).into_iter().map(|l| l / area).collect()
    }

    /// ξ of one class as METHODS §2 reads it off its indicator; `None` of too few lags, or of a class without a neighbour.
    pub fn class_length(&self, map: &Map, class: usize, jackknifed: bool) -> Option<ClassLength> {
        let pixel = map.pixel?;
        let indicator = self.labels.mapv(|l| if l.is_finite() { f64::from(u8::from(l as usize == class)) } else { l });
        let [rows, _] = map.shape();
        let r_max = fitted_range(map.shape(), pixel);
        let length = |z: &Array2<f64>| {
            let sf = structure_function(z.view(), &Request { pixel, r_max, sectors: 0, plane: false }).ok()?;
            Some(fit(&sf.radial, Model::SelfAffine, false, r_max).ok()?.covariance)
        };
        let covariance = length(&indicator)?;
        if !jackknifed || map.values.len() > JACKKNIFE || rows < 2 * STRIPS {
            return Some(ClassLength { covariance, interval: None });
        }
        let without = ordered(STRIPS, |s| {
            let mut z = indicator.clone();
            z.slice_mut(ndarray::s![s * rows / STRIPS..(s + 1) * rows / STRIPS, ..]).fill(f64::NAN);
            length(&z).map_or(f64::NAN, |c| libm::log(c.xi))
        });
        let ends = jackknife(libm::log(covariance.xi), &without).map(libm::exp);
        Some(ClassLength { covariance, interval: Some(ends) })
    }
}

/// Maps that no classes can be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// One map.
    #[error("{0}")]
    Partition(#[from] TooFew),
    /// Several maps.
    #[error("{0}")]
    Features(#[from] NoClasses),
    /// Shapes that differ.
    #[error("{0}")]
    Shape(String),
}

impl From<ndarray::ShapeError> for SegmentError {
    fn from(e: ndarray::ShapeError) -> SegmentError {
        SegmentError::Shape(e.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::work::Work;
    use softspot_data::unit::Unit;

    /// Two phases side by side, with a little noise: fractions, centres and the length of their boundary are those drawn.
    #[test]
    fn two_phases_are_found_as_they_were_drawn() {
        let stream = Stream::named("segmentation");
        let mut random = stream.replicate(0);
        let values = Array2::from_shape_fn((64, 96), |(_, x)| if x < 32 { 1.0 } else { 3.0 } + 0.05 * random.normal());
        let map = Map {
            values,
            unit: Unit::of("GPa"),
            quantity: "E".into(),
            pixel: Some([1e-9, 1e-9]),
            levelling: Vec::new(),
            convention: None,
        };
        let setting = Setting { classes: Some(2), surrogates: 0, ..Setting::default() };
        let verdict = Verdict::of(&setting, &[&map], &stream, &Work::quiet()).unwrap();
        assert_eq!((verdict.k, verdict.p().is_none()), (2, true));
        let found = Segmentation::classes(&setting, &[&map], &verdict, &stream).unwrap();
        assert_eq!(found.counts, [64 * 32, 64 * 64]);
        // The error of a mean of 2048 values is 0.05/√2048 = 0.0011: five of them.
        assert!((found.centres[0] - 1.0).abs() < 0.006 && (found.centres[1] - 3.0).abs() < 0.006);
        // One boundary of 64 pixels, counted for each of the two, times π/4: sides of pixels are taken for a line that
        // looks in all directions alike.
        let density = found.boundary_densities(&map);
        let expected = std::f64::consts::FRAC_PI_4 * 64.0 * 1e-9 / (64.0 * 96.0 * 1e-18);
        assert!(density.iter().all(|d| (d / expected - 1.0).abs() < 1e-9), "{density:?}");
        assert!(found.class_length(&map, 0, false).is_some());
    }
}
