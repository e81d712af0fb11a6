//! Parametric bootstrap of the correlation length with the levelling replayed and the bias removed (METHODS §2).
//!
//! Finite windows and levelling bias ξ and σ low (Nečas & Klapetek, doi:10.1038/s41598-020-72171-8). Fields of the
//! fitted covariance are simulated on the map's own grid, levelled and masked as the map was, and fitted again; the
//! parameters are moved on the log scale until the simulated median meets the observed estimate.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::Array2;

use super::covariance::Covariance;
use super::estimate::{Estimate, Options, estimate};
use super::field::Simulator;
use crate::num::parallel::ordered;
use crate::num::quantile::quantile;
use crate::num::random::Stream;
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
    let done = AtomicUsize::new(0);
    let first = BIAS_ROUND.min(setting.resamples);
    let step = || (setting.progress)(2 + done.fetch_add(2, Ordering::Relaxed), 2 * first + setting.resamples);
    for round in 0..2 {
        let replicates = simulate(setting, &at.covariance(), round, first, &step)?;
        at = at.moved(&target, &medians(&replicates));
    }
    let replicates = simulate(setting, &at.covariance(), 2, setting.resamples, &step)?;
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
    Ok(Bootstrap {
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
fn tail(values: &mut [f64], p: f64) -> f64 {
    let n = values.len() as f64;
    quantile(values, ((n + 1.0) * p - 1.0) / (n - 1.0).max(1.0))
}

struct Replicate {
    at: Coordinates,
    anisotropy: f64,
    h: Vec<f64>,
}

fn simulate(
    setting: &Setting<'_>,
    covariance: &Covariance,
    round: usize,
    n: usize,
    step: &(dyn Fn() + Sync),
) -> Result<Vec<Replicate>, BootstrapError> {
    let (rows, columns) = setting.values.dim();
    let simulator = Simulator::new([rows, columns], setting.pixel, covariance);
    let stream = setting.stream.role("bootstrap").content([round as f64]);
    let pairs = ordered(n.div_ceil(2), |i| {
        if (setting.cancelled)() {
            return None;
        }
        let fields = simulator.pair(&mut stream.replicate(i));
        let read = fields.map(|z| read(setting, z));
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

/// One simulated field, levelled and masked as the map was.
fn read(setting: &Setting<'_>, mut z: Array2<f64>) -> Option<Replicate> {
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
    Some(Replicate { at: Coordinates::of(&e), anisotropy: e.anisotropy, h: sf.radial.h })
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
