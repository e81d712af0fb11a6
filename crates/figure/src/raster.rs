//! Values to pixels: box average where print cannot resolve them, never an interpolation, masked pixels left open.

use super::colour::ColourMap;
use super::scene::{Image, Rect};

/// Finest raster worth storing (dots per inch).
const FINEST: f64 = 600.0;
/// Coarser pixels than this keep hard edges (dots per inch).
const SEEN: f64 = 300.0;

/// A row-major field; NaN is masked.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) values: Vec<f64>,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

impl Field {
    /// Averages over whole boxes so that neither side has more than the given pixels; a box is masked if most of it is.
    pub(crate) fn shrunk(&self, rows: usize, columns: usize) -> Field {
        let (rows, columns) = (rows.clamp(1, self.rows), columns.clamp(1, self.columns));
        if (rows, columns) == (self.rows, self.columns) {
            return self.clone();
        }
        let mut values = Vec::with_capacity(rows * columns);
        for i in 0..rows {
            let (top, bottom) = (i * self.rows / rows, (i + 1) * self.rows / rows);
            for j in 0..columns {
                let (left, right) = (j * self.columns / columns, (j + 1) * self.columns / columns);
                let (mut sum, mut n) = (0.0, 0usize);
                for row in top..bottom {
                    for v in &self.values[row * self.columns + left..row * self.columns + right] {
                        if v.is_finite() {
                            sum += v;
                            n += 1;
                        }
                    }
                }
                let all = (bottom - top) * (right - left);
                values.push(if 2 * n >= all && n > 0 { sum / n as f64 } else { f64::NAN });
            }
        }
        Field { values, rows, columns }
    }

    /// Whether any pixel is masked.
    pub(crate) fn has_mask(&self) -> bool {
        self.values.iter().any(|v| !v.is_finite())
    }
}

/// The field as an image over a box, colours from `low` to `high`.
pub(crate) fn image(field: &Field, (low, high): (f64, f64), map: ColourMap, rect: Rect) -> Option<Image> {
    let fit = |points: f64| ((points / 72.0 * FINEST).ceil() as usize).max(1);
    let field = field.shrunk(fit(rect.height), fit(rect.width));
    let mut pixels = Vec::with_capacity(field.values.len() * 4);
    for v in &field.values {
        if v.is_finite() {
            pixels.extend_from_slice(&map.at((v - low) / (high - low)));
            pixels.push(255);
        } else {
            pixels.extend_from_slice(&[255, 255, 255, 0]);
        }
    }
    let png = encode(field.columns, field.rows, &pixels)?;
    let dots = |n: usize, points: f64| n as f64 / (points / 72.0);
    let hard = dots(field.columns, rect.width).min(dots(field.rows, rect.height)) < SEEN || field.has_mask();
    Some(Image { rect, png, hard })
}

/// The scale of colours as an image, high end on top.
pub(crate) fn ramp(map: ColourMap, rect: Rect) -> Option<Image> {
    let pixels: Vec<u8> = (0..256u16)
        .flat_map(|i| {
            let [r, g, b] = map.at(1.0 - f64::from(i) / 255.0);
            [r, g, b, 255]
        })
        .collect();
    Some(Image { rect, png: encode(1, 256, &pixels)?, hard: true })
}

/// RGBA pixels as PNG, without the alpha channel where nothing is open.
pub(crate) fn encode(width: usize, height: usize, rgba: &[u8]) -> Option<Vec<u8>> {
    let open = rgba.chunks_exact(4).any(|p| p[3] != 255);
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    encoder.set_color(if open { png::ColorType::Rgba } else { png::ColorType::Rgb });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header().ok()?;
    let opaque: Vec<u8>;
    let data = if open {
        rgba
    } else {
        opaque = rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
        &opaque
    };
    writer.write_image_data(data).ok()?;
    writer.finish().ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_average_what_is_not_masked() {
        let n = f64::NAN;
        let field = Field { values: vec![1.0, 3.0, n, n, 1.0, n, n, 7.0], rows: 2, columns: 4 };
        let small = field.shrunk(1, 2);
        assert!((small.values[0] - 5.0 / 3.0).abs() < 1e-12);
        assert!(small.values[1].is_nan());
        assert_eq!(field.shrunk(9, 9).values.len(), 8);
    }
}
