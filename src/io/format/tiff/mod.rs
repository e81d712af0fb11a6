//! TIFF and BigTIFF: one image, or a stack of pages as a volume `[z, y, x]`.
//!
//! Known writers: ImageJ, tifffile, microscopes of every kind. Integers and floats of 8 to 64 bits, bilevel to 4-bit
//! grey, no compression, LZW, deflate, PackBits, Zstandard; strips and tiles. Source: TIFF 6.0 and the BigTIFF
//! extension. Directories are walked here; numbers that are not compressed are read where they lie, compressed strips
//! and tiles are decoded by the `tiff` crate, those alone that a window touches.
//!
//! Pages of one size and type are a volume; others are channels of their own. ImageJ's stacks beyond 4 GB have one page
//! followed by bare planes. Colour images are a volume `[y, x, colour]` and its luminance (Rec. 709 weights on the
//! stored numbers). A pixel size is taken from ImageJ's calibration and from OME-XML alone: dots per inch are a
//! printer's. Values are those ImageJ shows, its linear calibration applied; an image stored dark on bright, or as
//! indices of a palette, gives the stored numbers.
//! JPK images and Park images are TIFF with the numbers or their scaling in private tags: `private` tells them apart, and
//! readers of their own take them.

pub(in crate::io::format) mod directory;
mod imagej;
mod ome;
mod packed;
pub(in crate::io::format) mod page;
pub(in crate::io::format) mod private;
mod sequence;

pub use sequence::TiffSequence;

use std::sync::Arc;

use ::tiff::tags::Tag;

use crate::io::{
    Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store, Window,
};
use crate::unit::Unit;

use directory::Header;
use imagej::Calibration;
use page::Page;

const ID: &str = "tiff";

/// The reader.
pub struct Tiff;

static FORMAT: Format = Format {
    id: ID,
    name: "TIFF",
    extensions: &["tif", "tiff"],
    about: "Images and stacks, grey and colour, with the calibration of ImageJ or OME, read strip by strip; JPK and \
            Park files have readers of their own.",
    reference: "TIFF 6.0; https://imagej.net/ij/docs/guide",
};

impl Reader for Tiff {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        match is_tiff(source) {
            // What the pages show is a thumbnail there.
            true if private::vendor(source.bytes()).is_some() => 20,
            true => 80,
            false => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let (file, metadata) = File::open(source, limits)?;
        let file = Arc::new(file);
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata = metadata;
        if !file.bare_planes(&mut dataset)? {
            file.channels(&mut dataset)?;
        }
        dataset.finish()
    }
}

/// Refuses files whose numbers are elsewhere than in their pages.
fn refuse_private(bytes: &[u8]) -> Result<(), ReadError> {
    let (whose, id) = match private::vendor(bytes) {
        None => return Ok(()),
        Some(private::Vendor::Jpk) => ("a JPK image, whose scaling is", "jpk"),
        Some(private::Vendor::Park) => ("a Park Systems image, whose values are", "park"),
    };
    Err(ReadError::new(ID, format!("{whose} in private tags")).hint(format!("leave out the format, or say `{id}`")))
}

/// Whether it begins as a TIFF file.
pub(super) fn is_tiff(source: &Source) -> bool {
    let magics: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
    magics.iter().any(|m| source.head().starts_with(m))
}

struct File {
    source: Source,
    header: Header,
    pages: Vec<Page>,
    calibration: Option<Calibration>,
}

impl File {
    /// Reads the headers of all pages, and the tags of the first.
    fn open(source: &Source, limits: &Limits) -> Result<(File, Metadata), ReadError> {
        let bytes = source.bytes();
        refuse_private(bytes)?;
        let header = Header::read(bytes)?;
        let directories = header.directories(bytes, limits.channels)?;
        let (mut metadata, mut calibration) = (Metadata::new(), None);
        if let Some(first) = directories.first() {
            metadata = first.metadata(bytes, header.endian);
            let text = first.text(bytes, Tag::ImageDescription).unwrap_or_default();
            calibration = imagej::parse(&text).or_else(|| ome::parse(&text));
        }
        let pages = directories.iter().map(|d| Page::read(d, header, bytes)).collect::<Result<Vec<_>, _>>()?;
        Ok((File { source: source.clone(), header, pages, calibration }, metadata))
    }

    /// ImageJ writes stacks beyond 4 GB as one page followed by bare planes; gives whether this is one.
    fn bare_planes(&self, dataset: &mut Dataset) -> Result<bool, ReadError> {
        let images = self.calibration.as_ref().and_then(|c| c.images).filter(|n| *n > 1);
        let (Some(n), [page]) = (images, self.pages.as_slice()) else { return Ok(false) };
        let (Some(at), Some(sample), 1) = (page.data, page.sample(), page.samples) else {
            return Err(ReadError::new(ID, format!("ImageJ wrote {n} planes behind one compressed or coloured page"))
                .hint("save the stack from ImageJ as an image sequence"));
        };
        let shape = [n, page.rows, page.columns];
        let block = Block::packed(ID, &self.source, at, sample, self.header.endian, &shape)?;
        let channel = Channel::volume("volume", self.unit(), shape).sized(self.size(page, Some(n)));
        dataset.push(channel, self.scaled(block))?;
        Ok(true)
    }

    /// The channels of the pages.
    fn channels(self: &Arc<File>, dataset: &mut Dataset) -> Result<(), ReadError> {
        let Some(first) = self.pages.first() else { return Ok(()) };
        let n = self.pages.len();
        if n > 1 && first.samples == 1 && self.pages.iter().all(|p| p.alike(first)) {
            let shape = [n, first.rows, first.columns];
            // Pages may share strips, but all together they unfold to no more than the file can hold.
            let claimed = first.rows.saturating_mul(first.columns).saturating_mul(n);
            if self.pages.iter().all(|p| p.possible < claimed) {
                let what = format!("the pages claim {claimed} values, more than the file can hold");
                return Err(ReadError::new(ID, what).hint("the file is damaged; copy it again"));
            }
            let channel = Channel::volume("volume", self.unit(), shape).sized(self.size(first, Some(n)));
            if let Some(block) = self.even(shape) {
                return dataset.push(channel, self.scaled(block));
            }
            let file = Arc::clone(self);
            return dataset.push(channel, Store::windowed(move |w| file.planes(w)));
        }
        for (i, p) in self.pages.iter().enumerate() {
            let name = |what: &str| if n == 1 { what.to_string() } else { format!("{what} {}", i + 1) };
            let map = |what| Channel::map(name(what), self.unit(), p.rows, p.columns).sized(self.size(p, None));
            let file = Arc::clone(self);
            if p.samples == 1 {
                dataset.push(map("image"), Store::windowed(move |w| file.page(i, w)))?;
                continue;
            }
            let shape = [p.rows, p.columns, p.samples];
            let channel = Channel::volume(name("colours"), self.unit(), shape);
            dataset.push(channel, Store::windowed(move |w| file.colours(i, w)))?;
            if p.colours > 1 {
                let file = Arc::clone(self);
                dataset.push(map("luminance"), Store::windowed(move |w| file.luminance(i, w)))?;
            }
        }
        Ok(())
    }

    fn unit(&self) -> Unit {
        self.calibration.as_ref().map_or_else(Unit::none, |c| c.value_unit.clone())
    }

    /// Physical size of a page, or of a stack of such pages.
    fn size(&self, page: &Page, planes: Option<usize>) -> Option<Vec<f64>> {
        let c = self.calibration.as_ref()?;
        let unit = c.length.as_ref()?;
        let [x, y] = match c.pixel {
            Some(pixel) => pixel,
            None => page.per_unit?.map(|n| 1.0 / n),
        };
        let mut size = vec![page.columns as f64 * x, page.rows as f64 * y];
        if let Some(n) = planes {
            // ImageJ takes a distance of one unit where none is written; OME says what it knows.
            size.push(n as f64 * c.spacing.or_else(|| c.pixel.is_none().then_some(1.0))?);
        }
        Some(size.into_iter().map(|v| unit.to_si(v)).collect())
    }

    /// All pages as one block, where they lie at equal distances.
    fn even(&self, shape: [usize; 3]) -> Option<Block> {
        let page = self.pages.first()?;
        let starts: Option<Vec<i64>> = self.pages.iter().map(|p| i64::try_from(p.data?).ok()).collect();
        let starts = starts?;
        let [a, b, ..] = starts.as_slice() else { return None };
        let (first, step) = (*a, b.checked_sub(*a)?);
        if !starts.windows(2).all(|w| matches!(w, [p, q] if q - p == step)) {
            return None;
        }
        let sample = page.sample()?;
        let line = page.columns.checked_mul(sample.size())?;
        let strides = [isize::try_from(step).ok()?, isize::try_from(line).ok()?, sample.size() as isize];
        let at = usize::try_from(first).ok()?;
        Block::strided(ID, &self.source, at, sample, self.header.endian, &shape, &strides).ok()
    }

    fn scaled(&self, block: Block) -> Block {
        match &self.calibration {
            Some(c) => block.scaled(c.slope, c.offset),
            None => block,
        }
    }

    /// A window of one page's rows and columns, samples together.
    fn samples(&self, page: usize, window: &Window) -> Result<Vec<f64>, ReadError> {
        let own = self.pages.get(page).ok_or_else(|| ReadError::new(ID, "there is no such page"))?;
        let mut values = own.window(&self.source, self.header, window).map_err(|e| {
            let what = format!("page {}: {}", page + 1, e.what);
            ReadError { what, ..e }
        })?;
        if let Some(c) = self.calibration.as_ref().filter(|c| c.slope != 1.0 || c.offset != 0.0) {
            values.iter_mut().for_each(|v| *v = c.offset + c.slope * *v);
        }
        Ok(values)
    }

    fn page(&self, page: usize, window: &Window) -> Result<Vec<f64>, ReadError> {
        self.samples(page, window)
    }

    fn planes(&self, window: &Window) -> Result<Vec<f64>, ReadError> {
        let [z, rest @ ..] = window.ranges() else { return Err(ReadError::new(ID, "a stack has three axes")) };
        let rest = Window::new(rest.to_vec());
        let mut values = Vec::with_capacity(window.shape().iter().product());
        for page in z.clone() {
            values.append(&mut self.samples(page, &rest)?);
        }
        Ok(values)
    }

    fn colours(&self, page: usize, window: &Window) -> Result<Vec<f64>, ReadError> {
        let [rows, columns, samples] = window.ranges() else {
            return Err(ReadError::new(ID, "an image in colour has three axes"));
        };
        let n = self.pages.get(page).map_or(0, |p| p.samples);
        let values = self.samples(page, &Window::new([rows.clone(), columns.clone()]))?;
        let own = [rows.len(), columns.len(), n];
        let cut = Window::new([0..rows.len(), 0..columns.len(), samples.clone()]).cut(values, &own);
        cut.ok_or_else(|| ReadError::new(ID, format!("page {} has another size", page + 1)))
    }

    fn luminance(&self, page: usize, window: &Window) -> Result<Vec<f64>, ReadError> {
        let values = self.samples(page, window)?;
        Ok(self.pages.get(page).map(|p| p.luminance(&values)).unwrap_or_default())
    }
}
