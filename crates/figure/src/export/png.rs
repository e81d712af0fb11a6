//! PNG at a stated resolution, which it carries, with title and caption.

use super::tree;
use crate::{Figure, FigureError, Result};
use resvg::tiny_skia::{Color, Pixmap, Transform};

/// The figure as PNG at `dpi` dots per inch (50 to 2400).
///
/// # Errors
/// [`FigureError::Resolution`], or [`FigureError::Export`] where an image of that size cannot be made.
pub fn png(figure: &Figure, dpi: u32) -> Result<Vec<u8>> {
    if !(50..=2400).contains(&dpi) {
        return Err(FigureError::Resolution(dpi));
    }
    let tree = tree(figure, "PNG")?;
    let failed = |reason: &str| FigureError::Export { format: "PNG", reason: reason.to_string() };
    let scale = f64::from(dpi) / 72.0;
    let pixels = |points: f64| (points * scale).round().max(1.0);
    let (width, height) = (pixels(figure.scene.width), pixels(figure.scene.height));
    let mut pixmap = Pixmap::new(width as u32, height as u32).ok_or_else(|| failed("image too large"))?;
    pixmap.fill(Color::WHITE);
    // The tree's own size is rounded to 0.01 pt; the pixels must cover all of it.
    let across = (width / f64::from(tree.size().width())) as f32;
    let down = (height / f64::from(tree.size().height())) as f32;
    resvg::render(&tree, Transform::from_scale(across, down), &mut pixmap.as_mut());
    encode(figure, &pixmap, dpi).map_err(|e| failed(&e.to_string()))
}

fn encode(figure: &Figure, pixmap: &Pixmap, dpi: u32) -> std::result::Result<Vec<u8>, ::png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut out, pixmap.width(), pixmap.height());
    encoder.set_color(::png::ColorType::Rgb);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_compression(::png::Compression::Balanced);
    let per_metre = (f64::from(dpi) / 0.0254).round() as u32;
    let dims = ::png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: ::png::Unit::Meter };
    encoder.set_pixel_dims(Some(dims));
    for (key, text) in [("Title", &figure.title), ("Description", &figure.description)] {
        if !text.is_empty() {
            encoder.add_itxt_chunk(key.to_string(), text.clone())?;
        }
    }
    let mut writer = encoder.write_header()?;
    // The ground is opaque, so every pixel is.
    let opaque: Vec<u8> = pixmap.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    writer.write_image_data(&opaque)?;
    writer.finish()?;
    Ok(out)
}
