//! PNG: grey images of 1 to 16 bits; colours as luminance.
//!
//! Known writers: everything. Read by the `png` crate. Grey of less than 8 bits is stretched to 0…255, palettes are
//! unfolded, alpha is left out. A physical pixel size (`pHYs`) is taken where its unit is the metre and a pixel is
//! smaller than 20 µm: anything larger is a screen's or a printer's resolution. Source: PNG specification, 3rd edition.

use std::io::Cursor;

use png::{ColorType, Transformations, Unit as PixelUnit};

use crate::{Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store};
use softspot_data::unit::Unit;

const ID: &str = "png";
/// Pixels a metre below which the resolution is that of a screen or a printer.
pub(super) const MICROSCOPE: u32 = 50_000;
/// Bytes that a byte of deflate can unfold to.
const MAX_RATIO: usize = 1100;

/// The reader.
pub struct Png;

static FORMAT: Format = Format {
    id: ID,
    name: "PNG",
    extensions: &["png"],
    about: "Grey images as they are (of fewer than 8 bits stretched to 0…255), colours as luminance (Rec. 709).",
    reference: "https://www.w3.org/TR/png-3/",
};

impl Reader for Png {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if source.head().starts_with(b"\x89PNG\r\n\x1a\n") { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let reader = reader(source.bytes(), limits)?;
        let info = reader.info();
        let shape = [info.height as usize, info.width as usize];
        let n = limits.count(ID, &shape)?;
        if n > source.bytes().len().saturating_mul(8 * MAX_RATIO) {
            return Err(ReadError::new(ID, format!("the header claims {shape:?} pixels, more than the file can hold")));
        }
        let (colour, depth) = reader.output_color_type();
        let mut metadata: Metadata = vec![
            ("colour type".into(), format!("{:?}", info.color_type)),
            ("bit depth".into(), format!("{:?}", info.bit_depth).to_lowercase()),
        ];
        let mut physical_size = None;
        if let Some(p) = info.pixel_dims {
            let metre = p.unit == PixelUnit::Meter;
            let taken = metre && p.xppu >= MICROSCOPE && p.yppu >= MICROSCOPE;
            let unit = if metre { "m" } else { "unit" };
            let use_ = if taken { "taken as the pixel size" } else { "not taken as the pixel size" };
            metadata.push(("pHYs".into(), format!("{} × {} pixels a {unit}, {use_}", p.xppu, p.yppu)));
            physical_size =
                taken.then(|| vec![shape[1] as f64 / f64::from(p.xppu), shape[0] as f64 / f64::from(p.yppu)]);
        }
        for t in &info.uncompressed_latin1_text {
            metadata.push((t.keyword.clone(), t.text.clone()));
        }
        let grey = matches!(colour, ColorType::Grayscale | ColorType::GrayscaleAlpha);
        let name = if grey { "grey" } else { "luminance" };
        let wide = depth == png::BitDepth::Sixteen;
        let (samples, colours) = (colour.samples(), if grey { 1 } else { 3 });
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata = metadata;
        let (source, limits) = (source.clone(), *limits);
        dataset.push(
            Channel::map(name, Unit::none(), shape[0], shape[1]).sized(physical_size),
            Store::whole(move || Ok(luminance(&pixels(&source, &limits, wide)?, samples, colours))),
        )?;
        dataset.finish()
    }
}

/// Every sample of every pixel.
fn pixels(source: &Source, limits: &Limits, wide: bool) -> Result<Vec<f64>, ReadError> {
    let mut reader = reader(source.bytes(), limits)?;
    let size =
        reader.output_buffer_size().filter(|s| *s <= source.bytes().len().saturating_mul(64 * MAX_RATIO)).ok_or_else(
            || ReadError::new(ID, "the header claims more pixels than the file can hold").hint("copy it again"),
        )?;
    let mut buffer = vec![0; size];
    reader.next_frame(&mut buffer).map_err(|e| broken(&e, source.bytes()))?;
    if !wide {
        return Ok(buffer.into_iter().map(f64::from).collect());
    }
    let (pairs, _) = buffer.as_chunks::<2>();
    Ok(pairs.iter().map(|p| f64::from(u16::from_be_bytes(*p))).collect())
}

fn reader<'a>(bytes: &'a [u8], limits: &Limits) -> Result<png::Reader<Cursor<&'a [u8]>>, ReadError> {
    let bytes_limit = usize::try_from(limits.inflated).unwrap_or(usize::MAX);
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: bytes_limit });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_iccp_chunk(true);
    decoder.read_info().map_err(|e| broken(&e, bytes))
}

fn broken(e: &png::DecodingError, bytes: &[u8]) -> ReadError {
    let error = ReadError::new(ID, e.to_string()).hint("the file is damaged or truncated; copy it again");
    if matches!(e, png::DecodingError::IoError(_)) { error.at(bytes.len()) } else { error }
}

/// Rec. 709 weights on the stored numbers of interleaved samples; one colour is taken as it is.
pub(super) fn luminance(values: &[f64], samples: usize, colours: usize) -> Vec<f64> {
    values
        .chunks_exact(samples.max(1))
        .filter_map(|p| match (colours, p) {
            (3, [r, g, b, ..]) => Some(0.2126 * r + 0.7152 * g + 0.0722 * b),
            (_, [v, ..]) => Some(*v),
            _ => None,
        })
        .collect()
}
