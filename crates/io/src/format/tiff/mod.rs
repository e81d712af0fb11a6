//! TIFF and BigTIFF: one image, or a stack of pages as a volume `[z, y, x]`.
//!
//! Known writers: ImageJ, tifffile, microscopes of every kind. Integers and floats of 8 to 64 bits, bilevel to 4-bit
//! grey, no compression, LZW, deflate, PackBits, Zstandard; strips and tiles. Source: TIFF 6.0 and the BigTIFF
//! extension. Directories are walked here; numbers that are not compressed are read where they lie, compressed strips
//! and tiles are decoded by the `tiff` crate, those alone that a window touches.
//!
//! Pages of one size and type are a volume; others are channels of their own. Where ImageJ or OME tell channels, depths and
//! times apart, depths are a volume for each channel and time; times without depths are a volume whose slowest axis has no
//! length; channels alone are maps. ImageJ's stacks beyond 4 GB have one page followed by bare planes. Colour images are a volume
//! `[y, x, colour]` and its luminance (Rec. 709 weights on the stored numbers). A page that cannot be read is named in the
//! metadata, and the others are channels of their own. A pixel size is taken from ImageJ's calibration and from OME-XML alone: dots per inch are a
//! printer's. Values are those ImageJ shows, its linear calibration applied; an image stored dark on bright, or as
//! indices of a palette, gives the stored numbers.
//! JPK images and Park images are TIFF with the numbers or their scaling in private tags: `private` tells them apart, and
//! readers of their own take them.

pub(in crate::format) mod directory;
mod imagej;
mod ome;
mod packed;
pub(in crate::format) mod page;
mod planes;
pub(in crate::format) mod private;
mod sequence;

pub use sequence::{GAPS, TiffSequence};

use std::sync::Arc;

use ::tiff::tags::Tag;

use crate::{Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store, Window};
use softspot_data::unit::Unit;

use directory::Header;
use imagej::Calibration;
use page::Page;
use planes::{Axis, Layout, Stack};

const ID: &str = "tiff";
/// Values of a compressed stack up to which its pages are looked at before they are read.
const CHECKED: usize = 1 << 22;

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
        file.channels(&mut dataset)?;
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
    /// `None` where a page cannot be read.
    pages: Vec<Option<Page>>,
    /// The first image's, which the values of all are scaled by.
    calibration: Option<Calibration>,
    images: Vec<Image>,
}

/// Pages that belong together.
struct Image {
    /// What tells it from other images of the file.
    name: String,
    calibration: Option<Calibration>,
    stacks: Vec<Stack>,
}

impl File {
    /// Reads the headers of all pages, and the tags of the first.
    fn open(source: &Source, limits: &Limits) -> Result<(File, Metadata), ReadError> {
        let bytes = source.bytes();
        refuse_private(bytes)?;
        let header = Header::read(bytes)?;
        let directories = header.directories(bytes, limits.channels)?;
        let (mut metadata, mut text) = (Metadata::new(), String::new());
        if let Some(first) = directories.first() {
            metadata = first.metadata(bytes, header.endian);
            text = first.text(bytes, Tag::ImageDescription).unwrap_or_default();
        }
        let mut pages: Vec<Result<Page, ReadError>> =
            directories.iter().map(|d| Page::read(d, header, bytes)).collect();
        if pages.len() > 1 {
            damaged_streams(&mut pages, source, header);
        }
        // One page that cannot be read does not hide the others.
        if let (false, Some(Err(e))) = (pages.iter().any(Result::is_ok), pages.first()) {
            return Err(e.clone());
        }
        for (i, page) in pages.iter().enumerate() {
            metadata.extend(page.as_ref().err().map(|e| (format!("page {}", i + 1), format!("not read: {}", e.what))));
        }
        let orientation = directories.first().and_then(|d| d.find(Tag::Orientation)?.unsigned(bytes, header.endian, 0));
        if let Some(n @ 2..=8) = orientation {
            let what = format!("the file asks to be shown turned or mirrored (orientation {n}); rows are as stored");
            metadata.push(("orientation".into(), what));
        }
        let pages = pages.into_iter().map(Result::ok).collect();
        let mut file = File { source: source.clone(), header, pages, calibration: None, images: Vec::new() };
        file.images = match imagej::parse(&text) {
            Some(description) => vec![file.imagej(description)?],
            None => file.ome(&text),
        };
        file.calibration = file.images.first().and_then(|i| i.calibration.clone());
        Ok((file, metadata))
    }

    /// The one image that ImageJ writes.
    fn imagej(&self, description: imagej::Description) -> Result<Image, ReadError> {
        let planes = self.bare_planes(&description)?.unwrap_or(self.pages.len());
        let layout = description.counts.and_then(|counts| Layout::even(counts, planes));
        let stacks = layout.map_or_else(|| vec![Stack::plain((0..planes).collect())], |l| l.stacks());
        Ok(Image { name: String::new(), calibration: Some(description.calibration), stacks })
    }

    /// ImageJ writes stacks beyond 4 GB as one page followed by bare planes; gives how many where this is one.
    fn bare_planes(&self, description: &imagej::Description) -> Result<Option<usize>, ReadError> {
        let images = description.images.filter(|n| *n > 1);
        let (Some(n), [Some(page)]) = (images, self.pages.as_slice()) else { return Ok(None) };
        let (Some(at), Some(sample), 1) = (page.data, page.sample(), page.samples) else {
            return Err(ReadError::new(ID, format!("ImageJ wrote {n} planes behind one compressed or coloured page"))
                .hint("save the stack from ImageJ as an image sequence"));
        };
        Block::packed(ID, &self.source, at, sample, self.header.endian, &[n, page.rows, page.columns])?;
        Ok(Some(n))
    }

    /// The images of OME-XML; all pages as one where there are none, or where planes are said to be elsewhere.
    fn ome(&self, text: &str) -> Vec<Image> {
        let own = self.source.path().file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let samples = self.first().map_or(1, |p| p.samples);
        let found = ome::parse(text, self.pages.len(), samples, own);
        let mut calibration = found.first().map(|i| i.calibration.clone());
        let alike = found.iter().all(|i| Some(&i.calibration) == calibration.as_ref());
        if found.is_empty() || found.iter().any(|i| i.layout.is_none()) {
            calibration.iter_mut().for_each(|c| c.spacing = None);
            let stacks = vec![Stack::plain((0..self.pages.len()).collect())];
            return vec![Image { name: String::new(), calibration: calibration.filter(|_| alike), stacks }];
        }
        let several = found.len() > 1;
        let mut free: std::collections::BTreeSet<usize> = (0..self.pages.len()).collect();
        let mut images = Vec::new();
        for (i, image) in found.into_iter().enumerate() {
            let stacks = image.layout.as_ref().map(Layout::stacks).unwrap_or_default();
            stacks.iter().flat_map(|s| &s.pages).for_each(|p| {
                free.remove(p);
            });
            let name = match image.name.as_str() {
                _ if !several => String::new(),
                "" => format!(" of image {}", i + 1),
                name => format!(" of {name}"),
            };
            images.push(Image { name, calibration: Some(image.calibration), stacks });
        }
        if !free.is_empty() {
            let stacks = vec![Stack::plain(free.into_iter().collect())];
            images.push(Image { name: " of no image".into(), calibration: None, stacks });
        }
        images
    }

    /// The channels of the images.
    fn channels(self: &Arc<File>, dataset: &mut Dataset) -> Result<(), ReadError> {
        for image in &self.images {
            for stack in &image.stacks {
                self.stack(dataset, image, stack)?;
            }
        }
        Ok(())
    }

    /// The channels of a stack: a volume where all of its pages are alike, else each by itself.
    fn stack(self: &Arc<File>, dataset: &mut Dataset, image: &Image, stack: &Stack) -> Result<(), ReadError> {
        let name = |what: &str| format!("{what}{}{}", image.name, stack.name);
        let calibration = image.calibration.as_ref();
        let n = stack.pages.len();
        let first = stack.pages.first().and_then(|p| self.at(*p));
        let alike = |p: &Page| first.is_some_and(|f| p.alike(f));
        let plain = first.filter(|f| f.samples == 1);
        let all_alike = || stack.pages.iter().all(|p| self.at(*p).is_some_and(alike));
        if let Some(first) = plain.filter(|_| n > 1 && all_alike()) {
            let shape = [n, first.rows, first.columns];
            // Pages may share strips, but all together they unfold to no more than the file can hold.
            let claimed = first.rows.saturating_mul(first.columns).saturating_mul(n);
            if stack.pages.iter().filter_map(|p| self.at(*p)).all(|p| p.possible < claimed) {
                let what = format!("the pages claim {claimed} values, more than the file can hold");
                return Err(ReadError::new(ID, what).hint("the file is damaged; copy it again"));
            }
            let planes = Some(n).filter(|_| stack.axis == Axis::Depth);
            let size = calibration.and_then(|c| size(c, first, planes));
            if stack.axis == Axis::Other {
                dataset.metadata.push((format!("axes of {}", name("volume")), "time, y, x".into()));
            }
            let channel = Channel::volume(name("volume"), self.unit(), shape).sized(size);
            if let Some(block) = self.even(&stack.pages, &shape) {
                return dataset.push(channel, self.scaled(block));
            }
            let (file, pages) = (Arc::clone(self), stack.pages.clone());
            return dataset.push(channel, Store::windowed(move |w| file.planes(&pages, w)));
        }
        for &i in &stack.pages {
            let Some(p) = self.at(i) else { continue };
            let name = |what: &str| if n == 1 { name(what) } else { format!("{} {}", name(what), i + 1) };
            let size = calibration.and_then(|c| size(c, p, None));
            let map = |what| Channel::map(name(what), self.unit(), p.rows, p.columns).sized(size.clone());
            let file = Arc::clone(self);
            if p.samples == 1 {
                match self.even(&[i], &[p.rows, p.columns]) {
                    Some(block) => dataset.push(map("image"), self.scaled(block))?,
                    None => dataset.push(map("image"), Store::windowed(move |w| file.samples(i, w)))?,
                }
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

    /// The header of a plane: of bare planes the one page there is.
    fn at(&self, plane: usize) -> Option<&Page> {
        match self.pages.get(plane) {
            Some(own) => own.as_ref(),
            None => self.first(),
        }
    }

    /// The header of the first page that can be read.
    fn first(&self) -> Option<&Page> {
        self.pages.iter().flatten().next()
    }

    /// Where the numbers of a plane begin, if they follow one another.
    fn start(&self, plane: usize) -> Option<usize> {
        match self.pages.get(plane) {
            Some(page) => page.as_ref()?.data,
            None => {
                let page = self.first()?;
                page.data?.checked_add(plane.checked_mul(page.bytes())?)
            }
        }
    }

    fn unit(&self) -> Unit {
        self.calibration.as_ref().map_or_else(Unit::none, |c| c.value_unit.clone())
    }

    /// Planes as one block `[z, y, x]` or `[y, x]`, where they lie at equal distances.
    fn even(&self, planes: &[usize], shape: &[usize]) -> Option<Block> {
        let starts: Option<Vec<i64>> = planes.iter().map(|p| i64::try_from(self.start(*p)?).ok()).collect();
        let starts = starts?;
        let first = *starts.first()?;
        let step = starts.get(1).map_or(Some(0), |b| b.checked_sub(first))?;
        if !starts.windows(2).all(|w| matches!(w, [p, q] if q - p == step)) {
            return None;
        }
        let page = self.at(*planes.first()?)?;
        let sample = page.sample()?;
        let line = page.columns.checked_mul(sample.size())?;
        let strides = [isize::try_from(step).ok()?, isize::try_from(line).ok()?, sample.size() as isize];
        let strides = strides.get(3 - shape.len()..)?;
        let at = usize::try_from(first).ok()?;
        Block::strided(ID, &self.source, at, sample, self.header.endian, shape, strides).ok()
    }

    fn scaled(&self, block: Block) -> Block {
        match &self.calibration {
            Some(c) => block.scaled(c.slope, c.offset),
            None => block,
        }
    }

    /// A window of one page's rows and columns, samples together.
    fn samples(&self, page: usize, window: &Window) -> Result<Vec<f64>, ReadError> {
        let own = self.pages.get(page).and_then(Option::as_ref);
        let own = own.ok_or_else(|| ReadError::new(ID, "there is no such page"))?;
        let mut values = own.window(&self.source, self.header, window).map_err(|e| {
            let what = format!("page {}: {}", page + 1, e.what);
            ReadError { what, ..e }
        })?;
        if let Some(c) = self.calibration.as_ref().filter(|c| c.slope != 1.0 || c.offset != 0.0) {
            values.iter_mut().for_each(|v| *v = c.offset + c.slope * *v);
        }
        Ok(values)
    }

    fn planes(&self, pages: &[usize], window: &Window) -> Result<Vec<f64>, ReadError> {
        let [z, rest @ ..] = window.ranges() else { return Err(ReadError::new(ID, "a stack has three axes")) };
        let rest = Window::new(rest.to_vec());
        let mut values = Vec::with_capacity(window.shape().iter().product());
        for page in pages.get(z.clone()).unwrap_or_default() {
            values.append(&mut self.samples(*page, &rest)?);
        }
        Ok(values)
    }

    fn colours(&self, page: usize, window: &Window) -> Result<Vec<f64>, ReadError> {
        let [rows, columns, samples] = window.ranges() else {
            return Err(ReadError::new(ID, "an image in colour has three axes"));
        };
        let n = self.at(page).map_or(0, |p| p.samples);
        let values = self.samples(page, &Window::new([rows.clone(), columns.clone()]))?;
        let own = [rows.len(), columns.len(), n];
        let cut = Window::new([0..rows.len(), 0..columns.len(), samples.clone()]).cut(values, &own);
        cut.ok_or_else(|| ReadError::new(ID, format!("page {} has another size", page + 1)))
    }

    fn luminance(&self, page: usize, window: &Window) -> Result<Vec<f64>, ReadError> {
        let values = self.samples(page, window)?;
        Ok(self.at(page).map(|p| p.luminance(&values)).unwrap_or_default())
    }
}

/// Unpacks the pages of a short compressed stack, so that one whose stream is damaged can be told from the others before
/// they become a volume. A long one is not read twice: its error names the page.
fn damaged_streams(pages: &mut [Result<Page, ReadError>], source: &Source, header: Header) {
    let sound = || pages.iter().flatten();
    let values: usize = sound().map(|p| p.rows * p.columns * p.samples).fold(0, usize::saturating_add);
    if values > CHECKED {
        return;
    }
    for page in pages.iter_mut() {
        let Ok(own) = page.as_ref().map(|p| (p.data.is_none(), [0..p.rows, 0..p.columns])) else { continue };
        if let (true, Some(Err(e))) = (own.0, page.as_ref().ok().map(|p| p.window(source, header, &Window::new(own.1))))
        {
            *page = Err(e);
        }
    }
}

/// Physical size of a page, or of a stack of such pages; of width and height alone where the distance of planes is not
/// known.
fn size(calibration: &Calibration, page: &Page, planes: Option<usize>) -> Option<Vec<f64>> {
    let unit = calibration.length.as_ref()?;
    let [x, y] = match calibration.pixel {
        Some(pixel) => pixel,
        None => page.per_unit?.map(|n| 1.0 / n),
    };
    let [y_unit, z_unit] = calibration.others;
    let mut size = vec![page.columns as f64 * x, page.rows as f64 * y * y_unit];
    if let Some(n) = planes {
        // ImageJ takes a distance of one unit where none is written; OME says what it knows.
        let spacing = calibration.spacing.or_else(|| calibration.pixel.is_none().then_some(1.0));
        size.extend(spacing.map(|s| n as f64 * s * z_unit).filter(|s| s.is_finite()));
    }
    let known = size.iter().all(|s| s.is_finite());
    known.then(|| size.into_iter().map(|v| unit.to_si(v)).collect())
}
