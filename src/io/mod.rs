//! Reading instrument files: sniffed by content, checked against limits before anything is allocated, in SI.
//!
//! A format is one file in `format/` and one line in [`READERS`].

mod channel;
pub mod cursor;
mod error;
pub mod format;
mod limits;
mod source;
pub mod write;

pub use channel::{Channel, Dataset, Metadata};
pub use error::{Place, ReadError};
pub use limits::Limits;
pub use source::Source;
pub(crate) use source::{regular, unreadable};

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

    /// Looks at the first bytes (at most [`SNIFF`]) and, last, at the name.
    fn sniff(&self, head: &[u8], name: &str) -> Confidence;

    /// Reads the structure, not the pixels.
    ///
    /// # Errors
    /// [`ReadError`] with the offset where the file stops making sense.
    fn open(&self, source: &Source, limits: &Limits) -> Result<Box<dyn Dataset>, ReadError>;
}

/// Bytes handed to [`Reader::sniff`].
pub const SNIFF: usize = 16 * 1024;

/// Every format, in the order in which `stages --formats` lists them.
pub static READERS: &[&dyn Reader] = &[
    &format::gwy::Gwy,
    &format::ibw::Ibw,
    &format::nanoscope::Nanoscope,
    &format::npy::Npy,
    &format::npy::Npz,
    &format::tiff::Tiff,
    &format::png::Png,
    &format::gsf::Gsf,
    &format::delimited::Delimited,
];

/// Opens a file: by its content, or by the named format.
///
/// # Errors
/// [`ReadError`] if the file cannot be read, is of no known format, or is broken.
pub fn open(path: &std::path::Path, format: Option<&str>, limits: &Limits) -> Result<Box<dyn Dataset>, ReadError> {
    let source = Source::open(path)?;
    let reader = match format {
        Some(id) => named(id).map_err(|e| e.in_file(path))?,
        None => sniff(&source)?,
    };
    reader.open(&source, limits).map_err(|e| e.in_file(path))
}

fn named(id: &str) -> Result<&'static dyn Reader, ReadError> {
    READERS.iter().find(|r| r.format().id == id).copied().ok_or_else(|| {
        let known: Vec<_> = READERS.iter().map(|r| r.format().id).collect();
        ReadError::new("", format!("there is no format `{id}`")).hint(format!("formats: {}", known.join(", ")))
    })
}

/// The reader that recognises the content best.
///
/// # Errors
/// [`ReadError`] naming what the file looks like where no reader takes it.
pub fn sniff(source: &Source) -> Result<&'static dyn Reader, ReadError> {
    let bytes = source.bytes();
    if bytes.is_empty() {
        return Err(ReadError::new("", "the file is empty")
            .in_file(source.path())
            .hint("was the copy from the instrument complete?"));
    }
    let head = &bytes[..bytes.len().min(SNIFF)];
    let name = source.path().file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut best: Option<(&'static dyn Reader, Confidence)> = None;
    for reader in READERS {
        let score = reader.sniff(head, &name);
        if score > best.map_or(0, |b| b.1) {
            best = Some((*reader, score));
        }
    }
    best.map(|b| b.0).ok_or_else(|| {
        let start: String = head.iter().take(12).map(|b| format!("{b:02x} ")).collect();
        ReadError::new("", format!("no known format (the file starts with {})", start.trim_end()))
            .in_file(source.path())
            .hint("`softspot stages --formats` lists what can be read; export the channel as GSF, TIFF, NPY or CSV")
    })
}
