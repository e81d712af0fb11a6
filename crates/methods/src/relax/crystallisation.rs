//! Crystallisation in a loss curve: a maximum that is no relaxation. The storage modulus rises where crystals form, and their
//! loss does not move with frequency (METHODS §11).

use super::GAS_CONSTANT;
use super::loss::{LossCurve, noise};
use super::peaks::smoothed;
use crate::num::linear::line;

/// What shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// E′ rises again above the α process.
    Stiffening,
    /// The highest maximum of E″ stays where it is when the frequency changes, and another below it moves.
    Unmoved,
}

/// Part of its fall by which E′ must rise again.
const RISE: f64 = 0.2;
/// The same in standard deviations of the noise, for either modulus.
const SURE: f64 = 6.0;
/// Fewest points above the least E′.
const FEWEST: usize = 8;
/// Activation energy, J/mol, above which a maximum does not move: some three times that of the most fragile glass.
const UNMOVED: f64 = 3e6;
/// Fewest frequencies, and least ratio of the last to the first, that tell whether a maximum moves.
const SWEEP: (usize, f64) = (3, 3.0);

/// Temperature at which crystallisation begins, K, of each curve that shows it.
pub fn onsets(curves: &[LossCurve]) -> Vec<Option<(f64, Sign)>> {
    let unmoved = unmoved(curves);
    let onset = |(i, c): (usize, &LossCurve)| match stiffening(c) {
        Some(t) => Some((t, Sign::Stiffening)),
        None => unmoved.as_ref().map(|t| (t[i], Sign::Unmoved)),
    };
    curves.iter().enumerate().map(onset).collect()
}

/// Where E′ is least before it rises, if E″ has a maximum below.
fn stiffening(c: &LossCurve) -> Option<f64> {
    let t = &c.temperature;
    if c.storage.len() != t.len() || c.storage.iter().any(|s| !(*s > 0.0 && s.is_finite())) {
        return None;
    }
    let (storage, loss) = (smoothed(t, &c.storage), smoothed(t, &c.loss));
    // The least E′ above the first maximum of E″ from which E″ falls for good, so that no β process is taken for α.
    let least = (0..t.len()).min_by(|a, b| storage[*a].total_cmp(&storage[*b]))?;
    let above = &storage[least..];
    if least < FEWEST || above.len() < FEWEST {
        return None;
    }
    let highest = above.iter().copied().fold(0.0, f64::max);
    let unrelaxed = storage[..least].iter().copied().fold(0.0, f64::max);
    let rise = highest - storage[least];
    let error = noise(&t[least..], &c.storage[least..]) * highest;
    let falls = maxima(&loss[..least], c.noise).last().is_some();
    (falls && rise > RISE * (unrelaxed - storage[least]) && rise > SURE * error).then(|| t[least])
}

/// Indices of maxima that stand out of the dips to both sides by more than noise, and of the dip after each.
fn maxima(smooth: &[f64], noise: f64) -> Vec<(usize, usize)> {
    let margin = 1.0 + (SURE * noise).max(0.02);
    let mut out: Vec<(usize, usize)> = Vec::new();
    let (mut top, mut dip, mut rising) = (0, 0, false);
    for i in 1..smooth.len() {
        if rising {
            if smooth[i] > smooth[top] {
                top = i;
            } else if smooth[top] > margin * smooth[i] {
                out.push((top, i));
                (rising, dip) = (false, i);
            }
        } else {
            if smooth[i] < smooth[dip] {
                dip = i;
                if let Some(last) = out.last_mut() {
                    last.1 = i;
                }
            }
            if smooth[i] > margin * smooth[dip] {
                (rising, top) = (true, i);
            }
        }
    }
    out
}

/// The dips below the highest maxima, where these do not move with frequency and the maxima before them do; at frequencies
/// where both have grown together, the highest of the dips.
fn unmoved(curves: &[LossCurve]) -> Option<Vec<f64>> {
    let (mut f, mut high, mut low, mut dips) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for c in curves {
        let smooth = smoothed(&c.temperature, &c.loss);
        let all = maxima(&smooth, c.noise);
        let top = (0..all.len()).max_by(|a, b| smooth[all[*a].0].total_cmp(&smooth[all[*b].0]))?;
        let before = top.checked_sub(1).map(|k| all[k]);
        dips.push(before.map(|b| c.temperature[b.1]));
        if let Some((place, _)) = before {
            f.push(libm::log(c.frequency));
            high.push(c.temperature[all[top].0]);
            low.push(c.temperature[place]);
        }
    }
    let spread = f.iter().copied().fold(f64::NEG_INFINITY, f64::max) - f.iter().copied().fold(f64::INFINITY, f64::min);
    if f.len() < SWEEP.0 || !(spread > libm::log(SWEEP.1)) {
        return None;
    }
    let least = |t: &[f64]| {
        let mean = crate::num::sum::mean(t);
        GAS_CONSTANT * mean * mean / UNMOVED
    };
    let (stays, moves) = (line(&f, &high)?, line(&f, &low)?);
    // A place is known to a step of temperature at best.
    let step = curves.iter().map(|c| c.temperature[1] - c.temperature[0]).fold(0.0, f64::max);
    let error = |l: &crate::num::linear::Line| {
        let n = f.len() as f64;
        let scatter = (l.chi2 / (n - 2.0)).max(step * step / 12.0);
        let mean = crate::num::sum::mean(&f);
        2.0 * (scatter / f.iter().map(|v| (v - mean).powi(2)).sum::<f64>()).sqrt()
    };
    let told = stays.slope + error(&stays) < least(&high) && moves.slope - error(&moves) > least(&low);
    let last = dips.iter().flatten().copied().fold(0.0, f64::max);
    let each = dips.into_iter().map(|d| d.unwrap_or(last)).collect();
    (told && moves.slope > stays.slope + error(&stays) + error(&moves)).then_some(each)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::random::Random;
    use crate::relax::peaks::peaks;
    use libm::{cosh, exp};

    /// An α process that moves by 6 K for each e-fold of frequency and a hump at 522 K, 1.3 times as high, that does not.
    fn curve(f: f64, hump: f64, stored: bool, seed: u64) -> LossCurve {
        let mut r = Random::named("hump", seed);
        let t: Vec<f64> = (0..240).map(|i| 320.0 + f64::from(i)).collect();
        let place = 494.0 + 6.0 * libm::log(f);
        let alpha = |t: f64| 1.0 / cosh((t - place) / 9.0);
        let loss = t
            .iter()
            .map(|t| 1e9 * (alpha(*t) + hump / cosh((t - 522.0) / 5.0) + 1e-3) * (1.0 + 0.003 * r.normal()))
            .collect();
        let stored = t.iter().map(|t| {
            let fall = 1.0 / (1.0 + exp((t - place) / 5.0));
            let crystals = if hump > 0.0 { 0.6 / (1.0 + exp((520.0 - t) / 3.0)) } else { 0.0 };
            if stored { 3e10 * (fall + crystals + 0.01) } else { f64::NAN }
        });
        let storage = stored.collect();
        LossCurve { frequency: f, temperature: t, loss, noise: 0.003, storage, limit: f64::INFINITY }
    }

    #[test]
    fn a_hump_is_no_alpha() {
        // With E′, one curve tells; without, six frequencies do. Ten curves of noise each: the α place within 1 K.
        for stored in [true, false] {
            for seed in 0..10 {
                let f: &[f64] = if stored { &[1.0] } else { &[0.25, 0.5, 1.0, 2.0, 4.0] };
                let curves: Vec<LossCurve> = f.iter().map(|f| curve(*f, 1.3, stored, seed)).collect();
                for (c, onset) in curves.clone().iter().zip(onsets(&curves.clone())) {
                    let (t, sign) = onset.unwrap();
                    assert_eq!(sign, if stored { Sign::Stiffening } else { Sign::Unmoved });
                    assert!((505.0..522.0).contains(&t), "{t}");
                    let found = peaks(&LossCurve { limit: t, ..c.clone() }).unwrap();
                    let place = 494.0 + 6.0 * libm::log(c.frequency);
                    assert!((found.alpha.temperature - place).abs() < 1.0, "{:?} {place}", found.alpha);
                }
            }
        }
    }

    #[test]
    fn what_does_not_crystallise_has_no_onset() {
        for seed in 0..10 {
            for stored in [true, false] {
                let curves: Vec<LossCurve> =
                    [0.5, 1.0, 2.0, 4.0, 8.0].map(|f| curve(f, 0.0, stored, seed)).into_iter().collect();
                assert!(onsets(&curves).iter().all(Option::is_none));
            }
        }
        // A β peak that moves below an α peak that moves less, at steps of 1, 2 and 5 K: three and five frequencies.
        for step in [1.0, 2.0, 5.0] {
            for all in [&[1.0, 2.0, 4.0][..], &[0.5, 1.0, 2.0, 4.0, 8.0]] {
                let both = |f: &f64| {
                    let (alpha, beta) = (482.0 + 5.0 * libm::log(*f), 355.0 + 14.0 * libm::log(*f));
                    let t: Vec<f64> = (0..(230.0 / step) as usize).map(|i| 300.0 + step * i as f64).collect();
                    let peaks = |t: &f64| 1e9 * (1.0 / cosh((t - alpha) / 12.0) + 0.2 / cosh((t - beta) / 15.0) + 1e-3);
                    let (loss, storage) = (t.iter().map(peaks).collect(), vec![f64::NAN; t.len()]);
                    LossCurve { frequency: *f, temperature: t, loss, noise: 0.003, storage, limit: f64::INFINITY }
                };
                let curves: Vec<LossCurve> = all.iter().map(both).collect();
                assert!(onsets(&curves).iter().all(Option::is_none), "{step} {all:?}");
            }
        }
        // One frequency without E′ cannot tell: the highest maximum stands as α.
        assert_eq!(onsets(&[curve(1.0, 1.3, false, 0)]), [None]);
    }
}
