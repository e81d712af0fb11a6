//! Correlation lengths of a map with what speaks for and against them (METHODS §2, §13, §14).

use super::bootstrap::{Bootstrap, BootstrapError, Setting, bootstrap};
use super::covariance::{Covariance, CovarianceFit, Model, fit};
use super::estimate::{Estimate, EstimateError, Options, estimate};
use super::null::Null;
use super::structure_function::{Curve, StructureFunction, fitted_range};
use super::twofold::{TwoLengths, two_lengths};
use crate::num::fit::FitError;
use crate::num::random::Stream;
use crate::num::work::{Cancelled, Work};
use softspot_data::{Levelling, Map, NoPixelSize};

/// Maps of at most so many pixels a side have their curves over all lags.
const SMALL: f64 = 64.0;
/// Lines this many times as long as they are apart, in pixels below which lines hardly know each other.
const LINES: [f64; 2] = [2.0, 4.0];

/// How a structure function is read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Covariance model.
    pub model: Model,
    /// Whether uncorrelated noise (a nugget) is fitted.
    pub noise: bool,
    /// Largest lag of the fit, m; a quarter of the shorter side unless given.
    pub r_max: Option<f64>,
}

/// Lengths of a map or a volume, with the window and the steps that bound them.
#[derive(Clone, Debug)]
pub struct Lengths {
    /// The covariance as fitted.
    pub fitted: CovarianceFit,
    /// The covariance with the bias of the window and of levelling removed, where it could be.
    pub covariance: Covariance,
    /// Whether the bias is removed.
    pub unbiased: bool,
    /// 95 % intervals of ξ (m), σ, α and the noise.
    pub intervals: Option<[[f64; 2]; 4]>,
    /// ξ along x, y and, of volumes, z, m; NaN where a direction cannot be fitted.
    pub axes: Vec<f64>,
    /// 95 % intervals of these.
    pub axis_intervals: Option<Vec<[f64; 2]>>,
    /// Largest lag of the fit, m.
    pub r_max: f64,
    /// Shortest side, m.
    pub window: f64,
    /// Finest and coarsest step, m.
    pub steps: [f64; 2],
    /// Independent parts: the valid extent over the correlated one.
    pub independent: f64,
}

/// Why a length cannot be one of these data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLength {
    /// The direction cannot be fitted.
    NotFitted,
    /// Longer than the window: there is no plateau.
    BeyondWindow,
    /// Shorter than a third of a step: neighbours are uncorrelated.
    BelowStep,
}

impl Lengths {
    /// Why ξ, in m, cannot be a length of these data.
    pub fn obstacle(&self, xi: f64) -> Option<NoLength> {
        if !xi.is_finite() {
            Some(NoLength::NotFitted)
        } else if xi > self.window {
            Some(NoLength::BeyondWindow)
        } else if xi < 0.3 * self.steps[0] {
            Some(NoLength::BelowStep)
        } else {
            None
        }
    }
}

/// Lengths that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LengthError {
    /// Lengths need a pixel.
    #[error("{0}")]
    Pixel(#[from] NoPixelSize),
    /// A fit beyond the data.
    #[error("r_max of {0} m is larger than the {1}; leave it out or give a smaller length")]
    Range(String, &'static str),
    /// No structure function, or none that the model fits.
    #[error("{0}")]
    Estimate(#[from] EstimateError),
    /// The user ended it.
    #[error("{0}")]
    Cancelled(#[from] Cancelled),
}

/// Lengths of a map and what they were taken from.
#[derive(Clone, Debug)]
pub struct MapLengths {
    /// The lengths.
    pub lengths: Lengths,
    /// The structure function in all directions.
    pub functions: StructureFunction,
    /// What was read of it.
    pub estimate: Estimate,
    /// Simulated fields, levelled and read as the map was; `None` where they were not wanted or cannot be fitted.
    pub bootstrap: Option<Bootstrap>,
    /// Simulated fields of the fitted covariance cannot be fitted: there is no interval, and the bias stays in.
    pub unstable: bool,
    /// As it was read in the end: `auto` takes white noise in where the map has some.
    pub reading: Reading,
    /// Both lengths, where one is rejected for two and fields of two can be read.
    pub two: Option<TwoLengths>,
}

/// What simulated fields say of a model that they were made with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Misfit {
    /// White noise is missing in it.
    Noise,
    /// A second length: both in m, and the share of the longer one in the correlated variance.
    TwoLengths([f64; 2], f64),
}

impl MapLengths {
    /// Measures a map, with angular `sectors` over 180° and a bootstrap of so many `resamples`, if any.
    ///
    /// # Errors
    /// [`LengthError`] for maps without pixel size, constant or empty ones, and fits beyond them.
    pub fn of(
        map: &Map,
        reading: &Reading,
        sectors: usize,
        resamples: Option<usize>,
        stream: &Stream,
        work: &Work<'_>,
    ) -> Result<MapLengths, LengthError> {
        let pixel = map.pixel_size()?;
        let [rows, columns] = map.shape();
        let sides = [rows as f64 * pixel[0], columns as f64 * pixel[1]];
        let window = sides[0].min(sides[1]);
        let r_max = reading.r_max.unwrap_or_else(|| fitted_range(map.shape(), pixel));
        if r_max > libm::hypot(sides[0], sides[1]) {
            return Err(LengthError::Range(format!("{r_max:e}"), "map"));
        }
        let steps = [pixel[0].min(pixel[1]), pixel[0].max(pixel[1])];
        // Curves go on to half of the window, in small maps to all of it; beyond, pairs are few and say little.
        let reach = (window / 2.0).max(window.min(SMALL * steps[1]));
        let mut reading = *reading;
        let auto = reading.model == Model::Auto && !reading.noise;
        let options = |noise: bool| Options { model: reading.model, noise, r_max, reach, sectors };
        let mut read = estimate(map.values.view(), pixel, &options(reading.noise), true)?;
        let progress = |done, total| work.progress.step(done, total);
        let base = options(reading.noise);
        let setting = Setting {
            values: &map.values,
            pixel,
            levelling: &map.levelling,
            options: &base,
            stream,
            resamples: resamples.unwrap_or(0),
            cancelled: work.cancelled,
            progress: &progress,
        };
        let simulate = |estimate: &Estimate, noise: bool| {
            resamples.map(|_| bootstrap(&setting.reading(&options(noise)), estimate))
        };
        let mut simulated = simulate(&read.1, reading.noise);
        let noisy = match &simulated {
            Some(Ok(b)) => Null::stands(b.lack_p[0]),
            _ => noise_helps(&read.0.radial, r_max),
        };
        if auto && noisy {
            read = estimate(map.values.view(), pixel, &options(true), true)?;
            simulated = simulate(&read.1, true);
            reading.noise = true;
        }
        let (functions, estimate) = read;
        let (bootstrap, unstable) = match simulated {
            None => (None, false),
            Some(Ok(b)) => (Some(b), false),
            Some(Err(BootstrapError::Unstable)) => (None, true),
            Some(Err(BootstrapError::Cancelled)) => return Err(Cancelled.into()),
        };
        let boot = bootstrap.as_ref();
        let covariance = boot.map_or(estimate.fitted.covariance, |b| b.corrected);
        let pixels = map.values.iter().filter(|v| v.is_finite()).count() as f64;
        let lengths = Lengths {
            fitted: estimate.fitted,
            covariance,
            unbiased: boot.is_some(),
            intervals: boot.map(|b| b.intervals),
            axes: boot.map_or([estimate.xi_fast, estimate.xi_slow], |b| b.axes).into(),
            axis_intervals: boot.map(|b| b.axis_intervals.into()),
            r_max,
            window,
            steps,
            independent: (pixels * pixel[0] * pixel[1] / covariance.correlation_area()).clamp(1.0, pixels),
        };
        let mut out = MapLengths { lengths, functions, estimate, bootstrap, unstable, reading, two: None };
        if let Some(Misfit::TwoLengths(..)) = out.misfit() {
            let options = options(reading.noise);
            let found = two_lengths(&setting.reading(&options), &out.estimate, &out.functions.radial);
            out.two = found.map_err(|_| Cancelled)?;
        }
        Ok(out)
    }

    /// What the model lacks, where its own simulated fields lack it in fewer than 5 %.
    pub fn misfit(&self) -> Option<Misfit> {
        let b = self.bootstrap.as_ref().filter(|b| Null::stands(b.model_p))?;
        let [noise, length] = b.lack_p;
        match self.estimate.lack.lengths {
            // Of two that stand out alike, the one that describes more.
            Some((lengths, share))
                if length < noise || !(self.estimate.lack.noise >= self.estimate.lack.length) || noise.is_nan() =>
            {
                Some(Misfit::TwoLengths(lengths, share))
            }
            _ => Some(Misfit::Noise),
        }
    }

    /// Lines that hardly know each other are the scanner's, not the sample's: how many times ξ along them is longer than
    /// across, and ξ across in pixels, `row_step` in m.
    pub fn line_noise(&self, row_step: f64) -> Option<[f64; 2]> {
        let [fast, slow] = [self.estimate.xi_fast, self.estimate.xi_slow];
        let (ratio, across) = (fast / slow, slow / row_step);
        (ratio > LINES[0] && across < LINES[1]).then_some([ratio, across])
    }

    /// Part of the variance that levelling of lines takes (METHODS §14), in one dimension, for the highest degree of it.
    pub fn lost_to_levelling(&self, map: &Map) -> Option<f64> {
        let degree = map.levelling.iter().filter_map(|l| match l {
            Levelling::Rows { degree, .. } => Some(*degree),
            Levelling::Polynomial { .. } => None,
        });
        let terms = f64::from(degree.max()?) + 1.0;
        let length = map.shape()[1] as f64 * map.pixel?[1];
        Some(terms * self.lengths.covariance.correlation_length() / length)
    }
}

/// What AICc must fall by for white noise where no fields are simulated: lags say the same thing many times over.
const NOISE_HELPS: f64 = 80.0;

/// Whether white noise describes a curve so much better that no field without it would show it.
pub(crate) fn noise_helps(curve: &Curve, r_max: f64) -> bool {
    let aicc = |model, noise| fit(curve, model, noise, r_max).map_or(f64::INFINITY, |f| f.aicc);
    aicc(Model::SelfAffine, true) < aicc(Model::Auto, false) - NOISE_HELPS
}

/// Fits of the candidate models to the same lags up to `r_max` in m, by the name of their AICc among the metrics.
pub fn candidates(curve: &Curve, r_max: f64) -> [(&'static str, Result<CovarianceFit, FitError>); 4] {
    let models = [
        ("aicc_gaussian", Model::Gaussian, false),
        ("aicc_exponential", Model::Exponential, false),
        ("aicc_self_affine", Model::SelfAffine, false),
        ("aicc_self_affine_noise", Model::SelfAffine, true),
    ];
    models.map(|(name, model, noise)| (name, fit(curve, model, noise, r_max)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::field::Simulator;
    use softspot_data::unit::Unit;

    fn field(xi: f64, levelling: Vec<Levelling>) -> Map {
        let c = Covariance { sigma: 2.0, xi, alpha: 1.0, noise: 0.0 };
        let simulator = Simulator::new([128, 160], [1e-9, 1e-9], &c);
        let [values, _] = simulator.pair(&mut Stream::named("lengths").replicate(0));
        Map { values, unit: Unit::of("Hz"), quantity: "f".into(), pixel: Some([1e-9; 2]), levelling, convention: None }
    }

    const READING: Reading = Reading { model: Model::SelfAffine, noise: false, r_max: None };

    fn lengths(map: &Map, resamples: Option<usize>) -> Result<MapLengths, LengthError> {
        MapLengths::of(map, &READING, 0, resamples, &Stream::named("t"), &Work::quiet())
    }

    /// The interval of a field of known ξ holds it (one field, fixed seed: 5 % of seeds would fail).
    #[test]
    fn a_simulated_field_has_its_length() {
        let found = lengths(&field(6e-9, Vec::new()), Some(60)).unwrap();
        let [low, high] = found.lengths.intervals.unwrap()[0];
        assert!(low < 6e-9 && 6e-9 < high, "{low:e} to {high:e}");
        assert!(found.lengths.unbiased && found.lengths.axes.len() == 2 && !found.unstable);
        assert_eq!(found.lengths.obstacle(found.lengths.covariance.xi), None);
        assert_eq!(found.lengths.obstacle(2e-7), Some(NoLength::BeyondWindow));
        assert_eq!(found.lengths.obstacle(2e-10), Some(NoLength::BelowStep));
        assert_eq!(found.lengths.obstacle(f64::NAN), Some(NoLength::NotFitted));
    }

    #[test]
    fn levelling_of_lines_takes_degree_and_one_lengths_of_a_line() {
        let rows = Levelling::Rows { row: softspot_data::RowMethod::Polynomial, degree: 1 };
        let map = field(6e-9, vec![rows]);
        let found = lengths(&map, None).unwrap();
        let expected = 2.0 * found.lengths.covariance.correlation_length() / 160e-9;
        assert_eq!(found.lost_to_levelling(&map), Some(expected));
        assert_eq!(found.lost_to_levelling(&field(6e-9, Vec::new())), None);
    }

    #[test]
    fn a_fit_beyond_the_map_and_an_end_are_errors() {
        let map = field(6e-9, Vec::new());
        let reading = Reading { r_max: Some(1e-3), ..READING };
        let found = MapLengths::of(&map, &reading, 0, None, &Stream::named("t"), &Work::quiet());
        assert!(matches!(found, Err(LengthError::Range(..))));
        let ended = Work { cancelled: &|| true, progress: &() };
        let found = MapLengths::of(&map, &READING, 0, Some(40), &Stream::named("t"), &ended);
        assert!(matches!(found, Err(LengthError::Cancelled(_))));
    }
}
