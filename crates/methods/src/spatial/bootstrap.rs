//! Parametric bootstrap of the correlation length with the levelling replayed and the bias removed (METHODS §2).
//!
//! Finite windows and levelling bias ξ and σ low (Nečas & Klapetek, doi:10.1038/s41598-020-72171-8). Fields of the
//! fitted covariance are simulated on the map's own grid, levelled and masked as the map was, and fitted again; the
//! parameters are moved on the log scale until the simulated median meets the observed estimate. Where the values of the
//! map are farther from a Gaussian than those of Gaussian fields, the fields are given its distribution (METHODS §14a).

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::Array2;

use super::correlogram::Correlogram;
use super::covariance::Covariance;
use super::estimate::{Estimate, Lack, Options, estimate};
use super::field::{NEGLIGIBLE, Simulator};
use super::law::{Law, Standard, departure};
use crate::num::parallel::ordered;
use crate::num::quantile::quantile;
use crate::num::random::Stream;
use crate::num::spread::spread;
use crate::prepare::level::level;
use softspot_data::Levelling;

/// What the bootstrap needs to know of the map.
pub struct Setting<'a> {
    /// The map, for its shape and its invalid pixels.
    pub values: &'a Array2<f64>,
    /// [row, column] step, m.
    pub pixel: [f64; 2],
    /// What was subtracted from it.
    pub levelling: &'a [Levelling],
    /// How it is read.
    pub options: &'a Options,
    /// The stream of the simulated fields.
    pub stream: &'a Stream,
    /// Replicates of the final round.
    pub resamples: usize,
    /// Asked between replicates; true ends the work.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told after replicates: how many are done, of how many.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

impl<'a> Setting<'a> {
    /// The same, read otherwise.
    pub(super) fn reading<'b>(&'b self, options: &'b Options) -> Setting<'b>
    where
        'a: 'b,
    {
        Setting {
            values: self.values,
            pixel: self.pixel,
            levelling: self.levelling,
            options,
            stream: self.stream,
            resamples: self.resamples,
            cancelled: self.cancelled,
            progress: self.progress,
        }
    }
}

/// Corrected values and 95 % intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct Bootstrap {
    /// The covariance at which simulated fields read like the map.
    pub corrected: Covariance,
    /// ξ_fast and ξ_slow with the bias that the axes of simulated isotropic fields show taken off, m.
    pub axes: [f64; 2],
    /// 95 % intervals of ξ, σ, α, noise.
    pub intervals: [[f64; 2]; 4],
    /// 95 % intervals of ξ_fast and ξ_slow.
    pub axis_intervals: [[f64; 2]; 2],
    /// Anisotropy below which 95 % of isotropic fields of this kind stay.
    pub isotropic_limit: f64,
    /// Share of isotropic fields with at least the map's anisotropy, (1 + k)/(1 + n).
    pub isotropy_p: f64,
    /// p of the model: share of its fields of which white noise, or a second length, describe the structure function as much
    /// better, the less of both counted twice. NaN where neither could be fitted.
    pub model_p: f64,
    /// The same of white noise and of a second length alone.
    pub lack_p: [f64; 2],
    /// H(r) of the replicates, 2.5 % and 97.5 %, at the radial lags of the map; NaN where too few reach.
    pub band: Vec<[f64; 2]>,
    /// Replicates that could be fitted in the final round.
    pub replicates: usize,
}

/// A bootstrap that gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BootstrapError {
    /// The caller ended it.
    #[error("interrupted")]
    Cancelled,
    /// Most simulated fields could not be fitted.
    #[error("most simulated fields of the fitted covariance cannot be fitted")]
    Unstable,
}

/// Replicates of the two rounds that find the bias; the last round has the caller's number.
const BIAS_ROUND: usize = 32;

/// Corrects `observed` and finds its intervals.
///
/// # Errors
/// [`BootstrapError`].
pub fn bootstrap(setting: &Setting<'_>, observed: &Estimate) -> Result<Bootstrap, BootstrapError> {
    let target = Coordinates::of(observed);
    let mut at = target;
    let mut shape = Shape::of(setting, observed);
    let done = AtomicUsize::new(0);
    let first = BIAS_ROUND.min(setting.resamples);
    let step = || (setting.progress)(2 + done.fetch_add(2, Ordering::Relaxed), 2 * first + setting.resamples);
    for round in 0..2 {
        let replicates = simulate(setting, &Model::One(&at.covariance()), &shape, (round, true), first, &step)?;
        at = at.moved(&target, &medians(&replicates));
        shape = shape.beside(&replicates);
    }
    let replicates = simulate(setting, &Model::One(&at.covariance()), &shape, (2, false), setting.resamples, &step)?;
    let centre = medians(&replicates);
    let mut corrected = at.moved(&target, &centre);
    // The simulated fields are isotropic: what their axes read beside the ξ they were made with is the bias of an axis.
    for k in [4, 5] {
        corrected.0[k] = target.0[k] - (centre.0[k] - at.0[0]);
    }
    // Symmetric in the deviations: near a bound (no noise, α = 1) the simulated ones lie to one side only, and an
    // interval of two tails would leave the other side bare.
    let spread = |k: usize| {
        let mut d: Vec<f64> =
            replicates.iter().map(|r| (r.at.0[k] - centre.0[k]).abs()).filter(|d| d.is_finite()).collect();
        let half = tail(&mut d, 0.95);
        [corrected.0[k] - half, corrected.0[k] + half]
    };
    let exp = |i: [f64; 2]| i.map(libm::exp);
    let alpha = spread(2).map(|a| a.clamp(0.0, 1.0));
    let noise = spread(3).map(|n| n.max(0.0));
    let mut anisotropy: Vec<f64> = replicates.iter().map(|r| r.anisotropy).filter(|a| a.is_finite()).collect();
    let above = anisotropy.iter().filter(|a| **a >= observed.anisotropy).count();
    let lack = |of: fn(&Lack) -> f64| {
        let gains = replicates.iter().map(|r| of(&r.lack)).filter(|g| g.is_finite());
        let (own, all) = (of(&observed.lack), gains.clone().count());
        let as_much = gains.filter(|g| *g >= own).count();
        if own.is_finite() && all > 0 { (1 + as_much) as f64 / (1 + all) as f64 } else { f64::NAN }
    };
    let lack_p = [lack(|l| l.noise), lack(|l| l.length)];
    let tests = lack_p.iter().filter(|p| p.is_finite()).count() as f64;
    Ok(Bootstrap {
        model_p: if tests > 0.0 { (tests * lack_p[0].min(lack_p[1])).min(1.0) } else { f64::NAN },
        lack_p,
        corrected: corrected.covariance(),
        axes: [libm::exp(corrected.0[4]), libm::exp(corrected.0[5])],
        intervals: [exp(spread(0)), exp(spread(1)), alpha, noise],
        axis_intervals: [exp(spread(4)), exp(spread(5))],
        isotropic_limit: quantile(&mut anisotropy, 0.95),
        isotropy_p: (1 + above) as f64 / (1 + anisotropy.len()) as f64,
        band: band(&replicates),
        replicates: replicates.len(),
    })
}

/// ln ξ, ln σ, α, σₙ, ln ξ_fast, ln ξ_slow: what is compared between map and simulation.
#[derive(Clone, Copy, Debug)]
struct Coordinates([f64; 6]);

impl Coordinates {
    fn of(e: &Estimate) -> Coordinates {
        let c = e.fitted.covariance;
        let ln = libm::log;
        Coordinates([ln(c.xi), ln(c.sigma), c.alpha, c.noise, ln(e.xi_fast), ln(e.xi_slow)])
    }

    fn covariance(&self) -> Covariance {
        let [xi, sigma, alpha, noise, ..] = self.0;
        Covariance { xi: libm::exp(xi), sigma: libm::exp(sigma), alpha: alpha.clamp(0.05, 1.0), noise: noise.max(0.0) }
    }

    /// Moved by what the simulation, run here, fell short of the target; at most by a factor of three at a time.
    fn moved(&self, target: &Coordinates, simulated: &Coordinates) -> Coordinates {
        let mut out = *self;
        for k in 0..4 {
            let step = target.0[k] - simulated.0[k];
            if step.is_finite() {
                out.0[k] += step.clamp(-1.1, 1.1);
            } else {
                out.0[k] = target.0[k];
            }
        }
        out.0[2] = out.0[2].clamp(0.05, 1.0);
        out.0[3] = out.0[3].max(0.0);
        out
    }
}

/// Quantile at rank p (n + 1), which a small number of replicates needs to cover what it says.
pub(super) fn tail(values: &mut [f64], p: f64) -> f64 {
    let n = values.len() as f64;
    quantile(values, ((n + 1.0) * p - 1.0) / (n - 1.0).max(1.0))
}

pub(super) struct Replicate {
    at: Coordinates,
    anisotropy: f64,
    pub(super) lack: Lack,
    h: Vec<f64>,
    /// How far the values are from a Gaussian, and what bend they would be given.
    shape: [f64; 2],
}

/// The distribution of the map's values, as far as it is to be simulated.
pub(super) struct Shape {
    own: Law,
    departure: f64,
    /// What fields are given instead of a Gaussian, once they are known to lack it, each with a bend of its own.
    laws: Vec<Standard>,
}

/// Pixels that a distribution is read from.
const READ: usize = 20_000;

impl Shape {
    pub(super) fn of(setting: &Setting<'_>, observed: &Estimate) -> Shape {
        let sorted = some_sorted(setting.values);
        let n = setting.values.iter().filter(|v| v.is_finite()).count() as f64;
        let area = n * setting.pixel[0] * setting.pixel[1];
        let own = Law::of(&sorted, (area / observed.fitted.covariance.correlation_area()).clamp(2.0, n.max(2.0)));
        Shape { departure: departure(&sorted, own.limit()), own, laws: Vec::new() }
    }

    /// After Gaussian fields: whether the map is farther from one than they are. After fields of its own distribution: with
    /// bends as uncertain as these read them.
    pub(super) fn beside(self, fields: &[Replicate]) -> Shape {
        let laws = if self.laws.is_empty() {
            let farthest = fields.iter().map(|f| f.shape[0]).fold(f64::NAN, f64::max);
            if self.departure > farthest { vec![Standard::of(self.own.clone())] } else { Vec::new() }
        } else {
            let bend = self.own.bend;
            let with_error = |f: &Replicate| self.laws[0].bent(2.0 * bend - f.shape[1]);
            fields.iter().filter(|f| f.shape[1].is_finite()).map(with_error).collect()
        };
        Shape { laws, ..self }
    }
}

/// Some of the valid values, by rising size.
fn some_sorted(values: &Array2<f64>) -> Vec<f64> {
    let valid: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let mut some: Vec<f64> = spread(valid.len(), READ).into_iter().map(|i| valid[i]).collect();
    some.sort_unstable_by(f64::total_cmp);
    some
}

/// What fields are made of.
pub(super) enum Model<'a> {
    /// One length.
    One(&'a Covariance),
    /// Two.
    Two(&'a Correlogram),
}

impl Model<'_> {
    /// Standard deviation, white noise and all.
    fn total(&self) -> f64 {
        match self {
            Model::One(c) => libm::hypot(c.sigma, c.noise),
            Model::Two(c) => c.sigma(),
        }
    }

    /// Correlation at a distance above 0, m.
    fn correlation(&self, r: f64) -> f64 {
        match self {
            Model::One(c) => c.correlated(r) / (self.total() * self.total()),
            Model::Two(c) => c.at(r),
        }
    }

    fn reach(&self) -> f64 {
        match self {
            Model::One(c) => c.reach(NEGLIGIBLE),
            Model::Two(c) => c.reach(NEGLIGIBLE),
        }
    }
}

/// Fields of a model, levelled, masked and read as the map was; `round` names their random numbers, and `shaped` asks for the
/// distribution of each.
///
/// # Errors
/// [`BootstrapError`].
pub(super) fn simulate(
    setting: &Setting<'_>,
    model: &Model<'_>,
    shape: &Shape,
    (round, shaped): (usize, bool),
    n: usize,
    step: &(dyn Fn() + Sync),
) -> Result<Vec<Replicate>, BootstrapError> {
    let (rows, columns) = setting.values.dim();
    let total = model.total();
    let simulator = match (shape.laws.first(), model) {
        (None, Model::One(covariance)) => Simulator::new([rows, columns], setting.pixel, covariance),
        // Scores of which the values have the covariance, white noise and all.
        (law, _) => Simulator::of_distance([rows, columns], setting.pixel, model.reach(), |r| {
            let rho = if r > 0.0 { model.correlation(r) } else { 1.0 };
            law.map_or(total * total * rho, |law| if r > 0.0 { law.of_scores(rho) } else { 1.0 })
        }),
    };
    let stream = setting.stream.role("bootstrap").content([round as f64]);
    let pairs = ordered(n.div_ceil(2), |i| {
        if (setting.cancelled)() {
            return None;
        }
        let mut k = 2 * i..;
        let read = simulator.pair(&mut stream.replicate(i)).map(|mut z| {
            if let Some(law) = k.next().filter(|_| !shape.laws.is_empty()).map(|k| &shape.laws[k % shape.laws.len()]) {
                z.mapv_inplace(|z| total * law.at(z));
            }
            read(setting, z, shape, shaped)
        });
        step();
        Some(read)
    });
    let pairs: Option<Vec<_>> = pairs.into_iter().collect();
    let fitted: Vec<Replicate> =
        pairs.ok_or(BootstrapError::Cancelled)?.into_iter().flatten().take(n).flatten().collect();
    if fitted.len() < n.div_ceil(2) {
        return Err(BootstrapError::Unstable);
    }
    Ok(fitted)
}

/// One simulated field, levelled and masked as the map was; with the shape of its distribution where that is wanted.
fn read(setting: &Setting<'_>, mut z: Array2<f64>, of: &Shape, wanted: bool) -> Option<Replicate> {
    z.zip_mut_with(setting.values, |z, v| {
        if !v.is_finite() {
            *z = f64::NAN;
        }
    });
    for step in setting.levelling {
        level(&mut z, step).ok()?;
    }
    // Simulated fields are read only as far as the fit goes.
    let options = Options { reach: setting.options.r_max, ..setting.options.clone() };
    let (sf, e) = estimate(z.view(), setting.pixel, &options, false).ok()?;
    let shape = if wanted {
        let sorted = some_sorted(&z);
        [departure(&sorted, of.own.limit()), of.own.bend_of(&sorted)]
    } else {
        [f64::NAN; 2]
    };
    Some(Replicate { at: Coordinates::of(&e), anisotropy: e.anisotropy, lack: e.lack, h: sf.radial.h, shape })
}

fn medians(replicates: &[Replicate]) -> Coordinates {
    let mut out = [f64::NAN; 6];
    for (k, o) in out.iter_mut().enumerate() {
        let mut v: Vec<f64> = replicates.iter().map(|r| r.at.0[k]).filter(|v| v.is_finite()).collect();
        *o = quantile(&mut v, 0.5);
    }
    Coordinates(out)
}

fn band(replicates: &[Replicate]) -> Vec<[f64; 2]> {
    let lags = replicates.iter().map(|r| r.h.len()).max().unwrap_or(0);
    (0..lags)
        .map(|i| {
            let mut h: Vec<f64> = replicates.iter().filter_map(|r| r.h.get(i).copied()).collect();
            [tail(&mut h, 0.025), tail(&mut h, 0.975)]
        })
        .collect()
}
