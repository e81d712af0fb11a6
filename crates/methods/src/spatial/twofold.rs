//! Two lengths of one map, with intervals by fields of both (METHODS §14a).

use super::bootstrap::{BootstrapError, Model, Replicate, Setting, Shape, simulate, tail};
use super::correlogram::{Correlogram, Parts};
use super::estimate::{Estimate, Options};
use super::structure_function::Curve;
use crate::num::quantile::quantile;

/// Two lengths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoLengths {
    /// Both, m, with the bias of the window and of levelling removed, and the share of the longer one in the correlated
    /// variance.
    pub values: [f64; 3],
    /// 95 % intervals of the three.
    pub intervals: [[f64; 2]; 3],
    /// p of the model: share of its fields that it describes no better than the map.
    pub p: f64,
    /// Fields that could be read.
    pub replicates: usize,
}

/// Replicates of the round that finds the bias.
const BIAS_ROUND: usize = 32;
/// Share of the longer length at the bounds of what is sought.
const EDGE: f64 = 1e-3;

/// Logarithms of both lengths and the logit of the share of the longer one.
#[derive(Clone, Copy, Debug)]
struct Coordinates([f64; 3]);

impl Coordinates {
    fn of(([short, long], share): ([f64; 2], f64)) -> Coordinates {
        let share = share.clamp(EDGE, 1.0 - EDGE);
        Coordinates([libm::log(short), libm::log(long), libm::log(share / (1.0 - share))])
    }

    fn values(self) -> [f64; 3] {
        let [short, long, logit] = self.0;
        [libm::exp(short), libm::exp(long), 1.0 / (1.0 + libm::exp(-logit))]
    }

    /// Moved by what was read falls short of the target, at most by a factor of three.
    fn moved(self, target: Coordinates, read: Coordinates) -> Coordinates {
        Coordinates([0, 1, 2].map(|k| self.0[k] + (target.0[k] - read.0[k]).clamp(-1.1, 1.1)))
    }
}

/// Finds both lengths of a map that one does not describe. `None` where they cannot be fitted to fields of them.
///
/// # Errors
/// [`BootstrapError::Cancelled`].
pub(super) fn two_lengths(
    setting: &Setting<'_>,
    observed: &Estimate,
    curve: &Curve,
) -> Result<Option<TwoLengths>, BootstrapError> {
    let parts = Parts { nugget: setting.options.noise, longer: true, variance: true };
    let Ok(fitted) = Correlogram::fit_with(curve, setting.options.r_max, parts) else { return Ok(None) };
    let Some(lengths) = fitted.lengths() else { return Ok(None) };
    let target = Coordinates::of(lengths);
    let options = Options { sectors: 0, ..setting.options.clone() };
    let setting = setting.reading(&options);
    let mut shape = Shape::of(&setting, observed);
    let mut at = target;
    // Rounds of the one-length bootstrap have the numbers before. Two rounds know whether the values are a Gaussian's, and how
    // well their distribution is read.
    for number in [10, 11] {
        let found = round(&setting, &fitted, at, &shape, (number, true), BIAS_ROUND.min(setting.resamples))?;
        if let Some(Round { median, replicates, .. }) = found {
            at = at.moved(target, median);
            shape = shape.beside(&replicates);
        }
    }
    let Some(last) = round(&setting, &fitted, at, &shape, (12, false), setting.resamples)? else { return Ok(None) };
    let corrected = at.moved(target, last.median);
    let half = [0, 1, 2].map(|k| {
        let mut d: Vec<f64> = last.read.iter().map(|r| (r.0[k] - last.median.0[k]).abs()).collect();
        tail(&mut d, 0.95)
    });
    let end = |sign: f64| Coordinates([0, 1, 2].map(|k| corrected.0[k] + sign * half[k])).values();
    let (low, high) = (end(-1.0), end(1.0));
    let residuals: Vec<f64> = last.replicates.iter().map(|r| r.lack.two_chi2).filter(|c| c.is_finite()).collect();
    let worse = residuals.iter().filter(|c| **c >= fitted.chi2).count();
    Ok(Some(TwoLengths {
        values: corrected.values(),
        intervals: [0, 1, 2].map(|k| [low[k], high[k]]),
        p: (1 + worse) as f64 / (1 + residuals.len()) as f64,
        replicates: last.read.len(),
    }))
}

/// Fields of two lengths, and what was read of them.
struct Round {
    replicates: Vec<Replicate>,
    read: Vec<Coordinates>,
    median: Coordinates,
}

fn round(
    setting: &Setting<'_>,
    fitted: &Correlogram,
    at: Coordinates,
    shape: &Shape,
    number: (usize, bool),
    n: usize,
) -> Result<Option<Round>, BootstrapError> {
    let [short, long, share] = at.values();
    let model = fitted.with_lengths([short, long], share);
    let replicates = match simulate(setting, &Model::Two(&model), shape, number, n, &|| ()) {
        Ok(r) => r,
        Err(BootstrapError::Unstable) => return Ok(None),
        Err(e) => return Err(e),
    };
    let read: Vec<Coordinates> = replicates.iter().filter_map(|r| r.lack.lengths.map(Coordinates::of)).collect();
    if read.len() < n.div_ceil(2) {
        return Ok(None);
    }
    let median = Coordinates([0, 1, 2].map(|k| {
        let mut v: Vec<f64> = read.iter().map(|r| r.0[k]).collect();
        quantile(&mut v, 0.5)
    }));
    Ok(Some(Round { replicates, read, median }))
}
