//! Featureless fields in the likeness of a map: what a random field without structure would give (METHODS §13).
//!
//! [`Kind::Isotropic`]: the values are turned into normal scores, an isotropic covariance is fitted to the structure
//! function of those, Gaussian fields of it are simulated, masked as the map is, and given the map's own values in the
//! order of the field's: the same size, mask, pixel and marginal distribution, no orientation and no structure.
//!
//! [`Kind::Spectrum`]: the map's own power spectrum with its directions. Without a mask by iterated amplitude-adjusted
//! Fourier transforms (Schreiber & Schmitz 1996, doi:10.1103/PhysRevLett.77.635); with a mask, or sides that no fast
//! transform has, by Gaussian fields of the covariance of the normal scores at every lag, tapered to a quarter of the
//! window.

use ndarray::Array2;
use num_complex::Complex64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::correlogram::{BETTER, Correlogram, Parts};
use super::covariance::{Covariance, CovarianceFit, Model, fit};
use super::field::{NEGLIGIBLE, Simulator};
use super::structure_function::{Request, fitted_range, structure_function};
use crate::num::fft::{Plan, forward_2d, good_size};
use crate::num::normal::quantile;
use crate::num::parallel::ordered;
use crate::num::random::{Random, Stream};
use crate::num::work::{Cancelled, Work};
use softspot_data::Map;

/// What surrogates share with the map besides size, mask and values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A fitted covariance, the same in every direction.
    #[default]
    Isotropic,
    /// The power spectrum itself, directions and all.
    Spectrum,
}

/// A map that no surrogate can be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no surrogates can be made: {0}; `surrogates = 0` does without")]
pub struct SurrogateError(pub String);

/// Makes surrogates of one map.
pub struct Surrogates {
    shape: [usize; 2],
    /// Indices of valid pixels, row by row.
    valid: Vec<u32>,
    /// Their values by rising size.
    sorted: Vec<f64>,
    /// How well the covariance fits, where one was fitted.
    pub fitted: Option<CovarianceFit>,
    source: Source,
}

enum Source {
    Simulator(Box<Simulator>),
    Spectrum(Box<Spectrum>),
}

/// Amplitudes of the transform of the map.
struct Spectrum {
    amplitude: Vec<f64>,
    rows: Plan,
    columns: Plan,
}

/// Rounds of amplitude adjustment; the ranks hardly change after half of them.
const ROUNDS: usize = 20;

impl Surrogates {
    /// Prepares surrogates of a map.
    ///
    /// # Errors
    /// [`SurrogateError`] for maps without a pixel size, too small, or constant.
    pub fn new(map: &Map, kind: Kind) -> Result<Surrogates, SurrogateError> {
        let fail = |e: &dyn std::fmt::Display| SurrogateError(e.to_string());
        let pixel = map.pixel_size().map_err(|e| fail(&e))?;
        let shape = map.shape();
        let valid: Vec<u32> =
            map.values.iter().enumerate().filter(|(_, v)| v.is_finite()).map(|(i, _)| i as u32).collect();
        let (order, sorted) = by_value(map);
        if sorted.first() == sorted.last() {
            return Err(SurrogateError("all values are the same".into()));
        }
        let (source, fitted) = match kind {
            Kind::Isotropic => {
                let scores = scores(&order, &sorted, shape);
                let (fitted, two) = isotropic(&scores, pixel).map_err(|e| fail(&e))?;
                let (simulator, fitted) = match two {
                    None => (Simulator::new(shape, pixel, &fitted.covariance), fitted),
                    Some((c, fitted)) => {
                        (Simulator::of_distance(shape, pixel, c.reach(NEGLIGIBLE), |r| c.at(r)), fitted)
                    }
                };
                (Source::Simulator(Box::new(simulator)), Some(fitted))
            }
            Kind::Spectrum if valid.len() == map.values.len() && shape.iter().all(|n| good_size(*n) == *n) => {
                let flat: Vec<f64> = map.values.iter().copied().collect();
                (Source::Spectrum(Box::new(Spectrum::of(&flat, shape))), None)
            }
            Kind::Spectrum => {
                let scores = scores(&order, &sorted, shape);
                let covariance = lags(&scores).map_err(|e| fail(&e))?;
                let reach = shape.map(|n| n / 4);
                let lag = |dy: usize, dx: usize, turned: bool| at_lag(&covariance, reach, dy, dx, turned);
                (Source::Simulator(Box::new(Simulator::of_lags(shape, reach, lag))), None)
            }
        };
        Ok(Surrogates { shape, valid, sorted, fitted, source })
    }

    /// Applies `f` to each of `n` surrogates, in order; with `values` false they are any fields of the same ranks, which
    /// is all that a fraction of pixels needs, and sooner made.
    ///
    /// # Errors
    /// [`Cancelled`] if the user ended the work.
    pub fn each<T: Send>(
        &self,
        n: usize,
        stream: &Stream,
        values: bool,
        work: &Work<'_>,
        f: impl Fn(&Array2<f64>) -> T + Sync + Send,
    ) -> Result<Vec<T>, Cancelled> {
        let stream = stream.role("surrogate");
        let pairs = ordered(n.div_ceil(2), |i| {
            work.go_on()?;
            let mut random = stream.replicate(i);
            let fields = match &self.source {
                Source::Simulator(s) => s.pair(&mut random).map(|z| self.finish(z, values)),
                Source::Spectrum(s) => [(); 2].map(|()| s.field(self.shape, &self.sorted, &mut random)),
            };
            Ok(fields.map(|z| f(&z)))
        });
        let pairs: Result<Vec<[T; 2]>, Cancelled> = pairs.into_iter().collect();
        Ok(pairs?.into_iter().flatten().take(n).collect())
    }

    /// Masked as the map, with its values where they are asked for.
    fn finish(&self, z: Array2<f64>, values: bool) -> Array2<f64> {
        if !values && self.valid.len() == z.len() {
            return z;
        }
        let flat: Vec<f64> = z.iter().copied().collect();
        let mut out = Array2::from_elem(z.dim(), f64::NAN);
        let Some(to) = out.as_slice_mut() else { return out };
        if values {
            for (i, v) in ranked(&flat, &self.valid).into_iter().zip(&self.sorted) {
                to[i as usize] = *v;
            }
        } else {
            self.valid.iter().for_each(|i| to[*i as usize] = flat[*i as usize]);
        }
        out
    }
}

/// Indices by rising value: the leading bits of a value and its index make one number each, which sorts in place. Values
/// that differ in their last bits alone are equal here and go by their index.
fn ranked(values: &[f64], indices: &[u32]) -> Vec<u32> {
    let bits = u64::BITS - (values.len().max(2) as u64 - 1).leading_zeros();
    let key = |i: u32| {
        let v = values[i as usize].to_bits();
        // Ordered as numbers are: negative ones turned.
        let ordered = if v >> 63 == 1 { !v } else { v | 1 << 63 };
        (ordered >> bits << bits) | u64::from(i)
    };
    let mut keys: Vec<u64> = indices.iter().map(|i| key(*i)).collect();
    keys.sort_unstable();
    let mask = (1u64 << bits) - 1;
    keys.into_iter().map(|k| (k & mask) as u32).collect()
}

/// Normal scores of the valid pixels; equal values share the score of their middle rank.
fn scores(order: &[u32], sorted: &[f64], [rows, columns]: [usize; 2]) -> Array2<f64> {
    let mut out = Array2::from_elem((rows, columns), f64::NAN);
    let n = sorted.len() as f64;
    let mut from = 0;
    for group in sorted.chunk_by(|a, b| a == b) {
        let score = quantile((from as f64 + 0.5 * group.len() as f64) / n);
        for i in &order[from..from + group.len()] {
            out[[*i as usize / columns, *i as usize % columns]] = score;
        }
        from += group.len();
    }
    out
}

/// The isotropic covariance of a map's normal scores, and its values by rising size.
///
/// # Errors
/// [`SurrogateError`] for maps without a pixel size, too small, or constant.
pub(super) fn scores_covariance(map: &Map) -> Result<(Covariance, Vec<f64>), SurrogateError> {
    let fail = |e: &dyn std::fmt::Display| SurrogateError(e.to_string());
    let pixel = map.pixel_size().map_err(|e| fail(&e))?;
    let (order, sorted) = by_value(map);
    if sorted.first() == sorted.last() {
        return Err(SurrogateError("all values are the same".into()));
    }
    let (fitted, _) = isotropic(&scores(&order, &sorted, map.shape()), pixel).map_err(|e| fail(&e))?;
    Ok((fitted.covariance, sorted))
}

/// Indices of valid pixels by rising value, and their values.
fn by_value(map: &Map) -> (Vec<u32>, Vec<f64>) {
    let flat: Vec<f64> = map.values.iter().copied().collect();
    let valid: Vec<u32> = flat.iter().enumerate().filter(|(_, v)| v.is_finite()).map(|(i, _)| i as u32).collect();
    let order = ranked(&flat, &valid);
    let sorted = order.iter().map(|i| flat[*i as usize]).collect();
    (order, sorted)
}

/// The isotropic covariance of the scores, with a nugget where one helps; and with a second length where that describes them
/// better.
fn isotropic(
    scores: &Array2<f64>,
    pixel: [f64; 2],
) -> Result<(CovarianceFit, Option<(Correlogram, CovarianceFit)>), String> {
    let request = Request { pixel, r_max: fitted_range(scores.dim().into(), pixel), sectors: 0, plane: false };
    let sf = structure_function(scores.view(), &request).map_err(|e| e.to_string())?;
    let first = fit(&sf.radial, Model::SelfAffine, true, request.r_max)
        .or_else(|_| fit(&sf.radial, Model::SelfAffine, false, request.r_max))
        .map_err(|e| e.to_string())?;
    // Shapes are made by what happens within a few correlation lengths: the fit looks there.
    let near = (8.0 * first.covariance.xi).max(8.0 * pixel[0].max(pixel[1])).min(request.r_max);
    let one = fit(&sf.radial, Model::SelfAffine, true, near).unwrap_or(first);
    let parts = Parts { nugget: true, longer: true, variance: true };
    let two = Correlogram::fit_with(&sf.radial, request.r_max, parts).ok();
    let over_all = fit(&sf.radial, Model::SelfAffine, true, request.r_max).map_or(f64::INFINITY, |f| f.aicc);
    let two = two.filter(|c| c.aicc < over_all - BETTER);
    Ok((one, two.map(|c| (c, c.as_covariance(&sf.radial, request.r_max)))))
}

/// Covariance of the scores at every lag, zero lag in the middle.
fn lags(scores: &Array2<f64>) -> Result<Array2<f64>, String> {
    let request =
        Request { pixel: [1.0, 1.0], r_max: scores.nrows().min(scores.ncols()) as f64 / 4.0, sectors: 0, plane: true };
    let sf = structure_function(scores.view(), &request).map_err(|e| e.to_string())?;
    let plane = sf.plane.ok_or("the map is too small for its lags")?;
    let valid: Vec<f64> = scores.iter().copied().filter(|v| v.is_finite()).collect();
    let variance = crate::num::sum::moments(&valid).std.powi(2);
    Ok(plane.mapv(|h| if h.is_finite() { variance - 0.5 * h } else { 0.0 }))
}

/// The covariance at a lag, faded out towards `reach`; `turned` for lags of opposite sign.
fn at_lag(covariance: &Array2<f64>, reach: [usize; 2], dy: usize, dx: usize, turned: bool) -> f64 {
    let (rows, columns) = covariance.dim();
    let (y0, x0) = (rows / 2, columns / 2);
    let fade = |d: usize, reach: usize| {
        let t = d as f64 / (reach as f64 + 1.0);
        if t < 1.0 { 0.5 * (1.0 + libm::cos(std::f64::consts::PI * t)) } else { 0.0 }
    };
    let x = if turned { x0.checked_sub(dx) } else { Some(x0 + dx) };
    let c = x.and_then(|x| covariance.get([y0 + dy, x])).copied().unwrap_or(0.0);
    c * fade(dy, reach[0]) * fade(dx, reach[1])
}

impl Spectrum {
    fn of(values: &[f64], [rows, columns]: [usize; 2]) -> Spectrum {
        let (along, across) = (Plan::new(columns), Plan::new(rows));
        let mean = crate::num::sum::mean(values);
        let mut data: Vec<Complex64> = values.iter().map(|v| Complex64::new(v - mean, 0.0)).collect();
        forward_2d(&mut data, &along, &across);
        Spectrum { amplitude: data.iter().map(|v| libm::hypot(v.re, v.im)).collect(), rows: along, columns: across }
    }

    /// A field of the map's values whose spectrum comes as near to the map's as its values allow.
    fn field(&self, [rows, columns]: [usize; 2], sorted: &[f64], random: &mut Random) -> Array2<f64> {
        let n = sorted.len();
        // A shuffled map to begin with.
        let mut x = sorted.to_vec();
        for i in (1..n).rev() {
            x.swap(i, random.below(i + 1));
        }
        let mean = crate::num::sum::mean(sorted);
        let all: Vec<u32> = (0..n as u32).collect();
        for _ in 0..ROUNDS {
            let mut data: Vec<Complex64> = x.iter().map(|v| Complex64::new(v - mean, 0.0)).collect();
            forward_2d(&mut data, &self.rows, &self.columns);
            for (v, a) in data.iter_mut().zip(&self.amplitude) {
                let own = libm::hypot(v.re, v.im);
                // The conjugate, so that the forward transform leads back.
                *v = if own > 0.0 { Complex64::new(v.re * a / own, -v.im * a / own) } else { Complex64::new(*a, 0.0) };
            }
            forward_2d(&mut data, &self.rows, &self.columns);
            let flat: Vec<f64> = data.iter().map(|v| v.re).collect();
            for (i, v) in ranked(&flat, &all).into_iter().zip(sorted) {
                x[i as usize] = *v;
            }
        }
        Array2::from_shape_vec((rows, columns), x).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::covariance::Covariance;

    fn map(values: Array2<f64>) -> Map {
        let unit = softspot_data::unit::Unit::none();
        Map { values, unit, quantity: "z".into(), pixel: Some([1.0, 1.0]), levelling: Vec::new(), convention: None }
    }

    /// A skewed field, stretched along x by two, with a hole.
    fn stretched(rows: usize, columns: usize, hole: bool) -> Map {
        let c = Covariance { sigma: 1.0, xi: 3.0, alpha: 1.0, noise: 0.0 };
        let sim = Simulator::new([rows, columns], [1.0, 0.5], &c);
        let [z, _] = sim.pair(&mut Random::named("stretched", 5));
        let mut z = z.mapv(libm::exp);
        if hole {
            z.slice_mut(ndarray::s![10..30, 20..50]).fill(f64::NAN);
        }
        map(z)
    }

    /// Mean squares of differences four pixels apart along x and along y, of values or of their logarithms, which are
    /// normal.
    fn differences(z: &Array2<f64>, logs: bool) -> [f64; 2] {
        let read = |v: f64| if logs { libm::log(v) } else { v };
        let lag = |dy: usize, dx: usize| {
            let (a, b) = (z.slice(ndarray::s![dy.., dx..]), z.slice(ndarray::s![..z.nrows() - dy, ..z.ncols() - dx]));
            let d: Vec<f64> = a.iter().zip(&b).map(|(a, b)| read(*a) - read(*b)).filter(|d| d.is_finite()).collect();
            d.iter().map(|d| d * d).sum::<f64>() / d.len() as f64
        };
        [lag(0, 4), lag(4, 0)]
    }

    /// Values and mask are the map's; isotropic surrogates have lost its direction, those of its spectrum kept it, by
    /// either way of making them. Forty surrogates of some 500 patches: means within 6 %, four standard errors.
    #[test]
    fn surrogates_share_what_they_should() {
        for (kind, rows, hole) in [
            (Kind::Isotropic, 96, false),
            (Kind::Isotropic, 96, true),
            (Kind::Spectrum, 96, false),
            (Kind::Spectrum, 96, true),
            (Kind::Spectrum, 97, false),
        ] {
            let own = stretched(rows, 128, hole);
            let s = Surrogates::new(&own, kind).unwrap();
            let fields = s.each(40, &Stream::named("t"), true, &Work::quiet(), Clone::clone).unwrap();
            // The spectrum of the values themselves is kept where amplitudes are adjusted, that of scores elsewhere.
            let logs = kind == Kind::Isotropic || hole || rows == 97;
            let mut mean = [0.0; 2];
            for z in &fields {
                assert!(z.iter().zip(&own.values).all(|(a, b)| a.is_nan() == b.is_nan()), "{kind:?}");
                let sorted = |m: &Array2<f64>| {
                    let mut v: Vec<f64> = m.iter().copied().filter(|v| v.is_finite()).collect();
                    v.sort_by(f64::total_cmp);
                    v
                };
                assert_eq!(sorted(z), sorted(&own.values), "{kind:?}");
                let d = differences(z, logs);
                (mean[0], mean[1]) = (mean[0] + d[0] / 40.0, mean[1] + d[1] / 40.0);
            }
            let want = differences(&own.values, logs);
            match kind {
                Kind::Isotropic => assert!((mean[0] / mean[1] - 1.0).abs() < 0.06, "{mean:?}"),
                Kind::Spectrum => {
                    // The fade of lags and the edges of the window cost a little.
                    assert!((mean[0] / want[0] - 1.0).abs() < 0.15, "{rows} {hole}: {mean:?} {want:?}");
                    assert!((mean[1] / want[1] - 1.0).abs() < 0.15, "{rows} {hole}: {mean:?} {want:?}");
                }
            }
        }
    }

    #[test]
    fn what_has_no_surrogates() {
        assert!(Surrogates::new(&map(Array2::from_elem((20, 20), 2.0)), Kind::Isotropic).is_err());
        let nowhere = Map { pixel: None, ..stretched(32, 32, false) };
        assert!(Surrogates::new(&nowhere, Kind::Isotropic).is_err());
        assert!(
            Surrogates::new(&stretched(96, 96, false), Kind::Spectrum)
                .unwrap()
                .each(4, &Stream::named("t"), true, &Work { cancelled: &|| true, progress: &() }, |_| ())
                .is_err()
        );
    }

    #[test]
    fn more_surrogates_extend_fewer() {
        for kind in [Kind::Isotropic, Kind::Spectrum] {
            let s = Surrogates::new(&stretched(48, 64, false), kind).unwrap();
            let first =
                |n: usize| s.each(n, &Stream::named("t"), true, &Work::quiet(), |z| z[[0, 0]].to_bits()).unwrap();
            assert_eq!(first(3), first(8)[..3]);
        }
    }

    #[test]
    fn ranks_go_by_value() {
        let v = [3.0, -1.0, 0.0, -2.5, 7.0, -0.0];
        assert_eq!(ranked(&v, &[0, 1, 2, 3, 4, 5]), [3, 1, 5, 2, 0, 4]);
        assert_eq!(ranked(&v, &[4, 0, 1]), [1, 0, 4]);
    }
}
