//! Loss modulus against temperature, one curve a frequency: sorted, duplicates averaged, noise estimated.

use super::crystallisation::{Sign, onsets};
use crate::num::quantile::mad;
use softspot_data::{Role, Spectrum, Warning};

/// E″(T) at one frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct LossCurve {
    /// Hz; NaN where the table has no frequency.
    pub frequency: f64,
    /// K, ascending, no two equal.
    pub temperature: Vec<f64>,
    /// Pa.
    pub loss: Vec<f64>,
    /// Standard deviation of ln E″ between neighbouring points, free of the curve's trend.
    pub noise: f64,
    /// Storage modulus, Pa; NaN where it was not measured.
    pub storage: Vec<f64>,
    /// Temperature from which on the curve is of crystals, K; infinite where none form.
    pub limit: f64,
}

impl LossCurve {
    /// Unrelaxed modulus E_u, Pa: the median of E′ over the lowest twentieth of the temperatures, where it was measured.
    pub fn unrelaxed(&self) -> Option<f64> {
        const FEWEST: usize = 3;
        let first = self.storage.iter().copied().take((self.storage.len() / 20).max(FEWEST));
        let mut glass: Vec<f64> = first.filter(|s| s.is_finite() && *s > 0.0).collect();
        (!glass.is_empty()).then(|| crate::num::quantile::quantile(&mut glass, 0.5))
    }
}

/// A spectrum without usable loss curves.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LossError {
    /// A column is missing.
    #[error("the spectrum has no {0} column; name it in `columns = {{ {0} = \"…\" }}`")]
    Missing(&'static str),
    /// Too little is left.
    #[error("{0} valid points at {1} do not show a relaxation; at least 12 are needed")]
    TooFew(usize, String),
}

/// Fewest points of a curve in which peaks are looked for.
const FEWEST: usize = 12;
/// Frequencies closer than this (relative) belong to one curve.
const SAME_FREQUENCY: f64 = 0.02;

/// Splits a spectrum by frequency. Points without a positive loss are left out.
///
/// # Errors
/// [`LossError`] if temperature or loss is missing, or no curve has enough points.
pub fn loss_curves(spectrum: &Spectrum) -> Result<(Vec<LossCurve>, Vec<Warning>), LossError> {
    let temperature = spectrum.get(Role::Temperature).ok_or(LossError::Missing("temperature"))?;
    let loss = match (spectrum.get(Role::Loss), spectrum.get(Role::Storage), spectrum.get(Role::TanDelta)) {
        (Some(l), ..) => l.to_vec(),
        (None, Some(s), Some(t)) => s.iter().zip(t).map(|(s, t)| s * t).collect(),
        _ => return Err(LossError::Missing("loss")),
    };
    let storage = match (spectrum.get(Role::Storage), spectrum.get(Role::TanDelta)) {
        (Some(s), _) => s.to_vec(),
        (None, Some(t)) => loss.iter().zip(t).map(|(l, t)| l / t).collect(),
        _ => vec![f64::NAN; loss.len()],
    };
    let frequency = spectrum.frequency().unwrap_or_else(|| vec![f64::NAN; loss.len()]);
    let mut points: Vec<[f64; 4]> = Vec::new();
    let mut dropped = 0;
    for (i, ((t, l), f)) in temperature.iter().zip(&loss).zip(&frequency).enumerate() {
        if t.is_finite() && *t > 0.0 && *l > 0.0 && l.is_finite() {
            points.push([*f, *t, *l, storage[i]]);
        } else {
            dropped += 1;
        }
    }
    let mut warnings = Vec::new();
    if dropped > 0 {
        warnings.push(Warning::new(
            "invalid-points",
            format!("{dropped} points without a temperature or a positive loss are left out"),
            "check the units and the columns of the table",
        ));
    }
    let mut curves = Vec::new();
    let (mut unsorted, mut duplicates) = (false, 0);
    points.sort_by(|a, b| a[0].total_cmp(&b[0]));
    for group in points.chunk_by(|a, b| a[0].is_nan() || (b[0] / a[0] - 1.0).abs() < SAME_FREQUENCY) {
        let f = crate::num::sum::mean(&group.iter().map(|p| p[0]).collect::<Vec<_>>());
        unsorted |= !group.is_sorted_by(|a, b| a[1] <= b[1]) && !group.is_sorted_by(|a, b| a[1] >= b[1]);
        let (curve, repeated) = curve(f, group);
        duplicates += repeated;
        if curve.temperature.len() >= FEWEST {
            curves.push(curve);
        }
    }
    if curves.is_empty() {
        let most =
            points.chunk_by(|a, b| a[0].is_nan() || (b[0] / a[0] - 1.0).abs() < SAME_FREQUENCY).map(<[_]>::len).max();
        return Err(LossError::TooFew(most.unwrap_or(0), "any one frequency".into()));
    }
    let onsets = onsets(&curves);
    if let Some((t, sign)) = onsets.iter().flatten().next() {
        warnings.push(Warning::new(
            "crystallisation",
            said(*t, *sign),
            "T_α and what follows are of the glass below; stop the run before, or heat faster",
        ));
    }
    curves.iter_mut().zip(onsets).for_each(|(c, o)| c.limit = o.map_or(f64::INFINITY, |o| o.0));
    if unsorted {
        warnings.push(Warning::new(
            "unsorted",
            "the temperatures of the table are not in order; they were sorted",
            "if heating and cooling are in one table, give each its own file: they differ",
        ));
    }
    if duplicates > 0 {
        warnings.push(Warning::new(
            "duplicate-temperatures",
            format!("{duplicates} repeated temperatures were averaged"),
            "check that the table holds one run",
        ));
    }
    Ok((curves, warnings))
}

fn said(t: f64, sign: Sign) -> String {
    match sign {
        Sign::Stiffening => format!(
            "E′ rises again from {t:.0} K on: crystals form, and what E″ does above is not taken for the α process"
        ),
        Sign::Unmoved => format!(
            "the highest maximum of E″, above {t:.0} K, does not move with frequency as the one below it does: it is taken for crystallisation, not for the α process"
        ),
    }
}

fn curve(frequency: f64, group: &[[f64; 4]]) -> (LossCurve, usize) {
    let mut sorted: Vec<[f64; 3]> = group.iter().map(|p| [p[1], p[2], p[3]]).collect();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let mean = |same: &[[f64; 3]], k: usize| same.iter().map(|p| p[k]).sum::<f64>() / same.len() as f64;
    let merged: Vec<[f64; 3]> =
        sorted.chunk_by(|a, b| a[0] == b[0]).map(|same| [0, 1, 2].map(|k| mean(same, k))).collect();
    let column = |k: usize| merged.iter().map(|r| r[k]).collect::<Vec<f64>>();
    let (t, l, storage) = (column(0), column(1), column(2));
    let repeated = sorted.len() - t.len();
    let noise = noise(&t, &l);
    (LossCurve { frequency, temperature: t, loss: l, noise, storage, limit: f64::INFINITY }, repeated)
}

/// From the misfit of each point to the line through its neighbours, which a smooth curve hardly contributes to.
pub(super) fn noise(t: &[f64], l: &[f64]) -> f64 {
    let mut misfit: Vec<f64> = (1..t.len().saturating_sub(1))
        .map(|i| {
            let w = (t[i] - t[i - 1]) / (t[i + 1] - t[i - 1]);
            let line = (1.0 - w) * libm::log(l[i - 1]) + w * libm::log(l[i + 1]);
            (libm::log(l[i]) - line) / (1.0 + w * w + (1.0 - w) * (1.0 - w)).sqrt()
        })
        .collect();
    if misfit.is_empty() { 0.0 } else { 1.482_602 * mad(&mut misfit) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use softspot_data::Series;

    fn spectrum(columns: &[(Role, Vec<f64>)]) -> Spectrum {
        let series = columns.iter().map(|(role, values)| Series {
            role: *role,
            name: role.name().into(),
            unit: role.unit(),
            values: values.clone(),
        });
        Spectrum(softspot_data::Columns { series: series.collect(), parts: Vec::new() })
    }

    #[test]
    fn unsorted_and_duplicate_temperatures_are_mended_and_said() {
        let t: Vec<f64> = (0..40).map(|i| 300.0 + f64::from((i * 7) % 20)).collect();
        let l: Vec<f64> = t.iter().map(|t| 1e6 + t).collect();
        let (curves, warnings) = loss_curves(&spectrum(&[(Role::Temperature, t), (Role::Loss, l)])).unwrap();
        assert_eq!(curves[0].temperature.len(), 20);
        assert!(curves[0].temperature.is_sorted());
        let codes: Vec<_> = warnings.iter().map(|w| w.code.as_str()).collect();
        assert_eq!(codes, ["unsorted", "duplicate-temperatures"]);
    }

    #[test]
    fn frequencies_part_the_curves() {
        let t: Vec<f64> = (0..60).map(|i| 300.0 + f64::from(i / 2)).collect();
        let f: Vec<f64> = (0..60).map(|i| if i % 2 == 0 { 1.0 } else { 8.0 }).collect();
        let l = vec![1e6; 60];
        let (curves, _) =
            loss_curves(&spectrum(&[(Role::Temperature, t.clone()), (Role::Loss, l.clone()), (Role::Frequency, f)]))
                .unwrap();
        assert_eq!(curves.iter().map(|c| c.frequency).collect::<Vec<_>>(), [1.0, 8.0]);
        assert!(matches!(loss_curves(&spectrum(&[(Role::Temperature, t)])), Err(LossError::Missing("loss"))));
        let few = spectrum(&[(Role::Temperature, vec![300.0; 3]), (Role::Loss, l[..3].to_vec())]);
        assert!(matches!(loss_curves(&few), Err(LossError::TooFew(3, _))));
    }
}
