//! Zeiss Xradia: projections and slices in an OLE compound file (`.txrm`, `.xrm`, `.txm`).
//!
//! Known writers: Xradia and Zeiss X-ray microscopes, XMReconstructor, beamlines with Xradia optics. Not documented by
//! the maker; sources: what DXchange and txrm2tiff read. Streams `ImageInfo/…` hold the header (little-endian integers
//! and floats, or one float an image), `ImageDataN/ImageM` one image each, a hundred to a storage, the bottom line
//! first.
//!
//! One image is a map, several are a volume `[image, y, x]`, read image by image. Where the angle changes from image to
//! image they are projections, and the volume has the size of a pixel in x and y alone; else they are slices, as far
//! apart as their pixels. Angles, positions and exposure times are a table.

use std::sync::Arc;

use crate::container::ole::Compound;
use crate::cursor::{Endian, Sample};
use crate::{
    Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store, TableInfo, Window,
};
use softspot_data::unit::Unit;

const ID: &str = "xradia";

/// The reader.
pub struct Xradia;

static FORMAT: Format = Format {
    id: ID,
    name: "Zeiss Xradia",
    extensions: &["txrm", "xrm", "txm"],
    about: "Projections and slices with pixel size, angles, positions, exposure times and the reference image.",
    reference: "https://dxchange.readthedocs.io; https://github.com/DiamondLightSource/txrm2tiff",
};

/// Types of numbers by their code.
const TYPES: [(i64, Sample); 8] = [
    (2, Sample::I8),
    (3, Sample::U8),
    (4, Sample::I16),
    (5, Sample::U16),
    (6, Sample::I32),
    (7, Sample::U32),
    (10, Sample::F32),
    (11, Sample::F64),
];

/// One float an image: stream, name, unit.
const COLUMNS: [(&str, &str, &str); 8] = [
    ("Angles", "Angle", "deg"),
    ("XPosition", "X position", "µm"),
    ("YPosition", "Y position", "µm"),
    ("ZPosition", "Z position", "µm"),
    ("ExpTimes", "Exposure time", "s"),
    ("StoRADistance", "Source to axis", "mm"),
    ("DtoRADistance", "Detector to axis", "mm"),
    ("IonChamberCurrent", "Ion chamber current", ""),
];

/// Single integers, floats and texts of `ImageInfo`.
const INTEGERS: [&str; 18] = [
    "ImageWidth",
    "ImageHeight",
    "DataType",
    "NoOfImages",
    "ImagesTaken",
    "NoOfImagesAveraged",
    "AcquisitionMode",
    "CameraNo",
    "HorizontalBin",
    "VerticalalBin",
    "MosiacMode",
    "MosiacColumns",
    "MosiacRows",
    "NanoImageMode",
    "SampleStackOrientation",
    "Temperature",
    "XrayGeometry",
    "BackgroundFile",
];
const FLOATS: [&str; 9] = [
    "PixelSize",
    "OpticalMagnification",
    "Current",
    "Voltage",
    "ReadoutFreq",
    "CamPixelSize",
    "FanAngle",
    "ConeAngle",
    "CameraOffset",
];
const TEXTS: [&str; 9] = [
    "ImageInfo/CameraName",
    "ImageInfo/ObjectiveName",
    "ImageInfo/ReferenceFile",
    "ImageInfo/SourceFilterName",
    "SampleInfo/SampleID",
    "SampleInfo/Analyst",
    "SampleInfo/Facility",
    "SampleInfo/DateIn",
    "SampleInfo/ProcessInfo",
];

impl Reader for Xradia {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let members = source.members();
        let info = members.iter().any(|m| m == "ImageInfo/ImageWidth");
        if info && members.iter().any(|m| number(m).is_some()) { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let file = Arc::new(Compound::open(ID, source)?);
        let header = Header { file: &file };
        let size = |name: &str| header.integer(name).and_then(|v| usize::try_from(v).ok()).filter(|v| *v > 0);
        let (Some(rows), Some(columns)) = (size("ImageHeight"), size("ImageWidth")) else {
            return Err(ReadError::new(ID, "the file does not tell the size of its images")
                .hint("the file is damaged; copy it again"));
        };
        let mut images: Vec<(u64, String)> =
            source.members().iter().filter_map(|m| Some((number(m)?, m.clone()))).collect();
        images.sort();
        let Some((_, first)) = images.first() else {
            return Err(ReadError::new(ID, "the file holds no image").hint("the file is damaged; copy it again"));
        };
        let sample = header.sample(first, rows.saturating_mul(columns));
        let n = rows.checked_mul(columns).and_then(|n| n.checked_mul(sample.size()));
        if n.is_none_or(|n| n > source.bytes().len()) {
            return Err(ReadError::new(
                ID,
                format!("images of {rows} × {columns} pixels are more than the file can hold"),
            )
            .hint("the file is damaged; copy it again"));
        }
        let paths: Vec<String> = images.into_iter().map(|(_, path)| path).collect();
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata = header.metadata();
        let pixel = header.float("PixelSize").map(|v| f64::from(v) * 1e-6);
        let own = Image { file: Arc::clone(&file), rows, columns, sample };
        let n = paths.len();
        own.push(&mut dataset, paths, pixel, header.turns(n))?;
        header.reference(&mut dataset, &own, pixel)?;
        header.table(&mut dataset, n)?;
        dataset.finish()
    }
}

/// The number of an image, from 1: `ImageData1/Image7` is 7.
fn number(path: &str) -> Option<u64> {
    let (storage, image) = path.split_once('/')?;
    storage.strip_prefix("ImageData")?.parse::<u64>().ok()?;
    image.strip_prefix("Image")?.parse().ok()
}

/// How images are stored.
#[derive(Clone)]
struct Image {
    file: Arc<Compound>,
    rows: usize,
    columns: usize,
    sample: Sample,
}

impl Image {
    fn push(
        &self,
        dataset: &mut Dataset,
        paths: Vec<String>,
        pixel: Option<f64>,
        turns: bool,
    ) -> Result<(), ReadError> {
        let (own, n) = (self.clone(), paths.len());
        let size = pixel.map(|p| vec![self.columns as f64 * p, self.rows as f64 * p]);
        if let [path] = paths.as_slice() {
            let path = path.clone();
            let channel = Channel::map("image", Unit::none(), self.rows, self.columns).sized(size);
            return dataset.push(channel, Store::windowed(move |w| own.window(&path, w)));
        }
        let depth = pixel.filter(|_| !turns).map(|p| n as f64 * p);
        let size = size.map(|s| s.into_iter().chain(depth).collect());
        let channel = Channel::volume("images", Unit::none(), [n, self.rows, self.columns]).sized(size);
        let stack = Store::windowed(move |w| {
            let [z, rest @ ..] = w.ranges() else { return Err(ReadError::new(ID, "a stack has three axes")) };
            let rest = Window::new(rest.to_vec());
            let mut values = Vec::new();
            for path in paths.get(z.clone()).unwrap_or_default() {
                values.append(&mut own.window(path, &rest)?);
            }
            Ok(values)
        });
        dataset.push(channel, stack)
    }

    fn window(&self, path: &str, window: &Window) -> Result<Vec<f64>, ReadError> {
        let bytes = self.file.read(path)?.unwrap_or_default();
        let source = Source::from_bytes(std::path::Path::new(path), bytes);
        let shape = [self.rows, self.columns];
        let block = Block::packed(ID, &source, 0, self.sample, Endian::Little, &shape);
        block.map_err(|e| ReadError { what: format!("`{path}`: {}", e.what), ..e })?.bottom_up().window(window)
    }
}

struct Header<'a> {
    file: &'a Compound,
}

impl Header<'_> {
    fn info(&self, name: &str) -> Option<Vec<u8>> {
        self.file.read(&format!("ImageInfo/{name}")).ok()?
    }

    fn integer(&self, name: &str) -> Option<i64> {
        let bytes = self.info(name)?;
        Some(i64::from(i32::from_le_bytes(*bytes.first_chunk()?)))
    }

    fn float(&self, name: &str) -> Option<f32> {
        let bytes = self.info(name)?;
        Some(f32::from_le_bytes(*bytes.first_chunk()?)).filter(|v| v.is_finite())
    }

    fn floats(&self, name: &str) -> Vec<f64> {
        Sample::F32.decode(&self.info(name).unwrap_or_default(), Endian::Little, 1.0, 0.0)
    }

    /// The type of an image's numbers: by its code, or by its length where there is none.
    fn sample(&self, path: &str, pixels: usize) -> Sample {
        let code = self.integer("DataType");
        let known = TYPES.iter().find(|(c, _)| Some(*c) == code).map(|(_, s)| *s);
        known.unwrap_or_else(|| match self.file.length(path) {
            Some(n) if n >= pixels as u64 * 4 => Sample::F32,
            _ => Sample::U16,
        })
    }

    /// Whether the sample was turned from image to image.
    fn turns(&self, n: usize) -> bool {
        let angles = self.floats("Angles");
        let angles = angles.get(..n).unwrap_or(&angles);
        angles.iter().zip(angles.iter().skip(1)).any(|(a, b)| a != b)
    }

    /// The image without a sample, where it is kept.
    fn reference(&self, dataset: &mut Dataset, image: &Image, pixel: Option<f64>) -> Result<(), ReadError> {
        let path = "ReferenceData/Image";
        let pixels = (image.rows * image.columns) as u64;
        let sample = match self.file.length(path) {
            Some(n) if n == pixels * 4 => Sample::F32,
            Some(n) if n == pixels * 2 => Sample::U16,
            _ => return Ok(()),
        };
        let own = Image { sample, ..image.clone() };
        let size = pixel.map(|p| vec![image.columns as f64 * p, image.rows as f64 * p]);
        let channel = Channel::map("reference", Unit::none(), image.rows, image.columns).sized(size);
        dataset.push(channel, Store::windowed(move |w| own.window(path, w)))
    }

    /// What is written for each of `n` images.
    fn table(&self, dataset: &mut Dataset, n: usize) -> Result<(), ReadError> {
        if n < 2 {
            return Ok(());
        }
        // Lists are padded to the images that were planned.
        let columns: Vec<_> = COLUMNS.iter().map(|c| (c, self.floats(c.0))).filter(|(_, v)| v.len() >= n).collect();
        if columns.is_empty() {
            return Ok(());
        }
        let table = dataset.add_table(TableInfo::default());
        for ((_, name, unit), mut values) in columns {
            values.truncate(n);
            dataset.push_column(table, name, Unit::of(unit), values)?;
        }
        Ok(())
    }

    fn metadata(&self) -> Metadata {
        let text = |path: &str| {
            let bytes = self.file.read(path).ok()??;
            let own = bytes.split(|b| *b == 0).next().unwrap_or_default();
            let text: String = own.iter().take(1000).map(|b| char::from(*b)).collect();
            (!text.trim().is_empty()).then(|| (path.to_string(), text.trim().to_string()))
        };
        let integer = |name: &&str| Some((format!("ImageInfo/{name}"), self.integer(name)?.to_string()));
        let float = |name: &&str| Some((format!("ImageInfo/{name}"), self.float(name)?.to_string()));
        let mut out: Metadata = INTEGERS.iter().filter_map(integer).chain(FLOATS.iter().filter_map(float)).collect();
        out.extend(TEXTS.iter().filter_map(|p| text(p)));
        // A date of fixed length for each image: the first says when it began.
        out.extend(text("ImageInfo/Date"));
        out
    }
}
