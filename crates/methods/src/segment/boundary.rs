//! Boundaries between classes of a map.

use ndarray::ArrayView2;

/// Length of the boundary of each class in m, from the sides that its pixels share with pixels of other classes.
///
/// Steps along the two axes overstate a boundary of no direction by 4/π, which is taken out. `labels` is NaN where there
/// is no class; `pixel` is `[row, column]` in m.
pub fn lengths(labels: ArrayView2<'_, f64>, k: usize, pixel: [f64; 2]) -> Vec<f64> {
    let (rows, columns) = labels.dim();
    let mut out = vec![0.0; k];
    let mut pair = |a: f64, b: f64, length: f64| {
        if a != b && a.is_finite() && b.is_finite() {
            for l in [a, b] {
                if let Some(o) = out.get_mut(l as usize) {
                    *o += length * std::f64::consts::FRAC_PI_4;
                }
            }
        }
    };
    for y in 0..rows {
        for x in 0..columns {
            let own = labels[[y, x]];
            if x + 1 < columns {
                pair(own, labels[[y, x + 1]], pixel[0]);
            }
            if y + 1 < rows {
                pair(own, labels[[y + 1, x]], pixel[1]);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn a_disc_has_its_circumference() {
        // Steps of a circle of radius 60 pixels add up to 8 r; the last pixel is uncertain by one step in 480.
        let labels = Array2::from_shape_fn((160, 160), |(y, x)| {
            f64::from(u8::from(libm::hypot(y as f64 - 79.5, x as f64 - 79.5) < 60.0))
        });
        let l = lengths(labels.view(), 2, [2e-9, 2e-9]);
        assert!((l[0] / (std::f64::consts::TAU * 120e-9) - 1.0).abs() < 0.01 && l[0] == l[1], "{l:?}");
    }

    #[test]
    fn what_is_missing_has_no_boundary() {
        let labels = ndarray::array![[0.0, f64::NAN, 1.0], [0.0, 1.0, 1.0]];
        let l = lengths(labels.view(), 3, [1.0, 2.0]);
        assert_eq!(l, [1.0, 1.0, 0.0].map(|v| v * std::f64::consts::FRAC_PI_4));
    }
}
