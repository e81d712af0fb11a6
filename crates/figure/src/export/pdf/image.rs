//! A raster in a PDF: the pixels of its PNG, deflated; what lets the ground through has a mask.

use pdf_writer::{Filter, Finish, Pdf, Ref};

/// Writes an encoded PNG under `id`.
pub(super) fn write(pdf: &mut Pdf, id: Ref, png: &[u8], next: &mut dyn FnMut() -> Ref) -> Result<(), String> {
    let mut decoder = ::png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(::png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|e| e.to_string())?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or("an image is too large")?];
    let frame = reader.next_frame(&mut pixels).map_err(|e| e.to_string())?;
    pixels.truncate(frame.buffer_size());
    let (samples, alpha) = match frame.color_type {
        ::png::ColorType::Rgb => (3, false),
        ::png::ColorType::Rgba => (4, true),
        ::png::ColorType::Grayscale => (1, false),
        ::png::ColorType::GrayscaleAlpha => (2, true),
        ::png::ColorType::Indexed => return Err("an image of indexed colours".into()),
    };
    let mask = alpha.then(&mut *next);
    let size = [frame.width, frame.height].map(|n| i32::try_from(n).unwrap_or(i32::MAX));
    let colours = samples - usize::from(alpha);
    let opaque: Vec<u8> = pixels.chunks_exact(samples).flat_map(|p| &p[..colours]).copied().collect();
    let data = super::packed(&opaque)?;
    let mut image = pdf.image_xobject(id, &data);
    image.width(size[0]).height(size[1]).bits_per_component(8).filter(Filter::FlateDecode);
    if colours == 3 {
        image.color_space().device_rgb()
    } else {
        image.color_space().device_gray()
    };
    if let Some(mask) = mask {
        image.s_mask(mask);
    }
    image.finish();
    if let Some(mask) = mask {
        let veil: Vec<u8> = pixels.chunks_exact(samples).map(|p| p[samples - 1]).collect();
        let data = super::packed(&veil)?;
        let mut image = pdf.image_xobject(mask, &data);
        image.width(size[0]).height(size[1]).bits_per_component(8).filter(Filter::FlateDecode);
        image.color_space().device_gray();
        image.finish();
    }
    Ok(())
}
