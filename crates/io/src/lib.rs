//! Reading instrument files: sniffed by content, checked against limits before anything is allocated, in SI.
//!
//! A format is one file in `format/` and one line in [`READERS`].

mod block;
mod channel;
mod container;
pub mod cursor;
mod dataset;
mod error;
pub mod format;
mod labels;
mod limits;
mod name;
mod natural;
mod source;
mod voxels;
mod window;
pub mod write;

pub use block::Block;
use channel::entry_name;
pub use channel::{Channel, Metadata, TableInfo};
pub use dataset::{Dataset, Store};
pub use error::{Place, ReadError};
pub use labels::{INVALID, LabelFile, LabelWriter};
pub use limits::Limits;
pub use name::{grid_of_name, pitch_of_name};
pub use source::Source;
pub use source::{regular, unreadable};

pub use voxels::FileVoxels;
pub use window::Window;

/// What a format is called and where our knowledge of it comes from.
#[derive(Debug)]
pub struct Format {
    /// Name in `format = "…"`, lower case.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Usual extensions, without the dot.
    pub extensions: &'static [&'static str],
    /// What is read, what is not.
    pub about: &'static str,
    /// Specification or source of knowledge.
    pub reference: &'static str,
}

/// How sure a reader is, 0 (no) to 100 (its magic number and structure).
pub type Confidence = u8;

/// One format's reader.
pub trait Reader: Sync {
    /// Who it is.
    fn format(&self) -> &'static Format;

    /// Looks at the first bytes, at what is packed in it, and, last, at the name.
    fn sniff(&self, source: &Source) -> Confidence;

    /// Whether a folder of its files is a folder of curves, one a file, without being asked for.
    fn folder_of_curves(&self) -> bool {
        false
    }

    /// Reads the structure, not the pixels.
    ///
    /// # Errors
    /// [`ReadError`] with the offset where the file stops making sense.
    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError>;
}

/// Every format, in the order in which `stages --formats` lists them.
pub static READERS: &[&dyn Reader] = &[
    &format::gwy::Gwy,
    &format::ibw::Ibw,
    &format::nanoscope::Nanoscope,
    &format::nanonis::NanonisSxm,
    &format::nanonis::Nanonis3ds,
    &format::nanonis::NanonisDat,
    &format::nanosurf::Nanosurf,
    &format::nanosurf::Nhf,
    &format::ntmdt::Ntmdt,
    &format::wsxm::Wsxm,
    &format::digitalsurf::DigitalSurf,
    &format::npy::Npy,
    &format::npy::Npz,
    &format::tiff::Tiff,
    &format::tiff::TiffSequence,
    &format::jpk::Jpk,
    &format::jpk::JpkForce,
    &format::jpk::JpkFast,
    &format::afm::AfmformatsHdf5,
    &format::afm::AfmformatsTab,
    &format::afm::AfmWorkshop,
    &format::afm::Optics11,
    &format::park::Park,
    &format::ardf::Ardf,
    &format::asd::Asd,
    &format::png::Png,
    &format::bmp::Bmp,
    &format::pnm::Pnm,
    &format::gsf::Gsf,
    &format::hdf5::TopoStats,
    &format::hdf5::DataExchange,
    &format::hdf5::Hdf5,
    &format::matlab::Matlab,
    &format::csm::Csm,
    &format::fischer::Fischer,
    &format::hysitron::Hld,
    &format::trios::TriosText,
    &format::trios::TriosJson,
    &format::workbook::Xlsx,
    &format::workbook::Xlsb,
    &format::workbook::Xls,
    &format::workbook::Ods,
    &format::micromaterials::MicroMaterials,
    &format::curve_folder::CurveFolder,
    &format::xradia::Xradia,
    &format::mrc::Mrc,
    &format::dm::Dm,
    &format::raw::MetaImage,
    &format::raw::Nrrd,
    &format::raw::Vol,
    &format::zarr::Zarr,
    &format::archive::OneFile,
    &format::delimited::Delimited,
];

/// Opens a file: by its content, or by the named format.
///
/// # Errors
/// [`ReadError`] if the file cannot be read, is of no known format, or is broken.
pub fn open(path: &std::path::Path, format: Option<&str>, limits: &Limits) -> Result<Dataset, ReadError> {
    open_among(READERS, path, format, limits)
}

/// The same with other readers than [`READERS`], such as these and one's own.
///
/// # Errors
/// As for [`open`].
pub fn open_among(
    readers: &[&'static dyn Reader],
    path: &std::path::Path,
    format: Option<&str>,
    limits: &Limits,
) -> Result<Dataset, ReadError> {
    let source = Source::open(path)?;
    let reader = match format {
        Some(id) => named(readers, id).map_err(|e| e.in_file(path))?,
        None => sniff_among(readers, &source)?,
    };
    let mut dataset = reader.open(&source, limits).map_err(|e| e.in_file(path))?;
    dataset.source = Some(source);
    Ok(dataset)
}

fn named(readers: &[&'static dyn Reader], id: &str) -> Result<&'static dyn Reader, ReadError> {
    readers.iter().find(|r| r.format().id == id).copied().ok_or_else(|| {
        let known: Vec<_> = readers.iter().map(|r| r.format().id).collect();
        ReadError::new("", format!("there is no format `{id}`")).hint(format!("formats: {}", known.join(", ")))
    })
}

/// The reader that recognises the content best.
///
/// # Errors
/// [`ReadError`] naming what the file looks like where no reader takes it.
pub fn sniff(source: &Source) -> Result<&'static dyn Reader, ReadError> {
    sniff_among(READERS, source)
}

fn sniff_among(readers: &[&'static dyn Reader], source: &Source) -> Result<&'static dyn Reader, ReadError> {
    if source.bytes().is_empty() && !source.is_folder() {
        return Err(ReadError::new("", "the file is empty")
            .in_file(source.path())
            .hint("was the copy from the instrument complete?"));
    }
    let mut best: Option<(&'static dyn Reader, Confidence)> = None;
    for reader in readers {
        let score = reader.sniff(source);
        if score > best.map_or(0, |b| b.1) {
            best = Some((*reader, score));
        }
    }
    best.map(|b| b.0).ok_or_else(|| unknown(source))
}

/// The files that an input consists of: itself, all files of a folder, a header with the files it names.
///
/// # Errors
/// [`ReadError`] if the path or a file in the folder cannot be read.
pub fn files_of(readers: &[&'static dyn Reader], path: &std::path::Path) -> Result<Vec<std::path::PathBuf>, ReadError> {
    let source = Source::open(path)?;
    if !source.is_folder() {
        let mut files = vec![path.to_path_buf()];
        // A file that cannot be opened has no companions; that it cannot is said where it is read.
        let companions =
            sniff_among(readers, &source).and_then(|r| r.open(&source, &Limits::default())).map(|d| d.companions);
        for file in companions.unwrap_or_default() {
            if !files.contains(&file) {
                files.push(file);
            }
        }
        return Ok(files);
    }
    let mut files = Vec::new();
    let mut folders = vec![source];
    while let Some(folder) = folders.pop() {
        for name in folder.entries() {
            let inner = folder.path().join(name);
            let link = std::fs::symlink_metadata(&inner).is_ok_and(|m| m.is_symlink());
            if inner.is_dir() {
                // A link to a folder may lead back here.
                if link {
                    continue;
                }
                folders.push(Source::open(&inner)?);
            } else {
                files.push(inner);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn unknown(source: &Source) -> ReadError {
    if source.is_folder() {
        return ReadError::new("", "is a folder, not a file, and no dataset of a known format")
            .in_file(source.path())
            .hint("name a file in it; `softspot inspect FOLDER` surveys them");
    }
    if let Some((what, hint)) = container::look_alike(source) {
        return ReadError::new("", what).in_file(source.path()).hint(hint);
    }
    let start: String = source.head().iter().take(12).map(|b| format!("{b:02x} ")).collect();
    ReadError::new("", format!("no known format (the file starts with {})", start.trim_end()))
        .in_file(source.path())
        .hint("`softspot stages --formats` lists what can be read; export the channel as GSF, TIFF, NPY or CSV")
}
