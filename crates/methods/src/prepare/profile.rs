//! Values along a line: bilinear, averaged over a width (METHODS §3).

use ndarray::Array2;

/// Positions and values along a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Distance from the start, m.
    pub distance: Vec<f64>,
    /// Values in the map's SI unit; NaN where no valid pixel is near.
    pub values: Vec<f64>,
}

/// Samples `values` from `from` to `to` ([row, column] in pixels, pixel centres at whole numbers), about one sample a
/// pixel, each the mean of `width` parallel samples one pixel apart.
///
/// `pixel` is [row step, column step] in m.
pub fn profile(values: &Array2<f64>, pixel: [f64; 2], from: [f64; 2], to: [f64; 2], width: usize) -> Profile {
    let d = [to[0] - from[0], to[1] - from[1]];
    let pixels = libm::hypot(d[0], d[1]);
    let length = libm::hypot(d[0] * pixel[0], d[1] * pixel[1]);
    let n = (pixels.round() as usize).max(1);
    let across = if pixels > 0.0 { [d[1] / pixels, -d[0] / pixels] } else { [1.0, 0.0] };
    let mut out = Profile { distance: Vec::with_capacity(n + 1), values: Vec::with_capacity(n + 1) };
    for i in 0..=n {
        let t = i as f64 / n as f64;
        let (mut sum, mut count) = (0.0, 0);
        for w in 0..width.max(1) {
            let off = w as f64 - (width.max(1) - 1) as f64 / 2.0;
            let v = bilinear(values, from[0] + t * d[0] + off * across[0], from[1] + t * d[1] + off * across[1]);
            if v.is_finite() {
                sum += v;
                count += 1;
            }
        }
        out.distance.push(t * length);
        out.values.push(if count > 0 { sum / f64::from(count) } else { f64::NAN });
    }
    out
}

/// Value between pixel centres; NaN outside the map or beside an invalid pixel that has weight.
fn bilinear(values: &Array2<f64>, y: f64, x: f64) -> f64 {
    let (rows, columns) = values.dim();
    if !(y >= 0.0 && x >= 0.0 && y <= (rows - 1) as f64 && x <= (columns - 1) as f64) {
        return f64::NAN;
    }
    let (y0, x0) = (y.floor() as usize, x.floor() as usize);
    let (fy, fx) = (y - y0 as f64, x - x0 as f64);
    let mut sum = 0.0;
    for (yy, wy) in [(y0, 1.0 - fy), (y0 + 1, fy)] {
        for (xx, wx) in [(x0, 1.0 - fx), (x0 + 1, fx)] {
            if wy * wx > 0.0 {
                sum += wy * wx * values[[yy, xx]];
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_is_read_exactly() {
        let z = Array2::from_shape_fn((20, 30), |(y, x)| 2.0 * y as f64 + 0.5 * x as f64);
        let p = profile(&z, [2e-9, 1e-9], [1.0, 2.0], [13.0, 18.0], 3);
        assert_eq!(p.values.len(), 21);
        assert!((p.values[0] - 3.0).abs() < 1e-12 && (p.values[20] - 35.0).abs() < 1e-12);
        assert!((p.distance[20] - libm::hypot(24e-9, 16e-9)).abs() < 1e-20);
        let outside = profile(&z, [1.0, 1.0], [0.0, 0.0], [40.0, 0.0], 1);
        assert!(outside.values[40].is_nan());
    }
}
