//! Marking pixels invalid: by range, as outliers, as scars.

use ndarray::Array2;

use crate::num::quantile::{mad, median};

/// Standard deviations of a Gaussian in one median absolute deviation.
const SIGMA_PER_MAD: f64 = 1.482_602_218_505_602;

/// Marks values outside [low, high] invalid; returns how many.
pub fn range(values: &mut Array2<f64>, low: f64, high: f64) -> usize {
    mark(values, |v| v < low || v > high)
}

/// Marks values farther than `k` robust standard deviations (1.4826 MAD) from the median; returns how many.
///
/// A map more than half of which is one value has no spread to judge by: nothing is marked.
pub fn outliers(values: &mut Array2<f64>, k: f64) -> usize {
    let mut valid: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let centre = median(&mut valid);
    let reach = k * SIGMA_PER_MAD * mad(&mut valid);
    if !(reach > 0.0) {
        return 0;
    }
    mark(values, |v| (v - centre).abs() > reach)
}

fn mark(values: &mut Array2<f64>, bad: impl Fn(f64) -> bool) -> usize {
    let mut n = 0;
    for v in values.iter_mut().filter(|v| v.is_finite()) {
        if bad(*v) {
            *v = f64::NAN;
            n += 1;
        }
    }
    n
}

/// Marks scars: runs of at least `length` pixels along a row that stand off both the line above and the line below,
/// to the same side, by more than `k` robust standard deviations of the line-to-line differences. Returns how many pixels.
pub fn scars(values: &mut Array2<f64>, k: f64, length: usize) -> usize {
    let (rows, columns) = values.dim();
    if rows < 3 {
        return 0;
    }
    let mut steps: Vec<f64> = Vec::with_capacity(rows * columns);
    for y in 1..rows {
        steps.extend(values.row(y).iter().zip(values.row(y - 1)).map(|(a, b)| a - b).filter(|d| d.is_finite()));
    }
    let reach = k * SIGMA_PER_MAD * mad(&mut steps);
    if !(reach > 0.0) {
        return 0;
    }
    let original = values.clone();
    let mut n = 0;
    for y in 1..rows - 1 {
        let side = |x: usize| -> i8 {
            let up = original[[y, x]] - original[[y - 1, x]];
            let down = original[[y, x]] - original[[y + 1, x]];
            if up > reach && down > reach {
                1
            } else if up < -reach && down < -reach {
                -1
            } else {
                0
            }
        };
        let mut x = 0;
        while x < columns {
            let s = side(x);
            let start = x;
            while x < columns && side(x) == s {
                x += 1;
            }
            if s != 0 && x - start >= length {
                (start..x).for_each(|x| values[[y, x]] = f64::NAN);
                n += x - start;
            }
        }
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Array2<f64> {
        Array2::from_shape_fn((16, 20), |(y, x)| libm::sin((y * 20 + x) as f64 * 1.7))
    }

    #[test]
    fn ranges_and_outliers() {
        let mut z = ramp();
        z[[2, 3]] = 50.0;
        assert_eq!(outliers(&mut z, 5.0), 1);
        assert!(z[[2, 3]].is_nan());
        assert_eq!(range(&mut z, -2.0, 2.0), 0);
        assert_eq!(outliers(&mut Array2::from_elem((4, 4), 1.0), 3.0), 0);
    }

    #[test]
    fn a_scar_is_found_and_a_step_is_not() {
        let mut z = ramp();
        (4..12).for_each(|x| z[[7, x]] += 40.0);
        (10..16).for_each(|y| (0..20).for_each(|x| z[[y, x]] += 40.0));
        assert_eq!(scars(&mut z, 5.0, 6), 8);
        assert!((4..12).all(|x| z[[7, x]].is_nan()));
    }
}
