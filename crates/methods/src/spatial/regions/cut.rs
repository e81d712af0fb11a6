//! The threshold: which pixels belong to regions.

use ndarray::{Array2, ArrayView2};

/// How the threshold is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// This fraction of the valid pixels.
    Pixels(f64),
    /// The fewest pixels that hold this share of the summed value.
    Share(f64),
    /// At or beyond this value, SI.
    Absolute(f64),
}

/// Which values are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The highest: dissipating, stiff.
    #[default]
    High,
    /// The lowest: dense, compliant.
    Low,
}

/// The pixels that were chosen.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The value of the last pixel chosen.
    pub threshold: f64,
    /// Fraction of the valid pixels.
    pub fraction: f64,
    /// Whether each pixel is chosen; an invalid one never is.
    pub mask: Array2<bool>,
}

/// A threshold that chooses nothing or cannot be found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    /// No pixel is valid.
    #[error("the map has no valid pixel")]
    Empty,
    /// All of one value.
    #[error("all {0} valid pixels have the same value: there is nothing beyond a threshold")]
    Tied(usize),
    /// The rule chooses no pixel, or all.
    #[error("the threshold chooses {0} of {1} pixels; choose another")]
    Nothing(usize, usize),
    /// A share of the lowest values, some of which are negative.
    #[error("`by = \"share\"` of the lowest values needs values that are not negative; use `by = \"pixels\"`")]
    Negative,
    /// A share of what is not positive.
    #[error("`by = \"share\"` needs a positive sum of values; this map sums up to {0}; use `by = \"pixels\"`")]
    Sum(String),
}

/// Chooses pixels.
///
/// # Errors
/// [`CutError`] where no pixel or every pixel would be chosen.
pub fn cut(values: ArrayView2<'_, f64>, rule: Rule, side: Side) -> Result<Cut, CutError> {
    // Low values are the high ones of the negative.
    let sign = if side == Side::High { 1.0 } else { -1.0 };
    let mut valid: Vec<f64> = values.iter().filter(|v| v.is_finite()).map(|v| sign * v).collect();
    let n = valid.len();
    let (Some(&first), true) = (valid.first(), n > 0) else { return Err(CutError::Empty) };
    if valid.iter().all(|v| *v == first) {
        return Err(CutError::Tied(n));
    }
    let least = match rule {
        Rule::Pixels(p) => by_pixels(&mut valid, p),
        Rule::Share(p) => by_share(&mut valid, p, sign)?,
        Rule::Absolute(t) => Some(sign * t),
    };
    let least = least.ok_or(CutError::Nothing(0, n))?;
    let mask = values.mapv(|v| sign * v >= least);
    let count = mask.iter().filter(|m| **m).count();
    if count == 0 || count == n {
        return Err(CutError::Nothing(count, n));
    }
    Ok(Cut { threshold: sign * least, fraction: count as f64 / n as f64, mask })
}

/// The least value of the fraction `p`; equal values go in or stay out together, whichever is nearer to `p`.
fn by_pixels(values: &mut [f64], p: f64) -> Option<f64> {
    let n = values.len();
    let target = p * n as f64;
    let rank = (target.round() as usize).clamp(1, n);
    let (above, at, _) = values.select_nth_unstable_by(rank - 1, |a, b| b.total_cmp(a));
    let at = *at;
    let next = above.iter().copied().filter(|v| *v > at).min_by(f64::total_cmp);
    let strictly = above.iter().filter(|v| **v > at).count();
    let with = values.iter().filter(|v| **v >= at).count();
    if (with as f64 - target).abs() <= (strictly as f64 - target).abs() { Some(at) } else { next }
}

/// The least value of the fewest pixels whose sum is the share `p` of all; ties as in [`by_pixels`].
fn by_share(values: &mut [f64], p: f64, sign: f64) -> Result<Option<f64>, CutError> {
    if sign < 0.0 && values.iter().any(|v| *v > 0.0) {
        return Err(CutError::Negative);
    }
    let total = sign * crate::num::sum::sum(values);
    if !(total > 0.0) {
        return Err(CutError::Sum(format!("{total:e}")));
    }
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    let target = p * total;
    let (mut sum, mut before) = (0.0, None);
    for group in values.chunk_by(|a, b| a == b) {
        let with = sum + sign * group[0] * group.len() as f64;
        if with >= target {
            // A single pixel beyond the share is one of the fewest; several that are equal are a matter of distance.
            let nearer = group.len() == 1 || (with - target) <= (target - sum);
            return Ok(if nearer { Some(group[0]) } else { before });
        }
        (sum, before) = (with, Some(group[0]));
    }
    Ok(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(values: &[f64]) -> Array2<f64> {
        Array2::from_shape_vec((1, values.len()), values.to_vec()).unwrap()
    }

    fn chosen(values: &[f64], rule: Rule, side: Side) -> Result<(usize, f64), CutError> {
        let c = cut(map(values).view(), rule, side)?;
        Ok((c.mask.iter().filter(|m| **m).count(), c.threshold))
    }

    #[test]
    fn a_fraction_of_the_valid_pixels() {
        let v: Vec<f64> = (0..20).map(|i| f64::from(i * 7 % 20)).chain([f64::NAN; 5]).collect();
        assert_eq!(chosen(&v, Rule::Pixels(0.25), Side::High), Ok((5, 15.0)));
        assert_eq!(chosen(&v, Rule::Pixels(0.25), Side::Low), Ok((5, 4.0)));
        assert_eq!(chosen(&v, Rule::Absolute(18.0), Side::High), Ok((2, 18.0)));
        assert_eq!(chosen(&v, Rule::Absolute(2.0), Side::Low), Ok((3, 2.0)));
    }

    #[test]
    fn ties_go_in_or_stay_out_together() {
        let v = [9.0, 5.0, 5.0, 5.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        assert_eq!(chosen(&v, Rule::Pixels(0.2), Side::High), Ok((1, 9.0)));
        assert_eq!(chosen(&v, Rule::Pixels(0.3), Side::High), Ok((4, 5.0)));
        assert_eq!(chosen(&v, Rule::Pixels(0.6), Side::High), Ok((4, 5.0)));
        // 9 + 5 + 5 + 5 = 24 of 30: half of it is nearer without the ties, two thirds with them.
        assert_eq!(chosen(&v, Rule::Share(0.5), Side::High), Ok((1, 9.0)));
        assert_eq!(chosen(&v, Rule::Share(0.67), Side::High), Ok((4, 5.0)));
    }

    #[test]
    fn the_fewest_pixels_of_a_share() {
        let v = [4.0, 3.0, 2.0, 1.0];
        assert_eq!(chosen(&v, Rule::Share(0.4), Side::High), Ok((1, 4.0)));
        assert_eq!(chosen(&v, Rule::Share(0.41), Side::High), Ok((2, 3.0)));
        assert_eq!(chosen(&v, Rule::Share(0.3), Side::Low), Ok((2, 2.0)));
        assert!(matches!(chosen(&[-1.0, -2.0], Rule::Share(0.3), Side::High), Err(CutError::Sum(_))));
    }

    #[test]
    fn what_chooses_nothing_is_an_error() {
        assert_eq!(chosen(&[f64::NAN], Rule::Pixels(0.5), Side::High), Err(CutError::Empty));
        assert_eq!(chosen(&[2.0; 6], Rule::Pixels(0.5), Side::High), Err(CutError::Tied(6)));
        assert_eq!(chosen(&[1.0, 2.0], Rule::Absolute(3.0), Side::High), Err(CutError::Nothing(0, 2)));
        assert_eq!(chosen(&[1.0, 2.0], Rule::Absolute(0.0), Side::High), Err(CutError::Nothing(2, 2)));
        assert_eq!(chosen(&[1.0, 1.0, 1.0, 0.0], Rule::Pixels(0.1), Side::High), Err(CutError::Nothing(0, 4)));
    }
}
