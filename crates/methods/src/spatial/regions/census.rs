//! The regions of a map beyond a threshold, their means, and the same of surrogates (METHODS §5, §13).

use ndarray::Array2;
use softspot_data::{Map, NoPixelSize};

use super::cut::{CutError, Rule, Side, cut};
use super::label::{Connectivity, Labels, label};
use super::shape::{Region, measure};
use super::summary::{Extent, WholeRegions};
use crate::num::random::Stream;
use crate::num::student::student;
use crate::num::work::{Cancelled, Work};
use crate::spatial::covariance::CovarianceFit;
use crate::spatial::surrogates::{Kind, Surrogates};

/// Which pixels or voxels belong to regions, and which regions are averaged.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    /// How the threshold is found.
    pub rule: Rule,
    /// Which values are taken.
    pub side: Side,
    /// Regions of fewer pixels are counted, but not averaged.
    pub min_pixels: usize,
}

/// All regions of a map ([`Region`]) or a volume ([`super::body::Body`]).
#[derive(Clone, Debug)]
pub struct Census<R> {
    /// Value at or beyond which pixels are chosen, SI.
    pub threshold: f64,
    /// Fraction of the valid pixels chosen.
    pub fraction: f64,
    /// Valid pixels.
    pub valid: f64,
    /// Their area, m², or volume, m³.
    pub extent: f64,
    /// The regions, by their numbers.
    pub regions: Vec<R>,
    /// Shape of the map or the volume.
    pub window: Vec<usize>,
    /// Its sides in the order of a centre of mass: x, y and, of volumes, z, m.
    pub sides: Vec<f64>,
    /// Regions of fewer pixels are not averaged.
    pub min_pixels: usize,
    /// Regions of surrogates, or why there are none; `None` where none were asked for.
    pub surrogates: Option<Result<SurrogateRegions<R>, String>>,
}

/// Regions of featureless fields that were cut as the map was.
#[derive(Clone, Debug)]
pub struct SurrogateRegions<R> {
    /// Of each field.
    pub regions: Vec<Vec<R>>,
    /// Shape of the fields.
    pub window: Vec<usize>,
    /// Their covariance; `None` where they have the map's own spectrum.
    pub fitted: Option<CovarianceFit>,
}

/// Blocks a side of a map, and of a volume, over which regions are counted.
const BLOCKS: [usize; 2] = [5, 3];
/// Regions from which on the count has an interval.
const FEWEST: usize = 10;

impl<R: Extent> Census<R> {
    /// 95 % interval of the number of regions, from how it differs between 25 blocks of the map or 27 of the volume: regions
    /// keep their distance or gather, and a count of them is no Poisson variable. `None` of few.
    pub fn count_interval(&self) -> Option<[f64; 2]> {
        let n = self.regions.len() as f64;
        if self.regions.len() < FEWEST {
            return None;
        }
        let a_side = BLOCKS[usize::from(self.sides.len() > 2)];
        let blocks = (0..self.sides.len()).fold(1, |n, _| n * a_side);
        let mut counts = vec![0.0; blocks];
        for r in &self.regions {
            let part = |(x, side): (&f64, &f64)| ((x / side * a_side as f64) as usize).min(a_side - 1);
            let at = r.centroid().iter().zip(&self.sides).map(part).fold(0, |at, k| at * a_side + k);
            counts[at] += 1.0;
        }
        let variance =
            blocks as f64 / (blocks as f64 - 1.0) * counts.iter().map(|c| (c - n / blocks as f64).powi(2)).sum::<f64>();
        let half = student(blocks as f64 - 1.0) * variance.sqrt();
        Some([(n - half).max(0.0), n + half])
    }

    /// The regions that are averaged.
    pub fn whole(&self) -> WholeRegions<'_, R> {
        WholeRegions::new(&self.regions, &self.window, self.min_pixels)
    }

    /// The first that spans the map or the volume from side to side.
    pub fn spanning(&self) -> Option<&R> {
        self.regions.iter().find(|r| r.spans())
    }
}

impl<R: Extent> SurrogateRegions<R> {
    /// A number of the whole regions of each surrogate.
    pub fn each(&self, min_pixels: usize, of: impl Fn(&WholeRegions<'_, R>) -> f64) -> Vec<f64> {
        self.regions.iter().map(|r| of(&WholeRegions::new(r, &self.window, min_pixels))).collect()
    }
}

/// A map without regions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CensusError {
    /// Lengths need a pixel.
    #[error("{0}")]
    Pixel(#[from] NoPixelSize),
    /// No threshold.
    #[error("{0}")]
    Cut(#[from] CutError),
    /// The user ended it.
    #[error("{0}")]
    Cancelled(#[from] Cancelled),
}

/// Cuts a map, labels and measures its regions, and does the same with so many surrogates of a kind.
///
/// # Errors
/// [`CensusError`].
pub fn census(
    map: &Map,
    selection: &Selection,
    connectivity: Connectivity,
    (surrogates, kind): (usize, Kind),
    stream: &Stream,
    work: &Work<'_>,
) -> Result<(Census<Region>, Labels), CensusError> {
    let pixel = map.pixel_size()?;
    let chosen = cut(map.values.view(), selection.rule, selection.side)?;
    let labels = label(chosen.mask.view(), connectivity);
    let window = map.shape().to_vec();
    let valid = map.values.iter().filter(|v| v.is_finite()).count() as f64;
    let mut out = Census {
        threshold: chosen.threshold,
        fraction: chosen.fraction,
        valid,
        extent: valid * pixel[0] * pixel[1],
        regions: measure(map.values.view(), &labels, pixel),
        window: window.clone(),
        sides: vec![window[1] as f64 * pixel[1], window[0] as f64 * pixel[0]],
        min_pixels: selection.min_pixels,
        surrogates: None,
    };
    if surrogates == 0 {
        return Ok((out, labels));
    }
    let made = match Surrogates::new(map, kind) {
        Ok(made) => made,
        Err(e) => {
            out.surrogates = Some(Err(e.to_string()));
            return Ok((out, labels));
        }
    };
    let values = !matches!(selection.rule, Rule::Pixels(_));
    // The fraction that ties left, so that map and surrogates are cut alike.
    let rule = if values { selection.rule } else { Rule::Pixels(chosen.fraction) };
    let read = |z: &Array2<f64>| {
        let chosen = cut(z.view(), rule, selection.side).ok()?;
        Some(measure(z.view(), &label(chosen.mask.view(), connectivity), pixel))
    };
    let regions = made.each(surrogates, stream, values, work, read)?.into_iter().flatten().collect();
    out.surrogates = Some(Ok(SurrogateRegions { regions, window, fitted: made.fitted }));
    Ok((out, labels))
}

#[cfg(test)]
mod tests {
    use super::*;
    use softspot_data::unit::Unit;

    /// Two discs on a plain ground are two regions of their size and value, none of them at the border.
    #[test]
    fn discs_are_found_as_they_were_drawn() {
        let inside =
            |y: usize, x: usize, cy: f64, cx: f64, r: f64| (y as f64 - cy).powi(2) + (x as f64 - cx).powi(2) <= r * r;
        let mut drawn = 0;
        let values = Array2::from_shape_fn((60, 80), |(y, x)| {
            let disc = inside(y, x, 20.0, 20.0, 6.0) || inside(y, x, 40.0, 55.0, 9.0);
            drawn += usize::from(disc);
            // Values that differ a little, so that the threshold is no tie.
            if disc { 5.0 + 1e-6 * (y * 80 + x) as f64 } else { 1e-6 * (y * 80 + x) as f64 }
        });
        let map = Map {
            values,
            unit: Unit::of("eV"),
            quantity: "E".into(),
            pixel: Some([2e-9, 2e-9]),
            levelling: Vec::new(),
            convention: None,
        };
        let share = drawn as f64 / 4800.0;
        let selection = Selection { rule: Rule::Pixels(share), side: Side::High, min_pixels: 8 };
        let cut_with = |n| {
            let (stream, work) = (Stream::named("census"), Work::quiet());
            census(&map, &selection, Connectivity::Eight, (n, Kind::Isotropic), &stream, &work).unwrap()
        };
        let (found, labels) = cut_with(40);
        assert_eq!((found.regions.len(), labels.count, found.whole().count()), (2, 2, 2));
        assert_eq!(found.regions.iter().map(|r| r.pixels).sum::<usize>(), drawn);
        assert!(found.spanning().is_none() && (found.extent / (4800.0 * 4e-18) - 1.0).abs() < 1e-12);
        let others = found.surrogates.unwrap().unwrap();
        assert_eq!(others.regions.len(), 40);
        assert_eq!(others.each(8, |w| w.count() as f64).len(), 40);
        assert!(cut_with(0).0.surrogates.is_none());
    }
}
