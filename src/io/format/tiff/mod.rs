//! TIFF and BigTIFF: one image, or a stack of pages as a volume `[z, y, x]`.
//!
//! Known writers: ImageJ, tifffile, microscopes of every kind. Read by the `tiff` crate: integers and floats of 8 to 64
//! bits, bilevel to 4-bit grey, no compression, LZW, deflate, PackBits. Source: TIFF 6.0 and the BigTIFF extension.
//!
//! Pages of one size and type are a volume; others are channels of their own. Colour images are a volume `[y, x, colour]`
//! and its luminance (Rec. 709 weights on the stored numbers). A pixel size is taken from ImageJ's calibration alone:
//! dots per inch are a printer's. Values are those ImageJ shows, its linear calibration applied.
//! JPK images and Park images are TIFF with the numbers or their scaling in private tags: `directory` tells them apart,
//! and readers of their own take them.

pub(in crate::io::format) mod directory;
mod imagej;
pub(in crate::io::format) mod page;

use std::io::Cursor;
use std::sync::Arc;

use crate::io::{Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store, Window};
use crate::unit::Unit;

use imagej::Calibration;
use page::Page;

const ID: &str = "tiff";

/// The reader.
pub struct Tiff;

static FORMAT: Format = Format {
    id: ID,
    name: "TIFF",
    extensions: &["tif", "tiff"],
    about: "Images and stacks, grey and colour, with ImageJ's calibration; JPK and Park images have readers of their own.",
    reference: "TIFF 6.0; https://imagej.net/ij/docs/guide",
};

impl Reader for Tiff {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        let magics: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
        match magics.iter().any(|m| head.starts_with(m)) {
            // What the pages show is a thumbnail there.
            true if directory::vendor(source.bytes()).is_some() => 20,
            true => 80,
            false => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        refuse_private(source)?;
        let mut decoder = decoder(source.bytes(), limits)?;
        let mut metadata = Metadata::new();
        let mut pages = Vec::new();
        let mut calibration = None;
        loop {
            if pages.is_empty() {
                metadata = page::metadata(&mut decoder);
                calibration = page::description(&mut decoder).as_deref().and_then(imagej::parse);
            }
            pages.push(Page::read(&mut decoder, source.bytes().len(), limits)?);
            if pages.len() > limits.channels {
                return Err(ReadError::new(ID, "the file has more pages than the limit"));
            }
            if !decoder.more_images() {
                break;
            }
            decoder.next_image().map_err(|e| page::broken(&e))?;
        }
        // ImageJ writes stacks beyond 4 GB as one page followed by bare planes.
        if let Some(n) = calibration.as_ref().and_then(|c| c.images).filter(|n| *n > 1 && pages.len() == 1) {
            return Err(ReadError::new(ID, format!("ImageJ wrote {n} planes behind one page, which is not read"))
                .hint("save the stack from ImageJ as an image sequence, or as BigTIFF with Bio-Formats"));
        }
        let views = views(&pages, calibration.as_ref());
        let file = Arc::new(File { source: source.clone(), limits: *limits, pages, calibration });
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata = metadata;
        for (channel, view) in views {
            let n = channel.elements();
            // Pages may share strips, but all together they unfold to no more than the file can hold.
            let own = file.pages.get(view.pages.clone()).unwrap_or_default();
            let most = own.iter().map(|p| p.possible).max().unwrap_or(0);
            if n > most {
                return Err(ReadError::new(ID, format!("the pages claim {n} values, more than the file can hold")));
            }
            let (file, shape) = (Arc::clone(&file), channel.shape.clone());
            dataset.push(channel, Store::windowed(move |w| file.read(&view, &shape, w)))?;
        }
        dataset.finish()
    }
}

/// Refuses files whose numbers are elsewhere than in their pages.
fn refuse_private(source: &Source) -> Result<(), ReadError> {
    let (whose, id) = match directory::vendor(source.bytes()) {
        None => return Ok(()),
        Some(directory::Vendor::Jpk) => ("a JPK image, whose scaling is", "jpk"),
        Some(directory::Vendor::Park) => ("a Park Systems image, whose values are", "park"),
    };
    Err(ReadError::new(ID, format!("{whose} in private tags")).hint(format!("leave out the format, or say `{id}`")))
}

pub(in crate::io::format) type Decoder<'a> = ::tiff::decoder::Decoder<Cursor<&'a [u8]>>;

/// A decoder that keeps the limits.
pub(in crate::io::format) fn decoder<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Decoder<'a>, ReadError> {
    let mut own = ::tiff::decoder::Limits::default();
    let inflated = usize::try_from(limits.inflated).unwrap_or(usize::MAX);
    own.decoding_buffer_size = inflated;
    own.intermediate_buffer_size = inflated;
    own.ifd_value_size = bytes.len().max(1 << 20);
    let decoder = Decoder::new(Cursor::new(bytes)).map_err(|e| page::broken(&e))?;
    Ok(decoder.with_limits(own))
}

/// What a channel shows: a run of pages, as stored or as luminance.
#[derive(Clone, Debug)]
struct View {
    pages: std::ops::Range<usize>,
    luminance: bool,
}

fn views(pages: &[Page], calibration: Option<&Calibration>) -> Vec<(Channel, View)> {
    let Some(first) = pages.first() else { return Vec::new() };
    let unit = calibration.map_or_else(Unit::none, |c| c.value_unit.clone());
    let sized = |p: &Page, planes: Option<usize>| -> Option<Vec<f64>> {
        let c = calibration?;
        let unit = c.length.as_ref()?;
        let [px, py] = p.per_unit?;
        let mut size = vec![p.columns as f64 / px, p.rows as f64 / py];
        size.extend(planes.map(|n| n as f64 * c.spacing));
        Some(size.into_iter().map(|v| unit.to_si(v)).collect())
    };
    let mut out = Vec::new();
    let n = pages.len();
    if n > 1 && first.samples == 1 && pages.iter().all(|p| p.alike(first)) {
        let shape = [n, first.rows, first.columns];
        let channel = Channel::volume("volume", unit, shape).sized(sized(first, Some(n)));
        out.push((channel, View { pages: 0..n, luminance: false }));
        return out;
    }
    for (i, p) in pages.iter().enumerate() {
        let name = |what: &str| if n == 1 { what.to_string() } else { format!("{what} {}", i + 1) };
        let view = |luminance| View { pages: i..i + 1, luminance };
        if p.samples == 1 {
            let channel = Channel::map(name("image"), unit.clone(), p.rows, p.columns).sized(sized(p, None));
            out.push((channel, view(false)));
        } else {
            let shape = [p.rows, p.columns, p.samples];
            out.push((Channel::volume(name("colours"), unit.clone(), shape), view(false)));
            let channel = Channel::map(name("luminance"), unit.clone(), p.rows, p.columns).sized(sized(p, None));
            out.push((channel, view(true)));
        }
    }
    out
}

struct File {
    source: Source,
    limits: Limits,
    pages: Vec<Page>,
    calibration: Option<Calibration>,
}

impl File {
    /// A window of a channel, decoding the pages it touches.
    fn read(&self, view: &View, shape: &[usize], window: &Window) -> Result<Vec<f64>, ReadError> {
        let mut decoder = decoder(self.source.bytes(), &self.limits)?;
        let mut values = Vec::new();
        let planes = match window.ranges() {
            // The first index of a run of pages is the page.
            [z, ..] if view.pages.len() > 1 => view.pages.start + z.start..view.pages.start + z.end,
            _ => view.pages.clone(),
        };
        let mut rest = window.ranges().to_vec();
        if view.pages.len() > 1 {
            rest.remove(0);
        }
        let inner = shape.get(shape.len() - rest.len()..).unwrap_or_default();
        let rest = Window::new(rest);
        for at in planes {
            let page = self.pages.get(at).ok_or_else(|| ReadError::new(ID, "there is no such page"))?;
            decoder.seek_to_image(at).map_err(|e| page::broken(&e))?;
            let mut own = page.values(&mut decoder).map_err(|e| {
                let what = format!("page {}: {}", at + 1, e.what);
                ReadError { what, ..e }
            })?;
            if view.luminance {
                own = page.luminance(&own);
            }
            let part = rest.cut(own, inner);
            values.append(&mut part.ok_or_else(|| ReadError::new(ID, format!("page {} has another size", at + 1)))?);
        }
        if let Some(c) = self.calibration.as_ref().filter(|c| c.slope != 1.0 || c.offset != 0.0) {
            values.iter_mut().for_each(|v| *v = c.offset + c.slope * *v);
        }
        Ok(values)
    }
}
