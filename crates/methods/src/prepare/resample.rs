//! Coarser or square pixels.

use ndarray::Array2;

use softspot_data::Map;

/// A target that cannot be reached.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ResampleError(String);

/// The same area on pixels near `pixel` [row, column] metres: area-weighted means of the valid pixels underneath.
///
/// The number of pixels is rounded, the physical size is kept. A target pixel with less than half of its area valid
/// is invalid. Refining is refused: it would invent resolution.
///
/// # Errors
/// [`ResampleError`] if a target step is smaller than the map's, or larger than the map.
pub fn resample(map: &Map, pixel: [f64; 2]) -> Result<Map, ResampleError> {
    let step = map.pixel_size().map_err(|e| ResampleError(e.to_string()))?;
    let shape = map.shape();
    let mut target = [0usize; 2];
    for axis in 0..2 {
        let n = (shape[axis] as f64 * step[axis] / pixel[axis]).round();
        if pixel[axis] < step[axis] * (1.0 - 1e-9) {
            return Err(ResampleError(format!(
                "resampling to {:e} m would refine a pixel of {:e} m; give a larger `pixel`",
                pixel[axis], step[axis]
            )));
        }
        if !(n >= 1.0) {
            return Err(ResampleError(format!("a pixel of {:e} m is larger than the map", pixel[axis])));
        }
        target[axis] = (n as usize).min(shape[axis]);
    }
    let (down, across) = (weights(shape[0], target[0]), weights(shape[1], target[1]));
    let values = Array2::from_shape_fn((target[0], target[1]), |(i, j)| {
        let (mut sum, mut area, mut whole) = (0.0, 0.0, 0.0);
        for (y, wy) in &down[i] {
            for (x, wx) in &across[j] {
                let v = map.values[[*y, *x]];
                whole += wy * wx;
                if v.is_finite() {
                    sum += wy * wx * v;
                    area += wy * wx;
                }
            }
        }
        if area >= 0.5 * whole { sum / area } else { f64::NAN }
    });
    let pixel = [0, 1].map(|a| shape[a] as f64 * step[a] / target[a] as f64);
    Ok(Map { pixel: Some(pixel), ..map.with_values(values) })
}

/// For each of `target` cells: which of `n` pixels lie under it, and how much of each.
fn weights(n: usize, target: usize) -> Vec<Vec<(usize, f64)>> {
    let width = n as f64 / target as f64;
    (0..target)
        .map(|i| {
            let (a, b) = (i as f64 * width, (i as f64 + 1.0) * width);
            (a.floor() as usize..n.min((b - 1e-9).ceil() as usize))
                .map(|k| (k, (b.min(k as f64 + 1.0) - a.max(k as f64)).max(0.0)))
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use softspot_data::unit::Unit;

    #[test]
    fn blocks_are_averaged_and_size_is_kept() {
        let values = Array2::from_shape_fn((6, 9), |(y, x)| (y * 9 + x) as f64);
        let map = Map {
            values,
            unit: Unit::none(),
            quantity: "z".into(),
            pixel: Some([1e-9, 1e-9]),
            levelling: vec![],
            convention: None,
        };
        let small = resample(&map, [2e-9, 3e-9]).unwrap();
        assert_eq!(small.shape(), [3, 3]);
        assert_eq!(small.values[[0, 0]], (0.0 + 1.0 + 2.0 + 9.0 + 10.0 + 11.0) / 6.0);
        assert_eq!(small.values.mean(), map.values.mean());
        assert!(resample(&map, [0.5e-9, 1e-9]).is_err());
        assert!(resample(&map, [1.0, 1e-9]).is_err());
        let odd = resample(&map, [4e-9, 1e-9]).unwrap();
        assert_eq!(odd.shape(), [2, 9]);
        assert!((odd.pixel.unwrap()[0] - 3e-9).abs() < 1e-24);
    }
}
